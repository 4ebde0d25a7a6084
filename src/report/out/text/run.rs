//! One run in full: its response times and its elements.

use super::super::page::{Cell, Page, Paint, left, right};
use super::standing::rest;
use super::theory;
use crate::report::{ElementReport, Report, RunReport, words};

/// Elements shown without `-v`.
const ELEMENTS: usize = 12;

/// Details of a single run, or with `-v` of every run.
pub fn details(page: &mut dyn Page, report: &Report) {
    if report.runs.len() == 1 || page.is_verbose() {
        for run in report.runs.iter().filter(|run| run.score.is_some()) {
            traffic(page, run);
            elements(page, run);
            theory::details(page, run);
        }
    }
}

fn traffic(page: &mut dyn Page, run: &RunReport) {
    page.heading(&run.name, "response times and failures of external requests");
    let m = &run.metrics;
    let rows: Vec<Vec<Cell>> = [
        ("requests", words::count(m.requests as f64), None),
        ("goodput", words::rate(m.goodput), interval(run, "goodput", words::rate)),
        ("failed", words::percent(m.error_rate), interval(run, "error_rate", words::percent)),
        ("mean", words::seconds(m.latency.mean), interval(run, "latency.mean", words::seconds)),
        ("p50", words::seconds(m.latency.p50), interval(run, "latency.p50", words::seconds)),
        ("p95", words::seconds(m.latency.p95), interval(run, "latency.p95", words::seconds)),
        ("p99", words::seconds(m.latency.p99), interval(run, "latency.p99", words::seconds)),
        ("p99.9", words::seconds(m.latency.p999), interval(run, "latency.p999", words::seconds)),
    ]
    .into_iter()
    .map(|(name, value, interval)| vec![left(name), right(value), left(interval.unwrap_or_default()).paint(Paint::Dim)])
    .collect();
    page.table(&["", "value", "95% interval"], &rows);
}

fn interval(run: &RunReport, metric: &str, word: fn(f64) -> String) -> Option<String> {
    let [low, high] = run.ci95.get(metric)?;
    Some(format!("{} to {}", word(*low), word(*high)))
}

fn elements(page: &mut dyn Page, run: &RunReport) {
    let mut elements: Vec<(&str, &ElementReport)> = run.elements.iter().map(|(name, e)| (&**name, e)).collect();
    elements.sort_by(|a, b| b.1.utilization.total_cmp(&a.1.utilization));
    if elements.is_empty() {
        return;
    }
    page.heading("Elements", "busiest first");
    let shown = if page.is_verbose() { elements.len() } else { ELEMENTS };
    let rows: Vec<Vec<Cell>> = elements.iter().take(shown).map(|(name, e)| element_row(name, e)).collect();
    page.table(&["element", "calls/s", "busy", "queue", "wait", "p95", "refused", "errors"], &rows);
    rest(page, elements.len(), shown, "element");
}

fn element_row(name: &str, e: &ElementReport) -> Vec<Cell> {
    let alarm = |count: u64| {
        let cell = right(words::count(count as f64));
        if count > 0 { cell.paint(Paint::Warn) } else { cell.paint(Paint::Dim) }
    };
    vec![
        left(name).paint(Paint::Bold),
        right(words::count(e.throughput)),
        right(words::percent(e.utilization)).paint(Paint::by(1.0 - e.utilization, 0.1, 0.3)),
        right(words::trimmed(e.queue_mean, 1)),
        right(words::seconds(e.wait_mean)),
        right(words::seconds(e.response_p95)),
        alarm(e.rejected),
        alarm(e.errors),
    ]
}
