//! The report: computed once from the runs, then written in one of several forms.
//!
//! [`build()`] makes a [`Report`]; `out` writes it. The JSON form is a contract: its keys and their
//! order are those of the structs in `model`, keys beyond the contract stand behind the contract's. What
//! is not a number (an interval of one replication, a price nobody gave) is `null`.

mod build;
mod groups;
mod history;
mod model;
pub mod out;
mod theory;
mod words;

pub use build::{MetaInput, build};
pub use model::{
    Agreement, AnalyticBasis, AnalyticCheck, AnalyticElement, AnalyticReport, AnalyticRequests, AttributionReport,
    BisectOutcome, BisectReport, BudgetReport, CapacityReport, ChangeReport, CommitReport, CommitStatus,
    ConsequenceReport, ContributionReport, CostReport, CriterionReport, EffectReport, ElementReport,
    FailureCauseReport, GroupReport, GrowthReport, HistoryReport, HotspotReport, LatencyReport, LoopReport,
    MatrixReport, Meta, MetricsReport, Ordered, PatternReport, PatternsReport, RankReport, Recommendation,
    RegressionReport, RelationReport, Report, RequestTypeReport, RunReport, SettingReport, StepReport, TestedReport,
    TurnsReport, Unavailable, VerdictReport, VersusReport, ViolationReport, WorstCaseReport,
};

#[cfg(test)]
mod tests;
