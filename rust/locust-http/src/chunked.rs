//! The chunked transfer coding, decoded incrementally. No I/O.
//!
//! Lenient where servers are sloppy and it is harmless (bare LF, blanks after a size), strict where
//! leniency could swallow or invent body bytes (sizes, the line end after a chunk).

use crate::error::ProtocolError;

/// Most bytes of chunk extensions between two chunks, and of trailers altogether.
pub const MAX_TRAILER_BYTES: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Hexadecimal digits of a size; the number of digits so far.
    Size(u8),
    /// Blanks or an extension after the size, up to LF.
    Extension,
    /// Bytes of the chunk that are still to come.
    Bytes(u64),
    /// The CR (or LF) after a chunk.
    End,
    /// The LF after the CR.
    EndLf,
    /// At the start of a trailer line.
    TrailerStart,
    /// After a CR at the start of a trailer line.
    TrailerCr,
    /// Inside a trailer line.
    Trailer,
    Done,
}

/// Decoder of one chunked body.
#[derive(Clone, Debug)]
pub struct Chunked {
    state: State,
    size: u64,
    skipped: usize,
}

impl Default for Chunked {
    fn default() -> Self {
        Self {
            state: State::Size(0),
            size: 0,
            skipped: 0,
        }
    }
}

impl Chunked {
    /// Whether the last chunk and the trailers are complete.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Decodes `input` and appends the body's bytes to `body`; returns how many bytes were used,
    /// fewer than given only when the body is done.
    ///
    /// # Errors
    /// A malformed size or line end, or too long extensions or trailers.
    pub fn feed(&mut self, input: &[u8], body: &mut Vec<u8>) -> Result<usize, ProtocolError> {
        self.run(input, |bytes| body.extend_from_slice(bytes))
    }

    /// As [`Chunked::feed`] for those who only want to know where the body ends.
    ///
    /// # Errors
    /// As there.
    pub fn follow(&mut self, input: &[u8]) -> Result<usize, ProtocolError> {
        self.run(input, |_| ())
    }

    fn run(&mut self, input: &[u8], mut take: impl FnMut(&[u8])) -> Result<usize, ProtocolError> {
        let mut position = 0;
        while position < input.len() && self.state != State::Done {
            if let State::Bytes(left) = self.state {
                let rest = &input[position..];
                let count = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                take(&rest[..count]);
                position += count;
                let left = left - count as u64;
                self.state = if left == 0 {
                    State::End
                } else {
                    State::Bytes(left)
                };
                continue;
            }
            self.step(input[position])?;
            position += 1;
        }
        Ok(position)
    }

    /// Advances over one byte that is not the body's.
    fn step(&mut self, byte: u8) -> Result<(), ProtocolError> {
        self.state = match self.state {
            State::Size(digits) => self.size_byte(byte, digits)?,
            State::Extension if byte == b'\n' => self.size_end(),
            State::Extension => {
                self.skip()?;
                State::Extension
            }
            State::End if byte == b'\r' => State::EndLf,
            State::End | State::EndLf if byte == b'\n' => State::Size(0),
            State::End | State::EndLf => return Err(ProtocolError::BadChunkEnd),
            State::TrailerStart if byte == b'\n' => State::Done,
            State::TrailerStart if byte == b'\r' => State::TrailerCr,
            State::TrailerCr if byte == b'\n' => State::Done,
            State::Trailer if byte == b'\n' => State::TrailerStart,
            State::TrailerStart | State::TrailerCr | State::Trailer => {
                self.skip()?;
                State::Trailer
            }
            State::Bytes(_) | State::Done => unreachable!("handled by `feed`"),
        };
        Ok(())
    }

    fn size_byte(&mut self, byte: u8, digits: u8) -> Result<State, ProtocolError> {
        if let Some(digit) = (byte as char).to_digit(16) {
            // Fifteen digits leave room for any length that fits into 60 bits.
            if digits == 15 {
                return Err(ProtocolError::BadChunkSize);
            }
            self.size = (self.size << 4) | u64::from(digit);
            return Ok(State::Size(digits + 1));
        }
        match byte {
            _ if digits == 0 => Err(ProtocolError::BadChunkSize),
            b'\n' => Ok(self.size_end()),
            b'\r' | b';' | b' ' | b'\t' => Ok(State::Extension),
            _ => Err(ProtocolError::BadChunkSize),
        }
    }

    fn size_end(&mut self) -> State {
        let size = std::mem::take(&mut self.size);
        self.skipped = 0;
        if size == 0 {
            State::TrailerStart
        } else {
            State::Bytes(size)
        }
    }

    fn skip(&mut self) -> Result<(), ProtocolError> {
        self.skipped += 1;
        if self.skipped > MAX_TRAILER_BYTES {
            return Err(ProtocolError::TrailerTooLong(MAX_TRAILER_BYTES));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(input: &[u8]) -> Result<(Vec<u8>, usize, bool), ProtocolError> {
        let mut decoder = Chunked::default();
        let mut body = Vec::new();
        let used = decoder.feed(input, &mut body)?;
        Ok((body, used, decoder.is_done()))
    }

    #[test]
    fn chunks_are_joined_and_trailers_skipped() {
        let input = b"5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\nA: b\r\nC: d\r\n\r\nmore";
        let (body, used, done) = decode(input).expect("valid");
        assert_eq!(body, b"hello world");
        assert_eq!(used, input.len() - 4);
        assert!(done);
    }

    #[test]
    fn bare_line_feeds_and_blanks_after_the_size_are_accepted() {
        let (body, _, done) = decode(b"3 \nabc\n0\n\n").expect("valid");
        assert_eq!(body, b"abc");
        assert!(done);
    }

    #[test]
    fn malformed_bodies_are_refused() {
        for (input, error) in [
            (&b"\r\nabc"[..], ProtocolError::BadChunkSize),
            (b"x\r\n", ProtocolError::BadChunkSize),
            (b"-1\r\n", ProtocolError::BadChunkSize),
            (b"5x\r\n", ProtocolError::BadChunkSize),
            (b"1234567890abcdef\r\n", ProtocolError::BadChunkSize),
            (b"1\r\nab\r\n", ProtocolError::BadChunkEnd),
            (b"1\r\na\rb", ProtocolError::BadChunkEnd),
        ] {
            assert_eq!(decode(input).expect_err("invalid"), error, "{input:?}");
        }
    }

    #[test]
    fn endless_extensions_and_trailers_are_refused() {
        let mut extension = b"1;".to_vec();
        extension.resize(MAX_TRAILER_BYTES + 10, b'x');
        let mut trailer = b"0\r\n".to_vec();
        trailer.resize(MAX_TRAILER_BYTES + 10, b'x');
        for input in [extension, trailer] {
            let error = decode(&input).expect_err("too long");
            assert_eq!(error, ProtocolError::TrailerTooLong(MAX_TRAILER_BYTES));
        }
    }
}
