//! Golden vectors that the Python tests read too: samples and what Locust 2.47 makes of them.

use locust_stats::entry::Entry;
use locust_stats::num::Num;
use serde_json::Value;

const VECTORS: &str = include_str!("../../../tests/vectors/stats_percentiles.json");

fn number(value: &Value) -> Num {
    match value.as_i64() {
        Some(integer) => Num::Int(integer),
        None => Num::Float(value.as_f64().expect("a number")),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

#[test]
fn samples_give_locusts_buckets_and_percentiles() {
    let cases: Value = serde_json::from_str(VECTORS).expect("JSON");
    assert!(!list(&cases).is_empty());
    for case in list(&cases) {
        let mut entry = Entry::new("/", "GET", 0.0, None);
        for time in list(&case["times_ms"]) {
            entry
                .record(1_000.0, number(time), Num::Int(3))
                .expect("a time");
        }
        let mut buckets: Vec<(i64, i64)> = entry
            .response_times
            .slots()
            .iter()
            .map(|&(bucket, count)| (bucket.truncated(), count))
            .collect();
        buckets.sort_unstable();
        let expected: Vec<(i64, i64)> = list(&case["buckets"])
            .iter()
            .map(|pair| (number(&pair[0]).truncated(), number(&pair[1]).truncated()))
            .collect();
        assert_eq!(buckets, expected, "{}", case["id"]);
        for (fraction, expected) in list(&case["fractions"])
            .iter()
            .zip(list(&case["percentiles"]))
        {
            let fraction = number(fraction).as_f64();
            assert_eq!(
                entry.percentile(fraction),
                number(expected),
                "{} at {fraction}",
                case["id"]
            );
        }
        assert_eq!(entry.median(), number(&case["median"]), "{}", case["id"]);
        assert_eq!(
            entry.total_response_time,
            number(&case["total"]),
            "{}",
            case["id"]
        );
        assert_eq!(
            entry.min_response_time,
            Some(number(&case["min"])),
            "{}",
            case["id"]
        );
        assert_eq!(
            entry.max_response_time,
            number(&case["max"]),
            "{}",
            case["id"]
        );
    }
}
