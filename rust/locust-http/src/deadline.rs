//! Deadlines: at most one entry per connection as long as its deadline only moves back.
//!
//! A busy connection moves its deadline with every byte. Its entry stays where it is and is put back
//! when it comes up too early, so a request costs no heap operation.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::slab::Key;

/// Deadlines of the values of one slab, in nanoseconds of [`crate::clock`].
pub(crate) struct Deadlines<T> {
    heap: BinaryHeap<Reverse<(u64, Key<T>)>>,
}

impl<T> Default for Deadlines<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
        }
    }
}

impl<T> Deadlines<T> {
    /// Adds an entry.
    pub(crate) fn push(&mut self, at: u64, key: Key<T>) {
        self.heap.push(Reverse((at, key)));
    }

    /// Entries, void ones included.
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Drops the entries that are not to be kept.
    pub(crate) fn retain(&mut self, keep: impl Fn(u64, Key<T>) -> bool) {
        self.heap.retain(|Reverse((at, key))| keep(*at, *key));
    }

    /// The nearest entry's time, which may be earlier than the deadline behind it.
    pub(crate) fn nearest(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes out an entry that is due at `now`, with its time.
    pub(crate) fn pop_due(&mut self, now: u64) -> Option<(u64, Key<T>)> {
        if self.nearest()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_out_when_due_in_order() {
        let mut deadlines = Deadlines::<()>::default();
        let key = Key::from_bits;
        deadlines.push(30, key(3));
        deadlines.push(10, key(1));
        assert_eq!(deadlines.nearest(), Some(10));
        assert_eq!(deadlines.pop_due(9), None);
        assert_eq!(deadlines.pop_due(30), Some((10, key(1))));
        assert_eq!(deadlines.pop_due(30), Some((30, key(3))));
        assert_eq!(deadlines.pop_due(30), None);
    }

    #[test]
    fn entries_that_are_void_can_be_dropped() {
        let mut deadlines = Deadlines::<()>::default();
        for at in 1..=10 {
            deadlines.push(at, Key::from_bits(at));
        }
        deadlines.retain(|at, _| at % 2 == 0);
        assert_eq!((deadlines.len(), deadlines.nearest()), (5, Some(2)));
    }
}
