//! Rows as text: CSV and JSON, byte for byte what Python's `csv` and `json` modules write for the same values.

pub mod csv;
pub mod json;
pub mod number;
pub mod page;
pub mod table;
