//! The text of a response whose header declares one of the two encodings that nearly all have.

use locust_http::head;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::contents::Contents;

/// By the rules of requests' `get_encoding_from_headers`.
#[derive(Clone, Copy)]
enum Declared {
    Utf8,
    UpperUtf8,
    Latin1,
}

impl Declared {
    /// None: something else, or in other words than these.
    fn of(content_type: &[u8]) -> Option<Self> {
        let mut parts = content_type.splitn(2, |byte| *byte == b';');
        let media_type = parts.next()?.trim_ascii();
        match parts.next().map(<[u8]>::trim_ascii) {
            Some(b"charset=utf-8") => Some(Self::Utf8),
            Some(b"charset=UTF-8") => Some(Self::UpperUtf8),
            Some(_) => None,
            None if media_type.starts_with(b"text/") => Some(Self::Latin1),
            None if media_type == b"application/json" => Some(Self::Utf8),
            None => None,
        }
    }

    /// As `encoding` has it.
    fn name(self, py: Python<'_>) -> &Bound<'_, PyString> {
        match self {
            Self::Utf8 => intern!(py, "utf-8"),
            Self::UpperUtf8 => intern!(py, "UTF-8"),
            Self::Latin1 => intern!(py, "ISO-8859-1"),
        }
    }
}

/// The longest text that is kept for the next time it is asked for, in bytes.
const KEPT: usize = 16 * 1024;

/// The text of a body that was read, and its encoding's name.
pub(super) struct Known(Py<PyString>, Declared);

/// The body as text, and its encoding's name; None: not plainly declared, not all here, or not encoded as declared.
pub(super) fn of<'py>(
    py: Python<'py>,
    contents: &mut Contents,
) -> Option<(Bound<'py, PyString>, &'py Bound<'py, PyString>)> {
    if let Some(Known(text, declared)) = &contents.text {
        return Some((text.bind(py).clone(), declared.name(py)));
    }
    if contents.streamed || contents.is_incomplete {
        return None;
    }
    let declared = {
        let mut types = head::values(contents.response.raw_head(), "content-type");
        let declared = Declared::of(&types.next()?)?;
        types.next().is_none().then_some(declared)?
    };
    contents.decoded_length(py)?;
    let body = match &contents.decoded {
        Some(decoded) => decoded.as_bytes(py),
        None => contents.response.body(),
    };
    let text = match declared {
        Declared::Latin1 if !body.is_ascii() => {
            let characters: String = body.iter().map(|byte| char::from(*byte)).collect();
            PyString::new(py, &characters)
        }
        _ => PyString::new(py, std::str::from_utf8(body).ok()?),
    };
    if body.len() <= KEPT {
        contents.text = Some(Known(text.clone().unbind(), declared));
    }
    Some((text, declared.name(py)))
}
