//! Values that only the holder of the GIL may use, and the marks that tell threads and forks apart.

use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::prelude::*;

/// How many forks this process is away from the one that loaded the module.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Called in a forked child: what was made before belongs to the parent.
pub(super) fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// Where something was made: it may be used in the same thread of the same process only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Home {
    thread: usize,
    generation: u32,
}

impl Home {
    /// Here and now.
    pub(super) fn here() -> Self {
        thread_local! { static MARK: u8 = const { 0 } }
        let thread = MARK.with(|mark| std::ptr::from_ref(mark) as usize);
        Self {
            thread,
            generation: GENERATION.load(Ordering::Relaxed),
        }
    }
}

/// A value that is used only while the GIL is held, by one user at a time.
///
/// The closures given to [`GilCell::with`] must neither call Python nor drop Python objects whose end
/// could run Python code: a greenlet switch in there would meet the value in use.
#[repr(C)] // the mark beside the first fields of the value, which are those that matter
pub struct GilCell<T> {
    used: Cell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: `with` demands the GIL, so threads take turns; `used` refuses a second borrow.
unsafe impl<T> Sync for GilCell<T> {}
// SAFETY: as above; what is in it is never touched without the GIL.
unsafe impl<T> Send for GilCell<T> {}

impl<T> GilCell<T> {
    pub const fn new(value: T) -> Self {
        Self {
            used: Cell::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Lends the value to `work`.
    ///
    /// # Panics
    /// It is lent already, which only a mistake in this module can cause.
    #[inline]
    pub fn with<R>(&self, py: Python<'_>, work: impl FnOnce(&mut T) -> R) -> R {
        self.try_with(py, work)
            .expect("no Python code runs while a native value is in use")
    }

    /// Lends the value to `work`, unless it is lent already.
    #[inline]
    pub fn try_with<R>(&self, _py: Python<'_>, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        struct Release<'a>(&'a Cell<bool>);
        impl Drop for Release<'_> {
            fn drop(&mut self) {
                self.0.set(false);
            }
        }
        if self.used.replace(true) {
            return None;
        }
        let _release = Release(&self.used);
        // SAFETY: `used` was false, so there is no other borrow; the GIL keeps other threads out.
        Some(work(unsafe { &mut *self.value.get() }))
    }
}
