//! Setting an attribute of a model by its key: the one place where a schema row meets a model field.

use super::{
    Architecture, Arrivals, Autoscale, Backoff, Balance, Breaker, BreakerTrip, CacheMode, CachePolicy, CallBehavior,
    CallId, Delivery, Discipline, Discovery, Dist, Failures, Hedge, Jitter, KeyPopularity, Limit, Pool, RateLimit,
    Replication, RequestTypeId, RetryOn, RetryPolicy, Shards, ShedRule, Slowdown, SourceId, StationBehavior, StationId,
};
use crate::quantity::Duration;
use crate::schema::Key;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A value of an attribute, typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Not there, whatever was given before.
    None,
    /// A number in base units: rates, shares, counts.
    Number(f64),
    /// A length of time.
    Duration(Duration),
    /// A distribution.
    Dist(Dist),
    /// A number, `none` (0) or `unbounded`.
    Limit(Limit),
    /// Present.
    Flag(bool),
    /// One of the attribute's words.
    Word(Arc<str>),
    /// Some of the attribute's words.
    Words(Vec<Arc<str>>),
    /// A backoff.
    Backoff(Backoff),
    /// Another station; `None`: nowhere.
    Station(Option<StationId>),
    /// USD an hour.
    CostPerHour(f64),
    /// USD a call.
    CostPerCall(f64),
    /// A shedding rule.
    Shed(ShedRule),
    /// A hedge.
    Hedge(Hedge),
    /// A slowdown.
    Slowdown(Slowdown),
    /// A popularity of keys.
    Keys(KeyPopularity),
    /// An arrival process.
    Arrivals(Arrivals),
}

/// Whose attribute it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// A station's.
    Station(StationId),
    /// A relation's.
    Call(CallId),
    /// A request type's.
    Request(RequestTypeId),
    /// A source's.
    Source(SourceId),
}

/// Why an attribute was not set: the attribute does not belong to such a place, or the value is of
/// another type. `sema` checks both, so that a user never sees it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("attribute {key:?} of {place:?} cannot take {value:?}")]
pub struct AssignError {
    /// Whose.
    pub place: Place,
    /// Which.
    pub key: Key,
    /// What.
    pub value: Value,
}

/// Sets one attribute.
///
/// # Errors
/// When the attribute does not describe such a place or the value has another type.
pub fn assign(architecture: &mut Architecture, place: Place, key: Key, value: &Value) -> Result<(), AssignError> {
    let done = match place {
        Place::Station(id) if *value == Value::None => {
            clear_station(&mut architecture.stations[id.index()].behavior, key)
        }
        Place::Call(id) if *value == Value::None => clear_call(&mut architecture.calls[id.index()].behavior, key),
        Place::Station(id) => assign_station(&mut architecture.stations[id.index()].behavior, key, value),
        Place::Call(id) if key == Key::Weight => weigh(architecture, id, value),
        Place::Call(id) => assign_call(&mut architecture.calls[id.index()].behavior, key, value),
        Place::Request(id) => assign_request(&mut architecture.request_types[id.index()].behavior, key, value),
        Place::Source(id) => assign_source(&mut architecture.sources[id.index()].arrivals, key, value),
    };
    done.ok_or_else(|| AssignError { place, key, value: value.clone() })
}

/// The request types that enter by a relation share its weight evenly.
fn weigh(architecture: &mut Architecture, entry: CallId, value: &Value) -> Option<()> {
    let weight = number(value)?;
    architecture.calls[entry.index()].behavior.weight = weight;
    let sharing = architecture.request_types.iter().filter(|request| request.entry == entry).count();
    let shared = architecture.request_types.iter_mut().filter(|request| request.entry == entry);
    shared.for_each(|request| request.weight = weight / sharing as f64);
    Some(())
}

fn assign_request(b: &mut super::RequestBehavior, key: Key, value: &Value) -> Option<()> {
    match key {
        Key::Priority => b.priority = number(value)? as i32,
        Key::Preempt => b.preempt = flag(value)?,
        _ => return None,
    }
    Some(())
}

fn assign_source(own: &mut Arrivals, key: Key, value: &Value) -> Option<()> {
    match (key, value) {
        (Key::Arrivals, Value::Arrivals(arrivals)) => *own = arrivals.clone(),
        _ => return None,
    }
    Some(())
}

/// Takes an attribute away; a group goes with its head.
fn clear_station(b: &mut StationBehavior, key: Key) -> Option<()> {
    match key {
        Key::Availability | Key::Mttf => (b.failures, b.availability) = (None, None),
        Key::Cost => b.cost = super::Cost::default(),
        Key::Cache => b.cache = None,
        Key::CacheTtl => {
            if let Some(CachePolicy { mode: CacheMode::Lru { ttl, .. }, .. }) = &mut b.cache {
                *ttl = None;
            }
        }
        Key::RateLimit => b.rate_limit = None,
        Key::Shed => b.shed = None,
        Key::Discovery => b.discovery = None,
        Key::Patience => b.patience = None,
        Key::Slowdown => b.slowdown = None,
        Key::Deadline => b.deadline_propagation = false,
        Key::Shards => b.shards = None,
        Key::Scale => b.autoscale = None,
        Key::DeadLetter => b.queue_behavior.dead_letter = None,
        _ => return None,
    }
    Some(())
}

/// As [`clear_station`], of a relation.
fn clear_call(b: &mut CallBehavior, key: Key) -> Option<()> {
    match key {
        Key::Timeout => b.timeout = None,
        Key::Retry => b.retry = None,
        Key::RetryBudget => b.retry.iter_mut().for_each(|retry| retry.budget = None),
        Key::CircuitBreaker => b.breaker = None,
        Key::Pool => b.pool = None,
        Key::PoolWait => b.pool.iter_mut().for_each(|pool| pool.wait = None),
        Key::Bulkhead => b.bulkhead = None,
        Key::Hedge => b.hedge = None,
        Key::Fallback => b.fallback = None,
        _ => return None,
    }
    Some(())
}

fn assign_station(b: &mut StationBehavior, key: Key, value: &Value) -> Option<()> {
    match key {
        Key::ServiceTime => b.service_time = dist(value)?,
        Key::Replicas => b.replicas = count(value)?,
        Key::ReplicationSync => replication(b).sync = count(value)?,
        Key::ReplicationLag => replication(b).lag = duration(value)?,
        Key::Concurrency => b.concurrency = limit(value)?,
        Key::Queue => b.queue = limit(value)?,
        Key::Discipline => b.discipline = discipline(value)?,
        Key::Blocking => b.blocking = flag(value)?,
        Key::Nonblocking => b.blocking = !flag(value)?,
        Key::Errors => b.errors = number(value)?,
        Key::Availability => set_availability(b, number(value)?),
        Key::Mttf => {
            failures(b).mttf = duration(value)?;
            b.availability = None;
        }
        Key::Mttr => set_mttr(b, duration(value)?),
        Key::RepairCrews => failures(b).repair_crews = count(value)?,
        Key::Startup => b.startup = duration(value)?,
        Key::Cost => set_cost(b, value)?,
        Key::Cache => b.cache = flag(value)?.then(|| cache(b).clone()),
        Key::CacheHitRatio => cache(b).mode = CacheMode::HitRatio(number(value)?),
        Key::CacheHitTime => cache(b).hit_time = dist(value)?,
        Key::CacheLru => *lru(b).0 = count(value)?,
        Key::CacheKey => *lru(b).1 = keys(value)?,
        Key::CacheTtl => *lru(b).2 = Some(duration(value)?),
        Key::RateLimit => rate_limit(b).rate = number(value)?,
        Key::RateLimitBurst => rate_limit(b).burst = number(value)?,
        Key::Shed => b.shed = Some(if let Value::Shed(rule) = value { *rule } else { return None }),
        Key::Balance => b.balance = balance(value)?,
        Key::Discovery => b.discovery = flag(value)?.then(|| *discovery(b)),
        Key::DiscoveryInterval => discovery(b).interval = duration(value)?,
        Key::DiscoveryTtl => discovery(b).ttl = duration(value)?,
        Key::Patience => b.patience = Some(dist(value)?),
        Key::Slowdown => b.slowdown = Some(if let Value::Slowdown(rule) = value { *rule } else { return None }),
        Key::Warmup => b.warmup = duration(value)?,
        Key::Deadline => b.deadline_propagation = word(value)? == "propagate",
        Key::Coalesce => b.coalesce = flag(value)?,
        Key::Shards => shards(b).count = count(value)?,
        Key::ShardsKey => shards(b).keys = keys(value)?,
        Key::Scale => b.autoscale = flag(value)?.then(|| *autoscale(b)),
        Key::ScaleMin => autoscale(b).min = count(value)?,
        Key::ScaleMax => autoscale(b).max = count(value)?,
        Key::ScaleMetric => autoscale(b).target = number(value)?,
        Key::ScaleInterval => autoscale(b).interval = duration(value)?,
        Key::ScaleCooldown => autoscale(b).cooldown = duration(value)?,
        Key::Delivery => b.queue_behavior.delivery = delivery(value)?,
        Key::Visibility => b.queue_behavior.visibility = duration(value)?,
        Key::MaxDeliveries => b.queue_behavior.max_deliveries = count(value)?,
        Key::DeadLetter => {
            b.queue_behavior.dead_letter = if let Value::Station(id) = value { *id } else { return None }
        }
        Key::Capacity => b.queue_behavior.capacity = limit(value)?,
        Key::Lag => b.queue_behavior.lag = duration(value)?,
        _ => return None,
    }
    Some(())
}

fn assign_call(b: &mut CallBehavior, key: Key, value: &Value) -> Option<()> {
    match key {
        Key::Latency => b.latency = dist(value)?,
        Key::Loss => b.loss = number(value)?,
        Key::Timeout => b.timeout = Some(duration(value)?),
        Key::Cancel => b.cancel = flag(value)?,
        Key::Calls => b.calls = count(value)?,
        Key::Write => b.write = flag(value)?,
        Key::Probability => b.probability = number(value)?,
        Key::Parallel => b.parallel = flag(value)?,
        Key::Async => b.asynchronous = flag(value)?,
        Key::Retry => retry(b).count = count(value)?,
        Key::RetryBackoff => {
            retry(b).backoff = if let Value::Backoff(backoff) = value { *backoff } else { return None }
        }
        Key::RetryJitter => retry(b).jitter = jitter(value)?,
        Key::RetryBudget => retry(b).budget = Some(number(value)?),
        Key::RetryOn => retry(b).on = retry_on(value)?,
        Key::CircuitBreaker => b.breaker = flag(value)?.then(|| *breaker(b)),
        Key::BreakerErrors => *window(b).0 = number(value)?,
        Key::BreakerConsecutive => breaker(b).trip = BreakerTrip::Consecutive(count(value)?),
        Key::BreakerWindow => *window(b).1 = duration(value)?,
        Key::BreakerMinCalls => *window(b).2 = count(value)?,
        Key::BreakerOpen => breaker(b).open = duration(value)?,
        Key::BreakerHalfOpen => breaker(b).half_open = count(value)?,
        Key::Pool => pool(b).size = count(value)?,
        Key::PoolWait => pool(b).wait = Some(duration(value)?),
        Key::Bulkhead => b.bulkhead = Some(count(value)?),
        Key::Hedge => b.hedge = Some(if let Value::Hedge(hedge) = value { *hedge } else { return None }),
        Key::Fallback => b.fallback = if let Value::Station(id) = value { *id } else { return None },
        _ => return None,
    }
    Some(())
}

/// The present value of a numeric attribute in base units; `None` when it has none.
pub fn current(architecture: &Architecture, place: Place, key: Key) -> Option<f64> {
    match place {
        Place::Station(id) => current_station(&architecture.stations[id.index()].behavior, key),
        Place::Call(id) => current_call(&architecture.calls[id.index()].behavior, key),
        Place::Request(id) if key == Key::Priority => {
            Some(f64::from(architecture.request_types[id.index()].behavior.priority))
        }
        Place::Request(_) | Place::Source(_) => None,
    }
}

fn current_station(b: &StationBehavior, key: Key) -> Option<f64> {
    Some(match key {
        Key::ServiceTime => b.service_time.mean(),
        Key::Replicas => f64::from(b.replicas),
        Key::Concurrency => finite(b.concurrency)?,
        Key::Queue => finite(b.queue)?,
        Key::Errors => b.errors,
        Key::Startup => b.startup.seconds(),
        Key::CacheHitRatio => match b.cache.as_ref()?.mode {
            CacheMode::HitRatio(ratio) => ratio,
            CacheMode::Lru { .. } => return None,
        },
        Key::CacheHitTime => b.cache.as_ref()?.hit_time.mean(),
        Key::RateLimit => b.rate_limit?.rate,
        Key::RateLimitBurst => b.rate_limit?.burst,
        Key::Visibility => b.queue_behavior.visibility.seconds(),
        Key::MaxDeliveries => f64::from(b.queue_behavior.max_deliveries),
        Key::Capacity => finite(b.queue_behavior.capacity)?,
        Key::Lag => b.queue_behavior.lag.seconds(),
        Key::ReplicationSync => b.replication.map_or(0.0, |rule| f64::from(rule.sync)),
        Key::ReplicationLag => b.replication.map_or(0.0, |rule| rule.lag.seconds()),
        Key::Warmup => b.warmup.seconds(),
        Key::DiscoveryInterval => b.discovery?.interval.seconds(),
        Key::DiscoveryTtl => b.discovery?.ttl.seconds(),
        Key::Mttf => b.failures?.mttf.seconds(),
        Key::Mttr => b.failures?.mttr.seconds(),
        Key::RepairCrews => f64::from(b.failures?.repair_crews),
        Key::Availability => b.availability.or_else(|| b.failures.map(Failures::availability))?,
        Key::Patience => b.patience.as_ref()?.mean(),
        Key::CacheLru | Key::CacheTtl => return current_lru(b, key),
        Key::ScaleMin => f64::from(b.autoscale?.min),
        Key::ScaleMax => f64::from(b.autoscale?.max),
        Key::ScaleMetric => b.autoscale?.target,
        Key::ScaleInterval => b.autoscale?.interval.seconds(),
        Key::ScaleCooldown => b.autoscale?.cooldown.seconds(),
        _ => return None,
    })
}

fn current_lru(b: &StationBehavior, key: Key) -> Option<f64> {
    match &b.cache.as_ref()?.mode {
        CacheMode::Lru { entries, .. } if key == Key::CacheLru => Some(f64::from(*entries)),
        CacheMode::Lru { ttl, .. } => ttl.map(|ttl| ttl.seconds()),
        CacheMode::HitRatio(_) => None,
    }
}

fn current_call(b: &CallBehavior, key: Key) -> Option<f64> {
    Some(match key {
        Key::Latency => b.latency.mean(),
        Key::Loss => b.loss,
        Key::Timeout => b.timeout?.seconds(),
        Key::Calls => f64::from(b.calls),
        Key::Probability => b.probability,
        Key::Weight => b.weight,
        Key::Retry => b.retry.map_or(0.0, |retry| f64::from(retry.count)),
        Key::RetryBudget => b.retry?.budget?,
        Key::Pool => f64::from(b.pool?.size),
        Key::PoolWait => b.pool?.wait?.seconds(),
        Key::Bulkhead => f64::from(b.bulkhead?),
        Key::BreakerOpen => b.breaker?.open.seconds(),
        Key::BreakerHalfOpen => f64::from(b.breaker?.half_open),
        Key::BreakerErrors | Key::BreakerConsecutive | Key::BreakerWindow | Key::BreakerMinCalls => {
            return current_trip(b.breaker?.trip, key);
        }
        _ => return None,
    })
}

fn current_trip(trip: BreakerTrip, key: Key) -> Option<f64> {
    match (trip, key) {
        (BreakerTrip::Consecutive(calls), Key::BreakerConsecutive) => Some(f64::from(calls)),
        (BreakerTrip::ErrorShare { share, .. }, Key::BreakerErrors) => Some(share),
        (BreakerTrip::ErrorShare { window, .. }, Key::BreakerWindow) => Some(window.seconds()),
        (BreakerTrip::ErrorShare { min_calls, .. }, Key::BreakerMinCalls) => Some(f64::from(min_calls)),
        _ => None,
    }
}

fn finite(limit: Limit) -> Option<f64> {
    match limit {
        Limit::At(n) => Some(f64::from(n)),
        Limit::Unbounded => None,
    }
}

// ---- parts that come into being when the first of their attributes is set

const DEFAULT_FAILURES: Failures =
    Failures { mttf: Duration(30 * 86_400_000_000_000), mttr: Duration(300_000_000_000), repair_crews: 0 };

fn failures(b: &mut StationBehavior) -> &mut Failures {
    b.failures.get_or_insert(DEFAULT_FAILURES)
}

fn set_availability(b: &mut StationBehavior, availability: f64) {
    b.availability = Some(availability);
    let failures = failures(b);
    failures.mttf = Failures::mttf_of(availability, failures.mttr);
}

/// Keeps the availability that is in force, if one was given first.
fn set_mttr(b: &mut StationBehavior, mttr: Duration) {
    let availability = b.availability;
    let failures = failures(b);
    failures.mttr = mttr;
    if let Some(availability) = availability {
        failures.mttf = Failures::mttf_of(availability, mttr);
    }
}

fn replication(b: &mut StationBehavior) -> &mut Replication {
    b.replication.get_or_insert(Replication { sync: 0, lag: Duration::ZERO })
}

fn cache(b: &mut StationBehavior) -> &mut CachePolicy {
    b.cache.get_or_insert(CachePolicy { mode: CacheMode::HitRatio(0.8), hit_time: Dist::Constant(0.001) })
}

fn lru(b: &mut StationBehavior) -> (&mut u32, &mut KeyPopularity, &mut Option<Duration>) {
    let policy = cache(b);
    if !matches!(policy.mode, CacheMode::Lru { .. }) {
        policy.mode = CacheMode::Lru { entries: 1000, keys: KeyPopularity { exponent: 1.0, keys: 10_000 }, ttl: None };
    }
    match &mut policy.mode {
        CacheMode::Lru { entries, keys, ttl } => (entries, keys, ttl),
        CacheMode::HitRatio(_) => unreachable!("made an LRU just above"),
    }
}

fn rate_limit(b: &mut StationBehavior) -> &mut RateLimit {
    b.rate_limit.get_or_insert(RateLimit { rate: f64::INFINITY, burst: 1.0 })
}

fn discovery(b: &mut StationBehavior) -> &mut Discovery {
    b.discovery.get_or_insert(Discovery { interval: Duration(5_000_000_000), ttl: Duration(15_000_000_000) })
}

fn shards(b: &mut StationBehavior) -> &mut Shards {
    b.shards.get_or_insert(Shards { count: 1, keys: KeyPopularity { exponent: 1.0, keys: 10_000 } })
}

fn autoscale(b: &mut StationBehavior) -> &mut Autoscale {
    let default = Autoscale {
        min: 1,
        max: 10,
        target: 0.7,
        interval: Duration(15_000_000_000),
        cooldown: Duration(300_000_000_000),
    };
    b.autoscale.get_or_insert(default)
}

fn retry(b: &mut CallBehavior) -> &mut RetryPolicy {
    b.retry.get_or_insert_default()
}

fn breaker(b: &mut CallBehavior) -> &mut Breaker {
    b.breaker.get_or_insert(Breaker { trip: DEFAULT_TRIP, open: Duration(5_000_000_000), half_open: 1 })
}

const DEFAULT_TRIP: BreakerTrip =
    BreakerTrip::ErrorShare { share: 0.5, window: Duration(10_000_000_000), min_calls: 20 };

fn window(b: &mut CallBehavior) -> (&mut f64, &mut Duration, &mut u32) {
    let breaker = breaker(b);
    if matches!(breaker.trip, BreakerTrip::Consecutive(_)) {
        breaker.trip = DEFAULT_TRIP;
    }
    match &mut breaker.trip {
        BreakerTrip::ErrorShare { share, window, min_calls } => (share, window, min_calls),
        BreakerTrip::Consecutive(_) => unreachable!("made a window just above"),
    }
}

fn pool(b: &mut CallBehavior) -> &mut Pool {
    b.pool.get_or_insert(Pool { size: 1, wait: None })
}

// ---- values out of `Value`

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => Some(*n),
        Value::Limit(Limit::At(n)) => Some(f64::from(*n)),
        _ => None,
    }
}

fn count(value: &Value) -> Option<u32> {
    number(value).map(|n| n.round().clamp(0.0, f64::from(u32::MAX)) as u32)
}

fn duration(value: &Value) -> Option<Duration> {
    match value {
        Value::Duration(d) => Some(*d),
        Value::Dist(Dist::Constant(seconds)) | Value::Number(seconds) => Duration::from_seconds(*seconds),
        _ => None,
    }
}

fn dist(value: &Value) -> Option<Dist> {
    match value {
        Value::Dist(dist) => Some(dist.clone()),
        Value::Duration(d) => Some(Dist::Constant(d.seconds())),
        _ => None,
    }
}

fn limit(value: &Value) -> Option<Limit> {
    match value {
        Value::Limit(limit) => Some(*limit),
        Value::Number(_) => count(value).map(Limit::At),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    if let Value::Flag(on) = value { Some(*on) } else { None }
}

fn word(value: &Value) -> Option<&str> {
    if let Value::Word(word) = value { Some(word) } else { None }
}

fn keys(value: &Value) -> Option<KeyPopularity> {
    if let Value::Keys(keys) = value { Some(*keys) } else { None }
}

fn discipline(value: &Value) -> Option<Discipline> {
    Some(match word(value)? {
        "fifo" => Discipline::Fifo,
        "lifo" => Discipline::Lifo,
        "ps" => Discipline::ProcessorSharing,
        "priority" => Discipline::Priority,
        "codel" => Discipline::Codel,
        _ => return None,
    })
}

fn balance(value: &Value) -> Option<Balance> {
    Some(match word(value)? {
        "round_robin" => Balance::RoundRobin,
        "random" => Balance::Random,
        "least_connections" => Balance::LeastConnections,
        "power_of_two" => Balance::PowerOfTwo,
        "weighted" => Balance::Weighted,
        "consistent_hash" => Balance::ConsistentHash,
        _ => return None,
    })
}

fn jitter(value: &Value) -> Option<Jitter> {
    Some(match word(value)? {
        "none" => Jitter::None,
        "full" => Jitter::Full,
        "equal" => Jitter::Equal,
        "decorrelated" => Jitter::Decorrelated,
        _ => return None,
    })
}

fn delivery(value: &Value) -> Option<Delivery> {
    Some(match word(value)? {
        "at_least_once" => Delivery::AtLeastOnce,
        "at_most_once" => Delivery::AtMostOnce,
        _ => return None,
    })
}

fn retry_on(value: &Value) -> Option<RetryOn> {
    let Value::Words(words) = value else { return None };
    let has = |name: &str| words.iter().any(|word| &**word == name);
    Some(RetryOn { timeout: has("timeout"), error: has("error"), rejected: has("rejected") })
}

fn set_cost(b: &mut StationBehavior, value: &Value) -> Option<()> {
    match value {
        Value::CostPerHour(usd) => b.cost.per_replica_hour = Some(*usd),
        Value::CostPerCall(usd) => b.cost.per_call = Some(*usd),
        _ => return None,
    }
    Some(())
}

impl Default for StationBehavior {
    /// The schema's defaults: 10 ms exponential service, one replica of 16 workers, no limits.
    fn default() -> Self {
        Self {
            service_time: Dist::Exponential { mean: 0.01 },
            replicas: 1,
            concurrency: Limit::At(16),
            queue: Limit::Unbounded,
            discipline: Discipline::Fifo,
            blocking: true,
            errors: 0.0,
            failures: None,
            availability: None,
            startup: Duration::ZERO,
            cost: super::Cost::default(),
            cache: None,
            rate_limit: None,
            shed: None,
            balance: Balance::RoundRobin,
            discovery: None,
            patience: None,
            slowdown: None,
            warmup: Duration::ZERO,
            deadline_propagation: false,
            coalesce: false,
            shards: None,
            replication: None,
            autoscale: None,
            queue_behavior: super::QueueBehavior {
                delivery: Delivery::AtLeastOnce,
                visibility: Duration(30_000_000_000),
                max_deliveries: 5,
                dead_letter: None,
                capacity: Limit::Unbounded,
                lag: Duration::ZERO,
            },
        }
    }
}
