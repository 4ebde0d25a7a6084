//! What came of a whole plan.

use super::event::{FinishedRun, RunStatus};

/// What came of a whole plan. Its times reach `meta` only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// Runs to their end.
    pub completed: u64,
    /// Runs that ended early.
    pub partial: u64,
    /// Runs that failed.
    pub failed: u64,
    /// Runs that never started.
    pub skipped: u64,
    /// Runs of commits that have no sound model.
    pub absent: u64,
    /// Runs that were not simulated because one with the same hash was.
    pub copied: u64,
    /// Runs that were not simulated because an earlier invocation had, and copies of such.
    pub cached: u64,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// Workers.
    pub workers: usize,
    /// Events simulated.
    pub events: u64,
    /// Seconds by the wall clock.
    pub wall_seconds: f64,
    /// Seconds that workers spent in the engine.
    pub cpu_seconds: f64,
    /// Seconds of the longest chain of work that cannot be split: more workers do not get below it.
    pub critical_path_seconds: f64,
}

impl Summary {
    /// Adds what came of another plan.
    pub fn add(&mut self, other: &Self) {
        self.completed += other.completed;
        self.partial += other.partial;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.absent += other.absent;
        self.copied += other.copied;
        self.cached += other.cached;
        self.interrupted |= other.interrupted;
        self.workers = self.workers.max(other.workers);
        self.events += other.events;
        self.wall_seconds += other.wall_seconds;
        self.cpu_seconds += other.cpu_seconds;
        self.critical_path_seconds += other.critical_path_seconds;
    }

    /// How many runs.
    pub fn runs(&self) -> u64 {
        self.completed + self.partial + self.failed + self.skipped + self.absent
    }

    /// Seconds of work over seconds that workers were there; 1 is perfect.
    pub fn parallel_efficiency(&self) -> f64 {
        let there = self.wall_seconds * self.workers as f64;
        if there > 0.0 { (self.cpu_seconds / there).min(1.0) } else { 1.0 }
    }

    pub(super) fn count(&mut self, run: &FinishedRun) {
        self.cached += u64::from(run.cached);
        match run.status {
            RunStatus::Completed => self.completed += 1,
            RunStatus::Partial => self.partial += 1,
            RunStatus::Failed => self.failed += 1,
            RunStatus::Skipped if run.error.is_some() => self.absent += 1,
            RunStatus::Skipped => self.skipped += 1,
        }
    }
}
