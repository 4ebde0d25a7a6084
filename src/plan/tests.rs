//! The plan as a whole.

use super::fixtures::*;
use super::*;
use crate::model::*;
use crate::quantity::{Duration, SimTime};
use crate::schema::{Key, KnobKey, SettingKey};
use proptest::prelude::*;
use std::sync::Arc;

fn written(plan: &Plan, write: fn(&Plan, &mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(plan, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn with_versions(names: &[&str], scenarios: Vec<Scenario>) -> Plan {
    let versions = names.iter().map(|name| version(name, shop())).collect();
    Plan::new(&project(versions, scenarios), &PlanOptions::default()).unwrap()
}

// ---- names and order

#[test]
fn the_example_of_the_language_page_has_exactly_its_100_names() {
    let plan = plan(vec![load_scale()]).unwrap();
    let expected: Vec<String> = (100..5000)
        .step_by(200)
        .flat_map(|load| [0, 10, 20, 30].map(|failures| format!("LoadScale-{load}-{failures}")))
        .collect();
    assert_eq!((plan.len(), names(&plan)), (100, expected.clone()));
    assert_eq!((expected[0].as_str(), expected[99].as_str()), ("LoadScale-100-0", "LoadScale-4900-30"));
    assert_eq!(written(&plan, expand::text), expected.join("\n") + "\n");
}

#[test]
fn a_scenario_without_axes_is_one_run_with_its_own_name() {
    assert_eq!(names(&plan(vec![scenario("Outage", vec![])]).unwrap()), ["Outage"]);
}

#[test]
fn values_other_than_numbers_and_percentages_keep_their_unit() {
    let place = Place::Call(CallId(1));
    let timeout = attribute("Api->Jobs.timeout", place, Key::Timeout, list(&["100ms", "250ms", "1s"]));
    let words = AxisValues::List(vec![AxisValue::Value("lifo".into(), Value::Word("lifo".into()))]);
    let discipline = attribute("Api.discipline", Place::Station(StationId(0)), Key::Discipline, words);
    let plan = plan(vec![scenario("S", vec![timeout, discipline])]).unwrap();
    assert_eq!(names(&plan), ["S-100ms-lifo", "S-250ms-lifo", "S-1s-lifo"]);
}

#[test]
fn the_version_stands_before_the_name_only_where_there_are_several() {
    let one = scenario("S", vec![knob(KnobKey::Load, list(&["1", "2"]))]);
    let plan = with_versions(&["v1", "v2"], vec![one.clone()]);
    assert_eq!(names(&plan), ["v1:S-1", "v1:S-2", "v2:S-1", "v2:S-2"]);
    assert_eq!(names(&with_versions(&["v2"], vec![one])), ["S-1", "S-2"]);
}

#[test]
fn zipped_axes_vary_together_in_the_place_of_the_first() {
    let axes = vec![
        knob(KnobKey::Load, list(&["1", "2"])),
        knob(KnobKey::Retries, list(&["0", "3"])),
        knob(KnobKey::Failures, list(&["5%", "6%"])),
    ];
    let zipped = Scenario { zips: vec![vec![0, 2]], ..scenario("Z", axes) };
    assert_eq!(names(&plan(vec![zipped]).unwrap()), ["Z-1-0-5", "Z-1-3-5", "Z-2-0-6", "Z-2-3-6"]);
}

#[test]
fn unequal_lists_cannot_be_zipped() {
    let axes = vec![knob(KnobKey::Load, list(&["1", "2"])), knob(KnobKey::Failures, list(&["0%"]))];
    let error = plan(vec![Scenario { zips: vec![vec![0, 1]], ..scenario("Z", axes) }]).unwrap_err();
    assert_eq!(error.to_string(), "`zip` of `Z` pairs `load` with 2 values and `failures` with 1");
    assert_eq!(error.code(), "E0403");
}

#[test]
fn excluded_combinations_are_left_out_and_the_others_keep_their_order() {
    let above = |axis, bound| Box::new(AxisCondition::Compare(axis, Comparison::Greater, bound));
    let axes = vec![knob(KnobKey::Load, list(&["100", "2000", "3000"])), knob(KnobKey::Failures, list(&["0", "30%"]))];
    let mut excluding = scenario("X", axes);
    excluding.excludes = vec![AxisCondition::And(above(0, 2000.0), above(1, 0.2))];
    let plan_of = |scenario| plan(vec![scenario]).unwrap();
    assert_eq!(names(&plan_of(excluding.clone())), ["X-100-0", "X-100-30", "X-2000-0", "X-2000-30", "X-3000-0"]);
    excluding.excludes.push(AxisCondition::Is(0, "100".into()));
    assert_eq!(names(&plan_of(excluding.clone())), ["X-2000-0", "X-2000-30", "X-3000-0"]);
    excluding.excludes = vec![AxisCondition::Not(Box::new(AxisCondition::Is(0, "none".into())))];
    assert_eq!(plan(vec![excluding]).unwrap_err(), PlanError::Empty { excluded: true });
}

#[test]
fn a_sample_is_a_stable_part_of_the_product() {
    let sampled = Scenario { sample: Some(Sample { count: 30, latin: false }), ..load_scale() };
    let (all, some) = (names(&plan(vec![load_scale()]).unwrap()), names(&plan(vec![sampled.clone()]).unwrap()));
    assert_eq!(some.len(), 30);
    let places: Vec<_> = some.iter().map(|name| all.iter().position(|other| other == name).unwrap()).collect();
    assert!(places.is_sorted());
    assert_eq!(some, names(&plan(vec![sampled.clone()]).unwrap()));
    let reseeded = PlanOptions { seed: Some(7), ..PlanOptions::default() };
    let other = Plan::new(&project(vec![version("working", shop())], vec![sampled]), &reseeded).unwrap();
    assert_ne!(some, names(&other));
    assert!(other.iter().all(|run| run.info.seed == 7));
}

#[test]
fn a_sample_of_a_huge_product_is_drawn_without_counting_through_it() {
    let axes = (0..6).map(|n| axis(&format!("a{n}"), Setter::Knob(KnobKey::Load), grid("1", "1e6", "1"))).collect();
    let huge = Scenario { sample: Some(Sample { count: 500, latin: true }), ..scenario("H", axes) };
    assert_eq!(plan(vec![huge]).unwrap().len(), 500);
}

#[test]
fn two_runs_with_one_name_are_refused() {
    let twice = plan(vec![scenario("S", vec![knob(KnobKey::Load, list(&["1", "2", "1"]))])]).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "two runs have the name `S-1`: `S` of `working` with load=1, and `S` of `working` with load=1"
    );
    assert_eq!(twice.code(), "E0406");
    let nested = plan(vec![scenario("S", vec![knob(KnobKey::Load, list(&["1"]))]), scenario("S-1", vec![])]);
    assert!(matches!(nested, Err(PlanError::DuplicateName { name, .. }) if name == "S-1"));
}

#[test]
fn names_that_only_look_ambiguous_are_accepted() {
    let word = |text: &str| AxisValue::Choice(text.into(), 0);
    let dashed = |name: &str, words: &[&str]| {
        axis(name, Setter::Knob(KnobKey::Load), AxisValues::List(words.iter().map(|text| word(text)).collect()))
    };
    let fine = scenario("S", vec![dashed("a", &["x-y", "z"]), dashed("b", &["u-v", "w"])]);
    assert_eq!(plan(vec![fine]).unwrap().len(), 4);
    let clash = scenario("S", vec![dashed("a", &["x", "x-y"]), dashed("b", &["y-z", "z"])]);
    assert!(matches!(plan(vec![clash]), Err(PlanError::DuplicateName { name, .. }) if name == "S-x-y-z"));
    let zipped = vec![knob(KnobKey::Load, list(&["1", "1"])), knob(KnobKey::Retries, list(&["0", "1"]))];
    let zipped = Scenario { zips: vec![vec![0, 1]], ..scenario("Z", zipped) };
    assert_eq!(names(&plan(vec![zipped]).unwrap()), ["Z-1-0", "Z-1-1"]);
}

// ---- limits

#[test]
fn a_plan_of_10_to_the_12_is_refused_with_its_size_and_culprit() {
    let axes =
        vec![knob(KnobKey::Load, grid("1", "1000000", "1")), knob(KnobKey::Latency, grid("1ms", "500000ms", "1ms"))];
    let versions = vec![version("v1", shop()), version("v2", shop())];
    let error = Plan::new(&project(versions, vec![scenario("Huge", axes)]), &PlanOptions::default()).unwrap_err();
    let expected = PlanError::TooLarge {
        count: 1_000_000_000_000,
        limit: 100_000,
        dimension: "load".into(),
        size: 1_000_000,
        scenario: "Huge".into(),
    };
    assert_eq!(error, expected);
}

#[test]
fn forty_axes_of_two_values_are_refused_too_with_or_without_exclusion() {
    let axes: Vec<Axis> =
        (0..40).map(|n| axis(&format!("a{n}"), Setter::Knob(KnobKey::Load), list(&["1", "2"]))).collect();
    let mut wide = scenario("Wide", axes);
    assert!(matches!(plan(vec![wide.clone()]), Err(PlanError::TooLarge { count: 0x100_0000_0000, size: 2, .. })));
    wide.excludes = vec![AxisCondition::Is(0, "1".into())];
    assert!(matches!(plan(vec![wide]), Err(PlanError::TooLarge { count: 0x100_0000_0000, .. })));
}

#[test]
fn exclusion_is_counted_before_the_limit_applies() {
    let axes = vec![knob(KnobKey::Load, grid("1", "1000", "1")), knob(KnobKey::Retries, grid("0", "999", "1"))];
    let mut excluding = scenario("X", axes);
    excluding.excludes = vec![AxisCondition::Compare(0, Comparison::Greater, 10.0)];
    assert_eq!(plan(vec![excluding.clone()]).unwrap().len(), 10_000);
    excluding.excludes = vec![AxisCondition::Compare(0, Comparison::Greater, 900.0)];
    assert!(matches!(plan(vec![excluding]), Err(PlanError::TooLarge { count: 1_000_000, .. })));
}

#[test]
fn many_versions_are_to_blame_where_they_are_the_largest_dimension() {
    let names: Vec<String> = (0..60).map(|n| format!("v{n}")).collect();
    let versions = names.iter().map(|name| version(name, shop())).collect();
    let options = PlanOptions { limit: 100, ..PlanOptions::default() };
    let small = scenario("S", vec![knob(KnobKey::Load, list(&["1", "2"]))]);
    let error = Plan::new(&project(versions, vec![small]), &options).unwrap_err();
    assert!(matches!(error, PlanError::TooLarge { count: 120, size: 60, dimension, .. } if &*dimension == "version"));
}

#[test]
fn nothing_to_run_and_unknown_scenarios_say_so() {
    assert_eq!(plan(vec![]).unwrap_err(), PlanError::Empty { excluded: false });
    let options = |glob: &str| PlanOptions { scenarios: vec![glob.into()], ..PlanOptions::default() };
    let project = project(vec![version("working", shop())], vec![load_scale(), scenario("Outage", vec![])]);
    assert_eq!(Plan::new(&project, &options("Out*")).unwrap().len(), 1);
    let error = Plan::new(&project, &options("LoadScael")).unwrap_err();
    assert_eq!(error.to_string(), "no scenario matches `LoadScael`; did you mean `LoadScale`?");
}

// ---- hashes

fn hashes(versions: Vec<VersionModel>, scenario: Scenario) -> Vec<Arc<str>> {
    let plan = Plan::new(&project(versions, vec![scenario]), &PlanOptions::default()).unwrap();
    plan.iter().map(|run| run.info.hash).collect()
}

#[test]
fn a_title_changes_no_hash_and_an_attribute_does() {
    let mut retitled = shop();
    retitled.elements[1].title = "The API".into();
    retitled.elements[1].tags.reverse();
    let mut changed = shop();
    changed.stations[0].behavior.replicas = 2;
    let versions = vec![version("a", shop()), version("b", retitled), version("c", changed)];
    let hashes = hashes(versions, scenario("S", vec![]));
    assert!(hashes[0] == hashes[1] && hashes[0] != hashes[2]);
    assert!(hashes[0].len() == 32 && hashes[0].bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn every_run_of_a_sweep_has_a_hash_of_its_own() {
    let hashes = hashes(vec![version("working", shop())], load_scale());
    assert_eq!(hashes.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
}

#[test]
fn a_fixed_attribute_a_seed_and_another_target_change_the_hash() {
    let hash = |scenario| hashes(vec![version("working", shop())], scenario).remove(0);
    let plain = scenario("S", vec![knob(KnobKey::Load, list(&["1"]))]);
    let mut fixed = plain.clone();
    fixed.fixed = vec![(Place::Station(StationId(0)), Key::Replicas, Value::Number(3.0))];
    let mut seeded = plain.clone();
    seeded.base.seed = 43;
    let other = scenario("S", vec![knob(KnobKey::Users, list(&["1"]))]);
    let all: std::collections::BTreeSet<_> = [plain.clone(), fixed, seeded, other].map(hash).into_iter().collect();
    assert_eq!(all.len(), 4);
    assert!(all.contains(&hash(Scenario { name: "Renamed".into(), title: Some("S".into()), ..plain })));
}

#[test]
fn runs_of_equal_models_are_copies_of_the_first() {
    let mut changed = shop();
    changed.stations[0].behavior.replicas = 2;
    let versions = vec![version("v1", shop()), version("v2", changed), version("v3", shop())];
    let plan = Plan::new(&project(versions, vec![load_scale()]), &PlanOptions::default()).unwrap();
    assert_eq!([plan.original(0), plan.original(105), plan.original(205)], [None, None, Some(5)]);
    assert_eq!(plan.copies(5).collect::<Vec<_>>(), [205]);
    assert_eq!(plan.copies(105).count(), 0);
    assert_eq!(plan.run(5).unwrap().info.hash, plan.run(205).unwrap().info.hash);
}

// ---- what a run is made of

fn materialised(scenario: Scenario, index: u64) -> (Arc<Architecture>, RunConfig) {
    let plan = plan(vec![scenario]).unwrap();
    plan.materialise(&plan.run(index).unwrap()).unwrap()
}

#[test]
fn knobs_turn_what_they_stand_for() {
    let axes = vec![
        knob(KnobKey::Load, list(&["500"])),
        knob(KnobKey::Failures, list(&["7"])),
        knob(KnobKey::Latency, list(&["20"])),
        knob(KnobKey::Retries, list(&["4"])),
        knob(KnobKey::Lag, list(&["1s"])),
        knob(KnobKey::Users, list(&["50"])),
        knob(KnobKey::Think, list(&["2"])),
    ];
    let (model, config) = materialised(scenario("S", axes), 0);
    assert_eq!(config.workload.load, LoadProfile::constant(500.0));
    assert_eq!((config.failures, config.latency), (0.07, Duration(20_000_000)));
    assert_eq!(config.workload.users, Some((50, Dist::Constant(2.0))));
    assert!(model.calls[0].behavior.retry.is_none(), "only relations that retry are set");
    assert_eq!(model.calls[1].behavior.retry.unwrap().count, 4);
    assert_eq!(model.stations[0].behavior.queue_behavior.lag, Duration::ZERO);
    assert_eq!(model.stations[1].behavior.queue_behavior.lag, Duration(1_000_000_000));
}

#[test]
fn attributes_and_settings_take_the_value_of_the_run() {
    let replicas = attribute("Api.replicas", Place::Station(StationId(0)), Key::Replicas, list(&["2", "8"]));
    let duration = axis("duration", Setter::Setting(SettingKey::Duration), list(&["30", "2min"]));
    let mut swept = scenario("S", vec![replicas, duration]);
    swept.fixed = vec![(Place::Station(StationId(0)), Key::Concurrency, Value::Limit(Limit::At(5)))];
    let (model, config) = materialised(swept, 3);
    let api = &model.stations[0].behavior;
    assert_eq!((api.replicas, api.concurrency, config.duration), (8, Limit::At(5), Duration(120_000_000_000)));
}

#[test]
fn a_seed_can_be_swept() {
    let plan =
        plan(vec![scenario("S", vec![axis("seed", Setter::Setting(SettingKey::Seed), list(&["5", "6"]))])]).unwrap();
    let run = plan.run(1).unwrap();
    assert_eq!((run.info.seed, plan.materialise(&run).unwrap().1.seed), (6, 6));
}

#[test]
fn the_model_is_shared_until_an_axis_changes_it() {
    let plan = plan(vec![load_scale()]).unwrap();
    let model = |index| plan.materialise(&plan.run(index).unwrap()).unwrap().0;
    assert!(Arc::ptr_eq(&model(0), &model(99)));
}

#[test]
fn chaos_and_expectations_take_the_value_of_the_run_and_show_it() {
    let kill =
        |station| ChaosAction::Kill(ElementSet { stations: vec![StationId(station)], replicas: None, any: None });
    let timing = Timing { trigger: Trigger::At(SimTime::ZERO), length: None, every: None, ramp: Duration::ZERO };
    let choice = |text: &str, n| AxisValue::Choice(text.into(), n);
    let at = axis("kill.at", Setter::Chaos(0, ChaosSlot::At), grid("10s", "60s", "10s"));
    let target = Setter::Chaos(0, ChaosSlot::Target(vec![kill(0), kill(1)]));
    let target = axis("kill.target", target, AxisValues::List(vec![choice("Api", 0), choice("Jobs", 1)]));
    let bound = axis("bound", Setter::Expectation(0, 0), list(&["100ms", "200ms"]));
    let mut swept = scenario("S", vec![at, target, bound]);
    swept.base.chaos = vec![ChaosEvent {
        text: "at {kill.at} kill {kill.target}".into(),
        action: kill(0),
        timing,
        manner: Manner::default(),
    }];
    swept.base.expectations = vec![Expectation {
        text: "p95 < {bound}".into(),
        condition: Condition::Compare(
            Term::Metric(Metric::Quantile(0.95), MetricScope::All),
            Comparison::Less,
            Term::Value(1.0),
        ),
        window: Window::Whole,
        origin: ExpectationOrigin::Scenario,
        period: None,
    }];
    let run = plan(vec![swept.clone()]).unwrap().run(7).unwrap();
    assert_eq!(&*run.info.name, "S-20s-Jobs-200ms");
    let (_, config) = materialised(swept, 7);
    assert_eq!(&*config.chaos[0].text, "at 20s kill Jobs");
    assert_eq!(
        (&config.chaos[0].action, &config.chaos[0].timing.trigger),
        (&kill(1), &Trigger::At(SimTime(20_000_000_000)))
    );
    assert_eq!(&*config.expectations[0].text, "p95 < 200ms");
    assert!(matches!(config.expectations[0].condition, Condition::Compare(_, _, Term::Value(0.2))));
}

#[test]
fn a_swept_decrease_takes_its_share_off() {
    let lag = |factor| ChaosAction::Multiply(Place::Station(StationId(1)), Key::Lag, factor);
    let timing = Timing { trigger: Trigger::At(SimTime::ZERO), length: None, every: None, ramp: Duration::ZERO };
    let by = |slot| axis("by", Setter::Chaos(0, slot), list(&["25%", "4x"]));
    for (slot, expected) in [(ChaosSlot::Decrease, [0.75, 0.25]), (ChaosSlot::Amount, [1.25, 4.0])] {
        let mut swept = scenario("S", vec![by(slot)]);
        swept.base.chaos =
            vec![ChaosEvent { text: "".into(), action: lag(1.0), timing: timing.clone(), manner: Manner::default() }];
        let actions = [0, 1].map(|index| materialised(swept.clone(), index).1.chaos.remove(0).action);
        assert_eq!(actions, expected.map(lag));
    }
}

#[test]
fn a_version_that_could_not_be_built_is_a_run_that_says_why() {
    let broken = VersionModel { model: Err("v1.sruja: 3 errors".into()), ..version("v1", shop()) };
    let plan = Plan::new(&project(vec![broken], vec![scenario("S", vec![])]), &PlanOptions::default()).unwrap();
    assert_eq!(plan.materialise(&plan.run(0).unwrap()).unwrap_err(), "v1.sruja: 3 errors".into());
}

// ---- figures

/// `cargo test --release --lib -- --ignored --nocapture a_million`
#[test]
#[ignore = "a measurement: only a release build says anything"]
#[expect(clippy::disallowed_methods, reason = "it measures wall time")]
fn a_million_runs_expand_within_a_second() {
    let axes = vec![
        knob(KnobKey::Load, grid("1", "100", "1")),
        knob(KnobKey::Failures, grid("0%", "99%", "1%")),
        knob(KnobKey::Latency, grid("1ms", "100ms", "1ms")),
    ];
    let long = vec![knob(KnobKey::Load, grid("1", "1000000", "1"))];
    let options = PlanOptions { limit: 1_000_000, ..PlanOptions::default() };
    let timed = |what: &str, work: &mut dyn FnMut()| {
        let start = std::time::Instant::now();
        work();
        let seconds = start.elapsed().as_secs_f64();
        println!("{what}: {seconds:.4} s");
        seconds
    };
    for (shape, axes) in [("100 x 100 x 100", axes), ("1 000 000", long)] {
        let project = project(vec![version("working", shop())], vec![scenario("Million", axes)]);
        let mut plan = None;
        timed(&format!("{shape} plan"), &mut || plan = Plan::new(&project, &options).ok());
        let plan = plan.unwrap();
        assert_eq!(plan.len(), 1_000_000);
        let text = timed(&format!("{shape} text"), &mut || expand::text(&plan, &mut std::io::sink()).unwrap());
        let jsonl = timed(&format!("{shape} jsonl"), &mut || expand::jsonl(&plan, &mut std::io::sink()).unwrap());
        let runs = timed(&format!("{shape} runs"), &mut || assert_eq!(plan.iter().count(), 1_000_000));
        assert!(text.max(jsonl).max(runs) < 1.0);
    }
    let huge = (0..4).map(|n| axis(&format!("a{n}"), Setter::Knob(KnobKey::Load), grid("1", "1000", "1"))).collect();
    let huge = project(vec![version("working", shop())], vec![scenario("Huge", huge)]);
    let axes = (0..4).map(|n| axis(&format!("a{n}"), Setter::Knob(KnobKey::Load), grid("1", "100", "1"))).collect();
    let mut sparse = scenario("Sparse", axes);
    sparse.excludes = vec![AxisCondition::Compare(0, Comparison::Greater, 0.0)];
    let sparse = project(vec![version("working", shop())], vec![sparse]);
    timed("10^8 combinations excluded", &mut || assert!(Plan::new(&sparse, &options).is_err()));
    timed("10^12 refused", &mut || assert!(Plan::new(&huge, &options).is_err()));
}

// ---- output

#[test]
fn the_json_is_that_of_the_contract() {
    let axes = vec![knob(KnobKey::Load, list(&["100"])), knob(KnobKey::Failures, list(&["0%", "10%"]))];
    let plan = plan(vec![scenario("S", axes)]).unwrap();
    let hash = |index| plan.run(index).unwrap().info.hash;
    let expected = format!(
        r#"{{"schema":"sruja.plan/1","count":2,"dimensions":[{{"name":"load","values":[100]}},{{"name":"failures","values":[0,0.1]}}],"runs":[
{{"name":"S-100-0","scenario":"S","version":"working","commit":null,"params":{{"load":100,"failures":0}},"seed":42,"hash":"{}"}},
{{"name":"S-100-10","scenario":"S","version":"working","commit":null,"params":{{"load":100,"failures":0.1}},"seed":42,"hash":"{}"}}
]}}
"#,
        hash(0),
        hash(1)
    );
    assert_eq!(written(&plan, expand::json), expected);
    let lines = written(&plan, expand::jsonl);
    assert_eq!(lines.lines().count(), 2);
    assert!(expected.contains(lines.lines().next().unwrap()));
}

#[test]
fn dimensions_are_those_of_all_scenarios_and_of_what_is_run() {
    let mut second = load_scale();
    second.name = "Second".into();
    second.axes[0] = knob(KnobKey::Load, list(&["100", "7"]));
    second.excludes = vec![AxisCondition::Is(1, "30".into()), AxisCondition::Is(1, "10".into())];
    let both =
        with_versions(&["v1", "v2"], vec![scenario("S", vec![knob(KnobKey::Load, list(&["5", "100"]))]), second]);
    let value: serde_json::Value = serde_json::from_str(&written(&both, expand::json)).unwrap();
    let expected = serde_json::json!([
        { "name": "version", "values": ["v1", "v2"] },
        { "name": "load", "values": [5, 100, 7] },
        { "name": "failures", "values": [0, 0.2] },
    ]);
    assert_eq!(value["dimensions"], expected);
}

#[test]
fn texts_are_quoted() {
    let odd = AxisValues::List(vec![AxisValue::Choice("a \"b\"\\\n".into(), 0)]);
    let plan = plan(vec![scenario("S", vec![axis("é\t", Setter::Knob(KnobKey::Load), odd)])]).unwrap();
    let line: serde_json::Value = serde_json::from_str(&written(&plan, expand::jsonl)).unwrap();
    assert_eq!(line["params"], serde_json::json!({ "é\t": "a \"b\"\\\n" }));
    assert_eq!(written(&plan, expand::text).lines().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn runs_made_by_number_are_those_of_the_iterator(lens in prop::collection::vec(1usize..5, 0..5), versions in 1usize..4) {
        let values = |len: usize| AxisValues::List((0..len).map(|n| AxisValue::Quantity(n.to_string().parse().unwrap())).collect());
        let axes = lens.iter().enumerate().map(|(n, len)| axis(&format!("a{n}"), Setter::Knob(KnobKey::Load), values(*len))).collect();
        let names: Vec<String> = (0..versions).map(|n| format!("v{n}")).collect();
        let plan = with_versions(&names.iter().map(String::as_str).collect::<Vec<_>>(), vec![scenario("S", axes)]);
        prop_assert_eq!(plan.len(), (lens.iter().product::<usize>() * versions) as u64);
        let all: std::collections::BTreeSet<_> = plan.iter().map(|run| run.info.name).collect();
        prop_assert_eq!(all.len() as u64, plan.len());
        for (index, run) in plan.iter().enumerate() {
            prop_assert_eq!(run.info.index, index as u64);
            prop_assert_eq!(Some(run), plan.run(index as u64));
        }
        prop_assert!(plan.run(plan.len()).is_none());
    }
}
