//! The rows that a recorder knows, and the marks that tell when they have become stale.
//!
//! Whatever could make a table stale (a row deleted or replaced, `bucket_response_time` or a `log` method overwritten)
//! calls [`stats_changed`]; the recorder then asks Python which rows and methods are in use before it counts natively
//! again.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hashbrown::{Equivalent, HashMap};
use locust_stats::bucket::bucket_ms;
use locust_stats::entry::NotATime;
use locust_stats::num::Num;
use locust_stats::phases::Exchange;
use pyo3::prelude::*;

use super::entry::{SharedEntry, lock};
use super::error::Occurrences;
use crate::clock::tick;

/// Bumped whenever a recorder's table may have become stale.
static EPOCH: AtomicU64 = AtomicU64::new(1);
/// The same for the error report alone.
static ERROR_EPOCH: AtomicU64 = AtomicU64::new(1);

/// Makes every recorder ask Python again before it counts the next request natively.
#[pyfunction]
pub fn stats_changed() {
    EPOCH.fetch_add(1, Ordering::Relaxed);
}

/// Makes every recorder ask Python again before it counts the next failure natively.
#[pyfunction]
pub fn stats_errors_changed() {
    ERROR_EPOCH.fetch_add(1, Ordering::Relaxed);
}

/// A row of the error report, shared with Python's object.
pub type SharedError = Arc<Mutex<Occurrences>>;

/// What became of a request that was to be counted without Python.
pub enum Outcome {
    /// It is in the rows.
    Counted {
        /// Whether it is one of the slowest of its row, of which evidence is kept.
        is_slow: bool,
    },
    /// The row is not in the table yet.
    UnknownEntry,
    /// The table is stale, or Python's methods must count.
    Declined,
}

/// A row of a name.
struct KnownEntry {
    row: SharedEntry,
    /// A request that takes so long, in milliseconds, is one of the slowest.
    slow_from_ms: f64,
}

/// What a recorder knows of its `RequestStats`.
#[derive(Default)]
pub struct Table {
    epoch: u64,
    total: Option<SharedEntry>,
    /// False: Python's methods must be called to count.
    counts_natively: bool,
    /// Whether the rows keep the distribution of each second, for charts.
    is_dated: bool,
    entries: HashMap<EntryKey, KnownEntry>,
    /// Whether the slowest requests of rows are looked for that are not known yet.
    looks_for_slow: bool,
    errors: HashMap<ErrorKey, SharedError>,
    error_epoch: u64,
}

impl Table {
    /// The epoch that a table read now belongs to. Read it before Python is asked, so that a change meanwhile counts.
    pub fn current_epoch() -> u64 {
        EPOCH.load(Ordering::Relaxed)
    }

    /// A table without rows of names. If `is_dated`, the rows keep the distribution of each second, for charts.
    pub fn new(epoch: u64, total: SharedEntry, counts_natively: bool, is_dated: bool) -> Self {
        Self {
            epoch,
            total: Some(total),
            counts_natively,
            is_dated,
            ..Self::default()
        }
    }

    /// Whether nothing has changed since the table was made.
    #[inline]
    pub fn is_current(&self) -> bool {
        self.epoch == Self::current_epoch()
    }

    /// Whether requests may be counted without Python.
    pub fn counts_natively(&self) -> bool {
        self.counts_natively
    }

    /// The row of the total.
    pub fn total(&self) -> Option<&SharedEntry> {
        self.total.as_ref()
    }

    /// The known row of a name.
    #[inline]
    pub fn entry(&self, method: &str, name: &str) -> Option<&SharedEntry> {
        let known = self.entries.get(&EntryQuery(method, name))?;
        Some(&known.row)
    }

    /// Looks for the slowest requests of every row from now on, or for none.
    pub fn look_for_slow(&mut self, looks: bool) {
        self.looks_for_slow = looks;
        for known in self.entries.values_mut() {
            known.slow_from_ms = slow_from_ms(looks);
        }
    }

    /// Sets how long a request of a row has to take to be one of the slowest.
    pub fn set_slow_from(&mut self, method: &str, name: &str, slow_from_ms: f64) {
        if let Some(known) = self.entries.get_mut(&EntryQuery(method, name)) {
            known.slow_from_ms = slow_from_ms;
        }
    }

    /// Adds the row of a name.
    pub fn add_entry(&mut self, method: &str, name: &str, entry: SharedEntry) {
        let key = EntryKey {
            method: method.into(),
            name: name.into(),
        };
        let known = KnownEntry {
            row: entry,
            slow_from_ms: slow_from_ms(self.looks_for_slow),
        };
        self.entries.insert(key, known);
    }

    /// The known row of an error. Forgets all of them first if they have become stale.
    pub fn error(&mut self, method: &str, name: &str, text: &str) -> Option<&SharedError> {
        let epoch = ERROR_EPOCH.load(Ordering::Relaxed);
        if self.error_epoch != epoch {
            self.error_epoch = epoch;
            self.errors.clear();
        }
        self.errors.get(&ErrorQuery(method, name, text))
    }

    /// Adds the row of an error.
    pub fn add_error(&mut self, method: &str, name: &str, text: &str, error: SharedError) {
        let key = ErrorKey {
            method: method.into(),
            name: name.into(),
            error: text.into(),
        };
        self.errors.insert(key, error);
    }

    /// Counts a request in its rows. Everything is checked before anything is counted.
    ///
    /// # Errors
    /// The response time is not a time.
    #[inline]
    pub fn count(
        &self,
        method: &str,
        name: &str,
        response_time: Option<Num>,
        length: Num,
        exchange: Option<&Exchange>,
        now: f64,
    ) -> Result<Outcome, NotATime> {
        let (Some(total), true, true) = (&self.total, self.counts_natively, self.is_current())
        else {
            return Ok(Outcome::Declined);
        };
        let Some(known) = self.entries.get(&EntryQuery(method, name)) else {
            return Ok(Outcome::UnknownEntry);
        };
        let entry = &known.row;
        match response_time {
            Some(time) => {
                bucket_ms(time).ok_or_else(|| NotATime(time.as_f64()))?;
                let tick = self.is_dated.then(tick);
                for row in [total, entry] {
                    lock(row).record_at(tick, now, time, length)?;
                }
            }
            None => {
                lock(total).record_untimed(now, length);
                lock(entry).record_untimed(now, length);
            }
        }
        if let Some(exchange) = exchange {
            lock(total).record_exchange(exchange);
            lock(entry).record_exchange(exchange);
        }
        let is_slow = response_time.is_some_and(|time| time.as_f64() >= known.slow_from_ms);
        Ok(Outcome::Counted { is_slow })
    }

    /// Counts a failure in its rows, but not in the error report. A name without a row counts in the total.
    pub fn count_failure_alone(&self, method: &str, name: &str, now: f64) {
        for row in [self.total.as_ref(), self.entry(method, name)]
            .into_iter()
            .flatten()
        {
            lock(row).record_failure(now);
        }
    }

    /// Counts a failure in its rows; false if one of them is not known or Python's methods must count.
    pub fn count_failure(&mut self, method: &str, name: &str, text: &str, now: f64) -> bool {
        if !self.is_current() || !self.counts_natively {
            return false;
        }
        let Some(row) = self.error(method, name, text).cloned() else {
            return false;
        };
        let (Some(entry), Some(total)) = (self.entry(method, name), &self.total) else {
            return false;
        };
        lock(total).record_failure(now);
        lock(entry).record_failure(now);
        lock(&row).occurred(now);
        true
    }
}

/// How long a request has to take at first.
fn slow_from_ms(looks: bool) -> f64 {
    if looks {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    }
}

struct EntryKey {
    method: Box<str>,
    name: Box<str>,
}

struct ErrorKey {
    method: Box<str>,
    name: Box<str>,
    error: Box<str>,
}

/// The keys as they come with a request, hashed as the owned ones are.
#[derive(Hash)]
struct EntryQuery<'a>(&'a str, &'a str);
#[derive(Hash)]
struct ErrorQuery<'a>(&'a str, &'a str, &'a str);

impl Hash for EntryKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        EntryQuery(&self.method, &self.name).hash(state);
    }
}

impl Hash for ErrorKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ErrorQuery(&self.method, &self.name, &self.error).hash(state);
    }
}

impl PartialEq for EntryKey {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.method == other.method
    }
}
impl Eq for EntryKey {}

impl PartialEq for ErrorKey {
    fn eq(&self, other: &Self) -> bool {
        self.error == other.error && self.name == other.name && self.method == other.method
    }
}
impl Eq for ErrorKey {}

impl Equivalent<EntryKey> for EntryQuery<'_> {
    fn equivalent(&self, key: &EntryKey) -> bool {
        *self.1 == *key.name && *self.0 == *key.method
    }
}

impl Equivalent<ErrorKey> for ErrorQuery<'_> {
    fn equivalent(&self, key: &ErrorKey) -> bool {
        *self.2 == *key.error && *self.1 == *key.name && *self.0 == *key.method
    }
}
