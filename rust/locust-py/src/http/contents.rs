//! What a response consists of before Python has touched it.

use locust_http::decode::{DEFAULT_LIMIT, Decoder};
use locust_http::engine::{Facts, RequestKey};
use locust_http::head;
use locust_http::response::Response;
use locust_stats::phases::Exchange;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::engine::{Discarded, HttpEngine};
use super::recording::Recording;
use super::settings::Base;
use super::text;

/// A body that is still on the wire.
pub(super) struct Stream {
    pub(super) engine: Py<HttpEngine>,
    pub(super) key: RequestKey,
    /// Whether a greenlet is reading it.
    pub(super) reading: bool,
}

impl Drop for Stream {
    fn drop(&mut self) {
        Python::attach(|py| self.engine.get().discard(py, Discarded::Request(self.key)));
    }
}

/// How [`Contents::left`] is filled.
pub(super) enum Reader {
    /// `read` was not called yet.
    Untouched,
    Raw,
    Decoding(Option<Box<Decoder>>),
}

/// What a response consists of.
pub(super) struct Contents {
    pub(super) response: Response,
    pub(super) facts: Facts,
    pub(super) method: Py<PyString>,
    pub(super) url: Py<PyString>,
    pub(super) base: Option<Py<Base>>,
    pub(super) name: Option<Py<PyString>>,
    /// The session that sent the request, and what it keeps of it.
    pub(super) session: Option<Py<PyAny>>,
    pub(super) sent: Option<Py<PyAny>>,
    pub(super) recorded: bool,
    /// Where a success is recorded that is not yet.
    pub(super) recording: Option<Recording>,
    /// Whether the statistics have its phases, although it was not recorded natively.
    pub(super) told: bool,
    pub(super) decoded: Option<Py<PyBytes>>,
    pub(super) text: Option<text::Known>,
    pub(super) reader: Reader,
    /// Bytes that `read` has not given away.
    pub(super) left: Vec<u8>,
    pub(super) stream: Option<Stream>,
    /// Whether its body was left to whoever reads it.
    pub(super) streamed: bool,
    /// Whether the request failed while its body arrived.
    pub(super) is_incomplete: bool,
}

impl Contents {
    pub(super) fn new(
        response: Response,
        facts: &Facts,
        method: Py<PyString>,
        url: Py<PyString>,
    ) -> Self {
        Self {
            response,
            facts: *facts,
            method,
            url,
            base: None,
            name: None,
            session: None,
            sent: None,
            recorded: false,
            recording: None,
            told: false,
            decoded: None,
            text: None,
            reader: Reader::Untouched,
            left: Vec::new(),
            stream: None,
            streamed: false,
            is_incomplete: false,
        }
    }

    pub(super) fn with_base(mut self, base: Option<Py<Base>>) -> Self {
        self.base = base;
        self
    }

    pub(super) fn with_name(mut self, name: Option<Py<PyString>>) -> Self {
        self.name = name;
        self
    }

    pub(super) fn with_stream(mut self, stream: Stream) -> Self {
        self.stream = Some(stream);
        self
    }

    /// The same response with what is left of the body, which this one has no longer.
    pub(super) fn take_body(&mut self, py: Python<'_>) -> Self {
        let (method, url) = (self.method.clone_ref(py), self.url.clone_ref(py));
        let base = self.base.as_ref().map(|base| base.clone_ref(py));
        let mut apart = Self::new(self.response.clone(), &self.facts, method, url).with_base(base);
        apart.reader = Reader::Raw;
        apart.left = std::mem::take(&mut self.left);
        apart.stream = self.stream.take();
        apart.streamed = self.streamed;
        apart
    }

    /// Whether the session has nothing left to do: it is recorded, and sets no cookies.
    pub(super) fn is_settled(&self) -> bool {
        self.recorded && !self.response.head.sets_cookies
    }

    /// Whether nothing about it asks for more work: no redirect, no cookies, a body that is here and readable.
    pub(super) fn is_ordinary(&self) -> bool {
        !matches!(self.status(), 300..=399)
            && !self.response.head.sets_cookies
            && self.stream.is_none()
            && (self.decoded.is_some() || !self.response.is_encoded())
    }

    /// What the statistics call it.
    pub(super) fn name(&self, py: Python<'_>) -> Py<PyString> {
        self.name.as_ref().unwrap_or(&self.url).clone_ref(py)
    }

    /// The URL of the request as it was given, with the client's base URL before a path.
    ///
    /// # Errors
    /// It cannot be encoded.
    pub(super) fn full_url(&self, py: Python<'_>) -> PyResult<String> {
        let url = self.url.bind(py).to_str()?;
        Ok(match &self.base {
            Some(base) if url.starts_with('/') => format!("{}{url}", base.get().0.url),
            _ => url.to_owned(),
        })
    }

    pub(super) fn status(&self) -> u16 {
        self.response.head.status
    }

    /// Start to end in milliseconds; a stream ends with its header.
    pub(super) fn response_time_ms(&self) -> f64 {
        let end = if self.stream.is_some() || self.facts.timing.last_byte == 0 {
            self.facts.timing.header
        } else {
            self.facts.timing.last_byte
        };
        self.facts.timing.since_start_ms(end).unwrap_or(0.0)
    }

    /// Whether its status is one that a native record takes for a success.
    pub(super) fn is_success(&self) -> bool {
        matches!(self.status(), 200..=208 | 226 | 304)
    }

    /// What the statistics note as its length: bytes of the decoded body, or of a stream as its header announces them.
    /// None if it cannot be decoded, or announces something else.
    pub(super) fn reported_length(&mut self, py: Python<'_>) -> Option<usize> {
        if !self.streamed {
            return self.decoded_length(py);
        }
        match head::values(self.response.raw_head(), "content-length").next() {
            Some(value) => std::str::from_utf8(&value).ok()?.parse().ok(),
            None => Some(0),
        }
    }

    /// What the statistics keep of how it came; None if they have it, as a test may report a response under several
    /// names.
    pub(super) fn exchange(&self) -> Option<Exchange> {
        let facts = &self.facts;
        (!self.recorded && !self.told).then(|| Exchange {
            took_ns: facts.timing.took_ns(!facts.reused),
            opened: !facts.reused,
            retried: facts.retried,
            sent_bytes: facts.sent_bytes,
            received_bytes: facts.received_bytes,
        })
    }

    /// Length of the decoded body; None if it cannot be decoded. Decodes at most once.
    pub(super) fn decoded_length(&mut self, py: Python<'_>) -> Option<usize> {
        if !self.response.is_encoded() {
            return Some(self.response.body().len());
        }
        if let Some(decoded) = &self.decoded {
            return Some(decoded.as_bytes(py).len());
        }
        let bytes = self.response.decoded(DEFAULT_LIMIT).ok()?;
        self.decoded = Some(PyBytes::new(py, &bytes).unbind());
        Some(bytes.len())
    }
}
