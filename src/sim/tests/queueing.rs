//! Single stations against exact results.

use super::*;

/// Runs a case; mean response, mean wait and utilisation are checked.
fn check(
    name: &str,
    dist: Dist,
    workers: u32,
    load: f64,
    requests: f64,
    exact: [f64; 3],
    tolerance: f64,
) -> RunMeasures {
    let measures = simulate(&single(station(dist, workers), Arrivals::Poisson), &requests_at(load, requests));
    let a = element(&measures, "A");
    near(&format!("{name} mean response"), measures.metrics.latency.mean, exact[0], tolerance);
    near(&format!("{name} mean wait"), a.wait_mean, exact[1], tolerance);
    near(&format!("{name} utilisation"), a.utilization, exact[2], 0.02);
    near(&format!("{name} Little"), a.in_system, load * exact[0], load * tolerance * 1.5);
    measures
}

#[test]
fn q01_to_q06_markovian() {
    let q01 = check("Q01", exp(0.01), 1, 80.0, 250_000.0, [0.05, 0.04, 0.8], 0.0042);
    near("Q01 p50", q01.metrics.latency.p50, 0.034_657, 0.0024);
    near("Q01 p95", q01.metrics.latency.p95, 0.149_787, 0.017);
    near("Q01 p99", q01.metrics.latency.p99, 0.230_259, 0.04);
    near("Q01 wait probability", element(&q01, "A").wait_probability, 0.8, 0.0096);
    near("Q01 sd", q01.metrics.latency.stddev, 0.05, 0.0072);
    check("Q02", exp(0.01), 1, 50.0, 200_000.0, [0.02, 0.01, 0.5], 0.00056);
    check("Q04", exp(0.01), 2, 150.0, 200_000.0, [0.022_857, 0.012_857, 0.75], 0.0012);
    let q05 = check("Q05", exp(0.01), 4, 320.0, 200_000.0, [0.017_455, 0.007_455, 0.8], 0.0011);
    near("Q05 wait probability", element(&q05, "A").wait_probability, 0.596_432, 0.021);
    check("Q06", exp(0.01), 16, 1440.0, 200_000.0, [0.013_696, 0.003_696, 0.9], 0.001);
}

#[test]
fn q08_to_q12_general_service() {
    let q08 = check("Q08", Dist::Constant(0.01), 1, 80.0, 200_000.0, [0.03, 0.02, 0.8], 0.0017);
    near("Q08 p95", q08.metrics.latency.p95, 0.076_203, 0.0067);
    near("Q08 sd of wait", element(&q08, "A").wait_stddev, 0.023_094, 0.0028);
    let erlang = Dist::Erlang { k: 4, mean: 0.01 };
    check("Q09", erlang, 1, 80.0, 200_000.0, [0.035, 0.025, 0.8], 0.0017);
    check("Q10", h2(), 1, 70.0, 400_000.0, [0.085_833, 0.075_833, 0.7], 0.0079);
    let lognormal = Dist::lognormal_mean_cv(0.01, 2.0);
    check("Q11", lognormal, 1, 70.0, 400_000.0, [0.068_333, 0.058_333, 0.7], 0.0086);
    let pareto = Dist::BoundedPareto { min: 0.002, max: 2.0, alpha: 1.5 };
    check("Q12", pareto, 1, 100.0, 1_000_000.0, [0.049_668, 0.043_857, 0.581], 0.0104);
}

#[test]
fn q14_q15_q31_finite_queues() {
    for (name, workers, places, load, exact) in [
        ("Q14", 1, 10, 120.0, [0.187_721, 0.077_107, 97.473_5, 7.515_9]),
        ("Q15", 4, 8, 400.0, [0.089_136, 0.018_807, 364.345, 6.852_4]),
        ("Q31", 1, 2, 100.0, [0.25, 0.02, 75.0, 1.5]),
    ] {
        let b = StationBehavior { queue: Limit::At(places), ..station(exp(0.01), workers) };
        let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(load, 200_000.0));
        let a = element(&measures, "A");
        let rejected = a.rejected as f64 / a.arrivals as f64;
        near(&format!("{name} rejected"), rejected, exact[0], 0.0074);
        near(&format!("{name} response"), measures.metrics.latency.mean, exact[1], exact[1] * 0.024);
        near(&format!("{name} goodput"), measures.metrics.goodput, exact[2], exact[2] * 0.01);
        near(&format!("{name} in system"), a.in_system, exact[3], 0.14);
    }
}

#[test]
fn q16_loss_is_insensitive() {
    for dist in [exp(0.01), Dist::Constant(0.01), h2()] {
        let b = StationBehavior { queue: Limit::At(0), ..station(dist, 10) };
        let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(800.0, 200_000.0));
        let a = element(&measures, "A");
        near("Q16 rejected", a.rejected as f64 / a.arrivals as f64, 0.121_661, 0.0098);
        near("Q16 carried", a.busy, 7.026_71, 0.06);
    }
}

#[test]
fn q17_unlimited_workers_never_wait() {
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::lognormal_mean_cv(0.1, 2.0), 1) };
    let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(500.0, 200_000.0));
    let a = element(&measures, "A");
    near("Q17 in system", a.in_system, 50.0, 0.84);
    assert_eq!((a.wait_mean, a.wait_probability, a.utilization), (0.0, 0.0, 0.0));
}

#[test]
fn q18_q19_processor_sharing() {
    for (workers, load, dist, exact, tolerance) in [
        (1, 80.0, exp(0.01), 0.05, 0.0051),
        (1, 80.0, Dist::Constant(0.01), 0.05, 0.0034),
        (1, 80.0, h2(), 0.05, 0.0089),
        (3, 240.0, exp(0.01), 0.020_786_5, 0.0012),
        (3, 240.0, Dist::Constant(0.01), 0.020_786_5, 0.0009),
    ] {
        let b = StationBehavior { discipline: Discipline::ProcessorSharing, ..station(dist, workers) };
        let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(load, 200_000.0));
        near("Q18 response", measures.metrics.latency.mean, exact, tolerance);
        near("Q18 utilisation", element(&measures, "A").utilization, 0.8, 0.02);
    }
}

#[test]
fn q21_priority() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let a = b.station("A", StationBehavior { discipline: Discipline::Priority, ..station(exp(0.01), 1) });
    b.request(source, a, 3.0, CallBehavior::default());
    let second = b.source("V", Arrivals::Poisson);
    b.request(second, a, 5.0, CallBehavior::default());
    b.architecture.request_types[0].behavior.priority = 1;
    let measures = simulate(&b.architecture, &requests_at(80.0, 400_000.0));
    let mean = |n: &str| measures.request_types[n].latency.mean;
    near("Q21 high", mean("U->A"), 0.021_428_6, 0.0003);
    near("Q21 low", mean("V->A"), 0.067_142_9, 0.004);
    near("Q21 all", measures.metrics.latency.mean, 0.05, 0.0026);
}

#[test]
fn lifo_has_the_mean_of_fifo() {
    let b = StationBehavior { discipline: Discipline::Lifo, ..station(exp(0.01), 1) };
    let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(80.0, 200_000.0));
    near("LIFO mean", measures.metrics.latency.mean, 0.05, 0.005);
    assert!(measures.metrics.latency.p99 > 0.3, "its tail is longer");
}

#[test]
fn q25_q27_q28_q30_other_arrivals() {
    for (name, arrivals, service, load, exact, tolerance) in [
        ("Q25", Arrivals::BatchFixed(5), exp(0.01), 80.0, 0.15, 0.0184),
        ("Q27", Arrivals::Constant, exp(0.01), 80.0, 0.026_927, 0.0015),
        ("Q28", Arrivals::Hyperexponential { cv: 2.0 }, exp(0.01), 80.0, 0.108_192, 0.0155),
        ("Q30", Arrivals::Mmpp { low: 50.0, high: 170.0, switch: 5.0 }, exp(1.0 / 150.0), 110.0, 0.068_454, 0.0063),
    ] {
        let requests = if name == "Q30" { 400_000.0 } else { 200_000.0 };
        let measures = simulate(&single(station(service, 1), arrivals), &requests_at(load, requests));
        near(&format!("{name} response"), measures.metrics.latency.mean, exact, tolerance);
    }
}

#[test]
fn l01_to_l09_balancing() {
    for (name, replicas, load, balance, exact, tolerance) in [
        ("L01", 10, 800.0, Balance::Random, 0.05, 0.0038),
        ("L02", 10, 800.0, Balance::RoundRobin, 0.029_222_7, 0.0021),
        ("L05", 100, 5000.0, Balance::PowerOfTwo, 0.012_672, 0.00017),
        ("L07", 10, 800.0, Balance::LeastConnections, 0.013_596, 0.0005),
        ("L09", 2, 100.0, Balance::LeastConnections, 0.014_263, 0.00026),
    ] {
        let b = StationBehavior { replicas, balance, ..station(exp(0.01), 1) };
        let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(load, 200_000.0));
        near(&format!("{name} response"), measures.metrics.latency.mean, exact, tolerance);
    }
}

#[test]
fn v01_profile_and_n14_rate_change_inside_a_gap() {
    let mut config = run_for(0.0, 20.0, 0.0);
    let point = |at: u64, rate| LoadSegment { at: SimTime(at * 1_000_000_000), rate };
    config.workload.load = LoadProfile { points: vec![point(0, 0.01), point(10, 0.01), point(10, 100.0)] };
    config.replications = 100;
    let measures = simulate(&single(station(exp(0.001), 1), Arrivals::Poisson), &config);
    near("NUMERICS 14", measures.metrics.offered as f64 / 100.0, 1000.1, 13.0);
    // A ramp from 0 to 200/s over 10 s is 1000 requests; evenly spaced they are 1000 exactly.
    config.workload.load = LoadProfile { points: vec![point(0, 0.0), point(10, 200.0), point(10, 0.0)] };
    config.replications = 1;
    let measures = simulate(&single(station(exp(0.001), 1), Arrivals::Constant), &config);
    near("ramp", measures.metrics.offered as f64, 1000.0, 1.0);
}
