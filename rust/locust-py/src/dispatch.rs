//! Binding of dispatch: extract, call, convert.

use std::sync::Mutex;

use locust_stats::dispatch::{Change, Plan, PlanError, WeightedOrder};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;

/// `(worker, class, delta)` of one cell that changed.
type Cell = (usize, usize, i64);

fn cells(changes: Vec<Change>) -> Vec<Cell> {
    changes
        .into_iter()
        .map(|change| (change.worker, change.class, change.delta))
        .collect()
}

fn index_error(error: PlanError) -> PyErr {
    PyIndexError::new_err(error.to_string())
}

/// See `_core.pyi`.
#[pyclass(frozen, module = "locust_rs._core")]
struct DispatchPlan(Mutex<Plan>);

impl DispatchPlan {
    fn with<T>(&self, action: impl FnOnce(&mut Plan) -> T) -> T {
        // A poisoned plan is still whole: every method checks its arguments before it writes.
        action(
            &mut self
                .0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

#[pymethods]
impl DispatchPlan {
    #[new]
    fn new() -> Self {
        Self(Mutex::new(Plan::new()))
    }

    fn add_class(&self, weight: f64, fixed_count: u64) -> usize {
        self.with(|plan| plan.add_class(weight, fixed_count))
    }

    fn set_class(
        &self,
        index: usize,
        weight: f64,
        fixed_count: u64,
        spawnable: bool,
    ) -> PyResult<()> {
        self.with(|plan| plan.set_class(index, weight, fixed_count, spawnable))
            .map_err(index_error)
    }

    fn add_worker(&self) -> usize {
        self.with(Plan::add_worker)
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over owned lists")]
    fn rank_workers(&self, order: Vec<usize>) -> PyResult<()> {
        self.with(|plan| plan.rank_workers(&order))
            .map_err(index_error)
    }

    fn remove_worker(&self, index: usize) -> PyResult<()> {
        self.with(|plan| plan.remove_worker(index))
            .map_err(index_error)
    }

    fn set_users(&self, worker: usize, class_index: usize, count: u64) -> PyResult<()> {
        self.with(|plan| plan.set_users(worker, class_index, count))
            .map_err(index_error)
    }

    fn user_count(&self) -> u64 {
        self.with(|plan| plan.user_count())
    }

    fn class_count(&self, index: usize) -> u64 {
        self.with(|plan| plan.class_count(index))
    }

    fn add_users(&self, count: u64) -> Vec<Cell> {
        cells(self.with(|plan| plan.add_users(count)))
    }

    fn add_user_of(&self, class_index: usize) -> PyResult<Vec<Cell>> {
        self.with(|plan| plan.add_user_of(class_index))
            .map(cells)
            .map_err(index_error)
    }

    fn remove_users(&self, count: u64) -> Vec<Cell> {
        cells(self.with(|plan| plan.remove_users(count)))
    }

    fn spread_anew(&self) -> Vec<Cell> {
        cells(self.with(Plan::spread_anew))
    }
}

/// See `_core.pyi`.
#[pyclass(frozen, module = "locust_rs._core")]
struct WeightedTurns(Mutex<WeightedOrder>);

#[pymethods]
impl WeightedTurns {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over owned lists")]
    fn new(weights: Vec<f64>) -> Self {
        Self(Mutex::new(WeightedOrder::new(&weights)))
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self) -> Option<usize> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .next()
    }
}

/// Adds this file's classes and functions to `_core`.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<DispatchPlan>()?;
    module.add_class::<WeightedTurns>()
}
