//! The HTTP/1.1 engine: sockets, one poller and the pool of connections, driven by its caller.
//!
//! It starts neither a thread nor a runtime. The caller submits requests, watches the poller's descriptor,
//! calls [`engine::Engine::poll`] when it becomes readable, and asks each request for its
//! [`engine::Step`]. Parsing and decoding ([`response`], [`chunked`], [`decode`]) do no I/O and can be
//! used (and tested) on their own.
//!
//! On platforms without epoll or kqueue only the parts without I/O exist.

#[cfg(unix)]
pub mod address;
pub mod arrival;
mod buffers;
pub mod chunked;
pub mod clock;
pub mod decode;
pub mod error;
pub mod head;
pub mod lateness;
#[cfg_attr(not(unix), allow(dead_code))] // only the engine opens tunnels
pub mod proxy;
pub mod request;
pub mod response;
pub mod timing;
pub mod tls;
#[cfg_attr(not(unix), allow(dead_code))] // only the engine sends requests
pub mod unsampled;
pub mod url;

#[cfg(unix)]
mod connection;
#[cfg(unix)]
mod deadline;
#[cfg(unix)]
pub mod engine;
#[cfg(unix)]
mod poller;
#[cfg(unix)]
pub mod pool;
#[cfg(unix)]
mod slab;
#[cfg(unix)]
mod sys;

/// Whether this platform has a poller that another event loop can watch.
pub const AVAILABLE: bool = cfg!(unix);
