//! What stations do beyond queue and service: caches that fill, copies, shards, discovery; with the faults that hit these.

use super::traces::fault;
use super::*;
use crate::schema::Key;

fn all(station: u32) -> ElementSet {
    ElementSet { stations: vec![StationId(station)], replicas: None, any: None }
}

fn unlimited(service: Dist) -> StationBehavior {
    StationBehavior { concurrency: Limit::Unbounded, ..station(service, 1) }
}

fn cached(mode: CacheMode) -> StationBehavior {
    StationBehavior { cache: Some(CachePolicy { mode, hit_time: Dist::ZERO }), ..unlimited(Dist::Constant(0.1)) }
}

fn uniform(keys: u32, entries: u32) -> CacheMode {
    CacheMode::Lru { entries, keys: KeyPopularity { exponent: 0.0, keys }, ttl: None }
}

/// Arrivals evenly on [0, seconds).
fn every(step: f64, seconds: f64) -> Arrivals {
    trace(&(0..(seconds / step).round() as u32).map(|k| f64::from(k) * step).collect::<Vec<f64>>())
}

#[test]
fn a_cold_replica_gains_speed_linearly() {
    let b = StationBehavior { warmup: s(10.0), ..unlimited(Dist::Constant(0.1)) };
    let mut config = run_for(0.0, 20.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Restart(all(0), s(0.5)), 1.0, None)];
    // Up again at 1.5 s with half of its speed: 5/8 of it at 4 s, 3/4 at 6.5 s, all of it from 11.5 s on.
    let exact = [0.1, 0.16, 0.133_333_333, 0.1];
    assert_eq!(responses(&single(b.clone(), trace(&[0.5, 4.0, 6.5, 11.5])), &config), exact);
    let shared = StationBehavior { discipline: Discipline::ProcessorSharing, ..b };
    assert_eq!(responses(&single(shared, trace(&[0.5, 4.0, 6.5, 11.5])), &config), exact);
}

#[test]
fn a_cold_replica_misses_and_the_others_do_not() {
    let b = StationBehavior { warmup: s(10.0), replicas: 2, ..cached(CacheMode::HitRatio(1.0)) };
    let model = single(b, every(0.01, 20.0));
    let mut config = run_for(0.0, 20.0, 0.0);
    let one = ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Restart(one, s(1.0)), 1.0, None)];
    let log = log_of(&model, &config);
    let misses: Vec<f64> = log.iter().filter(|e| e.1 > e.0 + 0.05).map(|e| e.0).collect();
    assert!(misses.iter().all(|at| (2.0..12.0).contains(at)));
    // Half of 100/s for 10 s, half of them misses; variance 500/6.
    near("misses", misses.len() as f64, 250.0, 30.0);
    near("hit ratio", element(&simulate(&model, &config), "A").hit_ratio, 1.0 - misses.len() as f64 / 2000.0, 1e-12);
}

#[test]
fn a_cleared_cache_fills_again() {
    let model = single(cached(CacheMode::HitRatio(1.0)), every(0.01, 20.0));
    let mut config = run_for(0.0, 20.0, 0.0);
    config.chaos = vec![fault(ChaosAction::ClearCache(all(0)), 5.0, Some(10.0))];
    let log = log_of(&model, &config);
    let misses: Vec<f64> = log.iter().filter(|e| e.1 > e.0 + 0.05).map(|e| e.0).collect();
    assert_eq!(misses[0], 5.0);
    assert!(misses.iter().all(|at| (5.0..15.0).contains(at)));
    near("misses", misses.len() as f64, 500.0, 40.0);
    assert_eq!(simulate(&model, &config).faults[0].until, 15.0);
    config.chaos[0].timing.length = None;
    assert_eq!(simulate(&model, &config).faults[0].until, 20.0, "a minute, beyond the end");
}

#[test]
fn an_lru_is_emptied_by_a_fault_and_by_the_end_of_its_last_replica() {
    let b = StationBehavior { replicas: 2, ..cached(uniform(3, 3)) };
    let model = single(b, every(0.2, 60.0));
    let mut config = run_for(0.0, 60.0, 0.0);
    let hits = |config: &RunConfig| element(&simulate(&model, config), "A").hit_ratio * 300.0;
    near("calm", hits(&config), 297.0, 1e-9);
    config.chaos = vec![fault(ChaosAction::ClearCache(all(0)), 20.1, None)];
    near("cleared", hits(&config), 294.0, 1e-9);
    let one = ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Restart(one, s(0.0)), 20.1, None)];
    near("one of two", hits(&config), 297.0, 1e-9);
    config.chaos = vec![fault(ChaosAction::Restart(all(0), s(0.0)), 20.1, None)];
    near("all", hits(&config), 294.0, 1e-9);
}

#[test]
fn a_dead_endpoint_is_called_until_discovery_notices() {
    let discovery = Some(Discovery { interval: s(5.0), ttl: s(12.0) });
    let b = StationBehavior { replicas: 2, discovery, ..unlimited(Dist::Constant(0.001)) };
    let model = single(b, every(0.1, 60.0));
    let mut config = run_for(0.0, 60.0, 0.0);
    let one = ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) };
    // It answered the look at 10 s and is known to 22 s; up again at 31.05 s, it is seen at 35 s.
    config.chaos = vec![fault(ChaosAction::Kill(one.clone()), 11.05, Some(20.0))];
    let log = log_of(&model, &config);
    let failed: Vec<f64> = log.iter().filter(|e| !e.2).map(|e| e.0).collect();
    // In turn: every second of those at 11.1 … 21.9, from 11.2 on.
    assert_eq!(failed.len(), 54);
    assert!(failed.iter().all(|at| (11.1..22.0).contains(at)));
    assert!(log.iter().all(|e| e.2 || e.1 == e.0), "refused at once");
    near("stale", element(&simulate(&model, &config), "A").stale_endpoints, 54.0 / 600.0, 1e-12);
    // Down at the instant of a look, it did not answer that one.
    config.chaos = vec![fault(ChaosAction::Kill(one.clone()), 10.0, None)];
    assert_eq!(simulate(&model, &config).metrics.failed, 35);
    // A short absence is never noticed, and nobody else gets its share.
    config.chaos = vec![fault(ChaosAction::Kill(one), 11.05, Some(3.0))];
    assert_eq!(simulate(&model, &config).metrics.failed, 15);
}

#[test]
fn a_new_replica_gets_traffic_from_the_next_look_on() {
    let discovery = Some(Discovery { interval: s(5.0), ttl: s(15.0) });
    let b = StationBehavior { discovery, startup: s(1.0), ..station(Dist::Constant(0.3), 1) };
    let model = single(b, every(0.3, 20.1));
    let mut config = run_for(0.0, 20.1, 0.0);
    config.chaos = vec![
        fault(ChaosAction::Scale(all(0), 2), 6.05, None),
        fault(ChaosAction::Slow(all(0), Strength { factor: 2.0, add: 0.0 }), 9.8, None),
    ];
    // Up at 7.05, seen at 10: those of 9.9 and 10.2 both go to the first one, where from then on everybody waits 0.3 s.
    let longest = simulate(&model, &config).metrics.latency.max;
    near("longest", longest, 0.9, 1e-9);
    config.chaos.remove(0);
    assert!(simulate(&model, &config).metrics.latency.max > 10.0);
}

/// Reads every 100 ms from 0.05 s on, and writes at these instants, at a store of three replicas.
fn copied(sync: u32, writes: &[f64]) -> Architecture {
    let mut b = Builder::default();
    let store = StationBehavior {
        replicas: 3,
        replication: Some(Replication { sync, lag: s(1.0) }),
        ..unlimited(Dist::Constant(0.01))
    };
    let store = b.station("A", store);
    let readers = b.source("R", trace(&(0..300).map(|k| 0.05 + f64::from(k) * 0.1).collect::<Vec<f64>>()));
    b.request(readers, store, 1.0, CallBehavior::default());
    let writers = b.source("W", trace(writes));
    b.request(writers, store, 1.0, CallBehavior { write: true, ..CallBehavior::default() });
    b.architecture
}

#[test]
fn reads_of_copies_are_stale_for_one_lag() {
    let config = run_for(0.0, 30.0, 0.0);
    let measures = simulate(&copied(0, &[10.0, 20.0]), &config);
    // Ten reads end within a second of each write, which ends at 10.01: those of 10.05 … 10.95. They go in turn: of reads
    // 100 … 109, and of 200 … 209, three each are at the primary (k mod 3 = 0).
    near("stale", element(&measures, "A").stale_reads, 14.0 / 300.0, 1e-12);
    near("write", measures.request_types["W->A"].latency.max, 0.01, 1e-12);
    // One copy has been waited for; the other is a second behind the answer at 11.01: reads 110 … 119 with k mod 3 = 2.
    let measures = simulate(&copied(1, &[10.0]), &config);
    near("stale, one copy waited for", element(&measures, "A").stale_reads, 4.0 / 300.0, 1e-12);
    near("write", measures.request_types["W->A"].latency.max, 1.01, 1e-12);
    let measures = simulate(&copied(2, &[10.0]), &config);
    assert_eq!(element(&measures, "A").stale_reads, 0.0);
}

#[test]
fn without_enough_copies_writes_fail_and_reads_go_on() {
    let mut config = run_for(0.0, 30.0, 0.0);
    let two = ElementSet { replicas: Some(crate::model::Part::Count(2)), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Kill(two), 5.0, Some(10.0))];
    let measures = simulate(&copied(1, &[10.0, 20.0]), &config);
    assert_eq!((measures.request_types["W->A"].error_rate, measures.request_types["R->A"].error_rate), (0.5, 0.0));
    let measures = simulate(&copied(0, &[10.0, 20.0]), &config);
    assert_eq!(measures.metrics.failed, 0, "the last one is primary");
}

#[test]
fn a_failover_loses_what_no_copy_has() {
    let mut config = run_for(0.0, 30.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Failover(all(0)), 10.0, Some(5.0))];
    let writes = [8.0, 9.2, 9.6, 10.5, 14.9, 15.1];
    // Answered at 9.21 and 9.61, less than a second before; at 10.5 and 14.9 there is nobody to write to.
    let measures = simulate(&copied(0, &writes), &config);
    let a = element(&measures, "A");
    assert_eq!((a.lost_writes, measures.metrics.failed), (2, 2));
    near("replicas", a.replicas_mean, 3.0 - 5.0 / 30.0, 1e-9);
    // Whoever waited for a copy loses nothing; those that wait when the primary goes fail.
    let measures = simulate(&copied(1, &writes), &config);
    let a = element(&measures, "A");
    assert_eq!((a.lost_writes, measures.metrics.failed), (0, 4));
    // The new primary stays: of reads 201 … 210 those with k mod 3 = 1 are there, and the other seven are stale.
    let measures = simulate(&copied(0, &[20.1]), &config);
    near("stale", element(&measures, "A").stale_reads, 7.0 / 300.0, 1e-12);
    config.chaos[0].timing.length = None;
    assert_eq!(simulate(&copied(0, &[20.1]), &config).metrics.failed, 1, "half a minute");
}

fn sharded(replicas: u32, keys: KeyPopularity) -> Architecture {
    let b = StationBehavior { replicas, shards: Some(Shards { count: 4, keys }), ..unlimited(Dist::Constant(0.001)) };
    single(b, Arrivals::Poisson)
}

#[test]
fn each_key_has_its_shard() {
    // Weights 1, 1/2, 1/3, 1/4, 1/5: keys 0 and 4 are on shard 0.
    let model = sharded(2, KeyPopularity { exponent: 1.0, keys: 5 });
    let mut config = run_for(100.0, 200.0, 0.0);
    // The first replicas of shards 0 and 1 have the others beside them; with those of shard 0 its keys are gone.
    let two = |n| ElementSet { replicas: Some(crate::model::Part::Count(n)), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Kill(two(2)), 0.0, None)];
    let measures = simulate(&model, &config);
    assert_eq!(measures.metrics.failed, 0);
    near("replicas", element(&measures, "A").replicas_mean, 6.0, 1e-9);
    config.chaos = vec![fault(ChaosAction::Kill(two(5)), 0.0, None)];
    let total = 1.0 + 0.5 + 1.0 / 3.0 + 0.25 + 0.2;
    near("shard 0", simulate(&model, &config).metrics.error_rate, 1.2 / total, 0.012);
    config.chaos.push(fault(ChaosAction::HotKey(all(0), 0.5), 0.0, None));
    near("half of all for key 0", simulate(&model, &config).metrics.error_rate, 0.5 + 0.6 / total, 0.012);
}

#[test]
fn retries_ask_for_the_same_key() {
    let mut model = sharded(1, KeyPopularity { exponent: 0.0, keys: 4 });
    model.calls[0].behavior.retry = Some(RetryPolicy { count: 3, ..RetryPolicy::default() });
    let mut config = run_for(100.0, 100.0, 0.0);
    config.chaos = vec![fault(
        ChaosAction::Kill(ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) }),
        0.0,
        None,
    )];
    near("one shard of four", simulate(&model, &config).metrics.error_rate, 0.25, 0.015);
}

#[test]
fn a_hot_key_is_in_the_cache_and_goes_to_one_replica() {
    let model = single(cached(uniform(1000, 1)), Arrivals::Poisson);
    let mut config = run_for(100.0, 100.0, 0.0);
    config.chaos = vec![fault(ChaosAction::HotKey(all(0), 1.0), 0.0, None)];
    let a = simulate(&model, &config);
    near("hits", element(&a, "A").hit_ratio, 1.0, 1e-3);
    let hashed = StationBehavior { replicas: 2, balance: Balance::ConsistentHash, ..unlimited(Dist::Constant(0.001)) };
    let one = ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) };
    config.chaos.push(fault(ChaosAction::Pause(one), 0.0, Some(50.0)));
    let waiting = element(&simulate(&single(hashed, Arrivals::Poisson), &config), "A").queue_max;
    assert!(waiting == 0 || waiting > 4500, "all or none: {waiting}");
}

/// A cache of one key that lives for 10 s, in front of a store that takes 1 s.
fn fetching(coalesce: bool) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", trace(&(0..600).map(|k| f64::from(k) * 0.1).collect::<Vec<f64>>()));
    let keys = KeyPopularity { exponent: 0.0, keys: 1 };
    let mode = CacheMode::Lru { entries: 1, keys, ttl: Some(s(10.0)) };
    let a = b.station("A", StationBehavior { coalesce, service_time: Dist::ZERO, ..cached(mode) });
    b.request(source, a, 1.0, CallBehavior::default());
    let store = b.station("B", unlimited(Dist::Constant(1.0)));
    b.call(a, store, CallBehavior::default());
    b.architecture
}

#[test]
fn identical_misses_share_one_call() {
    let config = run_for(0.0, 60.0, 0.0);
    let measures = simulate(&fetching(true), &config);
    // Fetched at 0, 11, 22, 33, 44 and 55 s: ten requests miss each time, and one of them calls.
    assert_eq!(measures.relations["A->B"].calls, 6);
    near("hit ratio", element(&measures, "A").hit_ratio, 0.9, 1e-12);
    // They wait 1, 0.9, … 0.1 s, six times.
    near("mean", measures.metrics.latency.mean, 6.0 * 5.5 / 600.0, 1e-9);
    let measures = simulate(&fetching(false), &config);
    // Each of them fetches for itself; the last of the first ten is back at 1.9 s: again at 11.9, 23.8, 35.7,
    // 47.6 and, five until the end, 59.5 s.
    assert_eq!(measures.relations["A->B"].calls, 55);
    near("hit ratio", element(&measures, "A").hit_ratio, 545.0 / 600.0, 1e-12);
    let mut config = config;
    config.chaos = vec![fault(ChaosAction::Fail(all(1), 1.0), 0.0, Some(0.5))];
    let failing = simulate(&fetching(true), &config);
    assert_eq!((failing.metrics.failed, failing.relations["A->B"].calls), (0, 6), "the fault is over when it ends");
    config.chaos = vec![fault(ChaosAction::Kill(all(1)), 0.5, Some(1.0))];
    let failing = simulate(&fetching(true), &config);
    // The five before 0.5 s fail together; then, for a second, each one fetches and is refused.
    assert_eq!(failing.metrics.failed, 15);
}

#[test]
fn who_waits_for_a_fetch_leaves_with_its_replica() {
    let mut model = fetching(true);
    model.stations[0].behavior.replicas = 2;
    let mut config = run_for(0.0, 60.0, 0.0);
    let one = ElementSet { replicas: Some(crate::model::Part::Count(1)), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Kill(one), 0.55, None)];
    // The first, who fetches, is there: all six that have come end with it. The next one fetches anew, at 0.6 s.
    let measures = simulate(&model, &config);
    assert_eq!((measures.metrics.failed, measures.relations["A->B"].calls), (6, 7));
}

#[test]
fn a_drained_pool_gives_no_connections() {
    let pool = Some(Pool { size: 2, wait: None });
    let model = single_by(
        unlimited(Dist::Constant(0.3)),
        trace(&[0.9, 1.0, 1.1, 2.0]),
        CallBehavior { pool, ..CallBehavior::default() },
    );
    let mut config = run_for(0.0, 10.0, 0.0);
    let links = LinkSet { links: vec![(CallId(0), true, true)], half: false };
    config.chaos = vec![fault(ChaosAction::DrainPool(links.clone()), 0.95, Some(4.05))];
    // The first keeps its connection; at 5 s there are two again, and the last waits for one of them.
    assert_eq!(responses(&model, &config), [0.3, 4.3, 4.2, 3.6]);
    let mut plain = model.clone();
    plain.calls[0].behavior.pool = None;
    assert_eq!(responses(&plain, &config), [0.3, 4.3, 4.2, 3.3]);
    let mut impatient = model;
    impatient.calls[0].behavior.pool = Some(Pool { size: 2, wait: Some(s(0.5)) });
    assert_eq!(simulate(&impatient, &config).metrics.shed, 3);
}

#[test]
fn memory_fills_up_and_then_the_element_is_gone() {
    let model = single(unlimited(Dist::Constant(0.01)), trace(&[0.9, 1.1, 6.1, 10.6, 11.5, 20.9, 21.1]));
    let mut config = run_for(0.0, 30.0, 0.0);
    let mut full = fault(ChaosAction::FillMemory(all(0)), 1.0, Some(20.0));
    full.timing.ramp = s(10.0);
    config.chaos = vec![full];
    let log = log_of(&model, &config);
    // Half is used at 6 s, 19 of 20 parts at 10.5 s; from 11 s to 21 s it is down.
    assert_eq!(responses(&model, &config), [0.01, 0.01, 0.02, 0.2, 0.0, 0.0, 0.01]);
    assert_eq!(log.iter().map(|e| e.2).collect::<Vec<bool>>(), [true, true, true, true, false, false, true]);
    config.chaos[0].timing.ramp = Duration::ZERO;
    assert_eq!(simulate(&model, &config).metrics.failed, 5);
}

#[test]
fn a_leak_ends_in_a_restart_and_begins_again() {
    let b = StationBehavior { startup: s(2.0), ..unlimited(Dist::Constant(0.01)) };
    let model = single(b, trace(&[0.1, 5.1, 9.6, 10.5, 11.9, 12.1, 17.1, 22.1]));
    let mut config = run_for(0.0, 30.0, 0.0);
    config.chaos = vec![fault(ChaosAction::Leak(all(0), 0.1), 0.0, None)];
    // A tenth each second: full at 10 s, up again at 12 s, and full again at 22 s.
    assert_eq!(responses(&model, &config), [0.01, 0.02, 0.2, 0.0, 0.0, 0.01, 0.02, 0.0]);
    assert_eq!(simulate(&model, &config).metrics.failed, 3);
}

#[test]
fn a_full_disk_takes_no_writes() {
    let mut config = run_for(0.0, 30.0, 0.0);
    config.chaos = vec![fault(ChaosAction::FillDisk(all(0)), 5.0, Some(10.0))];
    let measures = simulate(&copied(0, &[4.0, 6.0, 16.0]), &config);
    assert_eq!((measures.metrics.failed, measures.request_types["R->A"].error_rate), (1, 0.0));
    let mut b = Builder::default();
    let source = b.source("U", trace(&[4.0, 6.0, 16.0]));
    let queue = b.queue("Q", "queue", StationBehavior::default());
    b.request(source, queue, 1.0, CallBehavior::default());
    assert_eq!(simulate(&b.architecture, &config).metrics.failed, 1);
}

#[test]
fn a_deployment_restarts_one_replica_after_the_other() {
    let b = StationBehavior { replicas: 2, startup: s(5.0), ..station(Dist::Constant(1.0), 1) };
    let model = single(b, trace(&[9.5, 9.6, 10.1, 15.5, 20.5, 21.0]));
    let mut config = run_for(0.0, 30.0, 0.0);
    let faster = (Place::Station(StationId(0)), Key::ServiceTime, Value::Duration(s(0.1)));
    config.chaos = vec![fault(ChaosAction::Deploy(all(0), vec![faster]), 10.0, None)];
    // The first one ends what it has while it restarts; that of 10.1 waits for the other one until 10.6. At 20 s the
    // second is back, and both are faster.
    assert_eq!(responses(&model, &config), [1.0, 1.0, 1.5, 1.0, 0.1, 0.1]);
    let measures = simulate(&model, &config);
    assert_eq!(measures.metrics.failed, 0);
    near("replicas", element(&measures, "A").replicas_mean, 2.0 - 10.0 / 30.0, 1e-9);
}

#[test]
fn a_fault_makes_copies_later() {
    let mut config = run_for(0.0, 30.0, 0.0);
    let lag = ChaosAction::Multiply(Place::Station(StationId(0)), Key::ReplicationLag, 2.0);
    config.chaos = vec![fault(lag, 15.0, None)];
    // Ten reads after the first write, 20 after the second: 100 … 109 and 200 … 219, of which 3 and 7 are at the primary.
    let measures = simulate(&copied(0, &[10.0, 20.0]), &config);
    near("stale", element(&measures, "A").stale_reads, (7.0 + 13.0) / 300.0, 1e-12);
}
