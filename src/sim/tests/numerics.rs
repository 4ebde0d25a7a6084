//! Numerics that naive simulators get wrong (`validation/NUMERICS.md`), by their numbers. What is not here has a test
//! elsewhere: 6 and 10 in `invariants`, 13 and 18 in `traces`, 14 in `queueing`, 16 beside `policies::sharing`.

use super::*;
use crate::sim::rng::{Sampler, Streams};
use crate::sim::stats::{Histogram, half_width};
use crate::sim::world::World;

fn mm1(mean: f64) -> Architecture {
    single(station(exp(mean), 1), Arrivals::Poisson)
}

fn seeds(config: &RunConfig, n: u64) -> impl Iterator<Item = RunConfig> + '_ {
    (1..=n).map(move |seed| RunConfig { seed, ..config.clone() })
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// 1: the first requests of an empty system wait less, and nobody hides it.
fn warm_up_bias(replications: u32, tolerance: f64) {
    let mut config = run_for(95.0, 10_000.0 / 95.0, 0.0);
    config.replications = replications;
    near("mean wait from empty", element(&simulate(&mm1(0.01), &config), "A").wait_mean, 0.182, tolerance);
}

#[test]
fn n01_starts_empty_and_removes_no_warm_up_by_itself() {
    warm_up_bias(100, 0.027);
}

#[test]
#[ignore = "a minute: cargo test --release --lib numerics -- --ignored"]
fn n01_at_full_length() {
    warm_up_bias(500, 0.012);
}

/// 2: how often the interval of a run contains the exact mean response, and the spread of the means.
fn coverage(load: f64, requests: f64, exact: f64, runs: u64) -> (f64, f64) {
    let config = requests_at(load, requests);
    let one = |config| {
        let measures = simulate(&mm1(0.01), &config);
        let [low, high] = measures.ci95["latency.mean"];
        (measures.metrics.latency.mean, low <= exact && exact <= high)
    };
    let (means, covered): (Vec<f64>, Vec<bool>) = seeds(&config, runs).map(one).unzip();
    (covered.iter().filter(|c| **c).count() as f64 / runs as f64, mean_and_sd(&means).1)
}

#[test]
fn n02_intervals_know_of_autocorrelation() {
    let (covered, _) = coverage(80.0, 30_000.0, 0.05, 60);
    assert!(covered >= 0.85, "{covered}");
}

#[test]
#[ignore = "minutes: cargo test --release --lib numerics -- --ignored"]
fn n02_at_full_length() {
    let (covered, sd) = coverage(90.0, 100_000.0, 0.1, 500);
    assert!((0.9..=0.98).contains(&covered), "{covered}");
    near("sd of one run", sd, 0.00599, 0.0008);
}

/// 3: every request that arrived is followed to its end, and what was in flight at the end is told.
#[test]
fn n03_the_tail_of_an_overload_is_not_cut_off() {
    let mut config = run_for(120.0, 60.0, 0.0);
    config.replications = 50;
    let measures = simulate(&mm1(0.01), &config);
    near("mean response", measures.metrics.latency.mean, 5.99, 0.35);
    near("in flight", measures.metrics.in_flight_at_stop / 7200.0, 0.166, 0.012);
    near("growth", element(&measures, "A").queue_growth, 20.0, 1.0);
}

/// 4: open arrivals do not wait for replies. A server of 1 ms that stands still for 1 s in every 10 s.
#[test]
fn n04_no_coordinated_omission() {
    let model = single(station(Dist::Constant(0.001), 1), Arrivals::Constant);
    let mut config = run_for(100.0, 100.0, 0.0);
    let all = ElementSet { stations: vec![StationId(0)], replicas: None, any: None };
    let mut pause = super::traces::fault(ChaosAction::Pause(all), 0.0, Some(1.0));
    pause.timing.every = Some(s(10.0));
    config.chaos = vec![pause];
    let latency = simulate(&model, &config).metrics.latency;
    near("mean", latency.mean, 0.05706, 0.001);
    near("p90", latency.p90, 0.1019, 0.001);
    near("p99", latency.p99, 0.911, 0.001);
}

/// 5: the difference of two designs is known much better than either.
#[test]
fn n05_common_random_numbers() {
    let config = requests_at(80.0, 20_000.0);
    let mean = |mean: f64, config| simulate(&mm1(mean), &config).metrics.latency.mean;
    let (slow, fast) = (1.0 / 100.0, 1.0 / 102.0);
    let coupled: Vec<f64> = seeds(&config, 20).map(|c| mean(slow, c.clone()) - mean(fast, c)).collect();
    let other = |c: RunConfig| RunConfig { seed: c.seed + 1000, ..c };
    let independent: Vec<f64> = seeds(&config, 20).map(|c| mean(slow, c.clone()) - mean(fast, other(c))).collect();
    let ratio = (mean_and_sd(&independent).1 / mean_and_sd(&coupled).1).powi(2);
    assert!(ratio > 10.0, "{ratio}");
    assert!(coupled.iter().all(|difference| *difference > 0.0), "monotone in every seed");
}

/// 7: seeds 1 to n are as good as any. The z-scores of Q02, whose standard deviation of one run is known.
fn z_scores(runs: u64, requests: f64) -> Vec<f64> {
    let sd = 0.000_14 * (200_000.0 / requests).sqrt();
    let config = requests_at(50.0, requests);
    seeds(&config, runs).map(|c| (simulate(&mm1(0.01), &c).metrics.latency.mean - 0.02) / sd).collect()
}

/// Largest distance of the empirical distribution from an exact one (Kolmogorov-Smirnov).
fn distance(mut values: Vec<f64>, exact: impl Fn(f64) -> f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let at = |(k, value): (usize, &f64)| {
        let cdf = exact(*value);
        (cdf - k as f64 / n).abs().max((cdf - (k as f64 + 1.0) / n).abs())
    };
    values.iter().enumerate().map(at).fold(0.0, f64::max)
}

fn standard_normal(x: f64) -> f64 {
    // Abramowitz and Stegun 26.2.17, to 7.5e-8.
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * poly;
    if x < 0.0 { tail } else { 1.0 - tail }
}

fn assert_independent(scores: Vec<f64>, variance: std::ops::Range<f64>) {
    let n = scores.len() as f64;
    let (_, sd) = mean_and_sd(&scores);
    assert!(variance.contains(&(sd * sd)), "variance {}", sd * sd);
    let correlation = scores.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / (n - 1.0) / (sd * sd);
    assert!(correlation.abs() < 4.0 / n.sqrt(), "correlation {correlation}");
    let distance = distance(scores, standard_normal);
    assert!(distance < 1.63 / n.sqrt(), "Kolmogorov-Smirnov {distance}");
}

#[test]
fn n07_consecutive_seeds_are_independent() {
    assert_independent(z_scores(100, 10_000.0), 0.6..1.5);
}

#[test]
#[ignore = "a minute: cargo test --release --lib numerics -- --ignored"]
fn n07_at_full_length() {
    assert_independent(z_scores(200, 200_000.0), 0.8..1.2);
}

/// 8: the order of declaration is nobody's business.
#[test]
fn n08_the_order_of_declaration_changes_nothing() {
    let of = |names: [&str; 3]| {
        let mut b = Builder::default();
        for name in names {
            let source = b.source(&format!("U{name}"), Arrivals::Poisson);
            let id = b.station(name, station(exp(0.01), 1));
            b.request(source, id, 1.0, CallBehavior::default());
        }
        simulate(&b.architecture, &run_for(150.0, 100.0, 10.0))
    };
    let (one, other) = (of(["A", "B", "C"]), of(["C", "A", "B"]));
    assert_eq!(serde_json::to_string(&one.elements).unwrap(), serde_json::to_string(&other.elements).unwrap());
    assert_eq!(one.metrics.latency, other.metrics.latency);
}

/// 9: far from zero everything is as it was near it, for times of milliseconds and of microseconds.
#[test]
fn n09_time_is_as_fine_after_a_billion_seconds() {
    let far = 1e9;
    for scale in [1.0, 1e-4] {
        let (model, load) = (mm1(0.01 * scale), 80.0 / scale);
        let mut config = run_for(load, 100.0 * scale, 0.0);
        let near_zero = log_of(&model, &config);
        let start = SimTime(1_000_000_000_000_000_000);
        config.workload.load.points = vec![
            LoadSegment { at: SimTime(0), rate: 0.0 },
            LoadSegment { at: start, rate: 0.0 },
            LoadSegment { at: start, rate: load },
        ];
        config.duration = s(far + 100.0 * scale);
        let shifted = replicate(&model, &config, 0, &|_| {}).log;
        assert_eq!(near_zero.len(), shifted.len());
        let response = |e: &(u64, u64, bool)| (e.1 - e.0) as f64 / 1e9;
        let mut shifted: Vec<_> = shifted;
        shifted.sort_by_key(|e| e.0);
        for (a, b) in near_zero.iter().zip(&shifted) {
            assert!((a.1 - a.0 - response(b)).abs() <= 1e-6 * (a.1 - a.0) + 2e-9, "{a:?} {b:?}");
        }
    }
    let times: Vec<f64> = (0..20_000).map(|k| far + f64::from(k) / 64.0).collect();
    let model = single(station(Dist::Constant(1.0 / 64.0), 1), trace(&times));
    assert_eq!(element(&simulate(&model, &run_for(0.0, far + 400.0, 0.0)), "A").wait_max, 0.0);
}

/// 11: distributions as they should be, their tails included.
fn assert_distribution(dist: &Dist, draws: u32, exact: impl Fn(f64) -> f64) {
    let sampler = Sampler::new(dist);
    let mut rng = Streams::new(11, 0).of("test", "distribution");
    let values: Vec<f64> = (0..draws).map(|_| sampler.draw(&mut rng) as f64 / 1e9).collect();
    assert!(values.iter().all(|v| v.is_finite() && *v >= 0.0));
    let distance = distance(values, exact);
    assert!(distance < 1.95 / f64::from(draws).sqrt(), "{dist:?}: {distance}");
}

#[test]
fn n11_samples_follow_their_distribution() {
    assert_distribution(&exp(0.01), 200_000, |x| 1.0 - (-x / 0.01).exp());
    let (m, sigma) = (0.01_f64.ln() - 5.0_f64.ln() / 2.0, 5.0_f64.ln().sqrt());
    assert_distribution(&Dist::lognormal_mean_cv(0.01, 2.0), 200_000, |x| standard_normal((x.ln() - m) / sigma));
    let pareto = Dist::BoundedPareto { min: 0.002, max: 2.0, alpha: 1.5 };
    assert_distribution(&pareto, 200_000, |x| (1.0 - (0.002 / x).powf(1.5)) / (1.0 - 0.001_f64.powf(1.5)));
    let sampler = Sampler::new(&Dist::Normal { mean: 0.01, sd: 0.02 });
    let mut rng = Streams::new(11, 0).of("test", "normal");
    let mean = (0..400_000).map(|_| sampler.draw(&mut rng) as f64 / 1e9).sum::<f64>() / 400_000.0;
    near("normal, clipped at 0", mean, 0.0140, 0.0001);
}

#[test]
#[ignore = "a minute: cargo test --release --lib numerics -- --ignored"]
fn n11_the_far_tail_of_the_exponential() {
    let mut rng = Streams::new(11, 0).of("test", "tail");
    let beyond = |limit: f64, draws: &[f64]| draws.iter().filter(|x| **x > limit).count() as f64;
    let draws: Vec<f64> = (0..100_000_000).map(|_| rng.exponential()).filter(|x| *x > 12.0).collect();
    for limit in [12.0_f64, 14.0, 16.0] {
        let expected = 1e8 * (-limit).exp();
        near("beyond", beyond(limit, &draws), expected, 4.5 * expected.sqrt());
    }
    assert!(beyond(20.0, &draws) <= 4.0, "0.2 expected");
}

/// 12: quantiles of merged shards are those of the whole.
#[test]
fn n12_merged_histograms_give_the_quantiles_of_the_whole() {
    let log = replicate(&mm1(0.01), &requests_at(80.0, 50_000.0), 0, &|_| {}).log;
    let (mut whole, mut shards) = (Histogram::default(), vec![Histogram::default(); 8]);
    for (n, (from, to, _)) in log.iter().enumerate() {
        whole.record(to - from);
        shards[n % 8].record(to - from);
    }
    whole.settle();
    shards.iter_mut().for_each(Histogram::settle);
    let mut merged = Histogram::default();
    shards.iter().for_each(|shard| merged.merge(shard));
    for q in [0.5, 0.95, 0.99, 0.999] {
        assert_eq!(whole.quantile(q), merged.quantile(q));
    }
    assert_eq!((whole.mean(), whole.count(), whole.max()), (merged.mean(), merged.count(), merged.max()));
}

/// 15: work taken back leaves no events behind for long.
#[test]
fn n15_cancelled_work_does_not_fill_memory() {
    let entry = CallBehavior { timeout: Some(s(0.01)), cancel: true, ..CallBehavior::default() };
    let endless = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(1e6), 1) };
    let model = single_by(endless, Arrivals::Constant, entry);
    let pending = World::pending_after(&model, &run_for(1000.0, 1e6, 0.0), 500_000);
    assert!(pending < 80_000, "{pending} events are pending for ten requests in flight");
}

/// 17: an overload is told as growth; a steady state has none.
#[test]
fn n17_growth_is_told() {
    let growth = |load| element(&simulate(&mm1(0.01), &run_for(load, 600.0, 60.0)), "A").queue_growth;
    near("overload", growth(120.0), 20.0, 1.5);
    near("steady", growth(50.0), 0.0, 0.05);
}

/// 18: windows are half-open, and rates divide by them.
#[test]
fn n18_what_happens_at_the_horizon_is_outside() {
    let model = single(station(Dist::Constant(0.1), 1), Arrivals::Constant);
    let measures = simulate(&model, &run_for(10.0, 2.0, 1.0));
    assert_eq!(measures.metrics.offered, 10, "those at 1.0 to 1.9 s, not the one at 2.0 s");
    near("throughput", measures.metrics.throughput, 10.0, 1e-9);
    assert_eq!(half_width(&[1.0]), None);
}
