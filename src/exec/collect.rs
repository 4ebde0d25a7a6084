//! All finished runs together, in the order of the plan.

use super::active::lock;
use super::event::{FinishedRun, RunEvent};
use super::{Engine, ExecOptions, Summary, execute};
use crate::plan::Plan;
use std::sync::{Mutex, PoisonError};

/// Simulates every run of the plan and returns them in its order; every event is shown to `watch`
/// on its way.
pub fn collect<R: Send>(
    plan: &Plan,
    options: &ExecOptions<'_>,
    engine: &Engine<'_, R>,
    watch: &(dyn Fn(&RunEvent) + Sync),
) -> (Vec<FinishedRun>, Summary) {
    let runs = Mutex::new(Vec::new());
    let summary = execute(plan, options, engine, &|event| {
        watch(&event);
        if let RunEvent::RunFinished(run) = event {
            lock(&runs).push(*run);
        }
    });
    let mut runs = runs.into_inner().unwrap_or_else(PoisonError::into_inner);
    runs.sort_unstable_by_key(|run| run.info.index);
    (runs, summary)
}
