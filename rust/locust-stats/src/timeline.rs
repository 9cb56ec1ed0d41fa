//! Response times over time: a histogram for each interval, in bounded memory.
//!
//! A point covers a second while it is younger than ten minutes, and is merged with its neighbours as it ages, so that a
//! week takes little more memory than an hour. No sample is lost: the points together hold as many as were recorded.
//! Times are ticks: whole seconds of a monotonic clock, which nobody can set.

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
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The second that is being counted.
    second: i64,
    current: Histogram,
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

    /// Adds the samples of an interval that was counted elsewhere.
    pub fn add(&mut self, point: &Point) {
        if point.bins.is_empty() {
            return;
        }
        let last = point.start + point.width - 1;
        if last > self.second {
            self.turn(last);
        }
        if last == self.second {
            point.bins.iter().for_each(|&slot| self.current.add(slot));
            return;
        }
        // What comes too late for its own second counts in the oldest that is open.
        let second = last.max(self.second - OPEN_S);
        match self.open.binary_search_by_key(&second, |open| open.0) {
            Ok(at) => packed::merge(&mut self.open[at].1, &point.bins),
            Err(at) => self.open.insert(at, (second, point.bins.clone())),
        }
    }

    /// Adds all points of a timeline of the same clock.
    pub fn merge(&mut self, other: &Timeline) {
        other.points().iter().for_each(|point| self.add(point));
    }

    /// Visits the last second and the bins of each point, without a copy where there is none to make.
    pub fn each(&self, mut visit: impl FnMut(i64, &[Slot])) {
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
        if self.current.total() > 0 {
            visit(self.second, self.current.slots());
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

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.current.total() == 0 && self.open.is_empty() && self.tiers.iter().all(Tier::is_empty)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.current.clear();
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
            self.open
                .push_back((self.second, self.current.slots().to_vec()));
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
