//! Writes a worker's report.

use super::{OUR_KEY, intervals, outcomes, pack, phases, precise};
use crate::entry::Entry;
use crate::num::Num;
use crate::per_second::PerSecond;

/// One row of the error report on its way to the master.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)] // the names are the protocol's
pub struct ErrorRow {
    pub key: String,
    pub name: String,
    pub method: String,
    pub error: String,
    pub occurrences: i64,
    pub first_seen: Option<Num>,
    pub last_seen: Option<Num>,
}

/// What surrounds the rows of a report.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)] // likewise
pub struct Envelope<'a> {
    pub node_id: &'a str,
    pub user_count: i64,
    pub user_classes_count: &'a [(String, i64)],
    /// The sender's wall clock, in epoch seconds.
    pub clock: f64,
    /// Further keys with their values, packed already.
    pub extra: &'a [(String, Vec<u8>)],
}

/// A report being written: rows first, then [`Writer::finish`].
///
/// ```
/// use locust_stats::{entry::Entry, wire::encode::{Envelope, Writer}};
/// let mut writer = Writer::new(1);
/// writer.row(&Entry::new("/", "GET", 0.0, None));
/// let total = Entry::new("Aggregated", "", 0.0, None);
/// let frame = writer.finish(&total, &[], &Envelope::default());
/// assert_eq!(frame[..7], *b"\x93\xa5stats");
/// ```
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    count: usize,
    /// Rows added.
    added: usize,
    /// Texts of each row's precise histogram, packed.
    precise: Vec<u8>,
    /// Successes and failures of each row, packed.
    outcomes: Vec<u8>,
    /// Texts of each row's intervals, packed.
    intervals: Vec<u8>,
    /// Phases of each row, packed.
    phases: Vec<u8>,
    tick: i64,
}

/// What a row usually needs, in bytes.
const ROW: usize = 512;

/// What the text of a row's histograms usually needs, in bytes.
const PRECISE: usize = 128;

impl Writer {
    /// The beginning of a report with `count` rows.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Writer::with_buffer(count, Vec::new())
    }

    /// The same in the memory of an earlier message.
    #[must_use]
    pub fn with_buffer(count: usize, mut out: Vec<u8>) -> Self {
        out.clear();
        out.reserve(4_096 + count * ROW);
        out.extend_from_slice(b"\x93\xa5stats\xde\0\0\xa5stats");
        pack::array(&mut out, count);
        Writer {
            out,
            count,
            added: 0,
            precise: Vec::with_capacity(count),
            outcomes: Vec::with_capacity(count),
            intervals: Vec::with_capacity(count * PRECISE),
            phases: Vec::with_capacity(count),
            tick: 0,
        }
    }

    /// Ages of the intervals are those at `tick`.
    #[must_use]
    pub fn at(mut self, tick: i64) -> Self {
        self.tick = tick;
        self
    }

    /// Adds what a row counted. To be called as often as announced.
    pub fn row(&mut self, row: &Entry) {
        write_entry(&mut self.out, row);
        self.added += 1;
        write_precise(&mut self.precise, row);
        outcomes::write(&mut self.outcomes, row.outcomes.counted());
        write_intervals(&mut self.intervals, row, self.tick);
        phases::write(&mut self.phases, row.phases());
    }

    /// The whole message.
    ///
    /// # Panics
    /// If fewer or more rows were added than announced.
    #[must_use]
    pub fn finish(self, total: &Entry, errors: &[ErrorRow], envelope: &Envelope<'_>) -> Vec<u8> {
        assert_eq!(self.added, self.count, "rows added and announced");
        let mut out = self.out;
        // The length of the map, left open at the start.
        out[8..10].copy_from_slice(&(6 + envelope.extra.len() as u16).to_be_bytes());
        out.extend_from_slice(b"\xabstats_total");
        write_entry(&mut out, total);
        out.extend_from_slice(b"\xa6errors");
        pack::map(&mut out, errors.len());
        errors.iter().for_each(|error| write_error(&mut out, error));
        out.extend_from_slice(b"\xb2user_classes_count");
        pack::map(&mut out, envelope.user_classes_count.len());
        for (class, count) in envelope.user_classes_count {
            pack::text(&mut out, class);
            pack::int(&mut out, *count);
        }
        out.extend_from_slice(b"\xaauser_count");
        pack::int(&mut out, envelope.user_count);
        for (key, packed) in envelope.extra {
            pack::text(&mut out, key);
            out.extend_from_slice(packed);
        }
        pack::text(&mut out, OUR_KEY);
        out.extend_from_slice(b"\x89\xa5clock");
        pack::number(&mut out, Num::Float(envelope.clock));
        out.extend_from_slice(b"\xa7precise");
        pack::array(&mut out, self.count);
        out.extend_from_slice(&self.precise);
        out.extend_from_slice(b"\xadprecise_total");
        write_precise(&mut out, total);
        out.extend_from_slice(b"\xa8outcomes");
        pack::array(&mut out, self.count);
        out.extend_from_slice(&self.outcomes);
        out.extend_from_slice(b"\xaeoutcomes_total");
        outcomes::write(&mut out, total.outcomes.counted());
        out.extend_from_slice(b"\xa9intervals");
        pack::array(&mut out, self.count);
        out.extend_from_slice(&self.intervals);
        out.extend_from_slice(b"\xafintervals_total");
        write_intervals(&mut out, total, self.tick);
        out.extend_from_slice(b"\xa6phases");
        pack::array(&mut out, self.count);
        out.extend_from_slice(&self.phases);
        out.extend_from_slice(b"\xacphases_total");
        phases::write(&mut out, total.phases());
        pack::text(&mut out, envelope.node_id);
        out
    }
}

fn write_intervals(out: &mut Vec<u8>, row: &Entry, tick: i64) {
    pack::written(out, |out| intervals::write(out, &row.timeline, tick));
}

/// Nothing where the intervals, which are exact while they are young, say it all.
fn write_precise(out: &mut Vec<u8>, row: &Entry) {
    if row.timeline.is_exact() {
        pack::text(out, "");
    } else {
        pack::written(out, |out| precise::write(out, &row.timeline.all()));
    }
}

/// Names and values of a row, in the protocol's order.
fn write_entry(out: &mut Vec<u8>, row: &Entry) {
    pack::map(out, 14);
    text(out, "name", &row.name);
    text(out, "method", &row.method);
    optional(out, "last_request_timestamp", row.last_request_timestamp);
    number(out, "start_time", row.start_time);
    int(out, "num_requests", row.num_requests);
    int(out, "num_none_requests", row.num_none_requests);
    int(out, "num_failures", row.num_failures);
    number(out, "total_response_time", row.total_response_time);
    number(out, "max_response_time", row.max_response_time);
    optional(out, "min_response_time", row.min_response_time);
    number(out, "total_content_length", row.total_content_length);
    pack::text(out, "response_times");
    pack::map(out, row.response_times.slots().len());
    pack::pairs(out, row.response_times.slots());
    seconds(out, "num_reqs_per_sec", &row.num_reqs_per_sec);
    seconds(out, "num_fail_per_sec", &row.num_fail_per_sec);
}

fn write_error(out: &mut Vec<u8>, row: &ErrorRow) {
    pack::text(out, &row.key);
    pack::map(out, 6);
    text(out, "name", &row.name);
    text(out, "method", &row.method);
    text(out, "error", &row.error);
    int(out, "occurrences", row.occurrences);
    optional(out, "first_seen", row.first_seen);
    optional(out, "last_seen", row.last_seen);
}

// A key and its value. Inlined, so that a key is copied as the constant that it is.

#[inline(always)]
fn text(out: &mut Vec<u8>, key: &str, value: &str) {
    pack::text(out, key);
    pack::text(out, value);
}

#[inline(always)]
fn int(out: &mut Vec<u8>, key: &str, value: i64) {
    pack::text(out, key);
    pack::int(out, value);
}

#[inline(always)]
fn number(out: &mut Vec<u8>, key: &str, value: Num) {
    pack::text(out, key);
    pack::number(out, value);
}

#[inline(always)]
fn optional(out: &mut Vec<u8>, key: &str, value: Option<Num>) {
    pack::text(out, key);
    pack::optional(out, value);
}

#[inline(always)]
fn seconds(out: &mut Vec<u8>, key: &str, value: &PerSecond) {
    pack::text(out, key);
    pack::map(out, value.bins().len());
    for &(second, count) in value.bins() {
        pack::int(out, second);
        pack::int(out, count);
    }
}
