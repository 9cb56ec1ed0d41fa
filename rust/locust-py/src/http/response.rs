//! `HttpResponse`: everything is made when it is touched, and not before.

use std::net::SocketAddr;
use std::sync::Arc;

use locust_http::clock::now_ns;
use locust_http::decode::{DEFAULT_LIMIT, Decoder};
use locust_http::engine::{Finished, RequestKey, StreamStep};
use locust_http::head;
use locust_http::response::Response;
use locust_http::timing::Timing;
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple, PyType};

use super::cell::GilCell;
use super::engine::{Discarded, HttpEngine};
use super::failure;

/// A body that is still on the wire.
pub(super) struct Stream {
    pub(super) engine: Py<HttpEngine>,
    pub(super) key: RequestKey,
    /// Whether a greenlet reads just now.
    pub(super) reading: bool,
}

impl Drop for Stream {
    fn drop(&mut self) {
        Python::attach(|py| self.engine.get().discard(py, Discarded::Request(self.key)));
    }
}

/// How the bytes of [`State::left`] came about.
enum Reader {
    /// `read` was not called yet.
    Untouched,
    Raw,
    Decoding(Option<Box<Decoder>>),
}

/// What a response consists of.
pub(super) struct State {
    response: Response,
    timing: Timing,
    reused: bool,
    retried: bool,
    peer: Option<SocketAddr>,
    local: Option<SocketAddr>,
    method: Py<PyString>,
    url: Py<PyString>,
    base: Option<Arc<str>>,
    name: Option<Py<PyString>>,
    pub(super) recorded: bool,
    decoded: Option<Py<PyBytes>>,
    reader: Reader,
    /// Bytes that `read` has not given away.
    left: Vec<u8>,
    stream: Option<Stream>,
}

impl State {
    pub(super) fn new(
        response: Response,
        finished: &Finished,
        method: Py<PyString>,
        url: Py<PyString>,
        base: Option<Arc<str>>,
        name: Option<Py<PyString>>,
    ) -> Self {
        Self {
            response,
            timing: finished.timing,
            reused: finished.reused,
            retried: finished.retried,
            peer: finished.peer,
            local: finished.local,
            method,
            url,
            base,
            name,
            recorded: false,
            decoded: None,
            reader: Reader::Untouched,
            left: Vec::new(),
            stream: None,
        }
    }

    pub(super) fn with_stream(mut self, stream: Option<Stream>) -> Self {
        self.stream = stream;
        self
    }

    /// What the statistics call it.
    pub(super) fn name(&self, py: Python<'_>) -> Py<PyString> {
        self.name.as_ref().unwrap_or(&self.url).clone_ref(py)
    }

    pub(super) fn status(&self) -> u16 {
        self.response.head.status
    }

    /// Start to end in milliseconds; a stream ends with its header.
    pub(super) fn response_time_ms(&self) -> f64 {
        let end = if self.stream.is_some() || self.timing.last_byte == 0 {
            self.timing.header
        } else {
            self.timing.last_byte
        };
        self.timing.since_start_ms(end).unwrap_or(0.0)
    }

    /// Length of the decoded body; None if it cannot be decoded. Decodes at most once.
    pub(super) fn decoded_length(&mut self, py: Python<'_>) -> Option<usize> {
        if !self.response.is_encoded() {
            return Some(self.response.body().len());
        }
        let bytes = self.response.decoded(DEFAULT_LIMIT).ok()?;
        self.decoded = Some(PyBytes::new(py, &bytes).unbind());
        Some(bytes.len())
    }
}

/// The state of the response that is being made; `__new__` takes it.
static PENDING: GilCell<Option<Box<State>>> = GilCell::new(None);

#[pyclass(module = "locust_rs._core", frozen, subclass, weakref)]
pub(super) struct HttpResponse(GilCell<Option<Box<State>>>);

impl HttpResponse {
    /// An object of `class` around `state`, without calling `__init__`.
    pub(super) fn make<'py>(
        py: Python<'py>,
        class: &Bound<'py, PyType>,
        state: State,
    ) -> PyResult<Bound<'py, PyAny>> {
        PENDING.with(py, |pending| *pending = Some(Box::new(state)));
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

    /// Looks at the state; `absent` for a response that came from nowhere.
    fn look<R>(&self, py: Python<'_>, absent: R, look: impl FnOnce(&mut State) -> R) -> R {
        self.0.with(py, |state| match state {
            Some(state) => look(state),
            None => absent,
        })
    }

    /// Takes the next bytes of a stream into `left`; false at the end.
    fn fill(&self, py: Python<'_>) -> PyResult<bool> {
        loop {
            let stream = self.look(py, None, |state| {
                state
                    .stream
                    .as_ref()
                    .map(|stream| (stream.engine.clone_ref(py), stream.key))
            });
            let Some((engine, key)) = stream else {
                return Ok(false);
            };
            let engine = engine.get();
            let step = engine.with(py, |core| core.read_stream(key));
            engine.nudge(py);
            match step {
                StreamStep::Wait => engine.wait(py, key)?,
                StreamStep::Bytes(bytes) => {
                    let decoded = self.look(py, Ok(()), |state| match &mut state.reader {
                        Reader::Decoding(Some(decoder)) => decoder.feed(&bytes, &mut state.left),
                        _ => {
                            state.left.extend_from_slice(&bytes);
                            Ok(())
                        }
                    });
                    return match decoded {
                        Ok(()) => Ok(true),
                        Err(error) => {
                            drop(self.end_stream(py));
                            Err(failure::decoding_error(py, &error))
                        }
                    };
                }
                StreamStep::End => {
                    drop(self.end_stream(py));
                    let complete = self.look(py, Ok(()), |state| match &state.reader {
                        Reader::Decoding(Some(decoder)) => decoder.finish(),
                        _ => Ok(()),
                    });
                    return match complete {
                        Ok(()) => Ok(false),
                        Err(error) => Err(failure::decoding_error(py, &error)),
                    };
                }
                StreamStep::Failed(failed) => {
                    drop(self.end_stream(py));
                    let timing = self.look(py, Timing::default(), |state| state.timing);
                    return Err(failure::exception(py, &failed, &timing));
                }
            }
        }
    }

    /// The stream is over, one way or the other.
    fn end_stream(&self, py: Python<'_>) -> Option<Stream> {
        self.look(py, None, |state| {
            state.timing.last_byte = now_ns();
            state.stream.take()
        })
    }

    /// Decides once how `read` gives the body.
    fn begin_reading(&self, py: Python<'_>, decode: bool) -> PyResult<()> {
        let result = self.look(py, Ok(()), |state| {
            if !matches!(state.reader, Reader::Untouched) {
                return Ok(());
            }
            let encodings = &state.response.head.encodings;
            let decoder = if decode {
                Decoder::new(encodings, DEFAULT_LIMIT)?
            } else {
                None
            };
            if state.stream.is_none() {
                let raw = state.response.split_body();
                state.left = raw;
                if let Some(mut decoder) = decoder {
                    let raw = std::mem::take(&mut state.left);
                    decoder.feed(&raw, &mut state.left)?;
                    decoder.finish()?;
                }
                state.reader = Reader::Raw;
            } else if decode {
                state.reader = Reader::Decoding(decoder.map(Box::new));
            } else {
                state.reader = Reader::Raw;
            }
            Ok(())
        });
        result.map_err(|error| failure::decoding_error(py, &error))
    }

    /// Reads until `wanted` bytes are there or the body ends.
    fn read_at_least(&self, py: Python<'_>, wanted: usize) -> PyResult<()> {
        struct Reading<'a, 'py>(&'a HttpResponse, Python<'py>);
        impl Drop for Reading<'_, '_> {
            fn drop(&mut self) {
                self.0.look(self.1, (), |state| {
                    if let Some(stream) = &mut state.stream {
                        stream.reading = false;
                    }
                });
            }
        }
        let taken = self.look(py, false, |state| {
            state
                .stream
                .as_mut()
                .is_some_and(|stream| std::mem::replace(&mut stream.reading, true))
        });
        if taken {
            let message = "another greenlet is reading this response; read it in one place";
            return Err(PyRuntimeError::new_err(message));
        }
        let _reading = Reading(self, py);
        while self.look(py, usize::MAX, |state| state.left.len()) < wanted {
            if !self.fill(py)? {
                break;
            }
        }
        Ok(())
    }

    fn is_streaming(&self, py: Python<'_>) -> bool {
        self.look(py, false, |state| state.stream.is_some())
    }

    /// All that is left of a body that was read as a stream, or None if it was not.
    fn rest<'py>(&self, py: Python<'py>, decode: bool) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let streamed = self.look(py, false, |state| {
            state.stream.is_some() || !matches!(state.reader, Reader::Untouched)
        });
        if !streamed {
            return Ok(None);
        }
        self.begin_reading(py, decode)?;
        self.read_at_least(py, usize::MAX)?;
        let bytes = self.look(py, Vec::new(), |state| std::mem::take(&mut state.left));
        Ok(Some(PyBytes::new(py, &bytes)))
    }
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
        self.look(py, 0, |state| state.status())
    }

    #[getter]
    fn reason(&self, py: Python<'_>) -> String {
        self.look(py, String::new(), |state| {
            latin1(head::reason(state.response.raw_head()))
        })
    }

    #[getter]
    fn http_version(&self, py: Python<'_>) -> &'static str {
        self.look(py, "1.1", |state| {
            if state.response.head.minor_version == 0 {
                "1.0"
            } else {
                "1.1"
            }
        })
    }

    #[getter]
    fn recorded(&self, py: Python<'_>) -> bool {
        self.look(py, false, |state| state.recorded)
    }

    #[getter]
    fn method(&self, py: Python<'_>) -> Option<Py<PyString>> {
        self.look(py, None, |state| Some(state.method.clone_ref(py)))
    }

    #[getter]
    fn url(&self, py: Python<'_>) -> PyResult<String> {
        let parts = self.look(py, None, |state| {
            Some((state.base.clone(), state.url.clone_ref(py)))
        });
        let Some((base, url)) = parts else {
            return Ok(String::new());
        };
        let url = url.bind(py).to_str()?;
        Ok(match base {
            Some(base) if url.starts_with('/') => format!("{base}{url}"),
            _ => url.to_owned(),
        })
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> Option<Py<PyString>> {
        self.look(py, None, |state| Some(state.name(py)))
    }

    #[getter]
    fn header_list(&self, py: Python<'_>) -> Vec<(String, String)> {
        self.look(py, Vec::new(), |state| {
            let mut lines = Vec::new();
            head::for_each_line(state.response.raw_head(), |name, value| {
                lines.push((name.to_owned(), latin1(value)));
            });
            lines
        })
    }

    fn header(&self, py: Python<'_>, name: &str) -> Option<String> {
        self.look(py, None, |state| {
            let mut found = None;
            head::for_each_line(state.response.raw_head(), |known, value| {
                if found.is_none() && known.eq_ignore_ascii_case(name) {
                    found = Some(latin1(value));
                }
            });
            found
        })
    }

    #[getter]
    fn sets_cookies(&self, py: Python<'_>) -> bool {
        self.look(py, false, |state| state.response.head.sets_cookies)
    }

    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let known = self.look(py, None, |state| {
            state.decoded.as_ref().map(|decoded| decoded.clone_ref(py))
        });
        if let Some(known) = known {
            return Ok(known.into_bound(py));
        }
        let bytes = match self.rest(py, true)? {
            Some(bytes) => bytes,
            None => {
                let encoded = self.look(py, false, |state| state.response.is_encoded());
                if encoded {
                    let decoded = self.look(py, Ok(Vec::new()), |state| {
                        state.response.decoded(DEFAULT_LIMIT)
                    });
                    let decoded = decoded.map_err(|error| failure::decoding_error(py, &error))?;
                    PyBytes::new(py, &decoded)
                } else {
                    return self.raw_content(py);
                }
            }
        };
        let kept = bytes.clone().unbind();
        self.look(py, None, |state| state.decoded.replace(kept));
        Ok(bytes)
    }

    #[getter]
    fn raw_content<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        if let Some(rest) = self.rest(py, false)? {
            return Ok(rest);
        }
        let made = self.look(py, None, |state| {
            let plain = !state.response.is_encoded();
            if plain && let Some(known) = &state.decoded {
                return Some(known.clone_ref(py).into_bound(py));
            }
            let bytes = PyBytes::new(py, state.response.body());
            if plain {
                state.decoded = Some(bytes.clone().unbind());
            }
            Some(bytes)
        });
        Ok(made.unwrap_or_else(|| PyBytes::new(py, b"")))
    }

    #[getter]
    fn content_length(&self, py: Python<'_>) -> PyResult<usize> {
        if self.is_streaming(py) {
            return Ok(self.content(py)?.as_bytes().len());
        }
        let known = self.look(py, Some(0), |state| match &state.decoded {
            Some(decoded) => Some(decoded.as_bytes(py).len()),
            None if state.response.is_encoded() => None,
            None => Some(state.response.body().len()),
        });
        match known {
            Some(length) => Ok(length),
            None => match self.content(py) {
                Ok(content) => Ok(content.as_bytes().len()),
                Err(_) => Ok(self.raw_content(py)?.as_bytes().len()),
            },
        }
    }

    #[getter]
    fn streaming(&self, py: Python<'_>) -> bool {
        self.is_streaming(py)
    }

    #[pyo3(signature = (size=-1, decode=true))]
    fn read<'py>(&self, py: Python<'py>, size: i64, decode: bool) -> PyResult<Bound<'py, PyBytes>> {
        self.begin_reading(py, decode)?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let wanted = if size == usize::MAX {
            size
        } else {
            size.min(1)
        };
        self.read_at_least(py, wanted)?;
        let bytes = self.look(py, Vec::new(), |state| {
            if size >= state.left.len() {
                return std::mem::take(&mut state.left);
            }
            let rest = state.left.split_off(size);
            std::mem::replace(&mut state.left, rest)
        });
        Ok(PyBytes::new(py, &bytes))
    }

    fn close(&self, py: Python<'_>) {
        if self.is_streaming(py) {
            drop(self.end_stream(py));
        }
    }

    #[getter]
    fn response_time_ms(&self, py: Python<'_>) -> f64 {
        self.look(py, 0.0, |state| state.response_time_ms())
    }

    #[getter]
    fn start_time(&self, py: Python<'_>) -> f64 {
        let start = self.look(py, 0, |state| state.timing.start);
        if start == 0 {
            0.0
        } else {
            failure::epoch_seconds(start)
        }
    }

    #[getter]
    fn timings_ms<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let timing = self.look(py, Timing::default(), |state| state.timing);
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
        self.look(py, false, |state| state.reused)
    }

    #[getter]
    fn retried(&self, py: Python<'_>) -> bool {
        self.look(py, false, |state| state.retried)
    }

    #[getter]
    fn remote_address(&self, py: Python<'_>) -> Option<(String, u16)> {
        self.look(py, None, |state| pair(state.peer))
    }

    #[getter]
    fn local_address(&self, py: Python<'_>) -> Option<(String, u16)> {
        self.look(py, None, |state| pair(state.local))
    }
}
