//! The model in between: the old one with some of the changes.

use super::index::{Index, Names, Remap};
use super::rename::{Renames, renamed, renames};
use super::{Change, ChangeKind, Group, Part, ends};
use crate::model::{
    Architecture, Call, DeclaredLoop, Domain, Element, ElementId, Expectation, RequestType, Source, Station,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The old model with the changes of one group; `None` when that changes nothing, as when what the group is about needs
/// a part that only another group brings.
///
/// Exact for what a group says; what hangs on two groups at once (a relation between two new elements) comes with the
/// later of them. So all groups in turn lead to the new model, save for the order of what was shuffled and the
/// placement in a domain that an earlier group had not brought yet: a second round settles those.
pub fn apply(old: &Architecture, new: &Architecture, group: &Group) -> Option<Architecture> {
    if group.part == Part::Model {
        return Some(new.clone());
    }
    let all = renames(old, new);
    let base = renamed(old, &all);
    let hybrid = Hybrid::new(&base, new, group).build();
    let is_renamed = |to: &str| {
        let around =
            |c: &Change| to.strip_prefix(&*c.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        group.changes.iter().any(|c| c.kind == ChangeKind::Renamed && around(c))
    };
    let back: Renames =
        all.iter().filter(|(_, to)| !is_renamed(to)).map(|(a, b)| (Arc::clone(b), Arc::clone(a))).collect();
    Some(renamed(&hybrid, &back)).filter(|hybrid| hybrid != old)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Old,
    New,
}

/// Two models whose elements have the same names, and what is taken from the second.
struct Hybrid<'a> {
    old: &'a Architecture,
    new: &'a Architecture,
    from: Index,
    to: Index,
    changes: &'a [Change],
    /// What the changes are about.
    about: HashSet<(Part, ChangeKind, &'a str)>,
    /// The parts of the model in between.
    index: Index,
}

impl<'a> Hybrid<'a> {
    fn new(old: &'a Architecture, new: &'a Architecture, group: &'a Group) -> Self {
        let about = group.changes.iter().map(|c| (c.part, c.kind, &*c.path)).collect();
        let (from, to) = (Index::of(old), Index::of(new));
        Self { old, new, from, to, changes: &group.changes, about, index: Index::default() }
    }

    fn says(&self, part: Part, kind: ChangeKind, key: &str) -> bool {
        self.about.contains(&(part, kind, key))
    }

    fn build(mut self) -> Architecture {
        self.index.elements = self.own_part(Part::Element, &self.from.elements, &self.to.elements);
        self.index.domains = self.own_part(Part::Domain, &self.from.domains, &self.to.domains);
        self.index.stations = self.station_names();
        self.index.sources = self.source_names();
        self.index.calls = self.call_names();
        let loops = self.own_part(Part::Loop, &self.from.loops, &self.to.loops);
        let mut out = Architecture {
            elements: self.each(&self.index.elements, |h, key| Some(h.element(key))),
            stations: self.each(&self.index.stations, Self::station),
            sources: self.each(&self.index.sources, Self::source),
            calls: self.each(&self.index.calls, Self::call),
            domains: self.each(&self.index.domains, Self::domain),
            declared_loops: self.each(&loops, Self::declared_loop),
            drawn_as: self.drawn_as(),
            ..Architecture::default()
        };
        let requests = self.request_names();
        let found = requests.keys().iter().filter_map(|key| Some((Arc::clone(key), self.request(key)?)));
        let (names, requests): (Vec<_>, Vec<_>) = found.unzip();
        (self.index.requests, out.request_types) = (Names::new(names), requests);
        let slos = self.own_part(Part::Objective, &self.from.slos, &self.to.slos);
        out.slos = self.each(&slos, Self::slo);
        out
    }

    /// What is in both is drawn alike in both; what is in one of them, as there.
    fn drawn_as(&self) -> BTreeMap<Arc<str>, Arc<str>> {
        let names = self.new.drawn_as.iter().chain(&self.old.drawn_as);
        let there = names.filter(|(path, _)| self.index.elements.has(path));
        there.map(|(path, drawn)| (Arc::clone(path), Arc::clone(drawn))).collect()
    }

    fn each<T>(&self, names: &Names, part: impl Fn(&Self, &str) -> Option<T>) -> Vec<T> {
        names.keys().iter().filter_map(|key| part(self, key)).collect()
    }

    /// Parts that come and go as the changes say.
    fn own_part(&self, part: Part, from: &Names, to: &Names) -> Names {
        let goes = |key: &str| self.says(part, ChangeKind::Removed, key);
        merge(from, to, |key| !goes(key), |key| self.says(part, ChangeKind::Added, key))
    }

    /// Whether the new model's version of a part counts.
    fn is_new(&self, part: Part, key: &str) -> bool {
        [ChangeKind::Changed, ChangeKind::Added].iter().any(|kind| self.says(part, *kind, key))
    }

    /// As the elements that they belong to.
    fn station_names(&self) -> Names {
        let (from, to) = (&self.from.stations, &self.to.stations);
        let stays = |key: &str| self.index.elements.has(key);
        let is_new = |key: &str| self.is_new(Part::Element, key);
        merge(from, to, |key| stays(key) && (!is_new(key) || to.has(key)), |key| stays(key) && is_new(key))
    }

    /// As the elements that they belong to; the source outside has a change of its own.
    fn source_names(&self) -> Names {
        let (from, to) = (&self.from.sources, &self.to.sources);
        let is_new = |key: &str| self.is_new(Part::Element, key);
        let goes = |key: &str| self.says(Part::Source, ChangeKind::Removed, key) || (is_new(key) && !to.has(key));
        let comes = |key: &str| self.says(Part::Source, ChangeKind::Added, key) || is_new(key);
        let there = |key: &str| self.source(key).is_some();
        merge(from, to, |key| !goes(key) && there(key), |key| comes(key) && there(key))
    }

    /// Both ends must be there; the relations of a new element come with it.
    fn call_names(&self) -> Names {
        let of_new = |path: &str| self.says(Part::Element, ChangeKind::Added, path);
        let with_element = |key: &str| ends(key).is_some_and(|(near, far)| of_new(near) || of_new(far));
        let comes = |key: &str| self.says(Part::Relation, ChangeKind::Added, key) || with_element(key);
        let goes = |key: &str| self.says(Part::Relation, ChangeKind::Removed, key);
        let there = |key: &str| self.call(key).is_some();
        let (from, to) = (&self.from.calls, &self.to.calls);
        self.reordered(merge(from, to, |key| !goes(key) && there(key), |key| comes(key) && there(key)))
    }

    /// The calls of callers whose order changed: in the new order, in the places that they have.
    fn reordered(&self, names: Names) -> Names {
        let is_order = |c: &&Change| c.kind == ChangeKind::Reordered && c.part == Part::Relation;
        let mut keys: Vec<Arc<str>> = names.keys().to_vec();
        for caller in self.changes.iter().filter(is_order).map(|c| &*c.path) {
            let is_own = |key: &str| ends(key).is_some_and(|(near, _)| near == caller) && self.to.calls.has(key);
            let places: Vec<usize> = (0..keys.len()).filter(|n| is_own(&keys[*n])).collect();
            let mut own: Vec<Arc<str>> = places.iter().map(|n| Arc::clone(&keys[*n])).collect();
            own.sort_by_key(|key| self.to.calls.find(key));
            places.into_iter().zip(own).for_each(|(n, key)| keys[n] = key);
        }
        Names::new(keys)
    }

    /// Those that enter by a relation that is there; one that is new comes with its relation.
    fn request_names(&self) -> Names {
        let goes = |key: &str| self.says(Part::Flow, ChangeKind::Removed, key);
        let comes = |key: &str| self.says(Part::Flow, ChangeKind::Added, key) || self.has_new_entry(key);
        merge(&self.from.requests, &self.to.requests, |key| !goes(key), comes)
    }

    fn has_new_entry(&self, request: &str) -> bool {
        let entry = self.to.requests.find(request).map(|n| self.new.request_types[n as usize].entry);
        let entry = entry.map(|id| self.to.calls.key(id.index()));
        entry.is_some_and(|key| self.index.calls.has(key) && !self.from.calls.has(key))
    }

    // ---- parts with the ids of the model in between

    fn remap(&self, side: Side) -> Remap<'_> {
        let from = if side == Side::Old { &self.from } else { &self.to };
        Remap { from, to: &self.index }
    }

    /// A part from the side that counts, or from the other where that one does not have it or it cannot be there.
    fn taken<'s, P, T>(
        &'s self,
        is_new: bool,
        key: &str,
        (from, old): (&Names, &'s [P]),
        (to, new): (&Names, &'s [P]),
        of: impl Fn(Remap<'s>, &'s P) -> Option<T>,
    ) -> Option<T> {
        let in_old = || of(self.remap(Side::Old), &old[from.find(key)? as usize]);
        let in_new = || of(self.remap(Side::New), &new[to.find(key)? as usize]);
        if is_new { in_new().or_else(in_old) } else { in_old().or_else(in_new) }
    }

    fn element(&self, key: &str) -> Element {
        let is_new = self.is_new(Part::Element, key);
        let (from, to) = (&self.from.elements, &self.to.elements);
        let element =
            self.taken(is_new, key, (from, &self.old.elements), (to, &self.new.elements), |remap, element| {
                Some(remap.element(element))
            });
        let mut element = element.expect("the names of the elements are those of either model");
        element.station = self.index.stations.find(key).map(crate::model::StationId);
        element.depends_on = self.dependencies(key);
        element
    }

    /// What both models say, and of the rest what the changes bring or leave.
    fn dependencies(&self, key: &str) -> Vec<ElementId> {
        let (old, new) = (targets(self.old, &self.from, key), targets(self.new, &self.to, key));
        let explained = |kind, far: &str| self.changes.iter().any(|c| c.explains(kind, key, far));
        let keeps = |far: &&&str| new.contains(*far) || !explained(ChangeKind::Removed, far);
        let comes = |far: &&&str| !old.contains(*far) && explained(ChangeKind::Added, far);
        let mut all: Vec<&str> = old.iter().filter(keeps).chain(new.iter().filter(comes)).copied().collect();
        if all.len() == new.len() && all.iter().all(|far| new.contains(far)) {
            all = new;
        }
        all.into_iter().filter_map(|far| self.index.elements.find(far)).map(ElementId).collect()
    }

    fn station(&self, key: &str) -> Option<Station> {
        let is_new = self.is_new(Part::Element, key);
        let (old, new) = ((&self.from.stations, &*self.old.stations), (&self.to.stations, &*self.new.stations));
        self.taken(is_new, key, old, new, |remap, station| remap.station(station))
    }

    fn source(&self, key: &str) -> Option<Source> {
        let is_new = self.is_new(Part::Element, key) || self.is_new(Part::Source, key);
        let (old, new) = ((&self.from.sources, &*self.old.sources), (&self.to.sources, &*self.new.sources));
        self.taken(is_new, key, old, new, |remap, source| remap.source(source))
    }

    fn call(&self, key: &str) -> Option<Call> {
        let is_new = self.is_new(Part::Relation, key);
        let (old, new) = ((&self.from.calls, &*self.old.calls), (&self.to.calls, &*self.new.calls));
        self.taken(is_new, key, old, new, |remap, call| remap.call(call))
    }

    fn request(&self, key: &str) -> Option<RequestType> {
        let is_new = self.is_new(Part::Flow, key);
        let old = (&self.from.requests, &*self.old.request_types);
        let new = (&self.to.requests, &*self.new.request_types);
        self.taken(is_new, key, old, new, |remap, request| remap.request(request))
    }

    fn domain(&self, key: &str) -> Option<Domain> {
        let is_new = self.is_new(Part::Domain, key);
        let (old, new) = ((&self.from.domains, &*self.old.domains), (&self.to.domains, &*self.new.domains));
        self.taken(is_new, key, old, new, |remap, domain| Some(remap.domain(domain)))
    }

    fn slo(&self, key: &str) -> Option<Expectation> {
        let is_new = self.is_new(Part::Objective, key);
        let (old, new) = ((&self.from.slos, &*self.old.slos), (&self.to.slos, &*self.new.slos));
        self.taken(is_new, key, old, new, |remap, slo| remap.slo(slo))
    }

    fn declared_loop(&self, key: &str) -> Option<DeclaredLoop> {
        let is_new = self.is_new(Part::Loop, key);
        let (old, new) = (&self.old.declared_loops, &self.new.declared_loops);
        self.taken(is_new, key, (&self.from.loops, old), (&self.to.loops, new), |_, found| Some(found.clone()))
    }
}

/// What an element depends on, by name.
fn targets<'m>(model: &'m Architecture, index: &Index, key: &str) -> Vec<&'m str> {
    let element = index.elements.find(key).map(|n| &model.elements[n as usize]);
    element.into_iter().flat_map(|e| &e.depends_on).map(|id| &*model.element(*id).path).collect()
}

/// The old parts that are kept, and the new ones that are added, each behind the one that it follows in the new model.
fn merge(from: &Names, to: &Names, keep: impl Fn(&str) -> bool, add: impl Fn(&str) -> bool) -> Names {
    let kept: Vec<&Arc<str>> = from.keys().iter().filter(|key| keep(key)).collect();
    let there: HashSet<&str> = kept.iter().map(|key| &***key).collect();
    let mut front: Vec<&Arc<str>> = Vec::new();
    let mut behind: HashMap<&str, Vec<&Arc<str>>> = HashMap::new();
    let mut last: Option<&str> = None;
    for key in to.keys() {
        if there.contains(&**key) {
            last = Some(key);
        } else if !from.has(key) && add(key) {
            match last {
                Some(last) => behind.entry(last).or_default().push(key),
                None => front.push(key),
            }
        }
    }
    let mut all: Vec<Arc<str>> = front.into_iter().cloned().collect();
    for key in kept {
        all.push(Arc::clone(key));
        all.extend(behind.get(&**key).into_iter().flatten().map(|key| Arc::clone(key)));
    }
    Names::new(all)
}
