//! What may change during a client's life, and the checks of what users pass.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use locust_http::clock::nanoseconds;
use locust_http::engine::PoolKey;
use locust_http::head::Lengths;
use locust_http::proxy::Proxy;
use locust_http::request::HeaderBlock;
use locust_http::request::composition::Defaults;
use locust_http::url::BaseUrl;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::engine::HttpEngine;
use super::header_lines::header_bytes;
use super::plan::Plan;
use super::recording::Recording;

/// Where paths lead. Clients with the same base URL share one, so that what thousands of users compare, or count
/// references of, stays in the processor's cache. A Python object, because its references are counted without a fence.
#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct Base(pub(super) BaseUrl);

/// The most recently made ones.
static BASES: Mutex<VecDeque<Py<Base>>> = Mutex::new(VecDeque::new());
const REMEMBERED_BASES: usize = 16;

/// What may change during a client's life; first what a plain GET needs, so that it shares cache lines.
#[repr(C)]
pub(super) struct Settings {
    /// The engine that was used last, and the client's pool there, unless clients share it.
    pub(super) place: Option<(Py<HttpEngine>, PoolKey)>,
    /// None: not made yet, or something has changed.
    pub(super) plan: Option<Py<Plan>>,
    /// Where the base's origin was in the pool last time.
    pub(super) site_hint: usize,
    pub(super) base: Option<Py<Base>>,
    pub(super) connect_timeout: u64,
    pub(super) network_timeout: u64,
    pub(super) recording: Option<Recording>,
    pub(super) host_first: bool,
    pub(super) lengths: Lengths,
    pub(super) headers: HeaderBlock,
    pub(super) cookie: Vec<u8>,
}

impl Settings {
    /// What the client's requests have in common, in the engine's terms.
    pub(super) fn defaults<'a>(&'a self, proxy: Option<&'a Proxy>) -> Defaults<'a> {
        Defaults {
            base: self.base.as_ref().map(|base| &base.get().0),
            headers: &self.headers,
            cookie: &self.cookie,
            host_first: self.host_first,
            proxy,
        }
    }
}

/// A timeout argument: left out, None, or seconds.
pub(super) enum Timeout {
    Client,
    Never,
    Seconds(f64),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Timeout {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if object.is_none() {
            Ok(Timeout::Never)
        } else {
            object.extract().map(Timeout::Seconds)
        }
    }
}

impl Timeout {
    pub(super) fn or(&self, client: u64) -> u64 {
        match self {
            Timeout::Client => client,
            Timeout::Never => 0,
            Timeout::Seconds(seconds) => nanoseconds(Some(*seconds)),
        }
    }
}

pub(super) fn bad(message: String) -> PyErr {
    PyValueError::new_err(message)
}

/// The base URL that `text` names; "" and None: there is none.
pub(super) fn base(py: Python<'_>, text: Option<&str>) -> PyResult<Option<Py<Base>>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let url = BaseUrl::normal(text);
    let mut bases = BASES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = bases.iter().find(|base| base.get().0.url == url) {
        return Ok(Some(known.clone_ref(py)));
    }
    let base = Py::new(py, Base(BaseUrl::parse(text).map_err(bad)?))?;
    bases.truncate(REMEMBERED_BASES - 1);
    bases.push_front(base.clone_ref(py));
    Ok(Some(base))
}

/// The value of a Cookie header.
pub(super) fn cookie_bytes(cookie: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let cookie = header_bytes(cookie)?;
    if cookie.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
        return Err(bad("the cookie has a line break or NUL".to_owned()));
    }
    Ok(cookie)
}
