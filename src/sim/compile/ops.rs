//! Request programs: which calls a request makes at each station, in order.

use crate::model::{Architecture, Call, CallId, Entry, Path, RequestType, Step};
use crate::sim::kernel::NONE;
use crate::sim::rng::{Rng, Sampler, Streams};
use serde::{Deserialize, Serialize};

/// Ops `[start, end)` of [`Program::ops`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    /// First.
    pub start: u32,
    /// One beyond the last.
    pub end: u32,
}

impl Span {
    const EMPTY: Self = Self { start: 0, end: 0 };
}

/// One call of a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Op {
    /// The relation it goes by.
    pub link: u32,
    /// Who is called.
    pub station: u32,
    /// What the callee calls in turn.
    pub callee: Span,
    /// Own work at the callee instead of the station's.
    pub service: Option<(Sampler, Rng)>,
    /// Chance that it is made.
    pub probability: f64,
    /// Calls made for one request.
    pub calls: u32,
    /// Mean number of repetitions, geometric.
    pub repeat: Option<f64>,
    /// Whether it changes data.
    pub write: bool,
    /// Beside its parallel neighbours.
    pub parallel: bool,
    /// Not waited for.
    pub asynchronous: bool,
    /// Closes a cycle of calls that are made for certain: must not be entered a second time.
    pub closes_cycle: bool,
    /// Decides about probability and repetition.
    pub choice: Rng,
    /// Called when it has failed for good.
    pub fallback: u32,
}

/// All programs of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Program {
    /// Every call.
    pub ops: Vec<Op>,
    /// What a station calls for request types without steps.
    pub stations: Vec<Span>,
    /// The op by which each request type enters.
    pub entries: Vec<u32>,
    /// The op by which dead messages leave each station that is a queue.
    pub dead_letters: Vec<u32>,
    /// Names of the pseudo relations beyond those of the architecture: fallbacks and dead letters.
    pub extra_links: Vec<String>,
}

impl Program {
    /// Compiles every request type.
    pub fn new(architecture: &Architecture, streams: Streams) -> Self {
        let stations = vec![Span::EMPTY; architecture.stations.len()];
        let dead_letters = vec![NONE; stations.len()];
        let mut program =
            Self { ops: Vec::new(), stations, entries: Vec::new(), dead_letters, extra_links: Vec::new() };
        program.add_stations(architecture, streams);
        let cyclic = Reach::new(architecture);
        for op in &mut program.ops {
            op.closes_cycle = op.probability >= 1.0 && cyclic.is_on_cycle(architecture, op.link);
        }
        for request in &architecture.request_types {
            let entry = program.add_request(architecture, request, streams);
            program.entries.push(entry);
        }
        program.add_fallbacks(architecture, streams);
        program.add_dead_letters(architecture, streams);
        program
    }

    fn add_stations(&mut self, architecture: &Architecture, streams: Streams) {
        let mut by_caller: Vec<Vec<u32>> = vec![Vec::new(); architecture.stations.len()];
        for (n, call) in architecture.calls.iter().enumerate() {
            if let Entry::Station(id) = call.from {
                by_caller[id.index()].push(n as u32);
            }
        }
        for (station, calls) in by_caller.iter().enumerate() {
            let start = self.ops.len() as u32;
            for &n in calls {
                self.ops.push(plain(n, architecture.call(CallId(n)), streams));
            }
            self.stations[station] = Span { start, end: self.ops.len() as u32 };
        }
        for op in &mut self.ops {
            op.callee = self.stations[op.station as usize];
        }
    }

    fn add_request(&mut self, architecture: &Architecture, request: &RequestType, streams: Streams) -> u32 {
        let call = architecture.call(request.entry);
        let mut entry = plain(request.entry.0, call, streams);
        // The choice of a request type is made by the mix of the load, once for each request.
        (entry.probability, entry.calls, entry.asynchronous) = (1.0, 1, false);
        entry.write |= request.behavior.write;
        entry.callee = match &request.path {
            Path::Relations => self.stations[call.to.index()],
            Path::Flow { service_time, steps } => {
                let stream = || streams.of(&format!("{}#entry", request.name), "service");
                entry.service = service_time.as_ref().map(|d| (Sampler::new(d), stream()));
                let below = self.add_steps(architecture, &request.name, steps, None, streams);
                self.after_step(architecture, entry.station, below)
            }
        };
        self.ops.push(entry);
        (self.ops.len() - 1) as u32
    }

    fn add_steps(
        &mut self,
        model: &Architecture,
        request: &str,
        steps: &[Step],
        parent: Option<u32>,
        streams: Streams,
    ) -> Span {
        let children: Vec<usize> = (0..steps.len()).filter(|n| steps[*n].parent == parent).collect();
        let start = self.ops.len() as u32;
        for &n in &children {
            self.ops.push(step(request, n, &steps[n], model, streams));
        }
        let span = Span { start, end: self.ops.len() as u32 };
        for (at, &n) in children.iter().enumerate() {
            let below = self.add_steps(model, request, steps, Some(n as u32), streams);
            let op = start as usize + at;
            self.ops[op].callee = self.after_step(model, self.ops[op].station, below);
        }
        span
    }

    /// A flow that ends at a queue says nothing of its consumers: they are the model's own.
    fn after_step(&self, model: &Architecture, station: u32, below: Span) -> Span {
        let goes_on = below.start < below.end;
        if model.stations[station as usize].is_queue && !goes_on { self.stations[station as usize] } else { below }
    }

    fn add_fallbacks(&mut self, architecture: &Architecture, streams: Streams) {
        for (n, call) in architecture.calls.iter().enumerate() {
            let Some(target) = call.behavior.fallback else { continue };
            let at = self.add_extra(architecture, target.0, format!("{} ~ fallback", call.path), streams);
            self.ops.iter_mut().filter(|op| op.link == n as u32).for_each(|op| op.fallback = at);
        }
    }

    fn add_dead_letters(&mut self, architecture: &Architecture, streams: Streams) {
        for (n, station) in architecture.stations.iter().enumerate() {
            let Some(target) = station.behavior.queue_behavior.dead_letter else { continue };
            let path = format!("{} ~ dead letters", station.path);
            self.dead_letters[n] = self.add_extra(architecture, target.0, path, streams);
        }
    }

    /// A call by a relation that the model does not have.
    fn add_extra(&mut self, architecture: &Architecture, station: u32, path: String, streams: Streams) -> u32 {
        self.ops.push(Op {
            link: (architecture.calls.len() + self.extra_links.len()) as u32,
            station,
            callee: self.stations[station as usize],
            service: None,
            probability: 1.0,
            calls: 1,
            repeat: None,
            write: false,
            parallel: false,
            asynchronous: false,
            closes_cycle: false,
            choice: streams.of(&path, "choice"),
            fallback: NONE,
        });
        self.extra_links.push(path);
        (self.ops.len() - 1) as u32
    }
}

fn plain(link: u32, call: &Call, streams: Streams) -> Op {
    let b = &call.behavior;
    Op {
        link,
        station: call.to.0,
        callee: Span::EMPTY,
        service: None,
        probability: b.probability,
        calls: b.calls,
        repeat: None,
        write: b.write,
        parallel: b.parallel,
        asynchronous: b.asynchronous,
        closes_cycle: false,
        choice: streams.of(&call.path, "choice"),
        fallback: NONE,
    }
}

fn step(request: &str, n: usize, step: &Step, architecture: &Architecture, streams: Streams) -> Op {
    let name = format!("{request}#{n}");
    let mut op = plain(step.call.0, architecture.call(step.call), streams);
    op.service = step.service_time.as_ref().map(|d| (Sampler::new(d), streams.of(&name, "service")));
    op.probability *= step.probability;
    op.repeat = step.repeat_geometric;
    op.write |= step.write;
    op.parallel |= step.parallel;
    op.asynchronous |= step.asynchronous;
    op.choice = streams.of(&name, "choice");
    op
}

/// Which stations reach which by calls that are certain.
struct Reach {
    next: Vec<Vec<usize>>,
}

impl Reach {
    fn new(architecture: &Architecture) -> Self {
        let mut next = vec![Vec::new(); architecture.stations.len()];
        for call in &architecture.calls {
            let certain = call.behavior.probability >= 1.0 && call.behavior.calls > 0;
            if let (Entry::Station(from), true) = (call.from, certain) {
                next[from.index()].push(call.to.index());
            }
        }
        Self { next }
    }

    fn is_on_cycle(&self, architecture: &Architecture, link: u32) -> bool {
        let call = architecture.call(CallId(link));
        matches!(call.from, Entry::Station(from) if self.reaches(call.to.index(), from.index()))
    }

    fn reaches(&self, from: usize, to: usize) -> bool {
        let mut seen = vec![false; self.next.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(&self.next[at]);
            }
        }
        false
    }
}
