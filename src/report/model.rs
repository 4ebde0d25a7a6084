//! The report as it is written in JSON: keys in the order of the contract, further keys behind them.

mod history;

pub use history::*;

use crate::analysis::{Aftermath, CauseKind, ConsequenceKind, GrowthOrder, Quality, Severity};
use crate::analytic::Source;
use crate::exec::event::{ParamValue, RunStatus};
use crate::measure::{FaultRecord, LatencyMeasures, PrecisionReached, WarmupRule};
use crate::model::{LoopKind, Metric};
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Named values in an order of their own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ordered<T>(pub Vec<(Arc<str>, T)>);

impl<T: Serialize> Serialize for Ordered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(&**name, value)?;
        }
        map.end()
    }
}

/// Everything that one invocation found out.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// `sruja.report/1`.
    pub schema: &'static str,
    /// In the order of the plan.
    pub runs: Vec<RunReport>,
    /// Version × scenario.
    pub matrix: Vec<MatrixReport>,
    /// Best first.
    pub ranking: Vec<RankReport>,
    /// What the swept parameters explain of the score.
    pub sensitivity: Vec<EffectReport>,
    /// Conditions of success and of failure.
    pub patterns: PatternsReport,
    /// What to do.
    pub recommendation: Recommendation,
    /// The only part that may differ between two runs of the same input.
    pub meta: Meta,
    /// Where a load sweep bends and breaks.
    pub capacity: Vec<CapacityReport>,
    /// Understood but not simulated, in words.
    pub not_simulated: Vec<Arc<str>>,
    /// Versions without a model.
    pub unavailable: Vec<Unavailable>,
    /// What a reader should know about how the numbers came about.
    pub notes: Vec<String>,
    /// Commits in order, scenario by scenario; left out where no history was swept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<HistoryReport>,
    /// Where a condition turned bad; left out where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bisect: Option<BisectReport>,
    /// Scenarios that belong together, for each version.
    pub groups: Vec<GroupReport>,
}

/// The scenarios of one `group`, against one version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupReport {
    /// The version.
    pub version: Arc<str>,
    /// `Service coordination`.
    pub name: Arc<str>,
    /// Its scenarios, in the order of the plan.
    pub scenarios: Vec<Arc<str>>,
    /// How many runs they have.
    pub runs: usize,
    /// Whether every expectation of every run held; `null`: one could not be told, or there is none.
    pub held: Option<bool>,
    /// Each expectation of each scenario.
    pub criteria: Vec<CriterionReport>,
    /// External requests of all runs.
    pub offered: u64,
    /// Those that did not succeed.
    pub failed: u64,
    /// … because the client gave up.
    pub timed_out: u64,
    /// … because they were refused.
    pub refused: u64,
    /// Why calls failed, the commonest first.
    pub causes: Vec<FailureCauseReport>,
    /// What became of data and of work already done.
    pub consequences: Vec<ConsequenceReport>,
}

/// An expectation of a scenario, as it came out in its worst run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriterionReport {
    /// The scenario.
    pub scenario: Arc<str>,
    /// As written.
    pub expectation: Arc<str>,
    /// Its limit; `null`: nothing is compared with a number.
    pub limit: Option<f64>,
    /// What was reached; `null` when nothing was measured.
    pub value: Option<f64>,
    /// Of that value.
    pub ci95: Option<[f64; 2]>,
    /// The run.
    pub run: Arc<str>,
    /// Whether it held in all runs; `null`: that cannot be told.
    pub held: Option<bool>,
    /// Runs of the scenario.
    pub runs: usize,
    /// Those in which it did not hold.
    pub failing_runs: usize,
    /// How badly it was missed.
    pub severity: Option<Severity>,
    /// Which metric, for its unit.
    #[serde(skip)]
    pub metric: Option<Metric>,
}

/// How often calls failed for one reason at one place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailureCauseReport {
    /// The reason.
    pub cause: CauseKind,
    /// The element or relation at which it began.
    pub of: Arc<str>,
    /// Attempts that failed so.
    pub count: u64,
    /// Of all attempts of the group that began to fail.
    pub share: f64,
    /// In which scenarios.
    pub scenarios: Vec<Arc<str>>,
}

/// What became of data, or of work already done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsequenceReport {
    /// What happened.
    pub kind: ConsequenceKind,
    /// To which element or request type.
    pub of: Arc<str>,
    /// How often.
    pub count: u64,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// `LoadScale-100-0`.
    pub name: Arc<str>,
    /// Its scenario.
    pub scenario: Arc<str>,
    /// Its version.
    pub version: Arc<str>,
    /// The commit of that version.
    pub commit: Option<Arc<str>>,
    /// Swept values.
    pub params: Ordered<ParamValue>,
    /// How it ended.
    pub status: RunStatus,
    /// Why, when it did not complete.
    pub error: Option<Arc<str>>,
    /// How many replications.
    pub replications: u32,
    /// External requests.
    pub metrics: MetricsReport,
    /// 95 % intervals by metric path.
    pub ci95: BTreeMap<Arc<str>, [f64; 2]>,
    /// Stations by path.
    pub elements: Arc<BTreeMap<Arc<str>, ElementReport>>,
    /// Relations by path.
    pub relations: Arc<BTreeMap<Arc<str>, RelationReport>>,
    /// Request types by name.
    pub request_types: Arc<BTreeMap<Arc<str>, RequestTypeReport>>,
    /// Every loop of the structure.
    pub loops: Vec<LoopReport>,
    /// What did not hold.
    pub violations: Vec<ViolationReport>,
    /// 0 to 1; `null` when nothing was simulated.
    pub stability: Option<f64>,
    /// Worst first.
    pub hotspots: Vec<HotspotReport>,
    /// Prices; `null` where nobody gave one.
    pub cost: CostReport,
    /// Attributes that nobody gave.
    pub assumed: Vec<String>,
    /// Events simulated. A timeout is one only if somebody gave up by it.
    pub events_simulated: u64,
    /// 0 to 100; `null` when nothing was simulated.
    pub score: Option<f64>,
    /// By dimension, those that there is data for.
    pub dimensions: Ordered<f64>,
    /// The inputs that decided each dimension.
    pub explained: Ordered<Vec<String>>,
    /// Share of measured seconds in equilibrium.
    pub equilibrium: Option<f64>,
    /// Whether it stayed bad after its trigger was gone.
    pub metastable: bool,
    /// Seconds from the end of the last fault until goodput was back; `null` without such a fault or when it never was.
    pub recovery_time: Option<f64>,
    /// Expectations about which nothing was measured.
    pub not_applicable: Vec<Arc<str>>,
    /// Faults as they happened.
    pub faults: Vec<FaultRecord>,
    /// The seed.
    pub seed: u64,
    /// Hash of everything that the result depends on.
    pub hash: Arc<str>,
    /// Seconds removed at the start.
    pub warmup: f64,
    /// Measured seconds.
    pub measured: f64,
    /// What theory says without simulating; beside the measures, never among them.
    pub analytic: Arc<AnalyticReport>,
    /// Where `warmup` comes from: `given`, `mser5` or `assumed`.
    pub warmup_rule: WarmupRule,
    /// What came of `precision`; `null` where a number of replications was asked for.
    pub precision: Option<PrecisionReached>,
    /// Lines that grow without end, by element; response times then have no interval, for they have no steady state.
    pub growth: BTreeMap<Arc<str>, GrowthReport>,
    /// What became of it after its disturbance; `null` when there was none, or none that ended.
    pub verdict: Option<VerdictReport>,
    /// What it does to the error budget of each objective.
    pub budgets: Vec<BudgetReport>,
    /// What it is worth by the scenario's `quality`; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// How `latency` (mean response time), `work` (busy workers) and `cost` (by the hour) grow over the tiers of its
    /// scenario; absent without `tiers`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub growth_order: BTreeMap<&'static str, GrowthOrder>,
}

/// What closed forms and approximations say of a run, and whether the simulation agrees.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AnalyticReport {
    /// Why there is nothing at all; `null` when there is something.
    pub reason: Option<Arc<str>>,
    /// Stations by path.
    pub elements: BTreeMap<Arc<str>, AnalyticElement>,
    /// Request types by name.
    pub request_types: BTreeMap<Arc<str>, AnalyticRequests>,
    /// All external requests.
    pub all: Option<AnalyticRequests>,
    /// Numbers of external requests that were held against their 95 % intervals.
    pub checked: Vec<AnalyticCheck>,
    /// The busiest station by theory.
    pub bottleneck: Option<Arc<str>>,
}

/// A station by theory; `null` where there is no answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AnalyticElement {
    /// Mean time from arrival to reply, seconds.
    pub response_mean: Option<f64>,
    /// Mean wait, seconds.
    pub wait_mean: Option<f64>,
    /// Busy over available workers.
    pub utilization: Option<f64>,
    /// Calls that reach it, 1/s.
    pub offered: Option<f64>,
    /// Of the response time.
    #[serde(flatten)]
    pub basis: AnalyticBasis,
}

/// External requests by theory; `null` where there is no answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AnalyticRequests {
    /// Mean response time, seconds.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// Share that does not succeed.
    pub error_rate: Option<f64>,
    /// Of the mean.
    #[serde(flatten)]
    pub basis: AnalyticBasis,
}

/// What a number rests on.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AnalyticBasis {
    /// `exact`, `approximate` or `none`.
    pub exactness: &'static str,
    /// Most that an approximation is off, relative; `null` unless it is one.
    pub error: Option<f64>,
    /// The formula.
    pub source: Option<Source>,
    /// Why there is no number.
    pub reason: Option<Arc<str>>,
}

/// A number by theory held against the interval of the simulation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnalyticCheck {
    /// As in `ci95`: `latency.mean`.
    pub metric: &'static str,
    /// By theory.
    pub value: f64,
    /// Most that it is off, relative; 0 when exact.
    pub error: f64,
    /// The formula.
    pub source: Source,
    /// As simulated.
    pub simulated: f64,
    /// 95 % interval of the simulation.
    pub ci95: [f64; 2],
    /// How they stand to each other.
    pub agreement: Agreement,
}

/// How a number by theory stands to an interval of the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    /// The interval contains it, give or take its error.
    Inside,
    /// Beyond the interval by less than the interval is wide: one in twenty is.
    Near,
    /// Further away.
    Outside,
}

/// A line that grows without end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GrowthReport {
    /// Requests by which it grows each second.
    pub slope: f64,
    /// From when this was observed, seconds.
    pub since: f64,
    /// Its length in the last second.
    pub queue: f64,
}

/// What became of a run after its disturbance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerdictReport {
    /// `recovered`, `degraded` or `metastable`.
    pub kind: Aftermath,
    /// Seconds after the trigger until it was back; `null`: not within the run.
    pub recovered_after: Option<f64>,
    /// When the trigger began, seconds.
    pub trigger_from: f64,
    /// When it was gone.
    pub trigger_until: f64,
    /// Seconds observed after that.
    pub watched: f64,
    /// Successes a second before the trigger.
    pub goodput_before: f64,
    /// Successes a second in the second half of the time after it.
    pub goodput_after: f64,
    /// Requests offered a second then.
    pub offered_after: f64,
    /// Share served then over the share served before.
    pub kept: f64,
    /// The load above which it turns metastable.
    pub turns: TurnsReport,
    /// The setting that makes the most difference to a metastable run; `null` where none is known.
    pub setting: Option<SettingReport>,
}

/// A setting that sustains a metastable state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingReport {
    /// Whose it is: a relation.
    pub element: Arc<str>,
    /// Which: `retry`.
    pub attribute: &'static str,
    /// Load above which such a state can last without it, by the formula, 1/s; `null`: at none.
    pub turns: Option<f64>,
}

/// Between which loads a version turns metastable, 1/s.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct TurnsReport {
    /// Highest load of its sweep that still comes back; `null` without such a sweep.
    pub above: Option<f64>,
    /// Lowest load of its sweep that is metastable.
    pub at: Option<f64>,
    /// By the formula capacity over attempts; `null` where no retries sustain such a state.
    pub formula: Option<f64>,
}

/// What a run does to the error budget of an objective.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetReport {
    /// As written.
    pub objective: Arc<str>,
    /// Share of requests that may be bad.
    pub allowed: f64,
    /// Share that was.
    pub bad: f64,
    /// The second over the first.
    pub burn_rate: f64,
    /// Time for which the budget must last, seconds.
    pub period: f64,
    /// Share of the budget of a whole period that the measured time took.
    pub consumed: f64,
    /// Seconds after which a full budget is gone at this rate; `null`: nothing was bad.
    pub exhausted_after: Option<f64>,
    /// Highest burn rate over an hour; `null`: the run is shorter.
    pub burn_1h: Option<f64>,
    /// Highest burn rate over six hours.
    pub burn_6h: Option<f64>,
    /// Whether this is a rate to wake somebody for.
    pub pages: bool,
    /// Whether it comes from an `slo` block.
    #[serde(skip)]
    pub is_slo: bool,
}

/// External requests of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "documented by measure::TrafficMeasures")]
pub struct MetricsReport {
    pub offered: u64,
    pub requests: u64,
    pub succeeded: u64,
    pub failed: u64,
    pub timed_out: u64,
    pub shed: u64,
    pub throughput: f64,
    pub goodput: f64,
    pub error_rate: f64,
    pub availability: f64,
    pub amplification: f64,
    pub latency: LatencyReport,
    pub in_flight: f64,
    pub in_flight_at_end: u64,
    pub latency_failed: LatencyReport,
    pub latency_all: LatencyReport,
    pub in_flight_at_stop: f64,
}

/// Response times, seconds.
pub type LatencyReport = LatencyMeasures;

/// One station.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "documented by measure::ElementMeasures")]
pub struct ElementReport {
    pub arrivals: u64,
    pub throughput: f64,
    pub utilization: f64,
    pub busy: f64,
    pub queue_mean: f64,
    pub queue_max: u64,
    pub wait_mean: f64,
    pub wait_probability: f64,
    pub response_mean: f64,
    pub errors: u64,
    pub rejected: u64,
    pub replicas_mean: f64,
    pub cost: f64,
    pub wait_p99: f64,
    pub wait_stddev: f64,
    pub response_p95: f64,
    pub response_p99: f64,
    pub response_stddev: f64,
    pub in_system: f64,
    pub wasted: f64,
    pub up_share: f64,
    pub hit_ratio: f64,
    pub dead_letters: u64,
    pub wait_p50: f64,
    pub wait_p95: f64,
    pub wait_max: f64,
    pub response_p50: f64,
    pub service_mean: f64,
    pub service_stddev: f64,
    pub in_system_stddev: f64,
    pub in_system_shares: Vec<f64>,
    pub drained_after: Option<f64>,
    pub up_shares: Vec<f64>,
    pub queue_growth: f64,
    pub stale_endpoints: f64,
    pub stale_reads: f64,
    pub lost_writes: u64,
}

/// One relation.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "documented by measure::RelationMeasures")]
pub struct RelationReport {
    pub calls: u64,
    pub attempts: u64,
    pub retries: u64,
    pub timeouts: u64,
    pub breaker_open_share: f64,
    pub latency_mean: f64,
    pub latency_p95: f64,
    pub latency_p99: f64,
    pub errors: u64,
    pub refused: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub hedges: u64,
}

/// What is counted only where it is asked for.
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One request type.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[expect(missing_docs, reason = "documented by measure::RequestMeasures")]
pub struct RequestTypeReport {
    pub requests: u64,
    pub error_rate: f64,
    pub latency: LatencyReport,
    pub latency_failed: LatencyReport,
    #[serde(skip_serializing_if = "is_zero")]
    pub compensations: u64,
}

/// A feedback loop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoopReport {
    /// `R1`, `B1`; a declared loop's own id.
    pub id: Arc<str>,
    /// `reinforcing` or `balancing`.
    pub kind: LoopKind,
    /// What it runs through.
    pub path: Vec<String>,
    /// Mean.
    pub gain: f64,
    /// Share of measured time in which it added at least 10 %.
    pub active_share: f64,
    /// Seconds; `null`: never, or not seen second by second.
    pub first_active: Option<f64>,
    /// Largest gain of a second.
    pub peak_gain: f64,
    /// What closes it, in words.
    pub mechanism: &'static str,
    /// For a declared loop: `confirmed`, `refuted` or `cannot tell`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<&'static str>,
}

/// An expectation that did not hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViolationReport {
    /// As written.
    pub expectation: Arc<str>,
    /// From, seconds.
    pub at: f64,
    /// Until, seconds.
    pub until: f64,
    /// Most extreme value.
    pub worst: f64,
    /// How bad.
    pub severity: Severity,
    /// Value over the whole window.
    pub value: Option<f64>,
    /// Its limit.
    pub limit: f64,
    /// Share of the window in which it was false.
    pub share: f64,
    /// Which metric, for its unit.
    #[serde(skip)]
    pub metric: Option<Metric>,
}

/// A station that hurts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HotspotReport {
    /// Its path.
    pub element: Arc<str>,
    /// 0 to 100.
    pub severity: f64,
    /// Second from which it was busy; `null`: never above 80 %.
    pub since: Option<f64>,
    /// Violated expectations put down to it.
    pub violations: usize,
    /// Why, in words.
    pub why: String,
}

/// What a run costs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct CostReport {
    /// USD an hour.
    pub per_hour: Option<f64>,
    /// USD for a million requests.
    pub per_million_requests: Option<f64>,
}

/// One cell of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatrixReport {
    /// The version.
    pub version: Arc<str>,
    /// The scenario.
    pub scenario: Arc<str>,
    /// Mean over runs.
    pub score: f64,
    /// Violated expectations of all runs.
    pub violations: usize,
    /// Mean over runs.
    pub stability: f64,
    /// How many runs.
    pub runs: usize,
    /// How many of them violate anything.
    pub failing_runs: usize,
    /// Mean 95th percentile of response times, seconds.
    pub p95: f64,
    /// Mean share of requests that did not succeed.
    pub error_rate: f64,
    /// Lowest load at which an expectation is violated, of its first load sweep.
    pub breaks_at: Option<f64>,
}

/// One version of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankReport {
    /// The version.
    pub version: Arc<str>,
    /// Mean over scenarios.
    pub score: f64,
    /// `null` with fewer than two replications.
    pub ci95: Option<[f64; 2]>,
    /// `null` with fewer than two replications.
    pub probability_best: Option<f64>,
    /// Means over runs.
    pub dimensions: Ordered<f64>,
    /// Where it does worst.
    pub worst_case: Option<WorstCaseReport>,
    /// Share of random weightings under which it comes first.
    pub sensitivity: f64,
    /// Why it stands here.
    pub reasons: Vec<String>,
    /// From 1; versions that cannot be told apart share one.
    pub rank: usize,
    /// Held against the first.
    pub versus_best: Option<VersusReport>,
    /// On the Pareto front over response time, availability and cost.
    pub pareto: bool,
    /// Whether it loses least from calm to chaos.
    pub most_resilient: bool,
    /// Share served in calm less share served while disturbed.
    pub fall: Option<f64>,
    /// Largest amount by which another version beats it in one scenario.
    pub regret: f64,
    /// Best scenario less worst.
    pub scenario_spread: f64,
    /// Mean hourly cost over that of the cheapest version that meets every expectation.
    pub cost_ratio: Option<f64>,
}

/// Where a version does worst.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorstCaseReport {
    /// The scenario.
    pub scenario: Arc<str>,
    /// Its score there.
    pub score: f64,
}

/// A version against the first of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersusReport {
    /// The first.
    pub best: Arc<str>,
    /// Own score less the first's.
    pub difference: f64,
    /// Of that difference.
    pub ci95: Option<[f64; 2]>,
    /// `better`, `worse`, `cannot tell` or `proven equal`.
    pub verdict: &'static str,
}

/// What one parameter explains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectReport {
    /// The parameter.
    pub param: Arc<str>,
    /// Share of the variance of scores that it explains alone.
    pub first_order: f64,
    /// Share that would be gone if it were fixed.
    pub total: f64,
}

/// Conditions of success and of failure.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PatternsReport {
    /// Where everything holds.
    pub success: Vec<PatternReport>,
    /// Where something is violated.
    pub failure: Vec<PatternReport>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PatternReport {
    /// `load >= 2100 and failures >= 10%`.
    pub when: String,
    /// Share of the runs there that are of this kind.
    pub share: f64,
    /// Share of this kind that lies there.
    pub coverage: f64,
    /// Whose runs.
    pub version: Arc<str>,
    /// Of which scenario.
    pub scenario: Arc<str>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Recommendation {
    /// The version to take; `null` when nothing was simulated.
    pub version: Option<Arc<str>>,
    /// Why, with numbers.
    pub reasons: Vec<String>,
}

/// How the work went: the only part that depends on the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Meta {
    /// Name and version of this tool.
    pub tool: String,
    /// By the wall clock.
    pub wall_seconds: f64,
    /// Over all runs.
    pub cpu_seconds: f64,
    /// How many worked.
    pub workers: usize,
    /// Of the wall clock.
    pub events_per_second: f64,
    /// Processor time over wall time of all workers.
    pub parallel_efficiency: f64,
    /// The longest run.
    pub critical_path_seconds: f64,
    /// Runs taken from the cache.
    pub cache_hits: u64,
    /// The file, as given.
    pub file: String,
}

/// Where a load sweep bends and breaks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CapacityReport {
    /// The version.
    pub version: Arc<str>,
    /// The scenario.
    pub scenario: Arc<str>,
    /// The other parameters of this sweep.
    pub params: Ordered<ParamValue>,
    /// Load at the knee; `null`: not reached.
    pub capacity: Option<f64>,
    /// Lowest load at which an expectation is violated.
    pub breaks_at: Option<f64>,
    /// Highest load up to which all hold.
    pub holds_up_to: Option<f64>,
    /// Highest load tried.
    pub highest: f64,
    /// Goodput grows as load to this power.
    pub goodput_exponent: f64,
    /// p99 grows as load to this power.
    pub p99_exponent: f64,
}

/// A version without a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unavailable {
    /// The version.
    pub version: Arc<str>,
    /// Why.
    pub error: Arc<str>,
}
