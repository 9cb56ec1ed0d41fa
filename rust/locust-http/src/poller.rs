//! Readiness of sockets: epoll or kqueue, edge-triggered, each socket registered once for its life.
//!
//! An edge is reported when something new arrives. So a reader must go on until the socket is
//! drained; a read that did not fill its buffer has drained it, and what arrives later is a new edge.

/// One ready socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    /// What was registered with it.
    pub(crate) token: u64,
    /// There is something to read, or the end.
    pub(crate) readable: bool,
    /// There is room to write, or a connect ended.
    pub(crate) writable: bool,
    /// The other side has closed or the connection broke: read to the end.
    pub(crate) hangup: bool,
}

/// Most events that one poll returns. Few enough that what they bring into the cache is still there when the
/// greenlets run that wait for them.
pub(crate) const BATCH: usize = 64;

pub(crate) use system::Poller;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

    use super::{BATCH, Event};
    use crate::sys::check;

    /// An epoll instance.
    pub(crate) struct Poller {
        fd: OwnedFd,
        events: Vec<libc::epoll_event>,
    }

    impl Poller {
        pub(crate) fn new() -> io::Result<Self> {
            // SAFETY: no pointers are involved; the descriptor is new and ours.
            let fd =
                unsafe { OwnedFd::from_raw_fd(check(libc::epoll_create1(libc::EPOLL_CLOEXEC))?) };
            Ok(Self {
                fd,
                events: Vec::with_capacity(BATCH),
            })
        }

        pub(crate) fn fd(&self) -> RawFd {
            self.fd.as_raw_fd()
        }

        /// Watches `fd` until it is closed.
        pub(crate) fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
            let flags = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
            let mut event = libc::epoll_event {
                events: flags as u32,
                u64: token,
            };
            // SAFETY: `event` is valid for the call.
            check(unsafe { libc::epoll_ctl(self.fd(), libc::EPOLL_CTL_ADD, fd, &raw mut event) })?;
            Ok(())
        }

        /// Appends what is ready now to `ready`; waits up to `timeout_ms`.
        pub(crate) fn poll(&mut self, ready: &mut Vec<Event>, timeout_ms: i32) -> io::Result<()> {
            // SAFETY: the vector has room for BATCH events; the system says how many it wrote.
            unsafe {
                let result = check(libc::epoll_wait(
                    self.fd(),
                    self.events.as_mut_ptr(),
                    BATCH as i32,
                    timeout_ms,
                ));
                let count = match result {
                    Ok(count) => count as usize,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                    Err(error) => return Err(error),
                };
                self.events.set_len(count);
            }
            ready.extend(self.events.iter().map(|event| {
                let flags = event.events as i32;
                let hangup = flags & (libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR) != 0;
                Event {
                    token: event.u64,
                    readable: hangup || flags & libc::EPOLLIN != 0,
                    writable: flags & (libc::EPOLLOUT | libc::EPOLLHUP | libc::EPOLLERR) != 0,
                    hangup,
                }
            }));
            Ok(())
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod system {
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
    use std::ptr;

    use super::{BATCH, Event};
    use crate::sys::check;

    /// A kqueue.
    pub(crate) struct Poller {
        fd: OwnedFd,
        events: Vec<libc::kevent>,
    }

    impl Poller {
        pub(crate) fn new() -> io::Result<Self> {
            // SAFETY: no pointers are involved; the descriptor is new and ours.
            let fd = unsafe { OwnedFd::from_raw_fd(check(libc::kqueue())?) };
            // SAFETY: as above.
            check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) })?;
            Ok(Self {
                fd,
                events: Vec::with_capacity(BATCH),
            })
        }

        pub(crate) fn fd(&self) -> RawFd {
            self.fd.as_raw_fd()
        }

        /// Watches `fd` until it is closed.
        pub(crate) fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
            let change = |filter: i16| {
                // SAFETY: all zeros is a valid kevent.
                let mut event: libc::kevent = unsafe { std::mem::zeroed() };
                event.ident = fd as usize;
                event.filter = filter as _;
                event.flags = (libc::EV_ADD | libc::EV_CLEAR) as _;
                event.udata = token as usize as *mut _;
                event
            };
            let changes = [
                change(libc::EVFILT_READ as i16),
                change(libc::EVFILT_WRITE as i16),
            ];
            // SAFETY: two changes are read, no event is written.
            check(unsafe {
                libc::kevent(
                    self.fd(),
                    changes.as_ptr(),
                    2,
                    ptr::null_mut(),
                    0,
                    ptr::null(),
                )
            })?;
            Ok(())
        }

        /// Appends what is ready now to `ready`; waits up to `timeout_ms`.
        pub(crate) fn poll(&mut self, ready: &mut Vec<Event>, timeout_ms: i32) -> io::Result<()> {
            let timeout = libc::timespec {
                tv_sec: (timeout_ms / 1000) as _,
                tv_nsec: ((timeout_ms % 1000) * 1_000_000) as _,
            };
            // SAFETY: the vector has room for BATCH events; the system says how many it wrote.
            unsafe {
                let result = check(libc::kevent(
                    self.fd(),
                    ptr::null(),
                    0,
                    self.events.as_mut_ptr(),
                    BATCH as i32,
                    &timeout,
                ));
                let count = match result {
                    Ok(count) => count as usize,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                    Err(error) => return Err(error),
                };
                self.events.set_len(count);
            }
            ready.extend(self.events.iter().map(|event| Event {
                token: event.udata as usize as u64,
                readable: event.filter as i16 == libc::EVFILT_READ as i16,
                writable: event.filter as i16 == libc::EVFILT_WRITE as i16,
                hangup: event.flags as u32 & libc::EV_EOF as u32 != 0,
            }));
            Ok(())
        }
    }
}
