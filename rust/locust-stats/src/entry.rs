//! One row of the statistics: what was counted for a name and a method.

use crate::bucket::bucket_ms;
use crate::counts::Counts;
use crate::histogram::{Histogram, Slot};
use crate::num::Num;
use crate::outcomes::{Outcomes, Side};
use crate::per_second::PerSecond;
use crate::phases::{Exchange, Phases};
use crate::report::Delta;
use crate::snapshots::Snapshots;
use crate::timeline::Timeline;

/// Seconds before the last request at which the window of the current rates begins.
const RATE_WINDOW_START_S: i64 = 12;

/// Seconds before the last request at which it ends: the newest seconds are still being filled.
const RATE_WINDOW_END_S: i64 = 2;

/// Counters of one row. Times of events are epoch seconds and always arguments; response times are milliseconds.
///
/// ```
/// use locust_stats::{entry::Entry, num::Num};
/// let mut entry = Entry::new("/", "GET", 1_000.0, None);
/// entry.record(1_000.5, Num::Float(12.3), Num::Int(2_048))?;
/// assert_eq!(entry.num_requests, 1);
/// assert_eq!(entry.percentile(0.5), Num::Int(12));
/// # Ok::<(), locust_stats::entry::NotATime>(())
/// ```
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the names are Locust's own and mean what its documentation says
pub struct Entry {
    pub name: String,
    pub method: String,
    pub num_requests: i64,
    pub num_none_requests: i64,
    pub num_failures: i64,
    pub total_response_time: Num,
    pub min_response_time: Option<Num>,
    pub max_response_time: Num,
    pub total_content_length: Num,
    pub start_time: Num,
    pub last_request_timestamp: Option<Num>,
    pub response_times: Counts,
    pub num_reqs_per_sec: PerSecond,
    pub num_fail_per_sec: PerSecond,
    /// Past states for the current percentiles; `None` where these are not needed.
    pub snapshots: Option<Snapshots>,
    /// Successes and failures apart.
    pub outcomes: Outcomes,
    /// Phases, connections and bytes, if its requests come from an engine that tells.
    phases: Option<Box<Phases>>,
    /// The precise distribution, beside the documented buckets: of the whole and of each interval.
    pub timeline: Timeline,
    /// Grows with every change, so that views of the row know when they are stale.
    pub revision: u64,
}

/// A response time without a bucket: NaN, infinite, or of an absurd magnitude.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "{0} ms is not a response time; pass a finite number of milliseconds, or None if it was not measured"
)]
pub struct NotATime(pub f64);

impl Entry {
    /// An empty row that starts at `now`. With `window_s`, current percentiles can look back that many seconds.
    #[must_use]
    pub fn new(name: &str, method: &str, now: f64, window_s: Option<i64>) -> Self {
        let mut entry = Entry {
            name: name.to_owned(),
            method: method.to_owned(),
            num_requests: 0,
            num_none_requests: 0,
            num_failures: 0,
            total_response_time: Num::ZERO,
            min_response_time: None,
            max_response_time: Num::ZERO,
            total_content_length: Num::ZERO,
            start_time: Num::Float(now),
            last_request_timestamp: None,
            response_times: Counts::default(),
            num_reqs_per_sec: PerSecond::default(),
            num_fail_per_sec: PerSecond::default(),
            snapshots: window_s.map(Snapshots::new),
            outcomes: Outcomes::default(),
            phases: None,
            timeline: Timeline::default(),
            revision: 0,
        };
        entry.remember(now as i64);
        entry
    }

    /// Counts a finished request in the default buckets, in no interval.
    ///
    /// # Errors
    /// [`NotATime`] if the response time has no bucket; then nothing was counted.
    pub fn record(
        &mut self,
        now: f64,
        response_time: Num,
        content_length: Num,
    ) -> Result<(), NotATime> {
        self.record_at(None, now, response_time, content_length)
    }

    /// The same in the interval of `tick`, which is the second of a monotonic clock.
    ///
    /// # Errors
    /// As [`Entry::record`].
    #[inline]
    pub fn record_at(
        &mut self,
        tick: impl Into<Option<i64>>,
        now: f64,
        response_time: Num,
        content_length: Num,
    ) -> Result<(), NotATime> {
        let bucket = bucket_ms(response_time).ok_or_else(|| NotATime(response_time.as_f64()))?;
        self.begin(now);
        self.measure(tick.into(), response_time);
        self.response_times.add_ms(bucket, 1);
        self.total_content_length += content_length;
        Ok(())
    }

    /// Counts a finished request without a response time.
    pub fn record_untimed(&mut self, now: f64, content_length: Num) {
        self.begin(now);
        self.outcomes.ended(f64::NAN);
        self.num_none_requests += 1;
        self.total_content_length += content_length;
    }

    /// Counts that a request ended at `now`, and keeps a snapshot of the second before if a new one began.
    #[inline]
    pub fn begin(&mut self, now: f64) {
        let second = now as i64;
        if self.snapshots.is_some()
            && self
                .last_request_timestamp
                .is_some_and(|last| !last.is_zero() && second > last.truncated())
        {
            self.remember(second - 1);
        }
        self.num_requests += 1;
        self.note_time(now);
    }

    /// Counts a request in its second, and as the last one.
    #[inline]
    pub fn note_time(&mut self, now: f64) {
        self.revision += 1;
        self.num_reqs_per_sec.add(now as i64, 1);
        self.last_request_timestamp = Some(Num::Float(now));
    }

    /// Adds a response time to sum, minimum, maximum and the precise distribution, but to no bucket.
    #[inline]
    pub fn measure(&mut self, tick: Option<i64>, response_time: Num) {
        self.revision += 1;
        self.total_response_time += response_time;
        self.min_response_time = Some(
            self.min_response_time
                .map_or(response_time, |min| min.min(response_time)),
        );
        self.max_response_time = self.max_response_time.max(response_time);
        let time_ms = response_time.as_f64();
        match tick {
            Some(tick) => self.timeline.record(tick, time_ms),
            None => self.timeline.record_undated(time_ms),
        }
        self.outcomes.ended(time_ms);
    }

    /// Counts the phases of the request counted last.
    #[inline]
    pub fn record_exchange(&mut self, exchange: &Exchange) {
        self.phases.get_or_insert_default().record(exchange);
    }

    /// Adds phases that were counted elsewhere.
    pub fn add_phases(&mut self, phases: &Phases) {
        self.revision += 1;
        self.phases.get_or_insert_default().merge(phases);
    }

    /// Phases, connections and bytes; `None` if no request told them.
    #[must_use]
    pub fn phases(&self) -> Option<&Phases> {
        self.phases.as_deref().filter(|phases| phases.exchanges > 0)
    }

    /// Counts a failure: that of the request counted last, unless it has had one.
    pub fn record_failure(&mut self, now: f64) {
        self.revision += 1;
        self.outcomes.failed();
        self.num_failures += 1;
        self.num_fail_per_sec.add(now as i64, 1);
    }

    /// Keeps the present distribution under `second`, for the current percentiles.
    pub fn remember(&mut self, second: i64) {
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.put(
                second,
                &self.response_times,
                self.num_requests,
                self.num_none_requests,
            );
        }
    }

    /// Back to an empty row that starts at `now`; name, method and window stay.
    pub fn reset(&mut self, now: f64) {
        self.revision += 1;
        self.start_time = Num::Float(now);
        self.num_requests = 0;
        self.num_none_requests = 0;
        self.num_failures = 0;
        self.total_response_time = Num::ZERO;
        self.min_response_time = None;
        self.max_response_time = Num::ZERO;
        self.total_content_length = Num::ZERO;
        self.last_request_timestamp = None;
        self.response_times.clear();
        self.num_reqs_per_sec.clear();
        self.num_fail_per_sec.clear();
        self.outcomes = Outcomes::default();
        if let Some(phases) = &mut self.phases {
            **phases = Phases::default();
        }
        self.timeline.clear();
        if let Some(snapshots) = &mut self.snapshots {
            snapshots.clear();
        }
        self.remember(now as i64);
    }

    /// Adds what another row counted.
    pub fn extend(&mut self, other: &Entry) {
        self.absorb(Delta::from(other));
        self.timeline.merge(&other.timeline);
    }

    /// Adds what a row counted elsewhere. Costs little more than a step per bucket.
    pub fn absorb(&mut self, other: Delta<'_>) {
        let numbers = other.numbers;
        self.revision += 1;
        let last_before = self.last_request_timestamp.map_or(0, Num::truncated);
        self.last_request_timestamp = merged(
            self.last_request_timestamp,
            numbers.last_request_timestamp,
            Num::max,
        );
        self.start_time = numbers
            .start_time
            .map_or(self.start_time, |start| self.start_time.min(start));
        self.num_requests += numbers.num_requests;
        self.num_none_requests += numbers.num_none_requests;
        self.num_failures += numbers.num_failures;
        self.total_response_time += numbers.total_response_time;
        self.max_response_time = self.max_response_time.max(numbers.max_response_time);
        // Some peers send a minimum of 0 where they measured nothing.
        let their_min = numbers
            .min_response_time
            .filter(|_| numbers.num_requests != numbers.num_none_requests);
        self.min_response_time = merged(self.min_response_time, their_min, Num::min);
        self.total_content_length += numbers.total_content_length;
        other
            .response_times
            .iter()
            .for_each(|&(bucket, count)| self.response_times.add(bucket, count));
        other
            .num_reqs_per_sec
            .iter()
            .for_each(|&(second, count)| self.num_reqs_per_sec.add(second, count));
        other
            .num_fail_per_sec
            .iter()
            .for_each(|&(second, count)| self.num_fail_per_sec.add(second, count));
        self.outcomes.absorb(other.outcomes);
        if let Some(phases) = other.phases {
            self.add_phases(phases);
        }
        if let Some(last) = self.last_request_timestamp.map(Num::truncated)
            && last > last_before
        {
            self.remember(last);
        }
    }

    /// The same of a report that arrived at `tick`, with its precise distribution.
    pub fn absorb_at(&mut self, other: Delta<'_>, tick: i64) {
        self.absorb(other);
        self.absorb_distribution(other.precise, other.intervals(), tick);
    }

    /// Adds a distribution as a report has it: bins of the whole, age and bins of each interval.
    ///
    /// Where the intervals say it all, the former is empty, or holds the same samples once more.
    pub fn absorb_distribution<'a>(
        &mut self,
        precise: &[Slot],
        intervals: impl Iterator<Item = (i64, &'a [Slot])> + Clone,
        tick: i64,
    ) {
        let total = |bins: &[Slot]| bins.iter().map(|slot| slot.count()).sum::<u64>();
        let dated = || intervals.clone().map(|(_, bins)| total(bins)).sum::<u64>();
        if precise.is_empty() || total(precise) == dated() {
            intervals.for_each(|(age_s, bins)| self.timeline.add(tick - age_s, bins));
        } else {
            self.timeline.add_undated(precise);
            intervals.for_each(|(age_s, bins)| self.timeline.date(tick - age_s, bins));
        }
    }

    /// Moves every time of the row by `seconds`, because the clock that measured them is off by that much.
    pub fn shift(&mut self, seconds: f64) {
        let later = |at: Num| at + Num::Float(seconds);
        self.revision += 1;
        self.start_time = later(self.start_time);
        self.last_request_timestamp = self.last_request_timestamp.map(later);
        for bins in [&mut self.num_reqs_per_sec, &mut self.num_fail_per_sec] {
            *bins = bins
                .bins()
                .iter()
                .map(|&(at, count)| (at + seconds.round() as i64, count))
                .collect();
        }
    }

    /// Requests that have a response time.
    #[must_use]
    pub fn num_timed(&self) -> i64 {
        self.num_requests - self.num_none_requests
    }

    /// The bucket at a fraction of the timed requests.
    #[must_use]
    pub fn percentile(&self, fraction: f64) -> Num {
        crate::percentile::percentile(&self.response_times, self.num_timed(), fraction)
    }

    /// The response time at a fraction of the timed requests, in milliseconds, from the precise distribution.
    #[must_use]
    pub fn precise_percentile_ms(&self, fraction: f64) -> f64 {
        self.precise_percentile_in(&self.timeline.all(), fraction)
    }

    /// The same, where the distribution of all is at hand.
    pub(crate) fn precise_percentile_in(&self, all: &Histogram, fraction: f64) -> f64 {
        let min = self.min_response_time.map_or(0.0, Num::as_f64);
        all.percentile_ms(fraction, min, self.max_response_time.as_f64())
    }

    /// The same of several fractions, for people: whole microseconds, as no more is known.
    #[must_use]
    pub fn precise_times_ms(&self, fractions: &[f64]) -> Vec<f64> {
        let all = self.timeline.all();
        fractions
            .iter()
            .map(|&fraction| whole_us(self.precise_percentile_in(&all, fraction)))
            .collect()
    }

    /// The successful requests that have a response time.
    #[must_use]
    pub fn succeeded(&self) -> Side {
        self.outcomes.successes(&self.timeline.all())
    }

    /// The failed requests that have a response time.
    #[must_use]
    pub fn failed(&self) -> Side {
        self.outcomes.failures()
    }

    /// Median bucket, kept within minimum and maximum: a single 7,432 ms must not show a median of 7,400.
    #[must_use]
    pub fn median(&self) -> Num {
        if self.response_times.slots().is_empty() {
            return Num::ZERO;
        }
        let median = self.percentile(0.5);
        if self.max_response_time.less_than(median) {
            return self.max_response_time;
        }
        match self.min_response_time {
            Some(min) if median.less_than(min) => min,
            _ => median,
        }
    }

    /// Mean response time of the timed requests; 0 without any.
    #[must_use]
    pub fn average_response_time(&self) -> f64 {
        ratio(self.total_response_time.as_f64(), self.num_timed() as f64).unwrap_or(0.0)
    }

    /// Mean content length; the integer 0 without requests.
    #[must_use]
    pub fn average_content_length(&self) -> Num {
        ratio(self.total_content_length.as_f64(), self.num_requests as f64)
            .map_or(Num::ZERO, Num::Float)
    }

    /// Failures per request; 1 where failures were seen but no request.
    #[must_use]
    pub fn fail_ratio(&self) -> f64 {
        ratio(self.num_failures as f64, self.num_requests as f64)
            .unwrap_or(if self.num_failures > 0 { 1.0 } else { 0.0 })
    }
}

/// Events per second in the window of the current rates before `last_request`, the whole test's last one.
#[must_use]
pub fn current_rate(seconds: &PerSecond, last_request: Num, start_time: Num) -> f64 {
    let last = last_request.truncated();
    let from = (last - RATE_WINDOW_START_S).max(start_time.truncated());
    let until = last - RATE_WINDOW_END_S;
    seconds.sum(from, until) as f64 / (until - from).max(1) as f64
}

/// Either number where the other is missing.
fn merged(ours: Option<Num>, theirs: Option<Num>, pick: impl Fn(Num, Num) -> Num) -> Option<Num> {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => Some(pick(ours, theirs)),
        (ours, theirs) => ours.or(theirs),
    }
}

fn ratio(dividend: f64, divisor: f64) -> Option<f64> {
    (divisor != 0.0).then(|| dividend / divisor)
}

/// Milliseconds without what is less than a microsecond.
#[must_use]
pub fn whole_us(time_ms: f64) -> f64 {
    (time_ms * 1_000.0).round() / 1_000.0
}
