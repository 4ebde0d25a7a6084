//! From raw replications to measures: counters add, histograms merge, intervals come from the spread.

use super::record::{Batch, LinkTally, Moments, Replication, Second, StationTally};
use super::stats::{Histogram, half_width, is_correlated};
use super::{probe, sequential};
use crate::measure::{
    ElementMeasures, LatencyMeasures, RelationMeasures, Replicate, RequestMeasures, RunMeasures, TrafficMeasures,
    WindowMeasures,
};
use crate::model::{Architecture, Call, Entry, RunConfig, Station, StationId};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

const NS: f64 = 1e9;

pub(super) fn merge(architecture: &Architecture, config: &RunConfig, runs: &[Replication]) -> RunMeasures {
    let replicates: Vec<Replicate> = runs.iter().map(|run| replicate(architecture, run)).collect();
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
        warmup_rule: sequential::warmup_rule(architecture, config, runs),
        precision: config.precision.map(|precision| sequential::reached(precision, runs)),
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

fn merged<'a>(mut parts: impl Iterator<Item = &'a Histogram>) -> Cow<'a, Histogram> {
    let mut all = parts.next().map(Cow::Borrowed).unwrap_or_default();
    parts.for_each(|part| all.to_mut().merge(part));
    all
}

fn latency(h: &Histogram) -> LatencyMeasures {
    let [p50, p90, p95, p99, p999] = h.quantiles([0.5, 0.9, 0.95, 0.99, 0.999]);
    LatencyMeasures { mean: h.mean(), p50, p90, p95, p99, p999, max: h.max(), stddev: h.stddev() }
}

fn traffic(runs: &[Replication]) -> TrafficMeasures {
    let time = measured(runs);
    let requests = sum(runs, |r| r.traffic.ended());
    let succeeded = sum(runs, |r| r.traffic.succeeded);
    let offered = sum(runs, |r| r.traffic.offered);
    let in_flight: f64 = runs.iter().map(|r| r.traffic.in_flight as f64 / NS).sum();
    let (sent, primary) = (sum(runs, |r| r.traffic.sent), sum(runs, |r| r.traffic.primary));
    let succeeded_latency = merged(runs.iter().map(|r| &r.traffic.latency));
    let failed_latency = merged(runs.iter().map(|r| &r.traffic.failed_latency));
    TrafficMeasures {
        offered,
        requests,
        succeeded,
        failed: sum(runs, |r| r.traffic.failed),
        timed_out: sum(runs, |r| r.traffic.timed_out),
        shed: sum(runs, |r| r.traffic.shed),
        throughput: share(sum(runs, |r| r.traffic.ended_inside) as f64, time, 0.0),
        goodput: share(sum(runs, |r| r.traffic.succeeded_inside) as f64, time, 0.0),
        error_rate: share((offered - succeeded) as f64, offered as f64, 0.0),
        availability: share(succeeded as f64, offered as f64, 1.0),
        amplification: share(sent as f64, primary as f64, 1.0),
        latency: latency(&succeeded_latency),
        latency_failed: latency(&failed_latency),
        latency_all: latency(&merged([&*succeeded_latency, &*failed_latency].into_iter())),
        in_flight: share(in_flight, time, 0.0),
        in_flight_at_end: sum(runs, |r| r.traffic.in_flight_at_end),
        in_flight_at_stop: mean(runs, |r| r.traffic.in_flight_at_stop as f64),
    }
}

fn replicate(architecture: &Architecture, run: &Replication) -> Replicate {
    let t = &run.traffic;
    let time = run.measured as f64 / NS;
    let offered = t.offered as f64;
    let [p50, p95, p99] = t.latency.quantiles([0.5, 0.95, 0.99]);
    Replicate {
        mean: t.latency.mean(),
        p50,
        p95,
        p99,
        error_rate: share(offered - t.succeeded as f64, offered, 0.0),
        throughput: share(t.ended_inside as f64, time, 0.0),
        goodput: share(t.succeeded_inside as f64, time, 0.0),
        amplification: share(t.sent as f64, t.primary as f64, 1.0),
        cost: architecture.stations.iter().zip(&run.stations).map(|(s, tally)| own_cost(s, tally, time)).sum(),
    }
}

fn own_cost(station: &Station, tally: &StationTally, time: f64) -> f64 {
    let replicas = || share(tally.replica_area as f64 / NS, time, 0.0);
    let hourly = || hourly_cost(station, replicas(), share(tally.arrivals as f64, time, 0.0));
    tally.bill.map_or_else(hourly, |usd| share(usd * 3600.0, time, 0.0))
}

/// USD an hour over all replications where prices have changed in some.
fn billed(station: &Station, tallies: &[&StationTally], runs: &[Replication]) -> Option<f64> {
    tallies.iter().find_map(|tally| tally.bill)?;
    let time = |run: &Replication| run.measured as f64 / NS;
    let usd = tallies.iter().zip(runs).map(|(tally, run)| own_cost(station, tally, time(run)) * time(run));
    Some(share(usd.sum(), measured(runs), 0.0))
}

/// USD an hour, of a mean number of replicas and of calls a second.
fn hourly_cost(station: &Station, replicas: f64, calls: f64) -> f64 {
    let cost = station.behavior.cost;
    cost.per_replica_hour.unwrap_or(0.0) * replicas + cost.per_call.unwrap_or(0.0) * calls * 3600.0
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
    add("in_flight_at_stop", &runs.iter().map(|r| r.traffic.in_flight_at_stop as f64).collect::<Vec<f64>>());
    for (name, share) in [("latency.p90", 0.9), ("latency.p999", 0.999)] {
        add(name, &runs.iter().map(|r| r.traffic.latency.quantile(share)).collect::<Vec<f64>>());
    }
    found
}

/// Means of batches by arrival.
fn batch_intervals(run: &Replication, add: &mut impl FnMut(&str, &[f64])) {
    // Those that never ended are of no batch.
    if run.traffic.in_flight_at_end > 0 {
        return;
    }
    let errors = |batches: &[Batch]| -> Option<Vec<f64>> {
        let rate = |b: &Batch| (b.ended > 0).then(|| 1.0 - b.succeeded as f64 / b.ended as f64);
        batches.iter().map(rate).collect()
    };
    let means = |batches: &[Batch]| -> Option<Vec<f64>> {
        let mean = |b: &Batch| (b.succeeded > 0).then(|| b.sum as f64 / b.succeeded as f64 / NS);
        batches.iter().map(mean).collect()
    };
    if let Some(errors) = independent(run, errors) {
        add("error_rate", &errors);
        add("availability", &errors.iter().map(|e| 1.0 - e).collect::<Vec<f64>>());
    }
    if let Some(means) = independent(run, means) {
        add("latency.mean", &means);
    }
}

/// Fewest batches that an interval may rest on: with fewer it is all of Student's t.
const FEWEST_BATCHES: usize = 5;

/// The values of 20 batches, of 10 or of 5: the longest batches whose neighbours are still alike are too short. What
/// an interval of them promises, it keeps only with as many degrees of freedom as there are independent batches
/// (Schmeiser, Batch size effects in the analysis of simulation output, 1982: 10 to 30 are enough).
fn independent(run: &Replication, values: impl Fn(&[Batch]) -> Option<Vec<f64>>) -> Option<Vec<f64>> {
    let mut batches = run.batches.to_vec();
    loop {
        let found = values(&batches)?;
        if batches.len() / 2 < FEWEST_BATCHES || !is_correlated(&found) {
            return Some(found);
        }
        batches = batches.chunks(2).map(|pair| pair.iter().fold(Batch::default(), Batch::and)).collect();
    }
}

fn elements(architecture: &Architecture, runs: &[Replication]) -> BTreeMap<Arc<str>, ElementMeasures> {
    let one = |(n, station): (usize, &Station)| (Arc::clone(&station.path), element(architecture, n, station, runs));
    architecture.stations.iter().enumerate().map(one).collect()
}

fn element(architecture: &Architecture, n: usize, station: &Station, runs: &[Replication]) -> ElementMeasures {
    let tallies: Vec<&StationTally> = runs.iter().map(|r| &r.stations[n]).collect();
    let count = |of: fn(&StationTally) -> u64| tallies.iter().map(|t| of(t)).sum::<u64>();
    let time = measured(runs);
    let area = |of: fn(&StationTally) -> u128| share(tallies.iter().map(|t| of(t) as f64 / NS).sum::<f64>(), time, 0.0);
    let wait = merged(tallies.iter().map(|t| &t.wait));
    let response = merged(tallies.iter().map(|t| &t.response));
    let [wait_p50, wait_p95, wait_p99] = wait.quantiles([0.5, 0.95, 0.99]);
    let [response_p50, response_p95, response_p99] = response.quantiles([0.5, 0.95, 0.99]);
    let (busy, capacity) = (area(|t| t.busy_area), area(|t| t.capacity_area));
    let unbounded = station.behavior.concurrency == crate::model::Limit::Unbounded || station.is_queue;
    let mut service = Moments::default();
    tallies.iter().for_each(|t| service.merge(&t.service));
    let (service_mean, service_stddev) = service.mean_and_deviation();
    let levels = shares(&tallies, |t| &t.levels);
    let arrivals = count(|t| t.arrivals);
    let replicas_mean = area(|t| t.replica_area);
    ElementMeasures {
        arrivals,
        throughput: share(count(|t| t.ended) as f64, time, 0.0),
        utilization: if unbounded { 0.0 } else { share(busy, capacity, 0.0).min(1.0) },
        busy,
        queue_mean: area(|t| t.waiting_area),
        queue_max: tallies.iter().map(|t| t.queue_max).max().unwrap_or(0),
        wait_mean: wait.mean(),
        wait_p50,
        wait_p95,
        wait_p99,
        wait_max: wait.max(),
        wait_stddev: wait.stddev(),
        wait_probability: share(count(|t| t.waited) as f64, arrivals as f64, 0.0),
        response_mean: response.mean(),
        response_p50,
        response_p95,
        response_p99,
        response_stddev: response.stddev(),
        service_mean,
        service_stddev,
        in_system: area(|t| t.present_area),
        in_system_stddev: deviation(&levels),
        in_system_shares: head(levels),
        drained_after: drained(runs, n),
        queue_growth: growth(runs, n),
        errors: count(|t| t.errors),
        rejected: count(|t| t.rejected),
        wasted: tallies.iter().map(|t| t.wasted as f64 / NS).sum(),
        replicas_mean,
        up_share: area(|t| t.up_area),
        up_shares: head(shares(&tallies, |t| &t.live_levels)),
        hit_ratio: share(count(|t| t.hits) as f64, count(|t| t.lookups) as f64, 0.0),
        dead_letters: count(|t| t.dead_letters),
        stale_endpoints: share(count(|t| t.stale_calls) as f64, arrivals as f64, 0.0),
        unavailable: unavailable(architecture, n, station, runs),
        reads: count(|t| t.reads),
        stale_reads: share(count(|t| t.stale_reads) as f64, count(|t| t.reads) as f64, 0.0),
        lost_writes: count(|t| t.lost_writes),
        cost: billed(station, &tallies, runs)
            .unwrap_or_else(|| hourly_cost(station, replicas_mean, share(arrivals as f64, time, 0.0))),
    }
}

/// Calls that neither succeeded nor failed for another reason, of a station whose replicas came or went. What callers
/// take back (`cancel`, `deadline`, `patience`) cannot be told from it: then there is no number.
fn unavailable(architecture: &Architecture, n: usize, station: &Station, runs: &[Replication]) -> u64 {
    // Most have lost none, and looking through all relations for each station would take long in a large model.
    if !runs.iter().any(|run| run.stations[n].lost_replicas()) {
        return 0;
    }
    let own = StationId(n as u32);
    let behavior = &station.behavior;
    let cancelled = architecture.calls.iter().any(|call| call.to == own && call.behavior.cancel);
    if station.is_queue || cancelled || behavior.deadline_propagation || behavior.patience.is_some() {
        return 0;
    }
    let waited_for = |call: &Call| call.from == Entry::Station(own) && !call.behavior.asynchronous;
    let links: Vec<usize> = (0..architecture.calls.len()).filter(|at| waited_for(&architecture.calls[*at])).collect();
    let left = |run: &Replication| {
        let tally = &run.stations[n];
        let passed_on: u64 = links.iter().map(|at| run.links[*at].failed()).sum();
        let known = tally.succeeded + tally.errors + tally.rejected + tally.stale_calls + passed_on;
        if tally.lost_replicas() { tally.arrivals.saturating_sub(known) } else { 0 }
    };
    sum(runs, left)
}

/// Share of time at each level, all replications.
fn shares(tallies: &[&StationTally], levels: fn(&StationTally) -> &[u64]) -> Vec<f64> {
    let most = tallies.iter().map(|t| levels(t).len()).max().unwrap_or(0);
    let mut sums = vec![0_u128; most];
    for tally in tallies {
        levels(tally).iter().zip(&mut sums).for_each(|(time, sum)| *sum += u128::from(*time));
    }
    let whole: u128 = sums.iter().sum();
    sums.iter().map(|sum| share(*sum as f64, whole as f64, 0.0)).collect()
}

/// The standard deviation of a level by its shares of time.
fn deviation(shares: &[f64]) -> f64 {
    let moment = |power: i32| shares.iter().enumerate().map(|(n, share)| (n as f64).powi(power) * share).sum::<f64>();
    (moment(2) - moment(1).powi(2)).max(0.0).sqrt()
}

/// What a report shows of them.
fn head(mut shares: Vec<f64>) -> Vec<f64> {
    shares.truncate(256);
    shares.truncate(shares.iter().rposition(|share| *share > 0.0).map_or(0, |last| last + 1));
    shares
}

/// Mean time until nobody waited; none when it never came to that in some replication.
fn drained(runs: &[Replication], station: usize) -> Option<f64> {
    let after = |run: &Replication| Some(run.stations[station].drained?.saturating_sub(run.warmup) as f64 / NS);
    let times: Option<Vec<f64>> = runs.iter().map(after).collect();
    times.filter(|times| !times.is_empty()).map(|times| times.iter().sum::<f64>() / times.len() as f64)
}

/// How much the queue grew from the start of the measured time to its end, 1/s, mean over replications.
fn growth(runs: &[Replication], station: usize) -> f64 {
    mean(runs, |run| {
        let [start, end] = run.stations[station].waiting_at.map(|n| n as f64);
        share(end - start, run.measured as f64 / NS, 0.0)
    })
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
    let (calls, attempts, hedges) = (count(|t| t.calls), count(|t| t.attempts), count(|t| t.hedges));
    let guards = count(|t| t.guards) as f64 / tallies.len().max(1) as f64;
    let open: f64 = tallies.iter().map(|t| t.open as f64 / NS).sum();
    let [latency_p95, latency_p99] = latency.quantiles([0.95, 0.99]);
    RelationMeasures {
        calls,
        attempts,
        retries: count(LinkTally::retries),
        hedges,
        timeouts: count(|t| t.timeouts),
        errors: count(|t| t.errors),
        refused: count(|t| t.refused),
        breaker_open_share: share(open, time * guards, 0.0).min(1.0),
        latency_mean: latency.mean(),
        latency_p95,
        latency_p99,
    }
}

fn requests(architecture: &Architecture, runs: &[Replication]) -> BTreeMap<Arc<str>, RequestMeasures> {
    let one = |(n, request): (usize, &crate::model::RequestType)| {
        let latencies = merged(runs.iter().map(|r| &r.requests[n].latency));
        let ended = sum(runs, |r| r.requests[n].ended);
        let offered = sum(runs, |r| r.requests[n].offered);
        let error_rate = share((offered - latencies.count()) as f64, offered as f64, 0.0);
        let compensations = sum(runs, |r| r.requests[n].compensations);
        let failed = merged(runs.iter().map(|r| &r.requests[n].failed_latency));
        let (latency, latency_failed) = (latency(&latencies), latency(&failed));
        let measures = RequestMeasures { requests: ended, error_rate, latency, latency_failed, compensations };
        (Arc::clone(&request.name), measures)
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
            calls: mean_cells(&seen, n, |s| &s.calls, f64::from),
            stations: mean_cells(&seen, n, |s| &s.stations, |figure| figure),
        }
    };
    (0..seconds).map(window).collect()
}

fn mean_cells<T: Copy>(
    seen: &[&Second],
    n: f64,
    cells: fn(&Second) -> &[[T; 3]],
    figure: fn(T) -> f64,
) -> Vec<[f64; 3]> {
    if let [only] = seen {
        return cells(only).iter().map(|cell| cell.map(figure)).collect();
    }
    let width = seen.first().map_or(0, |s| cells(s).len());
    let mean = |at: usize| [0, 1, 2].map(|k| seen.iter().map(|s| figure(cells(s)[at][k])).sum::<f64>() / n);
    (0..width).map(mean).collect()
}
