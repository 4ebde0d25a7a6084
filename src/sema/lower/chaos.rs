//! Chaos events to actions, their varying parts to slots of axes.

mod action;
mod amount;
mod change;
mod manner;
mod resource;
mod targets;
mod times;

use super::scenario::Lowering;
use crate::diag::{Diagnostic, codes};
use crate::model::{ChaosEvent, Timing, Trigger};
use crate::quantity::{Duration, SimTime};
use crate::schema::{CHAOS_VERBS, Verb, find_verb, nearest};
use crate::sema::values::describe;
use crate::source::Span;
use crate::syntax::ast::{self, ChaosTarget};

/// Lowers one event and adds it to the scenario.
pub fn add(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, span: Span) {
    let Some(row) = find_verb(&chaos.verb.value) else {
        lowering.diagnostics.push(unknown_verb(&chaos.verb));
        return;
    };
    if !unlike(lowering, chaos, row.verb, row.name) || !measured(lowering, chaos, row.verb) {
        return;
    }
    let event = lowering.scenario.base.chaos.len();
    let choices = targets::choices(lowering, chaos, row.verb);
    let mut actions = Vec::new();
    for (_, targets) in &choices {
        actions.extend(action::action(lowering, chaos, row.verb, targets, span));
    }
    let Some(first) = actions.first().cloned() else { return };
    let timing = Timing { trigger: Trigger::At(SimTime::ZERO), length: None, every: None, ramp: Duration::ZERO };
    let text = lowering.one_line(span);
    if let Some(ramp) = &chaos.ramp {
        lowering.diagnostics.extend(times::no_ramp(ramp.span, row, &first));
    }
    lowering.scenario.base.chaos.push(ChaosEvent {
        text: text.into(),
        action: first,
        timing,
        manner: manner::of(chaos),
    });
    let label = format!("{} {}", row.name, target_text(lowering, chaos));
    if choices.len() > 1 {
        let labels = choices.iter().map(|(label, _)| label.as_str().into()).collect();
        let name = target_param(lowering, chaos).unwrap_or_else(|| format!("{label}.target"));
        lowering.choice_axis(&name, labels, event, actions);
    }
    times::trigger(lowering, chaos, event);
    times::set_times(lowering, chaos, event, label.trim());
    times::set_deployed(lowering, &chaos.properties, None, event, label.trim());
    if matches!(row.verb, Verb::Increase | Verb::Decrease | Verb::Set) {
        let further = change::further(lowering, chaos, row.verb, span);
        lowering.also(event, further);
        let within = change::within(lowering, chaos, span);
        lowering.beside(event, within);
    }
}

fn unknown_verb(verb: &ast::Ident) -> Diagnostic {
    let known = CHAOS_VERBS.iter().flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()));
    let diagnostic = Diagnostic::new(&codes::E0205, verb.span, format!("no chaos action is called `{}`", verb.value))
        .label("not known");
    match nearest(&verb.value, known) {
        Some(near) => {
            diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), verb.span, near)
        }
        None => diagnostic
            .help(format!("there are {}", CHAOS_VERBS.iter().map(|row| row.name).collect::<Vec<_>>().join(", "))),
    }
}

/// What an event hits in its name: the first target as written.
fn target_text(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos) -> String {
    let text = |span: Span| lowering.one_line(span);
    let attribute = chaos.targets.attribute.as_ref().map(|target| text(target.span));
    let elements = chaos.targets.elements.iter().map(|target| text(target.span)).collect::<Vec<_>>().join(", ");
    attribute.unwrap_or(elements)
}

/// The parameter whose list alone says what the event hits, one run each.
fn target_param(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos) -> Option<String> {
    let sides = &chaos.targets;
    let mut swept = sides.elements.iter().chain(&sides.other).filter(|target| targets::is_list(lowering, target));
    let ChaosTarget::Path(path) = &swept.next()?.value else { return None };
    let alone = swept.next().is_none() && !sides.one_of && !sides.one_of_other;
    // Beside it others: then each choice is one of the list or one of those.
    let side = |side: &[crate::source::Spanned<ChaosTarget>]| {
        side.len() < 2 || !side.iter().any(|t| targets::is_list(lowering, t))
    };
    let value = crate::sema::values::path_value(path);
    let (_, name) = lowering.flat.bound(&value);
    name.filter(|_| alone && side(&sides.elements) && side(&sides.other)).map(str::to_owned)
}

/// What does not go together is an error; whether the event acts.
fn unlike(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, verb: Verb, name: &str) -> bool {
    let starts = [
        chaos.at.as_ref().map(|at| (at.span, "`at`")),
        chaos.when.as_ref().map(|when| (when.condition.span, "`when`")),
        chaos.random.as_ref().map(|(mttf, _)| (mttf.span, "`random`")),
    ];
    let mut given = starts.into_iter().flatten();
    if let (Some((first, one)), Some((second, other))) = (given.next(), given.next()) {
        two_starts(lowering, first, second, one, other);
        return false;
    }
    let every_time = chaos.when.as_ref().filter(|when| when.every_time);
    let every = chaos.every.as_ref();
    if let (Some(when), Some(every)) = (every_time, every) {
        two_starts(lowering, when.condition.span, every.span, "`every time`", "`every`");
        return false;
    }
    if let (Some((mttf, _)), Some(every)) = (&chaos.random, every) {
        two_starts(lowering, mttf.span, every.span, "`random`", "`every`");
        return false;
    }
    manner::fits(lowering, chaos, verb, name)
}

/// Whether every amount is one; complains of words that are no parameter.
fn measured(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, verb: Verb) -> bool {
    let amounts = chaos.amounts.iter().filter(|_| verb != Verb::Set).map(|(_, value)| value);
    let counts = chaos.targets.replicas.iter().chain(&chaos.targets.any);
    let odd: Vec<&ast::Value> =
        amounts.chain(counts).filter(|value| lowering.first_quantity(value).is_none()).collect();
    for value in &odd {
        let message = format!("a number or a parameter belongs here, not {}", describe(value));
        let diagnostic = Diagnostic::new(&codes::E0301, value.span, message).label("says no amount");
        let params = lowering.flat.params.keys().map(String::as_str);
        let near = crate::sema::values::word_of(value).and_then(|word| nearest(&word, params));
        lowering.diagnostics.push(match near {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), value.span, near)
            }
            None => diagnostic,
        });
    }
    odd.is_empty()
}

fn two_starts(lowering: &mut Lowering<'_, '_, '_>, first: Span, second: Span, one: &str, other: &str) {
    let message = format!("{one} and {other} both say when this begins");
    lowering.diagnostics.push(
        Diagnostic::new(&codes::E0410, second, message)
            .label("begins it in another way")
            .related(first, "it begins here")
            .help("write two events, or keep one of them"),
    );
}
