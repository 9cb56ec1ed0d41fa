//! A sign of life from a process whose event loop stands still: a thread that needs nothing of the interpreter
//! watches it, and while it does not run, sends a message to a ZeroMQ peer at regular times.

#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

mod zmtp;

pub use zmtp::Connection;

/// Where to send what, and when.
pub struct Settings {
    /// Name or address of the peer.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// ZeroMQ identity of the connection.
    pub identity: Vec<u8>,
    /// What is sent, as it is.
    pub message: Vec<u8>,
    /// For how long the event loop may be silent.
    pub stalled_after: Duration,
    /// Time between two messages.
    pub interval: Duration,
}

/// Watches until it is dropped.
pub struct Pulse {
    state: Arc<State>,
    thread: thread::Thread,
}

struct State {
    began: Instant,
    alive_at_ms: AtomicU64,
    ended: AtomicBool,
}

impl State {
    fn alive(&self) {
        let now = self.began.elapsed().as_millis() as u64;
        self.alive_at_ms.store(now, Ordering::Relaxed);
    }

    fn silence(&self) -> Duration {
        let alive_at = Duration::from_millis(self.alive_at_ms.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(alive_at)
    }
}

impl Pulse {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(settings: Settings) -> std::io::Result<Self> {
        let state = Arc::new(State {
            began: Instant::now(),
            alive_at_ms: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let watched = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("locust-pulse".into())
            .spawn(move || watch(&settings, &watched))?;
        Ok(Self {
            state,
            thread: thread.thread().clone(),
        })
    }

    /// The event loop runs.
    pub fn loop_is_alive(&self) {
        self.state.alive();
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Relaxed);
        self.thread.unpark();
    }
}

fn watch(settings: &Settings, state: &State) {
    let mut connection: Option<Connection> = None;
    let mut looked_at = Instant::now();
    while !state.ended.load(Ordering::Relaxed) {
        thread::park_timeout(settings.interval);
        if looked_at.elapsed() > settings.stalled_after {
            // The whole process was paused, so its event loop is not to blame.
            state.alive();
        }
        looked_at = Instant::now();
        if state.silence() < settings.stalled_after {
            connection = None;
            continue;
        }
        if connection.is_none() {
            connection = Connection::open(&settings.host, settings.port, &settings.identity).ok();
        }
        if let Some(open) = &mut connection
            && open.send(&settings.message).is_err()
        {
            connection = None;
        }
        // Connecting may have taken long.
        looked_at = Instant::now();
    }
}
