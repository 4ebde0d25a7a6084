//! What a run needs next: further replications, a longer warm-up, or nothing.
//!
//! Every decision is a function of whole stages of replications in their order, so that it does not depend on which
//! of them ended first or on how many ran at once.

use super::record::{Replication, SLOTS, Slot};
use super::stats::{half_width, mser5};
use crate::measure::{Next, PrecisionReached, WarmupRule};
use crate::model::{Architecture, Precision, RunConfig};
use crate::quantity::Duration;

/// By which factor the statistic of MSER-5 must fall beyond the tenth that is left out anyway. Its minimum wanders
/// with the noise of a steady run; a transient makes it fall far more.
const FALL: f64 = 1.25;

/// A warm-up that was found is so many twentieths of the run: neighbouring runs of a sweep mostly share it.
const STEPS: u64 = 20;

/// What a run needs after these replications, which are all that were asked for so far, in their order.
pub(super) fn next(architecture: &Architecture, config: &RunConfig, runs: &[Replication]) -> Next {
    if runs.iter().any(|run| run.partial.is_some()) {
        return Next::Enough;
    }
    let is_first = runs.len() as u32 == config.first_replications();
    if let Some(warmup) = longer_warmup(architecture, config, runs).filter(|_| is_first) {
        return Next::Again(Box::new(RunConfig { warmup: Some(warmup), warmup_found: true, ..config.clone() }));
    }
    match config.precision.and_then(|precision| wanted(precision, runs)) {
        Some(count) => Next::UpTo(count),
        None => Next::Enough,
    }
}

/// How many replications the spread of those made asks for; `None`: they are enough, or the budget has ended.
///
/// The half-width falls with the root of their number. At most twice as many are asked for at once, for the spread of
/// a few is uncertain itself; at least five, so that few decisions are made and few of them by chance (Law, Simulation
/// Modeling and Analysis, 5th ed., 9.4.1).
fn wanted(precision: Precision, runs: &[Replication]) -> Option<u32> {
    let made = runs.len() as u32;
    if reached(precision, runs).met || made >= precision.max_replications {
        return None;
    }
    // Without a mean there is no share of it.
    let factor = (relative_width(runs)? / precision.relative).powi(2);
    let count = (f64::from(made) * factor.min(2.0)).ceil() as u32;
    Some(count.max(made + 5).min(precision.max_replications))
}

/// Half the 95 % interval of mean latency over the mean.
fn relative_width(runs: &[Replication]) -> Option<f64> {
    let means: Vec<f64> = runs.iter().map(|run| run.traffic.latency.mean()).collect();
    half_width(&means).filter(|(mean, _)| *mean > 0.0).map(|(mean, half)| half / mean)
}

/// What came of a precision.
pub(super) fn reached(precision: Precision, runs: &[Replication]) -> PrecisionReached {
    let reached = relative_width(runs);
    let met = reached.is_some_and(|width| width <= precision.relative);
    PrecisionReached { target: precision.relative, reached, met }
}

/// Where the warm-up of these replications comes from.
pub(super) fn warmup_rule(architecture: &Architecture, config: &RunConfig, runs: &[Replication]) -> WarmupRule {
    let first = &runs[..runs.len().min(config.first_replications() as usize)];
    match config.warmup {
        Some(_) if config.warmup_found => WarmupRule::Mser5,
        Some(_) => WarmupRule::Given,
        None => truncation(architecture, config, first).map_or(WarmupRule::Assumed, |_| WarmupRule::Mser5),
    }
}

fn longer_warmup(architecture: &Architecture, config: &RunConfig, runs: &[Replication]) -> Option<Duration> {
    truncation(architecture, config, runs).filter(|found| *found > config.least_warmup())
}

/// The warm-up that MSER-5 finds in the mean response times of all replications over time, rounded up to a twentieth
/// of the run; `None` where it finds none in the first half, or the run is not meant to be steady.
fn truncation(architecture: &Architecture, config: &RunConfig, runs: &[Replication]) -> Option<Duration> {
    if config.warmup.is_some() || !config.is_steady(architecture) {
        return None;
    }
    let slots = pooled(runs);
    let means: Vec<f64> = slots.iter().map(|(_, mean)| *mean).collect();
    let least = config.least_warmup();
    let tenth = slots.partition_point(|(slot, _)| *slot * config.duration.0 / (SLOTS as u64) < least.0);
    let found = mser5(&means)?;
    if found.observations <= tenth || found.at(tenth) <= FALL * found.least {
        return Some(least);
    }
    let (slot, _) = slots.get(found.observations)?;
    let twentieth = (slot * STEPS).div_ceil(SLOTS as u64);
    Some(Duration(config.duration.0 / STEPS * twentieth))
}

/// Mean response time by slot of arrival, slots without any left out.
fn pooled(runs: &[Replication]) -> Vec<(u64, f64)> {
    let sum = |n: usize| {
        let add = |all: Slot, run: &Replication| {
            let slot = run.slots.get(n).copied().unwrap_or_default();
            Slot { count: all.count + slot.count, sum: all.sum + slot.sum }
        };
        runs.iter().fold(Slot::default(), add)
    };
    let mean = |n: usize| Some(sum(n)).filter(|s| s.count > 0).map(|s| (n as u64, s.sum as f64 / s.count as f64));
    (0..SLOTS).filter_map(mean).collect()
}
