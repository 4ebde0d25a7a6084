//! Timeouts, retries, breakers, pools, limits, patience.

use super::*;

fn failing(share: f64, entry: CallBehavior) -> Architecture {
    let b = StationBehavior { errors: share, concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
    single_by(b, Arrivals::Poisson, entry)
}

fn retry(count: u32) -> Option<RetryPolicy> {
    Some(RetryPolicy { count, ..RetryPolicy::default() })
}

#[test]
fn r01_r03_patience() {
    for (patience, gives_up, waits_served, utilisation) in
        [(exp(0.1), 0.157_826, 0.015_337, 0.757_957), (Dist::Constant(0.05), 0.107_306, 0.017_877, 0.803_424)]
    {
        let b = StationBehavior { patience: Some(patience), ..station(exp(0.01), 1) };
        let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(90.0, 200_000.0));
        let a = element(&measures, "A");
        let share = measures.metrics.timed_out as f64 / measures.metrics.offered as f64;
        near("R01 gives up", share, gives_up, 0.0058);
        near("R01 wait of the served", a.wait_mean, waits_served, 0.000_5);
        near("R01 utilisation", a.utilization, utilisation, 0.0072);
    }
}

#[test]
fn a_timeout_that_nobody_needs_is_no_event() {
    let events = |timeout: Option<Duration>| {
        let b = station(exp(0.01), 1);
        let model = single_by(b, Arrivals::Poisson, CallBehavior { timeout, ..CallBehavior::default() });
        simulate(&model, &requests_at(50.0, 10_000.0)).events
    };
    assert_eq!(events(Some(s(3600.0))), events(None));
    assert!(events(Some(s(0.02))) > events(None), "those that expire count");
}

#[test]
fn r05_bounded_retries() {
    let model = failing(0.2, CallBehavior { retry: retry(3), ..CallBehavior::default() });
    let measures = simulate(&model, &requests_at(1000.0, 200_000.0));
    near("R05 attempts", measures.metrics.amplification, 1.248, 0.005);
    near("R05 success", measures.metrics.availability, 0.9984, 0.00037);
}

#[test]
fn r06_amplification_through_a_stack() {
    let stack = |layers: usize, retries: u32, share: f64| {
        let mut b = Builder::default();
        let source = b.source("U", Arrivals::Constant);
        let free = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
        let mut above = b.station("L0", free.clone());
        b.request(source, above, 1.0, CallBehavior::default());
        for n in 1..=layers {
            let errors = if n == layers { share } else { 0.0 };
            let below = b.station(&format!("L{n}"), StationBehavior { errors, ..free.clone() });
            b.call(above, below, CallBehavior { retry: retry(retries), ..CallBehavior::default() });
            above = below;
        }
        let measures = simulate(&b.architecture, &run_for(100.0, 10.0, 0.0));
        let path = format!("L{}->L{}", layers - 1, layers);
        (measures.relations[path.as_str()].attempts as f64 / measures.metrics.offered as f64, measures)
    };
    assert_eq!(stack(5, 2, 1.0).0, 243.0);
    assert_eq!(stack(3, 3, 1.0).0, 64.0);
    let (attempts, measures) = stack(3, 2, 0.5);
    near("R06 c", attempts, 2.0, 0.25);
    assert_eq!(measures.metrics.failed, 0);
}

#[test]
fn r07_timeout_and_backoff() {
    let policy = RetryPolicy { count: 2, backoff: Backoff::Constant(s(0.05)), ..RetryPolicy::default() };
    let entry = CallBehavior { timeout: Some(s(0.1)), retry: Some(policy), ..CallBehavior::default() };
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(exp(0.05), 1) };
    let model = single_by(b, Arrivals::Poisson, entry);
    let measures = simulate(&model, &requests_at(500.0, 400_000.0));
    near("R07 attempts", measures.metrics.amplification, 1.153_651, 0.0023);
    near("R07 success", measures.metrics.availability, 0.997_521, 0.000_34);
    near("R07 latency", measures.metrics.latency.mean, 0.056_707_7, 0.000_37);
    assert_eq!(measures.metrics.offered, measures.metrics.succeeded + measures.metrics.timed_out);
}

#[test]
fn r08_full_jitter() {
    let backoff = Backoff::Exponential { base: s(0.1), factor_milli: 2000, max: s(1.0) };
    let policy = RetryPolicy { count: 4, backoff, jitter: Jitter::Full, ..RetryPolicy::default() };
    let model = failing(1.0, CallBehavior { retry: Some(policy), ..CallBehavior::default() });
    let times = responses(&model, &run_for(100.0, 500.0, 0.0));
    let n = times.len() as f64;
    let mean = times.iter().sum::<f64>() / n;
    near("R08 mean", mean, 0.75, 0.0042);
    let sd = (times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / n).sqrt();
    near("R08 sd", sd, 0.266_145, 0.003);
    assert!(times.iter().all(|t| *t <= 1.5));
}

/// Each wait is uniform between the base and three times the one before: 0.2, 0.35 and 0.575 s on average.
#[test]
fn decorrelated_jitter_goes_by_the_wait_before() {
    let backoff = Backoff::Exponential { base: s(0.1), factor_milli: 2000, max: s(100.0) };
    let policy = RetryPolicy { count: 3, backoff, jitter: Jitter::Decorrelated, ..RetryPolicy::default() };
    for timeout in [None, Some(s(0.001))] {
        // Failing at once, or given up on after a millisecond of four attempts.
        let entry = CallBehavior { retry: Some(policy), timeout, ..CallBehavior::default() };
        let slow = StationBehavior { concurrency: Limit::Unbounded, ..station(Dist::Constant(0.01), 1) };
        let model = if timeout.is_none() { failing(1.0, entry) } else { single_by(slow, Arrivals::Poisson, entry) };
        let times = responses(&model, &run_for(100.0, 300.0, 0.0));
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        near("waits", mean, 1.125 + timeout.map_or(0.0, |t| 4.0 * t.seconds()), 0.015);
    }
}

#[test]
fn b20_retry_budget_bounds_the_load() {
    let policy = RetryPolicy { count: 3, budget: Some(0.1), ..RetryPolicy::default() };
    let model = failing(1.0, CallBehavior { retry: Some(policy), ..CallBehavior::default() });
    let measures = simulate(&model, &requests_at(1000.0, 100_000.0));
    near("budget", measures.metrics.amplification, 1.1, 0.011);
}

#[test]
fn r04_zombie_work() {
    let entry = CallBehavior { timeout: Some(s(0.1)), ..CallBehavior::default() };
    let model = single_by(station(exp(0.01), 1), Arrivals::Poisson, entry);
    let measures = simulate(&model, &requests_at(80.0, 300_000.0));
    near("R04 late", measures.metrics.error_rate, 0.135_335, 0.0185);
    near("R04 goodput", measures.metrics.goodput, 69.173, 1.4);
    near("R04 utilisation", element(&measures, "A").utilization, 0.8, 0.0079);
    assert!(element(&measures, "A").wasted > 0.0);
}

#[test]
fn r11_breaker_against_a_dead_dependency() {
    let breaker = Breaker { trip: BreakerTrip::Consecutive(1), open: s(5.0), half_open: 1 };
    let entry = CallBehavior { breaker: Some(breaker), ..CallBehavior::default() };
    let dead = StationBehavior { errors: 1.0, concurrency: Limit::Unbounded, ..station(Dist::Constant(0.1), 1) };
    let model = single_by(dead, Arrivals::Poisson, entry);
    let measures = simulate(&model, &run_for(50.0, 20_000.0, 100.0));
    let relation = &measures.relations["U->A"];
    let passed = 1.0 - relation.refused as f64 / relation.attempts as f64;
    near("R11 passed", passed, 0.003_906_25, 0.000_015);
    near("R11 open share", relation.breaker_open_share, 5.0 / 5.12, 0.001);
}

#[test]
fn t01_token_bucket() {
    let limit = Some(RateLimit { rate: 100.0, burst: 10.0 });
    let b = StationBehavior { rate_limit: limit, concurrency: Limit::Unbounded, ..station(Dist::ZERO, 1) };
    let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(120.0, 300_000.0));
    near("T01 rejected", measures.metrics.error_rate, 0.170_911, 0.0062);
}

#[test]
fn a_pool_is_a_queue_in_front_of_the_callee() {
    // A pool of one in front of unlimited workers is an M/M/1 queue.
    let b = StationBehavior { concurrency: Limit::Unbounded, ..station(exp(0.01), 1) };
    let entry = CallBehavior { pool: Some(Pool { size: 1, wait: None }), ..CallBehavior::default() };
    let measures = simulate(&single_by(b.clone(), Arrivals::Poisson, entry), &requests_at(80.0, 200_000.0));
    near("pool as M/M/1", measures.metrics.latency.mean, 0.05, 0.0047);
    // Without waiting it is an Erlang loss system, as a bulkhead is.
    let refusing = CallBehavior { pool: Some(Pool { size: 10, wait: Some(s(0.0)) }), ..CallBehavior::default() };
    let bulkhead = CallBehavior { bulkhead: Some(10), ..CallBehavior::default() };
    for entry in [refusing, bulkhead] {
        let measures = simulate(&single_by(b.clone(), Arrivals::Poisson, entry), &requests_at(800.0, 200_000.0));
        near("pool as loss", measures.metrics.error_rate, 0.121_661, 0.0054);
        assert_eq!(measures.metrics.shed, measures.relations["U->A"].refused);
    }
    // Waiting for a connection for 0.05 s at most: M/M/1 with patience (R03).
    let patient = CallBehavior { pool: Some(Pool { size: 1, wait: Some(s(0.05)) }), ..CallBehavior::default() };
    let measures = simulate(&single_by(b, Arrivals::Poisson, patient), &requests_at(90.0, 200_000.0));
    near("pool with patience", measures.metrics.error_rate, 0.107_306, 0.0058);
}

#[test]
fn fallback_answers_for_the_failed() {
    let mut b = Builder::default();
    let source = b.source("U", Arrivals::Constant);
    let bad = b.station("A", StationBehavior { errors: 1.0, ..station(Dist::Constant(0.001), 1) });
    let good = b.station("B", station(Dist::Constant(0.002), 1));
    b.request(source, bad, 1.0, CallBehavior { fallback: Some(good), ..CallBehavior::default() });
    let measures = simulate(&b.architecture, &run_for(100.0, 10.0, 0.0));
    assert_eq!((measures.metrics.succeeded, measures.metrics.latency.mean), (1000, 0.003));
}

#[test]
fn async_calls_are_not_waited_for_and_lost_calls_time_out() {
    let mut b = Builder::default();
    let source = b.source("U", trace(&[0.0]));
    let a = b.station("A", station(Dist::Constant(0.01), 1));
    let slow = b.station("B", station(Dist::Constant(1.0), 1));
    b.request(source, a, 1.0, CallBehavior::default());
    b.call(a, slow, CallBehavior { asynchronous: true, ..CallBehavior::default() });
    assert_eq!(responses(&b.architecture, &run_for(0.0, 2.0, 0.0)), [0.01]);
    assert_eq!(element(&simulate(&b.architecture, &run_for(0.0, 2.0, 0.0)), "B").busy, 0.5);
    let lossy =
        CallBehavior { loss: 1.0, timeout: Some(s(0.3)), latency: Dist::Constant(0.1), ..CallBehavior::default() };
    let model = single_by(station(Dist::Constant(0.01), 1), trace(&[0.0]), lossy);
    assert_eq!(log_of(&model, &run_for(0.0, 2.0, 0.0)), [(0.0, 0.3, false)]);
}

#[test]
fn shedding_refuses_early() {
    let shed = Some(ShedRule::QueueLength(2));
    let b = StationBehavior { shed, ..station(exp(0.01), 1) };
    // More than two waiting refuses: at most three wait, as with a queue of three.
    let measures = simulate(&single(b, Arrivals::Poisson), &requests_at(100.0, 200_000.0));
    near("shed", measures.metrics.error_rate, 0.2, 0.005);
    assert_eq!(element(&measures, "A").queue_max, 3);
}
