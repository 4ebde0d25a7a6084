//! What visits what: the calls of every request type as a graph of visits.
//!
//! A node is a visit to a station with the calls that follow it: one for each station and priority for
//! traffic without steps, one for each step of a flow, and one for each source that makes steps itself. Response times belong to nodes, waits to
//! stations. Rules of expansion are those of the engine's request programs.

use crate::model::{Architecture, CallBehavior, CallId, Dist, Entry, Path, RequestType, RunConfig, StationId};
use std::ops::Range;
use std::sync::LazyLock;

/// A visit to a station, or a source that makes several calls itself.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    /// Where; beyond the model's stations, at a source: a place of its own for each request type.
    pub station: usize,
    /// Rank of the request's priority; 0 is the lowest.
    pub rank: usize,
    /// Own work instead of the station's.
    pub service: Option<&'a Dist>,
    /// The calls made there, of [`Graph::edges`].
    pub calls: Range<usize>,
}

/// A call.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// The relation.
    pub call: usize,
    /// The visit that it leads to.
    pub to: usize,
    /// Chance that it is made.
    pub probability: f64,
    /// Calls made one after the other.
    pub calls: u32,
    /// Mean number of repetitions, geometric; 1 is once.
    pub repeat: f64,
    /// Beside its parallel neighbours.
    pub parallel: bool,
    /// Not waited for.
    pub asynchronous: bool,
    /// A queue hands a message over: timeouts and repetitions are the queue's.
    pub delivery: bool,
    /// The visit made instead when the call has failed for good.
    pub fallback: Option<usize>,
    /// No call: a request begins at its source.
    pub begins: bool,
}

/// How a request begins at its source: at once, and surely.
static BEGINS: LazyLock<CallBehavior> = LazyLock::new(CallBehavior::default);

impl Edge {
    /// Mean number of calls.
    pub fn mean_calls(&self) -> f64 {
        self.probability * f64::from(self.calls) * self.repeat
    }
}

/// Every visit that traffic can make.
#[derive(Debug, Clone)]
pub(super) struct Graph<'a> {
    pub architecture: &'a Architecture,
    pub nodes: Vec<Node<'a>>,
    pub edges: Vec<Edge>,
    /// The call by which each request type enters, of `edges`.
    pub entries: Vec<usize>,
    /// Share of each request type in the load.
    pub shares: Vec<f64>,
    /// Different priorities.
    pub ranks: usize,
    /// Visits that traffic reaches, callees before their callers.
    pub order: Vec<usize>,
    /// Whether some call leads back to a visit above it, and for certain: how often it goes round is the engine's rule.
    pub goes_round: bool,
    /// Visits that a call leads back to.
    pub returns: Vec<usize>,
    /// Sources that make several calls themselves.
    pub sources: usize,
}

impl<'a> Graph<'a> {
    /// Expands all request types of a run.
    pub fn new(architecture: &'a Architecture, config: &RunConfig) -> Self {
        let priorities = distinct_priorities(architecture);
        let mut graph = Self {
            architecture,
            nodes: Vec::new(),
            edges: Vec::new(),
            entries: Vec::new(),
            shares: shares(architecture, config),
            ranks: priorities.len().max(1),
            order: Vec::new(),
            goes_round: false,
            returns: Vec::new(),
            sources: 0,
        };
        graph.add_stations();
        for request in &architecture.request_types {
            let rank = priorities.partition_point(|p| *p < request.behavior.priority);
            let entry = graph.add_request(request, rank);
            graph.entries.push(entry);
        }
        graph.sort();
        graph
    }

    /// The visit to a station by traffic without steps.
    fn plain(&self, station: StationId, rank: usize) -> usize {
        rank * self.architecture.stations.len() + station.index()
    }

    fn add_stations(&mut self) {
        let stations = self.architecture.stations.len();
        let mut made: Vec<Vec<usize>> = vec![Vec::new(); stations];
        for (n, call) in self.architecture.calls.iter().enumerate() {
            if let Entry::Station(from) = call.from {
                made[from.index()].push(n);
            }
        }
        for rank in 0..self.ranks {
            for (station, calls) in made.iter().enumerate() {
                let start = self.edges.len();
                for call in calls {
                    let edge = self.relation(*call, rank, Some(station));
                    self.edges.push(edge);
                }
                self.nodes.push(Node { station, rank, service: None, calls: start..self.edges.len() });
            }
        }
    }

    /// A call as its relation says.
    fn relation(&self, call: usize, rank: usize, from: Option<usize>) -> Edge {
        let relation = &self.architecture.calls[call];
        let b = &relation.behavior;
        let delivery = from.is_some_and(|station| self.is_queue(station));
        Edge {
            call,
            to: self.plain(relation.to, rank),
            // A queue hands over every message once.
            probability: if delivery { 1.0 } else { b.probability },
            calls: if delivery { 1 } else { b.calls },
            repeat: 1.0,
            parallel: b.parallel,
            asynchronous: b.asynchronous,
            delivery,
            fallback: b.fallback.filter(|_| !delivery).map(|station| self.plain(station, rank)),
            begins: false,
        }
    }

    fn is_queue(&self, station: usize) -> bool {
        self.architecture.stations.get(station).is_some_and(|station| station.is_queue)
    }

    fn add_request(&mut self, request: &'a RequestType, rank: usize) -> usize {
        let mut entry = self.relation(request.entry.index(), rank, None);
        (entry.probability, entry.calls, entry.asynchronous) = (1.0, 1, false);
        if request.is_journey() {
            (entry.begins, entry.fallback) = (true, None);
            self.sources += 1;
        }
        if matches!(request.path, Path::Flow { .. }) {
            let at_source = self.architecture.stations.len() + self.sources.saturating_sub(1);
            let station = if entry.begins { at_source } else { self.nodes[entry.to].station };
            entry.to = self.nodes.len();
            self.nodes.push(Node { station, rank, service: None, calls: 0..0 });
            self.add_steps(request, rank, entry.to);
        }
        self.edges.push(entry);
        self.edges.len() - 1
    }

    /// The steps of a flow, each a visit of its own, parents before their children.
    fn add_steps(&mut self, request: &'a RequestType, rank: usize, root: usize) {
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); request.steps().len() + 1];
        for (n, step) in request.steps().iter().enumerate() {
            if let Some(group) = children.get_mut(step.parent.map_or(0, |parent| parent as usize + 1)) {
                group.push(n);
            }
        }
        let mut open = vec![(root, 0)];
        while let Some((node, group)) = open.pop() {
            let start = self.edges.len();
            for &n in &children[group] {
                let edge = self.step(request, n, rank, self.nodes[node].station);
                open.push((edge.to, n + 1));
                self.edges.push(edge);
            }
            self.nodes[node].calls = start..self.edges.len();
            let station = self.nodes[node].station;
            if children[group].is_empty() && self.is_queue(station) {
                // A flow that ends at a queue says nothing of its consumers: they are the model's own.
                self.nodes[node].calls = self.nodes[self.plain(StationId(station as u32), rank)].calls.clone();
            }
        }
    }

    fn step(&mut self, request: &'a RequestType, n: usize, rank: usize, from: usize) -> Edge {
        let step = &request.steps()[n];
        let mut edge = self.relation(step.call.index(), rank, Some(from));
        let station = self.nodes[edge.to].station;
        edge.to = self.nodes.len();
        self.nodes.push(Node { station, rank, service: step.service_time.as_ref(), calls: 0..0 });
        if !edge.delivery {
            edge.probability *= step.probability;
            edge.repeat = step.repeat_geometric.map_or(1.0, |mean| mean.max(1.0));
        }
        edge.parallel |= step.parallel;
        edge.asynchronous |= step.asynchronous;
        edge
    }

    /// Puts callees before callers, by depth first from the entries.
    fn sort(&mut self) {
        const NEW: u8 = 0;
        const OPEN: u8 = 1;
        const DONE: u8 = 2;
        let mut state = vec![NEW; self.nodes.len()];
        let roots: Vec<usize> = self.reached().map(|entry| self.edges[entry].to).collect();
        let mut stack: Vec<(usize, usize)> = Vec::new();
        for root in roots {
            if state[root] == NEW {
                state[root] = OPEN;
                stack.push((root, 0));
            }
            while let Some((node, at)) = stack.last_mut() {
                let (n, next_at, next) = (*node, *at, self.target(*node, *at));
                *at += 1;
                match next {
                    Some(Some(to)) if state[to] == NEW => {
                        state[to] = OPEN;
                        stack.push((to, 0));
                    }
                    Some(Some(to)) if state[to] == OPEN => self.close_cycle(n, next_at, to),
                    Some(Some(_)) => {}
                    Some(None) => {}
                    None => {
                        state[n] = DONE;
                        self.order.push(n);
                        stack.pop();
                    }
                }
            }
        }
    }

    fn close_cycle(&mut self, node: usize, at: usize, to: usize) {
        let edge = &self.edges[self.nodes[node].calls.start + at / 2];
        self.goes_round |= edge.probability >= 1.0 || at % 2 == 1;
        self.returns.push(to);
    }

    /// Entries that get a share of the load.
    pub fn reached(&self) -> impl Iterator<Item = usize> + '_ {
        self.entries.iter().zip(&self.shares).filter(|(_, share)| **share > 0.0).map(|(entry, _)| *entry)
    }

    /// Target `at` of a visit's calls, fallbacks between them; `None` beyond the last.
    fn target(&self, node: usize, at: usize) -> Option<Option<usize>> {
        let edge = self.edges[self.nodes[node].calls.clone()].get(at / 2)?;
        Some(if at.is_multiple_of(2) { Some(edge.to) } else { edge.fallback })
    }

    /// The behavior of a relation.
    pub fn behavior(&self, edge: &Edge) -> &'a CallBehavior {
        if edge.begins { &BEGINS } else { &self.architecture.call(CallId(edge.call as u32)).behavior }
    }
}

/// Lowest first.
fn distinct_priorities(architecture: &Architecture) -> Vec<i32> {
    let mut priorities: Vec<i32> = architecture.request_types.iter().map(|r| r.behavior.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    priorities
}

/// Share of each request type in the load; they sum to 1.
fn shares(architecture: &Architecture, config: &RunConfig) -> Vec<f64> {
    let mut weights: Vec<f64> = architecture.request_types.iter().map(|r| r.weight.max(0.0)).collect();
    if !config.workload.mix.is_empty() {
        weights.iter_mut().for_each(|w| *w = 0.0);
        config.workload.mix.iter().for_each(|(id, share)| weights[id.index()] += share.max(0.0));
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|w| if sum > 0.0 { w / sum } else { 0.0 }).collect()
}
