//! Expressions to conditions, expectations to what the engine probes.

use super::{Built, place};
use crate::diag::{Diagnostic, codes};
use crate::model::{Comparison, Condition, Expectation, ExpectationOrigin, Metric, MetricScope, Term, Window};
use crate::quantity::{Dimension, Duration, Quantity, SimTime, Unit};
use crate::schema::{METRICS, MetricFunction, find_metric, nearest};
use crate::sema::template::Flat;
use crate::sema::values::quantity_of;
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Argument, CompareOp, Expr, ExprKind, WindowKind};
use crate::syntax::{self, ast};

/// What lowering an expression needs.
pub struct Context<'c, 'a> {
    /// The architecture.
    pub built: &'c Built<'a>,
    /// Parameters.
    pub flat: &'c Flat<'a>,
    /// Texts.
    pub sources: &'c SourceMap,
}

/// A lowered side of a comparison and what it measures; `None`: takes what the other side measures.
struct Side {
    term: Term,
    dimension: Option<Dimension>,
    metric: Option<Metric>,
}

impl Context<'_, '_> {
    /// An `expect` statement.
    pub fn expectation(
        &self,
        expect: &ast::Expect,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Expectation> {
        let condition = self.condition(&expect.condition, diagnostics)?;
        let window = match &expect.window {
            Some(window) => self.window(&window.value, window.span, diagnostics)?,
            None => Window::Whole,
        };
        Some(Expectation {
            text: self.text(span).into(),
            condition,
            window,
            origin: ExpectationOrigin::Scenario,
            period: None,
        })
    }

    /// A statement as written, on one line, without `expect`, parameters replaced by their values.
    pub fn text(&self, span: Span) -> String {
        let text = syntax::one_line(self.sources.text(span));
        let mut text = text.strip_prefix("expect ").unwrap_or(&text).trim_end_matches(';').to_owned();
        for (name, param) in &self.flat.params {
            if let Some(value) = param.value {
                let swept = matches!(value.value, ast::ValueKind::Range(_) | ast::ValueKind::List(_));
                // A run has its own value there.
                let shown = if swept { format!("{{{name}}}") } else { syntax::one_line(self.sources.text(value.span)) };
                text = replace_word(&text, name, &shown);
            }
        }
        text
    }

    fn window(&self, window: &WindowKind, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Window> {
        Some(match window {
            WindowKind::DuringChaos => Window::DuringChaos,
            WindowKind::AfterChaos => Window::AfterChaos,
            WindowKind::Always => Window::Always,
            WindowKind::EventuallyWithin(length) => Window::EventuallyWithin(self.time(length, diagnostics)?),
            WindowKind::Between(from, to) => {
                let ((first, _), (_, last)) = (self.times(from, diagnostics)?, self.times(to, diagnostics)?);
                let (from, to) =
                    (SimTime::ZERO + self.time(from, diagnostics)?, SimTime::ZERO + self.time(to, diagnostics)?);
                if first >= last {
                    diagnostics.push(Diagnostic::new(&codes::E0303, span, "the window ends before it starts"));
                    return None;
                }
                Window::Between(from, to)
            }
        })
    }

    /// A time; of a sweep its first.
    fn time(&self, value: &ast::Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Duration> {
        let (value, _) = self.flat.bound(value);
        let found = first_quantity(value).and_then(time_of);
        if found.is_none() || ends(value).into_iter().any(|end| end.and_then(time_of).is_none()) {
            diagnostics.push(Diagnostic::new(&codes::E0301, value.span, "a time such as `30s` belongs here"));
            return None;
        }
        found
    }

    /// The shortest and the longest of a sweep of times; twice the one time without one.
    fn times(&self, value: &ast::Value, diagnostics: &mut Vec<Diagnostic>) -> Option<(Duration, Duration)> {
        let one = self.time(value, diagnostics)?;
        let (value, _) = self.flat.bound(value);
        let all = || ends(value).into_iter().flatten().filter_map(time_of);
        Some((all().min().unwrap_or(one), all().max().unwrap_or(one)))
    }

    /// A condition.
    pub fn condition(&self, expr: &Expr, diagnostics: &mut Vec<Diagnostic>) -> Option<Condition> {
        match &expr.kind {
            ExprKind::Compare(left, op, right) => self.compare(left, op.value, right, expr.span, diagnostics),
            ExprKind::And(a, b) => {
                let (a, b) = (self.condition(a, diagnostics), self.condition(b, diagnostics));
                Some(Condition::And(Box::new(a?), Box::new(b?)))
            }
            ExprKind::Or(a, b) => {
                let (a, b) = (self.condition(a, diagnostics), self.condition(b, diagnostics));
                Some(Condition::Or(Box::new(a?), Box::new(b?)))
            }
            ExprKind::Not(inner) => Some(Condition::Not(Box::new(self.condition(inner, diagnostics)?))),
            ExprKind::Quantity(_) | ExprKind::Name(..) | ExprKind::Target(_) | ExprKind::Text(_) => {
                diagnostics.push(
                    Diagnostic::new(&codes::E0305, expr.span, "this compares nothing")
                        .label("a comparison belongs here")
                        .help("for example `p95 < 200ms`"),
                );
                None
            }
        }
    }

    fn compare(
        &self,
        left: &Expr,
        op: CompareOp,
        right: &Expr,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Condition> {
        let (a, b) = (self.side(left, diagnostics), self.side(right, diagnostics));
        let (mut a, mut b) = (a?, b?);
        let wanted = a.metric.and(a.dimension).or(b.metric.and(b.dimension)).or(a.dimension).or(b.dimension);
        for (side, expr) in [(&mut a, left), (&mut b, right)] {
            if !agrees(side, wanted) {
                diagnostics.push(unlike(side, wanted, expr, span));
                return None;
            }
        }
        Some(Condition::Compare(a.term, comparison(op), b.term))
    }

    fn side(&self, expr: &Expr, diagnostics: &mut Vec<Diagnostic>) -> Option<Side> {
        match &expr.kind {
            ExprKind::Quantity(q) => Some(value_side(*q)),
            ExprKind::Name(path, argument) => self.named_side(path, argument.as_ref(), diagnostics),
            _ => {
                diagnostics.push(Diagnostic::new(&codes::E0305, expr.span, "a metric or a quantity belongs here"));
                None
            }
        }
    }

    fn named_side(
        &self,
        path: &ast::Path,
        argument: Option<&Argument>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Side> {
        let name = path.dotted();
        if argument.is_none() {
            let value = crate::sema::values::path_value(path);
            if let (value, Some(_)) = self.flat.bound(&value) {
                return first_quantity(value).map(value_side).or_else(|| {
                    diagnostics.push(Diagnostic::new(&codes::E0305, value.span, format!("`{name}` is no quantity")));
                    None
                });
            }
        }
        let Some(function) = find_metric(&name) else {
            diagnostics.push(unknown_metric(path));
            return None;
        };
        let metric = metric_of(&name, function)?;
        let scope = match argument {
            Some(argument) => self.scope(function, path, argument, diagnostics)?,
            None => MetricScope::All,
        };
        Some(Side { term: Term::Metric(metric, scope), dimension: Some(function.dimension), metric: Some(metric) })
    }

    fn scope(
        &self,
        function: &MetricFunction,
        at: &ast::Path,
        argument: &Argument,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<MetricScope> {
        let wrong = |what: &str| {
            Diagnostic::new(&codes::E0306, at.span, format!("`{}` cannot be taken of {what}", function.name))
        };
        match argument {
            Argument::Arrow(from, to) => {
                if !function.of_relation {
                    diagnostics.push(wrong("a relation"));
                    return None;
                }
                let names = &self.built.declared.names;
                let from_id = crate::sema::cascade::resolve(names, &self.flat.bound_path(from), None, diagnostics);
                let to_id = crate::sema::cascade::resolve(names, &self.flat.bound_path(to), None, diagnostics);
                let calls = place::calls(self.built, from_id?, to_id?);
                if calls.is_empty() {
                    diagnostics.push(Diagnostic::new(
                        &codes::E0218,
                        from.span.to(to.span),
                        format!("nothing goes from `{}` to `{}`", from.dotted(), to.dotted()),
                    ));
                }
                calls.first().map(|call| MetricScope::Call(*call))
            }
            Argument::Path(path) => {
                let path = self.flat.bound_path(path);
                if !function.of_element {
                    diagnostics.push(wrong("an element"));
                    return None;
                }
                let name = path.dotted();
                let is_element =
                    self.built.declared.names.resolve(&name, None).is_ok_and(|id| self.built.element_of.contains(id));
                if let Some(request) = place::request(self.built, &name).filter(|_| !is_element) {
                    return Some(MetricScope::Request(request));
                }
                let symbol = crate::sema::cascade::resolve(&self.built.declared.names, &path, None, diagnostics)?;
                let station = self.built.station_of(symbol).or_else(|| self.built.entrance(symbol));
                if station.is_none() {
                    diagnostics.push(super::behavior::not_running(&path));
                }
                station.map(MetricScope::Station)
            }
        }
    }
}

/// A time not below zero; a bare number is of seconds.
fn time_of(quantity: Quantity) -> Option<Duration> {
    quantity.or_unit(second()).duration()
}

/// What a value is between: both ends of a range, all of a list, itself.
fn ends(value: &ast::Value) -> Vec<Option<Quantity>> {
    match &value.value {
        ast::ValueKind::Range(range) => {
            vec![Some(range.start.or_unit(range.end.unit)), Some(range.end.or_unit(range.start.unit))]
        }
        ast::ValueKind::List(list) => list.iter().map(quantity_of).collect(),
        _ => vec![quantity_of(value)],
    }
}

fn second() -> &'static Unit {
    Unit::find("s").unwrap_or(Unit::NONE)
}

fn value_side(q: Quantity) -> Side {
    let dimension = if q.is_bare() { None } else { Some(q.dimension()) };
    Side { term: Term::Value(q.si()), dimension, metric: None }
}

/// The first quantity of a value: of a sweep its first value.
fn first_quantity(value: &ast::Value) -> Option<Quantity> {
    match &value.value {
        ast::ValueKind::Range(range) => Some(range.start.or_unit(range.end.unit)),
        ast::ValueKind::List(list) => list.first().and_then(quantity_of),
        _ => quantity_of(value),
    }
}

/// Whether a side measures what is compared. A bare number stands for a share, a rate, a factor, a
/// count or a cost, but not for a time: 200 could be seconds or milliseconds.
fn agrees(side: &Side, wanted: Option<Dimension>) -> bool {
    match (side.dimension, wanted) {
        (None, Some(Dimension::Duration)) => matches!(side.term, Term::Value(value) if value == 0.0),
        (None, _) | (_, None) => true,
        (Some(Dimension::Factor), Some(Dimension::Count)) | (Some(Dimension::Count), Some(Dimension::Factor)) => true,
        (Some(given), Some(wanted)) => given == wanted,
    }
}

fn unlike(side: &Side, wanted: Option<Dimension>, expr: &Expr, whole: Span) -> Diagnostic {
    let wanted = wanted.map_or_else(|| "something else".to_owned(), |d| d.to_string());
    let diagnostic = match side.dimension {
        None => Diagnostic::new(&codes::E0305, expr.span, format!("{wanted} is compared with a bare number"))
            .label("in which unit?")
            .help("write the unit: `200ms`, `2s`"),
        Some(given) => Diagnostic::new(&codes::E0305, expr.span, format!("{wanted} is compared with {given}"))
            .label(format!("this is {given}")),
    };
    if expr.span == whole { diagnostic } else { diagnostic.related(whole, "in this comparison") }
}

fn unknown_metric(path: &ast::Path) -> Diagnostic {
    let name = path.dotted();
    let diagnostic =
        Diagnostic::new(&codes::E0206, path.span, format!("no metric is called `{name}`")).label("not known");
    match nearest(&name, METRICS.iter().map(|metric| metric.name)) {
        Some(near) => {
            diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), path.span, near)
        }
        None => diagnostic
            .help(format!("there are {}", METRICS.iter().map(|metric| metric.name).collect::<Vec<_>>().join(", "))),
    }
}

fn metric_of(name: &str, function: &MetricFunction) -> Option<Metric> {
    Some(match function.name {
        "mean" => Metric::Mean,
        "max" => Metric::Max,
        "error_rate" => Metric::ErrorRate,
        "availability" => Metric::Availability,
        "throughput" => Metric::Throughput,
        "goodput" => Metric::Goodput,
        "utilization" => Metric::Utilization,
        "queue" => Metric::Queue,
        "retries" => Metric::Retries,
        "amplification" => Metric::Amplification,
        "recovery_time" => Metric::RecoveryTime,
        "stability" => Metric::Stability,
        "cost" => Metric::Cost,
        "stale_reads" => Metric::StaleReads,
        "lost_writes" => Metric::LostWrites,
        _ => Metric::Quantile(name.strip_prefix('p')?.parse::<f64>().ok()? / 100.0),
    })
}

/// The sign of a comparison.
pub fn comparison(op: CompareOp) -> Comparison {
    match op {
        CompareOp::Less => Comparison::Less,
        CompareOp::LessOrEqual => Comparison::LessOrEqual,
        CompareOp::Greater => Comparison::Greater,
        CompareOp::GreaterOrEqual => Comparison::GreaterOrEqual,
        CompareOp::Equal => Comparison::Equal,
        CompareOp::NotEqual => Comparison::NotEqual,
    }
}

/// `text` with every whole word `word` replaced.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        out.push_str(before);
        out.push_str(if whole { by } else { word });
        rest = after;
    }
    out + rest
}
