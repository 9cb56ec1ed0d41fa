//! Requests of one turn are sent together, after the greenlets whose responses had come have had their say.
//!
//! A server on the same machine that finds nothing to do goes to sleep, and it is the sender who pays for waking it: with
//! one request at a time nearly every time, with many at once once. And what sending takes of code and data stays in
//! the processor's cache from one to the next.

use super::{Engine, RequestKey, State};
use crate::clock::now_ns;
use crate::connection::Connection;
use crate::slab::Key;

/// So many requests are enough to be sent, so that servers do not wait for the end of a long turn.
const ENOUGH: usize = 64;

/// Requests that have their connection and are yet to be sent.
#[derive(Default)]
pub(super) struct Outbox {
    open: bool,
    requests: Vec<(Key<Connection>, RequestKey)>,
}

impl Outbox {
    /// Whether requests are being collected.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }
}

impl Engine {
    /// From now on requests may wait for others, until [`Engine::send_held_back`].
    pub fn hold_back(&mut self) {
        self.outbox.open = true;
    }

    /// Sends what was held back.
    pub fn send_held_back(&mut self) {
        self.outbox.open = false;
        self.empty_outbox();
    }

    /// Gives a request its connection, to be sent with others.
    pub(super) fn put_in_outbox(&mut self, connection: Key<Connection>, key: RequestKey) {
        if !self.attach(connection, key) {
            return self.close(connection);
        }
        self.outbox.requests.push((connection, key));
        if self.outbox.requests.len() >= ENOUGH {
            self.empty_outbox();
        }
    }

    pub(super) fn empty_outbox(&mut self) {
        let mut held = std::mem::take(&mut self.outbox.requests);
        for (connection, key) in held.drain(..) {
            let (Some(link), Some(request)) = (
                self.connections.get_mut(connection),
                self.requests.get_mut(key),
            ) else {
                continue;
            };
            if link.request != Some(key) {
                continue;
            }
            // What it has waited for is the generator's own business: it begins now.
            let now = now_ns();
            request.facts.timing.start = now;
            request.facts.timing.queued = now;
            if !request.draft.is_careful() || link.socket.is_quiet() {
                self.send(connection, key);
                continue;
            }
            request.state = State::Queued;
            request.connection = None;
            link.request = None;
            let (pool, site) = (request.draft.pool, request.draft.site);
            self.close(connection);
            match self.take_idle(pool, site, true) {
                Some(other) => self.assign(other, key),
                None => self.enqueue(pool, site, key),
            }
        }
        // Nothing of the above comes back here.
        self.outbox.requests = held;
    }
}
