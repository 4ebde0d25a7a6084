//! Which runs can be evaluated without events, and the order in which that is done.
//!
//! A request follows its program: it comes to a station, is served, makes one call after the other, each perhaps by
//! chance, and leaves. Every place on that way has a flow. A flow is known once those are that feed it; where one feeds
//! itself, there is feedback, and no plan.

use super::hold::Hold;
use super::line::Line;
use super::tally::{Lapse, Owner};
use super::way::Way;
use super::{Plan, STEPS_A_CALL, Step, World};
use crate::model::Balance;
use crate::sim::chaos::LinkFaults;
use crate::sim::compile::{Op, Span};
use crate::sim::kernel::NONE;
use crate::sim::rng::Sampler;
use crate::sim::world::foresight::{has_all_replicas, is_undisturbed, requests};
use crate::sim::world::parts::beyond;
use std::collections::{BTreeMap, BTreeSet};

/// Places that wait for each other to be planned at most: what is deeper is left to the event engine.
const DEEPEST: usize = 256;

/// Requests of a run at most. Of two events that a request schedules at the instant of its arrival, the next arrival and
/// its own end, both may fall on one instant: once in ten million requests or so, and then the run starts over.
const MOST_REQUESTS: f64 = 1e7;

/// What is done in every window of a run, if nothing in it feeds back or asks for an event of its own.
pub(super) fn plan(world: &World<'_>) -> Option<Plan> {
    if !is_undisturbed(world) || requests(world) > MOST_REQUESTS {
        return None;
    }
    let mut draft = Draft::new(world);
    draft.survey()?;
    // Rows are given back after all else has been read from them.
    let ends = (0..world.arrivals.len()).map(|n| draft.end(n)).collect::<Option<Vec<_>>>()?;
    draft.plan.steps.extend(ends);
    Some(draft.plan).filter(|plan| requests(world) * (plan.calls * STEPS_A_CALL) as f64 * 2.0 < f64::from(u32::MAX))
}

/// A plan in the making: each place is planned when it is asked for, once.
struct Draft<'w, 'a> {
    world: &'w World<'a>,
    plan: Plan,
    /// The calls by which each station is entered, and the relations of all.
    entering: BTreeMap<usize, Vec<u32>>,
    links: BTreeSet<u32>,
    /// The station that makes a call, and its place there; none for entries.
    owners: BTreeMap<u32, (usize, u32)>,
    /// Places before the n-th call of a station, and which of them are being planned.
    standing: BTreeMap<(usize, u32), usize>,
    open: BTreeSet<(usize, u32)>,
    /// Flows by the call: of those who make it, who skip it, who have ended it.
    called: BTreeMap<u32, usize>,
    skipped: BTreeMap<u32, usize>,
    ended: BTreeMap<u32, usize>,
    /// Flows by the station: of those who arrive, who leave.
    arrived: BTreeMap<usize, usize>,
    left: BTreeMap<usize, usize>,
    /// Flows of those who leave a station, by the call that they have come by.
    parts: BTreeMap<u32, usize>,
    /// How deep calls and stations lie.
    levels: BTreeMap<u32, usize>,
    depths: BTreeMap<usize, usize>,
    /// The slot in which the instants of a flow are kept, and for which depth that is.
    stamps: BTreeMap<usize, (usize, Depth)>,
    slots: BTreeMap<Depth, usize>,
    /// Steps that several share, by the flows between which they measure.
    lapses: BTreeMap<(usize, usize), usize>,
    presences: BTreeMap<(usize, usize), usize>,
}

/// What a request keeps on its way down: at each level when it called, when it arrived, by which call, and at
/// which replica.
type Depth = (usize, u8);
const CALLED: u8 = 0;
const ARRIVED: u8 = 1;
const ENTERED: u8 = 2;
const SEATED: u8 = 3;

impl<'w, 'a> Draft<'w, 'a> {
    fn new(world: &'w World<'a>) -> Self {
        Self {
            world,
            plan: Plan::default(),
            entering: BTreeMap::new(),
            links: BTreeSet::new(),
            owners: BTreeMap::new(),
            standing: BTreeMap::new(),
            open: BTreeSet::new(),
            called: BTreeMap::new(),
            skipped: BTreeMap::new(),
            ended: BTreeMap::new(),
            arrived: BTreeMap::new(),
            left: BTreeMap::new(),
            parts: BTreeMap::new(),
            levels: BTreeMap::new(),
            depths: BTreeMap::new(),
            stamps: BTreeMap::new(),
            slots: BTreeMap::new(),
            lapses: BTreeMap::new(),
            presences: BTreeMap::new(),
        }
    }

    fn op(&self, op: u32) -> &'w Op {
        &self.world.program.ops[op as usize]
    }

    fn flow(&mut self) -> usize {
        self.plan.flows += 1;
        self.plan.flows - 1
    }

    fn add(&mut self, step: Step) {
        self.plan.steps.push(step);
    }

    /// Finds every call that can be made and every station that can be reached; `None` if one of them asks for more
    /// than flows can give.
    fn survey(&mut self) -> Option<()> {
        let mut open = Vec::new();
        for (n, stream) in self.world.arrivals.iter().enumerate() {
            let to = self.flow();
            self.add(Step::Arrivals { stream: n, to });
            self.levels.insert(stream.entry(), 0);
            self.called.insert(stream.entry(), to).is_none().then(|| open.push(stream.entry()))?;
        }
        while let Some(op) = open.pop() {
            self.meet(op, &mut open)?;
        }
        self.plan.calls = (self.owners.len() + self.called.len()) as u64;
        Some(())
    }

    /// Notes a call and, if its station is new, those that follow there.
    fn meet(&mut self, op: u32, open: &mut Vec<u32>) -> Option<()> {
        let at = Some(self.op(op)).filter(|at| is_plain_call(self.world, at))?;
        // Steps of several flows may go by one relation: its times would have to be brought into one order.
        self.links.insert(at.link).then_some(())?;
        let (s, calls) = (at.station as usize, at.callee.start..at.callee.end);
        let entering = self.entering.entry(s).or_default();
        entering.push(op);
        if let [first, _, ..] = entering[..] {
            return (self.op(first).callee == at.callee).then_some(());
        }
        if !is_plain_station(self.world, s, !calls.is_empty()) {
            return None;
        }
        for (place, call) in calls.enumerate() {
            self.owners.insert(call, (s, place as u32)).is_none().then(|| open.push(call))?;
        }
        Some(())
    }

    /// Plans the requests of a stream up to their end.
    fn end(&mut self, stream: usize) -> Option<Step> {
        let at = &self.world.arrivals[stream];
        let (op, request) = (at.entry(), at.request());
        let from = self.ended(op)?;
        let called = self.called(op)?;
        let slot = self.measure(called, from, Owner::Request(request))?;
        Some(Step::End { request, from, slot })
    }

    /// Those who make a call.
    fn called(&mut self, op: u32) -> Option<usize> {
        if !self.called.contains_key(&op) {
            let (s, place) = *self.owners.get(&op)?;
            let from = self.standing(s, place)?;
            let flow = self.chosen(op, from);
            self.called.insert(op, flow);
            self.levels.insert(op, self.depths.get(&s)? + 1);
        }
        self.called.get(&op).copied()
    }

    /// Those of a flow who make a call that is perhaps made by chance.
    fn chosen(&mut self, op: u32, from: usize) -> usize {
        if self.op(op).probability >= 1.0 {
            return from;
        }
        let (made, skipped) = (self.flow(), self.flow());
        self.skipped.insert(op, skipped);
        self.add(Step::Choose { op: op as usize, from, made, skipped });
        made
    }

    /// Those who arrive at a station by a call.
    fn sent(&mut self, op: u32) -> Option<usize> {
        let from = self.called(op)?;
        let level = *self.levels.get(&op)?;
        self.stamp(from, (level, CALLED));
        self.add(Step::Call { link: self.op(op).link as usize, from });
        Some(self.travel(op, from, false))
    }

    /// Network time of one way.
    fn travel(&mut self, op: u32, from: usize, back: bool) -> usize {
        let link = self.op(op).link as usize;
        let steady = self.world.links[link].steady;
        if steady == Some(0) {
            return from;
        }
        let to = self.flow();
        self.add(Step::Travel { way: Way::new(link, back, steady), from, to });
        to
    }

    /// Those who stand before the n-th call of a station, or are through with all of them.
    fn standing(&mut self, s: usize, place: u32) -> Option<usize> {
        if let Some(flow) = self.standing.get(&(s, place)) {
            return Some(*flow);
        }
        // Whoever waits for itself is fed by itself.
        if self.open.len() >= DEEPEST || !self.open.insert((s, place)) {
            return None;
        }
        let flow = if place == 0 { self.served(s)? } else { self.through(s, place - 1)? };
        self.open.remove(&(s, place));
        self.standing.insert((s, place), flow);
        Some(flow)
    }

    /// Those who have made or skipped the n-th call of a station.
    fn through(&mut self, s: usize, place: u32) -> Option<usize> {
        let op = self.span(s)?.start + place;
        let ended = self.ended(op)?;
        let skipped = self.skipped.get(&op).copied();
        Some(skipped.map_or(ended, |skipped| self.merged(vec![ended, skipped], None)))
    }

    fn merged(&mut self, from: Vec<usize>, slot: Option<usize>) -> usize {
        let to = self.flow();
        self.add(Step::Merge { from, to, slot });
        to
    }

    /// What a station calls, the same whoever has called it.
    fn span(&self, s: usize) -> Option<Span> {
        let first = self.entering.get(&s)?.first()?;
        Some(self.op(*first).callee)
    }

    /// Those whose work at a station is done.
    fn served(&mut self, s: usize) -> Option<usize> {
        let calls = self.entering.get(&s)?.clone();
        let sent = calls.iter().map(|op| self.sent(*op)).collect::<Option<Vec<_>>>()?;
        let depth = calls.iter().filter_map(|op| self.levels.get(op)).copied().max()?;
        self.depths.insert(s, depth);
        self.plan.depth = self.plan.depth.max(depth as u64 + 1);
        let from = if let [only] = sent[..] { only } else { self.joined(depth, sent) };
        self.stamp(from, (depth, ARRIVED));
        self.arrived.insert(s, from);
        Some(self.serve(s, from))
    }

    /// Several calls lead to one station: each request keeps by which it came.
    fn joined(&mut self, depth: usize, from: Vec<usize>) -> usize {
        let slot = self.slot((depth, ENTERED));
        self.merged(from, Some(slot))
    }

    fn serve(&mut self, s: usize, from: usize) -> usize {
        let params = &self.world.stations[s].params;
        let (holds, seat) = (self.holds(s), self.seat(s));
        let never_lacks = params.workers == u32::MAX || holds && seat.is_none();
        if matches!(params.service, Sampler::Constant(0)) && never_lacks {
            self.add(Step::Pass { station: s, from });
            return from;
        }
        let to = self.flow();
        let line = Box::new(Line::new(self.world, s, !holds, seat));
        self.add(Step::Serve { line, from, to });
        to
    }

    /// Where requests keep at which replica they are, if it matters.
    fn seat(&mut self, s: usize) -> Option<usize> {
        let at = &self.world.stations[s];
        let matters = self.holds(s) && at.params.workers != u32::MAX && at.replicas.len() > 1;
        let depth = *self.depths.get(&s)?;
        matters.then(|| self.slot((depth, SEATED)))
    }

    /// Whether a worker is held during calls.
    fn holds(&self, s: usize) -> bool {
        let calls = self.span(s).is_some_and(|span| span.start < span.end);
        calls && self.world.stations[s].params.blocking
    }

    /// Those who leave a station.
    fn left(&mut self, s: usize) -> Option<usize> {
        if let Some(flow) = self.left.get(&s) {
            return Some(*flow);
        }
        let span = self.span(s)?;
        let falls = self.standing(s, span.end - span.start)?;
        let rises = *self.arrived.get(&s)?;
        self.measure(rises, falls, Owner::Station(s))?;
        if rises != falls {
            self.presence(s, rises, falls);
        }
        if self.holds(s) {
            let hold = Hold::new(self.world, s, self.seat(s));
            self.add(Step::Hold { hold, rises, falls });
        }
        self.left.insert(s, falls);
        Some(falls)
    }

    /// Who is at a station between two places; other stations may have the same.
    fn presence(&mut self, s: usize, rises: usize, falls: usize) {
        let known = self.presences.get(&(rises, falls)).copied();
        if let Some(Step::Presence { stations, .. }) = known.and_then(|n| self.plan.steps.get_mut(n)) {
            return stations.push(s);
        }
        self.presences.insert((rises, falls), self.plan.steps.len());
        self.add(Step::Presence { stations: vec![s], rises, falls });
    }

    /// Those of whom a call has ended.
    fn ended(&mut self, op: u32) -> Option<usize> {
        if !self.ended.contains_key(&op) {
            let left = self.parted(op)?;
            let ended = self.travel(op, left, true);
            let called = self.called(op)?;
            self.measure(called, ended, Owner::Link(self.op(op).link as usize))?;
            self.ended.insert(op, ended);
        }
        self.ended.get(&op).copied()
    }

    /// Those who leave a station and have come by this call.
    fn parted(&mut self, op: u32) -> Option<usize> {
        let s = self.op(op).station as usize;
        let left = self.left(s)?;
        let calls = self.entering.get(&s)?.clone();
        if let [_] = calls[..] {
            return Some(left);
        }
        if !self.parts.contains_key(&op) {
            let to: Vec<usize> = calls.iter().map(|_| self.flow()).collect();
            let slot = self.slot((*self.depths.get(&s)?, ENTERED));
            self.parts.extend(calls.into_iter().zip(to.iter().copied()));
            self.add(Step::Split { from: left, to, slot });
        }
        self.parts.get(&op).copied()
    }

    /// Times between two places: measured once for all who ask for them. Returns where the first instant is kept.
    fn measure(&mut self, since: usize, from: usize, owner: Owner) -> Option<usize> {
        let (slot, _) = *self.stamps.get(&since)?;
        let known = self.lapses.get(&(since, from)).copied();
        let patience = if let Owner::Link(n) = owner { self.world.links[n].params.timeout } else { None };
        if let Some(Step::Measure { lapse, .. }) = known.and_then(|n| self.plan.steps.get_mut(n)) {
            lapse.join(owner, patience);
            return Some(slot);
        }
        self.lapses.insert((since, from), self.plan.steps.len());
        self.add(Step::Measure { lapse: Lapse::new(self.world, slot, owner, patience), from });
        Some(slot)
    }

    /// Keeps when requests pass. What is kept for a greater depth may have been written over on the way back.
    fn stamp(&mut self, from: usize, depth: Depth) {
        if self.stamps.get(&from).is_some_and(|(_, before)| *before <= depth) {
            return;
        }
        let slot = self.slot(depth);
        self.stamps.insert(from, (slot, depth));
        self.add(Step::Stamp { from, slot });
    }

    fn slot(&mut self, depth: Depth) -> usize {
        let count = self.slots.len();
        let slot = *self.slots.entry(depth).or_insert(count);
        self.plan.slots = self.slots.len();
        slot
    }
}

/// Whether a call is made once or not at all, is waited for, and nothing is kept of others by the same relation. That
/// nobody gives up is seen when the call has ended.
fn is_plain_call(world: &World<'_>, op: &Op) -> bool {
    let Some(link) = world.links.get(op.link as usize) else { return false };
    let is_sure = link.params.loss == 0.0 && !link.params.guarded && link.faults == LinkFaults::default();
    let is_alone = !op.parallel && !op.asynchronous && !op.cyclic && !op.closes_cycle && !op.special;
    op.station != NONE && is_sure && is_alone && op.calls == 1
}

/// Whether requests are served in the order in which they arrive, by all replicas alike. That workers who wait for calls
/// are never missed, and that nobody is turned away, is seen when it happens.
fn is_plain_station(world: &World<'_>, s: usize, calls: bool) -> bool {
    let station = &world.stations[s];
    let params = &station.params;
    let is_common = station.beyond & !(beyond::LEAVING | beyond::CALLS) == 0;
    // Who is present is known here as long as nobody is who waits for calls.
    let counts = matches!(params.balance, Balance::LeastConnections | Balance::PowerOfTwo);
    is_common && !station.hung && has_all_replicas(world, station) && !(calls && counts)
}
