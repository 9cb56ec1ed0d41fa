//! The documented buckets of response times: two significant digits, Python's rounding.
//!
//! Below 100 ms a bucket is 1 ms wide, below 1 s 10 ms, below 10 s 100 ms, and 1 s above that. Halves go to the
//! even neighbour. A bucket of the first three ranges also has a small dense index, so that counting is an
//! array access.

use crate::num::Num;

/// Number of buckets with a dense index: 0…99, 100…990, 1000…9900.
pub const DENSE: usize = 280;

/// Response times beyond this many milliseconds (31,000 years) are not numbers that anyone measured.
const LARGEST_MS: f64 = 1e15;

/// The bucket of a response time, in milliseconds; `None` for NaN, infinities and absurd magnitudes.
///
/// ```
/// use locust_stats::{bucket::bucket_ms, num::Num};
/// assert_eq!(bucket_ms(Num::Float(147.2)), Some(150));
/// assert_eq!(bucket_ms(Num::Int(3432)), Some(3400));
/// assert_eq!(bucket_ms(Num::Float(2.5)), Some(2)); // halves to the even neighbour
/// ```
#[must_use]
pub fn bucket_ms(response_time_ms: Num) -> Option<i64> {
    let value = response_time_ms.as_f64();
    if !(-LARGEST_MS..=LARGEST_MS).contains(&value) {
        return None;
    }
    let width = if value < 100.0 {
        return Some(value.round_ties_even() as i64);
    } else if value < 1_000.0 {
        10.0
    } else if value < 10_000.0 {
        100.0
    } else {
        1_000.0
    };
    // `%` is exact for floats, so the tie is found exactly; the quotient then is a whole number.
    let rest = value % width;
    let quotient = (value - rest) / width;
    let up = match (rest * 2.0).partial_cmp(&width) {
        Some(std::cmp::Ordering::Greater) => true,
        Some(std::cmp::Ordering::Equal) => quotient % 2.0 != 0.0,
        _ => false,
    };
    Some(((quotient + f64::from(u8::from(up))) * width) as i64)
}

/// The dense index of a bucket, if it is one of the first [`DENSE`].
#[inline]
#[must_use]
pub fn dense_index(bucket_ms: i64) -> Option<usize> {
    match bucket_ms {
        0..100 => Some(bucket_ms as usize),
        100..1_000 if bucket_ms % 10 == 0 => Some((90 + bucket_ms / 10) as usize),
        1_000..10_000 if bucket_ms % 100 == 0 => Some((180 + bucket_ms / 100) as usize),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{DENSE, bucket_ms, dense_index};
    use crate::num::Num;
    use proptest::prelude::*;

    #[test]
    fn dense_indices_are_distinct_and_in_the_order_of_their_buckets() {
        let buckets: Vec<i64> = (0..100)
            .chain((100..1_000).step_by(10))
            .chain((1_000..10_000).step_by(100))
            .collect();
        let indices: Vec<usize> = buckets
            .iter()
            .filter_map(|&bucket| dense_index(bucket))
            .collect();
        assert_eq!(indices, (0..DENSE).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_no_measurement_has_no_bucket() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(bucket_ms(Num::Float(value)), None);
        }
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cases = [
            (0.5, 0),
            (1.5, 2),
            (99.5, 100),
            (105.0, 100),
            (115.0, 120),
            (995.0, 1000),
            (10_500.0, 10_000),
            (11_500.0, 12_000),
        ];
        for (value, bucket) in cases {
            assert_eq!(bucket_ms(Num::Float(value)), Some(bucket), "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_bucket_is_within_five_percent_or_half_a_millisecond(value in 0.0..3.6e6f64) {
            let bucket = bucket_ms(Num::Float(value)).expect("finite") as f64;
            prop_assert!((bucket - value).abs() <= (value * 0.0501).max(0.5));
        }

        #[test]
        fn buckets_are_monotone(left in 0.0..1e6f64, right in 0.0..1e6f64) {
            let (low, high) = if left <= right { (left, right) } else { (right, left) };
            prop_assert!(bucket_ms(Num::Float(low)) <= bucket_ms(Num::Float(high)));
        }
    }
}
