//! Request bodies: bytes that are there, and iterables that are pulled as the socket takes them.

use locust_http::engine::Body;
use locust_http::request::composition::BodyLength;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyIterator, PyMemoryView, PyString};

/// Bodies up to this size go out with the head, in one system call.
pub(super) const SMALL: usize = 16 * 1024;

/// A body as it was given.
pub(super) enum Payload<'py> {
    None,
    Whole(PyBackedBytes),
    Pieces(Bound<'py, PyIterator>),
}

impl<'py> Payload<'py> {
    /// # Errors
    /// Something that is neither bytes nor an iterable of them.
    pub(super) fn extract(body: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        let Some(body) = body.filter(|body| !body.is_none()) else {
            return Ok(Payload::None);
        };
        if let Ok(bytes) = body.cast_exact::<PyBytes>() {
            return Ok(Payload::Whole(bytes.clone().into()));
        }
        if let Ok(bytes) = body.cast_exact::<PyByteArray>() {
            return Ok(Payload::Whole(bytes.clone().into()));
        }
        // Copied: a subclass's end could run Python code where none may run.
        if body.is_instance_of::<PyBytes>()
            || body.is_instance_of::<PyByteArray>()
            || body.is_instance_of::<PyMemoryView>()
        {
            let copy = body.py().get_type::<PyBytes>().call1((body,))?;
            return Ok(Payload::Whole(copy.cast_into::<PyBytes>()?.into()));
        }
        if body.is_instance_of::<PyString>() {
            let message = "the body is text; encode it: body.encode(\"utf-8\")";
            return Err(PyTypeError::new_err(message));
        }
        Ok(Payload::Pieces(body.try_iter()?))
    }

    /// What is known about its length.
    pub(super) fn length(&self) -> BodyLength {
        match self {
            Payload::None => BodyLength::NoBody,
            Payload::Whole(bytes) => BodyLength::Known(bytes.len()),
            Payload::Pieces(_) => BodyLength::Unknown,
        }
    }

    /// Appends a small body to `head`; returns the others, to be sent after it.
    pub(super) fn append_or_keep(&self, head: &mut Vec<u8>, py: Python<'_>) -> Option<Body> {
        let Payload::Whole(bytes) = self else {
            return None;
        };
        if bytes.len() <= SMALL {
            head.extend_from_slice(bytes);
            return None;
        }
        Some(Box::new(bytes.clone_ref(py)))
    }
}

/// A piece that an iterable gave.
pub(super) fn piece(object: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    object.extract::<PyBackedBytes>().or_else(|_| {
        let kind = object.get_type();
        let copy = object.cast::<PyMemoryView>().map_err(|_| {
            PyTypeError::new_err(format!("a piece of the body is a {kind}; it must be bytes"))
        })?;
        let copy = object.py().get_type::<PyBytes>().call1((copy,))?;
        Ok(copy.cast_into::<PyBytes>()?.into())
    })
}
