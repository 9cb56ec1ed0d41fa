//! Curves and a heat map of a timeline's points, as the page and the report draw them: compact JSON.

use super::Point;
use crate::entry::whole_us;
use crate::histogram::{Histogram, Slot, lowest_ms, middle_ms};
use std::fmt::Write;

/// Bins of the precise histogram in a band of the heat map: a quarter of an octave.
const BAND: u16 = 32;

/// Appends `{"fractions", "edges", "columns"}`.
///
/// A column is `[start, width, count, [times at fractions], [band, count, band, count, …]]`; starts and widths are
/// seconds, starts those of the wall clock. Band `i` reaches from `edges[i]` to `edges[i + 1]` milliseconds.
///
/// `wall_s` is the wall clock at the tick 0, and `most` about how many columns are wanted.
pub fn write(out: &mut String, points: Vec<Point>, wall_s: f64, fractions: &[f64], most: usize) {
    let columns = columns(points, most);
    let bands = || {
        let bins = columns.iter().flat_map(|column| &column.bins);
        bins.map(|slot| slot.bin() / BAND)
    };
    let (first, last) = (bands().min().unwrap_or(0), bands().max().unwrap_or(0));
    out.push_str("{\"fractions\":");
    write_list(out, fractions.iter().copied());
    out.push_str(",\"edges\":");
    let edges = (first..=last + 1).map(|band| whole_us(lowest_ms(band * BAND)));
    write_list(out, edges.filter(|_| !columns.is_empty()));
    out.push_str(",\"columns\":[");
    for (position, column) in columns.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_column(out, column, wall_s, fractions, first);
    }
    out.push_str("]}");
}

fn write_column(out: &mut String, column: &Point, wall_s: f64, fractions: &[f64], first: u16) {
    let mut histogram = Histogram::default();
    column.bins.iter().for_each(|&slot| histogram.add(slot));
    let start = (wall_s + column.start as f64).round();
    let _ = write!(out, "[{start},{},{},", column.width, histogram.total());
    let end = |slot: Option<&Slot>| slot.map_or(0.0, |slot| middle_ms(slot.bin()));
    let (least, most) = (end(column.bins.first()), end(column.bins.last()));
    let time = |&fraction| whole_us(histogram.percentile_ms(fraction, least, most));
    write_list(out, fractions.iter().map(time));
    out.push_str(",[");
    let mut cells: Vec<(u16, u64)> = Vec::new();
    for slot in &column.bins {
        let band = slot.bin() / BAND - first;
        match cells.last_mut() {
            Some(cell) if cell.0 == band => cell.1 += slot.count(),
            _ => cells.push((band, slot.count())),
        }
    }
    for (position, (band, count)) in cells.iter().enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{band},{count}");
    }
    out.push_str("]]");
}

fn write_list(out: &mut String, numbers: impl Iterator<Item = f64>) {
    out.push('[');
    for (position, number) in numbers.enumerate() {
        let comma = if position > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{number}");
    }
    out.push(']');
}

/// The points, neighbours merged so that there are about `most`. Wider ones stay as wide as they are.
fn columns(points: Vec<Point>, most: usize) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return points;
    };
    let span = last.start + last.width - first.start;
    let step = (span.max(1) as u64).div_ceil(most.max(1) as u64) as i64;
    let mut columns: Vec<Point> = Vec::new();
    for point in points {
        if point.width >= step {
            columns.push(point);
            continue;
        }
        let start = point.start - point.start.rem_euclid(step);
        match columns.last_mut() {
            Some(column) if column.start + column.width > start => {
                super::packed::merge(&mut column.bins, &point.bins);
            }
            _ => columns.push(Point {
                start,
                width: step,
                bins: point.bins,
            }),
        }
    }
    columns
}
