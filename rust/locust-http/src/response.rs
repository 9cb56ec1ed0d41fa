//! A response, put together from bytes as they arrive. No I/O.

use crate::buffers;
use crate::chunked::Chunked;
use crate::decode::{self, DecodeError};
use crate::error::ProtocolError;
use crate::head::{self, Framing, Head, Lengths};

/// Most interim (1xx) responses before the final one.
pub const MAX_INTERIM: usize = 64;
/// Up to this length an incomplete header is parsed again with every piece, so that a response that is
/// not HTTP fails at once; beyond it only when its end is there, so that trickling bytes stay cheap.
const EAGER: usize = 4 * 1024;
/// Memory taken at once for an announced body; more is taken as it arrives.
const FIRST_ALLOCATION: u64 = 1024 * 1024;

enum Stage {
    Header,
    Length(u64),
    Chunked(Chunked),
    UntilClose,
    Done,
}

/// Parser of one response, interim responses included.
pub struct Parser {
    answers_head: bool,
    lengths: Lengths,
    framed: bool,
    stage: Stage,
    /// An incomplete header, and how much of it was searched for its end.
    partial: Vec<u8>,
    searched: usize,
    interim: usize,
    received: u64,
    head: Option<Head>,
    /// The header as it came, then the body without transfer coding.
    bytes: Vec<u8>,
    extra: usize,
}

impl Parser {
    /// A parser for the answer to one request; `answers_head`: its method is HEAD.
    pub fn new(answers_head: bool, lengths: Lengths) -> Self {
        Self {
            answers_head,
            lengths,
            framed: false,
            stage: Stage::Header,
            partial: Vec::new(),
            searched: 0,
            interim: 0,
            received: 0,
            head: None,
            bytes: Vec::new(),
            extra: 0,
        }
    }

    /// Leaves the chunks of the body framed as they came. A malformed frame is not an error then: what follows it is
    /// handed over up to the end of the connection, for the reader to judge.
    #[must_use]
    pub fn keep_frames(mut self, framed: bool) -> Self {
        self.framed = framed;
        self
    }

    /// Bytes that were fed.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The final response's header, once it is complete.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// Whether the response is complete.
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Whether the connection may serve another request: the response is complete, both sides want
    /// it, and nothing came after it.
    pub fn is_reusable(&self) -> bool {
        self.is_done() && self.extra == 0 && self.head.as_ref().is_some_and(|head| head.keep_alive)
    }

    /// Takes in bytes from the connection.
    ///
    /// # Errors
    /// The bytes are not an HTTP/1.x response or pass a limit; the parser cannot be used any more.
    pub fn feed(&mut self, input: &[u8]) -> Result<(), ProtocolError> {
        self.received += input.len() as u64;
        if matches!(self.stage, Stage::Header) && !self.partial.is_empty() {
            self.partial.extend_from_slice(input);
            let from = self.searched.saturating_sub(3);
            self.searched = self.partial.len();
            if self.partial.len() > EAGER && !has_header_end(&self.partial[from..]) {
                return self.check_header_length(self.partial.len());
            }
            let whole = std::mem::take(&mut self.partial);
            return self.advance(&whole);
        }
        self.advance(input)
    }

    /// The connection was closed by the server: true if that completes the response.
    pub fn end(&mut self) -> bool {
        if matches!(self.stage, Stage::UntilClose) {
            self.stage = Stage::Done;
        }
        self.is_done()
    }

    /// The body so far; the parser forgets it. For streams, after [`Parser::take_response`].
    pub fn take_body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Puts body bytes back that were taken with the header.
    #[cfg(unix)]
    pub(crate) fn put_back(&mut self, body: Vec<u8>) {
        debug_assert!(self.bytes.is_empty(), "nothing was fed in between");
        self.bytes = body;
    }

    /// Whether body bytes are waiting to be taken.
    pub fn has_body(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// The final response with the body so far; None before its header is complete. What follows
    /// is left to [`Parser::take_body`].
    pub fn take_response(&mut self) -> Option<Response> {
        let head = self.head.clone()?;
        let bytes = std::mem::take(&mut self.bytes);
        Some(Response { head, bytes })
    }

    fn advance(&mut self, mut input: &[u8]) -> Result<(), ProtocolError> {
        while matches!(self.stage, Stage::Header) {
            if input.is_empty() {
                return Ok(());
            }
            let Some(head) = head::parse(input, self.answers_head, self.lengths)? else {
                self.partial = input.to_vec();
                self.searched = input.len();
                return self.check_header_length(input.len());
            };
            self.check_header_length(head.length)?;
            let (raw, rest) = input.split_at(head.length);
            input = rest;
            if head.status < 200 && head.status != 101 {
                self.interim += 1;
                if self.interim > MAX_INTERIM {
                    return Err(ProtocolError::TooManyInterim(MAX_INTERIM));
                }
                continue;
            }
            self.begin_body(head, raw);
        }
        self.read_body(input)
    }

    fn begin_body(&mut self, head: Head, raw: &[u8]) {
        let announced = match head.framing {
            Framing::Length(length) => length.min(FIRST_ALLOCATION) as usize,
            _ => 0,
        };
        self.bytes = buffers::take(raw.len() + announced);
        self.bytes.extend_from_slice(raw);
        self.stage = match head.framing {
            Framing::Empty | Framing::Length(0) => Stage::Done,
            Framing::Length(length) => Stage::Length(length),
            Framing::Chunked => Stage::Chunked(Chunked::default()),
            Framing::UntilClose => Stage::UntilClose,
        };
        self.head = Some(head);
    }

    fn read_body(&mut self, input: &[u8]) -> Result<(), ProtocolError> {
        let used = match &mut self.stage {
            Stage::Header => return Ok(()),
            Stage::Done => 0,
            Stage::UntilClose => {
                self.bytes.extend_from_slice(input);
                input.len()
            }
            Stage::Length(left) => {
                let count = input
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                self.bytes.extend_from_slice(&input[..count]);
                *left -= count as u64;
                if *left == 0 {
                    self.stage = Stage::Done;
                }
                count
            }
            Stage::Chunked(decoder) if self.framed => {
                let followed = decoder.follow(input);
                let used = followed.as_ref().map_or(input.len(), |used| *used);
                self.bytes.extend_from_slice(&input[..used]);
                if followed.is_err() {
                    self.stage = Stage::UntilClose;
                    if let Some(head) = &mut self.head {
                        head.keep_alive = false;
                    }
                } else if decoder.is_done() {
                    self.stage = Stage::Done;
                }
                used
            }
            Stage::Chunked(decoder) => {
                let used = decoder.feed(input, &mut self.bytes)?;
                if decoder.is_done() {
                    self.stage = Stage::Done;
                }
                used
            }
        };
        self.extra += input.len() - used;
        Ok(())
    }

    fn check_header_length(&self, length: usize) -> Result<(), ProtocolError> {
        if length > head::MAX_HEADER_BYTES {
            return Err(ProtocolError::HeaderTooLong(head::MAX_HEADER_BYTES));
        }
        Ok(())
    }
}

/// Whether a blank line ends somewhere in `bytes`.
fn has_header_end(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', bytes).any(|at| {
        let after = &bytes[at + 1..];
        after.first() == Some(&b'\n') || after.starts_with(b"\r\n")
    })
}

/// A response: its header as it came, its body without transfer coding.
#[derive(Clone, Debug)]
pub struct Response {
    /// What the header says.
    pub head: Head,
    bytes: Vec<u8>,
}

impl Drop for Response {
    fn drop(&mut self) {
        buffers::give(std::mem::take(&mut self.bytes));
    }
}

impl Response {
    /// The header's bytes.
    pub fn raw_head(&self) -> &[u8] {
        &self.bytes[..self.head.length]
    }

    /// The body as it was sent, content coding included.
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.head.length..]
    }

    /// Takes the body out; the header remains.
    pub fn split_body(&mut self) -> Vec<u8> {
        self.bytes.split_off(self.head.length)
    }

    /// Appends to the body (streams that are read to their end).
    pub fn extend_body(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether the body has a content coding that [`Response::decoded`] removes.
    pub fn is_encoded(&self) -> bool {
        !self.head.encodings.is_empty() && !self.body().is_empty()
    }

    /// The body without its content codings.
    ///
    /// # Errors
    /// The body is not what its header says, or would be larger than `limit` bytes.
    pub fn decoded(&self, limit: usize) -> Result<Vec<u8>, DecodeError> {
        decode::decode(&self.head.encodings, self.body(), limit)
    }
}
