//! From finished runs to the report.

use super::groups::{Member, groups};
use super::history::{commits, histories};
use super::model::*;
use super::theory;
use super::words;
use crate::analysis::{
    self, Aftermath, Growth, GrowthOrder, Outcome, Pattern, Ranked, RunVerdict, Scored, SweepPoint, Weights, evaluate,
    growth,
};
use crate::exec::event::{FinishedRun, ParamValue, RunInfo, RunStatus};
use crate::measure::{ElementMeasures, RelationMeasures, RunMeasures, TrafficMeasures};
use crate::model::{Architecture, Project, RunConfig};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How the work went, as far as the runs themselves do not tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetaInput {
    /// The file, as given.
    pub file: String,
    /// By the wall clock.
    pub wall_seconds: f64,
    /// How many worked.
    pub workers: usize,
    /// Runs taken from the cache.
    pub cache_hits: u64,
}

/// A run with what was made of it.
pub(super) struct Judged {
    pub(super) finished: FinishedRun,
    architecture: Option<Arc<Architecture>>,
    pub(super) verdict: Option<Arc<RunVerdict>>,
    analytic: Arc<AnalyticReport>,
}

/// Builds the report. `model_of` gives the architecture and the conditions of a run, as the engine had them; runs
/// come in any order.
pub fn build(
    project: &Project,
    mut runs: Vec<FinishedRun>,
    model_of: impl Fn(&RunInfo) -> Option<(Arc<Architecture>, RunConfig)>,
    meta: MetaInput,
) -> Report {
    runs.sort_by_key(|run| run.info.index);
    let weights = Weights::new(&project.weights);
    let mut judged = judge_all(runs, &model_of);
    let history = commits(project);
    let sweeps = sweeps(&judged);
    for sweep in &sweeps {
        add_scalability(&mut judged, sweep);
    }
    // Commits are held against the one before, not against each other.
    let is_ranked = |run: &&Judged| !history.contains(&run.finished.info.version);
    let scored: Vec<Scored> = judged.iter().filter(is_ranked).filter_map(|run| scored(run, &weights)).collect();
    let matrix = analysis::matrix(&scored);
    let (compared, apart) = analysis::comparable(&scored);
    let ranking = analysis::rank(&compared, &matrix, &weights);
    let mut turning = vec![TurnsReport::default(); judged.len()];
    for sweep in &sweeps {
        sweep.runs.iter().for_each(|n| turning[*n] = turns(&judged, sweep));
    }
    let tiers = orders(&judged);
    let mut grown = vec![BTreeMap::new(); judged.len()];
    for (runs, orders) in &tiers {
        runs.iter().for_each(|n| grown[*n] = orders.clone());
    }
    let worth = quality_notes(&judged).into_iter().chain(order_notes(&judged, &tiers)).collect::<Vec<_>>();
    let capacity: Vec<CapacityReport> = sweeps.iter().map(|sweep| capacity(&judged, sweep)).collect();
    let mut parts = Parts::default();
    Report {
        schema: "sruja.report/1",
        matrix: matrix.into_iter().map(|row| matrix_row(row, &capacity)).collect(),
        ranking: ranking_rows(&ranking),
        sensitivity: effects(&scored),
        patterns: PatternsReport { success: patterns_of(&scored, false), failure: patterns_of(&scored, true) },
        recommendation: recommendation(&ranking, &capacity, !history.is_empty()),
        meta: meta_of(&judged, meta),
        capacity,
        not_simulated: project.not_simulated.clone(),
        unavailable: unavailable(project),
        notes: notes(project, &judged, &apart).into_iter().chain(worth).collect(),
        history: histories(project, &judged, &weights),
        bisect: None,
        groups: groups(project, judged.iter().map(member)),
        runs: judged
            .into_iter()
            .zip(turning)
            .zip(grown)
            .map(|((run, turns), growth_order)| RunReport {
                growth_order,
                ..run_report(run, &weights, turns, &mut parts)
            })
            .collect(),
    }
}

/// Runs that differ in nothing but their tier, by index, and how they grow.
type Tiers = (Vec<usize>, BTreeMap<&'static str, GrowthOrder>);

fn orders(judged: &[Judged]) -> Vec<Tiers> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (n, run) in judged.iter().enumerate().filter(|(_, run)| run.verdict.is_some()) {
        let info = &run.finished.info;
        let others: Vec<_> = info.params.iter().filter(|(name, _)| &**name != "tier").collect();
        if others.len() == info.params.len() {
            continue;
        }
        let key = format!("{:?}", (&info.version, &info.scenario, others));
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(n);
    }
    groups.into_iter().map(|runs| (runs.clone(), orders_of(judged, &runs))).collect()
}

/// A figure of a run, with its name.
type Figure = (&'static str, fn(&Judged) -> f64);

fn orders_of(judged: &[Judged], runs: &[usize]) -> BTreeMap<&'static str, GrowthOrder> {
    let figures: [Figure; 3] = [
        ("latency", |run| run.finished.measures.metrics.latency.mean),
        ("work", |run| run.finished.measures.elements.values().map(|element| element.busy).sum()),
        ("cost", |run| run.verdict.as_ref().and_then(|verdict| verdict.cost.per_hour).unwrap_or(0.0)),
    ];
    let offered = |run: &Judged| run.finished.measures.metrics.offered as f64;
    let order = |(name, figure): Figure| {
        let points: Vec<(f64, f64)> = runs.iter().map(|n| (offered(&judged[*n]), figure(&judged[*n]))).collect();
        analysis::growth_order(&points).map(|order| (name, order))
    };
    figures.into_iter().filter_map(order).collect()
}

fn order_notes<'j>(judged: &'j [Judged], tiers: &'j [Tiers]) -> impl Iterator<Item = String> + 'j {
    tiers.iter().filter(|(_, orders)| !orders.is_empty()).map(|(runs, orders)| {
        let info = &judged[runs[0]].finished.info;
        let one = |(name, order): (&&str, &GrowthOrder)| {
            let sure = if order.certain { "" } else { ", not certain" };
            let [low, high] = order.ci95;
            format!("{name} as load^{:.2} ({low:.2} to {high:.2}: {}{sure})", order.exponent, order.order.describe())
        };
        format!(
            "{} of {} grows: {}",
            info.scenario,
            info.version,
            orders.iter().map(one).collect::<Vec<_>>().join("; ")
        )
    })
}

/// One line for each scenario that says what a run is worth.
fn quality_notes(judged: &[Judged]) -> Vec<String> {
    let mut found: Vec<(&RunInfo, Vec<(f64, &str)>)> = Vec::new();
    for run in judged {
        let score = run.verdict.as_ref().and_then(|verdict| verdict.quality.as_ref()?.score);
        let (Some(score), info) = (score, &run.finished.info) else { continue };
        match found.iter_mut().find(|(known, _)| (&known.version, &known.scenario) == (&info.version, &info.scenario)) {
            Some((_, scores)) => scores.push((score, &info.name)),
            None => found.push((info, vec![(score, &info.name)])),
        }
    }
    let line = |(info, mut scores): (&RunInfo, Vec<(f64, &str)>)| {
        // The first of equals.
        scores.sort_by(|a, b| a.0.total_cmp(&b.0));
        match (scores.first(), scores.last()) {
            (Some((worst, first)), Some((best, last))) if scores.len() > 1 => {
                format!("quality of {}: {worst:.3} ({first}) to {best:.3} ({last})", info.scenario)
            }
            _ => format!("quality of {}: {:.3}", info.scenario, scores.first().map_or(0.0, |score| score.0)),
        }
    };
    found.into_iter().map(line).collect()
}

/// Judges every run; those with the same hash in the same scenario once, for they differ in nothing.
fn judge_all(
    runs: Vec<FinishedRun>,
    model_of: &impl Fn(&RunInfo) -> Option<(Arc<Architecture>, RunConfig)>,
) -> Vec<Judged> {
    let mut first: HashMap<(Arc<str>, Arc<str>), usize> = HashMap::new();
    let mut out: Vec<Judged> = Vec::with_capacity(runs.len());
    for finished in runs {
        let key = (finished.info.hash.clone(), finished.info.scenario.clone());
        let known = first.get(&key).map(|n| &out[*n]).filter(|known| known.finished.status == finished.status);
        let judged = match known {
            Some(known) if !key.0.is_empty() => known.of_copy(finished),
            _ => judge(finished, model_of),
        };
        first.entry(key).or_insert(out.len());
        out.push(judged);
    }
    out
}

impl Judged {
    /// The same for a run that is a copy of this one.
    fn of_copy(&self, finished: FinishedRun) -> Self {
        let Self { architecture, verdict, analytic, .. } = self;
        Self { finished, architecture: architecture.clone(), verdict: verdict.clone(), analytic: analytic.clone() }
    }
}

fn judge(finished: FinishedRun, model_of: &impl Fn(&RunInfo) -> Option<(Arc<Architecture>, RunConfig)>) -> Judged {
    let is_measured =
        matches!(finished.status, RunStatus::Completed | RunStatus::Partial) && finished.measures.measured > 0.0;
    let model = model_of(&finished.info);
    let verdict = model
        .as_ref()
        .filter(|_| is_measured)
        .map(|(architecture, config)| evaluate(architecture, config, &finished.measures));
    let analytic = match &model {
        Some((architecture, config)) if finished.status == RunStatus::Completed => {
            theory::theory(architecture, config, &finished.measures)
        }
        _ => AnalyticReport { reason: Some("the run did not complete".into()), ..AnalyticReport::default() },
    };
    let (verdict, analytic) = (verdict.map(Arc::new), Arc::new(analytic));
    Judged { finished, architecture: model.map(|(architecture, _)| architecture), verdict, analytic }
}

fn member(run: &Judged) -> Member<'_> {
    Member { info: &run.finished.info, traffic: &run.finished.measures.metrics, verdict: run.verdict.as_deref() }
}

/// Runs that differ in nothing but the load, by index.
struct Sweep {
    runs: Vec<usize>,
    growth: Growth,
}

/// Every load sweep, in the order of the plan.
fn sweeps(judged: &[Judged]) -> Vec<Sweep> {
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (n, run) in judged.iter().enumerate().filter(|(_, run)| run.verdict.is_some() && load(run).is_some()) {
        let key = sweep_key(&run.finished.info);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(n);
    }
    let sweep = |(_, runs): (String, Vec<usize>)| {
        let points: Vec<SweepPoint> = runs.iter().filter_map(|n| sweep_point(&judged[*n])).collect();
        growth(&points).map(|growth| Sweep { runs, growth })
    };
    groups.into_iter().filter_map(sweep).collect()
}

fn sweep_key(info: &RunInfo) -> String {
    let others: Vec<_> = info.params.iter().filter(|(name, _)| &**name != "load").collect();
    format!("{:?}", (&info.version, &info.scenario, others))
}

fn load(run: &Judged) -> Option<f64> {
    run.finished.info.params.iter().find_map(|(name, value)| match value {
        ParamValue::Number(load) if &**name == "load" => Some(*load),
        _ => None,
    })
}

fn sweep_point(run: &Judged) -> Option<SweepPoint> {
    let metrics = &run.finished.measures.metrics;
    Some(SweepPoint {
        load: load(run)?,
        goodput: metrics.goodput,
        p99: metrics.latency.p99,
        failed: !run.verdict.as_ref()?.violations.is_empty(),
    })
}

fn add_scalability(judged: &mut [Judged], sweep: &Sweep) {
    for n in &sweep.runs {
        if let Some(verdict) = judged[*n].verdict.as_mut().map(Arc::make_mut) {
            // Second in the published order, behind performance.
            verdict.dimensions.insert(1.min(verdict.dimensions.len()), sweep.growth.scalability.clone());
        }
    }
}

fn scored(run: &Judged, weights: &Weights) -> Option<Scored> {
    let verdict = run.verdict.as_ref()?;
    let (info, measures) = (&run.finished.info, &run.finished.measures);
    Some(Scored {
        version: info.version.clone(),
        scenario: info.scenario.clone(),
        params: info.params.clone(),
        score: verdict.score(weights),
        replicates: verdict.replicate_scores(weights),
        dimensions: verdict.dimensions.iter().map(|d| (d.name, d.value)).collect(),
        violations: verdict.violations.len(),
        partial: measures.partial.is_some(),
        stability: verdict.stability.value,
        p95: measures.metrics.latency.p95,
        error_rate: measures.metrics.error_rate,
        cost: verdict.cost.per_hour,
        calm: verdict.stability.calm,
        chaos: verdict.stability.chaos,
    })
}

fn capacity(judged: &[Judged], sweep: &Sweep) -> CapacityReport {
    let info = &judged[sweep.runs[0]].finished.info;
    let others = info.params.iter().filter(|(name, _)| &**name != "load").cloned().collect();
    CapacityReport {
        version: info.version.clone(),
        scenario: info.scenario.clone(),
        params: Ordered(others),
        capacity: sweep.growth.capacity,
        breaks_at: sweep.growth.breaks_at,
        holds_up_to: sweep.growth.holds_up_to,
        highest: sweep.growth.highest,
        goodput_exponent: sweep.growth.goodput_exponent,
        p99_exponent: sweep.growth.p99_exponent,
    }
}

fn matrix_row(row: analysis::MatrixRow, capacity: &[CapacityReport]) -> MatrixReport {
    let first = capacity.iter().find(|c| c.version == row.version && c.scenario == row.scenario);
    MatrixReport {
        breaks_at: first.and_then(|c| c.breaks_at),
        version: row.version,
        scenario: row.scenario,
        score: row.score,
        violations: row.violations,
        stability: row.stability,
        runs: row.runs,
        failing_runs: row.failing_runs,
        p95: row.p95,
        error_rate: row.error_rate,
    }
}

fn ranking_rows(ranking: &[Ranked]) -> Vec<RankReport> {
    let least_fall = ranking.iter().filter_map(|r| r.fall).reduce(f64::min);
    let meets_all = ranking.iter().filter(|r| r.failing_runs == 0);
    let cheapest = meets_all.filter_map(|r| r.cost).reduce(f64::min).filter(|cost| *cost > 0.0);
    ranking.iter().map(|ranked| rank_row(ranked, least_fall.filter(|_| ranking.len() > 1), cheapest)).collect()
}

fn rank_row(ranked: &Ranked, least_fall: Option<f64>, cheapest: Option<f64>) -> RankReport {
    let versus = |v: &analysis::Versus| VersusReport {
        best: v.best.clone(),
        difference: v.difference,
        ci95: v.ci95,
        verdict: v.verdict.describe(),
    };
    let worst = |w: &analysis::WorstCase| WorstCaseReport { scenario: w.scenario.clone(), score: w.score };
    RankReport {
        version: ranked.version.clone(),
        score: ranked.score,
        ci95: ranked.ci95,
        probability_best: ranked.probability_best,
        dimensions: Ordered(ranked.dimensions.iter().map(|(name, value)| (Arc::from(*name), *value)).collect()),
        worst_case: ranked.worst_case.as_ref().map(worst),
        sensitivity: ranked.sensitivity,
        reasons: ranked.reasons.clone(),
        rank: ranked.rank,
        versus_best: ranked.versus_best.as_ref().map(versus),
        pareto: ranked.pareto,
        most_resilient: least_fall.is_some() && ranked.fall == least_fall,
        fall: ranked.fall,
        regret: ranked.regret,
        scenario_spread: ranked.scenario_spread,
        cost_ratio: ranked.cost.zip(cheapest).map(|(own, least)| own / least),
    }
}

fn effects(scored: &[Scored]) -> Vec<EffectReport> {
    let effect = |e: analysis::ParamEffect| EffectReport { param: e.param, first_order: e.first_order, total: e.total };
    analysis::sensitivity(scored).into_iter().map(effect).collect()
}

/// Patterns of each version in each scenario.
fn patterns_of(scored: &[Scored], failure: bool) -> Vec<PatternReport> {
    let mut groups: Vec<Vec<&Scored>> = Vec::new();
    for run in scored {
        match groups.iter_mut().find(|g| g[0].version == run.version && g[0].scenario == run.scenario) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    groups.iter().flat_map(|group| group_patterns(group, failure)).collect()
}

fn group_patterns(group: &[&Scored], failure: bool) -> Vec<PatternReport> {
    let outcomes: Vec<Outcome> = group.iter().map(|run| outcome(run, failure)).collect();
    let report = |pattern: Pattern| PatternReport {
        when: condition(&pattern),
        share: pattern.share,
        coverage: pattern.coverage,
        version: group[0].version.clone(),
        scenario: group[0].scenario.clone(),
    };
    analysis::patterns(&outcomes).into_iter().map(report).collect()
}

fn outcome(run: &Scored, failure: bool) -> Outcome {
    let number = |(name, value): &(Arc<str>, ParamValue)| match value {
        ParamValue::Number(number) => Some((name.clone(), *number)),
        ParamValue::Text(_) => None,
    };
    Outcome { params: run.params.iter().filter_map(number).collect(), hit: (run.violations > 0) == failure }
}

fn condition(pattern: &Pattern) -> String {
    let bound = |b: &analysis::Bound| {
        let sign = if b.at_least { ">=" } else { "<=" };
        format!("{} {sign} {}", b.param, words::param(&b.param, &ParamValue::Number(b.value)))
    };
    pattern.bounds.iter().map(bound).collect::<Vec<_>>().join(" and ")
}

fn recommendation(ranking: &[Ranked], capacity: &[CapacityReport], is_history: bool) -> Recommendation {
    let tied: Vec<&Ranked> = ranking.iter().filter(|r| r.rank == 1).collect();
    // Of equals the one that fails least, then the cheapest, then the first.
    let by_merit = |a: &&&Ranked, b: &&&Ranked| {
        let cost = |r: &Ranked| r.cost.unwrap_or(f64::INFINITY);
        a.failing_runs.cmp(&b.failing_runs).then(cost(a).total_cmp(&cost(b)))
    };
    let Some(chosen) = tied.iter().min_by(by_merit) else {
        let why = if is_history { "commits are not ranked: see `history`" } else { "no run yielded a result" };
        return Recommendation { version: None, reasons: vec![why.into()] };
    };
    let mut reasons = Vec::new();
    reasons.extend(tie_reason(chosen, &tied));
    reasons.extend(chosen.reasons.iter().cloned());
    reasons.extend(load_reason(chosen, capacity));
    Recommendation { version: Some(chosen.version.clone()), reasons }
}

fn tie_reason(chosen: &Ranked, tied: &[&Ranked]) -> Option<String> {
    let others: Vec<&str> = tied.iter().filter(|r| r.version != chosen.version).map(|r| &*r.version).collect();
    let first = tied.iter().find(|r| r.version != chosen.version)?;
    let why = if chosen.failing_runs < first.failing_runs {
        "it fails in fewer runs"
    } else if chosen.cost.zip(first.cost).is_some_and(|(own, other)| own < other) {
        "it costs less"
    } else {
        "it scores highest"
    };
    Some(format!("cannot be told from {} by score; {why}", others.join(", ")))
}

/// Of the first load sweep: ranges are written from the mildest value on.
fn load_reason(chosen: &Ranked, capacity: &[CapacityReport]) -> Option<String> {
    let sweep = capacity.iter().find(|c| c.version == chosen.version)?;
    let others: Vec<String> =
        sweep.params.0.iter().map(|(name, value)| format!("{name} {}", words::param(name, value))).collect();
    let with = if others.is_empty() { String::new() } else { format!(" with {}", others.join(", ")) };
    Some(match (sweep.holds_up_to, sweep.breaks_at) {
        (Some(holds), Some(breaks)) => {
            format!("keep load at or below {}{with}: expectations break at {}", words::rate(holds), words::rate(breaks))
        }
        (None, Some(breaks)) => format!("expectations break from the lowest load on, {}{with}", words::rate(breaks)),
        _ => format!("holds at every load tried{with}, up to {}", words::rate(sweep.highest)),
    })
}

fn meta_of(judged: &[Judged], input: MetaInput) -> Meta {
    let cpu: f64 = judged.iter().map(|run| run.finished.cpu_seconds).sum();
    let mut seen = std::collections::HashSet::new();
    let simulated = judged.iter().map(|run| &run.finished).filter(|run| !run.cached);
    let simulated = simulated.filter(|run| run.info.hash.is_empty() || seen.insert(&run.info.hash));
    let events: u64 = simulated.map(|run| run.measures.events).sum();
    let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    Meta {
        tool: concat!("sruja ", env!("CARGO_PKG_VERSION")).into(),
        wall_seconds: input.wall_seconds,
        cpu_seconds: cpu,
        workers: input.workers,
        events_per_second: per(events as f64, input.wall_seconds),
        parallel_efficiency: per(cpu, input.wall_seconds * input.workers as f64),
        critical_path_seconds: judged.iter().map(|run| run.finished.cpu_seconds).fold(0.0, f64::max),
        cache_hits: input.cache_hits,
        file: input.file,
    }
}

fn unavailable(project: &Project) -> Vec<Unavailable> {
    let broken = project.versions.iter().filter_map(|v| v.model.as_ref().err().map(|error| (v, error)));
    broken.map(|(v, error)| Unavailable { version: v.name.clone(), error: error.clone() }).collect()
}

fn notes(project: &Project, judged: &[Judged], apart: &[Arc<str>]) -> Vec<String> {
    let mut notes = vec![missing_dimensions(judged)];
    if !apart.is_empty() {
        notes.push(format!("not ranked, for other scenarios were run on it: {}", apart.join(", ")));
    }
    let sum: f64 = project.weights.iter().map(|(_, weight)| weight).sum();
    if !project.weights.is_empty() && (sum - 1.0).abs() > 1e-9 {
        notes.push(format!("the weights sum to {}, not 1: their ratios are kept", words::trimmed(sum, 4)));
    }
    let unknown = Weights::unknown(&project.weights);
    if !unknown.is_empty() {
        notes.push(format!("no dimension is called {}: those weights are not used", unknown.join(", ")));
    }
    notes
}

/// Which dimensions no run has data for.
fn missing_dimensions(judged: &[Judged]) -> String {
    let verdicts = || judged.iter().filter_map(|run| run.verdict.as_ref());
    let has = |name: &str| verdicts().any(|v| v.dimensions.iter().any(|d| d.name == name));
    let missing: Vec<&str> = analysis::DIMENSIONS.iter().map(|(name, _)| *name).filter(|name| !has(name)).collect();
    format!("left out of the score for want of data, the other weights renormalised: {}", missing.join(", "))
}

/// Response times of a run that grows without end depend on its length: an interval would be confident of nothing.
fn intervals(ci95: BTreeMap<Arc<str>, [f64; 2]>, grows: bool) -> BTreeMap<Arc<str>, [f64; 2]> {
    let is_known = |name: &str, [low, high]: [f64; 2]| {
        low.is_finite() && high.is_finite() && !(grows && name.starts_with("latency."))
    };
    ci95.into_iter().filter(|(name, interval)| is_known(name, *interval)).collect()
}

fn growth_report(backlog: analysis::Backlog) -> (Arc<str>, GrowthReport) {
    (backlog.element, GrowthReport { slope: backlog.slope, since: backlog.since, queue: backlog.queue })
}

fn verdict_report(d: analysis::Disturbance, turns: TurnsReport, architecture: &Architecture) -> VerdictReport {
    let setting = |lever: analysis::Lever| SettingReport {
        element: Arc::clone(&architecture.call(lever.call).path),
        attribute: "retry",
        turns: lever.turns,
    };
    VerdictReport {
        kind: d.kind,
        recovered_after: d.recovered_after,
        trigger_from: d.from,
        trigger_until: d.until,
        watched: d.watched,
        goodput_before: d.goodput_before,
        goodput_after: d.goodput_after,
        offered_after: d.offered_after,
        kept: d.kept,
        turns: TurnsReport { formula: d.turns_by_formula, ..turns },
        setting: d.lever.map(setting),
    }
}

/// The loads of a sweep between which it turns metastable: every metastable one lies above every other.
fn turns(judged: &[Judged], sweep: &Sweep) -> TurnsReport {
    let kind = |n: &usize| Some((load(&judged[*n])?, judged[*n].verdict.as_ref()?.disturbance?.kind));
    let kinds: Vec<(f64, Aftermath)> = sweep.runs.iter().filter_map(kind).collect();
    let is_stuck = |(_, kind): &&(f64, Aftermath)| *kind == Aftermath::Metastable;
    let at = kinds.iter().filter(is_stuck).map(|(load, _)| *load).reduce(f64::min);
    let below = |at: f64| kinds.iter().map(|(load, _)| *load).filter(|load| *load < at).reduce(f64::max);
    TurnsReport { above: at.and_then(below), at, formula: None }
}

fn budget_report(b: analysis::Budget) -> BudgetReport {
    BudgetReport {
        objective: b.objective,
        allowed: b.allowed,
        bad: b.bad,
        burn_rate: b.burn_rate,
        period: b.period,
        consumed: b.consumed,
        exhausted_after: b.exhausted_after,
        burn_1h: b.burn_1h,
        burn_6h: b.burn_6h,
        pages: b.pages,
        is_slo: b.is_slo,
    }
}

/// The large parts of runs, each made once for all runs that were measured once.
#[derive(Default)]
struct Parts {
    /// By the place of the measures in memory, which the runs hold on to.
    known: HashMap<*const RunMeasures, PartsOfRun>,
}

/// The large parts of a run.
#[derive(Clone)]
struct PartsOfRun {
    elements: Arc<BTreeMap<Arc<str>, ElementReport>>,
    relations: Arc<BTreeMap<Arc<str>, RelationReport>>,
    request_types: Arc<BTreeMap<Arc<str>, RequestTypeReport>>,
    /// Keeps the place taken.
    _measures: Arc<RunMeasures>,
}

impl Parts {
    fn of(&mut self, measures: &Arc<RunMeasures>) -> PartsOfRun {
        let made = || PartsOfRun {
            elements: Arc::new(measures.elements.iter().map(|(name, e)| (name.clone(), element(e))).collect()),
            relations: Arc::new(measures.relations.iter().map(|(name, r)| (name.clone(), relation(r))).collect()),
            request_types: Arc::new(
                measures.request_types.iter().map(|(name, r)| (name.clone(), request_type(r))).collect(),
            ),
            _measures: Arc::clone(measures),
        };
        self.known.entry(Arc::as_ptr(measures)).or_insert_with(made).clone()
    }
}

fn run_report(run: Judged, weights: &Weights, turns: TurnsReport, parts: &mut Parts) -> RunReport {
    let Judged { finished, architecture, verdict, analytic } = run;
    let score = verdict.as_ref().map(|v| v.score(weights));
    let stability = verdict.as_ref().map(|v| v.stability.clone());
    let is_measured = verdict.is_some();
    let verdict = Arc::unwrap_or_clone(verdict.unwrap_or_default());
    let shared = parts.of(&finished.measures);
    let FinishedRun { info, status, error, measures, .. } = finished;
    let named = |d: &analysis::Dimension| Arc::<str>::from(d.name);
    let judged = verdict.disturbance.zip(architecture.as_ref());
    let outcome = judged.map(|(d, architecture)| verdict_report(d, turns, architecture));
    RunReport {
        name: info.name,
        scenario: info.scenario,
        version: info.version,
        commit: info.commit,
        params: Ordered(info.params),
        status,
        error: error.or_else(|| measures.partial.clone()),
        replications: measures.replications,
        metrics: metrics(&measures.metrics),
        ci95: intervals(measures.ci95.clone(), !verdict.growth.is_empty()),
        elements: shared.elements,
        relations: shared.relations,
        request_types: shared.request_types,
        loops: verdict.loops.iter().map(loop_report).collect(),
        violations: verdict.violations.iter().map(violation).collect(),
        stability: stability.as_ref().map(|s| s.value),
        hotspots: verdict.hotspots.into_iter().map(hotspot).collect(),
        cost: CostReport { per_hour: verdict.cost.per_hour, per_million_requests: verdict.cost.per_million_requests },
        assumed: architecture.filter(|_| is_measured).map_or_else(Vec::new, |a| assumed(&a)),
        events_simulated: measures.events,
        score,
        dimensions: Ordered(verdict.dimensions.iter().map(|d| (named(d), d.value)).collect()),
        explained: Ordered(verdict.dimensions.iter().map(|d| (named(d), d.inputs.clone())).collect()),
        equilibrium: stability.as_ref().map(|s| s.equilibrium),
        metastable: stability.as_ref().is_some_and(|s| s.metastable),
        recovery_time: stability.and_then(|s| s.recovery).filter(|r| r.is_finite()),
        not_applicable: verdict.not_applicable,
        faults: measures.faults.clone(),
        seed: info.seed,
        hash: info.hash,
        warmup: measures.warmup,
        measured: measures.measured,
        analytic,
        warmup_rule: measures.warmup_rule,
        precision: measures.precision,
        growth: verdict.growth.into_iter().map(growth_report).collect(),
        verdict: outcome,
        budgets: verdict.budgets.into_iter().map(budget_report).collect(),
        quality: verdict.quality,
        growth_order: BTreeMap::new(),
    }
}

fn metrics(m: &TrafficMeasures) -> MetricsReport {
    MetricsReport {
        offered: m.offered,
        requests: m.requests,
        succeeded: m.succeeded,
        failed: m.failed,
        timed_out: m.timed_out,
        shed: m.shed,
        throughput: m.throughput,
        goodput: m.goodput,
        error_rate: m.error_rate,
        availability: m.availability,
        amplification: m.amplification,
        latency: m.latency,
        in_flight: m.in_flight,
        in_flight_at_end: m.in_flight_at_end,
        latency_failed: m.latency_failed,
        latency_all: m.latency_all,
        in_flight_at_stop: m.in_flight_at_stop,
    }
}

fn element(e: &ElementMeasures) -> ElementReport {
    ElementReport {
        arrivals: e.arrivals,
        throughput: e.throughput,
        utilization: e.utilization,
        busy: e.busy,
        queue_mean: e.queue_mean,
        queue_max: e.queue_max,
        wait_mean: e.wait_mean,
        wait_probability: e.wait_probability,
        response_mean: e.response_mean,
        errors: e.errors,
        rejected: e.rejected,
        replicas_mean: e.replicas_mean,
        cost: e.cost,
        wait_p99: e.wait_p99,
        wait_stddev: e.wait_stddev,
        response_p95: e.response_p95,
        response_p99: e.response_p99,
        response_stddev: e.response_stddev,
        in_system: e.in_system,
        wasted: e.wasted,
        up_share: e.up_share,
        hit_ratio: e.hit_ratio,
        dead_letters: e.dead_letters,
        wait_p50: e.wait_p50,
        wait_p95: e.wait_p95,
        wait_max: e.wait_max,
        response_p50: e.response_p50,
        service_mean: e.service_mean,
        service_stddev: e.service_stddev,
        in_system_stddev: e.in_system_stddev,
        in_system_shares: e.in_system_shares.clone(),
        drained_after: e.drained_after,
        up_shares: e.up_shares.clone(),
        queue_growth: e.queue_growth,
        stale_endpoints: e.stale_endpoints,
        stale_reads: e.stale_reads,
        lost_writes: e.lost_writes,
    }
}

fn relation(r: &RelationMeasures) -> RelationReport {
    RelationReport {
        calls: r.calls,
        attempts: r.attempts,
        retries: r.retries,
        timeouts: r.timeouts,
        breaker_open_share: r.breaker_open_share,
        latency_mean: r.latency_mean,
        latency_p95: r.latency_p95,
        latency_p99: r.latency_p99,
        errors: r.errors,
        refused: r.refused,
        hedges: r.hedges,
    }
}

fn request_type(r: &crate::measure::RequestMeasures) -> RequestTypeReport {
    RequestTypeReport {
        requests: r.requests,
        error_rate: r.error_rate,
        latency: r.latency,
        latency_failed: r.latency_failed,
        compensations: r.compensations,
    }
}

fn loop_report(found: &analysis::FoundLoop) -> LoopReport {
    LoopReport {
        id: found.id.clone(),
        kind: found.kind,
        path: found.path.clone(),
        gain: found.gain,
        active_share: found.active_share,
        first_active: found.first_active,
        peak_gain: found.peak_gain,
        mechanism: found.mechanism.describe(),
        declared: found.declared.map(analysis::DeclaredVerdict::describe),
    }
}

fn violation(v: &analysis::Violation) -> ViolationReport {
    ViolationReport {
        expectation: v.expectation.clone(),
        at: v.at,
        until: v.until,
        worst: v.worst,
        severity: v.severity,
        value: v.value,
        limit: v.limit,
        share: v.share,
        metric: v.metric,
    }
}

fn hotspot(h: analysis::Hotspot) -> HotspotReport {
    HotspotReport { element: h.element, severity: h.severity, since: h.since, violations: h.violations, why: h.why }
}

/// `Shop.Api.service_time`, stations first, in the order of the model.
fn assumed(architecture: &Architecture) -> Vec<String> {
    let stations = architecture.stations.iter().map(|s| (&s.path, &s.assumed));
    let calls = architecture.calls.iter().map(|c| (&c.path, &c.assumed));
    stations.chain(calls).flat_map(|(path, names)| names.iter().map(move |name| format!("{path}.{name}"))).collect()
}
