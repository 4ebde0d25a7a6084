//! Elements and relations to stations, calls and sources.

use crate::diag::{Diagnostic, codes};
use crate::model::{
    Architecture, Arrivals, Call, CallBehavior, CallId, DeclaredLoop, Domain, DomainId, Element, ElementId, Entry,
    LoopKind, Place, Quorum, RequestTypeId, Source, SourceId, Station, StationBehavior, StationId,
};
use crate::schema::{Key, KindRole};
use crate::sema::Meaning;
use crate::sema::cascade::{Rules, unresolved};
use crate::sema::declare::{Declared, Scoped};
use crate::sema::load::{Loaded, Unit};
use crate::sema::names::{BySymbol, Class, SymbolId, Unresolved};
use crate::sema::origins::{NAMED, Origin, Origins};
use crate::source::{FileId, Span};
use crate::syntax::ast;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// An architecture and how it came from its declarations.
pub struct Built<'a> {
    /// The files that it was declared in.
    pub units: &'a [Unit],
    /// What was declared.
    pub declared: Declared<'a>,
    /// The model.
    pub architecture: Shared,
    /// Behavior rules.
    pub rules: Rules,
    /// The symbol of each element of the model.
    pub symbol_of_element: Vec<SymbolId>,
    /// The element of each symbol that is one.
    pub element_of: BySymbol<ElementId>,
    /// The source that an element is, if it is one.
    pub source_of: HashMap<SymbolId, SourceId>,
    /// The relation that each call came from; none for calls that a flow or the tool added.
    pub call_nodes: Vec<Option<Scoped<'a, ast::Relation>>>,
    /// What each symbol's relations end in, both ends resolved, whether they carry traffic or not.
    related: BySymbol<Vec<SymbolId>>,
    /// Calls between two ends: the first, and how many.
    pub calls_between: HashMap<(Entry, StationId), (CallId, usize)>,
    /// Where each given value came from.
    pub origins: Origins,
    /// The request type of each flow.
    pub request_of: BTreeMap<String, RequestTypeId>,
    /// The domain of each symbol that is one.
    pub domain_of: HashMap<SymbolId, DomainId>,
    /// Decisions that nobody made, in words, for reports.
    pub notes: Vec<Arc<str>>,
}

/// A model that can be handed out without a copy: whoever changes it afterwards gets one of their own.
#[derive(Debug, Clone, Default)]
pub struct Shared(Arc<Architecture>);

impl Shared {
    /// The model, to keep.
    pub fn handle(&self) -> Arc<Architecture> {
        Arc::clone(&self.0)
    }
}

impl Deref for Shared {
    type Target = Architecture;

    fn deref(&self) -> &Architecture {
        &self.0
    }
}

impl DerefMut for Shared {
    fn deref_mut(&mut self) -> &mut Architecture {
        Arc::make_mut(&mut self.0)
    }
}

/// Builds the model of what is declared.
pub fn build<'a>(
    loaded: &'a Loaded<'_>,
    units: &'a [Unit],
    declared: Declared<'a>,
    removed_calls: &HashMap<(String, String), usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Built<'a> {
    let mut built = Built {
        units,
        declared,
        architecture: Shared::default(),
        rules: Rules::default(),
        symbol_of_element: Vec::new(),
        element_of: BySymbol::default(),
        source_of: HashMap::new(),
        call_nodes: Vec::new(),
        related: BySymbol::default(),
        calls_between: HashMap::new(),
        origins: Origins::default(),
        request_of: BTreeMap::new(),
        domain_of: HashMap::new(),
        notes: Vec::new(),
    };
    built.add_elements();
    let ends = built.relation_ends(removed_calls, diagnostics);
    built.add_sources_and_stations(&ends);
    built.add_calls(&ends);
    built.add_outside_source();
    super::behavior::apply(loaded, &mut built, diagnostics);
    super::flows::add(loaded, &mut built, diagnostics);
    built.add_domains(diagnostics);
    built.add_loops();
    super::slo::add(&mut built, diagnostics);
    built
}

/// A relation with both ends resolved.
struct Ends<'a> {
    node: Scoped<'a, ast::Relation>,
    from: SymbolId,
    to: SymbolId,
}

impl<'a> Built<'a> {
    /// What the names mean, for whoever explains the text.
    pub fn meaning(self) -> Meaning {
        let names = self.declared.names;
        let element = |symbol: SymbolId| Some(&self.architecture.elements[self.element_of.get(symbol)?.index()]);
        let stations = names.iter().map(|(symbol, _)| element(symbol)?.station).collect();
        let mut sources: Vec<_> = self.source_of.iter().map(|(symbol, source)| (*symbol, *source)).collect();
        sources.sort_unstable();
        let calls = self.call_nodes.iter().map(|node| node.filter(|node| !node.is_std).map(|node| node.node.span));
        let calls = calls.collect();
        Meaning { architecture: self.architecture.handle(), stations, sources, calls, names, origins: self.origins }
    }

    /// The station of a symbol, if it is one.
    pub fn station_of(&self, symbol: SymbolId) -> Option<StationId> {
        self.element_of.get(symbol).and_then(|id| self.architecture.element(*id).station)
    }

    /// The symbol of a station.
    pub fn symbol_of_station(&self, station: StationId) -> SymbolId {
        self.symbol_of_element[self.architecture.station(station).element.index()]
    }

    /// Files of the model itself, the standard library's included.
    pub fn files(&self) -> Vec<FileId> {
        self.units.iter().map(|unit| unit.ast.id).collect()
    }

    /// Notes that somebody gave a value after the cascade: it is assumed no longer.
    pub fn given(&mut self, place: Place, key: Key, span: Span) {
        self.origins.insert(place, key, Origin { span, is_std: false, rank: NAMED });
        let name = crate::schema::attribute(key).path();
        let assumed = match place {
            Place::Station(id) => &mut self.architecture.stations[id.index()].assumed,
            Place::Call(id) => &mut self.architecture.calls[id.index()].assumed,
            Place::Request(_) | Place::Source(_) => return,
        };
        assumed.retain(|known| **known != *name);
    }

    /// All stations at or below a symbol, in order.
    pub fn stations_within(&self, symbol: SymbolId) -> Vec<StationId> {
        let mut out = Vec::new();
        let mut open = vec![symbol];
        while let Some(id) = open.pop() {
            out.extend(self.station_of(id));
            open.extend(self.declared.names.get(id).children.iter().rev());
        }
        out
    }

    /// A symbol and the elements around it, innermost first.
    pub fn lineage(&self, symbol: SymbolId) -> Vec<SymbolId> {
        self.declared.names.lineage(symbol).collect()
    }

    fn add_elements(&mut self) {
        let names = &self.declared.names;
        self.architecture.elements.reserve(names.len());
        self.architecture.stations.reserve(names.len());
        self.architecture.calls.reserve(self.declared.relations.len());
        self.calls_between.reserve(self.declared.relations.len());
        for (id, symbol) in
            names.iter().filter(|(id, symbol)| symbol.class == Class::Element && names.role(*id) != KindRole::Other)
        {
            let element = ElementId(self.architecture.elements.len() as u32);
            let last = symbol.path.rsplit('.').next().unwrap_or(&symbol.path);
            self.architecture.elements.push(Element {
                path: Arc::clone(&symbol.path),
                title: symbol.facts.title.clone().unwrap_or_else(|| last.into()),
                kind: Arc::clone(&symbol.kind),
                technology: symbol.facts.technology.clone(),
                parent: symbol.parent.and_then(|parent| self.element_of.get(parent).copied()),
                station: None,
                tags: symbol.facts.tags.iter().map(|tag| tag.as_str().into()).collect(),
                depends_on: Vec::new(),
                aliases: symbol.facts.aliases.iter().map(|alias| alias.as_str().into()).collect(),
            });
            *self.element_of.entry(id) = Some(element);
            self.symbol_of_element.push(id);
        }
    }

    /// Resolves both ends of every relation; those that end in something else than elements carry no traffic.
    fn relation_ends(
        &mut self,
        removed: &HashMap<(String, String), usize>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Ends<'a>> {
        let mut all = Vec::new();
        for node in self.declared.relations.clone() {
            let from = self.end(&node.node.from, node.scope, diagnostics);
            for to in &node.node.to {
                let to = self.end(to, node.scope, diagnostics);
                if let (Some(from), Some(to)) = (from, to) {
                    self.related.entry(from).get_or_insert_default().push(to);
                    all.push(Ends { node, from, to });
                }
            }
        }
        let names = &self.declared.names;
        all.retain(|ends| {
            let pair = || (names.get(ends.from).path.to_string(), names.get(ends.to).path.to_string());
            let part_of = names.within(ends.from, ends.to) || names.within(ends.to, ends.from);
            let is_element = |id| self.element_of.contains(id);
            (!part_of || ends.from == ends.to)
                && is_element(ends.from)
                && is_element(ends.to)
                && (removed.is_empty() || removed.get(&pair()).is_none_or(|before| ends.node.place > *before))
        });
        all
    }

    fn end(&self, end: &ast::End, scope: Option<SymbolId>, diagnostics: &mut Vec<Diagnostic>) -> Option<SymbolId> {
        // A text names an actor or a page of a story: no element.
        let ast::End::Path(path) = end else { return None };
        match self.declared.names.resolve(&path.dotted(), scope) {
            Ok(id) => Some(id),
            // Rules of selectors (`a.*`) and stories never reach this; a name of several elements is a mistake
            // only where traffic depends on it.
            Err(why @ (Unresolved::Unknown(_) | Unresolved::Ambiguous(_))) => {
                diagnostics.push(unresolved(path, why));
                None
            }
        }
    }

    fn add_sources_and_stations(&mut self, ends: &[Ends<'_>]) {
        let mut called = BySymbol::default();
        let mut calling = BySymbol::default();
        for ends in ends {
            *called.entry(ends.to) = Some(());
            *calling.entry(ends.from) = Some(());
        }
        for n in 0..self.symbol_of_element.len() {
            let symbol = self.symbol_of_element[n];
            let names = &self.declared.names;
            let role = names.role(symbol);
            let only_calls = calling.contains(symbol) && !called.contains(symbol);
            if role == KindRole::Source || (role == KindRole::External && only_calls) {
                self.add_source(symbol, ElementId(n as u32));
            } else if !names.is_group(symbol) {
                self.add_station(ElementId(n as u32), role == KindRole::Queue);
            }
        }
    }

    fn add_source(&mut self, symbol: SymbolId, element: ElementId) {
        let id = SourceId(self.architecture.sources.len() as u32);
        let path = Arc::clone(&self.architecture.element(element).path);
        self.architecture.sources.push(Source { path, element, arrivals: Arrivals::Poisson });
        self.source_of.insert(symbol, id);
    }

    fn add_station(&mut self, element: ElementId, is_queue: bool) {
        let id = StationId(self.architecture.stations.len() as u32);
        let path = Arc::clone(&self.architecture.element(element).path);
        let behavior = StationBehavior::default();
        self.architecture.stations.push(Station {
            element,
            path,
            is_queue,
            domains: Vec::new(),
            behavior,
            assumed: Vec::new(),
        });
        self.architecture.elements[element.index()].station = Some(id);
    }

    fn add_calls(&mut self, ends: &[Ends<'a>]) {
        let implied = self.implied_by_children(ends);
        for relation in ends {
            self.add_dependency(relation.from, relation.to);
            // `User -> Shop` beside `User -> Shop.Web` is the same traffic, said twice.
            if implied.contains(&(relation.from, relation.to)) {
                continue;
            }
            let Some(entry) = self.caller(relation.from) else { continue };
            if let Some(to) = self.callee(relation.to) {
                self.add_call(entry, to, Some(relation.node));
            }
        }
        self.add_quorums();
    }

    /// `A -> [B, C, D] quorum 2`: the calls of one relation are made together.
    fn add_quorums(&mut self) {
        let node = |n: usize| self.call_nodes[n].map(|scoped| std::ptr::from_ref(scoped.node));
        let mut found = Vec::new();
        for (n, scoped) in self.call_nodes.iter().enumerate() {
            let Some(needed) = scoped.and_then(|scoped| scoped.node.quorum.as_ref()) else { continue };
            // The consumers of a queue each take messages of their own.
            let is_queue = |station: StationId| self.architecture.station(station).is_queue;
            let of_queue = matches!(self.architecture.calls[n].from, Entry::Station(id) if is_queue(id));
            if of_queue || (n > 0 && node(n - 1) == node(n)) {
                continue;
            }
            let members = (n..self.call_nodes.len()).take_while(|k| node(*k) == node(n)).count() as u32;
            found.push((n, Quorum { members, needed: (needed.value.si() as u32).clamp(1, members) }));
        }
        found.into_iter().for_each(|(n, quorum)| self.architecture.calls[n].quorum = Some(quorum));
    }

    /// Relations of groups that a relation between their parts implies.
    fn implied_by_children(&self, ends: &[Ends<'_>]) -> HashSet<(SymbolId, SymbolId)> {
        let has_parts = |id: SymbolId| !self.declared.names.get(id).children.is_empty();
        let of_groups = ends.iter().map(|ends| (ends.from, ends.to)).filter(|(a, b)| has_parts(*a) || has_parts(*b));
        let of_groups: HashSet<(SymbolId, SymbolId)> = of_groups.collect();
        let mut implied = HashSet::new();
        if of_groups.is_empty() {
            return implied;
        }
        for Ends { from, to, .. } in ends {
            for near in self.declared.names.lineage(*from) {
                for far in self.declared.names.lineage(*to) {
                    if (near, far) != (*from, *to) && of_groups.contains(&(near, far)) {
                        implied.insert((near, far));
                    }
                }
            }
        }
        implied
    }

    /// A relation is a dependency of the element and of the groups around it.
    fn add_dependency(&mut self, from: SymbolId, to: SymbolId) {
        let names = &self.declared.names;
        for near in names.lineage(from) {
            if names.within(to, near) {
                break;
            }
            // Elements may stand in something that is none, as in a requirement.
            let Some(near) = self.element_of.get(near).copied() else { continue };
            for far in names.lineage(to) {
                if names.within(from, far) {
                    break;
                }
                let Some(far) = self.element_of.get(far).copied() else { continue };
                let known = &mut self.architecture.elements[near.index()].depends_on;
                if !known.contains(&far) {
                    known.push(far);
                }
            }
        }
    }

    /// Who makes the calls of a relation that starts here: the element itself; of a group the entrance.
    fn caller(&self, symbol: SymbolId) -> Option<Entry> {
        if let Some(source) = self.source_of.get(&symbol) {
            return Some(Entry::Source(*source));
        }
        self.station_of(symbol).or_else(|| self.entrance(symbol)).map(Entry::Station)
    }

    /// Who answers the calls of a relation that ends here.
    fn callee(&mut self, symbol: SymbolId) -> Option<StationId> {
        if let Some(station) = self.station_of(symbol) {
            return Some(station);
        }
        let entrance = self.entrance(symbol)?;
        let group = &self.declared.names.get(symbol).path;
        let note: Arc<str> =
            format!("calls to the group {group} enter at {}", self.architecture.station(entrance).path).into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
        Some(entrance)
    }

    /// The station by which a group is entered: the first in it that no other of its stations calls and
    /// that is no store or queue; else the first at all.
    pub fn entrance(&self, group: SymbolId) -> Option<StationId> {
        let inside = self.stations_within(group);
        let members: HashSet<SymbolId> = inside.iter().map(|id| self.symbol_of_station(*id)).collect();
        let names = &self.declared.names;
        let callees = |id: &StationId| self.related.get(self.symbol_of_station(*id)).into_iter().flatten();
        let called: HashSet<SymbolId> =
            inside.iter().flat_map(callees).copied().filter(|to| members.contains(to)).collect();
        let is_store = |id: &StationId| {
            matches!(
                &*names.get(self.symbol_of_station(*id)).kind,
                "database" | "datastore" | "queue" | "topic" | "cache" | "storage"
            )
        };
        let free = inside.iter().find(|id| !called.contains(&self.symbol_of_station(**id)) && !is_store(id));
        free.or(inside.first()).copied()
    }

    /// Adds a call; a second one between the same two gets a number.
    pub fn add_call(&mut self, from: Entry, to: StationId, node: Option<Scoped<'a, ast::Relation>>) -> CallId {
        let id = CallId(self.architecture.calls.len() as u32);
        let (_, count) = self.calls_between.entry((from, to)).or_insert((id, 0));
        *count += 1;
        let near = match from {
            Entry::Station(station) => &self.architecture.stations[station.index()].path,
            Entry::Source(source) => &self.architecture.sources[source.index()].path,
        };
        let far = &self.architecture.stations[to.index()].path;
        let path = if *count == 1 { [near, "->", far].concat() } else { format!("{near}->{far}#{count}") };
        self.architecture.calls.push(Call {
            path: path.into(),
            from,
            to,
            behavior: CallBehavior::default(),
            quorum: None,
            assumed: Vec::new(),
        });
        self.call_nodes.push(node);
        // A message put into a queue is not waited for.
        self.architecture.calls[id.index()].behavior.asynchronous = self.architecture.stations[to.index()].is_queue;
        id
    }

    /// A model without sources is entered at the stations that nobody calls.
    fn add_outside_source(&mut self) {
        if !self.architecture.sources.is_empty() || self.architecture.stations.is_empty() {
            return;
        }
        let called: HashSet<StationId> = self.architecture.calls.iter().map(|call| call.to).collect();
        let calls: HashSet<Entry> = self.architecture.calls.iter().map(|call| call.from).collect();
        let ids = (0..self.architecture.stations.len() as u32).map(StationId);
        let free: Vec<StationId> = ids.filter(|id| !called.contains(id)).collect();
        let busy: Vec<StationId> = free.iter().copied().filter(|id| calls.contains(&Entry::Station(*id))).collect();
        // Where everybody is called by somebody, the first of the file is the entrance.
        let entered = match (busy.is_empty(), free.is_empty()) {
            (false, _) => busy,
            (true, false) => free,
            (true, true) => vec![StationId(0)],
        };
        let Some(first) = entered.first() else { return };
        let element = self.architecture.station(*first).element;
        self.architecture.sources.push(Source { path: "outside".into(), element, arrivals: Arrivals::Poisson });
        for station in entered {
            let path = Arc::clone(&self.architecture.station(station).path);
            self.notes.push(format!("no source of traffic is declared: load enters at {path}").into());
            self.add_call(Entry::Source(SourceId(0)), station, None);
        }
    }

    fn add_domains(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        for scoped in self.declared.deployments.clone() {
            self.add_domain(scoped.node, None, None, diagnostics);
        }
    }

    fn add_domain(
        &mut self,
        node: &ast::Deployment,
        parent: Option<DomainId>,
        around: Option<&str>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let name = node.id.dotted();
        let path = around.map_or_else(|| name.clone(), |around| format!("{around}.{name}"));
        let id = DomainId(self.architecture.domains.len() as u32);
        self.architecture.domains.push(Domain { path: path.as_str().into(), parent });
        if let Some(symbol) = self.declared.names.exact(&path) {
            self.domain_of.insert(symbol, id);
        }
        for instance in &node.instances {
            match self.declared.names.resolve(&instance.dotted(), None) {
                Ok(symbol) => {
                    for station in self.stations_within(symbol) {
                        self.architecture.stations[station.index()].domains.push(id);
                    }
                }
                Err(why) => diagnostics.push(unresolved(instance, why)),
            }
        }
        for child in &node.children {
            self.add_domain(child, Some(id), Some(&path), diagnostics);
        }
    }

    fn add_loops(&mut self) {
        for scoped in self.declared.loops.clone() {
            let node = scoped.node;
            let computed = loop_kind(node);
            let declared = node.declared.as_ref().and_then(|word| kind_of_word(&word.value));
            let Some(kind) = computed.or(declared) else { continue };
            let path = node.edges.iter().map(|edge| edge.from.dotted().into()).collect();
            self.architecture.declared_loops.push(DeclaredLoop { id: node.id.value.as_str().into(), kind, path });
        }
    }
}

/// The kind that a word names.
pub fn kind_of_word(word: &str) -> Option<LoopKind> {
    match word.to_lowercase().as_str() {
        "reinforcing" | "positive" | "r" => Some(LoopKind::Reinforcing),
        "balancing" | "negative" | "b" => Some(LoopKind::Balancing),
        _ => None,
    }
}

/// The kind by the product of the signs; `None` when an edge has no sign.
pub fn loop_kind(node: &ast::Loop) -> Option<LoopKind> {
    let signs: Option<Vec<bool>> = node.edges.iter().map(|edge| edge.polarity.map(|sign| sign.value)).collect();
    let negative = signs.filter(|signs| !signs.is_empty())?.iter().filter(|plus| !**plus).count();
    Some(if negative % 2 == 0 { LoopKind::Reinforcing } else { LoopKind::Balancing })
}

/// Complains that there is nothing to simulate.
pub fn no_traffic(at: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0404, at, "no traffic reaches any element")
        .label("cannot be run")
        .help("add a `person` and a relation to what they use: `Customer -> Shop.Web \"buys\"`")
}
