use super::fixtures::{CALL, Conditions, LENGTH, WARMUP, config, expectation, shop, station};
use super::*;
use crate::measure::{RunMeasures, WindowMeasures};
use crate::model::{
    Architecture, Comparison, Condition, DeclaredLoop, Limit, LoopKind, Metric, MetricScope, RetryPolicy, Term, Window,
};
use crate::quantity::Duration;
use proptest::prelude::*;

fn verdict(conditions: Conditions) -> RunVerdict {
    let config = config();
    evaluate(&shop(), &config, &conditions.measures(&config))
}

fn value(verdict: &RunVerdict, name: &str) -> f64 {
    verdict.dimensions.iter().find(|d| d.name == name).map(|d| d.value).unwrap()
}

#[test]
fn a_calm_run_holds_everything_and_is_stable() {
    let verdict = verdict(Conditions::calm(100.0, 1000.0));
    assert_eq!(verdict.violations, []);
    assert_eq!(verdict.stability.value, 1.0);
    assert!(!verdict.stability.metastable);
    assert_eq!(value(&verdict, "constraints"), 100.0);
    assert!(verdict.loops.iter().all(|l| !l.is_active()));
    assert!(verdict.dimensions.iter().all(|d| d.name != "resilience" && d.name != "cost"), "no data, no dimension");
}

#[test]
fn a_violation_has_its_time_its_worst_value_and_a_severity() {
    let conditions = Conditions { fault: Some((30, 40)), ..Conditions::calm(100.0, 1000.0) };
    let verdict = verdict(conditions);
    let slow = &verdict.violations[0];
    assert_eq!((&*slow.expectation, slow.at, slow.until), ("p95 < 200ms", 30.0, 40.0));
    assert_eq!((slow.worst, slow.limit, slow.value), (2.5, 0.2, Some(2.5)));
    assert_eq!(slow.severity, Severity::Critical, "12.5 times the limit for a fifth of the time");
    assert!((slow.share - 0.2).abs() < 1e-12);
    let failing = &verdict.violations[1];
    assert!((failing.worst - 0.9).abs() < 1e-9, "the worst second, not the mean: {}", failing.worst);
    assert_eq!(value(&verdict, "constraints"), 80.0);
}

#[test]
fn recovery_and_metastability_are_told_apart() {
    let recovers = verdict(Conditions { fault: Some((30, 40)), ..Conditions::calm(100.0, 1000.0) });
    assert_eq!(recovers.stability.recovery, Some(0.0));
    assert!(!recovers.stability.metastable);
    let stuck = verdict(Conditions { fault: Some((30, 40)), stuck: true, ..Conditions::calm(100.0, 1000.0) });
    assert_eq!(stuck.stability.recovery, Some(f64::INFINITY));
    assert!(stuck.stability.metastable);
    assert!(stuck.stability.value < recovers.stability.value);
    assert!(value(&stuck, "resilience") < value(&recovers, "resilience"));
}

#[test]
fn the_retry_loop_is_found_and_its_gain_is_further_attempts_by_call() {
    let conditions = Conditions { fault: Some((35, 60)), ..Conditions::calm(100.0, 1000.0) };
    let verdict = verdict(conditions);
    let found = &verdict.loops[0];
    assert_eq!((&*found.id, found.kind, found.cause), ("R1", LoopKind::Reinforcing, Some(CALL)));
    assert!((found.peak_gain - 1.8).abs() < 1e-9);
    assert_eq!((found.first_active, found.active_share), (Some(35.0), 0.5));
    assert!((found.gain - 0.9).abs() < 1e-9);
    assert!((found.excess - 0.4).abs() < 1e-9);
    // Half the time in equilibrium, but one second less: the one before the fault has a bad neighbour.
    assert!(
        verdict.stability.value <= 0.5 / 1.4 + 1e-9 && verdict.stability.value > 0.45 / 1.4,
        "{}",
        verdict.stability.value
    );
}

#[test]
fn retries_of_errors_that_load_did_not_cause_close_no_loop() {
    let config = config();
    let mut measures = Conditions::calm(100.0, 1000.0).measures(&config);
    for window in &mut measures.windows {
        window.calls[0] = [100.0, 150.0, 0.0];
    }
    let loops = find_loops(Run { architecture: &shop(), config: &config, measures: &measures });
    assert_eq!(loops[0].gain, 0.0);
}

#[test]
fn held_workers_close_a_longer_loop_and_count_once() {
    let mut architecture = shop();
    architecture.stations.push(station(0, "Shop.Web"));
    let mut front = architecture.calls[0].clone();
    front.path = "Shop.Web->Shop.Api".into();
    front.from = crate::model::Entry::Station(crate::model::StationId(2));
    front.to = crate::model::StationId(0);
    architecture.calls.push(front);
    let config = config();
    let mut measures = Conditions { fault: Some((35, 60)), ..Conditions::calm(100.0, 1000.0) }.measures(&config);
    for window in &mut measures.windows {
        let same = window.calls[0];
        window.calls.push(same);
        window.stations[0][2] = 1.0;
    }
    let loops = find_loops(Run { architecture: &architecture, config: &config, measures: &measures });
    let mechanisms: Vec<_> = loops.iter().map(|l| (&*l.id, l.mechanism)).collect();
    assert_eq!(mechanisms, [("R1", Mechanism::Retries), ("R2", Mechanism::Retries), ("R3", Mechanism::HeldWorkers)]);
    assert_eq!(loops[1].gain, loops[2].gain, "the workers were held whenever it was retried");
    assert!((super::loops::excess_gain(&loops) - 0.8).abs() < 1e-9, "two causes, not three");
}

#[test]
fn declared_loops_are_confirmed_refuted_or_left_open() {
    let declared = |id: &str, kind, path: &[&str]| DeclaredLoop {
        id: id.into(),
        kind,
        path: path.iter().map(|p| (*p).into()).collect(),
    };
    let mut architecture = shop();
    architecture.declared_loops = vec![
        declared("Storm", LoopKind::Reinforcing, &["Shop.Db", "Api"]),
        declared("Calming", LoopKind::Balancing, &["Shop.Db", "Shop.Api"]),
        declared("Market", LoopKind::Reinforcing, &["demand", "price"]),
    ];
    let config = config();
    let measures = Conditions { fault: Some((35, 60)), ..Conditions::calm(100.0, 1000.0) }.measures(&config);
    let found = find_loops(Run { architecture: &architecture, config: &config, measures: &measures });
    let verdicts: Vec<_> = found.iter().filter_map(|l| l.declared).collect();
    assert_eq!(verdicts, [DeclaredVerdict::Confirmed, DeclaredVerdict::Refuted, DeclaredVerdict::CannotTell]);
}

#[test]
fn an_unmeasured_metric_neither_holds_nor_breaks() {
    let mut config = config();
    config.expectations.truncate(1);
    config.expectations[0].window = Window::DuringChaos;
    let mut measures = Conditions::calm(100.0, 1000.0).measures(&config);
    measures.probes[0].value = f64::NAN;
    let verdict = evaluate(&shop(), &config, &measures);
    assert_eq!(verdict.violations, []);
    assert_eq!(verdict.not_applicable, ["p95 < 200ms".into()]);
}

#[test]
fn conditions_meet_their_probes_in_order_whatever_their_shape() {
    // not (p95 < 1s) or error_rate < 1%: violated exactly when p95 is below and errors are above.
    let metric = |metric| Term::Metric(metric, MetricScope::All);
    let compare = |m, limit| Box::new(Condition::Compare(metric(m), Comparison::Less, Term::Value(limit)));
    let mut config = config();
    let error = Metric::ErrorRate;
    config.expectations.truncate(1);
    config.expectations[0].condition =
        Condition::Or(Box::new(Condition::Not(compare(Metric::Quantile(0.95), 1.0))), compare(error, 0.01));
    config.expectations.push(expectation("error_rate < 1%", error, Comparison::Less, 0.01, Window::Always));
    let mut measures = Conditions::calm(100.0, 1000.0).measures(&config);
    let probe = |metric, value: f64| crate::measure::Probe {
        metric,
        scope: MetricScope::All,
        window: Window::Whole,
        value,
        ci95: None,
        series: vec![value; LENGTH],
        spent: Vec::new(),
    };
    measures.probes = vec![probe(Metric::Quantile(0.95), 0.1), probe(error, 0.5), probe(error, 0.0)];
    let verdict = evaluate(&shop(), &config, &measures);
    assert_eq!(verdict.violations.len(), 1, "the third probe belongs to the second expectation");
    assert_eq!(verdict.violations[0].worst, 0.5);
}

#[test]
fn always_and_eventually_look_at_every_second() {
    let run = |window, fault| {
        let mut config = config();
        config.expectations = vec![expectation("p95 < 200ms", Metric::Quantile(0.95), Comparison::Less, 0.2, window)];
        let measures = Conditions { fault: Some(fault), ..Conditions::calm(100.0, 1000.0) }.measures(&config);
        evaluate(&shop(), &config, &measures).violations
    };
    assert_eq!(run(Window::Always, (30, 31)).len(), 1);
    assert_eq!(run(Window::EventuallyWithin(Duration(20_000_000_000)), (30, 40)), []);
    let late = run(Window::EventuallyWithin(Duration(5_000_000_000)), (30, 40));
    assert_eq!((late[0].at, late[0].until), (35.0, 40.0));
}

#[test]
fn recovery_time_is_filled_in_and_never_back_is_finite() {
    let mut config = config();
    config.expectations =
        vec![expectation("recovery_time < 5s", Metric::RecoveryTime, Comparison::Less, 5.0, Window::Whole)];
    let stuck = Conditions { fault: Some((30, 40)), stuck: true, ..Conditions::calm(100.0, 1000.0) };
    let mut measures = stuck.measures(&config);
    measures.probes[0].value = f64::NAN;
    let verdict = evaluate(&shop(), &config, &measures);
    assert_eq!(verdict.violations[0].worst, 20.0, "at least the rest of the run");
}

#[test]
fn the_saturated_station_is_the_hotspot() {
    let verdict = verdict(Conditions::calm(1200.0, 1000.0));
    assert_eq!(&*verdict.hotspots[0].element, "Shop.Db");
    assert_eq!(verdict.hotspots[0].since, Some(WARMUP as f64));
    assert_eq!(verdict.hotspots[0].violations, 2);
    assert_eq!(verdict.hotspots[0].severity, 100.0);
}

#[test]
fn cost_is_unknown_until_somebody_gives_a_price() {
    let config = config();
    let mut measures = Conditions::calm(100.0, 1000.0).measures(&config);
    for element in measures.elements.values_mut() {
        element.cost = 0.5;
    }
    let mut architecture = shop();
    assert_eq!(evaluate(&architecture, &config, &measures).cost, CostFigures::default());
    architecture.stations[0].behavior.cost.per_replica_hour = Some(0.5);
    let cost = evaluate(&architecture, &config, &measures).cost;
    assert_eq!(cost.per_hour, Some(1.0));
    assert!((cost.per_million_requests.unwrap() - 1e6 / 360_000.0).abs() < 1e-9);
}

fn assert_defined(verdict: &RunVerdict) {
    for dimension in &verdict.dimensions {
        assert!((0.0..=100.0).contains(&dimension.value), "{dimension:?}");
        assert!(!dimension.inputs.is_empty(), "{dimension:?}");
    }
    assert!((0.0..=1.0).contains(&verdict.stability.value));
    assert!((0.0..=100.0).contains(&verdict.score(&Weights::default())));
}

#[test]
fn idle_dead_empty_and_single_systems_are_defined() {
    let idle = verdict(Conditions::calm(0.0, 1000.0));
    assert_defined(&idle);
    assert_eq!(idle.stability.value, 1.0, "undisturbed and unloaded");
    assert_eq!(value(&idle, "performance"), 100.0);
    let dead = verdict(Conditions { failures: 1.0, ..Conditions::calm(100.0, 1000.0) });
    assert_defined(&dead);
    assert_eq!(dead.stability.value, 0.0);
    assert_eq!(value(&dead, "performance"), 0.0);
    let empty = evaluate(&Architecture::default(), &config(), &RunMeasures::default());
    assert_defined(&empty);
    let single = Architecture {
        stations: vec![station(0, "A")],
        elements: shop().elements[..1].to_vec(),
        ..Architecture::default()
    };
    assert_defined(&evaluate(&single, &config(), &Conditions::calm(10.0, 100.0).measures(&config())));
}

#[test]
fn weights_keep_their_ratios_over_what_is_there() {
    let dimension = |name, value| Dimension { name, value, inputs: Vec::new() };
    let both = [dimension("performance", 100.0), dimension("cost", 0.0)];
    assert!((Weights::default().score(&both) - 100.0 * 0.18 / 0.28).abs() < 1e-9);
    let given = Weights::new(&[("cost".into(), 3.0), ("Performance".into(), 1.0)]);
    assert_eq!(given.score(&both), 25.0);
    assert_eq!(Weights::new(&[("domain".into(), 1.0)]).score(&both), 50.0, "nothing with a weight is there");
    assert_eq!(Weights::unknown(&[("costs".into(), 1.0)]), ["costs".into()]);
}

fn point(load: f64, capacity: f64) -> SweepPoint {
    let goodput = if load > capacity { capacity } else { load };
    SweepPoint { load, goodput, p99: 0.1 / (1.0 - (load / capacity).min(0.98)), failed: load > capacity }
}

#[test]
fn the_knee_is_where_goodput_stops_following_the_load() {
    let points: Vec<_> = (1..=20).map(|n| point(f64::from(n) * 100.0, 1000.0)).collect();
    let growth = growth(&points).unwrap();
    assert_eq!(growth.capacity, Some(1000.0));
    assert_eq!((growth.holds_up_to, growth.breaks_at), (Some(1000.0), Some(1100.0)));
    let unbent: Vec<_> = (1..=5).map(|n| point(f64::from(n) * 100.0, 1000.0)).collect();
    let unbent = super::growth(&unbent).unwrap();
    assert_eq!((unbent.capacity, unbent.breaks_at), (None, None));
    assert!((unbent.goodput_exponent - 1.0).abs() < 1e-9);
    assert!(unbent.scalability.value > growth.scalability.value);
    assert_eq!(super::growth(&points[..2]), None);
    let dead: Vec<_> = points.iter().map(|p| SweepPoint { goodput: 0.0, p99: 0.0, ..*p }).collect();
    assert!((0.0..=100.0).contains(&super::growth(&dead).unwrap().scalability.value));
}

fn grid(fails: impl Fn(f64, f64) -> bool) -> Vec<Outcome> {
    let params = |load: f64, failures: f64| vec![("load".into(), load), ("failures".into(), failures)];
    let cell = |n: i32| {
        let (load, failures) = (f64::from(n / 4) * 200.0 + 100.0, f64::from(n % 4) / 10.0);
        Outcome { params: params(load, failures), hit: fails(load, failures) }
    };
    (0..100).map(cell).collect()
}

#[test]
fn patterns_name_the_box_that_fails() {
    let found = patterns(&grid(|load, failures| load >= 2100.0 && failures >= 0.1));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].share, found[0].coverage), (1.0, 1.0));
    let bounds: Vec<_> = found[0].bounds.iter().map(|b| (&*b.param, b.at_least, b.value)).collect();
    assert_eq!(bounds, [("load", true, 2100.0), ("failures", true, 0.1)]);
    let one = patterns(&grid(|load, _| load >= 3100.0));
    assert_eq!(one[0].bounds.len(), 1, "one bound is enough");
    assert_eq!(patterns(&grid(|_, _| true)), []);
    assert_eq!(patterns(&grid(|_, _| false)), []);
}

fn scored(version: &str, load: f64, score: f64, wobble: &[f64]) -> Scored {
    Scored {
        version: version.into(),
        scenario: "LoadScale".into(),
        params: vec![("load".into(), crate::exec::event::ParamValue::Number(load))],
        score,
        replicates: wobble.iter().map(|w| score + w).collect(),
        dimensions: vec![("performance", score), ("coupling", 100.0 - score)],
        p95: 1.0 / score,
        ..Scored::default()
    }
}

const WOBBLE: [f64; 6] = [0.5, -1.0, 2.0, -0.7, 0.1, -0.9];

fn ranked(runs: &[Scored]) -> Vec<Ranked> {
    rank(runs, &matrix(runs), &Weights::default())
}

#[test]
fn common_random_numbers_tell_close_versions_apart() {
    let runs = [scored("v1", 100.0, 80.0, &WOBBLE), scored("v2", 100.0, 80.5, &WOBBLE)];
    let ranking = ranked(&runs);
    let order: Vec<_> = ranking.iter().map(|r| (&*r.version, r.rank)).collect();
    assert_eq!(order, [("v2", 1), ("v1", 2)], "the wobble is common: the difference is certain");
    assert_eq!(ranking[1].versus_best.as_ref().unwrap().verdict, Verdict::Worse);
    assert_eq!(ranking[0].probability_best, Some(1.0));
    assert!(ranking[0].ci95.unwrap()[1] - ranking[0].ci95.unwrap()[0] > 1.0, "its own score is not");
}

#[test]
fn what_cannot_be_told_apart_shares_a_rank() {
    let other: Vec<f64> = WOBBLE.iter().map(|w| -w).collect();
    let ranking = ranked(&[scored("v1", 100.0, 80.0, &WOBBLE), scored("v2", 100.0, 80.2, &other)]);
    assert_eq!((ranking[0].rank, ranking[1].rank), (1, 1));
    assert_eq!(ranking[1].versus_best.as_ref().unwrap().verdict, Verdict::CannotTell);
    let same = ranked(&[scored("v1", 100.0, 80.0, &WOBBLE), scored("v2", 100.0, 80.0, &WOBBLE)]);
    assert_eq!(same[1].versus_best.as_ref().unwrap().verdict, Verdict::ProvenEqual);
    let single = ranked(&[scored("v1", 100.0, 80.0, &[0.0]), scored("v2", 100.0, 20.0, &[0.0])]);
    assert_eq!((single[0].rank, single[1].rank, single[0].probability_best), (1, 1, None));
}

#[test]
fn sensitivity_of_a_grid_is_exact() {
    let run = |load: f64, failures: f64, score: f64| Scored {
        params: vec![
            ("load".into(), crate::exec::event::ParamValue::Number(load)),
            ("failures".into(), crate::exec::event::ParamValue::Number(failures)),
        ],
        ..scored("v1", load, score, &WOBBLE)
    };
    let additive = [run(1.0, 0.0, 10.0), run(1.0, 1.0, 12.0), run(2.0, 0.0, 20.0), run(2.0, 1.0, 22.0)];
    let effects = sensitivity(&additive);
    assert_eq!(&*effects[0].param, "load");
    assert!((effects[0].first_order - 25.0 / 26.0).abs() < 1e-9 && (effects[0].total - 25.0 / 26.0).abs() < 1e-9);
    assert_eq!(sensitivity(&additive[..3]), [], "no full grid, no index");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_verdict_is_bounded(load in 0.0..5000.0f64, capacity in 1.0..3000.0f64, failures in 0.0..=1.0f64,
                                from in 0usize..60, length in 0usize..30, stuck: bool, faulty: bool) {
        let fault = faulty.then_some((from, (from + length).min(LENGTH)));
        assert_defined(&verdict(Conditions { load, capacity, failures, fault, stuck, replications: 3 }));
    }

    #[test]
    fn slower_never_scores_higher(load in 1.0..900.0f64, factor in 1.0..20.0f64) {
        let config = config();
        let fast = Conditions::calm(load, 1000.0).measures(&config);
        let mut slow = fast.clone();
        slow.probes[0].value *= factor;
        slow.metrics.latency.p95 *= factor;
        let (fast, slow) = (evaluate(&shop(), &config, &fast), evaluate(&shop(), &config, &slow));
        prop_assert!(value(&slow, "performance") <= value(&fast, "performance") + 1e-9);
        prop_assert!(value(&slow, "constraints") <= value(&fast, "constraints"));
    }

    #[test]
    fn failing_more_never_scores_higher(less in 0.0..=1.0f64, more in 0.0..=1.0f64) {
        let (less, more) = if less <= more { (less, more) } else { (more, less) };
        let run = |failures| verdict(Conditions { failures, ..Conditions::calm(100.0, 1000.0) });
        let (better, worse) = (run(less), run(more));
        for name in ["performance", "stability", "constraints"] {
            prop_assert!(value(&worse, name) <= value(&better, name) + 1e-9, "{}", name);
        }
    }

    #[test]
    fn a_stronger_loop_is_a_larger_risk(gain in 0.0..3.0f64, more in 0.0..3.0f64) {
        let risk = |gain: f64| {
            let config = config();
            let mut measures = Conditions::calm(100.0, 1000.0).measures(&config);
            for window in &mut measures.windows {
                window.calls[0] = [100.0, 100.0 * (1.0 + gain), 100.0 * gain];
            }
            value(&evaluate(&shop(), &config, &measures), "loop_risk")
        };
        prop_assert!(risk(gain + more) <= risk(gain) + 1e-9);
    }

    #[test]
    fn a_wider_or_deeper_architecture_is_coupled_more(size in 1usize..30) {
        let chain = |size: usize| {
            let mut architecture = shop();
            architecture.calls.clear();
            architecture.stations = (0..size).map(|n| station(0, &format!("S{n}"))).collect();
            for n in 1..size {
                let mut call = shop().calls[0].clone();
                call.from = crate::model::Entry::Station(crate::model::StationId(n as u32 - 1));
                call.to = crate::model::StationId(n as u32);
                architecture.calls.push(call);
            }
            value(&evaluate(&architecture, &config(), &RunMeasures::default()), "coupling")
        };
        prop_assert!(chain(size + 1) < chain(size));
    }

    #[test]
    fn adding_a_losing_version_changes_no_order(scores in prop::collection::vec(20.0..90.0f64, 2..6), loss in 1.0..20.0f64) {
        let runs: Vec<Scored> =
            scores.iter().enumerate().map(|(n, s)| scored(&format!("v{n}"), 100.0, *s, &WOBBLE)).collect();
        let least = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let mut more = runs.clone();
        more.push(scored("loser", 100.0, least - loss, &WOBBLE));
        let order = |runs: &[Scored]| -> Vec<(String, usize, f64)> {
            ranked(runs).iter().map(|r| (r.version.to_string(), r.rank, r.score)).filter(|r| r.0 != "loser").collect()
        };
        prop_assert_eq!(order(&runs), order(&more));
    }
}

#[test]
fn windows_without_calls_or_stations_are_no_trouble() {
    let config = config();
    let mut measures = Conditions { fault: Some((20, 30)), ..Conditions::calm(100.0, 1000.0) }.measures(&config);
    measures.windows = measures
        .windows
        .iter()
        .map(|w| WindowMeasures { calls: Vec::new(), stations: Vec::new(), ..w.clone() })
        .collect();
    assert_defined(&evaluate(&shop(), &config, &measures));
    measures.windows.clear();
    assert_defined(&evaluate(&shop(), &config, &measures));
    let budgeted = RetryPolicy { count: 3, budget: Some(0.1), ..RetryPolicy::default() };
    let mut architecture = shop();
    architecture.calls[0].behavior.retry = Some(budgeted);
    architecture.stations[1].behavior.queue = Limit::At(5);
    assert_defined(&evaluate(&architecture, &config, &measures));
}
