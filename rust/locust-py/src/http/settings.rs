//! What may change during a client's life, and the checks of what users pass.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use locust_http::clock::nanoseconds;
use locust_http::engine::PoolKey;
use locust_http::proxy::Proxy;
use locust_http::request::HeaderBlock;
use locust_http::url::{self, Origin, Scheme};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::engine::HttpEngine;
use super::plan::Plan;
use super::recording::Recording;

/// Where paths lead. Clients with the same base URL share one: what thousands of users compare, or count references of,
/// had better be in one place of memory. A Python object, because its references are counted without a fence.
#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct Base {
    pub(super) origin: Arc<Origin>,
    pub(super) authority: String,
    /// Path before every path, without a final `/`.
    pub(super) path: String,
    /// The URL as it was given, without a final `/`.
    pub(super) url: String,
}

/// The ones that were made last.
static BASES: Mutex<VecDeque<Py<Base>>> = Mutex::new(VecDeque::new());
const REMEMBERED_BASES: usize = 16;

/// What may change during a client's life; first what a plain GET needs, so that it is in one place of memory.
#[repr(C)]
pub(super) struct Settings {
    /// The engine that was used last, and the client's pool there, if nobody shares it.
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
    pub(super) headers: HeaderBlock,
    pub(super) cookie: Vec<u8>,
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

/// The bytes of a header's name or value: latin-1 where that is possible, otherwise UTF-8.
pub(super) fn header_bytes(object: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    let text = object.cast::<PyString>().map_err(|_| {
        PyTypeError::new_err(format!(
            "header names and values are str or bytes, not {object:?}"
        ))
    })?;
    let text = text.to_str()?;
    let latin1: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(char).ok()).collect();
    Ok(latin1.unwrap_or_else(|| text.as_bytes().to_vec()))
}

pub(super) fn header_block(headers: &Bound<'_, PyAny>) -> PyResult<HeaderBlock> {
    if let Ok(bytes) = headers.cast::<PyBytes>() {
        return HeaderBlock::from_bytes(bytes.as_bytes()).map_err(bad);
    }
    let mut block = HeaderBlock::default();
    for pair in headers.try_iter()? {
        let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?.extract()?;
        block
            .push(&header_bytes(&name)?, &header_bytes(&value)?)
            .map_err(bad)?;
    }
    Ok(block)
}

pub(super) fn parse_base(py: Python<'_>, base_url: Option<&str>) -> PyResult<Option<Py<Base>>> {
    let Some(text) = base_url.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let url = text.trim_end_matches('/');
    let mut bases = BASES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = bases.iter().find(|base| base.get().url == url) {
        return Ok(Some(known.clone_ref(py)));
    }
    let parsed = url::parse(text).map_err(bad)?;
    let base = Base {
        authority: parsed.origin.authority(),
        path: parsed
            .target
            .split('?')
            .next()
            .unwrap_or("")
            .trim_end_matches('/')
            .to_owned(),
        url: url.to_owned(),
        origin: parsed.origin,
    };
    let base = Py::new(py, base)?;
    bases.truncate(REMEMBERED_BASES - 1);
    bases.push_front(base.clone_ref(py));
    Ok(Some(base))
}

pub(super) fn parse_proxy(proxy: Option<&str>) -> PyResult<Option<Proxy>> {
    let Some(text) = proxy else { return Ok(None) };
    let parsed = url::parse(text).map_err(bad)?;
    if parsed.origin.scheme == Scheme::Https {
        return Err(bad(format!(
            "proxy {text:?}: only http:// proxies are supported"
        )));
    }
    Ok(Some(Proxy {
        host: parsed.origin.host.clone(),
        port: parsed.origin.port,
        authorization: parsed.userinfo.map(basic_authorization),
    }))
}

/// `Basic …` for `user:password` as it stands in a URL.
fn basic_authorization(userinfo: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let plain = unquote(userinfo);
    let mut text = String::from("Basic ");
    for group in plain.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let known = digit <= group.len();
            let value = (bits >> (18 - 6 * digit)) & 63;
            text.push(if known {
                char::from(DIGITS[value as usize])
            } else {
                '='
            });
        }
    }
    text
}

fn unquote(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let quoted = text
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match quoted {
            Some(byte) if bytes[at] == b'%' => {
                plain.push(byte);
                at += 3;
            }
            _ => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    plain
}

/// The value of a Cookie header.
pub(super) fn cookie_bytes(cookie: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let cookie = header_bytes(cookie)?;
    if cookie.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
        return Err(bad("the cookie has a line break or NUL".to_owned()));
    }
    Ok(cookie)
}
