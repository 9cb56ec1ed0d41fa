//! Looks a received message over before anything is allocated for it.
//!
//! A message is the msgpack array `[type, data, node_id]`. The scan walks its bytes once, without
//! recursion and without memory: a decoder that runs afterwards meets no length that the bytes do not
//! back, no nesting beyond the limit, and no surprise after the end.

use std::ops::Range;

/// Nesting that no sensible message reaches, and far below what a decoder's stack bears.
pub const MAX_DEPTH: usize = 64;

/// Why a message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopeError {
    /// The bytes end before the message does, or a length promises more than there is.
    Truncated,
    /// Bytes follow the message.
    TrailingBytes(usize),
    /// Containers nest deeper than [`MAX_DEPTH`].
    TooDeep,
    /// More elements than the caller allows.
    TooManyElements(usize),
    /// A byte that msgpack never uses.
    ReservedByte,
    /// Not an array of three.
    NotATriple,
    /// The type is not a UTF-8 string.
    BadType,
    /// The node's id is neither a UTF-8 string nor nil.
    BadNodeId,
}

impl std::fmt::Display for EnvelopeError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => write!(
                formatter,
                "it ends too early, or announces more than it holds"
            ),
            Self::TrailingBytes(count) => write!(formatter, "{count} bytes follow its end"),
            Self::TooDeep => write!(formatter, "it nests deeper than {MAX_DEPTH} levels"),
            Self::TooManyElements(limit) => write!(formatter, "it has more than {limit} elements"),
            Self::ReservedByte => write!(formatter, "it is not msgpack"),
            Self::NotATriple => write!(formatter, "it is not an array [type, data, node_id]"),
            Self::BadType => write!(formatter, "its type is not a string"),
            Self::BadNodeId => write!(formatter, "its node_id is not a string"),
        }
    }
}

impl std::error::Error for EnvelopeError {}

/// A message's parts, borrowed from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// `"stats"`, `"heartbeat"`, …
    pub kind: &'a str,
    /// Where the packed data stands.
    pub data: Range<usize>,
    /// The sender or the receiver; absent where it was nil.
    pub node_id: Option<&'a str>,
}

/// Checks `message` and finds its parts.
///
/// # Errors
/// An [`EnvelopeError`] that says what is wrong. Cost: one pass over the bytes, no allocation.
pub fn open(message: &[u8], max_elements: usize) -> Result<Envelope<'_>, EnvelopeError> {
    if message.first() != Some(&0x93) {
        return Err(EnvelopeError::NotATriple);
    }
    let mut scan = Scan {
        bytes: message,
        at: 1,
        elements_left: max_elements,
        limit: max_elements,
    };
    let kind = scan.value(1)?;
    let data = scan.value(1)?;
    let node_id = scan.value(1)?;
    if scan.at != message.len() {
        return Err(EnvelopeError::TrailingBytes(message.len() - scan.at));
    }
    let kind = text(&message[kind]).ok_or(EnvelopeError::BadType)?;
    let node_id = match &message[node_id] {
        [0xc0] => None,
        bytes => Some(text(bytes).ok_or(EnvelopeError::BadNodeId)?),
    };
    Ok(Envelope {
        kind,
        data,
        node_id,
    })
}

/// The content of a packed string.
fn text(packed: &[u8]) -> Option<&str> {
    let header = match packed.first()? {
        0xa0..=0xbf => 1,
        0xd9 => 2,
        0xda => 3,
        0xdb => 5,
        _ => return None,
    };
    std::str::from_utf8(&packed[header..]).ok()
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    elements_left: usize,
    limit: usize,
}

impl Scan<'_> {
    /// Passes over one value and all it contains.
    fn value(&mut self, depth: usize) -> Result<Range<usize>, EnvelopeError> {
        let start = self.at;
        // Open containers, by the number of values they still lack.
        let mut open = [0usize; MAX_DEPTH];
        let mut level = 0;
        open[0] = 1;
        loop {
            while open[level] == 0 {
                if level == 0 {
                    return Ok(start..self.at);
                }
                level -= 1;
            }
            open[level] -= 1;
            let children = self.head()?;
            if children > 0 {
                if children > self.bytes.len() - self.at {
                    return Err(EnvelopeError::Truncated);
                }
                level += 1;
                if level + depth >= MAX_DEPTH {
                    return Err(EnvelopeError::TooDeep);
                }
                open[level] = children;
            }
        }
    }

    /// Passes over one value's head, and its content unless that is values again.
    fn head(&mut self) -> Result<usize, EnvelopeError> {
        self.elements_left = self
            .elements_left
            .checked_sub(1)
            .ok_or(EnvelopeError::TooManyElements(self.limit))?;
        let [marker] = self.take(1)? else {
            return Err(EnvelopeError::Truncated);
        };
        let marker = *marker;
        let content = match marker {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 0,
            0x80..=0x8f => return Ok(2 * usize::from(marker & 0x0f)),
            0x90..=0x9f => return Ok(usize::from(marker & 0x0f)),
            0xa0..=0xbf => usize::from(marker & 0x1f),
            0xc1 => return Err(EnvelopeError::ReservedByte),
            0xc4 | 0xd9 => self.length(1)?,
            0xc5 | 0xda => self.length(2)?,
            0xc6 | 0xdb => self.length(4)?,
            0xc7 => self.length(1)? + 1,
            0xc8 => self.length(2)? + 1,
            0xc9 => self.length(4)? + 1,
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 | 0xd4 => 2,
            0xd5 => 3,
            0xca | 0xce | 0xd2 => 4,
            0xd6 => 5,
            0xcb | 0xcf | 0xd3 => 8,
            0xd7 => 9,
            0xd8 => 17,
            0xdc => return self.length(2),
            0xdd => return self.length(4),
            0xde => return Ok(2 * self.length(2)?),
            0xdf => return Ok(2 * self.length(4)?),
        };
        self.take(content)?;
        Ok(0)
    }

    fn length(&mut self, width: usize) -> Result<usize, EnvelopeError> {
        Ok(self
            .take(width)?
            .iter()
            .fold(0, |value, &byte| value << 8 | usize::from(byte)))
    }

    fn take(&mut self, count: usize) -> Result<&[u8], EnvelopeError> {
        let end = self.at.checked_add(count).ok_or(EnvelopeError::Truncated)?;
        let taken = self
            .bytes
            .get(self.at..end)
            .ok_or(EnvelopeError::Truncated)?;
        self.at = end;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARTBEAT: &[u8] = b"\x93\xa9heartbeat\x81\xa5state\xa5ready\xa1w";

    #[test]
    fn a_sound_message_is_taken_apart() {
        let envelope = open(HEARTBEAT, 100).expect("sound");
        assert_eq!((envelope.kind, envelope.node_id), ("heartbeat", Some("w")));
        assert_eq!(&HEARTBEAT[envelope.data], b"\x81\xa5state\xa5ready");
    }

    #[test]
    fn every_truncation_is_refused() {
        for end in 0..HEARTBEAT.len() {
            assert!(open(&HEARTBEAT[..end], 100).is_err(), "{end}");
        }
    }

    #[test]
    fn lengths_without_bytes_behind_them_are_refused() {
        for bomb in [
            &b"\x93\xa1x\xdd\xff\xff\xff\xff\xa1w"[..],
            b"\x93\xa1x\xdf\xff\xff\xff\xff\xa1w",
        ] {
            assert_eq!(open(bomb, usize::MAX), Err(EnvelopeError::Truncated));
        }
    }

    #[test]
    fn deep_nesting_and_many_elements_are_refused() {
        let mut deep = b"\x93\xa1x".to_vec();
        deep.extend([0x91; 1000]);
        deep.extend(b"\xc0\xa1w");
        assert_eq!(open(&deep, usize::MAX), Err(EnvelopeError::TooDeep));
        assert_eq!(open(HEARTBEAT, 4), Err(EnvelopeError::TooManyElements(4)));
    }

    #[test]
    fn other_shapes_are_refused() {
        assert_eq!(open(b"\x92\xa1x\xc0", 9), Err(EnvelopeError::NotATriple));
        assert_eq!(open(b"\x93\x01\xc0\xa1w", 9), Err(EnvelopeError::BadType));
        assert_eq!(open(b"\x93\xa1x\xc0\x01", 9), Err(EnvelopeError::BadNodeId));
        assert_eq!(
            open(b"\x93\xa1x\xc0\xa1w\xc0", 9),
            Err(EnvelopeError::TrailingBytes(1))
        );
        assert_eq!(
            open(b"\x93\xa1x\xc1\xa1w", 9),
            Err(EnvelopeError::ReservedByte)
        );
    }
}
