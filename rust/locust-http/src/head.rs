//! The header of a response: parsed once for what the engine itself needs, kept raw for the rest.

mod fields;

use std::mem::MaybeUninit;

use crate::decode::Encoding;
use crate::error::ProtocolError;
pub use fields::{fields, reason, values};

/// Most bytes of one response header.
pub const MAX_HEADER_BYTES: usize = 256 * 1024;
/// Most header lines of one response.
pub const MAX_HEADER_LINES: usize = 1024;
/// Headers that fit on the stack; more of them cost an allocation.
const USUAL_LINES: usize = 48;

/// How the end of a body is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Empty,
    /// So many bytes.
    Length(u64),
    /// Chunked transfer coding.
    Chunked,
    /// Until the server closes.
    UntilClose,
}

/// What a Content-Length that is not a number means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lengths {
    /// The response is malformed (RFC 9112, 6.3).
    #[default]
    Strict,
    /// The length is unknown: the body ends when the server closes, as for `http.client`.
    Lenient,
}

/// What the engine needs to know of a response header.
#[derive(Clone, Debug)]
pub struct Head {
    /// Bytes of the header, blank line included.
    pub length: usize,
    /// 100..=999.
    pub status: u16,
    /// 0 or 1 of HTTP/1.x.
    pub minor_version: u8,
    /// How the body ends.
    pub framing: Framing,
    /// Whether the connection may serve another request.
    pub keep_alive: bool,
    /// Whether there is a Set-Cookie line.
    pub sets_cookies: bool,
    /// Codings of the body in the order in which they were applied.
    pub encodings: Vec<Encoding>,
}

/// Parses the header at the start of `input`; None if it is not complete yet.
///
/// Obsolete line folding, blanks before a colon and malformed header lines (which are skipped) are
/// tolerated, because every other client in use tolerates them.
///
/// # Errors
/// No HTTP/1.x status line, contradictory or malformed lengths, or a limit is passed.
pub fn parse(
    input: &[u8],
    answers_head: bool,
    lengths: Lengths,
) -> Result<Option<Head>, ProtocolError> {
    let mut lines = [const { MaybeUninit::uninit() }; USUAL_LINES];
    match parse_lines(input, &mut lines, answers_head, lengths) {
        Err(Failure::TooManyLines) => {
            let mut lines = vec![MaybeUninit::uninit(); MAX_HEADER_LINES];
            parse_lines(input, &mut lines, answers_head, lengths).map_err(|failure| match failure {
                Failure::TooManyLines => ProtocolError::TooManyHeaders(MAX_HEADER_LINES),
                Failure::Protocol(error) => error,
            })
        }
        Err(Failure::Protocol(error)) => Err(error),
        Ok(head) => Ok(head),
    }
}

enum Failure {
    TooManyLines,
    Protocol(ProtocolError),
}

impl From<ProtocolError> for Failure {
    fn from(error: ProtocolError) -> Self {
        Failure::Protocol(error)
    }
}

fn config() -> httparse::ParserConfig {
    let mut config = httparse::ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

fn parse_lines<'b>(
    input: &'b [u8],
    lines: &mut [MaybeUninit<httparse::Header<'b>>],
    answers_head: bool,
    lengths: Lengths,
) -> Result<Option<Head>, Failure> {
    let mut response = httparse::Response::new(&mut []);
    let length = match config().parse_response_with_uninit_headers(&mut response, input, lines) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Failure::TooManyLines),
        Err(error) => return Err(malformed(input, error).into()),
    };
    let mut fields = Fields {
        lengths,
        ..Fields::default()
    };
    for line in response.headers.iter() {
        fields.read(line.name, line.value)?;
    }
    let status = response.code.unwrap_or(0);
    if status < 100 {
        return Err(ProtocolError::StatusLine(fields::status_line(input)).into());
    }
    Ok(Some(fields.head(
        length,
        status,
        response.version.unwrap_or(1),
        answers_head,
    )))
}

/// Which part of the header cannot be parsed.
fn malformed(input: &[u8], error: httparse::Error) -> ProtocolError {
    use httparse::Error::{HeaderName, HeaderValue, NewLine};
    match error {
        HeaderName | HeaderValue | NewLine => ProtocolError::Header(error.to_string()),
        _ => ProtocolError::StatusLine(fields::status_line(input)),
    }
}

/// The header fields that decide about framing and reuse.
#[derive(Default)]
struct Fields {
    lengths: Lengths,
    length: Option<u64>,
    /// There is a Content-Length that is not a number, and that is tolerated.
    unknown_length: bool,
    chunked: bool,
    other_coding: bool,
    close: bool,
    keep_alive: bool,
    sets_cookies: bool,
    encodings: Vec<Encoding>,
}

impl Fields {
    fn read(&mut self, name: &str, value: &[u8]) -> Result<(), ProtocolError> {
        match name.len() {
            10 if name.eq_ignore_ascii_case("connection") => {
                for token in tokens(value) {
                    self.close |= token.eq_ignore_ascii_case(b"close");
                    self.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                }
            }
            10 if name.eq_ignore_ascii_case("set-cookie") => self.sets_cookies = true,
            14 if name.eq_ignore_ascii_case("content-length") => self.read_length(value)?,
            16 if name.eq_ignore_ascii_case("content-encoding") => {
                self.encodings
                    .extend(tokens(value).filter_map(Encoding::named));
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                for token in tokens(value) {
                    // Only a final `chunked` delimits the body.
                    self.chunked = token.eq_ignore_ascii_case(b"chunked");
                    self.other_coding |= !self.chunked && !token.eq_ignore_ascii_case(b"identity");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn read_length(&mut self, value: &[u8]) -> Result<(), ProtocolError> {
        let bad = || ProtocolError::BadLength(String::from_utf8_lossy(value).into_owned());
        for part in value.split(|byte| *byte == b',') {
            let digits = part.trim_ascii();
            // Eighteen digits always fit; a longer length is an attack or a mistake.
            if digits.is_empty() || digits.len() > 18 || !digits.iter().all(u8::is_ascii_digit) {
                if self.lengths == Lengths::Strict || digits.len() > 18 {
                    return Err(bad());
                }
                self.unknown_length = true;
                continue;
            }
            let number = digits
                .iter()
                .fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0'));
            match self.length {
                Some(known) if known != number => {
                    return Err(ProtocolError::ConflictingLengths(known, number));
                }
                _ => self.length = Some(number),
            }
        }
        Ok(())
    }

    fn head(self, length: usize, status: u16, minor_version: u8, answers_head: bool) -> Head {
        let framing = if answers_head || status < 200 || status == 204 || status == 304 {
            Framing::Empty
        } else if self.chunked {
            Framing::Chunked
        } else if self.other_coding {
            Framing::UntilClose
        } else {
            self.length
                .filter(|_| !self.unknown_length)
                .map_or(Framing::UntilClose, Framing::Length)
        };
        let persistent = !self.close && (minor_version >= 1 || self.keep_alive);
        // A length beside chunks is how requests are smuggled: this connection's end is in doubt.
        let doubtful = self.chunked && self.length.is_some();
        Head {
            length,
            status,
            minor_version,
            framing,
            keep_alive: persistent && !doubtful && framing != Framing::UntilClose && status != 101,
            sets_cookies: self.sets_cookies,
            encodings: self.encodings,
        }
    }
}

/// The comma-separated tokens of a field value, without parameters and blanks.
fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| *byte == b',')
        .map(|part| {
            part.split(|byte| *byte == b';')
                .next()
                .unwrap_or(part)
                .trim_ascii()
        })
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        parse(text.as_bytes(), false, Lengths::Strict)
            .expect("valid")
            .expect("complete")
    }

    #[test]
    fn framing_follows_the_fields() {
        for (fields, status, framing, keep_alive) in [
            ("Content-Length: 5", 200, Framing::Length(5), true),
            ("content-length: 5, 5", 200, Framing::Length(5), true),
            (
                "Content-Length: 5\r\nContent-Length: 5",
                200,
                Framing::Length(5),
                true,
            ),
            ("Transfer-Encoding: chunked", 200, Framing::Chunked, true),
            (
                "Transfer-Encoding: gzip, chunked",
                200,
                Framing::Chunked,
                true,
            ),
            ("Transfer-Encoding: gzip", 200, Framing::UntilClose, false),
            (
                "Transfer-Encoding: chunked\r\nContent-Length: 3",
                200,
                Framing::Chunked,
                false,
            ),
            (
                "Transfer-Encoding: identity\r\nContent-Length: 3",
                200,
                Framing::Length(3),
                true,
            ),
            (
                "Connection: close\r\nContent-Length: 0",
                200,
                Framing::Length(0),
                false,
            ),
            (
                "Connection: foo, Close\r\nContent-Length: 0",
                200,
                Framing::Length(0),
                false,
            ),
            ("X: y", 200, Framing::UntilClose, false),
            ("Content-Length: 9", 204, Framing::Empty, true),
            ("Content-Length: 9", 304, Framing::Empty, true),
            ("Content-Length: 9", 100, Framing::Empty, true),
            ("Upgrade: x", 101, Framing::Empty, false),
        ] {
            let head = head(&format!("HTTP/1.1 {status} x\r\n{fields}\r\n\r\n"));
            assert_eq!(
                (head.framing, head.keep_alive),
                (framing, keep_alive),
                "{fields}"
            );
        }
    }

    #[test]
    fn http_1_0_closes_unless_told_otherwise() {
        assert!(!head("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
        let kept = head("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
        assert!(kept.keep_alive);
    }

    #[test]
    fn bad_lengths_are_refused() {
        for value in [
            "",
            "x",
            "-1",
            "+1",
            "1 1",
            "0x10",
            "9999999999999999999",
            "1,2",
            "1,",
        ] {
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n\r\n");
            assert!(
                parse(text.as_bytes(), false, Lengths::Strict).is_err(),
                "{value:?}"
            );
        }
    }

    #[test]
    fn bad_lengths_are_unknown_ones_where_they_are_tolerated() {
        for (value, framing) in [
            ("", Some(Framing::UntilClose)),
            ("x", Some(Framing::UntilClose)),
            ("-1", Some(Framing::UntilClose)),
            ("2, x", Some(Framing::UntilClose)),
            ("2, 2", Some(Framing::Length(2))),
            ("1, 2", None),
            ("9999999999999999999", None),
        ] {
            let text = format!("HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n\r\n");
            let head = parse(text.as_bytes(), false, Lengths::Lenient)
                .ok()
                .flatten();
            assert!(
                head.as_ref()
                    .is_none_or(|head| head.framing != Framing::UntilClose || !head.keep_alive)
            );
            assert_eq!(head.map(|head| head.framing), framing, "{value:?}");
        }
    }

    #[test]
    fn what_is_not_http_is_refused() {
        for text in [
            "hello\r\n\r\n",
            "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 000 x\r\n\r\n",
            "\0\0",
        ] {
            let parsed = parse(text.as_bytes(), false, Lengths::Strict);
            assert!(
                matches!(parsed, Err(ProtocolError::StatusLine(_))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn sloppy_header_lines_are_tolerated() {
        let head = head("HTTP/1.1 200\r\nbroken line\r\nX : y\r\nContent-Length : 3\r\n\r\n");
        assert_eq!(head.framing, Framing::Length(3));
    }

    #[test]
    fn many_lines_are_read_and_too_many_refused() {
        let text = |count: usize| {
            let lines = "X: y\r\n".repeat(count);
            format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 1\r\n\r\n")
        };
        assert_eq!(head(&text(500)).framing, Framing::Length(1));
        let error =
            parse(text(MAX_HEADER_LINES).as_bytes(), false, Lengths::Strict).expect_err("too many");
        assert_eq!(error, ProtocolError::TooManyHeaders(MAX_HEADER_LINES));
    }
}
