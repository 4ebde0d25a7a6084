//! Several stations: tandem, feedback, fork-join, closed loops, held workers, caches.

use super::*;

fn tandem(mus: &[f64]) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let free = |mean| StationBehavior { blocking: false, ..station(exp(mean), 1) };
    let ids: Vec<StationId> =
        mus.iter().enumerate().map(|(n, mu)| b.station(&format!("S{n}"), free(1.0 / mu))).collect();
    b.request(source, ids[0], 1.0, CallBehavior::default());
    ids.windows(2).for_each(|w| {
        b.call(w[0], w[1], CallBehavior::default());
    });
    b.architecture
}

#[test]
fn n01_tandem() {
    let measures = simulate(&tandem(&[100.0, 120.0, 150.0]), &requests_at(80.0, 300_000.0));
    near("N01 response", measures.metrics.latency.mean, 0.089_286, 0.0042);
    near("N01 p95", measures.metrics.latency.p95, 0.200_507, 0.015);
    near("N01 third", element(&measures, "S2").response_mean, 0.014_286, 0.00034);
}

#[test]
fn n02_feedback() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let a = b.station("A", StationBehavior { blocking: false, ..station(exp(0.01), 1) });
    b.request(source, a, 1.0, CallBehavior::default());
    b.call(a, a, CallBehavior { probability: 0.3, ..CallBehavior::default() });
    let measures = simulate(&b.architecture, &requests_at(50.0, 200_000.0));
    near("N02 response", measures.metrics.latency.mean, 0.05, 0.003);
    near("N02 utilisation", element(&measures, "A").utilization, 0.714_286, 0.02);
    let visits = element(&measures, "A").arrivals as f64 / measures.metrics.offered as f64;
    near("N02 visits", visits, 1.428_571, 0.0077);
}

#[test]
fn a_certain_cycle_of_calls_ends() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0]));
    let one = b.station("A", station(Dist::Constant(0.01), 4));
    let two = b.station("B", station(Dist::Constant(0.01), 4));
    b.request(source, one, 1.0, CallBehavior::default());
    b.call(one, two, CallBehavior::default());
    b.call(two, one, CallBehavior::default());
    assert_eq!(responses(&b.architecture, &run_for(0.0, 1.0, 0.0)), [0.02]);
}

#[test]
fn n04_n06_b08_closed_loops() {
    for (name, n, think, mean, workers, exact, throughput) in [
        ("N04", 20, 1.0, 0.05, 1, 0.188_908, 16.822_2),
        ("N06", 30, 0.2, 0.05, 4, 0.175_718, 79.847_1),
        ("B08", 4, 5.0, 1.0, 1, 1.648_305, 4.0 / 6.648_305),
        ("B08", 10, 5.0, 1.0, 1, 5.187_289, 10.0 / 10.187_289),
        ("B01", 4, 1.0, 1.0, 2, 4.0 / 1.7 - 1.0, 1.7),
    ] {
        let model = single(station(exp(mean), workers), Arrivals::Poisson);
        let measures = simulate(&model, &users(n, exp(think), 100_000.0 / throughput));
        near(&format!("{name} response"), measures.metrics.latency.mean, exact, exact * 0.03);
        near(&format!("{name} throughput"), measures.metrics.throughput, throughput, throughput * 0.01);
    }
}

#[test]
fn n08_held_threads_limit_the_throughput() {
    for (threads, exact) in [(2, 28.235_3), (4, 47.633_6), (8, 59.512_1)] {
        let mut b = Builder::default();
        let source = b.source("U", Arrivals::Poisson);
        let a = b.station("A", station(exp(0.05), threads));
        let below = b.station("B", station(exp(1.0 / 60.0), 1));
        b.request(source, a, 1.0, CallBehavior::default());
        b.call(a, below, CallBehavior::default());
        // Always work waiting: more users than it could ever serve, who never think.
        let measures = simulate(&b.architecture, &users(50, Dist::ZERO, 2000.0));
        near("N08 throughput", measures.metrics.throughput, exact, exact * 0.012);
    }
}

#[test]
fn f01_to_f06_fork_join() {
    let fork = |leaves: &[StationBehavior]| {
        let mut b = Builder::default();
        let source = b.source("U", Arrivals::Poisson);
        let root = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
        let root = b.station("Root", root);
        b.request(source, root, 1.0, CallBehavior::default());
        for (n, leaf) in leaves.iter().enumerate() {
            let leaf = b.station(&format!("Leaf{n}"), leaf.clone());
            b.call(root, leaf, CallBehavior { parallel: true, ..CallBehavior::default() });
        }
        b.architecture
    };
    let two = fork(&[station(exp(0.01), 1), station(exp(0.01), 1)]);
    near("F02", simulate(&two, &requests_at(50.0, 200_000.0)).metrics.latency.mean, 0.028_75, 0.000_54);
    let free = StationBehavior { concurrency: Limit::Unbounded, ..station(exp(0.01), 1) };
    let ten = fork(&vec![free; 10]);
    near("F04", simulate(&ten, &requests_at(100.0, 50_000.0)).metrics.latency.mean, 0.029_289_7, 0.000_22);
    let slow = Dist::Mixture(vec![(0.99, Dist::Constant(0.01)), (0.01, Dist::Constant(1.0))]);
    let mut hundred = fork(&[StationBehavior { concurrency: Limit::Unbounded, ..station(slow, 1) }]);
    hundred.calls[1].behavior.calls = 100;
    near("F06", simulate(&hundred, &requests_at(100.0, 10_000.0)).metrics.latency.mean, 0.637_628, 0.0184);
}

#[test]
fn k01_k02_caches() {
    let cached = |hit: f64, lookup: Dist, below: StationBehavior| {
        let mut b = Builder::default();
        let source = b.source("U", Arrivals::Poisson);
        let cache = Some(CachePolicy { mode: CacheMode::HitRatio(hit), hit_time: lookup.clone() });
        let front = StationBehavior { cache, concurrency: Limit::Unbounded, ..station(lookup, 1) };
        let front = b.station("Cache", front);
        let below = b.station("Db", below);
        b.request(source, front, 1.0, CallBehavior::default());
        b.call(front, below, CallBehavior::default());
        b.architecture
    };
    let free = StationBehavior { concurrency: Limit::Unbounded, ..station(exp(0.02), 1) };
    let k01 = simulate(&cached(0.9, exp(0.001), free), &requests_at(500.0, 200_000.0));
    near("K01 mean", k01.metrics.latency.mean, 0.003, 0.000_078);
    near("K01 p95", k01.metrics.latency.p95, 0.014_889, 0.000_75);
    near("K01 hits", element(&k01, "Cache").hit_ratio, 0.9, 0.003);
    let k02 = cached(0.85, Dist::Constant(0.001), station(exp(0.01), 1));
    let k02 = simulate(&k02, &requests_at(500.0, 500_000.0));
    near("K02 mean", k02.metrics.latency.mean, 0.007, 0.000_64);
    near("K02 utilisation", element(&k02, "Db").utilization, 0.75, 0.0132);
}

#[test]
fn flows_follow_their_steps_only() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0]));
    let a = b.station("A", station(Dist::Constant(0.01), 1));
    let x = b.station("X", station(Dist::Constant(0.1), 1));
    let y = b.station("Y", station(Dist::Constant(1.0), 1));
    let z = b.station("Z", station(Dist::Constant(10.0), 1));
    b.request(source, a, 1.0, CallBehavior::default());
    let ax = b.call(a, x, CallBehavior::default());
    b.call(a, y, CallBehavior::default());
    let xz = b.call(x, z, CallBehavior::default());
    let step = |call, parent, service_time| Step { service_time, ..Step::plain(call, parent) };
    let steps = vec![step(ax, None, None), step(xz, Some(0), Some(Dist::Constant(2.0))), step(ax, None, None)];
    b.architecture.request_types[0].path = Path::Flow { steps, from_source: false };
    assert_eq!(responses(&b.architecture, &run_for(0.0, 1.0, 0.0)), [2.21]);
}
