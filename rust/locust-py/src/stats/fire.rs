//! `events.request.fire`, called for every request: the one function whose calling convention matters.
//!
//! CPython hands a builtin of this kind its keyword arguments as a flat array, so no dictionary is made for a
//! request that only the statistics listen to. PyO3 would make one for the arguments it doesn't know, hence the
//! few unsafe lines here.

use super::recorder::{RequestRecorder, wall_clock};
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::ffi::CStr;
use std::os::raw::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

const NAME: &CStr = c"fire";
const DOC: &CStr = c"Calls every handler with the arguments; see EventHook.fire.";

/// The method's definition, which CPython keeps a pointer to.
struct Definition(ffi::PyMethodDef);

// SAFETY: it is never changed; the pointers in it are to statics.
unsafe impl Sync for Definition {}

static DEFINITION: Definition = Definition(ffi::PyMethodDef {
    ml_name: NAME.as_ptr().cast::<c_char>(),
    ml_meth: ffi::PyMethodDefPointer {
        PyCFunctionFastWithKeywords: fire,
    },
    ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
    ml_doc: DOC.as_ptr().cast::<c_char>(),
});

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
    // SAFETY: the definition lives for ever, `bound` is a live object, and no module is given. CPython does not
    // write to the definition; the mutable pointer is its signature's.
    unsafe {
        let definition = (&raw const DEFINITION.0).cast_mut();
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
    // Attached already; this lets PyO3 know, which otherwise would put off releasing references.
    Python::attach(|py| {
        let result = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: as promised above.
            let bound = unsafe { Borrowed::from_ptr(py, bound) };
            let arguments = Arguments {
                py,
                values: args,
                positional: nargs as usize,
                names: kwnames,
            };
            bound.cast::<RequestFire>()?.get().fire(&arguments)
        }));
        let bug = |_| {
            Err(PyRuntimeError::new_err(
                "recording a request ran into a bug; see above",
            ))
        };
        match result.unwrap_or_else(bug) {
            Ok(()) => py.None().into_ptr(),
            Err(error) => {
                error.restore(py);
                std::ptr::null_mut()
            }
        }
    })
}

/// The arguments of one call, borrowed from the caller.
struct Arguments<'py> {
    py: Python<'py>,
    values: *const *mut ffi::PyObject,
    positional: usize,
    names: *mut ffi::PyObject,
}

impl<'py> Arguments<'py> {
    fn len(&self) -> usize {
        // SAFETY: null or a live tuple.
        if self.names.is_null() {
            0
        } else {
            unsafe { ffi::PyTuple_Size(self.names) as usize }
        }
    }

    /// The name and the value of a keyword argument; `index` is below `len`.
    fn get(&self, index: usize) -> (Borrowed<'_, 'py, PyAny>, Borrowed<'_, 'py, PyAny>) {
        // SAFETY: the tuple and the array live as long as the call, and both have this many elements.
        unsafe {
            let name = ffi::PyTuple_GetItem(self.names, index as ffi::Py_ssize_t);
            let value = *self.values.add(self.positional + index);
            (
                Borrowed::from_ptr(self.py, name),
                Borrowed::from_ptr(self.py, value),
            )
        }
    }

    fn to_dict(&self) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        for index in 0..self.len() {
            let (name, value) = self.get(index);
            dict.set_item(name, value)?;
        }
        Ok(dict)
    }
}

impl RequestFire {
    fn fire(&self, arguments: &Arguments<'_>) -> PyResult<()> {
        let py = arguments.py;
        let hook = self.hook.bind(py);
        if arguments.positional == 0 {
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
        let positional = (0..arguments.positional).map(|index| {
            // SAFETY: within the positional part of the array.
            unsafe { Borrowed::from_ptr(py, *arguments.values.add(index)).to_owned() }
        });
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

/// Records a request from the event's arguments; None if they are not the plain ones of a request.
fn record(recorder: &RequestRecorder, arguments: &Arguments<'_>) -> Option<PyResult<()>> {
    let py = arguments.py;
    let known = [
        intern!(py, "request_type"),
        intern!(py, "name"),
        intern!(py, "response_time"),
        intern!(py, "response_length"),
        intern!(py, "exception"),
    ];
    let mut found = [None; 5];
    for index in 0..arguments.len() {
        let (name, value) = arguments.get(index);
        // Names in a caller's source are interned, as ours are. Made-up ones take the long way.
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
