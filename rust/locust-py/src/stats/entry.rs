//! Binding of one row of the statistics: the base class of `StatsEntry`.

use super::num::PyNum;
use crate::clock::{tick, wall_clock};
use locust_stats::counts::Counts;
use locust_stats::entry::{Entry, NotATime, current_rate, whole_us};
use locust_stats::histogram::{Histogram, Slot};
use locust_stats::num::Num;
use locust_stats::outcomes::{Counted, Spread};
use locust_stats::percentile;
use locust_stats::phases::{NUMBERS, Phases};
use locust_stats::report::Delta;
use locust_stats::snapshots::{Snapshot, Snapshots};
use locust_stats::timeline::view;
use locust_stats::wire::{intervals, precise};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A row that Python's objects, the recorder and the reports share.
pub type SharedEntry = Arc<Mutex<Entry>>;

/// Locks a row. No Python call may happen while the guard lives.
pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The error of a response time without a bucket.
pub fn not_a_time(error: NotATime) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pyclass(name = "StatsEntryCore", module = "locust_rs._core", subclass, frozen)]
pub struct EntryCore {
    pub shared: SharedEntry,
}

/// A histogram as it was at some moment; see `_core.pyi`.
#[pyclass(module = "locust_rs._core", frozen)]
pub struct PreciseMark(Histogram);

/// Turns a field into what Python sees, and back.
trait Shown {
    type Field;
    fn shown(field: &Self::Field) -> Self;
    fn field(self) -> Self::Field;
}

impl<T: Clone> Shown for Plain<T> {
    type Field = T;

    fn shown(field: &T) -> Self {
        Plain(field.clone())
    }

    fn field(self) -> T {
        self.0
    }
}

impl Shown for PyNum {
    type Field = Num;

    fn shown(field: &Num) -> Self {
        PyNum(*field)
    }

    fn field(self) -> Num {
        self.0
    }
}

impl Shown for Option<PyNum> {
    type Field = Option<Num>;

    fn shown(field: &Option<Num>) -> Self {
        field.map(PyNum)
    }

    fn field(self) -> Option<Num> {
        self.map(|number| number.0)
    }
}

/// A field that Python sees as it is.
#[derive(FromPyObject, IntoPyObject)]
#[pyo3(transparent)]
struct Plain<T>(T);

/// Python attributes over fields, readable and settable.
macro_rules! attributes {
    ($($get:ident $set:ident $field:ident: $kind:ty;)*) => {
        #[pymethods]
        impl EntryCore {
            $(
                #[getter($field)]
                fn $get(&self) -> $kind {
                    <$kind>::shown(&lock(&self.shared).$field)
                }

                #[setter($field)]
                fn $set(&self, value: $kind) {
                    let mut entry = lock(&self.shared);
                    entry.revision += 1;
                    entry.$field = value.field();
                }
            )*
        }
    };
}

attributes! {
    name set_name name: Plain<String>;
    method set_method method: Plain<String>;
    num_requests set_num_requests num_requests: Plain<i64>;
    num_none_requests set_num_none_requests num_none_requests: Plain<i64>;
    num_failures set_num_failures num_failures: Plain<i64>;
    total_response_time set_total_response_time total_response_time: PyNum;
    max_response_time set_max_response_time max_response_time: PyNum;
    min_response_time set_min_response_time min_response_time: Option<PyNum>;
    total_content_length set_total_content_length total_content_length: PyNum;
    start_time set_start_time start_time: PyNum;
    last_request_timestamp set_last_request_timestamp last_request_timestamp: Option<PyNum>;
}

/// The text of the failures' histogram; sum, minimum and maximum of the failures, then of the successes.
type OutcomesTuple = (String, f64, Option<f64>, f64, f64, Option<f64>, f64);

type SnapshotTuple = (i64, Vec<(PyNum, i64)>, i64, i64);

#[pymethods]
impl EntryCore {
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        EntryCore {
            shared: Arc::new(Mutex::new(Entry::new("", "", 0.0, None))),
        }
    }

    fn _start(
        &self,
        name: &Bound<'_, PyAny>,
        method: &Bound<'_, PyAny>,
        now: f64,
        window_s: Option<i64>,
    ) -> PyResult<()> {
        let (name, method) = (name.str()?, method.str()?);
        *lock(&self.shared) = Entry::new(name.to_str()?, method.to_str()?, now, window_s);
        Ok(())
    }

    #[getter]
    fn _revision(&self) -> u64 {
        lock(&self.shared).revision
    }

    fn _record(
        &self,
        now: f64,
        response_time: Option<PyNum>,
        content_length: PyNum,
    ) -> PyResult<()> {
        let mut entry = lock(&self.shared);
        match response_time {
            Some(time) => {
                let recorded = entry.record_at(tick(), now, time.0, content_length.0);
                recorded.map_err(not_a_time)?;
            }
            None => entry.record_untimed(now, content_length.0),
        }
        Ok(())
    }

    /// As `_record`, in a bucket that the user's own function chose.
    fn _record_in(&self, now: f64, response_time: PyNum, content_length: PyNum, bucket: PyNum) {
        let mut entry = lock(&self.shared);
        entry.begin(now);
        entry.measure(Some(tick()), response_time.0);
        entry.response_times.add(bucket.0, 1);
        entry.total_content_length += content_length.0;
    }

    fn _measure_in(&self, response_time: PyNum, bucket: PyNum) {
        let mut entry = lock(&self.shared);
        entry.measure(Some(tick()), response_time.0);
        entry.response_times.add(bucket.0, 1);
    }

    fn _log_time_of_request(&self, current_time: f64) {
        lock(&self.shared).note_time(current_time);
    }

    fn _record_failure(&self, now: f64) {
        lock(&self.shared).record_failure(now);
    }

    fn _reset(&self, now: f64) {
        lock(&self.shared).reset(now);
    }

    fn _remember(&self, second: i64) {
        lock(&self.shared).remember(second);
    }

    fn _set_window(&self, window_s: Option<i64>) {
        let mut entry = lock(&self.shared);
        match (&mut entry.snapshots, window_s) {
            (Some(snapshots), Some(window_s)) => snapshots.set_window(window_s),
            (snapshots, window_s) => *snapshots = window_s.map(Snapshots::new),
        }
    }

    fn _extend(&self, other: &EntryCore) {
        // A copy, because `other` may be this very row.
        let other = lock(&other.shared).clone();
        lock(&self.shared).extend(&other);
    }

    /// Moves every time of the row, because the clock of the worker that measured them is off.
    fn _shift(&self, seconds: f64) {
        lock(&self.shared).shift(seconds);
    }

    fn _precise_text(&self) -> String {
        let mut text = Vec::new();
        precise::write(&mut text, &lock(&self.shared).timeline.all());
        text.into_iter().map(char::from).collect()
    }

    fn _add_precise(&self, text: &str) -> PyResult<()> {
        let bins = precise_bins(text)?;
        lock(&self.shared).timeline.add_undated(&bins);
        Ok(())
    }

    /// What only our own nodes know of a row, as a report has it: the precise histogram, which is empty where the
    /// intervals say it all, successes and failures apart, the distribution of each second, and the phases' numbers.
    fn _own_parts(&self) -> (String, Option<OutcomesTuple>, String, Option<Vec<u64>>) {
        let entry = lock(&self.shared);
        let mut text = Vec::new();
        if !entry.timeline.is_exact() {
            precise::write(&mut text, &entry.timeline.all());
        }
        let mut seconds = Vec::new();
        intervals::write(&mut seconds, &entry.timeline, tick());
        let phases = entry.phases().map(|phases| phases.numbers().to_vec());
        (ascii(text), outcomes(&entry), ascii(seconds), phases)
    }

    #[pyo3(signature = (precise, outcomes, seconds, phases=None))]
    fn _add_own_parts(
        &self,
        precise: &str,
        outcomes: Option<OutcomesTuple>,
        seconds: &str,
        phases: Option<Vec<u64>>,
    ) -> PyResult<()> {
        let phases = phases.map(phases_of).transpose()?;
        let (precise, failed) = (precise_bins(precise)?, outcomes.as_ref());
        let failed = failed.map_or(Ok(Vec::new()), |outcomes| precise_bins(&outcomes.0))?;
        let (mut bins, mut points) = (Vec::new(), Vec::new());
        if !intervals::read(seconds.as_bytes(), &mut bins, |age_s, range| {
            points.push((age_s, range));
        }) {
            return Err(PyValueError::new_err(
                "the intervals of a row in a report are unreadable",
            ));
        }
        let points = points
            .iter()
            .map(|(age_s, range)| (*age_s, &bins[range.clone()]));
        let mut entry = lock(&self.shared);
        entry.absorb_distribution(&precise, points, tick());
        match outcomes {
            Some(outcomes) => entry.outcomes.absorb(counted(&outcomes, &failed)),
            // Nothing failed, so that the row itself says how long the successes took.
            None if entry.timeline.total() > 0 => {
                let succeeded = Spread::of(&Delta::from(&*entry).numbers);
                entry.outcomes.absorb(Counted {
                    succeeded,
                    ..Counted::default()
                });
            }
            None => {}
        }
        if let Some(phases) = phases {
            entry.add_phases(&phases);
        }
        Ok(())
    }

    /// Phases, connections and bytes; None if no request told them.
    #[getter]
    fn phases<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(phases) = lock(&self.shared).phases().copied() else {
            return Ok(None);
        };
        let shown = PyDict::new(py);
        shown.set_item("requests", phases.exchanges)?;
        shown.set_item("connections_opened", phases.opened)?;
        shown.set_item("connections_reused", phases.reused())?;
        shown.set_item("retries", phases.retried)?;
        shown.set_item("bytes_sent", phases.sent_bytes)?;
        shown.set_item("bytes_received", phases.received_bytes)?;
        for (name, lap) in phases.laps() {
            let values = PyDict::new(py);
            values.set_item("count", lap.count)?;
            values.set_item("avg", whole_us(lap.mean_ms()))?;
            values.set_item("max", whole_us(lap.most_ms()))?;
            shown.set_item(name, values)?;
        }
        Ok(Some(shown))
    }

    /// Curves and heat map as JSON (see `locust_stats::timeline::view`); `most` is about how many columns it has.
    /// `since_s` is how long ago the row was as it is now: that of a kept run is old.
    #[pyo3(signature = (fractions, most, since_s=0.0))]
    fn _latencies(&self, fractions: Vec<f64>, most: usize, since_s: f64) -> String {
        let mut out = String::new();
        let timeline = lock(&self.shared).timeline.points();
        let wall_s = wall_clock() - since_s - tick() as f64;
        view::write(&mut out, timeline, wall_s, &fractions, most);
        out
    }

    /// Count, mean and times at fractions of the successes and of the failures, in milliseconds.
    fn _sides(&self, fractions: Vec<f64>) -> [(u64, f64, Vec<f64>); 2] {
        let entry = lock(&self.shared);
        [entry.succeeded(), entry.failed()].map(|side| {
            let times = fractions
                .iter()
                .map(|&fraction| side.percentile_ms(fraction));
            (side.count(), side.mean_ms(), times.collect())
        })
    }

    fn _get_response_times<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let slots = lock(&self.shared).response_times.slots().to_vec();
        counts_to_dict(py, &slots)
    }

    fn _response_times_up_to(&self, bounds_ms: Vec<f64>) -> Vec<i64> {
        lock(&self.shared).response_times.up_to(&bounds_ms)
    }

    fn _set_response_times(&self, counts: &Bound<'_, PyDict>) -> PyResult<()> {
        let counts = counts_from_dict(counts)?;
        let mut entry = lock(&self.shared);
        entry.revision += 1;
        entry.response_times = counts;
        Ok(())
    }

    fn _get_num_reqs_per_sec<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let bins = lock(&self.shared).num_reqs_per_sec.bins().to_vec();
        bins_to_dict(py, &bins)
    }

    fn _set_num_reqs_per_sec(&self, counts: &Bound<'_, PyDict>) -> PyResult<()> {
        let bins = bins_from_dict(counts)?;
        let mut entry = lock(&self.shared);
        entry.revision += 1;
        entry.num_reqs_per_sec = bins.into_iter().collect();
        Ok(())
    }

    fn _get_num_fail_per_sec<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let bins = lock(&self.shared).num_fail_per_sec.bins().to_vec();
        bins_to_dict(py, &bins)
    }

    fn _set_num_fail_per_sec(&self, counts: &Bound<'_, PyDict>) -> PyResult<()> {
        let bins = bins_from_dict(counts)?;
        let mut entry = lock(&self.shared);
        entry.revision += 1;
        entry.num_fail_per_sec = bins.into_iter().collect();
        Ok(())
    }

    fn _get_snapshots(&self) -> Vec<SnapshotTuple> {
        let entry = lock(&self.shared);
        let Some(snapshots) = &entry.snapshots else {
            return Vec::new();
        };
        snapshots
            .iter()
            .map(|kept| {
                let counts = kept
                    .response_times()
                    .into_iter()
                    .map(|(bucket, count)| (PyNum(bucket), count))
                    .collect();
                (
                    kept.second,
                    counts,
                    kept.num_requests,
                    kept.num_none_requests,
                )
            })
            .collect()
    }

    fn _set_snapshots(&self, kept: Vec<SnapshotTuple>, window_s: i64) {
        let mut snapshots = Snapshots::new(window_s);
        for (second, counts, num_requests, num_none_requests) in kept {
            let response_times: Vec<_> = counts
                .into_iter()
                .map(|(bucket, count)| (bucket.0, count))
                .collect();
            snapshots.insert(Snapshot::new(
                second,
                &response_times,
                num_requests,
                num_none_requests,
            ));
        }
        let mut entry = lock(&self.shared);
        entry.revision += 1;
        entry.snapshots = Some(snapshots);
    }

    #[getter]
    fn fail_ratio(&self) -> f64 {
        lock(&self.shared).fail_ratio()
    }

    #[getter]
    fn avg_response_time(&self) -> f64 {
        lock(&self.shared).average_response_time()
    }

    #[getter]
    fn avg_content_length(&self) -> PyNum {
        PyNum(lock(&self.shared).average_content_length())
    }

    #[getter]
    fn median_response_time(&self) -> PyNum {
        PyNum(lock(&self.shared).median())
    }

    fn get_response_time_percentile(&self, percent: f64) -> PyNum {
        PyNum(lock(&self.shared).percentile(percent))
    }

    fn _percentiles(&self, fractions: Vec<f64>) -> Vec<PyNum> {
        let entry = lock(&self.shared);
        percentile::percentiles(&entry.response_times, entry.num_timed(), &fractions)
            .into_iter()
            .map(PyNum)
            .collect()
    }

    fn precise_percentile(&self, percent: f64) -> f64 {
        lock(&self.shared).precise_percentile_ms(percent)
    }

    /// The histogram as it is now, to compare with later.
    fn _precise_mark(&self) -> PreciseMark {
        PreciseMark(lock(&self.shared).timeline.all())
    }

    /// Precise percentiles of what was counted since `mark`, in milliseconds; None if nothing was.
    fn _precise_since(&self, mark: &PreciseMark, fractions: Vec<f64>) -> Option<Vec<f64>> {
        let entry = lock(&self.shared);
        let grown = entry.timeline.all().since(&mark.0);
        let most = entry.max_response_time.as_f64();
        let least = entry.min_response_time.map_or(0.0, Num::as_f64);
        // The ends of what came since are known by their bins only, unlike those of the whole run.
        let at = |fraction: f64| {
            whole_us(grown.percentile_ms(fraction.clamp(1e-15, 1.0 - 1e-15), least, most))
        };
        (grown.total() > 0).then(|| fractions.into_iter().map(at).collect())
    }

    /// The percentile of what was counted since the snapshot about a window ago; None without such a snapshot.
    fn _current_percentile(&self, now: i64, percent: f64) -> PyResult<Option<PyNum>> {
        let entry = lock(&self.shared);
        let Some(past) = entry
            .snapshots
            .as_ref()
            .and_then(|snapshots| snapshots.before(now))
        else {
            return Ok(None);
        };
        let counts = percentile::difference(&entry.response_times, &past.response_times());
        let timed = entry.num_timed() - (past.num_requests - past.num_none_requests);
        Ok(Some(PyNum(percentile::percentile(&counts, timed, percent))))
    }

    fn _current_rate(&self, last_request: PyNum, start_time: PyNum, failures: bool) -> f64 {
        let entry = lock(&self.shared);
        let seconds = if failures {
            &entry.num_fail_per_sec
        } else {
            &entry.num_reqs_per_sec
        };
        current_rate(seconds, last_request.0, start_time.0)
    }
}

fn ascii(text: Vec<u8>) -> String {
    text.into_iter().map(char::from).collect()
}

/// The bins of a text of [`precise::write`].
fn precise_bins(text: &str) -> PyResult<Vec<Slot>> {
    let mut bins = Vec::new();
    if precise::read(text.as_bytes(), &mut bins) {
        Ok(bins)
    } else {
        Err(PyValueError::new_err(
            "a precise histogram in a report is unreadable",
        ))
    }
}

/// Phases from their numbers in a report; later versions may tell more of them.
fn phases_of(mut numbers: Vec<u64>) -> PyResult<Phases> {
    numbers.truncate(NUMBERS);
    let numbers = numbers
        .try_into()
        .map_err(|_| PyValueError::new_err("the phases of a row in a report are unreadable"))?;
    Ok(Phases::from_numbers(&numbers))
}

/// Successes and failures apart; None where nothing failed.
fn outcomes(entry: &Entry) -> Option<OutcomesTuple> {
    let counted = entry.outcomes.counted();
    if counted.failed_bins.is_empty() {
        return None;
    }
    let mut text = Vec::new();
    precise::write_bins(&mut text, counted.failed_bins);
    let (failed, succeeded) = (counted.failed, counted.succeeded);
    let least = |spread: Spread| spread.min_ms.is_finite().then_some(spread.min_ms);
    Some((
        ascii(text),
        failed.total_ms,
        least(failed),
        failed.max_ms,
        succeeded.total_ms,
        least(succeeded),
        succeeded.max_ms,
    ))
}

/// The same read back; `failed_bins` are those of its text.
fn counted<'a>(outcomes: &OutcomesTuple, failed_bins: &'a [Slot]) -> Counted<'a> {
    let spread = |total_ms, min_ms: Option<f64>, max_ms| Spread {
        total_ms,
        min_ms: min_ms.unwrap_or(f64::INFINITY),
        max_ms,
    };
    let &(_, failed_total, failed_min, failed_max, total, min, max) = outcomes;
    Counted {
        failed: spread(failed_total, failed_min, failed_max),
        succeeded: spread(total, min, max),
        failed_bins,
    }
}

pub fn counts_to_dict<'py>(py: Python<'py>, slots: &[(Num, i64)]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for &(bucket, count) in slots {
        dict.set_item(PyNum(bucket), count)?;
    }
    Ok(dict)
}

pub fn bins_to_dict<'py>(py: Python<'py>, bins: &[(i64, i64)]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for &(second, count) in bins {
        dict.set_item(second, count)?;
    }
    Ok(dict)
}

pub fn counts_from_dict(dict: &Bound<'_, PyDict>) -> PyResult<Counts> {
    let pair = |(bucket, count): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let bucket: PyNum = bucket.extract().map_err(|_| {
            PyTypeError::new_err(format!(
                "{bucket} is not a bucket; the keys of response_times are milliseconds"
            ))
        })?;
        Ok((bucket.0, count.extract()?))
    };
    dict.iter().map(pair).collect()
}

pub fn bins_from_dict(dict: &Bound<'_, PyDict>) -> PyResult<Vec<(i64, i64)>> {
    dict.iter()
        .map(|(second, count)| Ok((second.extract()?, count.extract()?)))
        .collect()
}
