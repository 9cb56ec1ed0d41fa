//! `PlainGet`: `get` of a session, for which nearly all requests of a load test are made.
//!
//! While a request waits for its response, everything on the stack is copied with every switch of greenlets, and with
//! thousands of users none of it is in a cache. So this one method is written against the C interface: a small frame
//! of its own, in place of four, and no function of Python's between the task and the engine.

use std::mem::MaybeUninit;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::cell::GilCell;
use super::client::HttpClient;
use super::greenlet::Raised;
use super::response::HttpResponse;
use super::underway::PlainUnderway;
use crate::fastcall::{Arguments, Definition, guarded};

/// What leads straight to the engine.
struct Way {
    client: Py<HttpClient>,
    /// What responses remember of the request, beside the session.
    sent: Py<PyAny>,
    /// The function that `get` stands for; a class that has another one wants to be asked.
    request: Py<PyAny>,
}

/// What is known about a session's plain GETs.
enum Knowledge {
    /// Something has changed since the session was asked.
    Nothing,
    Open(Way),
    /// They are for the session.
    Closed,
}

#[pyclass(module = "locust_rs._core", frozen, subclass)]
pub(super) struct PlainGet(GilCell<Knowledge>);

impl PlainGet {
    fn learn(&self, py: Python<'_>, knowledge: Knowledge) {
        drop(self.0.with(py, |known| std::mem::replace(known, knowledge)));
    }
}

#[pymethods]
impl PlainGet {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self(GilCell::new(Knowledge::Nothing))
    }

    #[pyo3(signature = (*_args, **_kwargs))]
    fn __init__(&self, _args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) {}

    fn _open_way(
        &self,
        py: Python<'_>,
        client: Py<HttpClient>,
        sent: Py<PyAny>,
        request: Py<PyAny>,
    ) {
        let way = Way {
            client,
            sent,
            request,
        };
        self.learn(py, Knowledge::Open(way));
    }

    fn _close_way(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Closed);
    }

    fn _forget_way(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Nothing);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector runs with the GIL held; nothing is done with it here.
        let py = unsafe { Python::assume_attached() };
        self.0
            .try_with(py, |known| match known {
                Knowledge::Open(way) => {
                    visit.call(&way.client)?;
                    visit.call(&way.sent)?;
                    visit.call(&way.request)
                }
                _ => Ok(()),
            })
            .unwrap_or(Ok(()))
    }

    fn __clear__(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Closed);
    }
}

/// A plain GET on its way.
struct Waiting<'py> {
    underway: PlainUnderway<'py>,
    client: Bound<'py, HttpClient>,
    sent: Bound<'py, PyAny>,
}

enum Begun {
    /// The request is the engine's; what belongs to it has been written.
    Waiting,
    /// It is none for this way.
    Usual,
    /// The interpreter's error indicator is set.
    Raised,
}

static METHOD: Definition = Definition::new(
    c"get",
    c"get($self, url, **kwargs)\n--\n\nSends a GET request",
    get,
);

/// The function behind `get(url, **kwargs)`.
///
/// # Safety
/// As the interpreter calls a method of these flags: `args` has `nargs` objects and those that `names` has.
unsafe extern "C" fn get(
    this: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargs: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls with the GIL held, and holds the arguments. Nothing that lives in this frame while
    // the greenlet waits is dropped here: `end` does that, properly attached.
    let (py, session, arguments) = unsafe {
        let py = Python::assume_attached();
        let arguments = Arguments::new(py, args, nargs, names);
        (py, Borrowed::from_ptr(py, this), arguments)
    };
    let mut place = MaybeUninit::uninit();
    let begun = match (arguments.positional().next(), nargs, names.is_null()) {
        (Some(url), 1, true) => begin(py, session, url, &mut place),
        _ => Begun::Usual,
    };
    match begun {
        Begun::Waiting => {}
        Begun::Usual => return usual(session, &arguments),
        Begun::Raised => return std::ptr::null_mut(),
    }
    // SAFETY: `begin` has written it.
    let waiting: &mut Waiting<'_> = unsafe { place.assume_init_mut() };
    let ran = waiting
        .underway
        .exchange
        .run(&waiting.client.get().resolve, None);
    // SAFETY: as above; it is not read again. `begin` has found one argument.
    unsafe { end(session, *args, &mut place, ran) }
}

fn panicked() -> PyErr {
    PanicException::new_err("a request panicked; please report this")
}

/// The client, what responses remember, and the function that `get` stands for.
#[inline]
fn way_of<'py>(
    py: Python<'py>,
    session: &Bound<'py, PlainGet>,
) -> Option<(
    Bound<'py, HttpClient>,
    Bound<'py, PyAny>,
    *mut ffi::PyObject,
)> {
    session.get().0.with(py, |known| match known {
        Knowledge::Open(way) => Some((
            way.client.bind(py).clone(),
            way.sent.bind(py).clone(),
            way.request.as_ptr(),
        )),
        _ => None,
    })
}

#[inline(never)]
fn begin<'py>(
    py: Python<'py>,
    session: Borrowed<'_, 'py, PyAny>,
    url: Borrowed<'_, 'py, PyAny>,
    place: &mut MaybeUninit<Waiting<'py>>,
) -> Begun {
    guarded(Begun::Raised, panicked, |_| {
        // SAFETY: an instance, or the descriptor would not have called.
        let session = unsafe { session.cast_unchecked::<PlainGet>() };
        let Ok(url) = url.cast::<PyString>() else {
            return Ok(Begun::Usual);
        };
        let mut way = way_of(py, &session);
        if way.is_none()
            && session
                .get()
                .0
                .with(py, |known| matches!(known, Knowledge::Nothing))
        {
            session.call_method0(intern!(py, "_find_way"))?;
            way = way_of(py, &session);
        }
        let Some((client, sent, request)) = way else {
            return Ok(Begun::Usual);
        };
        match session.get_type().getattr(intern!(py, "request")) {
            Ok(known) if known.as_ptr() == request => {}
            _ => return Ok(Begun::Usual),
        }
        let mut underway = None;
        let begun = client.get().begin_get(py, url.to_str()?, &mut underway);
        if begun.is_err() {
            return Ok(Begun::Raised);
        }
        Ok(match underway {
            Some(underway) => {
                place.write(Waiting {
                    underway,
                    client,
                    sent,
                });
                Begun::Waiting
            }
            None => Begun::Usual,
        })
    })
}

/// The response, or what the session makes of one that is not settled, or of a failure.
///
/// # Safety
/// `begin` has written `place` for this `url`, which is a string; `place` is not read again.
#[inline(never)]
unsafe fn end<'py>(
    session: Borrowed<'_, 'py, PyAny>,
    url: *mut ffi::PyObject,
    place: &mut MaybeUninit<Waiting<'py>>,
    ran: Result<(), Raised>,
) -> *mut ffi::PyObject {
    guarded(std::ptr::null_mut(), panicked, |_| {
        let py = session.py();
        // SAFETY: as the caller promises.
        let (url, mut waiting) = unsafe {
            let url = Borrowed::from_ptr(py, url).cast_unchecked::<PyString>();
            (url, place.assume_init_read())
        };
        let start = waiting.underway.exchange.start();
        let outcome = ran.and_then(|()| {
            waiting
                .client
                .get()
                .conclude_get(&mut waiting.underway, &url)
        });
        let outcome = match outcome {
            Ok(response) => {
                let (owner, sent) = (session.to_owned().unbind(), waiting.sent.unbind());
                match response.cast::<HttpResponse>() {
                    Ok(native) if native.get().settle(py, owner, sent) => {
                        return Ok(response.into_ptr());
                    }
                    _ => response,
                }
            }
            Err(raised) => {
                drop(waiting);
                raised.take(py).into_value(py).into_bound(py).into_any()
            }
        };
        let elapsed = locust_http::clock::now_ns().saturating_sub(start) as f64 / 1e9;
        let settled = session.call_method1(intern!(py, "_settle_get"), (&*url, outcome, elapsed));
        settled.map(Bound::into_ptr)
    })
}

/// Every other call: `self.request("GET", url, **kwargs)`.
#[inline(never)]
fn usual(session: Borrowed<'_, '_, PyAny>, arguments: &Arguments<'_>) -> *mut ffi::PyObject {
    guarded(std::ptr::null_mut(), panicked, |_| {
        let py = session.py();
        let keywords = arguments.to_dict()?;
        let mut positional = arguments.positional();
        let (given, first) = (positional.len(), positional.next());
        let request = session.getattr(intern!(py, "request"))?;
        let method = intern!(py, "GET");
        let response = match (given, first) {
            (1, Some(url)) => request.call((method, &*url), Some(&keywords)),
            (0, _) if keywords.contains(intern!(py, "url"))? => {
                request.call((method,), Some(&keywords))
            }
            (0, _) => Err(PyTypeError::new_err(
                "get() missing 1 required positional argument: 'url'",
            )),
            _ => Err(PyTypeError::new_err(format!(
                "get() takes 2 positional arguments but {} were given",
                given + 1
            ))),
        };
        response.map(Bound::into_ptr)
    })
}

/// Gives the class its method.
///
/// # Errors
/// The interpreter refuses.
pub(super) fn complete(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<PlainGet>();
    // SAFETY: the definition lives for ever.
    let method = unsafe {
        let made = ffi::PyDescr_NewMethod(class.as_type_ptr(), METHOD.as_ptr());
        Bound::from_owned_ptr_or_err(py, made)?
    };
    class.setattr("get", method)
}
