//! Bodies read piece by piece. Nothing is read from the socket before it is asked for, so a slow
//! reader slows the server down instead of filling memory.

use super::{Engine, Failure, Progress, RequestKey};
use crate::clock::now_ns;
use crate::connection::Connection;
use crate::lateness;
use crate::slab::Key;

/// What a reader of a stream gets.
#[derive(Debug)]
pub enum StreamStep {
    /// Body bytes without transfer coding, at least one.
    Bytes(Vec<u8>),
    /// Leave a token and wait.
    Wait,
    /// The body was complete; the key is void.
    End,
    /// The body cannot be completed; the key is void.
    Failed(Failure),
}

impl Engine {
    /// The next bytes of a stream, as many as one read gives.
    pub fn read_stream(&mut self, key: RequestKey) -> StreamStep {
        if let Some(bytes) = self.take_stream_bytes(key) {
            return StreamStep::Bytes(bytes);
        }
        // Until there are bytes or the socket has none: only then will it report new ones.
        while let Some(connection) = self.streaming_connection(key) {
            let drained = self.read_once(connection).is_none();
            if let Some(bytes) = self.take_stream_bytes(key) {
                return StreamStep::Bytes(bytes);
            }
            if drained {
                break;
            }
        }
        let Some(request) = self.requests.get_mut(key) else {
            return StreamStep::End;
        };
        if request.progress == Progress::Streaming {
            let timeout = request.submission.network_timeout;
            if let (Some(connection), true) = (request.connection, timeout != 0) {
                self.set_deadline(connection, now_ns() + timeout);
            }
            return StreamStep::Wait;
        }
        let failure = request.result.take().and_then(Result::err);
        self.cancel(key);
        failure.map_or(StreamStep::End, StreamStep::Failed)
    }

    /// The header of a streamed response is there.
    pub(super) fn deliver_header(&mut self, connection: Key<Connection>, key: RequestKey) {
        let Some(request) = self.requests.get_mut(key) else {
            return;
        };
        let Some(mut response) = request.parser.take_response() else {
            return;
        };
        let early = response.split_body();
        request.parser.put_back(early);
        request.progress = Progress::Streaming;
        request.result = Some(Ok(response));
        lateness::responded();
        // The network timeout applies only while a reader waits.
        if let Some(link) = self.connections.get_mut(connection) {
            link.deadline = 0;
        }
        self.wake(key);
    }

    /// Wakes the reader of a stream whose connection is ready; false if the connection serves none.
    pub(super) fn wakes_stream_reader(&mut self, connection: Key<Connection>) -> bool {
        let Some(link) = self.connections.get(connection) else {
            return false;
        };
        let Some(key) = link.request else {
            return false;
        };
        if self
            .requests
            .get(key)
            .is_none_or(|request| request.progress != Progress::Streaming)
        {
            return false;
        }
        self.wake(key);
        true
    }

    fn take_stream_bytes(&mut self, key: RequestKey) -> Option<Vec<u8>> {
        let request = self.requests.get_mut(key)?;
        request
            .parser
            .has_body()
            .then(|| request.parser.take_body())
    }

    fn streaming_connection(&self, key: RequestKey) -> Option<Key<Connection>> {
        let request = self.requests.get(key)?;
        if request.progress == Progress::Streaming {
            request.connection
        } else {
            None
        }
    }
}
