//! A precise histogram as a short text.
//!
//! Text, because a listener may turn a report into JSON. Each number is written in groups of five bits, lowest
//! first, one character a group; the sixth bit says that more follow. Bins and counts alternate.

use super::pack;
use crate::histogram::{BINS, Histogram, Slot};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MORE: u64 = 32;

/// Appends the occupied bins of a histogram, in ASCII.
///
/// ```
/// use locust_stats::{histogram::{Histogram, Slot}, wire::precise};
/// let mut histogram = Histogram::default();
/// histogram.record_ms(0.5);
/// let mut text = Vec::new();
/// precise::write(&mut text, &histogram);
/// let mut bins = Vec::new();
/// assert!(precise::read(&text, &mut bins));
/// assert_eq!(bins, [Slot::new(378, 1)]);
/// ```
pub fn write(out: &mut Vec<u8>, histogram: &Histogram) {
    write_bins(out, histogram.slots());
}

/// The same of bins, ascending.
pub fn write_bins(out: &mut Vec<u8>, bins: &[Slot]) {
    let short = |slot: &Slot| {
        let (bin, count) = (u64::from(slot.bin()), slot.count());
        // Most bins take three characters and most counts one; known lengths are written at once.
        if bin < MORE * MORE || count >= MORE {
            return Err((bin, count));
        }
        let groups = [
            (bin % MORE) | MORE,
            (bin / MORE % MORE) | MORE,
            bin / MORE / MORE,
            count,
        ];
        Ok((groups.map(digit), 4))
    };
    pack::runs(out, bins, short, write_both);
}

/// Appends ascending bins as their distances, with their counts.
pub(super) fn write_steps(out: &mut Vec<u8>, bins: &[Slot]) {
    let mut before = 0;
    let short = |slot: &Slot| {
        let (step, count) = (slot.bin() - before, slot.count());
        before = slot.bin();
        match STEPS.get(usize::from(step)) {
            Some(&(characters, length)) if count < MORE => {
                let count = u32::from(digit(count)) << (8 * length);
                Ok(((characters | count).to_le_bytes(), length as usize + 1))
            }
            _ => Err((u64::from(step), count)),
        }
    };
    pack::runs(out, bins, short, write_both);
}

fn write_both(out: &mut Vec<u8>, (number, count): (u64, u64)) {
    write_number(out, number);
    write_number(out, count);
}

/// The characters of the numbers that take one or two, lowest first, and how many these are.
const STEPS: [(u32, u32); (MORE * MORE) as usize] = {
    let mut steps = [(0, 1); (MORE * MORE) as usize];
    let mut step = 0;
    while step < steps.len() {
        let (low, high) = (step % MORE as usize, step / MORE as usize);
        steps[step] = if high == 0 {
            (DIGITS[low] as u32, 1)
        } else {
            let low = DIGITS[low + MORE as usize] as u32;
            (low | (DIGITS[high] as u32) << 8, 2)
        };
        step += 1;
    }
    steps
};

/// Appends `count` bins of a text of [`write_steps`], and passes over them.
pub(super) fn read_steps(
    bytes: &mut std::slice::Iter<'_, u8>,
    count: u64,
    bins: &mut Vec<Slot>,
) -> Option<()> {
    // What is announced may be more than there is.
    bins.reserve((count as usize).min(bytes.len() / 2));
    let mut bin = 0;
    let mut left = bytes.as_slice();
    for _ in 0..count {
        let (step, count);
        (step, count, left) = match short_step(left) {
            Some(found) => found,
            None => {
                let mut bytes = left.iter();
                let found = (read_number(&mut bytes)?, read_number(&mut bytes)?);
                (found.0, found.1, bytes.as_slice())
            }
        };
        bin += step;
        if bin >= BINS as u64 {
            return None;
        }
        bins.push(Slot::new(bin as u16, count));
    }
    *bytes = left.iter();
    Some(())
}

/// A step of one or two characters, a count of one, and what follows; `None` for anything else.
#[inline(always)]
fn short_step(text: &[u8]) -> Option<(u64, u64, &[u8])> {
    let &[first, second, third, ..] = text else {
        return None;
    };
    let value = |digit: u8| u64::from(VALUES[usize::from(digit)]);
    match (value(first), value(second)) {
        (step @ 0..MORE, count @ 0..MORE) => Some((step, count, &text[2..])),
        (low @ MORE..64, high @ 0..MORE) => {
            let count = value(third);
            (count < MORE).then_some(((low % MORE) | high << 5, count, &text[3..]))
        }
        _ => None,
    }
}

/// Appends the bins of a text; false if it is none of ours.
#[must_use]
pub fn read(text: &[u8], bins: &mut Vec<Slot>) -> bool {
    let mut bytes = text.iter();
    while bytes.len() > 0 {
        if let Some(samples) = short(bytes.as_slice()) {
            bins.push(samples);
            bytes = bytes.as_slice()[4..].iter();
            continue;
        }
        let (Some(bin), Some(count)) = (read_number(&mut bytes), read_number(&mut bytes)) else {
            return false;
        };
        if bin >= BINS as u64 {
            return false;
        }
        bins.push(Slot::new(bin as u16, count));
    }
    true
}

/// Three characters of a bin and one of its count, as [`write()`] puts most; `None` for anything else.
#[inline]
fn short(text: &[u8]) -> Option<Slot> {
    let &[low, middle, high, count, ..] = text else {
        return None;
    };
    let groups = [low, middle, high, count].map(|digit| u64::from(VALUES[usize::from(digit)]));
    let [
        low @ MORE..64,
        middle @ MORE..64,
        high @ 0..MORE,
        count @ 0..MORE,
    ] = groups
    else {
        return None;
    };
    let bin = (low % MORE) | (middle % MORE) << 5 | high << 10;
    (bin < BINS as u64).then(|| Slot::new(bin as u16, count))
}

/// The character of the lowest six bits.
#[inline]
fn digit(group: u64) -> u8 {
    DIGITS[(group % 64) as usize]
}

pub(super) fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= MORE {
        out.push(digit((number % MORE) | MORE));
        number /= MORE;
    }
    out.push(digit(number));
}

#[inline]
pub(super) fn read_number(bytes: &mut std::slice::Iter<'_, u8>) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..60).step_by(5) {
        let group = u64::from(VALUES[usize::from(*bytes.next()?)]);
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

/// The value of a byte that is not a digit.
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
    use crate::histogram::{Histogram, Slot};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(samples in prop::collection::vec((0u16..3_328, 1u64..1 << 45), 0..50), few in prop::collection::vec(0u16..3_328, 0..50)) {
            let mut histogram = Histogram::default();
            samples.iter().for_each(|&(bin, count)| histogram.add(Slot::new(bin, count)));
            few.iter().for_each(|&bin| histogram.add(Slot::new(bin, 1)));
            let mut text = Vec::new();
            write(&mut text, &histogram);
            prop_assert!(text.is_ascii());
            let mut bins = Vec::new();
            prop_assert!(read(&text, &mut bins));
            prop_assert_eq!(bins, histogram.slots());
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            let _ = read(text.as_bytes(), &mut Vec::new());
        }
    }
}
