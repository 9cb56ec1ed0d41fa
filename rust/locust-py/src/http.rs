//! Binding of the HTTP engine: extract, call, convert; and the switching of greenlets around it.
//!
//! - `cell` keeps values that only a thread with the GIL may touch; `greenlet` switches.
//! - `engine` drives the sockets of one hub; `client` is what the requests of a session share, with its `settings`, its
//!   `tls` and the `plan` of its GETs.
//! - `direct_calls` tells whether a session's `get` and its like go to the engine at once; `direct_call` sends them, what
//!   a call brings of its own (`own`) read by `call_arguments`, with its `query` and its `json_text`.
//! - `sending` checks the arguments of any other request, `header_lines` its headers and `body` its body;
//!   `in_flight` submits both kinds and makes their responses; `exchange` runs one until it is over.
//! - `response` is a lazy view of its `contents`; `reading` reads its body, `text` decodes it; `recording` hands it to the statistics;
//!   `telling` tells all listeners of it; `failure` turns errors into exceptions.
//! - `path_rules` tells which paths the client libraries send as they are.
//! - `unavailable` has the classes for platforms without the engine.

use pyo3::prelude::*;

#[cfg(unix)]
pub(crate) use response::exchange_of;
#[cfg(not(unix))]
pub(crate) use unavailable::exchange_of;

#[cfg_attr(not(unix), allow(dead_code))] // only the engine has state to keep
pub mod cell;
mod json_text;
mod path_rules;
mod tls;

#[cfg(unix)]
mod body;
#[cfg(unix)]
mod call_arguments;
#[cfg(unix)]
mod client;
#[cfg(unix)]
mod contents;
#[cfg(unix)]
mod direct_call;
#[cfg(unix)]
mod direct_calls;
#[cfg(unix)]
mod engine;
#[cfg(unix)]
mod exchange;
#[cfg(unix)]
mod failure;
#[cfg(unix)]
pub mod greenlet;
#[cfg(unix)]
mod header_lines;
#[cfg(unix)]
mod in_flight;
#[cfg(unix)]
mod own;
#[cfg(unix)]
mod plan;
#[cfg(unix)]
mod query;
#[cfg(unix)]
mod reading;
#[cfg(unix)]
mod recording;
#[cfg(unix)]
mod response;
#[cfg(unix)]
mod sending;
#[cfg(unix)]
mod settings;
#[cfg(unix)]
mod telling;
#[cfg(unix)]
mod text;
#[cfg(not(unix))]
mod unavailable;

#[cfg(not(unix))]
use unavailable::{DirectCalls, HeaderLines, HttpClient, HttpEngine, HttpResponse};
#[cfg(unix)]
use {
    client::HttpClient, direct_calls::DirectCalls, engine::HttpEngine, header_lines::HeaderLines,
    response::HttpResponse,
};

#[pyfunction]
fn http_engine_available() -> bool {
    locust_http::AVAILABLE
}

#[pyfunction]
fn http_after_fork() {
    cell::forked();
}

#[pyfunction]
fn http_tell_unsampled(flags: u8) {
    locust_http::unsampled::tell_from_now_on(flags);
}

/// Adds this file's classes and functions to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(http_engine_available, module)?)?;
    module.add_function(wrap_pyfunction!(http_after_fork, module)?)?;
    module.add_function(wrap_pyfunction!(http_tell_unsampled, module)?)?;
    module.add_function(wrap_pyfunction!(json_text::json_text, module)?)?;
    module.add_class::<path_rules::PathRules>()?;
    module.add_class::<tls::HttpTls>()?;
    module.add_class::<HttpEngine>()?;
    module.add_class::<HttpClient>()?;
    module.add_class::<HttpResponse>()?;
    module.add_class::<HeaderLines>()?;
    module.add_class::<DirectCalls>()?;
    #[cfg(unix)]
    direct_call::complete(module.py())?;
    Ok(())
}
