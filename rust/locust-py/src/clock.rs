//! The wall clock, as the statistics and the engine's exceptions give it.

use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock in epoch seconds.
pub(crate) fn wall_clock() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}
