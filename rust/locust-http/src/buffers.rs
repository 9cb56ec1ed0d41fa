//! Small buffers that go round: a response's bytes become those of a later one.
//!
//! A turn reads many responses before the first of them is dropped. An allocator keeps fewer pieces of a size at hand
//! than that, and those that it has to look for are seldom in the processor's cache.

use std::cell::RefCell;

/// Buffers that are kept per thread.
const MOST: usize = 256;
/// The most that a kept buffer holds; whoever keeps many responses keeps so much for each at worst.
const LARGEST: usize = 512;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer with room for `capacity` bytes.
pub(crate) fn take(capacity: usize) -> Vec<u8> {
    if capacity <= LARGEST
        && let Ok(Some(mut buffer)) = SPARE.try_with(|spare| spare.borrow_mut().pop())
    {
        buffer.reserve(capacity);
        return buffer;
    }
    Vec::with_capacity(capacity)
}

/// Gives a buffer back, whatever is in it.
pub(crate) fn give(mut buffer: Vec<u8>) {
    if (1..=LARGEST).contains(&buffer.capacity()) {
        buffer.clear();
        // At the end of the thread there is no list any more.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST {
                spare.push(buffer);
            }
        });
    }
}
