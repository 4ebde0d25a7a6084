//! Values of the syntax to typed values of the model, by the schema's types.

use super::load::Loaded;
use crate::diag::{Diagnostic, codes};
use crate::model::{Arrivals, Backoff, Dist, Hedge, KeyPopularity, Limit, ShedRule, Slowdown, StationId, Value};
use crate::quantity::{Dimension, Duration, Quantity, Unit, parse_loose};
use crate::schema::{self, Attribute, DISTRIBUTIONS, Type, nearest};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, CompareOp, ExprKind, ValueKind};
use std::sync::Arc;

/// Finds the station that a path means, or says why there is none.
type FindStation<'c> = &'c dyn Fn(&ast::Path) -> Result<Option<StationId>, Box<Diagnostic>>;

/// What typing a value may need.
pub struct Typing<'c, 'd> {
    /// Data files.
    pub loaded: &'c Loaded<'c>,
    /// Which station a path means; a diagnostic otherwise.
    pub station: FindStation<'c>,
    /// Where complaints go.
    pub diagnostics: &'d mut Vec<Diagnostic>,
}

impl Typing<'_, '_> {
    /// The typed value of an attribute; `None` after a complaint.
    pub fn attribute(&mut self, attribute: &Attribute, name: Span, values: &[ast::Value]) -> Option<Value> {
        if attribute.optional && values.first().is_some_and(|value| is_word(value, "none")) {
            return Some(Value::None);
        }
        if matches!(attribute.ty, Type::Flag | Type::Block) {
            let is_off = |value: &ast::Value| ["false", "off", "no", "none"].iter().any(|word| is_word(value, word));
            return Some(Value::Flag(!values.first().is_some_and(is_off)));
        }
        let Some(first) = values.first() else {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0111, name.after(), format!("`{}` has no value", attribute.name))
                    .label("a value belongs here")
                    .help(format!("it takes {}: `{} {}`", attribute.takes(), attribute.name, attribute.example)),
            );
            return None;
        };
        let value = self.typed(attribute, first, values)?;
        self.in_bounds(attribute, first, &value).then_some(value)
    }

    fn typed(&mut self, attribute: &Attribute, first: &ast::Value, all: &[ast::Value]) -> Option<Value> {
        match attribute.ty {
            Type::Distribution => self.dist(attribute, first).map(Value::Dist),
            Type::Duration => Some(Value::Duration(self.quantity(attribute, first, Dimension::Duration)?.duration()?)),
            Type::Rate => Some(Value::Number(self.quantity(attribute, first, Dimension::Rate)?.si())),
            Type::Share => Some(Value::Number(self.quantity(attribute, first, Dimension::Share)?.si())),
            Type::Count => self.count(attribute, first).map(Value::Number),
            Type::Limit => self.limit(attribute, first).map(Value::Limit),
            Type::Word(words) => self.word(attribute, first, words).map(Value::Word),
            Type::Words(words) => self.words(attribute, first, words).map(Value::Words),
            Type::Backoff => self.backoff(attribute, first).map(Value::Backoff),
            Type::Element => self.element(first),
            Type::Cost => self.cost(attribute, first),
            Type::Shed => self.shed(attribute, first).map(Value::Shed),
            Type::Hedge => self.hedge(attribute, first, all).map(Value::Hedge),
            Type::Slowdown => self.slowdown(attribute, first).map(Value::Slowdown),
            Type::Keys => self.keys(attribute, first, all).map(Value::Keys),
            Type::Arrivals => self.arrivals(attribute, first).map(Value::Arrivals),
            Type::Metric => self.scaling_target(first).map(Value::Number),
            Type::Flag | Type::Block => None,
        }
    }

    fn in_bounds(&mut self, attribute: &Attribute, at: &ast::Value, value: &Value) -> bool {
        let number = match value {
            Value::Number(number) => *number,
            Value::Duration(duration) => duration.seconds(),
            Value::Limit(Limit::At(n)) => f64::from(*n),
            _ => return true,
        };
        let (low, high) = attribute.range;
        if (low..=high).contains(&number) {
            return true;
        }
        let bounds = match attribute.ty {
            Type::Share => "between 0 % and 100 %".to_owned(),
            _ if high.is_infinite() => format!("at least {low}"),
            _ => format!("between {low} and {high}"),
        };
        self.diagnostics.push(
            Diagnostic::new(&codes::E0302, at.span, format!("`{}` lies {bounds}", attribute.path()))
                .label("out of its bounds"),
        );
        false
    }

    /// A complaint that the value is not what the attribute takes.
    fn mismatch<T>(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<T> {
        if matches!(value.value, ValueKind::Range(_) | ValueKind::List(_)) {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0308, value.span, format!("`{}` takes one value here", attribute.path()))
                    .label("several values")
                    .help("sweeps stand in scenarios: `scenario S { X.attr = 1..4 }`"),
            );
            return None;
        }
        let given = describe(value);
        self.diagnostics.push(
            Diagnostic::new(
                &codes::E0301,
                value.span,
                format!("`{}` takes {}, not {given}", attribute.path(), attribute.takes()),
            )
            .label(format!("this is {given}"))
            .help(format!("for example `{} {}`", attribute.name, attribute.example)),
        );
        None
    }

    fn quantity(&mut self, attribute: &Attribute, value: &ast::Value, dimension: Dimension) -> Option<Quantity> {
        match quantity_of(value).map(|q| q.or_unit(Unit::find(attribute.unit).unwrap_or(Unit::NONE))) {
            Some(q) if q.dimension() == dimension => self.not_negative(value, q),
            _ => self.mismatch(attribute, value),
        }
    }

    fn not_negative(&mut self, value: &ast::Value, quantity: Quantity) -> Option<Quantity> {
        if quantity.number.signum() >= 0 {
            return Some(quantity);
        }
        self.diagnostics.push(Diagnostic::new(&codes::E0302, value.span, "a negative value").label("below zero"));
        None
    }

    fn count(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<f64> {
        match quantity_of(value) {
            Some(q) if q.dimension() == Dimension::Count => self.not_negative(value, q).map(|q| q.si()),
            _ => self.mismatch(attribute, value),
        }
    }

    fn limit(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<Limit> {
        if is_word(value, "unbounded") || is_word(value, "unlimited") {
            return Some(Limit::Unbounded);
        }
        if is_word(value, "none") {
            return Some(Limit::At(0));
        }
        self.count(attribute, value).map(|n| Limit::At(n.min(f64::from(u32::MAX)) as u32))
    }

    fn word(&mut self, attribute: &Attribute, value: &ast::Value, words: &[&str]) -> Option<Arc<str>> {
        let Some(given) = word_of(value) else { return self.mismatch(attribute, value) };
        if words.contains(&given.as_str()) {
            return Some(given.into());
        }
        let mut diagnostic = Diagnostic::new(&codes::E0307, value.span, format!("`{given}` is no {}", attribute.name))
            .label(format!("one of `{}`", words.join("`, `")));
        if let Some(near) = nearest(&given, words.iter().copied()) {
            diagnostic =
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), value.span, near);
        }
        self.diagnostics.push(diagnostic);
        None
    }

    fn words(&mut self, attribute: &Attribute, value: &ast::Value, words: &[&str]) -> Option<Vec<Arc<str>>> {
        match &value.value {
            ValueKind::List(list) => list.iter().map(|item| self.word(attribute, item, words)).collect(),
            _ => self.word(attribute, value, words).map(|word| vec![word]),
        }
    }

    fn element(&mut self, value: &ast::Value) -> Option<Value> {
        match &value.value {
            ValueKind::Path(path) => match (self.station)(path) {
                Ok(station) => Some(Value::Station(station)),
                Err(diagnostic) => {
                    self.diagnostics.push(*diagnostic);
                    None
                }
            },
            _ => {
                let given = describe(value);
                self.diagnostics.push(Diagnostic::new(
                    &codes::E0301,
                    value.span,
                    format!("the name of an element belongs here, not {given}"),
                ));
                None
            }
        }
    }

    fn cost(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<Value> {
        match quantity_of(value).map(|q| (q.dimension(), q.si())) {
            Some((Dimension::MoneyPerTime, usd)) => Some(Value::CostPerHour(usd)),
            Some((Dimension::MoneyPerCall, usd)) => Some(Value::CostPerCall(usd)),
            _ => self.mismatch(attribute, value),
        }
    }

    fn shed(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<ShedRule> {
        let ValueKind::Condition(expr) = &value.value else { return self.mismatch(attribute, value) };
        // Refusing work where the queue is short is not what anybody means.
        let ExprKind::Compare(left, sign, right) = &expr.kind else { return self.mismatch(attribute, value) };
        if !matches!(sign.value, CompareOp::Greater | CompareOp::GreaterOrEqual) {
            return self.mismatch(attribute, value);
        }
        let (ExprKind::Name(name, None), ExprKind::Quantity(q)) = (&left.kind, &right.kind) else {
            return self.mismatch(attribute, value);
        };
        match (name.dotted().as_str(), q.dimension()) {
            ("queue", Dimension::Share) => Some(ShedRule::QueueShare(q.si())),
            ("queue", Dimension::Count) => Some(ShedRule::QueueLength(q.si() as u32)),
            ("utilization" | "utilisation" | "cpu" | "busy", Dimension::Share) => Some(ShedRule::Utilization(q.si())),
            _ => self.mismatch(attribute, value),
        }
    }

    fn hedge(&mut self, attribute: &Attribute, first: &ast::Value, all: &[ast::Value]) -> Option<Hedge> {
        let value = if is_word(first, "after") { all.get(1)? } else { first };
        if let Some(q) = quantity_of(value).filter(|q| q.dimension() == Dimension::Duration) {
            return q.duration().map(Hedge::After);
        }
        match word_of(value).and_then(|word| word.strip_prefix('p')?.parse::<f64>().ok()) {
            Some(percent) if (0.0..100.0).contains(&percent) => Some(Hedge::AfterQuantile(percent / 100.0)),
            _ => self.mismatch(attribute, value),
        }
    }

    fn slowdown(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<Slowdown> {
        let ValueKind::Call(name, args) = &value.value else { return self.mismatch(attribute, value) };
        let argument = args.first().and_then(|arg| arg.first()).and_then(quantity_of);
        match (name.value.as_str(), argument) {
            ("linear", Some(q)) => Some(Slowdown::Linear(q.or_unit(Unit::find("ms")?).si())),
            ("exponential", Some(q)) => Some(Slowdown::Exponential(q.si())),
            _ => self.mismatch(attribute, value),
        }
    }

    /// `zipf(1.0) over 10k`, `uniform over 10k`.
    fn keys(&mut self, attribute: &Attribute, first: &ast::Value, all: &[ast::Value]) -> Option<KeyPopularity> {
        let exponent = match &first.value {
            ValueKind::Call(name, args) if name.value == "zipf" => {
                args.first().and_then(|arg| arg.first()).and_then(quantity_of).map(|q| q.si())
            }
            _ if is_word(first, "uniform") => Some(0.0),
            _ => None,
        };
        let keys =
            all.last().and_then(quantity_of).filter(|q| q.dimension() == Dimension::Count).map(|q| q.si() as u32);
        match (exponent, keys) {
            (Some(exponent), Some(keys)) if keys > 0 => Some(KeyPopularity { exponent, keys }),
            _ => self.mismatch(attribute, first),
        }
    }

    fn scaling_target(&mut self, value: &ast::Value) -> Option<f64> {
        let share = match &value.value {
            ValueKind::Text(text) => text.split(['>', '<']).next_back().and_then(parse_loose).map(|q| q.si()),
            ValueKind::Condition(expr) => match &expr.kind {
                ExprKind::Compare(_, _, right) => {
                    if let ExprKind::Quantity(q) = right.kind {
                        Some(q.si())
                    } else {
                        None
                    }
                }
                _ => None,
            },
            _ => quantity_of(value).map(|q| q.si()),
        };
        if share.is_none() {
            self.unreadable_text(value.span, "a rule such as `cpu > 70%`");
        }
        share.map(|share| if share > 1.0 { share / 100.0 } else { share })
    }

    /// A warning that a text of an existing file says nothing that can be used.
    pub fn unreadable_text(&mut self, span: Span, expected: &str) {
        self.diagnostics.push(
            Diagnostic::new(&codes::W1301, span, format!("this text is not {expected}"))
                .label("kept, and otherwise ignored"),
        );
    }

    // ---- distributions

    /// A distribution of times.
    pub fn dist(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<Dist> {
        match &value.value {
            ValueKind::Call(name, args) => self.dist_call(attribute, value.span, name, args),
            _ => self.quantity(attribute, value, Dimension::Duration).map(|q| Dist::Constant(q.si())),
        }
    }

    fn dist_call(
        &mut self,
        attribute: &Attribute,
        span: Span,
        name: &ast::Ident,
        args: &[Vec<ast::Value>],
    ) -> Option<Dist> {
        let Some(form) = schema::find_distribution(&name.value) else {
            self.unknown_distribution(name);
            return None;
        };
        let unit = Unit::find(attribute.unit).unwrap_or(Unit::NONE);
        let dist = match form.name {
            "mixture" => self.mixture(attribute, args),
            "empirical" => return self.empirical(args, span),
            _ => simple_dist(form.name, &Args { args, unit }),
        };
        if dist.is_none() {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0304, span, format!("`{}` takes ({})", form.name, form.parameters))
                    .label(form.doc.trim_end_matches('.')),
            );
        }
        dist
    }

    fn unknown_distribution(&mut self, name: &ast::Ident) {
        let mut diagnostic =
            Diagnostic::new(&codes::E0207, name.span, format!("no distribution is called `{}`", name.value));
        diagnostic = match nearest(&name.value, DISTRIBUTIONS.iter().map(|form| form.name)) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), name.span, near)
            }
            None => diagnostic.help(format!(
                "there are {}",
                DISTRIBUTIONS.iter().map(|form| form.name).collect::<Vec<_>>().join(", ")
            )),
        };
        self.diagnostics.push(diagnostic);
    }

    fn mixture(&mut self, attribute: &Attribute, args: &[Vec<ast::Value>]) -> Option<Dist> {
        let mut parts = Vec::new();
        for arg in args {
            let [weight, dist] = arg.as_slice() else { return None };
            parts.push((quantity_of(weight)?.si(), self.dist(attribute, dist)?));
        }
        normalised(parts).map(Dist::Mixture)
    }

    fn empirical(&mut self, args: &[Vec<ast::Value>], span: Span) -> Option<Dist> {
        let numbers = self.data_file(args, span)?;
        let mut sorted = numbers;
        sorted.sort_by(f64::total_cmp);
        Some(Dist::Empirical(sorted.into()))
    }

    fn data_file(&mut self, args: &[Vec<ast::Value>], span: Span) -> Option<Vec<f64>> {
        let text = match args.first().and_then(|arg| arg.first()).map(|value| &value.value) {
            Some(ValueKind::Text(text)) => text.clone(),
            _ => {
                self.diagnostics.push(Diagnostic::new(
                    &codes::E0304,
                    span,
                    "the name of a file in quotes belongs here",
                ));
                return None;
            }
        };
        match self.loaded.numbers(span.file, &text) {
            Ok(numbers) => Some(numbers),
            Err(why) => {
                self.diagnostics.push(
                    Diagnostic::new(&codes::E0501, span, format!("cannot use `{text}`: {why}"))
                        .help("one time in seconds on each line"),
                );
                None
            }
        }
    }

    // ---- backoff and arrivals

    fn backoff(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<Backoff> {
        if is_word(value, "none") {
            return Some(Backoff::None);
        }
        let unit = Unit::find("ms").unwrap_or(Unit::NONE);
        let backoff = match &value.value {
            ValueKind::Call(name, args) => backoff_call(&name.value, &Args { args, unit }),
            _ => quantity_of(value).and_then(|q| q.or_unit(unit).duration()).map(Backoff::Constant),
        };
        backoff.or_else(|| self.mismatch(attribute, value))
    }

    fn arrivals(&mut self, attribute: &Attribute, value: &ast::Value) -> Option<Arrivals> {
        if is_word(value, "poisson") {
            return Some(Arrivals::Poisson);
        }
        if is_word(value, "constant") {
            return Some(Arrivals::Constant);
        }
        let ValueKind::Call(name, args) = &value.value else { return self.mismatch(attribute, value) };
        if name.value == "trace" {
            let mut times = self.data_file(args, value.span)?;
            times.sort_by(f64::total_cmp);
            return Some(Arrivals::Trace(times.into()));
        }
        let unit = Unit::find("/s").unwrap_or(Unit::NONE);
        arrivals_call(&name.value, &Args { args, unit }).or_else(|| self.mismatch(attribute, value))
    }
}

/// The arguments of a call, by place and by name.
struct Args<'a> {
    args: &'a [Vec<ast::Value>],
    unit: &'static Unit,
}

impl Args<'_> {
    /// Argument `n` as a plain number: its last value, whatever stands before it.
    fn number(&self, n: usize) -> Option<f64> {
        let is_plain = |q: &Quantity| matches!(q.dimension(), Dimension::Count | Dimension::Share | Dimension::Factor);
        let found = self.args.get(n)?.last().and_then(quantity_of);
        found.filter(|q| is_plain(q) && q.number.signum() >= 0).map(|q| q.si())
    }

    /// Argument `n` in the natural unit and its dimension.
    fn natural(&self, n: usize) -> Option<f64> {
        let q = quantity_of(self.args.get(n)?.last()?)?.or_unit(self.unit);
        (q.dimension() == self.unit.dimension && q.number.signum() >= 0).then(|| q.si())
    }

    fn positive(&self, n: usize) -> Option<f64> {
        self.natural(n).filter(|value| *value > 0.0)
    }

    fn duration(&self, n: usize) -> Option<Duration> {
        self.natural(n).and_then(Duration::from_seconds)
    }

    /// A shape and the times beside it. The shape is the only one without a unit, wherever it stands; where units
    /// do not tell, it stands at `usual`.
    fn shape_and_times(&self, usual: usize) -> Option<(f64, Vec<f64>)> {
        let is_bare = |n: &usize| {
            let last = self.args[*n].last().and_then(quantity_of);
            last.is_some_and(|q| q.dimension() == Dimension::Count)
        };
        let bare: Vec<usize> = (0..self.len()).filter(is_bare).collect();
        let shape = if let [only] = bare.as_slice() { *only } else { usual };
        let times: Option<Vec<f64>> = (0..self.len()).filter(|n| *n != shape).map(|n| self.positive(n)).collect();
        self.number(shape).filter(|number| *number > 0.0).zip(times)
    }

    /// The place of the argument that begins with `word`.
    fn named(&self, word: &str) -> Option<usize> {
        self.args.iter().position(|arg| arg.len() > 1 && is_word(&arg[0], word))
    }

    fn len(&self) -> usize {
        self.args.len()
    }
}

fn simple_dist(name: &str, args: &Args<'_>) -> Option<Dist> {
    Some(match (name, args.len()) {
        ("constant", 1) => Dist::Constant(args.natural(0)?),
        ("exponential", 1) => Dist::Exponential { mean: args.natural(0)? },
        ("uniform", 2) => ordered(args.natural(0)?, args.natural(1)?).map(|(low, high)| Dist::Uniform { low, high })?,
        ("normal", 2) => Dist::Normal { mean: args.natural(0)?, sd: args.natural(1)? },
        ("lognormal", 2) => lognormal(args)?,
        ("gamma", 2) => Dist::Gamma { mean: args.positive(0)?, cv: args.number(1).filter(|cv| *cv > 0.0)? },
        ("erlang", 2) => {
            Dist::Erlang { k: args.number(0).filter(|k| *k >= 1.0 && k.fract() == 0.0)? as u32, mean: args.natural(1)? }
        }
        ("hyperexponential", n) if n >= 2 => hyperexponential(args)?,
        ("weibull", 2) => {
            let (shape, scale) = args.shape_and_times(0)?;
            Dist::Weibull { shape, scale: scale[0] }
        }
        ("pareto", 2) => {
            let (alpha, min) = args.shape_and_times(1)?;
            Dist::Pareto { min: min[0], alpha }
        }
        ("bounded_pareto", 3) => {
            let (alpha, times) = args.shape_and_times(2)?;
            let (min, max) = ordered(times[0], times[1])?;
            Dist::BoundedPareto { min, max, alpha }
        }
        _ => return None,
    })
}

fn ordered(low: f64, high: f64) -> Option<(f64, f64)> {
    (low < high).then_some((low, high))
}

fn lognormal(args: &Args<'_>) -> Option<Dist> {
    if let (Some(p50), Some(p99)) = (args.named("p50"), args.named("p99")) {
        let (p50, p99) = ordered(args.positive(p50)?, args.positive(p99)?)?;
        return Some(Dist::lognormal_p50_p99(p50, p99));
    }
    Some(Dist::lognormal_mean_cv(args.positive(0)?, args.number(1).filter(|cv| *cv > 0.0)?))
}

fn hyperexponential(args: &Args<'_>) -> Option<Dist> {
    let part = |arg: &Vec<ast::Value>| {
        // `p 90% 5ms`: the letter of the formula may stand before the share.
        let [.., weight, mean] = arg.as_slice() else { return None };
        Some((quantity_of(weight)?.si(), quantity_of(mean)?.or_unit(args.unit).si()))
    };
    normalised(args.args.iter().map(part).collect::<Option<Vec<_>>>()?).map(Dist::Hyperexponential)
}

/// Weights that sum to 1; `None` when they do not, even roughly.
fn normalised<T>(parts: Vec<(f64, T)>) -> Option<Vec<(f64, T)>> {
    let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
    (parts.len() > 1 && (sum - 1.0).abs() < 0.005)
        .then(|| parts.into_iter().map(|(weight, part)| (weight / sum, part)).collect())
}

fn backoff_call(name: &str, args: &Args<'_>) -> Option<Backoff> {
    let max = args.named("max").and_then(|n| args.duration(n)).unwrap_or(Duration(u64::MAX));
    Some(match name {
        "constant" | "fixed" => Backoff::Constant(args.duration(0)?),
        "linear" => Backoff::Linear { base: args.duration(0)?, max },
        "exponential" => {
            let factor = if args.len() > 1 && args.named("max") != Some(1) { args.number(1)? } else { 2.0 };
            Backoff::Exponential { base: args.duration(0)?, factor_milli: (factor * 1000.0).round() as u32, max }
        }
        _ => return None,
    })
}

fn arrivals_call(name: &str, args: &Args<'_>) -> Option<Arrivals> {
    Some(match name {
        "erlang" => Arrivals::Erlang(args.number(0).filter(|k| *k >= 1.0)? as u32),
        "hyperexponential" => Arrivals::Hyperexponential { cv: args.number(0).filter(|cv| *cv >= 1.0)? },
        "mmpp" => Arrivals::Mmpp { low: args.natural(0)?, high: args.natural(1)?, switch: args.positive(2)? },
        "batch" => match args.args.first()?.last()?.value {
            ValueKind::Call(ref inner, ref size) if inner.value == "geometric" => {
                Arrivals::BatchGeometric(quantity_of(size.first()?.first()?)?.si().max(1.0))
            }
            ValueKind::Call(ref inner, ref size) if matches!(inner.value.as_str(), "constant" | "fixed") => {
                Arrivals::BatchFixed(quantity_of(size.first()?.first()?)?.si().max(1.0) as u32)
            }
            _ => Arrivals::BatchFixed(args.number(0)?.max(1.0) as u32),
        },
        _ => return None,
    })
}

/// The quantity that a value is: written as one, or as a text that is one.
pub fn quantity_of(value: &ast::Value) -> Option<Quantity> {
    match &value.value {
        ValueKind::Quantity(q) | ValueKind::Plus(q) => Some(*q),
        ValueKind::Text(text) => parse_loose(text),
        _ => None,
    }
}

/// The word that a value is.
pub fn word_of(value: &ast::Value) -> Option<String> {
    match &value.value {
        ValueKind::Path(path) => Some(path.dotted()),
        ValueKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// Whether a value is this word.
pub fn is_word(value: &ast::Value, word: &str) -> bool {
    matches!(&value.value, ValueKind::Path(path) if path.parts.len() == 1 && path.parts[0].value == word)
}

/// What a value is, for a message.
pub fn describe(value: &ast::Value) -> String {
    match &value.value {
        ValueKind::Quantity(q) | ValueKind::Plus(q) => format!("{} (`{q}`)", q.dimension()),
        ValueKind::Range(_) => "a range".into(),
        ValueKind::List(_) => "a list".into(),
        ValueKind::Text(_) => "a text".into(),
        ValueKind::Path(path) => format!("the word `{}`", path.dotted()),
        ValueKind::Arrow(..) => "a relation".into(),
        ValueKind::Call(name, _) => format!("`{}(…)`", name.value),
        ValueKind::Condition(_) => "a condition".into(),
        ValueKind::Block(_) => "a block".into(),
        ValueKind::Attribute(..) => "several words".into(),
    }
}

/// A spanned path as a value, for statements that take either.
pub fn path_value(path: &ast::Path) -> ast::Value {
    Spanned::new(ValueKind::Path(path.clone()), path.span)
}
