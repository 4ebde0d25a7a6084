//! From raw replications to measures: counters add, histograms merge, intervals come from the spread.

use super::probe;
use super::record::{BATCHES, LinkTally, Replication, Second, StationTally};
use super::stats::{Histogram, half_width};
use crate::measure::{
    ElementMeasures, LatencyMeasures, RelationMeasures, Replicate, RequestMeasures, RunMeasures, TrafficMeasures,
    WindowMeasures,
};
use crate::model::{Architecture, RunConfig, Station};
use std::collections::BTreeMap;
use std::sync::Arc;

const NS: f64 = 1e9;

pub(super) fn merge(architecture: &Architecture, config: &RunConfig, runs: &[Replication]) -> RunMeasures {
    let replicates: Vec<Replicate> = runs.iter().map(replicate).collect();
    let warmup = runs.first().map_or(0.0, |r| r.warmup as f64 / NS);
    RunMeasures {
        replications: runs.len() as u32,
        partial: runs.iter().find_map(|r| r.partial.clone()),
        metrics: traffic(runs),
        ci95: intervals(runs, &replicates),
        elements: elements(architecture, runs),
        relations: relations(architecture, runs),
        request_types: requests(architecture, runs),
        probes: probe::evaluate(architecture, config, runs),
        windows: windows(runs),
        replicates,
        faults: runs.first().map(|r| r.faults.clone()).unwrap_or_default(),
        warmup,
        measured: mean(runs, |r| r.measured as f64 / NS),
        events: sum(runs, |r| r.events),
    }
}

fn sum(runs: &[Replication], of: impl Fn(&Replication) -> u64) -> u64 {
    runs.iter().map(of).sum()
}

fn mean(runs: &[Replication], of: impl Fn(&Replication) -> f64) -> f64 {
    runs.iter().map(of).sum::<f64>() / runs.len().max(1) as f64
}

fn share(part: f64, whole: f64, none: f64) -> f64 {
    if whole > 0.0 { part / whole } else { none }
}

/// Measured time of all replications, seconds.
fn measured(runs: &[Replication]) -> f64 {
    runs.iter().map(|r| r.measured as f64 / NS).sum()
}

fn merged<'a>(parts: impl Iterator<Item = &'a Histogram>) -> Histogram {
    let mut all = Histogram::default();
    parts.for_each(|part| all.merge(part));
    all
}

fn latency(h: &Histogram) -> LatencyMeasures {
    LatencyMeasures {
        mean: h.mean(),
        p50: h.quantile(0.5),
        p90: h.quantile(0.9),
        p95: h.quantile(0.95),
        p99: h.quantile(0.99),
        p999: h.quantile(0.999),
        max: h.max(),
        stddev: h.stddev(),
    }
}

fn traffic(runs: &[Replication]) -> TrafficMeasures {
    let time = measured(runs);
    let requests = sum(runs, |r| r.traffic.ended());
    let succeeded = sum(runs, |r| r.traffic.succeeded);
    let in_flight: f64 = runs.iter().map(|r| r.traffic.in_flight as f64 / NS).sum();
    let (sent, primary) = (sum(runs, |r| r.traffic.sent), sum(runs, |r| r.traffic.primary));
    TrafficMeasures {
        offered: sum(runs, |r| r.traffic.offered),
        requests,
        succeeded,
        failed: sum(runs, |r| r.traffic.failed),
        timed_out: sum(runs, |r| r.traffic.timed_out),
        shed: sum(runs, |r| r.traffic.shed),
        throughput: share(sum(runs, |r| r.traffic.ended_inside) as f64, time, 0.0),
        goodput: share(sum(runs, |r| r.traffic.succeeded_inside) as f64, time, 0.0),
        error_rate: share((requests - succeeded) as f64, requests as f64, 0.0),
        availability: share(succeeded as f64, requests as f64, 1.0),
        amplification: share(sent as f64, primary as f64, 1.0),
        latency: latency(&merged(runs.iter().map(|r| &r.traffic.latency))),
        in_flight: share(in_flight, time, 0.0),
        in_flight_at_end: sum(runs, |r| r.traffic.in_flight_at_end),
    }
}

fn replicate(run: &Replication) -> Replicate {
    let t = &run.traffic;
    let time = run.measured as f64 / NS;
    let ended = t.ended() as f64;
    Replicate {
        mean: t.latency.mean(),
        p50: t.latency.quantile(0.5),
        p95: t.latency.quantile(0.95),
        p99: t.latency.quantile(0.99),
        error_rate: share(ended - t.succeeded as f64, ended, 0.0),
        throughput: share(t.ended_inside as f64, time, 0.0),
        goodput: share(t.succeeded_inside as f64, time, 0.0),
        amplification: share(t.sent as f64, t.primary as f64, 1.0),
    }
}

/// By metric path; over replications, or over batches of the only one.
fn intervals(runs: &[Replication], replicates: &[Replicate]) -> BTreeMap<Arc<str>, [f64; 2]> {
    let mut found = BTreeMap::new();
    let mut add = |name: &str, values: &[f64]| {
        if let Some((mean, half)) = half_width(values) {
            found.insert(name.into(), [mean - half, mean + half]);
        }
    };
    if let [run] = runs {
        batch_intervals(run, &mut add);
        return found;
    }
    let mut of = |name: &str, value: fn(&Replicate) -> f64| {
        add(name, &replicates.iter().map(value).collect::<Vec<f64>>());
    };
    of("latency.mean", |r| r.mean);
    of("latency.p50", |r| r.p50);
    of("latency.p95", |r| r.p95);
    of("latency.p99", |r| r.p99);
    of("error_rate", |r| r.error_rate);
    of("availability", |r| 1.0 - r.error_rate);
    of("throughput", |r| r.throughput);
    of("goodput", |r| r.goodput);
    of("amplification", |r| r.amplification);
    found
}

/// Means of 20 batches by arrival: long enough to be nearly independent where the run is long.
fn batch_intervals(run: &Replication, add: &mut impl FnMut(&str, &[f64])) {
    let length = run.measured as f64 / NS / BATCHES as f64;
    if run.batches.iter().any(|b| b.ended == 0) || length <= 0.0 {
        return;
    }
    let errors: Vec<f64> = run.batches.iter().map(|b| 1.0 - b.succeeded as f64 / b.ended as f64).collect();
    add("error_rate", &errors);
    add("availability", &errors.iter().map(|e| 1.0 - e).collect::<Vec<f64>>());
    if run.batches.iter().all(|b| b.succeeded > 0) {
        let means = run.batches.iter().map(|b| b.sum as f64 / b.succeeded as f64 / NS);
        add("latency.mean", &means.collect::<Vec<f64>>());
    }
}

fn elements(architecture: &Architecture, runs: &[Replication]) -> BTreeMap<Arc<str>, ElementMeasures> {
    let one = |(n, station): (usize, &Station)| (Arc::clone(&station.path), element(n, station, runs));
    architecture.stations.iter().enumerate().map(one).collect()
}

fn element(n: usize, station: &Station, runs: &[Replication]) -> ElementMeasures {
    let tallies: Vec<&StationTally> = runs.iter().map(|r| &r.stations[n]).collect();
    let count = |of: fn(&StationTally) -> u64| tallies.iter().map(|t| of(t)).sum::<u64>();
    let time = measured(runs);
    let area = |of: fn(&StationTally) -> u128| share(tallies.iter().map(|t| of(t) as f64 / NS).sum::<f64>(), time, 0.0);
    let wait = merged(tallies.iter().map(|t| &t.wait));
    let response = merged(tallies.iter().map(|t| &t.response));
    let (busy, capacity) = (area(|t| t.busy_area), area(|t| t.capacity_area));
    let unbounded = station.behavior.concurrency == crate::model::Limit::Unbounded || station.is_queue;
    let arrivals = count(|t| t.arrivals);
    let replicas_mean = area(|t| t.replica_area);
    let cost = station.behavior.cost;
    let per_hour = cost.per_replica_hour.unwrap_or(0.0) * replicas_mean;
    let per_call = cost.per_call.unwrap_or(0.0) * share(arrivals as f64, time, 0.0) * 3600.0;
    ElementMeasures {
        arrivals,
        throughput: share(count(|t| t.ended) as f64, time, 0.0),
        utilization: if unbounded { 0.0 } else { share(busy, capacity, 0.0).min(1.0) },
        busy,
        queue_mean: area(|t| t.waiting_area),
        queue_max: tallies.iter().map(|t| t.queue_max).max().unwrap_or(0),
        wait_mean: wait.mean(),
        wait_p99: wait.quantile(0.99),
        wait_stddev: wait.stddev(),
        wait_probability: share(count(|t| t.waited) as f64, arrivals as f64, 0.0),
        response_mean: response.mean(),
        response_p95: response.quantile(0.95),
        response_p99: response.quantile(0.99),
        response_stddev: response.stddev(),
        in_system: area(|t| t.present_area),
        errors: count(|t| t.errors),
        rejected: count(|t| t.rejected),
        wasted: tallies.iter().map(|t| t.wasted as f64 / NS).sum(),
        replicas_mean,
        up_share: area(|t| t.up_area),
        hit_ratio: share(count(|t| t.hits) as f64, count(|t| t.lookups) as f64, 0.0),
        dead_letters: count(|t| t.dead_letters),
        stale_endpoints: share(count(|t| t.stale_calls) as f64, arrivals as f64, 0.0),
        stale_reads: share(count(|t| t.stale_reads) as f64, count(|t| t.reads) as f64, 0.0),
        lost_writes: count(|t| t.lost_writes),
        cost: per_hour + per_call,
    }
}

fn relations(architecture: &Architecture, runs: &[Replication]) -> BTreeMap<Arc<str>, RelationMeasures> {
    let one = |(n, call): (usize, &crate::model::Call)| {
        let tallies: Vec<&LinkTally> = runs.iter().map(|r| &r.links[n]).collect();
        (Arc::clone(&call.path), relation(&tallies, measured(runs)))
    };
    architecture.calls.iter().enumerate().map(one).collect()
}

fn relation(tallies: &[&LinkTally], time: f64) -> RelationMeasures {
    let count = |of: fn(&LinkTally) -> u64| tallies.iter().map(|t| of(t)).sum::<u64>();
    let latency = merged(tallies.iter().map(|t| &t.latency));
    let (calls, attempts) = (count(|t| t.calls), count(|t| t.attempts));
    let guards = count(|t| t.guards) as f64 / tallies.len().max(1) as f64;
    let open: f64 = tallies.iter().map(|t| t.open as f64 / NS).sum();
    RelationMeasures {
        calls,
        attempts,
        retries: attempts.saturating_sub(calls),
        timeouts: count(|t| t.timeouts),
        errors: count(|t| t.errors),
        refused: count(|t| t.refused),
        breaker_open_share: share(open, time * guards, 0.0).min(1.0),
        latency_mean: latency.mean(),
        latency_p95: latency.quantile(0.95),
        latency_p99: latency.quantile(0.99),
    }
}

fn requests(architecture: &Architecture, runs: &[Replication]) -> BTreeMap<Arc<str>, RequestMeasures> {
    let one = |(n, request): (usize, &crate::model::RequestType)| {
        let latencies = merged(runs.iter().map(|r| &r.requests[n].latency));
        let ended = sum(runs, |r| r.requests[n].ended);
        let error_rate = share((ended - latencies.count()) as f64, ended as f64, 0.0);
        (Arc::clone(&request.name), RequestMeasures { requests: ended, error_rate, latency: latency(&latencies) })
    };
    architecture.request_types.iter().enumerate().map(one).collect()
}

/// Means over the replications that have seen a second.
fn windows(runs: &[Replication]) -> Vec<WindowMeasures> {
    let seconds = runs.iter().map(|r| r.seconds.len()).max().unwrap_or(0);
    let window = |k: usize| {
        let seen: Vec<&Second> = runs.iter().filter_map(|r| r.seconds.get(k)).collect();
        let n = seen.len().max(1) as f64;
        let mean = |of: fn(&Second) -> u64| seen.iter().map(|s| of(s) as f64).sum::<f64>() / n;
        WindowMeasures {
            offered: mean(|s| s.offered),
            succeeded: mean(|s| s.succeeded),
            failed: mean(|s| s.failed),
            in_flight: mean(|s| s.in_flight),
            disturbed: seen.iter().any(|s| s.disturbed),
            calls: mean_cells(&seen, n, |s| &s.calls),
            stations: mean_cells(&seen, n, |s| &s.stations),
        }
    };
    (0..seconds).map(window).collect()
}

fn mean_cells(seen: &[&Second], n: f64, cells: fn(&Second) -> &[[f64; 3]]) -> Vec<[f64; 3]> {
    let width = seen.first().map_or(0, |s| cells(s).len());
    let mean = |at: usize| [0, 1, 2].map(|k| seen.iter().map(|s| cells(s)[at][k]).sum::<f64>() / n);
    (0..width).map(mean).collect()
}
