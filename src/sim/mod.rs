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
mod sequential;
mod state;
mod stats;
#[cfg(test)]
mod tests;
mod world;

use crate::measure::{Next, RunMeasures};
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

/// What a run needs after these replications, which are all that were asked for so far, in their order; at first
/// those are [`RunConfig::first_replications`].
pub fn next(architecture: &Architecture, config: &RunConfig, replications: &[Replication]) -> Next {
    sequential::next(architecture, config, replications)
}

/// Simulates all replications of a run, one after the other.
pub fn simulate(architecture: &Architecture, config: &RunConfig) -> RunMeasures {
    let (mut runs, mut count) = (Vec::new(), config.first_replications());
    loop {
        let made = runs.len() as u32;
        runs.extend((made..count).map(|n| replicate(architecture, config, n, &|_| {})));
        match next(architecture, config, &runs) {
            Next::Enough => return merge(architecture, config, runs),
            Next::UpTo(more) => count = more,
            Next::Again(config) => return simulate(architecture, &config),
        }
    }
}
