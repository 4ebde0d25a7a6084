//! What stations do beyond queue and service: caches that fill, copies, shards, discovery; with the faults that hit these.

use super::traces::fault;
use super::*;

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
    let one = ElementSet { replicas: Some(1), ..all(0) };
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
    let one = ElementSet { replicas: Some(1), ..all(0) };
    config.chaos = vec![fault(ChaosAction::Restart(one, s(0.0)), 20.1, None)];
    near("one of two", hits(&config), 297.0, 1e-9);
    config.chaos = vec![fault(ChaosAction::Restart(all(0), s(0.0)), 20.1, None)];
    near("all", hits(&config), 294.0, 1e-9);
}
