//! A request: as it is submitted, while the engine has it, and how it ends.

use std::net::SocketAddr;

use super::PoolKey;
use crate::connection::Connection;
use crate::error::{Error, Phase};
use crate::head::Lengths;
use crate::response::{Parser, Response};
use crate::slab::Key;
use crate::timing::Timing;

/// A body that is there as a whole.
pub type Body = Box<dyn AsRef<[u8]>>;

/// A request as the caller submits it.
pub struct Submission {
    /// The pool whose connections it uses.
    pub pool: PoolKey,
    /// Index of the origin ([`Engine::site`]).
    pub site: usize,
    /// Head, and the body if it is small.
    pub head: Vec<u8>,
    /// The rest of the body.
    pub body: Option<Body>,
    /// Whether the body follows piece by piece ([`Step::Feed`]).
    pub upload: bool,
    /// Whether the method is HEAD.
    pub answers_head: bool,
    /// What a Content-Length of the response that is not a number means.
    pub lengths: Lengths,
    /// Whether it may be sent a second time.
    pub idempotent: bool,
    /// Whether it asks to close the connection.
    pub closes: bool,
    /// Whether it is done when the response's header is there.
    pub stream: bool,
    /// Whether the body keeps the framing of its chunks ([`Parser::keep_frames`]).
    pub framed: bool,
    /// Nanoseconds; 0: no limit.
    pub connect_timeout: u64,
    /// Nanoseconds; 0: no limit.
    pub network_timeout: u64,
    /// When it began ([`crate::clock`]).
    pub start: u64,
}

impl Submission {
    /// Whether it could not be sent again, so that its connection is checked before it is sent.
    pub(super) fn is_careful(&self) -> bool {
        !self.idempotent || self.upload
    }
}

/// What the caller has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Wait until [`Engine::pop_ready`](super::Engine::pop_ready) returns the request's token.
    Wait,
    /// Resolve [`Engine::connect_target`] and call [`Engine::connect`].
    Connect,
    /// Give the next piece of the body ([`Engine::feed`]), or its end ([`Engine::end_body`]).
    Feed,
    /// Take the result.
    Done,
}

/// Why and where a request failed.
#[derive(Debug)]
pub struct Failure {
    /// What happened.
    pub error: Error,
    /// During what.
    pub phase: Phase,
    /// What had arrived of the response, if its header was complete.
    pub partial: Option<Box<Response>>,
}

/// How a request ended.
pub struct Finished {
    /// The response (streams: without the body), or why there is none.
    pub result: Result<Response, Failure>,
    /// What is known beside it.
    pub facts: Facts,
}

/// What is known of a request beside its result.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// When its phases ended.
    pub timing: Timing,
    /// Whether its connection had served an earlier request.
    pub reused: bool,
    /// Whether it was sent a second time because the first connection was stale.
    pub retried: bool,
    /// Bytes of head and body that were handed to the connection.
    pub sent_bytes: u64,
    /// Bytes of the response that came, interim ones included; of a stream, with its header.
    pub received_bytes: u64,
    /// The other end.
    pub peer: Option<SocketAddr>,
    /// This end.
    pub local: Option<SocketAddr>,
    /// Whether the body is still to be read, by [`super::Engine::read_stream`] under the same key.
    pub streaming: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Waits for a connection of its pool.
    Queued,
    /// May make a connection; the addresses are needed.
    Granted,
    /// Its connection is being made.
    Connecting,
    /// On its connection.
    Active,
    /// Header delivered, body still on the connection.
    Streaming,
    /// Over; holds no connection.
    Done,
}

/// The pieces of a body that is sent while it is made.
#[derive(Default)]
pub(crate) struct Upload {
    pub(crate) piece: Vec<u8>,
    pub(crate) position: usize,
    /// Whether a piece was ever given: then nothing can be sent again.
    pub(crate) begun: bool,
    pub(crate) ended: bool,
}

/// A request in the engine.
pub struct Request {
    pub(crate) submission: Submission,
    pub(crate) progress: Progress,
    /// Token of the caller that waits; 0: none.
    pub(crate) waiter: usize,
    /// Whether it is in the ready list.
    pub(crate) listed: bool,
    pub(crate) connection: Option<Key<Connection>>,
    /// Bytes of head and body that were sent.
    pub(crate) sent: usize,
    pub(crate) upload: Option<Upload>,
    pub(crate) parser: Parser,
    pub(crate) facts: Facts,
    pub(crate) result: Option<Result<Response, Failure>>,
}

impl Request {
    pub(super) fn new(submission: Submission) -> Self {
        Self {
            progress: Progress::Queued,
            waiter: 0,
            listed: false,
            connection: None,
            sent: 0,
            upload: submission.upload.then(Upload::default),
            parser: Parser::new(submission.answers_head, submission.lengths)
                .keep_frames(submission.framed),
            facts: Facts {
                timing: Timing {
                    start: submission.start,
                    ..Timing::default()
                },
                ..Facts::default()
            },
            result: None,
            submission,
        }
    }

    /// Whether every byte of the request was handed to the system.
    pub(crate) fn is_sent(&self) -> bool {
        self.facts.timing.sent != 0
    }
}
