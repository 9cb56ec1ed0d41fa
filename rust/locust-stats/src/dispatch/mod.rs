//! Which user runs where: pure arithmetic, no names and no clock.
//!
//! `weighted` orders user classes so that every prefix is as close to the weights as whole users
//! can be; `plan` keeps the matrix of users per worker and class and changes it step by step.

mod plan;
mod weighted;

pub use plan::{Change, Plan, PlanError};
pub use weighted::{WeightedOrder, gain};
