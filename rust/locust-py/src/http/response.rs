//! `HttpResponse`: everything is made when it is touched, and not before.

use std::net::SocketAddr;

use locust_http::decode::DEFAULT_LIMIT;
use locust_http::head;
use locust_http::timing::Timing;
use locust_stats::phases::Exchange;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple, PyType};

use super::cell::GilCell;
use super::contents::Contents;
use super::failure;
use super::recording::Sample;
use super::text;

/// The contents of the response that is being made; `__new__` takes it.
static PENDING: GilCell<Option<Box<Contents>>> = GilCell::new(None);

#[pyclass(module = "locust_rs._core", frozen, subclass, weakref)]
pub(super) struct HttpResponse(GilCell<Option<Box<Contents>>>);

impl HttpResponse {
    /// An object of `class` around `contents`, without calling `__init__`.
    pub(super) fn make<'py>(
        py: Python<'py>,
        class: &Bound<'py, PyType>,
        contents: Contents,
    ) -> PyResult<Bound<'py, PyAny>> {
        PENDING.with(py, |pending| *pending = Some(Box::new(contents)));
        // SAFETY: `class` is a subclass of this one (checked by the client), so its `tp_new` is this
        // class's or a Python function that ends there; both take a tuple and no dictionary.
        let made = unsafe {
            let slot = ffi::PyType_GetSlot(class.as_type_ptr(), ffi::Py_tp_new);
            let new = std::mem::transmute::<*mut std::ffi::c_void, ffi::newfunc>(slot);
            let arguments = PyTuple::empty(py);
            let made = new(
                class.as_type_ptr(),
                arguments.as_ptr(),
                std::ptr::null_mut(),
            );
            Bound::from_owned_ptr_or_err(py, made)
        };
        // Left over only if a subclass's `__new__` does not call this one.
        drop(PENDING.with(py, Option::take));
        made
    }

    /// Notes the session and what it sent; whether nothing is left to be done.
    #[inline]
    pub(super) fn settle(&self, py: Python<'_>, session: Py<PyAny>, sent: Py<PyAny>) -> bool {
        self.look(py, false, |contents| {
            (contents.session, contents.sent) = (Some(session), Some(sent));
            contents.is_settled()
        })
    }

    /// Whether a with-block may record it natively when it ends: a success that nothing is left to be done for, and
    /// nobody else listens.
    ///
    /// # Errors
    /// No memory.
    pub(super) fn may_record(&self, py: Python<'_>) -> PyResult<bool> {
        let recording = self.look(py, None, |contents| {
            let may = contents.is_success() && contents.is_ordinary();
            let may = may && !contents.recorded && !contents.streamed;
            let recording = contents.recording.as_ref().filter(|_| may);
            recording.map(|recording| recording.clone_ref(py))
        });
        recording.map_or(Ok(false), |recording| recording.is_alone(py))
    }

    /// Looks at the contents; `absent` for a response that came from nowhere.
    pub(super) fn look<R>(
        &self,
        py: Python<'_>,
        absent: R,
        look: impl FnOnce(&mut Contents) -> R,
    ) -> R {
        self.0.with(py, |contents| match contents {
            Some(contents) => look(contents),
            None => absent,
        })
    }
}

/// What the statistics keep of how a response came, once; None of anything but a response of the engine.
pub(crate) fn exchange_of(response: &Bound<'_, PyAny>) -> Option<Exchange> {
    let response = response.cast::<HttpResponse>().ok()?;
    let (py, response) = (response.py(), response.get());
    response.look(py, None, |contents| {
        let exchange = contents.exchange();
        contents.told = true;
        exchange
    })
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn pair(address: Option<SocketAddr>) -> Option<(String, u16)> {
    address.map(|address| (address.ip().to_string(), address.port()))
}

#[pymethods]
impl HttpResponse {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(
        py: Python<'_>,
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> Self {
        Self(GilCell::new(PENDING.with(py, Option::take)))
    }

    #[pyo3(signature = (*_args, **_kwargs))]
    fn __init__(&self, _args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) {}

    #[getter]
    fn status_code(&self, py: Python<'_>) -> u16 {
        self.look(py, 0, |contents| contents.status())
    }

    #[getter]
    fn reason(&self, py: Python<'_>) -> String {
        self.look(py, String::new(), |contents| {
            latin1(head::reason(contents.response.raw_head()))
        })
    }

    #[getter]
    fn http_version(&self, py: Python<'_>) -> &'static str {
        self.look(py, "1.1", |contents| {
            if contents.response.head.minor_version == 0 {
                "1.0"
            } else {
                "1.1"
            }
        })
    }

    #[getter]
    fn recorded(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.recorded)
    }

    #[getter]
    fn streamed(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.streamed)
    }

    #[getter]
    fn recordable(&self, py: Python<'_>) -> PyResult<bool> {
        self.may_record(py)
    }

    fn record(this: &Bound<'_, Self>) -> PyResult<bool> {
        let py = this.py();
        let parts = this.get().look(py, None, |contents| {
            if !contents.is_success() || contents.recorded {
                return None;
            }
            let recording = contents.recording.as_ref()?.clone_ref(py);
            let length = contents.reported_length(py)?;
            let (method, name) = (contents.method.clone_ref(py), contents.name(py));
            let sample = Sample::of(contents, length);
            Some((recording, method, name, sample))
        });
        let Some((recording, method, name, sample)) = parts else {
            return Ok(false);
        };
        let (method, name) = (method.bind(py), name.bind(py));
        let recorded = recording.record(py, method.to_str()?, name.to_str()?, &sample)?;
        let is_recorded = recorded.is_some();
        this.get()
            .look(py, (), |contents| contents.recorded = is_recorded);
        if recorded == Some(true) {
            let recorder = recording.recorder.get();
            recorder.keep_slow_response(method, name, this)?;
        }
        Ok(is_recorded)
    }

    #[getter]
    fn settled(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.is_settled())
    }

    #[getter]
    fn ordinary(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.is_ordinary())
    }

    #[getter(_session)]
    fn session(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.look(py, None, |contents| {
            contents
                .session
                .as_ref()
                .map(|session| session.clone_ref(py))
        })
    }

    #[setter(_session)]
    fn set_session(&self, py: Python<'_>, session: Py<PyAny>) {
        drop(self.look(py, None, |contents| contents.session.replace(session)));
    }

    #[getter(_sent)]
    fn sent(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.look(py, None, |contents| {
            contents.sent.as_ref().map(|sent| sent.clone_ref(py))
        })
    }

    #[setter(_sent)]
    fn set_sent(&self, py: Python<'_>, sent: Py<PyAny>) {
        drop(self.look(py, None, |contents| contents.sent.replace(sent)));
    }

    #[getter]
    fn method(&self, py: Python<'_>) -> Option<Py<PyString>> {
        self.look(py, None, |contents| Some(contents.method.clone_ref(py)))
    }

    #[getter]
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        self.look(py, Ok(String::new()), |contents| contents.full_url(py))
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> Option<Py<PyString>> {
        self.look(py, None, |contents| Some(contents.name(py)))
    }

    #[getter]
    fn header_list(&self, py: Python<'_>) -> Vec<(String, String)> {
        self.look(py, Vec::new(), |contents| {
            head::fields(contents.response.raw_head())
                .map(|(name, value)| (name.to_owned(), latin1(&value)))
                .collect()
        })
    }

    fn header(&self, py: Python<'_>, name: &str) -> Option<String> {
        self.look(py, None, |contents| {
            let mut values = head::values(contents.response.raw_head(), name);
            values.next().map(|value| latin1(&value))
        })
    }

    #[getter]
    fn sets_cookies(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.response.head.sets_cookies)
    }

    #[getter]
    fn content<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        let (py, response) = (this.py(), this.get());
        let known = response.look(py, None, |contents| {
            contents
                .decoded
                .as_ref()
                .map(|decoded| decoded.clone_ref(py))
        });
        if let Some(known) = known {
            return Ok(known.into_bound(py));
        }
        let bytes = match Self::rest(this, true)? {
            Some(bytes) => bytes,
            None => {
                let encoded = response.look(py, false, |contents| contents.response.is_encoded());
                if encoded {
                    let decoded = response.look(py, Ok(Vec::new()), |contents| {
                        contents.response.decoded(DEFAULT_LIMIT)
                    });
                    let decoded = decoded.map_err(|error| failure::decoding_error(&error, this))?;
                    PyBytes::new(py, &decoded)
                } else {
                    return Self::raw_content(this);
                }
            }
        };
        let kept = bytes.clone().unbind();
        response.look(py, None, |contents| contents.decoded.replace(kept));
        Ok(bytes)
    }

    fn declared_text<'py>(
        &self,
        py: Python<'py>,
    ) -> Option<(Bound<'py, PyString>, &'py Bound<'py, PyString>)> {
        self.look(py, None, |contents| text::of(py, contents))
    }

    #[getter]
    fn raw_content<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        let py = this.py();
        if let Some(rest) = Self::rest(this, false)? {
            return Ok(rest);
        }
        let made = this.get().look(py, None, |contents| {
            let plain = !contents.response.is_encoded();
            if plain && let Some(known) = &contents.decoded {
                return Some(known.clone_ref(py).into_bound(py));
            }
            let bytes = PyBytes::new(py, contents.response.body());
            if plain {
                contents.decoded = Some(bytes.clone().unbind());
            }
            Some(bytes)
        });
        Ok(made.unwrap_or_else(|| PyBytes::new(py, b"")))
    }

    #[getter]
    fn content_length(this: &Bound<'_, Self>) -> PyResult<usize> {
        let (py, response) = (this.py(), this.get());
        if response.is_streaming(py) {
            return Ok(Self::content(this)?.as_bytes().len());
        }
        let known = response.look(py, Some(0), |contents| match &contents.decoded {
            Some(decoded) => Some(decoded.as_bytes(py).len()),
            None if contents.response.is_encoded() => None,
            None => Some(contents.response.body().len()),
        });
        match known {
            Some(length) => Ok(length),
            None => match Self::content(this) {
                Ok(content) => Ok(content.as_bytes().len()),
                Err(_) => Ok(Self::raw_content(this)?.as_bytes().len()),
            },
        }
    }

    #[getter]
    fn streaming(&self, py: Python<'_>) -> bool {
        self.is_streaming(py)
    }

    #[pyo3(signature = (size=-1, decode=true))]
    fn read<'py>(
        this: &Bound<'py, Self>,
        size: i64,
        decode: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        Self::begin_reading(this, decode)?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let wanted = if size == usize::MAX {
            size
        } else {
            size.min(1)
        };
        Self::read_at_least(this, wanted)?;
        let py = this.py();
        let bytes = this.get().look(py, Vec::new(), |contents| {
            if size >= contents.left.len() {
                return std::mem::take(&mut contents.left);
            }
            let rest = contents.left.split_off(size);
            std::mem::replace(&mut contents.left, rest)
        });
        Ok(PyBytes::new(py, &bytes))
    }

    fn take_body<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::begin_reading(this, false)?;
        let py = this.py();
        let apart = this
            .get()
            .look(py, None, |contents| Some(contents.take_body(py)));
        let class = py.get_type::<Self>();
        match apart {
            Some(apart) => Self::make(py, &class, apart),
            None => class.call0(),
        }
    }

    fn close(&self, py: Python<'_>) {
        if self.is_streaming(py) {
            drop(self.end_stream(py));
        }
    }

    #[getter]
    fn response_time_ms(&self, py: Python<'_>) -> f64 {
        self.look(py, 0.0, |contents| contents.response_time_ms())
    }

    #[getter]
    fn start_time(&self, py: Python<'_>) -> f64 {
        let start = self.look(py, 0, |contents| contents.facts.timing.start);
        if start == 0 {
            0.0
        } else {
            failure::epoch_seconds(start)
        }
    }

    #[getter]
    fn timings_ms<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let timing = self.look(py, Timing::default(), |contents| contents.facts.timing);
        let phases = PyDict::new(py);
        for (name, moment) in [
            ("queued", timing.queued),
            ("resolved", timing.resolved),
            ("connected", timing.connected),
            ("tls", timing.tls),
            ("sent", timing.sent),
            ("first_byte", timing.first_byte),
            ("last_byte", timing.last_byte),
        ] {
            phases.set_item(name, timing.since_start_ms(moment))?;
        }
        Ok(phases)
    }

    #[getter]
    fn reused(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.facts.reused)
    }

    #[getter]
    fn retried(&self, py: Python<'_>) -> bool {
        self.look(py, false, |contents| contents.facts.retried)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector runs with the GIL held; nothing is done with it here.
        let py = unsafe { Python::assume_attached() };
        self.0
            .try_with(py, |contents| {
                let Some(contents) = contents else {
                    return Ok(());
                };
                for object in [&contents.session, &contents.sent].into_iter().flatten() {
                    visit.call(object)?;
                }
                match &contents.recording {
                    Some(recording) => recording.traverse(&visit),
                    None => Ok(()),
                }
            })
            .unwrap_or(Ok(()))
    }

    fn __clear__(&self, py: Python<'_>) {
        drop(self.look(py, (None, None, None), |contents| {
            let (session, sent) = (contents.session.take(), contents.sent.take());
            (session, sent, contents.recording.take())
        }));
    }

    #[getter]
    fn remote_address(&self, py: Python<'_>) -> Option<(String, u16)> {
        self.look(py, None, |contents| pair(contents.facts.peer))
    }

    #[getter]
    fn local_address(&self, py: Python<'_>) -> Option<(String, u16)> {
        self.look(py, None, |contents| pair(contents.facts.local))
    }
}
