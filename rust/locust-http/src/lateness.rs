//! By how much this thread's engines have read responses late, sampled.
//!
//! Every response is counted; of some the system is asked how long it had waited in its socket. The numbers are the
//! thread's, not the engine's: a thread has one event loop, and that is what is late.

use std::cell::Cell;

/// Samples that are wanted between two calls of [`take`], which is about a second.
const WANTED_SAMPLES: u64 = 256;
/// The most responses that share one sample. Keeps the cost below 0.02 µs a response.
const MOST_PER_SAMPLE: u64 = 32;

/// After so many responses without a [`take`], as in a program without a runner, samples are as rare as they may be.
const UNTAKEN_RESPONSES: u64 = 4 * WANTED_SAMPLES;

/// What happened in this thread since the last [`take`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// Responses that were read to the end, or to the end of their header if they are streams.
    pub responses: u64,
    /// Those of them whose waiting time is known.
    pub sampled: u64,
    /// Their waiting time, in all.
    pub late_ns: u64,
    /// By how much TCP connects and TLS handshakes were noticed late, in all.
    pub connecting_late_ns: u64,
}

struct Sampler {
    seen: Cell<Lateness>,
    /// Reads until the next sample.
    left: Cell<u64>,
    /// Responses that share a sample, on average.
    every: Cell<u64>,
    random: Cell<u64>,
    /// The waiting time of what is being read.
    current: Cell<Option<u64>>,
}

thread_local! {
    static SAMPLER: Sampler = const {
        Sampler {
            seen: Cell::new(Lateness { responses: 0, sampled: 0, late_ns: 0, connecting_late_ns: 0 }),
            left: Cell::new(0),
            every: Cell::new(1),
            random: Cell::new(0x9E37_79B9_7F4A_7C15),
            current: Cell::new(None),
        }
    };
}

/// The numbers since the last call, which start again from nothing.
pub fn take() -> Lateness {
    SAMPLER.with(|sampler| {
        let seen = sampler.seen.replace(Lateness::default());
        let every = (seen.responses / WANTED_SAMPLES).clamp(1, MOST_PER_SAMPLE);
        sampler.every.set(every);
        sampler.left.set(sampler.left.get().min(every));
        seen
    })
}

/// A socket is about to be read; `waited` asks how long its content has waited, if this one is a sample.
#[inline]
pub(crate) fn reading(waited: impl FnOnce() -> Option<u64>) {
    SAMPLER.with(|sampler| {
        let left = sampler.left.get();
        if left > 0 {
            sampler.left.set(left - 1);
            return;
        }
        if sampler.seen.get().responses > UNTAKEN_RESPONSES {
            sampler.every.set(MOST_PER_SAMPLE);
        }
        sampler.left.set(sampler.gap());
        sampler.current.set(waited());
    });
}

/// The reading that was announced last is over.
#[inline]
pub(crate) fn done_reading() {
    SAMPLER.with(|sampler| sampler.current.set(None));
}

/// What is being read was the end of a response time.
#[inline]
pub(crate) fn responded() {
    SAMPLER.with(|sampler| {
        let mut seen = sampler.seen.get();
        seen.responses += 1;
        if let Some(late) = sampler.current.take() {
            seen.sampled += 1;
            seen.late_ns += late;
        }
        sampler.seen.set(seen);
    });
}

/// A step of making a connection was noticed `late_ns` late.
pub(crate) fn connecting(late_ns: u64) {
    SAMPLER.with(|sampler| {
        let mut seen = sampler.seen.get();
        seen.connecting_late_ns += late_ns;
        sampler.seen.set(seen);
    });
}

impl Sampler {
    /// Reads to leave out: none to twice the average, at random, so that no rhythm of the users goes along with it.
    fn gap(&self) -> u64 {
        let mut random = self.random.get();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        self.random.set(random);
        (random >> 33) % (2 * self.every.get() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respond(times: u64, late_ns: u64) -> u64 {
        let asked = Cell::new(0);
        for _ in 0..times {
            reading(|| {
                asked.set(asked.get() + 1);
                Some(late_ns)
            });
            responded();
            done_reading();
        }
        asked.get()
    }

    #[test]
    fn few_responses_are_all_samples() {
        take();
        respond(100, 7);
        let seen = take();
        assert_eq!(
            (seen.responses, seen.sampled, seen.late_ns),
            (100, 100, 700)
        );
        assert_eq!(take(), Lateness::default());
    }

    #[test]
    fn many_responses_share_samples() {
        take();
        respond(100_000, 7);
        take();
        let asked = respond(100_000, 7);
        let seen = take();
        assert_eq!(seen.sampled, asked);
        assert!((2_500..4_500).contains(&asked), "{asked} samples");
    }

    #[test]
    fn samples_are_rare_where_nobody_takes_them() {
        take();
        assert!(respond(100_000, 7) < UNTAKEN_RESPONSES + 5_000);
    }

    #[test]
    fn what_was_asked_for_one_response_is_not_charged_to_another() {
        take();
        reading(|| Some(5));
        done_reading();
        responded();
        assert_eq!(take().sampled, 0);
    }
}
