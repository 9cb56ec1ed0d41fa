//! `get`, `post`, `put` and `patch` of a session, from the task to the engine and back.
//!
//! While a request waits for its response, every switch of greenlets copies the whole stack, and with thousands of
//! users none of it is in a cache. So these methods are written against the C interface: one small frame in place of
//! four, and no Python function between the task and the engine.

use std::mem::MaybeUninit;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::panic::PanicException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::call_arguments::{Call, positional_names};
use super::client::HttpClient;
use super::direct_calls::DirectCalls;
use super::greenlet::Raised;
use super::in_flight::DirectInFlight;
use super::own::{Method, Reported};
use super::response::HttpResponse;
use super::telling;
use crate::fastcall::{Arguments, Definition, guarded};

/// A direct call in flight. It owns what the call was given: killing the greenlet frees its arguments during the wait.
struct Waiting<'py> {
    in_flight: DirectInFlight<'py>,
    session: Bound<'py, PyAny>,
    url: Bound<'py, PyString>,
    client: Bound<'py, HttpClient>,
    sent: Bound<'py, PyAny>,
    method: Method,
    reported: Reported<'py>,
}

enum Begun {
    /// The engine has the request, and `Waiting` has been written.
    Waiting,
    /// Not a direct call; fall back to `request`.
    Other,
    /// The interpreter's error indicator is set.
    Raised,
}

static METHODS: [Definition; 4] = [
    Definition::new(
        c"get",
        c"get($self, url, **kwargs)\n--\n\nSends a GET request",
        get,
    ),
    Definition::new(
        c"post",
        c"post($self, url, data=None, json=None, **kwargs)\n--\n\nSends a POST request",
        post,
    ),
    Definition::new(
        c"put",
        c"put($self, url, data=None, **kwargs)\n--\n\nSends a PUT request",
        put,
    ),
    Definition::new(
        c"patch",
        c"patch($self, url, data=None, **kwargs)\n--\n\nSends a PATCH request",
        patch,
    ),
];

macro_rules! method {
    ($name:ident, $method:expr) => {
        /// # Safety
        /// As for `send`.
        unsafe extern "C" fn $name(
            this: *mut ffi::PyObject,
            args: *const *mut ffi::PyObject,
            nargs: ffi::Py_ssize_t,
            names: *mut ffi::PyObject,
        ) -> *mut ffi::PyObject {
            // SAFETY: as the caller promises.
            unsafe { send($method, this, args, nargs, names) }
        }
    };
}

method!(get, Method::Get);
method!(post, Method::Post);
method!(put, Method::Put);
method!(patch, Method::Patch);

/// The function behind each of the methods.
///
/// # Safety
/// As the interpreter calls a method of these flags: `args` has `nargs` objects and those that `names` has.
#[inline(always)]
unsafe fn send(
    method: Method,
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
    match begin(py, method, session, &arguments, &mut place) {
        Begun::Waiting => {}
        Begun::Other => return usual(method, session, &arguments),
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

#[inline(never)]
fn begin<'py>(
    py: Python<'py>,
    method: Method,
    session: Borrowed<'_, 'py, PyAny>,
    arguments: &Arguments<'py>,
    place: &mut MaybeUninit<Waiting<'py>>,
) -> Begun {
    guarded(Begun::Raised, panicked, |_| {
        // SAFETY: an instance, or the descriptor would not have called.
        let owner = session;
        let session = unsafe { session.cast_unchecked::<DirectCalls>() };
        let Some(aim) = DirectCalls::aim(&session)? else {
            return Ok(Begun::Other);
        };
        let Some(call) = Call::read(py, method, arguments, &aim)? else {
            return Ok(Begun::Other);
        };
        let mut in_flight = None;
        let path = call.url.to_str()?;
        let begun = aim
            .client
            .get()
            .begin_direct(py, method, path, &call.own, &mut in_flight);
        if begun.is_err() {
            return Ok(Begun::Raised);
        }
        Ok(match in_flight {
            Some(in_flight) => {
                place.write(Waiting {
                    in_flight,
                    session: owner.to_owned(),
                    url: call.url,
                    client: aim.client,
                    sent: call.sent.unwrap_or(aim.sent),
                    method,
                    reported: call.reported,
                });
                Begun::Waiting
            }
            None => Begun::Other,
        })
    })
}

/// Returns a settled response, and one that its with-block records; hands any other, or the failure, to the session's
/// `_finish_direct`.
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
            let (url, method) = (&waiting.url, waiting.method);
            let client = waiting.client.get();
            client.conclude_direct(&mut waiting.in_flight, method, url, &waiting.reported)
        });
        let Waiting {
            in_flight,
            session,
            url,
            sent,
            method,
            reported,
            ..
        } = waiting;
        let DirectInFlight { exchange, plan } = in_flight;
        drop(exchange);
        let outcome = match outcome {
            Ok(response) => {
                let (owner, sent) = (session.clone().unbind(), sent.clone().unbind());
                let Ok(native) = response.cast::<HttpResponse>() else {
                    return Err(PyTypeError::new_err("a response of another class"));
                };
                if native.get().settle(py, owner, sent) {
                    return Ok(response.into_ptr());
                }
                if reported.catch && native.get().may_record(py)? {
                    // SAFETY: the session of `begin`.
                    let session = unsafe { session.cast_unchecked::<DirectCalls>() };
                    if let Some(class) = session.get().catching(py) {
                        response.setattr(intern!(py, "__class__"), class)?;
                        return Ok(response.into_ptr());
                    }
                }
                if !reported.catch
                    && !reported.stream
                    && let Some(recording) = &plan.get().recording
                    && telling::tell(
                        recording,
                        &session,
                        native,
                        method.object(py),
                        reported.name.as_ref().unwrap_or(&url),
                    )?
                {
                    return Ok(response.into_ptr());
                }
                response
            }
            Err(raised) => raised.take(py).into_value(py).into_bound(py).into_any(),
        };
        let elapsed = locust_http::clock::now_ns().saturating_sub(start) as f64 / 1e9;
        let name = reported.name.unwrap_or_else(|| url.clone());
        let how = (reported.catch, reported.stream);
        let arguments = (
            method.object(py),
            url,
            outcome,
            elapsed,
            sent,
            name,
            how.0,
            how.1,
        );
        let settled = session.call_method1(intern!(py, "_finish_direct"), arguments);
        settled.map(Bound::into_ptr)
    })
}

/// Every other call: `self.request(method, url, **kwargs)`, with the names of what was given by position.
#[inline(never)]
fn usual(
    method: Method,
    session: Borrowed<'_, '_, PyAny>,
    arguments: &Arguments<'_>,
) -> *mut ffi::PyObject {
    guarded(std::ptr::null_mut(), panicked, |_| {
        let py = session.py();
        let keywords = arguments.to_dict()?;
        let own_name = method.text().to_lowercase();
        let names = positional_names(method);
        let given = arguments.positional().len();
        if given > names.len() {
            let most = names.len() + 1;
            let range = if most > 2 { "from 2 to " } else { "" };
            return Err(PyTypeError::new_err(format!(
                "{own_name}() takes {range}{most} positional arguments but {} were given",
                given + 1
            )));
        }
        for (name, value) in names.iter().zip(arguments.positional()) {
            if keywords.contains(name)? {
                return Err(PyTypeError::new_err(format!(
                    "{own_name}() got multiple values for argument '{name}'"
                )));
            }
            keywords.set_item(name, value)?;
        }
        let Some(url) = keywords.get_item("url")? else {
            return Err(PyTypeError::new_err(format!(
                "{own_name}() missing 1 required positional argument: 'url'"
            )));
        };
        keywords.del_item("url")?;
        for name in &names[1..] {
            if !keywords.contains(name)? {
                keywords.set_item(name, py.None())?;
            }
        }
        call_request(session, method, &url, &keywords).map(Bound::into_ptr)
    })
}

fn call_request<'py>(
    session: Borrowed<'_, 'py, PyAny>,
    method: Method,
    url: &Bound<'py, PyAny>,
    keywords: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = session.py();
    let request = session.getattr(intern!(py, "request"))?;
    request.call((method.object(py), url), Some(keywords))
}

/// Adds the methods to the class.
///
/// # Errors
/// The interpreter refuses.
pub(super) fn complete(py: Python<'_>) -> PyResult<()> {
    let class = py.get_type::<DirectCalls>();
    for definition in &METHODS {
        // SAFETY: the definition is static.
        let method = unsafe {
            let made = ffi::PyDescr_NewMethod(class.as_type_ptr(), definition.as_ptr());
            Bound::from_owned_ptr_or_err(py, made)?
        };
        class.setattr(method.getattr("__name__")?.cast_into::<PyString>()?, method)?;
    }
    Ok(())
}
