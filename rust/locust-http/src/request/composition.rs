//! Composition: a call and what its session has in common become the bytes of a request head.

use std::borrow::Cow;
use std::sync::Arc;

use super::HeaderBlock;
use crate::proxy::Proxy;
use crate::url::{self, BaseUrl, Origin, Scheme, Url};

/// What the requests of a session have in common.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    /// Where paths lead; None: every URL is absolute.
    pub base: Option<&'a BaseUrl>,
    /// The headers of requests that bring none.
    pub headers: &'a HeaderBlock,
    /// Value of the Cookie header of requests to the base URL's origin; empty: no such header.
    pub cookie: &'a [u8],
    /// Whether the Host header comes before the others, or after the cookies.
    pub host_first: bool,
    /// The proxy that http requests are sent to.
    pub proxy: Option<&'a Proxy>,
}

/// Where a request goes.
#[derive(Clone, Debug)]
pub enum Destination<'a> {
    /// A path below the base URL, with its query.
    Path(&'a str),
    /// An absolute URL.
    Absolute(Url<'a>),
}

impl<'a> Destination<'a> {
    /// The destination that `url` names: a path if it begins with `/`.
    ///
    /// # Errors
    /// A message that says why it cannot be requested.
    pub fn parse(url: &'a str) -> Result<Self, String> {
        if !url.starts_with('/') {
            return url::parse(url).map(Self::Absolute);
        }
        if !url::is_quoted(url) {
            return Err(format!("{url:?} has characters that must be quoted"));
        }
        Ok(Self::Path(url))
    }
}

/// What is known about the length of a body before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is no body.
    NoBody,
    /// So many bytes.
    Known(usize),
    /// It is made while it is sent.
    Unknown,
}

/// One request as its caller describes it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The method, a token.
    pub method: &'a str,
    /// Where it goes.
    pub destination: &'a Destination<'a>,
    /// Replace the session's headers; None: those are sent.
    pub headers: Option<&'a HeaderBlock>,
    /// Headers behind the others.
    pub extra: &'a HeaderBlock,
    /// Value of the Cookie header, empty: no such header; None: the session's cookies.
    pub cookie: Option<&'a [u8]>,
    /// What is known about its body.
    pub body: BodyLength,
}

impl<'a> Call<'a> {
    /// Puts the request together; None if it has only a path and the session has no base URL.
    ///
    /// Host, Cookie and the length of the body are added where neither header block has them. The session's cookies
    /// go to the base URL's origin only.
    pub fn compose(&self, defaults: &Defaults<'a>) -> Option<Composed<'a>> {
        let (origin, base_path, target) = match (self.destination, defaults.base) {
            (Destination::Absolute(url), _) => (&url.origin, "", url.target),
            (Destination::Path(path), Some(base)) => (&base.origin, base.path.as_str(), *path),
            (Destination::Path(_), None) => return None,
        };
        let base = defaults.base.filter(|base| base.origin == *origin);
        let headers = self.headers.unwrap_or(defaults.headers);
        let flags = headers.merged_flags(self.extra);
        let authority = base.map_or_else(
            || Cow::Owned(origin.authority()),
            |base| Cow::Borrowed(base.authority.as_str()),
        );
        let proxy = defaults.proxy.filter(|_| origin.scheme == Scheme::Http);
        let cookie = match self.cookie {
            Some(cookie) => cookie,
            None if base.is_some() && !flags.has_cookie => defaults.cookie,
            None => b"",
        };
        let announces_chunks = self.body == BodyLength::Unknown && !flags.has_length;
        Some(Composed {
            origin: base.map_or(origin, |base| &base.origin),
            is_to_base: base.is_some(),
            closes: flags.closes,
            is_chunked: announces_chunks || flags.is_chunked,
            method: self.method,
            absolute: proxy.map(|_| format!("http://{authority}")),
            base_path,
            target: target.split('#').next().unwrap_or(target),
            host: (!flags.has_host).then_some(authority),
            host_first: defaults.host_first,
            blocks: [&headers.bytes, &self.extra.bytes],
            authorization: proxy.map(Proxy::authorization_line).unwrap_or_default(),
            cookie,
            content_length: match self.body {
                BodyLength::Known(length) if !flags.has_length => Some(length),
                _ => None,
            },
            announces_chunks,
            last: b"",
        })
    }
}

/// A request that has been put together.
#[derive(Clone, Debug)]
pub struct Composed<'a> {
    /// The server; the base URL's own origin, where it equals that.
    pub origin: &'a Arc<Origin>,
    /// Whether that is the base URL's origin.
    pub is_to_base: bool,
    /// Whether it asks the server to close the connection.
    pub closes: bool,
    /// Whether the pieces of its body are framed as chunks.
    pub is_chunked: bool,
    method: &'a str,
    absolute: Option<String>,
    base_path: &'a str,
    target: &'a str,
    host: Option<Cow<'a, str>>,
    host_first: bool,
    blocks: [&'a [u8]; 2],
    authorization: String,
    cookie: &'a [u8],
    content_length: Option<usize>,
    announces_chunks: bool,
    /// Lines behind all others.
    last: &'a [u8],
}

impl Composed<'_> {
    /// Appends the head, blank line included, to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.method.as_bytes());
        out.push(b' ');
        out.extend_from_slice(self.absolute.as_deref().unwrap_or("").as_bytes());
        let path_start = out.len();
        out.extend_from_slice(self.base_path.as_bytes());
        out.extend_from_slice(self.target.as_bytes());
        if out.get(path_start) != Some(&b'/') && self.target != "*" {
            out.insert(path_start, b'/');
        }
        out.extend_from_slice(b" HTTP/1.1");
        self.write_fields(out);
    }

    fn write_fields(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\r\n");
        let host = self.host.as_deref().unwrap_or("").as_bytes();
        if self.host_first {
            push_header(out, b"Host: ", host);
        }
        for block in self.blocks {
            out.extend_from_slice(block);
        }
        out.extend_from_slice(self.authorization.as_bytes());
        push_header(out, b"Cookie: ", self.cookie);
        if !self.host_first {
            push_header(out, b"Host: ", host);
        }
        if let Some(length) = self.content_length {
            out.extend_from_slice(b"Content-Length: ");
            push_number(out, length);
            out.extend_from_slice(b"\r\n");
        }
        if self.announces_chunks {
            out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
        }
        out.extend_from_slice(self.last);
        out.extend_from_slice(b"\r\n");
    }
}

impl Defaults<'_> {
    /// All that follows the target of a GET with only these defaults; None without a base URL, or with a proxy, whose
    /// requests begin differently.
    pub fn tail_of_get(&self) -> Option<Vec<u8>> {
        let mut tail = Vec::new();
        if self.proxy.is_some() {
            return None;
        }
        let plain = Tail {
            headers: None,
            body: BodyLength::NoBody,
            last: &HeaderBlock::EMPTY,
        };
        self.write_tail(&plain, &mut tail).then_some(tail)
    }

    /// Appends all that follows the target of a request that goes to no proxy; false without a base URL.
    pub fn write_tail(&self, tail: &Tail<'_>, out: &mut Vec<u8>) -> bool {
        let defaults = Defaults {
            proxy: None,
            ..*self
        };
        let call = Call {
            method: "",
            destination: &Destination::Path("/"),
            headers: tail.headers,
            extra: &HeaderBlock::EMPTY,
            cookie: None,
            body: tail.body,
        };
        let Some(mut composed) = call.compose(&defaults) else {
            return false;
        };
        composed.last = &tail.last.bytes;
        out.extend_from_slice(b" HTTP/1.1");
        composed.write_fields(out);
        true
    }
}

/// What follows the target of a request below the base URL.
#[derive(Clone, Copy, Debug)]
pub struct Tail<'a> {
    /// Replace the session's headers; None: those are sent.
    pub headers: Option<&'a HeaderBlock>,
    /// What is known about its body.
    pub body: BodyLength,
    /// Headers behind the length of the body.
    pub last: &'a HeaderBlock,
}

fn push_header(out: &mut Vec<u8>, name_and_colon: &[u8], value: &[u8]) {
    if !value.is_empty() {
        out.extend_from_slice(name_and_colon);
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
}

fn push_number(out: &mut Vec<u8>, number: usize) {
    use std::io::Write;
    // Writing into a vector cannot fail.
    let _ = write!(out, "{number}");
}
