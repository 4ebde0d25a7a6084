//! W1108: an expectation that can never hold, or that always does.

use super::Context;
use super::bounds::{Fastest, ends};
use super::scene::Scene;
use super::words::{percent, time};
use crate::diag::{Diagnostic, codes};
use crate::model::{Comparison, Condition, Metric, MetricScope, Setter, Term};
use crate::syntax::ast::{Expr, ExprKind};

/// Comparisons of `expect` statements against what the metric can be.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        let expectations = scene.expectations();
        if expectations.is_empty() {
            continue;
        }
        let model = scene.roomiest();
        let limits = Limits { fastest: Fastest::new(&model, scene.graph), load: offered(scene) };
        for (n, (node, lowered)) in expectations.into_iter().enumerate() {
            let swept = sweeps_threshold(scene, n + scene.model.slos.len());
            if let Some(always) = limits.truth(&lowered.condition).filter(|_| !swept) {
                out.push(diagnostic(scene, &limits, &node.condition, &lowered.condition, always));
            }
        }
    }
}

/// Most that is ever offered, surges left alone.
fn offered(scene: &Scene<'_, '_>) -> Option<f64> {
    let surges =
        scene.scenario.base.chaos.iter().any(|event| matches!(event.action, crate::model::ChaosAction::Surge(_)));
    scene.load().filter(|_| !surges).map(|load| load.high)
}

fn sweeps_threshold(scene: &Scene<'_, '_>, expectation: usize) -> bool {
    let sets = |setter: &Setter| matches!(setter, Setter::Expectation(n, _) if *n == expectation);
    scene.scenario.axes.iter().any(|axis| axis.setters.iter().any(sets))
}

struct Limits<'m> {
    fastest: Fastest<'m>,
    load: Option<f64>,
}

impl Limits<'_> {
    /// Whether a condition holds whatever happens; `None` where that depends.
    fn truth(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Compare(left, comparison, right) => self.comparison(left, *comparison, right),
            Condition::And(a, b) => match (self.truth(a), self.truth(b)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Condition::Or(a, b) => match (self.truth(a), self.truth(b)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Condition::Not(inner) => self.truth(inner).map(|truth| !truth),
        }
    }

    fn ends(&self, metric: Metric, scope: MetricScope) -> (f64, f64) {
        ends(metric, scope, &self.fastest, self.load)
    }

    fn comparison(&self, left: &Term, comparison: Comparison, right: &Term) -> Option<bool> {
        match (left, right) {
            (Term::Metric(metric, scope), Term::Value(value)) => decide(self.ends(*metric, *scope), comparison, *value),
            (Term::Value(value), Term::Metric(metric, scope)) => {
                decide(self.ends(*metric, *scope), mirrored(comparison), *value)
            }
            _ => None,
        }
    }
}

/// A comparison of anything between two ends with a number.
fn decide((low, high): (f64, f64), comparison: Comparison, value: f64) -> Option<bool> {
    let below = |never: bool, always: bool| match (never, always) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    };
    match comparison {
        Comparison::Less => below(low >= value, high < value),
        Comparison::LessOrEqual => below(low > value, high <= value),
        Comparison::Greater => below(high <= value, low > value),
        Comparison::GreaterOrEqual => below(high < value, low >= value),
        Comparison::Equal => below(value < low || value > high, false),
        Comparison::NotEqual => below(false, value < low || value > high),
    }
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

fn diagnostic(
    scene: &Scene<'_, '_>,
    limits: &Limits<'_>,
    expr: &Expr,
    condition: &Condition,
    always: bool,
) -> Diagnostic {
    let (part, deciding) = deciding(limits, expr, condition, always);
    let why = reason(limits, deciding).unwrap_or_else(|| "by the meaning of the metric".to_owned());
    let message = if always {
        format!("this expectation always holds: {why}")
    } else {
        format!("this expectation can never hold: {why}")
    };
    let label = if always { "checks nothing" } else { "fails in every run" };
    Diagnostic::new(&codes::W1108, scene.own(part), message)
        .label(label)
        .help("set a limit that a good run keeps and a bad one breaks")
}

/// The part of a condition that decides it alone, with its text.
fn deciding<'e>(
    limits: &Limits<'_>,
    expr: &'e Expr,
    condition: &'e Condition,
    truth: bool,
) -> (crate::source::Span, &'e Condition) {
    let parts = match (&expr.kind, condition) {
        (ExprKind::And(a, b), Condition::And(c, d)) | (ExprKind::Or(a, b), Condition::Or(c, d)) => [(a, c), (b, d)],
        (ExprKind::Not(inner), Condition::Not(negated)) => return deciding(limits, inner, negated, !truth),
        _ => return (expr.span, condition),
    };
    let found = parts.into_iter().find(|(_, part)| limits.truth(part) == Some(truth));
    found.map_or((expr.span, condition), |(expr, part)| deciding(limits, expr, part, truth))
}

fn reason(limits: &Limits<'_>, condition: &Condition) -> Option<String> {
    let Condition::Compare(left, _, right) = condition else { return None };
    let ((Term::Metric(metric, scope), _) | (_, Term::Metric(metric, scope))) = (left, right) else { return None };
    let (low, high) = limits.ends(*metric, *scope);
    Some(match metric {
        Metric::Mean | Metric::Quantile(_) | Metric::Max if low > 0.0 => {
            format!("network and own work alone take {}", time(low))
        }
        Metric::Throughput | Metric::Goodput if high.is_finite() => {
            format!("no more than {} is offered", super::words::rate(high / 1.1))
        }
        Metric::Amplification => "one call for each request is the least".to_owned(),
        _ if high.is_finite() => format!("it lies between {} and {}", percent(low), percent(high)),
        _ => "it is never below 0".to_owned(),
    })
}
