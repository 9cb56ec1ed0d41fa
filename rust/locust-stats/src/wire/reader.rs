//! Reads msgpack from an untrusted peer: every length is checked against what is left before anything is made.

use crate::num::Num;

/// Maps and arrays may be nested this deep.
pub const DEEPEST: usize = 32;

/// Why a message was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum Malformed {
    #[error("the message ends in the middle of a value")]
    Truncated,
    #[error("{0} bytes follow the message")]
    Trailing(usize),
    #[error("a length of {length} is announced where {left} bytes are left")]
    TooLong { length: usize, left: usize },
    #[error("maps and arrays are nested deeper than {DEEPEST}")]
    TooDeep,
    #[error("{what} is expected, found the type byte {found:#04x}")]
    Unexpected { what: &'static str, found: u8 },
    #[error("a text is not UTF-8")]
    NotText,
    #[error("{field} has the impossible value {value}")]
    Impossible {
        field: &'static str,
        value: Box<str>,
    },
    #[error("{0} is missing")]
    Missing(&'static str),
}

type Read<T> = Result<T, Malformed>;

/// A place in a message.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    /// At the start of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { left: bytes }
    }

    /// What has not been read yet.
    #[must_use]
    pub fn left(&self) -> &'a [u8] {
        self.left
    }

    /// # Errors
    /// [`Malformed::Trailing`] unless everything was read.
    pub fn end(&self) -> Read<()> {
        if self.left.is_empty() {
            Ok(())
        } else {
            Err(Malformed::Trailing(self.left.len()))
        }
    }

    /// The number of pairs of a map.
    ///
    /// # Errors
    /// What follows is not a map, or it announces more pairs than can follow.
    pub fn map(&mut self) -> Read<usize> {
        let length = match self.byte()? {
            found @ 0x80..=0x8f => usize::from(found & 0x0f),
            0xde => self.unsigned(2)? as usize,
            0xdf => self.unsigned(4)? as usize,
            found => {
                return Err(Malformed::Unexpected {
                    what: "a map",
                    found,
                });
            }
        };
        self.plausible(length, 2)
    }

    /// The number of elements of an array.
    ///
    /// # Errors
    /// What follows is not an array, or it announces more elements than can follow.
    pub fn array(&mut self) -> Read<usize> {
        let length = match self.byte()? {
            found @ 0x90..=0x9f => usize::from(found & 0x0f),
            0xdc => self.unsigned(2)? as usize,
            0xdd => self.unsigned(4)? as usize,
            found => {
                return Err(Malformed::Unexpected {
                    what: "an array",
                    found,
                });
            }
        };
        self.plausible(length, 1)
    }

    /// A text.
    ///
    /// # Errors
    /// If there is none, or it is not UTF-8.
    #[inline]
    pub fn text(&mut self) -> Read<&'a str> {
        std::str::from_utf8(self.key()?).map_err(|_| Malformed::NotText)
    }

    /// The bytes of a text that is only compared with known ones, so that it need not be UTF-8.
    ///
    /// # Errors
    /// What follows is not text.
    #[inline]
    pub fn key(&mut self) -> Read<&'a [u8]> {
        let length = match self.byte()? {
            found @ 0xa0..=0xbf => usize::from(found & 0x1f),
            0xd9 => self.unsigned(1)? as usize,
            0xda => self.unsigned(2)? as usize,
            0xdb => self.unsigned(4)? as usize,
            found => {
                return Err(Malformed::Unexpected {
                    what: "a text",
                    found,
                });
            }
        };
        self.take(length)
    }

    /// Passes over bytes that are expected next; false if others follow.
    #[inline(always)]
    pub fn pass<const LENGTH: usize>(&mut self, expected: &[u8; LENGTH]) -> bool {
        match self.left.split_first_chunk() {
            Some((found, rest)) if found == expected => {
                self.left = rest;
                true
            }
            _ => false,
        }
    }

    /// An integer.
    ///
    /// # Errors
    /// If there is none, or it does not fit in 64 bits with a sign.
    #[inline]
    pub fn int(&mut self) -> Read<i64> {
        match self.number()? {
            Num::Int(value) => Ok(value),
            Num::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Ok(value as i64),
            Num::Float(value) => Err(impossible("a number that counts", value)),
        }
    }

    /// A key and its count where both are short, as most are: read in one go. `None` leaves everything as it is.
    #[inline]
    pub fn short_pair(&mut self) -> Option<(i64, i64)> {
        let (key, count, rest) = match *self.left {
            [key @ 0..=0x7f, count @ 0..=0x7f, ref rest @ ..] => (u16::from(key), count, rest),
            [0xcc, key, count @ 0..=0x7f, ref rest @ ..] => (u16::from(key), count, rest),
            [0xcd, high, low, count @ 0..=0x7f, ref rest @ ..] => {
                (u16::from_be_bytes([high, low]), count, rest)
            }
            _ => return None,
        };
        self.left = rest;
        Some((i64::from(key), i64::from(count)))
    }

    /// A finite number.
    ///
    /// # Errors
    /// If there is none.
    #[inline]
    pub fn number(&mut self) -> Read<Num> {
        match self.byte()? {
            found @ 0x00..=0x7f => Ok(Num::Int(i64::from(found))),
            found => self.wide_number(found),
        }
    }

    /// The rest of a number that is more than its first byte.
    fn wide_number(&mut self, found: u8) -> Read<Num> {
        Ok(match found {
            0xcc => Num::Int(self.unsigned(1)? as i64),
            0xcd => Num::Int(self.unsigned(2)? as i64),
            0xce => Num::Int(self.unsigned(4)? as i64),
            0xcf => match i64::try_from(self.unsigned(8)?) {
                Ok(value) => Num::Int(value),
                Err(_) => return Err(impossible("a number", "beyond 2^63")),
            },
            0xe0..=0xff => Num::Int(i64::from(found as i8)),
            0xd0 => Num::Int(i64::from(self.unsigned(1)? as i8)),
            0xd1 => Num::Int(i64::from(self.unsigned(2)? as i16)),
            0xd2 => Num::Int(i64::from(self.unsigned(4)? as i32)),
            0xd3 => Num::Int(self.unsigned(8)? as i64),
            0xca => finite(f64::from(f32::from_bits(self.unsigned(4)? as u32)))?,
            0xcb => finite(f64::from_bits(self.unsigned(8)?))?,
            _ => {
                return Err(Malformed::Unexpected {
                    what: "a number",
                    found,
                });
            }
        })
    }

    /// A finite number or nil.
    ///
    /// # Errors
    /// If there is neither.
    pub fn optional(&mut self) -> Read<Option<Num>> {
        if self.nil() {
            return Ok(None);
        }
        self.number().map(Some)
    }

    /// Passes over nil; false if something else follows.
    #[inline]
    pub fn nil(&mut self) -> bool {
        let there = self.left.first() == Some(&0xc0);
        if there {
            self.left = &self.left[1..];
        }
        there
    }

    /// Passes over any value and returns its bytes.
    ///
    /// # Errors
    /// If it is malformed, nested too deep or longer than what is left.
    pub fn skip(&mut self) -> Read<&'a [u8]> {
        let start = self.left;
        self.skip_value(0)?;
        Ok(&start[..start.len() - self.left.len()])
    }

    fn skip_value(&mut self, depth: usize) -> Read<()> {
        if depth > DEEPEST {
            return Err(Malformed::TooDeep);
        }
        let Some(&found) = self.left.first() else {
            return Err(Malformed::Truncated);
        };
        let values = match found {
            0x80..=0x8f | 0xde | 0xdf => 2 * self.map()?,
            0x90..=0x9f | 0xdc | 0xdd => self.array()?,
            _ => return self.skip_scalar(found),
        };
        (0..values).try_for_each(|_| self.skip_value(depth + 1))
    }

    fn skip_scalar(&mut self, found: u8) -> Read<()> {
        self.byte()?;
        let length = match found {
            0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => 0,
            0xa0..=0xbf => usize::from(found & 0x1f),
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 => 2,
            0xca | 0xce | 0xd2 => 4,
            0xcb | 0xcf | 0xd3 => 8,
            0xc4 | 0xd9 => self.unsigned(1)? as usize,
            0xc5 | 0xda => self.unsigned(2)? as usize,
            0xc6 | 0xdb => self.unsigned(4)? as usize,
            // Extensions: a type byte beside their content.
            0xc7 => 1 + self.unsigned(1)? as usize,
            0xc8 => 1 + self.unsigned(2)? as usize,
            0xc9 => 1 + self.unsigned(4)? as usize,
            0xd4..=0xd8 => 1 + (1 << (found - 0xd4)),
            _ => {
                return Err(Malformed::Unexpected {
                    what: "a value",
                    found,
                });
            }
        };
        self.take(length).map(|_| ())
    }

    fn plausible(&self, length: usize, bytes_each: usize) -> Read<usize> {
        let left = self.left.len();
        if length > left / bytes_each {
            Err(Malformed::TooLong { length, left })
        } else {
            Ok(length)
        }
    }

    #[inline]
    fn byte(&mut self) -> Read<u8> {
        let (&first, rest) = self.left.split_first().ok_or(Malformed::Truncated)?;
        self.left = rest;
        Ok(first)
    }

    /// A big-endian number of `bytes` bytes, eight at most.
    #[inline]
    fn unsigned(&mut self, bytes: usize) -> Read<u64> {
        let mut value = [0; 8];
        value[8 - bytes..].copy_from_slice(self.take(bytes)?);
        Ok(u64::from_be_bytes(value))
    }

    #[inline]
    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        if length > self.left.len() {
            return Err(if length > 8 {
                Malformed::TooLong {
                    length,
                    left: self.left.len(),
                }
            } else {
                Malformed::Truncated
            });
        }
        let (taken, rest) = self.left.split_at(length);
        self.left = rest;
        Ok(taken)
    }
}

fn finite(value: f64) -> Read<Num> {
    if value.is_finite() {
        Ok(Num::Float(value))
    } else {
        Err(impossible("a number", value))
    }
}

#[cold]
pub(super) fn impossible(field: &'static str, value: impl ToString) -> Malformed {
    Malformed::Impossible {
        field,
        value: value.to_string().into(),
    }
}

/// Checks that bytes are exactly one well-formed msgpack value within the limits.
///
/// # Errors
/// If they are not; then decoding them could take memory that nothing backs.
pub fn check(bytes: &[u8]) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    reader.skip()?;
    reader.end()
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Reader, check};
    use proptest::prelude::*;

    #[test]
    fn huge_lengths_are_refused_before_memory_is_taken() {
        for bytes in [
            &[0xdd, 0xff, 0xff, 0xff, 0xff][..],
            &[0xdf, 0x7f, 0xff, 0xff, 0xff],
            &[0xc6, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(matches!(check(bytes), Err(Malformed::TooLong { .. })));
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut bytes = vec![0x91; 10_000];
        bytes.push(0xc0);
        assert_eq!(check(&bytes), Err(Malformed::TooDeep));
    }

    #[test]
    fn trailing_bytes_are_refused() {
        assert_eq!(check(&[0xc0, 0xc0]), Err(Malformed::Trailing(1)));
    }

    #[test]
    fn numbers_of_every_width_are_read() {
        let cases: [(&[u8], i64); 6] = [
            (&[0x7f], 127),
            (&[0xff], -1),
            (&[0xcd, 1, 0], 256),
            (&[0xd1, 0xff, 0xfe], -2),
            (&[0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd], -3),
            (&[0xcb, 0x40, 0x08, 0, 0, 0, 0, 0, 0], 3),
        ];
        for (bytes, value) in cases {
            assert_eq!(Reader::new(bytes).int(), Ok(value));
        }
        assert!(
            Reader::new(&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0])
                .number()
                .is_err(),
            "NaN"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = check(&bytes);
        }
    }
}
