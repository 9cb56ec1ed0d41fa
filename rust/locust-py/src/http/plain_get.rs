//! `PlainGet`: `get` of a session, for which nearly all requests of a load test are made.
//!
//! While a request waits for its response, everything on the stack is copied with every switch of greenlets, and with
//! thousands of users none of it is in a cache. So this one method is written against the C interface: a small frame
//! of its own, in place of four, and no function of Python's between the task and the engine.

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

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
    // SAFETY: the interpreter calls with the GIL held. Nothing that lives in this frame while the greenlet waits is
    // dropped here: `end` does that, properly attached.
    let py = unsafe { Python::assume_attached() };
    if nargs != 1 || !names.is_null() {
        // SAFETY: as the caller promises.
        return unsafe { usual(this, args, nargs, names) };
    }
    // SAFETY: there is one argument.
    let url = unsafe { *args };
    let mut place = MaybeUninit::<Waiting<'_>>::uninit();
    match begin(py, this, url, &mut place) {
        Begun::Waiting => {}
        // SAFETY: as the caller promises.
        Begun::Usual => return unsafe { usual(this, args, nargs, names) },
        Begun::Raised => return std::ptr::null_mut(),
    }
    // SAFETY: `begin` has written it.
    let waiting = unsafe { place.assume_init_mut() };
    let ran = waiting
        .underway
        .exchange
        .run(&waiting.client.get().resolve, None);
    end(this, url, &mut place, ran)
}

/// Runs `work` attached; a panic becomes Python's exception.
fn guarded<R>(failed: R, work: impl FnOnce(Python<'_>) -> R) -> R {
    Python::attach(|py| {
        catch_unwind(AssertUnwindSafe(|| work(py))).unwrap_or_else(|_| {
            PanicException::new_err("a request panicked; please report this").restore(py);
            failed
        })
    })
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
fn begin(
    _py: Python<'_>,
    this: *mut ffi::PyObject,
    url: *mut ffi::PyObject,
    place: &mut MaybeUninit<Waiting<'_>>,
) -> Begun {
    guarded(Begun::Raised, |py| {
        // SAFETY: `this` is an instance, or the descriptor would not have called; both are held by the caller.
        let (session, url) = unsafe {
            let this = Borrowed::from_ptr(py, this);
            (
                this.cast_unchecked::<PlainGet>(),
                Borrowed::from_ptr(py, url),
            )
        };
        let Ok(url) = url.cast::<PyString>() else {
            return Begun::Usual;
        };
        let mut way = way_of(py, &session);
        if way.is_none()
            && session
                .get()
                .0
                .with(py, |known| matches!(known, Knowledge::Nothing))
        {
            if let Err(error) = session.call_method0(intern!(py, "_find_way")) {
                error.restore(py);
                return Begun::Raised;
            }
            way = way_of(py, &session);
        }
        let Some((client, sent, request)) = way else {
            return Begun::Usual;
        };
        match session.get_type().getattr(intern!(py, "request")) {
            Ok(known) if known.as_ptr() == request => {}
            _ => return Begun::Usual,
        }
        let mut underway = None;
        let begun = match url.to_str() {
            Ok(path) => client.get().begin_get(py, path, &mut underway),
            Err(error) => Err(Raised::leave(py, error)),
        };
        if begun.is_err() {
            return Begun::Raised;
        }
        let Some(underway) = underway else {
            return Begun::Usual;
        };
        // SAFETY: of the lifetime only the token is a part, which holds as long as the caller does.
        let place = unsafe { &mut *std::ptr::from_mut(place).cast::<MaybeUninit<Waiting<'_>>>() };
        place.write(Waiting {
            underway,
            client,
            sent,
        });
        Begun::Waiting
    })
}

/// The response, or what the session makes of one that is not settled, or of a failure.
#[inline(never)]
fn end(
    this: *mut ffi::PyObject,
    url: *mut ffi::PyObject,
    place: &mut MaybeUninit<Waiting<'_>>,
    ran: Result<(), Raised>,
) -> *mut ffi::PyObject {
    guarded(std::ptr::null_mut(), |py| {
        // SAFETY: both are held by the caller; `begin` has checked what they are, and written `place`.
        let (session, url, mut waiting) = unsafe {
            let waiting = std::ptr::from_mut(place).cast::<Waiting<'_>>().read();
            (
                Borrowed::from_ptr(py, this),
                Borrowed::from_ptr(py, url).cast_unchecked::<PyString>(),
                waiting,
            )
        };
        let start = waiting.underway.exchange.start();
        let outcome = match ran {
            Ok(()) => waiting
                .client
                .get()
                .conclude_get(&mut waiting.underway, &url),
            Err(raised) => Err(raised),
        };
        let outcome = match outcome {
            Ok(response) => {
                let (session, sent) = (session.to_owned().unbind(), waiting.sent.unbind());
                match response.cast::<HttpResponse>() {
                    Ok(native) if native.get().settle(py, session, sent) => {
                        return response.into_ptr();
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
        settled.map_or_else(
            |error| {
                error.restore(py);
                std::ptr::null_mut()
            },
            Bound::into_ptr,
        )
    })
}

/// Every other call: `self.request("GET", url, **kwargs)`.
///
/// # Safety
/// As for [`get`].
#[cold]
#[inline(never)]
unsafe fn usual(
    this: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargs: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    guarded(std::ptr::null_mut(), |py| {
        // SAFETY: as the caller promises; all of it is held by him.
        let (session, names, values) = unsafe {
            let names = (!names.is_null()).then(|| Borrowed::from_ptr(py, names));
            let names = names.map(|names| names.cast_unchecked::<PyTuple>());
            let named = names.as_ref().map_or(0, |names| names.len());
            let values = std::slice::from_raw_parts(args, nargs.unsigned_abs() + named);
            (Borrowed::from_ptr(py, this), names, values)
        };
        let objects = values.iter().map(|value| {
            // SAFETY: as above.
            unsafe { Borrowed::from_ptr(py, *value) }
        });
        let (positional, named) = (
            nargs.unsigned_abs(),
            objects.clone().skip(nargs.unsigned_abs()),
        );
        let asked = || {
            let keywords = PyDict::new(py);
            for (name, value) in names.iter().flat_map(|names| names.iter()).zip(named) {
                keywords.set_item(name, value)?;
            }
            let request = session.getattr(intern!(py, "request"))?;
            let method = intern!(py, "GET");
            match (positional, objects.clone().next()) {
                (1, Some(url)) => request.call((method, &*url), Some(&keywords)),
                (0, _) if keywords.contains(intern!(py, "url"))? => {
                    request.call((method,), Some(&keywords))
                }
                (0, _) => Err(PyTypeError::new_err(
                    "get() missing 1 required positional argument: 'url'",
                )),
                (given, _) => Err(PyTypeError::new_err(format!(
                    "get() takes 2 positional arguments but {} were given",
                    given + 1
                ))),
            }
        };
        asked().map_or_else(
            |error| {
                error.restore(py);
                std::ptr::null_mut()
            },
            Bound::into_ptr,
        )
    })
}

/// Gives the class its method.
///
/// # Errors
/// The interpreter refuses.
pub(super) fn complete(py: Python<'_>) -> PyResult<()> {
    static mut METHOD: ffi::PyMethodDef = ffi::PyMethodDef {
        ml_name: c"get".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunctionFastWithKeywords: get,
        },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: c"get($self, url, **kwargs)\n--\n\nSends a GET request".as_ptr(),
    };
    let class = py.get_type::<PlainGet>();
    // SAFETY: the definition lives as long as the process, and nobody else writes to it.
    let method = unsafe {
        let made = ffi::PyDescr_NewMethod(class.as_type_ptr(), &raw mut METHOD);
        Bound::from_owned_ptr_or_err(py, made)?
    };
    class.setattr("get", method)
}
