//! Small projects for tests.

use super::{Plan, PlanError, PlanOptions};
use crate::model::*;
use crate::quantity::{RangeSpec, Spacing, Unit};
use crate::schema::{Key, KnobKey};
use std::sync::Arc;

pub(crate) fn list(values: &[&str]) -> AxisValues {
    AxisValues::List(values.iter().map(|text| AxisValue::Quantity(text.parse().unwrap())).collect())
}

pub(crate) fn grid(start: &str, end: &str, step: &str) -> AxisValues {
    let spacing = if step.is_empty() { Spacing::Auto } else { Spacing::Step(step.parse().unwrap()) };
    let spec = RangeSpec { start: start.parse().unwrap(), end: end.parse().unwrap(), spacing };
    AxisValues::Grid(spec.grid().unwrap())
}

pub(crate) fn axis(name: &str, setter: Setter, values: AxisValues) -> Axis {
    Axis { name: name.into(), values, unit: Unit::NONE, setters: vec![setter] }
}

pub(crate) fn knob(key: KnobKey, values: AxisValues) -> Axis {
    let name = crate::schema::KNOBS.iter().find(|knob| knob.key == key).unwrap().name;
    axis(name, Setter::Knob(key), values)
}

pub(crate) fn scenario(name: &str, axes: Vec<Axis>) -> Scenario {
    Scenario {
        name: name.into(),
        title: None,
        names_versions: false,
        base: RunConfig { seed: 42, ..RunConfig::default() },
        fixed: Vec::new(),
        axes,
        zips: Vec::new(),
        excludes: Vec::new(),
        sample: None,
        shape: None,
    }
}

/// A client that calls an API that calls a database through a retrying relation.
pub(crate) fn shop() -> Architecture {
    let element = |path: &str, kind: &str, station| Element {
        path: path.into(),
        title: path.into(),
        kind: kind.into(),
        technology: None,
        parent: None,
        station,
        tags: vec!["b".into(), "a".into()],
        depends_on: Vec::new(),
    };
    let station = |element, path: &str, is_queue| Station {
        element: ElementId(element),
        path: path.into(),
        is_queue,
        domains: Vec::new(),
        behavior: StationBehavior::default(),
        assumed: Vec::new(),
    };
    let call = |path: &str, from, to, behavior| Call {
        path: path.into(),
        from,
        to: StationId(to),
        behavior,
        quorum: None,
        assumed: Vec::new(),
    };
    let retrying = CallBehavior { retry: Some(RetryPolicy::default()), ..CallBehavior::default() };
    Architecture {
        elements: vec![
            element("User", "person", None),
            element("Api", "service", Some(StationId(0))),
            element("Jobs", "queue", Some(StationId(1))),
        ],
        stations: vec![station(1, "Api", false), station(2, "Jobs", true)],
        calls: vec![
            call("User->Api", Entry::Source(SourceId(0)), 0, CallBehavior::default()),
            call("Api->Jobs", Entry::Station(StationId(0)), 1, retrying),
        ],
        sources: vec![Source { path: "User".into(), element: ElementId(0), arrivals: Arrivals::Poisson }],
        ..Architecture::default()
    }
}

pub(crate) fn version(name: &str, architecture: Architecture) -> VersionModel {
    VersionModel { name: name.into(), title: None, commit: None, model: Ok(Arc::new(architecture)) }
}

/// These scenarios against each of these versions.
pub(crate) fn project(versions: Vec<VersionModel>, scenarios: Vec<Scenario>) -> Project {
    let against_all = |scenario: Scenario| {
        let scenario = Arc::new(scenario);
        (0..versions.len()).map(move |version| Case { version, scenario: scenario.clone() }).collect::<Vec<_>>()
    };
    let cases = scenarios.into_iter().flat_map(against_all).collect();
    Project { versions, cases, ..Project::default() }
}

pub(crate) fn plan(scenarios: Vec<Scenario>) -> Result<Plan, PlanError> {
    Plan::new(&project(vec![version("working", shop())], scenarios), &PlanOptions::default())
}

pub(crate) fn names(plan: &Plan) -> Vec<String> {
    plan.iter().map(|run| run.info.name.to_string()).collect()
}

/// The scenario of the language page.
pub(crate) fn load_scale() -> Scenario {
    let load = knob(KnobKey::Load, grid("100", "5000", "200"));
    scenario("LoadScale", vec![load, knob(KnobKey::Failures, grid("0", "30%", ""))])
}

pub(crate) fn attribute(path: &str, place: Place, key: Key, values: AxisValues) -> Axis {
    axis(path, Setter::Attribute(place, key), values)
}
