//! One request from its submission to its result, in the greenlet that makes it.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use locust_http::clock::now_ns;
use locust_http::engine::{Draft, Finished, RequestKey, Step};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyIterator;

use super::body;
use super::engine::{Discarded, HttpEngine};
use super::failure;

/// A request in the engine; gives it up unless it was taken.
pub(super) struct Exchange<'e, 'py> {
    py: Python<'py>,
    engine: &'e HttpEngine,
    key: RequestKey,
    start: u64,
    open: bool,
}

impl Drop for Exchange<'_, '_> {
    fn drop(&mut self) {
        if self.open {
            self.engine.discard(self.py, Discarded::Request(self.key));
        }
    }
}

impl<'e, 'py> Exchange<'e, 'py> {
    /// Hands `draft` to the engine, which sends it at once if it has a connection.
    #[inline]
    pub(super) fn submit(py: Python<'py>, engine: &'e HttpEngine, draft: Draft) -> Self {
        let start = draft.start;
        let key = engine.with(py, |core| core.submit(draft));
        Self {
            py,
            engine,
            key,
            start,
            open: true,
        }
    }

    /// Does what the engine asks for until the request is over.
    ///
    /// # Errors
    /// What `resolve` or the pieces of the body raised, or what was thrown into the greenlet.
    pub(super) fn run(
        mut self,
        resolve: &Py<PyAny>,
        pieces: Option<(&Bound<'py, PyIterator>, bool)>,
    ) -> PyResult<(RequestKey, Finished)> {
        loop {
            match self.engine.with(self.py, |core| core.step(self.key)) {
                Step::Done => break,
                Step::Wait => self.engine.wait(self.py, self.key)?,
                Step::Connect => {
                    self.connect(resolve)?;
                    self.engine.nudge(self.py);
                }
                Step::Feed => match pieces {
                    Some((pieces, chunked)) => self.feed(pieces, chunked)?,
                    None => return Err(lost()),
                },
            }
        }
        let finished = self
            .engine
            .with(self.py, |core| core.take(self.key))
            .ok_or_else(lost)?;
        self.open = false;
        Ok((self.key, finished))
    }

    fn connect(&self, resolve: &Py<PyAny>) -> PyResult<()> {
        let target = self
            .engine
            .with(self.py, |core| core.connect_target(self.key));
        let (host, port) = target.ok_or_else(lost)?;
        let addresses = match host.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => {
                let found = resolve
                    .call1(self.py, (host, port))
                    .and_then(|found| found.extract::<Vec<(String, u16)>>(self.py));
                let found = found.inspect_err(|error| {
                    let timing = locust_http::timing::Timing {
                        start: self.start,
                        last_byte: now_ns(),
                        ..Default::default()
                    };
                    failure::annotate(self.py, error, "resolve", &timing);
                })?;
                found
                    .iter()
                    .map(|(ip, port)| address(ip, *port))
                    .collect::<PyResult<_>>()?
            }
        };
        self.engine
            .with(self.py, |core| core.connect(self.key, addresses));
        Ok(())
    }

    fn feed(&self, pieces: &Bound<'py, PyIterator>, chunked: bool) -> PyResult<()> {
        let next = pieces.clone().next().transpose()?;
        match next {
            Some(object) => {
                let piece = body::piece(&object)?;
                self.engine
                    .with(self.py, |core| core.feed(self.key, &piece, chunked));
            }
            None => self
                .engine
                .with(self.py, |core| core.end_body(self.key, chunked)),
        }
        Ok(())
    }
}

/// A socket address from what a resolver gives (`fe80::1%2` included).
pub(super) fn address(ip: &str, port: u16) -> PyResult<SocketAddr> {
    let bad = || PyValueError::new_err(format!("{ip:?} is no IP address"));
    if let Some((ip6, scope)) = ip.split_once('%') {
        let ip6 = ip6.parse().map_err(|_| bad())?;
        let scope = scope
            .parse()
            .or_else(|_| interface_index(scope))
            .map_err(|_| bad())?;
        return Ok(SocketAddrV6::new(ip6, port, 0, scope).into());
    }
    Ok(SocketAddr::new(ip.parse().map_err(|_| bad())?, port))
}

fn interface_index(name: &str) -> PyResult<u32> {
    Python::attach(|py| {
        py.import("socket")?
            .call_method1("if_nametoindex", (name,))?
            .extract()
    })
}

fn lost() -> PyErr {
    PyRuntimeError::new_err("the engine lost a request; please report this")
}
