//! Random valid texts: a model, how its parts perform, and two scenarios.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

const KINDS: &[&str] =
    &["service", "container", "database", "cache", "gateway", "worker", "queue", "topic", "microservice"];

const WORK: &[&str] = &[
    "4ms",
    "exponential(5ms)",
    "lognormal(p50 3ms, p99 20ms)",
    "lognormal(6ms, 1.5)",
    "uniform(1ms, 9ms)",
    "erlang(3, 5ms)",
    "gamma(4ms, 0.5)",
    "hyperexponential(90% 2ms, 10% 30ms)",
    "mixture(99% 2ms, 1% exponential(40ms))",
];

const STATION: &[&str] = &[
    "replicas 2",
    "concurrency 3",
    "queue 40",
    "discipline lifo",
    "discipline ps",
    "blocking",
    "nonblocking",
    "errors 1%",
    "mttf 30s mttr 1s",
    "startup 500ms",
    "cost 0.20USD/h",
    "cache { hit_ratio 60%  hit_time 0.4ms }",
    "rate_limit 2k/s burst 50",
    "balance least_connections",
    "discovery { interval 1s  ttl 2s }",
    "patience exponential(300ms)",
    "slowdown linear(1ms)",
    "deadline propagate",
    "coalesce",
];

const CALL: &[&str] = &[
    "latency 0.5ms",
    "latency exponential(1ms)",
    "loss 1%",
    "timeout 60ms",
    "calls 2",
    "probability 80%",
    "parallel",
    "async",
    "retry 2 { backoff exponential(5ms, 2x, max 1s)  jitter full  budget 10%  on [timeout, error] }",
    "circuit_breaker { errors 50%  window 2s  min_calls 20  open 500ms  half_open 3 }",
    "pool 4 { wait 20ms }",
    "bulkhead 5",
    "hedge after p95",
];

/// Names of elements are `{S}`; the places of random stations are filled in by [`World::text`].
const EVENTS: &[&str] = &[
    "at 1s kill {S} for 500ms",
    "at 1s kill 1 replica of {S} for 1s",
    "at 1s slow {S} by 3x for 1s",
    "at 800ms slow {S} by +20ms for 1s",
    "at 1s fail {S} 30% for 1s",
    "at 1s pause {S} for 200ms",
    "at 1200ms restart {S}",
    "at 1s surge load 2x for 1s",
    "at 1s scale {S} to 3",
    "at 1s throttle {S} to 20/s for 1s",
    "at 1s set {S}.replicas = 2",
    "at 1s kill any 1 of [{S}, {T}] for 500ms",
    "when queue({S}) > 5 for 200ms kill 1 replica of {S} for 500ms",
];

const EXPECTATIONS: &[&str] = &[
    "expect p95 < 90ms",
    "expect p99({S}) < 40ms and utilization({S}) < 90%",
    "expect error_rate < 1% during chaos",
    "expect not (availability < 99% or goodput < 10/s) from 1s to 2s",
    "expect error_rate < 5% always",
    "expect p95 < 50ms eventually within 2s",
    "expect recovery_time < 2s",
];

const SWEEPS: &[&str] = &[
    "load = 20..80 step 20",
    "load.range 20..80",
    "load = [20, 45/s, 3k/min]",
    "load = 10/s..100/s log 3",
    "param peak = [2x, 3x]\n  load = 30\n  at 1s surge load peak for 1s",
    "failures = 0..10% step 5%",
    "latency = [0ms, 5ms]",
    "retries = 0..2 step 1",
    "{S}.replicas = 1..3 step 1",
    "{T}.service_time = [2ms, exponential(3ms)]",
    "zip { {S}.concurrency = [1, 2, 4]  {S}.cost = [0.1USD/h, 0.2USD/h, 0.3USD/h] }",
    "at 1s..2s step 500ms slow {S} by 2x for 300ms",
    "at 2s kill one of [{S}, {T}] for 200ms",
    "exclude when load > 60 and failures > 5%",
];

/// A station: what it is, and how it performs.
#[derive(Debug, Clone)]
struct Station {
    kind: &'static str,
    work: &'static str,
    attributes: Vec<&'static str>,
    /// Its behavior stands in its own braces.
    inside: bool,
}

/// A relation between two stations, by draws that [`World::pair`] makes numbers of.
#[derive(Debug, Clone)]
struct Call {
    ends: (Index, Index),
    attributes: Vec<&'static str>,
    inside: bool,
}

/// What all texts of a world say, whatever their layout.
#[derive(Debug, Clone)]
pub struct World {
    stations: Vec<Station>,
    calls: Vec<Call>,
    events: Vec<&'static str>,
    expectations: Vec<&'static str>,
    sweeps: Vec<&'static str>,
    sample: Option<&'static str>,
    places: (Index, Index),
    /// All stations stand in one system.
    grouped: bool,
    /// A request type with a path of its own.
    flow: bool,
    version: bool,
}

/// How a world is told: nothing here may change what comes out.
#[derive(Debug, Clone, Default)]
pub struct Telling {
    /// In which order stations are declared; as they come where it is empty.
    pub order: Vec<Index>,
    /// Whether elements have descriptions.
    pub described: bool,
    /// An element that nobody knows.
    pub stranger: bool,
}

fn station() -> impl Strategy<Value = Station> {
    let attributes = subsequence(STATION, 0..=4);
    (select(KINDS), select(WORK), attributes, any::<bool>()).prop_map(|(kind, work, attributes, inside)| Station {
        kind,
        work,
        attributes,
        inside,
    })
}

fn call() -> impl Strategy<Value = Call> {
    (any::<(Index, Index)>(), subsequence(CALL, 0..=3), any::<bool>()).prop_map(|(ends, attributes, inside)| Call {
        ends,
        attributes,
        inside,
    })
}

/// Any world.
pub fn world() -> impl Strategy<Value = World> {
    let model = (vec(station(), 2..6), vec(call(), 0..7), any::<bool>(), any::<bool>());
    let sample = option::weighted(0.2, select(&["sample 7", "sample 5 latin"][..]));
    let conditions = (subsequence(EVENTS, 0..=3), subsequence(EXPECTATIONS, 0..=3), subsequence(SWEEPS, 0..=3));
    (model, conditions, sample, any::<(Index, Index)>(), any::<bool>()).prop_map(
        |((stations, calls, grouped, flow), (events, expectations, sweeps), sample, places, version)| {
            let sweeps = once_each(sweeps);
            let stations = with_entry(stations);
            World { stations, calls, events, expectations, sweeps, sample, places, grouped, flow, version }
        },
    )
}

/// The first station takes requests, which a queue does not.
fn with_entry(mut stations: Vec<Station>) -> Vec<Station> {
    stations[0].kind = "gateway";
    stations
}

/// At most one sweep of what is named before the sign; conditions only with what they name.
fn once_each(sweeps: Vec<&'static str>) -> Vec<&'static str> {
    let loads = |sweep: &&str| sweep.starts_with("load") || sweep.starts_with("param");
    let load = sweeps.iter().copied().find(|sweep| loads(sweep)).unwrap_or("load = 30");
    let vary = load.starts_with("load = [") || load.contains("..");
    let varies = vary && sweeps.iter().any(|sweep| sweep.starts_with("failures"));
    let rest = sweeps.into_iter().filter(|sweep| !loads(sweep) && (varies || !sweep.starts_with("exclude")));
    std::iter::once(load).chain(rest).collect()
}

/// Without a second spelling of the same attribute: `discipline lifo discipline ps`.
fn distinct(attributes: &[&'static str]) -> String {
    let head = |text: &&str| {
        match text.split(' ').next() {
            Some("nonblocking") => "blocking",
            other => other.unwrap_or_default(),
        }
        .to_owned()
    };
    let mut seen = std::collections::BTreeSet::new();
    let kept: Vec<&str> = attributes.iter().copied().filter(|text| seen.insert(head(text))).collect();
    kept.join("  ")
}

impl World {
    fn path(&self, n: usize) -> String {
        if self.grouped { format!("Shop.S{n}") } else { format!("S{n}") }
    }

    /// Names of two stations for the places that events and sweeps name.
    fn placed(&self, text: &str) -> String {
        let count = self.stations.len();
        let first = self.places.0.index(count);
        let second = (first + 1 + self.places.1.index(count - 1)) % count;
        text.replace("{S}", &self.path(first)).replace("{T}", &self.path(second))
    }

    /// Two different stations, the caller declared first, and no pair twice.
    fn pairs(&self) -> Vec<(usize, usize, &Call)> {
        let mut seen = std::collections::BTreeSet::new();
        let pair = |call: &'_ Call| {
            let (a, b) = (call.ends.0.index(self.stations.len()), call.ends.1.index(self.stations.len()));
            (a.min(b), a.max(b))
        };
        let pairs = self.calls.iter().map(|call| (pair(call).0, pair(call).1, call));
        pairs.filter(|(a, b, _)| a != b && seen.insert((*a, *b))).collect()
    }

    fn behavior(&self, n: usize) -> String {
        let Station { work, attributes, .. } = &self.stations[n];
        format!("service_time {work}  {}", distinct(attributes)).trim_end().to_owned()
    }

    fn declaration(&self, n: usize, telling: &Telling) -> String {
        let Station { kind, inside, .. } = &self.stations[n];
        let mut text = format!("S{n} = {kind} \"Station {n}\" {{\n");
        if telling.described {
            text += "  description \"what somebody, said: { of } it\"\n";
        }
        if *inside {
            text += &format!("  behavior {{ {} }}\n", self.behavior(n));
        }
        text + "}\n"
    }

    fn declarations(&self, telling: &Telling) -> String {
        let mut left: Vec<usize> = (0..self.stations.len()).collect();
        let mut text = String::new();
        for n in 0..left.len() {
            let at = telling.order.get(n).map_or(0, |index| index.index(left.len()));
            text += &self.declaration(left.remove(at), telling);
        }
        if telling.stranger {
            text += "Stranger = service \"Nobody calls\" { behavior { service_time exponential(7ms) } }\n";
        }
        if self.grouped { format!("Shop = system \"Shop\" {{\n{text}}}\n") } else { text }
    }

    fn relations(&self) -> String {
        let mut text = format!("User -> {} \"asks\"\n", self.path(0));
        for (from, to, call) in self.pairs() {
            let ends = format!("{} -> {}", self.path(from), self.path(to));
            let attributes = distinct(&call.attributes);
            text += &match (attributes.is_empty(), call.inside) {
                (true, _) => format!("{ends} \"needs\" [tagged]\n"),
                (false, true) => format!("{ends} {{ {attributes} }}\n"),
                (false, false) => format!("{ends}\nbehavior {ends} {{\n  {attributes}\n}}\n"),
            };
        }
        text
    }

    fn behaviors(&self) -> String {
        let outside = (0..self.stations.len()).filter(|n| !self.stations[*n].inside);
        outside.map(|n| format!("behavior {} {{ {} }}\n", self.path(n), self.behavior(n))).collect()
    }

    fn flows(&self) -> String {
        let first = self.path(0);
        let steps = self.pairs().into_iter().filter(|(from, ..)| *from == 0);
        let step = |(_, to, _)| format!("  step {first} -> {} \"goes on\" {{ probability 60% }}\n", self.path(to));
        let steps: String = steps.map(step).collect();
        format!("Buy = flow \"Buy\" {{\n  step User -> {first} \"asks\"\n{steps}}}\n")
    }

    fn scenarios(&self) -> String {
        let lines = |texts: &[&str]| texts.iter().map(|text| format!("  {}\n", self.placed(text))).collect::<String>();
        let versions = if self.version { "  versions [now, next]\n" } else { "" };
        format!(
            "scenario Calm {{\n  load = 40/s\n  duration 3s   warmup 500ms   replications 1   seed 7\n{}{}}}\n\
             scenario Swept \"More of it\" extends Calm {{\n{versions}{}  {}\n}}\n",
            lines(&self.events),
            lines(&self.expectations),
            lines(&self.sweeps),
            self.sample.unwrap_or_default(),
        )
    }

    /// The file.
    pub fn text(&self, telling: &Telling) -> String {
        let next = format!(
            "version now extends working {{ }}\nversion next extends working {{ {}.replicas = 3 }}\n",
            self.path(0)
        );
        let parts = [
            "// made up\nUser = person \"User\"\n".to_owned(),
            self.declarations(telling),
            self.relations(),
            self.behaviors(),
            if self.flow { self.flows() } else { String::new() },
            if self.version { next } else { String::new() },
            self.scenarios(),
        ];
        parts.concat()
    }
}
