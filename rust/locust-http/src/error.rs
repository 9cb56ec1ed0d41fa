//! What can go wrong with a request: one enum, one message each, and the phase in which it happened.

use std::fmt;
use std::io;

/// The part of a request's life in which it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for a connection of the pool.
    Queue,
    /// TCP connect.
    Connect,
    /// Asking a proxy for a tunnel.
    Proxy,
    /// TLS handshake.
    Tls,
    /// Writing the request.
    Send,
    /// Waiting for the response or reading it.
    Receive,
}

impl Phase {
    /// The phase's name as exceptions carry it.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Queue => "queue",
            Phase::Connect => "connect",
            Phase::Proxy => "proxy",
            Phase::Tls => "tls",
            Phase::Send => "send",
            Phase::Receive => "receive",
        }
    }
}

/// Why a request failed.
#[derive(Debug)]
pub enum Error {
    /// A system call failed; the system's error number is in it.
    Io(io::Error),
    /// Connecting (or the TLS handshake) took longer than allowed, in nanoseconds.
    ConnectTimeout(u64),
    /// No byte moved for as long as allowed, in nanoseconds.
    NetworkTimeout(u64),
    /// The server closed the connection; the number says how many bytes of the response had arrived.
    Closed(u64),
    /// The response is not HTTP/1.x, contradicts itself or passes a limit.
    Protocol(ProtocolError),
    /// TLS failed.
    Tls(String),
    /// The server refused the handshake, or the client's certificate, by an alert.
    TlsRefused(String),
    /// The server's certificate was refused.
    Certificate(String),
    /// The proxy answered CONNECT with this status.
    Proxy(u16, String),
    /// The engine was closed while the request was in flight.
    EngineClosed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io(error) => error.fmt(f),
            Error::ConnectTimeout(ns) => {
                write!(f, "no connection within {} s", seconds(*ns))
            }
            Error::NetworkTimeout(ns) => {
                write!(f, "the server sent nothing for {} s", seconds(*ns))
            }
            Error::Closed(0) => {
                f.write_str("the server closed the connection without sending a response")
            }
            Error::Closed(received) => write!(
                f,
                "the server closed the connection in the middle of its response, after {received} bytes"
            ),
            Error::Protocol(error) => error.fmt(f),
            Error::Tls(message) | Error::TlsRefused(message) => write!(f, "TLS failed: {message}"),
            Error::Certificate(message) => {
                write!(f, "the server's certificate was refused: {message}")
            }
            Error::Proxy(status, reason) => {
                write!(f, "the proxy refused the tunnel: {status} {reason}")
            }
            Error::EngineClosed => {
                f.write_str("the engine was closed while the request was running")
            }
        }
    }
}

impl std::error::Error for Error {}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

/// How a response breaks HTTP/1.x or a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The response does not begin with an HTTP/1.x status line; the text is what it begins with.
    StatusLine(String),
    /// The header cannot be parsed; the text is the parser's.
    Header(String),
    /// The header is longer than the limit in bytes.
    HeaderTooLong(usize),
    /// More header lines than the limit.
    TooManyHeaders(usize),
    /// More interim (1xx) responses than the limit.
    TooManyInterim(usize),
    /// A Content-Length that is not a number.
    BadLength(String),
    /// Several Content-Lengths that differ.
    ConflictingLengths(u64, u64),
    /// A chunk size that is not a hexadecimal number, or too large.
    BadChunkSize,
    /// A chunk is not followed by a line end.
    BadChunkEnd,
    /// Chunk extensions or trailers are longer than the limit in bytes.
    TrailerTooLong(usize),
    /// The server sent bytes that no request asked for.
    Unexpected,
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatusLine(line) => {
                let line = line.trim_end();
                write!(
                    f,
                    "the response does not begin with an HTTP/1.x status line but with {line:?}"
                )
            }
            Self::Header(detail) => {
                write!(
                    f,
                    "the response's header is not a valid HTTP/1.x header: {detail}"
                )
            }
            Self::HeaderTooLong(limit) => write!(f, "the response's header exceeds {limit} bytes"),
            Self::TooManyHeaders(limit) => {
                write!(f, "the response has more than {limit} header lines")
            }
            Self::TooManyInterim(limit) => {
                write!(
                    f,
                    "more than {limit} interim (1xx) responses before the real one"
                )
            }
            Self::BadLength(value) => write!(f, "Content-Length is not a number: {value:?}"),
            Self::ConflictingLengths(a, b) => {
                write!(
                    f,
                    "the response has conflicting Content-Lengths: {a} and {b}"
                )
            }
            Self::BadChunkSize => f.write_str("a chunk of the body has no valid size"),
            Self::BadChunkEnd => f.write_str("a chunk of the body is not followed by a line end"),
            Self::TrailerTooLong(limit) => {
                write!(f, "chunk extensions or trailers exceed {limit} bytes")
            }
            Self::Unexpected => f.write_str("the server sent bytes that belong to no request"),
        }
    }
}

impl std::error::Error for ProtocolError {}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Error::Protocol(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}
