//! What a run yields: plain numbers in base units, ready to be ranked and reported.
//!
//! The engine produces them, `exec` sends them on, `analysis` and `report` read them; this layer
//! knows neither how they were simulated nor how they are shown. Maps are ordered by name, so that
//! their JSON is the same on every machine.

use crate::model::{Metric, MetricScope, RunConfig, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Raised whenever the engine gives another result for the same input, so that what was stored before
/// is not taken for what would come out now.
pub const ENGINE_VERSION: u32 = 1;

/// Everything measured in one run, over all of its replications.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunMeasures {
    /// How many replications were made.
    pub replications: u32,
    /// Why it ended early; the measures are then of what was simulated.
    pub partial: Option<Arc<str>>,
    /// External requests.
    pub metrics: TrafficMeasures,
    /// 95 % intervals over replications by metric path (`latency.mean`, `latency.p95`, `error_rate`, `goodput` …);
    /// none for a single replication unless batch means give one.
    pub ci95: BTreeMap<Arc<str>, [f64; 2]>,
    /// By path of the station.
    pub elements: BTreeMap<Arc<str>, ElementMeasures>,
    /// By path of the relation.
    pub relations: BTreeMap<Arc<str>, RelationMeasures>,
    /// By name of the request type.
    pub request_types: BTreeMap<Arc<str>, RequestMeasures>,
    /// One for each metric that an expectation asks for, in the order of [`crate::model::Expectation`]s and of terms within.
    pub probes: Vec<Probe>,
    /// One for each second of simulated time, warm-up included, means over replications.
    pub windows: Vec<WindowMeasures>,
    /// One for each replication, in order: for paired comparison.
    pub replicates: Vec<Replicate>,
    /// Faults as they happened: what, from when, until when, what was drawn.
    pub faults: Vec<FaultRecord>,
    /// Warm-up removed, seconds.
    pub warmup: f64,
    /// Where that comes from.
    pub warmup_rule: WarmupRule,
    /// What came of `precision`; `None`: a number of replications was asked for.
    pub precision: Option<PrecisionReached>,
    /// Measured time of one replication, seconds.
    pub measured: f64,
    /// Events simulated, all replications: arrivals, ends of service, messages that arrive, timeouts, faults … A timer
    /// that was set and is void when it expires is none; what happens at once, without time of its own, is none either.
    pub events: u64,
}

/// Where the length of a warm-up comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WarmupRule {
    /// Somebody gave it.
    Given,
    /// MSER-5 (White 1997) on the response times of the run: at least a tenth of it.
    Mser5,
    /// A tenth of the run: there is no steady state to find, or none was found in the first half.
    #[default]
    Assumed,
}

/// How narrow an interval was asked for, and became.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrecisionReached {
    /// Half the 95 % interval of mean latency over the mean, as asked for.
    pub target: f64,
    /// As it is; `None` without a mean.
    pub reached: Option<f64>,
    /// Whether that is narrow enough; if not, the budget of replications has ended.
    pub met: bool,
}

/// What a run needs after some of its replications.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Nothing: they are enough.
    Enough,
    /// So many replications in all.
    UpTo(u32),
    /// All of them anew, under these conditions.
    Again(Box<RunConfig>),
}

/// Requests of some traffic.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TrafficMeasures {
    /// External requests that arrived inside the measured window.
    pub offered: u64,
    /// Those that ended, whenever that was.
    pub requests: u64,
    /// … with a success.
    pub succeeded: u64,
    /// … with an error.
    pub failed: u64,
    /// … because the caller gave up.
    pub timed_out: u64,
    /// … refused: queue full, rate limit, shed, breaker, pool.
    pub shed: u64,
    /// Ended requests a second.
    pub throughput: f64,
    /// Successes a second.
    pub goodput: f64,
    /// Share of offered requests that did not succeed; one that had not ended when the run did counts.
    pub error_rate: f64,
    /// Share of offered requests that succeeded; 1 without any.
    pub availability: f64,
    /// Calls made by all attempts over calls first made; 1 without any.
    pub amplification: f64,
    /// What the external caller saw, successes only, seconds.
    pub latency: LatencyMeasures,
    /// Mean number of requests in flight.
    pub in_flight: f64,
    /// Still in flight when the run ended.
    pub in_flight_at_end: u64,
    /// Of requests that did not succeed, seconds.
    pub latency_failed: LatencyMeasures,
    /// Of all requests, seconds.
    pub latency_all: LatencyMeasures,
    /// In flight when arrivals stop, mean over replications.
    pub in_flight_at_stop: f64,
}

/// Response times in seconds; zero without any.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "their names say it")]
pub struct LatencyMeasures {
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    pub stddev: f64,
}

/// One station.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ElementMeasures {
    /// Calls that reached it, attempts included.
    pub arrivals: u64,
    /// Ended calls a second.
    pub throughput: f64,
    /// Busy over available workers.
    pub utilization: f64,
    /// Mean number of busy workers.
    pub busy: f64,
    /// Mean number waiting.
    pub queue_mean: f64,
    /// Most waiting.
    pub queue_max: u64,
    /// Mean wait of those accepted, seconds.
    pub wait_mean: f64,
    /// Median of that wait.
    pub wait_p50: f64,
    /// 95th percentile of that wait.
    pub wait_p95: f64,
    /// 99th percentile of that wait.
    pub wait_p99: f64,
    /// Longest of those waits.
    pub wait_max: f64,
    /// Standard deviation of that wait.
    pub wait_stddev: f64,
    /// Share of arrivals that found every worker busy.
    pub wait_probability: f64,
    /// Mean time from arrival to reply, its own calls included, successes only, seconds.
    pub response_mean: f64,
    /// Median of that time.
    pub response_p50: f64,
    /// 95th percentile of that time.
    pub response_p95: f64,
    /// 99th percentile of that time.
    pub response_p99: f64,
    /// Standard deviation of that time.
    pub response_stddev: f64,
    /// Mean own work of those that began, seconds.
    pub service_mean: f64,
    /// Standard deviation of that work.
    pub service_stddev: f64,
    /// Time-average number present: waiting, in service, or waiting for calls.
    pub in_system: f64,
    /// Standard deviation over time of the number present.
    pub in_system_stddev: f64,
    /// Share of time with 0, 1, 2 … present, up to 255; without the tail that never happened.
    pub in_system_shares: Vec<f64>,
    /// Seconds of measured time until nobody waited for the first time, mean over replications; none when one never drained.
    pub drained_after: Option<f64>,
    /// Calls that failed here on their own.
    pub errors: u64,
    /// Calls refused.
    pub rejected: u64,
    /// Work done for callers who had given up, in seconds of service.
    pub wasted: f64,
    /// Mean number of replicas up.
    pub replicas_mean: f64,
    /// Share of measured time with at least one replica up.
    pub up_share: f64,
    /// Growth of the number waiting over the measured time, 1/s: near 0 in a steady state.
    pub queue_growth: f64,
    /// Share of time with 0, 1, 2 … replicas up, up to 255.
    pub up_shares: Vec<f64>,
    /// Cache hits over cache look-ups; 0 without a cache.
    pub hit_ratio: f64,
    /// Messages dead after their last delivery; queues only.
    pub dead_letters: u64,
    /// Share of calls that went to a replica that was gone, by `discovery`.
    pub stale_endpoints: f64,
    /// At least so many calls found no replica up, or lost theirs while it was at work; counted where the number of
    /// replicas has changed.
    pub unavailable: u64,
    /// Reads; stations with copies only.
    pub reads: u64,
    /// Share of reads that did not see the last write; stations with copies only.
    pub stale_reads: f64,
    /// Writes answered and then lost with their primary.
    pub lost_writes: u64,
    /// Cost, USD per hour; 0 when no cost is given.
    pub cost: f64,
}

/// One relation.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RelationMeasures {
    /// Calls first made.
    pub calls: u64,
    /// Calls made, retries and second copies included.
    pub attempts: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Second copies of hedged calls.
    pub hedges: u64,
    /// Attempts that the caller gave up on.
    pub timeouts: u64,
    /// Attempts that failed otherwise.
    pub errors: u64,
    /// Attempts refused by breaker, pool or bulkhead.
    pub refused: u64,
    /// Share of measured time in which a breaker was open, over caller replicas.
    pub breaker_open_share: f64,
    /// Mean time of a call as its caller saw it, all attempts, successes only, seconds.
    pub latency_mean: f64,
    /// 95th percentile of that time.
    pub latency_p95: f64,
    /// 99th percentile of that time.
    pub latency_p99: f64,
}

/// One request type.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RequestMeasures {
    /// Those that ended.
    pub requests: u64,
    /// Share of those offered that did not succeed; one that had not ended when the run did counts.
    pub error_rate: f64,
    /// Response times, successes only.
    pub latency: LatencyMeasures,
    /// Times to failure, seconds.
    pub latency_failed: LatencyMeasures,
    /// Calls that undid completed steps because a later one had failed.
    pub compensations: u64,
}

/// A metric that an expectation asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Which metric.
    pub metric: Metric,
    /// Of what.
    pub scope: MetricScope,
    /// When: the window of its expectation.
    pub window: Window,
    /// Its value over that window, all replications; `NaN` when nothing was measured there.
    pub value: f64,
    /// 95 % interval of that value over replications; `None` for fewer than two, or where one of them has no value.
    pub ci95: Option<[f64; 2]>,
    /// Its value in each second of simulated time from the start; `NaN` where nothing was measured.
    pub series: Vec<f64>,
    /// In each second: what counts against an error budget, and all that could; empty without one.
    pub spent: Vec<[f64; 2]>,
}

/// One second of simulated time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct WindowMeasures {
    /// External requests that arrived.
    pub offered: f64,
    /// External requests that ended with a success.
    pub succeeded: f64,
    /// External requests that ended otherwise.
    pub failed: f64,
    /// In flight at its end.
    pub in_flight: f64,
    /// Whether any fault was active.
    pub disturbed: bool,
    /// By relation, in the order of the model: calls first made, attempts but for second copies of hedged calls, timeouts.
    pub calls: Vec<[f64; 3]>,
    /// By station, in the order of the model: mean queue, mean busy workers, utilisation.
    pub stations: Vec<[f64; 3]>,
}

/// The headline numbers of one replication.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "their names say it; seconds, shares and 1/s")]
pub struct Replicate {
    pub mean: f64,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub error_rate: f64,
    pub throughput: f64,
    pub goodput: f64,
    pub amplification: f64,
    /// USD an hour.
    #[serde(default)]
    pub cost: f64,
}

/// A fault as it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultRecord {
    /// As written, with what was drawn: `kill one of [A, B] (drawn: B)`.
    pub text: Arc<str>,
    /// Start, seconds.
    pub at: f64,
    /// End, seconds; the end of the run when it lasts.
    pub until: f64,
}
