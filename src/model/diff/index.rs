//! The parts of a model by name: what stays the same from one version to the next, as ids do not.

use crate::model::{
    Architecture, Call, CallId, Condition, Domain, DomainId, Element, ElementId, Entry, Expectation, MetricScope, Path,
    RequestType, RequestTypeId, Source, SourceId, Station, StationId, Step, Term,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Names of one kind of parts, in order; a name that comes again gets a number.
#[derive(Debug, Clone, Default)]
pub struct Names {
    keys: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
}

impl Names {
    pub fn new(names: impl IntoIterator<Item = Arc<str>>) -> Self {
        let mut out = Self::default();
        names.into_iter().for_each(|name| out.add(name));
        out
    }

    fn add(&mut self, name: Arc<str>) {
        let mut key = Arc::clone(&name);
        let mut again = 1;
        while self.places.contains_key(&key) {
            again += 1;
            key = format!("{name} ({again})").into();
        }
        self.places.insert(Arc::clone(&key), self.keys.len() as u32);
        self.keys.push(key);
    }

    pub fn key(&self, place: usize) -> &Arc<str> {
        &self.keys[place]
    }

    pub fn keys(&self) -> &[Arc<str>] {
        &self.keys
    }

    pub fn find(&self, key: &str) -> Option<u32> {
        self.places.get(key).copied()
    }

    pub fn has(&self, key: &str) -> bool {
        self.places.contains_key(key)
    }
}

/// All names of a model.
#[derive(Debug, Clone, Default)]
pub struct Index {
    pub elements: Names,
    pub stations: Names,
    pub sources: Names,
    pub calls: Names,
    pub requests: Names,
    pub domains: Names,
    pub slos: Names,
    pub loops: Names,
}

impl Index {
    pub fn of(model: &Architecture) -> Self {
        Self {
            elements: Names::new(model.elements.iter().map(|e| Arc::clone(&e.path))),
            stations: Names::new(model.stations.iter().map(|s| Arc::clone(&s.path))),
            sources: Names::new(model.sources.iter().map(|s| Arc::clone(&s.path))),
            calls: Names::new(model.calls.iter().map(|c| Arc::clone(&c.path))),
            requests: Names::new(model.request_types.iter().map(|r| Arc::clone(&r.name))),
            domains: Names::new(model.domains.iter().map(|d| Arc::clone(&d.path))),
            slos: Names::new(model.slos.iter().map(|s| Arc::clone(&s.text))),
            loops: Names::new(model.declared_loops.iter().map(|l| Arc::clone(&l.id))),
        }
    }
}

/// Parts of one model with the ids of another; `None` where what a part cannot be without is not there.
#[derive(Debug, Clone, Copy)]
pub struct Remap<'a> {
    pub from: &'a Index,
    pub to: &'a Index,
}

impl Remap<'_> {
    pub fn element_id(&self, id: ElementId) -> Option<ElementId> {
        self.to.elements.find(self.from.elements.key(id.index())).map(ElementId)
    }

    pub fn station_id(&self, id: StationId) -> Option<StationId> {
        self.to.stations.find(self.from.stations.key(id.index())).map(StationId)
    }

    pub fn call_id(&self, id: CallId) -> Option<CallId> {
        self.to.calls.find(self.from.calls.key(id.index())).map(CallId)
    }

    pub fn source_id(&self, id: SourceId) -> Option<SourceId> {
        self.to.sources.find(self.from.sources.key(id.index())).map(SourceId)
    }

    pub fn domain_id(&self, id: DomainId) -> Option<DomainId> {
        self.to.domains.find(self.from.domains.key(id.index())).map(DomainId)
    }

    pub fn request_id(&self, id: RequestTypeId) -> Option<RequestTypeId> {
        self.to.requests.find(self.from.requests.key(id.index())).map(RequestTypeId)
    }

    fn entry(&self, entry: Entry) -> Option<Entry> {
        match entry {
            Entry::Station(id) => self.station_id(id).map(Entry::Station),
            Entry::Source(id) => self.source_id(id).map(Entry::Source),
        }
    }

    pub fn element(&self, element: &Element) -> Element {
        Element {
            parent: element.parent.and_then(|id| self.element_id(id)),
            station: element.station.and_then(|id| self.station_id(id)),
            depends_on: element.depends_on.iter().filter_map(|id| self.element_id(*id)).collect(),
            ..element.clone()
        }
    }

    pub fn station(&self, station: &Station) -> Option<Station> {
        let mut out = Station {
            element: self.element_id(station.element)?,
            domains: station.domains.iter().filter_map(|id| self.domain_id(*id)).collect(),
            ..station.clone()
        };
        let dead_letter = &mut out.behavior.queue_behavior.dead_letter;
        *dead_letter = dead_letter.and_then(|id| self.station_id(id));
        Some(out)
    }

    pub fn call(&self, call: &Call) -> Option<Call> {
        let mut out = Call { from: self.entry(call.from)?, to: self.station_id(call.to)?, ..call.clone() };
        out.behavior.fallback = out.behavior.fallback.and_then(|id| self.station_id(id));
        Some(out)
    }

    pub fn source(&self, source: &Source) -> Option<Source> {
        Some(Source { element: self.element_id(source.element)?, ..source.clone() })
    }

    pub fn request(&self, request: &RequestType) -> Option<RequestType> {
        let path = match &request.path {
            Path::Relations => Path::Relations,
            Path::Flow { steps, from_source } => Path::Flow {
                steps: steps.iter().map(|step| self.step(step)).collect::<Option<_>>()?,
                from_source: *from_source,
            },
        };
        let (source, entry) = (self.source_id(request.source)?, self.call_id(request.entry)?);
        Some(RequestType { source, entry, path, ..request.clone() })
    }

    fn step(&self, step: &Step) -> Option<Step> {
        let compensate = match step.compensate {
            Some(id) => Some(self.call_id(id)?),
            None => None,
        };
        Some(Step { call: self.call_id(step.call)?, compensate, ..step.clone() })
    }

    pub fn domain(&self, domain: &Domain) -> Domain {
        Domain { parent: domain.parent.and_then(|id| self.domain_id(id)), ..domain.clone() }
    }

    pub fn slo(&self, slo: &Expectation) -> Option<Expectation> {
        Some(Expectation { condition: self.condition(&slo.condition)?, ..slo.clone() })
    }

    pub fn condition(&self, condition: &Condition) -> Option<Condition> {
        let both = |a: &Condition, b: &Condition| Some((Box::new(self.condition(a)?), Box::new(self.condition(b)?)));
        Some(match condition {
            Condition::Compare(a, how, b) => Condition::Compare(self.term(a)?, *how, self.term(b)?),
            Condition::And(a, b) => both(a, b).map(|(a, b)| Condition::And(a, b))?,
            Condition::Or(a, b) => both(a, b).map(|(a, b)| Condition::Or(a, b))?,
            Condition::Not(inner) => Condition::Not(Box::new(self.condition(inner)?)),
        })
    }

    fn term(&self, term: &Term) -> Option<Term> {
        let Term::Metric(metric, scope) = term else { return Some(term.clone()) };
        let scope = match *scope {
            MetricScope::All => MetricScope::All,
            MetricScope::Station(id) => MetricScope::Station(self.station_id(id)?),
            MetricScope::Group(id) => MetricScope::Group(self.element_id(id)?),
            MetricScope::Call(id) => MetricScope::Call(self.call_id(id)?),
            MetricScope::Request(id) => MetricScope::Request(self.request_id(id)?),
        };
        Some(Term::Metric(*metric, scope))
    }
}
