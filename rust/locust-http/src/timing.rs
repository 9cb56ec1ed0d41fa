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

    /// How long each phase took, in nanoseconds: queue, name resolution, connect, TLS, send, first byte, last byte.
    ///
    /// None for what did not occur: the second to fourth without a connection of its own (`opened`), the last of a
    /// response that is not complete. A server that answers before it has read everything makes no phase negative.
    pub fn took_ns(&self, opened: bool) -> [Option<u64>; 7] {
        let between = |from: u64, to: u64| (from != 0 && to != 0).then(|| to.saturating_sub(from));
        let made = |from, to| if opened { between(from, to) } else { None };
        let ready = if opened {
            self.queued.max(self.connected).max(self.tls)
        } else {
            self.queued
        };
        [
            between(self.start, self.queued),
            made(self.queued, self.resolved),
            made(self.resolved, self.connected),
            made(self.connected, self.tls),
            between(ready, self.sent),
            between(self.sent, self.first_byte),
            between(self.first_byte, self.last_byte),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::Timing;

    const NEW: Timing = Timing {
        start: 100,
        queued: 101,
        resolved: 103,
        connected: 107,
        tls: 115,
        sent: 131,
        first_byte: 163,
        header: 170,
        last_byte: 227,
    };

    #[test]
    fn phases_of_a_new_connection_add_up_to_the_whole() {
        let took = NEW.took_ns(true);
        assert_eq!(took, [1, 2, 4, 8, 16, 32, 64].map(Some));
        assert_eq!(
            took.iter().flatten().sum::<u64>(),
            NEW.last_byte - NEW.start
        );
    }

    #[test]
    fn a_connection_that_is_used_again_has_no_phases_of_its_making() {
        let took = Timing {
            resolved: 0,
            connected: 0,
            tls: 0,
            last_byte: 0,
            ..NEW
        }
        .took_ns(false);
        assert_eq!(took, [Some(1), None, None, None, Some(30), Some(32), None]);
    }

    #[test]
    fn an_answer_that_comes_before_everything_was_sent_took_no_time() {
        let early = Timing {
            sent: 200,
            first_byte: 190,
            ..NEW
        };
        assert_eq!(early.took_ns(true)[5], Some(0));
    }
}
