//! Which version is best, how sure that is, and why.
//!
//! A version's score is the mean over scenarios of the mean over its runs. Versions are compared on common
//! random numbers: replication r of a run has the same streams in every version, so the differences of
//! replication r over all runs that two versions share are averaged, and the interval of their mean
//! comes from a paired bootstrap over replications. Two versions whose interval contains 0 are one rank.
//! Nothing here depends on other candidates, so that adding a losing version changes no order.

use super::matrix::{MatrixRow, Scored};
use super::random::Random;
use super::run::mean;
use super::score::{DIMENSIONS, Weights};
use super::statistics::{bootstrap_means, interval};
use crate::exec::event::ParamValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Differences within this many score points are of no consequence.
const MARGIN: f64 = 1.0;
/// Random weightings tried.
const WEIGHTINGS: usize = 1000;

/// A 95 % interval.
pub type Interval = [f64; 2];

/// The only four things that a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "described by their text")]
pub enum Verdict {
    Better,
    Worse,
    CannotTell,
    ProvenEqual,
}

impl Verdict {
    /// In a user's words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::CannotTell => "cannot tell",
            Self::ProvenEqual => "proven equal",
        }
    }

    /// From the interval of a difference: equal is proven only by an interval inside the margin.
    fn of(interval: Option<Interval>) -> Self {
        Self::within(interval, MARGIN)
    }

    /// From the interval of a gain, with what is of no consequence.
    pub(super) fn within(interval: Option<Interval>, margin: f64) -> Self {
        match interval {
            Some([low, _]) if low > 0.0 => Self::Better,
            Some([_, high]) if high < 0.0 => Self::Worse,
            Some([low, high]) if low > -margin && high < margin => Self::ProvenEqual,
            _ => Self::CannotTell,
        }
    }
}

/// A version held against the first of the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Versus {
    /// The first.
    pub best: Arc<str>,
    /// Own score less that one's, over the runs that both have.
    pub difference: f64,
    /// Its interval; `None` with fewer than two replications.
    pub ci95: Option<Interval>,
    /// What that says.
    pub verdict: Verdict,
}

/// The scenario in which a version does worst.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstCase {
    /// Its name.
    pub scenario: Arc<str>,
    /// The score there.
    pub score: f64,
}

/// One version of the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The version.
    pub version: Arc<str>,
    /// From 1; versions that cannot be told apart share one.
    pub rank: usize,
    /// Mean over scenarios.
    pub score: f64,
    /// Over replications.
    pub ci95: Option<Interval>,
    /// Share of resamples in which it scores highest; `None` with fewer than two replications.
    pub probability_best: Option<f64>,
    /// Mean of each dimension that any of its runs has.
    pub dimensions: Vec<(&'static str, f64)>,
    /// Where it does worst.
    pub worst_case: Option<WorstCase>,
    /// Share of random weightings of the dimensions under which it comes first.
    pub sensitivity: f64,
    /// Largest amount by which another version beats it in one scenario.
    pub regret: f64,
    /// Best scenario less worst.
    pub scenario_spread: f64,
    /// Whether no version is at least as good in response time, availability and cost and better in one.
    pub pareto: bool,
    /// Share served in calm less share served while disturbed; smallest is most resilient.
    pub fall: Option<f64>,
    /// Held against the first; `None` for itself.
    pub versus_best: Option<Versus>,
    /// Mean 95th percentile of response times, seconds.
    pub p95: f64,
    /// Mean share of requests served.
    pub availability: f64,
    /// Mean USD an hour.
    pub cost: Option<f64>,
    /// Runs that violate an expectation.
    pub failing_runs: usize,
    /// All its runs.
    pub runs: usize,
    /// Why it stands here, in words with numbers.
    pub reasons: Vec<String>,
}

/// Ranks the versions, best first.
pub fn rank(runs: &[Scored], matrix: &[MatrixRow], weights: &Weights) -> Vec<Ranked> {
    let entries = entries(runs);
    let mut ranked: Vec<Ranked> = entries.iter().map(|entry| ranked(entry, matrix)).collect();
    set_probabilities(&mut ranked, &entries);
    set_pareto(&mut ranked);
    set_sensitivity(&mut ranked);
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    set_ranks(&mut ranked, &entries);
    set_reasons(&mut ranked, weights);
    ranked
}

/// Runs of versions that can be compared, and the names of those that cannot: only what ran the same scenarios has a
/// common scale. Of several such groups the largest is ranked; of equal ones the first.
pub fn comparable(runs: &[Scored]) -> (Vec<Scored>, Vec<Arc<str>>) {
    let mut scenarios: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
    let mut order: Vec<Arc<str>> = Vec::new();
    for run in runs {
        if !order.contains(&run.version) {
            order.push(Arc::clone(&run.version));
        }
        scenarios.entry(Arc::clone(&run.version)).or_default().insert(Arc::clone(&run.scenario));
    }
    let size = |version: &Arc<str>| scenarios.values().filter(|set| **set == scenarios[version]).count();
    let Some(largest) = order.iter().rev().max_by_key(|version| size(version)) else { return (Vec::new(), Vec::new()) };
    let (ranked, apart): (Vec<_>, Vec<_>) =
        order.iter().cloned().partition(|version| scenarios[version] == scenarios[largest]);
    (runs.iter().filter(|run| ranked.contains(&run.version)).cloned().collect(), apart)
}

/// All runs of a version.
struct Entry<'a> {
    version: Arc<str>,
    runs: Vec<&'a Scored>,
}

impl<'a> Entry<'a> {
    fn mean(&self, pick: impl Fn(&Scored) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.runs.iter().filter_map(|run| pick(run)).collect();
        (!values.is_empty()).then(|| mean(values))
    }

    /// The score of each replication, over all runs.
    fn series(&self) -> Vec<f64> {
        let keys: Vec<_> = self.runs.iter().map(|run| key(run)).collect();
        average_series(&keys, &self.runs.iter().map(|run| run.replicates.clone()).collect::<Vec<_>>())
    }
}

/// What pairs a run of one version with one of another.
type Key<'a> = (&'a str, Vec<String>);

fn key(run: &Scored) -> Key<'_> {
    let text = |value: &ParamValue| match value {
        ParamValue::Number(number) => number.to_string(),
        ParamValue::Text(text) => text.to_string(),
    };
    (&run.scenario, run.params.iter().map(|(name, value)| format!("{name}={}", text(value))).collect())
}

fn entries(runs: &[Scored]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry> = Vec::new();
    for run in runs {
        match entries.iter_mut().find(|e| e.version == run.version) {
            Some(entry) => entry.runs.push(run),
            None => entries.push(Entry { version: run.version.clone(), runs: vec![run] }),
        }
    }
    entries
}

/// Mean over scenarios of the mean over runs, replication by replication, as far as all runs go.
fn average_series(keys: &[Key], series: &[Vec<f64>]) -> Vec<f64> {
    let length = series.iter().map(Vec::len).min().unwrap_or(0);
    let mut sizes: BTreeMap<&str, f64> = BTreeMap::new();
    for (scenario, _) in keys {
        *sizes.entry(scenario).or_default() += 1.0;
    }
    let weight = |key: &Key| 1.0 / (sizes[key.0] * sizes.len() as f64);
    let at = |r: usize| keys.iter().zip(series).map(|(key, values)| weight(key) * values[r]).sum();
    (0..length).map(at).collect()
}

/// Differences `a − b` of each replication over the runs that both have, and the difference of their scores there.
fn differences(a: &Entry, b: &Entry) -> (Vec<f64>, f64) {
    let others: BTreeMap<Key, &Scored> = b.runs.iter().map(|run| (key(run), *run)).collect();
    let pairs: Vec<(Key, &Scored, &Scored)> =
        a.runs.iter().filter_map(|run| others.get(&key(run)).map(|other| (key(run), *run, *other))).collect();
    let keys: Vec<Key> = pairs.iter().map(|(key, ..)| key.clone()).collect();
    let by_replicate = |a: &Scored, b: &Scored| a.replicates.iter().zip(&b.replicates).map(|(a, b)| a - b).collect();
    let series: Vec<Vec<f64>> = pairs.iter().map(|(_, a, b)| by_replicate(a, b)).collect();
    let whole: Vec<Vec<f64>> = pairs.iter().map(|(_, a, b)| vec![a.score - b.score]).collect();
    let difference = average_series(&keys, &whole).first().copied().unwrap_or(0.0);
    (average_series(&keys, &series), difference)
}

fn ranked(entry: &Entry, matrix: &[MatrixRow]) -> Ranked {
    let rows: Vec<&MatrixRow> = matrix.iter().filter(|row| row.version == entry.version).collect();
    let worst = rows.iter().min_by(|a, b| a.score.total_cmp(&b.score));
    let best = rows.iter().map(|row| row.score).fold(f64::NEG_INFINITY, f64::max);
    let calm_and_chaos = entry.mean(|r| r.calm).zip(entry.mean(|r| r.chaos));
    Ranked {
        version: entry.version.clone(),
        rank: 0,
        score: mean(rows.iter().map(|row| row.score)),
        ci95: interval(&entry.series()),
        probability_best: None,
        dimensions: mean_dimensions(entry),
        worst_case: worst.map(|row| WorstCase { scenario: row.scenario.clone(), score: row.score }),
        sensitivity: 0.0,
        regret: regret(&rows, matrix),
        scenario_spread: worst.map_or(0.0, |row| best - row.score),
        pareto: true,
        fall: calm_and_chaos.map(|(calm, chaos)| calm - chaos),
        versus_best: None,
        p95: entry.mean(|r| Some(r.p95)).unwrap_or(0.0),
        availability: 1.0 - entry.mean(|r| Some(r.error_rate)).unwrap_or(0.0),
        cost: entry.mean(|r| r.cost),
        failing_runs: entry.runs.iter().filter(|r| r.violations > 0).count(),
        runs: entry.runs.len(),
        reasons: Vec::new(),
    }
}

fn mean_dimensions(entry: &Entry) -> Vec<(&'static str, f64)> {
    let of = |name: &str, run: &Scored| run.dimensions.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    DIMENSIONS.iter().filter_map(|(name, _)| Some((*name, entry.mean(|run| of(name, run))?))).collect()
}

fn regret(own: &[&MatrixRow], matrix: &[MatrixRow]) -> f64 {
    let best_in = |scenario: &str| {
        matrix.iter().filter(|row| &*row.scenario == scenario).map(|row| row.score).fold(f64::NEG_INFINITY, f64::max)
    };
    own.iter().map(|row| best_in(&row.scenario) - row.score).fold(0.0, f64::max)
}

fn set_probabilities(ranked: &mut [Ranked], entries: &[Entry]) {
    if let [only] = ranked {
        only.probability_best = Some(1.0);
        return;
    }
    let series: Vec<Vec<f64>> = entries.iter().map(Entry::series).collect();
    let length = series.iter().map(Vec::len).min().unwrap_or(0);
    if length < 2 {
        return;
    }
    let means: Vec<Vec<f64>> = series.iter().map(|values| bootstrap_means(&values[..length])).collect();
    let resamples = means.first().map_or(0, Vec::len);
    let wins = shares_of_wins(resamples, means.len(), |resample, n| means[n][resample]);
    for (version, share) in ranked.iter_mut().zip(wins) {
        version.probability_best = Some(share);
    }
}

/// How often each of some candidates is the largest; equals share.
fn shares_of_wins(trials: usize, candidates: usize, value: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let mut wins = vec![0.0; candidates];
    for trial in 0..trials {
        let values: Vec<f64> = (0..candidates).map(|n| value(trial, n)).collect();
        let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let winners: Vec<usize> = (0..candidates).filter(|n| values[*n] >= best - 1e-9).collect();
        for winner in &winners {
            wins[*winner] += 1.0 / winners.len() as f64;
        }
    }
    wins.into_iter().map(|won| won / trials.max(1) as f64).collect()
}

fn set_pareto(ranked: &mut [Ranked]) {
    let has_costs = ranked.iter().all(|r| r.cost.is_some());
    let point = |r: &Ranked| [r.p95, -r.availability, r.cost.filter(|_| has_costs).unwrap_or(0.0)];
    let points: Vec<[f64; 3]> = ranked.iter().map(point).collect();
    let dominates = |a: &[f64; 3], b: &[f64; 3]| a != b && a.iter().zip(b).all(|(a, b)| a <= b);
    for (version, own) in ranked.iter_mut().zip(&points) {
        version.pareto = !points.iter().any(|other| dominates(other, own));
    }
}

/// Weightings drawn evenly from all that sum to 1: exponential draws, one for each published dimension.
fn set_sensitivity(ranked: &mut [Ranked]) {
    let mut random = Random::new(0x0005_eed0_0f0e_1650);
    let mut draw = || DIMENSIONS.map(|_| -random.unit().ln());
    let weightings: Vec<Weights> = (0..WEIGHTINGS).map(|_| Weights::from_values(&draw())).collect();
    let score = |trial: usize, n: usize| weightings[trial].score_values(ranked[n].dimensions.iter().copied());
    let wins = shares_of_wins(WEIGHTINGS, ranked.len(), score);
    for (version, share) in ranked.iter_mut().zip(wins) {
        version.sensitivity = share;
    }
}

/// Versions that cannot be told from the first of a rank share it.
fn set_ranks(ranked: &mut [Ranked], entries: &[Entry]) {
    let entry = |version: &str| entries.iter().find(|e| &*e.version == version);
    let mut leader = 0;
    for n in 0..ranked.len() {
        let (Some(own), Some(first), Some(best)) =
            (entry(&ranked[n].version), entry(&ranked[leader].version), entry(&ranked[0].version))
        else {
            continue;
        };
        if n > 0 {
            ranked[n].versus_best = Some(versus(own, best));
        }
        if n > leader && versus(own, first).verdict == Verdict::Worse {
            leader = n;
        }
        ranked[n].rank = leader + 1;
    }
}

fn versus(own: &Entry, best: &Entry) -> Versus {
    let (series, difference) = differences(own, best);
    let ci95 = interval(&series);
    Versus { best: best.version.clone(), difference, ci95, verdict: Verdict::of(ci95) }
}

fn set_reasons(ranked: &mut [Ranked], weights: &Weights) {
    let scenarios: BTreeSet<Arc<str>> =
        ranked.iter().filter_map(|r| r.worst_case.as_ref()).map(|w| w.scenario.clone()).collect();
    let reasons: Vec<Vec<String>> = (0..ranked.len()).map(|n| reasons(ranked, n, weights, scenarios.len())).collect();
    for (version, reasons) in ranked.iter_mut().zip(reasons) {
        version.reasons = reasons;
    }
}

fn reasons(ranked: &[Ranked], n: usize, weights: &Weights, scenarios: usize) -> Vec<String> {
    let own = &ranked[n];
    let mut reasons = Vec::new();
    reasons.extend(own.versus_best.as_ref().map(against_best));
    if n == 0 {
        reasons.extend(ranked.get(1).and_then(|second| second.versus_best.as_ref().map(|v| ahead(&second.version, v))));
    }
    let other = if n == 0 { ranked.get(1) } else { ranked.first() };
    reasons.extend(other.and_then(|other| largest_gap(own, other, weights, n == 0)));
    reasons.push(record(own));
    if let Some(worst) = own.worst_case.as_ref().filter(|_| scenarios > 1 || own.scenario_spread > 0.0) {
        reasons.push(format!("worst in {}: {:.1}", worst.scenario, worst.score));
    }
    reasons
}

/// How it keeps its expectations.
fn record(own: &Ranked) -> String {
    let is_judged = own.dimensions.iter().any(|(name, _)| *name == "constraints");
    match (own.failing_runs, own.runs) {
        _ if !is_judged => "no expectation to hold it against: add `expect` statements or an `slo`".into(),
        (0, 1) => "meets every expectation".into(),
        (0, runs) => format!("meets every expectation in all {runs} runs"),
        (_, 1) => "violates an expectation".into(),
        (failing, runs) => format!("violates an expectation in {failing} of {runs} runs"),
    }
}

fn against_best(versus: &Versus) -> String {
    let points = format!("{:.1} points {} {}", versus.difference.abs(), side(versus.difference), versus.best);
    format!("{points}{}: {}", bracket(versus.ci95, 1.0), versus.verdict.describe())
}

fn ahead(second: &str, versus: &Versus) -> String {
    let verdict = match versus.verdict {
        Verdict::Worse => Verdict::Better,
        Verdict::Better => Verdict::Worse,
        same => same,
    };
    let points = format!("{:.1} points {} {second}", versus.difference.abs(), side(-versus.difference));
    format!("{points}{}: {}", bracket(versus.ci95, -1.0), verdict.describe())
}

fn side(difference: f64) -> &'static str {
    if difference < 0.0 { "below" } else { "above" }
}

fn bracket(interval: Option<Interval>, sign: f64) -> String {
    let Some([low, high]) = interval else { return " (one replication: no interval)".into() };
    let (low, high) = if sign < 0.0 { (-high, -low) } else { (low, high) };
    format!(" [{low:+.1}, {high:+.1}]")
}

/// The dimension in which two versions differ most, by its weight.
fn largest_gap(own: &Ranked, other: &Ranked, weights: &Weights, ahead: bool) -> Option<String> {
    let value_of = |name: &str| other.dimensions.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    let gaps = own.dimensions.iter().filter_map(|(name, value)| Some((*name, *value, value_of(name)?)));
    let weighed = |(name, own, other): &(&'static str, f64, f64)| {
        weights.of(name) * if ahead { own - other } else { other - own }
    };
    let (name, value, others) = gaps.max_by(|a, b| weighed(a).total_cmp(&weighed(b)))?;
    let word = if ahead { "ahead" } else { "behind" };
    let is_gap = weighed(&(name, value, others)) > 0.005;
    is_gap.then(|| format!("{word} most in {}: {value:.0} against {others:.0}", name.replace('_', " ")))
}
