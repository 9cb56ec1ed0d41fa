//! What one call of a session brings of its own, as far as the engine takes it directly.

use locust_http::engine::Body;
use locust_http::request::HeaderBlock;
use locust_http::request::composition::{BodyLength, Tail};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::body::SMALL;
use super::header_lines::HeaderLines;
use super::settings::Timeout;

/// Methods that are called directly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Patch,
}

impl Method {
    pub(super) fn text(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        }
    }

    pub(super) fn object(self, py: Python<'_>) -> &Bound<'_, PyString> {
        match self {
            Method::Get => intern!(py, "GET"),
            Method::Post => intern!(py, "POST"),
            Method::Put => intern!(py, "PUT"),
            Method::Patch => intern!(py, "PATCH"),
        }
    }

    pub(super) fn of(text: &str) -> Option<Self> {
        [Method::Get, Method::Post, Method::Put, Method::Patch]
            .into_iter()
            .find(|method| method.text() == text)
    }
}

/// What a request may differ in from the plain GETs of its client.
#[derive(Default)]
pub(super) struct Own<'py> {
    /// Its headers, in place of the client's.
    pub(super) lines: Option<Bound<'py, HeaderLines>>,
    /// Headers behind the length of the body.
    pub(super) last: Option<Bound<'py, HeaderLines>>,
    /// The query behind its path, `?` or `&` included.
    pub(super) query: Option<String>,
    /// Text or bytes; None: no body, and no word about its length.
    pub(super) body: Option<Bound<'py, PyAny>>,
    pub(super) stream: bool,
    pub(super) timeouts: Option<(Timeout, Timeout)>,
}

/// How a call's answer is reported.
#[derive(Default)]
pub(super) struct Reported<'py> {
    /// What the statistics call it; None: its URL.
    pub(super) name: Option<Bound<'py, PyString>>,
    /// Whether a with-block reports it.
    pub(super) catch: bool,
    pub(super) stream: bool,
}

impl Own<'_> {
    /// The bytes of its body; None: there is none.
    pub(super) fn body_bytes(&self) -> Option<&[u8]> {
        let body = self.body.as_ref()?;
        match body.cast::<PyBytes>() {
            Ok(bytes) => Some(bytes.as_bytes()),
            Err(_) => body
                .cast::<PyString>()
                .ok()
                .and_then(|text| text.to_str().ok())
                .map(str::as_bytes),
        }
    }

    /// What the head of the request ends with.
    pub(super) fn tail<'a>(&'a self, none: &'a HeaderBlock) -> Tail<'a> {
        let body = self.body_bytes();
        Tail {
            headers: self.lines.as_ref().map(|lines| &lines.get().0),
            body: body.map_or(BodyLength::NoBody, |bytes| BodyLength::Known(bytes.len())),
            last: self.last.as_ref().map_or(none, |lines| &lines.get().0),
        }
    }

    /// Appends a small body to `head`; returns others, to be sent after it.
    pub(super) fn append_or_keep(&self, head: &mut Vec<u8>) -> Option<Body> {
        let bytes = self.body_bytes()?;
        if bytes.len() <= SMALL {
            head.extend_from_slice(bytes);
            return None;
        }
        Some(Box::new(bytes.to_vec()))
    }
}
