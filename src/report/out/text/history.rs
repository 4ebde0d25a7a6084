//! The commits of a history: the series, what changed in it, and which of them made it worse.

use super::super::page::{Cell, Page, Paint, Piece, left, right, shortened};
use super::counted;
use crate::report::{
    AttributionReport, BisectOutcome, BisectReport, CommitReport, CommitStatus, HistoryReport, Report, StepReport,
    TestedReport, words,
};
use std::sync::Arc;

/// Rows of a series that are shown at most, the newest.
const ROWS: usize = 40;
/// Lines of one commit's changes that are shown at most.
const CHANGES: usize = 6;
/// Columns that a subject has at least, and those that figures, dates and gaps take beside it.
const SUBJECT: usize = 14;
const BESIDE: usize = 44;
/// Columns of a subject in a sentence.
const SENTENCE: usize = 40;

/// One section for each scenario.
pub fn histories(page: &mut dyn Page, report: &Report) {
    if let Some(found) = &report.bisect {
        bisect(page, found);
    }
    for history in &report.history {
        // A search has its own answer, and too few commits for this one.
        if report.bisect.is_none() {
            answer(page, history);
        }
        series(page, history);
        steps(page, history);
    }
}

/// The first bad commit, and how it was found.
fn bisect(page: &mut dyn Page, found: &BisectReport) {
    let named = |commit: &Option<Arc<str>>| commit.as_deref().map_or_else(String::new, |id| known(found, id));
    let (paint, answer) = match found.outcome {
        BisectOutcome::Found => {
            (Paint::Bad, format!("{} is the first commit that violates {}", named(&found.first_bad), found.expression))
        }
        BisectOutcome::AllGood => {
            (Paint::Good, format!("the newest commit holds {}: nothing to find", found.expression))
        }
        BisectOutcome::AllBad => {
            let first = named(&found.first_bad);
            (Paint::Bad, format!("{first} violates {} already, and it is the oldest", found.expression))
        }
        BisectOutcome::Untestable => (Paint::Warn, "no commit has a sound model".to_owned()),
    };
    page.answer(Piece(paint, answer));
    let searched = format!("{} of {} tested", found.tested.len(), counted(found.commits, "commit"));
    page.heading("Bisection", &searched);
    let rows: Vec<Vec<Cell>> = found.tested.iter().map(test_row).collect();
    page.table(&["commit", "#", "subject", &found.expression], &rows);
    if !found.untestable.is_empty() {
        let names = found.untestable.join(", ");
        page.prose(Paint::Warn, &format!("each of these may be the first, too, for it has no sound model: {names}"));
    }
}

fn test_row(tested: &TestedReport) -> Vec<Cell> {
    let (paint, word) = match tested.good {
        Some(true) => (Paint::Good, "holds"),
        Some(false) => (Paint::Bad, "violated"),
        None => (Paint::Dim, "cannot be told"),
    };
    vec![
        left(tested.commit.to_string()).paint(Paint::Bold),
        right(tested.number.map_or_else(String::new, |number| number.to_string())),
        left(cut(&tested.subject, SENTENCE)),
        left(word).paint(paint),
    ]
}

/// `#14 a1b2c3d Add retries`.
fn known(found: &BisectReport, id: &str) -> String {
    let Some(tested) = found.tested.iter().find(|tested| *tested.commit == *id) else { return id.to_owned() };
    let number = tested.number.map_or_else(String::new, |number| format!("#{number} "));
    format!("{number}{id} {}", cut(&tested.subject, SENTENCE))
}

/// Commits that made something worse, oldest first.
fn worse(history: &HistoryReport) -> Vec<&CommitReport> {
    history.commits.iter().filter(|commit| commit.steps.iter().any(|step| step.regression)).collect()
}

fn answer(page: &mut dyn Page, history: &HistoryReport) {
    let worse = worse(history);
    let models = history.commits.iter().filter(|commit| commit.status == CommitStatus::Measured).count();
    match worse.as_slice() {
        [] if models < 2 => page.answer(Piece(Paint::Plain, format!("{}: nothing to compare", history.scenario))),
        [] => page.answer(Piece(Paint::Good, format!("{}: no commit is shown to be a regression", history.scenario))),
        several => {
            let names: Vec<String> = several.iter().take(5).map(|commit| named(commit)).collect();
            let more = several.len().saturating_sub(names.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let noun = counted(several.len(), "regression");
            page.answer(Piece(Paint::Bad, format!("{}: {noun}: {}{more}", history.scenario, names.join(", "))));
        }
    }
}

/// `#14 a1b2c3d`.
fn named(commit: &CommitReport) -> String {
    match commit.number {
        Some(number) => format!("#{number} {}", commit.commit),
        None => commit.commit.to_string(),
    }
}

fn series(page: &mut dyn Page, history: &HistoryReport) {
    let has = |status| history.commits.iter().filter(|commit| commit.status == status).count();
    let models = match has(CommitStatus::Measured) {
        1 => "1 model measured once".to_owned(),
        n => format!("{n} different models measured once each"),
    };
    page.heading(
        &format!("History of {}", history.scenario),
        &format!("{}, {models}", counted(history.commits.len(), "commit")),
    );
    // Rows that say nothing new give way, unless everything is wanted.
    let is_news = |commit: &&CommitReport| page.is_verbose() || is_news(commit);
    let telling: Vec<&CommitReport> = history.commits.iter().filter(is_news).collect();
    let shown = if page.is_verbose() { telling.len() } else { ROWS.min(telling.len()) };
    let cost = history.commits.iter().any(|commit| commit.cost.is_some());
    let name = |commit: &&CommitReport| commit.commit.len() + commit.tag.as_ref().map_or(0, |tag| tag.len() + 1);
    let names = telling.iter().map(name).max().unwrap_or(0);
    let room = page.width().saturating_sub(BESIDE + names + if cost { 8 } else { 0 }).max(SUBJECT);
    let mut head = vec!["commit", "#", "date", "subject", "score", "p95", "errors"];
    if cost {
        head.push("USD/h");
    }
    let rows: Vec<Vec<Cell>> = telling[telling.len() - shown..].iter().map(|commit| row(commit, cost, room)).collect();
    page.table(&head, &rows);
    let left_out = history.commits.len() - shown;
    if left_out > 0 {
        let hidden = format!("{} not shown: the model stayed as it was", counted(left_out, "commit"));
        let hidden = if shown < telling.len() { format!("{} not shown", counted(left_out, "commit")) } else { hidden };
        page.prose(Paint::Dim, &hidden);
    }
}

/// Whether its row says more than that nothing changed.
fn is_news(commit: &CommitReport) -> bool {
    match commit.status {
        CommitStatus::Same => !commit.steps.is_empty() || commit.tag.is_some(),
        CommitStatus::Absent => false,
        CommitStatus::Measured | CommitStatus::Broken | CommitStatus::Unmeasured => true,
    }
}

fn row(commit: &CommitReport, cost: bool, room: usize) -> Vec<Cell> {
    let figure = |value: Option<f64>, text: fn(f64) -> String| right(value.map_or_else(|| "—".into(), text));
    let is_worse = |metric: &str| commit.steps.iter().any(|step| step.metric == metric && step.regression);
    let marked = |cell: Cell, metric| if is_worse(metric) { cell.paint(Paint::Bad) } else { cell };
    let subject = match commit.status {
        CommitStatus::Measured => commit.subject.to_string(),
        CommitStatus::Same => format!("= {}: {}", commit.same_as.as_deref().unwrap_or("before"), commit.subject),
        CommitStatus::Absent => format!("no file: {}", commit.subject),
        CommitStatus::Broken | CommitStatus::Unmeasured => {
            format!("broken: {}", commit.error.as_deref().unwrap_or("nothing was measured"))
        }
    };
    let paint = match commit.status {
        CommitStatus::Broken | CommitStatus::Unmeasured => Paint::Bad,
        CommitStatus::Same | CommitStatus::Absent => Paint::Dim,
        CommitStatus::Measured => Paint::Plain,
    };
    let tag = commit.tag.as_ref().map_or_else(String::new, |tag| format!(" {tag}"));
    let date = commit.time.split('T').next().unwrap_or(&commit.time);
    let mut cells = vec![
        left(format!("{}{tag}", commit.commit)).paint(Paint::Bold),
        right(commit.number.map_or_else(String::new, |number| number.to_string())),
        left(date),
        left(cut(&subject, room)).paint(paint),
        marked(figure(commit.score, |v| format!("{v:.1}")), "score"),
        marked(figure(commit.p95, words::seconds), "p95"),
        marked(figure(commit.error_rate, words::percent), "error_rate"),
    ];
    if cost {
        cells.push(marked(figure(commit.cost, words::money), "cost"));
    }
    cells
}

/// The beginning of a subject: it says what the commit does.
fn cut(subject: &str, room: usize) -> String {
    let chars = subject.chars().count();
    if chars <= room {
        return subject.to_owned();
    }
    subject.chars().take(room - 1).chain(['…']).collect()
}

fn steps(page: &mut dyn Page, history: &HistoryReport) {
    let changed: Vec<&CommitReport> = history.commits.iter().filter(|commit| !commit.steps.is_empty()).collect();
    if changed.is_empty() {
        return;
    }
    page.heading("What changed", "against the model before, on the same random numbers");
    let shown = if page.is_verbose() { changed.len() } else { ROWS.min(changed.len()) };
    for commit in &changed[changed.len() - shown..] {
        step(page, commit);
    }
    super::standing::rest(page, changed.len(), shown, "commit");
}

fn step(page: &mut dyn Page, commit: &CommitReport) {
    let is_worse = commit.steps.iter().any(|step| step.regression);
    let (paint, word) = if is_worse { (Paint::Bad, "regression") } else { (Paint::Plain, "") };
    let name = Piece(Paint::Bold, named(commit));
    let subject = Piece(paint, format!(" {}", shortened(&commit.subject, page.width().saturating_sub(30))));
    page.item(&[name, subject], word);
    let shown = if page.is_verbose() { commit.changes.len() } else { CHANGES };
    for change in commit.changes.iter().take(shown) {
        page.detail(Paint::Plain, &change.text);
    }
    if commit.changes.len() > shown {
        page.detail(Paint::Dim, &format!("and {} more changes", commit.changes.len() - shown));
    }
    let lines: Vec<(Paint, String)> = commit.steps.iter().filter_map(difference).collect();
    if lines.is_empty() {
        page.detail(Paint::Dim, "no figure is shown to have changed");
    }
    for (paint, line) in lines {
        page.detail(paint, &line);
    }
    for found in &commit.attribution {
        page.detail(Paint::Plain, &attribution(found));
    }
}

/// `p95 +45ms (+38%) [+40ms, +50ms]: worse`; nothing for what is proven equal or not known to differ.
fn difference(step: &StepReport) -> Option<(Paint, String)> {
    let paint = match (step.verdict, step.regression) {
        (_, true) => Paint::Bad,
        ("worse", _) => Paint::Warn,
        ("better", _) => Paint::Good,
        _ => return None,
    };
    let relative = step.relative.map_or_else(String::new, |share| format!(" ({})", signed(share, words::percent)));
    let amount = |value: f64| self::amount(step.metric, value);
    let interval = step.ci95.map_or_else(String::new, |[low, high]| format!(" [{}, {}]", amount(low), amount(high)));
    let metric = step.metric.replace('_', " ");
    Some((paint, format!("{metric} {}{relative}{interval}: {}", amount(step.difference), step.verdict)))
}

/// A difference of a figure in its unit, with its sign.
fn amount(metric: &str, value: f64) -> String {
    match metric {
        "p95" => signed(value, words::seconds),
        "error_rate" => signed(value, words::percent),
        "cost" => signed(value, |v| words::money(v) + "USD/h"),
        _ => signed(value, |v| format!("{v:.1}")),
    }
}

fn signed(value: f64, text: impl Fn(f64) -> String) -> String {
    let sign = if value < 0.0 { "-" } else { "+" };
    sign.to_owned() + &text(value.abs())
}

/// Least share of a difference that is told.
const SHARE: f64 = 0.005;

/// `p95 in 3f2a91c:Load: 80% from Shop.Api, 12% from Shop.Db, 8% by their interplay`.
fn attribution(found: &AttributionReport) -> String {
    let tells = |cause: &&crate::report::ContributionReport| cause.share.is_none_or(|share| share.abs() >= SHARE);
    let cause = |cause: &crate::report::ContributionReport| {
        let share = cause.share.map_or_else(|| amount(found.metric, cause.difference), rounded);
        format!("{share} from {}", cause.subject)
    };
    let causes: Vec<String> = found.causes.iter().filter(tells).take(3).map(cause).collect();
    let causes = if causes.is_empty() { vec!["nothing from any change alone".to_owned()] } else { causes };
    let rest = found.interaction_share.filter(|share| share.abs() >= 0.05);
    let rest = rest.map_or_else(String::new, |share| format!(", {} by their interplay", rounded(share)));
    format!("{} in {}: {}{rest}", found.metric.replace('_', " "), found.run, causes.join(", "))
}

/// A share in a difference: more digits than these are noise.
fn rounded(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}
