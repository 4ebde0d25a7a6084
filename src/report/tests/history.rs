//! A history as it is reported: by hand, so that every row is known.

use super::*;
use crate::analysis::fixtures::station;
use crate::analysis::{Effect, Figure, attribute};
use crate::model::{Architecture, Case, Commit, NOT_THERE, Scenario};
use crate::report::{AttributionReport, CommitStatus};

/// A commit of the history: what its model is, and how much the shop can take.
enum At {
    Model(Box<Architecture>, f64),
    Missing(&'static str),
}

fn commit(n: usize, subject: &str) -> Arc<Commit> {
    Arc::new(Commit {
        id: format!("{:07x}{n:033x}", ((n + 1) * 0x2_f1b3) & 0xfff_ffff).into(),
        number: Some(n as u64 + 1),
        time: 1_760_000_000 + 86_400 * n as i64,
        author: "Ada".into(),
        subject: subject.into(),
        tag: (n == 0).then(|| "v1.0".into()),
    })
}

/// The project and the runs of these commits, each at two loads.
fn swept(commits: Vec<(&str, At)>) -> (Project, Vec<FinishedRun>) {
    let scenario = Arc::new(Scenario { names_versions: true, ..crate::plan::fixtures::scenario("LoadScale", vec![]) });
    let (mut project, mut runs) = (Project::default(), Vec::new());
    for (n, (subject, at)) in commits.into_iter().enumerate() {
        let commit = commit(n, subject);
        let name: Arc<str> = commit.id[..7].into();
        let model = match at {
            At::Missing(why) => Err(why.into()),
            At::Model(model, capacity) => {
                for load in [200.0, 400.0] {
                    let mut run =
                        finished(runs.len() as u64, &name, &[("load", load)], Conditions::calm(load, capacity));
                    run.info.hash = format!("{load}-{capacity}-{}", model.stations[0].behavior.replicas).into();
                    runs.push(run);
                }
                Ok(Arc::from(model))
            }
        };
        project.history.push(commit.clone());
        project.versions.push(VersionModel { name, title: None, commit: Some(commit), model });
        project.cases.push(Case { version: n, scenario: scenario.clone() });
    }
    (project, runs)
}

fn with_replicas(replicas: u32) -> Architecture {
    let mut model = shop();
    model.stations[0].behavior.replicas = replicas;
    model
}

/// Six commits: one that only comments, one that takes replicas away, one that does not parse, one without the file, and
/// one that repairs it and adds a cache.
fn history() -> Report {
    let mut repaired = with_replicas(4);
    repaired.elements.push(crate::model::Element {
        kind: "cache".into(),
        path: "Shop.Cache".into(),
        ..shop().elements[0].clone()
    });
    repaired.elements[2].station = Some(crate::model::StationId(2));
    repaired.stations.push(station(2, "Shop.Cache"));
    let (project, runs) = swept(vec![
        ("Model of the shop", At::Model(Box::new(with_replicas(3)), 1000.0)),
        ("Explain the timeout", At::Model(Box::new(with_replicas(3)), 1000.0)),
        ("Save money: two replicas must be enough for everybody", At::Model(Box::new(with_replicas(2)), 700.0)),
        ("Try something", At::Missing("E0201 nothing is called `Shop.Dc` at shop.sruja:7:3")),
        ("Move the file", At::Missing(NOT_THERE)),
        ("Scale out and cache", At::Model(Box::new(repaired), 1600.0)),
    ]);
    let mut report = report_of(&project, runs);
    let effect = |subject: &str, difference| Effect { subject: subject.into(), difference, ci95: None };
    let p95 = attribute(-0.05, vec![effect("Shop.Cache", -0.01), effect("Shop.Api", -0.035)]);
    report.history[0].commits[5].attribution.push(AttributionReport::new(Figure::P95, "Peak-1600".into(), &p95));
    report
}

#[test]
fn a_history_is_told_within_the_width_of_a_terminal() {
    let shown = text(&history(), &TextOptions::default());
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    for part in ["History of LoadScale", "What changed", "replicas 3 → 2", "+ Shop.Cache (cache)", "broken: E0201"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(!shown.contains("Ranking"), "{shown}");
}

#[test]
fn the_json_of_a_history_has_its_keys() {
    let value: serde_json::Value = serde_json::from_str(&json(&history())).unwrap();
    let commit = &value["history"][0]["commits"][2];
    assert_eq!(commit["changes"][0]["kind"], "changed");
    assert_eq!(commit["changes"][0]["attribute"], "replicas");
    assert_eq!(commit["status"], "measured");
    assert_eq!(value["history"][0]["commits"][4]["status"], "absent");
    assert!(commit["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(value["history"][0]["commits"][5]["attribution"][0]["causes"][0]["subject"], "Shop.Api");
}

#[test]
fn every_commit_is_a_row_that_says_what_became_of_it() {
    let report = history();
    let statuses: Vec<CommitStatus> = report.history[0].commits.iter().map(|commit| commit.status).collect();
    use CommitStatus::{Absent, Broken, Measured, Same};
    assert_eq!(statuses, [Measured, Same, Measured, Broken, Absent, Measured]);
    let commits = &report.history[0].commits;
    assert_eq!(commits[1].same_as, Some(commits[0].commit.clone()));
    assert_eq!(commits[1].score, commits[0].score);
    assert_eq!(commits[2].changes[0].text, "~ Shop.Api.replicas 3 → 2");
    // The last is held against the last that measured anything.
    assert_eq!(commits[5].changes[0].text, "~ Shop.Api.replicas 2 → 4");
    assert!(report.history[0].regressions.iter().all(|r| r.commit == commits[2].commit));
    assert!(report.history[0].regressions.iter().any(|r| r.step.metric == "p95"));
    assert!(report.ranking.is_empty() && report.matrix.is_empty() && report.recommendation.version.is_none());
}

#[test]
fn a_model_that_comes_back_is_the_same_and_still_a_step() {
    let (project, runs) = swept(vec![
        ("One", At::Model(Box::new(with_replicas(3)), 1000.0)),
        ("Two", At::Model(Box::new(with_replicas(2)), 700.0)),
        ("Back to one", At::Model(Box::new(with_replicas(3)), 1000.0)),
    ]);
    let report = report_of(&project, runs);
    let last = &report.history[0].commits[2];
    assert_eq!((last.status, last.changes.len()), (CommitStatus::Same, 1));
    assert!(last.steps.iter().any(|step| step.metric == "p95" && step.verdict == "better"));
}

#[test]
fn a_long_history_of_few_models_is_reported_row_by_row() {
    let commits = (0..2000)
        .map(|n| ("Work", At::Model(Box::new(with_replicas(1 + n / 50)), 1000.0 + f64::from(n / 50))))
        .collect();
    let (project, runs) = swept(commits);
    let report = report_of(&project, runs);
    let of = |status| report.history[0].commits.iter().filter(|commit| commit.status == status).count();
    assert_eq!((of(CommitStatus::Measured), of(CommitStatus::Same)), (40, 1960));
    assert_eq!(report.history[0].commits.iter().filter(|commit| !commit.changes.is_empty()).count(), 39);
    assert!(text(&report, &TextOptions::default()).lines().count() < 300);
}
