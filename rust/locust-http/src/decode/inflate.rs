//! gzip (several members, trailing garbage ignored) and deflate (zlib or bare).

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{DecodeError, Sink};

const STEP: usize = 32 * 1024;
/// A gzip header may hold a file name and a comment of any length.
const MAX_HEADER: usize = 128 * 1024;

/// Runs `inflate` over `input` until it is used up or the stream ends; returns the bytes used and
/// whether the stream ended. Hands each piece of output to `each` before it goes to the sink.
fn run(
    inflate: &mut Decompress,
    input: &[u8],
    sink: &mut Sink<'_>,
    name: &'static str,
    mut each: impl FnMut(&[u8]),
) -> Result<(usize, bool), DecodeError> {
    let mut used = 0;
    let mut piece = vec![0; STEP.min(input.len().saturating_mul(8).max(256))];
    loop {
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate
            .decompress(&input[used..], &mut piece, FlushDecompress::None)
            .map_err(|error| DecodeError::Invalid(name, error.to_string()))?;
        used += (inflate.total_in() - before_in) as usize;
        let made = (inflate.total_out() - before_out) as usize;
        each(&piece[..made]);
        sink.write(&piece[..made])?;
        match status {
            Status::StreamEnd => return Ok((used, true)),
            // Full output may hide more; anything else means that input is missing.
            _ if made == piece.len() => {}
            _ => return Ok((used, false)),
        }
    }
}

enum GzipState {
    /// Bytes of the member's header so far.
    Header(Vec<u8>),
    Body,
    /// Bytes of the check sum and length so far.
    Trailer(Vec<u8>),
    /// What follows is not another member; it is ignored.
    Garbage,
}

/// Decoder of `gzip`.
pub(super) struct GzipLayer {
    state: GzipState,
    inflate: Decompress,
    crc: Crc,
    members: usize,
}

impl Default for GzipLayer {
    fn default() -> Self {
        Self {
            state: GzipState::Header(Vec::new()),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            members: 0,
        }
    }
}

impl GzipLayer {
    pub(super) fn is_complete(&self) -> bool {
        match &self.state {
            GzipState::Header(bytes) => self.members > 0 && bytes.len() < 10,
            GzipState::Garbage => true,
            _ => false,
        }
    }

    pub(super) fn feed(
        &mut self,
        mut input: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), DecodeError> {
        while !input.is_empty() {
            match &mut self.state {
                GzipState::Garbage => return Ok(()),
                GzipState::Header(bytes) => {
                    let before = bytes.len();
                    bytes.extend_from_slice(input);
                    match header_length(bytes) {
                        Ok(None) if bytes.len() > MAX_HEADER => {
                            let detail = "its header is too long".to_owned();
                            return Err(DecodeError::Invalid("gzip", detail));
                        }
                        Ok(None) => return Ok(()),
                        Ok(Some(length)) => {
                            input = &input[length - before..];
                            self.state = GzipState::Body;
                        }
                        Err(_) if self.members > 0 => self.state = GzipState::Garbage,
                        Err(detail) => {
                            return Err(DecodeError::Invalid("gzip", detail.to_owned()));
                        }
                    }
                }
                GzipState::Body => {
                    let crc = &mut self.crc;
                    let (used, ended) = run(&mut self.inflate, input, sink, "gzip", |piece| {
                        crc.update(piece)
                    })?;
                    input = &input[used..];
                    if !ended {
                        return Ok(());
                    }
                    self.state = GzipState::Trailer(Vec::with_capacity(8));
                }
                GzipState::Trailer(bytes) => {
                    let take = input.len().min(8 - bytes.len());
                    bytes.extend_from_slice(&input[..take]);
                    input = &input[take..];
                    if bytes.len() == 8 {
                        let expected = [
                            self.crc.sum().to_le_bytes(),
                            self.crc.amount().to_le_bytes(),
                        ];
                        if bytes[..] != expected.concat()[..] {
                            let detail = "its check sum or length is wrong".to_owned();
                            return Err(DecodeError::Invalid("gzip", detail));
                        }
                        self.next_member();
                    }
                }
            }
        }
        Ok(())
    }

    fn next_member(&mut self) {
        self.members += 1;
        self.inflate.reset(false);
        self.crc.reset();
        self.state = GzipState::Header(Vec::new());
    }
}

/// The length of a gzip member's header (RFC 1952, 2.3); None if it is not complete.
fn header_length(bytes: &[u8]) -> Result<Option<usize>, &'static str> {
    let magic = [0x1f, 0x8b, 8];
    let known = bytes.len().min(3);
    if bytes[..known] != magic[..known] {
        return Err("it does not begin like one");
    }
    let Some(flags) = bytes.get(3).copied() else {
        return Ok(None);
    };
    let mut at = 10;
    if flags & 0x04 != 0 {
        let Some(size) = bytes.get(at..at + 2) else {
            return Ok(None);
        };
        at += 2 + usize::from(u16::from_le_bytes([size[0], size[1]]));
    }
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let Some(rest) = bytes.get(at..) else {
                return Ok(None);
            };
            let Some(end) = memchr::memchr(0, rest) else {
                return Ok(None);
            };
            at += end + 1;
        }
    }
    if flags & 0x02 != 0 {
        at += 2;
    }
    Ok((at <= bytes.len()).then_some(at))
}

/// Decoder of `deflate`: the first two bytes tell zlib from bare deflate.
#[derive(Default)]
pub(super) struct DeflateLayer {
    start: Vec<u8>,
    inflate: Option<Decompress>,
    ended: bool,
}

impl DeflateLayer {
    pub(super) fn is_complete(&self) -> bool {
        self.ended
    }

    pub(super) fn feed(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<(), DecodeError> {
        if self.ended {
            return Ok(());
        }
        if let Some(inflate) = &mut self.inflate {
            self.ended = run(inflate, input, sink, "deflate", |_| ())?.1;
            return Ok(());
        }
        self.start.extend_from_slice(input);
        let [first, second, ..] = self.start[..] else {
            return Ok(());
        };
        let zlib = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0;
        let start = std::mem::take(&mut self.start);
        let inflate = self.inflate.insert(Decompress::new(zlib));
        self.ended = run(inflate, &start, sink, "deflate", |_| ())?.1;
        Ok(())
    }
}
