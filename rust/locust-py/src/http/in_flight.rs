//! Requests of a client between their submission and their response.

use locust_http::clock::now_ns;
use locust_http::engine::{Finished, Submission};
use locust_http::request::{HeaderBlock, is_idempotent};
use locust_http::url::PathRules;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use super::body::Payload;
use super::client::HttpClient;
use super::contents::{Contents, Stream};
use super::exchange::Exchange;
use super::failure;
use super::greenlet::Raised;
use super::own::{Method, Own, Reported};
use super::plan::Plan;
use super::recording::Recording;
use super::response::HttpResponse;
use super::sending::{Arguments, Call, Prepared};
use super::settings::{Base, bad};

/// A request of any kind.
pub(super) struct InFlight<'py> {
    pub(super) exchange: Exchange<'py>,
    base: Option<Py<Base>>,
    /// Where its success is recorded.
    recording: Option<Recording>,
    /// Whether that is done when it is over.
    at_once: bool,
    /// Whether its body is left to whoever reads it.
    streamed: bool,
    /// The rest of its body, and whether it goes out in chunks.
    pub(super) pieces: Option<(Bound<'py, PyIterator>, bool)>,
}

/// A request that its client has all but a few parts of.
pub(super) struct DirectInFlight<'py> {
    pub(super) exchange: Exchange<'py>,
    pub(super) plan: Bound<'py, Plan>,
}

/// For requests without headers behind the length of their body.
static NO_LINES: HeaderBlock = HeaderBlock::EMPTY;

impl HttpClient {
    /// A request below the base URL; None if the client cannot send it directly.
    #[inline(never)]
    pub(super) fn direct<'py>(
        &self,
        py: Python<'py>,
        method: Method,
        url: &Bound<'py, PyString>,
        own: &Own<'py>,
        reported: &Reported<'py>,
    ) -> Result<Option<Bound<'py, PyAny>>, Raised> {
        let path = url.to_str().map_err(|error| Raised::leave(py, error))?;
        // In place, so that there is one copy of it on the stack while the greenlet waits.
        let mut begun = None;
        self.begin_direct(py, method, path, own, &mut begun)?;
        let Some(in_flight) = &mut begun else {
            return Ok(None);
        };
        in_flight.exchange.run(&self.resolve, None)?;
        self.conclude_direct(in_flight, method, url, reported)
            .map(Some)
    }

    /// Submits a request below the base URL; `begun` stays None if the client cannot send it directly.
    #[inline(never)]
    pub(super) fn begin_direct<'py>(
        &self,
        py: Python<'py>,
        method: Method,
        path: &str,
        own: &Own<'py>,
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
            head.extend_from_slice(method.text().as_bytes());
            head.push(b' ');
            head.extend_from_slice(base.path.as_bytes());
            head.extend_from_slice(path.as_bytes());
            if let Some(query) = &own.query {
                head.extend_from_slice(query.as_bytes());
            }
            if own.lines.is_none() && own.body.is_none() && own.last.is_none() {
                head.extend_from_slice(&shared.tail);
            } else {
                _ = settings
                    .defaults(None)
                    .write_tail(&own.tail(&NO_LINES), &mut head);
            }
            locust_http::unsampled::tell(&mut head);
            let body = own.append_or_keep(&mut head);
            let lines = own.lines.as_ref().map(|lines| &lines.get().0);
            let timeouts = own.timeouts.as_ref();
            Some(Submission {
                pool,
                site,
                head,
                body,
                upload: false,
                answers_head: false,
                lengths: shared.lengths,
                idempotent: is_idempotent(method.text()),
                closes: lines.map_or(shared.closes, |lines| lines.closes),
                stream: own.stream,
                framed: false,
                connect_timeout: timeouts.map_or(shared.connect_timeout, |(connect, _)| {
                    connect.or(shared.connect_timeout)
                }),
                network_timeout: timeouts.map_or(shared.network_timeout, |(_, network)| {
                    network.or(shared.network_timeout)
                }),
                start,
            })
        });
        *begun = prepared.map(|submission| DirectInFlight {
            exchange: Exchange::submit(py, engine, submission),
            plan,
        });
        Ok(())
    }

    /// As [`HttpClient::conclude`], for a request that was sent directly.
    #[inline(never)]
    pub(super) fn conclude_direct<'py>(
        &self,
        in_flight: &mut DirectInFlight<'py>,
        method: Method,
        url: &Bound<'py, PyString>,
        reported: &Reported<'py>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let py = url.py();
        let plan = in_flight.plan.get();
        let base = Some(plan.base.clone_ref(py));
        let exchange = &mut in_flight.exchange;
        let recording = plan.recording.as_ref();
        let name = reported.name.as_ref();
        let method = method.object(py);
        self.make_response(
            exchange,
            base,
            (recording, !reported.catch, reported.stream),
            method,
            url,
            name,
        )
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
            let recording = settings.recording.as_ref();
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
            at_once: arguments.record,
            streamed: arguments.stream,
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
        let recording = in_flight.recording.take();
        let (base, streamed) = (in_flight.base.take(), in_flight.streamed);
        let recording = (recording.as_ref(), in_flight.at_once, streamed);
        self.make_response(&mut in_flight.exchange, base, recording, method, url, name)
    }

    #[inline]
    fn make_response<'py>(
        &self,
        exchange: &mut Exchange<'py>,
        base: Option<Py<Base>>,
        (recording, at_once, streamed): (Option<&Recording>, bool, bool),
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
                contents.streamed = streamed;
                if facts.streaming {
                    contents = contents.with_stream(Stream {
                        engine,
                        key,
                        reading: false,
                    });
                }
                let name = name.unwrap_or(url);
                match recording {
                    Some(recording) if at_once => {
                        let (type_text, name_text) = (method.to_str()?, name.to_str()?);
                        if recording.record_success(py, &mut contents, type_text, name_text)? {
                            let response = HttpResponse::make(py, class, contents)?;
                            let recorder = recording.recorder.get();
                            recorder.keep_slow_response(method, name, &response)?;
                            return Ok(response);
                        }
                    }
                    _ => contents.recording = recording.map(|known| known.clone_ref(py)),
                }
                HttpResponse::make(py, class, contents)
            }
            Err(mut failed) => {
                let partial = failed.partial.take();
                let response = partial.and_then(|partial| {
                    let mut contents = contents(*partial);
                    contents.is_incomplete = true;
                    HttpResponse::make(py, class, contents).ok()
                });
                let timing = &facts.timing;
                Err(failure::exception(py, &failed, timing, response.as_ref()))
            }
        }
    }
}
