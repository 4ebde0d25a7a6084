//! How strong an event is.

use crate::diag::{Diagnostic, codes};
use crate::model::Strength;
use crate::quantity::{Dimension, Quantity, Unit};
use crate::schema::find_verb;
use crate::sema::lower::scenario::Lowering;
use crate::sema::values::describe;
use crate::syntax::ast;

/// The strength of an event: the amount that `by`, `to`, `loss` or nothing names.
pub fn amount(chaos: &ast::Chaos) -> Option<(&str, &ast::Value)> {
    let by_name = |wanted: &[&str]| chaos.amounts.iter().find(|(name, _)| wanted.contains(&name.value.as_str()));
    by_name(&["by", "to", "=", "loss", "factor", "rate", "downtime", "grace", "share"])
        .or_else(|| by_name(&[""]))
        .map(|(name, value)| (name.value.as_str(), without_block(value)))
}

/// A value without what stands in braces behind it.
fn without_block(value: &ast::Value) -> &ast::Value {
    match &value.value {
        ast::ValueKind::Attribute(values, block) if values.len() == 1 && !block.is_empty() => &values[0],
        _ => value,
    }
}

/// What stands in braces behind the value: `set X.retry = 3 { backoff constant(10ms) }`.
pub fn block(chaos: &ast::Chaos) -> &[ast::Property] {
    chaos.amounts.iter().map(|(_, value)| inner(value)).find(|block| !block.is_empty()).unwrap_or(&[])
}

fn inner(value: &ast::Value) -> &[ast::Property] {
    if let ast::ValueKind::Attribute(_, block) = &value.value { block } else { &[] }
}

/// The first value of the strength, parameters replaced; of a sweep its first.
pub fn strength(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos) -> Option<Quantity> {
    let (_, value) = amount(chaos)?;
    lowering.first_quantity(value)
}

/// How late, and which share of messages: `reorder A -> B 5% by 20ms`.
pub fn disorder(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos) -> (Option<Quantity>, Option<Quantity>) {
    let given: Vec<Quantity> = chaos.amounts.iter().filter_map(|(_, value)| lowering.first_quantity(value)).collect();
    let is_time = |q: &Quantity| q.dimension() == Dimension::Duration;
    (given.iter().copied().find(is_time), given.iter().copied().find(|q| !is_time(q)))
}

/// Of a bare number of time.
pub fn seconds() -> &'static Unit {
    Unit::find("s").unwrap_or(Unit::NONE)
}

/// The amount behind this word.
pub fn named_amount(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos, name: &str) -> Option<Quantity> {
    let (_, value) = chaos.amounts.iter().find(|(given, _)| given.value == name)?;
    lowering.first_quantity(value)
}

/// How much slower: a factor, a share or a time.
pub fn slow_strength(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    amount: Option<Quantity>,
) -> Option<Strength> {
    let strength = amount.and_then(|q| match q.dimension() {
        Dimension::Duration => Some(Strength { factor: 1.0, add: q.si() }),
        _ => times(q).filter(|factor| *factor > 0.0).map(|factor| Strength { factor, add: 0.0 }),
    });
    strength.or_else(|| wrong_amount(lowering, chaos, "a factor or a time: `by 5x`, `by +200ms`"))
}

/// A share of requests, or `default`.
pub fn share(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    amount: Option<Quantity>,
    default: f64,
) -> Option<f64> {
    let percent = Unit::find("%").unwrap_or(Unit::NONE);
    match amount.map(|q| q.or_unit(percent)) {
        None => Some(default),
        Some(q) if q.dimension() == Dimension::Share && (0.0..=1.0).contains(&q.si()) => Some(q.si()),
        Some(_) => wrong_amount(lowering, chaos, "a share between 0 % and 100 %"),
    }
}

/// How many times as much.
pub fn factor(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, amount: Option<Quantity>) -> Option<f64> {
    amount.and_then(times).or_else(|| wrong_amount(lowering, chaos, "a factor such as `5x`"))
}

/// How many times as much: `5x`, `5`, or `400%` more.
fn times(amount: Quantity) -> Option<f64> {
    match amount.dimension() {
        Dimension::Factor | Dimension::Count => Some(amount.si()),
        Dimension::Share => Some(1.0 + amount.si()),
        _ => None,
    }
}

/// An amount that measures this; a bare number has the unit.
pub fn dimension(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    amount: Option<Quantity>,
    wanted: Dimension,
    unit: &str,
) -> Option<Quantity> {
    match amount.map(|q| q.or_unit(Unit::find(unit).unwrap_or(Unit::NONE))) {
        Some(q) if q.dimension() == wanted => Some(q),
        _ => wrong_amount(lowering, chaos, wanted.describe()),
    }
}

/// Complains of an amount that is not what the verb takes.
pub fn wrong_amount<T>(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, expected: &str) -> Option<T> {
    let row = find_verb(&chaos.verb.value);
    let form = row.map_or("", |row| row.form);
    lowering.diagnostics.push(match amount(chaos) {
        Some((_, value)) => Diagnostic::new(
            &codes::E0301,
            value.span,
            format!("`{}` takes {expected}, not {}", chaos.verb.value, describe(value)),
        )
        .help(format!("it is written `{form}`")),
        None => Diagnostic::new(&codes::E0111, chaos.verb.span, format!("`{}` needs {expected}", chaos.verb.value))
            .help(format!("it is written `{form}`")),
    });
    None
}
