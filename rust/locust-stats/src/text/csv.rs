//! CSV as Python's `csv.writer` writes it, with cells that no spreadsheet takes for a formula.

use super::number::write_repr;
use crate::num::Num;
use std::borrow::Cow;
use std::fmt::Write;

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text that came from outside: names, methods.
    Text(String),
    /// A number, shown as `repr` does.
    Number(Num),
    /// A rate with six decimals.
    Rate(f64),
    /// A percentile without samples.
    NotAvailable,
}

impl Cell {
    /// Appends the cell as it stands in a row.
    pub fn write(&self, out: &mut String) {
        match self {
            Cell::Text(text) => write_text(out, text),
            Cell::Number(number) => write_repr(out, *number),
            Cell::Rate(rate) => {
                let _ = write!(out, "{rate:.6}");
            }
            Cell::NotAvailable => out.push_str("N/A"),
        }
    }
}

/// Appends one row and its line end.
pub fn write_row(out: &mut String, cells: &[Cell]) {
    for (position, cell) in cells.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        cell.write(out);
    }
    out.push_str("\r\n");
}

/// The text, with an apostrophe before a first character that would make it a formula.
///
/// ```
/// use locust_stats::text::csv::without_formula;
/// assert_eq!(without_formula("=1+1"), "'=1+1");
/// assert_eq!(without_formula("/search?q=1"), "/search?q=1");
/// ```
#[must_use]
pub fn without_formula(text: &str) -> Cow<'_, str> {
    match text.bytes().next() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r') => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

fn write_text(out: &mut String, text: &str) {
    let text = without_formula(text);
    if text.contains(['"', ',', '\r', '\n']) {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, write_row};
    use crate::num::Num;

    #[test]
    fn cells_are_quoted_only_where_they_must_be() {
        let mut out = String::new();
        let cells = [
            Cell::Text("a,b".into()),
            Cell::Text("say \"hi\"".into()),
            Cell::Text("=x".into()),
            Cell::Number(Num::Float(2.0)),
            Cell::Rate(1.0 / 3.0),
            Cell::NotAvailable,
        ];
        write_row(&mut out, &cells);
        assert_eq!(out, "\"a,b\",\"say \"\"hi\"\"\",'=x,2.0,0.333333,N/A\r\n");
    }
}
