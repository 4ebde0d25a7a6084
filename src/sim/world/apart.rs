//! Replicas that differ from the others of their station: limits and errors of their own, another version of the
//! software (a canary), cold caches.

use super::World;
use super::callee::draw_work;
use super::parts::{Replica, Station};
use crate::model::{Architecture, CacheMode, ChaosAction, Place, Value, assign};
use crate::schema::Key;
use crate::sim::chaos::StationFaults;
use crate::sim::compile::StationParams;
use crate::sim::policies::balance;
use crate::sim::policies::bucket::Bucket;
use serde::{Deserialize, Serialize};

/// In what time the caches of a cold replica fill where its station has no `warmup`, ns.
const MINUTE: u64 = 60_000_000_000;

/// What holds for some replicas of a station only.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Apart {
    /// Limits of the rate, by ordinal.
    throttles: Vec<(u32, Bucket)>,
    /// Those of another version.
    canaries: Vec<Canary>,
}

/// A replica of another version.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Canary {
    replica: u32,
    params: StationParams,
}

impl Apart {
    /// Whether an arrival must be looked at.
    pub fn asks(&self) -> bool {
        !self.throttles.is_empty() || !self.canaries.is_empty()
    }

    /// Whether some replica fails by itself.
    pub fn fails(&self) -> bool {
        self.canaries.iter().any(|canary| canary.params.errors > 0.0)
    }

    fn version(&self, replica: u32) -> Option<&StationParams> {
        self.canaries.iter().find(|canary| canary.replica == replica).map(|canary| &canary.params)
    }

    /// Limits of single replicas; one that stays as it is keeps its tokens.
    pub fn change_throttles(&mut self, before: &StationFaults, now: &StationFaults) {
        let old = std::mem::take(&mut self.throttles);
        let kept = |at: &(u32, f64)| {
            let same = before.slow_rates.contains(at).then(|| old.iter().find(|(ordinal, _)| *ordinal == at.0));
            same.flatten().copied()
        };
        let limit = |at: &(u32, f64)| kept(at).unwrap_or_else(|| (at.0, Bucket::of_throttle(at.1)));
        self.throttles = now.slow_rates.iter().map(limit).collect();
    }
}

impl Station {
    /// Workers of a replica.
    pub fn workers_of(&self, replica: u32) -> u32 {
        self.apart.version(replica).map_or(self.params.workers, |params| params.workers)
    }
}

impl World<'_> {
    /// Whether a replica takes one more request, by a limit of its own.
    pub(super) fn replica_admits(&mut self, s: usize, replica: u32) -> bool {
        let ordinal = self.replicas[replica as usize].ordinal;
        let throttles = &mut self.stations[s].apart.throttles;
        throttles.iter_mut().find(|(at, _)| *at == ordinal).is_none_or(|(_, bucket)| bucket.take(self.now))
    }

    /// Draws own work for the version that will do it: the n-th arrival has the n-th draw all the same.
    pub(super) fn draw_work_at(&mut self, s: usize, frame: u32, replica: Option<u32>) {
        let Self { frames, stations, program, .. } = self;
        let (slot, station) = (&mut frames[frame], &mut stations[s]);
        let has_own = program.ops[slot.op as usize].service.is_some();
        match replica.and_then(|replica| station.apart.version(replica)) {
            Some(params) if !has_own => slot.work = params.service.draw(&mut station.service),
            _ => draw_work(slot, station, program),
        }
    }

    /// The share of requests that fail where a request is served.
    pub(super) fn errors_at(&self, s: usize, frame: u32) -> f64 {
        let (station, replica) = (&self.stations[s], self.frames[frame].replica);
        let own = station.apart.version(replica).map_or(station.params.errors, |params| params.errors);
        let ordinal = self.replicas.get(replica as usize).map_or(u32::MAX, |at| at.ordinal);
        station.faults.errors_at(own, ordinal)
    }

    /// Finds out again which replicas run another version: those of a canary that are back.
    pub(super) fn apply_canaries(&mut self) {
        let mut versions: Vec<Vec<Canary>> = vec![Vec::new(); self.stations.len()];
        for n in self.chaos.active() {
            let fault = &self.chaos.faults[n];
            let ChaosAction::Deploy(set, settings) = &fault.action else { continue };
            if set.replicas.is_none() {
                continue;
            }
            let back = fault.rollout.iter().take(fault.steps as usize);
            for &replica in back {
                let s = self.replicas[replica as usize].station as usize;
                let params = self.version(s, settings);
                versions[s].retain(|canary| canary.replica != replica);
                versions[s].push(Canary { replica, params });
            }
        }
        for (s, canaries) in versions.into_iter().enumerate() {
            if !canaries.is_empty() || !self.stations[s].apart.canaries.is_empty() {
                self.change_canaries(s, canaries);
            }
        }
    }

    fn version(&self, s: usize, settings: &[(Place, Key, Value)]) -> StationParams {
        let mut model: Architecture = self.architecture.clone();
        let of_station = |place: &Place| matches!(place, Place::Station(id) if id.index() == s);
        for (place, key, value) in settings.iter().filter(|(place, ..)| of_station(place)) {
            let _ = assign(&mut model, *place, *key, value);
        }
        StationParams::new(&model.stations[s].behavior, self.config)
    }

    fn change_canaries(&mut self, s: usize, canaries: Vec<Canary>) {
        self.stations[s].apart.canaries = canaries;
        self.stations[s].classify();
        for replica in self.stations[s].replicas.clone() {
            self.change_workers(s, replica);
        }
        self.refresh(s);
    }

    /// A replica has the workers of its version from now on.
    pub(super) fn change_workers(&mut self, s: usize, replica: u32) {
        self.settle_sharing(replica);
        self.replicas[replica as usize].workers = self.stations[s].workers_of(replica);
        self.reschedule_sharing(s, replica);
        self.next_waiting(s, replica);
    }

    // ---- cold starts

    /// A replica that starts has nothing in its caches: a hit ratio rises from 0 over the station's `warmup`, or a minute;
    /// of an LRU that replicas share, its part is forgotten.
    pub(super) fn chill(&mut self, replica: u32) {
        let Replica { station, ordinal, ready_at, .. } = self.replicas[replica as usize];
        let station = &mut self.stations[station as usize];
        let replicas = station.replicas.len().max(1) as u64;
        if let Some(lru) = &mut station.lru {
            lru.forget(|key| balance::hash(u64::from(key), 0) % replicas == u64::from(ordinal) % replicas);
        }
        let rises = station.params.cache.as_ref().is_some_and(|cache| matches!(cache.mode, CacheMode::HitRatio(_)));
        if rises {
            self.replicas[replica as usize].warm_at = ready_at.max(self.now).saturating_add(warm_time(&station.params));
        }
    }
}

/// In what time the caches of a station fill, ns.
pub(super) fn warm_time(params: &StationParams) -> u64 {
    if params.warmup == 0 { MINUTE } else { params.warmup }
}
