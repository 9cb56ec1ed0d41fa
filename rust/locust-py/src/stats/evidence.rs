//! Which requests the recorder lets evidence be kept of: the first failures of each kind, and the slowest of each row.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::entry::lock;
use super::recorder::RequestRecorder;

/// What is worth keeping evidence of in a request that was counted.
#[derive(Default)]
pub struct Noted {
    /// The text of its failure, as the table of errors has it.
    pub(super) failure: Option<String>,
    /// Whether it is one of the slowest of its row.
    pub(super) is_slow: bool,
}

impl RequestRecorder {
    /// What keeps evidence; None: nothing does.
    pub(super) fn evidence(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let evidence = lock(&self.evidence);
        evidence.as_ref().map(|evidence| evidence.clone_ref(py))
    }

    /// Lets something else keep evidence.
    pub(super) fn replace_evidence(&self, evidence: Option<Py<PyAny>>) {
        let mut known = lock(&self.evidence);
        let before = std::mem::replace(&mut *known, evidence);
        lock(&self.table).look_for_slow(known.is_some());
        drop(known);
        drop(before);
    }

    /// Lets evidence be kept of a failure, and of one of the slowest requests. `event` is called for those that are
    /// wanted.
    ///
    /// # Errors
    /// What interrupts the greenlet; errors of the evidence are its own affair.
    #[inline]
    pub fn keep_evidence<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        name: &Bound<'py, PyAny>,
        noted: &Noted,
        event: impl Fn() -> PyResult<Bound<'py, PyDict>>,
    ) -> PyResult<()> {
        if noted.failure.is_none() && !noted.is_slow {
            return Ok(());
        }
        self.keep_noted(method, name, noted, &event)
    }

    #[cold]
    fn keep_noted<'py>(
        &self,
        method: &Bound<'py, PyAny>,
        name: &Bound<'py, PyAny>,
        noted: &Noted,
        event: &dyn Fn() -> PyResult<Bound<'py, PyDict>>,
    ) -> PyResult<()> {
        let py = method.py();
        let Some(evidence) = self.evidence(py) else {
            return Ok(());
        };
        let error = noted.failure.as_deref();
        if let Some(error) = error {
            let wanted =
                evidence.call_method1(py, intern!(py, "wants_failure"), (method, name, error))?;
            if wanted.bind(py).is_truthy()? {
                let arguments = (error, event()?);
                evidence.call_method1(py, intern!(py, "keep_failure"), arguments)?;
            }
        }
        if noted.is_slow {
            let arguments = (error.unwrap_or_default(), event()?);
            let from = evidence.call_method1(py, intern!(py, "keep_slow"), arguments)?;
            self.set_slow_from(method, name, from.bind(py))?;
        }
        Ok(())
    }

    /// Lets evidence be kept of one of the slowest requests, a success of the engine's that no event tells of.
    ///
    /// # Errors
    /// As above.
    #[cold]
    pub fn keep_slow_response<'py>(
        &self,
        method: &Bound<'py, PyString>,
        name: &Bound<'py, PyString>,
        response: &Bound<'py, PyAny>,
    ) -> PyResult<()> {
        let py = method.py();
        let Some(evidence) = self.evidence(py) else {
            return Ok(());
        };
        let arguments = (method, name, response);
        let from = evidence.call_method1(py, intern!(py, "keep_slow_response"), arguments)?;
        self.set_slow_from(method, name, from.bind(py))
    }

    fn set_slow_from(
        &self,
        method: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        slow_from_ms: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let (method, name) = (method.cast::<PyString>()?, name.cast::<PyString>()?);
        let slow_from_ms = slow_from_ms.extract()?;
        lock(&self.table).set_slow_from(method.to_str()?, name.to_str()?, slow_from_ms);
        Ok(())
    }
}
