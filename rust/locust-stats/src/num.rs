//! A number that remembers whether it was an integer or a float, as Python's do.
//!
//! Sums, minima and maxima of response times go into JSON, msgpack and CSV, where `3` and `3.0` differ. Scripts
//! compare those bytes, so the kind of a number is kept through the arithmetic.

use std::cmp::Ordering;

/// An integer or a float, with Python's rules for sums and comparisons.
///
/// ```
/// use locust_stats::num::Num;
/// assert_eq!(Num::Int(1) + Num::Int(2), Num::Int(3));
/// assert_eq!(Num::Int(1) + Num::Float(0.5), Num::Float(1.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Num {
    /// A Python `int` that fits in 64 bits.
    Int(i64),
    /// A Python `float`.
    Float(f64),
}

impl From<i64> for Num {
    fn from(value: i64) -> Self {
        Num::Int(value)
    }
}

impl Num {
    /// The integer zero, which every sum starts from.
    pub const ZERO: Num = Num::Int(0);

    /// The value as a float; integers beyond 2^53 are rounded.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Num::Int(value) => value as f64,
            Num::Float(value) => value,
        }
    }

    /// Python's `int(x)`: towards zero. Saturates at 64 bits; NaN gives 0.
    #[must_use]
    pub fn truncated(self) -> i64 {
        match self {
            Num::Int(value) => value,
            Num::Float(value) => value as i64,
        }
    }

    /// Whether Python would call it false.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.as_f64() == 0.0
    }

    /// Python's `min(self, other)`: the first of equals.
    #[must_use]
    pub fn min(self, other: Num) -> Num {
        if other.less_than(self) { other } else { self }
    }

    /// Python's `max(self, other)`: the first of equals.
    #[must_use]
    pub fn max(self, other: Num) -> Num {
        if self.less_than(other) { other } else { self }
    }

    /// Whether `self < other`; false where either is NaN.
    #[must_use]
    pub fn less_than(self, other: Num) -> bool {
        self.compare(other) == Some(Ordering::Less)
    }

    fn compare(self, other: Num) -> Option<Ordering> {
        match (self, other) {
            (Num::Int(left), Num::Int(right)) => Some(left.cmp(&right)),
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }
}

impl std::ops::Add for Num {
    type Output = Num;

    fn add(self, other: Num) -> Num {
        if let (Num::Int(left), Num::Int(right)) = (self, other)
            && let Some(sum) = left.checked_add(right)
        {
            return Num::Int(sum);
        }
        Num::Float(self.as_f64() + other.as_f64())
    }
}

impl std::ops::AddAssign for Num {
    fn add_assign(&mut self, other: Num) {
        *self = *self + other;
    }
}

impl Default for Num {
    fn default() -> Self {
        Num::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::Num;

    #[test]
    fn the_first_of_equal_numbers_wins_like_in_python() {
        assert_eq!(Num::Int(5).max(Num::Float(5.0)), Num::Int(5));
        assert_eq!(Num::Float(5.0).min(Num::Int(5)), Num::Float(5.0));
    }

    #[test]
    fn integers_that_overflow_become_floats() {
        assert_eq!(
            Num::Int(i64::MAX) + Num::Int(1),
            Num::Float(9.223_372_036_854_776e18)
        );
    }

    #[test]
    fn nan_never_replaces_a_number() {
        assert_eq!(Num::Int(1).max(Num::Float(f64::NAN)), Num::Int(1));
        assert_eq!(Num::Int(1).min(Num::Float(f64::NAN)), Num::Int(1));
    }
}
