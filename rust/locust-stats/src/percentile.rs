//! Percentiles of bucketed response times, by Locust's definition.
//!
//! The value for a fraction `p` of `n` requests is the largest bucket below which at most `int(n · p)` requests
//! lie. `n` is handed in because requests without a response time are counted elsewhere.

use crate::counts::Counts;
use crate::num::Num;

/// The bucket at `fraction` (0…1) of `num_requests`; 0 when there is none.
///
/// ```
/// use locust_stats::{counts::Counts, num::Num, percentile::percentile};
/// let counts: Counts = [(Num::Int(1), 1), (Num::Int(5), 2)].into_iter().collect();
/// assert_eq!(percentile(&counts, 3, 0.5), Num::Int(5));
/// ```
#[must_use]
pub fn percentile(counts: &Counts, num_requests: i64, fraction: f64) -> Num {
    let below = allowed_below(num_requests, fraction);
    let mut left = num_requests;
    counts
        .descending(|bucket, count| {
            left -= count;
            (left <= below).then_some(bucket)
        })
        .unwrap_or(Num::ZERO)
}

/// Several percentiles in one pass, in the order asked for.
#[must_use]
pub fn percentiles(counts: &Counts, num_requests: i64, fractions: &[f64]) -> Vec<Num> {
    let mut found = vec![Num::ZERO; fractions.len()];
    let mut open: Vec<(usize, i64)> = fractions
        .iter()
        .map(|&fraction| allowed_below(num_requests, fraction))
        .enumerate()
        .collect();
    let mut left = num_requests;
    counts.descending(|bucket, count| {
        left -= count;
        open.retain(|&(position, below)| {
            let reached = left <= below;
            if reached {
                found[position] = bucket;
            }
            !reached
        });
        open.is_empty().then_some(())
    });
    found
}

/// What was counted since `old`: the buckets of `latest` whose count grew.
#[must_use]
pub fn difference(latest: &Counts, old: &[(Num, i64)]) -> Counts {
    let old: Counts = old.iter().copied().collect();
    latest
        .slots()
        .iter()
        .map(|&(bucket, count)| (bucket, count - old.get(bucket)))
        .filter(|&(_, count)| count != 0)
        .collect()
}

fn allowed_below(num_requests: i64, fraction: f64) -> i64 {
    (num_requests as f64 * fraction) as i64
}

#[cfg(test)]
mod tests {
    use super::{percentile, percentiles};
    use crate::counts::Counts;
    use crate::num::Num;
    use proptest::prelude::*;

    #[test]
    fn an_empty_distribution_has_percentile_zero() {
        assert_eq!(percentile(&Counts::default(), 0, 0.5), Num::ZERO);
    }

    proptest! {
        #[test]
        fn one_pass_gives_what_many_passes_give(
            buckets in prop::collection::vec(0i64..30_000, 0..100),
            fractions in prop::collection::vec(0.0..=1.0f64, 0..12),
        ) {
            let counts: Counts = buckets.iter().map(|&bucket| (Num::Int(bucket), 1)).collect();
            let total = buckets.len() as i64;
            let single: Vec<Num> = fractions.iter().map(|&fraction| percentile(&counts, total, fraction)).collect();
            prop_assert_eq!(percentiles(&counts, total, &fractions), single);
        }

        #[test]
        fn the_value_is_the_one_at_that_rank(mut buckets in prop::collection::vec(0i64..30_000, 1..100), fraction in 0.0..1.0f64) {
            let counts: Counts = buckets.iter().map(|&bucket| (Num::Int(bucket), 1)).collect();
            buckets.sort_unstable();
            let rank = ((buckets.len() as f64 * fraction) as usize).min(buckets.len() - 1);
            prop_assert_eq!(percentile(&counts, buckets.len() as i64, fraction), Num::Int(buckets[rank]));
        }
    }
}
