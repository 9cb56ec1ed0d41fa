//! The query of a call's parameters, as `urllib.parse.urlencode` writes it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};

/// `?a=1&b=2`, or `&a=1&b=2` behind a path that has a query; None unless it is a dictionary of texts and integers.
pub(super) fn of(params: &Bound<'_, PyAny>, has_query: bool) -> Option<String> {
    let params = params.cast_exact::<PyDict>().ok()?;
    if params.is_empty() {
        return None;
    }
    let mut query = String::with_capacity(64);
    let mut separator = if has_query { '&' } else { '?' };
    for (name, value) in params.iter() {
        query.push(separator);
        quote(
            name.cast_exact::<PyString>().ok()?.to_str().ok()?,
            &mut query,
        );
        query.push('=');
        if let Ok(text) = value.cast_exact::<PyString>() {
            quote(text.to_str().ok()?, &mut query);
        } else {
            let number = value.cast_exact::<PyInt>().ok()?;
            use std::fmt::Write;
            write!(query, "{}", number.extract::<i64>().ok()?).ok()?;
        }
        separator = '&';
    }
    Some(query)
}

/// Appends a text as `quote_plus` quotes it.
fn quote(text: &str, out: &mut String) {
    use std::fmt::Write;
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            // Writing into a string cannot fail.
            _ => _ = write!(out, "%{byte:02X}"),
        }
    }
}
