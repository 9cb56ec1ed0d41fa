//! By how much Python's clients notice responses late: the waits of their sockets, and the requests these belong to.
//!
//! A client that takes its times in Python goes on when the event loop comes to its greenlet, whenever the response
//! came. So the waits of greenlets are followed, of some of them where requests are many: what a socket had to read
//! has waited for so long in there. When the greenlet then records a request, those of its waits that lie within the
//! response time made it longer. What is sampled so is kept for [`take_socket_lateness`].

use std::collections::HashMap;
use std::ffi::c_int;
use std::sync::{Mutex, MutexGuard, PoisonError};

use locust_http::arrival;
use locust_http::clock::now_ns;
use pyo3::prelude::*;

/// Followed requests that are wanted between two calls of `take_socket_lateness`, which is about a second.
const WANTED_SAMPLES: u64 = 128;
/// The most greenlets of which one is followed.
const MOST_PER_SAMPLE: u64 = 8;
/// Waits of one request that are kept; those after them count for nothing.
const MOST_WAITS: usize = 256;
/// Greenlets whose waits are kept: those that never record a request would pile up.
const MOST_GREENLETS: usize = 20_000;

/// A wait of a greenlet: when it began, and how late its end was noticed.
struct Wait {
    begun: u64,
    late_ns: u64,
}

/// What is known since the last call of `take_socket_lateness`.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Requests that Python has recorded.
    recorded: u64,
    /// Those of them that were followed.
    sampled: u64,
    /// Those of the followed in which a socket was waited for.
    waited: u64,
    /// The lateness of their waits, in all.
    late_ns: u64,
}

struct Followed {
    /// One greenlet in so many is followed.
    every: u64,
    /// Which of them: changes, so that all have their turn.
    turn: u64,
    /// Requests that began before are not known from their beginning.
    since: u64,
    waits: HashMap<usize, Vec<Wait>>,
    seen: Seen,
}

static FOLLOWED: Mutex<Option<Followed>> = Mutex::new(None);

fn followed() -> MutexGuard<'static, Option<Followed>> {
    FOLLOWED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Followed {
    fn new() -> Self {
        Self {
            every: 1,
            turn: 0,
            since: 0,
            waits: HashMap::new(),
            seen: Seen::default(),
        }
    }

    /// Whether the greenlet at this address is one of those that are followed.
    fn follows(&self, greenlet: usize) -> bool {
        let mixed = (greenlet as u64 >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        self.every == 1 || (mixed + self.turn).is_multiple_of(self.every)
    }

    fn note(&mut self, greenlet: usize, wait: Wait) {
        if self.waits.len() >= MOST_GREENLETS {
            self.waits.clear();
        }
        let waits = self.waits.entry(greenlet).or_default();
        if waits.len() < MOST_WAITS {
            waits.push(wait);
        } else {
            // Who never records anything keeps its last waits only.
            waits.clear();
        }
    }

    /// A request of `time_ns` was recorded by `greenlet` just now.
    fn recorded(&mut self, greenlet: usize, time_ns: u64, now: u64) {
        let begun = now.saturating_sub(time_ns);
        if !self.follows(greenlet) || begun < self.since {
            return;
        }
        self.seen.sampled += 1;
        let Some(waits) = self.waits.get_mut(&greenlet) else {
            return;
        };
        let within = || waits.iter().filter(|wait| wait.begun >= begun);
        if within().next().is_some() {
            let late_ns: u64 = within().map(|wait| wait.late_ns).sum();
            self.seen.waited += 1;
            self.seen.late_ns += late_ns.min(time_ns);
        }
        waits.clear();
    }

    /// Begins the next second: another selection of greenlets, if not all are followed.
    fn take(&mut self, now: u64) -> Seen {
        let seen = std::mem::take(&mut self.seen);
        let every = (seen.recorded / WANTED_SAMPLES).clamp(1, MOST_PER_SAMPLE);
        if every != 1 || self.every != 1 {
            self.waits.clear();
            self.since = now;
            self.turn += 1;
        }
        self.every = every;
        seen
    }
}

fn current_greenlet(py: Python<'_>) -> usize {
    #[cfg(unix)]
    {
        match crate::http::greenlet::current(py) {
            Ok(greenlet) => greenlet.as_ptr() as usize,
            Err(raised) => {
                drop(raised.take(py));
                0
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = py;
        0
    }
}

/// Python has recorded a request; called in the greenlet that did it.
#[inline]
pub fn recorded(py: Python<'_>, time_ms: f64) {
    let mut guard = followed();
    let Some(followed) = guard.as_mut() else {
        return;
    };
    followed.seen.recorded += 1;
    if followed.waits.is_empty() {
        followed.seen.sampled += 1;
        return;
    }
    let time_ns = (time_ms * 1e6).clamp(0.0, 1e18) as u64;
    followed.recorded(current_greenlet(py), time_ns, now_ns());
}

/// See `_core.pyi`.
#[pyfunction]
fn socket_wait_begins(py: Python<'_>, fd: c_int) -> u64 {
    let mut guard = followed();
    let followed = guard.get_or_insert_with(Followed::new);
    if !followed.follows(current_greenlet(py)) {
        return 0;
    }
    arrival::stamp(fd);
    now_ns()
}

/// See `_core.pyi`.
#[pyfunction]
fn socket_wait_ended(py: Python<'_>, fd: c_int, begun: u64, reads: bool) {
    let now = now_ns();
    let waited = now.saturating_sub(begun);
    let late_ns = if reads {
        arrival::waited_ns(fd)
    } else {
        arrival::handshake_ns(fd).map(|took| waited.saturating_sub(took))
    };
    // What came before the wait began was late for other reasons.
    let late_ns = late_ns.map_or(0, |late| late.min(waited));
    if let Some(followed) = followed().as_mut() {
        followed.note(current_greenlet(py), Wait { begun, late_ns });
    }
}

/// See `_core.pyi`.
#[pyfunction]
fn turn_ended(py: Python<'_>, begun: u64) {
    let late_ns = now_ns().saturating_sub(begun);
    if let Some(followed) = followed().as_mut() {
        followed.note(current_greenlet(py), Wait { begun, late_ns });
    }
}

/// See `_core.pyi`.
#[pyfunction]
fn take_socket_lateness() -> (u64, u64, u64, f64) {
    let seen = followed().get_or_insert_with(Followed::new).take(now_ns());
    (
        seen.recorded,
        seen.sampled,
        seen.waited,
        seen.late_ns as f64 / 1e6,
    )
}

/// See `_core.pyi`.
#[pyfunction]
fn take_engine_lateness() -> (u64, u64, f64, f64) {
    let seen = locust_http::lateness::take();
    let in_ms = |ns: u64| ns as f64 / 1e6;
    (
        seen.responses,
        seen.sampled,
        in_ms(seen.late_ns),
        in_ms(seen.connecting_late_ns),
    )
}

/// Adds this file's functions to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(socket_wait_begins, module)?)?;
    module.add_function(wrap_pyfunction!(socket_wait_ended, module)?)?;
    module.add_function(wrap_pyfunction!(turn_ended, module)?)?;
    module.add_function(wrap_pyfunction!(take_socket_lateness, module)?)?;
    module.add_function(wrap_pyfunction!(take_engine_lateness, module)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(begun: u64, late_ns: u64) -> Wait {
        Wait { begun, late_ns }
    }

    #[test]
    fn the_waits_within_a_request_make_it_late() {
        let mut followed = Followed::new();
        followed.note(1, wait(50, 40));
        followed.note(1, wait(110, 3));
        followed.note(1, wait(150, 4));
        followed.note(2, wait(150, 90));
        followed.recorded(1, 100, 200);
        assert_eq!((followed.seen.waited, followed.seen.late_ns), (1, 7));
    }

    #[test]
    fn a_wait_belongs_to_one_request() {
        let mut followed = Followed::new();
        followed.note(1, wait(110, 3));
        followed.recorded(1, 100, 200);
        followed.recorded(1, 200, 300);
        assert_eq!((followed.seen.sampled, followed.seen.waited), (2, 1));
    }

    #[test]
    fn a_request_is_never_later_than_it_is_long() {
        let mut followed = Followed::new();
        followed.note(1, wait(150, 500));
        followed.recorded(1, 100, 200);
        assert_eq!(followed.seen.late_ns, 100);
    }

    #[test]
    fn of_many_greenlets_some_are_followed_and_all_have_their_turn() {
        let mut followed = Followed::new();
        followed.seen.recorded = 1_000_000;
        followed.take(1);
        let mut turns = vec![0; 1000];
        for second in 0..MOST_PER_SAMPLE {
            for (number, turns) in turns.iter_mut().enumerate() {
                *turns += u32::from(followed.follows(0x7f00_0000 + number * 200));
            }
            followed.seen.recorded = 1_000_000;
            followed.take(second);
        }
        assert!(turns.iter().all(|turns| *turns == 1));
    }

    #[test]
    fn what_is_not_known_from_its_beginning_is_no_sample() {
        let mut followed = Followed::new();
        followed.seen.recorded = 1_000_000;
        followed.take(150);
        followed.every = 1;
        followed.recorded(1, 100, 200);
        assert_eq!(followed.seen.sampled, 0);
    }
}
