//! The cells of the statistics tables: one row per entry, columns as Locust documents them.

use super::csv::Cell;
use crate::entry::{Entry, current_rate, whole_us};
use crate::num::Num;
use crate::outcomes::Side;
use crate::percentile::{difference, percentiles};

/// When the whole test began and last saw a request: what every rate refers to.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Epoch seconds.
    pub start_time: Num,
    /// Epoch seconds; None before the first request.
    pub last_request: Option<Num>,
}

impl Span {
    /// Events per second over the whole test; 0 before it began.
    #[must_use]
    pub fn total_rate(&self, events: i64) -> f64 {
        match self.last_request {
            Some(last) if !last.is_zero() && !self.start_time.is_zero() => {
                let length = last.as_f64() - self.start_time.as_f64();
                if length == 0.0 {
                    0.0
                } else {
                    events as f64 / length
                }
            }
            _ => 0.0,
        }
    }
}

/// Type, name, counts, times, rates and percentiles of the whole run.
#[must_use]
pub fn request_cells(entry: &Entry, span: Span, fractions: &[f64]) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(14 + 2 * fractions.len());
    cells.extend([
        Cell::Text(entry.method.clone()),
        Cell::Text(entry.name.clone()),
    ]);
    cells.extend([int(entry.num_requests), int(entry.num_failures)]);
    time_cells(&mut cells, entry);
    cells.extend([
        Cell::Number(Num::Float(span.total_rate(entry.num_requests))),
        Cell::Number(Num::Float(span.total_rate(entry.num_failures))),
    ]);
    percentile_cells(&mut cells, entry, fractions, None);
    cells
}

/// What stands behind them if it is wanted: precise median, minimum, maximum and percentiles; then those of the
/// successes and of the failures, each with count and average before them.
pub fn add_precise_cells(cells: &mut Vec<Cell>, entry: &Entry, fractions: &[f64]) {
    precise_cells(cells, entry, &[0.5, 0.0, 1.0]);
    precise_cells(cells, entry, fractions);
    for side in [entry.succeeded(), entry.failed()] {
        side_cells(cells, &side, fractions);
    }
}

fn side_cells(cells: &mut Vec<Cell>, side: &Side, fractions: &[f64]) {
    cells.push(int(side.count() as i64));
    let is_empty = side.count() == 0;
    let shown = |time_ms| match is_empty {
        true => Cell::NotAvailable,
        false => Cell::Number(Num::Float(whole_us(time_ms))),
    };
    cells.push(shown(side.mean_ms()));
    let times = [0.5, 0.0, 1.0].iter().chain(fractions);
    cells.extend(times.map(|&fraction| shown(side.percentile_ms(fraction))));
}

/// Precise percentiles of the whole run.
fn precise_cells(cells: &mut Vec<Cell>, entry: &Entry, fractions: &[f64]) {
    if entry.num_timed() <= 0 {
        cells.extend(fractions.iter().map(|_| Cell::NotAvailable));
        return;
    }
    let times = entry.precise_times_ms(fractions).into_iter();
    cells.extend(times.map(|time| Cell::Number(Num::Float(time))));
}

/// One line of the history.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Epoch seconds, as written.
    pub timestamp: i64,
    /// Users that are running.
    pub user_count: i64,
    /// Whether percentiles are those of the last seconds.
    pub recent: bool,
    /// Whether requests have stopped coming, so that the current rates are 0.
    pub stalled: bool,
}

/// Timestamp, users, current rates, percentiles and totals.
#[must_use]
pub fn history_cells(entry: &Entry, span: Span, fractions: &[f64], moment: Moment) -> Vec<Cell> {
    let rate = |seconds| match span.last_request {
        Some(last) if !moment.stalled => current_rate(seconds, last, span.start_time),
        _ => 0.0,
    };
    let mut cells = Vec::with_capacity(13 + fractions.len());
    cells.extend([int(moment.timestamp), int(moment.user_count)]);
    cells.extend([
        Cell::Text(entry.method.clone()),
        Cell::Text(entry.name.clone()),
    ]);
    cells.extend([
        Cell::Rate(rate(&entry.num_reqs_per_sec)),
        Cell::Rate(rate(&entry.num_fail_per_sec)),
    ]);
    percentile_cells(
        &mut cells,
        entry,
        fractions,
        moment.recent.then_some(moment.timestamp),
    );
    cells.extend([int(entry.num_requests), int(entry.num_failures)]);
    time_cells(&mut cells, entry);
    cells
}

/// Median, mean, minimum and maximum response time, mean content length.
fn time_cells(cells: &mut Vec<Cell>, entry: &Entry) {
    let minimum = entry
        .min_response_time
        .filter(|minimum| !minimum.is_zero())
        .unwrap_or(Num::ZERO);
    cells.extend([
        Cell::Number(entry.median()),
        Cell::Number(Num::Float(entry.average_response_time())),
        Cell::Number(minimum),
        Cell::Number(entry.max_response_time),
        Cell::Number(entry.average_content_length()),
    ]);
}

/// Percentiles of the whole run, or with `recent_at` of the seconds before that moment.
fn percentile_cells(
    cells: &mut Vec<Cell>,
    entry: &Entry,
    fractions: &[f64],
    recent_at: Option<i64>,
) {
    if entry.num_requests == 0 {
        cells.extend(fractions.iter().map(|_| Cell::NotAvailable));
        return;
    }
    let values = match recent_at {
        None => percentiles(&entry.response_times, entry.num_timed(), fractions),
        Some(now) => match entry
            .snapshots
            .as_ref()
            .and_then(|snapshots| snapshots.before(now))
        {
            Some(past) => {
                let counts = difference(&entry.response_times, &past.response_times());
                percentiles(
                    &counts,
                    entry.num_timed() - (past.num_requests - past.num_none_requests),
                    fractions,
                )
            }
            None => vec![Num::ZERO; fractions.len()],
        },
    };
    cells.extend(
        values
            .into_iter()
            .map(|value| Cell::Number(Num::Int(value.truncated()))),
    );
}

fn int(value: i64) -> Cell {
    Cell::Number(Num::Int(value))
}
