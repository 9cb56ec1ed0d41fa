//! When each phase of a request ended, read from the clock beside the system call in question.

/// Moments of one request in nanoseconds of [`crate::clock`]; 0 means that the phase did not occur.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The request was handed in.
    pub start: u64,
    /// A connection, or the right to make one, was granted.
    pub queued: u64,
    /// The addresses were known (new connections only).
    pub resolved: u64,
    /// TCP was connected (new connections only; the last try).
    pub connected: u64,
    /// The TLS handshake was complete (new TLS connections only).
    pub tls: u64,
    /// The last byte of the request was handed to the system.
    pub sent: u64,
    /// The first bytes of the response were read.
    pub first_byte: u64,
    /// The final response's header was complete.
    pub header: u64,
    /// The response was complete.
    pub last_byte: u64,
}

impl Timing {
    /// Milliseconds from the start until `moment`; None if the phase did not occur.
    pub fn since_start_ms(&self, moment: u64) -> Option<f64> {
        (moment != 0).then(|| moment.saturating_sub(self.start) as f64 / 1e6)
    }
}
