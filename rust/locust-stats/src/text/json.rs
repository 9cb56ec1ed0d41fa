//! Rows as JSON, indented by four blanks, as Python's `json.dumps(…, indent=4)` writes them.

use super::number::write_repr;
use crate::entry::{Entry, whole_us};
use crate::num::Num;
use crate::outcomes::Side;
use crate::phases::Phases;
use std::fmt::Write;

/// A list of rows being written; with `warning` as a field of each, and the precise times at `fractions`.
#[derive(Debug)]
pub struct RowList<'a> {
    out: String,
    warning: Option<&'a str>,
    fractions: &'a [(f64, String)],
}

impl<'a> RowList<'a> {
    /// No rows.
    #[must_use]
    pub fn new(warning: Option<&'a str>, fractions: &'a [(f64, String)]) -> Self {
        RowList {
            out: String::new(),
            warning,
            fractions,
        }
    }

    /// Adds a row.
    pub fn add(&mut self, row: &Entry) {
        let start = if self.out.is_empty() { "[" } else { "," };
        self.out.push_str(start);
        self.out.push_str("\n    ");
        write_entry(&mut self.out, row, self.warning, self.fractions);
    }

    /// The list.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.out
            .push_str(if self.out.is_empty() { "[]" } else { "\n]" });
        self.out
    }
}

fn write_entry(out: &mut String, row: &Entry, warning: Option<&str>, fractions: &[(f64, String)]) {
    out.push('{');
    let mut fields = Fields { out, first: true };
    write_string(fields.named("name"), &row.name);
    write_string(fields.named("method"), &row.method);
    write_optional(
        fields.named("last_request_timestamp"),
        row.last_request_timestamp,
    );
    write_number(fields.named("start_time"), row.start_time);
    write_number(fields.named("num_requests"), Num::Int(row.num_requests));
    write_number(
        fields.named("num_none_requests"),
        Num::Int(row.num_none_requests),
    );
    write_number(fields.named("num_failures"), Num::Int(row.num_failures));
    write_number(fields.named("total_response_time"), row.total_response_time);
    write_number(fields.named("max_response_time"), row.max_response_time);
    write_optional(fields.named("min_response_time"), row.min_response_time);
    write_number(
        fields.named("total_content_length"),
        row.total_content_length,
    );
    write_counts(
        fields.named("response_times"),
        row.response_times.slots().iter().copied(),
    );
    let seconds = |bins: &[(i64, i64)]| {
        bins.iter()
            .map(|&(at, n)| (Num::Int(at), n))
            .collect::<Vec<_>>()
    };
    write_counts(
        fields.named("num_reqs_per_sec"),
        seconds(row.num_reqs_per_sec.bins()).into_iter(),
    );
    write_counts(
        fields.named("num_fail_per_sec"),
        seconds(row.num_fail_per_sec.bins()).into_iter(),
    );
    if !fractions.is_empty() {
        let whole = row.timeline.all();
        let all = |fraction| row.precise_percentile_in(&whole, fraction);
        write_precise(fields.named("precise_response_times"), None, all, fractions);
        let sides = [
            ("succeeded_response_times", row.succeeded()),
            ("failed_response_times", row.failed()),
        ];
        for (name, side) in sides {
            let at = |fraction| side.percentile_ms(fraction);
            write_precise(fields.named(name), Some(&side), at, fractions);
        }
    }
    if let Some(phases) = row.phases() {
        write_phases(fields.named("phases"), phases);
    }
    if let Some(warning) = warning {
        write_string(fields.named("warning"), warning);
    }
    out.push_str("\n    }");
}

/// Writes the names and commas of an object's fields.
struct Fields<'a> {
    out: &'a mut String,
    first: bool,
}

impl Fields<'_> {
    fn named(&mut self, name: &str) -> &mut String {
        let comma = if std::mem::take(&mut self.first) {
            ""
        } else {
            ","
        };
        let _ = write!(self.out, "{comma}\n        \"{name}\": ");
        self.out
    }
}

fn write_counts(out: &mut String, counts: impl Iterator<Item = (Num, i64)>) {
    out.push('{');
    let mut empty = true;
    for (key, count) in counts {
        out.push_str(if empty {
            "\n            \""
        } else {
            ",\n            \""
        });
        empty = false;
        write_number(out, key);
        let _ = write!(out, "\": {count}");
    }
    out.push_str(if empty { "}" } else { "\n        }" });
}

/// `{"count": …, "avg": …, "min": …, "max": …, "0.5": …}` in milliseconds; the first two of a side only.
fn write_precise(
    out: &mut String,
    side: Option<&Side>,
    time_ms: impl Fn(f64) -> f64,
    fractions: &[(f64, String)],
) {
    out.push('{');
    if let Some(side) = side {
        let mean = Num::Float(whole_us(side.mean_ms()));
        let _ = write!(out, "\n            \"count\": {},", side.count());
        out.push_str("\n            \"avg\": ");
        write_number(out, mean);
        out.push(',');
    }
    let ends = [(0.0, "min"), (1.0, "max")];
    let named = fractions
        .iter()
        .map(|(fraction, name)| (*fraction, name.as_str()));
    for (position, (fraction, name)) in ends.into_iter().chain(named).enumerate() {
        out.push_str(if position == 0 { "" } else { "," });
        out.push_str("\n            ");
        write_string(out, name);
        out.push_str(": ");
        write_number(out, Num::Float(whole_us(time_ms(fraction))));
    }
    out.push_str("\n        }");
}

/// Counts and bytes, then count, mean and maximum of each phase in milliseconds.
fn write_phases(out: &mut String, phases: &Phases) {
    let counts = [
        ("requests", phases.exchanges),
        ("connections_opened", phases.opened),
        ("connections_reused", phases.reused()),
        ("retries", phases.retried),
        ("bytes_sent", phases.sent_bytes),
        ("bytes_received", phases.received_bytes),
    ];
    out.push('{');
    for (position, (name, count)) in counts.into_iter().enumerate() {
        let comma = if position == 0 { "" } else { "," };
        let _ = write!(out, "{comma}\n            \"{name}\": {count}");
    }
    for (name, lap) in phases.laps() {
        let _ = write!(out, ",\n            \"{name}\": {{");
        let _ = write!(out, "\n                \"count\": {}", lap.count);
        for (key, time_ms) in [("avg", lap.mean_ms()), ("max", lap.most_ms())] {
            let _ = write!(out, ",\n                \"{key}\": ");
            write_number(out, Num::Float(whole_us(time_ms)));
        }
        out.push_str("\n            }");
    }
    out.push_str("\n        }");
}

fn write_optional(out: &mut String, number: Option<Num>) {
    match number {
        Some(number) => write_number(out, number),
        None => out.push_str("null"),
    }
}

pub(super) fn write_number(out: &mut String, number: Num) {
    match number {
        Num::Float(value) if value.is_nan() => out.push_str("NaN"),
        Num::Float(f64::INFINITY) => out.push_str("Infinity"),
        Num::Float(f64::NEG_INFINITY) => out.push_str("-Infinity"),
        number => write_repr(out, number),
    }
}

/// A JSON string in ASCII: everything else is escaped, as Python does by default.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    if text.bytes().all(is_literal) {
        out.push_str(text);
        out.push('"');
        return;
    }
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

fn is_literal(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use super::{RowList, write_string};

    #[test]
    fn strings_are_ascii() {
        let mut out = String::new();
        write_string(&mut out, "a\"\\\u{1}é😀\u{7f}");
        assert_eq!(out, "\"a\\\"\\\\\\u0001\\u00e9\\ud83d\\ude00\\u007f\"");
    }

    #[test]
    fn no_rows_are_an_empty_list() {
        let out = RowList::new(None, &[]).finish();
        assert_eq!(out, "[]");
    }
}
