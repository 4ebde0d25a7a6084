//! Who calls whom, indexed once for all lints.

use crate::model::{Architecture, Call, CallId, Entry, StationId};
use std::collections::BTreeSet;

/// Calls by their ends, and the stations with callers before callees.
pub struct Graph {
    out: Groups,
    into: Groups,
    /// Calls of sources.
    pub entries: Vec<CallId>,
    /// Callers before callees; a cycle is cut where it closes.
    pub order: Vec<StationId>,
    rank: Vec<usize>,
}

/// Where a scenario sends requests beside the calls of the model: the fallbacks and dead letters that it sets.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Detours {
    /// Where sources go.
    pub entries: BTreeSet<StationId>,
    /// Where stations go: from which, and to which.
    pub between: BTreeSet<(StationId, StationId)>,
}

impl Detours {
    /// Adds one.
    pub fn add(&mut self, from: Entry, to: StationId) {
        match from {
            Entry::Station(from) => self.between.insert((from, to)),
            Entry::Source(_) => self.entries.insert(to),
        };
    }

    /// Where a station goes.
    fn of(&self, from: StationId) -> impl Iterator<Item = StationId> + '_ {
        self.between.range((from, StationId(0))..=(from, StationId(u32::MAX))).map(|(_, to)| *to)
    }
}

impl Graph {
    /// Indexes the calls of a model.
    pub fn new(model: &Architecture) -> Self {
        let n = model.stations.len();
        let calls = || model.calls.iter().enumerate().map(|(n, call)| (CallId(n as u32), call));
        let caller = |call: &Call| if let Entry::Station(from) = call.from { Some(from) } else { None };
        let mut graph = Self {
            out: Groups::new(n, calls().filter_map(|(id, call)| Some((caller(call)?, id)))),
            into: Groups::new(n, calls().map(|(id, call)| (call.to, id))),
            entries: calls().filter(|(_, call)| caller(call).is_none()).map(|(id, _)| id).collect(),
            order: Vec::new(),
            rank: vec![0; n],
        };
        graph.sort(model);
        graph
    }

    /// Calls that a station makes, in the order of the file.
    pub fn outgoing(&self, station: StationId) -> &[CallId] {
        self.out.of(station)
    }

    /// Calls of a station, those of sources included.
    pub fn incoming(&self, station: StationId) -> &[CallId] {
        self.into.of(station)
    }

    /// Whether a call goes forth in the order; those that close a cycle do not.
    pub fn is_forward(&self, model: &Architecture, call: CallId) -> bool {
        match model.call(call).from {
            Entry::Station(from) => self.rank[from.index()] < self.rank[model.call(call).to.index()],
            Entry::Source(_) => true,
        }
    }

    /// Everything that can be reached from `starts`: calls, fallbacks and dead letters.
    pub fn reached(&self, model: &Architecture, starts: impl IntoIterator<Item = StationId>) -> Vec<bool> {
        self.reached_with(model, starts, &Detours::default())
    }

    /// The same by the detours of a scenario as well.
    pub fn reached_with(
        &self,
        model: &Architecture,
        starts: impl IntoIterator<Item = StationId>,
        detours: &Detours,
    ) -> Vec<bool> {
        let mut seen = vec![false; model.stations.len()];
        let mut open: Vec<StationId> = starts.into_iter().chain(detours.entries.iter().copied()).collect();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at.index()], true) {
                continue;
            }
            open.extend(model.station(at).behavior.queue_behavior.dead_letter);
            open.extend(detours.of(at));
            for call in self.outgoing(at) {
                let call = model.call(*call);
                open.push(call.to);
                open.extend(call.behavior.fallback);
            }
        }
        seen
    }

    /// Stations that sources call.
    pub fn entered(&self, model: &Architecture) -> Vec<StationId> {
        let ends = self.entries.iter().map(|id| model.call(*id));
        ends.flat_map(|call| std::iter::once(call.to).chain(call.behavior.fallback)).collect()
    }

    /// Reverse postorder of a depth-first walk that begins where the sources do.
    fn sort(&mut self, model: &Architecture) {
        let starts = self.entered(model).into_iter().chain((0..model.stations.len() as u32).map(StationId));
        let mut seen = vec![false; model.stations.len()];
        let mut done = Vec::with_capacity(seen.len());
        for start in starts {
            self.walk(model, start, &mut seen, &mut done);
        }
        done.reverse();
        for (rank, id) in done.iter().enumerate() {
            self.rank[id.index()] = rank;
        }
        self.order = done;
    }

    fn walk(&self, model: &Architecture, start: StationId, seen: &mut [bool], done: &mut Vec<StationId>) {
        if std::mem::replace(&mut seen[start.index()], true) {
            return;
        }
        // Its own stack: a chain of ten thousand calls is no reason to overflow.
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.last_mut() {
            let Some(call) = self.out.of(*at).get(*next) else {
                done.push(*at);
                stack.pop();
                continue;
            };
            *next += 1;
            let to = model.call(*call).to;
            if !std::mem::replace(&mut seen[to.index()], true) {
                stack.push((to, 0));
            }
        }
    }
}

/// Calls by station, side by side in one list: ten thousand small lists would lie all over the memory.
struct Groups {
    /// Where the calls of each station begin; one more than there are stations.
    starts: Vec<u32>,
    calls: Vec<CallId>,
}

impl Groups {
    /// Groups pairs of a station below `stations` and a call of it; each group keeps their order.
    fn new(stations: usize, pairs: impl Iterator<Item = (StationId, CallId)> + Clone) -> Self {
        let mut starts = vec![0; stations + 1];
        pairs.clone().for_each(|(station, _)| starts[station.index() + 1] += 1);
        for n in 0..stations {
            starts[n + 1] += starts[n];
        }
        let mut next = starts.clone();
        let mut calls = vec![CallId(0); starts[stations] as usize];
        for (station, call) in pairs {
            let at = &mut next[station.index()];
            calls[*at as usize] = call;
            *at += 1;
        }
        Self { starts, calls }
    }

    fn of(&self, station: StationId) -> &[CallId] {
        let at = station.index();
        &self.calls[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}
