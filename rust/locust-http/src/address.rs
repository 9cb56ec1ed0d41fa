//! Socket addresses as resolvers and users write them, scoped IPv6 (`fe80::1%eth0`) included.

use std::net::{SocketAddr, SocketAddrV6};

use crate::sys;

/// The socket address of `ip` and `port`. A scope is an interface's number or name.
///
/// # Errors
/// A message that names what is not an IP address.
pub fn parse(ip: &str, port: u16) -> Result<SocketAddr, String> {
    let not_an_address = || format!("{ip:?} is not an IP address");
    let Some((ip6, scope)) = ip.split_once('%') else {
        let ip = ip.parse().map_err(|_| not_an_address())?;
        return Ok(SocketAddr::new(ip, port));
    };
    let ip6 = ip6.parse().map_err(|_| not_an_address())?;
    let scope = scope
        .parse()
        .ok()
        .or_else(|| sys::interface_index(scope))
        .ok_or_else(not_an_address)?;
    Ok(SocketAddrV6::new(ip6, port, 0, scope).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed() {
        for (ip, shown) in [
            ("127.0.0.1", "127.0.0.1:80"),
            ("::1", "[::1]:80"),
            ("fe80::1%3", "[fe80::1%3]:80"),
        ] {
            assert_eq!(parse(ip, 80).expect(ip).to_string(), shown);
        }
    }

    #[test]
    fn the_loopback_interface_has_a_number() {
        let scoped = ["lo", "lo0"].map(|name| parse(&format!("fe80::1%{name}"), 80));
        assert!(scoped.iter().any(Result::is_ok), "{scoped:?}");
    }

    #[test]
    fn other_text_is_refused() {
        for ip in [
            "",
            "localhost",
            "1.2.3",
            "[::1]",
            "127.0.0.1%1",
            "fe80::1%",
            "fe80::1%no such",
            "fe80::1%a\0b",
        ] {
            assert!(parse(ip, 80).is_err(), "{ip:?}");
        }
    }
}
