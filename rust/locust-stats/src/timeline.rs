//! Response times over time: a histogram for each interval, in bounded memory, and one of them all.
//!
//! A point covers a second while it is younger than ten minutes, and is merged with its neighbours as it ages, so that a
//! week takes little more memory than an hour. No sample is lost: the points together hold as many as were recorded.
//! Times are ticks: whole seconds of a monotonic clock, which nobody can set.
//!
//! A sample is counted once, in the present second; the histogram of all takes in each second when it is over. Points
//! older than ten minutes are coarser than that histogram, which keeps its full resolution for ever.

mod packed;
pub mod view;

use crate::histogram::{Histogram, Slot};
use packed::Tier;
use std::collections::VecDeque;

/// Seconds that stay open for what other nodes report late.
const OPEN_S: i64 = 16;

/// Age at which seconds are merged for the first time.
const EXACT_S: i64 = 600;

/// Width of the points that are older than that; each further tier is four times as wide, and reaches four times as far.
const FIRST_WIDTH_S: i64 = 16;
const GROWTH: i64 = 4;

/// One interval, unpacked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// The tick at which it begins.
    pub start: i64,
    /// Seconds.
    pub width: i64,
    /// Ascending.
    pub bins: Vec<Slot>,
}

/// The points of one row.
///
/// ```
/// use locust_stats::timeline::Timeline;
/// let mut timeline = Timeline::default();
/// timeline.record(7, 1.5);
/// timeline.record(8, 1.5);
/// assert_eq!(timeline.points().len(), 2);
/// assert_eq!(timeline.all().total(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The second that is being counted.
    second: i64,
    current: Histogram,
    /// Every sample that is not in `current`.
    before: Histogram,
    /// The seconds before, ascending.
    open: VecDeque<(i64, Vec<Slot>)>,
    /// What is older, by width.
    tiers: Vec<Tier>,
}

impl Timeline {
    /// Counts one response time at `tick`. Costs little more than the row's histogram.
    #[inline]
    pub fn record(&mut self, tick: i64, time_ms: f64) {
        if tick != self.second {
            self.turn(tick);
        }
        self.current.record_ms(time_ms);
    }

    /// Counts a response time of which nobody knows when it was measured: it belongs to no point.
    pub fn record_undated(&mut self, time_ms: f64) {
        self.before.record_ms(time_ms);
    }

    /// The same of several.
    pub fn add_undated(&mut self, bins: &[Slot]) {
        bins.iter().for_each(|&slot| self.before.add(slot));
    }

    /// Adds the samples of an interval that was counted elsewhere and ended with the second `last`.
    pub fn add(&mut self, last: i64, bins: &[Slot]) {
        if bins.is_empty() {
            return;
        }
        if last > self.second {
            self.turn(last);
        }
        if last == self.second {
            bins.iter().for_each(|&slot| self.current.add(slot));
        } else {
            self.add_undated(bins);
            self.add_to_open(last, bins);
        }
    }

    /// The same of samples that were added by [`Timeline::add_undated`] already.
    pub fn date(&mut self, last: i64, bins: &[Slot]) {
        if bins.is_empty() {
            return;
        }
        if last >= self.second {
            self.turn(last + 1);
        }
        self.add_to_open(last, bins);
    }

    fn add_to_open(&mut self, last: i64, bins: &[Slot]) {
        // What comes too late for its own second counts in the oldest that is open.
        let second = last.max(self.second - OPEN_S);
        match self.open.binary_search_by_key(&second, |open| open.0) {
            Ok(at) => packed::merge(&mut self.open[at].1, bins),
            Err(at) => self.open.insert(at, (second, bins.to_vec())),
        }
    }

    /// Adds all points of a timeline of the same clock.
    pub fn merge(&mut self, other: &Timeline) {
        // The present second first: the others are older than ours then.
        self.add(other.second, other.current.slots());
        self.add_undated(other.before.slots());
        other.each_finished(|last, bins| self.date(last, bins));
    }

    /// The distribution of every sample.
    #[must_use]
    pub fn all(&self) -> Histogram {
        let mut all = self.before.clone();
        all.merge(&self.current);
        all
    }

    /// Number of samples.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.before.total() + self.current.total()
    }

    /// Whether the points hold every sample, each in its bin, so that adding them up gives [`Timeline::all`].
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let dated = |open: &(i64, Vec<Slot>)| open.1.iter().map(|slot| slot.count()).sum::<u64>();
        self.tiers.is_empty() && self.open.iter().map(dated).sum::<u64>() == self.before.total()
    }

    /// Visits the last second and the bins of each point, without a copy where there is none to make.
    pub fn each(&self, mut visit: impl FnMut(i64, &[Slot])) {
        self.each_finished(&mut visit);
        if self.current.total() > 0 {
            visit(self.second, self.current.slots());
        }
    }

    /// The same without the present second.
    fn each_finished(&self, mut visit: impl FnMut(i64, &[Slot])) {
        let mut packed = Vec::new();
        for tier in self.tiers.iter().rev() {
            tier.unpack(&mut packed);
        }
        for point in &packed {
            visit(point.start + point.width - 1, &point.bins);
        }
        for (second, bins) in &self.open {
            visit(*second, bins);
        }
    }

    /// Every point, oldest first.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        let mut points = Vec::new();
        for tier in self.tiers.iter().rev() {
            tier.unpack(&mut points);
        }
        let single = |start, bins: &[Slot]| Point {
            start,
            width: 1,
            bins: bins.to_vec(),
        };
        points.extend(self.open.iter().map(|(second, bins)| single(*second, bins)));
        if self.current.total() > 0 {
            points.push(single(self.second, self.current.slots()));
        }
        points
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.current.clear();
        if self.before.total() > 0 {
            self.before.clear();
        }
        self.open.clear();
        self.tiers.clear();
    }

    /// Begins another second. A clock that seems to go back, as between processes, changes nothing.
    #[cold]
    fn turn(&mut self, tick: i64) {
        if self.current.total() == 0 && self.open.is_empty() && self.tiers.is_empty() {
            self.second = tick;
        }
        if tick <= self.second {
            return;
        }
        if self.current.total() > 0 {
            let bins = self.current.slots();
            self.open.push_back((self.second, bins.to_vec()));
            self.before.merge(&self.current);
            self.current.clear();
        }
        self.second = tick;
        while self.open.front().is_some_and(|open| open.0 < tick - OPEN_S) {
            if let Some((second, bins)) = self.open.pop_front() {
                self.seal(second, bins);
            }
        }
    }

    fn seal(&mut self, second: i64, bins: Vec<Slot>) {
        if self.tiers.is_empty() {
            self.tiers.push(Tier::new(1));
        }
        self.tiers[0].push(second, bins);
        let (mut keep, mut level) = (EXACT_S, 0);
        // A little more than has to be is kept, so that several points move at once.
        while self.tiers[level]
            .oldest()
            .is_some_and(|oldest| oldest < second - keep - keep / 8)
        {
            if self.tiers.len() == level + 1 {
                let width = match level {
                    0 => FIRST_WIDTH_S,
                    _ => self.tiers[level].width() * GROWTH,
                };
                self.tiers.push(Tier::new(width));
            }
            let (finer, coarser) = self.tiers.split_at_mut(level + 1);
            coarser[0].take_from(&mut finer[level], second - keep);
            keep *= GROWTH;
            level += 1;
        }
    }
}

#[cfg(test)]
mod tests;
