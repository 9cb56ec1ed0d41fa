//! What the requests of a row spent their time on, where an engine tells: connections, bytes and the phases of a request.
//!
//! Count, sum and maximum of each phase, in whole nanoseconds, so that a merge is exact.

/// The phases of a request, in the order in which they follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Phase {
    /// Waiting for a connection of the client's pool, or for the right to make one.
    Queue,
    /// Name resolution; only where a connection was made, as the next two.
    Resolve,
    /// TCP, up to the address that answered.
    Connect,
    /// A proxy's tunnel and the TLS handshake.
    Tls,
    /// Handing the request to the system.
    Send,
    /// From there to the first byte of the response.
    FirstByte,
    /// From there to the last one.
    LastByte,
}

/// Number of phases.
pub const PHASES: usize = 7;

/// What reports and files call them, in their order.
pub const NAMES: [&str; PHASES] = [
    "queue",
    "resolve",
    "connect",
    "tls",
    "send",
    "first_byte",
    "last_byte",
];

/// One request and its response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    /// How long each phase took, in nanoseconds; `None`: there was none.
    pub took_ns: [Option<u64>; PHASES],
    /// Whether a connection was made for it.
    pub opened: bool,
    /// Whether it was sent a second time, because the first connection was stale.
    pub retried: bool,
    /// Bytes of head and body, before TLS.
    pub sent_bytes: u64,
    /// The same of the response.
    pub received_bytes: u64,
}

/// Count, sum and maximum of a phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // they say what they are
pub struct Lap {
    pub count: u64,
    pub total_ns: u64,
    pub most_ns: u64,
}

impl Lap {
    /// Mean in milliseconds; 0 without any.
    #[must_use]
    pub fn mean_ms(self) -> f64 {
        match self.count {
            0 => 0.0,
            count => self.total_ns as f64 / count as f64 / 1e6,
        }
    }

    /// Maximum in milliseconds.
    #[must_use]
    pub fn most_ms(self) -> f64 {
        self.most_ns as f64 / 1e6
    }

    fn merge(&mut self, other: Lap) {
        self.count += other.count;
        self.total_ns = self.total_ns.saturating_add(other.total_ns);
        self.most_ns = self.most_ns.max(other.most_ns);
    }
}

/// Numbers of [`Phases::numbers`].
pub const NUMBERS: usize = 5 + 3 * PHASES;

/// What the requests of a row add up to.
///
/// ```
/// use locust_stats::phases::{Exchange, Phase, Phases};
/// let mut exchange = Exchange { opened: true, ..Exchange::default() };
/// exchange.took_ns[Phase::Connect as usize] = Some(2_000_000);
/// let mut phases = Phases::default();
/// phases.record(&exchange);
/// assert_eq!(phases.lap(Phase::Connect).mean_ms(), 2.0);
/// assert_eq!((phases.opened, phases.reused()), (1, 0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // likewise
pub struct Phases {
    pub exchanges: u64,
    pub opened: u64,
    pub retried: u64,
    pub sent_bytes: u64,
    pub received_bytes: u64,
    laps: [Lap; PHASES],
}

impl Phases {
    /// Counts a request.
    #[inline]
    pub fn record(&mut self, exchange: &Exchange) {
        self.exchanges += 1;
        self.opened += u64::from(exchange.opened);
        self.retried += u64::from(exchange.retried);
        self.sent_bytes += exchange.sent_bytes;
        self.received_bytes += exchange.received_bytes;
        for (lap, took_ns) in self.laps.iter_mut().zip(exchange.took_ns) {
            if let Some(took_ns) = took_ns {
                lap.merge(Lap {
                    count: 1,
                    total_ns: took_ns,
                    most_ns: took_ns,
                });
            }
        }
    }

    /// Requests that used a connection which had served before.
    #[must_use]
    pub fn reused(&self) -> u64 {
        self.exchanges.saturating_sub(self.opened)
    }

    /// One phase.
    #[must_use]
    pub fn lap(&self, phase: Phase) -> Lap {
        self.laps[phase as usize]
    }

    /// All phases with their names, in their order.
    pub fn laps(&self) -> impl Iterator<Item = (&'static str, Lap)> {
        NAMES.into_iter().zip(self.laps)
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Phases) {
        self.exchanges += other.exchanges;
        self.opened += other.opened;
        self.retried += other.retried;
        self.sent_bytes = self.sent_bytes.saturating_add(other.sent_bytes);
        self.received_bytes = self.received_bytes.saturating_add(other.received_bytes);
        for (lap, other) in self.laps.iter_mut().zip(other.laps) {
            lap.merge(other);
        }
    }

    /// All of it as numbers, for a report.
    #[must_use]
    pub fn numbers(&self) -> [u64; NUMBERS] {
        let mut numbers = [0; NUMBERS];
        let counts = [
            self.exchanges,
            self.opened,
            self.retried,
            self.sent_bytes,
            self.received_bytes,
        ];
        let laps = self
            .laps
            .iter()
            .flat_map(|lap| [lap.count, lap.total_ns, lap.most_ns]);
        for (place, number) in numbers.iter_mut().zip(counts.into_iter().chain(laps)) {
            *place = number;
        }
        numbers
    }

    /// The same read back.
    #[must_use]
    pub fn from_numbers(numbers: &[u64; NUMBERS]) -> Self {
        let [
            exchanges,
            opened,
            retried,
            sent_bytes,
            received_bytes,
            laps @ ..,
        ] = numbers;
        let mut phases = Phases {
            exchanges: *exchanges,
            opened: *opened,
            retried: *retried,
            sent_bytes: *sent_bytes,
            received_bytes: *received_bytes,
            laps: [Lap::default(); PHASES],
        };
        for (lap, numbers) in phases.laps.iter_mut().zip(laps.chunks_exact(3)) {
            *lap = Lap {
                count: numbers[0],
                total_ns: numbers[1],
                most_ns: numbers[2],
            };
        }
        phases
    }
}

#[cfg(test)]
mod tests {
    use super::{Exchange, PHASES, Phases};
    use proptest::prelude::*;

    fn exchange() -> impl Strategy<Value = Exchange> {
        let took_ns = prop::collection::vec(prop::option::of(0u64..1 << 40), PHASES);
        (took_ns, any::<[bool; 2]>(), 0u64..1 << 30, 0u64..1 << 30).prop_map(
            |(took_ns, [opened, retried], sent_bytes, received_bytes)| Exchange {
                took_ns: std::array::from_fn(|phase| took_ns[phase]),
                opened,
                retried,
                sent_bytes,
                received_bytes,
            },
        )
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(exchanges in prop::collection::vec((0usize..4, exchange()), 0..60)) {
            let (mut whole, mut parts) = (Phases::default(), [Phases::default(); 4]);
            for (part, exchange) in &exchanges {
                whole.record(exchange);
                parts[*part].record(exchange);
            }
            let mut merged = Phases::default();
            for part in parts.iter().rev() {
                merged.merge(&Phases::from_numbers(&part.numbers()));
            }
            prop_assert_eq!(merged, whole);
            prop_assert_eq!(whole.exchanges, exchanges.len() as u64);
            prop_assert_eq!(whole.opened + whole.reused(), whole.exchanges);
            for (position, (_, lap)) in whole.laps().enumerate() {
                let took = || exchanges.iter().filter_map(|(_, exchange)| exchange.took_ns[position]);
                prop_assert_eq!((lap.count, lap.total_ns, lap.most_ns), (took().count() as u64, took().sum(), took().max().unwrap_or(0)));
            }
        }
    }
}
