//! The HTTP/1.1 engine: sockets, one poller and the pool of connections, driven by its caller.
//!
//! It starts no thread and no runtime. The caller submits requests, watches the poller's
//! descriptor, and calls `poll` when it becomes readable.
