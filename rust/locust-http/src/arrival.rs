//! How long the system had known what a program notices only now.
//!
//! A program that is busy reads late, and a response time that ends with the reading is too long by that much. The
//! system stamps what arrives at a socket; the age of that stamp is the lateness. Linux only: elsewhere nothing is
//! known.

use std::ffi::c_int;

/// Ages beyond this are a clock that was set, and no lateness.
#[cfg(target_os = "linux")]
const LONGEST_NS: i64 = 600_000_000_000;

/// Lets the system stamp what arrives at the TCP socket `fd` from now on. Does nothing where it cannot.
pub fn stamp(fd: c_int) {
    #[cfg(target_os = "linux")]
    linux::stamp(fd);
    #[cfg(not(target_os = "linux"))]
    let _ = fd;
}

/// Nanoseconds that the oldest unread byte of `fd` has waited; None if nothing waits or nothing was stamped.
///
/// Two system calls.
pub fn waited_ns(fd: c_int) -> Option<u64> {
    #[cfg(target_os = "linux")]
    return linux::waited_ns(fd);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = fd;
        None
    }
}

/// Nanoseconds that the TCP handshake of the fresh connection `fd` took; None if that is unknown, or if the
/// connection has carried data already.
pub fn handshake_ns(fd: c_int) -> Option<u64> {
    #[cfg(target_os = "linux")]
    return linux::handshake_ns(fd);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = fd;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_void};
    use std::mem;

    use super::LONGEST_NS;

    pub(super) fn stamp(fd: c_int) {
        let on: c_int = 1;
        // SAFETY: `on` is valid for the call; a descriptor that is not a socket is refused.
        unsafe {
            libc::setsockopt(
                fd,
                libc::SOL_SOCKET,
                libc::SO_TIMESTAMPNS,
                (&raw const on).cast(),
                mem::size_of::<c_int>() as libc::socklen_t,
            );
        }
    }

    /// Room for one control message that carries a time, aligned as such messages are.
    #[repr(C, align(8))]
    struct Control([u8; 64]);

    pub(super) fn waited_ns(fd: c_int) -> Option<u64> {
        if !has_unread(fd) {
            return None;
        }
        let mut byte = 0u8;
        let mut control = Control([0; 64]);
        let mut vector = libc::iovec {
            iov_base: (&raw mut byte).cast(),
            iov_len: 1,
        };
        // SAFETY: all zeros is a valid message header.
        let mut message: libc::msghdr = unsafe { mem::zeroed() };
        message.msg_iov = &raw mut vector;
        message.msg_iovlen = 1;
        message.msg_control = control.0.as_mut_ptr().cast();
        message.msg_controllen = control.0.len() as _;
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        // SAFETY: the header points to places that outlive the call, with their sizes.
        if unsafe { libc::recvmsg(fd, &raw mut message, flags) } <= 0 {
            return None;
        }
        // SAFETY: the system has filled in the header, and its macros read it within the told length.
        let stamped = unsafe {
            let first = libc::CMSG_FIRSTHDR(&raw const message);
            if first.is_null()
                || (*first).cmsg_level != libc::SOL_SOCKET
                || (*first).cmsg_type != libc::SCM_TIMESTAMPNS
            {
                return None;
            }
            std::ptr::read_unaligned(libc::CMSG_DATA(first).cast::<libc::timespec>())
        };
        let age = wall_clock_ns() - in_ns(&stamped);
        (age <= LONGEST_NS).then_some(age.max(0) as u64)
    }

    /// Whether bytes wait. Peeking at a socket without any would take its pending error (a reset, say) from the reader.
    fn has_unread(fd: c_int) -> bool {
        let mut unread: c_int = 0;
        // SAFETY: the place is valid for the call; a descriptor that is not a socket is refused.
        unsafe { libc::ioctl(fd, libc::FIONREAD, &raw mut unread) == 0 && unread > 0 }
    }

    /// Positions of numbers in the system's `tcp_info`, which only ever grows at its end.
    const SMOOTHED_ROUND_TRIP_US: usize = 68;
    const RECEIVED_BYTES: usize = 128;

    pub(super) fn handshake_ns(fd: c_int) -> Option<u64> {
        let mut info = [0u8; 192];
        let mut length = info.len() as libc::socklen_t;
        // SAFETY: `info` and `length` are valid places of the sizes that are told.
        let result = unsafe {
            libc::getsockopt(
                fd,
                libc::IPPROTO_TCP,
                libc::TCP_INFO,
                info.as_mut_ptr().cast::<c_void>(),
                &raw mut length,
            )
        };
        if result != 0 || (length as usize) < RECEIVED_BYTES + 8 {
            return None;
        }
        let received = u64::from_ne_bytes(info[RECEIVED_BYTES..][..8].try_into().ok()?);
        let round_trip = u32::from_ne_bytes(info[SMOOTHED_ROUND_TRIP_US..][..4].try_into().ok()?);
        (received == 0).then_some(u64::from(round_trip) * 1000)
    }

    fn wall_clock_ns() -> i64 {
        // SAFETY: all zeros is a valid time, and a valid place to write one.
        let mut now: libc::timespec = unsafe { mem::zeroed() };
        // SAFETY: as above; CLOCK_REALTIME exists.
        unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
        in_ns(&now)
    }

    #[allow(clippy::unnecessary_cast)] // the fields are narrower on other machines
    fn in_ns(time: &libc::timespec) -> i64 {
        time.tv_sec as i64 * 1_000_000_000 + time.tv_nsec as i64
    }
}
