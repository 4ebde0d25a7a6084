//! Two models part by part.

use super::index::{Index, Names, Remap};
use super::rename::{follows, renamed, renames};
use super::{Change, ChangeKind, Part, ends};
use crate::model::spell::{spell_dist, spell_number, spell_share};
use crate::model::{
    Architecture, Call, Element, ElementId, Path, RequestType, Station, StationId, Step, spell_arrivals, spell_call,
    spell_request, spell_station,
};
use crate::schema::{Attribute, Key, Subject, attributes_of};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) fn compare(old: &Architecture, new: &Architecture) -> Vec<Change> {
    let renames = renames(old, new);
    let mut out = Vec::new();
    for (from, to) in renames.iter().filter(|(from, _)| !follows(&renames, from)) {
        let (from, to_text) = (Some(Arc::clone(from)), Some(Arc::clone(to)));
        out.push(Change { old: from, new: to_text, ..Change::of(ChangeKind::Renamed, Part::Element, to) });
    }
    let translated = renamed(old, &renames);
    Pair::new(&translated, new).compare(&mut out);
    if out.is_empty() && json(&old.plain()) != json(&new.plain()) {
        out.push(Change::of(ChangeKind::Reordered, Part::Model, &"model".into()));
    }
    out
}

/// Two models whose elements have the same names.
struct Pair<'a> {
    old: &'a Architecture,
    new: &'a Architecture,
    from: Index,
    to: Index,
}

impl<'a> Pair<'a> {
    fn new(old: &'a Architecture, new: &'a Architecture) -> Self {
        Self { old, new, from: Index::of(old), to: Index::of(new) }
    }

    fn compare(&self, out: &mut Vec<Change>) {
        self.elements(out);
        self.sources(out);
        self.calls(out);
        self.dependencies(out);
        self.requests(out);
        self.domains(out);
        self.slos(out);
        self.loops(out);
        self.orders(out);
    }

    fn remap(&self) -> Remap<'_> {
        Remap { from: &self.from, to: &self.to }
    }

    fn elements(&self, out: &mut Vec<Change>) {
        let (old, new) = (&self.old.elements, &self.new.elements);
        let kind = |e: &Element| Some(Arc::clone(&e.kind));
        for (n, key) in self.to.elements.keys().iter().enumerate() {
            match self.from.elements.find(key) {
                Some(o) => self.element(key, &old[o as usize], &new[n], out),
                None => {
                    out.push(Change { new: kind(&new[n]), ..Change::of(ChangeKind::Added, Part::Element, key) });
                }
            }
        }
        for (n, key) in self.from.elements.keys().iter().enumerate().filter(|(_, key)| !self.to.elements.has(key)) {
            out.push(Change { old: kind(&old[n]), ..Change::of(ChangeKind::Removed, Part::Element, key) });
        }
    }

    fn element(&self, key: &Arc<str>, old: &Element, new: &Element, out: &mut Vec<Change>) {
        let mut changed = Changed { part: Part::Element, path: key, out };
        changed.text("kind", &old.kind, &new.kind);
        changed.maybe("technology", old.technology.as_deref(), new.technology.as_deref());
        changed.text("tags", &tags(old), &tags(new));
        let path = |model: &Architecture, id: Option<ElementId>| id.map(|id| Arc::clone(&model.element(id).path));
        changed.maybe("parent", path(self.old, old.parent).as_deref(), path(self.new, new.parent).as_deref());
        let station = |model: &'a Architecture, id: Option<StationId>| id.map(|id| model.station(id));
        match (station(self.old, old.station), station(self.new, new.station)) {
            (Some(a), Some(b)) => self.station(a, b, &mut changed),
            (None, None) => {}
            (a, b) => changed.maybe("serves_requests", a.map(|_| "yes"), b.map(|_| "yes")),
        }
    }

    fn station(&self, old: &Station, new: &Station, changed: &mut Changed<'_>) {
        let before = changed.out.len();
        let Some(old_here) = self.remap().station(old) else { return changed.text("element", &old.path, "another") };
        if json(&old_here) == json(new) && old.domains.len() == old_here.domains.len() {
            return self.dead_letter(old, new, changed);
        }
        changed.text("asynchronous", yes(old.is_queue), yes(new.is_queue));
        changed.text("deployed_to", &self.domain_names(self.old, old), &self.domain_names(self.new, new));
        let rows = || attributes_of(Subject::Station).chain(attributes_of(Subject::Queue));
        changed.attributes(rows(), (&old_here.assumed, &new.assumed), |key| {
            (spell_station(&old_here.behavior, key), spell_station(&new.behavior, key))
        });
        self.dead_letter(old, new, changed);
        let (a, b) = (without_dead_letter(&old_here), without_dead_letter(new));
        changed
            .unnamed(&a.behavior, &b.behavior, |behavior| rows().map(|row| spell_station(behavior, row.key)).collect());
        changed.assumed(before, &old.assumed, &new.assumed);
    }

    fn dead_letter(&self, old: &Station, new: &Station, changed: &mut Changed<'_>) {
        let name = |model: &Architecture, s: &Station| {
            s.behavior.queue_behavior.dead_letter.map(|id| Arc::clone(&model.station(id).path))
        };
        changed.maybe("dead_letter", name(self.old, old).as_deref(), name(self.new, new).as_deref());
    }

    fn domain_names(&self, model: &Architecture, station: &Station) -> String {
        let names: Vec<&str> = station.domains.iter().map(|id| &*model.domains[id.index()].path).collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }

    fn sources(&self, out: &mut Vec<Change>) {
        let (from, to) = (&self.from.sources, &self.to.sources);
        // Those that come or go with an element are its own affair.
        let stays = |key: &str| self.from.elements.has(key) == self.to.elements.has(key);
        moves(Part::Source, from, to, stays, out);
        for (key, old, new) in both(from, to, &self.old.sources, &self.new.sources) {
            let mut changed = Changed { part: Part::Source, path: key, out };
            changed.text("arrivals", &spell_arrivals(&old.arrivals), &spell_arrivals(&new.arrivals));
            if changed.is_silent_about(&old.arrivals, &new.arrivals) {
                changed.push("arrivals", Some("others"), Some(&spell_arrivals(&new.arrivals)));
            }
            let element = |model: &'a Architecture, id: ElementId| &*model.element(id).path;
            changed.text("element", element(self.old, old.element), element(self.new, new.element));
        }
    }

    fn calls(&self, out: &mut Vec<Change>) {
        moves(Part::Relation, &self.from.calls, &self.to.calls, |_| true, out);
        for (key, old, new) in both(&self.from.calls, &self.to.calls, &self.old.calls, &self.new.calls) {
            self.call(old, new, &mut Changed { part: Part::Relation, path: key, out });
        }
    }

    fn call(&self, old: &Call, new: &Call, changed: &mut Changed<'_>) {
        let before = changed.out.len();
        let name = |model: &Architecture, id: Option<StationId>| id.map(|id| Arc::clone(&model.station(id).path));
        let (a, b) = (name(self.old, old.behavior.fallback), name(self.new, new.behavior.fallback));
        changed.maybe("fallback", a.as_deref(), b.as_deref());
        let Some(old_here) = self.remap().call(old) else { return changed.push("ends", None, Some("others")) };
        if json(&old_here) == json(new) {
            return;
        }
        if (old_here.from, old_here.to) != (new.from, new.to) {
            changed.push("ends", None, Some("others"));
        }
        changed.attributes(attributes_of(Subject::Call), (&old_here.assumed, &new.assumed), |key| {
            (spell_call(&old_here.behavior, key), spell_call(&new.behavior, key))
        });
        let quorum = |call: &Call| call.quorum.map(|q| format!("{} of {}", q.needed, q.members));
        changed.maybe("quorum", quorum(old).as_deref(), quorum(new).as_deref());
        let (a, b) = (without_fallback(&old_here), without_fallback(new));
        changed.unnamed(&a.behavior, &b.behavior, |behavior| {
            attributes_of(Subject::Call).map(|row| spell_call(behavior, row.key)).collect()
        });
        changed.assumed(before, &old.assumed, &new.assumed);
    }

    /// Dependencies that no other change brings or takes.
    fn dependencies(&self, out: &mut Vec<Change>) {
        let pairs = |model: &Architecture| -> BTreeSet<(Arc<str>, Arc<str>)> {
            let path = |id: ElementId| Arc::clone(&model.element(id).path);
            let of = |e: &Element| e.depends_on.iter().map(|d| (Arc::clone(&e.path), path(*d))).collect::<Vec<_>>();
            model.elements.iter().flat_map(of).collect()
        };
        let (old, new) = (pairs(self.old), pairs(self.new));
        let added = new.difference(&old).map(|pair| (ChangeKind::Added, pair));
        let all: Vec<_> = added.chain(old.difference(&new).map(|pair| (ChangeKind::Removed, pair))).collect();
        let unexplained =
            all.into_iter().filter(|(kind, (near, far))| !out.iter().any(|c| c.explains(*kind, near, far)));
        let found: Vec<Change> = unexplained
            .map(|(kind, (near, far))| Change::of(kind, Part::Dependency, &[near, "->", far].concat().into()))
            .collect();
        out.extend(found);
    }

    fn requests(&self, out: &mut Vec<Change>) {
        let (from, to) = (&self.from.requests, &self.to.requests);
        // Those that are named after a relation come and go with it.
        let is_flow = |key: &str| ends(key).is_none() || self.from.calls.has(key) == self.to.calls.has(key);
        moves(Part::Flow, from, to, is_flow, out);
        for (key, old, new) in both(from, to, &self.old.request_types, &self.new.request_types) {
            self.request(old, new, &mut Changed { part: Part::Flow, path: key, out });
        }
    }

    fn request(&self, old: &RequestType, new: &RequestType, changed: &mut Changed<'_>) {
        let here = self.remap().request(old);
        if here.as_ref().is_some_and(|here| json(here) == json(new)) {
            return;
        }
        let before = changed.out.len();
        changed.text("weight", &spell_number(old.weight), &spell_number(new.weight));
        changed.attributes(attributes_of(Subject::Request), (&[], &[]), |key| {
            (spell_request(old.behavior, key), spell_request(new.behavior, key))
        });
        let source = |model: &'a Architecture, r: &RequestType| &*model.sources[r.source.index()].path;
        changed.text("source", source(self.old, old), source(self.new, new));
        changed.text("entry", &self.old.call(old.entry).path, &self.new.call(new.entry).path);
        changed.text("steps", &route(self.old, old), &route(self.new, new));
        let as_journey = |r: &RequestType| yes(r.is_journey());
        changed.text("from_source", as_journey(old), as_journey(new));
        if old.steps().len() == new.steps().len() {
            let pairs = old.steps().iter().zip(new.steps());
            pairs.enumerate().for_each(|(n, (a, b))| self.step(n, a, b, changed));
        }
        if changed.out.len() == before {
            changed.push("path", Some("another"), Some(&route(self.new, new)));
        }
    }

    fn step(&self, n: usize, old: &Step, new: &Step, changed: &mut Changed<'_>) {
        let (old, new) = (step_fields(self.old, old), step_fields(self.new, new));
        for ((name, a), (_, b)) in old.into_iter().zip(new).filter(|((name, _), _)| *name != "call") {
            changed.maybe(&format!("step {}.{name}", n + 1), a.as_deref(), b.as_deref());
        }
    }

    fn domains(&self, out: &mut Vec<Change>) {
        let (from, to) = (&self.from.domains, &self.to.domains);
        moves(Part::Domain, from, to, |_| true, out);
        for (key, old, new) in both(from, to, &self.old.domains, &self.new.domains) {
            let parent = |model: &'a Architecture, id: Option<crate::model::DomainId>| {
                id.map(|id| &*model.domains[id.index()].path)
            };
            let mut changed = Changed { part: Part::Domain, path: key, out };
            changed.maybe("parent", parent(self.old, old.parent), parent(self.new, new.parent));
        }
    }

    fn slos(&self, out: &mut Vec<Change>) {
        moves(Part::Objective, &self.from.slos, &self.to.slos, |_| true, out);
        for (key, old, new) in both(&self.from.slos, &self.to.slos, &self.old.slos, &self.new.slos) {
            let here = self.remap().slo(old);
            if here.is_some_and(|here| json(&here) == json(new)) {
                continue;
            }
            let mut changed = Changed { part: Part::Objective, path: key, out };
            let period = |s: &crate::model::Expectation| s.period.map(|period| period.to_string());
            match (period(old), period(new)) {
                (a, b) if a != b => changed.maybe("period", a.as_deref(), b.as_deref()),
                _ => changed.push("condition", Some("another"), Some(key)),
            }
        }
    }

    fn loops(&self, out: &mut Vec<Change>) {
        let (from, to) = (&self.from.loops, &self.to.loops);
        moves(Part::Loop, from, to, |_| true, out);
        for (key, old, new) in both(from, to, &self.old.declared_loops, &self.new.declared_loops) {
            let mut changed = Changed { part: Part::Loop, path: key, out };
            changed.text("kind", &json(&old.kind), &json(&new.kind));
            changed.text("path", &old.path.join(", "), &new.path.join(", "));
        }
    }

    /// Calls are made in order: that of one caller's matters, that of others only to ties.
    fn orders(&self, out: &mut Vec<Change>) {
        let callers: Vec<&str> = self.to.calls.keys().iter().filter_map(|key| Some(ends(key)?.0)).collect();
        let mut seen = BTreeSet::new();
        for caller in callers.into_iter().filter(|caller| seen.insert(*caller)) {
            let is_own = |key: &str| ends(key).is_some_and(|(near, _)| near == caller);
            if is_shuffled(&self.from.calls, &self.to.calls, is_own) {
                out.push(Change::of(ChangeKind::Reordered, Part::Relation, &caller.into()));
            }
        }
    }
}

impl Change {
    /// Whether it brings or takes a dependency between two elements: it moves one of them, or a relation between parts
    /// of them.
    pub(super) fn explains(&self, kind: ChangeKind, near: &str, far: &str) -> bool {
        if self.kind != kind {
            return false;
        }
        match self.part {
            Part::Element => *self.path == *near || *self.path == *far,
            Part::Dependency => ends(&self.path) == Some((near, far)),
            Part::Relation => ends(&self.path).is_some_and(|(a, b)| is_within(a, near) && is_within(b, far)),
            _ => false,
        }
    }
}

fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Parts that came and parts that went, as far as `counts` says so.
fn moves(part: Part, from: &Names, to: &Names, counts: impl Fn(&str) -> bool, out: &mut Vec<Change>) {
    let (added, removed) = (to.keys().iter(), from.keys().iter());
    let added = added.filter(|key| !from.has(key) && counts(key));
    out.extend(added.map(|key| Change::of(ChangeKind::Added, part, key)));
    let removed = removed.filter(|key| !to.has(key) && counts(key));
    out.extend(removed.map(|key| Change::of(ChangeKind::Removed, part, key)));
}

/// Parts that are in both, in the order of the new model.
fn both<'t, T>(
    from: &'t Names,
    to: &'t Names,
    old: &'t [T],
    new: &'t [T],
) -> impl Iterator<Item = (&'t Arc<str>, &'t T, &'t T)> {
    to.keys().iter().zip(new).filter_map(move |(key, new)| Some((key, &old[from.find(key)? as usize], new)))
}

/// Whether those of both models come in another order.
fn is_shuffled(from: &Names, to: &Names, counts: impl Fn(&str) -> bool) -> bool {
    let places: Vec<u32> = to.keys().iter().filter(|key| counts(key)).filter_map(|key| from.find(key)).collect();
    places.windows(2).any(|pair| pair[0] > pair[1])
}

fn without_dead_letter(station: &Station) -> Station {
    let mut out = station.clone();
    out.behavior.queue_behavior.dead_letter = None;
    out
}

fn without_fallback(call: &Call) -> Call {
    let mut out = call.clone();
    out.behavior.fallback = None;
    out
}

fn tags(element: &Element) -> String {
    let mut tags: Vec<&str> = element.tags.iter().map(|tag| &**tag).collect();
    tags.sort_unstable();
    if tags.is_empty() { "none".into() } else { tags.join(", ") }
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

/// The relations of a flow, or that it follows those of the model.
fn route(model: &Architecture, request: &RequestType) -> String {
    match &request.path {
        Path::Relations => "the relations".into(),
        Path::Flow { steps, .. } if steps.is_empty() => "none".into(),
        Path::Flow { steps, .. } => {
            steps.iter().map(|step| &*model.call(step.call).path).collect::<Vec<_>>().join(", ")
        }
    }
}

fn step_fields(model: &Architecture, step: &Step) -> [(&'static str, Option<String>); 13] {
    let Step {
        call,
        parent,
        target,
        service_time,
        write,
        probability,
        repeat_geometric,
        parallel,
        asynchronous,
        forward,
        goto,
        quorum,
        compensate,
    } = step;
    let number = |n: &u32| format!("step {}", n + 1);
    let flag = |is_so: bool| Some(yes(is_so).to_owned());
    [
        ("call", Some(model.call(*call).path.to_string())),
        ("after", parent.as_ref().map(number)),
        ("target", Some(json(target))),
        ("service_time", service_time.as_ref().map(spell_dist)),
        ("write", flag(*write)),
        ("probability", Some(spell_share(*probability))),
        ("repeat", repeat_geometric.map(spell_number)),
        ("parallel", flag(*parallel)),
        ("async", flag(*asynchronous)),
        ("forward", flag(*forward)),
        ("goto", goto.as_ref().map(number)),
        ("quorum", quorum.map(|q| format!("{} of {}", q.needed, q.members))),
        ("compensate", compensate.map(|id| model.call(id).path.to_string())),
    ]
}

/// As it enters the hash of a run.
fn json(value: &impl Serialize) -> String {
    // A derived `Serialize` without maps cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Attributes of one part that changed.
struct Changed<'c> {
    part: Part,
    path: &'c Arc<str>,
    out: &'c mut Vec<Change>,
}

impl Changed<'_> {
    fn push(&mut self, attribute: &str, old: Option<&str>, new: Option<&str>) {
        self.out.push(Change {
            attribute: Some(attribute.into()),
            old: old.map(Arc::from),
            new: new.map(Arc::from),
            ..Change::of(ChangeKind::Changed, self.part, self.path)
        });
    }

    fn maybe(&mut self, attribute: &str, old: Option<&str>, new: Option<&str>) {
        if old != new {
            self.push(attribute, old, new);
        }
    }

    fn text(&mut self, attribute: &str, old: &str, new: &str) {
        self.maybe(attribute, Some(old), Some(new));
    }

    /// Whether two values differ and nothing has said so.
    fn is_silent_about<T: Serialize>(&self, old: &T, new: &T) -> bool {
        json(old) != json(new) && self.out.last().is_none_or(|c| c.path != *self.path || c.part != self.part)
    }

    /// Attributes that the schema knows, in its order; those whose value stays and that somebody gave, or gave no more.
    fn attributes(
        &mut self,
        rows: impl Iterator<Item = &'static Attribute>,
        (old_assumed, new_assumed): (&[Arc<str>], &[Arc<str>]),
        spelled: impl Fn(Key) -> (Option<String>, Option<String>),
    ) {
        for row in rows {
            let (old, new) = spelled(row.key);
            let name = row.path();
            let is_assumed = |list: &[Arc<str>]| list.iter().any(|known| **known == *name);
            let (was, is) = (is_assumed(old_assumed), is_assumed(new_assumed));
            let marked = |text: Option<String>, mark: bool| text.map(|t| if mark { t + " (assumed)" } else { t });
            let (old, new) = (marked(old, was && !is), marked(new, is && !was));
            self.maybe(&name, old.as_deref(), new.as_deref());
        }
    }

    /// Differences that no attribute of the schema shows, by the name of the model's field.
    fn unnamed<B>(&mut self, old: &B, new: &B, spelled: impl Fn(&B) -> Vec<Option<String>>)
    where
        B: Serialize + DeserializeOwned,
    {
        let (Some(before), Some(after)) = (fields(old), fields(new)) else { return };
        let shown = spelled(old);
        for (name, value) in
            after.iter().filter(|(name, value)| before.get(*name).map(Value::to_string) != Some(value.to_string()))
        {
            let mut alone = before.clone();
            alone.insert(name.clone(), value.clone());
            // Numbers without end have no JSON: then the attributes that were shown must do.
            let is_shown = serde_json::from_value(Value::Object(alone)).map_or(true, |b| spelled(&b) != shown);
            if !is_shown {
                self.push(name, before.get(name).map(Value::to_string).as_deref(), Some(&value.to_string()));
            }
        }
    }

    /// What else is assumed, where nothing that was said since `before` tells.
    fn assumed(&mut self, before: usize, old: &[Arc<str>], new: &[Arc<str>]) {
        if self.out.len() == before && old != new {
            self.push("assumed", Some(&old.join(", ")), Some(&new.join(", ")));
        }
    }
}

fn fields(value: &impl Serialize) -> Option<Map<String, Value>> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}
