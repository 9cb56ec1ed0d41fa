//! One connection: a socket, TLS if it has it, and its stage. The engine decides which request it serves.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;

use rustls::ClientConnection;

use crate::engine::Request;
use crate::error::Error;
use crate::pool::Pool;
use crate::response::Parser;
use crate::slab::Key;
use crate::sys::Socket;
use crate::tls;

/// Bytes that one system call reads at most.
const READ_SIZE: usize = 64 * 1024;
/// Plain bytes that are encrypted at once.
const TLS_WRITE_SIZE: usize = 64 * 1024;

/// How far a connection is.
pub(crate) enum Stage {
    /// TCP connect; the addresses that are left to try.
    Connecting(Vec<SocketAddr>),
    /// CONNECT was sent (what is left of it) and is to be answered.
    Tunnel(Vec<u8>, Box<Parser>),
    /// TLS handshake.
    Handshake,
    /// Ready for requests.
    Open,
}

/// Buffers of the engine that all connections read into.
#[derive(Default)]
pub(crate) struct Scratch {
    wire: Vec<u8>,
    plain: Vec<u8>,
}

/// What a read gave.
pub(crate) enum Read<'a> {
    /// Bytes (none, if it was TLS's own business); whether there may be more.
    Bytes(&'a [u8], bool),
    Blocked,
    End,
}

/// See the file's comment.
pub(crate) struct Connection {
    pub(crate) socket: Socket,
    pub(crate) tls: Option<Box<ClientConnection>>,
    pub(crate) stage: Stage,
    pub(crate) pool: Key<Pool>,
    /// Index of its origin in the pool.
    pub(crate) site: usize,
    pub(crate) request: Option<Key<Request>>,
    /// Requests that were answered completely.
    pub(crate) served: u32,
    /// Whether the poller has reported the peer's end, which it does only once: read until it comes.
    pub(crate) hangup: bool,
    /// When it counts as dead, unless something moves; 0: never.
    pub(crate) deadline: u64,
    /// Its entry among the engine's deadlines; 0: none.
    pub(crate) entry: u64,
    pub(crate) peer: SocketAddr,
    pub(crate) local: Option<SocketAddr>,
}

impl Connection {
    /// Writes what fits of `bytes`; 0 if nothing does.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let Some(tls) = &mut self.tls else {
            return blocked_is_zero(self.socket.send(bytes));
        };
        if tls.wants_write() {
            flush(tls, &self.socket)?;
            if tls.wants_write() {
                return Ok(0);
            }
        }
        let taken = tls
            .writer()
            .write(&bytes[..bytes.len().min(TLS_WRITE_SIZE)])?;
        flush(tls, &self.socket)?;
        Ok(taken)
    }

    /// Sends what TLS has buffered; whether that is everything.
    pub(crate) fn flush(&mut self) -> Result<bool, Error> {
        let Some(tls) = &mut self.tls else {
            return Ok(true);
        };
        flush(tls, &self.socket)?;
        Ok(!tls.wants_write())
    }

    /// Reads once.
    pub(crate) fn read<'s>(&mut self, scratch: &'s mut Scratch) -> Result<Read<'s>, Error> {
        if scratch.wire.is_empty() {
            scratch.wire = vec![0; READ_SIZE];
        }
        let count = match self.socket.recv(&mut scratch.wire) {
            Ok(0) => return Ok(Read::End),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Read::Blocked),
            Err(error) => return Err(error.into()),
        };
        let full = count == READ_SIZE;
        let Some(tls) = &mut self.tls else {
            return Ok(Read::Bytes(&scratch.wire[..count], full));
        };
        scratch.plain.clear();
        let decrypted = decrypt(tls, &scratch.wire[..count], &mut scratch.plain);
        if decrypted.is_err() {
            // The alert that tells the server why.
            let _ = flush(tls, &self.socket);
        }
        let ended = decrypted?;
        if tls.wants_write() {
            flush(tls, &self.socket)?;
        }
        if ended && scratch.plain.is_empty() {
            return Ok(Read::End);
        }
        Ok(Read::Bytes(&scratch.plain, full || ended))
    }
}

/// Feeds `wire` to TLS and appends what it decrypts to `plain`; true if the peer closed properly.
fn decrypt(
    tls: &mut ClientConnection,
    mut wire: &[u8],
    plain: &mut Vec<u8>,
) -> Result<bool, Error> {
    let mut ended = false;
    while !wire.is_empty() && !ended {
        if tls.read_tls(&mut wire)? == 0 {
            return Ok(true);
        }
        let state = tls.process_new_packets().map_err(|error| {
            let (about_certificate, message) = tls::describe(&error);
            if about_certificate {
                Error::Certificate(message)
            } else if tls::is_refusal(&error) {
                Error::TlsRefused(message)
            } else {
                Error::Tls(message)
            }
        })?;
        ended = state.peer_has_closed();
        let from = plain.len();
        plain.resize(from + state.plaintext_bytes_to_read(), 0);
        if plain.len() > from {
            tls.reader().read_exact(&mut plain[from..])?;
        }
    }
    Ok(ended)
}

fn flush(tls: &mut ClientConnection, socket: &Socket) -> Result<(), Error> {
    struct Wire<'a>(&'a Socket);
    impl io::Write for Wire<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    while tls.wants_write() {
        match tls.write_tls(&mut Wire(socket)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn blocked_is_zero(result: io::Result<usize>) -> Result<usize, Error> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
        other => Ok(other?),
    }
}
