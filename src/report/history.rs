//! The commits of a history, one by one: what they measured, what they changed, what they broke.

use super::build::Judged;
use super::model::*;
use crate::analysis::{Figure, Observed, Shift, THRESHOLD, Weights, shifts};
use crate::model::{Architecture, Case, Commit, NOT_THERE, Project, diff};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Versions that are commits of a swept history.
pub fn commits(project: &Project) -> BTreeSet<Arc<str>> {
    let ids: BTreeSet<&str> = project.history.iter().map(|commit| &*commit.id).collect();
    let of_history = |commit: &Arc<Commit>| ids.contains(&*commit.id);
    let versions = project.versions.iter().filter(|v| v.commit.as_ref().is_some_and(of_history));
    versions.map(|version| Arc::clone(&version.name)).collect()
}

/// A commit in one scenario.
struct Point<'a> {
    name: Arc<str>,
    commit: &'a Arc<Commit>,
    model: Result<&'a Arc<Architecture>, &'a Arc<str>>,
    runs: Vec<&'a Judged>,
}

impl Point<'_> {
    /// What its results depend on: equal where nothing differs.
    fn identity(&self) -> Vec<&str> {
        self.runs.iter().map(|run| &*run.finished.info.hash).collect()
    }

    fn is_measured(&self) -> bool {
        self.runs.iter().any(|run| run.verdict.is_some())
    }

    fn observed(&self, weights: &Weights) -> Vec<Observed> {
        self.runs.iter().filter_map(|run| observed(run, weights)).collect()
    }
}

/// A model held against the one before it: scenario, commit, and the commit before.
type Step = (usize, usize, usize);

/// The series of every scenario, in the order of the file.
pub(super) fn histories(project: &Project, judged: &[Judged], weights: &Weights) -> Vec<HistoryReport> {
    let series = series(project, judged);
    let of = |(s, (_, points)): (usize, &(Arc<str>, Vec<Point<'_>>))| {
        neighbours(points).into_iter().map(|(before, after)| (s, before, after)).collect::<Vec<Step>>()
    };
    let steps: Vec<Step> = series.iter().enumerate().flat_map(of).collect();
    let mut found = shifts_of(&series, &steps, weights, project.threshold.unwrap_or(THRESHOLD));
    let mut out = Vec::with_capacity(series.len());
    for (s, (scenario, points)) in series.iter().enumerate() {
        let mut rows = rows(points, weights);
        for (_, before, after) in steps.iter().filter(|step| step.0 == s) {
            rows[*after].changes = changes(&points[*before], &points[*after]);
            rows[*after].steps = found.remove(&(s, *after)).unwrap_or_default();
        }
        out.push(HistoryReport { scenario: Arc::clone(scenario), regressions: regressions(&rows), commits: rows });
    }
    out
}

/// The commits of every scenario, in order, with their runs.
fn series<'a>(project: &'a Project, judged: &'a [Judged]) -> Vec<(Arc<str>, Vec<Point<'a>>)> {
    let mut runs: HashMap<(&str, &str), Vec<&Judged>> = HashMap::new();
    for run in judged {
        runs.entry((&*run.finished.info.version, &*run.finished.info.scenario)).or_default().push(run);
    }
    let commits = commits(project);
    let mut out: Vec<(Arc<str>, Vec<Point<'a>>)> = Vec::new();
    for Case { version, scenario } in &project.cases {
        let version = &project.versions[*version];
        let Some(commit) = version.commit.as_ref().filter(|_| commits.contains(&version.name)) else { continue };
        let point = Point {
            name: Arc::clone(&version.name),
            commit,
            model: version.model.as_ref(),
            runs: runs.get(&(&*version.name, &*scenario.name)).cloned().unwrap_or_default(),
        };
        match out.iter_mut().find(|(name, _)| *name == scenario.name) {
            Some((_, points)) => points.push(point),
            None => out.push((Arc::clone(&scenario.name), vec![point])),
        }
    }
    out
}

/// Each measured commit whose model is another than that of the measured commit before it, behind that one.
fn neighbours(points: &[Point<'_>]) -> Vec<(usize, usize)> {
    let measured: Vec<usize> = (0..points.len()).filter(|n| points[*n].is_measured()).collect();
    let pairs = measured.windows(2).map(|pair| (pair[0], pair[1]));
    pairs.filter(|(a, b)| points[*a].identity() != points[*b].identity()).collect()
}

/// The shifts of each step, corrected over all scenarios of its commit.
fn shifts_of(
    series: &[(Arc<str>, Vec<Point<'_>>)],
    steps: &[Step],
    weights: &Weights,
    threshold: f64,
) -> HashMap<(usize, usize), Vec<StepReport>> {
    let point = |s: usize, n: usize| &series[s].1[n];
    let mut by_commit: BTreeMap<&str, Vec<Step>> = BTreeMap::new();
    for step in steps {
        by_commit.entry(&*point(step.0, step.2).commit.id).or_default().push(*step);
    }
    let mut out = HashMap::new();
    for steps in by_commit.values() {
        let of = |(s, a, b): &Step| (point(*s, *a).observed(weights), point(*s, *b).observed(weights));
        let observed: Vec<(Vec<Observed>, Vec<Observed>)> = steps.iter().map(of).collect();
        let pairs: Vec<(&[Observed], &[Observed])> = observed.iter().map(|(a, b)| (&**a, &**b)).collect();
        for ((s, _, after), found) in steps.iter().zip(shifts(&pairs, threshold)) {
            out.insert((*s, *after), found.into_iter().map(step_report).collect());
        }
    }
    out
}

fn observed(run: &Judged, weights: &Weights) -> Option<Observed> {
    let verdict = run.verdict.as_ref()?;
    let (info, measures) = (&run.finished.info, &run.finished.measures);
    let each = |value: f64, of: fn(&crate::measure::Replicate) -> f64| {
        Some((value, measures.replicates.iter().map(of).collect::<Vec<f64>>()))
    };
    // By value alone: an axis is called as the element is, and that may have been renamed.
    let key = format!("{:?}", info.params.iter().map(|(_, value)| value).collect::<Vec<_>>());
    Some(Observed {
        key: key.into(),
        figures: [
            Some((verdict.score(weights), verdict.replicate_scores(weights))),
            each(measures.metrics.latency.p95, |r| r.p95),
            each(measures.metrics.error_rate, |r| r.error_rate),
            verdict.cost.per_hour.and_then(|cost| each(cost, |r| r.cost)),
        ],
    })
}

fn step_report(shift: Shift) -> StepReport {
    StepReport {
        metric: shift.figure.name(),
        difference: shift.difference,
        relative: shift.relative,
        ci95: shift.ci95,
        verdict: shift.verdict.describe(),
        regression: shift.is_regression,
    }
}

fn rows(points: &[Point<'_>], weights: &Weights) -> Vec<CommitReport> {
    let mut first: HashMap<Vec<&str>, Arc<str>> = HashMap::new();
    points.iter().map(|point| row(point, weights, &mut first)).collect()
}

fn row<'p>(point: &'p Point<'_>, weights: &Weights, first: &mut HashMap<Vec<&'p str>, Arc<str>>) -> CommitReport {
    let same_as = if point.is_measured() {
        let known = first.entry(point.identity()).or_insert_with(|| Arc::clone(&point.name));
        Some(Arc::clone(known)).filter(|known| *known != point.name)
    } else {
        None
    };
    let status = match (point.is_measured(), point.model) {
        (true, _) if same_as.is_some() => CommitStatus::Same,
        (true, _) => CommitStatus::Measured,
        (false, Err(why)) if **why == *NOT_THERE => CommitStatus::Absent,
        (false, Err(_)) => CommitStatus::Broken,
        (false, Ok(_)) => CommitStatus::Unmeasured,
    };
    let observed = point.observed(weights);
    let figure = |figure: Figure| {
        let values: Vec<f64> = observed.iter().filter_map(|o| Some(o.figures[figure as usize].as_ref()?.0)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    CommitReport {
        commit: Arc::clone(&point.name),
        number: point.commit.number,
        time: timestamp(point.commit.time),
        author: Arc::clone(&point.commit.author),
        subject: Arc::clone(&point.commit.subject),
        tag: point.commit.tag.clone(),
        status,
        same_as,
        error: point.model.err().cloned().or_else(|| failure(point)),
        score: figure(Figure::Score),
        p95: figure(Figure::P95),
        error_rate: figure(Figure::ErrorRate),
        cost: figure(Figure::Cost),
        changes: Vec::new(),
        steps: Vec::new(),
        attribution: Vec::new(),
    }
}

/// Why a commit with a model measured nothing.
fn failure(point: &Point<'_>) -> Option<Arc<str>> {
    point.runs.iter().filter(|_| !point.is_measured()).find_map(|run| run.finished.error.clone())
}

/// `2026-11-21T20:38:06Z`.
fn timestamp(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

fn changes(before: &Point<'_>, after: &Point<'_>) -> Vec<ChangeReport> {
    let (Ok(old), Ok(new)) = (before.model, after.model) else { return Vec::new() };
    let change = |change: crate::model::Change| ChangeReport {
        text: change.to_string(),
        kind: change.kind,
        path: change.path,
        attribute: change.attribute,
        old: change.old,
        new: change.new,
    };
    diff(old, new).into_iter().map(change).collect()
}

fn regressions(rows: &[CommitReport]) -> Vec<RegressionReport> {
    let of_row = |row: &CommitReport| -> Vec<RegressionReport> {
        let flagged = row.steps.iter().filter(|step| step.regression);
        flagged.map(|step| RegressionReport { commit: Arc::clone(&row.commit), step: step.clone() }).collect()
    };
    rows.iter().flat_map(of_row).collect()
}
