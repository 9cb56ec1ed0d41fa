//! Small buffers that are reused: the bytes of a dropped response become those of a later one.
//!
//! A turn reads many responses before the first of them is dropped. An allocator keeps fewer pieces of a size at hand
//! than that, and those that it has to look for are seldom in the processor's cache.

use std::cell::RefCell;

/// Buffers that are kept per thread.
const MOST: usize = 256;
/// Largest capacity of a kept buffer in bytes; a caller that keeps many responses keeps at most this for each.
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
        // The thread-local list is gone while the thread ends.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST {
                spare.push(buffer);
            }
        });
    }
}
