//! Against exact references.

use super::*;

/// To six digits, and said to be exact.
#[track_caller]
fn exact(what: &str, answer: &Answer, reference: f64) {
    near(what, answer, reference, 2e-5);
    assert!(is_exact(answer), "{what} is exact: {answer:?}");
}

/// Within the stated bound, which must be there.
#[track_caller]
fn bounded(what: &str, answer: &Answer, reference: f64) {
    let value = known(what, answer);
    let Some(Exactness::Approximate(error)) = answer.figure().map(|figure| figure.exactness) else {
        panic!("{what} is an approximation: {answer:?}");
    };
    println!("{what}: {value:.6} against {reference:.6}, bound {error}");
    assert!((value - reference).abs() <= error * reference, "{what}: {value} is not {reference} within {error}");
}

#[test]
fn q01_to_q06_l06_b12_markovian() {
    for (name, load, mu, c, [probability, wait, response, p95, p99]) in [
        ("Q01", 80.0, 100.0, 1, [0.8, 0.04, 0.05, 0.149_787, 0.230_259]),
        ("Q02", 50.0, 100.0, 1, [0.5, 0.01, 0.02, 0.059_914_6, 0.092_103_4]),
        ("Q03", 95.0, 100.0, 1, [0.95, 0.19, 0.2, 0.599_146, 0.921_034]),
        ("Q04", 150.0, 100.0, 2, [0.642_857, 0.012_857_1, 0.022_857_1, 0.064_765_8, 0.097_095_0]),
        ("Q05", 320.0, 100.0, 4, [0.596_432, 0.007_455_41, 0.017_455_4, 0.047_380_2, 0.068_932_0]),
        ("Q06", 1440.0, 100.0, 16, [0.591_343, 0.003_695_90, 0.013_695_9, 0.036_235_4, 0.052_698_3]),
        ("L06", 800.0, 100.0, 10, [0.409_180, 0.002_045_90, 0.012_045_9, f64::NAN, 0.049_461_1]),
        ("B12", 0.2, 0.1, 3, [0.444_444, 4.444_44, 14.444_44, f64::NAN, f64::NAN]),
    ] {
        let model = single(station(exp(1.0 / mu), c), Arrivals::Poisson);
        let found = evaluate(&model, &at_load(load));
        let a = &found.elements["A"];
        exact(name, &a.wait_probability, probability);
        exact(name, &a.wait_mean, wait);
        exact(name, &a.response_mean, response);
        exact(name, &found.all.mean, response);
        exact(name, &a.utilization, load / mu / f64::from(c));
        for (answer, reference) in [(&found.all.p95, p95), (&found.all.p99, p99)].into_iter().filter(|r| !r.1.is_nan())
        {
            // Q04's rates μ and cμ - λ differ, L06's do too: partial fractions are exact.
            near(name, answer, reference, 2e-4);
        }
        assert_eq!(known("errors", &found.all.error_rate), 0.0);
    }
}

#[test]
fn q08_to_q12_general_service() {
    let pareto = Dist::BoundedPareto { min: 0.002, max: 2.0, alpha: 1.5 };
    for (name, dist, load, [response, p50, p95, p99]) in [
        ("Q08", Dist::Constant(0.01), 80.0, [0.03, 0.022_759_4, 0.076_203_2, 0.113_559]),
        ("Q09", Dist::Erlang { k: 4, mean: 0.01 }, 80.0, [0.035, 0.025_942_3, 0.094_762_2, 0.142_865]),
        ("Q10", h2(), 70.0, [0.085_833_3, f64::NAN, 0.329_613, 0.536_766]),
        ("Q11", Dist::lognormal_mean_cv(0.01, 2.0), 70.0, [0.068_333_3, f64::NAN, f64::NAN, f64::NAN]),
        ("Q12", pareto, 100.0, [0.049_667_7, f64::NAN, f64::NAN, f64::NAN]),
    ] {
        let found = evaluate(&single(station(dist, 1), Arrivals::Poisson), &at_load(load));
        exact(name, &found.all.mean, response);
        exact(name, &found.elements["A"].wait_mean, response - known(name, &found.elements["A"].utilization) / load);
        for (answer, reference) in [(&found.all.p50, p50), (&found.all.p95, p95), (&found.all.p99, p99)] {
            if !reference.is_nan() {
                bounded(name, answer, reference);
            }
        }
    }
}

#[test]
fn q14_q15_q16_q31_r01_lose_what_has_no_place() {
    for (name, c, places, load, [lost, response, throughput, p99]) in [
        ("Q14", 1, 10, 120.0, [0.187_721, 0.077_107_1, 97.473_5, 0.179_439]),
        ("Q15", 4, 8, 400.0, [0.089_136_5, 0.018_807_3, 364.345, 0.059_227_0]),
        ("Q31", 1, 2, 100.0, [0.25, 0.02, 75.0, f64::NAN]),
    ] {
        let behavior = StationBehavior { queue: Limit::At(places), ..station(exp(0.01), c) };
        let found = evaluate(&single(behavior, Arrivals::Poisson), &at_load(load));
        let a = &found.elements["A"];
        exact(name, &a.blocking, lost);
        exact(name, &found.all.mean, response);
        exact(name, &found.all.error_rate, lost);
        exact(name, &a.utilization, throughput * 0.01 / f64::from(c));
        if !p99.is_nan() {
            bounded(name, &found.all.p99, p99);
        }
    }
    for dist in [exp(0.01), Dist::Constant(0.01), h2()] {
        let behavior = StationBehavior { queue: Limit::At(0), ..station(dist, 10) };
        let found = evaluate(&single(behavior, Arrivals::Poisson), &at_load(800.0));
        exact("Q16", &found.elements["A"].blocking, 0.121_661);
        exact("Q16 carried", &found.elements["A"].utilization, 0.702_671);
    }
    let behavior = StationBehavior { patience: Some(exp(0.1)), ..station(exp(0.01), 1) };
    let found = evaluate(&single(behavior, Arrivals::Poisson), &at_load(90.0));
    let a = &found.elements["A"];
    exact("R01 abandon", &a.blocking, 0.157_826);
    exact("R01 wait probability", &a.wait_probability, 0.757_957);
    exact("R01 wait of the served", &a.wait_mean, 0.015_337_1);
    exact("R01 utilisation", &a.utilization, 0.757_957);
}

#[test]
fn q17_q18_q19_insensitive() {
    let found = evaluate(&single(free(Dist::lognormal_mean_cv(0.1, 2.0)), Arrivals::Poisson), &at_load(500.0));
    exact("Q17", &found.all.mean, 0.1);
    assert_eq!((known("Q17", &found.elements["A"].wait_mean), found.bottleneck.clone()), (0.0, None));
    for (dist, c, load, response) in [
        (exp(0.01), 1, 80.0, 0.05),
        (Dist::Constant(0.01), 1, 80.0, 0.05),
        (h2(), 1, 80.0, 0.05),
        (exp(0.01), 3, 240.0, 0.020_786_5),
        (Dist::Constant(0.01), 3, 240.0, 0.020_786_5),
    ] {
        let behavior = StationBehavior { discipline: Discipline::ProcessorSharing, ..station(dist, c) };
        let found = evaluate(&single(behavior, Arrivals::Poisson), &at_load(load));
        exact("Q18", &found.all.mean, response);
        exact("Q18 utilisation", &found.elements["A"].utilization, 0.8);
    }
}

#[test]
fn q21_q22_priorities() {
    let classes = |rows: &[(f64, f64)]| {
        let mut b = Builder::default();
        let behavior = StationBehavior { discipline: Discipline::Priority, ..station(exp(rows[0].1), 1) };
        let a = b.station("A", behavior);
        for (n, (share, mean)) in rows.iter().enumerate() {
            let source = b.source(&format!("U{n}"), Arrivals::Poisson);
            let entry = b.request(source, a, *share, CallBehavior::default());
            let request = b.architecture.request_types.last_mut().unwrap();
            request.behavior.priority = -(n as i32);
            // Its own work at the entry is given by a front station without any and a step behind it.
            assert!(*mean == rows[0].1 || entry.0 > 0);
        }
        b.architecture
    };
    let found = evaluate(&classes(&[(30.0, 0.01), (50.0, 0.01)]), &at_load(80.0));
    exact("Q21 high", &found.request_types["U0->A"].mean, 0.021_428_6);
    exact("Q21 low", &found.request_types["U1->A"].mean, 0.067_142_9);
    exact("Q21 all", &found.all.mean, 0.05);
    refused(&found.all.p99, "only means");
    let found = evaluate(&q22(), &at_load(60.0));
    for (name, wait, service) in [("F0", 0.013_888_9, 0.005), ("F1", 0.023_148_1, 0.01), ("F2", 0.069_444_4, 0.03)] {
        exact("Q22", &found.request_types[name].mean, wait + service);
    }
}

/// Three flows with a service time of their own at one station.
fn q22() -> Architecture {
    let mut b = Builder::default();
    let front = b.station("Front", free(Dist::ZERO));
    let behavior = StationBehavior { discipline: Discipline::Priority, ..station(exp(0.01), 1) };
    let a = b.station("A", behavior);
    let call = b.call(front, a, CallBehavior::default());
    for (n, (weight, mean)) in [(20.0, 0.005), (30.0, 0.01), (10.0, 0.03)].into_iter().enumerate() {
        let source = b.source(&format!("U{n}"), Arrivals::Poisson);
        b.request(source, front, weight, CallBehavior::default());
        let request = b.architecture.request_types.last_mut().unwrap();
        (request.name, request.behavior.priority) = (format!("F{n}").into(), 9 - n as i32);
        request.path = Path::Flow { steps: vec![step(call, None, Some(exp(mean)))], from_source: false };
    }
    b.architecture
}

fn step(call: CallId, parent: Option<u32>, service_time: Option<Dist>) -> Step {
    Step { service_time, ..Step::plain(call, parent) }
}

#[test]
fn q25_q27_q28_l02_b16_other_arrivals() {
    for (name, arrivals, response, p95) in [
        ("Q25", Arrivals::BatchFixed(5), 0.15, f64::NAN),
        ("Q27", Arrivals::Constant, 0.026_927_3, 0.080_667_0),
        ("Q28", Arrivals::Hyperexponential { cv: 2.0 }, 0.108_192, 0.324_114),
    ] {
        let found = evaluate(&single(station(exp(0.01), 1), arrivals), &at_load(80.0));
        exact(name, &found.all.mean, response);
        if !p95.is_nan() {
            exact(name, &found.all.p95, p95);
        }
    }
    let ten = |balance| StationBehavior { replicas: 10, balance, ..station(exp(0.01), 1) };
    let at = |balance| evaluate(&single(ten(balance), Arrivals::Poisson), &at_load(800.0));
    let random = at(Balance::Random);
    exact("L01", &random.all.mean, 0.05);
    exact("L01 p99", &random.all.p99, 0.230_259);
    let turn = at(Balance::RoundRobin);
    exact("L02", &turn.all.mean, 0.029_222_7);
    exact("L02 p99", &turn.all.p99, 0.134_575);
    exact("L02 wait probability", &turn.elements["A"].wait_probability, 0.657_800);
    bounded("L07", &at(Balance::PowerOfTwo).all.mean, 0.020_752_4);
    bounded("L07", &at(Balance::LeastConnections).all.mean, 0.013_596_3);
    for (name, load, response) in [("L04", 9000.0, 0.026_447_0), ("L05", 5000.0, 0.012_672_3)] {
        let behavior = StationBehavior { replicas: 100, ..ten(Balance::PowerOfTwo) };
        bounded(name, &evaluate(&single(behavior, Arrivals::Poisson), &at_load(load)).all.mean, response);
    }
    let behavior = StationBehavior { replicas: 2, ..ten(Balance::LeastConnections) };
    bounded("L09", &evaluate(&single(behavior, Arrivals::Poisson), &at_load(100.0)).all.mean, 0.014_263_2);
}

#[test]
fn n01_n02_networks() {
    let free = |mean| StationBehavior { blocking: false, ..station(exp(mean), 1) };
    let found =
        evaluate(&chain(&[free(0.01), free(1.0 / 120.0), free(1.0 / 150.0)], &CallBehavior::default()), &at_load(80.0));
    exact("N01", &found.all.mean, 0.089_285_7);
    near("N01 p95", &found.all.p95, 0.200_507, 1e-4);
    near("N01 p99", &found.all.p99, 0.281_590, 1e-4);
    exact("N01 third", &found.elements["S2"].response_mean, 0.014_285_7);
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let a = b.station("A", free(0.01));
    b.request(source, a, 1.0, CallBehavior::default());
    b.call(a, a, CallBehavior { probability: 0.3, ..CallBehavior::default() });
    let found = evaluate(&b.architecture, &at_load(50.0));
    exact("N02", &found.all.mean, 0.05);
    exact("N02 utilisation", &found.elements["A"].utilization, 0.714_286);
    exact("N02 offered", &found.elements["A"].offered, 50.0 * 1.428_57);
}

#[test]
fn n04_n06_b01_b08_closed_loops() {
    for (name, n, think, mean, workers, response, rate) in [
        ("N04", 20, 1.0, 0.05, 1, 0.188_908, 16.822_2),
        ("N06", 30, 0.2, 0.05, 4, 0.175_718, 79.847_1),
        ("B08", 4, 5.0, 1.0, 1, 1.648_31, 4.0 / 6.648_31),
        ("B08", 15, 5.0, 1.0, 1, 10.002_4, 15.0 / 15.002_4),
    ] {
        let model = single(station(exp(mean), workers), Arrivals::Poisson);
        let found = evaluate(&model, &users(n, exp(think)));
        exact(name, &found.all.mean, response);
        exact(name, &found.rate, rate);
        exact(name, &found.elements["A"].utilization, rate * mean / f64::from(workers));
    }
    // B01's reference is rounded to five digits.
    let model = single(station(exp(1.0), 2), Arrivals::Poisson);
    near("B01", &evaluate(&model, &users(4, exp(1.0))).rate, 1.7, 1e-3);
}

#[test]
fn f02_f04_f06_fork_join() {
    let aside = CallBehavior { parallel: true, ..CallBehavior::default() };
    let fork = |leaf: StationBehavior, n: usize| fan(free(Dist::ZERO), &vec![(leaf, aside.clone()); n]);
    for (name, load, join, task) in [("F01", 80.0, 0.07, 0.05), ("F02", 50.0, 0.028_75, 0.02)] {
        let found = evaluate(&fork(station(exp(0.01), 1), 2), &at_load(load));
        bounded(name, &found.all.mean, join);
        exact(name, &found.elements["S0"].response_mean, task);
    }
    let found = evaluate(&fork(free(exp(0.01)), 10), &at_load(100.0));
    exact("F04", &found.all.mean, 0.029_289_7);
    near("F04 p95", &found.all.p95, 0.052_753_4, 1e-4);
    near("F04 p99", &found.all.p99, 0.069_032_4, 1e-4);
    let slow = Dist::Mixture(vec![(0.99, Dist::Constant(0.01)), (0.01, Dist::Constant(1.0))]);
    let hundred = CallBehavior { calls: 100, ..aside };
    let found = evaluate(&fan(free(Dist::ZERO), &[(free(slow), hundred)]), &at_load(100.0));
    near("F06", &found.all.mean, 0.637_628, 0.01);
}

#[test]
fn k01_k02_caches() {
    let cached = |ratio: f64, lookup: Dist, below: StationBehavior| {
        let cache = Some(CachePolicy { mode: CacheMode::HitRatio(ratio), hit_time: lookup.clone() });
        fan(StationBehavior { cache, ..free(lookup) }, &[(below, CallBehavior::default())])
    };
    let found = evaluate(&cached(0.9, exp(0.001), free(exp(0.02))), &at_load(500.0));
    exact("K01", &found.all.mean, 0.003);
    near("K01 p50", &found.all.p50, 0.000_807_809, 1e-4);
    near("K01 p95", &found.all.p95, 0.014_888_9, 1e-4);
    near("K01 p99", &found.all.p99, 0.047_077_6, 1e-4);
    for (ratio, response) in [(0.85, 0.007), (0.82, 0.019)] {
        let found = evaluate(&cached(ratio, Dist::Constant(0.001), station(exp(0.01), 1)), &at_load(500.0));
        exact("K02", &found.all.mean, response);
    }
    let found = evaluate(&cached(0.8, Dist::Constant(0.001), station(exp(0.01), 1)), &at_load(500.0));
    refused(&found.all.mean, "saturated");
}

#[test]
fn r04_r05_r06_r07_b14_failures_and_attempts() {
    let late = CallBehavior { timeout: Some(Duration(100_000_000)), ..CallBehavior::default() };
    let found = evaluate(&single_by(station(exp(0.01), 1), Arrivals::Poisson, late), &at_load(80.0));
    near("R04 late", &found.all.error_rate, 0.135_335, 1e-4);
    near("R04 utilisation", &found.elements["A"].utilization, 0.8, 1e-9);
    let retry = |count| CallBehavior {
        retry: Some(RetryPolicy { count, ..RetryPolicy::default() }),
        ..CallBehavior::default()
    };
    let failing = |errors| StationBehavior { errors, ..free(exp(0.001)) };
    let found = evaluate(&single_by(failing(0.2), Arrivals::Poisson, retry(3)), &at_load(100.0));
    exact("R05", &found.amplification, 1.248);
    exact("R05", &found.all.error_rate, 1.0 - 0.9984);
    let found = evaluate(&single_by(failing(0.5), Arrivals::Poisson, retry(3)), &at_load(100.0));
    exact("B14", &found.amplification, 1.875);
    exact("B14", &found.all.error_rate, 1.0 - 0.9375);
    let layers = [free(Dist::ZERO), free(Dist::ZERO), free(Dist::ZERO), failing(0.5)];
    let found = evaluate(&chain(&layers, &retry(3)), &at_load(10.0));
    exact("R06 bottom", &found.relations["S2->S3"], 10.0 * 2.0);
    let backoff = Backoff::Constant(Duration(50_000_000));
    let call = CallBehavior {
        timeout: Some(Duration(100_000_000)),
        retry: Some(RetryPolicy { count: 2, backoff, ..RetryPolicy::default() }),
        ..CallBehavior::default()
    };
    let found = evaluate(&single_by(free(exp(0.05)), Arrivals::Poisson, call), &at_load(10.0));
    near("R07", &found.all.mean, 0.056_707_7, 1e-4);
    near("R07", &found.amplification, 1.153_65, 1e-4);
    near("R07", &found.all.error_rate, 1.0 - 0.997_521, 1e-3);
    refused(&found.all.p95, "late");
}

#[test]
fn the_reference_model_has_its_exact_answer() {
    let model = crate::sim::reference::model();
    let found = evaluate(&model, &at_load(1000.0));
    near("mean", &found.all.mean, 0.013_133_5, 1e-5);
    near("p50", &found.all.p50, 0.010_630, 1e-3);
    near("p99", &found.all.p99, 0.047_557, 1e-3);
    let first = saturation(&model, &at_load(1000.0)).unwrap();
    assert_eq!(&*first.element, "App");
    assert!((first.load - 4.0 / 0.0028).abs() < 0.01, "{first:?}");
}

#[test]
fn q30_k03_k04_r03_bursts_caches_and_deadlines() {
    let mmpp = Arrivals::Mmpp { low: 50.0, high: 170.0, switch: 5.0 };
    let found = evaluate(&single(station(exp(1.0 / 150.0), 1), mmpp), &at_load(1.0));
    let a = &found.elements["A"];
    exact("Q30 response", &found.all.mean, 0.068_454_27);
    exact("Q30 wait", &a.wait_mean, 0.061_787_6);
    exact("Q30 wait probability", &a.wait_probability, 0.835_637_1);
    exact("Q30 present", &a.queue_mean, 7.529_969_7 - 110.0 / 150.0);
    exact("Q30 rate", &found.rate, 110.0);
    for (name, entries, exponent, keys, ratio) in
        [("K03", 3, 1.0, 10, 0.470_664), ("K04", 1000, 0.8, 10_000, 0.436_688)]
    {
        let keys = KeyPopularity { exponent, keys };
        let cache = Some(CachePolicy { mode: CacheMode::Lru { entries, keys, ttl: None }, hit_time: Dist::ZERO });
        let front = StationBehavior { cache, ..free(Dist::ZERO) };
        let found = evaluate(&fan(front, &[(free(Dist::ZERO), CallBehavior::default())]), &at_load(100.0));
        bounded(name, &found.elements["S0"].offered, 100.0 * (1.0 - ratio));
    }
    let behavior = StationBehavior { patience: Some(Dist::Constant(0.05)), ..station(exp(0.01), 1) };
    let found = evaluate(&single(behavior, Arrivals::Poisson), &at_load(90.0));
    exact("R03 late", &found.elements["A"].blocking, 0.107_306_2);
    exact("R03 wait of the served", &found.elements["A"].wait_mean, 0.017_877_03);
    exact("R03 utilisation", &found.elements["A"].utilization, 0.803_424_4);
}

#[test]
fn q16_a_pool_of_ten_loses_whatever_the_work() {
    let none = CallBehavior { pool: Some(Pool { size: 10, wait: Some(Duration(0)) }), ..CallBehavior::default() };
    for dist in [exp(0.01), Dist::Constant(0.01), h2()] {
        let found = evaluate(&single_by(free(dist), Arrivals::Poisson, none.clone()), &at_load(800.0));
        exact("Q16", &found.all.error_rate, 0.121_661);
        exact("Q16 carried", &found.elements["A"].offered, 702.671);
        assert!(is_exact(&found.all.mean));
    }
}
