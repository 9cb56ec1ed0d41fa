//! Binding of envelope: extract, call, convert.

use locust_stats::envelope;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// See `_core.pyi`.
#[pyfunction]
fn open_envelope(
    message: &[u8],
    max_elements: usize,
) -> PyResult<(String, usize, usize, Option<String>)> {
    let opened = envelope::open(message, max_elements)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let node_id = opened.node_id.map(str::to_owned);
    Ok((
        opened.kind.to_owned(),
        opened.data.start,
        opened.data.end,
        node_id,
    ))
}

/// Adds this file's functions to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(open_envelope, module)?)
}
