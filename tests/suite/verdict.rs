//! What analysis makes of runs of the real engine: the states that its formulas must tell apart.

use sruja::analysis::{RunVerdict, evaluate};
use sruja::measure::RunMeasures;
use sruja::model::*;
use sruja::quantity::{Duration, SimTime};
use sruja::sim::simulate;

fn s(seconds: f64) -> Duration {
    Duration::from_seconds(seconds).unwrap()
}

fn element(path: &str, station: Option<u32>) -> Element {
    Element {
        path: path.into(),
        title: path.into(),
        kind: "container".into(),
        technology: None,
        parent: None,
        station: station.map(StationId),
        tags: Vec::new(),
        depends_on: Vec::new(),
        aliases: Vec::new(),
    }
}

fn station(element: u32, path: &str, service: f64, workers: u32) -> Station {
    Station {
        element: ElementId(element),
        path: path.into(),
        is_queue: false,
        domains: Vec::new(),
        assumed: Vec::new(),
        behavior: StationBehavior {
            service_time: Dist::Exponential { mean: service },
            concurrency: Limit::At(workers),
            blocking: false,
            ..StationBehavior::default()
        },
    }
}

/// `User -> Api -> Db`; the database serves 100 a second.
fn shop(to_db: CallBehavior) -> Architecture {
    let call = |path: &str, from, to, behavior| Call {
        path: path.into(),
        from,
        to: StationId(to),
        behavior,
        quorum: None,
        assumed: Vec::new(),
    };
    Architecture {
        elements: vec![element("User", None), element("Api", Some(0)), element("Db", Some(1))],
        stations: vec![station(1, "Api", 0.001, 16), station(2, "Db", 0.01, 1)],
        calls: vec![
            call("User->Api", Entry::Source(SourceId(0)), 0, CallBehavior::default()),
            call("Api->Db", Entry::Station(StationId(0)), 1, to_db),
        ],
        sources: vec![Source { path: "User".into(), element: ElementId(0), arrivals: Arrivals::Poisson }],
        request_types: vec![RequestType {
            name: "Order".into(),
            source: SourceId(0),
            entry: CallId(0),
            weight: 1.0,
            path: Path::Relations,
            behavior: RequestBehavior::default(),
        }],
        ..Architecture::default()
    }
}

fn impatient() -> CallBehavior {
    let retry = RetryPolicy { count: 3, ..RetryPolicy::default() };
    CallBehavior { timeout: Some(s(0.3)), retry: Some(retry), ..CallBehavior::default() }
}

fn config(load: f64) -> RunConfig {
    RunConfig {
        duration: s(120.0),
        warmup: Some(s(20.0)),
        replications: 3,
        workload: Workload { load: LoadProfile::constant(load), users: None, mix: Vec::new() },
        ..RunConfig::default()
    }
}

fn slowed(load: f64) -> RunConfig {
    let stations = ElementSet { stations: vec![StationId(1)], replicas: None, any: None };
    let event = ChaosEvent {
        text: "slow Db by 10x".into(),
        action: ChaosAction::Slow(stations, Strength { factor: 10.0, add: 0.0 }),
        timing: Timing {
            trigger: Trigger::At(SimTime::ZERO + s(50.0)),
            length: Some(s(10.0)),
            every: None,
            ramp: s(0.0),
        },
        manner: Manner::default(),
    };
    RunConfig { chaos: vec![event], ..config(load) }
}

fn run(architecture: &Architecture, config: &RunConfig) -> (RunMeasures, RunVerdict) {
    let measures = simulate(architecture, config);
    let verdict = evaluate(architecture, config, &measures);
    (measures, verdict)
}

#[test]
fn noise_of_a_stable_system_is_no_disturbance() {
    for load in [1.0, 5.0, 30.0, 60.0, 80.0, 90.0] {
        let (_, verdict) = run(&shop(CallBehavior::default()), &config(load));
        assert!(verdict.stability.value >= 0.9, "load {load}: {}", verdict.stability.value);
        assert!(!verdict.stability.metastable);
    }
}

#[test]
fn overload_is_no_equilibrium_and_its_bottleneck_is_named() {
    let (_, verdict) = run(&shop(CallBehavior::default()), &config(150.0));
    assert!(verdict.stability.value < 0.2, "{}", verdict.stability.value);
    assert_eq!(&*verdict.hotspots[0].element, "Db");
}

#[test]
fn a_retry_storm_outlives_its_trigger_and_its_loop_is_running_away() {
    let (_, storm) = run(&shop(impatient()), &slowed(70.0));
    assert!(storm.stability.metastable, "{:?}", storm.stability);
    assert!(storm.loops[0].is_active() && storm.loops[0].peak_gain >= 1.0, "{:?}", storm.loops[0]);
    assert_eq!(storm.stability.recovery, Some(f64::INFINITY));
    // Its only retries are what sustains it.
    let outcome = storm.disturbance.unwrap();
    let lever = outcome.lever.unwrap();
    assert!(shop(impatient()).call(lever.call).behavior.retry.is_some() && outcome.turns_by_formula.is_some());
    assert_eq!(lever.turns, None);
}

#[test]
fn without_retries_the_same_trigger_passes() {
    let patient = CallBehavior { timeout: Some(s(0.3)), ..CallBehavior::default() };
    let (_, verdict) = run(&shop(patient), &slowed(30.0));
    assert!(!verdict.stability.metastable, "{:?}", verdict.stability);
    assert!(verdict.stability.recovery.is_some_and(|r| r < 30.0), "{:?}", verdict.stability.recovery);
    assert!(verdict.stability.equilibrium > 0.6, "{}", verdict.stability.equilibrium);
}
