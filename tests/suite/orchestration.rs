//! The service-orchestration pack: its criteria hold on a platform that protects itself, and fail for the right reason
//! on one that does not.

use crate::support::{outcome, project, sruja_in};
use serde_json::Value;

/// The groups of an example's report, by name.
fn groups(file: &str) -> Vec<Value> {
    let file = format!("examples/service_orchestration/{file}");
    let mut command = sruja_in(project(), &["run", &file, "--format", "json", "--progress", "none"]);
    let done = outcome(&mut command, "");
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    report["groups"].as_array().unwrap().clone()
}

fn group<'a>(groups: &'a [Value], name: &str) -> &'a Value {
    groups.iter().find(|group| group["name"] == name).unwrap()
}

/// The entry of a list in which each of these keys has that value.
fn entry<'a>(list: &'a Value, keys: &[(&str, &str)]) -> &'a Value {
    let all = list.as_array().unwrap();
    let found = all.iter().find(|entry| keys.iter().all(|(key, value)| entry[*key] == *value));
    found.unwrap_or_else(|| panic!("no {keys:?} in {all:#?}"))
}

const NAMES: [&str; 4] =
    ["Service coordination", "Workflow execution", "Dependency management", "Coordination patterns"];

#[test]
fn a_platform_that_protects_itself_meets_all_four_criteria() {
    let groups = groups("platform.sruja");
    assert_eq!(groups.iter().map(|group| group["name"].as_str().unwrap()).collect::<Vec<_>>(), NAMES);
    for (group, criterion) in groups.iter().zip([0.99, 0.95, 0.98, 0.90]) {
        assert_eq!(group["held"], true, "{group:#}");
        assert_eq!(group["scenarios"].as_array().unwrap().len(), 4);
        let first = &group["criteria"][0];
        assert!((first["limit"].as_f64().unwrap() - criterion).abs() < 1e-9);
        assert!(first["value"].as_f64().unwrap() > criterion && first["ci95"].is_array(), "{first:#}");
        let shares: f64 =
            group["causes"].as_array().unwrap().iter().map(|cause| cause["share"].as_f64().unwrap()).sum();
        assert!((shares - 1.0).abs() < 1e-9, "faults hit every group, and their shares are of all of them");
    }
}

#[test]
fn without_protection_each_criterion_fails_and_names_what_is_missing() {
    let groups = groups("fragile.sruja");
    assert!(NAMES.iter().all(|name| group(&groups, name)["held"] == false));

    let missed = |name: &str, scenario: &str, expectation: &str| {
        let criteria = &group(&groups, name)["criteria"];
        let found = entry(criteria, &[("scenario", scenario), ("expectation", expectation)]);
        assert_eq!(found["held"], false, "{found:#}");
    };
    let cause = |name: &str, cause: &str, of: &str, scenario: &str| {
        let found = entry(&group(&groups, name)["causes"], &[("cause", cause), ("of", of)]);
        assert!(found["scenarios"].as_array().unwrap().contains(&scenario.into()), "{found:#}");
        found["share"].as_f64().unwrap()
    };
    let consequence = |name: &str, kind: &str, of: &str| {
        entry(&group(&groups, name)["consequences"], &[("kind", kind), ("of", of)])["count"].as_u64().unwrap()
    };

    missed(NAMES[0], "Endpoints", "availability > 99%");
    missed(NAMES[0], "StateAcrossServices", "lost_writes(Platform.State) < 1");
    assert!(cause(NAMES[0], "stale_endpoint", "Platform.Collector", "Endpoints") > 0.1);
    assert!(consequence(NAMES[0], "lost_write", "Platform.State") > 0);

    missed(NAMES[1], "ModelProvisioning", "availability(Provisioning) > 95%");
    missed(NAMES[1], "AlertEvaluation", "availability(SystemMonitoring) > 95%");
    assert!(cause(NAMES[1], "error", "Platform.Registry", "ModelProvisioning") > 0.1);
    assert!(cause(NAMES[1], "no_connection", "Platform.Orchestrator->Platform.Collector", "AlertEvaluation") > 0.1);
    assert!(consequence(NAMES[1], "compensation", "Provisioning") > 100);

    missed(NAMES[2], "Fallbacks", "availability > 98%");
    assert!(cause(NAMES[2], "unavailable", "Platform.Inference", "Fallbacks") > 0.5);

    missed(NAMES[3], "Discovery", "availability > 90% during chaos");
    missed(NAMES[3], "Breaking", "availability > 90% during chaos");
    missed(NAMES[3], "Synchronization", "stale_reads(Platform.State) < 10%");
    missed(NAMES[3], "Synchronization", "lost_writes(Platform.State) < 1");
    assert!(cause(NAMES[3], "stale_endpoint", "Platform.Orchestrator", "Discovery") > 0.1);
    assert!(cause(NAMES[3], "timeout", "Platform.Orchestrator->Platform.Inference", "Breaking") > 0.1);
}
