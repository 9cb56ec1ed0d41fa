//! Phases of a row: nil where nobody told any, or else its numbers in their order.

use super::pack;
use super::reader::{Malformed, Reader, impossible};
use crate::phases::{NUMBERS, Phases};

/// Appends what a row counted.
pub(super) fn write(out: &mut Vec<u8>, phases: Option<&Phases>) {
    let Some(phases) = phases else {
        out.push(0xc0);
        return;
    };
    pack::array(out, NUMBERS);
    for number in phases.numbers() {
        pack::int(out, i64::try_from(number).unwrap_or(i64::MAX));
    }
}

/// Reads it.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Box<Phases>>, Malformed> {
    if reader.nil() {
        return Ok(None);
    }
    let there = reader.array()?;
    if there < NUMBERS {
        return Err(impossible("the phases of a row", there));
    }
    let mut numbers = [0; NUMBERS];
    for number in &mut numbers {
        let value = reader.int()?;
        *number = u64::try_from(value).map_err(|_| impossible("the phases of a row", value))?;
    }
    // Later versions may tell more.
    for _ in NUMBERS..there {
        reader.skip()?;
    }
    Ok(Some(Box::new(Phases::from_numbers(&numbers))))
}
