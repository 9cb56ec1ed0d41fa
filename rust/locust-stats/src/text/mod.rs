//! Rows as text: CSV and JSON, byte for byte what Python's `csv` and `json` modules write for the same values.

/// Which response times a row shows. One row, one precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// Buckets of two significant digits, as Locust documents them.
    Documented,
    /// Those of the precise histogram, to the microsecond.
    Precise,
}

pub mod csv;
pub mod json;
pub mod number;
pub mod page;
pub mod table;
