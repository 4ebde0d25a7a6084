//! `slo` blocks as expectations in every scenario.

use super::Built;
use crate::diag::{Diagnostic, codes};
use crate::model::{Comparison, Condition, Expectation, ExpectationOrigin, Metric, MetricScope, Term, Window};
use crate::quantity::{Dimension, Duration, Quantity};
use crate::schema::KindRole;
use crate::sema::names::SymbolId;
use crate::sema::values::quantity_of;
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use std::sync::Arc;

/// Adds the expectations of every `slo` block.
pub fn add(built: &mut Built<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for n in 0..built.symbol_of_element.len() {
        let symbol = built.symbol_of_element[n];
        let slos = built.declared.names.get(symbol).facts.slos.clone();
        if built.declared.names.role(symbol) == KindRole::Source {
            continue;
        }
        for slo in &slos {
            for (key, value) in &slo.entries {
                let period = period(&slo.entries, &key.value);
                add_entry(built, symbol, (&key.value, value), period, diagnostics);
            }
        }
    }
}

/// `window "30 days"` beside an objective: the time for which its budget must last.
fn period(entries: &[(Spanned<String>, ast::Value)], key: &str) -> Option<Duration> {
    let group = key.split('.').next().unwrap_or_default();
    let window = |(name, _): &&(Spanned<String>, ast::Value)| {
        name.value.strip_prefix(group).is_some_and(|rest| rest == ".window")
    };
    entries.iter().find(window).and_then(|(_, value)| quantity_of(value)).and_then(|q| q.duration())
}

fn add_entry(
    built: &mut Built<'_>,
    symbol: SymbolId,
    (key, value): (&str, &ast::Value),
    period: Option<Duration>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some((metric, comparison, dimension)) = objective(key) else { return };
    let Some(target) = readable(value, dimension, diagnostics) else { return };
    let path = Arc::clone(&built.declared.names.get(symbol).path);
    let Some(scope) = scope(built, symbol) else { return };
    let condition = compare(metric, scope, comparison, target.si());
    let text = format!("{} (slo)", text(metric, &path, comparison, target));
    // A throughput objective is a capacity: below it, all that is offered must be served.
    let condition = if metric == Metric::Goodput {
        let served = compare(Metric::ErrorRate, scope, Comparison::LessOrEqual, 0.01);
        Condition::Or(Box::new(condition), Box::new(served))
    } else {
        condition
    };
    built.architecture.slos.push(Expectation {
        text: text.into(),
        condition,
        window: Window::Whole,
        origin: ExpectationOrigin::Slo,
        period: period.filter(|period| *period > Duration::ZERO),
    });
}

fn objective(key: &str) -> Option<(Metric, Comparison, Dimension)> {
    Some(match key {
        "availability.target" => (Metric::Availability, Comparison::GreaterOrEqual, Dimension::Share),
        "latency.p50" => (Metric::Quantile(0.5), Comparison::Less, Dimension::Duration),
        "latency.p95" => (Metric::Quantile(0.95), Comparison::Less, Dimension::Duration),
        "latency.p99" => (Metric::Quantile(0.99), Comparison::Less, Dimension::Duration),
        "errorRate.target" | "error_rate.target" => (Metric::ErrorRate, Comparison::LessOrEqual, Dimension::Share),
        "throughput.target" => (Metric::Goodput, Comparison::GreaterOrEqual, Dimension::Rate),
        "cost.target" => (Metric::Cost, Comparison::LessOrEqual, Dimension::MoneyPerTime),
        _ => return None,
    })
}

fn readable(value: &ast::Value, dimension: Dimension, diagnostics: &mut Vec<Diagnostic>) -> Option<Quantity> {
    let found = quantity_of(value).filter(|q| q.dimension() == dimension);
    if found.is_none() {
        diagnostics.push(unreadable(value.span, dimension));
    }
    found
}

fn unreadable(span: Span, dimension: Dimension) -> Diagnostic {
    Diagnostic::new(&codes::W1301, span, format!("this text is not {}", dimension.describe()))
        .label("kept, and otherwise ignored")
        .help("without it, the objective is not checked")
}

/// A station for itself; a group by its entrance, or by all traffic when that is the only way in.
fn scope(built: &Built<'_>, symbol: SymbolId) -> Option<MetricScope> {
    built.station_of(symbol).or_else(|| built.entrance(symbol)).map(MetricScope::Station)
}

fn compare(metric: Metric, scope: MetricScope, comparison: Comparison, target: f64) -> Condition {
    Condition::Compare(Term::Metric(metric, scope), comparison, Term::Value(target))
}

fn text(metric: Metric, path: &str, comparison: Comparison, target: Quantity) -> String {
    let name = match metric {
        Metric::Availability => "availability".to_owned(),
        Metric::ErrorRate => "error_rate".to_owned(),
        Metric::Goodput => "goodput".to_owned(),
        Metric::Cost => "cost".to_owned(),
        Metric::Quantile(share) => format!("p{}", share * 100.0),
        _ => "metric".to_owned(),
    };
    let sign = match comparison {
        Comparison::GreaterOrEqual => ">=",
        Comparison::LessOrEqual => "<=",
        _ => "<",
    };
    format!("{name}({path}) {sign} {target}")
}
