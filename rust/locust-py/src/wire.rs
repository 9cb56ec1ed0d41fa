//! Binding of wire: extract, call, convert.

use pyo3::prelude::*;

/// Adds this file's classes and functions to `_core`.
pub fn register(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
