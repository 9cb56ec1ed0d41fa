//! As much of ZMTP 3.0 (RFC 23) as a peer needs that only talks: the NULL mechanism, and frames of one message.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const GREETING: usize = 64;
const COMMAND: u8 = 0x04;
const LONG: u8 = 0x02;
const WITHIN: Duration = Duration::from_secs(2);
const LONGEST_COMMAND: usize = 4096;

/// A connection whose handshake is done.
pub struct Connection {
    stream: TcpStream,
}

impl Connection {
    /// Connects as a DEALER.
    ///
    /// # Errors
    /// Nobody answers within 2 seconds, or what answers speaks no ZeroMQ without encryption, or refuses.
    pub fn open(host: &str, port: u16, identity: &[u8]) -> io::Result<Self> {
        let mut stream = reach(host, port)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WITHIN))?;
        stream.set_write_timeout(Some(WITHIN))?;
        stream.write_all(&greeting())?;
        let mut theirs = [0; GREETING];
        stream.read_exact(&mut theirs)?;
        if theirs[0] != 0xff || theirs[10] < 3 || !theirs[12..].starts_with(b"NULL\0") {
            return Err(refused("it speaks no ZMTP 3 without encryption"));
        }
        stream.write_all(&frame(COMMAND, &ready(identity)))?;
        if !read_command(&mut stream)?.starts_with(b"\x05READY") {
            return Err(refused("it is not ready for this peer"));
        }
        Ok(Self { stream })
    }

    /// Sends a message of one frame.
    ///
    /// # Errors
    /// The connection is broken, or takes nothing for 2 seconds.
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.stream.write_all(&frame(0, message))
    }
}

fn reach(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut failure = refused("its name has no address");
    for address in (host.trim_matches(['[', ']']), port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, WITHIN) {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn greeting() -> [u8; GREETING] {
    let mut bytes = [0; GREETING];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    bytes
}

fn ready(identity: &[u8]) -> Vec<u8> {
    let mut body = b"\x05READY".to_vec();
    for (name, value) in [
        ("Socket-Type", b"DEALER".as_slice()),
        ("Identity", identity),
    ] {
        body.push(name.len() as u8);
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(&(value.len() as u32).to_be_bytes());
        body.extend_from_slice(value);
    }
    body
}

fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 9);
    if let Ok(short) = u8::try_from(body.len()) {
        bytes.extend_from_slice(&[flags, short]);
    } else {
        bytes.push(flags | LONG);
        bytes.extend_from_slice(&(body.len() as u64).to_be_bytes());
    }
    bytes.extend_from_slice(body);
    bytes
}

fn read_command(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut flags = [0];
    stream.read_exact(&mut flags)?;
    let length = if flags[0] & LONG == 0 {
        let mut short = [0];
        stream.read_exact(&mut short)?;
        u64::from(short[0])
    } else {
        let mut long = [0; 8];
        stream.read_exact(&mut long)?;
        u64::from_be_bytes(long)
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if flags[0] & COMMAND == 0 || length > LONGEST_COMMAND {
        return Err(refused("it sends something else than a command"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn frames_carry_their_length_in_one_byte_or_eight() {
        assert_eq!(frame(0, b"hello"), b"\x00\x05hello");
        assert_eq!(frame(COMMAND, &[7; 255])[..2], [COMMAND, 255]);
        let long = frame(0, &[7; 256]);
        assert_eq!(long[..9], [LONG, 0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!(long.len(), 9 + 256);
    }

    #[test]
    fn commands_are_read_as_they_are_written() {
        for body in [vec![1; 20], vec![2; 300]] {
            assert_eq!(
                read_command(&mut frame(COMMAND, &body).as_slice()).unwrap(),
                body
            );
        }
    }

    #[test]
    fn what_is_no_command_or_too_long_is_refused() {
        assert!(read_command(&mut frame(0, b"message").as_slice()).is_err());
        let mut endless = vec![COMMAND | LONG];
        endless.extend_from_slice(&u64::MAX.to_be_bytes());
        assert!(read_command(&mut endless.as_slice()).is_err());
        assert!(read_command(&mut [COMMAND, 9, 1].as_slice()).is_err());
    }
}
