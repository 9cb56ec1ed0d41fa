//! Opens connections: TCP to one address after the other, a proxy's tunnel, TLS.

use std::net::SocketAddr;

use super::{Engine, Failure, PoolKey, Progress, RequestKey};
use crate::arrival;
use crate::clock::now_ns;
use crate::connection::{Connection, Read, Stage};
use crate::error::{Error, Phase, ProtocolError};
use crate::head;
use crate::lateness;
use crate::poller::Event;
use crate::response::Parser;
use crate::slab::Key;
use crate::sys::Socket;
use crate::url::Scheme;

impl Engine {
    /// Host and port that a [`super::Step::Connect`] is about: the origin's, or the proxy's.
    pub fn connect_target(&self, key: RequestKey) -> Option<(String, u16)> {
        let request = self.requests.get(key)?;
        let pool = self.pools.get(request.submission.pool)?;
        if let Some(proxy) = &pool.settings.proxy {
            return Some((proxy.host.clone(), proxy.port));
        }
        let origin = &pool.sites.get(request.submission.site)?.origin;
        Some((origin.host.clone(), origin.port))
    }

    /// Begins to connect, to one address after the other until one answers.
    pub fn connect(&mut self, key: RequestKey, addresses: Vec<SocketAddr>) {
        let Some(request) = self.requests.get_mut(key) else {
            return;
        };
        if request.progress != Progress::Granted {
            return;
        }
        request.progress = Progress::Connecting;
        request.facts.timing.resolved = now_ns();
        let (pool, site) = (request.submission.pool, request.submission.site);
        let mut left = addresses;
        left.reverse();
        let error = std::io::Error::new(std::io::ErrorKind::NotFound, "the host has no address");
        self.try_next(key, pool, site, left, error.into());
    }

    /// Tries the last of `left`; without any, the request fails with `error`.
    fn try_next(
        &mut self,
        key: RequestKey,
        pool: PoolKey,
        site: usize,
        mut left: Vec<SocketAddr>,
        mut error: Error,
    ) {
        let source = self.pools.get(pool).and_then(|pool| pool.settings.source);
        while let Some(peer) = left.pop() {
            let source = source
                .as_ref()
                .filter(|source| source.is_ipv4() == peer.is_ipv4());
            match Socket::connect(&peer, source) {
                Ok(socket) => match self.open(key, pool, site, socket, peer, left) {
                    Ok(()) => return,
                    Err((failed, rest)) => (error, left) = (failed.into(), rest),
                },
                Err(failed) => error = failed.into(),
            }
        }
        self.finish(
            key,
            Err(Failure {
                error,
                phase: Phase::Connect,
                partial: None,
            }),
        );
        self.release_slot(pool, site);
    }

    fn open(
        &mut self,
        request: RequestKey,
        pool: PoolKey,
        site: usize,
        socket: Socket,
        peer: SocketAddr,
        left: Vec<SocketAddr>,
    ) -> Result<(), (std::io::Error, Vec<SocketAddr>)> {
        let fd = socket.fd();
        let connection = self.connections.insert(Connection {
            socket,
            tls: None,
            stage: Stage::Connecting(left),
            pool,
            site,
            request: Some(request),
            served: 0,
            hangup: false,
            deadline: 0,
            entry: 0,
            peer,
            local: None,
        });
        if let Err(error) = self.poller.add(fd, connection.to_bits()) {
            let left = match self.connections.remove(connection).map(|gone| gone.stage) {
                Some(Stage::Connecting(left)) => left,
                _ => Vec::new(),
            };
            return Err((error, left));
        }
        if let Some(request) = self.requests.get_mut(request) {
            request.connection = Some(connection);
            request.facts.peer = Some(peer);
            let timeout = request.submission.connect_timeout;
            if timeout != 0 {
                self.set_deadline(connection, now_ns() + timeout);
            }
        }
        Ok(())
    }

    /// Advances a connection that is not open yet.
    pub(super) fn advance_connect(&mut self, key: Key<Connection>, event: &Event) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        match &connection.stage {
            Stage::Connecting(_) => {
                if !event.writable && !event.hangup {
                    return;
                }
                match connection.socket.connected() {
                    Ok(()) => self.connected(key),
                    Err(error) => self.connect_failed(key, error.into()),
                }
            }
            Stage::Tunnel(..) => self.advance_tunnel(key),
            Stage::Handshake => self.advance_handshake(key),
            Stage::Open => {}
        }
    }

    fn connected(&mut self, key: Key<Connection>) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.local = connection.socket.local_address();
        let Some(request_key) = connection.request else {
            return;
        };
        if let Some(request) = self.requests.get_mut(request_key) {
            let now = now_ns();
            if let Some(took) = arrival::handshake_ns(connection.socket.fd()) {
                let waited = now.saturating_sub(request.facts.timing.resolved);
                // Later than when the sockets were last looked at, it would have been noticed then.
                let unseen = now.saturating_sub(self.polled);
                lateness::connecting(waited.saturating_sub(took).min(unseen));
            }
            request.facts.timing.connected = now;
            request.facts.local = connection.local;
        }
        let Some(pool) = self.pools.get(connection.pool) else {
            return;
        };
        let origin = &pool.sites[connection.site].origin;
        if let Some(proxy) = pool.tunnel(origin) {
            let bytes = proxy.connect_request(origin);
            connection.stage =
                Stage::Tunnel(bytes, Box::new(Parser::new(true, head::Lengths::Strict)));
            return self.advance_tunnel(key);
        }
        self.secure(key);
    }

    /// Starts TLS where the origin has it; otherwise the connection is open.
    fn secure(&mut self, key: Key<Connection>) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        let Some(pool) = self.pools.get(connection.pool) else {
            return;
        };
        let origin = &pool.sites[connection.site].origin;
        if origin.scheme == Scheme::Http {
            return self.opened(key);
        }
        let tls = match &pool.settings.tls {
            Some(tls) => tls.connect(&origin.host),
            None => Err("the client has no TLS settings; give it some".to_owned()),
        };
        match tls {
            Ok(tls) => {
                connection.tls = Some(Box::new(tls));
                connection.stage = Stage::Handshake;
                self.advance_handshake(key);
            }
            Err(message) => self.fail(key, Error::Tls(message), Phase::Tls),
        }
    }

    fn advance_tunnel(&mut self, key: Key<Connection>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let outcome = self
            .connections
            .get_mut(key)
            .map(|connection| tunnel(connection, &mut scratch));
        self.scratch = scratch;
        match outcome {
            Some(Ok(true)) => self.secure(key),
            Some(Err(error)) => self.fail(key, error, Phase::Proxy),
            Some(Ok(false)) | None => {}
        }
    }

    fn advance_handshake(&mut self, key: Key<Connection>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let outcome = self.connections.get_mut(key).map(|connection| {
            lateness::connecting(arrival::waited_ns(connection.socket.fd()).unwrap_or(0));
            handshake(connection, &mut scratch)
        });
        self.scratch = scratch;
        match outcome {
            Some(Ok(true)) => {
                let request = self
                    .connections
                    .get(key)
                    .and_then(|connection| connection.request);
                if let Some(request) = request.and_then(|request| self.requests.get_mut(request)) {
                    request.facts.timing.tls = now_ns();
                }
                self.opened(key);
            }
            Some(Err(error)) => self.fail(key, error, Phase::Tls),
            Some(Ok(false)) | None => {}
        }
    }

    /// The connection is ready for the request that made it.
    fn opened(&mut self, key: Key<Connection>) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.stage = Stage::Open;
        connection.deadline = 0;
        match connection.request {
            Some(request) => self.assign(key, request),
            None => self.close(key),
        }
    }

    /// Handles an address that did not connect: tries the next, or fails the request.
    pub(super) fn connect_failed(&mut self, key: Key<Connection>, error: Error) {
        let Some(connection) = self.connections.remove(key) else {
            return;
        };
        let Connection {
            stage,
            pool,
            site,
            request,
            ..
        } = connection;
        let Some(request) = request else {
            return self.release_slot(pool, site);
        };
        let left = match stage {
            Stage::Connecting(left) => left,
            _ => Vec::new(),
        };
        if let Some(request) = self.requests.get_mut(request) {
            request.connection = None;
        }
        self.try_next(request, pool, site, left, error);
    }
}

/// Sends the rest of CONNECT and reads the answer; true when the tunnel is there.
fn tunnel(
    connection: &mut Connection,
    scratch: &mut crate::connection::Scratch,
) -> Result<bool, Error> {
    if let Stage::Tunnel(bytes, _) = &mut connection.stage {
        while !bytes.is_empty() {
            match connection.socket.send(bytes) {
                Ok(count) => drop(bytes.drain(..count)),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    loop {
        let (bytes, more) = match connection.read(scratch)? {
            Read::Blocked => return Ok(false),
            Read::End => return Err(Error::Closed(0)),
            Read::Bytes(bytes, more) => (bytes, more),
        };
        let Stage::Tunnel(_, parser) = &mut connection.stage else {
            return Ok(false);
        };
        parser.feed(bytes)?;
        if let Some(response) = parser.is_done().then(|| parser.take_response()).flatten() {
            let status = response.head.status;
            if !(200..300).contains(&status) {
                let reason =
                    String::from_utf8_lossy(head::reason(response.raw_head())).into_owned();
                return Err(Error::Proxy(status, reason));
            }
            if parser.received() > response.head.length as u64 {
                return Err(ProtocolError::Unexpected.into());
            }
            return Ok(true);
        }
        if !more && !connection.hangup {
            return Ok(false);
        }
    }
}

/// Moves the TLS handshake on; true when it is complete.
fn handshake(
    connection: &mut Connection,
    scratch: &mut crate::connection::Scratch,
) -> Result<bool, Error> {
    connection.flush()?;
    loop {
        if connection
            .tls
            .as_ref()
            .is_some_and(|tls| !tls.is_handshaking())
        {
            return Ok(true);
        }
        match connection.read(scratch)? {
            Read::Blocked => return Ok(false),
            Read::End => {
                return Err(Error::Tls(
                    "the server closed the connection during the handshake".into(),
                ));
            }
            Read::Bytes(bytes, _) if !bytes.is_empty() => {
                return Err(Error::Tls("the server sent data before the request".into()));
            }
            Read::Bytes(_, more) => {
                let is_handshaking = connection
                    .tls
                    .as_ref()
                    .is_some_and(|tls| tls.is_handshaking());
                if is_handshaking && !more && !connection.hangup {
                    return Ok(false);
                }
            }
        }
    }
}
