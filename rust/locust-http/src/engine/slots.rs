//! The slots of a pool: which request gets an idle connection, which may open one, which waits.

use super::{Engine, Failure, PoolKey, Progress, RequestKey};
use crate::clock::now_ns;
use crate::connection::Connection;
use crate::error::{Error, Phase};
use crate::slab::Key;

impl Engine {
    /// An idle connection that is still good, newest first. `careful`: ask the system, because the
    /// request could not be sent again.
    pub(super) fn take_idle(
        &mut self,
        pool: PoolKey,
        site: usize,
        careful: bool,
    ) -> Option<Key<Connection>> {
        loop {
            let key = self.pools.get_mut(pool)?.sites.get_mut(site)?.idle.pop()?;
            let Some(connection) = self.connections.get(key) else {
                continue;
            };
            if !careful || connection.socket.is_quiet() {
                return Some(key);
            }
            self.close(key);
        }
    }

    /// Grants the right to a new connection, or lets the request wait for one.
    pub(super) fn enqueue(&mut self, pool: PoolKey, site: usize, key: RequestKey) {
        let granted = self.pools.get_mut(pool).and_then(|pool| {
            let limit = pool.settings.concurrency;
            pool.sites.get_mut(site).map(|site| {
                let granted = limit == 0 || site.open < limit;
                if granted {
                    site.open += 1;
                } else {
                    site.queue.push_back(key);
                }
                granted
            })
        });
        match granted {
            Some(true) => self.grant(key),
            Some(false) => {}
            None => {
                let failure = Failure {
                    error: Error::EngineClosed,
                    phase: Phase::Queue,
                    partial: None,
                };
                self.finish(key, Err(failure));
            }
        }
    }

    fn grant(&mut self, key: RequestKey) {
        if let Some(request) = self.requests.get_mut(key) {
            request.progress = Progress::Granted;
            request.facts.timing.queued = now_ns();
            self.wake(key);
        }
    }

    /// The next request that waits for a connection to this origin.
    pub(super) fn next_queued(&mut self, pool: PoolKey, site: usize) -> Option<RequestKey> {
        let queue = &mut self.pools.get_mut(pool)?.sites.get_mut(site)?.queue;
        while let Some(key) = queue.pop_front() {
            if self
                .requests
                .get(key)
                .is_some_and(|request| request.progress == Progress::Queued)
            {
                return Some(key);
            }
        }
        None
    }

    /// Frees the slot of a connection that is gone: the next request in the queue may open one.
    pub(super) fn release_slot(&mut self, pool_key: PoolKey, site: usize) {
        if let Some(next) = self.next_queued(pool_key, site) {
            return self.grant(next);
        }
        let Some(pool) = self.pools.get_mut(pool_key) else {
            return;
        };
        if let Some(site) = pool.sites.get_mut(site) {
            site.open = site.open.saturating_sub(1);
        }
        if pool.abandoned && pool.open() == 0 {
            self.pools.remove(pool_key);
        }
    }

    /// Closes a connection; its request, if any, must have been dealt with.
    pub(super) fn close(&mut self, key: Key<Connection>) {
        let Some(connection) = self.connections.remove(key) else {
            return;
        };
        let (pool, site) = (connection.pool, connection.site);
        drop(connection);
        if let Some(site) = self
            .pools
            .get_mut(pool)
            .and_then(|pool| pool.sites.get_mut(site))
        {
            site.idle.retain(|idle| *idle != key);
        }
        self.release_slot(pool, site);
    }
}
