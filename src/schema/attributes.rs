//! Every behavior attribute.

use Type::*;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// What an attribute describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An element that serves requests.
    Station,
    /// An asynchronous element.
    Queue,
    /// A relation.
    Call,
    /// A request type, or a step of one.
    Request,
    /// A source of traffic.
    Source,
}

/// The form of an attribute's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A distribution of times; a bare quantity is constant.
    Distribution,
    /// One length of time.
    Duration,
    /// A rate.
    Rate,
    /// A share, 0 to 100 %.
    Share,
    /// A whole number.
    Count,
    /// A whole number, `none` or `unbounded`.
    Limit,
    /// Present or not; takes no value.
    Flag,
    /// One of some words.
    Word(&'static [&'static str]),
    /// A list of some words.
    Words(&'static [&'static str]),
    /// A block of further attributes.
    Block,
    /// `none`, `constant(d)`, `linear(d)`, `exponential(base, factor, max d)`.
    Backoff,
    /// The name of an element.
    Element,
    /// `0.20USD/h` or `0.40USD/M`.
    Cost,
    /// `queue > 80%`, `queue > 100`, `utilization > 90%`.
    Shed,
    /// `after p95` or `after 50ms`.
    Hedge,
    /// `linear(10ms)` or `exponential(0.1)`.
    Slowdown,
    /// `zipf(1.0) over 10k` or `uniform over 10k`.
    Keys,
    /// An arrival process.
    Arrivals,
    /// The text of a scaling rule, such as `cpu > 70%`.
    Metric,
}

impl Type {
    /// What a value of this type looks like, in a user's words.
    pub fn describe(self) -> String {
        match self {
            Distribution => "a time or a distribution such as `lognormal(p50 8ms, p99 60ms)`".into(),
            Duration => "a duration such as `30ms`".into(),
            Rate => "a rate such as `500/s`".into(),
            Share => "a share such as `30%`".into(),
            Count => "a whole number".into(),
            Limit => "a whole number, `none` or `unbounded`".into(),
            Flag => "nothing: the word stands alone".into(),
            Word(words) => format!("one of `{}`", words.join("`, `")),
            Words(words) => format!("a list of `{}`", words.join("`, `")),
            Block => "a block in braces".into(),
            Backoff => "a backoff such as `exponential(50ms, 2x, max 1s)`".into(),
            Element => "the name of an element".into(),
            Cost => "a cost such as `0.20USD/h` or `0.40USD/M`".into(),
            Shed => "a condition such as `queue > 80%`".into(),
            Hedge => "`after p95` or `after 50ms`".into(),
            Slowdown => "`linear(10ms)` or `exponential(0.1)`".into(),
            Keys => "a popularity such as `zipf(1.0) over 10k`".into(),
            Arrivals => "an arrival process such as `poisson` or `mmpp(50/s, 170/s, switch 5/s)`".into(),
            Metric => "a rule such as `\"cpu > 70%\"`".into(),
        }
    }

    /// Whether a sweep can vary it number by number.
    pub fn is_numeric(self) -> bool {
        matches!(self, Distribution | Duration | Rate | Share | Count | Limit)
    }
}

/// Identifies an attribute: a variant for each row of [`ATTRIBUTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "each variant is documented by its row in the table")]
pub enum Key {
    ServiceTime,
    Replicas,
    ReplicationSync,
    ReplicationLag,
    Concurrency,
    Queue,
    Discipline,
    Blocking,
    Nonblocking,
    Errors,
    Availability,
    Mttf,
    Mttr,
    RepairCrews,
    Startup,
    Cost,
    Cache,
    CacheHitRatio,
    CacheHitTime,
    CacheLru,
    CacheKey,
    CacheTtl,
    RateLimit,
    RateLimitBurst,
    Shed,
    Balance,
    Discovery,
    DiscoveryInterval,
    DiscoveryTtl,
    Patience,
    Slowdown,
    Warmup,
    Deadline,
    Coalesce,
    Shards,
    ShardsKey,
    Scale,
    ScaleMin,
    ScaleMax,
    ScaleMetric,
    ScaleInterval,
    ScaleCooldown,
    Delivery,
    Visibility,
    MaxDeliveries,
    DeadLetter,
    Capacity,
    Lag,
    Latency,
    Loss,
    Timeout,
    Cancel,
    Calls,
    Write,
    Probability,
    Parallel,
    Async,
    Weight,
    Retry,
    RetryBackoff,
    RetryJitter,
    RetryBudget,
    RetryOn,
    CircuitBreaker,
    BreakerErrors,
    BreakerConsecutive,
    BreakerWindow,
    BreakerMinCalls,
    BreakerOpen,
    BreakerHalfOpen,
    Pool,
    PoolWait,
    Bulkhead,
    Hedge,
    Fallback,
    Priority,
    Preempt,
    Arrivals,
}

/// One attribute of the language.
#[derive(Debug)]
pub struct Attribute {
    /// Which one.
    pub key: Key,
    /// Its name within its group.
    pub name: &'static str,
    /// Other spellings; the formatter rewrites them.
    pub aliases: &'static [&'static str],
    /// The attribute in whose braces it stands.
    pub group: Option<&'static str>,
    /// What it describes.
    pub subjects: &'static [Subject],
    /// The form of its value.
    pub ty: Type,
    /// Unit that a bare number takes.
    pub unit: &'static str,
    /// Value when nobody gives one, as text; `None`: absent.
    pub default: Option<&'static str>,
    /// Sensible values in base units; a value outside is an error (below) or a warning (above).
    pub range: (f64, f64),
    /// Whether `none` takes it away: then it is as if nobody, not even a profile, had given it.
    pub optional: bool,
    /// Why it stays as it is while requests are under way, so that no fault can change it; `None`: one can.
    pub fixed: Option<&'static str>,
    /// One sentence for hover, docs and `explain`.
    pub doc: &'static str,
    /// A value as one would write it.
    pub example: &'static str,
}

impl Attribute {
    /// What it takes, in a user's words.
    pub fn takes(&self) -> String {
        if self.optional { format!("{}, or `none`", self.ty.describe()) } else { self.ty.describe() }
    }

    /// Its path below an element or relation: `timeout`, `retry.budget`.
    pub fn path(&self) -> String {
        self.group.map_or_else(|| self.name.to_owned(), |group| format!("{group}.{}", self.name))
    }

    const fn group(mut self, group: &'static str) -> Self {
        self.group = Some(group);
        self
    }

    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn fixed(mut self, why: &'static str) -> Self {
        self.fixed = Some(why);
        self
    }

    const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    const fn range(mut self, low: f64, high: f64) -> Self {
        self.range = (low, high);
        self
    }
}

const fn attr(
    key: Key,
    name: &'static str,
    subjects: &'static [Subject],
    ty: Type,
    example: &'static str,
    doc: &'static str,
) -> Attribute {
    let range = match ty {
        Share => (0.0, 1.0),
        _ => (0.0, f64::INFINITY),
    };
    let unit = match ty {
        Duration | Distribution => "s",
        Rate => "/s",
        Share => "%",
        _ => "",
    };
    Attribute {
        key,
        name,
        aliases: &[],
        group: None,
        subjects,
        ty,
        unit,
        default: None,
        range,
        optional: false,
        fixed: None,
        doc,
        example,
    }
}

const STATION: &[Subject] = &[Subject::Station];
const QUEUE: &[Subject] = &[Subject::Queue];
const CALL: &[Subject] = &[Subject::Call];
const REQUEST: &[Subject] = &[Subject::Request];
const SOURCE: &[Subject] = &[Subject::Source];

/// Every attribute, in the order of the reference.
pub static ATTRIBUTES: &[Attribute] = &[
    // ---- stations
    attr(
        Key::ServiceTime,
        "service_time",
        &[Subject::Station, Subject::Request],
        Distribution,
        "lognormal(p50 8ms, p99 60ms)",
        "Own work of one request on one worker, its calls not counted.",
    )
    .unit("ms")
    .default("exponential(10ms)"),
    attr(Key::Replicas, "replicas", STATION, Count, "3", "Copies of the element, each with its own workers and queue.")
        .default("1")
        .range(0.0, 1e5),
    attr(
        Key::ReplicationSync,
        "sync",
        STATION,
        Count,
        "1",
        "Copies that a write waits for. Calls with `write` go to the primary, the first replica that is up; with `sync` the answer waits one `lag` longer for the next so many replicas, and fails when fewer are up. All other calls are reads and go to any replica.",
    )
    .group("replicas")
    .default("0")
    .range(0.0, 1e5),
    attr(
        Key::ReplicationLag,
        "lag",
        STATION,
        Duration,
        "50ms",
        "How far the copies that no write waits for are behind: a read there is stale when it ends less than this after the last answered write. When the primary goes, writes answered within this time are lost, unless copies were waited for.",
    )
    .group("replicas")
    .default("0s"),
    attr(Key::Concurrency, "concurrency", STATION, Limit, "64", "Workers of each replica: requests it serves at once.")
        .aliases(&["workers", "threads"])
        .default("16")
        .range(1.0, 1e7),
    attr(
        Key::Queue,
        "queue",
        STATION,
        Limit,
        "500",
        "Waiting places of each replica, those in service not counted; beyond, a request is rejected.",
    )
    .aliases(&["queue_limit"])
    .default("unbounded"),
    attr(
        Key::Discipline,
        "discipline",
        STATION,
        Word(&["fifo", "lifo", "ps", "priority", "codel"]),
        "fifo",
        "Who is served next.",
    )
    .default("fifo"),
    attr(
        Key::Blocking,
        "blocking",
        STATION,
        Flag,
        "blocking",
        "A worker is held while it waits for its own calls (the default).",
    ),
    attr(
        Key::Nonblocking,
        "nonblocking",
        STATION,
        Flag,
        "nonblocking",
        "A worker is free while its request waits for calls, as in event loops.",
    ),
    attr(Key::Errors, "errors", STATION, Share, "0.1%", "Share of requests that fail here on their own.")
        .aliases(&["error_rate"])
        .default("0%"),
    attr(
        Key::Availability,
        "availability",
        STATION,
        Share,
        "99.95%",
        "Share of time that a replica is up; sets mttf from mttr (5min unless given).",
    ).optional(),
    attr(Key::Mttf, "mttf", STATION, Duration, "30d", "Mean time to failure of a replica, exponential.").optional(),
    attr(Key::Mttr, "mttr", STATION, Duration, "5min", "Mean time to repair of a replica, exponential."),
    attr(Key::RepairCrews, "repair_crews", STATION, Count, "1", "Replicas that can be repaired at once."),
    attr(Key::Startup, "startup", STATION, Duration, "20s", "Time that a replica needs before it serves.")
        .default("0s"),
    attr(Key::Cost, "cost", STATION, Cost, "0.20USD/h", "Cost of a replica-hour, or of a call.").optional(),
    attr(
        Key::Cache,
        "cache",
        STATION,
        Block,
        "{ hit_ratio 85%  hit_time 0.4ms }",
        "Answers without calling on when it has the data.",
    ).optional(),
    attr(Key::CacheHitRatio, "hit_ratio", STATION, Share, "85%", "Share of requests answered from the cache.")
        .group("cache")
        .default("80%"),
    attr(Key::CacheHitTime, "hit_time", STATION, Distribution, "0.4ms", "Work of a hit.")
        .group("cache")
        .unit("ms")
        .default("1ms"),
    attr(Key::CacheLru, "lru", STATION, Count, "1000", "Entries of a least-recently-used cache; replaces hit_ratio. An entry is there once the miss that fetched it was answered.")
        .group("cache"),
    attr(Key::CacheKey, "key", STATION, Keys, "zipf(0.8) over 10k", "How keys are asked for.").group("cache"),
    attr(Key::CacheTtl, "ttl", STATION, Duration, "30s", "How long an entry lives.").optional().group("cache"),
    attr(
        Key::RateLimit,
        "rate_limit",
        STATION,
        Rate,
        "2k/s burst 500",
        "Token bucket in front of it; a request without a token is rejected.",
    ).optional(),
    attr(Key::RateLimitBurst, "burst", STATION, Count, "500", "Tokens that the bucket holds.")
        .group("rate_limit")
        .default("1"),
    attr(Key::Shed, "shed", STATION, Shed, "queue > 80%", "Refuses work early when the condition holds.").optional(),
    attr(
        Key::Balance,
        "balance",
        STATION,
        Word(&["round_robin", "random", "least_connections", "power_of_two", "weighted", "consistent_hash"]),
        "least_connections",
        "How callers spread over the replicas. `consistent_hash`: by the request's key, drawn uniformly for each request and the same for its retries; when a replica goes, only its keys move. `weighted`: in turn, in proportion to the workers of each replica; those of one element have equally many, so it is `round_robin`.",
    )
    .default("round_robin"),
    attr(
        Key::Discovery,
        "discovery",
        STATION,
        Block,
        "{ interval 5s  ttl 15s }",
        "How long a dead replica still gets traffic. Without it callers know at once.",
    ).optional(),
    attr(
        Key::DiscoveryInterval,
        "interval",
        STATION,
        Duration,
        "5s",
        "Time between health checks, the first at the start of the run; a new replica gets traffic from the next one on.",
    )
    .group("discovery")
    .default("5s"),
    attr(
        Key::DiscoveryTtl,
        "ttl",
        STATION,
        Duration,
        "15s",
        "How long callers keep an endpoint after the last check that it answered, at least to the next check. A call to a replica that is gone is refused at once.",
    )
    .group("discovery")
    .default("15s"),
    attr(
        Key::Patience,
        "patience",
        STATION,
        Distribution,
        "exponential(2s)",
        "How long a request waits in the queue before it gives up.",
    ).optional(),
    attr(Key::Slowdown, "slowdown", STATION, Slowdown, "linear(10ms)", "Service grows with what is in flight.").optional(),
    attr(
        Key::Warmup,
        "warmup",
        STATION,
        Duration,
        "60s",
        "Time in which a replica that starts during the run gets warm: the hit ratio of its cache rises linearly from 0 or, without a cache, its speed from half to full. Replicas that are there at the start are warm. An LRU cache needs none: it is empty once the last replica is gone.",
    ),
    attr(
        Key::Deadline,
        "deadline",
        STATION,
        Word(&["propagate"]),
        "propagate",
        "Skips work whose caller has given up.",
    ).optional(),
    attr(
        Key::Coalesce,
        "coalesce",
        STATION,
        Flag,
        "coalesce",
        "Identical cache misses share one call: a miss of a key that is being fetched already waits, without a worker, and ends as that fetch ends. Needs the keys of `cache { lru }`.",
    ),
    attr(
        Key::Shards,
        "shards",
        STATION,
        Count,
        "8 { key zipf(1.0) over 10k }",
        "Data split by key over so many shards, each with `replicas` replicas of its own; the key of popularity rank k is on shard k mod N. A request asks for one key, the same in all of its retries.",
    ).optional().fixed("what is stored would have to move between the shards, which takes hours and is not modelled"),
    attr(Key::ShardsKey, "key", STATION, Keys, "zipf(1.0) over 10k", "How keys are asked for.")
        .group("shards")
        .default("zipf(1.0) over 10k"),
    attr(Key::Scale, "scale", STATION, Block, "{ min 3 max 10 metric \"cpu > 70%\" }", "Autoscaling.").optional(),
    attr(Key::ScaleMin, "min", STATION, Count, "3", "Fewest replicas.").group("scale").default("1"),
    attr(Key::ScaleMax, "max", STATION, Count, "10", "Most replicas.").group("scale").default("10"),
    attr(Key::ScaleMetric, "metric", STATION, Metric, "\"cpu > 70%\"", "Utilisation that it aims at.")
        .group("scale")
        .default("cpu > 70%"),
    attr(Key::ScaleInterval, "interval", STATION, Duration, "15s", "Time between decisions.")
        .group("scale")
        .default("15s"),
    attr(Key::ScaleCooldown, "cooldown", STATION, Duration, "300s", "Wait after a change before it removes replicas.")
        .group("scale")
        .default("300s"),
    // ---- queues
    attr(
        Key::Delivery,
        "delivery",
        QUEUE,
        Word(&["at_least_once", "at_most_once"]),
        "at_least_once",
        "Whether a message that failed comes back.",
    )
    .default("at_least_once"),
    attr(
        Key::Visibility,
        "visibility",
        QUEUE,
        Duration,
        "30s",
        "How long a delivered message stays hidden; unanswered, it comes back after that.",
    )
    .default("30s"),
    attr(Key::MaxDeliveries, "max_deliveries", QUEUE, Count, "5", "Deliveries before a message counts as dead.")
        .default("5")
        .range(1.0, 1e6),
    attr(Key::DeadLetter, "dead_letter", QUEUE, Element, "Shop.DeadLetters", "Where dead messages go.").optional(),
    attr(Key::Capacity, "capacity", QUEUE, Limit, "1M", "Messages that it holds; beyond, a message is rejected.")
        .default("unbounded"),
    attr(Key::Lag, "lag", QUEUE, Duration, "10ms", "Time between a message's arrival and its first delivery.")
        .unit("ms")
        .default("0s"),
    // ---- relations
    attr(Key::Latency, "latency", CALL, Distribution, "0.5ms", "Network time of a request, and again of its reply.")
        .unit("ms")
        .default("0s"),
    attr(Key::Loss, "loss", CALL, Share, "0.01%", "Share of calls lost on the way.").default("0%"),
    attr(
        Key::Timeout,
        "timeout",
        CALL,
        Duration,
        "250ms",
        "How long the caller waits for one attempt: network, queue, service and deeper layers.",
    ).optional()
    .unit("ms"),
    attr(Key::Cancel, "cancel", CALL, Flag, "cancel", "A timeout also stops the work at the callee."),
    attr(Key::Calls, "calls", CALL, Count, "2", "Calls made one after the other for one request.")
        .default("1")
        .range(0.0, 1e4),
    attr(
        Key::Write,
        "write",
        &[Subject::Call, Subject::Request],
        Flag,
        "write",
        "The call changes data: it goes to the primary of copies, waits for them (`replicas N { sync }`) and fails on a full disk. Calls tagged `write` have it.",
    ),
    attr(
        Key::Probability,
        "probability",
        &[Subject::Call, Subject::Request],
        Share,
        "80%",
        "Chance that a request makes this call.",
    )
    .default("100%"),
    attr(
        Key::Parallel,
        "parallel",
        &[Subject::Call, Subject::Request],
        Flag,
        "parallel",
        "Runs beside its neighbouring parallel calls; all are joined.",
    ),
    attr(Key::Async, "async", &[Subject::Call, Subject::Request], Flag, "async", "Sent, not waited for."),
    attr(Key::Weight, "weight", CALL, Count, "3", "Share of a source's load, relative to its other relations.")
        .default("1"),
    attr(
        Key::Retry,
        "retry",
        CALL,
        Count,
        "3 { backoff exponential(50ms, 2x, max 1s)  jitter full }",
        "Attempts after the first one.",
    ).optional()
    .aliases(&["retries"])
    .default("0")
    .range(0.0, 1000.0),
    attr(
        Key::RetryBackoff,
        "backoff",
        CALL,
        Backoff,
        "exponential(50ms, 2x, max 1s)",
        "Wait before each further attempt.",
    )
    .group("retry")
    .default("none"),
    attr(
        Key::RetryJitter,
        "jitter",
        CALL,
        Word(&["none", "full", "equal", "decorrelated"]),
        "full",
        "Randomness of that wait.",
    )
    .group("retry")
    .default("none"),
    attr(Key::RetryBudget, "budget", CALL, Share, "10%", "Retries allowed for each first attempt, on average.").optional()
        .group("retry")
        .range(0.0, 100.0),
    attr(
        Key::RetryOn,
        "on",
        CALL,
        Words(&["timeout", "error", "rejected"]),
        "[timeout, error]",
        "Which outcomes are tried again.",
    )
    .group("retry")
    .default("[timeout, error, rejected]"),
    attr(
        Key::CircuitBreaker,
        "circuit_breaker",
        CALL,
        Block,
        "{ errors 50%  window 10s  min_calls 20  open 5s  half_open 3 }",
        "Stops calling what keeps failing.",
    ).optional()
    .aliases(&["breaker"]),
    attr(Key::BreakerErrors, "errors", CALL, Share, "50%", "Share of failures in the window that opens it.")
        .group("circuit_breaker")
        .default("50%"),
    attr(
        Key::BreakerConsecutive,
        "consecutive",
        CALL,
        Count,
        "5",
        "Failures in a row that open it; replaces errors, window and min_calls.",
    )
    .group("circuit_breaker"),
    attr(Key::BreakerWindow, "window", CALL, Duration, "10s", "Length of the sliding window.")
        .group("circuit_breaker")
        .default("10s"),
    attr(Key::BreakerMinCalls, "min_calls", CALL, Count, "20", "Calls in the window before it may open.")
        .group("circuit_breaker")
        .default("20"),
    attr(Key::BreakerOpen, "open", CALL, Duration, "5s", "How long it stays open before it lets probes through.")
        .group("circuit_breaker")
        .default("5s"),
    attr(Key::BreakerHalfOpen, "half_open", CALL, Count, "3", "Probes let through when half open.")
        .group("circuit_breaker")
        .default("1")
        .range(1.0, 1e6),
    attr(Key::Pool, "pool", CALL, Count, "20", "Connections of each caller replica; a call without one waits.").optional()
        .range(1.0, 1e6),
    attr(Key::PoolWait, "wait", CALL, Duration, "100ms", "How long a call waits for a connection before it fails.").optional()
        .group("pool")
        .unit("ms"),
    attr(
        Key::Bulkhead,
        "bulkhead",
        CALL,
        Count,
        "50",
        "Concurrent calls of each caller replica; beyond, a call is refused.",
    ).optional()
    .range(1.0, 1e6),
    attr(Key::Hedge, "hedge", CALL, Hedge, "after p95", "Sends a second copy of a call that has not been answered by then: after a time, or after a percentile of what first copies take (of the last 1000; none before the first 100). To another replica where there are several. The first success counts; the other copy is dropped, and stopped where `cancel` is set. Each has the `timeout` to itself; both are attempts, the second is no retry.").optional(),
    attr(Key::Fallback, "fallback", CALL, Element, "Shop.Cache", "Called instead when the call has failed for good.").optional(),
    // ---- request types and sources
    attr(
        Key::Priority,
        "priority",
        REQUEST,
        Count,
        "2",
        "Higher is served first at stations with `discipline priority`.",
    )
    .default("0"),
    attr(Key::Preempt, "preempt", REQUEST, Flag, "preempt", "Interrupts lower priorities in service; their work goes on later."),
    attr(Key::Arrivals, "arrivals", SOURCE, Arrivals, "poisson", "How requests arrive at the given mean rate.")
        .default("poisson"),
];

/// The row of `key`.
pub fn attribute(key: Key) -> &'static Attribute {
    // Rows stand in the order of their keys in all but a few places: a guess, then a search.
    let guess = &ATTRIBUTES[(key as usize).min(ATTRIBUTES.len() - 1)];
    if guess.key == key { guess } else { ATTRIBUTES.iter().find(|a| a.key == key).unwrap_or(&ATTRIBUTES[0]) }
}

/// The full path of an attribute, the same text for everybody: a large model names the attributes
/// that it assumes a hundred thousand times.
pub fn shared_path(key: Key) -> Arc<str> {
    static PATHS: OnceLock<Vec<Arc<str>>> = OnceLock::new();
    let paths = PATHS.get_or_init(|| {
        let mut paths = vec![Arc::from(""); ATTRIBUTES.len()];
        ATTRIBUTES.iter().for_each(|row| paths[row.key as usize] = row.path().into());
        paths
    });
    Arc::clone(&paths[key as usize])
}

/// The attribute of `group` that is spelt `name`, aliases included, whatever it describes.
pub fn find_attribute(group: Option<&str>, name: &str) -> Option<&'static Attribute> {
    attributes_named(group, name).next()
}

/// Every attribute of `group` that is spelt `name`, aliases included; by hash, because every word of every block is
/// looked up.
pub fn attributes_named<'n>(group: Option<&'n str>, name: &'n str) -> impl Iterator<Item = &'static Attribute> + 'n {
    static ROWS: OnceLock<HashMap<(&'static str, &'static str), Vec<&'static Attribute>>> = OnceLock::new();
    let rows = ROWS.get_or_init(|| {
        let mut rows: HashMap<_, Vec<_>> = HashMap::new();
        for row in ATTRIBUTES {
            for name in std::iter::once(row.name).chain(row.aliases.iter().copied()) {
                rows.entry((row.group.unwrap_or(""), name)).or_default().push(row);
            }
        }
        rows
    });
    rows.get(&(group.unwrap_or(""), name)).into_iter().flatten().copied()
}

/// Attributes that stand in the braces of `group`.
pub fn group_of(group: &str) -> impl Iterator<Item = &'static Attribute> {
    ATTRIBUTES.iter().filter(move |a| a.group == Some(group))
}

/// Attributes that describe `subject`.
pub fn attributes_of(subject: Subject) -> impl Iterator<Item = &'static Attribute> {
    ATTRIBUTES.iter().filter(move |a| a.subjects.contains(&subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_is_found_by_its_key_and_its_path_is_unique() {
        let mut seen = BTreeSet::new();
        for row in ATTRIBUTES {
            assert_eq!(attribute(row.key).name, row.name);
            assert!(seen.insert(row.path()), "{} twice", row.path());
            assert!(row.doc.ends_with('.') && !row.example.is_empty());
        }
    }

    #[test]
    fn every_group_has_a_head() {
        for row in ATTRIBUTES.iter().filter_map(|a| a.group) {
            assert!(find_attribute(None, row).is_some(), "no attribute {row} to hold its group");
        }
    }
}
