//! Runs built by hand: a shop of two stations whose database saturates.

use crate::exec::event::{FinishedRun, ParamValue, RunInfo, RunStatus};
use crate::measure::{
    ElementMeasures, FaultRecord, LatencyMeasures, Probe, RelationMeasures, Replicate, RunMeasures, TrafficMeasures,
    WindowMeasures,
};
use crate::model::{
    Architecture, Call, CallBehavior, CallId, Comparison, Condition, Element, ElementId, Entry, Expectation,
    ExpectationOrigin, Limit, Metric, MetricScope, RetryPolicy, RunConfig, Station, StationBehavior, StationId, Term,
    Window,
};
use crate::quantity::Duration;
use std::sync::Arc;

/// Seconds of a run, warm-up included.
pub const LENGTH: usize = 60;
/// Seconds of warm-up.
pub const WARMUP: usize = 10;

pub fn station(element: u32, path: &str) -> Station {
    Station {
        element: ElementId(element),
        path: path.into(),
        is_queue: false,
        domains: Vec::new(),
        assumed: vec!["service_time".into(), "queue".into()],
        behavior: StationBehavior { concurrency: Limit::At(10), ..StationBehavior::default() },
    }
}

fn element(path: &str, station: Option<u32>) -> Element {
    Element {
        path: path.into(),
        title: path.into(),
        kind: "container".into(),
        technology: None,
        parent: None,
        station: station.map(StationId),
        tags: Vec::new(),
        depends_on: Vec::new(),
        aliases: Vec::new(),
    }
}

/// `Shop.Api -> Shop.Db` with a timeout and three retries.
pub fn shop() -> Architecture {
    let behavior = CallBehavior {
        timeout: Some(Duration(250_000_000)),
        retry: Some(RetryPolicy { count: 3, ..RetryPolicy::default() }),
        ..CallBehavior::default()
    };
    Architecture {
        elements: vec![element("Shop.Api", Some(0)), element("Shop.Db", Some(1))],
        stations: vec![station(0, "Shop.Api"), station(1, "Shop.Db")],
        calls: vec![Call {
            path: "Shop.Api->Shop.Db".into(),
            from: Entry::Station(StationId(0)),
            to: StationId(1),
            behavior,
            quorum: None,
            assumed: vec!["latency".into()],
        }],
        ..Architecture::default()
    }
}

pub fn expectation(text: &str, metric: Metric, comparison: Comparison, limit: f64, window: Window) -> Expectation {
    Expectation {
        text: text.into(),
        condition: Condition::Compare(Term::Metric(metric, MetricScope::All), comparison, Term::Value(limit)),
        window,
        origin: ExpectationOrigin::Scenario,
        period: None,
    }
}

/// `p95 < 200ms` and `error_rate < 1%`.
pub fn config() -> RunConfig {
    RunConfig {
        duration: Duration(60_000_000_000),
        expectations: vec![
            expectation("p95 < 200ms", Metric::Quantile(0.95), Comparison::Less, 0.2, Window::Whole),
            expectation("error_rate < 1%", Metric::ErrorRate, Comparison::Less, 0.01, Window::Whole),
        ],
        ..RunConfig::default()
    }
}

/// What a shop with this capacity yields at this load: hyperbolic below, collapse above.
#[derive(Clone, Copy)]
pub struct Conditions {
    pub load: f64,
    pub capacity: f64,
    pub failures: f64,
    pub fault: Option<(usize, usize)>,
    /// Whether it stays bad after the fault.
    pub stuck: bool,
    pub replications: u32,
}

impl Conditions {
    pub fn calm(load: f64, capacity: f64) -> Self {
        Self { load, capacity, failures: 0.0, fault: None, stuck: false, replications: 5 }
    }

    fn is_bad(&self, second: usize) -> bool {
        let overloaded = self.load > self.capacity;
        let in_fault = self.fault.is_some_and(|(from, to)| second >= from && (second < to || self.stuck));
        overloaded || in_fault
    }

    fn success(&self, second: usize) -> f64 {
        let kept = if !self.is_bad(second) {
            1.0
        } else if self.load > self.capacity {
            0.8 * self.capacity / self.load
        } else {
            0.1
        };
        kept * (1.0 - self.failures)
    }

    fn p95(&self, second: usize) -> f64 {
        if self.is_bad(second) { 2.5 } else { 0.05 / (1.0 - self.load / self.capacity).max(0.02) }
    }

    fn window(&self, second: usize) -> WindowMeasures {
        let succeeded = self.load * self.success(second);
        let bad = self.is_bad(second);
        let utilization = if bad { 1.0 } else { self.load / self.capacity };
        let growing = if self.load > self.capacity { (self.load - self.capacity) * second as f64 } else { 0.0 };
        WindowMeasures {
            offered: self.load,
            succeeded,
            failed: self.load - succeeded,
            in_flight: self.load * self.p95(second) / 2.0 + growing,
            disturbed: self.fault.is_some_and(|(from, to)| (from..to).contains(&second)),
            calls: vec![if bad { [self.load, 2.8 * self.load, 2.2 * self.load] } else { [self.load, self.load, 0.0] }],
            stations: vec![
                [0.0, 4.0 * utilization, 0.4 * utilization],
                [if bad { 120.0 } else { 0.5 }, 10.0 * utilization, utilization],
            ],
        }
    }

    pub fn measures(&self, config: &RunConfig) -> RunMeasures {
        let windows: Vec<WindowMeasures> = (0..LENGTH).map(|s| self.window(s)).collect();
        let measured = WARMUP..LENGTH;
        let seconds = (LENGTH - WARMUP) as f64;
        let offered = self.load * seconds;
        let succeeded: f64 = measured.clone().map(|s| windows[s].succeeded).sum();
        let error_rate = if offered > 0.0 { 1.0 - succeeded / offered } else { 0.0 };
        let p95 = measured.clone().map(|s| self.p95(s)).fold(0.0, f64::max);
        let busy = measured.clone().map(|s| windows[s].stations[1][2]).sum::<f64>() / seconds;
        let bad = measured.clone().filter(|s| self.is_bad(*s)).count() as f64 / seconds;
        let latency = if self.load > 0.0 {
            LatencyMeasures {
                mean: p95 / 2.5,
                p50: p95 / 3.0,
                p90: p95 / 1.2,
                p95,
                p99: p95 * 1.6,
                p999: p95 * 2.0,
                max: p95 * 3.0,
                stddev: p95 / 3.0,
            }
        } else {
            LatencyMeasures::default()
        };
        let value = |metric: Metric| if metric == Metric::ErrorRate { error_rate } else { latency.p95 };
        let at = |metric: Metric, s: usize| {
            if metric == Metric::ErrorRate { 1.0 - self.success(s) } else { self.p95(s) }
        };
        let probe = |e: &Expectation| match &e.condition {
            Condition::Compare(Term::Metric(metric, scope), ..) => Some(Probe {
                metric: *metric,
                scope: *scope,
                window: e.window,
                value: value(*metric),
                ci95: None,
                series: (0..LENGTH).map(|s| at(*metric, s)).collect(),
                spent: Vec::new(),
            }),
            _ => None,
        };
        let replicate = |n: u32| {
            // The same wobble in every version: common random numbers.
            let wobble = 1.0 + 0.02 * [0.3, -1.0, 0.8, -0.4, 0.5][n as usize % 5];
            Replicate {
                mean: latency.mean * wobble,
                p50: latency.p50 * wobble,
                p95: latency.p95 * wobble,
                p99: latency.p99 * wobble,
                error_rate,
                throughput: self.load,
                goodput: succeeded / seconds,
                amplification: 1.0 + 1.8 * bad,
                cost: 0.0,
            }
        };
        let count = |x: f64| x.round().max(0.0) as u64;
        RunMeasures {
            replications: self.replications,
            metrics: TrafficMeasures {
                offered: count(offered),
                requests: count(offered),
                succeeded: count(succeeded),
                failed: 0,
                timed_out: count(offered - succeeded),
                throughput: self.load,
                goodput: succeeded / seconds,
                error_rate,
                availability: 1.0 - error_rate,
                amplification: 1.0 + 1.8 * bad,
                latency,
                in_flight: self.load * latency.mean,
                ..TrafficMeasures::default()
            },
            ci95: if self.replications > 1 {
                [
                    ("latency.p95".into(), [latency.p95 * 0.97, latency.p95 * 1.04]),
                    ("error_rate".into(), [error_rate * 0.9, error_rate * 1.1]),
                ]
                .into()
            } else {
                Default::default()
            },
            elements: [
                ("Shop.Api".into(), self.element(0.4 * busy, 0.0, offered)),
                (
                    "Shop.Db".into(),
                    self.element(busy, if bad > 0.0 { 0.8 } else { 0.004 }, offered * (1.0 + 1.8 * bad)),
                ),
            ]
            .into(),
            relations: [(
                "Shop.Api->Shop.Db".into(),
                RelationMeasures {
                    calls: count(offered),
                    attempts: count(offered * (1.0 + 1.8 * bad)),
                    hedges: 0,
                    retries: count(offered * 1.8 * bad),
                    timeouts: count(offered * 2.2 * bad),
                    latency_mean: latency.mean,
                    ..RelationMeasures::default()
                },
            )]
            .into(),
            probes: config.expectations.iter().filter_map(probe).collect(),
            windows,
            replicates: (0..self.replications).map(replicate).collect(),
            faults: self
                .fault
                .map(|(from, to)| FaultRecord { text: "slow Shop.Db by 5x".into(), at: from as f64, until: to as f64 })
                .into_iter()
                .collect(),
            warmup: WARMUP as f64,
            measured: seconds,
            events: count(offered * 12.0),
            ..RunMeasures::default()
        }
    }

    fn element(&self, utilization: f64, wait: f64, arrivals: f64) -> ElementMeasures {
        ElementMeasures {
            arrivals: arrivals.round() as u64,
            throughput: arrivals / (LENGTH - WARMUP) as f64,
            utilization,
            busy: 10.0 * utilization,
            queue_mean: wait * self.load,
            queue_max: (wait * self.load * 4.0) as u64,
            wait_mean: wait,
            wait_probability: utilization,
            response_mean: wait + 0.01,
            response_p95: 3.0 * wait + 0.02,
            replicas_mean: 1.0,
            up_share: 1.0,
            ..ElementMeasures::default()
        }
    }
}

/// A finished run of these conditions.
pub fn finished(index: u64, version: &str, params: &[(&str, f64)], conditions: Conditions) -> FinishedRun {
    let values: Vec<String> =
        params.iter().map(|(name, v)| (if *name == "failures" { v * 100.0 } else { *v }).to_string()).collect();
    let name = [&["LoadScale".to_owned()], &values[..]].concat().join("-");
    FinishedRun {
        info: RunInfo {
            index,
            name: if version == "working" { name.into() } else { format!("{version}:{name}").into() },
            scenario: "LoadScale".into(),
            version: version.into(),
            commit: None,
            params: params.iter().map(|(name, v)| (Arc::from(*name), ParamValue::Number(*v))).collect(),
            seed: 42,
            hash: format!("{index:04x}").into(),
        },
        status: RunStatus::Completed,
        error: None,
        measures: conditions.measures(&config()).into(),
        cpu_seconds: 0.25,
        cached: false,
    }
}

/// The only relation of the shop.
pub const CALL: CallId = CallId(0);
