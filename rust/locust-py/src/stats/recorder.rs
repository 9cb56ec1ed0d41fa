//! The listener that counts requests without touching Python.
//!
//! It keeps the rows it has seen in a table of its own. Whatever could make that table stale (a row deleted or
//! replaced, `bucket_response_time` or a `log` method overwritten) calls [`stats_changed`], and the next request
//! asks Python again what holds.

use super::entry::{EntryCore, SharedEntry, lock, not_a_time};
use super::error::{ErrorCore, Occurrences};
use super::num::PyNum;
use hashbrown::{Equivalent, HashMap};
use locust_stats::bucket::bucket_ms;
use locust_stats::entry::NotATime;
use locust_stats::errors::without_address;
use locust_stats::num::Num;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyString};
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

/// Bumped whenever a recorder's table may have become stale.
static EPOCH: AtomicU64 = AtomicU64::new(1);

/// Makes every recorder look again before it counts the next request natively.
#[pyfunction]
pub fn stats_changed() {
    EPOCH.fetch_add(1, Ordering::Relaxed);
}

/// The same for the error report alone.
static ERROR_EPOCH: AtomicU64 = AtomicU64::new(1);

/// Makes every recorder look again before it counts the next failure natively.
#[pyfunction]
pub fn stats_errors_changed() {
    ERROR_EPOCH.fetch_add(1, Ordering::Relaxed);
}

#[pyclass(name = "RequestRecorder", module = "locust_rs._core", frozen)]
pub struct RequestRecorder {
    stats: Py<PyAny>,
    table: Mutex<Table>,
}

/// What the recorder knows of its `RequestStats`.
#[derive(Default)]
struct Table {
    epoch: u64,
    total: Option<SharedEntry>,
    /// False: Python's methods must be called to count.
    native: bool,
    entries: HashMap<EntryKey, SharedEntry>,
    errors: HashMap<ErrorKey, Arc<Mutex<Occurrences>>>,
    error_epoch: u64,
}

impl Table {
    /// The known row of an error. Forgets all of them first if they have become stale.
    fn error(&mut self, method: &str, name: &str, text: &str) -> Option<&Arc<Mutex<Occurrences>>> {
        let epoch = ERROR_EPOCH.load(Ordering::Relaxed);
        if self.error_epoch != epoch {
            self.error_epoch = epoch;
            self.errors.clear();
        }
        self.errors.get(&WantedError(method, name, text))
    }
}

struct EntryKey {
    method: Box<str>,
    name: Box<str>,
}

struct ErrorKey {
    method: Box<str>,
    name: Box<str>,
    error: Box<str>,
}

/// The keys as they come with a request, hashed as the owned ones are.
#[derive(Hash)]
struct Wanted<'a>(&'a str, &'a str);
#[derive(Hash)]
struct WantedError<'a>(&'a str, &'a str, &'a str);

impl Hash for EntryKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Wanted(&self.method, &self.name).hash(state);
    }
}

impl Hash for ErrorKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        WantedError(&self.method, &self.name, &self.error).hash(state);
    }
}

impl PartialEq for EntryKey {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.method == other.method
    }
}
impl Eq for EntryKey {}

impl PartialEq for ErrorKey {
    fn eq(&self, other: &Self) -> bool {
        self.error == other.error && self.name == other.name && self.method == other.method
    }
}
impl Eq for ErrorKey {}

impl Equivalent<EntryKey> for Wanted<'_> {
    fn equivalent(&self, key: &EntryKey) -> bool {
        *self.1 == *key.name && *self.0 == *key.method
    }
}

impl Equivalent<ErrorKey> for WantedError<'_> {
    fn equivalent(&self, key: &ErrorKey) -> bool {
        *self.2 == *key.error && *self.1 == *key.name && *self.0 == *key.method
    }
}

/// The wall clock in epoch seconds.
pub fn wall_clock() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
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

/// What happened to a request without Python's help.
enum Outcome {
    Counted,
    /// The row is not in the table yet.
    UnknownEntry,
    /// Python's methods are to be called.
    StepAside,
}

impl RequestRecorder {
    /// Counts a finished request; `now` is the wall clock in epoch seconds (see [`wall_clock`]).
    ///
    /// `error` is the failure's text, if it failed. About 60 ns for a success; Python is called only for names
    /// and errors that are new, or where the user replaced a part of the statistics.
    #[allow(clippy::too_many_arguments)] // what a request is
    pub fn record_native(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        response_time_ms: f64,
        response_length: u64,
        error: Option<&str>,
        now: f64,
    ) -> PyResult<()> {
        let length = Num::Int(i64::try_from(response_length).unwrap_or(i64::MAX));
        self.record_sample(
            py,
            method,
            name,
            Some(Num::Float(response_time_ms)),
            length,
            now,
        )?;
        match error {
            Some(error) => self.record_error(
                py,
                method,
                name,
                &without_address(error),
                PyString::new(py, error).as_any(),
                now,
            ),
            None => Ok(()),
        }
    }

    fn record_sample(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        response_time: Option<Num>,
        length: Num,
        now: f64,
    ) -> PyResult<()> {
        for _ in 0..3 {
            match self
                .try_sample(method, name, response_time, length, now)
                .map_err(not_a_time)?
            {
                Outcome::Counted => return Ok(()),
                Outcome::UnknownEntry => {
                    if !self.learn_entry(py, method, name)? {
                        break;
                    }
                }
                Outcome::StepAside => {
                    if !self.look_again(py)? {
                        break;
                    }
                }
            }
        }
        let arguments = (method, name, response_time.map(PyNum), PyNum(length));
        self.stats
            .call_method1(py, intern!(py, "log_request"), arguments)?;
        Ok(())
    }

    /// Counts in the table's rows, if it is up to date. Everything is checked before anything is counted.
    #[inline]
    fn try_sample(
        &self,
        method: &str,
        name: &str,
        response_time: Option<Num>,
        length: Num,
        now: f64,
    ) -> Result<Outcome, NotATime> {
        let table = lock(&self.table);
        if table.epoch != EPOCH.load(Ordering::Relaxed) {
            return Ok(Outcome::StepAside);
        }
        let (Some(total), true) = (&table.total, table.native) else {
            return Ok(Outcome::StepAside);
        };
        let Some(entry) = table.entries.get(&Wanted(method, name)) else {
            return Ok(Outcome::UnknownEntry);
        };
        match response_time {
            Some(time) => {
                bucket_ms(time).ok_or_else(|| NotATime(time.as_f64()))?;
                lock(total).record(now, time, length)?;
                lock(entry).record(now, time, length)?;
            }
            None => {
                lock(total).record_untimed(now, length);
                lock(entry).record_untimed(now, length);
            }
        }
        Ok(Outcome::Counted)
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
            let key = EntryKey {
                method: method.into(),
                name: name.into(),
            };
            lock(&self.table)
                .entries
                .insert(key, row.get().shared.clone());
        }
        Ok(native)
    }

    /// Forgets the table and asks Python what holds now. False if nothing changed since it was last asked.
    fn look_again(&self, py: Python<'_>) -> PyResult<bool> {
        let epoch = EPOCH.load(Ordering::Relaxed);
        if lock(&self.table).epoch == epoch {
            return Ok(false);
        }
        let found = self.stats.call_method0(py, intern!(py, "_native_total"))?;
        let (total, native): (Bound<'_, EntryCore>, bool) = found.extract(py)?;
        let total = Some(total.get().shared.clone());
        *lock(&self.table) = Table {
            epoch,
            total,
            native,
            ..Table::default()
        };
        Ok(native)
    }

    /// The row of the total, to merge a report into.
    pub fn shared_total(&self, py: Python<'_>) -> PyResult<SharedEntry> {
        self.look_again(py)?;
        let total = lock(&self.table).total.clone();
        total.ok_or_else(|| PyRuntimeError::new_err("the statistics have no total"))
    }

    /// The row of a name, to merge a report into; made if it is missing.
    pub fn shared_entry(&self, py: Python<'_>, method: &str, name: &str) -> PyResult<SharedEntry> {
        self.look_again(py)?;
        if let Some(entry) = lock(&self.table).entries.get(&Wanted(method, name)) {
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
    ) -> PyResult<Arc<Mutex<Occurrences>>> {
        self.look_again(py)?;
        if let Some(row) = lock(&self.table).error(method, name, error) {
            return Ok(row.clone());
        }
        self.learn_error(py, method, name, error, PyString::new(py, error).as_any())
    }

    /// Fetches the row of an error from Python's dictionary, likewise. `text` is what it is kept under.
    fn learn_error(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        text: &str,
        error: &Bound<'_, PyAny>,
    ) -> PyResult<Arc<Mutex<Occurrences>>> {
        let found =
            self.stats
                .call_method1(py, intern!(py, "_native_error"), (method, name, error))?;
        let (row, native): (Bound<'_, ErrorCore>, bool) = found.extract(py)?;
        let shared = row.get().shared.clone();
        if native {
            let key = ErrorKey {
                method: method.into(),
                name: name.into(),
                error: text.into(),
            };
            lock(&self.table).errors.insert(key, shared.clone());
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
        if self.try_error(method, name, text, now) {
            return Ok(());
        }
        self.stats
            .call_method1(py, intern!(py, "log_error"), (method, name, error))?;
        if lock(&self.table).native {
            // The row exists now; the next time it is found here.
            self.learn_error(py, method, name, text, error)?;
        }
        Ok(())
    }

    fn try_error(&self, method: &str, name: &str, text: &str, now: f64) -> bool {
        let mut table = lock(&self.table);
        if table.epoch != EPOCH.load(Ordering::Relaxed) || !table.native {
            return false;
        }
        let Some(row) = table.error(method, name, text).cloned() else {
            return false;
        };
        let Some(entry) = table.entries.get(&Wanted(method, name)) else {
            return false;
        };
        let Some(total) = &table.total else {
            return false;
        };
        lock(total).record_failure(now);
        lock(entry).record_failure(now);
        lock(&row).occurred(now);
        true
    }

    /// Counts a request as Python's callers describe it. Anything unusual goes through Python's own methods.
    pub fn record_objects(
        &self,
        method: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        response_time: &Bound<'_, PyAny>,
        response_length: &Bound<'_, PyAny>,
        exception: Option<&Bound<'_, PyAny>>,
        now: f64,
    ) -> PyResult<()> {
        let py = method.py();
        let failed = match exception {
            Some(exception) => !exception.is_none() && exception.is_truthy()?,
            None => false,
        };
        let (Ok(method_text), Ok(name_text)) = (method.cast::<PyString>(), name.cast::<PyString>())
        else {
            return self.record_in_python(
                method,
                name,
                response_time,
                response_length,
                exception.filter(|_| failed),
            );
        };
        let (method_text, name_text) = (method_text.to_str()?, name_text.to_str()?);
        let time = match response_time.cast_exact::<PyFloat>() {
            Ok(float) => Some(Num::Float(float.value())),
            Err(_) if response_time.is_none() => None,
            Err(_) => Some(response_time.extract::<PyNum>()?.0),
        };
        let length = response_length.extract::<PyNum>()?.0;
        self.record_sample(py, method_text, name_text, time, length, now)?;
        match exception {
            Some(exception) if failed => {
                let text = match exception.cast::<PyString>() {
                    Ok(text) => text.clone(),
                    Err(_) => exception.repr()?,
                };
                self.record_error(
                    py,
                    method_text,
                    name_text,
                    &without_address(text.to_str()?),
                    exception,
                    now,
                )
            }
            _ => Ok(()),
        }
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

#[pymethods]
impl RequestRecorder {
    #[new]
    fn new(stats: Py<PyAny>) -> Self {
        RequestRecorder {
            stats,
            table: Mutex::default(),
        }
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
            now,
        )
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
        self.record_objects(
            &method,
            &name,
            &response_time,
            &response_length,
            exception.as_ref(),
            wall_clock(),
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.stats)
    }
}
