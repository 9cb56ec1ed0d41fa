//! `HttpClient`: what the requests of one session share; `in_flight` sends them.

use std::sync::Arc;

use locust_http::address;
use locust_http::clock::nanoseconds;
use locust_http::engine::PoolKey;
use locust_http::head::Lengths;
use locust_http::pool::PoolSettings;
use locust_http::proxy::Proxy;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyType};

use super::cell::GilCell;
use super::engine::{Discarded, HttpEngine};
use super::header_lines::{HeaderLines, header_block};
use super::own::{Method, Own, Reported};
use super::plan::Plan;
use super::recording::Recording;
use super::response::HttpResponse;
use super::sending::Arguments;
use super::settings::{Settings, Timeout, bad, base, cookie_bytes};
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

#[pyclass(module = "locust_rs._core", frozen, weakref)]
#[repr(C)] // what a plain GET needs is first
pub(super) struct HttpClient {
    pub(super) response_class: Py<PyType>,
    pub(super) resolve: Py<PyAny>,
    pub(super) settings: GilCell<Settings>,
    pub(super) pool_settings: PoolSettings,
    link: Arc<PoolLink>,
    attach: Py<PyAny>,
}

impl HttpClient {
    /// The engine of the current hub and this client's pool there.
    #[inline]
    pub(super) fn place(&self, py: Python<'_>) -> PyResult<(Py<HttpEngine>, PoolKey)> {
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
        // Where others may change the link, it is looked at for every request.
        if Arc::strong_count(&self.link) == 1 {
            let place = (engine.clone_ref(py), pool);
            drop(
                self.settings
                    .with(py, |settings| settings.place.replace(place)),
            );
        }
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

    /// What plain GETs have in common; None if the client has no base URL, or a proxy.
    #[inline]
    pub(super) fn plan<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, Plan>>> {
        let known = self.settings.with(py, |settings| {
            settings.plan.as_ref().map(|plan| plan.bind(py).clone())
        });
        known.map_or_else(|| self.make_plan(py), |plan| Ok(Some(plan)))
    }

    #[cold]
    #[inline(never)]
    fn make_plan<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, Plan>>> {
        let proxy = self.pool_settings.proxy.as_ref();
        let plan = self
            .settings
            .with(py, |settings| Plan::of(py, settings, proxy));
        let Some(plan) = plan else {
            return Ok(None);
        };
        let plan = plan.shared(py)?;
        let kept = plan.clone().unbind();
        drop(
            self.settings
                .with(py, |settings| settings.plan.replace(kept)),
        );
        Ok(Some(plan))
    }
}

#[pymethods]
impl HttpClient {
    #[new]
    #[pyo3(signature = (*, base_url=None, headers=None, host_first=false, concurrency=10,
        connect_timeout=Some(60.0), network_timeout=Some(60.0), tls=None, proxy=None,
        source_address=None, response_class=None, shared=None, lenient_lengths=false, attach, resolve))]
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
        lenient_lengths: bool,
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
            .map(|(ip, port)| address::parse(&ip, port))
            .transpose()
            .map_err(bad)?;
        let tls = match tls {
            Some(tls) => tls.get().0.clone(),
            None => super::tls::accept_anything(py)?,
        };
        let pool_settings = PoolSettings {
            concurrency,
            tls: Some(tls),
            proxy: proxy.map(Proxy::parse).transpose().map_err(bad)?,
            source,
        };
        let settings = Settings {
            base: base(py, base_url)?,
            headers: headers
                .map(header_block)
                .transpose()?
                .unwrap_or_default()
                .into_owned(),
            host_first,
            lengths: if lenient_lengths {
                Lengths::Lenient
            } else {
                Lengths::Strict
            },
            cookie: Vec::new(),
            place: None,
            plan: None,
            connect_timeout: nanoseconds(connect_timeout),
            network_timeout: nanoseconds(network_timeout),
            site_hint: 0,
            recording: None,
        };
        let link = match shared {
            Some(other) => {
                let other = other.get();
                drop(other.settings.with(py, |settings| settings.place.take()));
                other.link.clone()
            }
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

    #[pyo3(signature = (url, lines=None, name=None, record=true))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        url: &Bound<'py, PyString>,
        lines: Option<Bound<'py, HeaderLines>>,
        name: Option<Bound<'py, PyString>>,
        record: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.send_directly(py, "GET", url, lines, name, record, None, None, None)
    }

    #[pyo3(signature = (method, url, lines=None, name=None, record=true, *, body=None, last=None, timeouts=None))]
    #[allow(clippy::too_many_arguments)] // the parts of a request
    fn send_directly<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        url: &Bound<'py, PyString>,
        lines: Option<Bound<'py, HeaderLines>>,
        name: Option<Bound<'py, PyString>>,
        record: bool,
        body: Option<Bound<'py, PyBytes>>,
        last: Option<Bound<'py, HeaderLines>>,
        timeouts: Option<(Timeout, Timeout)>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(method) = Method::of(method) else {
            return Ok(None);
        };
        let own = Own {
            lines,
            last,
            body: body.map(Bound::into_any),
            timeouts,
            ..Own::default()
        };
        let reported = Reported {
            name,
            catch: !record,
            stream: false,
        };
        self.direct(py, method, url, &own, &reported)
            .map_err(|raised| raised.take(py))
    }

    #[pyo3(signature = (method, url, headers=None, body=None, *, extra=None, cookie=None, name=None,
        stream=false, framed=false, record=false, connect_timeout=Timeout::Client, network_timeout=Timeout::Client),
        text_signature = "($self, method, url, headers=None, body=None, *, extra=None, cookie=None, \
        name=None, stream=False, framed=False, record=False, connect_timeout=..., network_timeout=...)")]
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
        framed: bool,
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
            framed,
            record,
            connect_timeout,
            network_timeout,
        };
        let mut in_flight = self.begin_send(py, &arguments)?;
        in_flight
            .exchange
            .run(&self.resolve, in_flight.pieces.as_ref())
            .map_err(|raised| raised.take(py))?;
        self.conclude(&mut in_flight, method, url, name)
    }

    fn set_headers(&self, py: Python<'_>, headers: &Bound<'_, PyAny>) -> PyResult<()> {
        let block = header_block(headers)?.into_owned();
        drop(self.settings.with(py, |settings| {
            settings.headers = block;
            settings.plan.take()
        }));
        Ok(())
    }

    #[pyo3(signature = (base_url))]
    fn set_base_url(&self, py: Python<'_>, base_url: Option<&str>) -> PyResult<()> {
        let base = base(py, base_url)?;
        drop(self.settings.with(py, |settings| {
            settings.base = base;
            settings.cookie.clear();
            settings.plan.take()
        }));
        Ok(())
    }

    #[pyo3(signature = (cookie))]
    fn set_cookie(&self, py: Python<'_>, cookie: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let cookie = cookie.map(cookie_bytes).transpose()?.unwrap_or_default();
        drop(self.settings.with(py, |settings| {
            settings.cookie = cookie;
            settings.plan.take()
        }));
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
            let old = std::mem::replace(&mut settings.recording, recording);
            (old, settings.plan.take())
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
            .try_with(py, |settings| {
                if let Some(plan) = &settings.plan {
                    visit.call(plan)?;
                }
                match &settings.recording {
                    Some(recording) => recording.traverse(&visit),
                    None => Ok(()),
                }
            })
            .unwrap_or(Ok(()))
    }

    fn __clear__(&self, py: Python<'_>) {
        drop(self.settings.with(py, |settings| {
            (settings.recording.take(), settings.plan.take())
        }));
    }
}
