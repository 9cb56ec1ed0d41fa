//! Binding of the codec: reports are packed and merged without a Python object per value.

use crate::clock::tick;
use crate::stats::entry::{EntryCore, SharedEntry, lock};
use crate::stats::error::ErrorCore;
use crate::stats::num::PyNum;
use crate::stats::recorder::RequestRecorder;
use locust_stats::num::Num;
use locust_stats::report::Report;
use locust_stats::wire::decode;
use locust_stats::wire::encode::{Envelope, ErrorRow, Writer};
use locust_stats::wire::reader::{Malformed, check};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::sync::Mutex;

/// Adds this file's classes and functions to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<StatsMessage>()?;
    module.add_function(wrap_pyfunction!(pack_stats_message, module)?)?;
    module.add_function(wrap_pyfunction!(check_message, module)?)?;
    Ok(())
}

/// Memory of the last message packed, for the next one.
static SPARE_BUFFER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Memory of the last report read, for the next one.
static SPARE_REPORT: Mutex<Option<Report>> = Mutex::new(None);

/// Bytes of a packed message's memory that are kept.
const MOST_KEPT: usize = 1 << 22;

fn malformed(error: Malformed) -> PyErr {
    PyValueError::new_err(format!("malformed message: {error}"))
}

/// Refuses bytes that are not one well-formed msgpack value within the limits.
#[pyfunction]
fn check_message(frame: &[u8]) -> PyResult<()> {
    check(frame).map_err(malformed)
}

type ErrorTuple<'py> = (String, String, String, String, PyRef<'py, ErrorCore>);

/// Packs what the rows counted and resets them.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // what a report is made of
fn pack_stats_message<'py>(
    py: Python<'py>,
    rows: Vec<PyRef<'py, EntryCore>>,
    total: PyRef<'py, EntryCore>,
    errors: Vec<ErrorTuple<'py>>,
    node_id: &str,
    user_count: i64,
    user_classes_count: &Bound<'py, PyDict>,
    now: f64,
    extra: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyBytes>> {
    let user_classes_count: Vec<(String, i64)> = user_classes_count
        .iter()
        .map(|(class, count)| Ok((class.extract()?, count.extract()?)))
        .collect::<PyResult<_>>()?;
    let extra: Vec<(String, Vec<u8>)> = extra
        .iter()
        .map(|(key, packed)| Ok((key.extract()?, packed.extract()?)))
        .collect::<PyResult<_>>()?;
    let errors: Vec<ErrorRow> = errors.into_iter().map(error_row).collect();
    let counted: Vec<SharedEntry> = rows
        .iter()
        .filter(|row| {
            let entry = lock(&row.shared);
            entry.num_requests != 0 || entry.num_failures != 0
        })
        .map(|row| row.shared.clone())
        .collect();
    let spare = std::mem::take(&mut *lock(&SPARE_BUFFER));
    let mut writer = Writer::with_buffer(counted.len(), spare).at(tick());
    for row in &counted {
        let mut entry = lock(row);
        writer.row(&entry);
        entry.reset(now);
    }
    let envelope = Envelope {
        node_id,
        user_count,
        user_classes_count: &user_classes_count,
        clock: now,
        extra: &extra,
    };
    let mut total = lock(&total.shared);
    let frame = writer.finish(&total, &errors, &envelope);
    total.reset(now);
    let message = PyBytes::new(py, &frame);
    if frame.capacity() <= MOST_KEPT {
        *lock(&SPARE_BUFFER) = frame;
    }
    Ok(message)
}

fn error_row((key, name, method, error, row): ErrorTuple<'_>) -> ErrorRow {
    let seen = lock(&row.shared);
    ErrorRow {
        key,
        name,
        method,
        error,
        occurrences: seen.occurrences,
        first_seen: seen.first_seen,
        last_seen: seen.last_seen,
    }
}

/// A worker's report, read and checked.
#[pyclass(module = "locust_rs._core", frozen)]
pub struct StatsMessage {
    report: Report,
}

#[pymethods]
impl StatsMessage {
    #[staticmethod]
    fn read(frame: &[u8]) -> PyResult<Option<Self>> {
        let spare = lock(&SPARE_REPORT).take().unwrap_or_default();
        Ok(decode::report_into(frame, spare)
            .map_err(malformed)?
            .map(|report| StatsMessage { report }))
    }

    #[getter]
    fn node_id(&self) -> &str {
        &self.report.node_id
    }

    #[getter]
    fn user_count(&self) -> Option<i64> {
        self.report.user_count
    }

    #[getter]
    fn user_classes_count<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(counts) = &self.report.user_classes_count else {
            return Ok(None);
        };
        let dict = PyDict::new(py);
        for (class, count) in counts {
            dict.set_item(class, count)?;
        }
        Ok(Some(dict))
    }

    #[getter]
    fn clock(&self) -> Option<f64> {
        self.report.clock
    }

    #[getter]
    fn last_request_timestamp(&self) -> Option<PyNum> {
        self.report
            .total()
            .numbers
            .last_request_timestamp
            .map(PyNum)
    }

    #[getter]
    fn start_time(&self) -> Option<PyNum> {
        self.report.total().numbers.start_time.map(PyNum)
    }

    #[getter]
    fn num_requests(&self) -> i64 {
        self.report.total().numbers.num_requests
    }

    fn extra<'py>(&self, py: Python<'py>, key: &str) -> Option<Bound<'py, PyBytes>> {
        let found = self.report.extra.iter().find(|(name, _)| name == key);
        found.map(|(_, packed)| PyBytes::new(py, packed))
    }

    fn merge(&self, py: Python<'_>, recorder: &RequestRecorder, shift_s: f64) -> PyResult<()> {
        if shift_s == 0.0 {
            return merge_report(py, &self.report, recorder);
        }
        let mut report = self.report.clone();
        report.shift(shift_s);
        merge_report(py, &report, recorder)
    }
}

impl Drop for StatsMessage {
    fn drop(&mut self) {
        *lock(&SPARE_REPORT) = Some(std::mem::take(&mut self.report));
    }
}

fn merge_report(py: Python<'_>, report: &Report, recorder: &RequestRecorder) -> PyResult<()> {
    let tick = tick();
    for row in report.rows() {
        let entry = recorder.shared_entry(py, row.method, row.name)?;
        lock(&entry).absorb_at(row, tick);
    }
    for error in &report.errors {
        let row = recorder.shared_error(py, &error.method, &error.name, &error.error)?;
        let mut seen = lock(&row);
        seen.occurrences += error.occurrences;
        seen.first_seen = earliest(seen.first_seen, error.first_seen);
        seen.last_seen = latest(seen.last_seen, error.last_seen);
    }
    let total = recorder.shared_total(py)?;
    lock(&total).absorb_at(report.total(), tick);
    Ok(())
}

fn earliest(ours: Option<Num>, theirs: Option<Num>) -> Option<Num> {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
        (ours, theirs) => ours.or(theirs),
    }
}

fn latest(ours: Option<Num>, theirs: Option<Num>) -> Option<Num> {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => Some(ours.max(theirs)),
        (ours, theirs) => ours.or(theirs),
    }
}
