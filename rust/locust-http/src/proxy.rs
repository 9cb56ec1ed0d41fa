//! Requests through a proxy: http ones in absolute form, https ones through a CONNECT tunnel.

use crate::url::{self, Origin, Scheme};

/// An HTTP proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Name or address, IPv6 without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Value of the Proxy-Authorization header.
    pub authorization: Option<String>,
}

impl Proxy {
    /// The proxy that `http://[user:password@]host[:port]` names. User and password may be percent-encoded.
    ///
    /// # Errors
    /// A message that says why `text` does not name a supported proxy.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parsed = url::parse(text)?;
        if parsed.origin.scheme == Scheme::Https {
            return Err(format!(
                "proxy {text:?}: only http:// proxies are supported"
            ));
        }
        Ok(Self {
            host: parsed.origin.host.clone(),
            port: parsed.origin.port,
            authorization: parsed.userinfo.map(basic_authorization),
        })
    }

    /// `Proxy-Authorization: …\r\n`, or nothing.
    pub fn authorization_line(&self) -> String {
        self.authorization
            .as_ref()
            .map(|value| format!("Proxy-Authorization: {value}\r\n"))
            .unwrap_or_default()
    }

    /// The request that asks for a tunnel to `origin`.
    pub(crate) fn connect_request(&self, origin: &Origin) -> Vec<u8> {
        let target = origin.host_and_port();
        let authorization = self.authorization_line();
        format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n").into_bytes()
    }
}

/// `Basic …` for `user:password` as it stands in a URL.
fn basic_authorization(userinfo: &str) -> String {
    format!("Basic {}", base64(&percent_decoded(userinfo)))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            text.push(if digit <= group.len() {
                char::from(DIGITS[value as usize])
            } else {
                '='
            });
        }
    }
    text
}

/// The bytes that `text` stands for; a `%` without two hexadecimal digits behind it stands for itself.
fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let encoded = match bytes[at..] {
            [b'%', high, low, ..] => hex_digit(high).zip(hex_digit(low)),
            _ => None,
        };
        decoded.push(encoded.map_or(bytes[at], |(high, low)| high << 4 | low));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes_of_base64(text: &str) -> Vec<u8> {
        let digits = |byte: u8| match byte {
            b'A'..=b'Z' => u32::from(byte - b'A'),
            b'a'..=b'z' => u32::from(byte - b'a') + 26,
            b'0'..=b'9' => u32::from(byte - b'0') + 52,
            b'+' => 62,
            b'/' => 63,
            _ => 0,
        };
        let mut bytes = Vec::new();
        for group in text.as_bytes().chunks(4) {
            let padding = group.iter().filter(|byte| **byte == b'=').count();
            let bits = group.iter().fold(0, |bits, byte| bits << 6 | digits(*byte));
            bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
        }
        bytes
    }

    proptest! {
        #[test]
        fn base64_can_be_decoded(bytes: Vec<u8>) {
            let text = base64(&bytes);
            prop_assert_eq!(text.len() % 4, 0);
            prop_assert_eq!(bytes_of_base64(&text), bytes);
        }

        #[test]
        fn percent_encoding_is_undone(bytes: Vec<u8>) {
            let encoded: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(percent_decoded(&encoded), bytes);
        }

        #[test]
        fn any_userinfo_is_decoded(text in ".{0,12}") {
            prop_assert!(percent_decoded(&text).len() <= text.len());
        }
    }

    #[test]
    fn proxies_are_parsed() {
        for (text, host, port, authorization) in [
            ("http://proxy", "proxy", 80, None),
            ("HTTP://Proxy:3128/", "proxy", 3128, None),
            ("http://[::1]:8080", "::1", 8080, None),
            (
                "http://Aladdin:open%20sesame@p:1",
                "p",
                1,
                Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ),
            ("http://u@p", "p", 80, Some("Basic dQ==")),
            ("http://a%zz%4@p", "p", 80, Some("Basic YSV6eiU0")),
            ("http://%+a@p", "p", 80, Some("Basic JSth")),
        ] {
            let proxy = Proxy::parse(text).expect(text);
            assert_eq!((proxy.host.as_str(), proxy.port), (host, port), "{text}");
            assert_eq!(proxy.authorization.as_deref(), authorization, "{text}");
        }
    }

    #[test]
    fn unsupported_proxies_are_refused() {
        for text in [
            "",
            "proxy:3128",
            "https://proxy",
            "socks5://proxy",
            "http://",
            "http://p:x",
        ] {
            assert!(Proxy::parse(text).is_err(), "{text}");
        }
    }
}
