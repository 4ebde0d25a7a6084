//! The first commit that violates a condition, in about log2(n) simulations.

use super::attribution::Means;
use super::exit::Failure;
use super::simulate::{Simulated, simulate};
use crate::analysis::{Bisection, Tested, bisect};
use crate::exec::Summary;
use crate::exec::event::{FinishedRun, RunStatus};
use crate::model::{Commit, Project};
use crate::report::{BisectOutcome, BisectReport, HistoryReport, Report, TestedReport};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// What a search found: the report on the commits that were tested.
pub struct Searched {
    /// The report, with its `bisect`.
    pub report: Report,
    /// The commits that were tested, as they were simulated.
    pub simulated: Simulated,
}

/// A search under way.
struct Search<'s, 'm, 'h> {
    means: &'s mut Means<'m, 'h>,
    project: &'s Project,
    expression: Arc<str>,
    /// Versions of each commit of the history.
    versions: Vec<Vec<usize>>,
    /// What was simulated, by the hash of the run: commits with the same model are tested once.
    known: HashMap<Arc<str>, FinishedRun>,
    summary: Summary,
    tested: Vec<(usize, Tested)>,
}

/// Searches the history of a project for the first commit that violates `expression`, which every scenario
/// expects beside its own.
pub fn search(
    means: &mut Means<'_, '_>,
    file: &Path,
    project: &Project,
    expression: &str,
) -> Result<Searched, Failure> {
    let of_commit = |commit: &Arc<Commit>| {
        let is_of = |n: &usize| project.versions[*n].commit.as_ref().is_some_and(|other| other.id == commit.id);
        (0..project.versions.len()).filter(is_of).collect()
    };
    let mut search = Search {
        means,
        project,
        expression: expression.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        versions: project.history.iter().map(of_commit).collect(),
        known: HashMap::new(),
        summary: Summary::default(),
        tested: Vec::new(),
    };
    let found = bisect(project.history.len(), |n| search.test(n))?;
    search.finish(file, &found)
}

impl Search<'_, '_, '_> {
    /// Whether commit `n` holds the condition in all of its runs.
    fn test(&mut self, n: usize) -> Result<Tested, Failure> {
        let project = self.part(&[n]);
        let answer = if project.versions.iter().any(|version| version.model.is_err()) {
            Tested::Unknown
        } else {
            self.simulate(&project)?
        };
        self.tested.push((n, answer));
        Ok(answer)
    }

    fn simulate(&mut self, project: &Project) -> Result<Tested, Failure> {
        let plan = super::inputs::plan(project, self.means.settings)?;
        if !plan.iter().all(|planned| self.known.contains_key(&planned.info.hash)) {
            let Means { session, settings, how, cache } = self.means;
            let simulated = simulate(session, project, settings, *how, *cache)?;
            self.summary.add(&simulated.summary);
            self.known.extend(simulated.runs.into_iter().map(|run| (Arc::clone(&run.info.hash), run)));
        }
        let simulated = self.recalled(project)?;
        let report = simulated.report(Path::new(""), project);
        if simulated.runs.iter().any(|run| !matches!(run.status, RunStatus::Completed | RunStatus::Partial)) {
            return Ok(Tested::Unknown);
        }
        let violates = |v: &crate::report::ViolationReport| *v.expectation == *self.expression;
        let is_bad = report.runs.iter().any(|run| run.violations.iter().any(violates));
        Ok(if is_bad { Tested::Bad } else { Tested::Good })
    }

    /// The runs of a part of the project, all of which are known.
    fn recalled(&self, project: &Project) -> Result<Simulated, Failure> {
        let plan = super::inputs::plan(project, self.means.settings)?;
        let run = |info: crate::plan::RunInfo| {
            Some(FinishedRun { info: info.clone(), ..self.known.get(&info.hash)?.clone() })
        };
        let runs = plan.iter().filter_map(|planned| run(planned.info)).collect();
        Ok(Simulated { plan, runs, summary: self.summary })
    }

    /// The project with these commits alone.
    fn part(&self, commits: &[usize]) -> Project {
        let mut part = Project { versions: Vec::new(), cases: Vec::new(), history: Vec::new(), ..self.project.clone() };
        for n in commits {
            part.history.push(Arc::clone(&self.project.history[*n]));
            for version in &self.versions[*n] {
                let cases = self.project.cases.iter().filter(|case| case.version == *version).cloned();
                let place = part.versions.len();
                part.cases.extend(cases.map(|case| crate::model::Case { version: place, ..case }));
                part.versions.push(self.project.versions[*version].clone());
            }
        }
        part
    }

    fn finish(&self, file: &Path, found: &Bisection) -> Result<Searched, Failure> {
        let mut tested: Vec<usize> =
            self.tested.iter().filter(|(_, answer)| *answer != Tested::Unknown).map(|(n, _)| *n).collect();
        tested.sort_unstable();
        let project = self.part(&tested);
        if tested.is_empty() {
            let reason = self.project.versions.iter().find_map(|version| version.model.as_ref().err());
            let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
            let message = format!("none of the {} commits has a sound model{reason}", self.versions.len());
            return Err(Failure::Plan { code: "E0507", message });
        }
        let simulated = self.recalled(&project)?;
        let mut report = simulated.report(file, &project);
        let answer = self.answer(found);
        report.history.iter_mut().for_each(|history| blame(history, answer.first_bad.as_deref()));
        report.bisect = Some(answer);
        Ok(Searched { report, simulated })
    }

    fn answer(&self, found: &Bisection) -> BisectReport {
        let name = |n: usize| self.name(n);
        let between = |good: usize, bad: usize| (good + 1..bad).map(name).collect();
        let (outcome, last_good, first_bad, untestable) = match *found {
            Bisection::Turned { good, bad } => {
                (BisectOutcome::Found, Some(name(good)), Some(name(bad)), between(good, bad))
            }
            Bisection::AllGood => (BisectOutcome::AllGood, None, None, Vec::new()),
            Bisection::AllBad { first } => (BisectOutcome::AllBad, None, Some(name(first)), Vec::new()),
            Bisection::Untestable => (BisectOutcome::Untestable, None, None, Vec::new()),
        };
        let tested = |(n, answer): &(usize, Tested)| TestedReport {
            commit: name(*n),
            number: self.project.history[*n].number,
            subject: Arc::clone(&self.project.history[*n].subject),
            good: match answer {
                Tested::Good => Some(true),
                Tested::Bad => Some(false),
                Tested::Unknown => None,
            },
        };
        BisectReport {
            expression: Arc::clone(&self.expression),
            outcome,
            first_bad,
            last_good,
            untestable,
            commits: self.versions.len(),
            tested: self.tested.iter().map(tested).collect(),
        }
    }

    /// The commit as the names of its runs have it.
    fn name(&self, n: usize) -> Arc<str> {
        let version = self.versions[n].first().map(|version| &self.project.versions[*version].name);
        version.unwrap_or(&self.project.history[n].id).clone()
    }
}

/// Leaves to the first bad commit alone what changed: before any other that was tested lie ones that were not.
fn blame(history: &mut HistoryReport, first_bad: Option<&str>) {
    let is_other = |commit: &str| Some(commit) != first_bad;
    for row in history.commits.iter_mut().filter(|row| is_other(&row.commit)) {
        row.changes.clear();
        row.steps.clear();
    }
    history.regressions.retain(|found| !is_other(&found.commit));
}
