//! Reads a worker's report by its schema. Unknown keys are kept aside, missing ones have their defaults.

use super::encode::ErrorRow;
use super::reader::{Malformed, Reader, impossible};
use super::{OUR_KEY, intervals, outcomes, phases, precise};
use crate::outcomes::Spread;
use crate::report::{Interval, Report, Row};
use std::ops::Range;

/// Longest name, method or error text that is taken in, in bytes.
const LONGEST_TEXT: usize = 1 << 16;

type Read<T> = Result<T, Malformed>;

/// Reads a message; None if it is well-formed but no report of statistics.
///
/// # Errors
/// If it is malformed, too deep, or a value has the wrong type. Nothing was taken in.
pub fn report(message: &[u8]) -> Read<Option<Report>> {
    report_into(message, Report::default())
}

/// The same in the memory of an earlier report (see [`Report::recycle`]): a message's lists are large enough for
/// the system to hand out fresh pages for them each time, which costs as much as reading it.
///
/// # Errors
/// As [`report`].
pub fn report_into(message: &[u8], mut spare: Report) -> Read<Option<Report>> {
    spare.recycle();
    let mut reader = Reader::new(message);
    let parts = reader.array()?;
    if parts != 3 {
        return Err(impossible("the number of parts of a message", parts));
    }
    if reader.text()? != "stats" {
        reader.skip()?;
        reader.skip()?;
        return reader.end().map(|()| None);
    }
    let mut report = body(&mut reader, spare)?;
    report.node_id = reader.text()?.to_owned();
    reader.end()?;
    Ok(Some(report))
}

fn body(reader: &mut Reader<'_>, mut report: Report) -> Read<Report> {
    let (mut rows, mut total, mut errors) = (false, false, false);
    let mut ours = None;
    for _ in 0..reader.map()? {
        match reader.key()? {
            b"stats" => {
                rows = true;
                report.rows.clear();
                for _ in 0..reader.array()? {
                    let row = row(reader, &mut report)?;
                    report.rows.push(row);
                }
            }
            b"stats_total" => {
                total = true;
                report.total = row(reader, &mut report)?;
            }
            b"errors" => {
                errors = true;
                report.errors = error_rows(reader)?;
            }
            b"user_classes_count" => report.user_classes_count = Some(class_counts(reader)?),
            b"user_count" => report.user_count = Some(reader.int()?),
            // Wherever it stands, it is read when the rows are known.
            key if key == OUR_KEY.as_bytes() => ours = Some(Reader::new(reader.skip()?)),
            key => {
                let key = std::str::from_utf8(key).map_err(|_| Malformed::NotText)?;
                report.extra.push((key.to_owned(), reader.skip()?.to_vec()));
            }
        }
    }
    for (there, name) in [(rows, "stats"), (total, "stats_total"), (errors, "errors")] {
        if !there {
            return Err(Malformed::Missing(name));
        }
    }
    if let Some(mut reader) = ours {
        our_part(&mut reader, &mut report)?;
    }
    Ok(report)
}

fn our_part(reader: &mut Reader<'_>, report: &mut Report) -> Read<()> {
    for _ in 0..reader.map()? {
        match reader.key()? {
            b"clock" => report.clock = Some(reader.number()?.as_f64()),
            b"precise" => {
                for position in 0..reader.array()? {
                    let bins = bins(reader, report)?;
                    if let Some(row) = report.rows.get_mut(position) {
                        row.precise = bins;
                    }
                }
            }
            b"precise_total" => report.total.precise = bins(reader, report)?,
            b"outcomes" => {
                for position in 0..reader.array()? {
                    let found = outcomes::read(reader, &mut report.bins)?;
                    if let (Some(row), Some(found)) = (report.rows.get_mut(position), found) {
                        row.outcomes = found;
                    }
                }
            }
            b"intervals" => {
                for position in 0..reader.array()? {
                    let found = interval_bins(reader, report)?;
                    if let Some(row) = report.rows.get_mut(position) {
                        row.intervals = found;
                    }
                }
            }
            b"intervals_total" => report.total.intervals = interval_bins(reader, report)?,
            b"phases" => {
                for position in 0..reader.array()? {
                    let found = phases::read(reader)?;
                    if let Some(row) = report.rows.get_mut(position) {
                        row.phases = found;
                    }
                }
            }
            b"phases_total" => report.total.phases = phases::read(reader)?,
            b"outcomes_total" => {
                if let Some(found) = outcomes::read(reader, &mut report.bins)? {
                    report.total.outcomes = found;
                }
            }
            _ => reader.skip().map(|_| ())?,
        }
    }
    for row in report.rows.iter_mut().chain([&mut report.total]) {
        // Where nothing failed, the row itself says how long the successes took.
        if row.outcomes.failed_bins.is_empty()
            && !(row.precise.is_empty() && row.intervals.is_empty())
        {
            row.outcomes.succeeded = Spread::of(&row.numbers);
        }
    }
    Ok(())
}

fn interval_bins(reader: &mut Reader<'_>, report: &mut Report) -> Read<Range<usize>> {
    let start = report.intervals.len();
    let intervals = &mut report.intervals;
    let keep = |age_s, bins| intervals.push(Interval { age_s, bins });
    if !intervals::read(reader.key()?, &mut report.bins, keep) {
        return Err(impossible("the intervals of a row", "unreadable"));
    }
    Ok(start..report.intervals.len())
}

fn bins(reader: &mut Reader<'_>, report: &mut Report) -> Read<Range<usize>> {
    let start = report.bins.len();
    if !precise::read(reader.key()?, &mut report.bins) {
        return Err(impossible("a precise histogram", "unreadable"));
    }
    Ok(start..report.bins.len())
}

/// Reads a row; its lists go behind those of the rows before.
fn row(reader: &mut Reader<'_>, report: &mut Report) -> Read<Row> {
    let mut ahead = reader.clone();
    if let Some(row) = row_in_order(&mut ahead, report) {
        *reader = ahead;
        return Ok(row);
    }
    row_in_any_order(reader, report)
}

/// The same of a row as Locust writes it, without a look at what else its keys might be.
fn row_in_order(reader: &mut Reader<'_>, report: &mut Report) -> Option<Row> {
    let mut row = Row::default();
    let numbers = &mut row.numbers;
    reader.pass(b"\x8e\xa4name").then_some(())?;
    row.name = append_text(reader, "name", &mut report.texts).ok()?;
    reader.pass(b"\xa6method").then_some(())?;
    row.method = append_text(reader, "method", &mut report.texts).ok()?;
    reader.pass(b"\xb6last_request_timestamp").then_some(())?;
    numbers.last_request_timestamp = reader.optional().ok()?;
    reader.pass(b"\xaastart_time").then_some(())?;
    numbers.start_time = reader.optional().ok()?;
    reader.pass(b"\xacnum_requests").then_some(())?;
    numbers.num_requests = reader.int().ok()?;
    reader.pass(b"\xb1num_none_requests").then_some(())?;
    numbers.num_none_requests = reader.int().ok()?;
    reader.pass(b"\xacnum_failures").then_some(())?;
    numbers.num_failures = reader.int().ok()?;
    reader.pass(b"\xb3total_response_time").then_some(())?;
    numbers.total_response_time = reader.number().ok()?;
    reader.pass(b"\xb1max_response_time").then_some(())?;
    numbers.max_response_time = reader.number().ok()?;
    reader.pass(b"\xb1min_response_time").then_some(())?;
    numbers.min_response_time = reader.optional().ok()?;
    reader.pass(b"\xb4total_content_length").then_some(())?;
    numbers.total_content_length = reader.number().ok()?;
    reader.pass(b"\xaeresponse_times").then_some(())?;
    row.response_times = append_pairs(reader, &mut report.buckets, Reader::number).ok()?;
    reader.pass(b"\xb0num_reqs_per_sec").then_some(())?;
    row.num_reqs_per_sec = append_pairs(reader, &mut report.seconds, Reader::int).ok()?;
    reader.pass(b"\xb0num_fail_per_sec").then_some(())?;
    row.num_fail_per_sec = append_pairs(reader, &mut report.seconds, Reader::int).ok()?;
    Some(row)
}

/// The same of a row whose keys come in any order.
fn row_in_any_order(reader: &mut Reader<'_>, report: &mut Report) -> Read<Row> {
    let mut row = Row::default();
    let (mut name, mut method) = (false, false);
    let numbers = &mut row.numbers;
    for _ in 0..reader.map()? {
        match reader.key()? {
            b"name" => {
                name = true;
                row.name = append_text(reader, "name", &mut report.texts)?;
            }
            b"method" => {
                method = true;
                row.method = append_text(reader, "method", &mut report.texts)?;
            }
            b"last_request_timestamp" => numbers.last_request_timestamp = reader.optional()?,
            b"start_time" => numbers.start_time = reader.optional()?,
            b"num_requests" => numbers.num_requests = reader.int()?,
            b"num_none_requests" => numbers.num_none_requests = reader.int()?,
            b"num_failures" => numbers.num_failures = reader.int()?,
            b"total_response_time" => numbers.total_response_time = reader.number()?,
            b"max_response_time" => numbers.max_response_time = reader.number()?,
            b"min_response_time" => numbers.min_response_time = reader.optional()?,
            b"total_content_length" => numbers.total_content_length = reader.number()?,
            b"response_times" => {
                row.response_times = append_pairs(reader, &mut report.buckets, Reader::number)?
            }
            b"num_reqs_per_sec" => {
                row.num_reqs_per_sec = append_pairs(reader, &mut report.seconds, Reader::int)?
            }
            b"num_fail_per_sec" => {
                row.num_fail_per_sec = append_pairs(reader, &mut report.seconds, Reader::int)?
            }
            _ => reader.skip().map(|_| ())?,
        }
    }
    match (name, method) {
        (true, true) => Ok(row),
        (false, _) => Err(Malformed::Missing("the name of a row")),
        (_, false) => Err(Malformed::Missing("the method of a row")),
    }
}

fn append_text(
    reader: &mut Reader<'_>,
    field: &'static str,
    texts: &mut String,
) -> Read<Range<usize>> {
    let start = texts.len();
    texts.push_str(short_text(reader, field)?);
    Ok(start..texts.len())
}

fn append_pairs<'a, K: From<i64>>(
    reader: &mut Reader<'a>,
    pairs: &mut Vec<(K, i64)>,
    key: impl Fn(&mut Reader<'a>) -> Read<K>,
) -> Read<Range<usize>> {
    let start = pairs.len();
    for _ in 0..reader.map()? {
        pairs.push(match reader.short_pair() {
            Some((key, count)) => (K::from(key), count),
            None => (key(reader)?, reader.int()?),
        });
    }
    Ok(start..pairs.len())
}

fn error_rows(reader: &mut Reader<'_>) -> Read<Vec<ErrorRow>> {
    let count = reader.map()?;
    (0..count)
        .map(|_| {
            let key = short_text(reader, "the key of an error")?.to_owned();
            error_row(reader, key)
        })
        .collect()
}

fn error_row(reader: &mut Reader<'_>, key: String) -> Read<ErrorRow> {
    let mut row = ErrorRow {
        key,
        ..ErrorRow::default()
    };
    let mut seen = 0;
    for _ in 0..reader.map()? {
        seen += 1;
        match reader.key()? {
            b"name" => row.name = short_text(reader, "name")?.to_owned(),
            b"method" => row.method = short_text(reader, "method")?.to_owned(),
            b"error" => row.error = short_text(reader, "error")?.to_owned(),
            b"occurrences" => row.occurrences = reader.int()?,
            b"first_seen" => row.first_seen = reader.optional()?,
            b"last_seen" => row.last_seen = reader.optional()?,
            _ => reader.skip().map(|_| ())?,
        }
    }
    if seen < 4 {
        return Err(Malformed::Missing("a field of an error"));
    }
    Ok(row)
}

fn class_counts(reader: &mut Reader<'_>) -> Read<Vec<(String, i64)>> {
    let count = reader.map()?;
    (0..count)
        .map(|_| {
            Ok((
                short_text(reader, "a class name")?.to_owned(),
                reader.int()?,
            ))
        })
        .collect()
}

fn short_text<'a>(reader: &mut Reader<'a>, field: &'static str) -> Read<&'a str> {
    let text = reader.text()?;
    if text.len() > LONGEST_TEXT {
        return Err(impossible(field, format!("a text of {} bytes", text.len())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::report;
    use crate::entry::Entry;
    use crate::histogram::Histogram;
    use crate::num::Num;
    use crate::report::Delta;
    use crate::wire::encode::{Envelope, ErrorRow, Writer};
    use proptest::prelude::*;

    fn packed(row: &Entry, tick: i64) -> Vec<u8> {
        let mut writer = Writer::new(1).at(tick);
        writer.row(row);
        writer.finish(row, &[], &Envelope::default())
    }

    fn sample(name: &str, times_ms: &[f64]) -> Entry {
        let mut entry = Entry::new(name, "GET", 1_000.0, None);
        for (position, &time) in times_ms.iter().enumerate() {
            entry
                .record(
                    1_000.0 + position as f64 / 7.0,
                    Num::Float(time),
                    Num::Int(9),
                )
                .expect("a time");
        }
        entry
    }

    #[test]
    fn a_message_of_another_type_is_no_report() {
        assert_eq!(report(b"\x93\xa9heartbeat\xc0\xa1x"), Ok(None));
    }

    #[test]
    fn fields_that_are_needed_are_asked_for() {
        assert!(report(b"\x93\xa5stats\x80\xa1x").is_err());
    }

    #[test]
    fn what_surrounds_the_rows_arrives() {
        let classes = [("Shopper".to_owned(), 3)];
        let extra = [("sequence".to_owned(), vec![0x07])];
        let envelope = Envelope {
            node_id: "w1",
            user_count: 3,
            user_classes_count: &classes,
            clock: 12.5,
            extra: &extra,
        };
        let error = ErrorRow {
            key: "k".into(),
            name: "n".into(),
            occurrences: 2,
            ..ErrorRow::default()
        };
        let frame = Writer::new(0).finish(
            &sample("Aggregated", &[]),
            std::slice::from_ref(&error),
            &envelope,
        );
        let read = report(&frame).expect("well-formed").expect("a report");
        assert_eq!(
            (read.node_id.as_str(), read.user_count, read.clock),
            ("w1", Some(3), Some(12.5))
        );
        assert_eq!(read.user_classes_count.as_deref(), Some(&classes[..]));
        assert_eq!((read.extra, read.errors), (extra.to_vec(), vec![error]));
    }

    proptest! {
        #[test]
        fn what_was_packed_is_unpacked(times in prop::collection::vec(0.0..90_000.0f64, 0..80)) {
            let (row, total) = (sample("/é", &times), sample("Aggregated", &times));
            let mut writer = Writer::new(1);
            writer.row(&row);
            let frame = writer.finish(&total, &[], &Envelope::default());
            let read = report(&frame).expect("well-formed").expect("a report");
            let deltas: Vec<_> = read.rows().chain([read.total()]).collect();
            prop_assert_eq!(deltas.len(), 2);
            for (delta, counted) in deltas.into_iter().zip([&row, &total]) {
                let mut merged = Entry::new(&counted.name, &counted.method, 1_000.0, None);
                merged.absorb_at(delta, 0);
                prop_assert_eq!((delta.name, delta.method), (&*counted.name, &*counted.method));
                prop_assert_eq!(Delta::from(&merged), Delta::from(counted));
                prop_assert_eq!(merged.timeline.all(), counted.timeline.all());
            }
        }

        #[test]
        fn a_report_gives_the_distribution_whatever_its_interval(
            times in prop::collection::vec((0i64..2_000, 1u32..90_000), 0..120),
            span_s in prop::sample::select(vec![1i64, 3, 12, 2_000]),
        ) {
            // Beyond some seconds the intervals are coarser than the whole, which then travels beside them.
            let mut times = times;
            times.sort_unstable();
            let mut worker = Entry::new("/", "GET", 0.0, None);
            for &(tick, us) in &times {
                let time = Num::Float(f64::from(us) / 1_000.0);
                worker.record_at(tick % span_s, 5.0, time, Num::Int(1)).expect("a time");
            }
            let frame = packed(&worker, span_s);
            let read = report(&frame).expect("well-formed").expect("a report");
            let mut master = Entry::new("/", "GET", 0.0, None);
            for delta in [read.rows().next().expect("a row"), read.total()] {
                master.absorb_at(delta, 70_000);
            }
            // As earlier versions tell it: the whole beside its intervals, whether or not these are exact.
            let mut dated = Vec::new();
            worker.timeline.each(|last, bins| dated.push((span_s - last, bins.to_vec())));
            let intervals = dated.iter().map(|(age_s, bins)| (*age_s, bins.as_slice()));
            master.absorb_distribution(worker.timeline.all().slots(), intervals, 70_000);

            let mut thrice = Histogram::default();
            (0..3).for_each(|_| thrice.merge(&worker.timeline.all()));
            prop_assert_eq!(master.timeline.all(), thrice);
            let points = master.timeline.points();
            let slots = points.iter().flat_map(|point| &point.bins);
            prop_assert_eq!(slots.map(|slot| slot.count()).sum::<u64>(), 3 * times.len() as u64);
        }

        #[test]
        fn damaged_messages_are_refused_or_read_but_never_panic(at in 0usize..600, value in any::<u8>(), cut in 0usize..600) {
            let mut writer = Writer::new(1);
            writer.row(&sample("/", &[1.0, 20.0, 300.0]));
            let mut frame = writer.finish(&sample("Aggregated", &[1.0]), &[], &Envelope::default());
            let position = at % frame.len();
            frame[position] = value;
            let _ = report(&frame);
            frame.truncate(cut % frame.len());
            prop_assert!(report(&frame).is_err());
        }

        #[test]
        fn merging_any_split_is_exact(times in prop::collection::vec((0usize..4, 1u32..9_000_000), 1..200)) {
            // Whole microseconds whose sums are exact, so that the order of addition cannot show.
            let ms = |us: u32| f64::from(us) / 8.0;
            let mut whole = Entry::new("/", "GET", 0.0, None);
            let mut parts: Vec<Entry> = (0..4).map(|_| Entry::new("/", "GET", 0.0, None)).collect();
            for (position, &(part, us)) in times.iter().enumerate() {
                let now = 100.0 + position as f64;
                let tick = (position % 3 > 0).then_some(position as i64 / 9);
                whole.record_at(tick, now, Num::Float(ms(us)), Num::Int(1)).expect("a time");
                parts[part].record_at(tick, now, Num::Float(ms(us)), Num::Int(1)).expect("a time");
            }
            let mut merged = Entry::new("/", "GET", 0.0, None);
            for part in &parts {
                merged.extend(part);
            }
            prop_assert_eq!(&merged.response_times, &whole.response_times);
            prop_assert_eq!(&merged.num_reqs_per_sec, &whole.num_reqs_per_sec);
            prop_assert_eq!(merged.timeline.all(), whole.timeline.all());
            prop_assert_eq!(merged.num_requests, whole.num_requests);
            prop_assert_eq!(merged.total_response_time.as_f64(), whole.total_response_time.as_f64());
            prop_assert_eq!(merged.min_response_time, whole.min_response_time);
            prop_assert_eq!(merged.max_response_time.as_f64(), whole.max_response_time.as_f64());
            prop_assert_eq!(merged.last_request_timestamp, whole.last_request_timestamp);
        }
    }
}
