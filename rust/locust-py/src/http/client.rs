//! `HttpClient`: what the requests of one session share, and the two ways to send one.

use std::sync::Arc;

use locust_http::clock::{nanoseconds, now_ns};
use locust_http::engine::{Draft, Finished, PoolKey};
use locust_http::pool::PoolSettings;
use locust_http::url;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyIterator, PyString, PyType};

use super::body::Payload;
use super::cell::GilCell;
use super::engine::{Discarded, HttpEngine};
use super::exchange::{Exchange, address};
use super::failure;
use super::greenlet::Raised;
use super::recording::Recording;
use super::response::HttpResponse;
use super::sending::{Arguments, Call, Prepared};
use super::settings::{
    Base, Settings, Timeout, bad, cookie_bytes, header_block, parse_base, parse_proxy,
};
use super::state::{State, Stream};
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

/// A request between its submission and its response.
pub(super) struct Underway<'py> {
    pub(super) exchange: Exchange<'py>,
    base: Option<Py<Base>>,
    /// Where its success is recorded, if it is.
    recording: Option<Recording>,
    /// The rest of its body, and whether it goes out in chunks.
    pieces: Option<(Bound<'py, PyIterator>, bool)>,
}

#[pyclass(module = "locust_rs._core", frozen, weakref)]
#[repr(C)] // what a plain GET needs is first
pub(super) struct HttpClient {
    response_class: Py<PyType>,
    pub(super) resolve: Py<PyAny>,
    settings: GilCell<Settings>,
    pool_settings: PoolSettings,
    link: Arc<PoolLink>,
    attach: Py<PyAny>,
}

impl HttpClient {
    /// The engine of the current hub and this client's pool there.
    #[inline]
    fn place(&self, py: Python<'_>) -> PyResult<(Py<HttpEngine>, PoolKey)> {
        let known = self.settings.with(py, |settings| {
            let place = settings.place.as_ref();
            place.map(|(engine, pool)| (engine.clone_ref(py), *pool))
        });
        match known {
            Some((engine, pool)) if engine.get().is_usable(py) => Ok((engine, pool)),
            _ => self.find_place(py),
        }
    }

    #[cold]
    #[inline(never)]
    fn find_place(&self, py: Python<'_>) -> PyResult<(Py<HttpEngine>, PoolKey)> {
        let (engine, pool) = match self.linked(py) {
            Some((engine, pool)) if engine.get().is_usable(py) => (engine, pool),
            _ => self.attach(py)?,
        };
        let place = (engine.clone_ref(py), pool);
        drop(
            self.settings
                .with(py, |settings| settings.place.replace(place)),
        );
        Ok((engine, pool))
    }

    /// The place that clients with shared connections know.
    fn linked(&self, py: Python<'_>) -> Option<(Py<HttpEngine>, PoolKey)> {
        self.link.0.with(py, |link| {
            link.as_ref()
                .map(|(engine, pool)| (engine.clone_ref(py), *pool))
        })
    }

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

    /// A plain GET; None if it is not one.
    #[inline(never)]
    fn plain_get<'py>(
        &self,
        py: Python<'py>,
        url: &Bound<'py, PyString>,
    ) -> Result<Option<Bound<'py, PyAny>>, Raised> {
        let path = url.to_str().map_err(|error| Raised::leave(py, error))?;
        // In place, so that there is one copy of it on the stack while the greenlet waits.
        let mut begun = None;
        self.begin_get(py, path, &mut begun)?;
        let Some(underway) = &mut begun else {
            return Ok(None);
        };
        underway.exchange.run(&self.resolve, None)?;
        self.conclude_get(underway, url).map(Some)
    }

    #[inline(never)]
    pub(super) fn conclude_get<'py>(
        &self,
        underway: &mut Underway<'py>,
        url: &Bound<'py, PyString>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let py = url.py();
        self.conclude(underway, intern!(py, "GET"), url, None)
            .map_err(|error| Raised::leave(py, error))
    }

    /// Submits a plain GET; `begun` stays None if it is not one.
    #[inline(never)]
    pub(super) fn begin_get<'py>(
        &self,
        py: Python<'py>,
        path: &str,
        begun: &mut Option<Underway<'py>>,
    ) -> Result<(), Raised> {
        if !url::is_plain_path(path) || self.pool_settings.proxy.is_some() {
            return Ok(());
        }
        let start = now_ns();
        let (engine, pool) = self.place(py).map_err(|error| Raised::leave(py, error))?;
        let prepared = self.settings.with(py, |settings| {
            settings.make_get_tail();
            let shared = settings.base.as_ref()?;
            let base = shared.get();
            let hint = settings.site_hint;
            let (mut head, site) = engine.get().with(py, |core| {
                Some((core.buffer(), core.site(pool, &base.origin, hint)?))
            })?;
            settings.site_hint = site;
            head.extend_from_slice(b"GET ");
            head.extend_from_slice(base.path.as_bytes());
            head.extend_from_slice(path.as_bytes());
            head.extend_from_slice(settings.get_tail.as_ref()?);
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
            Some((draft, shared.clone_ref(py), recording))
        });
        *begun = prepared.map(|(draft, base, recording)| Underway {
            exchange: Exchange::submit(py, engine, draft),
            base: Some(base),
            recording,
            pieces: None,
        });
        Ok(())
    }

    /// Submits any request.
    #[inline(never)]
    fn begin_send<'py>(
        &self,
        py: Python<'py>,
        arguments: &Arguments<'_, 'py>,
    ) -> PyResult<Underway<'py>> {
        let call = Call::check(arguments)?;
        let (engine, pool) = self.place(py)?;
        let prepared = self.settings.with(py, |settings| {
            let prepared = call.prepare(py, settings, &self.pool_settings, engine.get(), pool)?;
            let recording = settings.recording.as_ref().filter(|_| arguments.record);
            Some((prepared, recording.map(|known| known.clone_ref(py))))
        });
        let Some((
            Prepared {
                draft,
                base,
                chunked,
            },
            recording,
        )) = prepared
        else {
            let url = arguments.url;
            return Err(bad(format!(
                "{url:?} is only a path, and the client has no base URL"
            )));
        };
        let pieces = match call.payload {
            Payload::Pieces(pieces) => Some((pieces, chunked)),
            _ => None,
        };
        Ok(Underway {
            exchange: Exchange::submit(py, engine, draft),
            base,
            recording,
            pieces,
        })
    }

    /// Makes the response of a request that is over, and records it where that was asked for.
    ///
    /// # Errors
    /// The exception of a failed one; what had come of its response is its attribute `response`.
    #[inline(never)]
    fn conclude<'py>(
        &self,
        underway: &mut Underway<'py>,
        method: &Bound<'py, PyString>,
        url: &Bound<'py, PyString>,
        name: Option<&Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = method.py();
        let (base, recording) = (underway.base.take(), underway.recording.take());
        let (Finished { result, facts }, engine, key) = underway.exchange.take()?;
        let state = |response| {
            State::new(
                response,
                &facts,
                method.clone().unbind(),
                url.clone().unbind(),
            )
            .with_base(base)
            .with_name(name.map(|name| name.clone().unbind()))
        };
        match result {
            Ok(response) => {
                let mut state = state(response);
                if facts.streaming {
                    state = state.with_stream(Stream {
                        engine,
                        key,
                        reading: false,
                    });
                } else if let Some(recording) = &recording {
                    let name = name.unwrap_or(url).to_str()?;
                    recording.record_success(py, &mut state, method.to_str()?, name)?;
                }
                self.make(py, state)
            }
            Err(mut failed) => {
                let partial = failed.partial.take();
                let error = failure::exception(py, &failed, &facts.timing);
                if let Some(response) = partial
                    && let Ok(response) = self.make(py, state(*response))
                {
                    let _ = error.value(py).setattr("response", response);
                }
                Err(error)
            }
        }
    }
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
            base: parse_base(py, base_url)?,
            headers: headers.map(header_block).transpose()?.unwrap_or_default(),
            host_first,
            cookie: Vec::new(),
            get_tail: None,
            place: None,
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
        self.plain_get(py, url).map_err(|raised| raised.take(py))
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
        let arguments = Arguments {
            method: method.to_str()?,
            url: url.to_str()?,
            headers,
            body,
            extra,
            cookie,
            stream,
            record,
            connect_timeout,
            network_timeout,
        };
        let mut underway = self.begin_send(py, &arguments)?;
        underway
            .exchange
            .run(&self.resolve, underway.pieces.as_ref())
            .map_err(|raised| raised.take(py))?;
        self.conclude(&mut underway, method, url, name)
    }

    fn set_headers(&self, py: Python<'_>, headers: &Bound<'_, PyAny>) -> PyResult<()> {
        let block = header_block(headers)?;
        self.settings.with(py, |settings| {
            settings.headers = block;
            settings.get_tail = None;
        });
        Ok(())
    }

    #[pyo3(signature = (base_url))]
    fn set_base_url(&self, py: Python<'_>, base_url: Option<&str>) -> PyResult<()> {
        let base = parse_base(py, base_url)?;
        self.settings.with(py, |settings| {
            settings.base = base;
            settings.cookie.clear();
            settings.get_tail = None;
        });
        Ok(())
    }

    #[pyo3(signature = (cookie))]
    fn set_cookie(&self, py: Python<'_>, cookie: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let cookie = cookie.map(cookie_bytes).transpose()?.unwrap_or_default();
        self.settings.with(py, |settings| {
            settings.cookie = cookie;
            settings.get_tail = None;
        });
        Ok(())
    }

    #[pyo3(signature = (event, recorder))]
    fn record_to(
        &self,
        py: Python<'_>,
        event: Option<Bound<'_, PyDict>>,
        recorder: Option<Bound<'_, RequestRecorder>>,
    ) {
        let recording = event.zip(recorder).map(|(event, recorder)| Recording {
            event: event.unbind(),
            recorder: recorder.unbind(),
        });
        drop(self.settings.with(py, |settings| {
            std::mem::replace(&mut settings.recording, recording)
        }));
    }

    fn close_idle(&self, py: Python<'_>) {
        if let Some((engine, pool)) = self.linked(py)
            && engine.get().is_usable(py)
        {
            engine.get().with(py, |core| core.close_idle(pool));
            engine.get().nudge(py);
        }
    }

    #[getter]
    fn open_connections(&self, py: Python<'_>) -> usize {
        self.linked(py).map_or(0, |(engine, pool)| {
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
                    visit.call(&recording.event)?;
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
