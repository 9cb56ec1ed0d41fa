//! The bytes of a request: header blocks that are checked once, and the composition of request heads.

pub mod composition;

/// A header block in the form of the wire, and what of it the engine must know.
#[derive(Clone, Debug, Default)]
pub struct HeaderBlock {
    /// `Name: value\r\n` for each header.
    pub bytes: Vec<u8>,
    /// Whether it names the host.
    pub has_host: bool,
    /// Whether it says how long the body is (Content-Length or Transfer-Encoding).
    pub has_length: bool,
    /// Whether the body is to be sent in chunks.
    pub is_chunked: bool,
    /// Whether it has cookies.
    pub has_cookie: bool,
    /// Whether it asks the server to close the connection.
    pub closes: bool,
}

impl HeaderBlock {
    /// No headers.
    pub const EMPTY: Self = Self {
        bytes: Vec::new(),
        has_host: false,
        has_length: false,
        is_chunked: false,
        has_cookie: false,
        closes: false,
    };

    /// A block from (name, value) pairs.
    ///
    /// # Errors
    /// A name or value that cannot be put on the wire, in a message that shows it.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Self, String> {
        let mut block = Self::default();
        for (name, value) in pairs {
            block.push(name, value)?;
        }
        Ok(block)
    }

    /// A block from its bytes.
    ///
    /// # Errors
    /// It does not consist of whole header lines.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let mut block = Self::default();
        if bytes.is_empty() {
            return Ok(block);
        }
        let Some(lines) = bytes.strip_suffix(b"\r\n") else {
            return Err("a header block must end with \\r\\n".to_owned());
        };
        let mut start = 0;
        for end in memchr::memmem::find_iter(lines, b"\r\n").chain([lines.len()]) {
            let line = &lines[start..end];
            start = end + 2;
            let Some(colon) = memchr::memchr(b':', line) else {
                return Err(format!(
                    "{:?} is not a header line",
                    String::from_utf8_lossy(line)
                ));
            };
            block.push(&line[..colon], line[colon + 1..].trim_ascii_start())?;
        }
        Ok(block)
    }

    /// Appends one header.
    ///
    /// # Errors
    /// It cannot be put on the wire.
    pub fn push(&mut self, name: &[u8], value: &[u8]) -> Result<(), String> {
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            let shown = String::from_utf8_lossy(name);
            return Err(format!("{shown:?} is not a valid header name"));
        }
        if value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            let (name, value) = (
                String::from_utf8_lossy(name),
                String::from_utf8_lossy(value),
            );
            return Err(format!(
                "the value of header {name:?} has a line break or NUL: {value:?}"
            ));
        }
        self.note(name, value);
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(b": ");
        self.bytes.extend_from_slice(value);
        self.bytes.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// The flags of two blocks that are sent together; bytes are this block's.
    pub fn merged_flags(&self, other: &Self) -> Self {
        Self {
            bytes: Vec::new(),
            has_host: self.has_host || other.has_host,
            has_length: self.has_length || other.has_length,
            is_chunked: self.is_chunked || other.is_chunked,
            has_cookie: self.has_cookie || other.has_cookie,
            closes: self.closes || other.closes,
        }
    }

    fn note(&mut self, name: &[u8], value: &[u8]) {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is(b"host") => self.has_host = true,
            6 if is(b"cookie") => self.has_cookie = true,
            10 if is(b"connection") => self.closes |= contains_token(value, b"close"),
            14 if is(b"content-length") => self.has_length = true,
            17 if is(b"transfer-encoding") => {
                self.has_length = true;
                self.is_chunked |= contains_token(value, b"chunked");
            }
            _ => {}
        }
    }
}

/// Whether `byte` may stand in a method or header name (RFC 9110, 5.6.2).
pub fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn contains_token(value: &[u8], token: &[u8]) -> bool {
    value
        .split(|byte| *byte == b',')
        .any(|part| part.trim_ascii().eq_ignore_ascii_case(token))
}

/// Checks that `method` is a token.
///
/// # Errors
/// A message that names the method, if it cannot be put on the wire.
pub fn check_method(method: &str) -> Result<(), String> {
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(format!("{method:?} is not an HTTP method"));
    }
    Ok(())
}

/// Methods that may be sent twice without harm (RFC 9110, 9.2.2).
pub fn is_idempotent(method: &str) -> bool {
    matches!(
        method,
        "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE" | "TRACE"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_what_they_contain() {
        let block = HeaderBlock::from_bytes(
            b"HOST: x\r\ncookie: a=b\r\nConnection: foo, Close\r\nTransfer-Encoding: chunked\r\n",
        )
        .expect("valid");
        assert!(block.has_host && block.has_cookie && block.closes);
        assert!(block.has_length && block.is_chunked);
    }

    #[test]
    fn methods_are_tokens() {
        for (method, valid) in [
            ("GET", true),
            ("x-y", true),
            ("", false),
            ("G T", false),
            ("G\r\n", false),
        ] {
            assert_eq!(check_method(method).is_ok(), valid, "{method:?}");
        }
    }

    #[test]
    fn what_would_break_the_wire_is_refused() {
        for (name, value) in [
            ("", "x"),
            ("a b", "x"),
            ("a\r\n", "x"),
            ("a", "x\r\nb: c"),
            ("é", "x"),
        ] {
            let pair = (name.as_bytes(), value.as_bytes());
            assert!(
                HeaderBlock::from_pairs([pair]).is_err(),
                "{name:?} {value:?}"
            );
        }
        for bytes in ["a: b", "a\r\n", ": b\r\n", "a: b\r\n\r\n", "a: b\nc: d\r\n"] {
            assert!(
                HeaderBlock::from_bytes(bytes.as_bytes()).is_err(),
                "{bytes:?}"
            );
        }
    }
}
