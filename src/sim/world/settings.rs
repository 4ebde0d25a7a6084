//! Settings that faults change while requests are under way.
//!
//! What the active faults set, in the order in which they have begun, makes another model. Whatever they touch is compiled
//! again from it, and once more when they end; so each setting acts from that instant on, and what is under way goes on:
//!
//! - the times to failure and to repair are memoryless, so what is left of them is stretched as the mean is;
//! - an arrival process that takes the place of another begins as at the start of a run, a gap under way is stretched
//!   by another weight, and of a trace those instants count that are still to come;
//! - those who wait are lined up by the new priorities, and whoever is served is not interrupted by them;
//! - an autoscaler goes on from the replicas that there are, and looks again one interval after its last look;
//! - costs are added up piece by piece;
//! - calls that were made end as they would have, and the next one is made by the new rules.

use super::World;
use super::finale::{preempting, ranks};
use super::parts::{Link, Station};
use crate::model::{
    Architecture, CacheMode, CallBehavior, CallId, ChaosAction, Discipline, Entry, Place, StationBehavior, StationId,
    assign,
};
use crate::sim::chaos::change;
use crate::sim::compile::{LinkParams, StationParams};
use crate::sim::kernel::NONE;
use crate::sim::policies::bucket::Bucket;
use crate::sim::policies::lru::Lru;
use crate::sim::policies::zipf::Zipf;
use crate::sim::rng::Streams;

/// Stations of which faults want so many replicas.
pub(super) type Forced = Vec<(usize, u32)>;

impl World<'_> {
    /// Sets the attributes that faults change, and sets back those that they no longer do; returns how many replicas they
    /// want.
    pub(super) fn apply_settings(&mut self) -> Forced {
        let active = self.chaos.active();
        let places: Vec<Place> = active.iter().flat_map(|n| self.changed_by(*n)).collect();
        let scaled: Vec<StationId> = active.iter().flat_map(|n| self.scaled_by(*n)).copied().collect();
        let mut touched = std::mem::replace(&mut self.touched, places.clone());
        touched.extend(places);
        touched.sort_unstable();
        touched.dedup();
        if touched.is_empty() && scaled.is_empty() {
            return Forced::new();
        }
        let model = self.model_under(active);
        let mut forced: Forced = Vec::new();
        for &place in &touched {
            self.recompile(&model, place, &mut forced);
        }
        if touched.iter().any(|place| self.is_of_traffic(*place)) {
            self.change_priorities(&model);
            self.change_streams(&model);
        }
        let replicas = |id: &StationId| (id.index(), model.station(*id).behavior.replicas);
        forced.extend(scaled.iter().map(replicas));
        forced
    }

    /// The places whose attributes a fault sets.
    fn changed_by(&self, n: usize) -> Vec<Place> {
        match &self.chaos.faults[n].action {
            ChaosAction::Set(place, ..) | ChaosAction::Multiply(place, ..) | ChaosAction::Add(place, ..) => {
                vec![*place]
            }
            ChaosAction::Deploy(set, settings) if set.replicas.is_none() && self.is_rolled_out(n) => {
                settings.iter().map(|(at, ..)| *at).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The stations that a fault scales.
    fn scaled_by(&self, n: usize) -> &[StationId] {
        if let ChaosAction::Scale(set, _) = &self.chaos.faults[n].action { &set.stations } else { &[] }
    }

    /// The model as the active faults have it.
    fn model_under(&self, active: Vec<usize>) -> Architecture {
        let mut model = self.architecture.clone();
        for n in active {
            let part = self.chaos.faults[n].strength(self.config.chaos[n].timing.ramp.0, self.now);
            match &self.chaos.faults[n].action {
                ChaosAction::Deploy(set, settings) if set.replicas.is_none() && self.is_rolled_out(n) => {
                    for (place, key, value) in settings {
                        let _ = assign(&mut model, *place, *key, value);
                    }
                }
                action => change(&mut model, action, part),
            }
        }
        model
    }

    /// Whether a place has a say in which requests arrive, when, and who is served first.
    fn is_of_traffic(&self, place: Place) -> bool {
        match place {
            Place::Request(_) | Place::Source(_) => true,
            Place::Call(id) => matches!(self.architecture.call(id).from, Entry::Source(_)),
            Place::Station(_) => false,
        }
    }

    fn recompile(&mut self, model: &Architecture, place: Place, forced: &mut Forced) {
        match place {
            Place::Station(id) => {
                let behavior = &model.station(id).behavior;
                if behavior.replicas != self.architecture.station(id).behavior.replicas {
                    forced.push((id.index(), behavior.replicas));
                }
                self.change_station(id.index(), behavior);
                self.change_deliveries(model, id);
                self.change_dead_letters(model, id);
            }
            Place::Call(id) => {
                let call = model.call(id);
                let link = &mut self.links[id.index()];
                link.change(Some(LinkParams::of_call(model, call, self.config)), link.faults);
                if self.program.change_calls(id.0, &call.behavior) {
                    self.program.find_cycles(model);
                }
                self.change_fallback(model, id);
            }
            Place::Request(_) | Place::Source(_) => {}
        }
    }

    /// The visibility of a queue is the timeout of its deliveries.
    fn change_deliveries(&mut self, model: &Architecture, queue: StationId) {
        if !model.station(queue).is_queue {
            return;
        }
        let config = self.config;
        for (link, call) in self.links.iter_mut().zip(&model.calls).filter(|(_, c)| c.from == Entry::Station(queue)) {
            link.change(Some(LinkParams::of_call(model, call, config)), link.faults);
        }
    }

    fn change_station(&mut self, s: usize, behavior: &StationBehavior) {
        let params = StationParams::new(behavior, self.config);
        let now = self.now;
        let measures = self.measures;
        let station = &mut self.stations[s];
        change_cache(station, &params);
        change_keys(station, behavior);
        station.change_cost(behavior.cost, now, measures);
        if params.rate != station.params.rate {
            station.rate = params.rate.map(|r| Bucket::new(r.rate, r.burst));
        }
        let before = std::mem::replace(&mut station.params, params);
        station.classify();
        self.change_discipline(s, before.discipline);
        self.change_failures(s, before.failures);
        self.change_scaling(s, behavior.autoscale);
        let station = &self.stations[s];
        for replica in station.replicas.clone() {
            self.change_workers(s, replica);
        }
        self.refresh(s);
    }

    pub(super) fn apply_scales(&mut self, forced: &[(usize, u32)]) {
        for s in 0..self.stations.len() {
            let now = forced.iter().rev().find(|(at, _)| *at == s).map(|(_, n)| *n);
            if now == self.stations[s].forced {
                continue;
            }
            let wanted = now.unwrap_or(self.architecture.stations[s].behavior.replicas);
            // Without further replicas it is tried again when a fault ends.
            if !self.stations[s].faults.full || wanted <= self.wanted(s) {
                self.stations[s].forced = now;
                self.set_replicas(s, wanted);
            }
        }
    }

    // ---- who is called instead

    fn change_fallback(&mut self, model: &Architecture, id: CallId) {
        let call = model.call(id);
        let own = self.architecture.call(id).behavior.fallback;
        let op = self.extra_op(&format!("{} ~ fallback", call.path), call.behavior.fallback, own);
        self.program.ops.iter_mut().filter(|op| op.link == id.0).for_each(|at| at.fallback = op);
    }

    fn change_dead_letters(&mut self, model: &Architecture, queue: StationId) {
        let station = model.station(queue);
        let own = self.architecture.station(queue).behavior.queue_behavior.dead_letter;
        let target = station.behavior.queue_behavior.dead_letter;
        self.program.dead_letters[queue.index()] =
            self.extra_op(&format!("{} ~ dead letters", station.path), target, own);
    }

    /// The op that calls `target` beside the model's relations, made when it is wanted for the first time. One to another
    /// element than the model's `own` has random numbers of its own.
    fn extra_op(&mut self, path: &str, target: Option<StationId>, own: Option<StationId>) -> u32 {
        let Some(target) = target else { return NONE };
        let path = match own {
            Some(own) if own == target => path.to_owned(),
            _ => format!("{path} {}", self.architecture.station(target).path),
        };
        if let Some(op) = self.program.extra_op(self.architecture, &path) {
            return op;
        }
        let streams = Streams::new(self.config.seed, self.replication).known_as(&self.architecture.drawn_as);
        let params = LinkParams::new(&CallBehavior::default(), self.config);
        self.links.push(Link::new(params, &path, streams));
        self.program.add_extra(self.architecture, target.0, path, streams)
    }

    // ---- who is first

    /// Other priorities from now on: whoever waits is lined up by them.
    fn change_priorities(&mut self, model: &Architecture) {
        self.preempting = preempting(model);
        let before = std::mem::replace(&mut self.ranks, ranks(model));
        if before == self.ranks {
            return;
        }
        for s in 0..self.stations.len() {
            if self.stations[s].params.discipline == Discipline::Priority {
                self.line_up_all(s);
            }
        }
    }
}

/// A cache of another size keeps what fits; one that was none is empty at first.
fn change_cache(station: &mut Station, params: &StationParams) {
    let Some(CacheMode::Lru { entries, keys, ttl }) = params.cache.as_ref().map(|cache| &cache.mode) else { return };
    let ttl = ttl.map(|d| d.0);
    match &mut station.lru {
        Some(lru) => {
            lru.resize(*entries, ttl);
            lru.ask_for(*keys);
        }
        none => *none = Some(Lru::new(*entries, *keys, ttl)),
    }
}

/// Other keys are asked for; their shards are the same.
fn change_keys(station: &mut Station, behavior: &StationBehavior) {
    let Some(shards) = behavior.shards else { return };
    if station.keys.as_ref().is_none_or(|keys| !keys.is(shards.keys)) {
        station.keys = Some(Zipf::new(shards.keys));
    }
}
