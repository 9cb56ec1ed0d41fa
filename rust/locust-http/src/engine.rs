//! The engine: requests, their connections, and what happens when a socket is ready.
//!
//! All of it belongs to one thread. A caller submits a request and does what [`Engine::step`] says
//! until it is [`Step::Done`]: resolve and connect, feed a piece of a body, or wait. A caller that waits
//! leaves a token with [`Engine::set_waiter`]; [`Engine::poll`] and [`Engine::expire`] find out which
//! requests can go on, and [`Engine::pop_ready`] returns their tokens one by one. Nothing here calls back.
//!
//! This file owns requests, connections and pools; `request` defines a request, `slots` assigns the pool's connections,
//! `connecting` opens connections, `outbox` sends requests together, `transfer` moves requests and responses through
//! connections, `streaming` delivers bodies piece by piece.

use std::collections::VecDeque;
use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;

use crate::clock::now_ns;
use crate::connection::{Connection, Scratch, Stage};
use crate::deadline::Deadlines;
use crate::error::{Error, Phase};
use crate::poller::{BATCH, Event, Poller};
use crate::pool::{Pool, PoolSettings};
use crate::response::Response;
use crate::slab::{Key, Slab};
use crate::url::Origin;

mod connecting;
mod outbox;
mod request;
mod slots;
mod streaming;
mod transfer;

pub use request::{Body, Facts, Failure, Finished, Request, Step, Submission};
pub(crate) use request::{Progress, Upload};
pub use streaming::StreamStep;

/// Names a request.
pub type RequestKey = Key<Request>;
/// Names a pool.
pub type PoolKey = Key<Pool>;

/// See the file's comment.
pub struct Engine {
    poller: Poller,
    events: Vec<Event>,
    scratch: Scratch,
    pub(crate) connections: Slab<Connection>,
    pub(crate) requests: Slab<Request>,
    pub(crate) pools: Slab<Pool>,
    pub(crate) deadlines: Deadlines<Connection>,
    ready: VecDeque<RequestKey>,
    /// When the sockets were last looked at.
    polled: u64,
    /// Connections with more to read than one turn allows.
    unfinished: Vec<Key<Connection>>,
    waiting: usize,
    outbox: outbox::Outbox,
    /// Buffers of heads that were sent, for the next ones.
    spare: Vec<Vec<u8>>,
}

/// When the sockets were last looked at so long ago (nanoseconds), they are looked at again in the middle of a turn.
/// Greenlets that compute must not make the responses of others seem late.
const LATE: u64 = 500_000;

/// Buffers that are kept, and how large one may be.
const SPARE_BUFFERS: usize = 64;
const SPARE_CAPACITY: usize = 64 * 1024;

impl Engine {
    /// An engine with nothing in it.
    ///
    /// # Errors
    /// The system gives no poller (usually: too many open files).
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            poller: Poller::new()?,
            events: Vec::new(),
            scratch: Scratch::default(),
            connections: Slab::default(),
            requests: Slab::default(),
            pools: Slab::default(),
            deadlines: Deadlines::default(),
            ready: VecDeque::new(),
            polled: 0,
            unfinished: Vec::new(),
            waiting: 0,
            outbox: outbox::Outbox::default(),
            spare: Vec::new(),
        })
    }

    /// The descriptor that becomes readable when [`Engine::poll`] has something to do.
    pub fn fd(&self) -> RawFd {
        self.poller.fd()
    }

    /// Sockets that are open.
    pub fn open_connections(&self) -> usize {
        self.connections.len()
    }

    /// Requests that a caller waits for.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Requests that were submitted and not yet taken or cancelled.
    pub fn pending(&self) -> usize {
        self.requests.len()
    }

    /// An empty buffer for the next request's head.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    // -------------------------------------------------------------------------------- pools

    /// Makes a pool.
    pub fn add_pool(&mut self, settings: PoolSettings) -> PoolKey {
        self.pools.insert(Pool::new(settings))
    }

    /// The index of `origin` in its pool; `hint` (an earlier answer) makes it quick.
    pub fn site(&mut self, pool: PoolKey, origin: &Arc<Origin>, hint: usize) -> Option<usize> {
        Some(self.pools.get_mut(pool)?.site(origin, hint))
    }

    /// Connections of a pool.
    pub fn pool_connections(&self, pool: PoolKey) -> usize {
        self.pools.get(pool).map_or(0, Pool::open)
    }

    /// Closes the idle connections of a pool.
    pub fn close_idle(&mut self, pool: PoolKey) {
        let Some(pool) = self.pools.get_mut(pool) else {
            return;
        };
        let idle: Vec<_> = pool
            .sites
            .iter_mut()
            .flat_map(|site| site.idle.drain(..))
            .collect();
        for key in idle {
            self.close(key);
        }
    }

    /// Closes a pool that its owner has dropped. Requests in flight end as usual.
    pub fn abandon_pool(&mut self, key: PoolKey) {
        self.close_idle(key);
        if let Some(pool) = self.pools.get_mut(key) {
            pool.abandoned = true;
            if pool.open() == 0 {
                self.pools.remove(key);
            }
        }
    }

    // ----------------------------------------------------------------------------- requests

    /// Takes a request in. If there is a connection for it, it is sent at once, or with others ([`Engine::hold_back`]).
    pub fn submit(&mut self, submission: Submission) -> RequestKey {
        let (pool, site) = (submission.pool, submission.site);
        let careful = submission.is_careful();
        let may_wait = self.outbox.is_open() && !submission.upload;
        let key = self.requests.insert(Request::new(submission));
        // A request in the outbox checks its connection when it is sent.
        match self.take_idle(pool, site, careful && !may_wait) {
            Some(connection) if may_wait => self.put_in_outbox(connection, key),
            Some(connection) => self.assign(connection, key),
            None => self.enqueue(pool, site, key),
        }
        key
    }

    /// What the caller of `key` has to do.
    pub fn step(&self, key: RequestKey) -> Step {
        let Some(request) = self.requests.get(key) else {
            return Step::Done;
        };
        match request.progress {
            Progress::Granted => Step::Connect,
            Progress::Done | Progress::Streaming => Step::Done,
            Progress::Active if request.result.is_none() => match &request.upload {
                Some(upload) if !upload.ended && self.has_sent_piece(request, upload) => Step::Feed,
                _ => Step::Wait,
            },
            _ => Step::Wait,
        }
    }

    /// Leaves the token (not 0) of who waits for `key`.
    pub fn set_waiter(&mut self, key: RequestKey, token: usize) {
        if let Some(request) = self.requests.get_mut(key) {
            if request.waiter == 0 {
                self.waiting += 1;
            }
            request.waiter = token;
        }
    }

    /// Nobody waits for `key` any more.
    pub fn clear_waiter(&mut self, key: RequestKey) {
        if let Some(request) = self.requests.get_mut(key) {
            if request.waiter != 0 {
                self.waiting -= 1;
            }
            request.waiter = 0;
        }
    }

    /// The tokens of all who wait.
    pub fn waiters(&self) -> Vec<usize> {
        let keys = self.requests.keys().into_iter();
        keys.filter_map(|key| self.requests.get(key))
            .map(|request| request.waiter)
            .filter(|token| *token != 0)
            .collect()
    }

    /// The result of a request that is [`Step::Done`]; a stream's body stays available under `key`.
    pub fn take(&mut self, key: RequestKey) -> Option<Finished> {
        let request = self.requests.get_mut(key)?;
        let result = request.result.take()?;
        let mut facts = request.facts;
        facts.streaming = request.progress == Progress::Streaming;
        facts.sent_bytes += request.sent as u64;
        facts.received_bytes = request.parser.received();
        if !facts.streaming {
            self.forget(key);
        }
        Some(Finished { result, facts })
    }

    /// Gives a request up: its connection is closed, nothing of it remains.
    pub fn cancel(&mut self, key: RequestKey) {
        let Some(request) = self.requests.get(key) else {
            return;
        };
        let (progress, connection) = (request.progress, request.connection);
        let (pool, site) = (request.submission.pool, request.submission.site);
        self.forget(key);
        match (connection, progress) {
            (Some(connection), _) => self.close(connection),
            (None, Progress::Granted) => self.release_slot(pool, site),
            _ => {}
        }
    }

    fn forget(&mut self, key: RequestKey) {
        self.clear_waiter(key);
        if let Some(request) = self.requests.remove(key) {
            let mut buffer = request.submission.head;
            if self.spare.len() < SPARE_BUFFERS && buffer.capacity() <= SPARE_CAPACITY {
                buffer.clear();
                self.spare.push(buffer);
            }
        }
    }

    /// Ends every request with [`Error::EngineClosed`] and closes every connection.
    pub fn close_all(&mut self) {
        for key in self.requests.keys() {
            if self
                .requests
                .get(key)
                .is_some_and(|request| request.progress == Progress::Done)
            {
                continue;
            }
            let failure = Failure {
                error: Error::EngineClosed,
                phase: Phase::Receive,
                partial: None,
            };
            self.finish(key, Err(failure));
        }
        for key in self.connections.keys() {
            self.connections.remove(key);
        }
        for key in self.pools.keys() {
            self.pools.remove(key);
        }
    }

    // -------------------------------------------------------------------------------- events

    /// Does what the ready sockets allow; waits for one up to `timeout_ms`.
    ///
    /// # Errors
    /// The poller failed; the engine cannot be used any more.
    pub fn poll(&mut self, timeout_ms: i32) -> io::Result<()> {
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        let result = self.poller.poll(&mut events, timeout_ms);
        for key in std::mem::take(&mut self.unfinished) {
            // As after a hangup: no new edge will come for what is there already.
            self.readable(key, true);
        }
        for event in &events {
            self.handle(event);
        }
        self.events = events;
        self.polled = now_ns();
        result
    }

    /// Looks at the sockets, and sends what was held back, if that was last done long ago. To be called between the
    /// greenlets of one turn.
    ///
    /// # Errors
    /// As [`Engine::poll`].
    pub fn catch_up(&mut self) -> io::Result<()> {
        if now_ns() - self.polled < LATE {
            return Ok(());
        }
        self.empty_outbox();
        self.poll(0)
    }

    /// Ends what has waited too long. What has come in the meantime is read first: after a pause of the whole process
    /// (a debugger, a suspended machine) that may be the answer.
    ///
    /// # Errors
    /// As [`Engine::poll`].
    pub fn expire(&mut self) -> io::Result<()> {
        let now = now_ns();
        if self.deadlines.nearest().is_some_and(|at| at <= now) {
            for _ in 0..=self.connections.len() / BATCH {
                self.poll(0)?;
            }
        }
        while let Some((at, key)) = self.deadlines.pop_due(now) {
            let Some(connection) = self.connections.get_mut(key) else {
                continue;
            };
            if connection.entry != at {
                continue;
            }
            connection.entry = 0;
            let deadline = connection.deadline;
            if deadline == 0 {
                continue;
            }
            if deadline > now {
                self.set_deadline(key, deadline);
                continue;
            }
            self.timed_out(key);
        }
        Ok(())
    }

    /// Nanoseconds of [`crate::clock`] at which [`Engine::expire`] should be called.
    pub fn nearest_deadline(&self) -> Option<u64> {
        self.deadlines.nearest()
    }

    /// The token of the next caller that can go on; each token is returned once per event.
    pub fn pop_ready(&mut self) -> Option<usize> {
        while let Some(key) = self.ready.pop_front() {
            let Some(request) = self.requests.get_mut(key) else {
                continue;
            };
            request.listed = false;
            if request.waiter != 0 {
                return Some(request.waiter);
            }
        }
        None
    }

    /// The most tokens that [`Engine::pop_ready`] can return now.
    pub fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether [`Engine::pop_ready`] may have something, or [`Engine::poll`] although no socket is
    /// ready.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty() || !self.unfinished.is_empty()
    }

    pub(crate) fn wake(&mut self, key: RequestKey) {
        if let Some(request) = self.requests.get_mut(key)
            && request.waiter != 0
            && !request.listed
        {
            request.listed = true;
            self.ready.push_back(key);
        }
    }

    /// Ends the request; its connection, if it has one, is left to the caller.
    pub(crate) fn finish(&mut self, key: RequestKey, result: Result<Response, Failure>) {
        if let Some(request) = self.requests.get_mut(key) {
            request.progress = Progress::Done;
            request.connection = None;
            request.result = Some(result);
            self.wake(key);
        }
    }

    pub(crate) fn set_deadline(&mut self, key: Key<Connection>, at: u64) {
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.deadline = at;
        if at != 0 && (connection.entry == 0 || at < connection.entry) {
            connection.entry = at;
            self.deadlines.push(at, key);
            // Servers that close after every response leave an entry for each connection.
            if self.deadlines.len() > 1024 + 4 * self.connections.len() {
                let connections = &self.connections;
                self.deadlines.retain(|at, key| {
                    connections
                        .get(key)
                        .is_some_and(|connection| connection.entry == at)
                });
            }
        }
    }

    fn handle(&mut self, event: &Event) {
        let key = Key::from_bits(event.token);
        let Some(connection) = self.connections.get_mut(key) else {
            return;
        };
        connection.hangup |= event.hangup;
        match connection.stage {
            Stage::Open => {
                if event.readable || event.hangup {
                    self.readable(key, event.hangup);
                }
                if event.writable {
                    self.writable(key);
                }
            }
            _ => {
                self.advance_connect(key, event);
                let is_open = |link: &Connection| matches!(link.stage, Stage::Open);
                if event.hangup && self.connections.get(key).is_some_and(is_open) {
                    self.readable(key, true);
                }
            }
        }
    }
}
