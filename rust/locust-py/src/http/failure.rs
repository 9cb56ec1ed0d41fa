//! The one table that turns the engine's errors into exceptions.

use locust_http::clock::now_ns;
use locust_http::decode::DecodeError;
use locust_http::engine::Failure;
use locust_http::error::{Error, ProtocolError};
use locust_http::timing::Timing;
use pyo3::exceptions::{PyConnectionAbortedError, PyOSError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::clock::wall_clock;

/// The class `name` of `locust_rs.http.engine.errors`.
fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyType>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || {
        py.import("locust_rs.http.engine.errors").map(Bound::unbind)
    })?;
    Ok(module.bind(py).getattr(name)?.cast_into::<PyType>()?)
}

fn made<A>(py: Python<'_>, name: &str, arguments: A) -> PyErr
where
    A: for<'p> pyo3::call::PyCallArgs<'p>,
{
    match class(py, name).and_then(|class| class.call1(arguments)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// The exception of a failed request, with its phase and times, and `response`: what had come of the response, if its
/// header was complete.
pub(super) fn exception(
    py: Python<'_>,
    failure: &Failure,
    timing: &Timing,
    response: Option<&Bound<'_, PyAny>>,
) -> PyErr {
    let message = failure.error.to_string();
    let error = match &failure.error {
        Error::Io(error) => match error.raw_os_error() {
            // OSError itself chooses the subclass that belongs to the number.
            Some(code) => PyOSError::new_err((code, system_message(error))),
            None => PyOSError::new_err(message),
        },
        Error::ConnectTimeout(_) => made(py, "ConnectTimeout", (message,)),
        Error::NetworkTimeout(_) => made(py, "NetworkTimeout", (message,)),
        Error::Closed(_) => made(py, "ServerClosed", (message,)),
        Error::Protocol(broken) => {
            let error = made(py, "ProtocolError", (message,));
            if let ProtocolError::StatusLine(line) = broken {
                let _ = error.value(py).setattr("status_line", line);
            }
            error
        }
        Error::Tls(_) | Error::TlsRefused(_) => made(py, "TlsError", (1, message)),
        Error::Certificate(_) => made(py, "CertificateError", (1, message)),
        Error::Proxy(status, _) => {
            let error = made(py, "ProxyError", (message,));
            let _ = error.value(py).setattr("status_code", *status);
            error
        }
        Error::EngineClosed => PyConnectionAbortedError::new_err(message),
    };
    annotate(py, &error, failure.phase.name(), timing);
    if let Some(response) = response {
        let _ = error.value(py).setattr("response", response);
    }
    error
}

/// Gives an exception its phase and times; one that takes no attributes stays without.
pub(super) fn annotate(py: Python<'_>, error: &PyErr, phase: &str, timing: &Timing) {
    let end = if timing.last_byte == 0 {
        now_ns()
    } else {
        timing.last_byte
    };
    let value = error.value(py);
    let _ = value.setattr("phase", phase);
    let _ = value.setattr("response_time_ms", timing.since_start_ms(end));
    let _ = value.setattr("start_time", epoch_seconds(timing.start));
}

/// The exception of a body of `response` that cannot be decoded.
pub(super) fn decoding_error(error: &DecodeError, response: &Bound<'_, PyAny>) -> PyErr {
    let py = response.py();
    let error = made(py, "DecodingError", (error.to_string(),));
    let _ = error.value(py).setattr("response", response);
    error
}

/// A moment of the engine's clock in seconds since the epoch.
pub(super) fn epoch_seconds(moment: u64) -> f64 {
    wall_clock() - now_ns().saturating_sub(moment) as f64 / 1e9
}

/// The system's words without the number that Rust appends.
fn system_message(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
