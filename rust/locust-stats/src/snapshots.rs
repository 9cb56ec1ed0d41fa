//! Past states of a row, one per second, for the percentiles of the last seconds.

use crate::counts::Counts;
use crate::num::Num;
use std::collections::VecDeque;

/// Snapshots kept beyond the window, for seconds in which none was taken.
const SPARE: i64 = 10;

/// A snapshot this many seconds beside the wanted one still serves.
const FARTHEST: i64 = 8;

/// A row's distribution at the end of a second.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The epoch second.
    pub second: i64,
    /// Requests up to then.
    pub num_requests: i64,
    /// Those of them without a response time.
    pub num_none_requests: i64,
    response_times: Kept,
}

/// `(bucket, count)` since the start of the row. There is one per second and row, so the usual numbers are kept small.
#[derive(Clone, Debug, PartialEq)]
enum Kept {
    Small(Box<[(u32, u32)]>),
    Any(Box<[(Num, i64)]>),
}

impl Snapshot {
    /// What a row had counted at the end of `second`.
    #[must_use]
    pub fn new(
        second: i64,
        response_times: &[(Num, i64)],
        num_requests: i64,
        num_none_requests: i64,
    ) -> Self {
        let is_small = |&(bucket, count): &(Num, i64)| {
            matches!(bucket, Num::Int(bucket) if u32::try_from(bucket).is_ok())
                && u32::try_from(count).is_ok()
        };
        let kept = if response_times.iter().all(is_small) {
            let small = |&(bucket, count): &(Num, i64)| (bucket.truncated() as u32, count as u32);
            Kept::Small(response_times.iter().map(small).collect())
        } else {
            Kept::Any(response_times.into())
        };
        Snapshot {
            second,
            num_requests,
            num_none_requests,
            response_times: kept,
        }
    }

    /// `(bucket, count)` since the start of the row.
    #[must_use]
    pub fn response_times(&self) -> Vec<(Num, i64)> {
        match &self.response_times {
            Kept::Small(kept) => {
                let wide = |&(bucket, count)| (Num::Int(i64::from(bucket)), i64::from(count));
                kept.iter().map(wide).collect()
            }
            Kept::Any(kept) => kept.to_vec(),
        }
    }
}

/// The latest snapshots, oldest first; bounded by the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshots {
    kept: VecDeque<Snapshot>,
    window_s: i64,
}

impl Snapshots {
    /// No snapshots, for a window of `window_s` seconds.
    #[must_use]
    pub fn new(window_s: i64) -> Self {
        Snapshots {
            kept: VecDeque::new(),
            window_s,
        }
    }

    /// Changes the window; takes effect with the next snapshot.
    pub fn set_window(&mut self, window_s: i64) {
        self.window_s = window_s;
    }

    /// Keeps a snapshot, in place of an earlier one of the same second, and drops those that are too many.
    pub fn put(
        &mut self,
        second: i64,
        response_times: &Counts,
        num_requests: i64,
        num_none_requests: i64,
    ) {
        let slots = response_times.slots();
        self.insert(Snapshot::new(
            second,
            slots,
            num_requests,
            num_none_requests,
        ));
        while self.kept.len() as i64 > (self.window_s + SPARE).max(1) {
            self.kept.pop_front();
        }
    }

    /// Adds a snapshot made elsewhere.
    pub fn insert(&mut self, snapshot: Snapshot) {
        match self
            .kept
            .iter_mut()
            .rev()
            .find(|kept| kept.second == snapshot.second)
        {
            Some(kept) => *kept = snapshot,
            None => self.kept.push_back(snapshot),
        }
    }

    /// The snapshots in the order they were first taken.
    pub fn iter(&self) -> impl Iterator<Item = &Snapshot> {
        self.kept.iter()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// The snapshot nearest to `now - window`: that second, or one up to [`FARTHEST`] seconds beside it.
    #[must_use]
    pub fn before(&self, now: i64) -> Option<&Snapshot> {
        let wanted = now - self.window_s;
        (0..=FARTHEST)
            .flat_map(|distance| [wanted - distance, wanted + distance])
            .find_map(|second| self.kept.iter().find(|kept| kept.second == second))
    }
}

#[cfg(test)]
mod tests {
    use super::{Snapshot, Snapshots};
    use crate::counts::Counts;
    use crate::num::Num;

    #[test]
    fn counters_of_any_size_are_given_back() {
        let small = vec![(Num::Int(7), 3), (Num::Int(90_000), 1)];
        let negative = vec![(Num::Int(-7), 3)];
        let many = vec![(Num::Int(7), 1 << 40)];
        let fractions = vec![(Num::Int(7), 3), (Num::Float(0.5), 1)];
        for counted in [small, negative, many, fractions] {
            assert_eq!(Snapshot::new(1, &counted, 4, 0).response_times(), counted);
        }
    }

    #[test]
    fn the_nearest_second_wins_and_the_earlier_of_two() {
        let mut snapshots = Snapshots::new(10);
        for second in [87, 94, 100] {
            snapshots.put(second, &Counts::default(), 0, 0);
        }
        assert_eq!(snapshots.before(100).map(|found| found.second), Some(87));
        assert_eq!(snapshots.before(103).map(|found| found.second), Some(94));
        assert_eq!(snapshots.before(300), None);
    }

    #[test]
    fn only_the_window_and_a_little_more_is_kept() {
        let mut snapshots = Snapshots::new(10);
        for second in 0..100 {
            snapshots.put(second, &Counts::default(), 0, 0);
        }
        assert_eq!(snapshots.iter().count(), 20);
    }
}
