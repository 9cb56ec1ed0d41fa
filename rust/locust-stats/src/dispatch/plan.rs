//! The matrix of users per worker and class, and the steps that change it.
//!
//! Whatever happened before (ramps, edits, lost workers), the next user is chosen from the users
//! that exist now: fixed counts first, then the weighted class that gains most, on the worker with
//! the fewest users. So weights and spread hold at every step, not only on the first ramp.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::weighted::gain;

/// Why a plan refuses a change. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanError {
    /// The class or worker with this index was never added.
    UnknownIndex(usize),
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownIndex(index) => write!(formatter, "no class or worker has index {index}"),
        }
    }
}

impl std::error::Error for PlanError {}

/// Users of one class to start (positive) or stop (negative) on one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Index of the worker, as `add_worker` returned it.
    pub worker: usize,
    /// Index of the class, as `add_class` returned it.
    pub class: usize,
    /// How many users more; never 0.
    pub delta: i64,
}

#[derive(Debug, Clone, Copy)]
struct Class {
    weight: f64,
    fixed_count: u64,
    spawnable: bool,
    count: u64,
    /// Gain of one more user, and loss of one less; they depend on `weight` and `count` alone.
    gain: f64,
    loss: f64,
}

impl Class {
    fn is_fixed(&self) -> bool {
        self.fixed_count > 0
    }

    fn refresh(&mut self) {
        #[expect(clippy::cast_precision_loss, reason = "user counts are far below 2^53")]
        let weight = if self.is_fixed() {
            self.fixed_count as f64
        } else {
            self.weight
        };
        self.gain = if weight > 0.0 {
            gain(weight, self.count)
        } else {
            0.0
        };
        self.loss = match self.count {
            0 => f64::INFINITY,
            count if weight > 0.0 => gain(weight, count - 1),
            _ => 0.0,
        };
    }
}

#[derive(Debug, Clone)]
struct Worker {
    present: bool,
    /// Breaks ties between equally loaded workers; lower is filled first and emptied last.
    rank: usize,
    load: u64,
    counts: Vec<u64>,
}

/// The users of a test, by worker and class. Indices are stable for the plan's life.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    classes: Vec<Class>,
    workers: Vec<Worker>,
}

/// Sums changes to the same cell, so that a caller touches each once.
#[derive(Default)]
struct Changes(BTreeMap<(usize, usize), i64>);

impl Changes {
    fn note(&mut self, worker: usize, class: usize, delta: i64) {
        *self.0.entry((worker, class)).or_default() += delta;
    }

    fn finish(self) -> Vec<Change> {
        let cells = self.0.into_iter().filter(|&(_, delta)| delta != 0);
        cells
            .map(|((worker, class), delta)| Change {
                worker,
                class,
                delta,
            })
            .collect()
    }
}

impl Plan {
    /// A plan without classes and workers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a class; earlier ones come first where gains are equal.
    pub fn add_class(&mut self, weight: f64, fixed_count: u64) -> usize {
        let mut class = Class {
            weight,
            fixed_count,
            spawnable: true,
            count: 0,
            gain: 0.0,
            loss: 0.0,
        };
        class.refresh();
        self.classes.push(class);
        for worker in &mut self.workers {
            worker.counts.push(0);
        }
        self.classes.len() - 1
    }

    /// Changes what a class is worth; `spawnable` says whether new users may be of it.
    ///
    /// # Errors
    /// [`PlanError::UnknownIndex`] for a class that was never added.
    pub fn set_class(
        &mut self,
        index: usize,
        weight: f64,
        fixed_count: u64,
        spawnable: bool,
    ) -> Result<(), PlanError> {
        let class = self
            .classes
            .get_mut(index)
            .ok_or(PlanError::UnknownIndex(index))?;
        (class.weight, class.fixed_count, class.spawnable) = (weight, fixed_count, spawnable);
        class.refresh();
        Ok(())
    }

    /// Adds an idle worker, last in rank.
    pub fn add_worker(&mut self) -> usize {
        let rank = self.workers.len();
        let counts = vec![0; self.classes.len()];
        self.workers.push(Worker {
            present: true,
            rank,
            load: 0,
            counts,
        });
        rank
    }

    /// Orders the workers: `order[0]` is filled first among equals.
    ///
    /// # Errors
    /// [`PlanError::UnknownIndex`] for a worker that was never added.
    pub fn rank_workers(&mut self, order: &[usize]) -> Result<(), PlanError> {
        if let Some(&index) = order.iter().find(|&&index| index >= self.workers.len()) {
            return Err(PlanError::UnknownIndex(index));
        }
        for (rank, &index) in order.iter().enumerate() {
            self.workers[index].rank = rank;
        }
        Ok(())
    }

    /// Takes a worker out, with all its users; its index stays unused.
    ///
    /// # Errors
    /// [`PlanError::UnknownIndex`] for a worker that was never added.
    pub fn remove_worker(&mut self, index: usize) -> Result<(), PlanError> {
        let worker = self
            .workers
            .get_mut(index)
            .ok_or(PlanError::UnknownIndex(index))?;
        worker.present = false;
        worker.load = 0;
        for (class, count) in self.classes.iter_mut().zip(&mut worker.counts) {
            class.count -= *count;
            *count = 0;
            class.refresh();
        }
        Ok(())
    }

    /// States what a worker already runs, as a master does that adopts it.
    ///
    /// # Errors
    /// [`PlanError::UnknownIndex`] for a worker or class that was never added.
    pub fn set_users(&mut self, worker: usize, class: usize, count: u64) -> Result<(), PlanError> {
        let node = self
            .workers
            .get_mut(worker)
            .ok_or(PlanError::UnknownIndex(worker))?;
        let cell = node
            .counts
            .get_mut(class)
            .ok_or(PlanError::UnknownIndex(class))?;
        node.load = node.load - *cell + count;
        self.classes[class].count = self.classes[class].count - *cell + count;
        *cell = count;
        self.classes[class].refresh();
        Ok(())
    }

    /// All users there are.
    #[must_use]
    pub fn user_count(&self) -> u64 {
        self.classes.iter().map(|class| class.count).sum()
    }

    /// Users of one class, 0 for an unknown one.
    #[must_use]
    pub fn class_count(&self, class: usize) -> u64 {
        self.classes.get(class).map_or(0, |class| class.count)
    }

    /// Whether no worker has two users more than another.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let loads = || {
            self.workers
                .iter()
                .filter(|worker| worker.present)
                .map(|worker| worker.load)
        };
        loads().max().unwrap_or(0) - loads().min().unwrap_or(0) <= 1
    }

    /// Starts up to `count` users. Fewer only where nothing may be spawned any more.
    ///
    /// Cost: `O(workers + count * (classes + log workers))`.
    pub fn add_users(&mut self, count: u64) -> Vec<Change> {
        let mut by_load = self.workers_by_load();
        let mut changes = Changes::default();
        for _ in 0..count {
            let Some(class) = self.class_to_add() else {
                break;
            };
            let Some((_, _, worker)) = by_load.pop_first() else {
                break;
            };
            self.shift(worker, class, 1);
            by_load.insert(self.key(worker));
            changes.note(worker, class, 1);
        }
        changes.finish()
    }

    /// Stops up to `count` users: weighted ones first, those of fixed counts last.
    ///
    /// Cost as [`Plan::add_users`], times the few workers that lack the class in question.
    pub fn remove_users(&mut self, count: u64) -> Vec<Change> {
        let mut by_load = self.workers_by_load();
        let mut changes = Changes::default();
        for _ in 0..count {
            let Some(class) = self.class_to_remove() else {
                break;
            };
            let holder = by_load
                .iter()
                .rev()
                .find(|key| self.workers[key.2].counts[class] > 0);
            let Some(&key) = holder else { break };
            by_load.remove(&key);
            self.shift(key.2, class, -1);
            by_load.insert(self.key(key.2));
            changes.note(key.2, class, -1);
        }
        changes.finish()
    }

    /// Moves up to `budget` users from the fullest workers to the emptiest ones.
    pub fn rebalance(&mut self, budget: u64) -> Vec<Change> {
        let mut by_load = self.workers_by_load();
        let mut changes = Changes::default();
        for _ in 0..budget {
            let (Some(&low), Some(&high)) = (by_load.first(), by_load.last()) else {
                break;
            };
            if high.0 - low.0 <= 1 {
                break;
            }
            let class = self.class_to_move(high.2, low.2);
            for (key, delta) in [(high, -1), (low, 1)] {
                by_load.remove(&key);
                self.shift(key.2, class, delta);
                by_load.insert(self.key(key.2));
                changes.note(key.2, class, delta);
            }
        }
        changes.finish()
    }

    fn key(&self, worker: usize) -> (u64, usize, usize) {
        (self.workers[worker].load, self.workers[worker].rank, worker)
    }

    fn workers_by_load(&self) -> BTreeSet<(u64, usize, usize)> {
        let present = (0..self.workers.len()).filter(|&index| self.workers[index].present);
        present.map(|index| self.key(index)).collect()
    }

    fn class_to_add(&self) -> Option<usize> {
        let missing = |class: &Class| class.is_fixed() && class.count < class.fixed_count;
        self.leader(missing)
            .or_else(|| self.leader(|class| !class.is_fixed() && class.weight > 0.0))
    }

    /// The first class among those that may be spawned and are `eligible` that gains most.
    fn leader(&self, eligible: impl Fn(&Class) -> bool) -> Option<usize> {
        let mut best: Option<usize> = None;
        for (index, class) in self.classes.iter().enumerate() {
            let leads = best.is_none_or(|leader| class.gain > self.classes[leader].gain);
            if class.spawnable && eligible(class) && leads {
                best = Some(index);
            }
        }
        best
    }

    /// The last class among those that lose least: the inverse of `class_to_add`.
    fn class_to_remove(&self) -> Option<usize> {
        let least = |fixed: bool| {
            let classes = self.classes.iter().enumerate();
            let candidates =
                classes.filter(|(_, class)| class.count > 0 && class.is_fixed() == fixed);
            candidates
                .min_by(|(left, a), (right, b)| a.loss.total_cmp(&b.loss).then(right.cmp(left)))
                .map(|(index, _)| index)
        };
        least(false).or_else(|| least(true))
    }

    /// The class of which `from` has most more than `to`; `from` has more users, so there is one.
    fn class_to_move(&self, from: usize, to: usize) -> usize {
        let surplus = |class: usize| {
            self.workers[from].counts[class].saturating_sub(self.workers[to].counts[class])
        };
        let classes = 0..self.classes.len();
        classes
            .max_by_key(|&class| (surplus(class), Reverse(class)))
            .unwrap_or(0)
    }

    fn shift(&mut self, worker: usize, class: usize, delta: i64) {
        let node = &mut self.workers[worker];
        node.load = node.load.wrapping_add_signed(delta);
        node.counts[class] = node.counts[class].wrapping_add_signed(delta);
        self.classes[class].count = self.classes[class].count.wrapping_add_signed(delta);
        self.classes[class].refresh();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(classes: &[(f64, u64)], workers: usize) -> Plan {
        let mut plan = Plan::new();
        for &(weight, fixed_count) in classes {
            plan.add_class(weight, fixed_count);
        }
        for _ in 0..workers {
            plan.add_worker();
        }
        plan
    }

    fn cells(plan: &Plan) -> Vec<Vec<u64>> {
        plan.workers
            .iter()
            .map(|worker| worker.counts.clone())
            .collect()
    }

    #[test]
    fn ramp_down_passes_through_the_states_of_the_ramp_up() {
        let mut plan = plan(&[(3.0, 0), (1.0, 0), (1.0, 4), (7.0, 0)], 5);
        let mut states = vec![cells(&plan)];
        for _ in 0..200 {
            plan.add_users(1);
            states.push(cells(&plan));
        }
        for expected in states.iter().rev().skip(1) {
            plan.remove_users(1);
            assert_eq!(&cells(&plan), expected);
        }
    }

    #[test]
    fn one_big_step_equals_many_small_ones() {
        let (mut big, mut small) = (
            plan(&[(2.0, 0), (5.0, 0)], 3),
            plan(&[(2.0, 0), (5.0, 0)], 3),
        );
        big.add_users(50);
        (0..50).for_each(|_| drop(small.add_users(1)));
        assert_eq!(cells(&big), cells(&small));
    }

    #[test]
    fn users_of_a_lost_worker_go_to_the_others_and_nobody_else_moves() {
        let mut plan = plan(&[(1.0, 0), (1.0, 3)], 4);
        plan.add_users(40);
        plan.remove_worker(0).expect("worker 0 exists");
        let changes = plan.add_users(40 - plan.user_count());
        assert!(changes.iter().all(|change| change.delta > 0));
        assert_eq!((plan.class_count(0), plan.class_count(1)), (37, 3));
        let loads: Vec<u64> = plan.workers[1..].iter().map(|worker| worker.load).collect();
        assert!(
            loads
                .iter()
                .max()
                .zip(loads.iter().min())
                .is_some_and(|(high, low)| high - low <= 1)
        );
    }

    #[test]
    fn rebalancing_moves_no_more_users_than_its_budget() {
        let mut plan = plan(&[(1.0, 0), (2.0, 0)], 1);
        plan.add_users(12);
        plan.add_worker();
        assert_eq!(
            plan.rebalance(2)
                .iter()
                .map(|change| change.delta.abs())
                .sum::<i64>(),
            4
        );
        assert!(!plan.is_balanced());
        plan.rebalance(100);
        assert!(plan.is_balanced());
        assert_eq!((plan.class_count(0), plan.class_count(1)), (4, 8));
    }

    #[test]
    fn nothing_is_spawned_beyond_fixed_counts_without_weighted_classes() {
        let mut plan = plan(&[(1.0, 3), (1.0, 1)], 2);
        plan.add_users(10);
        assert_eq!(plan.user_count(), 4);
    }
}
