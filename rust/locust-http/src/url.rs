//! URLs as far as a request needs them: where to connect, what to name the host, what to ask for.

use std::sync::Arc;

mod plain_path;

pub use plain_path::PathRules;

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// The default port.
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }

    /// `http` or `https`.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

/// A server: what connections are pooled by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Plain or TLS.
    pub scheme: Scheme,
    /// Name or address, lower case, IPv6 without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Origin {
    /// The value of the Host header: with the port unless it is the default one.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            return self.bracketed_host();
        }
        format!("{}:{}", self.bracketed_host(), self.port)
    }

    /// `host:port`, as CONNECT names it.
    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.bracketed_host(), self.port)
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

/// An absolute URL in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url<'a> {
    /// The server.
    pub origin: Arc<Origin>,
    /// `user:password` as written, if there is one.
    pub userinfo: Option<&'a str>,
    /// Path and query, without the fragment; "" if there is none (ask for `/`).
    pub target: &'a str,
}

/// Takes an absolute http or https URL apart. Nothing is quoted or decoded.
///
/// # Errors
/// A message that names the URL and what is wrong with it.
pub fn parse(url: &str) -> Result<Url<'_>, String> {
    let (scheme, rest) = if let Some(rest) = strip_prefix_ignore_case(url, "http://") {
        (Scheme::Http, rest)
    } else if let Some(rest) = strip_prefix_ignore_case(url, "https://") {
        (Scheme::Https, rest)
    } else {
        return Err(format!("{url:?} is not an http:// or https:// URL"));
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let target = target.split('#').next().unwrap_or("");
    let (userinfo, host_and_port) = match authority.rsplit_once('@') {
        Some((userinfo, host)) => (Some(userinfo), host),
        None => (None, authority),
    };
    let (host, port) = split_port(host_and_port).ok_or_else(|| bad_authority(url, authority))?;
    let port = match port {
        "" => scheme.default_port(),
        text => text.parse().map_err(|_| bad_authority(url, authority))?,
    };
    let plain = host
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
    if host.is_empty() || !plain || !is_quoted(target) {
        let part = if host.is_empty() || !plain {
            authority
        } else {
            target
        };
        return Err(bad_authority(url, part));
    }
    let origin = Origin {
        scheme,
        host: host.to_ascii_lowercase(),
        port,
    };
    Ok(Url {
        origin: Arc::new(origin),
        userinfo,
        target,
    })
}

/// A base URL: where the paths of a session lead, in the parts that requests need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// The server.
    pub origin: Arc<Origin>,
    /// The value of the Host header.
    pub authority: String,
    /// The path before every path, without a final `/`.
    pub path: String,
    /// The URL as it was given, without a final `/`.
    pub url: String,
}

impl BaseUrl {
    /// Takes a base URL apart. Its query, if it has one, is not part of any request.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn parse(text: &str) -> Result<Self, String> {
        let parsed = parse(text)?;
        let path = parsed.target.split('?').next().unwrap_or("");
        Ok(Self {
            authority: parsed.origin.authority(),
            path: path.trim_end_matches('/').to_owned(),
            url: Self::normal(text).to_owned(),
            origin: parsed.origin,
        })
    }

    /// What [`BaseUrl::url`] is for `text`.
    pub fn normal(text: &str) -> &str {
        text.trim_end_matches('/')
    }
}

/// Whether `target` can stand in a request line as it is: visible ASCII.
pub fn is_quoted(target: &str) -> bool {
    target.bytes().all(|byte| byte.is_ascii_graphic())
}

fn bad_authority(url: &str, part: &str) -> String {
    format!(
        "{url:?} cannot be requested: {part:?} is not valid there (quote it, or check host and port)"
    )
}

fn split_port(authority: &str) -> Option<(&str, &str)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        let port = if after.is_empty() {
            ""
        } else {
            after.strip_prefix(':')?
        };
        return Some((host, port));
    }
    match authority.split_once(':') {
        Some((_, port)) if port.contains(':') => None,
        Some((host, port)) => Some((host, port)),
        None => Some((authority, "")),
    }
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart() {
        for (url, authority, port, target) in [
            ("http://Example.com", "example.com", 80, ""),
            (
                "HTTPS://example.com:443/a?b=c#d",
                "example.com",
                443,
                "/a?b=c",
            ),
            ("http://u:p@h:8080?x", "h:8080", 8080, "?x"),
            ("http://[::1]:9/", "[::1]:9", 9, "/"),
            ("http://[fe80::1%25eth0]/", "[fe80::1%25eth0]", 80, "/"),
        ] {
            let parsed = parse(url).expect(url);
            assert_eq!(parsed.origin.authority(), authority);
            assert_eq!((parsed.origin.port, parsed.target), (port, target));
        }
        assert_eq!(parse("http://u:p@h/").expect("valid").userinfo, Some("u:p"));
    }

    #[test]
    fn base_urls_lose_their_last_slashes() {
        for (url, authority, path, normal) in [
            ("http://Host", "host", "", "http://Host"),
            ("http://host/", "host", "", "http://host"),
            (
                "https://host:8443/v1//",
                "host:8443",
                "/v1",
                "https://host:8443/v1",
            ),
            ("http://host/v1?a=b", "host", "/v1", "http://host/v1?a=b"),
        ] {
            let base = BaseUrl::parse(url).expect(url);
            let parts = (
                base.authority.as_str(),
                base.path.as_str(),
                base.url.as_str(),
            );
            assert_eq!(parts, (authority, path, normal));
        }
        assert!(BaseUrl::parse("host/v1").is_err());
    }

    #[test]
    fn what_cannot_be_requested_is_refused() {
        for url in [
            "",
            "/x",
            "ftp://x/",
            "http://",
            "http:///x",
            "http://h:x/",
            "http://h:99999/",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
        for url in [
            "http://a b/",
            "http://h/a b",
            "http://h/\r\nX: y",
            "http://h/é",
            "http://[::1/",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }
}
