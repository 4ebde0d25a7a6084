//! What must hold for every text: for random valid ones, and for the files of the repository however damaged.

mod mangle;
mod world;

use crate::support::{project, report};
use mangle::{commented, damaged, damages, respaced};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use sruja::diag::render::{self, Summary, TextStyle};
use sruja::diag::{Diagnostic, Severity, apply_fixes};
use sruja::model::Project;
use sruja::plan::{Plan, PlanOptions};
use sruja::schema::{ATTRIBUTES, CHAOS_VERBS};
use sruja::sema::{self, Checked};
use sruja::source::{FileId, Host, MemoryHost, RealHost, SourceMap, Span};
use sruja::syntax::{format, parse};
use std::collections::HashSet;
use std::path::Path;
use std::sync::LazyLock;
use world::{Telling, world};

/// Every `.sruja` file of the repository: path and text.
static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let list = |folder| RealHost.list(&project().join(folder)).unwrap();
    let paths = ["tests/corpus", "examples", "stdlib"].into_iter().flat_map(list);
    let read = |path: std::path::PathBuf| {
        let text = String::from_utf8(RealHost.read(&path, 1 << 24).unwrap()).ok()?;
        Some((path.strip_prefix(project()).unwrap().to_str().unwrap().to_owned(), text))
    };
    paths.filter_map(read).collect()
});

const STYLE: TextStyle = TextStyle { color: false, unicode: true, width: 80 };

/// A file of the repository, by its number.
fn any_file() -> impl Strategy<Value = usize> {
    any::<Index>().prop_map(|index| index.index(FILES.len()))
}

/// Checks the file `path` of the repository as if it had this text.
fn check_in_place(path: &str, text: &str) -> Checked {
    let others = FILES.iter().filter(|(other, _)| other != path).map(|(other, text)| (other.as_str(), text.as_str()));
    let host = MemoryHost::new(others.chain([(path, text)]));
    sema::check(&host, Path::new(path), Path::new(path).parent().unwrap())
}

fn check(text: &str) -> Checked {
    sema::check(&MemoryHost::new([("w/a.sruja", text)]), Path::new("w/a.sruja"), Path::new("w"))
}

fn compiled(text: &str) -> Project {
    let Checked { sources, diagnostics, project, .. } = check(text);
    let found = render::text(&sources, &diagnostics, &Summary::of(&diagnostics, 1), STYLE);
    project.unwrap_or_else(|| panic!("{found}\n{text}"))
}

/// The tree of `text` without its places and with one spelling of what has several; `None` when it has errors.
fn shape(text: &str) -> Option<Vec<String>> {
    let (tree, found) = parse(FileId(0), text);
    if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return None;
    }
    let written = format!("{:?}", tree.items);
    let mut pieces = written.split("Span { ");
    let first = pieces.next().unwrap().to_owned();
    let rest = pieces.map(|piece| piece.split_once('}').unwrap().1.to_owned());
    Some(
        std::iter::once(first)
            .chain(rest)
            .flat_map(|piece| piece.split('"').map(canonical).collect::<Vec<_>>())
            .collect(),
    )
}

fn canonical(word: &str) -> String {
    let attribute = ATTRIBUTES.iter().find(|row| row.aliases.contains(&word)).map(|row| row.name);
    let verb = || CHAOS_VERBS.iter().find(|row| row.aliases.contains(&word)).map(|row| row.name);
    attribute.or_else(verb).unwrap_or(word).to_owned()
}

/// Formatting keeps the meaning of `text` and settles at once.
fn is_kept_by_formatting(text: &str) -> Result<(), TestCaseError> {
    let Some(before) = shape(text) else {
        prop_assert!(format(text).is_err());
        return Ok(());
    };
    let once = format(text).expect("a text without errors can be formatted");
    prop_assert_eq!(shape(&once), Some(before), "{}", once);
    prop_assert_eq!(format(&once), Ok(once));
    Ok(())
}

fn is_inside(sources: &SourceMap, span: Span) -> bool {
    let inside = |text: &str| {
        let (start, end) = (span.start as usize, span.end as usize);
        start <= end && end <= text.len() && text.is_char_boundary(start) && text.is_char_boundary(end)
    };
    sources.iter().any(|(id, file)| id == span.file && inside(&file.text))
}

/// A diagnostic says what it must and every place that it names exists.
fn is_well_formed(sources: &SourceMap, found: &Diagnostic) -> Result<(), TestCaseError> {
    prop_assert!(!found.message.is_empty() && found.code.id.len() == 5, "{:?}", found);
    let related = found.related.iter().map(|label| label.span);
    let edits = found.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
    for span in related.chain(edits).chain([found.span]) {
        prop_assert!(is_inside(sources, span), "{:?} in {:?}", span, found);
    }
    Ok(())
}

/// What was found can be shown in every form, and the sure fixes can be made.
fn can_be_shown(checked: &Checked) {
    let Checked { sources, diagnostics, .. } = checked;
    let summary = Summary::of(diagnostics, 1);
    render::text(sources, diagnostics, &summary, STYLE);
    render::json(sources, diagnostics, &summary);
    render::sarif(sources, diagnostics);
    render::github(sources, diagnostics);
    apply_fixes(sources, diagnostics);
}

/// The names of all runs differ and there are as many as the plan says.
fn names_are_told_apart(plan: &Plan) -> Result<(), TestCaseError> {
    let names: Vec<_> = plan.iter().map(|run| run.info.name).collect();
    prop_assert_eq!(names.len() as u64, plan.len());
    prop_assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    prop_assert!(plan.run(plan.len()).is_none());
    Ok(())
}

fn plan_of(project: &Project, scenario: &str) -> Plan {
    let options = PlanOptions { scenarios: vec![scenario.to_owned()], ..PlanOptions::default() };
    Plan::new(project, &options).unwrap()
}

fn hashes(text: &str) -> Vec<(std::sync::Arc<str>, std::sync::Arc<str>)> {
    let project = compiled(text);
    let plan = plan_of(&project, "*");
    plan.iter().map(|run| (run.info.name, run.info.hash)).collect()
}

/// The measures of the only run of `Calm`, without what depends on the order or number of stations by its nature.
fn calm(text: &str) -> Value {
    let project = compiled(text);
    let mut run = report(&project, &plan_of(&project, "Calm"), 1)["runs"][0].take();
    let kept = ["metrics", "elements", "relations", "request_types", "faults", "recovery_time", "cost"];
    let fields = run.as_object_mut().unwrap();
    fields.retain(|name, _| kept.contains(&name.as_str()));
    run
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_texts_are_valid_and_kept_by_formatting(world in world(), noise in vec(any::<u8>(), 1..40)) {
        let text = world.text(&Telling { described: true, ..Telling::default() });
        compiled(&text);
        is_kept_by_formatting(&text)?;
        is_kept_by_formatting(&commented(&text, &noise))?;
    }

    /// Blanks and indentation leave no trace.
    #[test]
    fn formatting_does_not_depend_on_blanks(world in world(), noise in vec(any::<u8>(), 1..40)) {
        let text = world.text(&Telling::default());
        prop_assert_eq!(format(&respaced(&text, &noise)), format(&text));
    }

    #[test]
    fn formatting_keeps_what_is_left_of_damaged_files(file in any_file(), damages in damages()) {
        is_kept_by_formatting(&damaged(&FILES[file].1, &damages))?;
    }

    #[test]
    fn damaged_files_get_diagnostics_with_places(file in any_file(), damages in damages()) {
        let (path, text) = &FILES[file];
        let checked = check_in_place(path, &damaged(text, &damages));
        for found in &checked.diagnostics {
            is_well_formed(&checked.sources, found)?;
        }
        let errors = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
        prop_assert_eq!(errors == 0, checked.project.is_some());
        can_be_shown(&checked);
        if let Some(plan) = checked.project.and_then(|project| {
            Plan::new(&project, &PlanOptions { limit: 1_000, ..PlanOptions::default() }).ok()
        }) {
            names_are_told_apart(&plan)?;
        }
    }

    #[test]
    fn names_of_runs_are_unique_and_counted(world in world()) {
        let project = compiled(&world.text(&Telling::default()));
        names_are_told_apart(&plan_of(&project, "*"))?;
    }

    #[test]
    fn hashes_see_no_comment_blank_or_description(world in world(), noise in vec(any::<u8>(), 1..40)) {
        let plain = hashes(&world.text(&Telling::default()));
        let described = world.text(&Telling { described: true, ..Telling::default() });
        prop_assert_eq!(&hashes(&commented(&described, &noise)), &plain);
        prop_assert_eq!(&hashes(&respaced(&described, &noise)), &plain);
        prop_assert_eq!(&hashes(&format(&described).unwrap()), &plain);
    }
}

proptest! {
    // Each case is three simulations.
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn results_do_not_depend_on_the_order_of_stations(world in world(), order in vec(any::<Index>(), 6)) {
        let ordered = calm(&world.text(&Telling { order, ..Telling::default() }));
        prop_assert_eq!(ordered, calm(&world.text(&Telling::default())));
    }

    #[test]
    fn a_stranger_moves_no_number(world in world()) {
        let mut crowded = calm(&world.text(&Telling { stranger: true, ..Telling::default() }));
        let elements = crowded["elements"].as_object_mut().unwrap();
        elements.retain(|path, _| !path.ends_with("Stranger"));
        prop_assert_eq!(crowded, calm(&world.text(&Telling::default())));
    }
}
