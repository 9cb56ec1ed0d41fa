//! Successful and failed requests of a row apart: how long either took.
//!
//! A row learns of a failure behind the request itself, as Locust's own calls come in that order. The latest response
//! time is therefore kept aside until the next one begins, and belongs to the successes unless a failure follows.

use crate::histogram::{Histogram, Slot};
use crate::report::Numbers;

/// Sum and ends of some response times, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)] // they say what they are
pub struct Spread {
    pub total_ms: f64,
    /// Infinite without a time.
    pub min_ms: f64,
    pub max_ms: f64,
}

impl Default for Spread {
    fn default() -> Self {
        Spread {
            total_ms: 0.0,
            min_ms: f64::INFINITY,
            max_ms: 0.0,
        }
    }
}

impl Spread {
    /// Of all timed requests of a row.
    #[must_use]
    pub fn of(numbers: &Numbers) -> Self {
        match numbers.min_response_time {
            Some(min) if numbers.num_requests != numbers.num_none_requests => Spread {
                total_ms: numbers.total_response_time.as_f64(),
                min_ms: min.as_f64(),
                max_ms: numbers.max_response_time.as_f64(),
            },
            _ => Spread::default(),
        }
    }

    #[inline]
    fn add(&mut self, time_ms: f64) {
        self.total_ms += time_ms;
        self.min_ms = self.min_ms.min(time_ms);
        self.max_ms = self.max_ms.max(time_ms);
    }

    fn merge(&mut self, other: Spread) {
        self.total_ms += other.total_ms;
        self.min_ms = self.min_ms.min(other.min_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
    }
}

/// What one row knows of its outcomes. The successes have no histogram: it is that of all less that of the failures.
#[derive(Clone, Debug)]
pub struct Outcomes {
    succeeded: Spread,
    failed: Option<Box<Failed>>,
    /// The latest response time, which a failure may still follow; NaN: none.
    unsettled_ms: f64,
}

#[derive(Clone, Debug, Default)]
struct Failed {
    spread: Spread,
    histogram: Histogram,
}

impl Default for Outcomes {
    fn default() -> Self {
        Outcomes {
            succeeded: Spread::default(),
            failed: None,
            unsettled_ms: f64::NAN,
        }
    }
}

/// What a row counted, on its way to another one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)] // likewise
pub struct Counted<'a> {
    pub succeeded: Spread,
    pub failed: Spread,
    /// Bins of the failures' histogram.
    pub failed_bins: &'a [Slot],
}

impl Outcomes {
    /// A request took `time_ms`; NaN: it has no response time.
    #[inline]
    pub fn ended(&mut self, time_ms: f64) {
        if !self.unsettled_ms.is_nan() {
            self.succeeded.add(self.unsettled_ms);
        }
        self.unsettled_ms = time_ms;
    }

    /// The request that ended last was a failure.
    pub fn failed(&mut self) {
        let time_ms = std::mem::replace(&mut self.unsettled_ms, f64::NAN);
        if !time_ms.is_nan() {
            let failed = self.failed.get_or_insert_default();
            failed.spread.add(time_ms);
            failed.histogram.record_ms(time_ms);
        }
    }

    /// What was counted, with the latest request as the success that it is so far.
    #[must_use]
    pub fn counted(&self) -> Counted<'_> {
        let mut succeeded = self.succeeded;
        if !self.unsettled_ms.is_nan() {
            succeeded.add(self.unsettled_ms);
        }
        let failed = self.failed.as_deref();
        Counted {
            succeeded,
            failed: failed.map_or_else(Spread::default, |failed| failed.spread),
            failed_bins: failed.map_or(&[], |failed| failed.histogram.slots()),
        }
    }

    /// Adds what was counted elsewhere.
    pub fn absorb(&mut self, other: Counted<'_>) {
        self.succeeded.merge(other.succeeded);
        if !other.failed_bins.is_empty() {
            let failed = self.failed.get_or_insert_default();
            failed.spread.merge(other.failed);
            for &slot in other.failed_bins {
                failed.histogram.add(slot);
            }
        }
    }

    /// The failures.
    #[must_use]
    pub fn failures(&self) -> Side {
        let failed = self.failed.as_deref().cloned().unwrap_or_default();
        Side {
            spread: failed.spread,
            histogram: failed.histogram,
        }
    }

    /// The successes; `all` is the histogram of both.
    #[must_use]
    pub fn successes(&self, all: &Histogram) -> Side {
        let histogram = match &self.failed {
            Some(failed) => all.since(&failed.histogram),
            None => all.clone(),
        };
        Side {
            spread: self.counted().succeeded,
            histogram,
        }
    }
}

/// The successes or the failures of a row.
#[derive(Clone, Debug)]
pub struct Side {
    spread: Spread,
    histogram: Histogram,
}

impl Side {
    /// How many have a response time.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.total()
    }

    /// Mean; 0 without any.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        match self.count() {
            0 => 0.0,
            count => self.spread.total_ms / count as f64,
        }
    }

    /// The time at a fraction, as exact as that of the whole row; 0 without any.
    #[must_use]
    pub fn percentile_ms(&self, fraction: f64) -> f64 {
        if self.count() == 0 {
            return 0.0;
        }
        self.histogram
            .percentile_ms(fraction, self.spread.min_ms, self.spread.max_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcomes, Side};
    use crate::histogram::Histogram;
    use proptest::prelude::*;

    /// A request: its time, if any, and whether it failed.
    type Request = (Option<f64>, bool);

    fn counted(requests: &[Request]) -> (Outcomes, Histogram) {
        let (mut outcomes, mut all) = (Outcomes::default(), Histogram::default());
        for &(time_ms, failed) in requests {
            outcomes.ended(time_ms.unwrap_or(f64::NAN));
            if let Some(time_ms) = time_ms {
                all.record_ms(time_ms);
            }
            if failed {
                outcomes.failed();
            }
        }
        (outcomes, all)
    }

    fn shown(side: &Side) -> Vec<f64> {
        let times = [0.0, 0.5, 0.99, 1.0].map(|fraction| side.percentile_ms(fraction));
        let rest = [side.count() as f64, (side.mean_ms() * 1e6).round()];
        times.into_iter().chain(rest).collect()
    }

    #[test]
    fn a_failure_that_no_request_came_before_has_no_time() {
        let (mut outcomes, all) = counted(&[(Some(3.0), true)]);
        outcomes.failed();
        assert_eq!(outcomes.failures().count(), 1);
        assert_eq!(outcomes.successes(&all).count(), 0);
        assert_eq!(outcomes.successes(&all).percentile_ms(0.5), 0.0);
    }

    proptest! {
        #[test]
        fn either_side_is_what_its_requests_alone_give(
            requests in prop::collection::vec((prop::option::of(0.01f64..50_000.0), any::<bool>()), 0..80),
            cut in 0usize..80,
        ) {
            let pick = |failed| requests.iter().copied().filter(move |request| request.1 == failed);
            let apart = [false, true].map(|failed| {
                let (outcomes, all) = counted(&pick(failed).map(|request| (request.0, false)).collect::<Vec<_>>());
                outcomes.successes(&all)
            });
            let (outcomes, all) = counted(&requests);
            prop_assert_eq!(shown(&outcomes.successes(&all)), shown(&apart[0]));
            prop_assert_eq!(shown(&outcomes.failures()), shown(&apart[1]));

            let cut = cut.min(requests.len());
            let (left, right) = (counted(&requests[..cut]).0, counted(&requests[cut..]).0);
            let mut merged = Outcomes::default();
            merged.absorb(right.counted());
            merged.absorb(left.counted());
            prop_assert_eq!(shown(&merged.successes(&all)), shown(&apart[0]));
            prop_assert_eq!(shown(&merged.failures()), shown(&apart[1]));
        }
    }
}
