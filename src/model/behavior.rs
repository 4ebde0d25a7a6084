//! How stations, calls, queues and request types behave: the attributes of the language as values.

use super::Dist;
use crate::quantity::Duration;
use serde::{Deserialize, Serialize};

/// A number with "unbounded" as one of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Limit {
    /// At most so many.
    At(u32),
    /// No limit.
    Unbounded,
}

impl Limit {
    /// Whether `count` things are within it.
    pub fn admits(self, count: u64) -> bool {
        match self {
            Self::At(limit) => count <= u64::from(limit),
            Self::Unbounded => true,
        }
    }
}

/// Behavior of a station: something that serves requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationBehavior {
    /// Own work of a request, by worker, without its calls.
    pub service_time: Dist,
    /// Replicas at the start.
    pub replicas: u32,
    /// Workers of each replica.
    pub concurrency: Limit,
    /// Waiting places of each replica; those in service not counted.
    pub queue: Limit,
    /// Who is served next.
    pub discipline: Discipline,
    /// Whether a worker is held while it waits for its own calls.
    pub blocking: bool,
    /// Share of requests that fail on their own (after their service).
    pub errors: f64,
    /// Replica failures as a random process.
    pub failures: Option<Failures>,
    /// The availability that was given instead of a time to failure, which then follows the time to repair.
    pub availability: Option<f64>,
    /// Time that a replica needs before it serves.
    pub startup: Duration,
    /// Cost of running and of calling it.
    pub cost: Cost,
    /// Answers without calling on.
    pub cache: Option<CachePolicy>,
    /// Token bucket in front of it.
    pub rate_limit: Option<RateLimit>,
    /// Refuses work early.
    pub shed: Option<ShedRule>,
    /// How callers spread over its replicas.
    pub balance: Balance,
    /// How fast callers learn of a dead replica.
    pub discovery: Option<Discovery>,
    /// How long a request waits in its queue before it gives up.
    pub patience: Option<Dist>,
    /// Service grows with what is in flight.
    pub slowdown: Option<Slowdown>,
    /// Time to reach full speed after a start.
    pub warmup: Duration,
    /// Skips work whose caller has given up.
    pub deadline_propagation: bool,
    /// Identical cache misses share one call.
    pub coalesce: bool,
    /// Data split by key.
    pub shards: Option<Shards>,
    /// Copies of the data.
    pub replication: Option<Replication>,
    /// Adds and removes replicas.
    pub autoscale: Option<Autoscale>,
    /// Delivery attributes, for queues.
    pub queue_behavior: QueueBehavior,
}

impl StationBehavior {
    /// Parts into which the data is split; 1 without `shards`.
    pub fn shard_count(&self) -> u32 {
        self.shards.map_or(1, |shards| shards.count.max(1))
    }

    /// Replicas at the start, of all shards.
    pub fn all_replicas(&self) -> u32 {
        self.replicas.saturating_mul(self.shard_count())
    }
}

/// Who is served next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Discipline {
    /// First come, first served.
    Fifo,
    /// Last come, first served.
    Lifo,
    /// All present share the workers.
    ProcessorSharing,
    /// By the request type's priority, first come first served within.
    Priority,
    /// Controlled delay: drops from the head while the wait stays above its target.
    Codel,
}

/// Failures of a replica as a random process, both times exponential.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Failures {
    /// Mean time to failure.
    pub mttf: Duration,
    /// Mean time to repair.
    pub mttr: Duration,
    /// How many replicas can be repaired at once; 0 is any number.
    pub repair_crews: u32,
}

impl Failures {
    /// Share of time that a replica is up: A = MTTF/(MTTF+MTTR), with a crew for each.
    pub fn availability(self) -> f64 {
        let (up, down) = (self.mttf.seconds(), self.mttr.seconds());
        if up + down > 0.0 { up / (up + down) } else { 1.0 }
    }

    /// The MTTF that gives this availability: A = MTTF/(MTTF+MTTR). With 100 % it is longer than any run.
    pub fn mttf_of(availability: f64, mttr: Duration) -> Duration {
        let seconds = mttr.seconds() * availability / (1.0 - availability);
        Duration::from_seconds(seconds).unwrap_or(Duration(u64::MAX))
    }
}

/// What it costs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// USD for a replica-hour; `None` when nobody said.
    pub per_replica_hour: Option<f64>,
    /// USD for a call; `None` when nobody said.
    pub per_call: Option<f64>,
}

/// A cache in front of a station's own calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CachePolicy {
    /// What decides about hit or miss.
    pub mode: CacheMode,
    /// Service time of a hit (replaces `service_time`; no calls follow).
    pub hit_time: Dist,
}

/// What decides about hit or miss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CacheMode {
    /// An independent draw for each request.
    HitRatio(f64),
    /// Least recently used of so many entries.
    Lru {
        /// Entries.
        entries: u32,
        /// How keys are asked for.
        keys: KeyPopularity,
        /// How long an entry lives.
        ttl: Option<Duration>,
    },
}

/// Zipf popularity: key k of n is asked for with probability proportional to 1/k^s.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KeyPopularity {
    /// Exponent; 0 is uniform.
    pub exponent: f64,
    /// Number of keys.
    pub keys: u32,
}

/// Token bucket: tokens accrue continuously, a request takes one whole token or is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Tokens a second.
    pub rate: f64,
    /// Most tokens held; full at the start.
    pub burst: f64,
}

/// When a station refuses work that it could still queue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ShedRule {
    /// More than this share of the queue's places taken.
    QueueShare(f64),
    /// More than so many waiting.
    QueueLength(u32),
    /// More than this share of the workers busy.
    Utilization(f64),
}

/// How callers spread over replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Balance {
    /// In turn.
    RoundRobin,
    /// Independently at random.
    Random,
    /// The one with the fewest requests present (waiting and in service).
    LeastConnections,
    /// The better of two drawn at random.
    PowerOfTwo,
    /// In turn, in proportion to the workers of each replica. Those of one station are all alike: plainly in turn.
    Weighted,
    /// By the request's key.
    ConsistentHash,
}

/// How long a dead replica still gets traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// Time between health checks.
    pub interval: Duration,
    /// How long callers keep an endpoint they know.
    pub ttl: Duration,
}

/// Service time that grows with the n requests in flight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Slowdown {
    /// Adds `per_request` for each other request in flight, seconds.
    Linear(f64),
    /// Multiplies by exp(rate × (n-1)).
    Exponential(f64),
}

/// Data split over so many shards by key.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shards {
    /// How many.
    pub count: u32,
    /// How keys are asked for.
    pub keys: KeyPopularity,
}

/// Copies of the data; reads of a lagging copy are stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replication {
    /// Copies that a write waits for.
    pub sync: u32,
    /// How far the others are behind.
    pub lag: Duration,
}

/// Adds and removes replicas (the Kubernetes HPA rule).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Autoscale {
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// Utilisation it aims at, a share.
    pub target: f64,
    /// Time between decisions.
    pub interval: Duration,
    /// Wait after a decision to remove.
    pub cooldown: Duration,
}

/// Delivery attributes of an asynchronous element.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QueueBehavior {
    /// Whether a failed message comes back.
    pub delivery: Delivery,
    /// How long a delivered message stays hidden; it comes back after that.
    pub visibility: Duration,
    /// Deliveries before a message counts as dead.
    pub max_deliveries: u32,
    /// Where dead messages go.
    pub dead_letter: Option<super::StationId>,
    /// Messages it holds.
    pub capacity: Limit,
    /// Time between arrival and first delivery.
    pub lag: Duration,
}

/// Delivery guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivery {
    /// Redelivered until done or dead.
    AtLeastOnce,
    /// Delivered once, done or not.
    AtMostOnce,
}

/// Behavior of a call: a relation between stations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallBehavior {
    /// Network time of the request and again of the reply, seconds.
    pub latency: Dist,
    /// Share of calls lost on the way.
    pub loss: f64,
    /// How long the caller waits for one attempt: network, queue, service and deeper layers.
    pub timeout: Option<Duration>,
    /// Whether a timeout also cancels the work at the callee.
    pub cancel: bool,
    /// Calls made one after the other for one request.
    pub calls: u32,
    /// Whether it changes data.
    pub write: bool,
    /// Chance that a request makes this call at all.
    pub probability: f64,
    /// Runs beside its neighbouring parallel calls; all are joined.
    pub parallel: bool,
    /// Sent, not waited for.
    pub asynchronous: bool,
    /// Share of a source's load, relative to its other relations.
    pub weight: f64,
    /// Further attempts.
    pub retry: Option<RetryPolicy>,
    /// Stops calling what fails.
    pub breaker: Option<Breaker>,
    /// Connections, waited for.
    pub pool: Option<Pool>,
    /// Concurrent calls, refused beyond.
    pub bulkhead: Option<u32>,
    /// A second attempt beside the first.
    pub hedge: Option<Hedge>,
    /// Called instead when the call has failed for good.
    pub fallback: Option<super::StationId>,
}

impl Default for CallBehavior {
    /// A plain local call: no network time, no limit, no retry.
    fn default() -> Self {
        Self {
            latency: Dist::ZERO,
            loss: 0.0,
            timeout: None,
            cancel: false,
            calls: 1,
            write: false,
            probability: 1.0,
            parallel: false,
            asynchronous: false,
            weight: 1.0,
            retry: None,
            breaker: None,
            pool: None,
            bulkhead: None,
            hedge: None,
            fallback: None,
        }
    }
}

/// Further attempts after the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Attempts after the first: `retry 3` makes up to four.
    pub count: u32,
    /// Wait before each.
    pub backoff: Backoff,
    /// Randomness of the wait.
    pub jitter: Jitter,
    /// Retries allowed for each first attempt: each adds this share of a token, a retry takes one.
    pub budget: Option<f64>,
    /// What is tried again.
    pub on: RetryOn,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { count: 0, backoff: Backoff::None, jitter: Jitter::None, budget: None, on: RetryOn::default() }
    }
}

/// Wait before retry i = 0, 1, 2 …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Backoff {
    /// At once.
    None,
    /// Always as long.
    Constant(Duration),
    /// base × (i + 1), at most max.
    Linear {
        /// First wait.
        base: Duration,
        /// Longest wait.
        max: Duration,
    },
    /// base × factor^i, at most max.
    Exponential {
        /// First wait.
        base: Duration,
        /// Growth in thousandths: 2x is 2000.
        factor_milli: u32,
        /// Longest wait.
        max: Duration,
    },
}

/// Randomness of a wait w (Brooker, Exponential Backoff and Jitter, 2015).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Jitter {
    /// w itself.
    None,
    /// Uniform on [0, w].
    Full,
    /// w/2 plus uniform on [0, w/2].
    Equal,
    /// min(max, uniform on [base, 3 × the previous wait]).
    Decorrelated,
}

/// Which outcomes of a call are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryOn {
    /// The caller gave up waiting.
    pub timeout: bool,
    /// The callee answered with an error, or the call was lost.
    pub error: bool,
    /// The callee refused it: queue full, rate limit, shed.
    pub rejected: bool,
}

impl Default for RetryOn {
    fn default() -> Self {
        Self { timeout: true, error: true, rejected: true }
    }
}

/// A circuit breaker of each caller replica and relation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Breaker {
    /// When it opens.
    pub trip: BreakerTrip,
    /// How long it stays open before it lets probes through.
    pub open: Duration,
    /// Probes let through when half open; all must succeed.
    pub half_open: u32,
}

/// When a closed breaker opens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum BreakerTrip {
    /// So many failures in a row.
    Consecutive(u32),
    /// This share of failures within the sliding window, once it holds enough calls.
    ErrorShare {
        /// Share of failures that opens it.
        share: f64,
        /// Length of the window.
        window: Duration,
        /// Calls in the window before it may open.
        min_calls: u32,
    },
}

/// A pool of connections: a call without one waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Connections of each caller replica.
    pub size: u32,
    /// How long a call waits for one before it fails; `None` waits without limit.
    pub wait: Option<Duration>,
}

/// When a second attempt is sent beside the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Hedge {
    /// After this quantile of the latencies seen so far.
    AfterQuantile(f64),
    /// After a fixed time.
    After(Duration),
}

/// Behavior of a request type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RequestBehavior {
    /// Higher is served first at stations with `discipline priority`.
    pub priority: i32,
    /// Interrupts lower priorities in service.
    pub preempt: bool,
}

/// How requests arrive at a given mean rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Arrivals {
    /// Poisson process.
    Poisson,
    /// Evenly spaced.
    Constant,
    /// Erlang-k gaps.
    Erlang(u32),
    /// Hyperexponential gaps with balanced means and this coefficient of variation.
    Hyperexponential {
        /// Standard deviation over mean of a gap.
        cv: f64,
    },
    /// Markov-modulated Poisson process of two states; its rates replace the load.
    Mmpp {
        /// Rate in the first state, 1/s.
        low: f64,
        /// Rate in the second state, 1/s.
        high: f64,
        /// Rate of leaving either state, 1/s.
        switch: f64,
    },
    /// Poisson batches of geometric size with this mean.
    BatchGeometric(f64),
    /// Poisson batches of this size.
    BatchFixed(u32),
    /// Exact instants in seconds, ascending; each one request.
    Trace(std::sync::Arc<[f64]>),
}
