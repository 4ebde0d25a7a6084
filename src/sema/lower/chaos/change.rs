//! Events that change an attribute.

use super::amount::{self, strength, wrong_amount};
use crate::diag::{Diagnostic, codes};
use crate::model::{ChaosAction, Place, Value};
use crate::quantity::{Dimension, Quantity};
use crate::schema::{Attribute, Key, Type, Verb, attribute};
use crate::sema::lower::scenario::Lowering;
use crate::sema::lower::{behavior, place};
use crate::source::Span;
use crate::syntax::ast::{self, ChaosTarget};

/// A change as an event says it, for whichever places it is made at.
struct Wanted<'c> {
    chaos: &'c ast::Chaos,
    verb: Verb,
    key: Key,
    /// By how much, of what is no `set`.
    amount: Option<Quantity>,
}

/// What an event changes first.
pub fn change(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    verb: Verb,
    amount: Option<Quantity>,
    span: Span,
) -> Option<ChaosAction> {
    let (places, key) = changed(lowering, chaos, span)?;
    let place = places.first().copied()?;
    let row = attribute(key);
    if is_only_block(chaos, row) {
        return inside(lowering, chaos, span).into_iter().next();
    }
    if let Some(why) = row.fixed {
        lowering.diagnostics.push(fixed(span, row, why));
        return None;
    }
    if verb != Verb::Set && !is_number(row) {
        lowering.diagnostics.push(no_number(span, row, verb));
        return None;
    }
    Wanted { chaos, verb, key, amount }.at(lowering, place)
}

/// What the event changes beside its first place: the other queues, the other elements of a group.
pub fn further(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, verb: Verb, span: Span) -> Vec<ChaosAction> {
    let Some((places, key)) = changed(lowering, chaos, span) else { return Vec::new() };
    if is_only_block(chaos, attribute(key)) {
        return Vec::new();
    }
    let wanted = Wanted { chaos, verb, key, amount: strength(lowering, chaos) };
    places.into_iter().skip(1).filter_map(|place| wanted.at(lowering, place)).collect()
}

/// What the braces behind its value change, where the event itself does not: the attributes of a group.
pub fn within(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, span: Span) -> Vec<ChaosAction> {
    if amount::block(chaos).is_empty() {
        return Vec::new();
    }
    let Some((_, key)) = changed(lowering, chaos, span) else { return Vec::new() };
    let itself = usize::from(is_only_block(chaos, attribute(key)));
    inside(lowering, chaos, span).into_iter().skip(itself).collect()
}

/// Whether an event gives an attribute that has a value of its own none, but some of its group.
fn is_only_block(chaos: &ast::Chaos, row: &Attribute) -> bool {
    let has_value =
        |value: &ast::Value| !matches!(&value.value, ast::ValueKind::Attribute(values, _) if values.is_empty());
    let given = amount::amount(chaos).is_some_and(|(_, value)| has_value(value));
    !given && !amount::block(chaos).is_empty() && !matches!(row.ty, Type::Flag | Type::Block)
}

fn inside(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, span: Span) -> Vec<ChaosAction> {
    let Some(target) = &chaos.targets.attribute else { return Vec::new() };
    let bound = bound(lowering, target);
    let Some(found) = place::places(lowering.built, &bound, lowering.diagnostics) else { return Vec::new() };
    let mut open = place::further(&found, &bound, amount::block(chaos));
    let mut actions = Vec::new();
    while !open.is_empty() {
        let (target, value) = open.remove(0);
        let Some(found) = place::places(lowering.built, &target, lowering.diagnostics) else { continue };
        let (key, row) = (found.attribute.key, found.attribute);
        if let Some(why) = row.fixed {
            lowering.diagnostics.push(fixed(span, row, why));
            continue;
        }
        if let ast::ValueKind::Attribute(_, block) = &value.value {
            open.splice(0..0, place::further(&found, &target, block));
        }
        let typed = behavior::typed_value(lowering.loaded, lowering.built, key, &value, lowering.diagnostics);
        let Some(typed) = typed else { continue };
        actions.extend(found.places.iter().map(|place| ChaosAction::Set(*place, key, typed.clone())));
    }
    actions
}

fn bound(lowering: &Lowering<'_, '_, '_>, target: &ast::Target) -> ast::Target {
    ast::Target { from: target.from.clone(), path: lowering.flat.bound_path(&target.path), span: target.span }
}

impl Wanted<'_> {
    /// The change of one place.
    fn at(&self, lowering: &mut Lowering<'_, '_, '_>, place: Place) -> Option<ChaosAction> {
        if self.verb == Verb::Set { self.set(lowering, place) } else { self.relative(lowering, place) }
    }

    fn set(&self, lowering: &mut Lowering<'_, '_, '_>, place: Place) -> Option<ChaosAction> {
        let key = self.key;
        let Some((_, value)) = amount::amount(self.chaos) else {
            // A flag is there once it is named.
            let flag = || ChaosAction::Set(place, key, Value::Flag(true));
            let is_flag = attribute(key).ty == Type::Flag;
            return if is_flag { Some(flag()) } else { wrong_amount(lowering, self.chaos, "a value") };
        };
        let (bound, _) = lowering.flat.bound(value);
        let first = lowering.first_value(bound);
        let value = behavior::typed_value(lowering.loaded, lowering.built, key, &first, lowering.diagnostics)?;
        Some(ChaosAction::Set(place, key, value))
    }

    /// `increase X.attr by 80%`, `by 2x`, `by +10ms`.
    fn relative(&self, lowering: &mut Lowering<'_, '_, '_>, place: Place) -> Option<ChaosAction> {
        let sign = if self.verb == Verb::Decrease { -1.0 } else { 1.0 };
        let Some(amount) = self.amount else {
            return wrong_amount(lowering, self.chaos, "how much: `by 80%`, `by 2x`");
        };
        let is_relative = matches!(amount.dimension(), Dimension::Share | Dimension::Factor);
        if !is_relative && crate::model::typed(amount, self.key).is_none() {
            let takes = attribute(self.key).ty.describe();
            return wrong_amount(lowering, self.chaos, &format!("`by 80%`, `by 2x` or {takes}"));
        }
        Some(crate::model::relative_change(place, self.key, amount, sign))
    }
}

/// An attribute that stays as it is once requests are under way.
pub fn fixed(span: Span, row: &Attribute, why: &str) -> Diagnostic {
    let path = row.path();
    Diagnostic::new(&codes::E0413, span, format!("`{path}` cannot change during a run")).label(why).help(format!(
        "compare runs instead: sweep it in the scenario, `X.{path} = [1, 2]`, or write a version that has it"
    ))
}

/// Whether there can be so many times as much of it.
fn is_number(row: &Attribute) -> bool {
    row.ty.is_numeric() || matches!(row.ty, Type::Cost | Type::Metric)
}

fn no_number(span: Span, row: &Attribute, verb: Verb) -> Diagnostic {
    let word = if verb == Verb::Decrease { "decrease" } else { "increase" };
    Diagnostic::new(&codes::E0413, span, format!("`{word}` of `{}` means nothing", row.path()))
        .label("it is no number")
        .help(format!("say what it is to be: `set X.{} = {}`", row.path(), row.example))
}

/// The parts and the attribute that an event changes; `increase queue lag` means every queue.
fn changed(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, span: Span) -> Option<(Vec<Place>, Key)> {
    let Some(target) = &chaos.targets.attribute else {
        lowering.diagnostics.push(
            Diagnostic::new(&codes::E0111, span, "which attribute?").help("write `increase Shop.Events.lag by 80%`"),
        );
        return None;
    };
    let all_queues =
        chaos.targets.elements.iter().any(|t| matches!(&t.value, ChaosTarget::Kind(kind) if kind == "queue"));
    if target.path.parts.len() == 1 && target.from.is_none() {
        let name = target.path.parts[0].value.as_str();
        let row = crate::schema::find_attribute(None, name)?;
        let places = if all_queues || row.subjects.contains(&crate::schema::Subject::Queue) {
            place::queues(lowering.built)
        } else {
            Vec::new()
        };
        if places.is_empty() {
            lowering
                .diagnostics
                .push(Diagnostic::new(&codes::E0201, target.span, "the model has no queue").label("hits nothing"));
        }
        return Some((places, row.key));
    }
    let bound = bound(lowering, target);
    let found = place::places(lowering.built, &bound, lowering.diagnostics)?;
    Some((found.places, found.attribute.key))
}
