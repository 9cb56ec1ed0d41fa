//! A precise histogram as a short text.
//!
//! Text, because a listener may turn a report into JSON. Each number is written in groups of five bits, lowest
//! first, one character a group; the sixth bit says that more follow. Bins and counts alternate.

use crate::histogram::{BINS, Histogram};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MORE: u64 = 32;

/// Appends the occupied bins of a histogram.
///
/// ```
/// use locust_stats::{histogram::Histogram, wire::precise};
/// let mut histogram = Histogram::default();
/// histogram.record_ms(0.5);
/// let mut text = String::new();
/// precise::write(&mut text, &histogram);
/// let mut pairs = Vec::new();
/// assert!(precise::read(&text, &mut pairs));
/// assert_eq!(pairs, [(378, 1)]);
/// ```
pub fn write(out: &mut String, histogram: &Histogram) {
    for &(bin, count) in histogram.slots() {
        write_number(out, u64::from(bin));
        write_number(out, count);
    }
}

/// Appends the `(bin, count)` pairs of a text; false if it is none of ours.
#[must_use]
pub fn read(text: &str, pairs: &mut Vec<(u16, u64)>) -> bool {
    let mut bytes = text.bytes();
    while bytes.len() > 0 {
        let (Some(bin), Some(count)) = (read_number(&mut bytes), read_number(&mut bytes)) else {
            return false;
        };
        if bin >= BINS as u64 {
            return false;
        }
        pairs.push((bin as u16, count));
    }
    true
}

fn write_number(out: &mut String, mut number: u64) {
    loop {
        let (group, rest) = (number % MORE, number / MORE);
        let more = if rest == 0 { 0 } else { MORE };
        out.push(char::from(DIGITS[(group | more) as usize]));
        if rest == 0 {
            return;
        }
        number = rest;
    }
}

#[inline]
fn read_number(bytes: &mut std::str::Bytes<'_>) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..60).step_by(5) {
        let group = u64::from(VALUES[usize::from(bytes.next()?)]);
        if group == NONE {
            return None;
        }
        number |= (group % MORE) << shift;
        if group < MORE {
            return Some(number);
        }
    }
    None
}

/// The value of a byte that is no digit.
const NONE: u64 = 255;

/// The value of each byte as a digit.
const VALUES: [u8; 256] = {
    let mut values = [NONE as u8; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::{read, write};
    use crate::histogram::Histogram;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(samples in prop::collection::vec((0u16..3_328, 1u64..1 << 50), 0..50)) {
            let mut histogram = Histogram::default();
            samples.iter().for_each(|&(bin, count)| histogram.add(bin, count));
            let mut text = String::new();
            write(&mut text, &histogram);
            let mut pairs = Vec::new();
            prop_assert!(read(&text, &mut pairs));
            prop_assert_eq!(pairs, histogram.slots());
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = read(&text, &mut Vec::new());
        }
    }
}
