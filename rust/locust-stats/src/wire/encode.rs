//! Writes a worker's report.

use super::{OUR_KEY, precise};
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
#[allow(missing_docs)]
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
    precise: String,
    /// Length of the text of each row in `precise`.
    lengths: Vec<usize>,
}

/// What a row usually needs, in bytes.
const ROW: usize = 512;

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
        write_array_len(&mut out, count);
        Writer {
            out,
            count,
            precise: String::with_capacity(count * 128),
            lengths: Vec::with_capacity(count),
        }
    }

    /// Adds what a row counted. To be called as often as announced.
    pub fn row(&mut self, row: &Entry) {
        write_entry(&mut self.out, row);
        let before = self.precise.len();
        precise::write(&mut self.precise, &row.precise);
        self.lengths.push(self.precise.len() - before);
    }

    /// The whole message.
    ///
    /// # Panics
    /// If fewer or more rows were added than announced.
    #[must_use]
    pub fn finish(self, total: &Entry, errors: &[ErrorRow], envelope: &Envelope<'_>) -> Vec<u8> {
        assert_eq!(self.lengths.len(), self.count, "rows added and announced");
        let mut out = self.out;
        // The length of the map, left open at the start.
        out[8..10].copy_from_slice(&(6 + envelope.extra.len() as u16).to_be_bytes());
        out.extend_from_slice(b"\xabstats_total");
        write_entry(&mut out, total);
        out.extend_from_slice(b"\xa6errors");
        write_map_len(&mut out, errors.len());
        errors.iter().for_each(|error| write_error(&mut out, error));
        out.extend_from_slice(b"\xb2user_classes_count");
        write_map_len(&mut out, envelope.user_classes_count.len());
        for (class, count) in envelope.user_classes_count {
            write_str(&mut out, class);
            write_int(&mut out, *count);
        }
        out.extend_from_slice(b"\xaauser_count");
        write_int(&mut out, envelope.user_count);
        for (key, packed) in envelope.extra {
            write_str(&mut out, key);
            out.extend_from_slice(packed);
        }
        write_str(&mut out, OUR_KEY);
        out.extend_from_slice(b"\x83\xa5clock");
        write_num(&mut out, Num::Float(envelope.clock));
        out.extend_from_slice(b"\xa7precise");
        write_array_len(&mut out, self.count);
        let mut rest = self.precise.as_str();
        for length in self.lengths {
            let (text, behind) = rest.split_at(length);
            write_str(&mut out, text);
            rest = behind;
        }
        out.extend_from_slice(b"\xadprecise_total");
        let mut text = String::new();
        precise::write(&mut text, &total.precise);
        write_str(&mut out, &text);
        write_str(&mut out, envelope.node_id);
        out
    }
}

fn write_entry(out: &mut Vec<u8>, row: &Entry) {
    out.extend_from_slice(b"\x8e\xa4name");
    write_str(out, &row.name);
    out.extend_from_slice(b"\xa6method");
    write_str(out, &row.method);
    out.extend_from_slice(b"\xb6last_request_timestamp");
    write_optional(out, row.last_request_timestamp);
    out.extend_from_slice(b"\xaastart_time");
    write_num(out, row.start_time);
    out.extend_from_slice(b"\xacnum_requests");
    write_int(out, row.num_requests);
    out.extend_from_slice(b"\xb1num_none_requests");
    write_int(out, row.num_none_requests);
    out.extend_from_slice(b"\xacnum_failures");
    write_int(out, row.num_failures);
    out.extend_from_slice(b"\xb3total_response_time");
    write_num(out, row.total_response_time);
    out.extend_from_slice(b"\xb1max_response_time");
    write_num(out, row.max_response_time);
    out.extend_from_slice(b"\xb1min_response_time");
    write_optional(out, row.min_response_time);
    out.extend_from_slice(b"\xb4total_content_length");
    write_num(out, row.total_content_length);
    out.extend_from_slice(b"\xaeresponse_times");
    write_map_len(out, row.response_times.slots().len());
    for &(bucket, count) in row.response_times.slots() {
        write_num(out, bucket);
        write_int(out, count);
    }
    out.extend_from_slice(b"\xb0num_reqs_per_sec");
    write_seconds(out, &row.num_reqs_per_sec);
    out.extend_from_slice(b"\xb0num_fail_per_sec");
    write_seconds(out, &row.num_fail_per_sec);
}

fn write_seconds(out: &mut Vec<u8>, seconds: &PerSecond) {
    write_map_len(out, seconds.bins().len());
    for &(second, count) in seconds.bins() {
        write_int(out, second);
        write_int(out, count);
    }
}

fn write_error(out: &mut Vec<u8>, row: &ErrorRow) {
    write_str(out, &row.key);
    write_map_len(out, 6);
    for (key, value) in [
        ("name", &row.name),
        ("method", &row.method),
        ("error", &row.error),
    ] {
        write_str(out, key);
        write_str(out, value);
    }
    write_str(out, "occurrences");
    write_int(out, row.occurrences);
    write_str(out, "first_seen");
    write_optional(out, row.first_seen);
    write_str(out, "last_seen");
    write_optional(out, row.last_seen);
}

fn write_optional(out: &mut Vec<u8>, number: Option<Num>) {
    match number {
        Some(number) => write_num(out, number),
        None => out.push(0xc0),
    }
}

fn write_num(out: &mut Vec<u8>, number: Num) {
    match number {
        Num::Int(value) => write_int(out, value),
        Num::Float(value) => {
            out.push(0xcb);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

fn write_int(out: &mut Vec<u8>, value: i64) {
    match value {
        0..=0x7f => out.push(value as u8),
        0x80..=0xff => out.extend_from_slice(&[0xcc, value as u8]),
        0x100..=0xffff => {
            out.push(0xcd);
            out.extend_from_slice(&(value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xce);
            out.extend_from_slice(&(value as u32).to_be_bytes());
        }
        0x1_0000_0000.. => {
            out.push(0xcf);
            out.extend_from_slice(&value.to_be_bytes());
        }
        -32..0 => out.push(value as u8),
        _ => {
            out.push(0xd3);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

fn write_str(out: &mut Vec<u8>, text: &str) {
    match text.len() {
        length @ 0..32 => out.push(0xa0 | length as u8),
        length @ 32..0x100 => out.extend_from_slice(&[0xd9, length as u8]),
        length @ 0x100..0x1_0000 => {
            out.push(0xda);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(0xdb);
            out.extend_from_slice(&(length as u32).to_be_bytes());
        }
    }
    out.extend_from_slice(text.as_bytes());
}

fn write_map_len(out: &mut Vec<u8>, length: usize) {
    write_len(out, length, 0x80, 0xde);
}

fn write_array_len(out: &mut Vec<u8>, length: usize) {
    write_len(out, length, 0x90, 0xdc);
}

fn write_len(out: &mut Vec<u8>, length: usize, short: u8, long: u8) {
    if length < 16 {
        out.push(short | length as u8);
    } else if length < 0x1_0000 {
        out.push(long);
        out.extend_from_slice(&(length as u16).to_be_bytes());
    } else {
        out.push(long + 1);
        out.extend_from_slice(&(length as u32).to_be_bytes());
    }
}
