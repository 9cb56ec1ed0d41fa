//! Response-time statistics of a load test.
//!
//! Owns buckets, percentiles, per-name entries, error tables, reports between nodes and the
//! arithmetic that spreads users over workers. Knows no Python, does no I/O and reads no clock:
//! the time of an event is always an argument.

#![forbid(unsafe_code)]

pub mod bucket;
pub mod counts;
pub mod dispatch;
pub mod entry;
pub mod envelope;
pub mod errors;
pub mod histogram;
pub mod num;
pub mod outcomes;
pub mod per_second;
pub mod percentile;
pub mod phases;
pub mod report;
pub mod resample;
pub mod snapshots;
pub mod text;
pub mod timeline;
pub mod wire;
