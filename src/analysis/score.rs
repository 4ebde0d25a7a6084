//! The dimensions of a score, each 0 to 100.
//!
//! Every dimension is a weighted mean of utilities between 0 and 1, each monotone in its one input and
//! anchored to a fixed limit. `domain` and `evolution` need data that a simulation does not have
//! and are left out; so is every dimension without data (no fault: no resilience, no price: no cost, no
//! expectation: no constraints, no load sweep: no scalability). The rest is renormalised.
//!
//! | dimension | parts |
//! |---|---|
//! | performance | 0.5 response times against their limits (default: p95 500 ms), 0.3 failures against theirs (default 1 %), 0.2 share served; response times count only for the share served |
//! | scalability | see `growth` |
//! | stability | see `stability` |
//! | resilience | 0.5 share served from the first disturbance on, relative to before; 0.3 recovery against its limit (default 30 s); 0.2 not metastable |
//! | cost | hourly cost against its limit; without one on a logarithmic scale from 0.1 USD/h (100) to 10 000 USD/h (0) |
//! | coupling | 0.4 widest fan-out f as 10/(10+f), 0.3 share of elements outside dependency cycles, 0.3 longest chain of waiting calls d as 10/(10+d) |
//! | complexity | 0.5 elements n as 50/(50+n), 0.5 independent paths x (relations − elements + 1) as 50/(50+x) |
//! | hotspot | 100 − severity of the worst hotspot |
//! | loop_risk | 100 / (1 + Σ over causes of mean gain + half the active share + a twentieth of what the settings allow) |
//! | constraints | share of measured seconds in which every expectation holds |
//!
//! Utility of x against an upper limit l (for a lower one, of l²/x): 1 at zero, 0.8 at l, linear between;
//! above, 0.8 less a decade: `0.8 × (1 − log10(x/l))`, 0 from ten times the limit on.

use super::expectations::Target;
use super::run::{Run, mean, ratio};
use super::{CostFigures, FoundLoop, Hotspot, Judgement, Stability, loops};
use crate::measure::Replicate;
use crate::model::{Architecture, ElementId, Entry, Metric, MetricScope};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every dimension with its published weight, in the published order.
pub const DIMENSIONS: [(&str, f64); 12] = [
    ("performance", 0.18),
    ("scalability", 0.12),
    ("stability", 0.14),
    ("resilience", 0.10),
    ("cost", 0.10),
    ("domain", 0.08),
    ("coupling", 0.08),
    ("complexity", 0.05),
    ("hotspot", 0.08),
    ("loop_risk", 0.05),
    ("constraints", 0.08),
    ("evolution", 0.06),
];

/// Response-time limit of a scenario that gives none, seconds at the 95th percentile.
const DEFAULT_P95: f64 = 0.5;
/// Failure limit of a scenario that gives none.
const DEFAULT_ERRORS: f64 = 0.01;
/// Recovery limit of a scenario that gives none, seconds.
const DEFAULT_RECOVERY: f64 = 30.0;

/// One dimension of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// Its name in [`DIMENSIONS`].
    pub name: &'static str,
    /// 0 to 100.
    pub value: f64,
    /// The two inputs that took most away (or, where nothing did, weigh most), in words.
    pub inputs: Vec<String>,
}

/// Weights of the dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights(Vec<(&'static str, f64)>);

impl Default for Weights {
    fn default() -> Self {
        Self(DIMENSIONS.to_vec())
    }
}

impl Weights {
    /// A user's weights; dimensions not named get none. No weights at all: the published ones.
    pub fn new(given: &[(Arc<str>, f64)]) -> Self {
        if given.is_empty() {
            return Self::default();
        }
        let weight = |name: &str| given.iter().filter(|(n, _)| canonical(n) == name).map(|(_, w)| w.max(0.0)).sum();
        Self(DIMENSIONS.iter().map(|(name, _)| (*name, weight(name))).collect())
    }

    /// The given weights that name no dimension.
    pub fn unknown(given: &[(Arc<str>, f64)]) -> Vec<Arc<str>> {
        let is_known = |name: &str| DIMENSIONS.iter().any(|(known, _)| *known == canonical(name));
        given.iter().filter(|(name, _)| !is_known(name)).map(|(name, _)| name.clone()).collect()
    }

    /// Weights in the published order, as given.
    pub fn from_values(values: &[f64]) -> Self {
        Self(DIMENSIONS.iter().zip(values).map(|((name, _), value)| (*name, *value)).collect())
    }

    /// The weight of a dimension.
    pub fn of(&self, name: &str) -> f64 {
        self.0.iter().find(|(n, _)| *n == name).map_or(0.0, |(_, w)| *w)
    }

    /// Weighted mean of what is there; the plain mean when nothing that is there has a weight; 0 without anything.
    pub fn score(&self, dimensions: &[Dimension]) -> f64 {
        self.score_values(dimensions.iter().map(|d| (d.name, d.value)))
    }

    /// The same for names and values.
    pub fn score_values<'a>(&self, values: impl Iterator<Item = (&'a str, f64)> + Clone) -> f64 {
        let total: f64 = values.clone().map(|(name, _)| self.of(name)).sum();
        if total > 0.0 {
            values.map(|(name, v)| self.of(name) * v).sum::<f64>() / total
        } else {
            mean(values.map(|v| v.1))
        }
    }
}

fn canonical(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace([' ', '-'], "_")
}

/// Everything that dimensions are computed from.
pub struct Inputs<'a> {
    /// The run.
    pub run: Run<'a>,
    /// Its expectations.
    pub judgements: &'a [Judgement],
    /// Its loops.
    pub loops: &'a [FoundLoop],
    /// Its stability.
    pub stability: &'a Stability,
    /// Its cost.
    pub cost: CostFigures,
}

/// The dimensions of a run that have data, and the performance of each replication.
pub fn dimensions(inputs: &Inputs, hotspots: &[Hotspot]) -> (Vec<Dimension>, Vec<f64>) {
    let traffic = Traffic::of(inputs);
    let own_performance = traffic.performance();
    let by_replicate = inputs
        .run
        .measures
        .replicates
        .iter()
        .map(|r| traffic.in_replicate(inputs.run, r).performance().value)
        .collect();
    let all = [
        Some(own_performance),
        Some(stability_dimension(inputs.stability)),
        resilience(inputs),
        cost_dimension(inputs),
        Some(coupling(inputs.run.architecture)),
        Some(complexity(inputs.run.architecture)),
        Some(hotspot_dimension(hotspots)),
        Some(loop_risk(inputs.loops)),
        constraints(inputs),
    ];
    (all.into_iter().flatten().collect(), by_replicate)
}

/// The score of each replication. Only performance is known for each; it is shifted so that the mean over
/// replications is the score of the run.
pub fn replicate_scores(dimensions: &[Dimension], performance: &[f64], weights: &Weights) -> Vec<f64> {
    let score = weights.score(dimensions);
    let total: f64 = dimensions.iter().map(|d| weights.of(d.name)).sum();
    let part = if total > 0.0 { weights.of("performance") / total } else { 0.0 };
    let centre = mean(performance.iter().copied());
    performance.iter().map(|value| score + part * (value - centre)).collect()
}

/// A utility with its weight and its input in words.
struct Part {
    weight: f64,
    utility: f64,
    text: String,
}

fn part(weight: f64, utility: f64, text: impl Into<String>) -> Part {
    let utility = if utility.is_nan() { 0.0 } else { utility.clamp(0.0, 1.0) };
    Part { weight, utility, text: text.into() }
}

fn dimension(name: &'static str, mut parts: Vec<Part>) -> Dimension {
    let total: f64 = parts.iter().map(|p| p.weight).sum();
    let sum: f64 = parts.iter().map(|p| p.weight * p.utility).sum();
    let lost = |p: &Part| p.weight * (1.0 - p.utility);
    parts.sort_by(|a, b| lost(b).total_cmp(&lost(a)).then(b.weight.total_cmp(&a.weight)));
    let inputs = parts.into_iter().take(2).map(|p| p.text).collect();
    Dimension { name, value: if total > 0.0 { (100.0 * sum / total).clamp(0.0, 100.0) } else { 100.0 }, inputs }
}

/// Utility of a value that should stay below its limit.
fn below(value: f64, limit: f64) -> f64 {
    let over = if limit > 0.0 {
        value / limit
    } else if value > 0.0 {
        f64::INFINITY
    } else {
        0.0
    };
    match over {
        o if o.is_nan() => 0.0,
        o if o <= 1.0 => 1.0 - 0.2 * o.max(0.0),
        o => 0.8 * (1.0 - o.log10()).max(0.0),
    }
}

/// What performance is judged by.
#[derive(Clone)]
struct Traffic {
    latencies: Vec<Target>,
    failures: Vec<Target>,
    served: f64,
}

impl Traffic {
    fn of(inputs: &Inputs) -> Self {
        let targets = || inputs.judgements.iter().flat_map(|j| &j.targets).filter(|t| !t.value.is_nan());
        let m = &inputs.run.measures.metrics;
        let latencies = or_default(
            targets().filter(|t| is_latency(t.metric) && t.below).copied().collect(),
            default_target(Metric::Quantile(0.95), DEFAULT_P95, m.latency.p95),
        );
        let failures = or_default(
            targets().filter_map(failure_target).collect(),
            default_target(Metric::ErrorRate, DEFAULT_ERRORS, m.error_rate),
        );
        Self { latencies, failures, served: inputs.run.served_share() }
    }

    fn performance(&self) -> Dimension {
        let speed = mean(self.latencies.iter().map(|t| below(t.value, t.limit)));
        // Failing fast is no speed.
        let speed = speed * self.served;
        let worst = self.latencies.iter().max_by(|a, b| (a.value / a.limit).total_cmp(&(b.value / b.limit)));
        let failed = mean(self.failures.iter().map(|t| below(t.value.max(0.0), t.limit)));
        let errors = self.failures.iter().map(|t| t.value).fold(0.0, f64::max);
        let slow = worst.map_or(String::new(), |t| {
            format!("{:.0}% of its response-time limit", 100.0 * t.value / t.limit.max(1e-9))
        });
        dimension(
            "performance",
            vec![
                part(0.5, speed, slow),
                part(
                    0.3,
                    failed.min(if self.served > 0.0 { 1.0 } else { 0.0 }),
                    format!("{:.2}% failed", 100.0 * errors),
                ),
                part(0.2, self.served, format!("{:.1}% served", 100.0 * self.served)),
            ],
        )
    }

    /// The same in one replication: values of parts move as the totals do.
    fn in_replicate(&self, run: Run, replicate: &Replicate) -> Self {
        let m = &run.measures.metrics;
        let scale = |metric: Metric| match metric {
            Metric::Mean => scaled(replicate.mean, m.latency.mean),
            Metric::Quantile(q) if q <= 0.75 => scaled(replicate.p50, m.latency.p50),
            Metric::Quantile(q) if q > 0.97 => scaled(replicate.p99, m.latency.p99),
            _ => scaled(replicate.p95, m.latency.p95),
        };
        let moved = |t: &Target| Target { value: t.value * scale(t.metric), ..*t };
        let failed =
            |t: &Target| Target { value: (t.value + replicate.error_rate - m.error_rate).clamp(0.0, 1.0), ..*t };
        let served = self.served + ratio(m.error_rate, 1.0, 0.0) - ratio(replicate.error_rate, 1.0, 0.0);
        Self {
            latencies: self.latencies.iter().map(moved).collect(),
            failures: self.failures.iter().map(failed).collect(),
            served: served.clamp(0.0, 1.0),
        }
    }
}

fn scaled(part: f64, whole: f64) -> f64 {
    if whole > 0.0 && part.is_finite() { part / whole } else { 1.0 }
}

fn or_default(mut given: Vec<Target>, default: Target) -> Vec<Target> {
    if given.is_empty() {
        given.push(default);
    }
    given
}

fn default_target(metric: Metric, limit: f64, value: f64) -> Target {
    Target { metric, scope: MetricScope::All, below: true, limit, value }
}

fn is_latency(metric: Metric) -> bool {
    matches!(metric, Metric::Mean | Metric::Quantile(_) | Metric::Max)
}

/// Limits on failures, those on availability turned around.
fn failure_target(target: &Target) -> Option<Target> {
    match target.metric {
        Metric::ErrorRate if target.below => Some(*target),
        Metric::Availability if !target.below => {
            Some(Target { limit: 1.0 - target.limit, value: 1.0 - target.value, below: true, ..*target })
        }
        _ => None,
    }
}

fn stability_dimension(stability: &Stability) -> Dimension {
    let text = format!("in equilibrium {:.0}% of the time", 100.0 * stability.equilibrium);
    let loops = if stability.equilibrium > 0.0 { stability.value / stability.equilibrium } else { 1.0 };
    let mut found = dimension("stability", vec![part(1.0, stability.value, text)]);
    found.inputs.push(format!("loops leave {:.0}% of that", 100.0 * loops));
    found
}

fn resilience(inputs: &Inputs) -> Option<Dimension> {
    let chaos = inputs.stability.chaos?;
    let calm = inputs.stability.calm.unwrap_or(1.0);
    let kept = ratio(chaos, calm, chaos);
    let mut parts = vec![part(0.5, kept, format!("serves {:.1}% while disturbed", 100.0 * chaos))];
    if let Some(recovery) = inputs.stability.recovery {
        let limit = recovery_limit(inputs.judgements);
        let text = if recovery.is_finite() { format!("back after {recovery:.0} s") } else { "never back".into() };
        parts.push(part(0.3, below(recovery, limit), text));
        let stays = if inputs.stability.metastable { "stays bad without its trigger" } else { "no metastable state" };
        parts.push(part(0.2, if inputs.stability.metastable { 0.0 } else { 1.0 }, stays));
    }
    Some(dimension("resilience", parts))
}

fn recovery_limit(judgements: &[Judgement]) -> f64 {
    let limits = judgements.iter().flat_map(|j| &j.targets).filter(|t| t.metric == Metric::RecoveryTime && t.below);
    limits.map(|t| t.limit).reduce(f64::min).unwrap_or(DEFAULT_RECOVERY)
}

fn cost_dimension(inputs: &Inputs) -> Option<Dimension> {
    let cost = inputs.cost.per_hour?;
    let is_limit = |t: &&Target| t.metric == Metric::Cost && t.below && t.scope == MetricScope::All;
    let limit = inputs.judgements.iter().flat_map(|j| &j.targets).find(is_limit).map(|t| t.limit);
    let utility = limit.map_or_else(|| 1.0 - (cost / 0.1).max(1.0).log10() / 5.0, |limit| below(cost, limit));
    let mut parts = vec![part(1.0, utility, format!("{cost:.2} USD/h"))];
    if let Some(each) = inputs.cost.per_million_requests {
        parts.push(part(0.0, 1.0, format!("{each:.2} USD for a million requests")));
    }
    Some(dimension("cost", parts))
}

fn hotspot_dimension(hotspots: &[Hotspot]) -> Dimension {
    let worst = hotspots.first();
    let text = worst.map_or_else(|| "no hotspot".into(), |h| format!("{}: {}", h.element, h.why));
    let mut found = dimension("hotspot", vec![part(1.0, 1.0 - worst.map_or(0.0, |h| h.severity) / 100.0, text)]);
    found.inputs.extend(hotspots.get(1).map(|h| format!("{}: {}", h.element, h.why)));
    found
}

fn loop_risk(found: &[FoundLoop]) -> Dimension {
    let risk = loops::sum_over_causes(found, |l| l.gain + 0.5 * l.active_share + 0.05 * l.potential);
    let mut worst: Vec<&FoundLoop> = found.iter().filter(|l| l.cause.is_some()).collect();
    worst.sort_by(|a, b| b.gain.total_cmp(&a.gain).then(b.potential.total_cmp(&a.potential)));
    let text =
        |l: &&FoundLoop| format!("{} gain {:.2}, up to {} attempts more by its settings", l.id, l.gain, l.potential);
    let mut dimension = dimension("loop_risk", vec![part(1.0, 1.0 / (1.0 + risk.max(0.0)), "no reinforcing loop")]);
    if !worst.is_empty() {
        dimension.inputs = worst.iter().take(2).map(text).collect();
    }
    dimension
}

fn constraints(inputs: &Inputs) -> Option<Dimension> {
    let judged: Vec<&Judgement> = inputs.judgements.iter().filter(|j| j.held.is_some()).collect();
    if judged.is_empty() {
        return None;
    }
    let broken = judged.iter().filter(|j| j.held == Some(false)).count();
    let text = format!("{broken} of {} expectations violated", judged.len());
    Some(dimension("constraints", vec![part(1.0, 1.0 - broken_share(inputs.run, &judged), text)]))
}

/// Share of measured seconds in which some expectation was false. One that is violated although no single second
/// shows it was false throughout its window; a second alone does not break one that holds over its window.
fn broken_share(run: Run, judged: &[&Judgement]) -> f64 {
    let measured = run.measured_seconds();
    let mut broken = BTreeSet::new();
    for judgement in judged {
        let Some(violation) = &judgement.violation else { continue };
        if judgement.broken.is_empty() {
            broken.extend(violation.at.max(0.0) as usize..violation.until.max(0.0) as usize);
        }
        broken.extend(&judgement.broken);
    }
    let any = if judged.iter().any(|j| j.held == Some(false)) { 1.0 } else { 0.0 };
    let inside = broken.iter().filter(|s| measured.contains(s)).count();
    ratio(inside as f64, measured.len() as f64, any)
}

fn coupling(architecture: &Architecture) -> Dimension {
    let edges = dependencies(architecture);
    let count = architecture.elements.len();
    let fan_out = widest_fan_out(&edges, count);
    let in_cycle = ratio(in_cycles(&edges, count) as f64, count as f64, 0.0);
    let depth = longest_chain(architecture);
    dimension(
        "coupling",
        vec![
            part(0.4, 10.0 / (10.0 + fan_out as f64), format!("one element depends on {fan_out} others")),
            part(0.3, 1.0 - in_cycle, format!("{:.0}% of elements in dependency cycles", 100.0 * in_cycle)),
            part(0.3, 10.0 / (10.0 + depth as f64), format!("{depth} waiting calls in a row")),
        ],
    )
}

fn complexity(architecture: &Architecture) -> Dimension {
    let (elements, relations) = (architecture.elements.len(), architecture.calls.len());
    let paths = (relations + 1).saturating_sub(elements.max(1));
    dimension(
        "complexity",
        vec![
            part(0.5, 50.0 / (50.0 + elements as f64), format!("{elements} elements")),
            part(0.5, 50.0 / (50.0 + paths as f64), format!("{paths} independent paths over {relations} relations")),
        ],
    )
}

/// Who depends on whom, without itself.
fn dependencies(architecture: &Architecture) -> BTreeSet<(ElementId, ElementId)> {
    let declared = architecture
        .elements
        .iter()
        .enumerate()
        .flat_map(|(from, element)| element.depends_on.iter().map(move |to| (ElementId(from as u32), *to)));
    let called = architecture.calls.iter().filter_map(|call| match call.from {
        Entry::Station(from) => Some((architecture.station(from).element, architecture.station(call.to).element)),
        Entry::Source(_) => None,
    });
    declared.chain(called).filter(|(from, to)| from != to).collect()
}

fn widest_fan_out(edges: &BTreeSet<(ElementId, ElementId)>, count: usize) -> usize {
    let mut fan_out = vec![0usize; count];
    for (from, _) in edges {
        fan_out[from.index()] += 1;
    }
    fan_out.into_iter().max().unwrap_or(0)
}

/// Elements that lie on a cycle: what is left after repeatedly taking away those without a way in or out.
fn in_cycles(edges: &BTreeSet<(ElementId, ElementId)>, count: usize) -> usize {
    let mut left = vec![true; count];
    loop {
        let live = || edges.iter().filter(|(from, to)| left[from.index()] && left[to.index()]);
        let sources: BTreeSet<usize> = live().map(|(from, _)| from.index()).collect();
        let sinks: BTreeSet<usize> = live().map(|(_, to)| to.index()).collect();
        let kept: Vec<bool> = (0..count).map(|n| sources.contains(&n) && sinks.contains(&n)).collect();
        if kept == left {
            return left.iter().filter(|l| **l).count();
        }
        left = kept;
    }
}

/// Length of the longest chain of calls that wait for each other; a cycle counts once around.
fn longest_chain(architecture: &Architecture) -> usize {
    let stations = architecture.stations.len();
    let waiting: Vec<(usize, usize)> = architecture
        .calls
        .iter()
        .filter(|c| !c.behavior.asynchronous)
        .filter_map(|c| {
            let Entry::Station(from) = c.from else { return None };
            (!architecture.station(c.to).is_queue).then_some((from.index(), c.to.index()))
        })
        .collect();
    let mut depth = vec![0usize; stations];
    for _ in 0..stations {
        let mut is_settled = true;
        for (from, to) in &waiting {
            let longer = (depth[*to] + 1).min(stations);
            if longer > depth[*from] {
                depth[*from] = longer;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
    depth.into_iter().max().unwrap_or(0)
}
