//! Behavior of stations, calls and sources from the rules of the cascade, and what was assumed.

use super::Built;
use super::place::Places;
use crate::diag::{Diagnostic, codes};
use crate::model::{CallId, Entry, Place, SourceId, StationId, Value, assign};
use crate::schema::{Key, Subject, Type, attribute, find_attribute, shared_path};
use crate::sema::cascade::{Rules, Setting, Subjects, type_properties, unresolved};
use crate::sema::load::Loaded;
use crate::sema::names::SymbolId;
use crate::sema::origins::{NAMED, Origin};
use crate::sema::values::Typing;
use crate::syntax::ast;
use std::sync::Arc;

/// Attributes of a station without which it cannot be simulated: using their default is an assumption.
const ALWAYS_NEEDED: &[Key] = &[Key::ServiceTime, Key::Replicas, Key::Concurrency, Key::Queue];

/// Applies all rules to all parts of the model.
pub fn apply(loaded: &Loaded<'_>, built: &mut Built<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let rules = with_typing(loaded, built, diagnostics, |built, typing| {
        Rules::new(&built.declared.behaviors, &built.declared.names, typing)
    });
    report_missing_relations(built, &rules, diagnostics);
    for n in 0..built.architecture.stations.len() {
        station(loaded, built, &rules, StationId(n as u32), diagnostics);
    }
    for n in 0..built.architecture.sources.len() {
        source(built, &rules, SourceId(n as u32));
    }
    for n in 0..built.architecture.calls.len() {
        call(loaded, built, &rules, CallId(n as u32), diagnostics);
    }
    built.rules = rules;
}

/// Lends a [`Typing`] that resolves the names of `built`.
pub fn with_typing<'a, T>(
    loaded: &Loaded<'_>,
    built: &Built<'a>,
    diagnostics: &mut Vec<Diagnostic>,
    work: impl FnOnce(&Built<'a>, &mut Typing<'_, '_>) -> T,
) -> T {
    let station = |path: &ast::Path| match built.declared.names.resolve(&path.dotted(), None) {
        Ok(symbol) => match built.station_of(symbol).or_else(|| built.entrance(symbol)) {
            Some(station) => Ok(Some(station)),
            None => Err(Box::new(not_running(path))),
        },
        Err(why) => Err(Box::new(unresolved(path, why))),
    };
    work(built, &mut Typing { loaded, station: &station, diagnostics })
}

/// The diagnostic of a name that is no part of the running system.
pub fn not_running(path: &ast::Path) -> Diagnostic {
    Diagnostic::new(&codes::E0217, path.span, format!("`{}` serves no requests", path.dotted()))
        .label("no part of the running system")
}

fn station(
    loaded: &Loaded<'_>,
    built: &mut Built<'_>,
    rules: &Rules,
    id: StationId,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let symbol = built.symbol_of_station(id);
    let place = Place::Station(id);
    for setting in from_metadata(built, symbol) {
        let origin = Origin { span: setting.span, is_std: false, rank: 0 };
        set(built, place, &setting, origin);
    }
    let lineage = built.lineage(symbol);
    let known = built.declared.names.get(symbol);
    let technology = known.facts.technology.as_deref();
    let subjects = Subjects { lineage: &lineage, kind: &known.kind, technology, tags: &known.facts.tags };
    let settings = rules.for_element(&subjects);
    for (setting, origin) in settings {
        set(built, place, setting, origin);
    }
    scaling(loaded, built, symbol, id, diagnostics);
    // A container whose technology delivers messages is a queue, whatever its kind says.
    built.architecture.stations[id.index()].is_queue |= built.origins.contains(place, Key::Delivery);
    note_assumed(built, id);
}

/// Sets one attribute and remembers where it came from.
fn set(built: &mut Built<'_>, place: Place, setting: &Setting, origin: Origin) {
    // Typing has checked the value, and the subjects of the rule the place: a refusal is an attribute of another subject.
    if assign(&mut built.architecture, place, setting.key, &setting.value).is_ok() {
        built.origins.insert(place, setting.key, origin);
        if setting.value == Value::None {
            built.origins.forget_group(place, setting.key);
        }
    }
}

/// Metadata such as `rate_limit "100/s"`: read when it is one plain quantity of the attribute's own dimension.
fn from_metadata(built: &Built<'_>, symbol: SymbolId) -> Vec<Setting> {
    let facts = &built.declared.names.get(symbol).facts;
    let mut settings = Vec::new();
    for (key, text) in &facts.metadata {
        let Some(row) = find_attribute(None, &key.value).filter(|row| row.subjects.contains(&Subject::Station)) else {
            continue;
        };
        if let Some(value) = crate::quantity::parse_loose(&text.value)
            .filter(|q| !q.is_bare())
            .and_then(|q| crate::model::typed(q, row.key))
        {
            settings.push(Setting { key: row.key, value, span: text.span });
        }
    }
    settings
}

/// `scale { min 3 max 10 }` blocks: autoscaling, and its minimum as the replicas that nobody gave.
fn scaling(
    loaded: &Loaded<'_>,
    built: &mut Built<'_>,
    symbol: SymbolId,
    id: StationId,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let blocks = built.declared.names.get(symbol).facts.scales.clone();
    let place = Place::Station(id);
    for properties in blocks {
        let settings = with_typing(loaded, built, diagnostics, |_, typing| {
            type_properties(&properties, Some("scale"), &[Subject::Station], typing)
        });
        for setting in &settings {
            set(built, place, setting, Origin { span: setting.span, is_std: false, rank: NAMED });
            let given = built.origins.get(place, Key::Replicas).is_some_and(|origin| !origin.is_std);
            if setting.key == Key::ScaleMin && !given {
                let _ = assign(&mut built.architecture, place, Key::Replicas, &setting.value);
            }
        }
    }
}

fn note_assumed(built: &mut Built<'_>, id: StationId) {
    let place = Place::Station(id);
    let is_queue = built.architecture.station(id).is_queue;
    let needed: &[Key] = if is_queue { &[Key::Capacity] } else { ALWAYS_NEEDED };
    let mut assumed: Vec<Key> = needed.iter().copied().filter(|key| !built.origins.contains(place, *key)).collect();
    // A flag is a choice, not a number that could be mistaken for somebody's measurement.
    let is_number = |key: Key| {
        let row = attribute(key);
        row.ty != Type::Flag && (is_queue || row.subjects.contains(&Subject::Station))
    };
    assumed
        .extend(built.origins.of(place).filter(|(key, origin)| origin.is_std && is_number(*key)).map(|(key, _)| key));
    let mut names: Vec<Arc<str>> = assumed.into_iter().map(shared_path).collect();
    names.sort_unstable();
    names.dedup();
    built.architecture.stations[id.index()].assumed = names;
}

fn source(built: &mut Built<'_>, rules: &Rules, id: SourceId) {
    let element = built.architecture.sources[id.index()].element;
    let symbol = built.symbol_of_element[element.index()];
    if built.source_of.get(&symbol) != Some(&id) {
        return;
    }
    let known = built.declared.names.get(symbol);
    let lineage = built.lineage(symbol);
    let subjects = Subjects { lineage: &lineage, kind: &known.kind, technology: None, tags: &known.facts.tags };
    let settings = rules.for_element(&subjects);
    for (setting, origin) in settings {
        set(built, Place::Source(id), setting, origin);
    }
}

fn call(loaded: &Loaded<'_>, built: &mut Built<'_>, rules: &Rules, id: CallId, diagnostics: &mut Vec<Diagnostic>) {
    let place = Place::Call(id);
    let to = built.architecture.call(id).to;
    built.architecture.calls[id.index()].behavior.asynchronous = built.architecture.station(to).is_queue;
    let far = built.symbol_of_station(built.architecture.call(id).to);
    let near = caller_symbol(built, id);
    let known = built.declared.names.get(far);
    let node = built.call_nodes[id.index()];
    let tags = relation_tags(built, id);
    let technology = known.facts.technology.as_deref();
    let subjects = Subjects { lineage: &[], kind: &known.kind, technology, tags: &tags };
    let (from, to) = (near.map(|near| built.lineage(near)).unwrap_or_default(), built.lineage(far));
    let own_place = node.map_or(usize::MAX, |node| node.behaviors_before);
    let [weaker, later] = rules.for_relation((&from, &to), &subjects, own_place);
    for (setting, origin) in weaker {
        set(built, place, setting, origin);
    }
    let own = node.map(|node| node.node.properties.as_slice()).unwrap_or_default();
    let settings =
        with_typing(loaded, built, diagnostics, |_, typing| type_properties(own, None, &[Subject::Call], typing));
    for setting in &settings {
        set(built, place, setting, Origin { span: setting.span, is_std: false, rank: NAMED });
    }
    for (setting, origin) in later {
        set(built, place, setting, origin);
    }
    let mut assumed = Vec::new();
    let is_std = built.origins.get(place, Key::Latency).is_none_or(|origin| origin.is_std);
    if is_std && matches!(built.architecture.call(id).from, Entry::Station(_)) {
        assumed.push(shared_path(Key::Latency));
    }
    built.architecture.calls[id.index()].assumed = assumed;
}

/// The stations, calls and sources that a selector of many parts selects, with how specific it is; `None`: it names
/// one part.
pub fn selected(built: &Built<'_>, selector: &ast::Selector) -> Option<(u8, Vec<Place>)> {
    let mut rank = None;
    let mut places = Vec::new();
    let mut note = |place: Place, symbol: SymbolId, tags: &[String], technology: bool| {
        let known = built.declared.names.get(symbol);
        let technology = known.facts.technology.as_deref().filter(|_| technology);
        let found =
            crate::sema::cascade::selects(selector, &Subjects { lineage: &[], kind: &known.kind, technology, tags });
        rank = found.map(|(rank, _)| rank).or(rank);
        places.extend(found.filter(|(_, does)| *does).map(|_| place));
    };
    for n in 0..built.architecture.stations.len() as u32 {
        let symbol = built.symbol_of_station(StationId(n));
        note(Place::Station(StationId(n)), symbol, &built.declared.names.get(symbol).facts.tags, true);
    }
    for (n, source) in built.architecture.sources.iter().enumerate() {
        let (id, symbol) = (SourceId(n as u32), built.symbol_of_element[source.element.index()]);
        if built.source_of.get(&symbol) == Some(&id) {
            note(Place::Source(id), symbol, &built.declared.names.get(symbol).facts.tags, false);
        }
    }
    for n in 0..built.architecture.calls.len() as u32 {
        let far = built.symbol_of_station(built.architecture.call(CallId(n)).to);
        note(Place::Call(CallId(n)), far, &relation_tags(built, CallId(n)), true);
    }
    places.sort_unstable();
    Some((rank?, places))
}

fn relation_tags(built: &Built<'_>, id: CallId) -> Vec<String> {
    let node = built.call_nodes[id.index()];
    node.map(|node| node.node.tags.iter().map(|tag| tag.value.clone()).collect()).unwrap_or_default()
}

/// The symbol of a call's near end; none for the source that the tool added.
pub fn caller_symbol(built: &Built<'_>, id: CallId) -> Option<SymbolId> {
    match built.architecture.call(id).from {
        Entry::Station(station) => Some(built.symbol_of_station(station)),
        Entry::Source(source) => source_symbol(built, source),
    }
}

/// The symbol of a source; none for the one that the tool added.
pub fn source_symbol(built: &Built<'_>, source: SourceId) -> Option<SymbolId> {
    let element = built.architecture.sources[source.index()].element;
    let symbol = built.symbol_of_element[element.index()];
    (built.source_of.get(&symbol) == Some(&source)).then_some(symbol)
}

/// `behavior A -> B` where nothing goes from A to B.
fn report_missing_relations(built: &Built<'_>, rules: &Rules, diagnostics: &mut Vec<Diagnostic>) {
    let names = &built.declared.names;
    if rules.relation_rules().next().is_none() {
        return;
    }
    let ends: Vec<(SymbolId, SymbolId)> = (0..built.architecture.calls.len() as u32)
        .filter_map(|n| {
            Some((caller_symbol(built, CallId(n))?, built.symbol_of_station(built.architecture.call(CallId(n)).to)))
        })
        .collect();
    let mut known: std::collections::HashSet<(SymbolId, SymbolId)> = std::collections::HashSet::new();
    for (from, to) in &ends {
        for near in built.lineage(*from) {
            for far in built.lineage(*to) {
                known.insert((near, far));
            }
        }
    }
    for (from, to, span) in rules.relation_rules() {
        if !known.contains(&(from, to)) {
            let (from, to) = (&names.get(from).path, &names.get(to).path);
            diagnostics.push(
                Diagnostic::new(&codes::E0218, span, format!("nothing goes from `{from}` to `{to}`"))
                    .label("describes a relation that the model does not have")
                    .help(format!("add the relation `{from} -> {to}`")),
            );
        }
    }
}

/// Applies blocks again that name the place, stand behind an assignment of an overlay and are as specific as it.
pub fn apply_later(built: &mut Built<'_>, place: Place, assigned: &Places, added_before: usize) {
    let up_to = |symbol: SymbolId, end: Option<SymbolId>| -> Vec<SymbolId> {
        let lineage = built.lineage(symbol);
        let length = lineage.iter().position(|id| Some(*id) == end).map_or(1, |n| n + 1);
        lineage.into_iter().take(length).collect()
    };
    let (from, to) = match place {
        Place::Station(id) => (Vec::new(), up_to(built.symbol_of_station(id), Some(assigned.to))),
        Place::Source(_) => (Vec::new(), vec![assigned.to]),
        Place::Call(id) => {
            let Some(near) = caller_symbol(built, id) else { return };
            let far = built.symbol_of_station(built.architecture.call(id).to);
            (up_to(near, assigned.from), up_to(far, Some(assigned.to)))
        }
        Place::Request(_) => return,
    };
    let before = built.declared.behaviors_at.get(added_before).copied().unwrap_or(usize::MAX);
    let later = built.rules.later(before, &from, &to);
    let settings: Vec<(Setting, Origin)> =
        later.into_iter().map(|(setting, origin)| (setting.clone(), origin)).collect();
    for (setting, origin) in &settings {
        set(built, place, setting, *origin);
    }
}

/// A typed value of an attribute, for assignments of scenarios and overlays.
pub fn typed_value(
    loaded: &Loaded<'_>,
    built: &Built<'_>,
    key: Key,
    value: &ast::Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let values = match &value.value {
        ast::ValueKind::Attribute(values, _) => values.as_slice(),
        _ => std::slice::from_ref(value),
    };
    with_typing(loaded, built, diagnostics, |_, typing| typing.attribute(attribute(key), value.span, values))
}
