//! `HttpClient`: what the requests of one session share, and the two ways to send one.

use std::sync::Arc;

use locust_http::clock::{nanoseconds, now_ns};
use locust_http::engine::{Draft, Finished, PoolKey};
use locust_http::pool::PoolSettings;
use locust_http::proxy::Proxy;
use locust_http::request::{HeadParts, HeaderBlock, is_idempotent, is_token};
use locust_http::url::{self, Origin, Scheme};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyType};

use super::body::Payload;
use super::cell::GilCell;
use super::engine::{Discarded, HttpEngine};
use super::exchange::{Exchange, address};
use super::failure;
use super::recording::Recording;
use super::response::{HttpResponse, State, Stream};
use super::tls::HttpTls;
use crate::stats::recorder::RequestRecorder;

/// The connections of a client on the engine it used last; shared by clients that share them.
struct PoolLink(GilCell<Option<(Py<HttpEngine>, PoolKey)>>);

impl Drop for PoolLink {
    fn drop(&mut self) {
        Python::attach(|py| {
            if let Some((engine, pool)) = self.0.with(py, Option::take) {
                engine.get().discard(py, Discarded::Pool(pool));
            }
        });
    }
}

/// Where paths lead.
struct Base {
    origin: Origin,
    authority: String,
    /// Path before every path, without a final `/`.
    path: String,
    /// The URL as it was given, without a final `/`.
    url: Arc<str>,
}

/// What may change during a client's life.
struct Settings {
    base: Option<Base>,
    headers: HeaderBlock,
    host_first: bool,
    cookie: Vec<u8>,
    /// All of a plain GET after its target; empty: not made yet.
    get_tail: Vec<u8>,
    connect_timeout: u64,
    network_timeout: u64,
    /// Where the base's origin was in the pool last time.
    site_hint: usize,
    recording: Option<Recording>,
}

impl Settings {
    fn get_tail(&mut self) -> &[u8] {
        if self.get_tail.is_empty()
            && let Some(base) = &self.base
        {
            let host = if self.headers.has_host {
                ""
            } else {
                base.authority.as_str()
            };
            let cookie: &[u8] = if self.headers.has_cookie {
                b""
            } else {
                &self.cookie
            };
            let mut head = Vec::new();
            let parts = HeadParts {
                method: "",
                target: "/",
                host_first: if self.host_first { host } else { "" },
                host_last: if self.host_first { "" } else { host },
                blocks: [&self.headers.bytes, b"", b""],
                cookie,
                ..HeadParts::default()
            };
            parts.write(&mut head);
            self.get_tail = head.split_off(b" /".len());
        }
        &self.get_tail
    }
}

#[pyclass(module = "locust_rs._core", frozen, weakref)]
pub(super) struct HttpClient {
    settings: GilCell<Settings>,
    pool_settings: PoolSettings,
    link: Arc<PoolLink>,
    response_class: Py<PyType>,
    attach: Py<PyAny>,
    resolve: Py<PyAny>,
}

/// A timeout argument: left out, None, or seconds.
enum Timeout {
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
    fn or(&self, client: u64) -> u64 {
        match self {
            Timeout::Client => client,
            Timeout::Never => 0,
            Timeout::Seconds(seconds) => nanoseconds(Some(*seconds)),
        }
    }
}

impl HttpClient {
    /// The engine of the current hub and this client's pool there.
    #[inline]
    fn place(&self, py: Python<'_>) -> PyResult<(Py<HttpEngine>, PoolKey)> {
        let known = self.link.0.with(py, |link| {
            link.as_ref()
                .map(|(engine, pool)| (engine.clone_ref(py), *pool))
        });
        match known {
            Some((engine, pool)) if engine.get().is_usable(py) => Ok((engine, pool)),
            _ => self.attach(py),
        }
    }

    #[cold]
    fn attach(&self, py: Python<'_>) -> PyResult<(Py<HttpEngine>, PoolKey)> {
        let engine = self
            .attach
            .call0(py)?
            .cast_bound::<HttpEngine>(py)?
            .clone()
            .unbind();
        let pool = engine
            .get()
            .with(py, |core| core.add_pool(self.pool_settings.clone()));
        let place = Some((engine.clone_ref(py), pool));
        let old = self.link.0.with(py, |link| std::mem::replace(link, place));
        if let Some((engine, pool)) = old {
            engine.get().discard(py, Discarded::Pool(pool));
        }
        Ok((engine, pool))
    }

    fn make<'py>(&self, py: Python<'py>, state: State) -> PyResult<Bound<'py, PyAny>> {
        HttpResponse::make(py, self.response_class.bind(py), state)
    }

    /// The exception of a failed request; what had come of its response is its attribute `response`.
    #[cold]
    fn failed(
        &self,
        py: Python<'_>,
        mut failed: locust_http::engine::Failure,
        finished: &Finished,
        method: Py<PyString>,
        url: Py<PyString>,
        base: Option<Arc<str>>,
    ) -> PyErr {
        let partial = failed.partial.take();
        let error = failure::exception(py, &failed, &finished.timing);
        if let Some(response) = partial {
            let state = State::new(*response, finished, method, url, base, None);
            if let Ok(response) = self.make(py, state) {
                let _ = error.value(py).setattr("response", response);
            }
        }
        error
    }

    fn recording(&self, py: Python<'_>) -> Option<Recording> {
        self.settings.with(py, |settings| {
            settings.recording.as_ref().map(|known| known.clone_ref(py))
        })
    }
}

/// Records `state` if it is a plain success that was read to its end.
#[inline]
fn record(
    py: Python<'_>,
    recording: &Recording,
    state: &mut State,
    method: &str,
    name: &str,
) -> PyResult<()> {
    if matches!(state.status(), 200..=299 | 304)
        && let Some(length) = state.decoded_length(py)
    {
        state.recorded = recording.record(py, method, name, state.response_time_ms(), length)?;
    }
    Ok(())
}

fn bad(message: String) -> PyErr {
    PyValueError::new_err(message)
}

/// The bytes of a header's name or value: latin-1 where that is possible, otherwise UTF-8.
fn header_bytes(object: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
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

fn header_block(headers: &Bound<'_, PyAny>) -> PyResult<HeaderBlock> {
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

fn parse_base(base_url: Option<&str>) -> PyResult<Option<Base>> {
    let Some(text) = base_url.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let parsed = url::parse(text).map_err(bad)?;
    Ok(Some(Base {
        authority: parsed.origin.authority(),
        path: parsed
            .target
            .split('?')
            .next()
            .unwrap_or("")
            .trim_end_matches('/')
            .to_owned(),
        url: text.trim_end_matches('/').into(),
        origin: parsed.origin,
    }))
}

fn parse_proxy(proxy: Option<&str>) -> PyResult<Option<Proxy>> {
    let Some(text) = proxy else { return Ok(None) };
    let parsed = url::parse(text).map_err(bad)?;
    if parsed.origin.scheme == Scheme::Https {
        return Err(bad(format!(
            "proxy {text:?}: only http:// proxies are supported"
        )));
    }
    Ok(Some(Proxy {
        host: parsed.origin.host,
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

#[pymethods]
impl HttpClient {
    #[new]
    #[pyo3(signature = (*, base_url=None, headers=None, host_first=false, concurrency=10,
        connect_timeout=Some(60.0), network_timeout=Some(60.0), tls=None, proxy=None,
        source_address=None, response_class=None, shared=None, attach, resolve))]
    #[allow(clippy::too_many_arguments)] // the settings of a client
    fn new(
        py: Python<'_>,
        base_url: Option<&str>,
        headers: Option<&Bound<'_, PyAny>>,
        host_first: bool,
        concurrency: usize,
        connect_timeout: Option<f64>,
        network_timeout: Option<f64>,
        tls: Option<&Bound<'_, HttpTls>>,
        proxy: Option<&str>,
        source_address: Option<(String, u16)>,
        response_class: Option<&Bound<'_, PyType>>,
        shared: Option<&Bound<'_, HttpClient>>,
        attach: Py<PyAny>,
        resolve: Py<PyAny>,
    ) -> PyResult<Self> {
        let own = py.get_type::<HttpResponse>();
        let response_class = response_class.unwrap_or(&own);
        if !response_class.is_subclass(&own)? {
            let message =
                format!("response_class must be a subclass of HttpResponse, not {response_class}");
            return Err(PyTypeError::new_err(message));
        }
        let source = source_address
            .map(|(ip, port)| address(&ip, port))
            .transpose()?;
        let tls = match tls {
            Some(tls) => tls.get().0.clone(),
            None => super::tls::accept_anything(py)?,
        };
        let pool_settings = PoolSettings {
            concurrency,
            tls: Some(tls),
            proxy: parse_proxy(proxy)?,
            source,
        };
        let settings = Settings {
            base: parse_base(base_url)?,
            headers: headers.map(header_block).transpose()?.unwrap_or_default(),
            host_first,
            cookie: Vec::new(),
            get_tail: Vec::new(),
            connect_timeout: nanoseconds(connect_timeout),
            network_timeout: nanoseconds(network_timeout),
            site_hint: 0,
            recording: None,
        };
        let link = match shared {
            Some(other) => other.get().link.clone(),
            None => Arc::new(PoolLink(GilCell::new(None))),
        };
        Ok(Self {
            settings: GilCell::new(settings),
            pool_settings,
            link,
            response_class: response_class.clone().unbind(),
            attach,
            resolve,
        })
    }

    fn get<'py>(
        &self,
        py: Python<'py>,
        url: &Bound<'py, PyString>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let path = url.to_str()?;
        if !url::is_plain_path(path) || self.pool_settings.proxy.is_some() {
            return Ok(None);
        }
        let start = now_ns();
        let (engine, pool) = self.place(py)?;
        let engine = engine.get();
        let prepared = self.settings.with(py, |settings| {
            settings.get_tail();
            let base = settings.base.as_ref()?;
            let hint = settings.site_hint;
            let (mut head, site) = engine.with(py, |core| {
                Some((core.buffer(), core.site(pool, &base.origin, hint)?))
            })?;
            settings.site_hint = site;
            head.extend_from_slice(b"GET ");
            head.extend_from_slice(base.path.as_bytes());
            head.extend_from_slice(path.as_bytes());
            head.extend_from_slice(&settings.get_tail);
            let draft = Draft {
                pool,
                site,
                head,
                body: None,
                upload: false,
                answers_head: false,
                idempotent: true,
                closes: settings.headers.closes,
                stream: false,
                connect_timeout: settings.connect_timeout,
                network_timeout: settings.network_timeout,
                start,
            };
            let recording = settings.recording.as_ref().map(|known| known.clone_ref(py));
            Some((draft, base.url.clone(), recording))
        });
        let Some((draft, base, recording)) = prepared else {
            return Ok(None);
        };
        let (_, mut finished) = Exchange::submit(py, engine, draft).run(&self.resolve, None)?;
        let response = match std::mem::replace(&mut finished.result, Err(taken())) {
            Ok(response) => response,
            Err(failed) => {
                let method = intern!(py, "GET").clone().unbind();
                return Err(self.failed(
                    py,
                    failed,
                    &finished,
                    method,
                    url.clone().unbind(),
                    Some(base),
                ));
            }
        };
        let method = intern!(py, "GET").clone().unbind();
        let mut state = State::new(
            response,
            &finished,
            method,
            url.clone().unbind(),
            Some(base),
            None,
        );
        if let Some(recording) = &recording {
            record(py, recording, &mut state, "GET", path)?;
        }
        self.make(py, state).map(Some)
    }

    #[pyo3(signature = (method, url, headers=None, body=None, *, extra=None, cookie=None, name=None,
        stream=false, record=false, connect_timeout=Timeout::Client, network_timeout=Timeout::Client),
        text_signature = "($self, method, url, headers=None, body=None, *, extra=None, cookie=None, \
        name=None, stream=False, record=False, connect_timeout=..., network_timeout=...)")]
    #[allow(clippy::too_many_arguments)] // the parts of a request
    fn send<'py>(
        &self,
        py: Python<'py>,
        method: &Bound<'py, PyString>,
        url: &Bound<'py, PyString>,
        headers: Option<&Bound<'py, PyAny>>,
        body: Option<&Bound<'py, PyAny>>,
        extra: Option<&Bound<'py, PyBytes>>,
        cookie: Option<&Bound<'py, PyAny>>,
        name: Option<&Bound<'py, PyString>>,
        stream: bool,
        record: bool,
        connect_timeout: Timeout,
        network_timeout: Timeout,
    ) -> PyResult<Bound<'py, PyAny>> {
        let start = now_ns();
        let (method_text, url_text) = (method.to_str()?, url.to_str()?);
        if method_text.is_empty() || !method_text.bytes().all(is_token) {
            return Err(bad(format!("{method_text:?} is no HTTP method")));
        }
        let headers = headers
            .filter(|given| !given.is_none())
            .map(header_block)
            .transpose()?;
        let extra = extra
            .map(|block| HeaderBlock::from_bytes(block.as_bytes()))
            .transpose();
        let extra = extra.map_err(bad)?.unwrap_or_default();
        let cookie = cookie
            .filter(|given| !given.is_none())
            .map(header_bytes)
            .transpose()?;
        if cookie
            .as_ref()
            .is_some_and(|value| value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')))
        {
            return Err(bad("the cookie has a line break or NUL".to_owned()));
        }
        let payload = Payload::extract(body)?;
        let (engine, pool) = self.place(py)?;
        let engine_core = engine.get();
        let absolute = match url_text.starts_with('/') {
            true if url::is_quoted(url_text) => None,
            true => {
                return Err(bad(format!(
                    "{url_text:?} has characters that must be quoted"
                )));
            }
            false => Some(url::parse(url_text).map_err(bad)?),
        };
        let prepared = self.settings.with(py, |settings| {
            let base = settings.base.as_ref();
            let (origin, path, target) = match (&absolute, base) {
                (Some(parsed), _) => (&parsed.origin, "", parsed.target),
                (None, Some(base)) => (&base.origin, base.path.as_str(), url_text),
                (None, None) => return None,
            };
            let target = target.split('#').next().unwrap_or(target);
            let is_base = base.is_some_and(|base| base.origin == *origin);
            let block = headers.as_ref().unwrap_or(&settings.headers);
            let flags = block.merged_flags(&extra);
            let cookie: &[u8] = match &cookie {
                Some(cookie) => cookie,
                None if is_base && !flags.has_cookie => &settings.cookie,
                None => b"",
            };
            let authority = if flags.has_host {
                String::new()
            } else {
                origin.authority()
            };
            let proxied = self
                .pool_settings
                .proxy
                .as_ref()
                .filter(|_| origin.scheme == Scheme::Http);
            let prefix = proxied.map(|_| format!("http://{}", origin.authority()));
            let authorization = proxied.map(Proxy::authorization_line).unwrap_or_default();
            let pieces = matches!(payload, Payload::Pieces(_));
            let announce_chunks = pieces && !flags.has_length;
            let parts = HeadParts {
                method: method_text,
                absolute: prefix.as_deref().unwrap_or(""),
                base_path: path,
                target,
                host_first: if settings.host_first { &authority } else { "" },
                blocks: [&block.bytes, &extra.bytes, authorization.as_bytes()],
                cookie,
                host_last: if settings.host_first { "" } else { &authority },
                content_length: payload.length().filter(|_| !flags.has_length),
                chunked: announce_chunks,
            };
            let hint = if is_base { settings.site_hint } else { 0 };
            let (mut head, site) = engine_core.with(py, |core| {
                Some((core.buffer(), core.site(pool, origin, hint)?))
            })?;
            if is_base {
                settings.site_hint = site;
            }
            parts.write(&mut head);
            let body = payload.append_or_keep(&mut head, py);
            let draft = Draft {
                pool,
                site,
                head,
                body,
                upload: pieces,
                answers_head: method_text == "HEAD",
                idempotent: is_idempotent(method_text),
                closes: flags.closes,
                stream,
                connect_timeout: connect_timeout.or(settings.connect_timeout),
                network_timeout: network_timeout.or(settings.network_timeout),
                start,
            };
            Some((
                draft,
                base.map(|base| base.url.clone()),
                announce_chunks || flags.is_chunked,
            ))
        });
        let Some((draft, base, chunked)) = prepared else {
            let message = format!("{url_text:?} is only a path, and the client has no base URL");
            return Err(bad(message));
        };
        let pieces = match &payload {
            Payload::Pieces(pieces) => Some((pieces, chunked)),
            _ => None,
        };
        let (key, mut finished) =
            Exchange::submit(py, engine_core, draft).run(&self.resolve, pieces)?;
        let response = match std::mem::replace(&mut finished.result, Err(taken())) {
            Ok(response) => response,
            Err(failed) => {
                let (method, url) = (method.clone().unbind(), url.clone().unbind());
                return Err(self.failed(py, failed, &finished, method, url, base));
            }
        };
        let stream = finished.streaming.then(|| Stream {
            engine: engine.clone_ref(py),
            key,
            reading: false,
        });
        let (method, url) = (method.clone().unbind(), url.clone().unbind());
        let name = name.map(|name| name.clone().unbind());
        let mut state =
            State::new(response, &finished, method, url, base, name).with_stream(stream);
        if record
            && !finished.streaming
            && let Some(recording) = self.recording(py)
        {
            let name = state.name(py);
            let name = name.bind(py).to_str()?;
            self::record(py, &recording, &mut state, method_text, name)?;
        }
        self.make(py, state)
    }

    fn set_headers(&self, py: Python<'_>, headers: &Bound<'_, PyAny>) -> PyResult<()> {
        let block = header_block(headers)?;
        self.settings.with(py, |settings| {
            settings.headers = block;
            settings.get_tail.clear();
        });
        Ok(())
    }

    #[pyo3(signature = (base_url))]
    fn set_base_url(&self, py: Python<'_>, base_url: Option<&str>) -> PyResult<()> {
        let base = parse_base(base_url)?;
        self.settings.with(py, |settings| {
            settings.base = base;
            settings.cookie.clear();
            settings.get_tail.clear();
        });
        Ok(())
    }

    #[pyo3(signature = (cookie))]
    fn set_cookie(&self, py: Python<'_>, cookie: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let cookie = cookie.map(header_bytes).transpose()?.unwrap_or_default();
        if cookie.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return Err(bad("the cookie has a line break or NUL".to_owned()));
        }
        self.settings.with(py, |settings| {
            settings.cookie = cookie;
            settings.get_tail.clear();
        });
        Ok(())
    }

    #[pyo3(signature = (handlers, recorder))]
    fn record_to(
        &self,
        py: Python<'_>,
        handlers: Option<Bound<'_, PyList>>,
        recorder: Option<Bound<'_, RequestRecorder>>,
    ) {
        let recording = handlers
            .zip(recorder)
            .map(|(handlers, recorder)| Recording {
                handlers: handlers.unbind(),
                recorder: recorder.unbind(),
            });
        drop(self.settings.with(py, |settings| {
            std::mem::replace(&mut settings.recording, recording)
        }));
    }

    fn close_idle(&self, py: Python<'_>) {
        let known = self.link.0.with(py, |link| {
            link.as_ref()
                .map(|(engine, pool)| (engine.clone_ref(py), *pool))
        });
        if let Some((engine, pool)) = known
            && engine.get().is_usable(py)
        {
            engine.get().with(py, |core| core.close_idle(pool));
            engine.get().nudge(py);
        }
    }

    #[getter]
    fn open_connections(&self, py: Python<'_>) -> usize {
        let known = self.link.0.with(py, |link| {
            link.as_ref()
                .map(|(engine, pool)| (engine.clone_ref(py), *pool))
        });
        known.map_or(0, |(engine, pool)| {
            engine.get().with(py, |core| core.pool_connections(pool))
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.response_class)?;
        visit.call(&self.attach)?;
        visit.call(&self.resolve)?;
        // SAFETY: the collector runs with the GIL held; nothing is done with it here.
        let py = unsafe { Python::assume_attached() };
        self.settings
            .try_with(py, |settings| match &settings.recording {
                Some(recording) => {
                    visit.call(&recording.handlers)?;
                    visit.call(&recording.recorder)
                }
                None => Ok(()),
            })
            .unwrap_or(Ok(()))
    }

    fn __clear__(&self, py: Python<'_>) {
        drop(self.settings.with(py, |settings| settings.recording.take()));
    }
}

/// Stands where a result was taken out.
fn taken() -> locust_http::engine::Failure {
    locust_http::engine::Failure {
        error: locust_http::error::Error::EngineClosed,
        phase: locust_http::error::Phase::Receive,
        partial: None,
    }
}
