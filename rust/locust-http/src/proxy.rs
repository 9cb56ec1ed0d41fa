//! Requests through a proxy: plain ones in absolute form, TLS through a CONNECT tunnel.

use crate::url::Origin;

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
