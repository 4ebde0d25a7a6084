//! From what a run measured to a verdict, and from verdicts to a ranking.
//!
//! Every formula stands beside its code. Two rules hold everywhere: a measure is anchored to fixed
//! limits (an expectation's, else a published default), never to the other candidates, so that a
//! losing architecture cannot change the winner; and what cannot be known is left out and said,
//! never shown as a number.

mod attribution;
mod backlog;
mod bisect;
mod budgets;
mod causes;
mod cost;
mod disturbance;
mod expectations;
mod growth;
mod hotspots;
mod loops;
mod matrix;
mod order;
mod patterns;
mod quality;
mod random;
mod rank;
mod regression;
mod run;
mod score;
mod sensitivity;
mod stability;
mod statistics;

pub use attribution::{Attribution, Contribution, Effect, attribute};
pub use backlog::{Backlog, backlogs};
pub use bisect::{Bisection, Tested, bisect};
pub use budgets::{Budget, budgets};
pub use causes::{Cause as FailureCause, CauseKind, Consequence, ConsequenceKind, causes, consequences};
pub use cost::{CostFigures, cost};
pub use disturbance::{Aftermath, Disturbance, Lever, disturbance};
pub use expectations::{Judgement, Reached, Severity, Target, Violation, judge};
pub use growth::{Growth, SweepPoint, growth};
pub use hotspots::{Hotspot, hotspots};
pub use loops::{DeclaredVerdict, FoundLoop, Mechanism, find_loops};
pub use matrix::{MatrixRow, Scored, matrix};
pub use order::{GrowthOrder, Order, growth_order};
pub use patterns::{Bound, Outcome, Pattern, patterns};
pub use quality::{Quality, QualityPart};
pub use rank::{Interval, Ranked, Verdict, Versus, WorstCase, comparable, rank};
pub use regression::{Figure, Observed, Shift, THRESHOLD, shifts};
pub use run::Run;
pub use score::{DIMENSIONS, Dimension, Weights};
pub use sensitivity::{ParamEffect, sensitivity};
pub use stability::{Stability, stability};

use crate::measure::RunMeasures;
use crate::model::{Architecture, ExpectationOrigin, RunConfig};
use std::sync::Arc;

/// Everything that one run says about its architecture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunVerdict {
    /// What did not hold, in the order of the expectations.
    pub violations: Vec<Violation>,
    /// What became of each expectation, in order.
    pub judgements: Vec<Judgement>,
    /// Expectations about which nothing was measured: neither held nor violated.
    pub not_applicable: Vec<Arc<str>>,
    /// Every loop of the structure, active or not, in the order of the model.
    pub loops: Vec<FoundLoop>,
    /// Whether it stayed in equilibrium.
    pub stability: Stability,
    /// Lines that grow without end, the fastest first.
    pub growth: Vec<Backlog>,
    /// What became of it after its disturbance; `None` when there was none, or none that ended.
    pub disturbance: Option<Disturbance>,
    /// What it does to the error budget of each objective.
    pub budgets: Vec<Budget>,
    /// Where it hurts, worst first.
    pub hotspots: Vec<Hotspot>,
    /// Why calls failed.
    pub causes: Vec<FailureCause>,
    /// What became of data and of work already done.
    pub consequences: Vec<Consequence>,
    /// What it is worth, where the scenario says how to tell.
    pub quality: Option<Quality>,
    /// What it costs.
    pub cost: CostFigures,
    /// The dimensions that this run has data for, in the published order.
    pub dimensions: Vec<Dimension>,
    /// The performance dimension of each replication.
    pub performance_by_replicate: Vec<f64>,
}

impl RunVerdict {
    /// The weighted score, 0 to 100.
    pub fn score(&self, weights: &Weights) -> f64 {
        weights.score(&self.dimensions)
    }

    /// The score of each replication: its own performance, the run's value in every other dimension.
    pub fn replicate_scores(&self, weights: &Weights) -> Vec<f64> {
        score::replicate_scores(&self.dimensions, &self.performance_by_replicate, weights)
    }
}

/// Judges one run.
pub fn evaluate(architecture: &Architecture, config: &RunConfig, measures: &RunMeasures) -> RunVerdict {
    let run = Run { architecture, config, measures };
    let loops = find_loops(run);
    let mut stability = stability(run, &loops);
    let disturbance = disturbance(run, &stability.seconds);
    stability.metastable = disturbance.is_some_and(|d| d.kind == Aftermath::Metastable);
    let cost = cost(run);
    let judgements = judge(run, &stability, cost);
    let quality = quality::quality(&judgements);
    let judgements: Vec<_> =
        judgements.into_iter().filter(|j| !matches!(j.origin, ExpectationOrigin::Quality(_))).collect();
    let hotspots = hotspots(run, &judgements);
    let inputs = score::Inputs { run, judgements: &judgements, loops: &loops, stability: &stability, cost };
    let (dimensions, performance_by_replicate) = score::dimensions(&inputs, &hotspots);
    RunVerdict {
        not_applicable: judgements.iter().filter(|j| j.held.is_none()).map(|j| j.text.clone()).collect(),
        violations: judgements.iter().filter_map(|j| j.violation.clone()).collect(),
        judgements,
        causes: causes(run),
        consequences: consequences(run),
        growth: backlogs(run),
        disturbance,
        budgets: budgets(run),
        quality,
        loops,
        stability,
        hotspots,
        cost,
        dimensions,
        performance_by_replicate,
    }
}

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;
