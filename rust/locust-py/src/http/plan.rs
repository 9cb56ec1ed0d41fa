//! What the plain GETs of a client have in common, in one object for all clients with the same settings.
//!
//! Shared so that the data every request reads stays in the processor's cache.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use locust_http::head::Lengths;
use locust_http::proxy::Proxy;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

use super::recording::Recording;
use super::settings::{Base, Settings};

/// See the file's comment. A Python object, because its references are counted without a fence.
#[pyclass(module = "locust_rs._core", frozen, weakref)]
pub(super) struct Plan {
    pub(super) base: Py<Base>,
    /// All of the head after the target.
    pub(super) tail: Vec<u8>,
    is_own: bool,
    pub(super) closes: bool,
    pub(super) lengths: Lengths,
    pub(super) connect_timeout: u64,
    pub(super) network_timeout: u64,
    pub(super) recording: Option<Recording>,
}

/// The most recently made plans; weak, so that they go with their last client.
static PLANS: Mutex<VecDeque<Py<PyWeakrefReference>>> = Mutex::new(VecDeque::new());
const REMEMBERED: usize = 16;

impl Plan {
    /// The plan of a client with these settings; None without a base URL, or with a proxy.
    #[cold]
    #[inline(never)]
    pub(super) fn of(py: Python<'_>, settings: &Settings, proxy: Option<&Proxy>) -> Option<Self> {
        let base = settings.base.as_ref()?;
        let recording = settings.recording.as_ref();
        Some(Self {
            base: base.clone_ref(py),
            tail: settings.defaults(proxy).tail_of_get()?,
            // Cookies are a client's own, and may be others after the next response.
            is_own: !settings.cookie.is_empty(),
            closes: settings.headers.closes,
            lengths: settings.lengths,
            connect_timeout: settings.connect_timeout,
            network_timeout: settings.network_timeout,
            recording: recording.map(|recording| recording.clone_ref(py)),
        })
    }

    /// The plan as an object: an equal one, if it was made recently.
    ///
    /// # Errors
    /// No memory.
    pub(super) fn shared(self, py: Python<'_>) -> PyResult<Bound<'_, Self>> {
        if self.is_own {
            return Bound::new(py, self);
        }
        // What is made below may set the collector off, and so anything.
        let known: Vec<_> = plans().iter().map(|plan| plan.clone_ref(py)).collect();
        for plan in known {
            if let Ok(Some(plan)) = plan.bind(py).upgrade_as::<Self>()
                && self.equals(plan.get())
            {
                return Ok(plan);
            }
        }
        let made = Bound::new(py, self)?;
        let reference = PyWeakrefReference::new(&made)?.unbind();
        let mut plans = plans();
        plans.push_front(reference);
        let kept = plans.len().min(REMEMBERED);
        let forgotten = plans.split_off(kept);
        drop(plans);
        drop(forgotten);
        Ok(made)
    }

    fn equals(&self, other: &Self) -> bool {
        self.base.is(&other.base)
            && self.tail == other.tail
            && self.closes == other.closes
            && self.lengths == other.lengths
            && self.connect_timeout == other.connect_timeout
            && self.network_timeout == other.network_timeout
            && match (&self.recording, &other.recording) {
                (Some(own), Some(others)) => own.is(others),
                (own, others) => own.is_none() && others.is_none(),
            }
    }
}

fn plans() -> MutexGuard<'static, VecDeque<Py<PyWeakrefReference>>> {
    PLANS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[pymethods]
impl Plan {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.recording
            .as_ref()
            .map_or(Ok(()), |recording| recording.traverse(&visit))
    }
}
