//! Request programs: which calls a request makes at each station, in order.

use crate::model::{Architecture, Call, CallBehavior, CallId, Entry, Path, Quorum, RequestType, Step};
use crate::sim::kernel::NONE;
use crate::sim::rng::{Rng, Sampler, Streams};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// One call of a program. What every request asks for comes first, in a cache line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[repr(C, align(64))]
pub(crate) struct Op {
    /// The relation it goes by.
    pub link: u32,
    /// Who is called; `NONE`: nobody, the calls of `callee` are made by the caller itself.
    pub station: u32,
    /// What the callee calls in turn; of a group, its members.
    pub callee: Span,
    /// Chance that it is made.
    pub probability: f64,
    /// Calls made for one request.
    pub calls: u32,
    /// Beside its parallel neighbours.
    pub parallel: bool,
    /// Not waited for.
    pub asynchronous: bool,
    /// Lies on a cycle of calls, certain or not: only such calls can go on for ever.
    pub cyclic: bool,
    /// Whether it has work, repetitions, a quorum or followers of its own.
    pub special: bool,
    /// Decides about probability and repetition.
    pub choice: Rng,
    /// Own work at the callee instead of the station's.
    pub service: Option<Box<(Sampler, Rng)>>,
    /// Mean number of repetitions, geometric.
    pub repeat: Option<f64>,
    /// Of a group: how many successes of its members are enough.
    pub quorum: Option<u32>,
    /// What follows when it is not the next one: how many callers further up, and its place in their span.
    pub goto: Option<(u8, u16)>,
    /// The caller is done with the request when this call is made.
    pub forward: bool,
    /// Whether it changes data.
    pub write: bool,
    /// Closes a cycle of calls that are made for certain: must not be entered a second time.
    pub closes_cycle: bool,
    /// What it does whatever its relation says.
    pub own: Own,
    /// Called when it has failed for good.
    pub fallback: u32,
    /// By what its relation's chance is multiplied; none of calls that are made once, whatever the relation says.
    pub share: Option<f64>,
}

// Two cache lines for each call of a program.
const _: () = assert!(std::mem::size_of::<Op>() == 128);

/// What a step, or a member of a group, does whatever its relation says.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Own {
    write: bool,
    parallel: bool,
    asynchronous: bool,
}

impl Own {
    /// A member of a group runs beside the others.
    const BESIDE: Self = Self { write: false, parallel: true, asynchronous: false };
}

impl Op {
    fn is_special(&self) -> bool {
        let follows = self.goto.is_some() || self.forward;
        follows || self.service.is_some() || self.repeat.is_some() || self.quorum.is_some()
    }
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
    /// Steps that another call undoes, and the op of that call.
    pub undo: BTreeMap<u32, u32>,
    /// Names of the pseudo relations beyond those of the architecture: fallbacks and dead letters.
    pub extra_links: Vec<String>,
    /// Calls of stations for request types without steps: the first so many.
    pub own: u32,
}

impl Program {
    /// Compiles every request type.
    pub fn new(architecture: &Architecture, streams: Streams<'_>) -> Self {
        let stations = vec![Span::EMPTY; architecture.stations.len()];
        let dead_letters = vec![NONE; stations.len()];
        let mut program = Self {
            ops: Vec::new(),
            stations,
            entries: Vec::new(),
            dead_letters,
            undo: BTreeMap::new(),
            extra_links: Vec::new(),
            own: 0,
        };
        program.add_stations(architecture, streams);
        program.own = program.ops.len() as u32;
        program.find_cycles(architecture);
        for request in &architecture.request_types {
            let entry = program.add_request(architecture, request, streams);
            program.entries.push(entry);
        }
        program.add_fallbacks(architecture, streams);
        program.add_dead_letters(architecture, streams);
        program.ops.iter_mut().for_each(|op| op.special = op.is_special());
        program
    }

    /// Finds out which of the stations' own calls can go round, by the chances that relations have now.
    pub fn find_cycles(&mut self, architecture: &Architecture) {
        let own = &mut self.ops[..self.own as usize];
        let (certain, possible) = (Reach::new(architecture, 1.0), Reach::new(architecture, f64::MIN_POSITIVE));
        let uncertain = own.iter().any(|op| op.probability < 1.0);
        for op in own {
            let is_call = op.station != NONE;
            op.closes_cycle = is_call && op.probability >= 1.0 && certain.is_on_cycle(architecture, op.link);
            let is_possible = is_call && uncertain && op.probability > 0.0;
            op.cyclic = op.closes_cycle || (is_possible && possible.is_on_cycle(architecture, op.link));
        }
    }

    /// A relation's calls are made otherwise from now on; whether its chance is another.
    pub fn change_calls(&mut self, link: u32, b: &CallBehavior) -> bool {
        let mut changed = false;
        for op in self.ops.iter_mut().filter(|op| op.link == link) {
            op.write = b.write || op.own.write;
            let Some(share) = op.share else { continue };
            op.parallel = b.parallel || op.own.parallel;
            op.asynchronous = b.asynchronous || op.own.asynchronous;
            let before = std::mem::replace(&mut op.probability, b.probability * share);
            changed |= before != op.probability;
            op.calls = b.calls;
        }
        changed
    }

    /// The op beyond the model's relations that has this name, if it was made.
    pub fn extra_op(&self, architecture: &Architecture, path: &str) -> Option<u32> {
        let nth = self.extra_links.iter().position(|name| name == path)?;
        let link = (architecture.calls.len() + nth) as u32;
        self.ops.iter().position(|op| op.link == link).map(|op| op as u32)
    }

    fn add_stations(&mut self, architecture: &Architecture, streams: Streams<'_>) {
        let mut by_caller: Vec<Vec<u32>> = vec![Vec::new(); architecture.stations.len()];
        for (n, call) in architecture.calls.iter().enumerate() {
            if let Entry::Station(id) = call.from {
                by_caller[id.index()].push(n as u32);
            }
        }
        for (station, calls) in by_caller.iter().enumerate() {
            self.stations[station] = self.add_calls(architecture, calls, streams);
        }
        for op in self.ops.iter_mut().filter(|op| op.station != NONE) {
            op.callee = self.stations[op.station as usize];
        }
    }

    /// Calls made one after the other; those of a quorum become one group.
    fn add_calls(&mut self, architecture: &Architecture, calls: &[u32], streams: Streams<'_>) -> Span {
        let quorum = |n: &u32| architecture.call(CallId(*n)).quorum;
        let items = parts(calls, quorum);
        let start = self.ops.len() as u32;
        for (members, quorum) in &items {
            let call = |n: u32| plain(n, architecture.call(CallId(n)), streams);
            self.ops.push(quorum.map_or_else(|| call(members[0]), |q| group(Some(q.needed), streams)));
        }
        let span = Span { start, end: self.ops.len() as u32 };
        for (at, (members, _)) in items.iter().enumerate().filter(|(_, (_, quorum))| quorum.is_some()) {
            let first = self.ops.len() as u32;
            let call = |n: &u32| plain(*n, architecture.call(CallId(*n)), streams);
            let side_by_side = |n: &u32| Op { parallel: true, own: Own::BESIDE, ..call(n) };
            self.ops.extend(members.iter().map(side_by_side));
            self.ops[start as usize + at].callee = Span { start: first, end: self.ops.len() as u32 };
        }
        span
    }

    fn add_request(&mut self, architecture: &Architecture, request: &RequestType, streams: Streams<'_>) -> u32 {
        let call = architecture.call(request.entry);
        if request.is_journey() {
            let callee = self.add_steps(architecture, request, None, streams);
            self.ops.push(Op { callee, ..group(None, streams) });
            return (self.ops.len() - 1) as u32;
        }
        if request.follows_relations() && call.quorum.is_some() {
            return self.add_together(architecture, request, streams);
        }
        let mut entry = plain(request.entry.0, call, streams);
        // The choice of a request type is made by the mix of the load, once for each request.
        (entry.probability, entry.calls, entry.asynchronous, entry.share) = (1.0, 1, false, None);
        entry.callee = match &request.path {
            Path::Relations => self.stations[call.to.index()],
            Path::Flow { .. } => {
                let below = self.add_steps(architecture, request, None, streams);
                self.after_step(architecture, entry.station, below)
            }
        };
        self.ops.push(entry);
        (self.ops.len() - 1) as u32
    }

    /// A source that calls several and waits for some of them; what they call in turn is the model's own.
    fn add_together(&mut self, architecture: &Architecture, request: &RequestType, streams: Streams<'_>) -> u32 {
        let members: Vec<u32> = architecture.entries(request).map(|id| id.0).collect();
        let first = self.ops.len();
        let callee = self.add_calls(architecture, &members, streams);
        for op in self.ops[first..].iter_mut().filter(|op| op.station != NONE) {
            op.callee = self.stations[op.station as usize];
        }
        self.ops.push(Op { callee, ..group(None, streams) });
        (self.ops.len() - 1) as u32
    }

    fn add_steps(
        &mut self,
        model: &Architecture,
        request: &RequestType,
        parent: Option<u32>,
        streams: Streams<'_>,
    ) -> Span {
        let children = steps_of(request, parent);
        let items = parts(&children, |n| request.steps()[*n as usize].quorum);
        let start = self.ops.len() as u32;
        for (members, quorum) in &items {
            let call = |n: u32| step(&request.name, n as usize, &request.steps()[n as usize], model, streams);
            let mut op = quorum.map_or_else(|| call(members[0]), |q| group(Some(q.needed), streams));
            op.goto = goto(request, members[0]);
            self.ops.push(op);
        }
        let span = Span { start, end: self.ops.len() as u32 };
        for (at, (members, quorum)) in items.iter().enumerate() {
            let at = start as usize + at;
            match quorum {
                None => self.add_below(model, request, members[0], at, streams),
                Some(_) => self.ops[at].callee = self.add_members(model, request, members, streams),
            }
        }
        span
    }

    /// What the callee of step `n`, the op at `at`, calls in turn, and what undoes the step.
    fn add_below(&mut self, model: &Architecture, request: &RequestType, n: u32, at: usize, streams: Streams<'_>) {
        self.add_undo(model, &request.name, at as u32, n as usize, &request.steps()[n as usize], streams);
        let below = self.add_steps(model, request, Some(n), streams);
        self.ops[at].callee = self.after_step(model, self.ops[at].station, below);
    }

    fn add_members(
        &mut self,
        model: &Architecture,
        request: &RequestType,
        steps: &[u32],
        streams: Streams<'_>,
    ) -> Span {
        let start = self.ops.len() as u32;
        let member = |n: &u32| step(&request.name, *n as usize, &request.steps()[*n as usize], model, streams);
        let beside = |op: Op| Op { parallel: true, own: Own { parallel: true, ..op.own }, ..op };
        self.ops.extend(steps.iter().map(|n| beside(member(n))));
        let span = Span { start, end: self.ops.len() as u32 };
        for (at, n) in steps.iter().enumerate() {
            self.add_below(model, request, *n, start as usize + at, streams);
        }
        span
    }

    /// The call that undoes a step: once, and without what its callee calls for other requests.
    fn add_undo(&mut self, model: &Architecture, request: &str, op: u32, n: usize, step: &Step, streams: Streams<'_>) {
        let Some(id) = step.compensate else { return };
        let call = model.call(id);
        let mut undo = plain(id.0, call, streams);
        (undo.probability, undo.calls, undo.asynchronous, undo.parallel) = (1.0, 1, false, false);
        undo.share = None;
        undo.choice = streams.of(&format!("{request}#{n}"), "compensation");
        undo.callee = self.after_step(model, undo.station, Span::EMPTY);
        self.undo.insert(op, self.ops.len() as u32);
        self.ops.push(undo);
    }

    /// A flow that ends at a queue says nothing of its consumers: they are the model's own.
    fn after_step(&self, model: &Architecture, station: u32, below: Span) -> Span {
        let goes_on = below.start < below.end;
        if model.stations[station as usize].is_queue && !goes_on { self.stations[station as usize] } else { below }
    }

    fn add_fallbacks(&mut self, architecture: &Architecture, streams: Streams<'_>) {
        for (n, call) in architecture.calls.iter().enumerate() {
            let Some(target) = call.behavior.fallback else { continue };
            let at = self.add_extra(architecture, target.0, format!("{} ~ fallback", call.path), streams);
            self.ops.iter_mut().filter(|op| op.link == n as u32).for_each(|op| op.fallback = at);
        }
    }

    fn add_dead_letters(&mut self, architecture: &Architecture, streams: Streams<'_>) {
        for (n, station) in architecture.stations.iter().enumerate() {
            let Some(target) = station.behavior.queue_behavior.dead_letter else { continue };
            let path = format!("{} ~ dead letters", station.path);
            self.dead_letters[n] = self.add_extra(architecture, target.0, path, streams);
        }
    }

    /// A call by a relation that the model does not have.
    pub fn add_extra(&mut self, architecture: &Architecture, station: u32, path: String, streams: Streams<'_>) -> u32 {
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
            special: false,
            quorum: None,
            forward: false,
            goto: None,
            closes_cycle: false,
            // Where it leads may lead back.
            cyclic: true,
            choice: streams.of(&path, "choice"),
            fallback: NONE,
            share: None,
            own: Own::default(),
        });
        self.extra_links.push(path);
        (self.ops.len() - 1) as u32
    }
}

/// Steps of the same caller, in order.
fn steps_of(request: &RequestType, parent: Option<u32>) -> Vec<u32> {
    (0..request.steps().len() as u32).filter(|n| request.steps()[*n as usize].parent == parent).collect()
}

/// How far up, and where there, what follows step `n` stands; none when it is of no caller of this step.
fn goto(request: &RequestType, n: u32) -> Option<(u8, u16)> {
    let target = request.steps()[n as usize].goto?;
    let wanted = request.steps()[target as usize].parent;
    let mut at = request.steps()[n as usize].parent;
    let mut up = 0;
    while at != wanted {
        at = request.steps()[at? as usize].parent;
        up += 1;
    }
    let siblings = steps_of(request, wanted);
    let items = parts(&siblings, |n| request.steps()[*n as usize].quorum);
    let place = items.iter().position(|(members, _)| members.contains(&target))?;
    Some((up, place as u16))
}

/// Calls or steps in turn: each alone, or the members of a quorum together.
fn parts(all: &[u32], quorum: impl Fn(&u32) -> Option<Quorum>) -> Vec<(&[u32], Option<Quorum>)> {
    let mut items = Vec::new();
    let mut rest = all;
    while let Some(first) = rest.first() {
        let quorum = quorum(first);
        let members = quorum.map_or(1, |q| q.members as usize).clamp(1, rest.len());
        items.push((&rest[..members], quorum));
        rest = &rest[members..];
    }
    items
}

/// An op without a callee: its members are calls of the caller itself.
fn group(quorum: Option<u32>, streams: Streams<'_>) -> Op {
    Op {
        link: NONE,
        station: NONE,
        callee: Span::EMPTY,
        service: None,
        probability: 1.0,
        calls: 1,
        repeat: None,
        write: false,
        parallel: false,
        asynchronous: false,
        special: false,
        quorum,
        forward: false,
        goto: None,
        closes_cycle: false,
        cyclic: false,
        choice: streams.of("group", "choice"),
        fallback: NONE,
        share: None,
        own: Own::default(),
    }
}

fn plain(link: u32, call: &Call, streams: Streams<'_>) -> Op {
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
        special: false,
        quorum: None,
        forward: false,
        goto: None,
        closes_cycle: false,
        cyclic: false,
        choice: streams.of(&call.path, "choice"),
        fallback: NONE,
        share: Some(1.0),
        own: Own::default(),
    }
}

fn step(request: &str, n: usize, step: &Step, architecture: &Architecture, streams: Streams<'_>) -> Op {
    let name = format!("{request}#{n}");
    let mut op = plain(step.call.0, architecture.call(step.call), streams);
    op.service = step.service_time.as_ref().map(|d| Box::new((Sampler::new(d), streams.of(&name, "service"))));
    op.probability *= step.probability;
    op.share = Some(step.probability);
    op.repeat = step.repeat_geometric;
    op.own = Own { write: step.write, parallel: step.parallel, asynchronous: step.asynchronous };
    op.write |= step.write;
    op.parallel |= step.parallel;
    op.asynchronous |= step.asynchronous;
    op.forward = step.forward;
    op.choice = streams.of(&name, "choice");
    op
}

/// Which stations reach which by calls that are at least so probable.
struct Reach {
    next: Vec<Vec<usize>>,
}

impl Reach {
    fn new(architecture: &Architecture, probability: f64) -> Self {
        let mut next = vec![Vec::new(); architecture.stations.len()];
        for call in &architecture.calls {
            let counts = call.behavior.probability >= probability && call.behavior.calls > 0;
            if let (Entry::Station(from), true) = (call.from, counts) {
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
