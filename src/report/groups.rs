//! Scenarios that belong together: what their expectations came to, and the patterns of their errors.

use super::model::{CauseReport, ConsequenceReport, CriterionReport, GroupReport};
use crate::analysis::{Cause, Consequence, Judgement, RunVerdict};
use crate::exec::event::RunInfo;
use crate::measure::TrafficMeasures;
use crate::model::{ExpectationOrigin, Metric, Project};
use std::sync::Arc;

/// A measured run of a group.
pub struct Member<'a> {
    /// What it is.
    pub info: &'a RunInfo,
    /// Its requests.
    pub traffic: &'a TrafficMeasures,
    /// What was made of it.
    pub verdict: &'a RunVerdict,
}

/// One report for each version and group, in the order of the plan.
pub fn groups<'a>(project: &Project, members: impl Iterator<Item = Member<'a>>) -> Vec<GroupReport> {
    let mut groups: Vec<(Arc<str>, Vec<Member>)> = Vec::new();
    for member in members {
        let Some(name) = group_of(project, member.info) else { continue };
        match groups.iter_mut().find(|(other, of)| *other == name && of[0].info.version == member.info.version) {
            Some((_, of)) => of.push(member),
            None => groups.push((name, vec![member])),
        }
    }
    groups.into_iter().map(|(name, members)| group(name, &members)).collect()
}

fn group_of(project: &Project, info: &RunInfo) -> Option<Arc<str>> {
    let is_its = |case: &&crate::model::Case| {
        case.scenario.name == info.scenario && project.versions[case.version].name == info.version
    };
    project.cases.iter().find(is_its)?.scenario.group.clone()
}

fn group(name: Arc<str>, members: &[Member]) -> GroupReport {
    let criteria = criteria(members);
    let mut scenarios: Vec<Arc<str>> = members.iter().map(|member| member.info.scenario.clone()).collect();
    scenarios.dedup();
    let sum = |of: fn(&TrafficMeasures) -> u64| members.iter().map(|member| of(member.traffic)).sum::<u64>();
    let (offered, succeeded) = (sum(|t| t.offered), sum(|t| t.succeeded));
    GroupReport {
        version: members[0].info.version.clone(),
        name,
        scenarios,
        runs: members.len(),
        held: held(criteria.iter().map(|criterion| criterion.held)),
        criteria,
        offered,
        failed: offered.saturating_sub(succeeded),
        timed_out: sum(|t| t.timed_out),
        refused: sum(|t| t.shed),
        causes: causes(members),
        consequences: consequences(members),
    }
}

/// False as soon as one is; unknown as long as one is; a group that expects nothing has nothing to hold.
fn held(all: impl Iterator<Item = Option<bool>> + Clone) -> Option<bool> {
    let (mut known, mut unknown) = (all.clone().flatten(), all.clone().any(|held| held.is_none()));
    unknown |= all.clone().next().is_none();
    if known.any(|held| !held) { Some(false) } else { (!unknown).then_some(true) }
}

/// Each expectation of each scenario, in the order of the plan, as it came out in its worst run.
fn criteria(members: &[Member]) -> Vec<CriterionReport> {
    let mut found: Vec<CriterionReport> = Vec::new();
    for member in members {
        let own = |judgement: &&Judgement| judgement.origin == ExpectationOrigin::Scenario;
        for judgement in member.verdict.judgements.iter().filter(own) {
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

fn causes(members: &[Member]) -> Vec<CauseReport> {
    let mut found: Vec<CauseReport> = Vec::new();
    for (member, cause) in members.iter().flat_map(|m| m.verdict.causes.iter().map(move |cause| (m, cause))) {
        let Cause { kind, place, count } = cause;
        let at = found.iter().position(|other| other.cause == *kind && other.of == *place).unwrap_or_else(|| {
            let (of, scenarios) = (place.clone(), Vec::new());
            found.push(CauseReport { cause: *kind, of, count: 0, share: 0.0, scenarios });
            found.len() - 1
        });
        found[at].count += count;
        if !found[at].scenarios.contains(&member.info.scenario) {
            found[at].scenarios.push(member.info.scenario.clone());
        }
    }
    let all: u64 = found.iter().map(|cause| cause.count).sum();
    found.iter_mut().for_each(|cause| cause.share = cause.count as f64 / all as f64);
    found.sort_by(|a, b| b.count.cmp(&a.count));
    found
}

fn consequences(members: &[Member]) -> Vec<ConsequenceReport> {
    let mut found: Vec<ConsequenceReport> = Vec::new();
    for Consequence { kind, place, count } in members.iter().flat_map(|member| &member.verdict.consequences) {
        match found.iter_mut().find(|other| other.kind == *kind && other.of == *place) {
            Some(other) => other.count += count,
            None => found.push(ConsequenceReport { kind: *kind, of: place.clone(), count: *count }),
        }
    }
    found.sort_by(|a, b| a.kind.cmp(&b.kind).then(b.count.cmp(&a.count)));
    found
}
