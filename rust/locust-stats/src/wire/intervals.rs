//! The histogram of each second since the last report, as a short text: age, number of bins, and pairs of bin and
//! count, the bins as their distance to the one before; numbers as in [`super::precise`].
//!
//! Ages instead of times, because every node has its own clock.

use super::precise::{read_number, read_steps, write_number, write_steps};
use crate::histogram::Slot;
use crate::timeline::Timeline;
use std::ops::Range;

/// An age beyond which nothing is told apart: a month.
const OLDEST_S: u64 = 31 * 86_400;

/// Appends the points of a timeline as they are at `tick`.
pub fn write(out: &mut Vec<u8>, timeline: &Timeline, tick: i64) {
    timeline.each(|last, bins| {
        write_number(out, (tick - last).max(0) as u64);
        write_number(out, bins.len() as u64);
        write_steps(out, bins);
    });
}

/// Appends all bins of a text to `bins` and visits each point: its age in seconds, and where its bins lie.
///
/// False if the text is none of ours, or was cut.
#[must_use]
pub fn read(text: &[u8], bins: &mut Vec<Slot>, mut visit: impl FnMut(i64, Range<usize>)) -> bool {
    let mut bytes = text.iter();
    while bytes.len() > 0 {
        let start = bins.len();
        let Some(age_s) = read_point(&mut bytes, bins) else {
            return false;
        };
        if bins.len() > start {
            visit(age_s, start..bins.len());
        }
    }
    true
}

fn read_point(bytes: &mut std::slice::Iter<'_, u8>, bins: &mut Vec<Slot>) -> Option<i64> {
    let age_s = read_number(bytes)?.min(OLDEST_S) as i64;
    let count = read_number(bytes)?;
    read_steps(bytes, count, bins)?;
    Some(age_s)
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use crate::timeline::Timeline;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read_at_another_clock(mut samples in prop::collection::vec((990i64..1_000, 0.001f64..50_000.0), 0..60), crowd in 1u64..40) {
            samples.sort_by_key(|sample| sample.0);
            let (mut theirs, mut expected) = (Timeline::default(), Timeline::default());
            for (second, time) in samples {
                for _ in 0..crowd {
                    theirs.record(second, time);
                    expected.record(second + 40_000, time);
                }
            }
            let mut text = Vec::new();
            write(&mut text, &theirs, 1_001);
            prop_assert!(text.is_ascii());
            let (mut bins, mut points) = (Vec::new(), Vec::new());
            prop_assert!(read(&text, &mut bins, |age_s, range| points.push((age_s, range))));
            let mut ours = Timeline::default();
            points.into_iter().for_each(|(age_s, range)| ours.add(41_001 - age_s, &bins[range]));
            prop_assert_eq!(ours.points(), expected.points());
            prop_assert_eq!(ours.all(), expected.all());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[A-Za-z0-9+/é]*") {
            let _ = read(text.as_bytes(), &mut Vec::new(), |_, _| ());
        }
    }
}
