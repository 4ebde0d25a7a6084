//! What a sweep over commits adds to a report: the series, its regressions and their causes, a bisection.

use crate::analysis::{Attribution, Contribution, Figure};
use crate::model::ChangeKind;
use serde::Serialize;
use std::sync::Arc;

/// The search for the first commit that violates a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BisectReport {
    /// The condition.
    pub expression: Arc<str>,
    /// How it ended.
    pub outcome: BisectOutcome,
    /// The first bad commit, abbreviated.
    pub first_bad: Option<Arc<str>>,
    /// The last good one.
    pub last_good: Option<Arc<str>>,
    /// Between the two, without a sound model: each of them may be the first bad one.
    pub untestable: Vec<Arc<str>>,
    /// How many commits were searched.
    pub commits: usize,
    /// What was tested, in the order of the search.
    pub tested: Vec<TestedReport>,
}

/// How a search for the first bad commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BisectOutcome {
    /// It was found.
    Found,
    /// The newest commit holds the condition.
    AllGood,
    /// The oldest commit violates it already.
    AllBad,
    /// No commit has a sound model.
    Untestable,
}

/// A commit that was tested.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestedReport {
    /// Abbreviated id.
    pub commit: Arc<str>,
    /// Along the first parents, 1 the oldest.
    pub number: Option<u64>,
    /// First line of its message.
    pub subject: Arc<str>,
    /// Whether the condition holds; `null`: it cannot be told.
    pub good: Option<bool>,
}

/// The commits of a history in one scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryReport {
    /// The scenario.
    pub scenario: Arc<str>,
    /// In the order of the sweep.
    pub commits: Vec<CommitReport>,
    /// What got worse by more than the threshold, and where.
    pub regressions: Vec<RegressionReport>,
}

/// One commit in one scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommitReport {
    /// Abbreviated id, as in the names of runs.
    pub commit: Arc<str>,
    /// Along the first parents, 1 the oldest; `null` off that line.
    pub number: Option<u64>,
    /// When it was committed, in UTC: `2026-11-21T20:38:06Z`.
    pub time: String,
    /// Who wrote it.
    pub author: Arc<str>,
    /// First line of its message.
    pub subject: Arc<str>,
    /// A tag, where tags chose the commits.
    pub tag: Option<Arc<str>>,
    /// What came of it.
    pub status: CommitStatus,
    /// The first commit that has the same model under the same conditions; `null`: itself.
    pub same_as: Option<Arc<str>>,
    /// Why there are no figures.
    pub error: Option<Arc<str>>,
    /// Mean over runs.
    pub score: Option<f64>,
    /// Mean over runs, seconds.
    pub p95: Option<f64>,
    /// Mean over runs.
    pub error_rate: Option<f64>,
    /// Mean over runs, USD an hour; `null` where nobody gave a price.
    pub cost: Option<f64>,
    /// What changed in the model since the measured commit before.
    pub changes: Vec<ChangeReport>,
    /// What that did to each figure; empty where the model is the same.
    pub steps: Vec<StepReport>,
    /// To what the differences are put down, where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attribution: Vec<AttributionReport>,
}

/// What came of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CommitStatus {
    /// The first of its model: simulated.
    Measured,
    /// An earlier commit has its figures.
    Same,
    /// Its file has errors.
    Broken,
    /// It does not have the file.
    Absent,
    /// It has a model, and no run of it measured anything.
    Unmeasured,
}

/// A difference between two models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeReport {
    /// What happened.
    pub kind: ChangeKind,
    /// To which part.
    pub path: Arc<str>,
    /// To which attribute of it; `null`: to itself.
    pub attribute: Option<Arc<str>>,
    /// What was there.
    pub old: Option<Arc<str>>,
    /// What is there now.
    pub new: Option<Arc<str>>,
    /// In one line.
    pub text: String,
}

/// What a change of the model did to a figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepReport {
    /// `score`, `p95`, `error_rate` or `cost`.
    pub metric: &'static str,
    /// After less before.
    pub difference: f64,
    /// Over what it was; `null` where that was 0.
    pub relative: Option<f64>,
    /// Of the difference, paired on common random numbers.
    pub ci95: Option<[f64; 2]>,
    /// `better`, `worse`, `cannot tell` or `proven equal`.
    pub verdict: &'static str,
    /// Worse by more than the threshold.
    pub regression: bool,
}

/// A figure that a commit made worse.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegressionReport {
    /// The commit.
    pub commit: Arc<str>,
    /// What it did.
    #[serde(flatten)]
    pub step: StepReport,
}

/// The difference of a figure between two models, put down to the parts of the model that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttributionReport {
    /// As in `steps`.
    pub metric: &'static str,
    /// In which run: the one that changed most.
    pub run: Arc<str>,
    /// The whole difference.
    pub difference: f64,
    /// Largest first.
    pub causes: Vec<ContributionReport>,
    /// What no cause explains alone.
    pub interaction: f64,
    /// Over the whole difference.
    pub interaction_share: Option<f64>,
}

/// What the changes to one part of the model do alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContributionReport {
    /// The part: an element, a relation, a flow.
    pub subject: Arc<str>,
    /// Its effect.
    pub difference: f64,
    /// Of its effect.
    pub ci95: Option<[f64; 2]>,
    /// Over the whole difference.
    pub share: Option<f64>,
}

impl AttributionReport {
    /// An attribution as it is written.
    pub fn new(figure: Figure, run: Arc<str>, found: &Attribution) -> Self {
        let cause = |cause: &Contribution| ContributionReport {
            subject: Arc::clone(&cause.effect.subject),
            difference: cause.effect.difference,
            ci95: cause.effect.ci95,
            share: cause.share,
        };
        Self {
            metric: figure.name(),
            run,
            difference: found.whole,
            causes: found.causes.iter().map(cause).collect(),
            interaction: found.interaction,
            interaction_share: found.interaction_share,
        }
    }
}
