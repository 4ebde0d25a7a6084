//! The one stream of events that every display, report and recorder reads.
//!
//! Events are owned and serialisable, and carry a version: a recorded stream can be replayed into
//! the same consumers.

use crate::measure::RunMeasures;
pub use crate::plan::{ParamValue, RunInfo};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Version of the stream; raised when an event changes its meaning.
pub const EVENT_VERSION: u32 = 1;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// To its end.
    Completed,
    /// Early: measures of a part.
    Partial,
    /// Not at all.
    Failed,
    /// Never started.
    Skipped,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FinishedRun {
    /// Which.
    pub info: RunInfo,
    /// How.
    pub status: RunStatus,
    /// Why, when it did not complete.
    pub error: Option<Arc<str>>,
    /// What it yielded; empty when it failed.
    pub measures: Arc<RunMeasures>,
    /// Processor seconds; reaches `meta` only.
    pub cpu_seconds: f64,
    /// Whether the result was kept from an earlier invocation; reaches `meta` only.
    #[serde(default)]
    pub cached: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RunEvent {
    /// The plan is made; runs follow.
    Started {
        /// Version of the stream.
        version: u32,
        /// How many runs.
        runs: u64,
        /// How many workers.
        workers: usize,
    },
    /// A worker took a run.
    RunStarted {
        /// Its place in the plan.
        index: u64,
        /// Its name.
        name: Arc<str>,
    },
    /// A run goes on: sent now and then, for displays only.
    Progress {
        /// Its place in the plan.
        index: u64,
        /// Share of it that is done.
        done: f64,
    },
    /// A run ended, in any order.
    RunFinished(Box<FinishedRun>),
    /// Nothing follows.
    Finished {
        /// Runs that completed.
        completed: u64,
        /// Runs that did not.
        failed: u64,
        /// Whether it was interrupted.
        interrupted: bool,
        /// Seconds by the wall clock.
        wall_seconds: f64,
    },
}
