//! Which replica takes a message, where each has data of its own: one of the message's shard, for a write the primary.
//!
//! Messages for an element with shards wait in a lane for each shard, so that those of a busy shard hold up no others.
//! Where several consumers take from one list, there is a lane for each choice of a shard of each, and of the messages that
//! some consumer has room for the longest waiting goes first. A
//! replica that takes a message has it from then on: while the delivery is under way nothing else counts on that worker.

use super::World;
use super::frame::*;
use crate::sim::kernel::NONE;

impl World<'_> {
    /// Whether it matters which replica of a station takes a message.
    pub(super) fn pulls_by_data(&self, s: usize) -> bool {
        let station = &self.stations[s];
        station.queue.is_none() && (station.params.shards > 1 || station.params.replication.is_some())
    }

    /// The replica that takes a message by `op`, the least busy of those that may, in turn among equals; only one with a
    /// free worker if it must be `free`. `frame` is the message or its delivery.
    pub(super) fn puller(&self, s: usize, frame: u32, op: u32, free: bool) -> Option<u32> {
        let station = &self.stations[s];
        let shard = self.shard_of(s, frame) as u32;
        let group = station.groups.get(shard as usize)?;
        let of_write = station.params.replication.is_some() && self.program.ops[op as usize].write;
        let may = |id: &u32| match of_write {
            true => *id == group.primary && !self.lacks_copies(s, *id),
            false => self.replicas[*id as usize].ordinal % station.params.shards == shard,
        };
        let taken = |id: u32| match &self.replicas[id as usize] {
            at if at.pauses > 0 || at.hangs > 0 => u32::MAX,
            at => at.busy.saturating_add(at.waiting).saturating_add(at.inbound),
        };
        let able: Vec<u32> = station.up.iter().copied().filter(may).collect();
        let first = group.turn as usize % able.len().max(1);
        let in_turn = able[first..].iter().chain(&able[..first]).copied();
        let found = in_turn.min_by_key(|id| taken(*id))?;
        (!free || taken(found) < self.replicas[found as usize].workers).then_some(found)
    }

    /// A replica takes a message, which is on its way to it from now on.
    pub(super) fn reserve(&mut self, s: usize, message: u32, op: u32) -> Option<u32> {
        if !self.pulls_by_data(s) {
            return None;
        }
        let replica = self.puller(s, message, op, true)?;
        let shard = self.shard_of(s, message);
        let turn = &mut self.stations[s].groups[shard].turn;
        *turn = turn.wrapping_add(1);
        self.replicas[replica as usize].inbound += 1;
        Some(replica)
    }

    /// A delivery has reached its consumer, or never will.
    pub(super) fn forget_inbound(&mut self, frame: u32) {
        let slot = &mut self.frames[frame];
        if !slot.is(INBOUND) {
            return;
        }
        slot.mark(INBOUND, false);
        let (s, replica) = (slot.station as usize, slot.replica);
        self.stations[s].inbound -= 1;
        if let Some(at) = self.replicas.get_mut(replica as usize) {
            at.inbound -= 1;
        }
    }

    /// A delivery arrives: at the replica that has taken the message, or at one to be chosen.
    pub(super) fn settle_delivery(&mut self, frame: u32) {
        if self.frames[frame].is(INBOUND) {
            self.forget_inbound(frame);
        } else {
            self.frames[frame].replica = NONE;
        }
    }

    /// Where a delivery goes; none when the replica that had taken the message is gone.
    pub(super) fn pick_pulled(&self, s: usize, frame: u32) -> Option<u32> {
        let slot = &self.frames[frame];
        match slot.replica {
            NONE => self.puller(s, frame, slot.op, false),
            taken => Some(taken).filter(|taken| self.replicas[*taken as usize].is_there()),
        }
    }

    /// The list of a queue in which a message waits: the lane of its shard.
    pub(super) fn lane_of(&self, q: u32, list: u32, message: u32) -> u32 {
        let queue = &self.queues[q as usize];
        let (first, lanes) = queue.lanes[list as usize];
        if lanes == 1 {
            return first;
        }
        let of_list = |n: &usize| list == 0 || *n + 1 == list as usize;
        let consumers = (0..queue.consumers.len()).filter(of_list).map(|n| queue.consumers[n]);
        let number = consumers.fold(0_u64, |number, op| {
            let (shards, shard) = self.shard_at_consumer(op, message);
            number.wrapping_mul(shards).wrapping_add(shard)
        });
        first + (number % u64::from(lanes)) as u32
    }

    /// Shards of the consumer that `op` calls, and which of them a message is for.
    fn shard_at_consumer(&self, op: u32, message: u32) -> (u64, u64) {
        let s = self.program.ops[op as usize].station as usize;
        let station = &self.stations[s];
        if station.queue.is_some() {
            return (1, 0);
        }
        (u64::from(station.params.shards), self.shard_of(s, message) as u64)
    }

    /// Delivers from the lanes that several consumers share while one of them has room.
    pub(super) fn deliver_shared(&mut self, q: u32) {
        let s = self.queues[q as usize].station as usize;
        while self.delivers(s) {
            let Some((lane, message, op)) = self.next_shared(q) else { return };
            self.take_message(q, lane, message);
            self.hand_over(s, message, op);
        }
    }

    /// The message that has waited longest of those that a consumer has room for, its lane, and the op of that consumer.
    fn next_shared(&mut self, q: u32) -> Option<(u32, u32, u32)> {
        let queue = &self.queues[q as usize];
        let head = |lane: u32| Some((lane, queue.lists[lane as usize].0)).filter(|(_, message)| *message != NONE);
        let mut heads: Vec<(u32, u32)> = (0..queue.shared).filter_map(head).collect();
        heads.sort_by_key(|(_, message)| self.frames[*message].begun);
        heads.into_iter().find_map(|(lane, message)| Some((lane, message, self.consumer_for(q, message)?)))
    }
}

/// Lanes at most that several consumers share; beyond, some choices of shards have one lane together.
const MOST_SHARED: u32 = 4096;

/// Lanes of the list that is open to consumers with so many shards.
pub(super) fn open_lanes(shards: impl ExactSizeIterator<Item = u32>) -> u32 {
    let most = if shards.len() > 1 { MOST_SHARED } else { u32::MAX };
    shards.fold(1, u32::saturating_mul).min(most)
}

/// Where the lanes of each list begin, and how many it has.
pub(super) fn lanes(counts: impl Iterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut first = 0;
    let mut lanes = Vec::new();
    for count in counts {
        lanes.push((first, count));
        first += count;
    }
    lanes
}
