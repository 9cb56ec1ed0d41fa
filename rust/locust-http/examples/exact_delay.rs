//! A target that answers every request after an exact delay and measures what it really took.
//!
//! `exact_delay DELAY_US [CONNECTIONS]` prints `listening on PORT`, serves until its standard input
//! closes, and then prints one JSON line: how many requests it answered, and mean and percentiles of
//! the time from a request's arrival at the socket to the last byte of its response, in microseconds.
//! One thread a connection, blocking I/O, the system's own time stamps, timer slack of a nanosecond:
//! nothing that a user of the target could mistake for its own delay.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use locust_http::arrival;

const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world";

/// Answers the requests of one connection until its peer closes it.
fn serve(
    mut stream: TcpStream,
    delay: Duration,
    taken_us: &Mutex<Vec<u32>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    arrival::stamp(stream.as_raw_fd());
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        stream.peek(&mut chunk[..1])?;
        let waited = Duration::from_nanos(arrival::waited_ns(stream.as_raw_fd()).unwrap_or(0));
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        let arrived = Instant::now() - waited;
        received.extend_from_slice(&chunk[..count]);
        if !received.ends_with(b"\r\n\r\n") {
            continue;
        }
        received.clear();
        thread::sleep(delay.saturating_sub(arrived.elapsed()));
        stream.write_all(RESPONSE)?;
        let taken = u32::try_from(arrived.elapsed().as_micros()).unwrap_or(u32::MAX);
        taken_us
            .lock()
            .expect("no thread panics while it holds the lock")
            .push(taken);
    }
}

#[cfg(target_os = "linux")]
fn sleep_exactly() {
    unsafe extern "C" {
        fn prctl(option: i32, argument: u64, ...) -> i32;
    }
    const PR_SET_TIMERSLACK: i32 = 29;
    // SAFETY: sets one number of the calling thread; no pointer is passed.
    unsafe { prctl(PR_SET_TIMERSLACK, 1) };
}

#[cfg(not(target_os = "linux"))]
fn sleep_exactly() {}

/// The value at the given share of the sorted samples; 0 without any.
fn percentile(sorted: &[u32], share: f64) -> u32 {
    let index = (share * sorted.len() as f64) as usize;
    sorted
        .get(index.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0)
}

fn main() -> std::io::Result<()> {
    let delay_us = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let Some(delay_us) = delay_us else {
        eprintln!("usage: exact_delay DELAY_US");
        std::process::exit(2);
    };
    let taken_us = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?.port());
    let samples = Arc::clone(&taken_us);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let samples = Arc::clone(&samples);
            thread::spawn(move || {
                sleep_exactly();
                // A connection that breaks is its peer's business; its requests so far are counted.
                let _ = serve(stream, Duration::from_micros(delay_us), &samples);
            });
        }
    });
    std::io::stdin().read_to_end(&mut Vec::new())?;
    let mut sorted = taken_us
        .lock()
        .expect("no thread panics while it holds the lock")
        .clone();
    sorted.sort_unstable();
    println!(
        "{{\"served\": {}, \"mean_us\": {:.1}, \"median_us\": {}, \"p99_us\": {}, \"max_us\": {}}}",
        sorted.len(),
        sorted.iter().map(|taken| f64::from(*taken)).sum::<f64>() / sorted.len().max(1) as f64,
        percentile(&sorted, 0.5),
        percentile(&sorted, 0.99),
        sorted.last().copied().unwrap_or(0),
    );
    Ok(())
}
