//! The engine: discrete events over a compiled architecture.
//!
//! [`replicate`] simulates one independent replication and yields raw accumulators, [`merge`] makes
//! measures of them, in the order of replication; [`simulate`] does both. All three are functions of
//! their arguments alone: no clock, no global state, no order of threads or hashes reaches a result,
//! so replications may run anywhere, at the same time, in any order.
//!
//! Layers, each knowing only those before it: `kernel` (events, slots), `rng` (streams, samplers),
//! `stats` (histograms, areas), `policies` (one file each), `compile` (architecture to dense tables),
//! `chaos` (faults as values), `world` (the interpreter), `probe` and `merge`.

mod chaos;
mod compile;
pub mod kernel;
mod merge;
mod policies;
mod probe;
mod record;
#[doc(hidden)]
pub mod reference;
mod rng;
mod state;
mod stats;
#[cfg(test)]
mod tests;
mod world;

use crate::measure::RunMeasures;
use crate::model::{Architecture, RunConfig};
pub use record::Replication;
pub use state::{Simulation, StateError};

/// Simulates one independent replication (numbered from 0); `progress` is told now and then how far
/// it is, from 0 to 1.
///
/// A run that exceeds a budget of `config` ends there and says so; its measures are of what was
/// simulated. After `config.duration` no more requests arrive, and those under way are followed to
/// their end, for at most ten times the duration and a minute.
pub fn replicate(
    architecture: &Architecture,
    config: &RunConfig,
    replication: u32,
    progress: &dyn Fn(f64),
) -> Replication {
    let run = Simulation::new(architecture, config, replication).finish(progress);
    progress(1.0);
    run
}

/// Makes measures of replications, given in their order. The same replications give the same
/// measures to the last bit.
pub fn merge(architecture: &Architecture, config: &RunConfig, replications: Vec<Replication>) -> RunMeasures {
    merge::merge(architecture, config, &replications)
}

/// Simulates all replications of a run, one after the other.
pub fn simulate(architecture: &Architecture, config: &RunConfig) -> RunMeasures {
    let one = |n| replicate(architecture, config, n, &|_| {});
    merge(architecture, config, (0..config.replications.max(1)).map(one).collect())
}
