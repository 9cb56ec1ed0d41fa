//! `DirectGet`: `get` of a session, which makes nearly all requests of a load test.
//!
//! While a request waits for its response, every switch of greenlets copies the whole stack, and with thousands of
//! users none of it is in a cache. So this one method is written against the C interface: one small frame in place of
//! four, and no Python function between the task and the engine.

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
use super::in_flight::{DirectInFlight, Own};
use super::response::HttpResponse;
use crate::fastcall::{Arguments, Definition, guarded};
use crate::watch::DictWatch;

/// What a direct GET needs.
struct Target {
    client: Py<HttpClient>,
    /// What responses keep of the request, besides the session.
    sent: Py<PyAny>,
    /// Headers that calls have brought: `tuple(headers.items())` leads to a tuple of their `HeaderLines` and `sent`.
    known_headers: Py<PyDict>,
    /// The function that `get` replaces. A class with another `request` must be asked instead.
    request: Py<PyAny>,
    /// Tells whether a library below has been patched since direct GETs were allowed.
    watch: Py<DictWatch>,
    version: u64,
}

/// Whether a session's GETs may go directly to the engine.
enum Knowledge {
    /// Something has changed since the session was asked.
    Unknown,
    Open(Target),
    /// No: the session handles them.
    Closed,
}

#[pyclass(module = "locust_rs._core", frozen, subclass)]
pub(super) struct DirectGet(GilCell<Knowledge>);

impl DirectGet {
    fn learn(&self, py: Python<'_>, knowledge: Knowledge) {
        drop(self.0.with(py, |known| std::mem::replace(known, knowledge)));
    }
}

#[pymethods]
impl DirectGet {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self(GilCell::new(Knowledge::Unknown))
    }

    #[pyo3(signature = (*_args, **_kwargs))]
    fn __init__(&self, _args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) {}

    #[allow(clippy::too_many_arguments)] // what a direct GET needs
    fn _open_direct(
        &self,
        py: Python<'_>,
        client: Py<HttpClient>,
        sent: Py<PyAny>,
        known_headers: Py<PyDict>,
        request: Py<PyAny>,
        watch: Py<DictWatch>,
        version: u64,
    ) {
        let target = Target {
            client,
            sent,
            known_headers,
            request,
            watch,
            version,
        };
        self.learn(py, Knowledge::Open(target));
    }

    fn _close_direct(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Closed);
    }

    fn _forget_direct(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Unknown);
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector runs with the GIL held; nothing is done with it here.
        let py = unsafe { Python::assume_attached() };
        self.0
            .try_with(py, |known| match known {
                Knowledge::Open(target) => {
                    visit.call(&target.client)?;
                    visit.call(&target.sent)?;
                    visit.call(&target.known_headers)?;
                    visit.call(&target.watch)?;
                    visit.call(&target.request)
                }
                _ => Ok(()),
            })
            .unwrap_or(Ok(()))
    }

    fn __clear__(&self, py: Python<'_>) {
        self.learn(py, Knowledge::Closed);
    }
}

/// A direct GET in flight. It owns what the call was given: killing the greenlet frees its arguments during the wait.
struct Waiting<'py> {
    in_flight: DirectInFlight<'py>,
    session: Bound<'py, PyAny>,
    url: Bound<'py, PyString>,
    client: Bound<'py, HttpClient>,
    sent: Bound<'py, PyAny>,
    name: Option<Bound<'py, PyString>>,
    /// Whether it is recorded natively where possible, and no with-block does that.
    record: bool,
}

enum Begun {
    /// The engine has the request, and `Waiting` has been written.
    Waiting,
    /// Not a direct GET; fall back to `request`.
    Other,
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
    // SAFETY: the interpreter holds the GIL, and the arguments until the greenlet waits. Nothing that lives in this
    // frame during the wait is dropped here: `end` does that while attached to the interpreter.
    let (py, session, arguments) = unsafe {
        let py = Python::assume_attached();
        let arguments = Arguments::new(py, args, nargs, names);
        (py, Borrowed::from_ptr(py, this), arguments)
    };
    let mut place = MaybeUninit::uninit();
    let begun = match (arguments.positional().next(), nargs) {
        (Some(url), 1) => begin(py, session, url, &arguments, &mut place),
        _ => Begun::Other,
    };
    match begun {
        Begun::Waiting => {}
        Begun::Other => return usual(session, &arguments),
        Begun::Raised => return std::ptr::null_mut(),
    }
    // SAFETY: `begin` has written it.
    let waiting: &mut Waiting<'_> = unsafe { place.assume_init_mut() };
    let ran = waiting
        .in_flight
        .exchange
        .run(&waiting.client.get().resolve, None);
    // SAFETY: as above, and `place` is not read again.
    unsafe { end(&mut place, ran) }
}

fn panicked() -> PyErr {
    PanicException::new_err("a request panicked; please report this")
}

/// A session's target, and what this call brings of its own.
struct Aim<'py> {
    client: Bound<'py, HttpClient>,
    sent: Bound<'py, PyAny>,
    known_headers: Bound<'py, PyDict>,
    request: *mut ffi::PyObject,
}

/// None: the session has to be asked.
#[inline]
fn aim<'py>(py: Python<'py>, session: &Bound<'py, DirectGet>) -> Option<Aim<'py>> {
    session.get().0.with(py, |known| match known {
        Knowledge::Open(target) if target.watch.get().current(py) == target.version => Some(Aim {
            client: target.client.bind(py).clone(),
            sent: target.sent.bind(py).clone(),
            known_headers: target.known_headers.bind(py).clone(),
            request: target.request.as_ptr(),
        }),
        _ => None,
    })
}

/// What the keywords of a call say, and what its response keeps; None: it is not a direct GET.
#[inline]
fn own<'py>(
    py: Python<'py>,
    arguments: &Arguments<'py>,
    known_headers: &Bound<'py, PyDict>,
) -> Option<(Own<'py>, Option<Bound<'py, PyAny>>)> {
    let (mut lines, mut name, mut record, mut sent) = (None, None, true, None);
    for index in 0..arguments.named() {
        let (keyword, value) = arguments.get(index);
        if keyword.is(intern!(py, "name")) {
            // Without a text the session's rules name it.
            let text = value.cast_exact::<PyString>().ok()?.to_owned();
            name = Some(text).filter(|text| !text.is_empty().unwrap_or(true));
        } else if keyword.is(intern!(py, "catch_response")) {
            record = !value.is_truthy().ok()?;
        } else if keyword.is(intern!(py, "headers")) {
            let headers = value.cast_exact::<PyDict>().ok()?;
            let found = known_headers.get_item(headers.items().to_tuple());
            let found = found.ok().flatten()?.cast_into::<PyTuple>().ok()?;
            lines = Some(found.get_item(0).ok()?.cast_into().ok()?);
            sent = Some(found.get_item(1).ok()?);
        } else {
            return None;
        }
    }
    let own = Own {
        lines,
        name,
        record,
    };
    Some((own, sent))
}

#[inline(never)]
fn begin<'py>(
    py: Python<'py>,
    session: Borrowed<'_, 'py, PyAny>,
    url: Borrowed<'_, 'py, PyAny>,
    arguments: &Arguments<'py>,
    place: &mut MaybeUninit<Waiting<'py>>,
) -> Begun {
    guarded(Begun::Raised, panicked, |_| {
        // SAFETY: an instance, or the descriptor would not have called.
        let owner = session;
        let session = unsafe { session.cast_unchecked::<DirectGet>() };
        let Ok(url) = url.cast::<PyString>() else {
            return Ok(Begun::Other);
        };
        let mut found = aim(py, &session);
        if found.is_none()
            && session
                .get()
                .0
                .with(py, |known| !matches!(known, Knowledge::Closed))
        {
            session.call_method0(intern!(py, "_prepare_direct"))?;
            found = aim(py, &session);
        }
        let Some(Aim {
            client,
            sent,
            known_headers,
            request,
        }) = found
        else {
            return Ok(Begun::Other);
        };
        let Some((own, its_sent)) = own(py, arguments, &known_headers) else {
            return Ok(Begun::Other);
        };
        match session.get_type().getattr(intern!(py, "request")) {
            Ok(known) if known.as_ptr() == request => {}
            _ => return Ok(Begun::Other),
        }
        let mut in_flight = None;
        let (path, lines) = (url.to_str()?, own.lines.as_ref());
        let begun = client.get().begin_get(py, path, lines, &mut in_flight);
        if begun.is_err() {
            return Ok(Begun::Raised);
        }
        Ok(match in_flight {
            Some(in_flight) => {
                place.write(Waiting {
                    in_flight,
                    session: owner.to_owned(),
                    url: url.to_owned(),
                    client,
                    sent: its_sent.unwrap_or(sent),
                    name: own.name,
                    record: own.record,
                });
                Begun::Waiting
            }
            None => Begun::Other,
        })
    })
}

/// Returns a settled response; hands any other, or the failure, to the session's `_finish_get`.
///
/// # Safety
/// `begin` has written `place`, which is not read again.
#[inline(never)]
unsafe fn end<'py>(
    place: &mut MaybeUninit<Waiting<'py>>,
    ran: Result<(), Raised>,
) -> *mut ffi::PyObject {
    guarded(std::ptr::null_mut(), panicked, |py| {
        // SAFETY: as the caller promises.
        let mut waiting = unsafe { place.assume_init_read() };
        let start = waiting.in_flight.exchange.start();
        let outcome = ran.and_then(|()| {
            let (url, name) = (&waiting.url, waiting.name.as_ref());
            let client = waiting.client.get();
            client.conclude_get(&mut waiting.in_flight, url, name, waiting.record)
        });
        let Waiting {
            in_flight,
            session,
            url,
            sent,
            name,
            record,
            ..
        } = waiting;
        drop(in_flight);
        let outcome = match outcome {
            Ok(response) => {
                let (owner, sent) = (session.clone().unbind(), sent.clone().unbind());
                match response.cast::<HttpResponse>() {
                    Ok(native) if native.get().settle(py, owner, sent) => {
                        return Ok(response.into_ptr());
                    }
                    _ => response,
                }
            }
            Err(raised) => raised.take(py).into_value(py).into_bound(py).into_any(),
        };
        let elapsed = locust_http::clock::now_ns().saturating_sub(start) as f64 / 1e9;
        let name = name.unwrap_or_else(|| url.clone());
        let arguments = (url, outcome, elapsed, sent, name, !record);
        let settled = session.call_method1(intern!(py, "_finish_get"), arguments);
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

/// Adds `get` to the class.
///
/// # Errors
/// The interpreter refuses.
pub(super) fn complete(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<DirectGet>();
    // SAFETY: the definition is static.
    let method = unsafe {
        let made = ffi::PyDescr_NewMethod(class.as_type_ptr(), METHOD.as_ptr());
        Bound::from_owned_ptr_or_err(py, made)?
    };
    class.setattr("get", method)
}
