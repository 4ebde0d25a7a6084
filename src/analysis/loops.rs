//! Feedback loops: found in the structure, confirmed or refuted by what was measured.
//!
//! *Reinforcing.* A relation that retries closes: attempts → load on the callee → its latency →
//! timeouts (or refusals) → attempts. Where the caller holds its workers while it waits, its own callers'
//! retries close a longer one: callee latency → caller's busy workers → its queue → timeouts of its callers.
//! *Balancing.* Breakers, shedding and rate limits, retry budgets, autoscaling.
//!
//! The gain of a reinforcing loop in a second is the number of further attempts, caused by timeouts or
//! refusals, that one call first made brings about; 1 doubles the load and is called runaway. Retries
//! of errors that load did not cause close no loop and are not counted. The gain of a balancing
//! loop is the share of its cause that it takes away. A loop is active in a second
//! when its gain there is at least 0.1.

use super::run::{Run, mean, ratio};
use crate::model::{
    Architecture, CallId, DeclaredLoop, Limit, LoopKind, RetryPolicy, ShedRule, StationBehavior, StationId,
};
use std::sync::Arc;

/// Gain from which a loop counts as active.
const ACTIVE: f64 = 0.1;
/// Utilisation from which waiting callers are what holds the workers.
const HELD: f64 = 0.9;

/// What closes a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Mechanism {
    Retries,
    HeldWorkers,
    Breaker,
    Shedding,
    RateLimit,
    RetryBudget,
    Autoscaling,
    Declared,
}

impl Mechanism {
    /// In a user's words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Retries => "retries",
            Self::HeldWorkers => "held workers",
            Self::Breaker => "circuit breaker",
            Self::Shedding => "shedding",
            Self::RateLimit => "rate limit",
            Self::RetryBudget => "retry budget",
            Self::Autoscaling => "autoscaling",
            Self::Declared => "declared",
        }
    }
}

/// What the simulation says about a loop that the model declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclaredVerdict {
    /// A loop of this kind through these parts was active.
    Confirmed,
    /// The structure closes such a loop with the other polarity only.
    Refuted,
    /// The structure closes it, but nothing made it act in this run; or it names nothing that is simulated.
    CannotTell,
}

impl DeclaredVerdict {
    /// In a user's words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::CannotTell => "cannot tell",
        }
    }
}

/// A loop and how it acted.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundLoop {
    /// `R1`, `B1` in the order of the model; a declared loop's own id.
    pub id: Arc<str>,
    /// Product of its signs.
    pub kind: LoopKind,
    /// What it runs through.
    pub path: Vec<String>,
    /// Mean over measured seconds.
    pub gain: f64,
    /// Share of measured time in which it was active.
    pub active_share: f64,
    /// First second in which it was active.
    pub first_active: Option<f64>,
    /// Largest gain of a second.
    pub peak_gain: f64,
    /// What closes it.
    pub mechanism: Mechanism,
    /// Mean of its gain above 1.
    pub excess: f64,
    /// Most further attempts that one call can bring about by its settings: what it could do.
    pub potential: f64,
    /// The relation whose attempts it adds to: loops of one cause count once in sums.
    pub cause: Option<CallId>,
    /// For a declared loop: what the simulation says.
    pub declared: Option<DeclaredVerdict>,
}

impl FoundLoop {
    /// Whether it acted at all.
    pub fn is_active(&self) -> bool {
        self.active_share > 0.0
    }
}

/// Every loop of the architecture with its gain in this run.
pub fn find_loops(run: Run) -> Vec<FoundLoop> {
    let mut loops = number(reinforcing(run), "R");
    loops.extend(number(balancing(run), "B"));
    let declared: Vec<_> = run.architecture.declared_loops.iter().map(|d| check_declared(run, d, &loops)).collect();
    loops.extend(declared);
    loops
}

/// Sum over causes of the largest mean gain above 1.
pub fn excess_gain(loops: &[FoundLoop]) -> f64 {
    sum_over_causes(loops, |l| l.excess)
}

/// Sum over causes of the largest value among the reinforcing loops of that cause.
pub fn sum_over_causes(loops: &[FoundLoop], value: impl Fn(&FoundLoop) -> f64) -> f64 {
    let mut largest: std::collections::BTreeMap<Option<CallId>, f64> = Default::default();
    for found in loops.iter().filter(|l| l.kind == LoopKind::Reinforcing && l.cause.is_some()) {
        let entry = largest.entry(found.cause).or_default();
        *entry = entry.max(value(found));
    }
    largest.values().sum()
}

fn number(mut loops: Vec<FoundLoop>, prefix: &str) -> Vec<FoundLoop> {
    for (n, found) in loops.iter_mut().enumerate() {
        found.id = format!("{prefix}{}", n + 1).into();
    }
    loops
}

fn call_ids(architecture: &Architecture) -> impl Iterator<Item = CallId> {
    (0..architecture.calls.len()).map(|n| CallId(n as u32))
}

fn station_ids(architecture: &Architecture) -> impl Iterator<Item = StationId> {
    (0..architecture.stations.len()).map(|n| StationId(n as u32))
}

fn reinforcing(run: Run) -> Vec<FoundLoop> {
    let mut loops = Vec::new();
    for call in call_ids(run.architecture) {
        let Some(retry) = closing_retry(run.architecture, call) else { continue };
        loops.push(retry_loop(run, call, retry));
        loops.extend(held_worker_loops(run, call, retry));
    }
    loops
}

/// The retry policy of a relation when more load brings about more attempts.
fn closing_retry(architecture: &Architecture, call: CallId) -> Option<RetryPolicy> {
    let behavior = &architecture.call(call).behavior;
    let retry = behavior.retry.filter(|r| r.count > 0)?;
    let callee = &architecture.station(architecture.call(call).to).behavior;
    let by_timeout = behavior.timeout.is_some() && retry.on.timeout;
    let by_refusal = retry.on.rejected && can_refuse(callee);
    (by_timeout || by_refusal).then_some(retry)
}

fn can_refuse(station: &StationBehavior) -> bool {
    station.queue != Limit::Unbounded || station.rate_limit.is_some() || station.shed.is_some()
}

fn retry_loop(run: Run, call: CallId, retry: RetryPolicy) -> FoundLoop {
    let relation = run.architecture.call(call);
    let callee = &run.architecture.station(relation.to).path;
    let closes = if relation.behavior.timeout.is_some() { "timeouts" } else { "refusals" };
    let path = vec![
        format!("attempts of {}", relation.path),
        format!("load on {callee}"),
        format!("latency of {callee}"),
        format!("{closes} of {}", relation.path),
    ];
    let gains = retry_gains(run, call, retry);
    with_potential(series_loop(run, LoopKind::Reinforcing, Mechanism::Retries, path, &gains, Some(call)), retry)
}

fn with_potential(found: FoundLoop, retry: RetryPolicy) -> FoundLoop {
    let count = f64::from(retry.count);
    FoundLoop { potential: retry.budget.map_or(count, |budget| budget.min(count)), ..found }
}

/// Further attempts caused by load for each call first made, second by second.
fn retry_gains(run: Run, call: CallId, retry: RetryPolicy) -> Vec<f64> {
    let windows = &run.measures.windows;
    let of = |at: usize| windows[at].calls.get(call.index()).copied().unwrap_or_default();
    let refused = refused_share(run, call);
    let most = f64::from(retry.count);
    run.measured_seconds()
        .map(|at| {
            let [first, attempts, timeouts] = of(at);
            // A timeout late in one second is tried again in the next.
            let timeouts = timeouts + if at > 0 { of(at - 1)[2] } else { 0.0 };
            let further = (attempts - first).max(0.0);
            let caused = (further * refused + timeouts).min(further);
            if first > 0.0 { (caused / first).min(most) } else { caused.min(most) }
        })
        .collect()
}

/// Share of a relation's failed attempts that its callee refused.
fn refused_share(run: Run, call: CallId) -> f64 {
    let Some(relation) = run.relation(call) else { return 0.0 };
    let rejected = run.element(run.architecture.call(call).to).map_or(0, |e| e.rejected);
    ratio(rejected.min(relation.errors) as f64, (relation.errors + relation.timeouts) as f64, 0.0)
}

/// Loops through stations that hold their workers: `U -> S -> T` where `U` retries and `S` blocks.
fn held_worker_loops(run: Run, call: CallId, retry: RetryPolicy) -> Vec<FoundLoop> {
    let station = run.architecture.call(call).to;
    let behavior = &run.architecture.station(station).behavior;
    if !behavior.blocking || behavior.concurrency == Limit::Unbounded {
        return Vec::new();
    }
    let waits = |id: &CallId| !run.architecture.call(*id).behavior.asynchronous;
    let held = |id| held_worker_loop(run, call, retry, station, id);
    run.architecture.calls_of(station).filter(waits).map(held).collect()
}

fn held_worker_loop(run: Run, cause: CallId, retry: RetryPolicy, station: StationId, call: CallId) -> FoundLoop {
    let relation = run.architecture.call(cause);
    let holder = &run.architecture.station(station).path;
    let callee = &run.architecture.station(run.architecture.call(call).to).path;
    let path = vec![
        format!("latency of {callee}"),
        format!("busy workers of {holder}"),
        format!("queue of {holder}"),
        format!("timeouts of {}", relation.path),
        format!("attempts of {}", relation.path),
        format!("load on {callee}"),
    ];
    let is_held = |at: usize| station_window(run, at, station)[2] >= HELD;
    let gains: Vec<f64> = retry_gains(run, cause, retry)
        .into_iter()
        .zip(run.measured_seconds())
        .map(|(gain, at)| if is_held(at) { gain } else { 0.0 })
        .collect();
    with_potential(series_loop(run, LoopKind::Reinforcing, Mechanism::HeldWorkers, path, &gains, Some(cause)), retry)
}

fn station_window(run: Run, at: usize, station: StationId) -> [f64; 3] {
    run.measures.windows[at].stations.get(station.index()).copied().unwrap_or_default()
}

/// A loop from its gain in each measured second.
fn series_loop(
    run: Run,
    kind: LoopKind,
    mechanism: Mechanism,
    path: Vec<String>,
    gains: &[f64],
    cause: Option<CallId>,
) -> FoundLoop {
    let start = run.measured_seconds().start;
    let active = gains.iter().filter(|g| **g >= ACTIVE).count();
    FoundLoop {
        id: Arc::from(""),
        kind,
        path,
        gain: mean(gains.iter().copied()),
        active_share: ratio(active as f64, gains.len() as f64, 0.0),
        first_active: gains.iter().position(|g| *g >= ACTIVE).map(|n| (start + n) as f64),
        peak_gain: gains.iter().copied().fold(0.0, f64::max),
        mechanism,
        excess: mean(gains.iter().map(|g| (g - 1.0).max(0.0))),
        potential: 0.0,
        cause,
        declared: None,
    }
}

fn balancing(run: Run) -> Vec<FoundLoop> {
    let calls = call_ids(run.architecture).flat_map(|id| [breaker_loop(run, id), budget_loop(run, id)]);
    let stations = station_ids(run.architecture)
        .flat_map(|id| [shedding_loop(run, id), rate_limit_loop(run, id), autoscaling_loop(run, id)]);
    calls.chain(stations).flatten().collect()
}

/// A breaker takes away the attempts it refuses while it is open.
fn breaker_loop(run: Run, call: CallId) -> Option<FoundLoop> {
    let relation = run.architecture.call(call);
    relation.behavior.breaker?;
    let path = vec![
        format!("failures of {}", relation.path),
        format!("open breaker of {}", relation.path),
        format!("attempts of {}", relation.path),
    ];
    let measures = run.relation(call).cloned().unwrap_or_default();
    let refused = ratio(measures.refused as f64, measures.attempts as f64, 0.0);
    Some(FoundLoop {
        gain: refused,
        peak_gain: refused,
        active_share: measures.breaker_open_share.clamp(0.0, 1.0),
        ..series_loop(run, LoopKind::Balancing, Mechanism::Breaker, path, &[], None)
    })
}

/// A retry budget takes away the retries of attempts that timed out.
fn budget_loop(run: Run, call: CallId) -> Option<FoundLoop> {
    let relation = run.architecture.call(call);
    relation.behavior.retry.filter(|r| r.count > 0)?.budget?;
    let path = vec![
        format!("retries of {}", relation.path),
        format!("budget of {}", relation.path),
        format!("attempts of {}", relation.path),
    ];
    let withheld = |at: usize| {
        let [first, attempts, timeouts] = run.measures.windows[at].calls.get(call.index()).copied().unwrap_or_default();
        1.0 - ratio(attempts - first, timeouts, 1.0)
    };
    let gains: Vec<f64> = run.measured_seconds().map(withheld).collect();
    Some(series_loop(run, LoopKind::Balancing, Mechanism::RetryBudget, path, &gains, None))
}

/// Shedding takes away arrivals; when, follows from the rule and the state of each second.
fn shedding_loop(run: Run, station: StationId) -> Option<FoundLoop> {
    let rule = run.architecture.station(station).behavior.shed?;
    let name = &run.architecture.station(station).path;
    let path = vec![format!("queue of {name}"), format!("refusals of {name}"), format!("load on {name}")];
    let rejected = rejected_share(run, station);
    let sheds = |at: usize| if sheds_in(run, station, rule, at) { rejected.max(ACTIVE) } else { 0.0 };
    let gains: Vec<f64> = run.measured_seconds().map(sheds).collect();
    Some(FoundLoop { gain: rejected, ..series_loop(run, LoopKind::Balancing, Mechanism::Shedding, path, &gains, None) })
}

fn rejected_share(run: Run, station: StationId) -> f64 {
    run.element(station).map_or(0.0, |e| ratio(e.rejected as f64, e.arrivals as f64, 0.0))
}

fn sheds_in(run: Run, station: StationId, rule: ShedRule, at: usize) -> bool {
    let [queue, _, utilization] = station_window(run, at, station);
    let behavior = &run.architecture.station(station).behavior;
    match (rule, behavior.queue) {
        (ShedRule::Utilization(share), _) => utilization > share,
        (ShedRule::QueueLength(length), _) => queue > f64::from(length),
        (ShedRule::QueueShare(share), Limit::At(places)) => {
            queue > share * f64::from(places) * f64::from(behavior.all_replicas())
        }
        (ShedRule::QueueShare(_), Limit::Unbounded) => false,
    }
}

fn rate_limit_loop(run: Run, station: StationId) -> Option<FoundLoop> {
    run.architecture.station(station).behavior.rate_limit?;
    let name = &run.architecture.station(station).path;
    let path = vec![format!("load on {name}"), format!("tokens of {name}"), format!("refusals of {name}")];
    let gain = rejected_share(run, station);
    let gains = vec![gain; run.measured_seconds().len()];
    Some(FoundLoop {
        first_active: None,
        ..series_loop(run, LoopKind::Balancing, Mechanism::RateLimit, path, &gains, None)
    })
}

/// Autoscaling takes utilisation away by adding replicas: workers present over workers at the start.
fn autoscaling_loop(run: Run, station: StationId) -> Option<FoundLoop> {
    let behavior = &run.architecture.station(station).behavior;
    behavior.autoscale?;
    let Limit::At(workers) = behavior.concurrency else { return None };
    let name = &run.architecture.station(station).path;
    let path = vec![format!("utilization of {name}"), format!("replicas of {name}"), format!("capacity of {name}")];
    let at_start = f64::from(workers) * f64::from(behavior.all_replicas());
    let change = |at: usize| {
        let [_, busy, utilization] = station_window(run, at, station);
        if utilization > 0.0 { (1.0 - at_start / (busy / utilization).max(1e-9)).clamp(0.0, 1.0) } else { 0.0 }
    };
    let gains: Vec<f64> = run.measured_seconds().map(change).collect();
    Some(series_loop(run, LoopKind::Balancing, Mechanism::Autoscaling, path, &gains, None))
}

/// A declared loop is held against the found ones that run through at least two of its parts (or its only one).
fn check_declared(run: Run, declared: &DeclaredLoop, found: &[FoundLoop]) -> FoundLoop {
    let names: Vec<&str> = declared.path.iter().filter_map(|part| station_named(run.architecture, part)).collect();
    let touches = |l: &&FoundLoop| {
        let through = names.iter().filter(|name| l.path.iter().any(|part| mentions(part, name))).count();
        through > 0 && through >= names.len().min(2)
    };
    let touching: Vec<&FoundLoop> = found.iter().filter(touches).collect();
    let same: Vec<&&FoundLoop> = touching.iter().filter(|l| l.kind == declared.kind).collect();
    let best = same.iter().max_by(|a, b| a.active_share.total_cmp(&b.active_share));
    let verdict = match best {
        Some(found) if found.is_active() => DeclaredVerdict::Confirmed,
        None if touching.iter().any(|l| l.is_active()) => DeclaredVerdict::Refuted,
        _ => DeclaredVerdict::CannotTell,
    };
    let path = declared.path.iter().map(ToString::to_string).collect();
    let blank = series_loop(run, declared.kind, Mechanism::Declared, path, &[], None);
    let (gain, active_share, first_active, peak_gain) =
        best.map_or((0.0, 0.0, None, 0.0), |l| (l.gain, l.active_share, l.first_active, l.peak_gain));
    FoundLoop { id: declared.id.clone(), gain, active_share, first_active, peak_gain, declared: Some(verdict), ..blank }
}

/// Full path of the station that a part of a declared loop names: by path, last part of it or title.
fn station_named<'a>(architecture: &'a Architecture, part: &str) -> Option<&'a str> {
    let names_it = |path: &str, title: &str| {
        path == part || title.eq_ignore_ascii_case(part) || path.rsplit('.').next() == Some(part)
    };
    let station = architecture.stations.iter().find(|s| names_it(&s.path, &architecture.element(s.element).title))?;
    Some(&station.path)
}

/// Whether a part such as `attempts of Shop.Api->Shop.Db` speaks of an element.
fn mentions(part: &str, element: &str) -> bool {
    part.split([' ', '>']).any(|word| word.trim_end_matches('-') == element)
}
