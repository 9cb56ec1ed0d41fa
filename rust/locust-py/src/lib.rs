//! `locust_rs._core`: the only crate that names PyO3.
//!
//! One file per area; each registers its own names on the module.

use pyo3::prelude::*;

mod clock;
mod dispatch;
mod envelope;
mod fastcall;
mod http;
mod lateness;
mod pulse;
mod snapshot;
mod stats;
mod watch;
mod wire;

/// The native half of locust-rs; see `_core.pyi` for the complete surface.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    stats::register(module)?;
    wire::register(module)?;
    dispatch::register(module)?;
    envelope::register(module)?;
    http::register(module)?;
    lateness::register(module)?;
    pulse::register(module)?;
    snapshot::register(module)?;
    watch::register(module)?;
    Ok(())
}
