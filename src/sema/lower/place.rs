//! Left sides of assignments: which attributes of which parts they mean.

use super::Built;
use crate::diag::{Diagnostic, codes};
use crate::model::{CallId, Entry, Place, RequestTypeId};
use crate::schema::{ATTRIBUTES, Attribute, Subject, nearest};
use crate::sema::cascade::{unresolved, wrong_place};
use crate::sema::names::{SymbolId, Unresolved};
use crate::source::{Span, Spanned};
use crate::syntax::ast;

/// An attribute of one or more parts (a group's stations, parallel relations).
#[derive(Debug, Clone)]
pub struct Places {
    /// The parts.
    pub places: Vec<Place>,
    /// The near end that was named, of a relation.
    pub from: Option<SymbolId>,
    /// The element that was named, or the far end.
    pub to: SymbolId,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// `Shop.Api.replicas`, names in full.
    pub name: String,
}

/// What `X.attr` or `A->B.attr` means.
pub fn places(built: &Built<'_>, target: &ast::Target, diagnostics: &mut Vec<Diagnostic>) -> Option<Places> {
    let parts = &target.path.parts;
    // The longest prefix that is a name; the rest is the attribute, one or two words. In `Api.cache.lru` an element that
    // is called `Cache` is not meant: first those splits whose rest is an attribute.
    let splits = || (1..parts.len()).rev();
    let likely = splits().filter(|split| is_attribute(&parts[*split..]));
    for split in likely.chain(splits()) {
        let prefix = join(&parts[..split]);
        if let Ok(symbol) = built.declared.names.resolve(&prefix, None) {
            return attribute_of(built, target, symbol, split, diagnostics);
        }
    }
    let head = ast::Path { parts: parts[..parts.len().max(2) - 1].to_vec(), span: target.path.span };
    let why = built.declared.names.resolve(&head.dotted(), None).err().unwrap_or(Unresolved::Unknown(None));
    diagnostics.push(unresolved(&head, why));
    None
}

fn attribute_of(
    built: &Built<'_>,
    target: &ast::Target,
    symbol: SymbolId,
    split: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Places> {
    let rest = &target.path.parts[split..];
    let span = rest[0].span.to(rest[rest.len() - 1].span);
    let near = match &target.from {
        Some(from) => Some(super::super::cascade::resolve(&built.declared.names, from, None, diagnostics)?),
        None => None,
    };
    let wanted: &[Subject] = if near.is_some() {
        &[Subject::Call]
    } else {
        &[Subject::Station, Subject::Queue, Subject::Source, Subject::Request]
    };
    let attribute = find(rest, wanted, span, diagnostics)?;
    let places = match near {
        Some(near) => calls(built, near, symbol).into_iter().map(Place::Call).collect(),
        None => element_places(built, symbol, attribute),
    };
    let symbols = &built.declared.names;
    let name = match near {
        Some(near) => format!("{}->{}.{}", symbols.get(near).path, symbols.get(symbol).path, attribute.path()),
        None => format!("{}.{}", symbols.get(symbol).path, attribute.path()),
    };
    if places.is_empty() {
        diagnostics.push(nothing_there(built, target, near, symbol, attribute));
        return None;
    }
    Some(Places { places, from: near, to: symbol, attribute, name })
}

fn nothing_there(
    built: &Built<'_>,
    target: &ast::Target,
    near: Option<SymbolId>,
    symbol: SymbolId,
    attribute: &Attribute,
) -> Diagnostic {
    let far = &built.declared.names.get(symbol).path;
    match near {
        Some(near) => {
            let near = &built.declared.names.get(near).path;
            Diagnostic::new(&codes::E0218, target.span, format!("nothing goes from `{near}` to `{far}`"))
                .help(format!("add the relation `{near} -> {far}`"))
        }
        None => Diagnostic::new(&codes::E0217, target.span, format!("`{far}` has no `{}`", attribute.path()))
            .label("no part of the running system that has it"),
    }
}

/// Parts of an element that have the attribute.
fn element_places(built: &Built<'_>, symbol: SymbolId, attribute: &Attribute) -> Vec<Place> {
    if attribute.subjects.contains(&Subject::Source) {
        return built.source_of.get(&symbol).map(|source| Place::Source(*source)).into_iter().collect();
    }
    let name = &built.declared.names.get(symbol).path;
    if let Some(request) = built.request_of.get(&**name).filter(|_| attribute.subjects.contains(&Subject::Request)) {
        return vec![Place::Request(*request)];
    }
    built.stations_within(symbol).into_iter().map(Place::Station).collect()
}

/// Calls from anything in one element to anything in the other.
pub fn calls(built: &Built<'_>, from: SymbolId, to: SymbolId) -> Vec<CallId> {
    let names = &built.declared.names;
    let ids = (0..built.architecture.calls.len() as u32).map(CallId);
    ids.filter(|id| {
        let near = super::behavior::caller_symbol(built, *id);
        let far = built.symbol_of_station(built.architecture.call(*id).to);
        near.is_some_and(|near| names.within(near, from)) && names.within(far, to)
    })
    .collect()
}

/// Calls between anything in one element and anything in the other, with their direction: true for from → to.
pub fn links(built: &Built<'_>, from: SymbolId, to: SymbolId) -> Vec<(CallId, bool)> {
    let forth = calls(built, from, to).into_iter().map(|id| (id, true));
    let back = calls(built, to, from).into_iter().map(|id| (id, false));
    forth.chain(back).collect()
}

fn find(
    rest: &[ast::Ident],
    wanted: &[Subject],
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<&'static Attribute> {
    let words = words(rest);
    let named = |a: &&Attribute| is_named(a, &words);
    let fits = |a: &&Attribute| a.subjects.iter().any(|subject| wanted.contains(subject));
    if let Some(found) = ATTRIBUTES.iter().filter(named).find(fits) {
        return Some(found);
    }
    if let Some(other) = ATTRIBUTES.iter().find(named) {
        diagnostics.push(wrong_place(other, span));
        return None;
    }
    let name = join(rest);
    let known: Vec<String> = ATTRIBUTES.iter().filter(fits).map(Attribute::path).collect();
    let mut diagnostic =
        Diagnostic::new(&codes::E0204, span, format!("no attribute is called `{name}`")).label("not known");
    if let Some(near) = nearest(&name, known.iter().map(String::as_str)) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), span, near);
    }
    diagnostics.push(diagnostic);
    None
}

fn words(parts: &[ast::Ident]) -> Vec<&str> {
    parts.iter().map(|part| part.value.as_str()).collect()
}

fn is_named(attribute: &Attribute, words: &[&str]) -> bool {
    match words {
        [name] => attribute.group.is_none() && (attribute.name == *name || attribute.aliases.contains(name)),
        [group, name] => attribute.name == *name && attribute.group.is_some_and(|g| g == *group || is_alias(g, group)),
        _ => false,
    }
}

fn is_attribute(rest: &[ast::Ident]) -> bool {
    let words = words(rest);
    ATTRIBUTES.iter().any(|attribute| is_named(attribute, &words))
}

fn is_alias(group: &str, written: &str) -> bool {
    crate::schema::find_attribute(None, group).is_some_and(|head| head.aliases.contains(&written))
}

/// Every relation that retries.
pub fn retrying(built: &Built<'_>) -> Vec<CallId> {
    let ids = (0..built.architecture.calls.len() as u32).map(CallId);
    ids.filter(|id| built.architecture.call(*id).behavior.retry.is_some()).collect()
}

/// Every queue.
pub fn queues(built: &Built<'_>) -> Vec<Place> {
    let stations = built.architecture.stations.iter().enumerate();
    stations
        .filter(|(_, station)| station.is_queue)
        .map(|(n, _)| Place::Station(crate::model::StationId(n as u32)))
        .collect()
}

/// The request type that a path names: a flow, or the relation of a source.
pub fn request(built: &Built<'_>, path: &str) -> Option<RequestTypeId> {
    built.request_of.get(path).copied().or_else(|| {
        let mut ending = built.request_of.iter().filter(|(name, _)| name.rsplit(['.', '>']).next() == Some(path));
        let first = ending.next()?;
        ending.next().is_none().then_some(*first.1)
    })
}

/// Whether a call starts at a source.
pub fn is_entry(built: &Built<'_>, id: CallId) -> bool {
    matches!(built.architecture.call(id).from, Entry::Source(_))
}

fn join(parts: &[ast::Ident]) -> String {
    parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".")
}

/// An attribute in braces as an assignment of its own; `groups`: the words between the element and its name.
pub fn of_property(
    from: Option<&ast::Path>,
    element: &ast::Path,
    groups: &[ast::Ident],
    property: &ast::Property,
) -> (ast::Target, ast::Value) {
    let parts = element.parts.iter().chain(groups).chain([&property.name]).cloned().collect();
    let target = ast::Target {
        from: from.cloned(),
        path: ast::Path { parts, span: property.name.span },
        span: property.name.span,
    };
    let value = match property.values.as_slice() {
        [value] if property.block.is_empty() => value.clone(),
        values => Spanned::new(ast::ValueKind::Attribute(values.to_vec(), property.block.clone()), property.span),
    };
    (target, value)
}

/// What stands in the braces behind an assigned attribute, as assignments of their own.
pub fn further(found: &Places, target: &ast::Target, block: &[ast::Property]) -> Vec<(ast::Target, ast::Value)> {
    let parts = &target.path.parts;
    let group = found.attribute.group;
    let words =
        if group.is_some() && parts.len() > 2 && Some(parts[parts.len() - 2].value.as_str()) == group { 2 } else { 1 };
    let element = ast::Path { parts: parts[..parts.len() - words].to_vec(), span: target.path.span };
    // `cache { lru 1000 { key … } }`: what refines a member of a group belongs to the group.
    let inner = Spanned::new(group.unwrap_or(found.attribute.name).to_owned(), target.span);
    let groups = std::slice::from_ref(&inner);
    block.iter().map(|property| of_property(target.from.as_ref(), &element, groups, property)).collect()
}
