//! The verbs of chaos events.

/// A chaos action, by its canonical verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is documented by its row in the table")]
pub enum Verb {
    Kill,
    Stop,
    Restart,
    Pause,
    Hang,
    Slow,
    Fail,
    Partition,
    Delay,
    Drop,
    Throttle,
    Increase,
    Decrease,
    Set,
    Surge,
    Exhaust,
    Outage,
    Deploy,
    Scale,
    ClearCache,
    Duplicate,
    Reorder,
    Failover,
    Leak,
    Quota,
    AutoscaleOff,
    HotKey,
    ConsumerStop,
    Poison,
    Heal,
}

/// One chaos verb.
#[derive(Debug)]
pub struct ChaosVerb {
    /// Which action.
    pub verb: Verb,
    /// Canonical spelling.
    pub name: &'static str,
    /// Names that other tools use; the formatter rewrites them.
    pub aliases: &'static [&'static str],
    /// How it is written.
    pub form: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

const fn verb(
    verb: Verb,
    name: &'static str,
    aliases: &'static [&'static str],
    form: &'static str,
    doc: &'static str,
) -> ChaosVerb {
    ChaosVerb { verb, name, aliases, form, doc }
}

/// Every chaos verb.
pub static CHAOS_VERBS: &[ChaosVerb] = &[
    verb(
        Verb::Kill,
        "kill",
        &["terminate", "crash", "pod-delete", "pod_delete", "process-kill", "evict"],
        "kill X [graceful] [cold] | kill N replica of X",
        "The element (or so many replicas of it) is gone at once; what was in service fails. `graceful`: as with `stop`, it takes no new work and ends what it has first. `cold`: when it is back its caches are empty.",
    ),
    verb(
        Verb::Stop,
        "stop",
        &["shutdown", "power-off", "grace"],
        "stop X [grace 30s]",
        "Takes no new work, ends what it has, and is killed when its grace is over (30 s unless said). When the fault ends before that, it takes work again at once; afterwards it is started anew.",
    ),
    verb(
        Verb::Restart,
        "restart",
        &["reboot", "container-kill"],
        "restart X [downtime D] [graceful] [cold]",
        "Killed and started again after its startup time. `graceful`: it takes no new work meanwhile and ends what it has. `cold`: its caches are empty then; a hit ratio rises from 0 over `warmup` (or a minute), an LRU loses the replica's part.",
    ),
    verb(
        Verb::Pause,
        "pause",
        &["freeze", "SIGSTOP"],
        "pause X",
        "Nothing is served; work stays where it is and goes on afterwards.",
    ),
    verb(
        Verb::Hang,
        "hang",
        &["blackhole"],
        "hang X",
        "Calls are never answered, neither those under way nor those that come; the callers' timeouts decide. Without a timeout they wait until the fault ends, and fail then.",
    ),
    verb(
        Verb::Slow,
        "slow",
        &["latency", "gray", "cpu", "stress", "io"],
        "slow X by 5x | slow X by +200ms",
        "Service takes longer.",
    ),
    verb(
        Verb::Fail,
        "fail",
        &["error", "exception", "abort", "fault"],
        "fail X 30% | fail N replica of X 30%",
        "This share of requests fails; of some replicas only, of those that they serve.",
    ),
    verb(
        Verb::Partition,
        "partition",
        &["network-partition", "isolate"],
        "partition A | B [loss P] [oneway]",
        "No messages across the cut.",
    ),
    verb(Verb::Delay, "delay", &["jitter"], "delay A -> B by 100ms [jitter 20ms]", "Messages take longer."),
    verb(Verb::Drop, "drop", &["loss", "packet-loss"], "drop A -> B 10%", "This share of messages is lost."),
    verb(
        Verb::Throttle,
        "throttle",
        &["rate-limit", "bandwidth"],
        "throttle X to 100/s | throttle N replica of X to 100/s",
        "More than this rate is rejected. Of some replicas only: each of them takes so much.",
    ),
    verb(Verb::Increase, "increase", &["raise"], "increase X.attr by 80%", "An attribute grows."),
    verb(Verb::Decrease, "decrease", &["lower"], "decrease X.attr by 50%", "An attribute shrinks."),
    verb(Verb::Set, "set", &["config_change"], "set X.attr = V", "An attribute takes another value."),
    verb(Verb::Surge, "surge", &["load", "loadgen", "spike"], "surge load 5x", "More load."),
    verb(
        Verb::Exhaust,
        "exhaust",
        &["fill"],
        "exhaust X.pool | exhaust A->B.pool | exhaust X.memory | exhaust X.disk",
        "A resource has nothing left. `pool`: no further call of the relation (of an element: of any that it makes) gets a connection. `memory`: it fills up along `ramp`, service takes 1/(1 − used) times as long, and when it is full the element is killed. `disk`: calls with `write` fail, and queues take no messages.",
    ),
    verb(
        Verb::Outage,
        "outage",
        &["zone_outage", "region_outage", "az-outage"],
        "outage zone Z",
        "Everything placed in the zone is gone.",
    ),
    verb(
        Verb::Deploy,
        "deploy",
        &["rollout", "rollback"],
        "deploy X { … } [canary] [cold] | deploy N replica of X { … }",
        "A rolling restart: one replica after the other takes nothing new for its `startup`, and ends what it has. The attributes hold once the last one is back. `canary`, or of so many replicas: only these run the new version (its `service_time`, `errors` and `concurrency`) while the event lasts, each from when it is back. `cold`: whoever is back has empty caches.",
    ),
    verb(Verb::Scale, "scale", &["scale_down"], "scale X to N", "Another number of replicas."),
    verb(
        Verb::ClearCache,
        "clear_cache",
        &["cache_flush", "cache-flush"],
        "clear_cache X [for D]",
        "The cache is empty: an LRU fills again by itself; a hit ratio rises back from 0 linearly over D (else over `warmup`, or a minute).",
    ),
    verb(
        Verb::Duplicate,
        "duplicate",
        &[],
        "duplicate A -> B 5%",
        "This share of requests and messages arrives twice (all of them unless said). The second is worked on like the first; nobody waits for it.",
    ),
    verb(
        Verb::Reorder,
        "reorder",
        &[],
        "reorder A -> B 5% [by 10ms] | reorder Q 5%",
        "This share of requests and messages (half unless said) arrives so much later (10 ms unless said): those that were sent after it overtake it.",
    ),
    verb(
        Verb::Failover,
        "failover",
        &[],
        "failover X [for D]",
        "The primary is gone; after D (or 30 s) another is elected and the old one starts again as a copy. Till then writes fail.",
    ),
    verb(
        Verb::Leak,
        "leak",
        &[],
        "leak X 1%/s",
        "Memory is lost at this rate: service takes 1/(1 − lost) times as long, in steps of 5 %; when all is lost the replicas are killed and start again, and so does the leak.",
    ),
    verb(
        Verb::Quota,
        "quota",
        &["insufficient-instance-capacity"],
        "quota X",
        "No further replicas can be had, by the autoscaler or by `scale`; those that are there stay.",
    ),
    verb(Verb::AutoscaleOff, "autoscale_off", &[], "autoscale_off X", "The autoscaler does nothing."),
    verb(
        Verb::HotKey,
        "hot_key",
        &[],
        "hot_key X 50%",
        "This share of requests asks for one key, the most popular: of shards, an LRU cache, or consistent hashing.",
    ),
    verb(Verb::ConsumerStop, "consumer_stop", &[], "consumer_stop Q", "Consumers stop, producers go on."),
    verb(
        Verb::Poison,
        "poison",
        &[],
        "poison Q rate 1%",
        "This share of the messages that it accepts (all unless said) fails in every delivery, until it is a dead letter.",
    ),
    verb(
        Verb::Heal,
        "heal",
        &["recover", "halt"],
        "heal | heal X | heal A -> B",
        "The faults under way end now: all of them, or those that hit the element, one of its relations, or the relation. A surge hits every source, a change of a flow the relation by which it enters. Those that come again do.",
    ),
];

/// The verb spelt `name`, aliases included.
pub fn find_verb(name: &str) -> Option<&'static ChaosVerb> {
    CHAOS_VERBS.iter().find(|v| v.name == name || v.aliases.contains(&name))
}
