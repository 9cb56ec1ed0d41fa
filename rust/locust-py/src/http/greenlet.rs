//! greenlet's C interface: the current greenlet and switching, without a method look-up.

use std::ffi::c_void;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Positions in the table that `greenlet._C_API` points to (greenlet.h; unchanged since 0.4).
const GET_CURRENT: usize = 4;
const SWITCH: usize = 6;

type Current = unsafe extern "C" fn() -> *mut ffi::PyObject;
/// Target, positional arguments, keyword arguments.
type Switch = unsafe extern "C" fn(
    *mut ffi::PyObject,
    *mut ffi::PyObject,
    *mut ffi::PyObject,
) -> *mut ffi::PyObject;

#[derive(Clone, Copy)]
struct Api {
    current: Current,
    switch: Switch,
}

static API: PyOnceLock<Api> = PyOnceLock::new();

fn api(py: Python<'_>) -> PyResult<&Api> {
    API.get_or_try_init(py, || {
        py.import("greenlet")?;
        // SAFETY: the capsule's name is its documented one; greenlet guarantees the table's layout.
        unsafe {
            let table = ffi::PyCapsule_Import(c"greenlet._C_API".as_ptr(), 0).cast::<*mut c_void>();
            if table.is_null() {
                return Err(PyErr::fetch(py));
            }
            Ok(Api {
                current: std::mem::transmute::<*mut c_void, Current>(*table.add(GET_CURRENT)),
                switch: std::mem::transmute::<*mut c_void, Switch>(*table.add(SWITCH)),
            })
        }
    })
}

/// The greenlet that runs.
pub(super) fn current(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let api = api(py)?;
    // SAFETY: the GIL is held; the result is a new reference.
    unsafe { Bound::from_owned_ptr_or_err(py, (api.current)()) }
}

/// Switches to `target`; returns when somebody switches back, with what he gave or raised.
///
/// No native value may be borrowed meanwhile.
pub(super) fn switch<'py>(target: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = target.py();
    let api = api(py)?;
    // SAFETY: `target` is a greenlet (the hub, or what `current` gave); null means "no arguments".
    unsafe {
        let no_arguments = ffi::PyTuple_New(0);
        let result = (api.switch)(target.as_ptr(), no_arguments, std::ptr::null_mut());
        ffi::Py_XDECREF(no_arguments);
        Bound::from_owned_ptr_or_err(py, result)
    }
}
