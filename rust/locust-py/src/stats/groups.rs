//! Requests of a part of the users or tasks, which are counted in a table of their own beside that of all requests.
//!
//! Python leaves the recorders of the groups in the `spawn_tree_locals` of a greenlet, a dictionary that gevent hands
//! on to the greenlets it spawns. So requests of a user's own helpers belong to its groups as well.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::recorder::RequestRecorder;

/// Calls `count` with the recorder of each group of the greenlet that runs. About 40 ns without the calls.
///
/// # Errors
/// The first one of `count`, or of an attribute that someone has replaced.
pub fn each(
    py: Python<'_>,
    mut count: impl FnMut(&RequestRecorder) -> PyResult<()>,
) -> PyResult<()> {
    let Some(greenlet) = current(py) else {
        return Ok(());
    };
    let Some(inherited) = greenlet.getattr_opt(intern!(py, "spawn_tree_locals"))? else {
        return Ok(());
    };
    let Ok(inherited) = inherited.cast_exact::<PyDict>() else {
        return Ok(());
    };
    let Some(groups) = inherited.get_item(intern!(py, "locust_groups"))? else {
        return Ok(());
    };
    for group in groups.cast_exact::<PyTuple>()? {
        count(group.cast_exact::<RequestRecorder>()?.get())?;
    }
    Ok(())
}

#[cfg(unix)]
fn current(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    crate::http::greenlet::current(py)
        .map_err(|raised| raised.take(py))
        .ok()
}

#[cfg(not(unix))]
fn current(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    py.import("greenlet").ok()?.call_method0("getcurrent").ok()
}
