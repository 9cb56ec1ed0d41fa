//! Functions in CPython's quickest calling convention, METH_FASTCALL with METH_KEYWORDS: arguments come as a flat
//! array, and no dictionary is made for them. PyO3 makes one for arguments that it doesn't know, and larger frames.

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::ffi;
use pyo3::prelude::*;
#[cfg(not(unix))]
use pyo3::types::PyTuple;
use pyo3::types::{PyDict, PyString};

/// A function's definition, which CPython keeps a pointer to.
pub struct Definition(ffi::PyMethodDef);

// SAFETY: it is never changed; the pointers in it are to statics.
unsafe impl Sync for Definition {}

impl Definition {
    /// The definition of `function`.
    pub const fn new(
        name: &'static CStr,
        doc: &'static CStr,
        function: ffi::PyCFunctionFastWithKeywords,
    ) -> Self {
        Self(ffi::PyMethodDef {
            ml_name: name.as_ptr(),
            ml_meth: ffi::PyMethodDefPointer {
                PyCFunctionFastWithKeywords: function,
            },
            ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
            ml_doc: doc.as_ptr(),
        })
    }

    /// For CPython, which does not write to it; the mutable pointer is its signature's.
    pub fn as_ptr(&'static self) -> *mut ffi::PyMethodDef {
        (&raw const self.0).cast_mut()
    }
}

/// The arguments of one call, borrowed from the caller.
pub struct Arguments<'py> {
    py: Python<'py>,
    values: *const *mut ffi::PyObject,
    positional: usize,
    names: *mut ffi::PyObject,
}

impl<'py> Arguments<'py> {
    /// The arguments as CPython passes them.
    ///
    /// # Safety
    /// `values` points to `count` positional values and behind them one for each of `names` (null or a tuple); all of it
    /// outlives the result.
    pub unsafe fn new(
        py: Python<'py>,
        values: *const *mut ffi::PyObject,
        count: ffi::Py_ssize_t,
        names: *mut ffi::PyObject,
    ) -> Self {
        Self {
            py,
            values,
            positional: count.unsigned_abs(),
            names,
        }
    }

    /// The interpreter's token.
    pub fn py(&self) -> Python<'py> {
        self.py
    }

    /// The positional ones.
    pub fn positional(&self) -> impl ExactSizeIterator<Item = Borrowed<'_, 'py, PyAny>> {
        // SAFETY: as promised to `new`.
        (0..self.positional)
            .map(|index| unsafe { Borrowed::from_ptr(self.py, *self.values.add(index)) })
    }

    /// How many are given by name.
    pub fn named(&self) -> usize {
        // SAFETY: null or a live tuple.
        if self.names.is_null() {
            0
        } else {
            unsafe { ffi::PyTuple_Size(self.names) as usize }
        }
    }

    /// The name and the value of a keyword argument; `index` is below `named`.
    pub fn get(&self, index: usize) -> (Borrowed<'_, 'py, PyAny>, Borrowed<'_, 'py, PyAny>) {
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

    /// Whether one is given by this name.
    pub fn has(&self, wanted: &str) -> bool {
        (0..self.named()).any(|index| {
            let (name, _) = self.get(index);
            let name = name.cast::<PyString>();
            name.is_ok_and(|name| name.to_str().is_ok_and(|name| name == wanted))
        })
    }

    /// The keyword arguments.
    ///
    /// # Errors
    /// No memory.
    pub fn to_dict(&self) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        for index in 0..self.named() {
            let (name, value) = self.get(index);
            dict.set_item(name, value)?;
        }
        Ok(dict)
    }
}

#[cfg(unix)]
unsafe extern "C" {
    /// Part of the stable ABI from Python 3.12 on, and exported by 3.11 without being named in its headers for it.
    fn PyObject_Vectorcall(
        callable: *mut ffi::PyObject,
        args: *const *mut ffi::PyObject,
        count: usize,
        names: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

impl<'py> Arguments<'py> {
    /// Calls `callable` with them.
    ///
    /// # Errors
    /// What it raised.
    #[cfg(unix)]
    pub fn give_to(&self, callable: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        // SAFETY: as promised to `new`.
        unsafe {
            let (callable, count) = (callable.as_ptr(), self.positional);
            let result = PyObject_Vectorcall(callable, self.values, count, self.names);
            Bound::from_owned_ptr_or_err(self.py, result)
        }
    }

    /// Calls `callable` with them; through a dictionary, as Windows' `python3.dll` has no other way for Python 3.11.
    ///
    /// # Errors
    /// What it raised.
    #[cfg(not(unix))]
    pub fn give_to(&self, callable: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let positional = self.positional().map(|value| value.to_owned());
        let positional = PyTuple::new(self.py, positional.collect::<Vec<_>>())?;
        callable.call(positional, Some(&self.to_dict()?))
    }
}

/// Runs `work` for CPython, whose thread is attached already; this lets PyO3 know, which otherwise would put off
/// releasing references. An error is left with the interpreter, that of `bug` after a panic, and `failed` returned.
pub fn guarded<R>(
    failed: R,
    bug: fn() -> PyErr,
    work: impl FnOnce(Python<'_>) -> PyResult<R>,
) -> R {
    Python::attach(|py| {
        let result = catch_unwind(AssertUnwindSafe(|| work(py)));
        result
            .unwrap_or_else(|_| Err(bug()))
            .unwrap_or_else(|error| {
                error.restore(py);
                failed
            })
    })
}
