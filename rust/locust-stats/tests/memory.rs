//! The memory of a long test, on a clock that runs as fast as the machine can.

use locust_stats::entry::Entry;
use locust_stats::num::Num;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Both tests count the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// The system's allocator, and how many bytes it has given away.
struct Counting;

// SAFETY: every call is passed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const DAY_S: i64 = 86_400;

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Response times from 2 to 2,000 ms, crowded at the lower end, the same in every run.
struct Times(u64);

impl Times {
    fn next_ms(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let share = (self.0 >> 11) as f64 / (1u64 << 53) as f64;
        2.0 + 30.0 * share / (1.015 - share)
    }
}

/// Runs `endpoints` for `seconds`, and returns the most bytes that it ever held. Each has a request every four seconds,
/// and many in the last half hour, whose seconds are kept apart.
fn most_bytes(endpoints: usize, seconds: i64, busy_per_second: usize) -> usize {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let begin = 1_700_000_000.0;
    let names = (0..endpoints).map(|number| format!("/endpoint/{number}"));
    let mut rows: Vec<Entry> = names
        .map(|name| Entry::new(&name, "GET", begin, Some(10)))
        .collect();
    let mut times = Times(88_172_645_463_325_252);
    // One row after the other, as each then stays in the processor's cache; what they hold at the end is the same.
    for (number, row) in rows.iter_mut().enumerate() {
        for second in 0..seconds {
            let now = begin + second as f64;
            let is_busy = second > seconds - 1_800;
            let requests = match (is_busy, (second as usize + number) % 4) {
                (true, _) => busy_per_second,
                (false, turn) => usize::from(turn == 0),
            };
            for _ in 0..requests {
                let time_ms = times.next_ms();
                row.record(now, Num::Float(time_ms), Num::Int(100))
                    .expect("a time");
                row.timeline.record(second, time_ms);
            }
            if second % 50 == 0 {
                row.record_failure(now);
            }
        }
    }
    let most = MOST.load(Ordering::Relaxed) - before;
    for row in &rows {
        let counted: u64 = row
            .timeline
            .points()
            .iter()
            .flat_map(|point| &point.bins)
            .map(|slot| slot.count())
            .sum();
        assert_eq!(counted, row.num_requests as u64);
    }
    most
}

#[test]
fn a_day_of_some_endpoints_is_bounded() {
    let _alone = alone();
    let endpoints = 3;
    let most = most_bytes(endpoints, DAY_S, 20);
    assert!(
        most / endpoints < 200_000,
        "{most} bytes for {endpoints} endpoints"
    );
}

#[test]
#[ignore = "a minute with --release: make soak"]
fn a_week_of_500_endpoints_takes_less_than_100_mb() {
    let _alone = alone();
    let most = most_bytes(500, 7 * DAY_S, 20);
    println!("{:.1} MB", most as f64 / 1e6);
    assert!(most <= 100_000_000, "{most} bytes");
}
