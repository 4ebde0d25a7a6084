//! Intervals that keep what they promise, warm-ups, replications until it is precise enough.

use super::*;
use crate::measure::WarmupRule;

fn mm1() -> Architecture {
    single(station(exp(0.01), 1), Arrivals::Poisson)
}

/// How many of these seeds have an interval that holds 0.1 s, the mean response of M/M/1 with rho .9; and the
/// standard deviation of the means.
fn coverage(seeds: u64, requests: f64) -> (f64, f64) {
    let (mut held, mut means) = (0, Vec::new());
    for seed in 1..=seeds {
        let measures = simulate(&mm1(), &RunConfig { seed, ..requests_at(90.0, requests) });
        let [low, high] = measures.ci95["latency.mean"];
        held += u32::from(low <= 0.1 && 0.1 <= high);
        means.push(measures.metrics.latency.mean);
    }
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (means.len() - 1) as f64;
    (f64::from(held) / seeds as f64, variance.sqrt())
}

#[test]
#[ignore = "50 million requests"]
fn numerics_2_the_interval_of_one_run_covers_as_often_as_it_says() {
    let (share, deviation) = coverage(500, 100_000.0);
    println!("covers {share}, sd {deviation}");
    assert!((0.90..=0.98).contains(&share), "covers {share}");
    assert!((deviation - 0.005_99).abs() < 0.0006, "sd {deviation}");
}

#[test]
fn numerics_2_in_short() {
    // 60 seeds: one in a thousand honest 94 % intervals is below 83 %.
    let (share, _) = coverage(60, 40_000.0);
    println!("covers {share}");
    assert!(share >= 0.83, "covers {share}");
}

#[test]
fn numerics_1_a_warm_up_of_zero_removes_nothing() {
    // 95 a second: the first 1 000 of rho .95 wait 0.134 s on average, those of the long run 0.19 s.
    let config = RunConfig { replications: 1000, ..run_for(95.0, 1000.0 / 95.0, 0.0) };
    let measures = simulate(&mm1(), &config);
    near("NUMERICS 1", element(&measures, "A").wait_mean, 0.134, 0.012);
    assert_eq!((measures.warmup, measures.warmup_rule), (0.0, WarmupRule::Given));
    assert_eq!(measures.ci95.contains_key("latency.p999"), measures.ci95.contains_key("latency.p90"));
}

/// Starts with too few replicas and a line that takes a while to drain.
fn slow_start() -> Architecture {
    let autoscale = Autoscale { min: 1, max: 10, target: 0.7, interval: s(15.0), cooldown: s(300.0) };
    let behavior = StationBehavior { autoscale: Some(autoscale), ..station(exp(0.01), 1) };
    single(behavior, Arrivals::Poisson)
}

#[test]
fn mser_5_leaves_out_what_a_tenth_does_not() {
    let given = RunConfig { replications: 3, ..run_for(300.0, 600.0, 0.0) };
    let found = simulate(&slow_start(), &RunConfig { warmup: None, ..given.clone() });
    println!("warm-up {} mean {}", found.warmup, found.metrics.latency.mean);
    assert!(found.warmup_rule == WarmupRule::Mser5 && (60.0..=300.0).contains(&found.warmup), "{}", found.warmup);
    // The same as if somebody had given it.
    let same = simulate(&slow_start(), &RunConfig { warmup: Some(s(found.warmup)), ..given.clone() });
    assert_eq!((same.metrics.clone(), same.ci95.clone()), (found.metrics.clone(), found.ci95.clone()));
    let tenth = simulate(&slow_start(), &RunConfig { warmup: Some(s(60.0)), ..given });
    assert!(tenth.metrics.latency.mean > 1.5 * found.metrics.latency.mean, "{}", tenth.metrics.latency.mean);
}

#[test]
fn a_settled_run_keeps_a_tenth_and_a_disturbed_one_is_not_asked() {
    let config = RunConfig { replications: 3, warmup: None, ..run_for(50.0, 100.0, 0.0) };
    for seed in 1..=10 {
        let measures = simulate(&mm1(), &RunConfig { seed, ..config.clone() });
        assert_eq!((measures.warmup, measures.warmup_rule), (10.0, WarmupRule::Mser5), "seed {seed}");
    }
    let mut disturbed = config.clone();
    let points = [(0.0, 50.0), (30.0, 50.0), (30.0, 150.0), (40.0, 150.0), (40.0, 50.0)];
    disturbed.workload.load.points = points.iter().map(|(t, rate)| LoadSegment { at: at(*t), rate: *rate }).collect();
    let measures = simulate(&mm1(), &disturbed);
    assert_eq!((measures.warmup, measures.warmup_rule), (10.0, WarmupRule::Assumed));
    // Nor has one that grows without end a steady state to find.
    let measures = simulate(&mm1(), &RunConfig { workload: run_for(120.0, 1.0, 0.0).workload, ..config });
    assert_eq!((measures.warmup, measures.warmup_rule), (10.0, WarmupRule::Assumed));
}

#[test]
fn precision_goes_on_until_it_is_met_or_the_budget_ends() {
    let precision = |relative, max_replications| Some(Precision { relative, max_replications });
    let config = run_for(70.0, 60.0, 6.0);
    let met = simulate(&mm1(), &RunConfig { precision: precision(0.05, 500), ..config.clone() });
    let reached = met.precision.unwrap();
    println!("{} replications, {reached:?}", met.replications);
    assert!(reached.met && reached.reached.unwrap() <= 0.05 && (6..500).contains(&met.replications));
    let [low, high] = met.ci95["latency.mean"];
    near("half-width", (high - low) / 2.0 / (high + low) * 2.0, reached.reached.unwrap(), 1e-12);
    let ended = simulate(&mm1(), &RunConfig { precision: precision(0.001, 12), ..config.clone() });
    assert!(!ended.precision.unwrap().met && ended.replications == 12);
    let constant = single(station(Dist::Constant(0.01), 1), Arrivals::Constant);
    let least = simulate(&constant, &RunConfig { precision: precision(0.01, 500), ..config.clone() });
    assert!(least.precision.unwrap().met && least.replications == 5);
    // Where nothing succeeds, no number of replications helps.
    let dead = single(StationBehavior { errors: 1.0, ..station(exp(0.01), 1) }, Arrivals::Poisson);
    let none = simulate(&dead, &RunConfig { precision: precision(0.01, 500), ..config });
    assert!(none.replications == 5 && none.precision.unwrap().reached.is_none());
}
