//! `events.request.fire`, called for every request: the one function whose calling convention matters.
//!
//! No dictionary is made of the arguments, unless a listener makes it.

use super::recorder::RequestRecorder;
use crate::clock::wall_clock;
use crate::fastcall::{Arguments, Definition, guarded};
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyList, PyTuple};

static DEFINITION: Definition = Definition::new(
    c"fire",
    c"Calls every handler with the arguments; see EventHook.fire.",
    fire,
);

/// What the function is bound to.
#[pyclass(module = "locust_rs._core", frozen)]
pub struct RequestFire {
    hook: Py<PyAny>,
    /// `fire` of the hook's class; where that is another one, it is called.
    original: Py<PyAny>,
}

#[pymethods]
impl RequestFire {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.original)?;
        visit.call(&self.hook)
    }
}

/// Makes the `fire` of a hook, which hands requests to the recorder among the hook's handlers natively.
#[pyfunction]
pub fn native_fire<'py>(py: Python<'py>, hook: Py<PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let original = hook.bind(py).get_type().getattr(intern!(py, "fire"))?;
    let original = original.unbind();
    let bound = Bound::new(py, RequestFire { hook, original })?;
    // SAFETY: the definition is static, `bound` is a live object, and no module is given.
    unsafe {
        let definition = DEFINITION.as_ptr();
        let function = ffi::PyCFunction_NewEx(definition, bound.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, function)
    }
}

/// The function itself, as CPython calls it.
///
/// # Safety
/// Called by CPython only, attached to the interpreter, by the rules of METH_FASTCALL with METH_KEYWORDS: `args`
/// points to `nargs` positional values and behind them one for each of `kwnames`, all borrowed.
unsafe extern "C" fn fire(
    bound: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    nargs: ffi::Py_ssize_t,
    kwnames: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    guarded(std::ptr::null_mut(), bug, |py| {
        // SAFETY: as promised above.
        let (bound, arguments) = unsafe {
            (
                Borrowed::from_ptr(py, bound),
                Arguments::new(py, args, nargs, kwnames),
            )
        };
        bound.cast::<RequestFire>()?.get().fire(&arguments)?;
        Ok(py.None().into_ptr())
    })
}

fn bug() -> PyErr {
    PyRuntimeError::new_err("recording a request ran into a bug; see above")
}

/// What `fire` is bound to if [`native_fire`] has made it.
pub(crate) fn native_fire_of<'py>(fire: &Bound<'py, PyAny>) -> Option<Bound<'py, RequestFire>> {
    let function = fire.cast_exact::<PyCFunction>().ok()?;
    // SAFETY: a builtin function; the object that it is bound to is borrowed, or null.
    let bound = unsafe {
        let bound = ffi::PyCFunction_GetSelf(function.as_ptr());
        Bound::from_borrowed_ptr_or_opt(fire.py(), bound)
    };
    bound?.cast_into_exact().ok()
}

impl RequestFire {
    /// Calls the hook's handlers, or whatever stands in the place of its class's `fire`.
    ///
    /// # Errors
    /// What a handler raised, if it is not for `EventHook.fire` to handle.
    pub(crate) fn fire(&self, arguments: &Arguments<'_>) -> PyResult<()> {
        let py = arguments.py();
        let hook = self.hook.bind(py);
        let handlers = hook.getattr(intern!(py, "_handlers"))?;
        let handlers = handlers.cast_exact::<PyList>().ok();
        if arguments.positional().len() == 0
            && let Some(handlers) = handlers
        {
            if handlers.len() == 1
                && let Ok(recorder) = handlers.get_item(0)?.cast_exact::<RequestRecorder>()
                && let Some(recorded) = record(recorder.get(), arguments)
            {
                return recorded.or_else(|error| self.settle(py, error));
            }
            let fire = hook.get_type().getattr(intern!(py, "fire"))?;
            if fire.is(&self.original) && !arguments.has("reverse") {
                // A copy, as handlers may remove themselves.
                return self.call_all(&handlers.to_tuple(), arguments);
            }
        }
        let positional = arguments.positional().map(|value| value.to_owned());
        let positional = PyTuple::new(
            py,
            [hook.clone()]
                .into_iter()
                .chain(positional)
                .collect::<Vec<_>>(),
        )?;
        let fire = hook.get_type().getattr(intern!(py, "fire"))?;
        fire.call(positional, Some(&arguments.to_dict()?))?;
        Ok(())
    }

    /// Handles a handler's exception as `EventHook.fire` does.
    fn settle(&self, py: Python<'_>, error: PyErr) -> PyResult<()> {
        let hook = self.hook.bind(py);
        hook.call_method1(intern!(py, "_settle"), (error,))
            .map(drop)
    }

    /// Calls the handlers one after the other, the recorder without a dictionary of the arguments.
    fn call_all(&self, handlers: &Bound<'_, PyTuple>, arguments: &Arguments<'_>) -> PyResult<()> {
        let py = arguments.py();
        for handler in handlers {
            let recorder = handler.cast_exact::<RequestRecorder>();
            let recorded = recorder.ok().and_then(|it| record(it.get(), arguments));
            let called = recorded.unwrap_or_else(|| arguments.give_to(&handler).map(drop));
            if let Err(error) = called {
                self.settle(py, error)?;
            }
        }
        Ok(())
    }
}

/// Records a request from the event's arguments; None if one that every request has is missing.
fn record(recorder: &RequestRecorder, arguments: &Arguments<'_>) -> Option<PyResult<()>> {
    let py = arguments.py();
    let known = [
        intern!(py, "request_type"),
        intern!(py, "name"),
        intern!(py, "response_time"),
        intern!(py, "response_length"),
        intern!(py, "exception"),
        intern!(py, "response"),
    ];
    let mut found = [None; 6];
    for index in 0..arguments.named() {
        let (name, value) = arguments.get(index);
        // Names in a caller's source are interned, as ours are. Names made at run time take the general path.
        if let Some(position) = known.iter().position(|known| known.is(name)) {
            found[position] = Some(value);
        }
    }
    let [
        Some(method),
        Some(name),
        Some(time),
        Some(length),
        exception,
        response,
    ] = found
    else {
        return None;
    };
    let recorded = recorder.record_objects(
        &method,
        &name,
        &time,
        &length,
        exception.as_deref(),
        response.as_deref(),
        wall_clock(),
    );
    Some(
        recorded.and_then(|noted| {
            recorder.keep_evidence(&method, &name, &noted, || arguments.to_dict())
        }),
    )
}
