//! Tells the listeners of the request event of a success, as a session's `_report_answer` does.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString, PyTuple};

use super::contents::Contents;
use super::failure::epoch_seconds;
use super::recording::Recording;
use super::response::HttpResponse;
use crate::fastcall::Arguments;
use crate::stats::fire::native_fire_of;

/// The event's arguments, in the order in which listeners of `**kwargs` see them.
static NAMES: PyOnceLock<Py<PyTuple>> = PyOnceLock::new();

fn names(py: Python<'_>) -> PyResult<&Bound<'_, PyTuple>> {
    let made = NAMES.get_or_try_init(py, || {
        let names = [
            intern!(py, "request_type"),
            intern!(py, "name"),
            intern!(py, "context"),
            intern!(py, "response"),
            intern!(py, "exception"),
            intern!(py, "start_time"),
            intern!(py, "url"),
            intern!(py, "response_time"),
            intern!(py, "response_length"),
        ];
        PyTuple::new(py, names).map(Bound::unbind)
    });
    made.map(|names| names.bind(py))
}

/// What listeners are told of a response.
struct Answer {
    url: PyResult<String>,
    start_time: f64,
    response_time_ms: f64,
    length: usize,
}

impl Answer {
    /// None unless it is a success that nothing is left to be done for.
    fn of(py: Python<'_>, contents: &mut Contents) -> Option<Self> {
        if !contents.is_success() || !contents.is_ordinary() || contents.streamed {
            return None;
        }
        Some(Self {
            url: contents.full_url(py),
            start_time: epoch_seconds(contents.facts.timing.start),
            response_time_ms: contents.response_time_ms(),
            length: contents.decoded_length(py)?,
        })
    }
}

/// Fires the request event for a response that nothing is left to be done for; false if the session has to.
///
/// # Errors
/// What a listener, or the user's `context`, raised.
pub(super) fn tell<'py>(
    recording: &Recording,
    session: &Bound<'py, PyAny>,
    response: &Bound<'py, HttpResponse>,
    method: &Bound<'py, PyString>,
    name: &Bound<'py, PyString>,
) -> PyResult<bool> {
    let py = session.py();
    let fire = recording.event.bind(py).get_item(intern!(py, "fire"))?;
    let Some(fire) = fire.as_ref().and_then(native_fire_of) else {
        return Ok(false);
    };
    let Some(answer) = response
        .get()
        .look(py, None, |contents| Answer::of(py, contents))
    else {
        return Ok(false);
    };
    let values: [Bound<'py, PyAny>; 9] = [
        method.clone().into_any(),
        name.clone().into_any(),
        context(session)?.into_any(),
        response.clone().into_any(),
        py.None().into_bound(py),
        answer.start_time.into_pyobject(py)?.into_any(),
        PyString::new(py, &answer.url?).into_any(),
        answer.response_time_ms.into_pyobject(py)?.into_any(),
        answer.length.into_pyobject(py)?.into_any(),
    ];
    let pointers = values.each_ref().map(Bound::as_ptr);
    // SAFETY: all are live objects; the names are as many as the values.
    let arguments = unsafe { Arguments::new(py, pointers.as_ptr(), 0, names(py)?.as_ptr()) };
    fire.get().fire(&arguments)?;
    Ok(true)
}

/// A dictionary of the user's context; an empty one if the session has no user.
fn context<'py>(session: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = session.py();
    let user = session.getattr(intern!(py, "user"))?;
    let own = PyDict::new(py);
    if user.is_truthy()? {
        let of_user = user.call_method0(intern!(py, "context"))?;
        own.call_method1(intern!(py, "update"), (of_user,))?;
    }
    Ok(own)
}
