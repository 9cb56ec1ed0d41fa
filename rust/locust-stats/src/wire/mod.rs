//! Statistics between nodes, as msgpack.
//!
//! The layout is Locust's (`["stats", {…}, node_id]`, counters since the last report), so that any node that
//! speaks its protocol can take part. What only our own nodes understand travels under one extra key.

pub mod decode;
pub mod encode;
pub mod intervals;
pub mod outcomes;
mod pack;
mod phases;
pub mod precise;
pub mod reader;

/// The extra key. Others ignore keys that they don't know.
pub const OUR_KEY: &str = "locust_rs";
