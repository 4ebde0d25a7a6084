//! The parts of an architecture and how they hang together.

use super::{Arrivals, CallBehavior, Dist, Expectation, RequestBehavior, StationBehavior};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

macro_rules! dense_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index into the list it numbers.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

dense_id!(
    /// Index into [`Architecture::elements`].
    ElementId
);
dense_id!(
    /// Index into [`Architecture::stations`].
    StationId
);
dense_id!(
    /// Index into [`Architecture::calls`].
    CallId
);
dense_id!(
    /// Index into [`Architecture::request_types`].
    RequestTypeId
);
dense_id!(
    /// Index into [`Architecture::sources`].
    SourceId
);
dense_id!(
    /// Index into [`Architecture::domains`].
    DomainId
);

/// A whole architecture of one version, before any scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Architecture {
    /// Everything declared, groups and people included, in order of declaration.
    pub elements: Vec<Element>,
    /// What serves requests.
    pub stations: Vec<Station>,
    /// Relations between stations, in the order of the file: the order of calls.
    pub calls: Vec<Call>,
    /// Where load comes from.
    pub sources: Vec<Source>,
    /// Paths of requests; at least one when there is a source that reaches a station.
    pub request_types: Vec<RequestType>,
    /// Zones, regions, nodes.
    pub domains: Vec<Domain>,
    /// Expectations from `slo` blocks.
    pub slos: Vec<Expectation>,
    /// Loops that the model declares.
    pub declared_loops: Vec<DeclaredLoop>,
    /// Paths of elements that were renamed, and the former paths by which their random streams are still named: so
    /// that a rename alone changes no result.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drawn_as: BTreeMap<Arc<str>, Arc<str>>,
}

/// Something that was declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Element {
    /// Full dotted path, `Shop.Api`.
    pub path: Arc<str>,
    /// Title as shown to people; the last part of the path when there is none.
    pub title: Arc<str>,
    /// Kind as written: `container`, `database`, a custom one.
    pub kind: Arc<str>,
    /// Technology, when given.
    pub technology: Option<Arc<str>>,
    /// Enclosing element.
    pub parent: Option<ElementId>,
    /// Its station, when it serves requests.
    pub station: Option<StationId>,
    /// Tags.
    pub tags: Vec<Arc<str>>,
    /// Relations to other elements, parents' included: for coupling, not for traffic.
    pub depends_on: Vec<ElementId>,
    /// Other names by which another version may know it: `canonical_id`, `id`, `aliases`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Arc<str>>,
}

/// Something that serves requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    /// Its element.
    pub element: ElementId,
    /// Full dotted path: names its random streams, unless [`Architecture::drawn_as`] has another name.
    pub path: Arc<str>,
    /// Whether it is an asynchronous element: takes messages at once and delivers them to its consumers.
    pub is_queue: bool,
    /// Zones it is deployed to; replicas are spread over them in turn.
    pub domains: Vec<DomainId>,
    /// How it behaves.
    pub behavior: StationBehavior,
    /// Names of attributes that nobody gave (`service_time`, …): defaults or profiles of the standard library.
    pub assumed: Vec<Arc<str>>,
}

/// A relation between stations (or from a source to a station).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `Shop.Api->Shop.Db`, unique: names its random streams.
    pub path: Arc<str>,
    /// Who calls.
    pub from: Caller,
    /// Who is called.
    pub to: StationId,
    /// How it behaves.
    pub behavior: CallBehavior,
    /// It and the calls that follow it are made together, and so many successes are enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<Quorum>,
    /// Names of attributes that nobody gave.
    pub assumed: Vec<Arc<str>>,
}

/// Who makes a call.
pub type Caller = Entry;

/// A station or a source, as the near end of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Entry {
    /// A station.
    Station(StationId),
    /// A source of traffic.
    Source(SourceId),
}

/// Where load comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Path of its element: names its random streams.
    pub path: Arc<str>,
    /// Its element.
    pub element: ElementId,
    /// How requests arrive.
    pub arrivals: Arrivals,
}

/// The path of one kind of request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestType {
    /// Name: the flow's id, or the relation it enters by.
    pub name: Arc<str>,
    /// Whose traffic it is.
    pub source: SourceId,
    /// The relation by which it enters.
    pub entry: CallId,
    /// Its share of the load relative to the other request types.
    pub weight: f64,
    /// Where it goes from there.
    pub path: Path,
    /// Priority and the like.
    pub behavior: RequestBehavior,
}

/// Where a request goes after it has entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Path {
    /// Every station makes all of its relations' calls in the order of the file.
    Relations,
    /// What a flow says, and nothing else: without steps it visits the entry's callee alone.
    Flow {
        /// What each station calls, in order.
        steps: Vec<Step>,
        /// Whether the source itself makes the steps without a parent, one after the other: a journey, a fork,
        /// a loop. Otherwise it makes the one call by `entry`, and they are those of its callee.
        from_source: bool,
    },
}

impl RequestType {
    /// The steps of its flow; none where the relations say where it goes.
    pub fn steps(&self) -> &[Step] {
        match &self.path {
            Path::Relations => &[],
            Path::Flow { steps, .. } => steps,
        }
    }

    /// Whether the source itself makes the steps without a parent.
    pub fn is_journey(&self) -> bool {
        matches!(self.path, Path::Flow { from_source: true, .. })
    }
}

/// One step of a flow: one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it calls by.
    pub call: CallId,
    /// The step whose callee makes this call; `None` for calls made by the entry's callee.
    pub parent: Option<u32>,
    /// What it reaches.
    pub target: StepTarget,
    /// Own work at the callee for this request type, instead of the station's.
    pub service_time: Option<Dist>,
    /// Whether it changes data, whatever its relation says.
    pub write: bool,
    /// Chance that the step is taken.
    pub probability: f64,
    /// Mean number of times it is repeated, geometric; 1 is once.
    pub repeat_geometric: Option<f64>,
    /// Beside its parallel neighbours.
    pub parallel: bool,
    /// Sent, not waited for.
    pub asynchronous: bool,
    /// The request goes on there: its caller answers no more and is free at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forward: bool,
    /// The step that follows when this one is taken: of the same parent, or of one further up, to which the request
    /// goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goto: Option<u32>,
    /// This step and those that follow it are called together, and so many successes are enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quorum: Option<Quorum>,
    /// The call that undoes it when a later step fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensate: Option<CallId>,
}

/// Calls of which not all must succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quorum {
    /// How many are called.
    pub members: u32,
    /// How many successes are waited for.
    pub needed: u32,
}

impl Step {
    /// A call of the relation, once, waited for.
    pub fn plain(call: CallId, parent: Option<u32>) -> Self {
        Self {
            call,
            parent,
            target: StepTarget::Callee,
            service_time: None,
            write: false,
            probability: 1.0,
            repeat_geometric: None,
            parallel: false,
            asynchronous: false,
            forward: false,
            goto: None,
            quorum: None,
            compensate: None,
        }
    }
}

/// What a step reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StepTarget {
    /// The callee of its call.
    Callee,
}

/// A failure domain: what is placed in it fails together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// Full dotted path of the deployment node.
    pub path: Arc<str>,
    /// Enclosing domain.
    pub parent: Option<DomainId>,
}

/// A loop that the model declares in a `feedback` or `causal_loop` block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeclaredLoop {
    /// Its id.
    pub id: Arc<str>,
    /// The kind it says it is; by its signs where it says nothing.
    pub kind: LoopKind,
    /// What it runs through, in order.
    pub path: Vec<Arc<str>>,
}

/// Whether a loop amplifies or dampens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoopKind {
    /// Amplifies: the product of its signs is positive.
    Reinforcing,
    /// Dampens.
    Balancing,
}

impl RequestType {
    /// Whether it follows the relations of the model, rather than a flow.
    pub fn follows_relations(&self) -> bool {
        self.path == Path::Relations
    }
}

impl Architecture {
    /// The calls by which a request type enters: one, or all that its source makes together where it waits for some of
    /// them only.
    pub fn entries(&self, request: &RequestType) -> impl Iterator<Item = CallId> {
        let together = self.call(request.entry).quorum.filter(|_| matches!(request.path, Path::Relations));
        let members = together.map_or(1, |quorum| quorum.members);
        (request.entry.0..request.entry.0 + members).map(CallId)
    }

    /// The stations with replicas in a domain or in one within it.
    pub fn placed_in(&self, domain: DomainId) -> impl Iterator<Item = StationId> {
        let up = |at: &DomainId| self.domains[at.index()].parent;
        let inside = move |id: &DomainId| std::iter::successors(Some(*id), up).any(|at| at == domain);
        let stations = self.stations.iter().enumerate();
        stations.filter(move |(_, station)| station.domains.iter().any(inside)).map(|(n, _)| StationId(n as u32))
    }

    /// A copy without what no result depends on: titles, other names, the order of tags.
    pub fn plain(&self) -> Self {
        let mut plain = self.clone();
        let untitled: Arc<str> = "".into();
        for element in &mut plain.elements {
            element.title = Arc::clone(&untitled);
            element.aliases.clear();
            element.tags.sort_unstable();
        }
        plain
    }

    /// The path by which the random streams of the element at `path` are named.
    pub fn drawn_as<'a>(&'a self, path: &'a Arc<str>) -> &'a Arc<str> {
        self.drawn_as.get(path).unwrap_or(path)
    }

    /// The element at `id`.
    pub fn element(&self, id: ElementId) -> &Element {
        &self.elements[id.index()]
    }

    /// The station at `id`.
    pub fn station(&self, id: StationId) -> &Station {
        &self.stations[id.index()]
    }

    /// The call at `id`.
    pub fn call(&self, id: CallId) -> &Call {
        &self.calls[id.index()]
    }

    /// The station of this full path.
    pub fn station_by_path(&self, path: &str) -> Option<StationId> {
        self.stations.iter().position(|s| &*s.path == path).map(|n| StationId(n as u32))
    }

    /// The call of this full path (`A->B`).
    pub fn call_by_path(&self, path: &str) -> Option<CallId> {
        self.calls.iter().position(|c| &*c.path == path).map(|n| CallId(n as u32))
    }

    /// Calls that a station makes, in their order.
    pub fn calls_of(&self, station: StationId) -> impl Iterator<Item = CallId> + '_ {
        let is_from = move |call: &Call| call.from == Entry::Station(station);
        self.calls.iter().enumerate().filter(move |(_, c)| is_from(c)).map(|(n, _)| CallId(n as u32))
    }
}
