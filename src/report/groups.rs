//! Scenarios that belong together: what their expectations came to, and the patterns of their errors.

use super::model::{ConsequenceReport, CriterionReport, FailureCauseReport, GroupReport};
use crate::analysis::{Consequence, FailureCause, Judgement, RunVerdict};
use crate::exec::event::RunInfo;
use crate::measure::TrafficMeasures;
use crate::model::{Case, ExpectationOrigin, Metric, Project};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run that may belong to a group.
pub struct Member<'a> {
    /// What it is.
    pub info: &'a RunInfo,
    /// Its requests.
    pub traffic: &'a TrafficMeasures,
    /// What was made of it; `None`: nothing was measured.
    pub verdict: Option<&'a RunVerdict>,
}

/// One report for each version and group, in the order of the plan.
pub fn groups<'a>(project: &Project, members: impl Iterator<Item = Member<'a>>) -> Vec<GroupReport> {
    let names = names(project);
    let mut places: BTreeMap<(Arc<str>, Arc<str>), usize> = BTreeMap::new();
    let mut groups: Vec<(Arc<str>, Vec<Member>)> = Vec::new();
    for member in members {
        let version = member.info.version.clone();
        let Some(name) = names.get(&(version.clone(), member.info.scenario.clone())) else { continue };
        let place = *places.entry((version, name.clone())).or_insert_with(|| {
            groups.push((name.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(member);
    }
    groups.into_iter().map(|(name, members)| group(name, &members)).collect()
}

/// The group of each scenario of each version, of those that have one.
fn names(project: &Project) -> BTreeMap<(Arc<str>, Arc<str>), Arc<str>> {
    let name = |case: &Case| {
        let key = (project.versions[case.version].name.clone(), case.scenario.name.clone());
        Some((key, case.scenario.group.clone()?))
    };
    project.cases.iter().filter_map(name).collect()
}

fn group(name: Arc<str>, members: &[Member]) -> GroupReport {
    let criteria = criteria(members);
    let mut scenarios: Vec<Arc<str>> = members.iter().map(|member| member.info.scenario.clone()).collect();
    scenarios.dedup();
    let sum = |of: fn(&TrafficMeasures) -> u64| members.iter().map(|member| of(member.traffic)).sum::<u64>();
    let (offered, succeeded) = (sum(|t| t.offered), sum(|t| t.succeeded));
    let unmeasured = members.iter().filter(|member| member.verdict.is_none()).map(|_| None);
    GroupReport {
        version: members[0].info.version.clone(),
        name,
        scenarios,
        runs: members.len(),
        held: held(criteria.iter().map(|criterion| criterion.held).chain(unmeasured)),
        criteria,
        offered,
        failed: offered.saturating_sub(succeeded),
        timed_out: sum(|t| t.timed_out),
        refused: sum(|t| t.shed),
        causes: causes(members),
        consequences: consequences(members),
    }
}

/// False as soon as one is; unknown as long as one is, and without any.
fn held(all: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let and = |a: Option<bool>, b: Option<bool>| match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    all.reduce(and).flatten()
}

/// Each expectation of each scenario, in the order of the plan, as it came out in its worst run.
fn criteria(members: &[Member]) -> Vec<CriterionReport> {
    let mut found: Vec<CriterionReport> = Vec::new();
    for member in members {
        let own = |judgement: &&Judgement| judgement.origin == ExpectationOrigin::Scenario;
        for judgement in member.verdict.iter().flat_map(|verdict| &verdict.judgements).filter(own) {
            let next = criterion(member, judgement);
            let is_same = |c: &&mut CriterionReport| c.scenario == next.scenario && c.expectation == next.expectation;
            match found.iter_mut().find(is_same) {
                Some(criterion) => join(criterion, next),
                None => found.push(next),
            }
        }
    }
    found
}

fn criterion(member: &Member, judgement: &Judgement) -> CriterionReport {
    let reached = judgement.reached;
    let is_share = reached.is_some_and(|reached| bounded(reached.metric));
    let within = |[low, high]: [f64; 2]| if is_share { [low.max(0.0), high.min(1.0)] } else { [low, high] };
    CriterionReport {
        scenario: member.info.scenario.clone(),
        expectation: judgement.text.clone(),
        limit: reached.map(|reached| reached.limit),
        value: reached.map(|reached| reached.value).filter(|value| value.is_finite()),
        ci95: reached.and_then(|reached| reached.ci95).map(within),
        run: member.info.name.clone(),
        held: judgement.held,
        runs: 1,
        failing_runs: usize::from(judgement.held == Some(false)),
        metric: reached.map(|reached| reached.metric),
        severity: judgement.violation.as_ref().map(|violation| violation.severity),
    }
}

/// Whether a metric is a share of something.
fn bounded(metric: Metric) -> bool {
    matches!(metric, Metric::Availability | Metric::ErrorRate | Metric::Utilization | Metric::StaleReads)
}

/// Keeps the worse of two runs.
fn join(criterion: &mut CriterionReport, next: CriterionReport) {
    let (runs, failing) = (criterion.runs + next.runs, criterion.failing_runs + next.failing_runs);
    let both = held([criterion.held, next.held].into_iter());
    if next.is_worse_than(criterion) {
        *criterion = next;
    }
    (criterion.runs, criterion.failing_runs, criterion.held) = (runs, failing, both);
}

impl CriterionReport {
    /// Whether this was missed more badly; where both were kept, whether this came nearer to its limit.
    pub fn is_worse_than(&self, other: &Self) -> bool {
        let distance = |c: &Self| Some((c.value? - c.limit?).abs());
        match (self.severity, other.severity) {
            (a, b) if a != b => a > b,
            (None, _) => distance(self) < distance(other),
            _ => distance(self) > distance(other),
        }
    }
}

fn causes<'a>(members: &[Member<'a>]) -> Vec<FailureCauseReport> {
    let mut found: Vec<FailureCauseReport> = Vec::new();
    let of = |verdict: &'a RunVerdict| verdict.causes.iter();
    for (member, cause) in members.iter().flat_map(|m| m.verdict.into_iter().flat_map(of).map(move |c| (m, c))) {
        let FailureCause { kind, place, count } = cause;
        let at = found.iter().position(|other| other.cause == *kind && other.of == *place).unwrap_or_else(|| {
            let (of, scenarios) = (place.clone(), Vec::new());
            found.push(FailureCauseReport { cause: *kind, of, count: 0, share: 0.0, scenarios });
            found.len() - 1
        });
        found[at].count += count;
        if !found[at].scenarios.contains(&member.info.scenario) {
            found[at].scenarios.push(member.info.scenario.clone());
        }
    }
    let all: u64 = found.iter().map(|cause| cause.count).sum();
    found.iter_mut().for_each(|cause| cause.share = cause.count as f64 / all as f64);
    found.sort_by_key(|cause| std::cmp::Reverse(cause.count));
    found
}

fn consequences(members: &[Member]) -> Vec<ConsequenceReport> {
    let mut found: Vec<ConsequenceReport> = Vec::new();
    let all = members.iter().filter_map(|member| member.verdict).flat_map(|verdict| &verdict.consequences);
    for Consequence { kind, place, count } in all {
        match found.iter_mut().find(|other| other.kind == *kind && other.of == *place) {
            Some(other) => other.count += count,
            None => found.push(ConsequenceReport { kind: *kind, of: place.clone(), count: *count }),
        }
    }
    found.sort_by(|a, b| a.kind.cmp(&b.kind).then(b.count.cmp(&a.count)));
    found
}
