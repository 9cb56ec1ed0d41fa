//! The order in which weighted classes take turns.

/// How much a class with `weight` and `count` users gains from one more user.
///
/// One more user shrinks `D(w || n + w)`, the Kullback-Leibler divergence of the (smoothed) user
/// counts from the weights, by `w * ln((n + 1 + w) / (n + w))`. The class that gains most comes
/// next. The gain falls as `count` grows, so taking away the user that gained least is the exact
/// inverse of adding: a ramp down passes through the states of the ramp up.
#[must_use]
pub fn gain(weight: f64, count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "user counts are far below 2^53")]
    let count = count as f64;
    weight * (1.0 / (count + weight)).ln_1p()
}

/// An endless sequence of indices, each next one the class that gains most.
///
/// ```
/// use locust_stats::dispatch::WeightedOrder;
/// let turns: Vec<usize> = WeightedOrder::new(&[3.0, 1.0]).take(8).collect();
/// assert_eq!(turns, [0, 1, 0, 0, 0, 1, 0, 0]);
/// ```
#[derive(Debug, Clone)]
pub struct WeightedOrder {
    weights: Vec<f64>,
    counts: Vec<u64>,
    gains: Vec<f64>,
}

impl WeightedOrder {
    /// Starts with no user anywhere. Classes whose weight is not positive never come.
    #[must_use]
    pub fn new(weights: &[f64]) -> Self {
        Self {
            weights: weights.to_vec(),
            counts: vec![0; weights.len()],
            gains: weights.iter().map(|&weight| gain(weight, 0)).collect(),
        }
    }
}

impl Iterator for WeightedOrder {
    type Item = usize;

    /// The first of those that gain most; `None` only where no class has a positive weight.
    fn next(&mut self) -> Option<usize> {
        let mut best: Option<usize> = None;
        for (index, &weight) in self.weights.iter().enumerate() {
            if weight > 0.0 && best.is_none_or(|leader| self.gains[index] > self.gains[leader]) {
                best = Some(index);
            }
        }
        let chosen = best?;
        self.counts[chosen] += 1;
        self.gains[chosen] = gain(self.weights[chosen], self.counts[chosen]);
        Some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_cycles_match_integer_weights() {
        let weights = [5.0, 2.0, 3.0];
        let mut counts = [0u64; 3];
        for index in WeightedOrder::new(&weights).take(1000) {
            counts[index] += 1;
        }
        assert_eq!(counts, [500, 200, 300]);
    }

    #[test]
    fn nothing_comes_without_a_positive_weight() {
        assert_eq!(WeightedOrder::new(&[0.0, -1.0]).next(), None);
    }
}
