//! Rows as the web UI and the report show them: compact JSON objects, one text per row.

use super::Precision;
use super::json::{write_number, write_string};
use super::table::Span;
use crate::entry::{Entry, current_rate, whole_us};
use crate::num::Num;
use crate::outcomes::Side;
use crate::percentile::percentiles;
use std::fmt::Write;

/// Which percentiles a row names, and how.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// Fractions, 0 to 1.
    pub fractions: &'a [f64],
    /// Their field names, as many.
    pub names: &'a [String],
    /// How exact the row's response times are.
    pub precision: Precision,
}

/// Appends the object of one row.
///
/// Documented minima and maxima are whole milliseconds, halves rounded up. `stalled`: requests have stopped coming, so that
/// the current rates are 0.
pub fn write_row(out: &mut String, entry: &Entry, span: Span, stalled: bool, columns: Columns<'_>) {
    let current = |seconds| match span.last_request {
        Some(last) if !stalled => current_rate(seconds, last, span.start_time),
        _ => 0.0,
    };
    out.push_str("{\"method\":");
    write_string(out, &entry.method);
    out.push_str(",\"name\":");
    write_string(out, &entry.name);
    let times = match columns.precision {
        Precision::Documented => documented_times(entry, columns.fractions),
        Precision::Precise => precise_times(entry, columns.fractions),
    };
    let fields = [
        ("num_requests", Num::Int(entry.num_requests)),
        ("num_failures", Num::Int(entry.num_failures)),
        ("min_response_time", times.minimum),
        ("max_response_time", times.maximum),
        ("current_rps", Num::Float(current(&entry.num_reqs_per_sec))),
        (
            "current_fail_per_sec",
            Num::Float(current(&entry.num_fail_per_sec)),
        ),
        ("avg_response_time", times.mean),
        ("median_response_time", times.median),
        ("total_rps", Num::Float(span.total_rate(entry.num_requests))),
        (
            "total_fail_per_sec",
            Num::Float(span.total_rate(entry.num_failures)),
        ),
    ];
    for (name, value) in fields {
        write_field(out, name, value);
    }
    for (name, value) in columns.names.iter().zip(times.percentiles) {
        write_field(out, name, value);
    }
    write_field(out, "avg_content_length", entry.average_content_length());
    // Where nothing failed, the successes are the row itself.
    if matches!(columns.precision, Precision::Precise) && entry.num_failures > 0 {
        write_side(out, "succeeded", &entry.succeeded(), columns);
        write_side(out, "failed", &entry.failed(), columns);
    }
    out.push('}');
}

/// Appends the times of one side of a row as an object of its own.
fn write_side(out: &mut String, name: &str, side: &Side, columns: Columns<'_>) {
    let time = |time_ms| Num::Float(whole_us(time_ms));
    let _ = write!(out, ",\"{name}\":{{\"num_requests\":{}", side.count());
    write_field(out, "avg_response_time", time(side.mean_ms()));
    let ends = [
        ("min_response_time", 0.0),
        ("max_response_time", 1.0),
        ("median_response_time", 0.5),
    ];
    let names = columns.names.iter().map(String::as_str);
    let percentiles = names.zip(columns.fractions.iter().copied());
    for (name, fraction) in ends.into_iter().chain(percentiles) {
        write_field(out, name, time(side.percentile_ms(fraction)));
    }
    out.push('}');
}

/// The response times of a row.
struct Times {
    minimum: Num,
    maximum: Num,
    mean: Num,
    median: Num,
    percentiles: Vec<Num>,
}

fn documented_times(entry: &Entry, fractions: &[f64]) -> Times {
    Times {
        minimum: entry.min_response_time.map_or(Num::ZERO, whole),
        maximum: whole(entry.max_response_time),
        mean: Num::Float(entry.average_response_time()),
        median: entry.median(),
        percentiles: percentiles(&entry.response_times, entry.num_timed(), fractions),
    }
}

fn precise_times(entry: &Entry, fractions: &[f64]) -> Times {
    let wanted = [&[0.0, 1.0, 0.5], fractions].concat();
    let times: Vec<Num> = entry
        .precise_times_ms(&wanted)
        .into_iter()
        .map(Num::Float)
        .collect();
    Times {
        minimum: times[0],
        maximum: times[1],
        mean: Num::Float(whole_us(entry.average_response_time())),
        median: times[2],
        percentiles: times[3..].to_vec(),
    }
}

fn write_field(out: &mut String, name: &str, value: Num) {
    out.push(',');
    write_string(out, name);
    out.push(':');
    match value {
        // Browsers read finite numbers only.
        Num::Float(float) if !float.is_finite() => out.push_str("null"),
        Num::Int(int) => {
            let _ = write!(out, "{int}");
        }
        float @ Num::Float(_) => write_number(out, float),
    }
}

fn whole(value: Num) -> Num {
    Num::Float(value.as_f64().round())
}

#[cfg(test)]
mod tests {
    use super::{Columns, Precision, Span, write_row};
    use crate::entry::Entry;
    use crate::num::Num;

    fn row(entry: &Entry, stalled: bool) -> String {
        let span = Span {
            start_time: Num::Float(100.0),
            last_request: Some(Num::Float(110.0)),
        };
        let mut out = String::new();
        let names = ["response_time_percentile_0.95".to_owned()];
        let columns = Columns {
            fractions: &[0.95],
            names: &names,
            precision: Precision::Documented,
        };
        write_row(&mut out, entry, span, stalled, columns);
        out
    }

    #[test]
    fn a_row_has_every_column_and_nothing_a_page_could_run() {
        let mut entry = Entry::new("/a\"b", "GET", 100.0, None);
        for _ in 0..5 {
            entry
                .record(103.0, Num::Float(2.5), Num::Int(10))
                .expect("2.5 ms is a time");
        }
        entry.record_failure(103.0);
        assert_eq!(
            row(&entry, false),
            "{\"method\":\"GET\",\"name\":\"/a\\\"b\",\"num_requests\":5,\"num_failures\":1,\
             \"min_response_time\":3.0,\"max_response_time\":3.0,\"current_rps\":0.625,\
             \"current_fail_per_sec\":0.125,\"avg_response_time\":2.5,\"median_response_time\":2.5,\
             \"total_rps\":0.5,\"total_fail_per_sec\":0.1,\"response_time_percentile_0.95\":2,\
             \"avg_content_length\":10.0}"
        );
    }

    #[test]
    fn current_rates_are_zero_after_a_stall() {
        let mut entry = Entry::new("/", "GET", 100.0, None);
        entry
            .record(103.0, Num::Int(7), Num::ZERO)
            .expect("7 ms is a time");
        assert!(row(&entry, true).contains("\"current_rps\":0.0,"));
        assert!(!row(&entry, false).contains("\"current_rps\":0.0,"));
    }

    #[test]
    fn an_unused_row_has_zeros() {
        let shown = row(&Entry::new("/", "GET", 100.0, None), false);
        assert!(
            shown.contains("\"min_response_time\":0,\"max_response_time\":0.0,"),
            "{shown}"
        );
    }
}
