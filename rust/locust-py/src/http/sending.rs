//! `HttpClient.send`: a call's arguments become the bytes of a request.

use locust_http::clock::now_ns;
use locust_http::engine::{Draft, PoolKey};
use locust_http::pool::PoolSettings;
use locust_http::proxy::Proxy;
use locust_http::request::{HeadParts, HeaderBlock, is_idempotent, is_token};
use locust_http::url::{self, Scheme, Url};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::body::Payload;
use super::engine::HttpEngine;
use super::settings::{Base, Settings, Timeout, bad, cookie_bytes, header_block};

/// The arguments of `send` as Python gives them.
pub(super) struct Arguments<'a, 'py> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) headers: Option<&'a Bound<'py, PyAny>>,
    pub(super) body: Option<&'a Bound<'py, PyAny>>,
    pub(super) extra: Option<&'a Bound<'py, PyBytes>>,
    pub(super) cookie: Option<&'a Bound<'py, PyAny>>,
    pub(super) stream: bool,
    pub(super) record: bool,
    pub(super) connect_timeout: Timeout,
    pub(super) network_timeout: Timeout,
}

/// The arguments once they were checked.
pub(super) struct Call<'a, 'py> {
    arguments: &'a Arguments<'a, 'py>,
    start: u64,
    /// Parts of the URL, unless it is only a path.
    absolute: Option<Url<'a>>,
    /// None: the client's.
    headers: Option<HeaderBlock>,
    extra: HeaderBlock,
    /// None: the standing one.
    cookie: Option<Vec<u8>>,
    pub(super) payload: Payload<'py>,
}

/// A request that is ready to be submitted.
pub(super) struct Prepared {
    pub(super) draft: Draft,
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
        if arguments.method.is_empty() || !arguments.method.bytes().all(is_token) {
            return Err(bad(format!("{:?} is no HTTP method", arguments.method)));
        }
        Ok(Self {
            arguments,
            start,
            absolute: absolute(arguments.url)?,
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
        let base = settings.base.as_ref().map(Py::get);
        let (origin, path, target) = match (&self.absolute, base) {
            (Some(parsed), _) => (&parsed.origin, "", parsed.target),
            (None, Some(base)) => (&base.origin, base.path.as_str(), self.arguments.url),
            (None, None) => return None,
        };
        let is_base = base.is_some_and(|base| base.origin == *origin);
        let origin = base
            .map(|base| &base.origin)
            .filter(|_| is_base)
            .unwrap_or(origin);
        let block = self.headers.as_ref().unwrap_or(&settings.headers);
        let flags = block.merged_flags(&self.extra);
        let cookie: &[u8] = match &self.cookie {
            Some(cookie) => cookie,
            None if is_base && !flags.has_cookie => &settings.cookie,
            None => b"",
        };
        let authority = if flags.has_host {
            String::new()
        } else {
            origin.authority()
        };
        let proxy = pool_settings
            .proxy
            .as_ref()
            .filter(|_| origin.scheme == Scheme::Http);
        let prefix = proxy.map(|_| format!("http://{}", origin.authority()));
        let authorization = proxy.map(Proxy::authorization_line).unwrap_or_default();
        let pieces = matches!(self.payload, Payload::Pieces(_));
        let announce_chunks = pieces && !flags.has_length;
        let parts = HeadParts {
            method: self.arguments.method,
            absolute: prefix.as_deref().unwrap_or(""),
            base_path: path,
            target: target.split('#').next().unwrap_or(target),
            host_first: if settings.host_first { &authority } else { "" },
            blocks: [&block.bytes, &self.extra.bytes, authorization.as_bytes()],
            cookie,
            host_last: if settings.host_first { "" } else { &authority },
            content_length: self.payload.length().filter(|_| !flags.has_length),
            chunked: announce_chunks,
        };
        let hint = if is_base { settings.site_hint } else { 0 };
        let (mut head, site) = engine.with(py, |core| {
            Some((core.buffer(), core.site(pool, origin, hint)?))
        })?;
        parts.write(&mut head);
        let body = self.payload.append_or_keep(&mut head, py);
        let draft = Draft {
            pool,
            site,
            head,
            body,
            upload: pieces,
            answers_head: self.arguments.method == "HEAD",
            idempotent: is_idempotent(self.arguments.method),
            closes: flags.closes,
            stream: self.arguments.stream,
            connect_timeout: self.arguments.connect_timeout.or(settings.connect_timeout),
            network_timeout: self.arguments.network_timeout.or(settings.network_timeout),
            start: self.start,
        };
        let base = settings.base.as_ref().map(|base| base.clone_ref(py));
        if is_base {
            settings.site_hint = site;
        }
        Some(Prepared {
            draft,
            base,
            chunked: announce_chunks || flags.is_chunked,
        })
    }
}

/// The parts of an absolute URL; None for a path.
fn absolute(url: &str) -> PyResult<Option<Url<'_>>> {
    if !url.starts_with('/') {
        return url::parse(url).map(Some).map_err(bad);
    }
    if !url::is_quoted(url) {
        return Err(bad(format!("{url:?} has characters that must be quoted")));
    }
    Ok(None)
}
