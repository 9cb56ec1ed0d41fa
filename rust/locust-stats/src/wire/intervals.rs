//! The histogram of each second since the last report, as a short text: age, number of bins, and pairs of bin and
//! count, the bins as their distance to the one before; numbers as in [`super::precise`].
//!
//! Ages instead of times, because every node has its own clock.

use super::precise::{read_number, write_number};
use crate::histogram::{BINS, Slot};
use crate::timeline::{Point, Timeline};

/// An age beyond which nothing is told apart: a month.
const OLDEST_S: u64 = 31 * 86_400;

/// Appends the points of a timeline as they are at `tick`.
pub fn write(out: &mut Vec<u8>, timeline: &Timeline, tick: i64) {
    timeline.each(|last, bins| write_point(out, tick - last, bins));
}

fn write_point(out: &mut Vec<u8>, age_s: i64, bins: &[Slot]) {
    write_number(out, age_s.max(0) as u64);
    write_number(out, bins.len() as u64);
    let mut before = 0;
    for slot in bins {
        write_number(out, u64::from(slot.bin() - before));
        write_number(out, slot.count());
        before = slot.bin();
    }
}

/// Adds the points of a text; false if it is none of ours, or was cut. What stands before the fault is added.
#[must_use]
pub fn add(text: &[u8], timeline: &mut Timeline, tick: i64) -> bool {
    let mut bytes = text.iter();
    let mut point = Point::default();
    while bytes.len() > 0 {
        let Some(age_s) = read_point(&mut bytes, &mut point.bins) else {
            return false;
        };
        point.start = tick - age_s;
        point.width = 1;
        timeline.add(&point);
    }
    true
}

/// Whether all of a text can be read.
#[must_use]
pub fn check(text: &[u8]) -> bool {
    let (mut bytes, mut bins) = (text.iter(), Vec::new());
    while bytes.len() > 0 {
        if read_point(&mut bytes, &mut bins).is_none() {
            return false;
        }
    }
    true
}

fn read_point(bytes: &mut std::slice::Iter<'_, u8>, bins: &mut Vec<Slot>) -> Option<i64> {
    let age_s = read_number(bytes)?.min(OLDEST_S) as i64;
    let count = read_number(bytes)?;
    bins.clear();
    let mut bin = 0;
    for _ in 0..count {
        bin += read_number(bytes)?;
        if bin >= BINS as u64 {
            return None;
        }
        bins.push(Slot::new(bin as u16, read_number(bytes)?));
    }
    Some(age_s)
}

#[cfg(test)]
mod tests {
    use super::{add, check, write};
    use crate::timeline::Timeline;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read_at_another_clock(mut samples in prop::collection::vec((990i64..1_000, 0.01f64..5_000.0), 0..60)) {
            samples.sort_by_key(|sample| sample.0);
            let (mut theirs, mut expected) = (Timeline::default(), Timeline::default());
            for (second, time) in samples {
                theirs.record(second, time);
                expected.record(second + 40_000, time);
            }
            let mut text = Vec::new();
            write(&mut text, &theirs, 1_001);
            prop_assert!(text.is_ascii());
            let mut ours = Timeline::default();
            prop_assert!(check(&text) && add(&text, &mut ours, 41_001));
            prop_assert_eq!(ours.points(), expected.points());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[A-Za-z0-9+/é]*") {
            let read = add(text.as_bytes(), &mut Timeline::default(), 0);
            prop_assert_eq!(read, check(text.as_bytes()));
        }
    }
}
