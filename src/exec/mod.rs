//! Running a plan: workers, events, and one failing run that hurts no other.
//!
//! The unit of work is one replication of one run, so that a few runs with many replications keep
//! all workers busy as well as many runs with few. At no time are there more runs under way than
//! workers; what a run yields leaves with its event and is kept nowhere here.

mod active;
mod catch;
mod collect;
pub mod event;
mod pool;
mod queue;
mod summary;

#[cfg(test)]
mod tests;

pub use collect::collect;
pub use pool::{Engine, ExecOptions, Merge, NextStage, Replicate, ResultCache, default_workers, execute};
pub use summary::Summary;
