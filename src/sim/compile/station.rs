//! What a station does, in ns.

use super::either;
use crate::model::{
    Balance, CacheMode, Discipline, Discovery, Failures, Limit, QueueBehavior, RateLimit, Replication, RunConfig,
    ShedRule, Slowdown, StationBehavior,
};
use crate::sim::rng::Sampler;
use serde::{Deserialize, Serialize};

/// A station, compiled. Compiled again whenever a fault sets one of its attributes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(C)]
pub(crate) struct StationParams {
    /// Own work of a request.
    pub service: Sampler,
    /// Workers of each replica; `u32::MAX` is no limit.
    pub workers: u32,
    /// Waiting places of each replica; `u32::MAX` is no limit.
    pub places: u32,
    /// Who is next.
    pub discipline: Discipline,
    /// Whether a worker is held during calls.
    pub blocking: bool,
    /// Share of requests that fail, the run's own share included.
    pub errors: f64,
    /// Random failures of replicas.
    pub failures: Option<Failures>,
    /// Time from start to service.
    pub startup: u64,
    /// How callers learn of replicas.
    pub discovery: Option<Discovery>,
    /// Copies of the data.
    pub replication: Option<Replication>,
    /// Parts of the data, each with its own replicas.
    pub shards: u32,
    /// Whether callers choose among fewer replicas than all that are up: by one of these.
    pub routed: bool,
    /// Time from start to warmth.
    pub warmup: u64,
    /// Answers without calling on.
    pub cache: Option<CacheParams>,
    /// Misses of one key share a fetch.
    pub coalesce: bool,
    /// Token bucket.
    pub rate: Option<RateLimit>,
    /// Early refusal.
    pub shed: Option<ShedRule>,
    /// How callers spread.
    pub balance: Balance,
    /// How long a request waits at most.
    pub patience: Option<Sampler>,
    /// Service grows with what is present.
    pub slowdown: Option<Slowdown>,
    /// Skips work nobody waits for.
    pub deadline: bool,
    /// Delivery.
    pub queue: QueueBehavior,
    /// Replicas at the start.
    pub replicas: u32,
}

/// A cache, compiled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CacheParams {
    /// Share of hits, or an LRU.
    pub mode: CacheMode,
    /// Work of a hit.
    pub hit_time: Sampler,
}

impl StationParams {
    /// Compiles one station's behavior.
    pub fn new(b: &StationBehavior, config: &RunConfig) -> Self {
        let shards = b.shard_count();
        Self {
            service: Sampler::new(&b.service_time),
            workers: count(b.concurrency).max(1),
            places: count(b.queue),
            discipline: b.discipline,
            blocking: b.blocking,
            errors: either(b.errors, config.failures),
            failures: b.failures,
            startup: b.startup.0,
            discovery: b.discovery,
            replication: b.replication,
            shards,
            routed: b.discovery.is_some() || b.replication.is_some() || shards > 1,
            warmup: b.warmup.0,
            cache: b.cache.as_ref().map(|c| CacheParams { mode: c.mode.clone(), hit_time: Sampler::new(&c.hit_time) }),
            coalesce: b.coalesce,
            rate: b.rate_limit,
            shed: b.shed,
            balance: b.balance,
            patience: b.patience.as_ref().map(Sampler::new),
            slowdown: b.slowdown,
            deadline: b.deadline_propagation,
            queue: b.queue_behavior,
            replicas: b.replicas,
        }
    }
}

fn count(limit: Limit) -> u32 {
    match limit {
        Limit::At(n) => n,
        Limit::Unbounded => u32::MAX,
    }
}
