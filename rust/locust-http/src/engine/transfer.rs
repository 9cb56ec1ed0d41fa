//! Requests go out and responses come in, on open connections.

use super::{Engine, Failure, Progress, Request, RequestKey, Upload};
use crate::arrival;
use crate::clock::now_ns;
use crate::connection::{Connection, Read, Stage};
use crate::error::{Error, Phase};
use crate::lateness;
use crate::slab::Key;

/// Reads from one connection before the others get their turn, so that a fast server does not starve them.
const READS_PER_TURN: usize = 32;

impl Engine {
    /// Gives an open connection to a request and begins to send.
    pub(super) fn assign(&mut self, connection: Key<Connection>, key: RequestKey) {
        if !self.attach(connection, key) {
            return self.close(connection);
        }
        self.send_and_ask(connection, key);
    }

    /// Sends what the socket takes. Uploads ask for their next piece as soon as the head is out.
    fn send_and_ask(&mut self, connection: Key<Connection>, key: RequestKey) {
        self.send(connection, key);
        if self
            .requests
            .get(key)
            .is_some_and(|request| request.submission.upload)
        {
            self.wake(key);
        }
    }

    /// Gives an open connection to a request; false if one of them is gone.
    pub(super) fn attach(&mut self, connection: Key<Connection>, key: RequestKey) -> bool {
        let (Some(link), Some(request)) = (
            self.connections.get_mut(connection),
            self.requests.get_mut(key),
        ) else {
            return false;
        };
        link.request = Some(key);
        request.connection = Some(connection);
        request.progress = Progress::Active;
        request.facts.reused = link.served > 0;
        request.facts.peer = Some(link.peer);
        request.facts.local = link.local;
        if request.facts.timing.queued == 0 {
            request.facts.timing.queued = request.facts.timing.start;
        }
        true
    }

    /// Sends what the socket takes.
    pub(super) fn send(&mut self, connection: Key<Connection>, key: RequestKey) {
        let (Some(link), Some(request)) = (
            self.connections.get_mut(connection),
            self.requests.get_mut(key),
        ) else {
            return;
        };
        match send_request(link, request) {
            Ok(progress) => {
                let now = now_ns();
                if progress {
                    request.facts.timing.sent = now;
                }
                let timeout = request.submission.network_timeout;
                if timeout != 0 {
                    self.set_deadline(connection, now + timeout);
                }
            }
            Err(error) => self.send_failed(connection, key, error),
        }
    }

    /// Handles a failed write. The server may have answered before it closed (413, 401 …), so that is
    /// read first; the write's error counts only if there is no answer.
    fn send_failed(&mut self, connection: Key<Connection>, key: RequestKey, error: Error) {
        if self
            .requests
            .get(key)
            .is_some_and(|request| !request.is_sent())
        {
            self.readable(connection, true);
        }
        if self
            .connections
            .get(connection)
            .is_some_and(|link| link.request == Some(key))
        {
            self.fail(connection, error, Phase::Send);
        }
    }

    /// The socket has room again.
    pub(super) fn writable(&mut self, connection: Key<Connection>) {
        let Some(link) = self.connections.get_mut(connection) else {
            return;
        };
        let Some(key) = link.request else { return };
        if link.tls.is_some()
            && let Err(error) = link.flush()
        {
            return self.fail(connection, error, Phase::Send);
        }
        let Some(request) = self.requests.get(key) else {
            return;
        };
        if request.progress == Progress::Active && !request.is_sent() {
            self.send_and_ask(connection, key);
        }
    }

    /// The next piece of a body. Call only when the step is [`super::Step::Feed`].
    pub fn feed(&mut self, key: RequestKey, piece: &[u8], chunked: bool) {
        let Some(request) = self.requests.get_mut(key) else {
            return;
        };
        let (Some(upload), Some(connection)) = (&mut request.upload, request.connection) else {
            return;
        };
        upload.begun = true;
        upload.position = 0;
        upload.piece.clear();
        // An empty chunk would end the body.
        if chunked && !piece.is_empty() {
            upload
                .piece
                .extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            upload.piece.extend_from_slice(piece);
            upload.piece.extend_from_slice(b"\r\n");
        } else {
            upload.piece.extend_from_slice(piece);
        }
        self.send(connection, key);
    }

    /// The body is complete.
    pub fn end_body(&mut self, key: RequestKey, chunked: bool) {
        let Some(request) = self.requests.get_mut(key) else {
            return;
        };
        let (Some(upload), Some(connection)) = (&mut request.upload, request.connection) else {
            return;
        };
        upload.ended = true;
        upload.position = 0;
        upload.piece.clear();
        if chunked {
            upload.piece.extend_from_slice(b"0\r\n\r\n");
        }
        self.send(connection, key);
    }

    pub(super) fn has_sent_piece(&self, request: &Request, upload: &Upload) -> bool {
        request.sent == total(request) && upload.position == upload.piece.len()
    }

    /// The socket has something to read, or its end.
    pub(super) fn readable(&mut self, key: Key<Connection>, hangup: bool) {
        if self.wakes_stream_reader(key) {
            return;
        }
        lateness::reading(|| arrival::waited_ns(self.connections.get(key)?.socket.fd()));
        let mut left = READS_PER_TURN;
        while left > 0 && self.read_once(key).is_some_and(|more| more || hangup) {
            left -= 1;
        }
        lateness::done_reading();
        if left == 0 {
            self.unfinished.push(key);
        }
    }

    /// Reads once and handles what came. None: nothing more can be read now or ever.
    pub(super) fn read_once(&mut self, key: Key<Connection>) -> Option<bool> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let link = self.connections.get_mut(key);
        let result = match link.filter(|link| matches!(link.stage, Stage::Open)) {
            None => None,
            Some(link) => match link.read(&mut scratch) {
                Ok(Read::Blocked) => None,
                Ok(Read::Bytes(bytes, more)) => self.received(key, bytes).then_some(more),
                Ok(Read::End) => {
                    self.ended(key);
                    None
                }
                Err(error) => {
                    self.fail(key, error, Phase::Receive);
                    None
                }
            },
        };
        self.scratch = scratch;
        result
    }

    /// Handles received bytes. False: the connection is gone, or is read on demand.
    fn received(&mut self, key: Key<Connection>, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return true;
        }
        let Some(link) = self.connections.get_mut(key) else {
            return false;
        };
        let Some(request_key) = link.request else {
            // Bytes that belong to no request (a late 408, say): the connection cannot be trusted again.
            self.close(key);
            return false;
        };
        let Some(request) = self.requests.get_mut(request_key) else {
            self.close(key);
            return false;
        };
        let now = now_ns();
        if request.facts.timing.first_byte == 0 {
            request.facts.timing.first_byte = now;
        }
        if let Err(error) = request.parser.feed(bytes) {
            self.fail(key, error.into(), Phase::Receive);
            return false;
        }
        if request.facts.timing.header == 0 && request.parser.head().is_some() {
            request.facts.timing.header = now;
        }
        if request.parser.is_done() {
            request.facts.timing.last_byte = now;
            self.complete(key, request_key);
            // The connection, if it is still open, may have its end to be read.
            return self.connections.get(key).is_some();
        }
        let timeout = request.submission.network_timeout;
        if timeout != 0 {
            link.deadline = now + timeout;
        }
        if request.submission.stream
            && request.progress == Progress::Active
            && request.facts.timing.header != 0
        {
            self.deliver_header(key, request_key);
            // What follows is read when it is asked for.
            return false;
        }
        true
    }

    /// Delivers a complete response, and gives the connection to the next request or back to the pool.
    fn complete(&mut self, key: Key<Connection>, request_key: RequestKey) {
        let (Some(link), Some(request)) = (
            self.connections.get_mut(key),
            self.requests.get_mut(request_key),
        ) else {
            return;
        };
        let reusable =
            request.parser.is_reusable() && request.is_sent() && !request.submission.closes;
        link.request = None;
        link.deadline = 0;
        link.served += 1;
        let (pool, site) = (link.pool, link.site);
        request.connection = None;
        let streaming = request.progress == Progress::Streaming;
        request.progress = Progress::Done;
        if !streaming {
            lateness::responded();
            request.result = request.parser.take_response().map(Ok);
        }
        self.wake(request_key);
        if !reusable {
            return self.close(key);
        }
        if let Some(next) = self.next_queued(pool, site) {
            if let Some(next) = self.requests.get_mut(next) {
                next.facts.timing.queued = now_ns();
            }
            return self.assign(key, next);
        }
        match self.pools.get_mut(pool) {
            Some(pool) if !pool.abandoned => pool.sites[site].idle.push(key),
            _ => self.close(key),
        }
    }

    /// The server closed.
    fn ended(&mut self, key: Key<Connection>) {
        let Some(link) = self.connections.get(key) else {
            return;
        };
        let Some(request_key) = link.request else {
            return self.close(key);
        };
        let Some(request) = self.requests.get_mut(request_key) else {
            return self.close(key);
        };
        if request.parser.end() {
            request.facts.timing.last_byte = now_ns();
            return self.complete(key, request_key);
        }
        let received = request.parser.received();
        self.fail(key, Error::Closed(received), Phase::Receive);
    }

    /// Handles a broken connection: its request fails, or is sent again where that is safe.
    pub(super) fn fail(&mut self, key: Key<Connection>, error: Error, phase: Phase) {
        let Some(link) = self.connections.get(key) else {
            return;
        };
        let (pool, site) = (link.pool, link.site);
        let Some(request_key) = link.request else {
            return self.close(key);
        };
        let Some(request) = self.requests.get_mut(request_key) else {
            return self.close(key);
        };
        if may_send_again(request, &error) {
            // The slot of the pool passes to the new connection.
            self.connections.remove(key);
            request.facts.retried = true;
            request.progress = Progress::Granted;
            request.connection = None;
            request.sent = 0;
            request.facts.timing.sent = 0;
            request.facts.timing.queued = now_ns();
            self.wake(request_key);
            return;
        }
        // With TLS 1.3 the server judges the handshake's last part only after the client has begun to send. What breaks
        // in another way may have been taken.
        let is_of_the_handshake = matches!(error, Error::TlsRefused(_) | Error::Certificate(_))
            && !request.facts.reused
            && request.parser.received() == 0;
        let phase = if is_of_the_handshake {
            Phase::Tls
        } else {
            phase
        };
        request.facts.timing.last_byte = now_ns();
        let partial = request.parser.take_response().map(Box::new);
        let failure = Failure {
            error,
            phase,
            partial,
        };
        self.finish(request_key, Err(failure));
        if self.connections.remove(key).is_some() {
            self.release_slot(pool, site);
        }
    }

    /// Handles a connection on which nothing moved for too long.
    pub(super) fn timed_out(&mut self, key: Key<Connection>) {
        let Some(link) = self.connections.get(key) else {
            return;
        };
        let request = link.request.and_then(|request| self.requests.get(request));
        let (connect, network) = request.map_or((0, 0), |request| {
            (
                request.submission.connect_timeout,
                request.submission.network_timeout,
            )
        });
        match link.stage {
            Stage::Connecting(_) => self.connect_failed(key, Error::ConnectTimeout(connect)),
            Stage::Tunnel(..) => self.fail(key, Error::ConnectTimeout(connect), Phase::Proxy),
            Stage::Handshake => self.fail(key, Error::ConnectTimeout(connect), Phase::Tls),
            Stage::Open => self.fail(key, Error::NetworkTimeout(network), Phase::Receive),
        }
    }
}

/// Whether a failed request may go out once more: on a connection that had served before, nothing
/// of a response came, the server closed or reset, and sending twice does no harm.
fn may_send_again(request: &Request, error: &Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    let stale = match error {
        Error::Closed(0) => true,
        Error::Io(error) => {
            matches!(
                error.kind(),
                BrokenPipe | ConnectionAborted | ConnectionReset
            )
        }
        _ => false,
    };
    let untouched = request.upload.as_ref().is_none_or(|upload| !upload.begun);
    stale
        && request.facts.reused
        && !request.facts.retried
        && request.progress == Progress::Active
        && request.parser.received() == 0
        && untouched
        && (request.submission.idempotent || request.sent == 0)
}

/// Bytes of head and whole body.
fn total(request: &Request) -> usize {
    let body = request
        .submission
        .body
        .as_ref()
        .map_or(0, |body| (**body).as_ref().len());
    request.submission.head.len() + body
}

/// Sends what fits of a request; true when nothing is left of it.
fn send_request(link: &mut Connection, request: &mut Request) -> Result<bool, Error> {
    let head = request.submission.head.len();
    while request.sent < head {
        let count = link.write(&request.submission.head[request.sent..])?;
        if count == 0 {
            return Ok(false);
        }
        request.sent += count;
    }
    if let Some(body) = &request.submission.body {
        let body = (**body).as_ref();
        while request.sent - head < body.len() {
            let count = link.write(&body[request.sent - head..])?;
            if count == 0 {
                return Ok(false);
            }
            request.sent += count;
        }
    }
    if let Some(upload) = &mut request.upload {
        while upload.position < upload.piece.len() {
            let count = link.write(&upload.piece[upload.position..])?;
            if count == 0 {
                return Ok(false);
            }
            upload.position += count;
            request.facts.sent_bytes += count as u64;
        }
        if !upload.ended {
            return Ok(false);
        }
    }
    link.flush()
}
