//! Binding of one row of the error report: the base class of `StatsError`.

use super::entry::lock;
use super::num::PyNum;
use locust_stats::num::Num;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::sync::{Arc, Mutex};

/// How often and when a failure was seen.
#[derive(Clone, Debug, Default)]
pub struct Occurrences {
    pub occurrences: i64,
    pub first_seen: Option<Num>,
    pub last_seen: Option<Num>,
}

impl Occurrences {
    /// Counts one more, seen at `now`.
    pub fn occurred(&mut self, now: f64) {
        self.occurrences += 1;
        self.first_seen.get_or_insert(Num::Float(now));
        self.last_seen = Some(Num::Float(now));
    }
}

#[pyclass(name = "StatsErrorCore", module = "locust_rs._core", subclass, frozen)]
pub struct ErrorCore {
    pub shared: Arc<Mutex<Occurrences>>,
}

#[pymethods]
impl ErrorCore {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        ErrorCore {
            shared: Arc::default(),
        }
    }

    fn _occurred(&self, now: f64) {
        lock(&self.shared).occurred(now);
    }

    #[getter]
    fn occurrences(&self) -> i64 {
        lock(&self.shared).occurrences
    }

    #[setter]
    fn set_occurrences(&self, value: i64) {
        lock(&self.shared).occurrences = value;
    }

    #[getter]
    fn first_seen(&self) -> Option<PyNum> {
        lock(&self.shared).first_seen.map(PyNum)
    }

    #[setter]
    fn set_first_seen(&self, value: Option<PyNum>) {
        lock(&self.shared).first_seen = value.map(|seen| seen.0);
    }

    #[getter]
    fn last_seen(&self) -> Option<PyNum> {
        lock(&self.shared).last_seen.map(PyNum)
    }

    #[setter]
    fn set_last_seen(&self, value: Option<PyNum>) {
        lock(&self.shared).last_seen = value.map(|seen| seen.0);
    }
}
