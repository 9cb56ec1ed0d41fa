//! Counters per second, bounded.
//!
//! The last ten minutes keep one bin per second with events. Older bins are merged in pairs, again and again, so
//! that a run of a week needs no more memory than one of an hour; the sum over all bins stays the number of events.

/// Bins that are never merged with others.
pub const EXACT_BINS: usize = 600;

/// Bins beyond which the older ones are merged pairwise. Just below a power of two, as lists grow by doubling.
const MOST_BINS: usize = 1_000;

/// `{epoch second: count}`, ascending.
///
/// ```
/// use locust_stats::per_second::PerSecond;
/// let mut seconds = PerSecond::default();
/// seconds.add(100, 1);
/// seconds.add(100, 2);
/// assert_eq!(seconds.bins(), [(100, 3)]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerSecond {
    bins: Vec<(i64, i64)>,
}

impl PerSecond {
    /// Adds `count` events to a second. Appending to the end, the usual case, costs a comparison.
    #[inline]
    pub fn add(&mut self, second: i64, count: i64) {
        match self.bins.last_mut() {
            Some(last) if last.0 == second => last.1 += count,
            Some(last) if last.0 > second => self.add_earlier(second, count),
            _ => {
                self.bins.push((second, count));
                self.thin();
            }
        }
    }

    /// The bins, ascending.
    #[must_use]
    pub fn bins(&self) -> &[(i64, i64)] {
        &self.bins
    }

    /// Events of the seconds `from..until`.
    #[must_use]
    pub fn sum(&self, from: i64, until: i64) -> i64 {
        self.bins
            .iter()
            .rev()
            .skip_while(|bin| bin.0 >= until)
            .take_while(|bin| bin.0 >= from)
            .map(|bin| bin.1)
            .sum()
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.bins.clear();
    }

    fn add_earlier(&mut self, second: i64, count: i64) {
        match self.bins.binary_search_by_key(&second, |bin| bin.0) {
            Ok(position) => self.bins[position].1 += count,
            Err(position) => {
                self.bins.insert(position, (second, count));
                self.thin();
            }
        }
    }

    fn thin(&mut self) {
        if self.bins.len() <= MOST_BINS {
            return;
        }
        let old = self.bins.len() - EXACT_BINS;
        let merged: Vec<(i64, i64)> = self.bins[..old]
            .chunks(2)
            .map(|pair| (pair[0].0, pair.iter().map(|bin| bin.1).sum()))
            .collect();
        self.bins.splice(..old, merged);
    }
}

impl FromIterator<(i64, i64)> for PerSecond {
    fn from_iter<I: IntoIterator<Item = (i64, i64)>>(pairs: I) -> Self {
        let mut seconds = PerSecond::default();
        for (second, count) in pairs {
            seconds.add(second, count);
        }
        seconds
    }
}

#[cfg(test)]
mod tests {
    use super::{EXACT_BINS, MOST_BINS, PerSecond};
    use proptest::prelude::*;

    #[test]
    fn a_week_stays_bounded_and_loses_no_event() {
        let mut seconds = PerSecond::default();
        let week = 7 * 86_400;
        for second in 0..week {
            seconds.add(second, 2);
        }
        assert!(seconds.bins().len() <= MOST_BINS);
        assert_eq!(seconds.sum(0, week), 2 * week);
        assert_eq!(
            seconds.sum(week - EXACT_BINS as i64, week),
            2 * EXACT_BINS as i64
        );
    }

    proptest! {
        #[test]
        fn seconds_in_any_order_give_the_same_bins(mut events in prop::collection::vec((0i64..50, 1i64..5), 0..100)) {
            let forwards: PerSecond = events.iter().copied().collect();
            events.reverse();
            prop_assert_eq!(&forwards, &events.iter().copied().collect::<PerSecond>());
            prop_assert!(forwards.bins().is_sorted_by(|left, right| left.0 < right.0));
            let expected: i64 = events.iter().filter(|event| (10..30).contains(&event.0)).map(|event| event.1).sum();
            prop_assert_eq!(forwards.sum(10, 30), expected);
        }
    }
}
