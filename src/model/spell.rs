//! Attributes of a model as the language writes them: the way back from [`super::assign`].

use super::{
    Arrivals, Backoff, Balance, BreakerTrip, CacheMode, CallBehavior, Cost, Delivery, Discipline, Dist, Hedge, Jitter,
    KeyPopularity, Limit, RequestBehavior, RetryOn, ShedRule, Slowdown, StationBehavior,
};
use crate::quantity::{Decimal, Duration, Quantity};
use crate::schema::Key;

/// A station's attribute as text; `None` where it has none, for blocks (their parts are attributes of their own) and
/// for other stations, whose names only the model knows.
pub fn spell_station(b: &StationBehavior, key: Key) -> Option<String> {
    Some(match key {
        Key::ServiceTime => spell_dist(&b.service_time),
        Key::Replicas => b.replicas.to_string(),
        Key::ReplicationSync => b.replication?.sync.to_string(),
        Key::ReplicationLag => time(b.replication?.lag),
        Key::Concurrency => limit(b.concurrency),
        Key::Queue => limit(b.queue),
        Key::Discipline => discipline(b.discipline).into(),
        Key::Blocking => flag(b.blocking),
        Key::Errors => spell_share(b.errors),
        Key::Availability => spell_share(b.availability?),
        // It follows from the availability where that was given.
        Key::Mttf => b.availability.is_none().then_some(b.failures)?.map(|failures| time(failures.mttf))?,
        Key::Mttr => time(b.failures?.mttr),
        Key::RepairCrews => b.failures?.repair_crews.to_string(),
        Key::Startup => time(b.startup),
        Key::Cost => cost(b.cost)?,
        Key::CacheHitTime => spell_dist(&b.cache.as_ref()?.hit_time),
        Key::CacheHitRatio | Key::CacheLru | Key::CacheKey | Key::CacheTtl => cache(&b.cache.as_ref()?.mode, key)?,
        Key::RateLimit => rate(b.rate_limit?.rate),
        Key::RateLimitBurst => spell_number(b.rate_limit?.burst),
        Key::Shed => shed(b.shed?),
        Key::Balance => balance(b.balance).into(),
        Key::DiscoveryInterval => time(b.discovery?.interval),
        Key::DiscoveryTtl => time(b.discovery?.ttl),
        Key::Patience => spell_dist(b.patience.as_ref()?),
        Key::Slowdown => slowdown(b.slowdown?),
        Key::Warmup => time(b.warmup),
        Key::Deadline => b.deadline_propagation.then(|| "propagate".into())?,
        Key::Coalesce => flag(b.coalesce),
        Key::Shards => b.shards?.count.to_string(),
        Key::ShardsKey => keys(b.shards?.keys),
        Key::ScaleMin => b.autoscale?.min.to_string(),
        Key::ScaleMax => b.autoscale?.max.to_string(),
        Key::ScaleMetric => format!("cpu > {}", spell_share(b.autoscale?.target)),
        Key::ScaleInterval => time(b.autoscale?.interval),
        Key::ScaleCooldown => time(b.autoscale?.cooldown),
        Key::Delivery => delivery(b.queue_behavior.delivery).into(),
        Key::Visibility => time(b.queue_behavior.visibility),
        Key::MaxDeliveries => b.queue_behavior.max_deliveries.to_string(),
        Key::Capacity => limit(b.queue_behavior.capacity),
        Key::Lag => time(b.queue_behavior.lag),
        _ => return None,
    })
}

/// A relation's attribute as text; `None` as for [`spell_station`].
pub fn spell_call(b: &CallBehavior, key: Key) -> Option<String> {
    Some(match key {
        Key::Latency => spell_dist(&b.latency),
        Key::Loss => spell_share(b.loss),
        Key::Timeout => time(b.timeout?),
        Key::Cancel => flag(b.cancel),
        Key::Calls => b.calls.to_string(),
        Key::Write => flag(b.write),
        Key::Probability => spell_share(b.probability),
        Key::Parallel => flag(b.parallel),
        Key::Async => flag(b.asynchronous),
        Key::Weight => spell_number(b.weight),
        Key::Retry => b.retry?.count.to_string(),
        Key::RetryBackoff => backoff(b.retry?.backoff),
        Key::RetryJitter => jitter(b.retry?.jitter).into(),
        Key::RetryBudget => spell_share(b.retry?.budget?),
        Key::RetryOn => retry_on(b.retry?.on),
        Key::BreakerOpen => time(b.breaker?.open),
        Key::BreakerHalfOpen => b.breaker?.half_open.to_string(),
        Key::BreakerErrors | Key::BreakerConsecutive | Key::BreakerWindow | Key::BreakerMinCalls => {
            trip(b.breaker?.trip, key)?
        }
        Key::Pool => b.pool?.size.to_string(),
        Key::PoolWait => time(b.pool?.wait?),
        Key::Bulkhead => b.bulkhead?.to_string(),
        Key::Hedge => hedge(b.hedge?),
        _ => return None,
    })
}

/// A request type's attribute as text.
pub fn spell_request(b: RequestBehavior, key: Key) -> Option<String> {
    Some(match key {
        Key::Priority => b.priority.to_string(),
        Key::Preempt => flag(b.preempt),
        _ => return None,
    })
}

/// An arrival process as text.
pub fn spell_arrivals(arrivals: &Arrivals) -> String {
    match arrivals {
        Arrivals::Poisson => "poisson".into(),
        Arrivals::Constant => "constant".into(),
        Arrivals::Erlang(k) => format!("erlang({k})"),
        Arrivals::Hyperexponential { cv } => format!("hyperexponential(cv {})", spell_number(*cv)),
        Arrivals::Mmpp { low, high, switch } => {
            format!("mmpp({}, {}, switch {})", rate(*low), rate(*high), rate(*switch))
        }
        Arrivals::BatchGeometric(mean) => format!("batch(geometric mean {})", spell_number(*mean)),
        Arrivals::BatchFixed(size) => format!("batch({size})"),
        Arrivals::Trace(instants) => format!("trace of {} requests", instants.len()),
    }
}

// ---- numbers

/// Short where that is exact, else every digit.
fn time(duration: Duration) -> String {
    let short = duration.to_string();
    let is_exact = short.parse::<Quantity>().is_ok_and(|q| q.duration() == Some(duration));
    if is_exact {
        return short;
    }
    let digits = |places| Decimal::new(i128::from(duration.0), places).map(|number| number.to_string());
    let (places, unit) = if duration.0 < 1_000_000_000 { (6, "ms") } else { (9, "s") };
    digits(places).map_or(short, |number| number + unit)
}

fn seconds(seconds: f64) -> String {
    match Duration::from_seconds(seconds) {
        Some(duration) if duration.0 > 0 || seconds == 0.0 => time(duration),
        _ => format!("{}s", spell_number(seconds)),
    }
}

pub(super) fn spell_number(value: f64) -> String {
    // Fractions of many digits come from computing: six are enough to know them by.
    let short = format!("{value:.6}").parse::<f64>().unwrap_or(value);
    let shown = if (short - value).abs() < 1e-9 * value.abs() { short } else { value };
    Decimal::from_f64(shown).map_or_else(|| "unbounded".into(), |decimal| decimal.to_string())
}

pub(super) fn spell_share(value: f64) -> String {
    let percent = Decimal::from_f64(value).and_then(|decimal| decimal.checked_times(100));
    percent.map_or_else(|| spell_number(value), |percent| format!("{percent}%"))
}

fn rate(value: f64) -> String {
    if value.is_finite() { format!("{}/s", spell_number(value)) } else { "unbounded".into() }
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::At(0) => "none".into(),
        Limit::At(n) => n.to_string(),
        Limit::Unbounded => "unbounded".into(),
    }
}

fn flag(on: bool) -> String {
    if on { "yes".into() } else { "no".into() }
}

fn cost(cost: Cost) -> Option<String> {
    let hour = cost.per_replica_hour.map(|usd| format!("{}USD/h", spell_number(usd)));
    let call = cost.per_call.and_then(|usd| Decimal::from_f64(usd)?.checked_times(1_000_000));
    let parts: Vec<String> = hour.into_iter().chain(call.map(|usd| format!("{usd}USD/M"))).collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

// ---- distributions and rules

pub(super) fn spell_dist(dist: &Dist) -> String {
    match dist {
        Dist::Constant(value) => seconds(*value),
        Dist::Exponential { mean } => format!("exponential({})", seconds(*mean)),
        Dist::Uniform { low, high } => format!("uniform({}, {})", seconds(*low), seconds(*high)),
        Dist::Normal { mean, sd } => format!("normal({}, sd {})", seconds(*mean), seconds(*sd)),
        Dist::Lognormal { mu, sigma } => {
            let p99 = (mu + Dist::Z99 * sigma).exp();
            format!("lognormal(p50 {}, p99 {})", seconds(mu.exp()), seconds(p99))
        }
        Dist::Gamma { mean, cv } => format!("gamma({}, cv {})", seconds(*mean), spell_number(*cv)),
        Dist::Erlang { k, mean } => format!("erlang({k}, {})", seconds(*mean)),
        Dist::Hyperexponential(parts) => {
            let part = |(p, mean): &(f64, f64)| format!("{} {}", spell_share(*p), seconds(*mean));
            format!("hyperexponential({})", parts.iter().map(part).collect::<Vec<_>>().join(", "))
        }
        Dist::Weibull { shape, scale } => format!("weibull(shape {}, scale {})", spell_number(*shape), seconds(*scale)),
        Dist::Pareto { min, alpha } => format!("pareto(min {}, alpha {})", seconds(*min), spell_number(*alpha)),
        Dist::BoundedPareto { min, max, alpha } => {
            format!("pareto(min {}, alpha {}, max {})", seconds(*min), spell_number(*alpha), seconds(*max))
        }
        Dist::Mixture(parts) => {
            let part = |(p, of): &(f64, Dist)| format!("{} {}", spell_share(*p), spell_dist(of));
            format!("mixture({})", parts.iter().map(part).collect::<Vec<_>>().join(", "))
        }
        Dist::Empirical(values) => format!("{} observed values, mean {}", values.len(), seconds(dist.mean())),
    }
}

fn cache(mode: &CacheMode, key: Key) -> Option<String> {
    match (mode, key) {
        (CacheMode::HitRatio(ratio), Key::CacheHitRatio) => Some(spell_share(*ratio)),
        (CacheMode::Lru { entries, .. }, Key::CacheLru) => Some(entries.to_string()),
        (CacheMode::Lru { keys, .. }, Key::CacheKey) => Some(self::keys(*keys)),
        (CacheMode::Lru { ttl, .. }, Key::CacheTtl) => ttl.map(time),
        _ => None,
    }
}

fn trip(trip: BreakerTrip, key: Key) -> Option<String> {
    match (trip, key) {
        (BreakerTrip::Consecutive(n), Key::BreakerConsecutive) => Some(n.to_string()),
        (BreakerTrip::ErrorShare { share, .. }, Key::BreakerErrors) => Some(spell_share(share)),
        (BreakerTrip::ErrorShare { window, .. }, Key::BreakerWindow) => Some(time(window)),
        (BreakerTrip::ErrorShare { min_calls, .. }, Key::BreakerMinCalls) => Some(min_calls.to_string()),
        _ => None,
    }
}

fn keys(keys: KeyPopularity) -> String {
    match keys.exponent {
        0.0 => format!("uniform over {}", keys.keys),
        exponent => format!("zipf({}) over {}", spell_number(exponent), keys.keys),
    }
}

fn shed(rule: ShedRule) -> String {
    match rule {
        ShedRule::QueueShare(share) => format!("queue > {}", spell_share(share)),
        ShedRule::QueueLength(n) => format!("queue > {n}"),
        ShedRule::Utilization(share) => format!("utilization > {}", spell_share(share)),
    }
}

fn slowdown(rule: Slowdown) -> String {
    match rule {
        Slowdown::Linear(per_request) => format!("linear({})", seconds(per_request)),
        Slowdown::Exponential(rate) => format!("exponential({})", spell_number(rate)),
    }
}

fn backoff(backoff: Backoff) -> String {
    match backoff {
        Backoff::None => "none".into(),
        Backoff::Constant(wait) => format!("constant({})", time(wait)),
        Backoff::Linear { base, max } => format!("linear({}, max {})", time(base), time(max)),
        Backoff::Exponential { base, factor_milli, max } => {
            let factor = spell_number(f64::from(factor_milli) / 1000.0);
            format!("exponential({}, {factor}x, max {})", time(base), time(max))
        }
    }
}

fn hedge(hedge: Hedge) -> String {
    match hedge {
        Hedge::AfterQuantile(quantile) => format!("after p{}", spell_share(quantile).trim_end_matches('%')),
        Hedge::After(wait) => format!("after {}", time(wait)),
    }
}

fn retry_on(on: RetryOn) -> String {
    let words = [("timeout", on.timeout), ("error", on.error), ("rejected", on.rejected)];
    let given: Vec<&str> = words.iter().filter(|(_, is_on)| *is_on).map(|(word, _)| *word).collect();
    format!("[{}]", given.join(", "))
}

// ---- words

fn discipline(discipline: Discipline) -> &'static str {
    match discipline {
        Discipline::Fifo => "fifo",
        Discipline::Lifo => "lifo",
        Discipline::ProcessorSharing => "ps",
        Discipline::Priority => "priority",
        Discipline::Codel => "codel",
    }
}

fn balance(balance: Balance) -> &'static str {
    match balance {
        Balance::RoundRobin => "round_robin",
        Balance::Random => "random",
        Balance::LeastConnections => "least_connections",
        Balance::PowerOfTwo => "power_of_two",
        Balance::Weighted => "weighted",
        Balance::ConsistentHash => "consistent_hash",
    }
}

fn jitter(jitter: Jitter) -> &'static str {
    match jitter {
        Jitter::None => "none",
        Jitter::Full => "full",
        Jitter::Equal => "equal",
        Jitter::Decorrelated => "decorrelated",
    }
}

fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::AtLeastOnce => "at_least_once",
        Delivery::AtMostOnce => "at_most_once",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Architecture, Call, CallId, ElementId, Entry, Place, Station, StationId, Value, assign, typed};
    use crate::schema::{ATTRIBUTES, Attribute, Subject, Type};

    fn model() -> Architecture {
        let behavior = StationBehavior::default();
        let station = Station {
            element: ElementId(0),
            path: "A".into(),
            is_queue: false,
            domains: Vec::new(),
            behavior,
            assumed: Vec::new(),
        };
        let call = Call {
            path: "A->A".into(),
            from: Entry::Station(StationId(0)),
            to: StationId(0),
            behavior: CallBehavior::default(),
            quorum: None,
            assumed: Vec::new(),
        };
        Architecture { stations: vec![station], calls: vec![call], ..Architecture::default() }
    }

    /// The text of an attribute that was set; `None` when it takes no such value.
    fn set(row: &Attribute, value: &Value) -> Option<String> {
        let mut model = model();
        let is_call = row.subjects.contains(&Subject::Call);
        let place = if is_call { Place::Call(CallId(0)) } else { Place::Station(StationId(0)) };
        assign(&mut model, place, row.key, value).ok()?;
        let text = match place {
            Place::Call(_) => spell_call(&model.calls[0].behavior, row.key),
            _ => spell_station(&model.stations[0].behavior, row.key),
        };
        Some(text.unwrap_or_else(|| panic!("{} is set and has no text", row.path())))
    }

    #[test]
    fn a_word_that_is_set_is_the_word_that_is_shown() {
        for row in ATTRIBUTES {
            let Type::Word(words) = row.ty else { continue };
            for word in words {
                assert_eq!(set(row, &Value::Word((*word).into())).as_deref(), Some(*word), "{}", row.path());
            }
        }
    }

    #[test]
    fn a_quantity_that_is_set_means_the_same_when_it_is_shown() {
        let mut seen = 0;
        for row in ATTRIBUTES.iter().filter(|row| row.ty.is_numeric()) {
            let examples = ["7", "12.5%", "3ms", "1234567ns", "90s", "0.30USD/h", "2.5/s"];
            for amount in examples.map(|text| text.parse::<Quantity>().unwrap()) {
                let Some(value) = typed(amount, row.key) else { continue };
                let Some(text) = set(row, &value) else { continue };
                let back: Quantity = text.parse().unwrap_or_else(|e| panic!("{}: {text}: {e}", row.path()));
                assert_eq!(typed(back, row.key).as_ref(), Some(&value), "{}: {text}", row.path());
                seen += 1;
            }
        }
        assert!(seen > 60, "{seen}");
    }

    #[test]
    fn texts_are_as_one_would_write_them() {
        assert_eq!(spell_dist(&Dist::lognormal_p50_p99(0.008, 0.06)), "lognormal(p50 8ms, p99 60ms)");
        assert_eq!(spell_dist(&Dist::Exponential { mean: 0.01 }), "exponential(10ms)");
        assert_eq!(limit(Limit::At(0)), "none");
        assert_eq!(spell_share(0.07), "7%");
        assert_eq!(time(Duration(1_234_567)), "1.234567ms");
        assert_eq!(cost(Cost { per_replica_hour: Some(0.2), per_call: Some(4e-7) }).unwrap(), "0.2USD/h and 0.4USD/M");
        let backoff =
            Backoff::Exponential { base: Duration(50_000_000), factor_milli: 2000, max: Duration(1_000_000_000) };
        assert_eq!(self::backoff(backoff), "exponential(50ms, 2x, max 1s)");
    }
}
