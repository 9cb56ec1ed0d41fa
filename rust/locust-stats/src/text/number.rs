//! Numbers as Python's `repr` shows them.

use crate::num::Num;
use std::fmt::Write;

/// Appends a number as `repr` does: `3`, `3.0`, `1e-05`, `1e+16`, `inf`, `nan`.
///
/// ```
/// use locust_stats::{num::Num, text::number::write_repr};
/// let mut text = String::new();
/// write_repr(&mut text, Num::Float(1e22));
/// assert_eq!(text, "1e+22");
/// ```
pub fn write_repr(out: &mut String, number: Num) {
    // Writing to a String cannot fail.
    let _ = match number {
        Num::Int(value) => write!(out, "{value}"),
        Num::Float(value) if value.is_nan() => write!(out, "nan"),
        Num::Float(value) if value.is_infinite() => {
            write!(out, "{}", if value > 0.0 { "inf" } else { "-inf" })
        }
        Num::Float(value) if value == 0.0 || (1e-4..1e16).contains(&value.abs()) => {
            // Both languages print the shortest digits that read back as the same float.
            if value.fract() == 0.0 {
                write!(out, "{value}.0")
            } else {
                write!(out, "{value}")
            }
        }
        Num::Float(value) => {
            let scientific = format!("{value:e}");
            let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            let (sign, exponent) = exponent
                .strip_prefix('-')
                .map_or(('+', exponent), |rest| ('-', rest));
            write!(out, "{digits}e{sign}{exponent:0>2}")
        }
    };
}

#[cfg(test)]
mod tests {
    use super::write_repr;
    use crate::num::Num;

    #[test]
    fn numbers_look_as_in_python() {
        let cases = [
            (Num::Int(-7), "-7"),
            (Num::Float(0.0), "0.0"),
            (Num::Float(-0.0), "-0.0"),
            (Num::Float(88.80000000000001), "88.80000000000001"),
            (Num::Float(1e15), "1000000000000000.0"),
            (Num::Float(1e16), "1e+16"),
            (Num::Float(1.5e300), "1.5e+300"),
            (Num::Float(0.0001), "0.0001"),
            (Num::Float(0.00001), "1e-05"),
            (Num::Float(-2.5e-10), "-2.5e-10"),
            (Num::Float(f64::INFINITY), "inf"),
        ];
        for (number, expected) in cases {
            let mut text = String::new();
            write_repr(&mut text, number);
            assert_eq!(text, expected);
        }
    }
}
