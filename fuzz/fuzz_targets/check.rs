//! Checking and expanding any bytes as a file: no panic, in bounded time and memory; what is said
//! lies in the text, in order, and a plan gives the runs that it promises.
//!
//! `fuzz/run.sh 600`
#![no_main]

use libfuzzer_sys::fuzz_target;
use sruja::diag::Diagnostic;
use sruja::model::Project;
use sruja::plan::{Plan, PlanOptions};
use sruja::sema;
use sruja::source::{MemoryHost, SourceMap};
use std::path::Path;

/// Most runs of a plan.
const LIMIT: u64 = 1000;

fuzz_target!(|bytes: &[u8]| {
    let host = MemoryHost::new([("w/fuzz.sruja", bytes), ("w/kinds.sruja", KINDS.as_bytes())]);
    let checked = sema::check(&host, Path::new("w/fuzz.sruja"), Path::new("w"));
    said_in_order(&checked.diagnostics, &checked.sources);
    if let Some(project) = &checked.project {
        expand(project);
    }
});

/// Something to import.
const KINDS: &str = "service = kind \"Service\"\nCore = system \"Core\" { Log = queue \"Log\" }\n";

fn said_in_order(diagnostics: &[Diagnostic], sources: &SourceMap) {
    for diagnostic in diagnostics {
        assert!(!diagnostic.message.is_empty());
        let text = &sources.file(diagnostic.span.file).text;
        assert!(text.get(diagnostic.span.range()).is_some(), "off the characters: {diagnostic:?}");
    }
    let place = |d: &Diagnostic| (d.span.file, d.span.start);
    assert!(diagnostics.is_sorted_by_key(place), "out of order");
}

fn expand(project: &Project) {
    let Ok(plan) = Plan::new(project, &PlanOptions { limit: LIMIT, ..PlanOptions::default() }) else { return };
    assert!((1..=LIMIT).contains(&plan.len()), "a plan beyond its limit");
    for run in plan.iter().take(3) {
        // `Err` says in words why there is no model.
        let _ = plan.materialise(&run);
    }
    let last = plan.run(plan.len() - 1).expect("the last of a plan's runs");
    assert_eq!(last.info.index + 1, plan.len());
    assert!(plan.run(plan.len()).is_none(), "a run beyond the last");
}
