//! `json_text`: what `json.dumps` makes of an ordinary object, without its two objects and four frames a call.

use locust_stats::text::json::write_string;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

/// Deeper ones are left to `json`, which raises RecursionError where there is no end.
const DEEPEST: usize = 64;

/// The parts of `json` whose work is done here, as they were when the first text was made.
struct Originals {
    module: Py<PyDict>,
    encoder: Py<PyAny>,
    parts: [Py<PyAny>; 4],
}

static ORIGINALS: PyOnceLock<Option<Originals>> = PyOnceLock::new();

impl Originals {
    /// None: somebody has replaced a part before.
    fn take(py: Python<'_>) -> PyResult<Option<Self>> {
        let json = py.import("json")?;
        let encoder = json.getattr("encoder")?.getattr("JSONEncoder")?;
        let originals = Self {
            module: json.dict().unbind(),
            parts: Self::parts(&json.dict(), &encoder)?.map(Bound::unbind),
            encoder: encoder.clone().unbind(),
        };
        let is_own = |part: &Bound<'_, PyAny>, module: &str| {
            part.getattr("__module__")
                .is_ok_and(|name| name.eq(module).unwrap_or(false))
        };
        let [dumps, default, encode, iterencode] = &originals.parts;
        let untouched = is_own(dumps.bind(py), "json")
            && default.bind(py).get_type().is(&encoder)
            && is_own(encode.bind(py), "json.encoder")
            && is_own(iterencode.bind(py), "json.encoder");
        Ok(untouched.then_some(originals))
    }

    fn parts<'py>(
        module: &Bound<'py, PyDict>,
        encoder: &Bound<'py, PyAny>,
    ) -> PyResult<[Bound<'py, PyAny>; 4]> {
        let py = module.py();
        let none = || py.None().into_bound(py);
        let dumps = module.get_item(intern!(py, "dumps"))?;
        let default = module.get_item(intern!(py, "_default_encoder"))?;
        Ok([
            dumps.unwrap_or_else(none),
            default.unwrap_or_else(none),
            encoder.getattr(intern!(py, "encode"))?,
            encoder.getattr(intern!(py, "iterencode"))?,
        ])
    }

    fn are_in_place(&self, py: Python<'_>) -> bool {
        Self::parts(self.module.bind(py), self.encoder.bind(py)).is_ok_and(|now| {
            now.iter()
                .zip(&self.parts)
                .all(|(now, original)| now.is(original))
        })
    }
}

/// The JSON of an object; None where `json.dumps` has to make it.
///
/// # Errors
/// No memory.
pub(super) fn text<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyString>>> {
    let py = object.py();
    let originals = ORIGINALS.get_or_try_init(py, || Originals::take(py))?;
    if !originals
        .as_ref()
        .is_some_and(|originals| originals.are_in_place(py))
    {
        return Ok(None);
    }
    let mut out = String::with_capacity(128);
    Ok(write(object, &mut out, 0).map(|()| PyString::new(py, &out)))
}

#[pyfunction]
#[pyo3(signature = (object, /))]
pub(super) fn json_text<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyString>>> {
    text(object)
}

/// Appends an object; None: `json` may see it differently, or refuse it.
fn write(object: &Bound<'_, PyAny>, out: &mut String, depth: usize) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    if let Ok(text) = object.cast_exact::<PyString>() {
        write_string(out, text.to_str().ok()?);
    } else if let Ok(flag) = object.cast_exact::<PyBool>() {
        out.push_str(if flag.is_true() { "true" } else { "false" });
    } else if object.is_none() {
        out.push_str("null");
    } else if let Ok(number) = object.cast_exact::<PyInt>() {
        use std::fmt::Write;
        write!(out, "{}", number.extract::<i64>().ok()?).ok()?;
    } else if let Ok(number) = object.cast_exact::<PyFloat>() {
        if !number.value().is_finite() {
            return None;
        }
        out.push_str(number.repr().ok()?.to_str().ok()?);
    } else if let Ok(pairs) = object.cast_exact::<PyDict>() {
        write_pairs(pairs, out, depth)?;
    } else if let Ok(items) = object.cast_exact::<PyList>() {
        write_items(items.iter(), out, depth)?;
    } else if let Ok(items) = object.cast_exact::<PyTuple>() {
        write_items(items.iter(), out, depth)?;
    } else {
        return None;
    }
    Some(())
}

fn write_pairs(pairs: &Bound<'_, PyDict>, out: &mut String, depth: usize) -> Option<()> {
    out.push('{');
    let mut separator = "";
    for (key, value) in pairs.iter() {
        out.push_str(separator);
        write_string(out, key.cast_exact::<PyString>().ok()?.to_str().ok()?);
        out.push_str(": ");
        write(&value, out, depth + 1)?;
        separator = ", ";
    }
    out.push('}');
    Some(())
}

fn write_items<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    out: &mut String,
    depth: usize,
) -> Option<()> {
    out.push('[');
    let mut separator = "";
    for item in items {
        out.push_str(separator);
        write(&item, out, depth + 1)?;
        separator = ", ";
    }
    out.push(']');
    Some(())
}
