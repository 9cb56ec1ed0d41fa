//! Connections of one client (or several that share them), by origin, and the requests that wait for one.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::connection::Connection;
use crate::engine::Request;
use crate::proxy::Proxy;
use crate::slab::Key;
use crate::tls::Tls;
use crate::url::{Origin, Scheme};

/// Origins that a pool remembers without connections before it forgets them.
const REMEMBERED: usize = 64;

/// What the connections of a pool have in common.
#[derive(Clone, Debug, Default)]
pub struct PoolSettings {
    /// Most connections to one origin.
    pub concurrency: usize,
    /// For https.
    pub tls: Option<Tls>,
    /// Where requests go instead of their origin.
    pub proxy: Option<Proxy>,
    /// Local address of the connections.
    pub source: Option<SocketAddr>,
}

/// The connections to one origin.
pub(crate) struct Site {
    pub(crate) origin: Arc<Origin>,
    /// The one used last is at the end and used next.
    pub(crate) idle: SmallVec<[Key<Connection>; 2]>,
    /// Connections of any state, and rights to make one.
    pub(crate) open: usize,
    /// Requests that wait for a connection; cancelled ones are skipped when their turn comes.
    pub(crate) queue: VecDeque<Key<Request>>,
}

/// See the file's comment.
#[repr(C)] // what every request needs is first
pub struct Pool {
    pub(crate) sites: SmallVec<[Site; 1]>,
    pub(crate) settings: PoolSettings,
    /// Its owner has dropped it; it is removed with its last connection.
    pub(crate) abandoned: bool,
}

impl Pool {
    pub(crate) fn new(settings: PoolSettings) -> Self {
        Self {
            settings,
            sites: SmallVec::new(),
            abandoned: false,
        }
    }

    /// The index of `origin`, which is added if it is new. Origins with connections or waiting requests
    /// keep theirs; `hint` is tried first.
    pub(crate) fn site(&mut self, origin: &Arc<Origin>, hint: usize) -> usize {
        if self
            .sites
            .get(hint)
            .is_some_and(|site| Arc::ptr_eq(&site.origin, origin))
        {
            return hint;
        }
        if let Some(known) = self.sites.iter().position(|site| site.origin == *origin) {
            self.sites[known].origin = origin.clone();
            return known;
        }
        let site = Site {
            origin: origin.clone(),
            idle: SmallVec::new(),
            open: 0,
            queue: VecDeque::new(),
        };
        if self.sites.len() >= REMEMBERED {
            let unused = |site: &Site| site.open == 0 && site.queue.is_empty();
            if let Some(free) = self.sites.iter().position(unused) {
                self.sites[free] = site;
                return free;
            }
        }
        self.sites.push(site);
        self.sites.len() - 1
    }

    /// Connections and rights to make one.
    pub(crate) fn open(&self) -> usize {
        self.sites.iter().map(|site| site.open).sum()
    }

    /// The proxy, where requests to `origin` go through a tunnel.
    pub(crate) fn tunnel(&self, origin: &Origin) -> Option<&Proxy> {
        self.settings
            .proxy
            .as_ref()
            .filter(|_| origin.scheme == Scheme::Https)
    }
}
