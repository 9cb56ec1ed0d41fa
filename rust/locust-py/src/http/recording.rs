//! Hands finished requests to the statistics without running Python.

use locust_stats::phases::Exchange;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyList};

use super::contents::Contents;
use crate::clock::wall_clock;
use crate::stats::recorder::RequestRecorder;

/// The request event's attributes, and the one of its listeners that can be told natively.
pub(super) struct Recording {
    pub(super) event: Py<PyDict>,
    pub(super) recorder: Py<RequestRecorder>,
}

/// What is recorded of a response.
pub(super) struct Sample {
    response_time_ms: f64,
    length: u64,
    exchange: Option<Exchange>,
}

impl Sample {
    /// `length` is what the statistics note as the response's.
    pub(super) fn of(contents: &Contents, length: usize) -> Self {
        Self {
            response_time_ms: contents.response_time_ms(),
            length: length as u64,
            exchange: contents.exchange(),
        }
    }
}

impl Recording {
    pub(super) fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            event: self.event.clone_ref(py),
            recorder: self.recorder.clone_ref(py),
        }
    }

    /// Whether the other one leads to the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.event.is(&other.event) && self.recorder.is(&other.recorder)
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event)?;
        visit.call(&self.recorder)
    }

    /// Records a success, and marks `contents` as recorded. Returns whether it is one of the slowest of its row.
    ///
    /// # Errors
    /// What a replaced part of the statistics raised.
    #[inline]
    pub(super) fn record_success(
        &self,
        py: Python<'_>,
        contents: &mut Contents,
        method: &str,
        name: &str,
    ) -> PyResult<bool> {
        if !contents.is_success() {
            return Ok(false);
        }
        let Some(length) = contents.reported_length(py) else {
            return Ok(false);
        };
        let sample = Sample::of(contents, length);
        let recorded = self.record(py, method, name, &sample)?;
        contents.recorded = recorded.is_some();
        Ok(recorded == Some(true))
    }

    /// Whether the recorder is the only listener, and the event's `fire` has not been replaced.
    #[inline]
    pub(super) fn is_alone(&self, py: Python<'_>) -> PyResult<bool> {
        let event = self.event.bind(py);
        let Some(handlers) = event.get_item(intern!(py, "_handlers"))? else {
            return Ok(false);
        };
        let Ok(handlers) = handlers.cast_exact::<PyList>() else {
            return Ok(false);
        };
        if handlers.len() != 1 || !handlers.get_item(0)?.is(&self.recorder) {
            return Ok(false);
        }
        // The native `fire` is a builtin function; a replacement is not.
        Ok(event
            .get_item(intern!(py, "fire"))?
            .is_none_or(|fire| fire.cast::<PyCFunction>().is_ok()))
    }

    /// Records a success if the recorder is the only listener; returns whether it is one of the slowest of its row.
    ///
    /// # Errors
    /// What a replaced part of the statistics raised.
    #[inline]
    pub(super) fn record(
        &self,
        py: Python<'_>,
        method: &str,
        name: &str,
        sample: &Sample,
    ) -> PyResult<Option<bool>> {
        if !self.is_alone(py)? {
            return Ok(None);
        }
        let recorder = self.recorder.get();
        let is_slow = recorder.record_success(
            py,
            method,
            name,
            sample.response_time_ms,
            sample.length,
            sample.exchange.as_ref(),
            wall_clock(),
        )?;
        Ok(Some(is_slow))
    }
}
