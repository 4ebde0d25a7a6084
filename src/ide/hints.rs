//! The load beside the text: how busy each element is, what each scenario costs, what retries may multiply to.

use super::capacity::{self, Capacity, Cost, Load, Runs};
use super::world::{View, World};
use crate::analytic::{Answer, ElementAnswers, Exactness};
use crate::model::CallId;
use crate::sema::Class;
use crate::source::Span;
use std::path::Path;
use std::sync::Arc;

/// Something shown behind a word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Behind this byte.
    pub at: u32,
    /// What is shown.
    pub label: String,
    /// What it means, in Markdown.
    pub tooltip: String,
    /// Whether it is above 1: more than can be served.
    pub is_over: bool,
}

/// The hints of a file between two offsets, in order.
///
/// An element has the load of the scenario of its file that stands nearest to it; in a file without one, of the first
/// scenario of the smallest file that imports it, and where there is none at all, the load that `slo` blocks promise to
/// bear. A file with errors has the hints that it had before them.
pub fn hints(world: &World, path: &Path, start: u32, end: u32) -> Vec<Hint> {
    let Some(own) = world.view(path) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(loads) = Loads::of(world, path, &own) {
        elements(&loads, start, end, &mut found);
    }
    let known = capacity::of(own.analysis);
    scenarios(&own, &known, &mut found);
    retries(&own, &known, &mut found);
    found.retain(|hint| start <= hint.at && hint.at <= end);
    found.sort_by_key(|hint| hint.at);
    found
}

/// The loads that elements of a file are shown with.
struct Loads<'w> {
    view: View<'w>,
    known: Arc<Capacity>,
    pick: Pick<'w>,
}

enum Pick<'w> {
    /// The nearest of the file's own scenarios: where each stands, and its name.
    Nearest(Vec<(u32, &'w str)>),
    First,
    Declared,
}

impl<'w> Loads<'w> {
    fn of(world: &'w World, path: &Path, own: &View<'w>) -> Option<Self> {
        let known = capacity::of(own.analysis);
        let tree = own.tree().map(super::lens::scenarios).unwrap_or_default();
        let stand = tree.into_iter().map(|name| (name.span.start, name.value.as_str()));
        let near: Vec<_> = stand.filter(|(_, name)| known.load(own.analysis, name).is_some()).collect();
        if !near.is_empty() {
            return Some(Self { view: *own, known, pick: Pick::Nearest(near) });
        }
        let same_text = |view: &View<'_>| view.text() == own.text();
        let views = world.views(path).into_iter().filter(same_text);
        let known = |view: View<'w>| (view, capacity::of(view.analysis));
        let views: Vec<_> = views.map(known).collect();
        let first = views.iter().find(|(view, known)| known.first_load(view.analysis).is_some());
        let declares = || views.iter().find(|(view, known)| known.declared_load(view.analysis).is_some());
        let found = first.map(|found| (found, Pick::First)).or_else(|| Some((declares()?, Pick::Declared)));
        found.map(|((view, known), pick)| Self { view: *view, known: Arc::clone(known), pick })
    }

    /// The load for what stands at an offset.
    fn at(&self, offset: u32) -> Option<&Load> {
        let analysis = self.view.analysis;
        match &self.pick {
            Pick::First => self.known.first_load(analysis),
            Pick::Declared => self.known.declared_load(analysis),
            Pick::Nearest(all) => {
                // Of two as near, the one behind: what is described comes before what is done with it.
                let nearest = all.iter().min_by_key(|(at, _)| (at.abs_diff(offset), *at < offset));
                nearest.and_then(|(_, name)| self.known.load(analysis, name))
            }
        }
    }
}

fn elements(loads: &Loads<'_>, start: u32, end: u32, out: &mut Vec<Hint>) {
    let view = &loads.view;
    let Some(meaning) = view.meaning() else { return };
    for (id, symbol) in meaning.names.iter() {
        let Span { file, end: at, .. } = symbol.span;
        if file != view.id || symbol.class != Class::Element || at < start || at > end {
            continue;
        }
        let known = loads.at(at).and_then(|load| Some((load, load.elements.get(&symbol.path)?)));
        if let (Some((load, answers)), Some(_)) = (known, meaning.station(id)) {
            out.extend(element(at, load, answers));
        }
    }
}

/// `ρ 0.83 · p95 ≈ 140 ms`.
fn element(at: u32, load: &Load, answers: &ElementAnswers) -> Option<Hint> {
    let demand = answers.demand.value();
    // Where retries make the rate unknown, that of first attempts is a bound, and may be too much already.
    let least = answers.least_demand.filter(|least| demand.is_none() && *least > 0.0);
    let is_over = demand.or(least).is_some_and(|rho| rho >= 1.0);
    let known = demand.filter(|rho| *rho > 0.0).map(|rho| format!("ρ {rho:.2}"));
    let rho = known.or(least.map(|least| format!("ρ ≥ {least:.2}")));
    let p95 = answers.response_p95.value().filter(|_| !is_over).map(|time| format!("p95 ≈ {}", seconds(time)));
    let mean = answers.response_mean.value().filter(|_| !is_over).map(|time| format!("mean ≈ {}", seconds(time)));
    let parts: Vec<String> = rho.into_iter().chain(p95.or(mean)).collect();
    (!parts.is_empty()).then(|| Hint { at, label: parts.join(" · "), tooltip: tooltip(load, answers), is_over })
}

fn tooltip(load: &Load, answers: &ElementAnswers) -> String {
    let mut text = format!("Closed forms at {}/s: {}.\n\n", number(load.rate), load.of);
    let rows = [
        ("offered", &answers.offered, "/s"),
        ("work over capacity", &answers.demand, ""),
        ("mean response", &answers.response_mean, "s"),
        ("95th percentile", &answers.response_p95, "s"),
        ("mean wait", &answers.wait_mean, "s"),
    ];
    for (name, answer, unit) in rows {
        text += &format!("- {name}: {}\n", told(answer, unit));
    }
    text
}

/// A number with what it rests on, or why there is none.
fn told(answer: &Answer, unit: &str) -> String {
    match answer {
        Answer::NotApplicable(reason) => format!("unknown: {reason}"),
        Answer::Known(figure) => {
            let value = if unit == "s" { seconds(figure.value) } else { format!("{}{unit}", number(figure.value)) };
            let trust = match figure.exactness {
                Exactness::Exact => "exact".to_owned(),
                Exactness::Approximate(error) => format!("within {:.0} %", error * 100.0),
            };
            format!("{value} ({}, {trust})", figure.source.describe())
        }
    }
}

fn scenarios(view: &View<'_>, known: &Capacity, out: &mut Vec<Hint>) {
    let Some(tree) = view.tree() else { return };
    for name in super::lens::scenarios(tree) {
        let Some(cost) = known.scenario(&name.value) else { continue };
        out.push(Hint {
            at: name.span.end,
            label: costs(cost),
            tooltip: "Runs over all versions, and an estimate of the processor time of all their replications".into(),
            is_over: false,
        });
    }
}

fn costs(cost: &Cost) -> String {
    match (cost.runs, cost.seconds) {
        (Runs::TooMany, _) => "too many runs: `sample` or larger steps".into(),
        (Runs::Some(runs), time) => {
            let runs = if runs == 1 { "1 run".into() } else { format!("{runs} runs") };
            let times = if cost.replications > 1 { format!(" × {}", cost.replications) } else { String::new() };
            let time = time.map(|time| format!(" · ≈ {}", seconds(time))).unwrap_or_default();
            format!("{runs}{times}{time}")
        }
    }
}

/// Behind the `retry` of each relation that this file says it of; without one, behind the relation.
fn retries(view: &View<'_>, known: &Capacity, out: &mut Vec<Hint>) {
    let Some(meaning) = view.meaning() else { return };
    for (n, call) in meaning.architecture.calls.iter().enumerate() {
        let Some(retry) = known.retries.get(&call.path) else { continue };
        let place = crate::model::Place::Call(CallId(n as u32));
        let Some(origin) = meaning.origins.get(place, crate::schema::Key::Retry) else { continue };
        if origin.span.file != view.id || origin.is_std {
            continue;
        }
        let text = view.text();
        // Behind the count, in front of the braces.
        let written = text.get(origin.span.range()).unwrap_or_default();
        let head = written.split('{').next().unwrap_or_default().trim_end();
        out.push(Hint {
            at: origin.span.start + head.len() as u32,
            label: format!("at worst ×{}", number(retry.factor)),
            tooltip: format!("Most attempts for one request along {}", retry.way),
            is_over: false,
        });
    }
    // A block of behavior may speak of many relations: its worst is shown once.
    out.sort_by(|a, b| (a.at, &b.label.len(), &b.label).cmp(&(b.at, &a.label.len(), &a.label)));
    out.dedup_by(|b, a| a.at == b.at && a.label.starts_with("at worst") && b.label.starts_with("at worst"));
}

/// A time for people.
fn seconds(time: f64) -> String {
    match time {
        t if !t.is_finite() => "∞".into(),
        t if t < 1e-3 => format!("{} µs", number(t * 1e6)),
        t if t < 1.0 => format!("{} ms", number(t * 1e3)),
        t if t < 120.0 => format!("{} s", number(t)),
        t if t < 7200.0 => format!("{} min", number(t / 60.0)),
        t => format!("{} h", number(t / 3600.0)),
    }
}

/// Two or three digits.
fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 || v == v.round() => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.0}"),
        v if v >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_for_people() {
        let shown = [0.0000123, 0.14, 0.0083, 2.46, 61.0, 600.0, 86_400.0].map(seconds);
        assert_eq!(shown, ["12 µs", "140 ms", "8.3 ms", "2.5 s", "61 s", "10 min", "24 h"]);
    }
}
