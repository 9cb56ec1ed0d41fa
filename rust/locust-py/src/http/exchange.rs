//! One request from its submission to its result, in the greenlet that makes it.

use std::net::{IpAddr, SocketAddr};

use locust_http::address;
use locust_http::clock::now_ns;
use locust_http::engine::{Finished, RequestKey, Step, Submission};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyIterator;

use super::body;
use super::engine::{Discarded, HttpEngine};
use super::failure;
use super::greenlet::Raised;
use super::settings::bad;

/// A request in the engine; gives it up unless it was taken.
pub(super) struct Exchange<'py> {
    py: Python<'py>,
    engine: Py<HttpEngine>,
    key: RequestKey,
    start: u64,
    open: bool,
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        if self.open {
            self.give_up();
        }
    }
}

impl<'py> Exchange<'py> {
    /// Hands `submission` to the engine, which sends it at once if it has a connection.
    #[inline]
    pub(super) fn submit(py: Python<'py>, engine: Py<HttpEngine>, submission: Submission) -> Self {
        let start = submission.start;
        let key = engine.get().with(py, |core| core.submit(submission));
        Self {
            py,
            engine,
            key,
            start,
            open: true,
        }
    }

    /// Does what the engine asks for until the request is over. Its frame, and those of its callers,
    /// are copied with every switch of greenlets: they stay small.
    ///
    /// # Errors
    /// What `resolve` or the pieces of the body raised, or what was thrown into the greenlet.
    #[inline(always)]
    pub(super) fn run(
        &self,
        resolve: &Py<PyAny>,
        pieces: Option<&(Bound<'py, PyIterator>, bool)>,
    ) -> Result<(), Raised> {
        loop {
            match self.step() {
                Step::Done => return Ok(()),
                Step::Wait => self.engine.get().wait(self.py, self.key)?,
                Step::Connect => self.connect_or_raise(resolve)?,
                Step::Feed => self.feed_or_raise(pieces)?,
            }
        }
    }

    #[inline(never)]
    fn step(&self) -> Step {
        self.engine.get().with(self.py, |core| core.step(self.key))
    }

    /// Saves the pending exception (see [`Raised`]) first: discarding the request can run Python code, which must not
    /// see it.
    #[cold]
    #[inline(never)]
    fn give_up(&self) {
        let raised = PyErr::take(self.py);
        let engine = self.engine.get();
        engine.discard(self.py, Discarded::Request(self.key));
        if let Some(error) = raised {
            error.restore(self.py);
        }
    }

    #[cold]
    #[inline(never)]
    fn connect_or_raise(&self, resolve: &Py<PyAny>) -> Result<(), Raised> {
        self.connect(resolve)
            .map_err(|error| Raised::leave(self.py, error))
    }

    #[inline(never)]
    fn feed_or_raise(&self, pieces: Option<&(Bound<'py, PyIterator>, bool)>) -> Result<(), Raised> {
        match pieces {
            Some((pieces, chunked)) => self.feed(pieces, *chunked),
            None => Err(lost()),
        }
        .map_err(|error| Raised::leave(self.py, error))
    }

    /// When it began (`locust_http::clock`).
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The result, and what a stream is read with.
    ///
    /// # Errors
    /// `run` has not ended.
    pub(super) fn take(&mut self) -> PyResult<(Finished, Py<HttpEngine>, RequestKey)> {
        let finished = self.engine.get().with(self.py, |core| core.take(self.key));
        let finished = finished.ok_or_else(lost)?;
        self.open = false;
        Ok((finished, self.engine.clone_ref(self.py), self.key))
    }

    fn connect(&self, resolve: &Py<PyAny>) -> PyResult<()> {
        let engine = self.engine.get();
        let target = engine.with(self.py, |core| core.connect_target(self.key));
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
                    .map(|(ip, port)| address::parse(ip, *port))
                    .collect::<Result<_, _>>()
                    .map_err(bad)?
            }
        };
        engine.with(self.py, |core| core.connect(self.key, addresses));
        engine.nudge(self.py);
        Ok(())
    }

    fn feed(&self, pieces: &Bound<'py, PyIterator>, chunked: bool) -> PyResult<()> {
        let next = pieces.clone().next().transpose()?;
        match next {
            Some(object) => {
                let piece = body::piece(&object)?;
                self.engine
                    .get()
                    .with(self.py, |core| core.feed(self.key, &piece, chunked));
            }
            None => self
                .engine
                .get()
                .with(self.py, |core| core.end_body(self.key, chunked)),
        }
        Ok(())
    }
}

fn lost() -> PyErr {
    PyRuntimeError::new_err("the engine lost a request; please report this")
}
