//! The precise distribution of response times: log-linear, in microseconds.
//!
//! Up to 256 µs every microsecond has a bin of its own; above, each octave is cut into 128 bins, so a bin is at
//! most 1/128 of its value wide and its middle at most 0.4 % off. Reported values are kept within the smallest
//! and largest sample, which the entry knows exactly. Two histograms merge by adding bins, so a merge is exact.

/// Longest time with a bin of its own, in microseconds: 71 minutes. Longer ones share the last bin.
const LONGEST_US: u64 = u32::MAX as u64;

/// Octaves are cut into `2^SHARE` bins.
const SHARE: u32 = 7;

/// Number of bins there can be.
pub const BINS: usize = 3_328;

/// Bits of a [`Slot`] that hold the count.
const COUNT_BITS: u32 = 52;

/// An occupied bin and its count, in eight bytes. Orders as its bin does. Counts stop at 4.5e15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u64);

impl Slot {
    /// A bin beyond the last counts as the last.
    #[inline]
    #[must_use]
    pub fn new(bin: u16, count: u64) -> Self {
        let bin = u64::from(bin.min(BINS as u16 - 1));
        Slot(bin << COUNT_BITS | count.min(Self::MOST))
    }

    /// The bin.
    #[inline]
    #[must_use]
    pub fn bin(self) -> u16 {
        (self.0 >> COUNT_BITS) as u16
    }

    /// How many samples it holds.
    #[inline]
    #[must_use]
    pub fn count(self) -> u64 {
        self.0 & Self::MOST
    }

    const MOST: u64 = (1 << COUNT_BITS) - 1;

    #[inline]
    fn grow(&mut self, count: u64) {
        self.0 += count.min(Self::MOST - self.count());
    }
}

/// Which of 64 bins are occupied, and how many occupied ones lie before them.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    occupied: u64,
    before: usize,
}

/// Sparse counters over the log-linear bins.
///
/// The occupied bins lie one behind the other, so that a row takes memory for what it has seen; a bit per bin and
/// the number of bits before tell where a bin lies, without a search.
///
/// ```
/// use locust_stats::histogram::Histogram;
/// let mut histogram = Histogram::default();
/// for ms in 1..=100 {
///     histogram.record_ms(f64::from(ms));
/// }
/// let median = histogram.percentile_ms(0.5, 1.0, 100.0);
/// assert!((median - 50.0).abs() <= 0.005 * 50.0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// The occupied bins, ascending.
    slots: Vec<Slot>,
    /// Up to the largest bin seen.
    words: Vec<Word>,
    total: u64,
}

impl Histogram {
    /// Counts one response time. Negative times and NaN count as 0.
    #[inline]
    pub fn record_ms(&mut self, response_time_ms: f64) {
        self.add(Slot::new(bin_of_ms(response_time_ms), 1));
    }

    /// Adds the samples of a bin.
    #[inline]
    pub fn add(&mut self, samples: Slot) {
        self.total = self.total.saturating_add(samples.count());
        let (word, bit) = place(samples.bin());
        match self.words.get(word) {
            Some(found) if found.occupied & bit != 0 => {
                self.slots[found.before + ones_below(found.occupied, bit)].grow(samples.count());
            }
            _ => self.insert(samples),
        }
    }

    /// Adds all samples of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        other.slots.iter().for_each(|&slot| self.add(slot));
    }

    /// What was counted since `past`, an earlier state of this histogram.
    ///
    /// A bin that has shrunk, because the histogram was cleared meanwhile, counts as empty.
    #[must_use]
    pub fn since(&self, past: &Histogram) -> Histogram {
        let mut grown = Histogram::default();
        for slot in &self.slots {
            let before = past.count(slot.bin());
            if slot.count() > before {
                grown.add(Slot::new(slot.bin(), slot.count() - before));
            }
        }
        grown
    }

    /// How many samples a bin holds.
    fn count(&self, bin: u16) -> u64 {
        let (word, bit) = place(bin);
        match self.words.get(word) {
            Some(found) if found.occupied & bit != 0 => {
                self.slots[found.before + ones_below(found.occupied, bit)].count()
            }
            _ => 0,
        }
    }

    /// Number of samples.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The occupied bins, ascending.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Forgets all samples and keeps the memory, which it does not touch: a report clears hundreds of histograms.
    pub fn clear(&mut self) {
        self.words.clear();
        self.slots.clear();
        self.total = 0;
    }

    /// The response time at `fraction` (0…1), in milliseconds; 0 without samples.
    ///
    /// The sample meant is the one of rank `ceil(fraction · n)`: 0 gives `min_ms`, 1 gives `max_ms`, exactly.
    /// Off by at most 0.4 % or half a microsecond. Costs a pass over the bins.
    #[must_use]
    pub fn percentile_ms(&self, fraction: f64, min_ms: f64, max_ms: f64) -> f64 {
        if self.total == 0 {
            return 0.0;
        }
        let rank = (fraction.clamp(0.0, 1.0) * self.total as f64).ceil() as u64;
        if rank == 0 {
            return min_ms;
        }
        if rank >= self.total && fraction >= 1.0 {
            return max_ms;
        }
        let mut seen = 0;
        for slot in &self.slots {
            seen += slot.count();
            if seen >= rank {
                return middle_ms(slot.bin()).clamp(min_ms, max_ms.max(min_ms));
            }
        }
        max_ms
    }

    /// Makes room for a bin that was empty. Costs a move of the larger ones.
    fn insert(&mut self, samples: Slot) {
        let (word, bit) = place(samples.bin());
        if self.words.len() <= word {
            let empty = Word {
                occupied: 0,
                before: self.slots.len(),
            };
            self.words.resize(word + 1, empty);
        }
        let found = &mut self.words[word];
        let position = found.before + ones_below(found.occupied, bit);
        found.occupied |= bit;
        self.slots.insert(position, samples);
        self.words[word + 1..]
            .iter_mut()
            .for_each(|later| later.before += 1);
    }
}

/// The word of a bin and its bit there.
#[inline]
fn place(bin: u16) -> (usize, u64) {
    (usize::from(bin / 64), 1 << (bin % 64))
}

#[inline]
fn ones_below(occupied: u64, bit: u64) -> usize {
    (occupied & (bit - 1)).count_ones() as usize
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        self.slots == other.slots
    }
}

/// The bin of a response time in milliseconds.
#[inline]
#[must_use]
pub fn bin_of_ms(response_time_ms: f64) -> u16 {
    // The cast sends NaN and negative values to 0 and saturates above.
    let us = ((response_time_ms * 1_000.0 + 0.5) as u64).min(LONGEST_US);
    if us < 2 << SHARE {
        return us as u16;
    }
    let shift = us.ilog2() - SHARE;
    ((shift << SHARE) as u64 + (us >> shift)) as u16
}

/// The lower end of a bin in milliseconds.
#[must_use]
pub fn lowest_ms(bin: u16) -> f64 {
    let bin = u64::from(bin);
    let shift = (bin >> SHARE).saturating_sub(1);
    ((bin - (shift << SHARE)) << shift) as f64 / 1_000.0
}

/// The middle of a bin in milliseconds.
#[must_use]
pub fn middle_ms(bin: u16) -> f64 {
    let bin = u64::from(bin);
    let shift = (bin >> SHARE).saturating_sub(1);
    if shift == 0 {
        return bin as f64 / 1_000.0;
    }
    let low = (bin - (shift << SHARE)) << shift;
    let high = low + (1 << shift) - 1;
    (low + high) as f64 / 2_000.0
}

#[cfg(test)]
mod tests {
    use super::{BINS, Histogram, Slot, bin_of_ms, middle_ms};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_was_counted_since_is_the_difference() {
        let mut histogram = Histogram::default();
        [0.05, 3.0, 700.0]
            .iter()
            .for_each(|&ms| histogram.record_ms(ms));
        let past = histogram.clone();
        let mut expected = Histogram::default();
        for ms in [0.05, 3.0, 3.0, 41.0] {
            histogram.record_ms(ms);
            expected.record_ms(ms);
        }
        assert_eq!(histogram.since(&past), expected);
        assert_eq!(histogram.since(&histogram).total(), 0);
        assert_eq!(Histogram::default().since(&past).total(), 0);
    }

    #[test]
    fn bins_are_consecutive_and_fit_the_table() {
        assert_eq!(usize::from(bin_of_ms(f64::MAX)), BINS - 1);
        let mut previous = 0;
        for us in 0..1_000_000u32 {
            let bin = bin_of_ms(f64::from(us) / 1_000.0);
            assert!(
                bin == previous || bin == previous + 1,
                "{us} µs jumps from bin {previous} to {bin}"
            );
            previous = bin;
        }
    }

    #[test]
    fn what_is_no_time_counts_as_zero() {
        assert_eq!([bin_of_ms(f64::NAN), bin_of_ms(-3.0)], [0, 0]);
    }

    /// Response times spread over all magnitudes from 1 µs to 1 h.
    fn times_ms() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(
            (-3.0..6.556f64).prop_map(|exponent| 10f64.powf(exponent)),
            1..300,
        )
    }

    #[test]
    fn a_full_count_does_not_run_into_its_neighbour() {
        let mut histogram = Histogram::default();
        for _ in 0..3 {
            histogram.add(Slot::new(7, u64::MAX));
        }
        assert_eq!(histogram.slots(), [Slot::new(7, u64::MAX)]);
        assert_eq!(histogram.slots()[0].bin(), 7);
    }

    proptest! {
        #[test]
        fn bins_agree_with_a_plain_map(samples in prop::collection::vec((0u16..4_000, 1u64..1 << 40), 0..300), cleared in any::<bool>()) {
            let mut histogram = Histogram::default();
            let mut oracle = BTreeMap::new();
            for &(bin, count) in &samples {
                histogram.add(Slot::new(bin, count));
            }
            if cleared {
                histogram.clear();
                samples.iter().for_each(|&(bin, count)| histogram.add(Slot::new(bin, count)));
            }
            for (bin, count) in samples {
                *oracle.entry(bin.min(BINS as u16 - 1)).or_insert(0) += count;
            }
            let slots = histogram.slots().iter().map(|slot| (slot.bin(), slot.count()));
            prop_assert_eq!(slots.collect::<BTreeMap<_, _>>(), oracle.clone());
            prop_assert!(histogram.slots().is_sorted());
            prop_assert_eq!(histogram.total(), oracle.values().sum::<u64>());
        }

        #[test]
        fn every_percentile_is_within_half_a_percent_or_a_microsecond(mut times in times_ms(), fraction in 0.0..=1.0f64) {
            let mut histogram = Histogram::default();
            times.iter().for_each(|&time| histogram.record_ms(time));
            times.sort_unstable_by(f64::total_cmp);
            let (min, max) = (times[0], times[times.len() - 1]);
            let rank = ((fraction * times.len() as f64).ceil() as usize).max(1);
            let (truth, shown) = (times[rank - 1], histogram.percentile_ms(fraction, min, max));
            prop_assert!((shown - truth).abs() <= (truth * 0.005).max(0.001), "{shown} for {truth}");
            prop_assert_eq!(histogram.percentile_ms(0.0, min, max), min);
            prop_assert_eq!(histogram.percentile_ms(1.0, min, max), max);
        }

        #[test]
        fn percentiles_are_monotone(times in times_ms(), left in 0.0..=1.0f64, right in 0.0..=1.0f64) {
            let mut histogram = Histogram::default();
            times.iter().for_each(|&time| histogram.record_ms(time));
            let min = times.iter().copied().fold(f64::MAX, f64::min);
            let max = times.iter().copied().fold(0.0, f64::max);
            let at = |fraction| histogram.percentile_ms(fraction, min, max);
            prop_assert!(at(left.min(right)) <= at(left.max(right)));
        }

        #[test]
        fn merging_any_split_is_exact(times in times_ms(), cut in 0usize..300) {
            let cut = cut.min(times.len());
            let (mut whole, mut left, mut right) = (Histogram::default(), Histogram::default(), Histogram::default());
            times.iter().for_each(|&time| whole.record_ms(time));
            times[..cut].iter().for_each(|&time| left.record_ms(time));
            times[cut..].iter().for_each(|&time| right.record_ms(time));
            right.merge(&left);
            prop_assert_eq!(right, whole);
        }

        #[test]
        fn the_middle_of_a_bin_lies_in_it(bin in 0u16..BINS as u16) {
            prop_assert_eq!(bin_of_ms(middle_ms(bin)), bin);
        }
    }
}
