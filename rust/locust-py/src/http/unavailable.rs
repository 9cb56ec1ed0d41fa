//! The classes of the engine where there is none: they exist, so that modules can be imported and
//! subclasses defined, and say so when they are used.

use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// No response comes from an engine.
pub(crate) fn exchange_of(_response: &Bound<'_, PyAny>) -> Option<locust_stats::phases::Exchange> {
    None
}

fn unavailable<T>() -> PyResult<T> {
    Err(PyNotImplementedError::new_err(
        "the HTTP engine needs epoll or kqueue, which this platform does not have; \
         check http_engine_available() first",
    ))
}

#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct HttpEngine;

#[pymethods]
impl HttpEngine {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        unavailable()
    }
}

#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct HttpClient;

#[pymethods]
impl HttpClient {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        unavailable()
    }
}

#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct HeaderLines;

#[pymethods]
impl HeaderLines {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        unavailable()
    }
}

#[pyclass(module = "locust_rs._core", frozen, subclass, weakref)]
pub(super) struct HttpResponse;

#[pymethods]
impl HttpResponse {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self
    }

    #[getter]
    fn status_code(&self) -> u16 {
        0
    }

    #[getter]
    fn content(&self) -> &'static [u8] {
        b""
    }
}

#[pyclass(module = "locust_rs._core", frozen, subclass)]
pub(super) struct DirectCalls;

#[pymethods]
impl DirectCalls {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self
    }

    #[pyo3(signature = (*_args, **_kwargs))]
    fn __init__(&self, _args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) {}

    fn _close_direct(&self) {}

    fn _forget_direct(&self) {}

    /// Sends a GET request
    #[pyo3(signature = (url, **kwargs))]
    fn get<'py>(
        this: &Bound<'py, Self>,
        url: &Bound<'py, PyAny>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        this.call_method("request", ("GET", url), kwargs)
    }
}
