//! What a worker counted since its last report, as the master takes it in.
//!
//! A report has thousands of short lists. They lie one behind the other in a few long ones, so that reading a
//! report takes a handful of allocations and merging it runs through memory in one direction.

use crate::entry::Entry;
use crate::histogram::Slot;
use crate::num::Num;
use crate::outcomes::{Counted, Spread};
use crate::phases::Phases;
use crate::wire::encode::ErrorRow;
use std::ops::Range;

/// List elements whose memory is kept between reports: a few megabytes.
const MOST_KEPT: usize = 1 << 18;

/// What one row counted: a view of a report's row, or of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)] // the names are the protocol's
pub struct Delta<'a> {
    pub name: &'a str,
    pub method: &'a str,
    pub numbers: Numbers,
    pub response_times: &'a [(Num, i64)],
    pub num_reqs_per_sec: &'a [(i64, i64)],
    pub num_fail_per_sec: &'a [(i64, i64)],
    /// Bins of the precise histogram; empty from peers that have none, and where the seconds say it all.
    pub precise: &'a [Slot],
    /// Successes and failures apart; empty from peers that don't tell them apart.
    pub outcomes: Counted<'a>,
    /// Phases, connections and bytes; `None` from peers that don't tell.
    pub phases: Option<&'a Phases>,
    pub(crate) intervals: &'a [Interval],
    /// Those of the whole report, in which the bins of the intervals lie.
    pub(crate) bins: &'a [Slot],
}

impl<'a> Delta<'a> {
    /// Age in seconds and bins of each interval; none from peers that have none.
    pub fn intervals(self) -> impl Iterator<Item = (i64, &'a [Slot])> + Clone {
        let bins = self.bins;
        let view = move |found: &'a Interval| (found.age_s, &bins[found.bins.clone()]);
        self.intervals.iter().map(view)
    }
}

/// A second of a row; its bins lie in the report.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Interval {
    pub(crate) age_s: i64,
    pub(crate) bins: Range<usize>,
}

/// The single numbers of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)] // likewise
pub struct Numbers {
    pub last_request_timestamp: Option<Num>,
    pub start_time: Option<Num>,
    pub num_requests: i64,
    pub num_none_requests: i64,
    pub num_failures: i64,
    pub total_response_time: Num,
    pub max_response_time: Num,
    pub min_response_time: Option<Num>,
    pub total_content_length: Num,
}

/// Where the parts of a row lie in its report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub(crate) numbers: Numbers,
    pub(crate) name: Range<usize>,
    pub(crate) method: Range<usize>,
    pub(crate) response_times: Range<usize>,
    pub(crate) num_reqs_per_sec: Range<usize>,
    pub(crate) num_fail_per_sec: Range<usize>,
    pub(crate) precise: Range<usize>,
    pub(crate) outcomes: RowOutcomes,
    pub(crate) phases: Option<Box<Phases>>,
    pub(crate) intervals: Range<usize>,
}

/// Successes and failures of a row; the bins of the latter lie in the report.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RowOutcomes {
    pub(crate) succeeded: Spread,
    pub(crate) failed: Spread,
    pub(crate) failed_bins: Range<usize>,
}

/// A worker's report.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)] // likewise
pub struct Report {
    pub node_id: String,
    pub errors: Vec<ErrorRow>,
    pub user_count: Option<i64>,
    pub user_classes_count: Option<Vec<(String, i64)>>,
    /// The sender's wall clock when it packed the report, in epoch seconds; other peers don't tell.
    pub clock: Option<f64>,
    /// Further keys with their packed values.
    pub extra: Vec<(String, Vec<u8>)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) total: Row,
    pub(crate) texts: String,
    pub(crate) buckets: Vec<(Num, i64)>,
    pub(crate) seconds: Vec<(i64, i64)>,
    pub(crate) bins: Vec<Slot>,
    pub(crate) intervals: Vec<Interval>,
}

impl Report {
    /// What each row counted.
    pub fn rows(&self) -> impl Iterator<Item = Delta<'_>> {
        self.rows.iter().map(|row| self.view(row))
    }

    /// What all rows counted.
    #[must_use]
    pub fn total(&self) -> Delta<'_> {
        self.view(&self.total)
    }

    /// Moves every time in the report by `seconds`, because the sender's clock is off by that much.
    pub fn shift(&mut self, seconds: f64) {
        let later = |at: &mut Option<Num>| *at = at.map(|at| at + Num::Float(seconds));
        for row in self.rows.iter_mut().chain([&mut self.total]) {
            later(&mut row.numbers.last_request_timestamp);
            later(&mut row.numbers.start_time);
        }
        for error in &mut self.errors {
            later(&mut error.first_seen);
            later(&mut error.last_seen);
        }
        for bin in &mut self.seconds {
            bin.0 = bin.0.saturating_add(seconds.round() as i64);
        }
    }

    /// Forgets the content and keeps the memory for the next report, unless it has become too much to keep.
    pub fn recycle(&mut self) {
        let mut kept = std::mem::take(self);
        kept.rows.clear();
        kept.texts.clear();
        kept.buckets.clear();
        kept.seconds.clear();
        kept.bins.clear();
        kept.intervals.clear();
        let lists = [
            kept.buckets.capacity(),
            kept.seconds.capacity(),
            kept.bins.capacity(),
            kept.intervals.capacity(),
        ];
        if lists.iter().sum::<usize>() < MOST_KEPT {
            self.rows = kept.rows;
            self.texts = kept.texts;
            self.buckets = kept.buckets;
            self.seconds = kept.seconds;
            self.bins = kept.bins;
            self.intervals = kept.intervals;
        }
    }

    fn view<'a>(&'a self, row: &'a Row) -> Delta<'a> {
        Delta {
            name: &self.texts[row.name.clone()],
            method: &self.texts[row.method.clone()],
            numbers: row.numbers,
            response_times: &self.buckets[row.response_times.clone()],
            num_reqs_per_sec: &self.seconds[row.num_reqs_per_sec.clone()],
            num_fail_per_sec: &self.seconds[row.num_fail_per_sec.clone()],
            precise: &self.bins[row.precise.clone()],
            outcomes: Counted {
                succeeded: row.outcomes.succeeded,
                failed: row.outcomes.failed,
                failed_bins: &self.bins[row.outcomes.failed_bins.clone()],
            },
            phases: row.phases.as_deref(),
            intervals: &self.intervals[row.intervals.clone()],
            bins: &self.bins,
        }
    }
}

impl<'a> From<&'a Entry> for Delta<'a> {
    /// Without the precise distribution, which is that of the entry's timeline.
    fn from(entry: &'a Entry) -> Self {
        Delta {
            name: &entry.name,
            method: &entry.method,
            numbers: Numbers {
                last_request_timestamp: entry.last_request_timestamp,
                start_time: Some(entry.start_time),
                num_requests: entry.num_requests,
                num_none_requests: entry.num_none_requests,
                num_failures: entry.num_failures,
                total_response_time: entry.total_response_time,
                max_response_time: entry.max_response_time,
                min_response_time: entry.min_response_time,
                total_content_length: entry.total_content_length,
            },
            response_times: entry.response_times.slots(),
            num_reqs_per_sec: entry.num_reqs_per_sec.bins(),
            num_fail_per_sec: entry.num_fail_per_sec.bins(),
            precise: &[],
            outcomes: entry.outcomes.counted(),
            phases: entry.phases(),
            intervals: &[],
            bins: &[],
        }
    }
}
