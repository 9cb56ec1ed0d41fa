//! The listener that counts requests without touching Python, in the rows of its [`Table`].

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::entry::{EntryCore, SharedEntry, lock, not_a_time};
use super::error::ErrorCore;
use super::evidence::Noted;
use super::groups;
use super::num::PyNum;
use super::table::{Outcome, SharedError, Table};
use crate::clock::wall_clock;
use crate::http::exchange_of;
use crate::lateness;
use locust_stats::errors::without_address;
use locust_stats::num::Num;
use locust_stats::phases::Exchange;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyString};

#[pyclass(name = "RequestRecorder", module = "locust_rs._core", frozen)]
pub struct RequestRecorder {
    stats: Py<PyAny>,
    pub(super) table: Mutex<Table>,
    /// Keeps the requests and responses of the first failures of each kind.
    pub(super) evidence: Mutex<Option<Py<PyAny>>>,
    /// Whether the statistics are those of a group: without the error report and the distribution of each second.
    is_group: bool,
    /// Whether requests are counted for the groups of their greenlet too.
    has_groups: AtomicBool,
}

/// An argument of the request event that it must have.
fn argument<'py>(
    event: &Bound<'py, PyDict>,
    key: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    event
        .get_item(key)?
        .ok_or_else(|| missing(&key.to_string()))
}

fn missing(argument: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "the request event was fired without its argument '{argument}'; pass it"
    ))
}

impl RequestRecorder {
    /// Counts a success of the engine's; `now` is the wall clock in epoch seconds (see [`wall_clock`]).
    ///
    /// About 60 ns; Python is called only for names that are new, or where the user replaced a part of the statistics.
    /// Returns whether it is one of the slowest, for [`RequestRecorder::keep_slow_response`].
    #[allow(clippy::too_many_arguments)] // what a request is
    pub fn record_success(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        response_time_ms: f64,
        response_length: u64,
        exchange: Option<&Exchange>,
        now: f64,
    ) -> PyResult<bool> {
        let length = Num::Int(i64::try_from(response_length).unwrap_or(i64::MAX));
        let time = Some(Num::Float(response_time_ms));
        let is_slow = self.record_sample(py, method, name, time, length, exchange, now)?;
        self.record_for_groups(py, method, name, time, length, false, now)?;
        Ok(is_slow)
    }

    /// Counts a request for the groups of the greenlet that runs.
    #[inline]
    #[allow(clippy::too_many_arguments)] // likewise
    fn record_for_groups(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        response_time: Option<Num>,
        length: Num,
        has_failed: bool,
        now: f64,
    ) -> PyResult<()> {
        if !self.has_groups.load(Ordering::Relaxed) {
            return Ok(());
        }
        groups::each(py, |group| {
            group.record_sample(py, method, name, response_time, length, None, now)?;
            if has_failed {
                lock(&group.table).count_failure_alone(method, name, now);
            }
            Ok(())
        })
    }

    #[allow(clippy::too_many_arguments)] // likewise
    fn record_sample(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        response_time: Option<Num>,
        length: Num,
        exchange: Option<&Exchange>,
        now: f64,
    ) -> PyResult<bool> {
        for _ in 0..3 {
            let outcome =
                lock(&self.table).count(method, name, response_time, length, exchange, now);
            match outcome.map_err(not_a_time)? {
                Outcome::Counted { is_slow } => return Ok(is_slow),
                Outcome::UnknownEntry => {
                    if !self.learn_entry(py, method, name)? {
                        break;
                    }
                }
                Outcome::Declined => {
                    if !self.look_again(py)? {
                        break;
                    }
                }
            }
        }
        let arguments = (method, name, response_time.map(PyNum), PyNum(length));
        self.stats
            .call_method1(py, intern!(py, "log_request"), arguments)?;
        Ok(false)
    }

    /// Fetches the row from Python's dictionary, which makes it if need be; keeps it for the next time.
    ///
    /// False if it may not be counted natively: a `log` of its own, or the row that many names share.
    fn learn_entry(&self, py: Python<'_>, method: &str, name: &str) -> PyResult<bool> {
        let found = self
            .stats
            .call_method1(py, intern!(py, "_native_entry"), (name, method))?;
        let (row, native): (Bound<'_, EntryCore>, bool) = found.extract(py)?;
        if native {
            lock(&self.table).add_entry(method, name, row.get().shared.clone());
        }
        Ok(native)
    }

    /// Rebuilds the table from what Python says now. False if nothing changed since it was last asked.
    fn look_again(&self, py: Python<'_>) -> PyResult<bool> {
        if lock(&self.table).is_current() {
            return Ok(false);
        }
        let epoch = Table::current_epoch();
        let found = self.stats.call_method0(py, intern!(py, "_native_total"))?;
        let (total, native): (Bound<'_, EntryCore>, bool) = found.extract(py)?;
        let total = total.get().shared.clone();
        let mut table = Table::new(epoch, total, native, !self.is_group);
        table.look_for_slow(self.evidence(py).is_some());
        *lock(&self.table) = table;
        Ok(native)
    }

    /// The row of the total, to merge a report into.
    pub fn shared_total(&self, py: Python<'_>) -> PyResult<SharedEntry> {
        self.look_again(py)?;
        let total = lock(&self.table).total().cloned();
        total.ok_or_else(|| PyRuntimeError::new_err("the statistics have no total"))
    }

    /// The row of a name, to merge a report into; made if it is missing.
    pub fn shared_entry(&self, py: Python<'_>, method: &str, name: &str) -> PyResult<SharedEntry> {
        self.look_again(py)?;
        if let Some(entry) = lock(&self.table).entry(method, name) {
            return Ok(entry.clone());
        }
        self.learn_entry(py, method, name)?;
        let row = self
            .stats
            .call_method1(py, intern!(py, "get"), (name, method))?;
        Ok(row.cast_bound::<EntryCore>(py)?.get().shared.clone())
    }

    /// The row of an error, to merge a report into; made if it is missing.
    pub fn shared_error(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        error: &str,
    ) -> PyResult<SharedError> {
        self.look_again(py)?;
        if let Some(row) = lock(&self.table).error(method, name, error) {
            return Ok(row.clone());
        }
        self.learn_error(py, method, name, error, PyString::new(py, error).as_any())
    }

    /// Fetches the row of an error from Python's dictionary and keeps it under `text`.
    fn learn_error(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        text: &str,
        error: &Bound<'_, PyAny>,
    ) -> PyResult<SharedError> {
        let found =
            self.stats
                .call_method1(py, intern!(py, "_native_error"), (method, name, error))?;
        let (row, native): (Bound<'_, ErrorCore>, bool) = found.extract(py)?;
        let shared = row.get().shared.clone();
        if native {
            lock(&self.table).add_error(method, name, text, shared.clone());
        }
        Ok(shared)
    }

    /// Counts a failure. `text` names it in the table, `error` is what Python keeps of it.
    fn record_error(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        text: &str,
        error: &Bound<'_, PyAny>,
        now: f64,
    ) -> PyResult<()> {
        if lock(&self.table).count_failure(method, name, text, now) {
            return Ok(());
        }
        self.stats
            .call_method1(py, intern!(py, "log_error"), (method, name, error))?;
        if lock(&self.table).counts_natively() {
            // The row exists now; the next time it is found here.
            self.learn_error(py, method, name, text, error)?;
        }
        Ok(())
    }

    /// Counts a request as Python's callers describe it. Anything unusual goes through Python's own methods.
    ///
    /// Returns what [`RequestRecorder::keep_evidence`] has to know.
    #[allow(clippy::too_many_arguments)] // likewise
    pub fn record_objects(
        &self,
        method: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        response_time: &Bound<'_, PyAny>,
        response_length: &Bound<'_, PyAny>,
        exception: Option<&Bound<'_, PyAny>>,
        response: Option<&Bound<'_, PyAny>>,
        now: f64,
    ) -> PyResult<Noted> {
        let py = method.py();
        let failure = match exception {
            Some(exception) if !exception.is_none() && exception.is_truthy()? => Some(exception),
            _ => None,
        };
        let (Ok(method_text), Ok(name_text)) = (method.cast::<PyString>(), name.cast::<PyString>())
        else {
            self.record_in_python(method, name, response_time, response_length, failure)?;
            return Ok(Noted {
                failure: failure.map(text_of).transpose()?,
                is_slow: false,
            });
        };
        let (method_text, name_text) = (method_text.to_str()?, name_text.to_str()?);
        let time = match response_time.cast_exact::<PyFloat>() {
            Ok(float) => Some(Num::Float(float.value())),
            Err(_) if response_time.is_none() => None,
            Err(_) => Some(response_time.extract::<PyNum>()?.0),
        };
        let length = response_length.extract::<PyNum>()?.0;
        if let Some(time) = time {
            lateness::recorded(py, time.as_f64());
        }
        let exchange = response.and_then(exchange_of);
        let is_slow = self.record_sample(
            py,
            method_text,
            name_text,
            time,
            length,
            exchange.as_ref(),
            now,
        )?;
        let has_failed = failure.is_some();
        self.record_for_groups(py, method_text, name_text, time, length, has_failed, now)?;
        let failure = match failure {
            Some(failure) => {
                let text = text_of(failure)?;
                self.record_error(py, method_text, name_text, &text, failure, now)?;
                Some(text)
            }
            None => None,
        };
        Ok(Noted { failure, is_slow })
    }

    fn record_in_python(
        &self,
        method: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        response_time: &Bound<'_, PyAny>,
        response_length: &Bound<'_, PyAny>,
        failure: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let stats = self.stats.bind(method.py());
        stats.call_method1(
            "log_request",
            (method, name, response_time, response_length),
        )?;
        if let Some(failure) = failure {
            stats.call_method1("log_error", (method, name, failure))?;
        }
        Ok(())
    }
}

/// The text of a failure as the table of errors has it.
fn text_of(failure: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = match failure.cast::<PyString>() {
        Ok(text) => text.clone(),
        Err(_) => failure.repr()?,
    };
    Ok(without_address(text.to_str()?).into_owned())
}

#[pymethods]
impl RequestRecorder {
    #[new]
    #[pyo3(signature = (stats, *, is_group=false))]
    fn new(stats: Py<PyAny>, is_group: bool) -> Self {
        RequestRecorder {
            stats,
            table: Mutex::default(),
            evidence: Mutex::default(),
            is_group,
            has_groups: AtomicBool::new(false),
        }
    }

    #[getter]
    fn get_evidence(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.evidence(py)
    }

    #[setter]
    fn set_evidence(&self, evidence: Option<Py<PyAny>>) {
        self.replace_evidence(evidence);
    }

    #[getter]
    fn has_groups(&self) -> bool {
        self.has_groups.load(Ordering::Relaxed)
    }

    #[setter]
    fn set_has_groups(&self, has_groups: bool) {
        self.has_groups.store(has_groups, Ordering::Relaxed);
    }

    #[pyo3(signature = (method, name, response_time_ms, response_length, exception=None, now=None))]
    fn record(
        &self,
        method: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        response_time_ms: &Bound<'_, PyAny>,
        response_length: &Bound<'_, PyAny>,
        exception: Option<&Bound<'_, PyAny>>,
        now: Option<f64>,
    ) -> PyResult<()> {
        let now = now.unwrap_or_else(wall_clock);
        self.record_objects(
            method,
            name,
            response_time_ms,
            response_length,
            exception,
            None,
            now,
        )
        .map(drop)
    }

    #[pyo3(signature = (**event))]
    fn __call__(&self, py: Python<'_>, event: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        let Some(event) = event else {
            return Err(missing("request_type"));
        };
        let method = argument(event, intern!(py, "request_type"))?;
        let name = argument(event, intern!(py, "name"))?;
        let response_time = argument(event, intern!(py, "response_time"))?;
        let response_length = argument(event, intern!(py, "response_length"))?;
        let exception = event.get_item(intern!(py, "exception"))?;
        let response = event.get_item(intern!(py, "response"))?;
        let noted = self.record_objects(
            &method,
            &name,
            &response_time,
            &response_length,
            exception.as_ref(),
            response.as_ref(),
            wall_clock(),
        )?;
        self.keep_evidence(&method, &name, &noted, || Ok(event.clone()))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.stats)?;
        match self.evidence.try_lock() {
            Ok(evidence) => evidence
                .as_ref()
                .map_or(Ok(()), |evidence| visit.call(evidence)),
            Err(_) => Ok(()),
        }
    }
}
