//! `HeaderLines`: headers that are checked once and sent many times; and headers as Python gives them.

use std::borrow::Cow;

use locust_http::request::HeaderBlock;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::settings::bad;

#[pyclass(module = "locust_rs._core", frozen)]
pub(super) struct HeaderLines(pub(super) HeaderBlock);

#[pymethods]
impl HeaderLines {
    #[new]
    fn new(headers: &Bound<'_, PyAny>) -> PyResult<Self> {
        header_block(headers).map(|block| Self(block.into_owned()))
    }

    #[getter]
    fn block<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.bytes)
    }
}

/// The bytes of a header's name or value: latin-1 where that is possible, otherwise UTF-8.
pub(super) fn header_bytes(object: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    let text = object.cast::<PyString>().map_err(|_| {
        PyTypeError::new_err(format!(
            "header names and values are str or bytes, not {object:?}"
        ))
    })?;
    let text = text.to_str()?;
    let latin1: Option<Vec<u8>> = text.chars().map(|char| u8::try_from(char).ok()).collect();
    Ok(latin1.unwrap_or_else(|| text.as_bytes().to_vec()))
}

/// The block that `headers` stand for: those of a `HeaderLines`, bytes, or pairs.
///
/// # Errors
/// One of them cannot be sent.
pub(super) fn header_block<'a>(headers: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, HeaderBlock>> {
    if let Ok(lines) = headers.cast::<HeaderLines>() {
        return Ok(Cow::Borrowed(&lines.get().0));
    }
    if let Ok(bytes) = headers.cast::<PyBytes>() {
        let block = HeaderBlock::from_bytes(bytes.as_bytes()).map_err(bad)?;
        return Ok(Cow::Owned(block));
    }
    let mut block = HeaderBlock::default();
    for pair in headers.try_iter()? {
        let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?.extract()?;
        block
            .push(&header_bytes(&name)?, &header_bytes(&value)?)
            .map_err(bad)?;
    }
    Ok(Cow::Owned(block))
}
