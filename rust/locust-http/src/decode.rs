//! Content codings: gzip, deflate (zlib and raw), br and zstd, decoded incrementally. No I/O.
//!
//! A decoder writes into its caller's buffer and stops at a limit, so that a few kilobytes that
//! expand to terabytes (a "bomb") fail their request and not the process.

use std::fmt;

use self::brotli::BrotliLayer;
use self::inflate::{DeflateLayer, GzipLayer};
use self::zstd::ZstdLayer;

mod brotli;
mod inflate;
mod zstd;

/// Bytes that a decoded body may have unless told otherwise.
pub const DEFAULT_LIMIT: usize = 256 * 1024 * 1024;
/// Most codings of one body; more are an attack or a mistake.
const MAX_LAYERS: usize = 4;

/// One content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `gzip`, `x-gzip`
    Gzip,
    /// `deflate`: zlib, or bare deflate as some servers send it
    Deflate,
    /// `br`
    Brotli,
    /// `zstd`
    Zstd,
    /// One that is left as it is.
    Unknown,
}

impl Encoding {
    /// The coding of that name; None for `identity`.
    pub fn named(token: &[u8]) -> Option<Self> {
        match token.to_ascii_lowercase().as_slice() {
            b"identity" => None,
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            b"zstd" => Some(Self::Zstd),
            _ => Some(Self::Unknown),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a body could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are not of this coding; the text says what is wrong with them.
    Invalid(&'static str, String),
    /// The coding's end is missing.
    Truncated(&'static str),
    /// The decoded body would be larger than this many bytes.
    TooLarge(usize),
    /// More codings than the limit.
    TooManyCodings(usize),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(name, detail) => write!(f, "the body is not valid {name}: {detail}"),
            Self::Truncated(name) => write!(f, "the {name} body ends too early"),
            Self::TooLarge(limit) => write!(f, "the decoded body exceeds {limit} bytes"),
            Self::TooManyCodings(count) => write!(f, "the body has {count} content codings"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Where decoded bytes go: a buffer that refuses to grow past its limit.
pub(crate) struct Sink<'a> {
    pub(crate) bytes: &'a mut Vec<u8>,
    pub(crate) limit: usize,
}

impl Sink<'_> {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        if bytes.len() > self.limit {
            return Err(DecodeError::TooLarge(self.limit));
        }
        self.limit -= bytes.len();
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

enum Layer {
    Gzip(Box<GzipLayer>),
    Deflate(Box<DeflateLayer>),
    Brotli(Box<BrotliLayer>),
    Zstd(Box<ZstdLayer>),
}

impl Layer {
    fn new(encoding: Encoding) -> Option<Self> {
        Some(match encoding {
            Encoding::Gzip => Layer::Gzip(Box::default()),
            Encoding::Deflate => Layer::Deflate(Box::default()),
            Encoding::Brotli => Layer::Brotli(Box::default()),
            Encoding::Zstd => Layer::Zstd(Box::default()),
            Encoding::Unknown => return None,
        })
    }

    fn feed(&mut self, input: &[u8], sink: &mut Sink<'_>) -> Result<(), DecodeError> {
        match self {
            Layer::Gzip(layer) => layer.feed(input, sink),
            Layer::Deflate(layer) => layer.feed(input, sink),
            Layer::Brotli(layer) => layer.feed(input, sink),
            Layer::Zstd(layer) => layer.feed(input, sink),
        }
    }

    fn is_complete(&self) -> bool {
        match self {
            Layer::Gzip(layer) => layer.is_complete(),
            Layer::Deflate(layer) => layer.is_complete(),
            Layer::Brotli(layer) => layer.is_complete(),
            Layer::Zstd(layer) => layer.is_complete(),
        }
    }
}

/// Decoder of one body.
pub struct Decoder {
    /// The coding that was applied last comes first.
    layers: Vec<(Encoding, Layer)>,
    limit: usize,
    left: usize,
    fed: bool,
}

impl Decoder {
    /// A decoder of at most `limit` bytes; None if the body is to be taken as it is (no coding, or
    /// one that is not known).
    ///
    /// # Errors
    /// Too many codings.
    pub fn new(encodings: &[Encoding], limit: usize) -> Result<Option<Self>, DecodeError> {
        if encodings.is_empty() {
            return Ok(None);
        }
        if encodings.len() > MAX_LAYERS {
            return Err(DecodeError::TooManyCodings(encodings.len()));
        }
        let layers: Option<Vec<_>> = encodings
            .iter()
            .rev()
            .map(|encoding| Layer::new(*encoding).map(|layer| (*encoding, layer)))
            .collect();
        Ok(layers.map(|layers| Self {
            layers,
            limit,
            left: limit,
            fed: false,
        }))
    }

    /// Decodes `input` and appends to `output`.
    ///
    /// # Errors
    /// Invalid bytes, or the limit is passed; the decoder is of no further use.
    pub fn feed(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<(), DecodeError> {
        self.fed |= !input.is_empty();
        let count = self.layers.len();
        let mut current: Option<Vec<u8>> = None;
        for (index, (_, layer)) in self.layers.iter_mut().enumerate() {
            let source = current.as_deref().unwrap_or(input);
            if index + 1 == count {
                let before = output.len();
                let mut sink = Sink {
                    bytes: output,
                    limit: self.left,
                };
                let result = layer.feed(source, &mut sink);
                self.left -= output.len() - before;
                return result.map_err(|error| self.with_limit(error));
            }
            let mut between = Vec::new();
            let mut sink = Sink {
                bytes: &mut between,
                limit: self.limit,
            };
            layer.feed(source, &mut sink)?;
            current = Some(between);
        }
        Ok(())
    }

    /// The body is complete.
    ///
    /// # Errors
    /// A coding's end is missing. An empty body is not an error.
    pub fn finish(&self) -> Result<(), DecodeError> {
        if !self.fed {
            return Ok(());
        }
        match self.layers.iter().find(|(_, layer)| !layer.is_complete()) {
            Some((encoding, _)) => Err(DecodeError::Truncated(encoding.name())),
            None => Ok(()),
        }
    }

    fn with_limit(&self, error: DecodeError) -> DecodeError {
        match error {
            DecodeError::TooLarge(_) => DecodeError::TooLarge(self.limit),
            other => other,
        }
    }
}

/// Removes `encodings` from a whole body of at most `limit` decoded bytes.
///
/// # Errors
/// As [`Decoder::feed`] and [`Decoder::finish`].
pub fn decode(encodings: &[Encoding], body: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    let Some(mut decoder) = Decoder::new(encodings, limit)? else {
        return Ok(body.to_vec());
    };
    let mut output = Vec::with_capacity(body.len().saturating_mul(3).min(limit));
    decoder.feed(body, &mut output)?;
    decoder.finish()?;
    Ok(output)
}
