//! Successes and failures of a row: nil if nothing failed, as the row then says it all, or else the text of the
//! failures' histogram with sum, minimum and maximum of either side.

use super::reader::{Malformed, Reader, impossible};
use super::{pack, precise};
use crate::histogram::Slot;
use crate::num::Num;
use crate::outcomes::{Counted, Spread};
use crate::report::RowOutcomes;

/// Values of a row in which something failed.
const VALUES: usize = 7;

/// Appends what a row counted.
pub(crate) fn write(out: &mut Vec<u8>, counted: Counted<'_>) {
    if counted.failed_bins.is_empty() {
        out.push(0xc0);
        return;
    }
    pack::array(out, VALUES);
    let mut text = Vec::new();
    precise::write_bins(&mut text, counted.failed_bins);
    pack::utf8(out, &text);
    for spread in [counted.failed, counted.succeeded] {
        pack::number(out, Num::Float(spread.total_ms));
        pack::optional(
            out,
            spread
                .min_ms
                .is_finite()
                .then_some(Num::Float(spread.min_ms)),
        );
        pack::number(out, Num::Float(spread.max_ms));
    }
}

/// Reads it; the bins go behind the others of the report. None where nothing failed.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    bins: &mut Vec<Slot>,
) -> Result<Option<RowOutcomes>, Malformed> {
    if reader.nil() {
        return Ok(None);
    }
    let values = reader.array()?;
    if values != VALUES {
        return Err(impossible("the outcomes of a row", values));
    }
    let start = bins.len();
    if !precise::read(reader.key()?, bins) {
        return Err(impossible("a histogram of failures", "unreadable"));
    }
    Ok(Some(RowOutcomes {
        failed_bins: start..bins.len(),
        failed: spread(reader)?,
        succeeded: spread(reader)?,
    }))
}

fn spread(reader: &mut Reader<'_>) -> Result<Spread, Malformed> {
    Ok(Spread {
        total_ms: reader.number()?.as_f64(),
        min_ms: reader.optional()?.map_or(f64::INFINITY, Num::as_f64),
        max_ms: reader.number()?.as_f64(),
    })
}
