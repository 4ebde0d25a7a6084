//! All stations and calls together: rates down the calls, times back up, until they agree.
//!
//! One round goes down once (traffic equations: who offers how much to whom) and up once (waits,
//! replies, calls). Without retries on timeouts, held workers or loops of calls the second round only
//! confirms the first; with them the rounds climb to the least fixed point.

mod down;
mod gates;
mod laws;

use super::answer::{Basis, Source, Why};
use super::call::{HARDLY_LATE, Made, Manner, Outcome, Reply};
use super::graph::{Edge, Graph};
use super::law::Law;
use super::lru::Lru;
use super::moments::Moments;
use super::queue::Waiting;
use super::station::{Demand, HARDLY_WAITS, Place};
use crate::model::{CacheMode, CachePolicy, Delivery, Dist, RetryOn, RetryPolicy, RunConfig, StationBehavior};
use std::cell::Cell;

/// Rounds before it is given up.
const ROUNDS: usize = 200;
/// Relative change at which the rounds end.
const SETTLED: f64 = 1e-9;

/// A visit in the course of an evaluation.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    /// Attempts that arrive, 1/s.
    pub rate: f64,
    /// Of those, first attempts below first attempts.
    pub primary: f64,
    /// Own work of a miss.
    service: Moments,
    /// Time of a hit.
    hit: Moments,
    /// Share of hits.
    pub hits: f64,
    /// How far the share of misses may be off, relative.
    doubt: f64,
    /// Own work, hits of a cache included.
    pub work: Moments,
    /// How it answers.
    pub reply: Reply,
    /// Its calls.
    pub after: Outcome,
    /// Why its time is unknown.
    pub why: Option<Why>,
    /// Why only the mean of its time is known.
    pub tail: Option<Why>,
    /// What its mean time rests on.
    pub basis: Basis,
    /// Whether the law of its time needs no fit.
    is_lawful: bool,
    /// How far the instants of its replies deviate from a Poisson process that asks.
    pub deviation: f64,
    /// Share of its time that belongs to contended stations, as their number.
    pub contended: u32,
    /// Rates from callees that come before it in the order: of the round before.
    carry: [f64; 2],
}

impl Visit {
    fn hit_so_often(&mut self, share: f64) {
        self.hits = share;
        self.work = Moments::either(1.0 - share, self.service, self.hit);
    }
}

/// A call in the course of an evaluation.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    /// Chance that it is come to, once its caller's own work is done well.
    pub reach: f64,
    /// Calls, 1/s.
    pub rate: f64,
    /// First calls below first attempts, 1/s.
    pub primary: f64,
    /// What comes of one.
    pub made: Made,
    /// Squared coefficient of variation of the gaps between them, and their deviation from a Poisson process.
    gaps: f64,
    deviation: f64,
    /// Why nothing is known of that.
    unknown: Option<Why>,
}

/// A model under evaluation.
pub(super) struct Network<'a> {
    pub graph: Graph<'a>,
    pub config: &'a RunConfig,
    pub visits: Vec<Visit>,
    pub flows: Vec<Flow>,
    pub places: Vec<Place<'a>>,
    /// Reached visits of each station.
    members: Vec<Vec<usize>>,
    /// Place of each visit in the order.
    positions: Vec<usize>,
    /// Of stations that keep the latest keys.
    caches: Vec<Option<Lru>>,
    /// What is behind the connections of calls to each place.
    behind: Vec<gates::Behind>,
    /// The wait of each call for its connection; empty where none needs one.
    gates: Vec<Waiting>,
    /// Attempts by each relation, 1/s; empty where none needs connections.
    asked: Vec<f64>,
    extra: Moments,
    /// Waits are given, not worked out.
    is_frozen: bool,
    /// Visits whose law may still be put together; the others are fitted. Paths may be more than can be counted.
    laws_left: Cell<u32>,
}

const NOT_MADE: Made = Made {
    attempts: 1.0,
    outcome: Outcome::NOTHING,
    late: 0.0,
    basis: Basis { source: Source::Delay, error: 0.0 },
    why: None,
    flow: None,
    elsewhere: 0.0,
    sent: 1.0,
};

impl<'a> Network<'a> {
    pub fn new(graph: Graph<'a>, config: &'a RunConfig) -> Self {
        let visit = Visit {
            rate: 0.0,
            primary: 0.0,
            service: Moments::ZERO,
            hit: Moments::ZERO,
            hits: 0.0,
            doubt: 0.0,
            work: Moments::ZERO,
            is_lawful: false,
            reply: Reply::AT_ONCE,
            after: Outcome::NOTHING,
            why: None,
            tail: None,
            basis: Basis::exact(Source::Delay),
            deviation: 0.0,
            contended: 0,
            carry: [0.0; 2],
        };
        let flow =
            Flow { reach: 1.0, rate: 0.0, primary: 0.0, made: NOT_MADE, gaps: 1.0, deviation: 0.0, unknown: None };
        let stations = graph.architecture.stations.iter().enumerate();
        let all = graph.architecture.stations.len() + graph.sources;
        let calls = || graph.architecture.calls.iter().map(|call| &call.behavior);
        let is_gated = calls().any(|behavior| behavior.pool.is_some() || behavior.bulkhead.is_some());
        let sources = (graph.architecture.stations.len()..all).map(|n| Place::source(n, graph.ranks));
        let mut network = Self {
            visits: vec![visit; graph.nodes.len()],
            flows: vec![flow; graph.edges.len()],
            caches: graph.architecture.stations.iter().map(|station| lru(&station.behavior)).collect(),
            places: stations.map(|(n, station)| Place::new(n, station, graph.ranks)).chain(sources).collect(),
            members: vec![Vec::new(); all],
            gates: vec![Waiting::NONE; if is_gated { graph.edges.len() } else { 0 }],
            asked: vec![0.0; if is_gated { graph.architecture.calls.len() } else { 0 }],
            behind: vec![gates::Behind::Calm; all],
            positions: vec![usize::MAX; graph.nodes.len()],
            extra: Moments::constant(config.latency.seconds()),
            is_frozen: false,
            laws_left: Cell::new(0),
            graph,
            config,
        };
        for n in 0..network.graph.order.len() {
            network.add_member(network.graph.order[n]);
            network.positions[network.graph.order[n]] = n;
        }
        for station in 0..network.places.len() {
            network.places[station].is_exponential = network.has_one_exponential(station);
        }
        network
    }

    fn add_member(&mut self, node: usize) {
        let station = self.graph.nodes[node].station;
        self.members[station].push(node);
        self.add_work(node);
        let place = &mut self.places[station];
        place.holds |= place.is_blocking() && !self.graph.nodes[node].calls.is_empty();
    }

    /// Whether all visits of a station take the same exponential time.
    fn has_one_exponential(&self, station: usize) -> bool {
        let Some(first) = self.members[station].first() else { return false };
        let mean = self.visits[*first].work.mean;
        let is_same = |node: &usize| (self.visits[*node].work.mean - mean).abs() <= 1e-12 * mean;
        self.members[station].iter().all(|node| self.is_exponential(*node) && is_same(node))
    }

    fn service(&self, node: usize) -> &'a Dist {
        let node = &self.graph.nodes[node];
        node.service.unwrap_or(&self.places[node.station].behavior.service_time)
    }

    /// The cache of a visit's station.
    fn cache(&self, node: usize) -> Option<&'a CachePolicy> {
        self.places[self.graph.nodes[node].station].behavior.cache.as_ref()
    }

    fn add_work(&mut self, node: usize) {
        if self.places[self.graph.nodes[node].station].is_queue {
            return;
        }
        let service = Moments::of(self.service(node));
        let hit = self.cache(node).map_or(Moments::ZERO, |policy| Moments::of(&policy.hit_time));
        let hits = match self.cache(node).map(|policy| &policy.mode) {
            Some(CacheMode::HitRatio(ratio)) => *ratio,
            _ => 0.0,
        };
        let visit = &mut self.visits[node];
        (visit.service, visit.hit) = (service, hit);
        visit.hit_so_often(hits);
    }

    /// Hits of a cache of the latest keys, by what reaches it and how long its misses took in the round before.
    fn look_up(&mut self, node: usize) {
        let station = self.graph.nodes[node].station;
        let Some(lru) = self.caches.get(station).and_then(Option::as_ref) else { return };
        let (visit, place) = (&self.visits[node], &self.places[station]);
        let wait = place.waits[self.graph.nodes[node].rank].mean();
        let hits = lru.hits(place.inflow.rate, wait + visit.service.mean + visit.after.good.mean);
        let fails = 1.0 - visit.after.success * (1.0 - self.errors(station));
        let doubt = lru.error();
        let what = match () {
            () if fails > 0.01 => Some("misses that fail leave nothing in its cache"),
            () if place.behavior.coalesce && hits.beside > 1e-3 => Some("misses of one key share a fetch"),
            () => None,
        };
        self.places[station].cold = what.map(|what| Why::Station(station as u32, what));
        self.visits[node].hit_so_often(hits.ratio);
        self.visits[node].doubt = doubt;
    }

    fn is_exponential(&self, node: usize) -> bool {
        let service = self.service(node);
        let is_used = |policy: &CachePolicy| !matches!(policy.mode, CacheMode::HitRatio(ratio) if ratio <= 0.0);
        let hits = self.cache(node).is_none_or(|policy| !is_used(policy) || policy.hit_time == *service);
        hits && matches!(service, Dist::Exponential { .. })
    }

    /// Whether a place is a source that makes calls itself.
    fn is_source(&self, station: usize) -> bool {
        station >= self.graph.architecture.stations.len()
    }

    /// Share of requests that fail at a station after their work.
    fn errors(&self, station: usize) -> f64 {
        let own = self.places[station].behavior.errors;
        if self.places[station].is_queue || self.is_source(station) {
            0.0
        } else {
            1.0 - (1.0 - own) * (1.0 - self.config.failures)
        }
    }

    /// Rounds until nothing moves; `load` is offered to all request types together, 1/s.
    pub fn solve(&mut self, load: f64) -> Result<(), Why> {
        for round in 0..ROUNDS {
            let before = self.fingerprint();
            self.down(load);
            self.up();
            let after = self.fingerprint();
            if round > 0 && (after - before).abs() <= SETTLED * after.abs() {
                return Ok(());
            }
            if !after.is_finite() {
                break;
            }
        }
        Err(Why::Run("rates and times do not settle: calls feed on each other"))
    }

    /// Changes whenever anything does: one number instead of a copy of everything.
    fn fingerprint(&self) -> f64 {
        let visit = |(n, v): (usize, &Visit)| {
            let unknown = f64::from(u8::from(v.why.is_some()));
            (1.0 + 1e-3 * n as f64)
                * (unknown + v.rate + v.reply.success + v.deviation + v.reply.good.mean * v.rate.max(1.0))
        };
        let unknown = self.places.iter().filter(|place| place.why.is_some()).count() as f64;
        let entry = |edge: usize| self.flows[edge].made.sent + self.flows[edge].made.outcome.good.mean;
        let entries = self.graph.entries.iter().map(|edge| entry(*edge)).sum::<f64>();
        unknown + entries + self.visits.iter().enumerate().map(visit).sum::<f64>()
    }

    // ---- closed loops

    /// Whether some cache depends on how fast it is asked.
    pub fn forgets(&self) -> bool {
        self.caches.iter().flatten().any(Lru::forgets)
    }

    /// Whether anything is sent that is not waited for alone.
    pub fn has_forks(&self) -> bool {
        let forks = |edge: &Edge| edge.parallel || edge.asynchronous || edge.delivery;
        let calls = |node: &usize| self.graph.edges[self.graph.nodes[*node].calls.clone()].iter().any(forks);
        self.graph.order.iter().any(calls)
    }

    /// Takes the waits of stations as they are, all rates `factor` times as high, and works out the replies.
    pub fn freeze(&mut self, factor: f64) {
        self.is_frozen = true;
        for visit in &mut self.visits {
            visit.rate *= factor;
            visit.primary *= factor;
        }
        for flow in &mut self.flows {
            flow.rate *= factor;
            flow.primary *= factor;
        }
        for place in &mut self.places {
            place.inflow.rate *= factor;
            place.utilization *= factor;
            place.demands.iter_mut().for_each(|demand| demand.rate *= factor);
        }
        self.ask();
        self.up();
    }

    // ---- up: waits, replies, calls

    fn up(&mut self) {
        for at in 0..self.graph.order.len() {
            let node = self.graph.order[at];
            self.visit(node);
        }
        for n in 0..self.graph.entries.len() {
            let edge = self.graph.entries[n];
            if self.graph.shares[n] > 0.0 {
                self.flows[edge].made = self.made(edge);
            }
        }
    }

    fn visit(&mut self, node: usize) {
        let (mut why, mut tail, mut basis) = (None, None, Basis::exact(Source::Delay));
        let (mut deviation, mut contended, mut is_lawful) = (0.0, 0, Law::knows(self.service(node)));
        let calls = self.graph.nodes[node].calls.clone();
        let mut after = Outcome::NOTHING;
        let mut at = calls.start;
        while at < calls.end {
            let end = self.group(at, calls.end);
            let group = self.together(at, end, after.success);
            for edge in at..end {
                let call = &self.graph.edges[edge];
                if call.asynchronous || call.delivery {
                    continue;
                }
                let below = &self.visits[call.to];
                why = why.or(self.flows[edge].made.why);
                basis = basis.and(self.flows[edge].made.basis);
                tail = tail.or(self.late_tail(edge)).or(below.tail);
                contended += below.contended + u32::from(self.queues(edge));
                deviation = f64::max(deviation, f64::from(u8::from(self.queues(edge))));
                is_lawful &= below.is_lawful && self.flows[edge].made.attempts <= 1.0 + 1e-6;
                let joins = end - at > 1 || (call.parallel && call.calls > 1);
                deviation = f64::max(deviation, if joins && below.contended > 0 { 1.0 } else { below.deviation });
                if joins && below.contended > 0 {
                    basis = basis.and(Basis::within(Source::ForkJoin, 0.2));
                }
            }
            after = after.then(&group);
            at = end;
        }
        let visit = &mut self.visits[node];
        visit.after = after;
        self.look_up(node);
        self.settle(node);
        if self.visits[node].doubt > 0.0 {
            basis = basis.and(Basis::within(Source::Che, self.visits[node].doubt));
        }
        let station = self.graph.nodes[node].station;
        let place = &self.places[station];
        let own = place.waits[self.graph.nodes[node].rank].basis;
        // Callers of a queue do not wait for its consumers.
        let waited = if place.is_queue { Basis::exact(Source::Delay) } else { own };
        let why = if place.is_queue { None } else { place.why.or(why) };
        let tail = if place.is_queue { None } else { tail.or(place.tail()) };
        let deviation = deviation.max(place.deviation());
        let contended = contended + u32::from(place.is_contended() && !place.is_queue);
        let waiting = &place.waits[self.graph.nodes[node].rank];
        is_lawful &=
            waiting.share_waiting() <= 0.0 || waiting.shape.is_some() || (waiting.delay.scv() - 1.0).abs() < 1e-9;
        let reply = self.reply(node);
        let visit = &mut self.visits[node];
        (visit.reply, visit.is_lawful) = (reply, is_lawful);
        (visit.why, visit.tail, visit.basis) = (why, tail, waited.and(basis));
        (visit.deviation, visit.contended) = (deviation, contended);
    }

    /// Percentiles of a call that is sometimes late are not those of the rest, nor those of one that waits for a connection.
    pub fn late_tail(&self, edge: usize) -> Option<Why> {
        let late = self.flows[edge].made.late > 1e-3;
        let late = late.then_some(Why::Call(self.graph.edges[edge].call as u32, "some of its attempts are late"));
        late.or(self.wild(edge))
    }

    /// End of the group of calls made at the same time that begins at `at`.
    fn group(&self, at: usize, end: usize) -> usize {
        let is_parallel = |edge: &Edge| edge.parallel && !edge.asynchronous && !edge.delivery;
        let calls = &self.graph.edges;
        if !is_parallel(&calls[at]) {
            return at + 1;
        }
        (at + 1..end).find(|n| !is_parallel(&calls[*n])).unwrap_or(end)
    }

    /// What comes of a group of calls that is come to with chance `reach`.
    fn together(&mut self, at: usize, end: usize, reach: f64) -> Outcome {
        for edge in at..end {
            self.flows[edge].reach = reach;
            self.flows[edge].made = self.made(edge);
        }
        let call = &self.graph.edges[at];
        if call.asynchronous || call.delivery {
            return Outcome::NOTHING;
        }
        let joined = end - at > 1 || (call.parallel && call.mean_calls() > call.probability);
        if joined {
            return self.joined(at, end);
        }
        let one = self.flows[at].made.outcome;
        one.repeated(call.calls).geometric(call.repeat).maybe(call.probability)
    }

    /// All calls of a group side by side: the slowest decides, whatever the others' success.
    fn joined(&self, at: usize, end: usize) -> Outcome {
        let mut success = 1.0;
        let mut laws = Vec::with_capacity(end - at);
        self.laws_left.set(64);
        for edge in at..end {
            let call = &self.graph.edges[edge];
            let outcome = self.flows[edge].made.outcome;
            let times = (f64::from(call.calls) * call.repeat).round().max(1.0);
            success *= 1.0 - call.probability * (1.0 - outcome.success.powf(times));
            laws.push((self.call_law(edge, 0).chance(call.probability), times.min(1e6) as u32));
        }
        let good = Law::longest(&laws).moments();
        Outcome { success, good, bad: good }
    }

    fn manner(&self, call: &Edge) -> Manner<'_> {
        let behavior = self.graph.behavior(call);
        let network = if call.begins { Moments::ZERO } else { Moments::of(&behavior.latency).plus(self.extra) };
        if !call.delivery {
            let timeout = behavior.timeout.map(|d| d.seconds());
            let retry = behavior.retry.filter(|retry| retry.count > 0);
            return Manner { behavior, call: call.call as u32, network, timeout, retry, gate: &Waiting::NONE };
        }
        let crate::model::Entry::Station(queue) = self.graph.architecture.calls[call.call].from else {
            let (call, gate) = (call.call as u32, &Waiting::NONE);
            return Manner { behavior, call, network, timeout: None, retry: None, gate };
        };
        let rules = &self.graph.architecture.station(queue).behavior.queue_behavior;
        let again = rules.delivery == Delivery::AtLeastOnce;
        let count = if again { rules.max_deliveries.saturating_sub(1) } else { 0 };
        let retry = RetryPolicy { count, on: RetryOn::default(), ..RetryPolicy::default() };
        Manner {
            behavior,
            call: call.call as u32,
            network,
            timeout: Some(rules.visibility.seconds()),
            retry: Some(retry),
            gate: &Waiting::NONE,
        }
    }

    /// What comes of one call, its fallback included.
    fn made(&mut self, edge: usize) -> Made {
        let connection = self.connection(edge);
        if let Some(gate) = self.gates.get_mut(edge) {
            *gate = connection.ok().flatten().unwrap_or(Waiting::NONE);
        }
        let call = &self.graph.edges[edge];
        let below = &self.visits[call.to];
        let mut made = Manner { gate: self.gate_of(edge), ..self.manner(call) }.make(&below.reply);
        let objection = made.why.or(connection.err()).or(self.storm(edge, &made));
        let behavior = self.graph.behavior(call);
        let may_repeat = behavior.timeout.is_some() || behavior.breaker.is_some() || below.reply.success < 1.0;
        made.flow = objection.or(below.why.filter(|_| may_repeat));
        made.why = below.why.or(objection);
        made.basis = below.basis.and(made.basis);
        if let Some(to) = call.fallback.filter(|_| made.outcome.success < 1.0) {
            let other = &self.visits[to];
            let round = self.extra.plus(self.extra);
            let reply = &other.reply;
            let instead = Outcome { success: reply.success, good: round.plus(reply.good), bad: round.plus(reply.bad) };
            let own = made.outcome;
            let mut good = Moments::ZERO;
            good.mix(own.success, own.good);
            good.mix((1.0 - own.success) * instead.success, own.bad.plus(instead.good));
            let success = own.success + (1.0 - own.success) * instead.success;
            made.elsewhere = 1.0 - own.success;
            made.outcome = Outcome { success, good: good.normalised(success), bad: own.bad.plus(instead.bad) };
            made.why = made.why.or(other.why);
            made.basis = made.basis.and(other.basis);
        }
        made
    }

    /// The wait of a call for a connection.
    pub fn gate_of(&self, edge: usize) -> &Waiting {
        self.gates.get(edge).unwrap_or(&Waiting::NONE)
    }

    /// Whether calls wait for connections.
    pub fn queues(&self, edge: usize) -> bool {
        self.gate_of(edge).share_waiting() > HARDLY_WAITS
    }

    /// Further attempts after timeouts may keep a station busy that would be calm without them: there is a second fixed
    /// point, and a run may come to it by chance (Bronson et al., Metastable failures in distributed systems, 2021).
    fn storm(&self, edge: usize, made: &Made) -> Option<Why> {
        let call = &self.graph.edges[edge];
        let retry = self.manner(call).retry.filter(|retry| retry.on.timeout && !call.delivery)?;
        let all_late = self.places[self.graph.nodes[call.to].station].utilization * f64::from(retry.count + 1);
        let stormy = made.late > 1e-5 && all_late >= made.attempts;
        stormy.then_some(Why::Call(call.call as u32, "further attempts after timeouts may feed on each other"))
    }

    /// Brings the waits of a visit's station up to date.
    fn settle(&mut self, node: usize) {
        let station = self.graph.nodes[node].station;
        if self.is_frozen {
            return;
        }
        if self.places[station].is_queue {
            return self.settle_queue(station);
        }
        let mut demands = std::mem::take(&mut self.places[station].demands);
        demands.fill(Demand::default());
        for &member in &self.members[station] {
            let demand = &mut demands[self.graph.nodes[member].rank];
            let rate = self.visits[member].rate;
            let held = self.held(member);
            if demand.rate + rate > 0.0 {
                demand.held = Moments::either(demand.rate / (demand.rate + rate), demand.held, held);
            }
            demand.rate += rate;
        }
        let place = &mut self.places[station];
        place.demands = demands;
        place.settle();
        self.join(station);
    }

    /// Time for which a worker is held.
    fn held(&self, node: usize) -> Moments {
        let visit = &self.visits[node];
        let station = self.graph.nodes[node].station;
        if !self.places[station].is_blocking() || self.graph.nodes[node].calls.is_empty() {
            return visit.work;
        }
        let calls = Moments::either(1.0 - self.errors(station), visit.after.all(), Moments::ZERO);
        Moments::either(1.0 - visit.hits, visit.service.plus(calls), visit.hit)
    }

    /// Messages wait in the queue until a consumer has a free worker.
    fn settle_queue(&mut self, station: usize) {
        let rate: f64 = self.members[station].iter().map(|n| self.visits[*n].rate).sum();
        self.places[station].demands.fill(Demand::default());
        self.places[station].demands[0] = Demand { rate, held: Moments::ZERO };
        self.places[station].settle();
        if self.places[station].why.is_some() || rate <= 0.0 {
            return;
        }
        match self.consumers(station) {
            Ok(waiting) => self.places[station].waits.fill(waiting),
            Err(why) => self.places[station].why = Some(why),
        }
    }

    fn consumers(&self, station: usize) -> Result<super::queue::Waiting, Why> {
        let topic = self.graph.architecture.elements[self.graph.architecture.stations[station].element.index()]
            .kind
            .eq_ignore_ascii_case("topic");
        let Some(&node) = self.members[station].first() else { return Ok(super::queue::Waiting::NONE) };
        let calls = self.graph.nodes[node].calls.clone();
        if self.members[station].iter().any(|n| self.graph.nodes[*n].calls != calls) {
            return Err(Why::Station(station as u32, "flows deliver its messages in different ways"));
        }
        if calls.len() > 1 && !topic {
            return Err(Why::Station(station as u32, "several consumers share its messages"));
        }
        let mut waiting = super::queue::Waiting::NONE;
        for edge in calls {
            let call = &self.graph.edges[edge];
            if let Some(why) = self.flows[edge].made.why {
                return Err(why);
            }
            let network = Moments::of(&self.graph.behavior(call).latency).plus(self.extra);
            waiting = self.places[self.graph.nodes[call.to].station].handed_wait(network)?;
        }
        Ok(waiting)
    }

    /// How a visit answers.
    fn reply(&self, node: usize) -> Reply {
        let station = self.graph.nodes[node].station;
        let place = &self.places[station];
        if place.is_queue {
            return Reply::AT_ONCE;
        }
        let visit = &self.visits[node];
        let waiting = &place.waits[self.graph.nodes[node].rank];
        let wait = waiting.moments();
        let let_in = 1.0 - waiting.refused - waiting.given_up;
        let (errors, after) = (self.errors(station), &visit.after);
        let (missed, hit) = (self.stretched(place, visit.service), self.stretched(place, visit.hit));
        let ratio = visit.hits;
        let ends_well = ratio + (1.0 - ratio) * after.success;
        let hits_of_good = if ends_well > 0.0 { ratio / ends_well } else { 0.0 };
        let good = wait.plus(Moments::either(hits_of_good, hit, missed.plus(after.good)));
        let mut bad = Moments::ZERO;
        bad.mix(let_in * errors, wait.plus(Moments::either(ratio, hit, missed)));
        bad.mix(let_in * (1.0 - errors) * (1.0 - ratio) * (1.0 - after.success), wait.plus(missed).plus(after.bad));
        bad.mix(waiting.given_up, wait);
        let success = let_in * (1.0 - errors) * ends_well;
        let failed = 1.0 - success - waiting.refused;
        Reply { success, refused: waiting.refused, good, bad: bad.normalised(failed) }
    }

    /// Under processor sharing, work takes longer, and its length varies (M/M/1-PS: Coffman, Muntz and Trotter, 1970).
    fn stretched(&self, place: &Place, work: Moments) -> Moments {
        if place.stretch <= 1.0 {
            return work;
        }
        let rho = 1.0 - place.stretch.recip();
        let mean = work.mean * place.stretch;
        let scv = (2.0 + rho) / (2.0 - rho);
        Moments::mean_scv(mean, scv.max(work.scv()))
    }
}

fn lru(behavior: &StationBehavior) -> Option<Lru> {
    match behavior.cache.as_ref()?.mode {
        CacheMode::Lru { entries, keys, ttl } => Some(Lru::new(entries, keys, ttl.map(|ttl| ttl.seconds()))),
        CacheMode::HitRatio(_) => None,
    }
}
