//! `DirectCalls`: the methods of a session that make nearly all requests of a load test (`direct_call`), and whether
//! they may go to the engine without asking the session.

use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::cell::GilCell;
use super::client::HttpClient;
use crate::watch::DictWatch;

/// What a direct call needs.
pub(super) struct Target {
    client: Py<HttpClient>,
    /// What responses keep of a plain GET, besides the session.
    sent: Py<PyAny>,
    /// Headers that calls have brought: `tuple(headers.items())` leads to the tuple of what is known of them.
    known_headers: Py<PyDict>,
    /// The same for calls whose body is JSON.
    known_with_json: Py<PyDict>,
    /// The function that the methods replace. A class with another `request` must be asked instead.
    request: Py<PyAny>,
    /// The class that a response becomes for a with-block.
    catching: Py<PyType>,
    /// Tells whether a library below has been patched since direct calls were allowed.
    watch: Py<DictWatch>,
    version: u64,
}

/// Whether a session's calls may go directly to the engine.
enum Knowledge {
    /// Something has changed since the session was asked.
    Unknown,
    Open(Target),
    /// No: the session handles them.
    Closed,
}

#[pyclass(module = "locust_rs._core", frozen, subclass)]
pub(super) struct DirectCalls(GilCell<Knowledge>);

/// A session's target while a call begins.
pub(super) struct Aim<'py> {
    pub(super) client: Bound<'py, HttpClient>,
    pub(super) sent: Bound<'py, PyAny>,
    pub(super) known_headers: Bound<'py, PyDict>,
    pub(super) known_with_json: Bound<'py, PyDict>,
    request: *mut ffi::PyObject,
}

impl DirectCalls {
    /// Where the session's calls go; None: it has to send them itself.
    ///
    /// # Errors
    /// What the session raised when it was asked.
    #[inline]
    pub(super) fn aim<'py>(session: &Bound<'py, Self>) -> PyResult<Option<Aim<'py>>> {
        let py = session.py();
        let mut found = session.get().known_aim(py);
        if found.is_none() && session.get().is_unknown(py) {
            session.call_method0(intern!(py, "_prepare_direct"))?;
            found = session.get().known_aim(py);
        }
        Ok(found.filter(|aim| {
            let request = session.get_type().getattr(intern!(py, "request"));
            request.is_ok_and(|request| request.as_ptr() == aim.request)
        }))
    }

    /// None: the session has to be asked.
    #[inline]
    fn known_aim<'py>(&self, py: Python<'py>) -> Option<Aim<'py>> {
        self.0.with(py, |known| match known {
            Knowledge::Open(target) if target.watch.get().current(py) == target.version => {
                Some(Aim {
                    client: target.client.bind(py).clone(),
                    sent: target.sent.bind(py).clone(),
                    known_headers: target.known_headers.bind(py).clone(),
                    known_with_json: target.known_with_json.bind(py).clone(),
                    request: target.request.as_ptr(),
                })
            }
            _ => None,
        })
    }

    fn is_unknown(&self, py: Python<'_>) -> bool {
        self.0.with(py, |known| !matches!(known, Knowledge::Closed))
    }

    /// The class that a response becomes for a with-block; None: calls are no longer direct.
    pub(super) fn catching<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyType>> {
        self.0.with(py, |known| match known {
            Knowledge::Open(target) => Some(target.catching.bind(py).clone()),
            _ => None,
        })
    }

    fn learn(&self, py: Python<'_>, knowledge: Knowledge) {
        drop(self.0.with(py, |known| std::mem::replace(known, knowledge)));
    }
}

#[pymethods]
impl DirectCalls {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self(GilCell::new(Knowledge::Unknown))
    }

    #[pyo3(signature = (*_args, **_kwargs))]
    fn __init__(&self, _args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) {}

    #[allow(clippy::too_many_arguments)] // what a direct call needs
    fn _open_direct(
        &self,
        py: Python<'_>,
        client: Py<HttpClient>,
        sent: Py<PyAny>,
        known_headers: Py<PyDict>,
        known_with_json: Py<PyDict>,
        request: Py<PyAny>,
        catching: Py<PyType>,
        watch: Py<DictWatch>,
        version: u64,
    ) {
        let target = Target {
            client,
            sent,
            known_headers,
            known_with_json,
            request,
            catching,
            watch,
            version,
        };
        self.learn(py, Knowledge::Open(target));
    }

    fn _close_direct(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Closed);
    }

    fn _forget_direct(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Unknown);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector runs with the GIL held; nothing is done with it here.
        let py = unsafe { Python::assume_attached() };
        self.0
            .try_with(py, |known| match known {
                Knowledge::Open(target) => {
                    visit.call(&target.client)?;
                    visit.call(&target.sent)?;
                    visit.call(&target.known_headers)?;
                    visit.call(&target.known_with_json)?;
                    visit.call(&target.catching)?;
                    visit.call(&target.watch)?;
                    visit.call(&target.request)
                }
                _ => Ok(()),
            })
            .unwrap_or(Ok(()))
    }

    fn __clear__(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Closed);
    }
}
