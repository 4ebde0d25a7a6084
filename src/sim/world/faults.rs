//! Faults at work.

use super::monitor::collect;
use super::{Kind, World, payload};
use crate::measure::FaultRecord;
use crate::model::{ChaosAction, Condition, DomainId, ElementSet, Healed, LinkSet, Manner, StationId, Term, Trigger};
use crate::sim::chaos::{LinkFaults, RAMP_STEPS, StationFaults, Turn};
use crate::sim::compile::either;
use crate::sim::policies::bucket::Bucket;
use crate::sim::policies::lru::Lru;
use crate::sim::probe;

/// How long an election takes where nobody says, ns: the default of Redis Sentinel and of Patroni.
const ELECTION: u64 = 30_000_000_000;

impl World<'_> {
    pub(super) fn start_faults(&mut self) {
        for n in 0..self.chaos.faults.len() {
            match self.config.chaos[n].timing.trigger {
                Trigger::At(time) => self.plan_turn(n, Turn::Begin, time.0),
                Trigger::Random { mttf, .. } => self.plan_random(n, mttf.0),
                Trigger::When { .. } => {}
            }
        }
    }

    fn plan_turn(&mut self, fault: usize, turn: Turn, time: u64) {
        let index = self.chaos.agenda.len() as u32;
        self.chaos.agenda.push((fault as u32, self.chaos.faults[fault].times, turn));
        self.heap.push(time, payload(Kind::Fault, index));
    }

    fn plan_random(&mut self, fault: usize, mean: u64) {
        let wait = (mean as f64 * self.chaos.faults[fault].rng.exponential()) as u64;
        let time = self.now.saturating_add(wait);
        if time < self.until {
            self.plan_turn(fault, Turn::Begin, time);
        }
    }

    pub(super) fn fault_event(&mut self, index: u32) {
        let (fault, times, turn) = self.chaos.agenda[index as usize];
        let n = fault as usize;
        match turn {
            Turn::Begin => self.begin_fault(n),
            _ if self.chaos.faults[n].times != times => {}
            Turn::Grow => self.grow(n),
            Turn::Grace => self.end_grace(n),
            // It goes on for longer.
            Turn::End if self.chaos.faults[n].until > self.now => {}
            Turn::End => self.end_fault(n),
        }
    }

    fn begin_fault(&mut self, n: usize) {
        let timing = &self.config.chaos[n].timing;
        if let (Some(every), Trigger::At(_) | Trigger::When { .. }) = (timing.every, &timing.trigger) {
            let next = self.now.saturating_add(every.0.max(1));
            if next < self.until {
                self.plan_turn(n, Turn::Begin, next);
            }
        }
        if let ChaosAction::Heal(named) = self.chaos.faults[n].action.clone() {
            return self.heal(n, named.as_ref());
        }
        let until = self.length_of(n).map_or(u64::MAX, |length| self.now.saturating_add(length));
        match self.chaos.faults[n].since {
            // It ends at this very instant, and begins anew.
            Some(_) if self.chaos.faults[n].until == self.now => self.end_fault(n),
            Some(_) => return self.prolong(n, until),
            None => {}
        }
        self.chaos.begun += 1;
        let fault = &mut self.chaos.faults[n];
        (fault.since, fault.until, fault.order) = (Some(self.now), until, self.chaos.begun);
        fault.times += 1;
        fault.record = self.record.faults.len();
        let record =
            FaultRecord { text: fault.text.clone(), at: seconds(self.now), until: seconds(until.min(self.until)) };
        self.record.faults.push(record);
        self.monitor.disturbed = true;
        self.chaos.faults[n].steps = 0;
        self.plan_course(n);
        self.strike(n);
        self.apply_faults();
    }

    fn plan_end(&mut self, n: usize) {
        let until = self.chaos.faults[n].until;
        if until < u64::MAX {
            self.plan_turn(n, Turn::End, until);
        }
    }

    /// Plans the end of a fault, and its ramp.
    fn plan_course(&mut self, n: usize) {
        self.plan_end(n);
        let ramp = self.config.chaos[n].timing.ramp.0;
        for k in (1..=RAMP_STEPS).filter(|_| ramp > 0) {
            let share = u128::from(ramp) * u128::from(k) / u128::from(RAMP_STEPS);
            self.plan_turn(n, Turn::Grow, self.now.saturating_add(share as u64));
        }
    }

    /// A fault that begins once more while it lasts goes on for longer.
    fn prolong(&mut self, n: usize, until: u64) {
        let fault = &mut self.chaos.faults[n];
        if until <= fault.until {
            return;
        }
        fault.until = until;
        self.record.faults[fault.record].until = seconds(until.min(self.until));
        self.plan_end(n);
    }

    /// Ends other faults now.
    fn heal(&mut self, n: usize, named: Option<&Healed>) {
        let now = seconds(self.now);
        let text = self.chaos.faults[n].text.clone();
        self.record.faults.push(FaultRecord { text, at: now, until: now });
        for other in self.healed(named) {
            self.end_fault(other);
        }
        if let Trigger::Random { mttf, .. } = self.config.chaos[n].timing.trigger {
            self.plan_random(n, mttf.0);
        }
    }

    fn length_of(&mut self, n: usize) -> Option<u64> {
        let timing = &self.config.chaos[n].timing;
        if let Trigger::Random { mttr, .. } = timing.trigger {
            return Some((mttr.0 as f64 * self.chaos.faults[n].rng.exponential()) as u64);
        }
        if let ChaosAction::Restart(_, length) = &self.chaos.faults[n].action {
            return Some(length.0);
        }
        match (&self.chaos.faults[n].action, timing.length) {
            (ChaosAction::ClearCache(set), None) => Some(self.refill_time(set)),
            (ChaosAction::Failover(_), None) => Some(ELECTION),
            (_, length) => length.map(|d| d.0),
        }
    }

    /// In what time hit ratios are back where nobody says.
    fn refill_time(&self, set: &ElementSet) -> u64 {
        const MINUTE: u64 = 60_000_000_000;
        let warmup = set.stations.iter().map(|id| self.stations[id.index()].params.warmup).max();
        warmup.filter(|time| *time > 0).unwrap_or(MINUTE)
    }

    fn end_fault(&mut self, n: usize) {
        let fault = &mut self.chaos.faults[n];
        fault.since = None;
        fault.times += 1;
        self.record.faults[fault.record].until = seconds(self.now);
        let replicas = std::mem::take(&mut fault.replicas);
        let graceless = std::mem::take(&mut fault.graceless);
        let action = fault.action.clone();
        let Manner { graceful: is_graceful, cold: is_cold } = self.config.chaos[n].manner;
        if let ChaosAction::Failover(set) = &action {
            // Another is elected before the old one is back.
            each(set, |s| self.stations[s].elections -= 1);
            each(set, |s| self.refresh(s));
        }
        for replica in replicas {
            match action {
                ChaosAction::Pause(_) => self.pause(replica, false),
                ChaosAction::Hang(_) => self.hang(replica, false),
                ChaosAction::Stop(..) => {
                    self.drain(replica, false);
                    if graceless {
                        self.kill(replica, false);
                    }
                }
                ChaosAction::Slow(..) | ChaosAction::Fail(..) | ChaosAction::Throttle(..) => {}
                ChaosAction::Restart(..) if is_graceful => {
                    self.drain(replica, false);
                    self.start_again(self.replicas[replica as usize].station as usize, replica);
                }
                _ => self.kill(replica, false),
            }
            let starts = !matches!(action, ChaosAction::Stop(..)) || graceless;
            if is_cold && starts {
                self.chill(replica);
            }
        }
        self.apply_faults();
        if let Trigger::Random { mttf, .. } = self.config.chaos[n].timing.trigger {
            self.plan_random(n, mttf.0);
        }
    }

    /// What a fault does to replicas at its beginning.
    fn strike(&mut self, n: usize) {
        let action = self.chaos.faults[n].action.clone();
        let replicas = match &action {
            ChaosAction::Kill(set)
            | ChaosAction::Restart(set, _)
            | ChaosAction::Pause(set)
            | ChaosAction::Hang(set)
            | ChaosAction::Stop(set, _) => self.replicas_of(set),
            ChaosAction::Outage(domain) => self.replicas_in(*domain),
            ChaosAction::ClearCache(set) => {
                return each(set, |s| self.stations[s].lru.iter_mut().for_each(Lru::clear));
            }
            ChaosAction::Leak(set, _) => {
                self.chaos.faults[n].rollout = self.replicas_of(set);
                return self.plan_leak(n, 0);
            }
            ChaosAction::FillMemory(set) if self.config.chaos[n].timing.ramp.0 > 0 => {
                self.chaos.faults[n].rollout = self.replicas_of(set);
                return;
            }
            ChaosAction::Deploy(set, _) => {
                self.chaos.faults[n].rollout = self.replicas_of(set);
                return self.roll_out(n);
            }
            ChaosAction::Slow(set, _) | ChaosAction::Fail(set, _) | ChaosAction::Throttle(set, _)
                if set.replicas.is_some() =>
            {
                self.chaos.faults[n].replicas = self.replicas_of(set);
                return;
            }
            ChaosAction::FillMemory(set) => self.replicas_of(set),
            ChaosAction::Failover(set) => {
                let primaries = set.stations.iter().flat_map(|id| self.primaries(id.index())).collect();
                each(set, |s| self.stations[s].elections += 1);
                primaries
            }
            _ => return,
        };
        for &replica in &replicas {
            match &action {
                ChaosAction::Pause(_) => self.pause(replica, true),
                ChaosAction::Hang(_) => self.hang(replica, true),
                ChaosAction::Stop(..) => self.drain(replica, true),
                ChaosAction::Restart(..) if self.config.chaos[n].manner.graceful => self.drain(replica, true),
                _ => self.kill(replica, true),
            }
        }
        if let ChaosAction::Stop(_, grace) = action {
            self.plan_turn(n, Turn::Grace, self.now.saturating_add(grace.0));
        }
        self.chaos.faults[n].replicas = replicas;
    }

    // ---- faults that go in steps

    /// The next step of a fault; what others do at the same time is worked out anew.
    fn grow(&mut self, n: usize) {
        self.chaos.faults[n].steps += 1;
        match self.chaos.faults[n].action.clone() {
            ChaosAction::FillMemory(set) if self.is_full(n) => {
                let replicas = self.filling(n, &set);
                replicas.iter().for_each(|replica| self.kill(*replica, true));
                self.chaos.faults[n].replicas = replicas;
            }
            ChaosAction::Leak(set, _) if self.is_full(n) => self.leaked_out(n, &set),
            ChaosAction::Leak(..) => self.plan_leak(n, 0),
            ChaosAction::Deploy(..) => self.roll_out(n),
            _ => {}
        }
        self.apply_faults();
    }

    /// Whose memory runs out: those that were chosen at the beginning, or all.
    fn filling(&self, n: usize, set: &ElementSet) -> Vec<u32> {
        if set.replicas.is_some() { self.chaos.faults[n].rollout.clone() } else { self.replicas_of(set) }
    }

    fn is_full(&self, n: usize) -> bool {
        u64::from(self.chaos.faults[n].steps) == RAMP_STEPS
    }

    /// Plans the next step of a leak, this much later than it would come.
    fn plan_leak(&mut self, n: usize, later: u64) {
        let ChaosAction::Leak(_, rate) = self.chaos.faults[n].action else { return };
        if rate > 0.0 {
            let step = (1e9 / (rate * RAMP_STEPS as f64)) as u64;
            self.plan_turn(n, Turn::Grow, self.now.saturating_add(later).saturating_add(step.max(1)));
        }
    }

    /// Out of memory: all replicas are killed and start again at once, and the leak with them.
    fn leaked_out(&mut self, n: usize, set: &ElementSet) {
        let replicas = self.filling(n, set);
        replicas.iter().for_each(|replica| self.kill(*replica, true));
        replicas.iter().for_each(|replica| self.kill(*replica, false));
        self.chaos.faults[n].steps = 0;
        let startup = set.stations.iter().map(|id| self.stations[id.index()].params.startup).max();
        self.plan_leak(n, startup.unwrap_or(0));
    }

    /// The next replica of a deployment restarts; it ends what it has.
    fn roll_out(&mut self, n: usize) {
        let fault = &self.chaos.faults[n];
        let Some(&replica) = fault.rollout.get(fault.steps as usize) else { return };
        let s = self.replicas[replica as usize].station as usize;
        self.start_again(s, replica);
        if self.config.chaos[n].manner.cold {
            self.chill(replica);
        }
        self.plan_turn(n, Turn::Grow, self.replicas[replica as usize].ready_at);
    }

    /// Whether a deployment has come to its end.
    pub(super) fn is_rolled_out(&self, n: usize) -> bool {
        let fault = &self.chaos.faults[n];
        fault.steps as usize >= fault.rollout.len()
    }

    /// All replicas of the stations, or the first so many of each that are up.
    fn replicas_of(&self, set: &ElementSet) -> Vec<u32> {
        let of_station = |id: &StationId| {
            let station = &self.stations[id.index()];
            match set.replicas {
                None => station.replicas.clone(),
                Some(part) => station.up.iter().take(part.of(station.up.len())).copied().collect(),
            }
        };
        set.stations.iter().flat_map(of_station).collect()
    }

    pub(super) fn replicas_in(&self, domain: DomainId) -> Vec<u32> {
        let place = |r: &&super::parts::Replica| {
            let domains = &self.architecture.stations[r.station as usize].domains;
            (!domains.is_empty()).then(|| domains[r.ordinal as usize % domains.len()])
        };
        let inside = |at: Option<DomainId>| {
            let mut at = at;
            while let Some(id) = at {
                if id == domain {
                    return true;
                }
                at = self.architecture.domains[id.index()].parent;
            }
            false
        };
        let hit = (0..self.replicas.len()).filter(|n| inside(place(&&self.replicas[*n])));
        hit.map(|n| n as u32).collect()
    }

    /// Works out anew what all active faults do together.
    fn apply_faults(&mut self) {
        let mut stations = vec![StationFaults::default(); self.stations.len()];
        let mut links = vec![LinkFaults::default(); self.links.len()];
        let mut surge = 1.0;
        for n in self.chaos.active() {
            let fault = &self.chaos.faults[n];
            let part = fault.strength(self.config.chaos[n].timing.ramp.0, self.now);
            let (since, until) = (fault.since.unwrap_or(self.now), fault.until);
            let replicas = fault.replicas.iter().map(|replica| &self.replicas[*replica as usize]);
            let hit = |act: &mut dyn FnMut(usize, u32)| {
                replicas.clone().for_each(|at| act(at.station as usize, at.ordinal));
            };
            match &fault.action {
                ChaosAction::ClearCache(set) => each(set, |s| stations[s].clear(since, until)),
                ChaosAction::Slow(set, strength) if set.replicas.is_some() => {
                    hit(&mut |station, ordinal| stations[station].slow_replica(ordinal, *strength, part));
                }
                ChaosAction::Fail(set, share) if set.replicas.is_some() => {
                    hit(&mut |station, ordinal| stations[station].fail_replica(ordinal, share * part));
                }
                ChaosAction::Throttle(set, rate) if set.replicas.is_some() => {
                    hit(&mut |station, ordinal| stations[station].throttle_replica(ordinal, rate / part));
                }
                ChaosAction::Slow(set, strength) => each(set, |s| stations[s].slow(*strength, part)),
                ChaosAction::FillMemory(set) | ChaosAction::Leak(set, _) if set.replicas.is_some() => {
                    for replica in fault.rollout.iter().map(|replica| &self.replicas[*replica as usize]) {
                        stations[replica.station as usize].slow_replica(replica.ordinal, fault.pressure(), 1.0);
                    }
                }
                ChaosAction::FillMemory(set) | ChaosAction::Leak(set, _) => {
                    each(set, |s| stations[s].slow(fault.pressure(), 1.0));
                }
                ChaosAction::FillDisk(set) => each(set, |s| stations[s].disk_full = true),
                ChaosAction::DrainPool(set) => set.links.iter().for_each(|(id, ..)| links[id.index()].drained = true),
                ChaosAction::HotKey(set, share) => each(set, |s| stations[s].heat(share * part)),
                ChaosAction::Fail(set, share) => each(set, |s| stations[s].fail(share * part)),
                // Along a ramp the limit comes down from none at all.
                ChaosAction::Throttle(set, rate) if part > 0.0 => each(set, |s| stations[s].throttle(rate / part)),
                ChaosAction::Poison(set, share) => {
                    each(set, |s| stations[s].poison = either(stations[s].poison, share * part));
                }
                ChaosAction::StopConsumers(set) => each(set, |s| stations[s].undelivered = true),
                ChaosAction::FreezeScaling(set) => each(set, |s| stations[s].frozen = true),
                ChaosAction::Quota(set) => each(set, |s| stations[s].full = true),
                ChaosAction::Duplicate(set, share) => each_request(set, |l| links[l].twice(share * part)),
                ChaosAction::Reorder(set, share, by) => each_request(set, |l| links[l].late(share * part, *by)),
                ChaosAction::Surge(factor) => surge *= 1.0 + (factor - 1.0) * part,
                ChaosAction::Cut(set, share) => {
                    for (id, requests, replies) in &set.links {
                        let link = &mut links[id.index()];
                        link.cut = either(link.cut, if *requests { share * part } else { 0.0 });
                        link.reply_cut = either(link.reply_cut, if *replies { share * part } else { 0.0 });
                    }
                }
                ChaosAction::Delay(set, delay, jitter) => {
                    for (id, requests, replies) in &set.links {
                        let link = &mut links[id.index()];
                        link.delay.add(*delay, *jitter, if *requests { part } else { 0.0 });
                        link.reply_delay.add(*delay, *jitter, if *replies { part } else { 0.0 });
                    }
                }
                _ => {}
            }
        }
        self.links.iter_mut().zip(links).for_each(|(link, faults)| link.change(None, faults));
        self.stations.iter_mut().zip(stations).for_each(|(station, faults)| change_throttle(station, faults));
        self.set_surge(surge);
        let forced = self.apply_settings();
        self.apply_canaries();
        self.apply_scales(&forced);
        // Queues whose consumers are back.
        (0..self.queues.len() as u32).for_each(|q| self.deliver_all(q));
        self.offer_connections();
    }

    // ---- triggers

    /// Looks at the conditions of faults after each second.
    pub(super) fn check_triggers(&mut self) {
        for n in 0..self.chaos.faults.len() {
            let Trigger::When { condition, hold, every_time } = &self.config.chaos[n].timing.trigger else { continue };
            let holds = self.now < self.until && self.holds(condition, &mut self.chaos.faults[n].watch.clone());
            let now = self.now;
            let fault = &mut self.chaos.faults[n];
            if !holds {
                fault.held = None;
                fault.fired &= !every_time;
                continue;
            }
            let since = *fault.held.get_or_insert(now.saturating_sub(1_000_000_000));
            if !fault.fired && now - since >= hold.0 {
                fault.fired = true;
                self.begin_fault(n);
            }
        }
    }

    fn holds(&self, condition: &Condition, watch: &mut usize) -> bool {
        match condition {
            Condition::Compare(left, comparison, right) => {
                let left = self.term(left, watch);
                comparison.holds(left, self.term(right, watch))
            }
            Condition::And(left, right) => self.holds(left, watch) & self.holds(right, watch),
            Condition::Or(left, right) => self.holds(left, watch) | self.holds(right, watch),
            Condition::Not(inner) => !self.holds(inner, watch),
        }
    }

    fn term(&self, term: &Term, watch: &mut usize) -> f64 {
        match term {
            Term::Value(value) => *value,
            Term::Metric(metric, scope) => {
                let last = self.monitor.last(*watch);
                *watch += 1;
                probe::of_second(*metric, *scope, last)
            }
        }
    }
}

/// The scopes that triggers look at, in their order.
pub(super) fn trigger_scopes(config: &crate::model::RunConfig) -> Vec<crate::model::MetricScope> {
    let mut terms = Vec::new();
    for event in &config.chaos {
        if let Trigger::When { condition, .. } = &event.timing.trigger {
            collect(condition, &mut terms);
        }
    }
    terms.into_iter().map(|(_, scope)| scope).collect()
}

/// The relations whose requests are hit.
fn each_request(set: &LinkSet, mut act: impl FnMut(usize)) {
    set.links.iter().filter(|(_, requests, _)| *requests).for_each(|(id, ..)| act(id.index()));
}

fn each(set: &ElementSet, mut act: impl FnMut(usize)) {
    set.stations.iter().for_each(|id| act(id.index()));
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

fn change_throttle(station: &mut super::parts::Station, faults: StationFaults) {
    if faults.throttle != station.faults.throttle {
        station.throttle = faults.throttle.map(Bucket::of_throttle);
    }
    station.apart.change_throttles(&station.faults, &faults);
    station.faults = faults;
    station.classify();
}
