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

#[inline]
fn api(py: Python<'_>) -> Result<&Api, Raised> {
    match API.get(py) {
        Some(api) => Ok(api),
        None => load(py).map_err(|error| Raised::leave(py, error)),
    }
}

#[cold]
#[inline(never)]
fn load(py: Python<'_>) -> PyResult<&Api> {
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
pub fn current(py: Python<'_>) -> Result<Bound<'_, PyAny>, Raised> {
    let api = api(py)?;
    // SAFETY: the GIL is held; the result is a new reference, or null with an error set.
    unsafe { Bound::from_owned_ptr_or_opt(py, (api.current)()).ok_or(Raised) }
}

/// The interpreter's error indicator is set. Takes no room on the stack, unlike a `PyErr`: the frames that are open
/// while a greenlet waits are copied with every switch.
#[derive(Debug)]
pub struct Raised;

impl Raised {
    /// Leaves `error` with the interpreter.
    #[cold]
    #[inline(never)]
    pub(super) fn leave(py: Python<'_>, error: PyErr) -> Self {
        error.restore(py);
        Self
    }

    /// Takes the error back.
    #[cold]
    #[inline(never)]
    pub fn take(self, py: Python<'_>) -> PyErr {
        PyErr::fetch(py)
    }
}

/// Switches to `target`; returns when another greenlet switches back, or raises here.
///
/// No native value may be borrowed meanwhile.
#[inline(always)]
pub(super) fn switch(target: &Bound<'_, PyAny>) -> Result<(), Raised> {
    let py = target.py();
    let api = api(py)?;
    // SAFETY: `target` is a greenlet (the hub, or what `current` gave); null means "no arguments".
    unsafe {
        let no_arguments = ffi::PyTuple_New(0);
        let result = (api.switch)(target.as_ptr(), no_arguments, std::ptr::null_mut());
        ffi::Py_XDECREF(no_arguments);
        if result.is_null() {
            return Err(Raised);
        }
        ffi::Py_DECREF(result);
        Ok(())
    }
}
