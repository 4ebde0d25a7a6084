//! What faults do to single requests and messages: never answered, doubled, poisoned; and to replicas that are asked
//! to stop.

use super::frame::*;
use super::{Kind, World};
use crate::model::{CallId, ChaosAction, Entry, Healed, Place, SourceId, StationId, chaos_targets};
use crate::sim::kernel::Slab;

/// Program counter of a message that always fails: messages have no program.
const POISONED: u16 = 1;

/// Whether a delivery brings a message that always fails.
pub(super) fn is_poisoned(frames: &Slab<Frame>, delivery: &Frame) -> bool {
    let message = &frames[delivery.parent];
    message.generation == delivery.parent_generation && message.pc == POISONED
}

impl World<'_> {
    // ---- messages

    /// Decides about a message that a queue accepts; one from another queue keeps what it has.
    pub(super) fn draw_poison(&mut self, s: usize, frame: u32) {
        let station = &mut self.stations[s];
        let share = station.faults.poison;
        let drawn = share > 0.0 && station.streams.poison.chance(share);
        let slot = &self.frames[frame];
        if drawn || slot.is(DELIVERY) && is_poisoned(&self.frames, slot) {
            self.frames[frame].pc = POISONED;
        }
    }

    /// The request arrives a second time; the callee works on it for nobody.
    pub(super) fn double(&mut self, frame: u32) {
        let Frame { request, depth, op, link, station, caller, .. } = self.frames[frame];
        let Some(delay) = self.links[link as usize].delay_of_request() else { return };
        let call = Call {
            parent: DETACHED,
            parent_generation: 0,
            caller,
            replica: crate::sim::kernel::NONE,
            request,
            flags: ORPHAN,
            depth,
        };
        let copy = self.frames.take(Frame::FRESH);
        self.frames[copy].begin(call, self.now, [op, link, station]);
        self.frames[copy].state = State::Sent;
        self.abandonment = true;
        self.after(delay, Kind::Arrive, copy);
    }

    // ---- hanging

    /// A request is never answered: its caller gives up, or waits until the fault ends.
    pub(super) fn swallow(&mut self, frame: u32) {
        let slot = &mut self.frames[frame];
        if slot.is(ORPHAN) {
            return self.free(frame);
        }
        (slot.state, slot.pending) = (State::Lost, 0);
    }

    /// A replica answers no longer, or again. What it has is lost either way.
    pub(super) fn hang(&mut self, replica: u32, on: bool) {
        let at = &mut self.replicas[replica as usize];
        let (s, before) = (at.station as usize, at.hangs);
        at.hangs = if on { before + 1 } else { before.saturating_sub(1) };
        let after = at.hangs;
        if before == 0 {
            self.abandonment = true;
            for frame in self.present_at(replica) {
                if self.withdraw_from(replica, frame) {
                    self.swallow(frame);
                }
            }
        } else if after == 0 {
            self.fail_swallowed(replica);
        }
        self.refresh(s);
    }

    /// Those that have no timeout learn of it when the fault ends.
    fn fail_swallowed(&mut self, replica: u32) {
        let waits = |world: &Self, n: u32| {
            let slot = &world.frames[n];
            let is_here = slot.state == State::Lost && slot.replica == replica;
            is_here && world.links[slot.link as usize].params.timeout.is_none()
        };
        let lost: Vec<u32> = (0..self.frames.capacity()).filter(|n| waits(self, *n)).collect();
        let mut lost: Vec<(u64, u32)> = lost.into_iter().map(|n| (self.frames[n].arrived, n)).collect();
        lost.sort_unstable();
        for (_, frame) in lost {
            (self.frames[frame].outcome, self.frames[frame].state) = (Outcome::Error, State::Replying);
            self.after(0, Kind::Answered, frame);
        }
    }

    // ---- stopping

    /// A replica takes no new work, or takes it again.
    pub(super) fn drain(&mut self, replica: u32, on: bool) {
        let at = &mut self.replicas[replica as usize];
        at.drains = if on { at.drains + 1 } else { at.drains.saturating_sub(1) };
        let s = at.station as usize;
        self.refresh(s);
    }

    /// What was asked to stop has had its time.
    pub(super) fn end_grace(&mut self, n: usize) {
        self.chaos.faults[n].graceless = true;
        for replica in self.chaos.faults[n].replicas.clone() {
            self.kill(replica, true);
        }
    }

    // ---- healing

    /// The active faults that `heal` ends, in the order in which they began.
    pub(super) fn healed(&self, named: Option<&Healed>) -> Vec<usize> {
        let mut found = self.chaos.active();
        found.retain(|n| named.is_none_or(|named| self.hits(&self.chaos.faults[*n].action, named)));
        found
    }

    /// Whether a fault hits one of the elements, a relation of one of them, or one of the relations.
    fn hits(&self, action: &ChaosAction, named: &Healed) -> bool {
        let station = |id: StationId| named.stations.stations.contains(&id);
        let source = |id: SourceId| named.sources.contains(&id);
        let call = |id: CallId| {
            let call = self.architecture.call(id);
            let from = match call.from {
                Entry::Station(from) => station(from),
                Entry::Source(from) => source(from),
            };
            from || station(call.to) || named.links.links.iter().any(|(named, ..)| *named == id)
        };
        match (chaos_targets(action), action) {
            ((Some(hit), _), _) => hit.stations.iter().any(|id| station(*id)),
            ((_, Some(hit)), _) => hit.links.iter().any(|(id, ..)| call(*id)),
            (_, ChaosAction::Set(place, ..) | ChaosAction::Multiply(place, ..) | ChaosAction::Add(place, ..)) => {
                match place {
                    Place::Station(id) => station(*id),
                    Place::Call(id) => call(*id),
                    Place::Source(id) => source(*id),
                    // A change of what is asked for is one of the relation by which it is.
                    Place::Request(id) => call(self.architecture.request_types[id.index()].entry),
                }
            }
            // More of everybody's load.
            (_, ChaosAction::Surge(_)) => !named.sources.is_empty(),
            (_, ChaosAction::Outage(domain)) => {
                let inside = self.replicas_in(*domain);
                inside.iter().any(|replica| station(StationId(self.replicas[*replica as usize].station)))
            }
            _ => false,
        }
    }
}
