//! Response-time statistics of a load test.
//!
//! Owns buckets, percentiles, per-name entries, error tables, reports between nodes and the
//! arithmetic that spreads users over workers. Knows no Python, does no I/O and reads no clock:
//! the time of an event is always an argument.
