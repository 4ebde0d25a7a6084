//! Runs grouped by version and scenario: the master matrix.

use super::run::mean;
use crate::exec::event::ParamValue;
use std::sync::Arc;

/// A run with its verdict, as comparisons need it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scored {
    /// The version.
    pub version: Arc<str>,
    /// The scenario.
    pub scenario: Arc<str>,
    /// Swept values in the order of the axes.
    pub params: Vec<(Arc<str>, ParamValue)>,
    /// 0 to 100.
    pub score: f64,
    /// The score of each replication.
    pub replicates: Vec<f64>,
    /// Dimensions that it has data for.
    pub dimensions: Vec<(&'static str, f64)>,
    /// How many expectations it violates.
    pub violations: usize,
    /// Whether it is incomplete: nobody knows that it would have held.
    pub partial: bool,
    /// 0 to 1.
    pub stability: f64,
    /// 95th percentile of response times, seconds.
    pub p95: f64,
    /// Share of requests that did not succeed.
    pub error_rate: f64,
    /// USD an hour.
    pub cost: Option<f64>,
    /// Share served before a disturbance.
    pub calm: Option<f64>,
    /// Share served from it on.
    pub chaos: Option<f64>,
}

/// One version in one scenario: means over its runs.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixRow {
    /// The version.
    pub version: Arc<str>,
    /// The scenario.
    pub scenario: Arc<str>,
    /// Mean score.
    pub score: f64,
    /// Violated expectations of all its runs.
    pub violations: usize,
    /// Mean stability.
    pub stability: f64,
    /// How many runs.
    pub runs: usize,
    /// How many of them violate anything, or are incomplete.
    pub failing_runs: usize,
    /// Mean 95th percentile of response times, seconds.
    pub p95: f64,
    /// Mean share of requests that did not succeed.
    pub error_rate: f64,
}

/// The matrix in order of first appearance.
pub fn matrix(runs: &[Scored]) -> Vec<MatrixRow> {
    groups(runs).into_iter().map(|group| row(&group)).collect()
}

/// Runs of one version in one scenario together, in order of first appearance.
fn groups(runs: &[Scored]) -> Vec<Vec<&Scored>> {
    let mut groups: Vec<Vec<&Scored>> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for run in runs {
        let place = *places.entry((&run.version, &run.scenario)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(run);
    }
    groups
}

fn row(group: &[&Scored]) -> MatrixRow {
    let average = |pick: fn(&Scored) -> f64| mean(group.iter().map(|run| pick(run)));
    MatrixRow {
        version: group[0].version.clone(),
        scenario: group[0].scenario.clone(),
        score: average(|r| r.score),
        violations: group.iter().map(|r| r.violations).sum(),
        stability: average(|r| r.stability),
        runs: group.len(),
        failing_runs: group.iter().filter(|r| r.violations > 0 || r.partial).count(),
        p95: average(|r| r.p95),
        error_rate: average(|r| r.error_rate),
    }
}
