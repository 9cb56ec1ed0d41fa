//! `HttpClient.send`: a call's arguments become the bytes of a request.

use std::borrow::Cow;

use locust_http::clock::now_ns;
use locust_http::engine::{PoolKey, Submission};
use locust_http::pool::PoolSettings;
use locust_http::request::composition::{self, BodyLength, Destination};
use locust_http::request::{HeaderBlock, check_method, is_idempotent};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::body::Payload;
use super::engine::HttpEngine;
use super::header_lines::header_block;
use super::settings::{Base, Settings, Timeout, bad, cookie_bytes};

/// The arguments of `send` as Python gives them.
pub(super) struct Arguments<'a, 'py> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) headers: Option<&'a Bound<'py, PyAny>>,
    pub(super) body: Option<&'a Bound<'py, PyAny>>,
    pub(super) extra: Option<&'a Bound<'py, PyBytes>>,
    pub(super) cookie: Option<&'a Bound<'py, PyAny>>,
    pub(super) stream: bool,
    pub(super) framed: bool,
    pub(super) record: bool,
    pub(super) connect_timeout: Timeout,
    pub(super) network_timeout: Timeout,
}

/// The arguments once they were checked.
pub(super) struct Call<'a, 'py> {
    arguments: &'a Arguments<'a, 'py>,
    start: u64,
    destination: Destination<'a>,
    /// None: the client's.
    headers: Option<Cow<'a, HeaderBlock>>,
    extra: Cow<'a, HeaderBlock>,
    /// None: the standing one.
    cookie: Option<Vec<u8>>,
    pub(super) payload: Payload<'py>,
}

/// A request that is ready to be submitted.
pub(super) struct Prepared {
    pub(super) submission: Submission,
    pub(super) base: Option<Py<Base>>,
    /// Whether the pieces of the body are to be framed as chunks.
    pub(super) chunked: bool,
}

impl<'a, 'py> Call<'a, 'py> {
    /// Checks the arguments. The request begins here.
    ///
    /// # Errors
    /// One of them cannot be put on the wire.
    pub(super) fn check(arguments: &'a Arguments<'a, 'py>) -> PyResult<Self> {
        let start = now_ns();
        let given = |object: &&Bound<'py, PyAny>| !object.is_none();
        let headers = arguments
            .headers
            .filter(given)
            .map(header_block)
            .transpose()?;
        let extra = arguments
            .extra
            .map(|block| header_block(block))
            .transpose()?;
        let cookie = arguments
            .cookie
            .filter(given)
            .map(cookie_bytes)
            .transpose()?;
        check_method(arguments.method).map_err(bad)?;
        Ok(Self {
            arguments,
            start,
            destination: Destination::parse(arguments.url).map_err(bad)?,
            headers,
            extra: extra.unwrap_or_default(),
            cookie,
            payload: Payload::extract(arguments.body)?,
        })
    }

    /// Puts the request together; None if it is only a path and there is no base URL.
    pub(super) fn prepare(
        &self,
        py: Python<'_>,
        settings: &mut Settings,
        pool_settings: &PoolSettings,
        engine: &HttpEngine,
        pool: PoolKey,
    ) -> Option<Prepared> {
        let arguments = self.arguments;
        let call = composition::Call {
            method: arguments.method,
            destination: &self.destination,
            headers: self.headers.as_deref(),
            extra: &self.extra,
            cookie: self.cookie.as_deref(),
            body: self.payload.length(),
        };
        let composed = call.compose(&settings.defaults(pool_settings.proxy.as_ref()))?;
        let is_to_base = composed.is_to_base;
        let hint = if is_to_base { settings.site_hint } else { 0 };
        let (mut head, site) = engine.with(py, |core| {
            Some((core.buffer(), core.site(pool, composed.origin, hint)?))
        })?;
        composed.write(&mut head);
        locust_http::unsampled::tell(&mut head);
        let body = self.payload.append_or_keep(&mut head, py);
        let submission = Submission {
            pool,
            site,
            head,
            body,
            upload: call.body == BodyLength::Unknown,
            answers_head: arguments.method == "HEAD",
            lengths: settings.lengths,
            idempotent: is_idempotent(arguments.method),
            closes: composed.closes,
            stream: arguments.stream,
            framed: arguments.framed,
            connect_timeout: arguments.connect_timeout.or(settings.connect_timeout),
            network_timeout: arguments.network_timeout.or(settings.network_timeout),
            start: self.start,
        };
        let chunked = composed.is_chunked;
        if is_to_base {
            settings.site_hint = site;
        }
        Some(Prepared {
            submission,
            base: settings.base.as_ref().map(|base| base.clone_ref(py)),
            chunked,
        })
    }
}
