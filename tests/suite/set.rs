//! `--set PATH=VALUE|RANGE`: what it assigns is what the scenario's own line would.

use sruja::plan::{Plan, PlanOptions};
use sruja::sema::{Checked, Options, check_with};
use sruja::source::MemoryHost;
use std::path::Path;

const FILE: &str = "U = person \"Users\"\nA = service \"A\"\nB = service \"B\"\nU -> A\nA -> B\n\
    behavior A { service_time 1ms  concurrency 1  replicas 1  queue 100 }\nbehavior B { service_time 1ms }\n\
    scenario S {\n  param peak = 2x\n  load = 100/s  arrivals constant\n  at 0s surge load peak for 10s\n  \
    duration 10s  warmup 0s  replications 1\n}\n";

fn checked(sets: &[&str]) -> Checked {
    let host = MemoryHost::new([("/w/s.sruja", FILE)]);
    let options = Options { set: sets.iter().map(|set| (*set).to_owned()).collect(), ..Options::default() };
    check_with(&host, Path::new("/w/s.sruja"), Path::new("/w"), &options)
}

fn plan(sets: &[&str]) -> (sruja::model::Project, Plan) {
    let project = checked(sets).project.expect("it can be run");
    let plan = Plan::new(&project, &PlanOptions::default()).expect("a plan");
    (project, plan)
}

fn names(sets: &[&str]) -> Vec<String> {
    plan(sets).1.iter().map(|run| run.info.name.to_string()).collect()
}

fn figure(sets: &[&str], run: usize, path: &str) -> f64 {
    let (project, plan) = plan(sets);
    let report = crate::support::report(&project, &plan, 1);
    crate::support::figure(&report["runs"][run], path).expect("a figure")
}

#[test]
fn knobs_attributes_relations_settings_and_parameters_can_be_set() {
    assert_eq!(names(&["load=100..300 step 100"]), ["S-100", "S-200", "S-300"]);
    assert_eq!(names(&["A.replicas=1..2", "A->B.timeout=[100ms, 1s]"]), ["S-1-100ms", "S-1-1s", "S-2-100ms", "S-2-1s"]);
    assert_eq!(names(&["peak=[3x, 5x]", "seed=[1, 2]"]), ["S-3x-1", "S-3x-2", "S-5x-1", "S-5x-2"]);
    assert_eq!(names(&["A.shed=[queue > 20%, utilization > 90%]"]), ["S-queue > 20%", "S-utilization > 90%"]);
}

#[test]
fn what_is_set_acts() {
    assert_eq!(figure(&[], 0, "metrics/offered"), 2000.0);
    assert_eq!(figure(&["load=50"], 0, "metrics/offered"), 1000.0);
    assert_eq!(figure(&["peak=[1x, 3x]"], 1, "metrics/offered"), 3000.0);
    assert_eq!(figure(&["duration=5s"], 0, "metrics/offered"), 1000.0);
    let fails = ["load=5", "B.errors=100%", "A->B.retry=3 { backoff constant(1ms) }"];
    let of = |count: &str| figure(&fails, 0, &format!("relations/A->B/{count}"));
    assert!(of("calls") > 90.0);
    assert_eq!(of("attempts"), 4.0 * of("calls"));
}

#[test]
fn what_cannot_be_set_says_where() {
    for (set, code, underlined) in [
        ("A.replicas=abc", "E0301", "abc"),
        ("A.replica=2", "E0204", "replica"),
        ("lod=3", "E0205", "lod"),
        ("A->C.timeout=1s", "E0201", "C.timeout"),
        ("load=300..100", "E0303", "300..100"),
        ("load=5 B.errors=2%", "E0408", "load=5 B.errors=2%"),
    ] {
        let checked = checked(&[set]);
        let found: Vec<_> = checked.diagnostics.iter().filter(|found| found.code.id == code).collect();
        assert_eq!(found.len(), 1, "{set}: {:?}", checked.diagnostics);
        assert_eq!(checked.sources.text(found[0].span), underlined, "{set}");
        assert!(checked.project.is_none(), "{set}");
    }
}

/// `scenario extends * { … }`: what is imported runs, with these statements behind its own.
#[test]
fn every_imported_scenario_can_be_run() {
    let base = "import { * } from './base.sruja'\n\
        scenario Low { load = 10/s  duration 5s }\nscenario High extends Low { load = 20..40 step 20 }\n\
        Kept = scenario \"Kept\" { load = 5/s }\nabstract scenario T { param at  load = at }\n";
    let model = "U = person \"U\"\nA = service \"A\"\nU -> A\n";
    let names = |entry: &str| {
        let host = MemoryHost::new([("/w/base.sruja", model), ("/w/load.sruja", base), ("/w/s.sruja", entry)]);
        let checked = sruja::sema::check(&host, Path::new("/w/s.sruja"), Path::new("/w"));
        let project = checked.project.ok_or_else(|| checked.diagnostics[0].code.id)?;
        let plan = Plan::new(&project, &PlanOptions::default()).map_err(|error| error.code())?;
        Ok::<_, &str>(plan.iter().map(|run| run.info.name.to_string()).collect::<Vec<_>>())
    };
    let all = "import { * } from './load.sruja'\nversion big extends working { A.replicas = 2 }\n";
    assert_eq!(names(&format!("{all}scenario extends * {{ }}")).unwrap(), ["Low", "High-20", "High-40", "Kept"]);
    let two = names(&format!(
        "{all}scenario extends * {{ versions [working, big]  load = 7/s }}\nscenario Kept {{ load = 1 }}"
    ));
    assert_eq!(two.unwrap(), ["working:Low", "big:Low", "working:High", "big:High", "Kept"]);
    let some = "import { * } from './base.sruja'\nimport { Low } from './load.sruja'\nscenario extends * { }";
    assert_eq!(names(some).unwrap(), ["Low"]);
    assert_eq!(names("import { * } from './base.sruja'\nscenario extends * { }"), Err("E0212"));
    assert_eq!(names("import { * } from './load.sruja'\nscenario X extends * { }"), Err("E0212"));
}
