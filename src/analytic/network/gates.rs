//! Connections of pools and places of bulkheads: which calls have to wait for one, and for how long.

use super::*;
use crate::analytic::centre::MOST_STEPS;
use crate::analytic::gate::{Callee, Gate};
use crate::analytic::station::NEARLY_POISSON;
use crate::model::Entry;

/// What calls to a station find behind their connections.
#[derive(Debug, Clone, Copy)]
pub(super) enum Behind {
    /// Hardly anybody waits there.
    Calm,
    /// The only relation that leads there was taken together with it: the wait for its connections.
    Joined(Waiting),
    /// Neither.
    Unknown(Why),
}

impl<'a> Network<'a> {
    /// The connections that calls of a relation may have to wait for; `None` where there are always some.
    fn gate(&self, edge: usize) -> Option<Gate> {
        let call = &self.graph.edges[edge];
        let behavior = self.graph.behavior(call);
        if behavior.pool.is_none() && behavior.bulkhead.is_none() {
            return None;
        }
        let gate = Gate {
            rate: self.asked[call.call] / self.callers(call),
            size: behavior.pool.map_or(u32::MAX, |pool| pool.size).max(1),
            most: behavior.bulkhead.map(|most| most.max(1)),
            limit: behavior.pool.and_then(|pool| pool.wait).map(|wait| wait.seconds()),
        };
        let from = self.caller(call);
        let one_each = from.filter(|place| place.is_blocking() && !call.parallel && !call.asynchronous);
        if one_each.and_then(|place| place.workers()).is_some_and(|workers| workers <= gate.width()) {
            return None;
        }
        // Practically never so many under way.
        let flight = gate.rate * self.held_for(edge).mean;
        let roomy = flight + 6.0 * flight.sqrt() + 6.0 < f64::from(gate.width());
        (!roomy).then_some(gate)
    }

    fn caller(&self, call: &Edge) -> Option<&Place<'a>> {
        match self.graph.architecture.calls[call.call].from {
            Entry::Station(station) => Some(&self.places[station.index()]),
            Entry::Source(_) => None,
        }
    }

    fn callers(&self, call: &Edge) -> f64 {
        f64::from(self.caller(call).map_or(1, Place::replicas))
    }

    /// Attempts by each relation, 1/s, where some need connections.
    pub(super) fn ask(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        self.asked.fill(0.0);
        let edges = self.graph.edges.iter().zip(&self.flows);
        edges.filter(|(edge, _)| !edge.begins).for_each(|(edge, f)| {
            if let Some(asked) = self.asked.get_mut(edge.call) {
                *asked += f.rate * f.made.attempts;
            }
        });
    }

    /// Time for which an attempt has its connection.
    fn held_for(&self, edge: usize) -> Moments {
        let call = &self.graph.edges[edge];
        let reply = &self.visits[call.to].reply;
        let there = Moments::either(reply.success, reply.good, reply.bad);
        let network = Moments::of(&self.graph.behavior(call).latency).plus(self.extra);
        network.plus(network).plus(there)
    }

    /// The wait of a call for its connection, where it may have to.
    pub(super) fn connection(&self, edge: usize) -> Result<Option<Waiting>, Why> {
        let Some(gate) = self.gate(edge) else { return Ok(None) };
        let (call, flow) = (&self.graph.edges[edge], &self.flows[edge]);
        let why = |what| Err(Why::Call(call.call as u32, what));
        match self.behind[self.graph.nodes[call.to].station] {
            _ if self.is_frozen => why("its connections may be few for a closed loop"),
            _ if call.delivery => why("messages ask for its connections"),
            _ if call.parallel && call.mean_calls() > 1.0 => why("parallel calls ask for its connections together"),
            _ if flow.unknown.is_some() => why("bursts ask for its connections"),
            Behind::Unknown(why) => Err(why),
            Behind::Joined(waiting) => Ok(Some(waiting)),
            Behind::Calm => {
                let gaps = if flow.deviation <= NEARLY_POISSON { 1.0 } else { flow.gaps };
                let waiting = gate.before_calm(self.held_for(edge), gaps).map_err(|most| self.narrow(call, most))?;
                Ok(Some(self.resting(waiting, edge, &gate)))
            }
        }
    }

    fn narrow(&self, call: &Edge, most: f64) -> Why {
        Why::Narrow(call.call as u32, self.asked[call.call], most * self.callers(call))
    }

    /// What a wait before a calm callee rests on. Callers whose workers wait are fewer than the formula takes.
    fn resting(&self, waiting: Waiting, edge: usize, gate: &Gate) -> Waiting {
        let hold = self.held_for(edge);
        let spread = if (hold.scv() - 1.0).abs() < 1e-9 { 0.0 } else { 0.2 };
        let own = if gate.refuses() && waiting.delay.mean > 0.0 { spread } else { waiting.basis.error };
        let error = own.max(self.rough(edge));
        let place = &self.places[self.graph.nodes[self.graph.edges[edge].to].station];
        let used = gate.rate * hold.mean / f64::from(gate.width());
        place.in_doubt(Waiting { basis: Basis::within(Source::Connections, error), ..waiting }, used)
    }

    /// Error of the arrivals at a gate.
    fn rough(&self, edge: usize) -> f64 {
        let flow = &self.flows[edge];
        let limited = self.caller(&self.graph.edges[edge]).is_some_and(|place| place.is_blocking());
        let arrivals = if flow.deviation <= 0.0 {
            0.0
        } else if flow.deviation <= NEARLY_POISSON {
            0.05
        } else {
            0.25
        };
        if limited { 0.25 } else { arrivals }
    }

    /// Why only the mean of a wait for a connection is known.
    pub(super) fn wild(&self, edge: usize) -> Option<Why> {
        let call = &self.graph.edges[edge];
        let station = self.graph.nodes[call.to].station;
        let is_wild =
            self.places[station].demand().held.scv() > 1.1 && matches!(self.behind[station], Behind::Joined(_));
        let what = "of connections to widely spread work only means are known";
        (is_wild && self.queues(edge)).then_some(Why::Call(call.call as u32, what))
    }

    /// Takes a station that has just been settled together with the connections of the calls to it.
    pub(super) fn join(&mut self, station: usize) {
        self.behind[station] = Behind::Calm;
        let Some((edge, only)) = self.places[station].inflow.via else { return };
        let place = &self.places[station];
        let Some(gate) = self.gate(edge) else { return };
        let callers = self.callers(&self.graph.edges[edge]);
        let enough = |workers| f64::from(gate.width()) * callers <= f64::from(workers) && place.replicas() == 1;
        let is_saturated = matches!(place.why, Some(Why::Saturated(..)));
        if place.workers().is_none_or(enough) || place.is_queue {
            if only && (is_saturated || place.why.is_none()) {
                // No more come at a time than there are workers.
                self.places[station].calm();
            }
            return;
        }
        let is_crowded = place.why.is_none() && place.is_contended();
        if !is_saturated && !is_crowded {
            return;
        }
        self.behind[station] = self.joined_with(station, edge, only, &gate);
    }

    fn joined_with(&mut self, station: usize, edge: usize, only: bool, gate: &Gate) -> Behind {
        let call = self.graph.edges[edge].call as u32;
        let place = &self.places[station];
        let as_one = place.replicas() == 1 || place.behavior.balance == crate::model::Balance::LeastConnections;
        let plain = only && as_one && !place.shares() && !place.is_limited() && place.demands.len() == 1;
        if !plain {
            return Behind::Unknown(Why::Call(
                call,
                "its connections lead to a queue that others use, too, or a bounded one",
            ));
        }
        let callers = self.callers(&self.graph.edges[edge]);
        let all = |n: u32| (f64::from(n) * callers) as u32;
        let (Some(workers), demand) = (place.workers(), place.demand()) else { return Behind::Calm };
        let callee = Callee {
            workers: workers.saturating_mul(place.replicas()),
            service: demand.held.mean,
            beside: self.beside(edge, station),
        };
        if u64::from(callee.workers.min(all(gate.width()))) * u64::from(all(gate.width())) > MOST_STEPS {
            return Behind::Unknown(Why::Call(call, "more connections than are counted one by one"));
        }
        let whole = Gate { rate: gate.rate * callers, size: all(gate.size), most: gate.most.map(all), ..*gate };
        let passed = match whole.before(&callee) {
            Ok(passed) => passed,
            Err(most) => return Behind::Unknown(Why::Narrow(call, whole.rate, most)),
        };
        let exponential = place.is_exponential && !place.holds;
        let scv = if exponential { 1.0 } else { demand.held.scv() };
        let plain = exponential && callee.beside <= 0.0 && callers == 1.0 && place.replicas() == 1;
        let error = if plain {
            0.0
        } else if scv <= 1.0 {
            0.15
        } else {
            0.25
        };
        let basis = Basis::within(Source::Connections, f64::max(error, self.rough(edge)));
        let (mean, probability) = passed.behind;
        let there = callee.service + mean;
        let (before, behind) =
            shared_out((passed.gate.mean(), mean), (scv, there / (there + callee.beside)), gate.refuses());
        let delay = Moments::exponential(behind / probability.max(1e-12));
        let place = &mut self.places[station];
        let waiting = place.in_doubt(Waiting { probability, delay, basis, ..Waiting::NONE }, place.utilization);
        place.waits.fill(waiting);
        let basis = waiting.basis;
        self.places[station].why = None;
        let delay = if passed.gate.mean() > 0.0 {
            passed.gate.delay.stretched(before / passed.gate.mean())
        } else {
            Moments::ZERO
        };
        Behind::Joined(Waiting { delay, basis, ..passed.gate })
    }

    /// Time on the way, and at a station that holds no worker for its own calls, theirs.
    fn beside(&self, edge: usize, station: usize) -> f64 {
        let latency = self.graph.behavior(&self.graph.edges[edge]).latency.mean() + self.extra.mean;
        if self.places[station].is_blocking() {
            return 2.0 * latency;
        }
        let visits = self.members[station].iter().map(|node| &self.visits[*node]);
        let (mut rate, mut after) = (0.0, 0.0);
        for visit in visits {
            rate += visit.rate;
            after += visit.rate * (1.0 - visit.hits) * (1.0 - self.errors(station)) * visit.after.all().mean;
        }
        2.0 * latency + if rate > 0.0 { after / rate } else { 0.0 }
    }
}

/// Waits by exponential service at a gate and behind it, for service of another variance: both together take the factor of
/// M/G/c, unless some are refused; only the part of the time that a connection is held at the callee varies. Behind the
/// gate waits are bounded by its width, so that the factor shows little; its cube root is what the tests hold it to.
fn shared_out((gate, behind): (f64, f64), (scv, part): (f64, f64), refuses: bool) -> (f64, f64) {
    let factor = (1.0 + scv * part * part) / 2.0;
    let second = behind * ((1.0 + scv) / 2.0).cbrt();
    let first = if refuses { gate * factor } else { (factor * (gate + behind) - second).max(0.0) };
    (first, second)
}
