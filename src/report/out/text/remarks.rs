//! What the numbers rest on: what failed, what was assumed, what was not simulated, how sure they are, what to do.

use super::super::page::{Page, Paint};
use super::counted;
use crate::exec::event::RunStatus;
use crate::measure::WarmupRule;
use crate::model::LoopKind;
use crate::report::{Report, RunReport, words};
use std::collections::{BTreeMap, BTreeSet};

/// Runs and versions without a result, before anything else.
pub fn incomplete(page: &mut dyn Page, report: &Report) {
    let bad: Vec<&RunReport> = report.runs.iter().filter(|run| run.status != RunStatus::Completed).collect();
    if bad.is_empty() && report.unavailable.is_empty() {
        return;
    }
    page.heading("Incomplete", "");
    for version in &report.unavailable {
        page.prose(Paint::Bad, &format!("version {}: {}", version.version, version.error));
    }
    let shown = if page.is_verbose() { bad.len() } else { 5 };
    for run in bad.iter().take(shown) {
        let word = match run.status {
            RunStatus::Partial => "ended early",
            RunStatus::Skipped => "was not started",
            _ => "failed",
        };
        let why = run.error.as_ref().map_or(String::new(), |error| format!(": {error}"));
        page.prose(Paint::Bad, &format!("{} {word}{why}", run.name));
    }
    super::standing::rest(page, bad.len(), shown, "run");
}

/// What was assumed and what is not simulated.
pub fn sources(page: &mut dyn Page, report: &Report) {
    let assumed = assumed(report);
    if !assumed.is_empty() {
        page.heading("Assumed", "nobody gave these; they come from defaults and profiles");
        let shown = if page.is_verbose() { assumed.len() } else { 6 };
        for (attribute, owners) in assumed.iter().take(shown) {
            page.prose(Paint::Plain, &assumed_line(attribute, owners, page.is_verbose()));
        }
        super::standing::rest(page, assumed.len(), shown, "attribute");
    }
    if !report.not_simulated.is_empty() {
        page.heading("Not simulated yet", "");
        for what in &report.not_simulated {
            page.prose(Paint::Warn, what);
        }
    }
}

/// Owners of each assumed attribute, those with most owners first.
fn assumed(report: &Report) -> Vec<(&str, Vec<&str>)> {
    let all: BTreeSet<&str> = report.runs.iter().flat_map(|run| run.assumed.iter().map(String::as_str)).collect();
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in all {
        let (owner, attribute) = split_attribute(entry);
        owners.entry(attribute).or_default().push(owner);
    }
    let mut sorted: Vec<_> = owners.into_iter().collect();
    sorted.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
    sorted
}

/// Owner and attribute of `Shop.Api.service_time`; `retry.budget` is one attribute.
fn split_attribute(entry: &str) -> (&str, &str) {
    let is_grouped = |at: usize| {
        let group = entry[..at].rsplit('.').next().unwrap_or_default();
        crate::schema::find_attribute(Some(group), &entry[at + 1..]).is_some()
    };
    let Some(last) = entry.rfind('.') else { return ("", entry) };
    let at = if is_grouped(last) { entry[..last].rfind('.').unwrap_or(last) } else { last };
    (&entry[..at], &entry[at + 1..])
}

fn assumed_line(attribute: &str, owners: &[&str], verbose: bool) -> String {
    let shown = if verbose { owners.len() } else { 3 };
    let names = owners.iter().take(shown).copied().collect::<Vec<_>>().join(", ");
    let more = if owners.len() > shown { format!(" and {} more", owners.len() - shown) } else { String::new() };
    format!("{attribute} of {names}{more}")
}

/// How many replications, how wide the intervals, what was left out.
pub fn certainty(page: &mut dyn Page, report: &Report) {
    let least = report.runs.iter().filter(|run| run.score.is_some()).map(|run| run.replications).min();
    let Some(least) = least else { return };
    page.heading("How sure", "");
    let width = half_width(report).map_or_else(
        || "no interval: every number is of one draw".to_owned(),
        |(share, run)| format!("p95 is known to +/-{} in the widest case ({run})", words::percent(share)),
    );
    page.prose(Paint::Plain, &format!("{}; {width}", counted(least as usize, "replication")));
    precision(page, report);
    warmup(page, report);
    let unknown: BTreeSet<&str> = report.runs.iter().flat_map(|r| r.not_applicable.iter().map(|t| &**t)).collect();
    for text in unknown {
        page.prose(Paint::Warn, &format!("cannot tell in some run, nothing was measured for it: {text}"));
    }
    for note in &report.notes {
        page.prose(Paint::Dim, note);
    }
}

/// Which ended the replications: the width or the budget.
fn precision(page: &mut dyn Page, report: &Report) {
    let asked: Vec<_> = report.runs.iter().filter_map(|run| Some((run, run.precision?))).collect();
    let Some((_, first)) = asked.first() else { return };
    let met = asked.iter().filter(|(_, precision)| precision.met).count();
    let most = asked.iter().map(|(run, _)| run.replications).max().unwrap_or(0);
    let target = words::percent(first.target);
    let text =
        format!("precision {target}: met in {met} of {}, with up to {most} replications", counted(asked.len(), "run"));
    page.prose(Paint::Plain, &text);
    let width =
        |reached: Option<f64>| reached.map_or_else(|| "no mean".into(), |r| format!("+/-{}", words::percent(r)));
    for (run, missed) in asked.iter().filter(|(_, precision)| !precision.met).take(3) {
        let text = format!("{}: the budget of replications ended at {}", run.name, width(missed.reached));
        page.prose(Paint::Warn, &text);
    }
}

/// Warm-ups that nobody gave.
fn warmup(page: &mut dyn Page, report: &Report) {
    let of = |rule: WarmupRule| -> Vec<&RunReport> {
        report.runs.iter().filter(|run| run.score.is_some() && run.warmup_rule == rule).collect()
    };
    let lengths = |runs: &[&RunReport]| {
        let least = runs.iter().map(|run| run.warmup).fold(f64::INFINITY, f64::min);
        let most = runs.iter().map(|run| run.warmup).fold(0.0, f64::max);
        let span = if least < most {
            format!("{} to {}", words::seconds(least), words::seconds(most))
        } else {
            words::seconds(most)
        };
        format!("{span} in {}", counted(runs.len(), "run"))
    };
    let found = of(WarmupRule::Mser5);
    if !found.is_empty() {
        page.prose(Paint::Dim, &format!("warm-up found by MSER-5, at least a tenth: {}", lengths(&found)));
    }
    let assumed = of(WarmupRule::Assumed);
    if !assumed.is_empty() {
        let why = "no steady state was found before half of it, or the scenario is not meant to have one";
        page.prose(Paint::Dim, &format!("warm-up assumed, a tenth of the run: {} ({why})", lengths(&assumed)));
    }
}

/// Half the widest interval of p95 relative to p95, and its run.
fn half_width(report: &Report) -> Option<(f64, &str)> {
    let width = |run: &RunReport| {
        let [low, high] = *run.ci95.get("latency.p95")?;
        (run.metrics.latency.p95 > 0.0).then(|| (high - low) / 2.0 / run.metrics.latency.p95)
    };
    let widths = report.runs.iter().filter_map(|run| Some((width(run)?, &*run.name)));
    widths.max_by(|a, b| a.0.total_cmp(&b.0))
}

/// What to do next, each step for a reason found in this report.
pub fn next_steps(page: &mut dyn Page, report: &Report) {
    let steps: Vec<String> = [
        metastable(report),
        assumed_hotspot(report),
        unbounded_retry(report),
        one_replication(report),
        higher_load(report),
    ]
    .into_iter()
    .flatten()
    .collect();
    if steps.is_empty() {
        return;
    }
    page.heading("Next", "");
    for step in steps.iter().take(4) {
        page.prose(Paint::Plain, &format!("→ {step}"));
    }
}

/// The worst hotspot rests on a number that nobody gave.
fn assumed_hotspot(report: &Report) -> Option<String> {
    let hotspots = report.runs.iter().flat_map(|run| run.hotspots.first().map(|h| (run, h)));
    let (run, worst) = hotspots.max_by(|a, b| a.1.severity.total_cmp(&b.1.severity))?;
    let attribute = ["service_time", "concurrency", "replicas"]
        .into_iter()
        .find(|attribute| run.assumed.iter().any(|entry| *entry == format!("{}.{attribute}", worst.element)))?;
    // A time is measured; workers and replicas are known to somebody.
    let how = if attribute == "service_time" { "measure" } else { "find out the" };
    let owner = &worst.element;
    Some(format!("{how} {attribute} of {owner} and write it down: it is the worst hotspot and its value is assumed"))
}

fn unbounded_retry(report: &Report) -> Option<String> {
    let loops = report.runs.iter().flat_map(|run| &run.loops).filter(|l| l.kind == LoopKind::Reinforcing);
    let worst = loops.filter(|l| l.peak_gain >= 0.5).max_by(|a, b| a.gain.total_cmp(&b.gain))?;
    let relation = worst.path.iter().find_map(|part| part.strip_prefix("attempts of "))?;
    Some(format!(
        "give the retries of {relation} a budget or a breaker: loop {} reached a gain of {:.1}",
        worst.id, worst.peak_gain
    ))
}

fn metastable(report: &Report) -> Option<String> {
    let run = report.runs.iter().find(|run| run.metastable)?;
    Some(format!("{} is metastable: it stays bad after its trigger is gone; look at its loops first", run.name))
}

fn one_replication(report: &Report) -> Option<String> {
    let is_single = report.runs.iter().any(|run| run.score.is_some() && run.replications < 2);
    is_single.then(|| "add `replications 5` to the scenario: one replication gives no interval".into())
}

fn higher_load(report: &Report) -> Option<String> {
    let unbroken = report.capacity.iter().all(|c| c.breaks_at.is_none() && c.capacity.is_none());
    let highest = report.capacity.iter().map(|c| c.highest).reduce(f64::max)?;
    unbroken.then(|| format!("raise the load range: nothing broke up to {}", words::rate(highest)))
}

/// How many results are of earlier invocations.
pub fn cached(page: &mut dyn Page, report: &Report) {
    let (hits, all) = (report.meta.cache_hits, counted(report.runs.len(), "run"));
    if hits > 0 {
        page.heading("Cache", "");
        page.prose(Paint::Dim, &format!("{hits} of {all} simulated before; --no-cache simulates them again"));
    }
}
