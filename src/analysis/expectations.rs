//! Which expectations held, and how badly the others did not.
//!
//! `RunMeasures::probes` holds one probe for each metric of each expectation, in order; a condition
//! is walked left to right, depth first, to meet them again. Truth has three values: a comparison
//! with a number that was not measured is unknown, and an expectation that comes out unknown is *not applicable*.
//!
//! Severity of a violation: with the ratio `e` by which the limit is missed (0.5: half as much
//! again; for an availability, of the error budget) and the share `d` of the window in which it is false,
//! `badness = log10(1 + e) × (1 + d) / 2`: low below 0.1 (1.26 times the limit all the time), medium
//! below 0.3 (2 times), high below 0.6 (4 times), critical from there on.

use super::{CostFigures, Run, Stability};
use crate::measure::Probe;
use crate::model::{Comparison, Condition, Expectation, ExpectationOrigin, Metric, MetricScope, Term, Window};
use serde::Serialize;
use std::sync::Arc;

/// Largest ratio by which a limit counts as missed.
const MOST_EXCESS: f64 = 99.0;

/// How bad a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// In a user's words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// From the ratio by which the limit is missed and the share of time in which it is.
    fn of(excess: f64, share: f64) -> Self {
        let badness = (1.0 + excess.clamp(0.0, MOST_EXCESS)).log10() * (1.0 + share.clamp(0.0, 1.0)) / 2.0;
        match badness {
            b if b < 0.1 => Self::Low,
            b if b < 0.3 => Self::Medium,
            b if b < 0.6 => Self::High,
            _ => Self::Critical,
        }
    }
}

/// An expectation that did not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// As written.
    pub expectation: Arc<str>,
    /// Start of the first second in which it was false; of its window where no single second was.
    pub at: f64,
    /// End of the last such second.
    pub until: f64,
    /// Most extreme value of the metric that misses its limit most, over those seconds and the whole window.
    pub worst: f64,
    /// How bad.
    pub severity: Severity,
    /// That metric over the whole window; `None` when it has none there.
    pub value: Option<f64>,
    /// Its limit.
    pub limit: f64,
    /// Which metric.
    pub metric: Option<Metric>,
    /// Of what.
    pub scope: Option<MetricScope>,
    /// Share of its window in which it was false.
    pub share: f64,
    /// Where it comes from.
    pub origin: ExpectationOrigin,
}

/// What became of one expectation.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// As written.
    pub text: Arc<str>,
    /// Whether it held; `None`: nothing was measured that could tell.
    pub held: Option<bool>,
    /// Seconds of its window in which it was false.
    pub broken: Vec<usize>,
    /// Each of its metrics with a fixed limit.
    pub targets: Vec<Target>,
    /// The metric that comes nearest to its limit, or misses it most; `None`: nothing is compared with a number.
    pub reached: Option<Reached>,
    /// How it was violated.
    pub violation: Option<Violation>,
    /// By which ratio its limit is missed; zero when it is kept.
    pub excess: f64,
    /// Where it comes from.
    pub origin: ExpectationOrigin,
}

/// What a metric of an expectation came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// Which metric.
    pub metric: Metric,
    /// Its limit.
    pub limit: f64,
    /// Its value over the window; `NaN` when nothing was measured.
    pub value: f64,
    /// 95 % interval of that value over replications.
    pub ci95: Option<[f64; 2]>,
}

/// A metric with a limit and its value over the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// Which metric.
    pub metric: Metric,
    /// Of what.
    pub scope: MetricScope,
    /// Whether it must stay below its limit.
    pub below: bool,
    /// The limit.
    pub limit: f64,
    /// The value; `NaN` when nothing was measured.
    pub value: f64,
}

/// Judges every expectation of a run, in order.
pub fn judge(run: Run, stability: &Stability, cost: CostFigures) -> Vec<Judgement> {
    let mut probes = run.measures.probes.iter();
    let judge_next = |expectation: &Expectation| {
        let own: Vec<Probe> = (0..metrics_in(&expectation.condition))
            .filter_map(|_| probes.next())
            .map(|probe| filled(run, probe, stability, cost))
            .collect();
        judge_one(run, expectation, &own)
    };
    run.config.expectations.iter().map(judge_next).collect()
}

/// How many metrics a condition has, and with that probes.
pub(super) fn metrics_in(condition: &Condition) -> usize {
    let in_term = |term: &Term| usize::from(matches!(term, Term::Metric(..)));
    match condition {
        Condition::Compare(left, _, right) => in_term(left) + in_term(right),
        Condition::And(left, right) | Condition::Or(left, right) => metrics_in(left) + metrics_in(right),
        Condition::Not(inner) => metrics_in(inner),
    }
}

/// A probe with what the engine leaves to analysis.
fn filled(run: Run, probe: &Probe, stability: &Stability, cost: CostFigures) -> Probe {
    let value = match probe.metric {
        _ if !probe.value.is_nan() => probe.value,
        Metric::Stability => stability.value,
        Metric::Cost => cost_of(run, probe.scope, cost).unwrap_or(f64::NAN),
        Metric::RecoveryTime => stability.recovery.unwrap_or(f64::NAN),
        _ => probe.value,
    };
    let series = match probe.metric {
        Metric::Stability => stability.seconds.iter().map(|good| if *good { 1.0 } else { 0.0 }).collect(),
        _ => probe.series.clone(),
    };
    let ci95 = probe.ci95.or_else(|| interval_of(run, probe));
    Probe { value, series, ci95, ..probe.clone() }
}

/// The interval of a single replication, where its batches gave one.
fn interval_of(run: Run, probe: &Probe) -> Option<[f64; 2]> {
    let name = match probe.metric {
        Metric::Mean => "latency.mean",
        Metric::ErrorRate => "error_rate",
        Metric::Availability => "availability",
        _ => return None,
    };
    let is_of_all = (probe.scope, probe.window) == (MetricScope::All, Window::Whole);
    run.measures.ci95.get(name).filter(|_| is_of_all && run.measures.replications == 1).copied()
}

fn cost_of(run: Run, scope: MetricScope, cost: CostFigures) -> Option<f64> {
    match scope {
        MetricScope::Station(station) => cost.per_hour.and(run.element(station)).map(|e| e.cost),
        MetricScope::Group(group) => {
            let path = format!("{}.", run.architecture.element(group).path);
            let below = run.measures.elements.iter().filter(|(name, _)| name.starts_with(&path));
            cost.per_hour.map(|_| below.map(|(_, e)| e.cost).sum())
        }
        _ => cost.per_hour,
    }
}

/// When a condition is asked for its truth.
#[derive(Clone, Copy)]
enum At {
    Window,
    Second(usize),
}

impl At {
    fn value(self, probe: &Probe) -> f64 {
        match self {
            Self::Window => probe.value,
            Self::Second(second) => probe.series.get(second).copied().unwrap_or(f64::NAN),
        }
    }
}

/// One comparison of a condition, as it should hold.
struct Leaf {
    metric: Option<(Metric, MetricScope)>,
    value: f64,
    ci95: Option<[f64; 2]>,
    comparison: Comparison,
    limit: f64,
    is_fixed: bool,
}

impl Leaf {
    fn truth(&self) -> Option<bool> {
        (!self.value.is_nan() && !self.limit.is_nan()).then(|| self.comparison.holds(self.value, self.limit))
    }

    /// By which ratio the limit is missed; zero when it is kept.
    fn excess(&self) -> f64 {
        if self.truth() != Some(false) {
            return 0.0;
        }
        let is_missed_by = match self.metric {
            // An error budget, not a share of successes, is what is overspent.
            Some((Metric::Availability, _)) => (1.0 - self.value) / (1.0 - self.limit),
            _ if self.wants_less() => self.value / self.limit,
            _ => self.limit / self.value,
        };
        if is_missed_by.is_nan() { MOST_EXCESS } else { (is_missed_by - 1.0).clamp(0.0, MOST_EXCESS) }
    }

    fn wants_less(&self) -> bool {
        matches!(self.comparison, Comparison::Less | Comparison::LessOrEqual)
    }

    fn reached(&self) -> Option<Reached> {
        let (metric, _) = self.metric.filter(|_| self.is_fixed)?;
        Some(Reached { metric, limit: self.limit, value: self.value, ci95: self.ci95 })
    }

    /// How near the value is to the limit, for a value that keeps it: 0 at the limit, 1 far from it.
    fn room(&self) -> f64 {
        let [small, large] = if self.wants_less() { [self.value, self.limit] } else { [self.limit, self.value] };
        if large > 0.0 { (1.0 - small / large).clamp(0.0, 1.0) } else { 0.0 }
    }

    fn target(&self) -> Option<Target> {
        let (metric, scope) = self.metric.filter(|_| self.is_fixed)?;
        let is_bound = !matches!(self.comparison, Comparison::Equal | Comparison::NotEqual);
        is_bound.then(|| Target { metric, scope, below: self.wants_less(), limit: self.limit, value: self.value })
    }
}

/// Walks a condition in the order of its probes; gathers its comparisons and gives its truth.
struct Walk<'a> {
    probes: &'a [Probe],
    next: usize,
    at: At,
    leaves: Vec<Leaf>,
}

impl<'a> Walk<'a> {
    fn over(condition: &Condition, probes: &'a [Probe], at: At) -> (Option<bool>, Vec<Leaf>) {
        let mut walk = Walk { probes, next: 0, at, leaves: Vec::new() };
        let truth = walk.truth(condition, false);
        (truth, walk.leaves)
    }

    /// Kleene's three-valued logic. Both sides are always walked, so that every probe is met.
    fn truth(&mut self, condition: &Condition, negated: bool) -> Option<bool> {
        match condition {
            Condition::Compare(left, comparison, right) => {
                let leaf = self.leaf(left, if negated { opposite(*comparison) } else { *comparison }, right);
                let truth = leaf.truth();
                self.leaves.push(leaf);
                truth
            }
            Condition::Not(inner) => self.truth(inner, !negated),
            Condition::And(left, right) | Condition::Or(left, right) => {
                let (left, right) = (self.truth(left, negated), self.truth(right, negated));
                let is_and = matches!(condition, Condition::And(..)) != negated;
                if is_and { and(left, right) } else { and(left.map(|t| !t), right.map(|t| !t)).map(|t| !t) }
            }
        }
    }

    fn leaf(&mut self, left: &Term, comparison: Comparison, right: &Term) -> Leaf {
        let (value, metric, ci95) = self.term(left);
        let (limit, other, interval) = self.term(right);
        match (metric, other) {
            (None, Some(metric)) => Leaf {
                metric: Some(metric),
                value: limit,
                ci95: interval,
                comparison: mirrored(comparison),
                limit: value,
                is_fixed: true,
            },
            _ => Leaf { metric, value, ci95, comparison, limit, is_fixed: other.is_none() },
        }
    }

    fn term(&mut self, term: &Term) -> (f64, Option<(Metric, MetricScope)>, Option<[f64; 2]>) {
        match term {
            Term::Value(value) => (*value, None, None),
            Term::Metric(metric, scope) => {
                let probe = self.probes.get(self.next);
                self.next += 1;
                let value = probe.map_or(f64::NAN, |probe| self.at.value(probe));
                (value, Some((*metric, *scope)), probe.and_then(|probe| probe.ci95))
            }
        }
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same @ (Comparison::Equal | Comparison::NotEqual) => same,
    }
}

fn judge_one(run: Run, expectation: &Expectation, probes: &[Probe]) -> Judgement {
    let window = seconds_of(run, expectation.window);
    let truth = |second: &usize| Walk::over(&expectation.condition, probes, At::Second(*second)).0;
    let broken: Vec<usize> = window.iter().copied().filter(|s| truth(s) == Some(false)).collect();
    let known = || window.iter().any(|s| truth(s).is_some());
    let (whole, leaves) = Walk::over(&expectation.condition, probes, At::Window);
    let held = match expectation.window {
        Window::Always | Window::EventuallyWithin(_) => known().then_some(broken.is_empty()),
        _ => whole,
    };
    let violation = (held == Some(false))
        .then(|| violation(run, expectation, probes, &Broken { window: &window, broken: &broken }));
    let targets = leaves.iter().filter_map(Leaf::target).collect();
    let (violation, excess) = violation.map_or((None, 0.0), |(violation, excess)| (Some(violation), excess));
    let (reached, origin) = (reached(&leaves), expectation.origin);
    Judgement { text: expectation.text.clone(), held, broken, targets, reached, violation, excess, origin }
}

/// What the comparison that is missed most came to; where all are kept, the one with the least room.
fn reached(leaves: &[Leaf]) -> Option<Reached> {
    let strain = |leaf: &Leaf| (leaf.excess(), -leaf.room());
    let numbers = leaves.iter().filter_map(|leaf| Some((leaf.reached()?, strain(leaf))));
    // The first of equals, so that the text does not depend on rounding.
    numbers.reduce(|worst, next| if next.1 > worst.1 { next } else { worst }).map(|(reached, _)| reached)
}

/// The seconds of a window, and those of them in which an expectation was false.
struct Broken<'a> {
    window: &'a [usize],
    broken: &'a [usize],
}

impl Broken<'_> {
    fn span(&self, run: Run) -> (f64, f64) {
        let seconds = if self.broken.is_empty() { self.window } else { self.broken };
        match (seconds.first(), seconds.last()) {
            (Some(first), Some(last)) => (*first as f64, (*last + 1) as f64),
            _ => (run.measures.warmup, run.end()),
        }
    }

    /// Share of the window; all of it when no single second shows it.
    fn share(&self) -> f64 {
        super::run::ratio(self.broken.len() as f64, self.window.len() as f64, 1.0).max(if self.broken.is_empty() {
            1.0
        } else {
            0.0
        })
    }
}

/// How an expectation was violated, and by which ratio its limit was missed.
fn violation(run: Run, expectation: &Expectation, probes: &[Probe], broken: &Broken) -> (Violation, f64) {
    let by_second: Vec<Vec<Leaf>> =
        broken.broken.iter().map(|s| Walk::over(&expectation.condition, probes, At::Second(*s)).1).collect();
    let over_window = Walk::over(&expectation.condition, probes, At::Window).1;
    let judged: Vec<&Vec<Leaf>> = match expectation.window {
        Window::Always | Window::EventuallyWithin(_) => by_second.iter().collect(),
        _ => vec![&over_window],
    };
    let (index, excess) = worst_leaf(&judged);
    let (at, until) = broken.span(run);
    let leaf = over_window.get(index);
    let (metric, scope) = leaf.and_then(|l| l.metric).unzip();
    let violation = Violation {
        expectation: expectation.text.clone(),
        at,
        until,
        worst: finite(run, worst_value(index, by_second.iter().chain([&over_window]))),
        severity: Severity::of(excess, broken.share()),
        value: leaf.map(|l| l.value).filter(|v| v.is_finite()),
        limit: leaf.map_or(0.0, |l| l.limit),
        metric,
        scope,
        share: broken.share(),
        origin: expectation.origin,
    };
    (violation, excess)
}

/// The comparison that misses its limit most on average, and by how much.
fn worst_leaf(walks: &[&Vec<Leaf>]) -> (usize, f64) {
    let leaves = walks.first().map_or(0, |leaves| leaves.len());
    let excess = |n: usize| super::run::mean(walks.iter().filter_map(|leaves| leaves.get(n)).map(Leaf::excess));
    let by_excess = (0..leaves).map(|n| (n, excess(n)));
    // The first of equals, so that the text does not depend on rounding.
    by_excess.fold((0, f64::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best })
}

fn worst_value<'a>(index: usize, walks: impl Iterator<Item = &'a Vec<Leaf>>) -> f64 {
    let leaves = walks.filter_map(|leaves| leaves.get(index)).filter(|leaf| !leaf.value.is_nan());
    let mut worst = f64::NAN;
    for leaf in leaves {
        let is_worse = if leaf.wants_less() { leaf.value > worst } else { leaf.value < worst };
        if worst.is_nan() || is_worse {
            worst = leaf.value;
        }
    }
    worst
}

/// What never came back within the run took at least the rest of it.
fn finite(run: Run, value: f64) -> f64 {
    match value {
        v if v.is_infinite() => run.end() - run.last_fault_end().unwrap_or(run.measures.warmup),
        v if v.is_nan() => 0.0,
        v => v,
    }
}

fn seconds_of(run: Run, window: Window) -> Vec<usize> {
    let measured = run.measured_seconds();
    let windows = &run.measures.windows;
    match window {
        Window::Whole | Window::Always => measured.collect(),
        Window::DuringChaos if run.config.failures > 0.0 => measured.collect(),
        Window::DuringChaos => measured.filter(|s| windows[*s].disturbed).collect(),
        Window::AfterChaos => {
            let from = run.last_fault_end().map_or(measured.end, |end| end.ceil() as usize);
            (from.max(measured.start)..measured.end).collect()
        }
        Window::Between(from, to) => {
            let to = to.seconds().ceil().min(windows.len() as f64) as usize;
            (from.seconds().floor() as usize..to).collect()
        }
        Window::EventuallyWithin(within) => {
            let start = run.first_fault().unwrap_or(run.measures.warmup);
            let from = (start + within.seconds()).ceil() as usize;
            (from.max(measured.start)..measured.end).collect()
        }
    }
}
