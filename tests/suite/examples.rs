//! Every example is checked, run, and held to what it printed when somebody last read it.

use crate::support::{outcome, project, sruja_in};

fn sruja(args: &[&str]) -> crate::support::Outcome {
    outcome(&mut sruja_in(project(), args), "")
}

/// The report of a run without the one number that is not of the result: the time it took.
fn report(args: &[&str]) -> String {
    let all: Vec<&str> = ["run", "--color", "never", "--progress", "none"].iter().chain(args).copied().collect();
    let done = sruja(&all);
    assert_eq!(done.code, Some(0), "{args:?}: {}", done.stderr);
    let (head, rest) = done.stdout.split_once(" events · ").unwrap();
    let (_time, rest) = rest.split_once('\n').unwrap();
    format!("{head} events\n{rest}")
}

macro_rules! golden {
    ($($name:ident: $($argument:literal)+;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), report(&[$($argument),+]));
        })*
    };
}

golden! {
    mm1: "examples/mm1.sruja";
    retry_storm: "examples/retry_storm.sruja";
    payment_outage: "examples/payment_outage.sruja";
    overlay_variants: "examples/overlay_variants.sruja";
    pipeline: "examples/pipeline.sruja";
    templates: "examples/templates.sruja";
    plain_model: "examples/plain_model/simulate.sruja";
    shop: "examples/shop.sruja" "--scenario" "DatabaseTrouble";
    service_orchestration: "examples/service_orchestration/platform.sruja";
    service_orchestration_fragile: "examples/service_orchestration/fragile.sruja";
    markdown: "examples/mm1.sruja" "--format" "md";
}

#[test]
fn the_shop_expands_to_exactly_a_hundred_names() {
    let done = sruja(&["expand", "examples/shop.sruja", "--scenario", "LoadScale"]);
    let names: Vec<&str> = done.stdout.lines().collect();
    assert_eq!((names.len(), names[0], names[99]), (100, "LoadScale-100-0", "LoadScale-4900-30"));
}

#[test]
fn no_example_and_no_file_of_the_corpus_has_an_error() {
    let folders = [
        "examples",
        "tests/corpus/e0",
        "tests/corpus/e1",
        "tests/corpus/e2",
        "tests/corpus/e3",
        "tests/corpus/traps",
        "tests/corpus/imports",
        "tests/corpus/sim",
    ];
    let done = sruja(&["check"].iter().chain(&folders).copied().collect::<Vec<_>>());
    assert_eq!(done.code, Some(0), "{}", done.stdout);
}

#[test]
fn every_file_that_is_meant_to_be_refused_is() {
    let folder = project().join("tests/corpus/bad");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ext| ext == "sruja") {
            let done = sruja(&["check", path.to_str().unwrap()]);
            assert_eq!(done.code, Some(1), "{}: {}", path.display(), done.stdout);
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_workers() {
    let json = |jobs: &str| {
        let done = sruja(&["run", "examples/overlay_variants.sruja", "--format", "json", "-j", jobs]);
        let mut report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        report.as_object_mut().unwrap().remove("meta");
        report.to_string()
    };
    let one = json("1");
    assert!(one == json("2") && one == json("8"));
}
