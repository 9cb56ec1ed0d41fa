//! What a worker counted since its last report, as the master takes it in.

use crate::entry::Entry;
use crate::num::Num;
use crate::wire::encode::ErrorRow;

/// What one row counted.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)] // the names are the protocol's
pub struct Delta {
    pub name: String,
    pub method: String,
    pub last_request_timestamp: Option<Num>,
    pub start_time: Option<Num>,
    pub num_requests: i64,
    pub num_none_requests: i64,
    pub num_failures: i64,
    pub total_response_time: Num,
    pub max_response_time: Num,
    pub min_response_time: Option<Num>,
    pub total_content_length: Num,
    pub response_times: Vec<(Num, i64)>,
    pub num_reqs_per_sec: Vec<(i64, i64)>,
    pub num_fail_per_sec: Vec<(i64, i64)>,
    /// Bins of the precise histogram; empty from peers that have none.
    pub precise: Vec<(u16, u64)>,
}

/// A worker's report.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Report {
    pub node_id: String,
    pub rows: Vec<Delta>,
    pub total: Delta,
    pub errors: Vec<ErrorRow>,
    pub user_count: Option<i64>,
    pub user_classes_count: Option<Vec<(String, i64)>>,
    /// The sender's wall clock when it packed the report, in epoch seconds; other peers don't tell.
    pub clock: Option<f64>,
    /// Further keys with their packed values.
    pub extra: Vec<(String, Vec<u8>)>,
}

impl Delta {
    /// Moves every time by `seconds`, because the sender's clock is off by that much.
    pub fn shift(&mut self, seconds: f64) {
        let by = Num::Float(seconds);
        let whole = seconds.round() as i64;
        self.last_request_timestamp = self.last_request_timestamp.map(|at| at + by);
        self.start_time = self.start_time.map(|at| at + by);
        for bin in self
            .num_reqs_per_sec
            .iter_mut()
            .chain(&mut self.num_fail_per_sec)
        {
            bin.0 = bin.0.saturating_add(whole);
        }
    }
}

impl Report {
    /// Moves every time in the report by `seconds`.
    pub fn shift(&mut self, seconds: f64) {
        self.rows.iter_mut().for_each(|row| row.shift(seconds));
        self.total.shift(seconds);
        for error in &mut self.errors {
            for seen in [&mut error.first_seen, &mut error.last_seen] {
                *seen = seen.map(|at| at + Num::Float(seconds));
            }
        }
    }
}

impl From<&Entry> for Delta {
    fn from(entry: &Entry) -> Self {
        Delta {
            name: entry.name.clone(),
            method: entry.method.clone(),
            last_request_timestamp: entry.last_request_timestamp,
            start_time: Some(entry.start_time),
            num_requests: entry.num_requests,
            num_none_requests: entry.num_none_requests,
            num_failures: entry.num_failures,
            total_response_time: entry.total_response_time,
            max_response_time: entry.max_response_time,
            min_response_time: entry.min_response_time,
            total_content_length: entry.total_content_length,
            response_times: entry.response_times.slots().to_vec(),
            num_reqs_per_sec: entry.num_reqs_per_sec.bins().to_vec(),
            num_fail_per_sec: entry.num_fail_per_sec.bins().to_vec(),
            precise: entry.precise.slots().to_vec(),
        }
    }
}
