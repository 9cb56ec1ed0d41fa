//! Binding of locust-pulse: extract, call, convert.

use std::time::Duration;

use locust_pulse::{Pulse as Watcher, Settings};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// See `_core.pyi`.
#[pyclass(module = "locust_rs._core", frozen)]
struct Pulse(Watcher);

#[pymethods]
impl Pulse {
    #[new]
    fn new(
        host: String,
        port: u16,
        identity: Vec<u8>,
        message: Vec<u8>,
        stalled_after_s: f64,
        interval_s: f64,
    ) -> PyResult<Self> {
        let settings = Settings {
            host,
            port,
            identity,
            message,
            stalled_after: seconds(stalled_after_s)?,
            interval: seconds(interval_s)?,
        };
        Ok(Self(Watcher::start(settings)?))
    }

    fn loop_is_alive(&self) {
        self.0.loop_is_alive();
    }
}

fn seconds(value: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(value).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Adds this file's class to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Pulse>()
}
