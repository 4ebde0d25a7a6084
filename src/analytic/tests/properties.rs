//! Laws that hold whatever the model.

use super::*;
use proptest::prelude::*;

/// A tree of stations with calls that may be repeated, chanced and blocking.
fn model(rows: &[(u32, f64, u8, bool)]) -> Architecture {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Poisson);
    let mut ids = Vec::new();
    for (n, (workers, mean, kind, blocking)) in rows.iter().enumerate() {
        let dist = match kind % 4 {
            0 => Dist::Constant(*mean),
            1 => Dist::lognormal_mean_cv(*mean, 1.5),
            2 => Dist::Erlang { k: 3, mean: *mean },
            _ => exp(*mean),
        };
        let behavior = StationBehavior { blocking: *blocking, ..station(dist, *workers) };
        ids.push(b.station(&format!("S{n}"), behavior));
        let probability = if kind % 3 == 0 { 0.5 } else { 1.0 };
        match n {
            0 => b.request(source, ids[0], 1.0, CallBehavior::default()),
            _ => b.call(ids[(n - 1) / 2], ids[n], CallBehavior { probability, ..CallBehavior::default() }),
        };
    }
    b.architecture
}

fn rows() -> impl Strategy<Value = Vec<(u32, f64, u8, bool)>> {
    proptest::collection::vec((1u32..20, 0.0005f64..0.01, any::<u8>(), any::<bool>()), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// More load never makes anything less busy, nor requests faster. (A wait behind a station that evens out its
    /// arrivals may shrink: the approximation says so, and so does the engine.)
    #[test]
    fn utilisation_and_times_grow_with_the_load(rows in rows(), share in 0.05f64..0.9, more in 1.01f64..1.1) {
        let model = model(&rows);
        let Some(full) = saturation(&model, &at_load(1.0)) else { return Ok(()) };
        let (low, high) = (evaluate(&model, &at_load(share * full.load)), evaluate(&model, &at_load(share * more * full.load)));
        for (path, calm) in &low.elements.0 {
            let busy = high.elements.get(path).unwrap();
            let waits = is_exact(&calm.wait_mean).then_some((&calm.wait_mean, &busy.wait_mean));
            for (a, b) in [(&calm.utilization, &busy.utilization)].into_iter().chain(waits) {
                if let (Some(a), Some(b)) = (a.value(), b.value()) {
                    prop_assert!(b >= a * (1.0 - 1e-6), "{path}: {a} then {b}");
                }
            }
        }
        if let (Some(a), Some(b)) = (low.all.mean.value(), high.all.mean.value()) {
            // Of approximations that is true but for their own error, of which this is a small part.
            let error = if is_exact(&low.all.mean) { 1e-6 } else { 1e-2 };
            prop_assert!(b >= a * (1.0 - error), "all: {a} then {b}");
        }
    }

    /// U = X S / c where no calls hold workers, and L = λ W.
    #[test]
    fn utilisation_and_queue_obey_their_laws(rows in rows(), share in 0.05f64..0.95) {
        let rows: Vec<_> = rows.into_iter().map(|(c, mean, kind, _)| (c, mean, kind, false)).collect();
        let model = model(&rows);
        let Some(full) = saturation(&model, &at_load(1.0)) else { return Ok(()) };
        let found = evaluate(&model, &at_load(share * full.load));
        for (n, (workers, mean, _, _)) in rows.iter().enumerate() {
            let e = &found.elements[&*format!("S{n}")];
            let (offered, busy) = (known("offered", &e.offered), known("utilisation", &e.utilization));
            prop_assert!((busy - offered * mean / f64::from(*workers)).abs() < 1e-9);
            let (wait, queue) = (known("wait", &e.wait_mean), known("queue", &e.queue_mean));
            prop_assert!((queue - offered * wait).abs() <= 1e-9 * queue.max(1.0));
        }
        prop_assert!((found.bottleneck.unwrap().1 - share).abs() < 1e-3);
    }

    /// Percentiles are in order, up to the accuracy to which they are found.
    #[test]
    fn percentiles_are_in_order(rows in rows(), share in 0.05f64..0.9) {
        let model = model(&rows);
        let Some(full) = saturation(&model, &at_load(1.0)) else { return Ok(()) };
        let all = evaluate(&model, &at_load(share * full.load)).all;
        if let (Some(p95), Some(p99)) = (all.p95.value(), all.p99.value()) {
            let p50 = all.p50.value().unwrap_or(p95);
            let up = |a: f64, b: f64| a <= b * (1.0 + 1e-6);
            prop_assert!(0.0 < p50 && up(p50, p95) && up(p95, p99), "{all:?}");
        }
    }

    /// More connections never make anybody wait longer, and none less than the callee itself. With one for each worker all
    /// that is left is the callee's own wait, and what differs is the error of the method.
    #[test]
    fn connections_only_move_waits(size in 1u32..40, workers in 1u32..12, share in 0.1f64..0.9) {
        let call = |size| CallBehavior { pool: Some(Pool { size, wait: None }), ..CallBehavior::default() };
        let back = StationBehavior { blocking: false, ..station(exp(0.01), workers) };
        let load = at_load(share * f64::from(size.min(workers)) / 0.01);
        let mean = |size| evaluate(&chain(&[free(exp(0.001)), back.clone()], &call(size)), &load).all.mean.value();
        // Where it says that it does not know, it has said nothing wrong; should it do so often, this fails.
        let found = mean(size).zip(mean(size + 1));
        prop_assume!(found.is_some());
        let (one, more) = found.unwrap_or_default();
        let open = evaluate(&chain(&[free(exp(0.001)), back.clone()], &CallBehavior::default()), &load).all.mean.value().unwrap();
        let error = if size >= workers { 2e-3 } else { 1e-6 };
        prop_assert!(one >= more * (1.0 - error) && more >= open * (1.0 - error), "{one} then {more}, {open} without");
        if size >= workers {
            prop_assert!((one - open).abs() <= error * open, "{one} is not {open}: the callee always has work");
        }
    }

    /// Bursts make nobody wait less than an even flow of the same rate.
    #[test]
    fn bursts_only_lengthen_waits(low in 0.0f64..0.99, switch in 0.1f64..1000.0, workers in 1u32..20, share in 0.1f64..0.95) {
        let rate = share * f64::from(workers) / 0.01;
        let mmpp = Arrivals::Mmpp { low: low * rate, high: (2.0 - low) * rate, switch };
        let bursts = evaluate(&single(station(exp(0.01), workers), mmpp), &at_load(1.0)).all;
        let even = evaluate(&single(station(exp(0.01), workers), Arrivals::Poisson), &at_load(rate)).all;
        for (a, b) in [(&even.mean, &bursts.mean), (&even.p99, &bursts.p99)] {
            let (a, b) = (a.value().unwrap(), b.value().unwrap());
            prop_assert!(b >= a * (1.0 - 1e-6) && b.is_finite(), "{a} even, {b} in bursts");
        }
    }

    /// More entries never make fewer hits; entries that die sooner never more.
    #[test]
    fn caches_hit_more_the_more_they_keep(entries in 1u32..200, exponent in 0.0f64..1.5, keys in 2u32..2000, life in 0.1f64..100.0) {
        let ratio = |entries, life: Option<f64>| {
            let ttl = life.map(|s| Duration::from_seconds(s).unwrap());
            let mode = CacheMode::Lru { entries, keys: KeyPopularity { exponent, keys }, ttl };
            let cache = Some(CachePolicy { mode, hit_time: Dist::ZERO });
            let below = [(free(Dist::Constant(0.002)), CallBehavior::default())];
            let found = evaluate(&fan(StationBehavior { cache, ..free(Dist::ZERO) }, &below), &at_load(200.0));
            1.0 - found.elements["S0"].offered.value().unwrap() / 200.0
        };
        let (base, more, dying) = (ratio(entries, None), ratio(entries + 1, None), ratio(entries, Some(life)));
        prop_assert!(more >= base - 1e-6 && dying <= base + 1e-6 && (-1e-9..=1.0).contains(&dying), "{base} {more} {dying}");
    }
}
