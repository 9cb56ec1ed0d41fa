//! Requests of a client between their submission and their response.

use locust_http::clock::now_ns;
use locust_http::engine::{Finished, Submission};
use locust_http::url::PathRules;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use super::body::Payload;
use super::client::HttpClient;
use super::contents::{Contents, Stream};
use super::exchange::Exchange;
use super::failure;
use super::greenlet::Raised;
use super::header_lines::HeaderLines;
use super::plan::Plan;
use super::recording::Recording;
use super::response::HttpResponse;
use super::sending::{Arguments, Call, Prepared};
use super::settings::{Base, bad};

/// A request of any kind.
pub(super) struct InFlight<'py> {
    pub(super) exchange: Exchange<'py>,
    base: Option<Py<Base>>,
    /// Where its success is recorded, if it is.
    recording: Option<Recording>,
    /// The rest of its body, and whether it goes out in chunks.
    pub(super) pieces: Option<(Bound<'py, PyIterator>, bool)>,
}

/// A plain GET.
pub(super) struct DirectInFlight<'py> {
    pub(super) exchange: Exchange<'py>,
    plan: Bound<'py, Plan>,
}

/// What a plain GET may differ in from the others of its client.
pub(super) struct Own<'py> {
    /// Its headers, in place of the client's.
    pub(super) lines: Option<Bound<'py, HeaderLines>>,
    /// What the statistics call it.
    pub(super) name: Option<Bound<'py, PyString>>,
    /// Whether it is recorded natively where possible.
    pub(super) record: bool,
}

impl HttpClient {
    /// A plain GET; None if it is not one.
    #[inline(never)]
    pub(super) fn direct_get<'py>(
        &self,
        py: Python<'py>,
        url: &Bound<'py, PyString>,
        own: &Own<'py>,
    ) -> Result<Option<Bound<'py, PyAny>>, Raised> {
        let path = url.to_str().map_err(|error| Raised::leave(py, error))?;
        // In place, so that there is one copy of it on the stack while the greenlet waits.
        let mut begun = None;
        self.begin_get(py, path, own.lines.as_ref(), &mut begun)?;
        let Some(in_flight) = &mut begun else {
            return Ok(None);
        };
        in_flight.exchange.run(&self.resolve, None)?;
        self.conclude_get(in_flight, url, own.name.as_ref(), own.record)
            .map(Some)
    }

    /// Submits a plain GET; `begun` stays None if it is not one.
    #[inline(never)]
    pub(super) fn begin_get<'py>(
        &self,
        py: Python<'py>,
        path: &str,
        lines: Option<&Bound<'py, HeaderLines>>,
        begun: &mut Option<DirectInFlight<'py>>,
    ) -> Result<(), Raised> {
        if !PathRules::Common.is_plain(path) {
            return Ok(());
        }
        let start = now_ns();
        let leave = |error| Raised::leave(py, error);
        let Some(plan) = self.plan(py).map_err(leave)? else {
            return Ok(());
        };
        let (engine, pool) = self.place(py).map_err(leave)?;
        let shared = plan.get();
        let base = &shared.base.get().0;
        let prepared = self.settings.with(py, |settings| {
            let (mut head, site) = engine.get().with(py, |core| {
                let site = core.site(pool, &base.origin, settings.site_hint)?;
                Some((core.buffer(), site))
            })?;
            settings.site_hint = site;
            head.extend_from_slice(b"GET ");
            head.extend_from_slice(base.path.as_bytes());
            head.extend_from_slice(path.as_bytes());
            let lines = lines.map(|lines| &lines.get().0);
            match lines {
                None => head.extend_from_slice(&shared.tail),
                Some(_) => _ = settings.defaults(None).write_tail_of_get(lines, &mut head),
            }
            Some(Submission {
                pool,
                site,
                head,
                body: None,
                upload: false,
                answers_head: false,
                lengths: shared.lengths,
                idempotent: true,
                closes: lines.map_or(shared.closes, |lines| lines.closes),
                stream: false,
                framed: false,
                connect_timeout: shared.connect_timeout,
                network_timeout: shared.network_timeout,
                start,
            })
        });
        *begun = prepared.map(|submission| DirectInFlight {
            exchange: Exchange::submit(py, engine, submission),
            plan,
        });
        Ok(())
    }

    /// As [`HttpClient::conclude`], for a plain GET.
    #[inline(never)]
    pub(super) fn conclude_get<'py>(
        &self,
        in_flight: &mut DirectInFlight<'py>,
        url: &Bound<'py, PyString>,
        name: Option<&Bound<'py, PyString>>,
        record: bool,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let py = url.py();
        let plan = in_flight.plan.get();
        let base = Some(plan.base.clone_ref(py));
        let exchange = &mut in_flight.exchange;
        let recording = plan.recording.as_ref().filter(|_| record);
        self.make_response(exchange, base, recording, intern!(py, "GET"), url, name)
            .map_err(|error| Raised::leave(py, error))
    }

    /// Submits any request.
    #[inline(never)]
    pub(super) fn begin_send<'py>(
        &self,
        py: Python<'py>,
        arguments: &Arguments<'_, 'py>,
    ) -> PyResult<InFlight<'py>> {
        let call = Call::check(arguments)?;
        let (engine, pool) = self.place(py)?;
        let prepared = self.settings.with(py, |settings| {
            let prepared = call.prepare(py, settings, &self.pool_settings, engine.get(), pool)?;
            let recording = settings.recording.as_ref().filter(|_| arguments.record);
            Some((prepared, recording.map(|known| known.clone_ref(py))))
        });
        let Some((
            Prepared {
                submission,
                base,
                chunked,
            },
            recording,
        )) = prepared
        else {
            let url = arguments.url;
            return Err(bad(format!(
                "{url:?} is only a path, and the client has no base URL"
            )));
        };
        let pieces = match call.payload {
            Payload::Pieces(pieces) => Some((pieces, chunked)),
            _ => None,
        };
        Ok(InFlight {
            exchange: Exchange::submit(py, engine, submission),
            base,
            recording,
            pieces,
        })
    }

    /// Makes the response of a request that is over, and records it where that was asked for.
    ///
    /// # Errors
    /// The exception of a failed one; what had come of its response is its attribute `response`.
    #[inline(never)]
    pub(super) fn conclude<'py>(
        &self,
        in_flight: &mut InFlight<'py>,
        method: &Bound<'py, PyString>,
        url: &Bound<'py, PyString>,
        name: Option<&Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (base, recording) = (in_flight.base.take(), in_flight.recording.take());
        let recording = recording.as_ref();
        self.make_response(&mut in_flight.exchange, base, recording, method, url, name)
    }

    #[inline]
    fn make_response<'py>(
        &self,
        exchange: &mut Exchange<'py>,
        base: Option<Py<Base>>,
        recording: Option<&Recording>,
        method: &Bound<'py, PyString>,
        url: &Bound<'py, PyString>,
        name: Option<&Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = method.py();
        let class = self.response_class.bind(py);
        let (Finished { result, facts }, engine, key) = exchange.take()?;
        let contents = |response| {
            Contents::new(
                response,
                &facts,
                method.clone().unbind(),
                url.clone().unbind(),
            )
            .with_base(base)
            .with_name(name.map(|name| name.clone().unbind()))
        };
        match result {
            Ok(response) => {
                let mut contents = contents(response);
                if facts.streaming {
                    contents = contents.with_stream(Stream {
                        engine,
                        key,
                        reading: false,
                    });
                } else if let Some(recording) = recording {
                    let name = name.unwrap_or(url).to_str()?;
                    recording.record_success(py, &mut contents, method.to_str()?, name)?;
                }
                HttpResponse::make(py, class, contents)
            }
            Err(mut failed) => {
                let partial = failed.partial.take();
                let response = partial
                    .and_then(|partial| HttpResponse::make(py, class, contents(*partial)).ok());
                let timing = &facts.timing;
                Err(failure::exception(py, &failed, timing, response.as_ref()))
            }
        }
    }
}
