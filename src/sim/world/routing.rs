//! To which replicas callers send: those they know, those of the key's shard, the primary for writes; and what copies
//! cost and give.
//!
//! Discovery: every `interval` callers look who is there; who answered a look is known for `ttl` from then, and at least
//! to the next. Copies: a write is served by the primary and answered once `sync` copies have it, one `lag` later; every
//! other copy has it one `lag` after that answer.

use super::World;
use super::frame::*;
use super::parts::Station;
use super::{Kind, payload};
use crate::model::{Balance, Replication};
use crate::sim::kernel::NONE;
use crate::sim::policies::balance;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The replicas of one shard, as callers see them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    /// Known to callers.
    pub members: Vec<u32>,
    /// Counts those who were sent in turn.
    pub turn: u32,
    /// Takes the writes; `NONE` while there is none.
    pub primary: u32,
    /// When writes were answered: those younger than the lag, and the last.
    pub answered: VecDeque<u64>,
}

impl Default for Group {
    fn default() -> Self {
        Self { members: Vec::new(), turn: 0, primary: NONE, answered: VecDeque::new() }
    }
}

impl Group {
    fn answer(&mut self, now: u64, lag: u64) {
        while self.answered.len() > 1 && self.answered.front().is_some_and(|at| now - at >= lag) {
            self.answered.pop_front();
        }
        self.answered.push_back(now);
    }

    /// Answered writes that no copy has yet.
    fn unsafe_writes(&self, now: u64, rule: Replication) -> u64 {
        let young = self.answered.iter().filter(|at| now - **at < rule.lag.0).count();
        if rule.sync > 0 { 0 } else { young as u64 }
    }
}

impl World<'_> {
    /// Chooses among those whom callers know; a write has no choice.
    #[cold]
    pub(super) fn pick_routed(&mut self, s: usize, frame: u32) -> Option<u32> {
        let shard = self.shard_of(s, frame);
        if self.stations[s].params.replication.is_some() && self.is_write(frame) {
            let primary = self.stations[s].groups[shard].primary;
            return (primary != NONE && !self.lacks_copies(s, primary)).then_some(primary);
        }
        let rule = self.stations[s].params.balance;
        let key = if rule == Balance::ConsistentHash { self.key_of(s, frame) } else { 0 };
        let Station { groups, streams, .. } = &mut self.stations[s];
        let Group { members, turn, .. } = &mut groups[shard];
        let replicas = &self.replicas;
        let score = |r: u32| balance::hash(key, u64::from(replicas[r as usize].ordinal));
        balance::pick(rule, members, score, turn, &mut streams.balance, |r| replicas[r as usize].present)
    }

    /// Whom callers know of those that can take a request, where it has a choice.
    pub(super) fn known(&self, s: usize, frame: u32) -> &[u32] {
        let station = &self.stations[s];
        match (station.params.routed, station.params.replication) {
            (false, _) => &station.up,
            (true, Some(_)) if self.is_write(frame) => &[],
            (true, _) => &station.groups[self.shard_of(s, frame)].members,
        }
    }

    /// The shard of what a request asks for.
    pub(super) fn shard_of(&self, s: usize, frame: u32) -> usize {
        let station = &self.stations[s];
        let Some(keys) = &station.keys else { return 0 };
        let hash = self.key_of(s, frame);
        keys.key(balance::uniform(hash)) as usize % station.params.shards as usize
    }

    /// Whether a call changes data.
    pub(super) fn is_write(&self, frame: u32) -> bool {
        self.program.ops[self.frames[frame].op as usize].write
    }

    /// Whether a write finds no primary, or too few copies to wait for.
    pub(super) fn lacks_copies(&self, s: usize, replica: u32) -> bool {
        let Some(rule) = self.stations[s].params.replication else { return false };
        rule.sync > 0 && (self.copies(s, replica).count() as u32) < rule.sync
    }

    /// The other replicas of the same shard that are up, in their order.
    fn copies(&self, s: usize, primary: u32) -> impl Iterator<Item = u32> {
        let shards = self.stations[s].params.shards;
        let shard = self.replicas[primary as usize].ordinal % shards;
        let of_shard = move |id: &u32| *id != primary && self.replicas[*id as usize].ordinal % shards == shard;
        self.stations[s].up.iter().copied().filter(of_shard)
    }

    /// A request at a replicated station was served: whether its answer waits for copies.
    #[cold]
    pub(super) fn waits_for_copies(&mut self, s: usize, frame: u32, rule: Replication) -> bool {
        if !self.is_write(frame) {
            self.note_read(s, frame, rule);
        } else if rule.sync > 0 {
            self.frames[frame].state = State::Committing;
            if !self.stations[s].params.blocking {
                self.release_worker(s, frame);
            }
            self.after(rule.lag.0, Kind::Served, frame);
            return true;
        } else {
            self.note_write(s, frame, rule);
        }
        false
    }

    /// Copies have the write, which is answered then; if they are gone meanwhile, it fails.
    #[cold]
    pub(super) fn is_committed(&mut self, s: usize, frame: u32) -> bool {
        if self.lacks_copies(s, self.frames[frame].replica) {
            self.finish(frame, Outcome::Error);
            return false;
        }
        if let Some(rule) = self.stations[s].params.replication {
            self.note_write(s, frame, rule);
        }
        true
    }

    fn note_write(&mut self, s: usize, frame: u32, rule: Replication) {
        let shard = self.shard_at(s, frame);
        let now = self.now;
        self.stations[s].groups[shard].answer(now, rule.lag.0);
    }

    fn note_read(&mut self, s: usize, frame: u32, rule: Replication) {
        let (replica, shard) = (self.frames[frame].replica, self.shard_at(s, frame));
        let group = &self.stations[s].groups[shard];
        let primary = group.primary;
        let behind = group.answered.back().is_some_and(|at| self.now - at < rule.lag.0) && replica != primary;
        let waited_for =
            || primary != NONE && self.copies(s, primary).take(rule.sync as usize).any(|copy| copy == replica);
        let stale = behind && !waited_for();
        let counted = u64::from(self.frames[frame].is(COUNTED));
        let tally = &mut self.stations[s].tally;
        tally.reads += counted;
        tally.stale_reads += counted * u64::from(stale);
    }

    fn shard_at(&self, s: usize, frame: u32) -> usize {
        let replica = self.frames[frame].replica;
        (self.replicas[replica as usize].ordinal % self.stations[s].params.shards) as usize
    }

    /// Finds out again whom callers know, and who is primary.
    pub(super) fn regroup(&mut self, s: usize) {
        for n in 0..self.stations[s].replicas.len() {
            let replica = self.stations[s].replicas[n];
            self.rediscover(s, replica);
        }
        let replicas = &self.replicas;
        let station = &mut self.stations[s];
        let shards = station.params.shards;
        station.groups.resize_with(shards as usize, Group::default);
        station.groups.iter_mut().for_each(|group| group.members.clear());
        for &id in &station.replicas {
            let at = &replicas[id as usize];
            if at.listed {
                station.groups[(at.ordinal % shards) as usize].members.push(id);
            }
        }
        if station.params.replication.is_some() {
            (0..shards).for_each(|shard| self.find_primary(s, shard));
        }
    }

    /// Whether callers know a replica, now or from which instant on.
    fn rediscover(&mut self, s: usize, replica: u32) {
        let now = self.now;
        let at = &mut self.replicas[replica as usize];
        let is_there = at.is_there() && !at.retired;
        let Some(rule) = self.stations[s].params.discovery.filter(|_| !at.retired) else {
            (at.listed, at.relists_at) = (is_there, u64::MAX);
            return;
        };
        if is_there == at.listed {
            at.relists_at = u64::MAX;
            return;
        }
        let interval = rule.interval.0.max(1);
        if at.relists_at == u64::MAX {
            at.relists_at = if is_there {
                now.div_ceil(interval).saturating_mul(interval)
            } else {
                // Down at the very instant of a look, it did not answer that one.
                let last_look = now.saturating_sub(1) / interval * interval;
                last_look.saturating_add(rule.ttl.0.max(interval)).max(now)
            };
            if at.relists_at > now {
                self.heap.push(at.relists_at, payload(Kind::Replica, replica));
            }
        }
        if at.relists_at <= now {
            (at.listed, at.relists_at) = (is_there, u64::MAX);
        }
    }

    /// The primary stays as long as it is up; when it goes, the first replica that is up follows, unless one is elected.
    fn find_primary(&mut self, s: usize, shard: u32) {
        let (now, measured) = (self.now, self.is_measured());
        let replicas = &self.replicas;
        let station = &mut self.stations[s];
        let group = &mut station.groups[shard as usize];
        let (shards, electing) = (station.params.shards, station.elections > 0);
        let old = group.primary;
        if old != NONE && station.up.contains(&old) {
            return;
        }
        if let (true, Some(rule)) = (old != NONE && !replicas[old as usize].up, station.params.replication) {
            station.tally.lost_writes += if measured { group.unsafe_writes(now, rule) } else { 0 };
            group.answered.clear();
        }
        let first = station.up.iter().copied().find(|id| replicas[*id as usize].ordinal % shards == shard);
        group.primary = if electing { NONE } else { first.unwrap_or(NONE) };
    }

    /// The primaries of a station, or its first replica when it has no copies.
    pub(super) fn primaries(&self, s: usize) -> Vec<u32> {
        let station = &self.stations[s];
        if station.params.replication.is_none() {
            return station.up.first().copied().into_iter().collect();
        }
        station.groups.iter().map(|group| group.primary).filter(|id| *id != NONE).collect()
    }
}
