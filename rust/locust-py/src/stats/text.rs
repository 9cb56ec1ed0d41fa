//! Binding of the text outputs: many rows in one call.

use super::entry::{EntryCore, lock};
use super::num::PyNum;
use locust_stats::entry::Entry;
use locust_stats::num::Num;
use locust_stats::text::Precision;
use locust_stats::text::csv::{Cell, without_formula, write_row};
use locust_stats::text::json::RowList;
use locust_stats::text::page::{Columns, write_row as write_page_row};
use locust_stats::text::table::{Moment, Span, add_precise_cells, history_cells, request_cells};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

type Rows<'py> = Vec<PyRef<'py, EntryCore>>;

fn span(total: &EntryCore) -> Span {
    let total = lock(&total.shared);
    Span {
        start_time: total.start_time,
        last_request: total.last_request_timestamp,
    }
}

/// A row of the requests CSV.
fn cells_of(entry: &Entry, span: Span, fractions: &[f64], precise: bool) -> Vec<Cell> {
    let mut cells = request_cells(entry, span, fractions);
    if precise {
        add_precise_cells(&mut cells, entry, fractions);
    }
    cells
}

/// The body of the requests CSV: `rows`, then `total`.
#[pyfunction]
#[pyo3(signature = (rows, total, fractions, precise=false))]
pub fn stats_requests_csv(
    rows: Rows<'_>,
    total: PyRef<'_, EntryCore>,
    fractions: Vec<f64>,
    precise: bool,
) -> String {
    let span = span(&total);
    let mut out = String::new();
    for row in rows.iter().chain([&total]) {
        let cells = cells_of(&lock(&row.shared), span, &fractions, precise);
        write_row(&mut out, &cells);
    }
    out
}

/// The same as lists of Python objects, for other CSV writers.
#[pyfunction]
#[pyo3(signature = (rows, total, fractions, precise=false))]
pub fn stats_request_rows<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    total: PyRef<'py, EntryCore>,
    fractions: Vec<f64>,
    precise: bool,
) -> PyResult<Vec<Bound<'py, PyList>>> {
    let span = span(&total);
    let cells =
        |row: &PyRef<'py, EntryCore>| cells_of(&lock(&row.shared), span, &fractions, precise);
    rows.iter()
        .chain([&total])
        .map(|row| as_list(py, cells(row)))
        .collect()
}

/// Lines of the history CSV for one moment: `rows`, then `total`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // one line's ingredients
pub fn stats_history_csv(
    rows: Rows<'_>,
    total: PyRef<'_, EntryCore>,
    fractions: Vec<f64>,
    timestamp: i64,
    user_count: i64,
    recent: bool,
    stalled: bool,
) -> String {
    let (span, moment) = (
        span(&total),
        Moment {
            timestamp,
            user_count,
            recent,
            stalled,
        },
    );
    let mut out = String::new();
    for row in rows.iter().chain([&total]) {
        let cells = history_cells(&lock(&row.shared), span, &fractions, moment);
        write_row(&mut out, &cells);
    }
    out
}

/// The rows as JSON, indented by four blanks.
#[pyfunction]
#[pyo3(signature = (rows, warning=None, fractions=Vec::new()))]
pub fn stats_json(rows: Rows<'_>, warning: Option<&str>, fractions: Vec<(f64, String)>) -> String {
    let mut list = RowList::new(warning, &fractions);
    rows.iter().for_each(|row| list.add(&lock(&row.shared)));
    list.finish()
}

/// Each row as the JSON object that the web UI shows; rates are those of `total`'s test.
#[pyfunction]
#[pyo3(signature = (rows, total, stalled, fractions, names, precise=false))]
pub fn stats_page_rows(
    rows: Rows<'_>,
    total: PyRef<'_, EntryCore>,
    stalled: bool,
    fractions: Vec<f64>,
    names: Vec<String>,
    precise: bool,
) -> Vec<String> {
    let span = span(&total);
    let columns = Columns {
        fractions: &fractions,
        names: &names,
        precision: if precise {
            Precision::Precise
        } else {
            Precision::Documented
        },
    };
    let as_text = |row: &PyRef<'_, EntryCore>| {
        let mut out = String::with_capacity(400);
        write_page_row(&mut out, &lock(&row.shared), span, stalled, columns);
        out
    };
    rows.iter().map(as_text).collect()
}

fn as_list(py: Python<'_>, cells: Vec<Cell>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for cell in cells {
        match cell {
            Cell::Text(text) => list.append(PyString::new(py, &without_formula(&text)))?,
            Cell::Number(number) => list.append(PyNum(number))?,
            Cell::Rate(rate) => list.append(PyNum(Num::Float(rate)))?,
            Cell::NotAvailable => list.append("N/A")?,
        }
    }
    Ok(list)
}
