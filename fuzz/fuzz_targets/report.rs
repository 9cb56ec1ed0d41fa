//! A worker's report with bytes changed anywhere, and bytes of no sender at all: read and merged, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locust_stats::entry::Entry;
use locust_stats::num::Num;
use locust_stats::wire::decode;
use locust_stats::wire::encode::{Envelope, ErrorRow, Writer};
use locust_stats::wire::reader;

fn a_report() -> Vec<u8> {
    let mut row = Entry::new("/products", "GET", 1_700_000_000.0, Some(20));
    for (second, time_ms) in [0.2, 3.0, 40.0, 500.0, 60_000.0].into_iter().enumerate() {
        row.record(
            1_700_000_000.0 + second as f64,
            Num::Float(time_ms),
            Num::Int(300),
        )
        .expect("these are times");
    }
    row.record_failure(1_700_000_003.0);
    let error = ErrorRow {
        key: "e3b0c442".to_owned(),
        name: row.name.clone(),
        method: row.method.clone(),
        error: "refused".to_owned(),
        occurrences: 1,
        first_seen: Some(Num::Float(1_700_000_003.0)),
        last_seen: None,
    };
    let classes = [("Shopper".to_owned(), 5)];
    let envelope = Envelope {
        node_id: "worker_1",
        user_count: 5,
        user_classes_count: &classes,
        clock: 1_700_000_005.0,
        ..Envelope::default()
    };
    let mut writer = Writer::new(1);
    writer.row(&row);
    writer.finish(&row, &[error], &envelope)
}

fn take_in(message: &[u8]) {
    let Ok(Some(mut report)) = decode::report(message) else {
        return;
    };
    assert!(
        reader::check(message).is_ok(),
        "what is read is well-formed"
    );
    report.shift(-3600.0);
    let mut total = Entry::new("Aggregated", "", 0.0, None);
    for row in report.rows() {
        total.absorb(row);
    }
    let _ = (total.median(), total.percentile(0.95));
    let _ = (total.precise_percentile_ms(0.5), total.fail_ratio());
}

fuzz_target!(|input: (Vec<(u16, u8)>, u16, &[u8])| {
    let (changes, cut, bytes) = input;
    take_in(bytes);
    let mut message = a_report();
    for (place, byte) in changes {
        let place = usize::from(place) % message.len();
        message[place] = byte;
    }
    take_in(&message);
    message.truncate(usize::from(cut) % (message.len() + 1));
    take_in(&message);
});
