//! The matrix of users per worker and class, and the steps that change it.
//!
//! The next user is chosen from the users that exist now: fixed counts first, then the weighted
//! class that gains most, on the worker with the fewest users. So weights and spread hold at every
//! step, not only on the first ramp.
//!
//! When other classes may be spawned than before, a phase begins: users of earlier phases stay what
//! they are, and only those that are added from then on follow the weights. The users that were
//! added last are removed first, so a ramp down passes through the states of the ramps up, phase by
//! phase. A lost worker leaves its users displaced: they keep their class and phase, and get a new
//! worker with the next step.

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
    /// Users on workers.
    count: u64,
    /// Users that lost their worker.
    displaced: u64,
    /// Users of the latest phase; what a fixed class is worth depends on all its users.
    in_phase: u64,
    /// Gain of one more user, and loss of one less; they depend on the fields above alone.
    gain: f64,
    loss: f64,
}

impl Class {
    fn is_fixed(&self) -> bool {
        self.fixed_count > 0
    }

    fn refresh(&mut self) {
        #[expect(clippy::cast_precision_loss, reason = "user counts are far below 2^53")]
        let (weight, count) = if self.is_fixed() {
            (self.fixed_count as f64, self.count + self.displaced)
        } else {
            (self.weight, self.in_phase)
        };
        self.gain = if weight > 0.0 {
            gain(weight, count)
        } else {
            0.0
        };
        self.loss = match count {
            0 => f64::INFINITY,
            count if weight > 0.0 => gain(weight, count - 1),
            _ => 0.0,
        };
    }
}

/// The users that were added while the same classes could be spawned.
#[derive(Debug, Clone, Default)]
struct Phase {
    spawnable: Vec<bool>,
    /// Users by class while a later phase is the latest; the latest phase's are in the classes.
    counts: Vec<u64>,
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
    /// Oldest first; empty until the first user is added.
    phases: Vec<Phase>,
}

/// Load, rank and index of the workers: the emptiest comes first.
type ByLoad = BTreeSet<(u64, usize, usize)>;

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
            displaced: 0,
            in_phase: 0,
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

    /// Takes a worker out; its users are displaced, and its index stays unused.
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
            class.displaced += *count;
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
        let before = *cell;
        node.load = node.load - before + count;
        *cell = count;
        let class = &mut self.classes[class];
        class.count = class.count - before + count;
        class.in_phase = (class.in_phase + count).saturating_sub(before);
        class.refresh();
        Ok(())
    }

    /// All users on workers.
    #[must_use]
    pub fn user_count(&self) -> u64 {
        self.classes.iter().map(|class| class.count).sum()
    }

    /// Users of one class, 0 for an unknown one.
    #[must_use]
    pub fn class_count(&self, class: usize) -> u64 {
        self.classes.get(class).map_or(0, |class| class.count)
    }

    /// Starts up to `count` users. Fewer only where nothing may be spawned any more.
    ///
    /// Cost: `O(workers + count * (classes + log workers))`.
    pub fn add_users(&mut self, count: u64) -> Vec<Change> {
        self.enter_phase();
        let mut by_load = self.workers_by_load();
        let mut changes = Changes::default();
        for _ in 0..count {
            let Some(class) = self.class_to_add() else {
                break;
            };
            if !self.place(class, &mut by_load, &mut changes) {
                break;
            }
            self.classes[class].in_phase += 1;
            self.classes[class].refresh();
        }
        changes.finish()
    }

    /// Starts one user of a class, whatever the weights say. Nothing without a worker.
    ///
    /// # Errors
    /// [`PlanError::UnknownIndex`] for a class that was never added.
    pub fn add_user_of(&mut self, class: usize) -> Result<Vec<Change>, PlanError> {
        if class >= self.classes.len() {
            return Err(PlanError::UnknownIndex(class));
        }
        self.enter_phase();
        let mut by_load = self.workers_by_load();
        let mut changes = Changes::default();
        if self.place(class, &mut by_load, &mut changes) {
            self.classes[class].in_phase += 1;
            self.classes[class].refresh();
        }
        Ok(changes.finish())
    }

    /// Stops up to `count` users, the last added first; those of fixed counts at the very end.
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
            self.forget_one(class);
            by_load.insert(self.key(key.2));
            changes.note(key.2, class, -1);
        }
        changes.finish()
    }

    /// Gives displaced users to the emptiest workers, then moves users from the fullest workers to
    /// the emptiest ones until none has two more than another.
    ///
    /// Cost: `O(workers + moves * (classes + log workers))`.
    pub fn spread_anew(&mut self) -> Vec<Change> {
        let mut by_load = self.workers_by_load();
        let mut changes = Changes::default();
        for class in 0..self.classes.len() {
            while self.classes[class].displaced > 0 && self.place(class, &mut by_load, &mut changes)
            {
                self.classes[class].displaced -= 1;
                self.classes[class].refresh();
            }
        }
        while let (Some(&low), Some(&high)) = (by_load.first(), by_load.last()) {
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

    /// One more user of `class` on the emptiest worker; false where there is none.
    fn place(&mut self, class: usize, by_load: &mut ByLoad, changes: &mut Changes) -> bool {
        let Some((_, _, worker)) = by_load.pop_first() else {
            return false;
        };
        self.shift(worker, class, 1);
        by_load.insert(self.key(worker));
        changes.note(worker, class, 1);
        true
    }

    /// Begins a phase if other classes may be spawned than in the latest one.
    fn enter_phase(&mut self) {
        let spawnable: Vec<bool> = self.classes.iter().map(|class| class.spawnable).collect();
        let is_new = match self.phases.last() {
            None => true,
            // Classes that came later could not be spawned.
            Some(latest) => spawnable
                .iter()
                .enumerate()
                .any(|(index, &now)| now != latest.spawnable.get(index).copied().unwrap_or(false)),
        };
        if !is_new {
            return;
        }
        let is_empty = self.classes.iter().all(|class| class.in_phase == 0);
        if is_empty {
            self.phases.pop();
        } else if let Some(latest) = self.phases.last_mut() {
            latest.counts = self.classes.iter().map(|class| class.in_phase).collect();
        }
        self.phases.push(Phase {
            spawnable,
            counts: Vec::new(),
        });
        for class in &mut self.classes {
            class.in_phase = 0;
            class.refresh();
        }
    }

    /// Goes back to the phase before, whose users are the next to be removed; false for the first.
    fn leave_phase(&mut self) -> bool {
        if self.phases.len() < 2 {
            return false;
        }
        self.phases.pop();
        let counts = self
            .phases
            .last_mut()
            .map(|latest| std::mem::take(&mut latest.counts));
        let counts = counts.unwrap_or_default();
        for (index, class) in self.classes.iter_mut().enumerate() {
            class.in_phase += counts.get(index).copied().unwrap_or(0);
            class.refresh();
        }
        true
    }

    /// Takes a user of `class` that was removed out of the latest phase that has one.
    fn forget_one(&mut self, class: usize) {
        if self.classes[class].in_phase > 0 {
            self.classes[class].in_phase -= 1;
        } else {
            let mut earlier = self.phases.iter_mut().rev();
            let counts = earlier.find_map(|phase| phase.counts.get_mut(class).filter(|n| **n > 0));
            if let Some(count) = counts {
                *count -= 1;
            }
        }
        self.classes[class].refresh();
    }

    fn key(&self, worker: usize) -> (u64, usize, usize) {
        (self.workers[worker].load, self.workers[worker].rank, worker)
    }

    fn workers_by_load(&self) -> ByLoad {
        let present = (0..self.workers.len()).filter(|&index| self.workers[index].present);
        present.map(|index| self.key(index)).collect()
    }

    fn class_to_add(&self) -> Option<usize> {
        let missing =
            |class: &Class| class.is_fixed() && class.count + class.displaced < class.fixed_count;
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
    fn class_to_remove(&mut self) -> Option<usize> {
        loop {
            if let Some(class) = self.weighted_to_remove() {
                return Some(class);
            }
            if !self.leave_phase() {
                break;
            }
        }
        // A class that was fixed when its users were added counts in no phase's weights.
        self.least(|class| class.count > 0 && !class.is_fixed())
            .or_else(|| self.least(|class| class.count > 0))
    }

    fn weighted_to_remove(&self) -> Option<usize> {
        self.least(|class| class.count > 0 && class.in_phase > 0 && !class.is_fixed())
    }

    fn least(&self, eligible: impl Fn(&Class) -> bool) -> Option<usize> {
        let classes = self.classes.iter().enumerate();
        classes
            .filter(|(_, class)| eligible(class))
            .min_by(|(left, a), (right, b)| a.loss.total_cmp(&b.loss).then(right.cmp(left)))
            .map(|(index, _)| index)
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
mod tests;
