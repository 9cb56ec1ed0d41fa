//! The wall clock, as the statistics and the engine's exceptions give it, and the ticks of their timelines.

use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock in epoch seconds.
pub(crate) fn wall_clock() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// Whole seconds of a clock that nobody can set. Read from the kernel's last timer tick, which costs a few nanoseconds
/// and is a few milliseconds old.
#[cfg(target_os = "linux")]
pub(crate) fn tick() -> i64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place to write; Linux has had this clock since 2.6.32.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &mut time) };
    time.tv_sec
}

/// Whole seconds since the first call.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tick() -> i64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs() as i64
}
