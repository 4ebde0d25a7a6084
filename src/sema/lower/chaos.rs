//! Chaos events to actions, their varying parts to slots of axes.

use super::expect::Context;
use super::scenario::Lowering;
use super::{Built, behavior, manner, place, resource};
use crate::diag::{Diagnostic, codes};
use crate::model::{
    ChaosAction, ChaosEvent, ChaosSlot, DomainId, ElementSet, LinkSet, Place, Setter, StationId, Strength, Timing,
    Trigger,
};
use crate::quantity::{Dimension, Duration, Quantity, SimTime, Unit};
use crate::schema::{CHAOS_VERBS, Key, KindRole, Verb, find_verb, nearest};
use crate::sema::cascade::resolve;
use crate::sema::names::{Class, SymbolId};
use crate::sema::values::describe;
use crate::source::Span;
use crate::syntax::ast::{self, ChaosTarget, ValueKind};

/// Lowers one event and adds it to the scenario.
pub fn add(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, span: Span) {
    let Some(row) = find_verb(&chaos.verb.value) else {
        lowering.diagnostics.push(unknown_verb(&chaos.verb));
        return;
    };
    if !row.simulated {
        lowering.not_yet(span, &format!("`{}`", row.name));
        return;
    }
    if !unlike(lowering, chaos, row.verb, row.name) || !measured(lowering, chaos, row.verb) {
        return;
    }
    let event = lowering.scenario.base.chaos.len();
    let choices = choices(lowering, chaos, row.verb);
    let mut actions = Vec::new();
    for (_, targets) in &choices {
        actions.extend(action(lowering, chaos, row.verb, targets, span));
    }
    let Some(first) = actions.first().cloned() else { return };
    let timing = Timing { trigger: Trigger::At(SimTime::ZERO), length: None, every: None, ramp: Duration::ZERO };
    let text = lowering.one_line(span);
    let fixed = !grows(&first);
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
    trigger(lowering, chaos, event);
    set_times(lowering, chaos, event, label.trim());
    set_deployed(lowering, &chaos.properties, None, event, label.trim());
    if let Some(ramp) = chaos.ramp.as_ref().filter(|_| fixed) {
        lowering.not_yet(ramp.span, &format!("`ramp` of `{}`", row.name));
    }
    if matches!(row.verb, Verb::Increase | Verb::Decrease | Verb::Set) {
        let further = further(lowering, chaos, row.verb, span);
        lowering.also(event, further);
    }
}

/// Whether there is less and more of it, so that it can grow along a ramp.
fn grows(action: &ChaosAction) -> bool {
    matches!(
        action,
        ChaosAction::Slow(..)
            | ChaosAction::Fail(..)
            | ChaosAction::Cut(..)
            | ChaosAction::Delay(..)
            | ChaosAction::Throttle(..)
            | ChaosAction::Multiply(..)
            | ChaosAction::Add(..)
            | ChaosAction::Set(..)
            | ChaosAction::Surge(_)
            | ChaosAction::Duplicate(..)
            | ChaosAction::Reorder(..)
            | ChaosAction::Poison(..)
            | ChaosAction::HotKey(..)
            | ChaosAction::FillMemory(_)
    )
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
    let targets = &chaos.targets;
    let mut swept = targets.elements.iter().chain(&targets.other).filter(|target| is_list(lowering, target));
    let ChaosTarget::Path(path) = &swept.next()?.value else { return None };
    let alone = swept.next().is_none() && !targets.one_of && !targets.one_of_other;
    // Beside it others: then each choice is one of the list or one of those.
    let side =
        |side: &[crate::source::Spanned<ChaosTarget>]| side.len() < 2 || !side.iter().any(|t| is_list(lowering, t));
    let value = crate::sema::values::path_value(path);
    let (_, name) = lowering.flat.bound(&value);
    name.filter(|_| alone && side(&targets.elements) && side(&targets.other)).map(str::to_owned)
}

// ---- times

fn set_times(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, event: usize, label: &str) {
    let mut parts: Vec<(Span, ChaosSlot, &str, &ast::Value, &str)> = Vec::new();
    let times = [
        (&chaos.at, ChaosSlot::At, "at"),
        (&chaos.length, ChaosSlot::Length, "for"),
        (&chaos.every, ChaosSlot::Every, "every"),
        (&chaos.ramp, ChaosSlot::Ramp, "ramp"),
    ];
    for (value, slot, name) in times {
        parts.extend(value.iter().map(|value| (value.span, slot.clone(), name, value, "s")));
    }
    let verb = find_verb(&chaos.verb.value).map(|row| row.verb);
    if verb == Some(Verb::Reorder) {
        let slot = |value: &ast::Value| match lowering.first_quantity(value).map(|q| q.dimension()) {
            Some(Dimension::Duration) => (ChaosSlot::Amount, "by"),
            _ => (ChaosSlot::Share, "share"),
        };
        parts.extend(chaos.amounts.iter().map(|(_, value)| {
            let (slot, name) = slot(value);
            (value.span, slot, name, value, "")
        }));
    } else if let Some((_, value)) = amount(chaos) {
        let slot = if verb == Some(Verb::Decrease) { ChaosSlot::Decrease } else { ChaosSlot::Amount };
        parts.push((value.span, slot, "by", value, ""));
    }
    let jitter = chaos.amounts.iter().find(|(name, _)| name.value == "jitter").map(|(_, value)| value);
    let (mttf, mttr) = chaos.random.as_ref().map(|(mttf, mttr)| (mttf, mttr)).unzip();
    let further = [
        (jitter, ChaosSlot::Jitter, "jitter"),
        (mttf, ChaosSlot::Mttf, "mttf"),
        (mttr, ChaosSlot::Mttr, "mttr"),
        (chaos.when.as_ref().and_then(|when| when.hold.as_ref()), ChaosSlot::Hold, "hold"),
        (chaos.targets.replicas.as_ref(), ChaosSlot::Replicas, "replicas"),
        (chaos.targets.any.as_ref(), ChaosSlot::Any, "any"),
    ];
    for (value, slot, name) in further {
        parts.extend(value.map(|value| (value.span, slot, name, value, "s")));
    }
    // In the order written: the first dimension varies slowest.
    parts.sort_by_key(|(at, ..)| *at);
    for (_, slot, name, value, unit) in parts {
        lowering.slot(value, &format!("{label}.{name}"), unit, event, slot);
    }
}

/// Attributes of a deployment that have several values.
fn set_deployed(
    lowering: &mut Lowering<'_, '_, '_>,
    properties: &[ast::Property],
    group: Option<&'static str>,
    event: usize,
    label: &str,
) {
    for property in properties {
        let Some(row) = crate::schema::find_attribute(group, &property.name.value) else { continue };
        if let Some(value) = property.values.first().filter(|_| row.changes_at_run_time()) {
            lowering.slot(value, &format!("{label}.{}", row.path()), "", event, ChaosSlot::Deployed(row.key));
        }
        set_deployed(lowering, &property.block, Some(row.group.unwrap_or(row.name)), event, label);
    }
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

/// What starts the event. The seed's own lines give no time: then it holds from the start of the run.
fn trigger(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, event: usize) {
    if let Some((mttf, mttr)) = &chaos.random {
        let times = (lowering.time(mttf), lowering.time(mttr));
        if let (Some(mttf), Some(mttr)) = times {
            lowering.scenario.base.chaos[event].timing.trigger = Trigger::Random { mttf, mttr };
        }
    }
    if let Some(when) = &chaos.when {
        let hold = when.hold.as_ref().and_then(|hold| lowering.time(hold)).unwrap_or(Duration::ZERO);
        let context = Context { built: lowering.built, flat: lowering.flat, sources: lowering.sources() };
        if let Some(condition) = context.condition(&when.condition, lowering.diagnostics) {
            let every_time = when.every_time;
            lowering.thresholds(&when.condition, |nth| Setter::Chaos(event, ChaosSlot::Threshold(nth)));
            lowering.scenario.base.chaos[event].timing.trigger = Trigger::When { condition, hold, every_time };
        }
    }
}

// ---- targets

/// Sides of an event, with parameters replaced: one entry for each run that the event asks for.
type Targets = (Vec<SymbolOrDomain>, Vec<SymbolOrDomain>);

/// What a target names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SymbolOrDomain {
    Symbol(SymbolId),
    Domain(DomainId),
}

fn choices(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, verb: Verb) -> Vec<(String, Targets)> {
    let far: Vec<(String, Vec<SymbolOrDomain>)> =
        chaos.targets.other.iter().flat_map(|target| alternatives(lowering, target, verb)).collect();
    let swept_far = chaos.targets.one_of_other || chaos.targets.other.iter().any(|target| is_list(lowering, target));
    if !far.is_empty() && far.iter().all(|(_, found)| found.is_empty()) {
        return Vec::new();
    }
    let far = match swept_far {
        true => far,
        false => vec![(String::new(), far.into_iter().flat_map(|(_, found)| found).collect())],
    };
    let near = near_choices(lowering, chaos, verb);
    let both = |near: &str, far: &str| match (near.is_empty(), far.is_empty()) {
        (false, false) => format!("{near}|{far}"),
        _ => format!("{near}{far}"),
    };
    let pair = |(label, near): (String, Vec<SymbolOrDomain>)| -> Vec<(String, Targets)> {
        far.iter().map(|(other, far)| (both(&label, other), (near.clone(), far.clone()))).collect()
    };
    near.into_iter().flat_map(pair).collect()
}

fn near_choices(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    verb: Verb,
) -> Vec<(String, Vec<SymbolOrDomain>)> {
    let wanted = !chaos.targets.elements.is_empty();
    let mut each: Vec<(String, Vec<SymbolOrDomain>)> = Vec::new();
    for target in &chaos.targets.elements {
        for (label, found) in alternatives(lowering, target, verb) {
            each.push((label, found));
        }
    }
    let swept = chaos.targets.one_of || chaos.targets.elements.iter().any(|target| is_list(lowering, target));
    if wanted && each.iter().all(|(_, found)| found.is_empty()) {
        // Something was named and complained of.
        return Vec::new();
    }
    if each.is_empty() && needs_target(verb) && chaos.targets.attribute.is_none() {
        lowering.diagnostics.push(
            Diagnostic::new(&codes::E0111, chaos.verb.span.after(), format!("`{}` has no target", chaos.verb.value))
                .label("the name of an element belongs here")
                .help(format!("it is written `{}`", find_verb(&chaos.verb.value).map_or("", |row| row.form))),
        );
        return Vec::new();
    }
    if swept {
        return each;
    }
    vec![(String::new(), each.into_iter().flat_map(|(_, found)| found).collect())]
}

fn needs_target(verb: Verb) -> bool {
    !matches!(verb, Verb::Surge | Verb::Partition | Verb::Increase | Verb::Decrease | Verb::Set | Verb::Heal)
}

fn is_list(lowering: &Lowering<'_, '_, '_>, target: &crate::source::Spanned<ChaosTarget>) -> bool {
    let ChaosTarget::Path(path) = &target.value else { return false };
    matches!(lowering.flat.bound(&crate::sema::values::path_value(path)).0.value, ValueKind::List(_))
}

/// What one target names; a parameter that is a list names several, one for each run.
fn alternatives(
    lowering: &mut Lowering<'_, '_, '_>,
    target: &crate::source::Spanned<ChaosTarget>,
    verb: Verb,
) -> Vec<(String, Vec<SymbolOrDomain>)> {
    if let ChaosTarget::Path(path) = &target.value {
        let value = crate::sema::values::path_value(path);
        if let (ast::Value { value: ValueKind::List(list), .. }, Some(_)) = lowering.flat.bound(&value) {
            let paths: Vec<ast::Path> = list
                .iter()
                .filter_map(|item| if let ValueKind::Path(path) = &item.value { Some(path.clone()) } else { None })
                .collect();
            return paths
                .into_iter()
                .map(|path| {
                    let label = path.dotted();
                    let span = path.span;
                    (label, named(lowering, &crate::source::Spanned::new(ChaosTarget::Path(path), span), verb))
                })
                .collect();
        }
    }
    let label = lowering.one_line(target.span);
    vec![(label, named(lowering, target, verb))]
}

fn named(
    lowering: &mut Lowering<'_, '_, '_>,
    target: &crate::source::Spanned<ChaosTarget>,
    verb: Verb,
) -> Vec<SymbolOrDomain> {
    let names = &lowering.built.declared.names;
    let elements = |keep: &dyn Fn(SymbolId) -> bool| -> Vec<SymbolOrDomain> {
        lowering.built.symbol_of_element.iter().copied().filter(|id| keep(*id)).map(SymbolOrDomain::Symbol).collect()
    };
    let found = match &target.value {
        ChaosTarget::All => elements(&|id| lowering.built.station_of(id).is_some()),
        ChaosTarget::Kind(kind) => elements(&|id| {
            let is_queue = kind == "queue" && names.role(id) == KindRole::Queue;
            is_queue || names.get(id).kind.eq_ignore_ascii_case(kind)
        }),
        ChaosTarget::Tag(tag) => elements(&|id| names.get(id).facts.tags.contains(tag)),
        ChaosTarget::Zone(path) | ChaosTarget::Path(path) => {
            let path = lowering.flat.bound_path(path);
            return named_path(lowering, &path, verb);
        }
    };
    if found.is_empty() {
        lowering.diagnostics.push(
            Diagnostic::new(&codes::E0201, target.span, "nothing in the model is of this kind").label("hits nothing"),
        );
    }
    found
}

fn named_path(lowering: &mut Lowering<'_, '_, '_>, path: &ast::Path, verb: Verb) -> Vec<SymbolOrDomain> {
    let built = lowering.built;
    let Some(symbol) = resolve(&built.declared.names, path, None, lowering.diagnostics) else { return Vec::new() };
    if let Some(domain) = built.domain_of.get(&symbol) {
        return vec![SymbolOrDomain::Domain(*domain)];
    }
    if verb == Verb::Outage {
        lowering.diagnostics.push(
            Diagnostic::new(&codes::E0217, path.span, format!("`{}` is no zone", path.dotted()))
                .label("a deployment node belongs here")
                .help("declare where things run: `deployment prod \"Production\" { node zone_a \"Zone A\" { containerInstance Shop.Api } }`"),
        );
        return Vec::new();
    }
    if built.declared.names.get(symbol).class != Class::Element
        || (built.stations_within(symbol).is_empty() && !built.source_of.contains_key(&symbol))
    {
        lowering.diagnostics.push(behavior::not_running(path));
        return Vec::new();
    }
    vec![SymbolOrDomain::Symbol(symbol)]
}

/// Stations of targets: those of a symbol, those placed in a domain.
fn stations(built: &Built<'_>, targets: &[SymbolOrDomain]) -> Vec<StationId> {
    let mut out = Vec::new();
    for target in targets {
        match target {
            SymbolOrDomain::Symbol(symbol) => out.extend(built.stations_within(*symbol)),
            SymbolOrDomain::Domain(domain) => out.extend(placed_in(built, *domain)),
        }
    }
    out.dedup();
    out
}

fn placed_in(built: &Built<'_>, domain: DomainId) -> Vec<StationId> {
    let inside = |id: &DomainId| {
        let up = |at: &DomainId| built.architecture.domains[at.index()].parent;
        std::iter::successors(Some(*id), up).any(|at| at == domain)
    };
    let stations = built.architecture.stations.iter().enumerate();
    stations.filter(|(_, station)| station.domains.iter().any(inside)).map(|(n, _)| StationId(n as u32)).collect()
}

// ---- actions

/// The strength of an event: the amount that `by`, `to`, `loss` or nothing names.
fn amount(chaos: &ast::Chaos) -> Option<(&str, &ast::Value)> {
    let by_name = |wanted: &[&str]| chaos.amounts.iter().find(|(name, _)| wanted.contains(&name.value.as_str()));
    by_name(&["by", "to", "=", "loss", "factor", "rate", "downtime", "grace", "share"])
        .or_else(|| by_name(&[""]))
        .map(|(name, value)| (name.value.as_str(), value))
}

/// The first value of the strength, parameters replaced; of a sweep its first.
fn strength(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos) -> Option<Quantity> {
    let (_, value) = amount(chaos)?;
    lowering.first_quantity(value)
}

fn action(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    verb: Verb,
    targets: &Targets,
    span: Span,
) -> Option<ChaosAction> {
    let amount = strength(lowering, chaos);
    let set = || element_set(lowering, chaos, &targets.0);
    Some(match verb {
        Verb::Kill if !manner::of(chaos).graceful => ChaosAction::Kill(set()),
        Verb::Restart => {
            ChaosAction::Restart(set(), amount.and_then(|q| q.or_unit(seconds()).duration()).unwrap_or_default())
        }
        Verb::Pause => ChaosAction::Pause(set()),
        Verb::ClearCache => ChaosAction::ClearCache(set()),
        Verb::Failover => ChaosAction::Failover(set()),
        Verb::HotKey => ChaosAction::HotKey(set(), share(lowering, chaos, amount, 1.0)?),
        Verb::Slow => ChaosAction::Slow(set(), slow_strength(lowering, chaos, amount)?),
        Verb::Fail => ChaosAction::Fail(set(), share(lowering, chaos, amount, 1.0)?),
        Verb::Outage => match targets.0.first() {
            Some(SymbolOrDomain::Domain(domain)) => ChaosAction::Outage(*domain),
            _ => return None,
        },
        Verb::Throttle => ChaosAction::Throttle(set(), dimension(lowering, chaos, amount, Dimension::Rate, "/s")?.si()),
        Verb::Scale => ChaosAction::Scale(set(), dimension(lowering, chaos, amount, Dimension::Count, "")?.si() as u32),
        Verb::Surge => ChaosAction::Surge(factor(lowering, chaos, amount)?),
        Verb::Partition => {
            ChaosAction::Cut(links(lowering, chaos, targets, span)?, share(lowering, chaos, amount, 1.0)?)
        }
        Verb::Drop => ChaosAction::Cut(links(lowering, chaos, targets, span)?, share(lowering, chaos, amount, 1.0)?),
        Verb::Delay => {
            let by = dimension(lowering, chaos, amount, Dimension::Duration, "ms")?.si();
            let jitter = match named_amount(lowering, chaos, "jitter").map(|q| q.or_unit(seconds())) {
                None => 0.0,
                Some(q) if q.dimension() == Dimension::Duration => q.si(),
                Some(_) => return wrong_amount(lowering, chaos, "a time behind `jitter`"),
            };
            ChaosAction::Delay(links(lowering, chaos, targets, span)?, by, jitter)
        }
        // Asked to end, it is stopped.
        Verb::Kill | Verb::Stop => {
            let grace = amount.map_or(Some(GRACE), |q| q.or_unit(seconds()).duration());
            match grace {
                Some(grace) => ChaosAction::Stop(set(), grace),
                None => return wrong_amount(lowering, chaos, "a time: `stop X grace 30s`"),
            }
        }
        Verb::Hang => ChaosAction::Hang(set()),
        Verb::Duplicate => {
            ChaosAction::Duplicate(requests(lowering, chaos, targets, span)?, share(lowering, chaos, amount, 1.0)?)
        }
        Verb::Reorder => {
            let (late, part) = disorder(lowering, chaos);
            let late = match late {
                Some(late) => late.si(),
                None => LATE,
            };
            ChaosAction::Reorder(requests(lowering, chaos, targets, span)?, share(lowering, chaos, part, 0.5)?, late)
        }
        Verb::ConsumerStop => ChaosAction::StopConsumers(queues(lowering, chaos, set())?),
        Verb::Poison => ChaosAction::Poison(queues(lowering, chaos, set())?, share(lowering, chaos, amount, 1.0)?),
        Verb::AutoscaleOff => ChaosAction::FreezeScaling(set()),
        Verb::Quota => ChaosAction::Quota(set()),
        Verb::Heal if targets.1.is_empty() => ChaosAction::Heal(set(), LinkSet { links: Vec::new(), half: false }),
        Verb::Heal => ChaosAction::Heal(element_set(lowering, chaos, &[]), links(lowering, chaos, targets, span)?),
        Verb::Leak => ChaosAction::Leak(set(), dimension(lowering, chaos, amount, Dimension::Rate, "%/s")?.si()),
        Verb::Exhaust => return resource::exhaust(lowering, chaos, span),
        Verb::Deploy => {
            let whole = set();
            let replicas = manner::deployed(chaos, whole.replicas);
            resource::deploy(lowering, &chaos.properties, ElementSet { replicas, ..whole })
        }
        Verb::Increase | Verb::Decrease | Verb::Set => return change(lowering, chaos, verb, amount, span),
    })
}

fn element_set(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos, targets: &[SymbolOrDomain]) -> ElementSet {
    let count = |value: &Option<ast::Value>| {
        value.as_ref().and_then(|value| lowering.first_quantity(value)).map(crate::model::part)
    };
    ElementSet {
        stations: stations(lowering.built, targets),
        replicas: count(&chaos.targets.replicas),
        any: count(&chaos.targets.any),
    }
}

/// What has so long to end unless something else is said: `terminationGracePeriodSeconds` of Kubernetes.
const GRACE: Duration = Duration(30_000_000_000);
/// How late a message out of order is, seconds.
const LATE: f64 = 0.01;

/// How late, and which share of messages: `reorder A -> B 5% by 20ms`.
fn disorder(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos) -> (Option<Quantity>, Option<Quantity>) {
    let given: Vec<Quantity> = chaos.amounts.iter().filter_map(|(_, value)| lowering.first_quantity(value)).collect();
    let is_time = |q: &Quantity| q.dimension() == Dimension::Duration;
    (given.iter().copied().find(is_time), given.iter().copied().find(|q| !is_time(q)))
}

/// Those of a set that hold messages.
fn queues(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, mut set: ElementSet) -> Option<ElementSet> {
    set.stations.retain(|id| lowering.built.architecture.station(*id).is_queue);
    if set.stations.is_empty() {
        let span = chaos.targets.elements.first().map_or(chaos.verb.span, |target| target.span);
        lowering.diagnostics.push(
            Diagnostic::new(&codes::E0218, span, "this is no queue")
                .label("hits nothing")
                .help("name a queue, a topic or a stream"),
        );
        return None;
    }
    Some(set)
}

/// The relations whose requests are hit; of an element alone those that come to it.
fn requests(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, targets: &Targets, span: Span) -> Option<LinkSet> {
    let mut set = links(lowering, chaos, targets, span)?;
    if targets.1.is_empty() {
        let inside = stations(lowering.built, &targets.0);
        let calls = &lowering.built.architecture.calls;
        set.links.retain(|(id, ..)| inside.contains(&calls[id.index()].to));
    }
    Some(set)
}

fn seconds() -> &'static Unit {
    Unit::find("s").unwrap_or(Unit::NONE)
}

fn named_amount(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos, name: &str) -> Option<Quantity> {
    let (_, value) = chaos.amounts.iter().find(|(given, _)| given.value == name)?;
    lowering.first_quantity(value)
}

fn slow_strength(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    amount: Option<Quantity>,
) -> Option<Strength> {
    match amount.map(|q| (q.dimension(), q.si())) {
        Some((Dimension::Duration, add)) => Some(Strength { factor: 1.0, add }),
        Some((Dimension::Factor | Dimension::Count, factor)) if factor > 0.0 => Some(Strength { factor, add: 0.0 }),
        Some((Dimension::Share, share)) => Some(Strength { factor: 1.0 + share, add: 0.0 }),
        _ => wrong_amount(lowering, chaos, "a factor or a time: `by 5x`, `by +200ms`"),
    }
}

fn share(
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

fn factor(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, amount: Option<Quantity>) -> Option<f64> {
    match amount.map(|q| (q.dimension(), q.si())) {
        Some((Dimension::Factor | Dimension::Count, factor)) => Some(factor),
        Some((Dimension::Share, share)) => Some(1.0 + share),
        _ => wrong_amount(lowering, chaos, "a factor such as `5x`"),
    }
}

fn dimension(
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

fn wrong_amount<T>(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, expected: &str) -> Option<T> {
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

// ---- links

fn links(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, targets: &Targets, span: Span) -> Option<LinkSet> {
    let built = lowering.built;
    if targets.0.is_empty() && targets.1.is_empty() {
        // Without sides: half of all pairs, drawn by the seed.
        let all = (0..built.architecture.calls.len() as u32)
            .map(crate::model::CallId)
            .filter(|id| !place::is_entry(built, *id));
        return Some(LinkSet { links: all.map(|id| (id, true, true)).collect(), half: true });
    }
    let oneway = chaos.targets.arrow || chaos.flags.iter().any(|flag| flag.value == "oneway");
    let mut links = Vec::new();
    for near in &targets.0 {
        if targets.1.is_empty() {
            links.extend(all_links(built, *near));
        }
        for far in &targets.1 {
            links.extend(between(built, *near, *far, oneway));
        }
    }
    links.sort_unstable();
    links.dedup();
    if links.is_empty() {
        lowering.diagnostics.push(
            Diagnostic::new(&codes::E0218, span, "no relation crosses this cut")
                .label("hits nothing")
                .help("name two elements that call each other"),
        );
        return None;
    }
    Some(LinkSet { links, half: false })
}

fn symbols(built: &Built<'_>, target: SymbolOrDomain) -> Vec<SymbolId> {
    match target {
        SymbolOrDomain::Symbol(symbol) => vec![symbol],
        SymbolOrDomain::Domain(domain) => {
            placed_in(built, domain).into_iter().map(|station| built.symbol_of_station(station)).collect()
        }
    }
}

/// Links between two sides; one way only, messages from the near to the far side are hit.
fn between(
    built: &Built<'_>,
    near: SymbolOrDomain,
    far: SymbolOrDomain,
    oneway: bool,
) -> Vec<(crate::model::CallId, bool, bool)> {
    let mut out = Vec::new();
    for a in symbols(built, near) {
        for b in symbols(built, far) {
            let found = place::links(built, a, b);
            out.extend(
                found.into_iter().map(|(id, forth)| if oneway { (id, forth, !forth) } else { (id, true, true) }),
            );
        }
    }
    out
}

/// Every link of an element that is cut off from everything.
fn all_links(built: &Built<'_>, target: SymbolOrDomain) -> Vec<(crate::model::CallId, bool, bool)> {
    let inside = stations(built, &[target]);
    let calls = built.architecture.calls.iter().enumerate();
    let touches = |call: &crate::model::Call| {
        let near = matches!(call.from, crate::model::Entry::Station(id) if inside.contains(&id));
        near != inside.contains(&call.to)
    };
    calls.filter(|(_, call)| touches(call)).map(|(n, _)| (crate::model::CallId(n as u32), true, true)).collect()
}

// ---- attributes

fn change(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    verb: Verb,
    amount: Option<Quantity>,
    span: Span,
) -> Option<ChaosAction> {
    let (places, key) = changed(lowering, chaos, span)?;
    let place = places.first().copied()?;
    let row = crate::schema::attribute(key);
    if !row.changes_at_run_time() {
        lowering.not_yet(span, &format!("a change of `{}` during a run", row.path()));
        return None;
    }
    change_of(lowering, chaos, verb, place, key, amount)
}

/// What the event changes beside its first place: the other queues, the other elements of a group.
fn further(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, verb: Verb, span: Span) -> Vec<ChaosAction> {
    let Some((places, key)) = changed(lowering, chaos, span) else { return Vec::new() };
    let amount = strength(lowering, chaos);
    let rest = places.into_iter().skip(1);
    rest.filter_map(|place| change_of(lowering, chaos, verb, place, key, amount)).collect()
}

fn change_of(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    verb: Verb,
    place: Place,
    key: Key,
    amount: Option<Quantity>,
) -> Option<ChaosAction> {
    if verb != Verb::Set {
        return relative(lowering, chaos, verb, place, key, amount);
    }
    let (_, value) = self::amount(chaos)?;
    let (bound, _) = lowering.flat.bound(value);
    let first = lowering.first_value(bound);
    let value = behavior::typed_value(lowering.loaded, lowering.built, key, &first, lowering.diagnostics)?;
    Some(ChaosAction::Set(place, key, value))
}

/// `increase X.attr by 80%`, `by 2x`, `by +10ms`.
fn relative(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    verb: Verb,
    place: Place,
    key: Key,
    amount: Option<Quantity>,
) -> Option<ChaosAction> {
    let sign = if verb == Verb::Decrease { -1.0 } else { 1.0 };
    let Some(amount) = amount else { return wrong_amount(lowering, chaos, "how much: `by 80%`, `by 2x`") };
    let is_relative = matches!(amount.dimension(), Dimension::Share | Dimension::Factor);
    if !is_relative && crate::model::typed(amount, key).is_none() {
        let takes = crate::schema::attribute(key).ty.describe();
        return wrong_amount(lowering, chaos, &format!("`by 80%`, `by 2x` or {takes}"));
    }
    Some(crate::model::relative_change(place, key, amount, sign))
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
    let bound =
        ast::Target { from: target.from.clone(), path: lowering.flat.bound_path(&target.path), span: target.span };
    let found = place::places(lowering.built, &bound, lowering.diagnostics)?;
    Some((found.places, found.attribute.key))
}
