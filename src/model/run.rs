//! What happens to an architecture in one run: the load, the faults, the length.

use super::{
    Architecture, CallId, Condition, Dist, DomainId, Expectation, Place, RequestTypeId, SourceId, StationId, Value,
};
use crate::quantity::{Duration, SimTime};
use crate::schema::Key;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The conditions of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunConfig {
    /// Time in which requests arrive, warm-up included; those under way at its end are followed to their end.
    pub duration: Duration,
    /// Time at the start that is not measured; `None`: at least a tenth, more where the run itself asks for it (MSER-5).
    pub warmup: Option<Duration>,
    /// Whether `warmup` was found from an earlier pass over the same run, not given.
    pub warmup_found: bool,
    /// Independent repetitions, at least 1.
    pub replications: u32,
    /// Repeats until an interval is narrow enough instead.
    pub precision: Option<Precision>,
    /// Names the random streams.
    pub seed: u64,
    /// Who asks how often for what.
    pub workload: Workload,
    /// Share of requests that fail at every station, besides its own errors.
    pub failures: f64,
    /// Network time added to every call, each way.
    pub latency: Duration,
    /// Faults.
    pub chaos: Vec<ChaosEvent>,
    /// What should hold, `slo` blocks included.
    pub expectations: Vec<Expectation>,
    /// Most requests in flight before the run ends as partial.
    pub max_in_flight: u64,
    /// Most events before the run ends as partial.
    pub max_events: u64,
}

impl Default for RunConfig {
    /// A minute without load.
    fn default() -> Self {
        Self {
            duration: Duration(60_000_000_000),
            warmup: None,
            warmup_found: false,
            replications: 1,
            precision: None,
            seed: 1,
            workload: Workload { load: LoadProfile::constant(0.0), users: None, mix: Vec::new() },
            failures: 0.0,
            latency: Duration::ZERO,
            chaos: Vec::new(),
            expectations: Vec::new(),
            max_in_flight: 2_000_000,
            max_events: 20_000_000_000,
        }
    }
}

/// Fewest replications that `precision` decides by: with fewer, the spread itself is mostly chance.
const LEAST_FOR_PRECISION: u32 = 5;

impl RunConfig {
    /// Time at the start that is not measured, at least.
    pub fn least_warmup(&self) -> Duration {
        self.warmup.unwrap_or(Duration(self.duration.0 / 10)).min(self.duration)
    }

    /// Replications after which it is decided for the first time whether there are enough.
    pub fn first_replications(&self) -> u32 {
        let wanted = self.replications.max(1);
        self.precision.map_or(wanted, |p| wanted.max(LEAST_FOR_PRECISION).min(p.max_replications.max(1)))
    }

    /// Whether nothing but chance changes over time: one load, no fault, nothing that breaks down.
    pub fn is_steady(&self, architecture: &Architecture) -> bool {
        let points = &self.workload.load.points;
        let is_constant = points.iter().all(|point| point.rate == points[0].rate);
        is_constant && self.chaos.is_empty() && architecture.stations.iter().all(|s| s.behavior.failures.is_none())
    }
}

/// Repeat until the 95 % interval of mean latency is at most this share of it wide on either side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Precision {
    /// Relative half-width, such as 0.02.
    pub relative: f64,
    /// Most replications.
    pub max_replications: u32,
}

impl Precision {
    /// Most replications when nobody says otherwise.
    pub const BUDGET: u32 = 1000;
}

/// Who asks how often for what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// Offered load of all sources together over time (open loop).
    pub load: LoadProfile,
    /// Closed loop instead: so many users with this think time.
    pub users: Option<(u32, Dist)>,
    /// Share of each request type, in any scale; empty: the model's own weights.
    pub mix: Vec<(RequestTypeId, f64)>,
}

/// Offered load over time: linear between points, constant before the first and after the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadProfile {
    /// Points in order of time; two at one instant are a step.
    pub points: Vec<LoadSegment>,
}

/// One point of a load profile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LoadSegment {
    /// When.
    pub at: SimTime,
    /// Requests a second.
    pub rate: f64,
}

impl LoadProfile {
    /// Always the same rate.
    pub fn constant(rate: f64) -> Self {
        Self { points: vec![LoadSegment { at: SimTime::ZERO, rate }] }
    }

    /// Rate at an instant; at a step the later value.
    pub fn rate(&self, at: SimTime) -> f64 {
        let next = self.points.partition_point(|p| p.at <= at);
        let Some(before) = next.checked_sub(1).map(|n| self.points[n]) else {
            return self.points.first().map_or(0.0, |p| p.rate);
        };
        match self.points.get(next) {
            None => before.rate,
            Some(after) => {
                let part = at.since(before.at).seconds() / after.at.since(before.at).seconds();
                before.rate + (after.rate - before.rate) * part
            }
        }
    }

    /// Highest rate.
    pub fn peak(&self) -> f64 {
        self.points.iter().map(|p| p.rate).fold(0.0, f64::max)
    }

    /// Mean rate over `[0, until)`.
    pub fn mean(&self, until: Duration) -> f64 {
        if until == Duration::ZERO {
            return self.rate(SimTime::ZERO);
        }
        let end = SimTime::ZERO + until;
        let mut cuts: Vec<SimTime> =
            self.points.iter().map(|p| p.at).filter(|at| *at > SimTime::ZERO && *at < end).collect();
        cuts.insert(0, SimTime::ZERO);
        cuts.push(end);
        let area = |pair: &[SimTime]| {
            // Just before the right edge: a step there belongs to the next piece.
            let (left, right) = (self.rate(pair[0]), self.rate(SimTime(pair[1].0.saturating_sub(1).max(pair[0].0))));
            (left + right) / 2.0 * pair[1].since(pair[0]).seconds()
        };
        cuts.windows(2).map(area).sum::<f64>() / until.seconds()
    }
}

/// A fault of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChaosEvent {
    /// As written, with the values of this run: shown in reports.
    pub text: Arc<str>,
    /// What happens.
    pub action: ChaosAction,
    /// When.
    pub timing: Timing,
    /// How it goes about it.
    pub manner: Manner,
}

/// How a fault goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Manner {
    /// What is restarted ends what it has.
    pub graceful: bool,
    /// What is started again has nothing in its caches.
    pub cold: bool,
}

/// When a fault begins and ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// What starts it.
    pub trigger: Trigger,
    /// How long it lasts; `None`: to the end of the run. It holds on [start, start + length).
    pub length: Option<Duration>,
    /// Comes again every so often.
    pub every: Option<Duration>,
    /// Grows to full strength over this time.
    pub ramp: Duration,
}

/// What starts a fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Trigger {
    /// An instant.
    At(SimTime),
    /// Again and again, both times exponential.
    Random {
        /// Mean time between.
        mttf: Duration,
        /// Mean length.
        mttr: Duration,
    },
    /// A condition that has held for so long.
    When {
        /// The condition.
        condition: Condition,
        /// How long it must have held.
        hold: Duration,
        /// Again each time it becomes true.
        every_time: bool,
    },
}

/// Which stations, and how many of their replicas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ElementSet {
    /// The stations.
    pub stations: Vec<StationId>,
    /// Only so many replicas of each (the first that are up); `None`: all.
    pub replicas: Option<Part>,
    /// Only so many of the stations, drawn by the seed; `None`: all.
    pub any: Option<Part>,
}

/// How many of several.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// So many.
    Count(u32),
    /// This share of them, rounded up.
    Share(f64),
}

impl Part {
    /// How many of `all`.
    pub fn of(self, all: usize) -> usize {
        match self {
            Self::Count(count) => (count as usize).min(all),
            // A tenth of ten is one, whatever its last binary digit says.
            Self::Share(share) => ((share * all as f64 - 1e-9).ceil().max(0.0) as usize).min(all),
        }
    }
}

/// Which relations, and which way messages are cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkSet {
    /// (relation, requests are hit, replies are hit).
    pub links: Vec<(CallId, bool, bool)>,
    /// Only half of them, drawn by the seed.
    pub half: bool,
}

/// What is healed. There may be nothing of it: a zone in which nothing is placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Healed {
    /// The stations.
    pub stations: ElementSet,
    /// The sources.
    pub sources: Vec<SourceId>,
    /// The relations.
    pub links: LinkSet,
}

/// What a fault is aimed at: kept for displays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ChaosTarget {
    /// Stations.
    Elements(ElementSet),
    /// Relations.
    Links(LinkSet),
    /// The load.
    Load,
}

/// How much slower.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Strength {
    /// Times this …
    pub factor: f64,
    /// … plus this, seconds.
    pub add: f64,
}

/// What a fault does between its two instants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ChaosAction {
    /// Replicas are gone: what is in service fails at once, what waits fails (or is redelivered from queues).
    Kill(ElementSet),
    /// Killed, and started again after this time plus the station's startup.
    Restart(ElementSet, Duration),
    /// Serves nothing; what is there stays and goes on afterwards.
    Pause(ElementSet),
    /// Service takes longer.
    Slow(ElementSet, Strength),
    /// This share of requests fails.
    Fail(ElementSet, f64),
    /// This share of messages is lost.
    Cut(LinkSet, f64),
    /// Messages take longer: seconds and jitter (uniform ± jitter).
    Delay(LinkSet, f64, f64),
    /// At most this rate is admitted.
    Throttle(ElementSet, f64),
    /// An attribute takes another value.
    Set(Place, Key, Value),
    /// An attribute is multiplied by this factor.
    Multiply(Place, Key, f64),
    /// An attribute, in base units, grows by so much; not below zero.
    Add(Place, Key, f64),
    /// The load is multiplied by this factor.
    Surge(f64),
    /// Another number of replicas.
    Scale(ElementSet, u32),
    /// Caches are empty. A hit ratio rises back linearly over the length of the fault; without one over the station's
    /// warm-up, or a minute.
    ClearCache(ElementSet),
    /// The primaries are gone until others are elected: after the length of the fault, or half a minute.
    Failover(ElementSet),
    /// This share of requests asks for the most popular key.
    HotKey(ElementSet, f64),
    /// Callers get no further connections of these relations.
    DrainPool(LinkSet),
    /// Memory fills up along the ramp: service slows down; then the replicas are gone.
    FillMemory(ElementSet),
    /// Writes fail.
    FillDisk(ElementSet),
    /// This share of memory is lost each second: service slows down, then the replicas are killed and start again.
    Leak(ElementSet, f64),
    /// Replicas restart one after the other; then these attributes hold. Of some replicas only: for those that are back.
    Deploy(ElementSet, Vec<(Place, Key, Value)>),
    /// Everything placed in a domain is gone.
    Outage(DomainId),
    /// Takes no new work, ends what it has, and is killed after this time.
    Stop(ElementSet, Duration),
    /// Never answers: neither what is there nor what comes.
    Hang(ElementSet),
    /// This share of messages arrives twice.
    Duplicate(LinkSet, f64),
    /// This share of messages arrives so much later, seconds.
    Reorder(LinkSet, f64, f64),
    /// Queues deliver nothing.
    StopConsumers(ElementSet),
    /// This share of the messages that queues accept fails in every delivery.
    Poison(ElementSet, f64),
    /// Autoscalers decide nothing.
    FreezeScaling(ElementSet),
    /// No further replicas can be had.
    Quota(ElementSet),
    /// Ends the faults that hit one of these; all of them where none is named.
    Heal(Option<Healed>),
}
