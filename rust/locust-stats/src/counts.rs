//! `{bucket: count}` in the order in which the buckets first appeared, as a Python dictionary would keep it.
//!
//! Buckets of the default function are found through a dense table; what a user's own bucket function returns
//! may be any number and is hashed.

use crate::bucket::dense_index;
use crate::num::Num;
use std::collections::HashMap;

/// Counters per bucket.
///
/// ```
/// use locust_stats::{counts::Counts, num::Num};
/// let mut counts = Counts::default();
/// counts.add(Num::Int(120), 2);
/// counts.add(Num::Int(7), 1);
/// assert_eq!(counts.slots(), [(Num::Int(120), 2), (Num::Int(7), 1)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Counts {
    slots: Vec<(Num, i64)>,
    /// Position in `slots` plus one, per dense index; empty until the first dense bucket appears.
    dense: Vec<u32>,
    /// Positions in `slots` of the buckets without a dense index, by the bits of the bucket as a float.
    sparse: HashMap<u64, u32>,
}

impl Counts {
    /// Adds `count` to a bucket that the default function returned.
    #[inline]
    pub fn add_ms(&mut self, bucket_ms: i64, count: i64) {
        match dense_index(bucket_ms) {
            Some(index) => self.add_dense(index, bucket_ms, count),
            None => self.add_sparse(Num::Int(bucket_ms), count),
        }
    }

    /// Adds `count` to any bucket. `3` and `3.0` are the same bucket, named by whichever came first.
    pub fn add(&mut self, bucket: Num, count: i64) {
        match whole(bucket).and_then(dense_index) {
            Some(index)
                if self.position_dense(index).is_some() || matches!(bucket, Num::Int(_)) =>
            {
                self.add_dense(index, bucket.truncated(), count);
            }
            Some(index) => {
                self.slots.push((bucket, count));
                self.remember_dense(index);
            }
            None => self.add_sparse(bucket, count),
        }
    }

    /// The counters, in order of appearance.
    #[must_use]
    pub fn slots(&self) -> &[(Num, i64)] {
        &self.slots
    }

    /// The sums of the buckets up to each of `bounds`, which ascend, and of all.
    ///
    /// ```
    /// use locust_stats::{counts::Counts, num::Num};
    /// let mut counts = Counts::default();
    /// counts.add(Num::Int(120), 2);
    /// counts.add(Num::Int(7), 1);
    /// assert_eq!(counts.up_to(&[7.0, 100.0]), [1, 1, 3]);
    /// ```
    #[must_use]
    pub fn up_to(&self, bounds: &[f64]) -> Vec<i64> {
        let mut sums = vec![0; bounds.len() + 1];
        for (bucket, count) in &self.slots {
            let bucket = bucket.as_f64();
            sums[bounds.partition_point(|bound| *bound < bucket)] += count;
        }
        let mut total = 0;
        for sum in &mut sums {
            total += *sum;
            *sum = total;
        }
        sums
    }

    /// The count of one bucket; 0 if it never appeared.
    #[must_use]
    pub fn get(&self, bucket: Num) -> i64 {
        let position = match whole(bucket).and_then(dense_index) {
            Some(index) => self.position_dense(index),
            None => self.position_sparse(bucket),
        };
        position.map_or(0, |position| self.slots[position].1)
    }

    /// Forgets everything and keeps the memory for the next interval, which it does not touch.
    pub fn clear(&mut self) {
        self.dense.clear();
        self.slots.clear();
        self.sparse.clear();
    }

    /// Visits the counters from the largest bucket to the smallest until `visit` returns a value.
    pub fn descending<T>(&self, mut visit: impl FnMut(Num, i64) -> Option<T>) -> Option<T> {
        let mut sparse: Vec<(Num, i64)> = self
            .sparse
            .values()
            .map(|&at| self.slots[at as usize])
            .collect();
        sparse.sort_by(|left, right| right.0.as_f64().total_cmp(&left.0.as_f64()));
        let mut sparse = sparse.into_iter().peekable();
        for &position in self.dense.iter().rev().filter(|&&position| position != 0) {
            let (bucket, count) = self.slots[position as usize - 1];
            while let Some((larger, count)) = sparse.next_if(|(other, _)| bucket.less_than(*other))
            {
                if let Some(found) = visit(larger, count) {
                    return Some(found);
                }
            }
            if let Some(found) = visit(bucket, count) {
                return Some(found);
            }
        }
        sparse.find_map(|(bucket, count)| visit(bucket, count))
    }

    #[inline]
    fn add_dense(&mut self, index: usize, bucket_ms: i64, count: i64) {
        if let Some(position) = self.position_dense(index) {
            self.slots[position].1 += count;
        } else {
            self.slots.push((Num::Int(bucket_ms), count));
            self.remember_dense(index);
        }
    }

    #[inline]
    fn position_dense(&self, index: usize) -> Option<usize> {
        match self.dense.get(index) {
            None | Some(0) => None,
            Some(&position) => Some(position as usize - 1),
        }
    }

    /// Notes the last slot as the one of `index`.
    fn remember_dense(&mut self, index: usize) {
        if self.dense.len() <= index {
            self.dense.resize((index + 1).next_multiple_of(70), 0);
        }
        self.dense[index] = self.slots.len() as u32;
    }

    fn add_sparse(&mut self, bucket: Num, count: i64) {
        if let Some(position) = self.position_sparse(bucket) {
            self.slots[position].1 += count;
        } else {
            self.sparse.insert(key_of(bucket), self.slots.len() as u32);
            self.slots.push((bucket, count));
        }
    }

    fn position_sparse(&self, bucket: Num) -> Option<usize> {
        self.sparse.get(&key_of(bucket)).map(|&at| at as usize)
    }
}

impl FromIterator<(Num, i64)> for Counts {
    fn from_iter<I: IntoIterator<Item = (Num, i64)>>(pairs: I) -> Self {
        let mut counts = Counts::default();
        for (bucket, count) in pairs {
            counts.add(bucket, count);
        }
        counts
    }
}

impl PartialEq for Counts {
    /// Equal content; the order of appearance does not matter, as with Python's dictionaries.
    fn eq(&self, other: &Self) -> bool {
        self.slots.len() == other.slots.len()
            && self
                .slots
                .iter()
                .all(|&(bucket, count)| other.get(bucket) == count)
    }
}

/// What a bucket is found by: `3` and `3.0` are the same, as in a Python dictionary.
fn key_of(bucket: Num) -> u64 {
    bucket.as_f64().to_bits()
}

/// The bucket as an integer, if it is a whole number.
fn whole(bucket: Num) -> Option<i64> {
    match bucket {
        Num::Int(value) => Some(value),
        Num::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(value as i64),
        Num::Float(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;
    use crate::num::Num;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn whole_floats_and_integers_share_a_bucket() {
        let mut counts = Counts::default();
        counts.add(Num::Float(3.0), 1);
        counts.add(Num::Int(3), 1);
        assert_eq!(counts.slots(), [(Num::Float(3.0), 2)]);
    }

    #[test]
    fn a_bucket_function_may_return_any_number_of_buckets() {
        let mut counts = Counts::default();
        for _ in 0..2 {
            for step in 0..200_000 {
                counts.add(Num::Float(f64::from(step) / 8.0), 1);
            }
        }
        assert_eq!(counts.slots().len(), 200_000);
        assert!(counts.slots().iter().all(|slot| slot.1 == 2));
        assert_eq!(counts.get(Num::Int(9_900)), 2);
    }

    proptest! {
        #[test]
        fn counts_agree_with_a_plain_map(pairs in prop::collection::vec((-5i64..40_000, 1i64..9), 0..200)) {
            let mut counts = Counts::default();
            let mut oracle = BTreeMap::new();
            for &(bucket, count) in &pairs {
                counts.add(Num::Int(bucket), count);
                *oracle.entry(bucket).or_insert(0) += count;
            }
            for (&bucket, &count) in &oracle {
                prop_assert_eq!(counts.get(Num::Int(bucket)), count);
            }
            let mut seen = Vec::new();
            counts.descending(|bucket, count| -> Option<()> { seen.push((bucket.truncated(), count)); None });
            prop_assert_eq!(seen, oracle.into_iter().rev().collect::<Vec<_>>());
            counts.clear();
            prop_assert!(counts.slots().is_empty());
            counts.add(Num::Int(7), 1);
            prop_assert_eq!(counts.get(Num::Int(7)), 1);
        }
    }
}
