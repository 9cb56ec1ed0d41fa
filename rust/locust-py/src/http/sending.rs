//! `HttpClient.send`: a call's arguments become the bytes of a request.

use std::sync::Arc;

use locust_http::engine::{Draft, PoolKey};
use locust_http::pool::PoolSettings;
use locust_http::proxy::Proxy;
use locust_http::request::{HeadParts, HeaderBlock, is_idempotent, is_token};
use locust_http::url::{self, Scheme, Url};
use pyo3::prelude::*;

use super::body::Payload;
use super::engine::HttpEngine;
use super::settings::{Settings, Timeout, bad};

/// The arguments of a call, checked one by one.
pub(super) struct Call<'a, 'py> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    /// None: the client's.
    pub(super) headers: Option<HeaderBlock>,
    pub(super) extra: HeaderBlock,
    /// None: the standing one.
    pub(super) cookie: Option<Vec<u8>>,
    pub(super) payload: Payload<'py>,
    pub(super) stream: bool,
    pub(super) connect_timeout: Timeout,
    pub(super) network_timeout: Timeout,
    pub(super) start: u64,
}

/// A request that is ready to be submitted.
pub(super) struct Prepared {
    pub(super) draft: Draft,
    pub(super) base: Option<Arc<str>>,
    /// Whether the pieces of the body are to be framed as chunks.
    pub(super) chunked: bool,
}

impl<'a> Call<'a, '_> {
    /// Checks method and URL; returns an absolute URL's parts.
    ///
    /// # Errors
    /// They cannot be put on the wire.
    pub(super) fn check(&self) -> PyResult<Option<Url<'a>>> {
        if self.method.is_empty() || !self.method.bytes().all(is_token) {
            return Err(bad(format!("{:?} is no HTTP method", self.method)));
        }
        if !self.url.starts_with('/') {
            return url::parse(self.url).map(Some).map_err(bad);
        }
        if !url::is_quoted(self.url) {
            return Err(bad(format!(
                "{:?} has characters that must be quoted",
                self.url
            )));
        }
        Ok(None)
    }

    /// Puts the request together; None if it is only a path and there is no base URL.
    pub(super) fn prepare(
        &self,
        py: Python<'_>,
        absolute: &Option<Url<'_>>,
        settings: &mut Settings,
        pool_settings: &PoolSettings,
        engine: &HttpEngine,
        pool: PoolKey,
    ) -> Option<Prepared> {
        let base = settings.base.as_ref();
        let (origin, path, target) = match (absolute, base) {
            (Some(parsed), _) => (&parsed.origin, "", parsed.target),
            (None, Some(base)) => (&base.origin, base.path.as_str(), self.url),
            (None, None) => return None,
        };
        let is_base = base.is_some_and(|base| base.origin == *origin);
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
            method: self.method,
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
            answers_head: self.method == "HEAD",
            idempotent: is_idempotent(self.method),
            closes: flags.closes,
            stream: self.stream,
            connect_timeout: self.connect_timeout.or(settings.connect_timeout),
            network_timeout: self.network_timeout.or(settings.network_timeout),
            start: self.start,
        };
        let url = base.map(|base| base.url.clone());
        if is_base {
            settings.site_hint = site;
        }
        Some(Prepared {
            draft,
            base: url,
            chunked: announce_chunks || flags.is_chunked,
        })
    }
}
