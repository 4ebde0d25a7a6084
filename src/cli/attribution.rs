//! Regressions put down to the parts of the model that changed, by simulating each change alone.

use super::exit::Failure;
use super::session::Session;
use super::settings::{PlanSettings, RunSettings};
use super::simulate::{Simulated, simulate};
use crate::analysis::{Effect, Figure, attribute};
use crate::model::{
    Architecture, Case, Commit, Group, Project, RunConfig, Scenario, VersionModel, apply, conditions, diff, groups,
};
use crate::report::{AttributionReport, CommitReport, CommitStatus, HistoryReport, Report, RunReport, StepReport};
use crate::store::Cache;
use std::path::Path;
use std::sync::Arc;

/// Most regressions that are looked into, the latest.
const MOST_REGRESSIONS: usize = 5;
/// Most parts of a model that are tried alone.
const MOST_PARTS: usize = 12;

/// What simulating takes.
pub struct Means<'m, 'h> {
    /// The session.
    pub session: &'m mut Session<'h>,
    /// Of the sweep.
    pub settings: &'m PlanSettings,
    /// Workers and the like.
    pub how: RunSettings,
    /// Results of earlier invocations.
    pub cache: Option<&'m Cache<'h>>,
}

/// A model before and after a regression, in the run that changed most.
struct Step {
    scenario: Arc<str>,
    run: Arc<str>,
    figure: Figure,
    old: (Arc<Architecture>, RunConfig),
    new: (Arc<Architecture>, RunConfig),
}

/// Adds to the regressions of a report what caused them, where several parts of the model changed at once.
pub fn explain(means: &mut Means<'_, '_>, simulated: &Simulated, report: &mut Report) -> Result<(), Failure> {
    let mut found = Vec::new();
    for (h, history) in report.history.iter().enumerate() {
        let regressions = history.commits.iter().enumerate().filter(|(_, row)| row.steps.iter().any(|s| s.regression));
        let latest = regressions.rev().take(MOST_REGRESSIONS);
        found.extend(latest.filter_map(|(c, row)| Some((h, c, step(simulated, report, history, c, row)?))));
    }
    for (h, c, step) in found {
        if let Some(attribution) = alone(means, &step)? {
            report.history[h].commits[c].attribution.push(attribution);
        }
    }
    Ok(())
}

/// The regression of a commit as two runs that can be simulated again.
fn step(simulated: &Simulated, report: &Report, history: &HistoryReport, c: usize, row: &CommitReport) -> Option<Step> {
    let is_measured = |row: &&CommitReport| matches!(row.status, CommitStatus::Measured | CommitStatus::Same);
    let before = history.commits[..c].iter().rev().find(is_measured)?;
    let flagged: Vec<&StepReport> = row.steps.iter().filter(|step| step.regression).collect();
    // The score is made of the others: what users see comes first.
    let plainest = flagged.iter().find(|step| step.metric != Figure::Score.name()).or(flagged.first())?;
    let figure = Figure::ALL.into_iter().find(|figure| figure.name() == plainest.metric)?;
    let of = |commit: &Arc<str>| {
        let commit = Arc::clone(commit);
        report.runs.iter().filter(move |run| run.version == commit && run.scenario == history.scenario)
    };
    let same_point = |run: &RunReport| of(&before.commit).find(|old| old.params == run.params);
    let pairs = of(&row.commit).filter_map(|new| Some((same_point(new)?, new)));
    let change = |(old, new): &(&RunReport, &RunReport)| (value(new, figure) - value(old, figure)).abs();
    let (old, new) = pairs.max_by(|a, b| change(a).total_cmp(&change(b)))?;
    let again = |name: &str| {
        let planned = simulated.plan.iter().find(|planned| *planned.info.name == *name)?;
        simulated.plan.materialise(&planned).ok()
    };
    Some(Step {
        scenario: Arc::clone(&history.scenario),
        run: Arc::clone(&new.name),
        figure,
        old: again(&old.name)?,
        new: again(&new.name)?,
    })
}

/// How much of a figure a run has, to see which changed most.
fn value(run: &RunReport, figure: Figure) -> f64 {
    match figure {
        Figure::P95 => run.metrics.latency.p95,
        Figure::ErrorRate => run.metrics.error_rate,
        Figure::Cost => run.cost.per_hour.unwrap_or(0.0),
        Figure::Score => run.violations.len() as f64,
    }
}

/// Each part of the change applied alone; `None` where there is one part only.
fn alone(means: &mut Means<'_, '_>, step: &Step) -> Result<Option<AttributionReport>, Failure> {
    let (old, config_of_old) = &step.old;
    let parts: Vec<Group> = groups(&diff(old, &step.new.0)).into_iter().take(MOST_PARTS).collect();
    let hybrid = |part: &Group| {
        let model = apply(old, &step.new.0, part)?;
        let config = conditions(old, &model, config_of_old)?;
        Some((Arc::clone(&part.subject), Arc::new(model), config))
    };
    let hybrids: Vec<_> = parts.iter().filter_map(hybrid).collect();
    if parts.len() < 2 || hybrids.is_empty() {
        return Ok(None);
    }
    let mut trial = Trial::new(&step.scenario);
    for (model, config) in hybrids.iter().map(|(_, model, config)| (model, config)).chain([(&step.new.0, &step.new.1)])
    {
        trial.add(old, config_of_old);
        trial.add(model, config);
    }
    let settings = PlanSettings { scenario: Vec::new(), set: Vec::new(), seed: None, ..means.settings.clone() };
    let simulated = simulate(means.session, &trial.project, &settings, means.how, means.cache)?;
    let report = simulated.report(Path::new(""), &trial.project);
    let shift = |n: usize| {
        let row = report.history.first()?.commits.get(2 * n + 1)?;
        row.steps.iter().find(|found| found.metric == step.figure.name())
    };
    let effect = |(n, (subject, ..)): (usize, &(Arc<str>, _, _))| {
        let (difference, ci95) = shift(n).map_or((0.0, None), |found| (found.difference, found.ci95));
        Effect { subject: Arc::clone(subject), difference, ci95 }
    };
    let effects = hybrids.iter().enumerate().map(effect).collect();
    let Some(whole) = shift(hybrids.len()) else { return Ok(None) };
    Ok(Some(AttributionReport::new(step.figure, Arc::clone(&step.run), &attribute(whole.difference, effects))))
}

/// Models side by side under the same conditions: a history of its own.
struct Trial {
    scenario: Arc<str>,
    project: Project,
}

impl Trial {
    fn new(scenario: &Arc<str>) -> Self {
        Self { scenario: Arc::clone(scenario), project: Project::default() }
    }

    fn add(&mut self, model: &Arc<Architecture>, config: &RunConfig) {
        let name: Arc<str> = format!("model {}", self.project.versions.len() + 1).into();
        let commit =
            Commit { id: Arc::clone(&name), number: None, time: 0, author: "".into(), subject: "".into(), tag: None };
        let commit = Arc::new(commit);
        self.project.history.push(Arc::clone(&commit));
        let model = Ok(Arc::clone(model));
        self.project.versions.push(VersionModel { name, title: None, commit: Some(commit), model });
        let scenario = Arc::new(Scenario::fixed(Arc::clone(&self.scenario), config.clone()));
        self.project.cases.push(Case { version: self.project.versions.len() - 1, scenario });
    }
}
