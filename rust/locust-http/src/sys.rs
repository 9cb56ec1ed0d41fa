//! The system calls on sockets: nonblocking TCP, close on exec, no signal on a broken pipe.

use std::ffi::CString;
use std::io;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use crate::arrival;
use libc::{c_int, c_void, sockaddr, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t};

#[cfg(any(target_os = "linux", target_os = "android"))]
const SEND_FLAGS: c_int = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SEND_FLAGS: c_int = 0;

/// The number of the network interface `name`, if there is one.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` ends with NUL and outlives the call.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index != 0).then_some(index)
}

/// A nonblocking TCP socket; closed when dropped.
pub(crate) struct Socket(OwnedFd);

impl Socket {
    /// Makes a socket for `address` and begins to connect it. Whether that worked is known once it
    /// is writable ([`Socket::connected`]).
    pub(crate) fn connect(address: &SocketAddr, source: Option<&SocketAddr>) -> io::Result<Self> {
        let family = if address.is_ipv4() {
            libc::AF_INET
        } else {
            libc::AF_INET6
        };
        let socket = Self(new_socket(family)?);
        socket.set_flag(libc::IPPROTO_TCP, libc::TCP_NODELAY)?;
        arrival::stamp(socket.fd());
        #[cfg(any(target_os = "macos", target_os = "ios"))]
        socket.set_flag(libc::SOL_SOCKET, libc::SO_NOSIGPIPE)?;
        if let Some(source) = source {
            socket.set_flag(libc::SOL_SOCKET, libc::SO_REUSEADDR)?;
            let (storage, length) = to_system(source);
            // SAFETY: `storage` holds an address of `length` bytes and outlives the call.
            check(unsafe { libc::bind(socket.fd(), (&raw const storage).cast(), length) })?;
        }
        let (storage, length) = to_system(address);
        loop {
            // SAFETY: as above.
            let result =
                check(unsafe { libc::connect(socket.fd(), (&raw const storage).cast(), length) });
            match result {
                Ok(_) => return Ok(socket),
                Err(error) => match error.raw_os_error() {
                    Some(libc::EINPROGRESS) => return Ok(socket),
                    Some(libc::EINTR) => {}
                    _ => return Err(error),
                },
            }
        }
    }

    /// The descriptor.
    pub(crate) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// The result of the connect; ask once the socket is writable.
    pub(crate) fn connected(&self) -> io::Result<()> {
        let mut code: c_int = 0;
        let mut length = mem::size_of::<c_int>() as socklen_t;
        // SAFETY: `code` and `length` are valid places of the sizes that are told.
        check(unsafe {
            libc::getsockopt(
                self.fd(),
                libc::SOL_SOCKET,
                libc::SO_ERROR,
                (&raw mut code).cast::<c_void>(),
                &mut length,
            )
        })?;
        if code == 0 {
            Ok(())
        } else {
            Err(io::Error::from_raw_os_error(code))
        }
    }

    /// This end's address.
    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        // SAFETY: all zeros is a valid sockaddr_storage.
        let mut storage: sockaddr_storage = unsafe { mem::zeroed() };
        let mut length = mem::size_of::<sockaddr_storage>() as socklen_t;
        // SAFETY: `storage` is a valid place of `length` bytes.
        let result = unsafe {
            libc::getsockname(
                self.fd(),
                (&raw mut storage).cast::<sockaddr>(),
                &mut length,
            )
        };
        if result == 0 {
            from_system(&storage)
        } else {
            None
        }
    }

    /// Sends what fits; `WouldBlock` if nothing does.
    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        retry(|| {
            // SAFETY: `bytes` is readable for its length.
            unsafe { libc::send(self.fd(), bytes.as_ptr().cast(), bytes.len(), SEND_FLAGS) }
        })
    }

    /// Receives what is there; 0 at the end, `WouldBlock` if there is nothing yet.
    pub(crate) fn recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        retry(|| {
            // SAFETY: `buffer` is writable for its length.
            unsafe { libc::recv(self.fd(), buffer.as_mut_ptr().cast(), buffer.len(), 0) }
        })
    }

    /// Whether there is neither data nor an end to be read: the only healthy state of an idle
    /// connection.
    pub(crate) fn is_quiet(&self) -> bool {
        let mut byte = 0u8;
        let result = retry(|| {
            // SAFETY: `byte` is one writable byte.
            unsafe { libc::recv(self.fd(), (&raw mut byte).cast(), 1, libc::MSG_PEEK) }
        });
        matches!(result, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    fn set_flag(&self, level: c_int, name: c_int) -> io::Result<()> {
        let on: c_int = 1;
        let length = mem::size_of::<c_int>() as socklen_t;
        // SAFETY: `on` is readable for `length` bytes.
        check(unsafe {
            libc::setsockopt(
                self.fd(),
                level,
                name,
                (&raw const on).cast::<c_void>(),
                length,
            )
        })?;
        Ok(())
    }
}

/// -1 becomes the system's error.
pub(crate) fn check(result: c_int) -> io::Result<c_int> {
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

fn retry(mut call: impl FnMut() -> libc::ssize_t) -> io::Result<usize> {
    loop {
        let result = call();
        if result >= 0 {
            return Ok(result as usize);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn new_socket(family: c_int) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: no pointers are involved; the descriptor is new and ours.
    unsafe { Ok(OwnedFd::from_raw_fd(check(libc::socket(family, kind, 0))?)) }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn new_socket(family: c_int) -> io::Result<OwnedFd> {
    // SAFETY: no pointers are involved; the descriptor is new and ours.
    unsafe {
        let fd = OwnedFd::from_raw_fd(check(libc::socket(family, libc::SOCK_STREAM, 0))?);
        check(libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC))?;
        let flags = check(libc::fcntl(fd.as_raw_fd(), libc::F_GETFL))?;
        check(libc::fcntl(
            fd.as_raw_fd(),
            libc::F_SETFL,
            flags | libc::O_NONBLOCK,
        ))?;
        Ok(fd)
    }
}

fn to_system(address: &SocketAddr) -> (sockaddr_storage, socklen_t) {
    // SAFETY: all zeros is a valid sockaddr_storage, and it is large and aligned enough for both
    // kinds of address that are written into it.
    unsafe {
        let mut storage: sockaddr_storage = mem::zeroed();
        match address {
            SocketAddr::V4(address) => {
                let place = &mut *(&raw mut storage).cast::<sockaddr_in>();
                place.sin_family = libc::AF_INET as _;
                place.sin_port = address.port().to_be();
                place.sin_addr.s_addr = u32::from_ne_bytes(address.ip().octets());
                (storage, mem::size_of::<sockaddr_in>() as socklen_t)
            }
            SocketAddr::V6(address) => {
                let place = &mut *(&raw mut storage).cast::<sockaddr_in6>();
                place.sin6_family = libc::AF_INET6 as _;
                place.sin6_port = address.port().to_be();
                place.sin6_addr.s6_addr = address.ip().octets();
                place.sin6_flowinfo = address.flowinfo();
                place.sin6_scope_id = address.scope_id();
                (storage, mem::size_of::<sockaddr_in6>() as socklen_t)
            }
        }
    }
}

fn from_system(storage: &sockaddr_storage) -> Option<SocketAddr> {
    match c_int::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says what it is.
            let place = unsafe { &*(storage as *const sockaddr_storage).cast::<sockaddr_in>() };
            let ip = Ipv4Addr::from(place.sin_addr.s_addr.to_ne_bytes());
            Some(SocketAddrV4::new(ip, u16::from_be(place.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: the family says what it is.
            let place = unsafe { &*(storage as *const sockaddr_storage).cast::<sockaddr_in6>() };
            let ip = Ipv6Addr::from(place.sin6_addr.s6_addr);
            let port = u16::from_be(place.sin6_port);
            Some(SocketAddrV6::new(ip, port, place.sin6_flowinfo, place.sin6_scope_id).into())
        }
        _ => None,
    }
}
