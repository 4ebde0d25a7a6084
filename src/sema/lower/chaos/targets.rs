//! What an event hits: elements, zones, relations; one choice for each run where it is one of several.

use crate::diag::{Diagnostic, codes};
use crate::model::{CallId, DomainId, ElementSet, LinkSet, SourceId, StationId};
use crate::schema::{KindRole, Verb, find_verb};
use crate::sema::cascade::resolve;
use crate::sema::lower::scenario::Lowering;
use crate::sema::lower::{Built, behavior, place};
use crate::sema::names::{Class, SymbolId};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, ChaosTarget, ValueKind};

/// Sides of an event, with parameters replaced: one entry for each run that the event asks for.
pub type Targets = (Vec<SymbolOrDomain>, Vec<SymbolOrDomain>);

/// What a target names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolOrDomain {
    Symbol(SymbolId),
    Domain(DomainId),
}

/// What is hit: one entry for each run that the event asks for.
pub fn choices(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, verb: Verb) -> Vec<(String, Targets)> {
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

/// Whether a target is a parameter that is a list.
pub fn is_list(lowering: &Lowering<'_, '_, '_>, target: &Spanned<ChaosTarget>) -> bool {
    let ChaosTarget::Path(path) = &target.value else { return false };
    matches!(lowering.flat.bound(&crate::sema::values::path_value(path)).0.value, ValueKind::List(_))
}

/// What one target names; a parameter that is a list names several, one for each run.
fn alternatives(
    lowering: &mut Lowering<'_, '_, '_>,
    target: &Spanned<ChaosTarget>,
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
                    (label, named(lowering, &Spanned::new(ChaosTarget::Path(path), span), verb))
                })
                .collect();
        }
    }
    let label = lowering.one_line(target.span);
    vec![(label, named(lowering, target, verb))]
}

fn named(lowering: &mut Lowering<'_, '_, '_>, target: &Spanned<ChaosTarget>, verb: Verb) -> Vec<SymbolOrDomain> {
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
pub fn stations(built: &Built<'_>, targets: &[SymbolOrDomain]) -> Vec<StationId> {
    let mut out = Vec::new();
    for target in targets {
        match target {
            SymbolOrDomain::Symbol(symbol) => out.extend(built.stations_within(*symbol)),
            SymbolOrDomain::Domain(domain) => out.extend(built.architecture.placed_in(*domain)),
        }
    }
    out.dedup();
    out
}

/// Sources of targets: those of a symbol; none is placed anywhere.
pub fn sources(built: &Built<'_>, targets: &[SymbolOrDomain]) -> Vec<SourceId> {
    let is_meant = |symbol: SymbolId| {
        let names = &built.declared.names;
        targets.iter().any(|target| matches!(target, SymbolOrDomain::Symbol(of) if names.within(symbol, *of)))
    };
    let ids = (0..built.architecture.sources.len() as u32).map(SourceId);
    ids.filter(|id| behavior::source_symbol(built, *id).is_some_and(is_meant)).collect()
}

/// Those of a set that hold messages.
pub fn queues(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, mut set: ElementSet) -> Option<ElementSet> {
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
pub fn requests(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    targets: &Targets,
    span: Span,
) -> Option<LinkSet> {
    let mut set = links(lowering, chaos, targets, span)?;
    if targets.1.is_empty() {
        let inside = stations(lowering.built, &targets.0);
        let calls = &lowering.built.architecture.calls;
        set.links.retain(|(id, ..)| inside.contains(&calls[id.index()].to));
    }
    Some(set)
}

/// The relations that an event hits.
pub fn links(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    targets: &Targets,
    span: Span,
) -> Option<LinkSet> {
    let built = lowering.built;
    if targets.0.is_empty() && targets.1.is_empty() {
        // Without sides: half of all pairs, drawn by the seed.
        let all = (0..built.architecture.calls.len() as u32).map(CallId).filter(|id| !place::is_entry(built, *id));
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
            built.architecture.placed_in(domain).map(|station| built.symbol_of_station(station)).collect()
        }
    }
}

/// Links between two sides; one way only, messages from the near to the far side are hit.
fn between(built: &Built<'_>, near: SymbolOrDomain, far: SymbolOrDomain, oneway: bool) -> Vec<(CallId, bool, bool)> {
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
fn all_links(built: &Built<'_>, target: SymbolOrDomain) -> Vec<(CallId, bool, bool)> {
    let inside = stations(built, &[target]);
    let calls = built.architecture.calls.iter().enumerate();
    let touches = |call: &crate::model::Call| {
        let near = matches!(call.from, crate::model::Entry::Station(id) if inside.contains(&id));
        near != inside.contains(&call.to)
    };
    calls.filter(|(_, call)| touches(call)).map(|(n, _)| (CallId(n as u32), true, true)).collect()
}
