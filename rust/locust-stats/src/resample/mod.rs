//! How certain the response times of a row are: a bootstrap over its intervals.
//!
//! Whole intervals are drawn, with replacement, because requests of the same second resemble each other. What a drawn run
//! would have measured is found from sums per interval: requests, logarithms of their times, and requests at or below each
//! percentile. A percentile moves as far along the histogram as the share below it has moved (Bahadur's representation),
//! so that a draw costs a pass over a few dozen numbers, however many requests there were.

pub mod twister;

use crate::histogram::{BINS, Slot, lowest_ms, middle_ms};
use crate::wire::intervals;
use std::ops::Range;
use std::sync::LazyLock;
use twister::Twister;

/// No time is shorter, so that each has a logarithm: half a microsecond.
const LEAST_MS: f64 = 0.0005;

/// The logarithm of the middle of each bin.
static LOGS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let log = |bin| middle_ms(bin as u16).max(LEAST_MS).ln();
    (0..BINS).map(log).collect()
});

/// The response times of one row in one run.
///
/// ```
/// use locust_stats::{resample::Sample, timeline::Timeline, wire::intervals};
/// let mut timeline = Timeline::default();
/// (0..9).for_each(|second| timeline.record(second, 20.0));
/// let mut text = Vec::new();
/// intervals::write(&mut text, &timeline, 9);
/// let sample = Sample::read(&text, 60, &[0.5]).unwrap();
/// assert_eq!((sample.count(), sample.blocks()), (9, 9));
/// ```
#[derive(Clone, Debug)]
pub struct Sample {
    /// The histogram of all, ascending, and how many requests there are up to each of its bins.
    all: Vec<Slot>,
    upto: Vec<u64>,
    fractions: Vec<f64>,
    /// Of each block: requests, logarithms of their times, and those at or below each fraction.
    sums: Vec<f64>,
    log_sum: f64,
}

impl Sample {
    /// Reads the intervals of a row, neighbours put together so that there are at most `most_blocks`.
    ///
    /// `None` if the text is none of ours, or was cut.
    #[must_use]
    pub fn read(text: &[u8], most_blocks: usize, fractions: &[f64]) -> Option<Self> {
        let (mut bins, mut points) = (Vec::new(), Vec::new());
        if !intervals::read(text, &mut bins, |age_s, range| points.push((age_s, range))) {
            return None;
        }
        points.sort_by_key(|(age_s, _)| std::cmp::Reverse(*age_s));
        let all = together(&bins);
        let mut total = 0;
        let upto = all.iter().map(|slot| {
            total += slot.count();
            total
        });
        let mut sample = Sample {
            upto: upto.collect(),
            all,
            fractions: fractions.to_vec(),
            sums: Vec::new(),
            log_sum: 0.0,
        };
        sample.sum_up(&bins, &points, most_blocks);
        Some(sample)
    }

    /// Number of requests.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.upto.last().copied().unwrap_or(0)
    }

    /// Number of blocks that are drawn from.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.sums.len() / self.width()
    }

    /// The typical time, which is the geometric mean, and the time at each fraction, in milliseconds; none without
    /// requests.
    #[must_use]
    pub fn times_ms(&self) -> Vec<f64> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let typical = (self.log_sum / self.count() as f64).exp();
        let rest = self
            .fractions
            .iter()
            .map(|&fraction| self.time_ms_at(fraction));
        std::iter::once(typical).chain(rest).collect()
    }

    /// The standard error of the logarithm of each of these times, from so many runs that might have been.
    ///
    /// Draws from few blocks vary too little, by the factor that is undone here. Needs two blocks.
    #[must_use]
    pub fn log_errors(&self, draws: usize, dice: &mut Twister) -> Vec<f64> {
        let (width, blocks) = (self.width(), self.blocks());
        let mut logs: Vec<Vec<f64>> = vec![Vec::with_capacity(draws); width - 1];
        let mut drawn = vec![0.0; width];
        for _ in 0..draws {
            drawn.fill(0.0);
            for _ in 0..blocks {
                let at = (dice.next_share() * blocks as f64) as usize * width;
                let block = &self.sums[at..at + width];
                drawn
                    .iter_mut()
                    .zip(block)
                    .for_each(|(sum, one)| *sum += one);
            }
            let count = drawn[0];
            logs[0].push(drawn[1] / count);
            for (at, fraction) in self.fractions.iter().enumerate() {
                let time = self.time_ms_at(2.0 * fraction - drawn[at + 2] / count);
                logs[at + 1].push(time.ln());
            }
        }
        let undone = blocks as f64 / (blocks as f64 - 1.0);
        logs.iter()
            .map(|of| (variance(of) * undone).sqrt())
            .collect()
    }

    /// Numbers of a block in `sums`.
    fn width(&self) -> usize {
        2 + self.fractions.len()
    }

    /// The response time at a fraction of the requests, between the edges of its bin.
    fn time_ms_at(&self, fraction: f64) -> f64 {
        let (at, inside) = self.place(fraction.clamp(0.0, 1.0));
        let bin = self.all[at].bin();
        let low = lowest_ms(bin);
        (low + inside.max(0.0) * (lowest_ms(bin + 1) - low)).max(LEAST_MS)
    }

    /// Where a fraction of the requests lies: the position in `all`, and the share of that bin below.
    fn place(&self, fraction: f64) -> (usize, f64) {
        let rank = fraction * self.count() as f64;
        let at = self.upto.partition_point(|&upto| (upto as f64) < rank);
        let at = at.min(self.all.len() - 1);
        let count = self.all[at].count();
        let before = self.upto[at] - count;
        (at, (rank - before as f64) / count as f64)
    }

    fn sum_up(&mut self, bins: &[Slot], points: &[(i64, Range<usize>)], most_blocks: usize) {
        if self.all.is_empty() {
            return;
        }
        let blocks = points.len().min(most_blocks.max(1));
        let width = self.width();
        let cuts: Vec<(u16, f64)> = (self.fractions.iter())
            .map(|&fraction| self.place(fraction))
            .map(|(at, share)| (self.all[at].bin(), share))
            .collect();
        self.sums = vec![0.0; blocks * width];
        for (position, (_, range)) in points.iter().enumerate() {
            let at = position * blocks / points.len() * width;
            let block = &mut self.sums[at..at + width];
            for slot in &bins[range.clone()] {
                let count = slot.count() as f64;
                block[0] += count;
                block[1] += count * LOGS[usize::from(slot.bin())];
                for (below, &(cut, share)) in block[2..].iter_mut().zip(&cuts) {
                    match slot.bin().cmp(&cut) {
                        std::cmp::Ordering::Less => *below += count,
                        std::cmp::Ordering::Equal => *below += share * count,
                        std::cmp::Ordering::Greater => {}
                    }
                }
            }
        }
        self.log_sum = self.sums.chunks(width).map(|block| block[1]).sum();
    }
}

/// The histogram of all intervals, ascending.
fn together(bins: &[Slot]) -> Vec<Slot> {
    let mut counts = vec![0u64; BINS];
    for slot in bins {
        let count = &mut counts[usize::from(slot.bin())];
        *count = count.saturating_add(slot.count());
    }
    let occupied = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    occupied
        .map(|(bin, &count)| Slot::new(bin as u16, count))
        .collect()
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    squares.sum::<f64>() / (values.len() as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::Sample;
    use super::twister::Twister;
    use crate::timeline::Timeline;
    use crate::wire::intervals;
    use proptest::prelude::*;

    fn sample(times: &[(i64, f64)]) -> Sample {
        let mut timeline = Timeline::default();
        for &(second, time_ms) in times {
            timeline.record(second, time_ms);
        }
        let mut text = Vec::new();
        intervals::write(&mut text, &timeline, 1_000);
        Sample::read(&text, 60, &[0.5, 0.95]).expect("its own text")
    }

    #[test]
    fn a_run_without_requests_has_no_times() {
        let empty = sample(&[]);
        assert_eq!((empty.count(), empty.blocks()), (0, 0));
        assert!(empty.times_ms().is_empty());
    }

    #[test]
    fn seconds_that_are_all_alike_have_no_error() {
        let alike: Vec<_> = (0..30)
            .flat_map(|second| [(second, 5.0), (second, 9.0)])
            .collect();
        let errors = sample(&alike).log_errors(50, &mut Twister::new(b"seed"));
        assert!(errors.iter().all(|error| *error < 1e-9), "{errors:?}");
    }

    #[test]
    fn text_that_is_cut_is_refused() {
        assert!(Sample::read(b"BC", 60, &[0.5]).is_none());
    }

    proptest! {
        #[test]
        fn times_are_those_of_the_samples(mut times in prop::collection::vec((0i64..300, 0.3f64..60_000.0), 20..400)) {
            times.sort_by_key(|time| time.0);
            let sample = sample(&times);
            let found = sample.times_ms();
            let mut sorted: Vec<f64> = times.iter().map(|time| time.1).collect();
            sorted.sort_by(f64::total_cmp);
            let typical = sorted.iter().map(|time| time.ln()).sum::<f64>() / sorted.len() as f64;
            prop_assert!((found[0].ln() - typical).abs() < 0.005);
            let near = |rank: usize| sorted[rank.min(sorted.len() - 1)];
            let middle = sorted.len() / 2;
            prop_assert!(found[1] >= near(middle.saturating_sub(2)) * 0.99 && found[1] <= near(middle + 2) * 1.01);
            prop_assert_eq!(sample.count(), times.len() as u64);
            prop_assert!(sample.blocks() <= 60);
            let errors = sample.log_errors(20, &mut Twister::new(b"seed"));
            prop_assert!(sample.blocks() < 2 || errors.iter().all(|error| error.is_finite()));
        }
    }
}
