//! `events.request.fire`, called for every request: the one function whose calling convention matters.
//!
//! No dictionary is made for a request that only the statistics listen to.

use super::recorder::RequestRecorder;
use crate::clock::wall_clock;
use crate::fastcall::{Arguments, Definition, guarded};
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

static DEFINITION: Definition = Definition::new(
    c"fire",
    c"Calls every handler with the arguments; see EventHook.fire.",
    fire,
);

/// What the function is bound to.
#[pyclass(module = "locust_rs._core", frozen)]
pub struct RequestFire {
    hook: Py<PyAny>,
}

#[pymethods]
impl RequestFire {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.hook)
    }
}

/// Makes the `fire` of a hook. It records natively while the recorder is the hook's only handler.
#[pyfunction]
pub fn native_fire<'py>(py: Python<'py>, hook: Py<PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let bound = Bound::new(py, RequestFire { hook })?;
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

impl RequestFire {
    fn fire(&self, arguments: &Arguments<'_>) -> PyResult<()> {
        let py = arguments.py();
        let hook = self.hook.bind(py);
        if arguments.positional().len() == 0 {
            let handlers = hook.getattr(intern!(py, "_handlers"))?;
            if let Ok(handlers) = handlers.cast_exact::<PyList>()
                && handlers.len() == 1
                && let Ok(recorder) = handlers.get_item(0)?.cast_exact::<RequestRecorder>()
                && let Some(outcome) = record(recorder.get(), arguments)
            {
                return match outcome {
                    Ok(()) => Ok(()),
                    Err(error) => hook
                        .call_method1(intern!(py, "_settle"), (error,))
                        .map(|_| ()),
                };
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
        hook.get_type()
            .getattr(intern!(py, "fire"))?
            .call(positional, Some(&arguments.to_dict()?))?;
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
    ];
    let mut found = [None; 5];
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
    ] = found
    else {
        return None;
    };
    Some(recorder.record_objects(
        &method,
        &name,
        &time,
        &length,
        exception.as_deref(),
        wall_clock(),
    ))
}
