//! What lasts: states that stay after their trigger, lines that grow without end, error budgets that burn.

use super::super::page::{Cell, Page, Paint, left, right};
use super::standing::rest;
use super::{conditions, counted, has_versions};
use crate::analysis::Aftermath;
use crate::report::{BudgetReport, Report, RunReport, SettingReport, TurnsReport, VerdictReport, words};

/// Lines of each section without `-v`.
const LINES: usize = 6;

/// One line for each version in each scenario that was disturbed: the worst that became of it.
pub fn verdicts(page: &mut dyn Page, report: &Report) {
    let groups = groups(report);
    if groups.is_empty() {
        return;
    }
    page.heading("After the disturbance", "");
    for group in &groups {
        let (paint, text) = verdict(group, has_versions(report));
        page.prose(paint, &text);
    }
}

type Judged<'a> = (&'a RunReport, &'a VerdictReport);

/// Runs of one version in one scenario, in the order of the plan.
fn groups(report: &Report) -> Vec<Vec<Judged<'_>>> {
    let mut groups: Vec<Vec<Judged>> = Vec::new();
    for (run, verdict) in report.runs.iter().filter_map(|run| Some((run, run.verdict.as_ref()?))) {
        let is_same =
            |group: &&mut Vec<Judged>| group[0].0.version == run.version && group[0].0.scenario == run.scenario;
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push((run, verdict)),
            None => groups.push(vec![(run, verdict)]),
        }
    }
    groups
}

fn verdict(group: &[Judged], with_version: bool) -> (Paint, String) {
    let badness = |v: &VerdictReport| (v.kind, v.recovered_after.unwrap_or(0.0), -v.kept);
    let mut worst = group[0];
    for next in group {
        if badness(next.1) > badness(worst.1) {
            worst = *next;
        }
    }
    let (run, verdict) = worst;
    let whose = if with_version { format!("{} · ", run.version) } else { String::new() };
    let name = format!("{whose}{}", run.scenario);
    let among = group.iter().filter(|(_, v)| v.kind == verdict.kind).count();
    let often = if group.len() > 1 { format!(" in {among} of {}", counted(group.len(), "run")) } else { String::new() };
    let at =
        if group.len() > 1 && !run.params.0.is_empty() { format!(" ({})", conditions(run)) } else { String::new() };
    let end = words::seconds(verdict.trigger_until);
    match verdict.kind {
        Aftermath::Recovered => {
            let after = words::seconds(verdict.recovered_after.unwrap_or_default());
            let at_most = if group.len() > 1 { "at most " } else { "" };
            (Paint::Good, format!("{name}: recovered{often}, {at_most}{after} after its trigger ended at {end}{at}"))
        }
        Aftermath::Degraded => (Paint::Warn, format!("{name}: degraded{often}: {}{at}", kept(verdict, "after"))),
        Aftermath::Metastable => {
            let above = above(verdict.turns);
            let setting = verdict.setting.as_ref().map_or_else(String::new, lever);
            (Paint::Bad, format!("{name}: metastable{often}{above}: {}{at}{setting}", kept(verdict, "although")))
        }
    }
}

/// `goodput is 12 % of what it was, 60 s after its trigger ended at 40 s`.
fn kept(verdict: &VerdictReport, link: &str) -> String {
    let (share, end) = (words::percent(verdict.kept), words::seconds(verdict.trigger_until));
    let rate = format!("{} of {}", words::rate(verdict.goodput_after), words::rate(verdict.offered_after));
    let watched = words::seconds(verdict.watched);
    match link {
        "although" => {
            format!("goodput stayed at {share} ({rate}) although the trigger ended at {end}, {watched} before the end")
        }
        _ => format!("goodput is {share} of what it was ({rate}), {watched} after the trigger ended at {end}"),
    }
}

/// `; without the retries of A -> B only above load 300/s`.
fn lever(setting: &SettingReport) -> String {
    let end = match setting.turns {
        Some(load) => format!("it could last only above load {}", words::rate(load)),
        None => "it could not last".into(),
    };
    format!("; without the retries of {} {end}", setting.element)
}

/// ` above load 145/s`.
fn above(turns: TurnsReport) -> String {
    let formula = turns.formula.map(|load| format!("capacity over attempts: {}", words::rate(load)));
    match (turns.above, turns.at, formula) {
        (Some(above), Some(at), formula) => {
            let rest = formula.map_or(String::new(), |formula| format!("; {formula}"));
            format!(" above load {} (seen from {} on{rest})", words::rate(above), words::rate(at))
        }
        (None, Some(at), _) => format!(" from the lowest load on, {}", words::rate(at)),
        (_, None, Some(_)) => {
            format!(" (by formula it can last above load {})", words::rate(turns.formula.unwrap_or_default()))
        }
        (_, None, None) => String::new(),
    }
}

/// Lines that grow without end.
pub fn growth(page: &mut dyn Page, report: &Report) {
    let runs: Vec<&RunReport> = report.runs.iter().filter(|run| !run.growth.is_empty()).collect();
    if runs.is_empty() {
        return;
    }
    page.heading("No steady state", "response times grow with the length of the run; they have no interval");
    let shown = if page.is_verbose() { runs.len() } else { LINES };
    for run in runs.iter().take(shown) {
        let fastest = run.growth.iter().max_by(|a, b| a.1.slope.total_cmp(&b.1.slope));
        let Some((element, growth)) = fastest else { continue };
        let slope = format!("{}/s", words::trimmed(growth.slope, 1));
        let text = format!(
            "{}: the queue of {element} grows by {slope} from {} on, to {}",
            run.name,
            words::seconds(growth.since),
            words::count(growth.queue),
        );
        page.prose(Paint::Warn, &text);
    }
    rest(page, runs.len(), shown, "run");
}

/// One row for each `slo`: the run of each version that burns fastest.
pub fn budgets(page: &mut dyn Page, report: &Report) {
    let mut rows: Vec<(&RunReport, &BudgetReport)> = Vec::new();
    for (run, budget) in
        report.runs.iter().flat_map(|run| run.budgets.iter().filter(|b| b.is_slo).map(move |b| (run, b)))
    {
        let is_same = |row: &&mut (&RunReport, &BudgetReport)| {
            row.0.version == run.version && row.0.scenario == run.scenario && row.1.objective == budget.objective
        };
        match rows.iter_mut().find(is_same) {
            Some(row) if row.1.burn_rate >= budget.burn_rate => {}
            Some(row) => *row = (run, budget),
            None => rows.push((run, budget)),
        }
    }
    if rows.is_empty() {
        return;
    }
    page.heading("Error budgets", "burn rate 1 lasts exactly the period; worst run of each");
    let shown = if page.is_verbose() { rows.len() } else { LINES };
    let cells: Vec<Vec<Cell>> = rows.iter().take(shown).map(|(run, budget)| budget_row(run, budget)).collect();
    page.table(&["objective", "run", "burn", "consumed", "exhausted after"], &cells);
    rest(page, rows.len(), shown, "objective");
}

fn budget_row(run: &RunReport, budget: &BudgetReport) -> Vec<Cell> {
    let paint = if budget.pages {
        Paint::Bad
    } else if budget.burn_rate > 1.0 {
        Paint::Warn
    } else {
        Paint::Good
    };
    let end = budget.exhausted_after.map_or_else(|| "never".into(), days);
    vec![
        left(budget.objective.trim_end_matches(" (slo)")).paint(Paint::Bold),
        left(&*run.name),
        right(words::trimmed(budget.burn_rate, 1)).paint(paint),
        right(words::percent(budget.consumed)),
        right(end),
    ]
}

/// Days and hours: budgets last longer than requests.
fn days(seconds: f64) -> String {
    match seconds {
        s if s >= 365.0 * 86_400.0 => "over a year".into(),
        s if s >= 2.0 * 86_400.0 => format!("{} days", words::trimmed(s / 86_400.0, 1)),
        s if s >= 2.0 * 3600.0 => format!("{} h", words::trimmed(s / 3600.0, 1)),
        s => words::seconds(s),
    }
}
