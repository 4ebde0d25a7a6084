//! The way down: who offers how much to whom, and how evenly (traffic equations, with the gaps between arrivals).

use super::Network;
use crate::analytic::answer::Why;
use crate::analytic::bursts::{Batch, Modulated};
use crate::analytic::graph::Edge;
use crate::analytic::queue::Gaps;
use crate::analytic::station::{HARDLY_WAITS, Inflow, Stream};
use crate::model::{Arrivals, CallBehavior, Dist};

/// A time that blurs bursts, as a share of how long they last.
const BLURS: f64 = 0.02;

impl Network<'_> {
    /// Rates of all visits and calls while `load`, 1/s, is offered to all request types together.
    pub(super) fn down(&mut self, load: f64) {
        self.places.iter_mut().for_each(|place| place.inflow = Inflow::NONE);
        for visit in &mut self.visits {
            [visit.rate, visit.primary] = std::mem::take(&mut visit.carry);
        }
        for n in 0..self.graph.entries.len() {
            self.enter(n, load * self.graph.shares[n]);
        }
        for at in (0..self.graph.order.len()).rev() {
            self.pass_on(self.graph.order[at]);
        }
        self.ask();
    }

    fn enter(&mut self, request: usize, rate: f64) {
        if rate <= 0.0 {
            return;
        }
        let edge = self.graph.entries[request];
        let relation = self.graph.behavior(&self.graph.edges[edge]);
        let source = self.graph.architecture.request_types[request].source;
        let arrivals = &self.graph.architecture.sources[source.index()].arrivals;
        let (gaps, deviation, stream) = arriving(arrivals);
        let burst = Why::Run("arrivals come in bursts that no formula here describes");
        let gathered = matches!(arrivals, Arrivals::Mmpp { .. }) || matches!(stream, Some(Stream::Batches(_)));
        let unknown = gathered && deviation > 0.0;
        let rate = match arrivals {
            // Its own rates replace the load.
            Arrivals::Mmpp { low, high, .. } => self.graph.shares[request] * (low + high) / 2.0,
            _ => rate,
        };
        (self.flows[edge].rate, self.flows[edge].primary) = (rate, rate);
        let once = self.flows[edge].made.attempts <= 1.0 + 1e-9;
        let arriving = Inflow {
            gaps,
            deviation,
            stream: stream.filter(|_| once).and_then(|stream| under_way(stream, relation)),
            unknown: unknown.then_some(burst),
            ..Inflow::NONE
        };
        self.offer(None, edge, arriving);
    }

    /// External requests, 1/s, where some source has rates of its own.
    pub fn entering(&self) -> Option<f64> {
        let requests = self.graph.architecture.request_types.iter().zip(&self.graph.shares);
        let mut used = requests.filter(|(_, share)| **share > 0.0);
        let own = used
            .any(|(r, _)| matches!(self.graph.architecture.sources[r.source.index()].arrivals, Arrivals::Mmpp { .. }));
        own.then(|| self.graph.reached().map(|edge| self.flows[edge].rate).sum())
    }

    /// The part of a request type in the load.
    pub fn weight(&self, request: usize) -> f64 {
        match self.entering() {
            Some(all) => self.flows[self.graph.entries[request]].rate / all,
            None => self.graph.shares[request],
        }
    }

    /// Adds to the rate of a visit; of the next round, where the visit has already passed on what it got.
    fn add_rate(&mut self, from: Option<usize>, to: usize, rate: f64, primary: f64) {
        let is_back = from.is_some_and(|from| self.positions[to] >= self.positions[from]);
        let visit = &mut self.visits[to];
        let [rates, primaries] = if is_back { visit.carry.each_mut() } else { [&mut visit.rate, &mut visit.primary] };
        *rates += rate;
        *primaries += primary;
    }

    /// Adds a call's attempts to what its callee is offered.
    fn offer(&mut self, from: Option<usize>, edge: usize, arriving: Inflow) {
        // What is lost on the way never arrives.
        let behavior = self.graph.behavior(&self.graph.edges[edge]);
        let gated = behavior.pool.is_some() || behavior.bulkhead.is_some();
        let arrives = (1.0 - behavior.loss) * self.flows[edge].made.sent;
        let flow = &mut self.flows[edge];
        (flow.gaps, flow.deviation, flow.unknown) = (arriving.gaps, arriving.deviation, arriving.unknown);
        let rate = arrives * self.flows[edge].rate * self.flows[edge].made.attempts;
        let primary = arrives * self.flows[edge].primary;
        self.add_rate(from, self.graph.edges[edge].to, rate, primary);
        let queued = self.queues(edge);
        let (call, flow) = (&self.graph.edges[edge], &self.flows[edge]);
        let place = &mut self.places[self.graph.nodes[call.to].station];
        let inflow = &mut place.inflow;
        inflow.rate += rate;
        inflow.gaps += rate * arriving.gaps;
        let of_relation = |(edge, _): (usize, bool)| self.graph.edges[edge].call == call.call;
        inflow.via = match inflow.via {
            None => gated.then_some((edge, inflow.calls == 0)),
            Some(via) => Some((via.0, via.1 && of_relation(via))),
        };
        inflow.calls += 1;
        let late = if flow.made.late > 1e-3 { (10.0 * flow.made.late).min(1.0) } else { 0.0 };
        inflow.doubt = inflow.doubt.max(arriving.doubt);
        inflow.deviation = inflow.deviation.max(arriving.deviation).max(late);
        let queued = queued || flow.made.sent < 1.0 - HARDLY_WAITS;
        inflow.deviation = inflow.deviation.max(f64::from(u8::from(queued)));
        inflow.stream = arriving.stream.filter(|_| !queued);
        inflow.unknown = inflow.unknown.or(arriving.unknown);
        inflow.flow = inflow.flow.or(arriving.flow).or(flow.made.flow);
        if call.delivery {
            inflow.handed += rate;
            let only = inflow.from.is_none_or(|(known, only)| only && known == call.call);
            inflow.from = Some((call.call, only));
        }
    }

    /// What a visit calls in turn.
    fn pass_on(&mut self, node: usize) {
        let calls = self.graph.nodes[node].calls.clone();
        if calls.is_empty() || self.visits[node].rate <= 0.0 {
            return;
        }
        let station = self.graph.nodes[node].station;
        let visit = &self.visits[node];
        let place = &self.places[station];
        let waiting = &place.waits[self.graph.nodes[node].rank];
        let let_in = 1.0 - waiting.refused - waiting.given_up;
        let working = let_in * (1.0 - self.errors(station)) * (1.0 - visit.hits);
        let (rate, primary) = (visit.rate * working, visit.primary * working);
        let all = place.inflow.rate.max(visit.rate);
        let departures = place.departures();
        let mut leaving = Inflow {
            deviation: place.deviation(),
            unknown: place.inflow.unknown,
            flow: place.inflow.flow.or(self.blocks(station)),
            doubt: place.inflow.doubt + visit.doubt,
            ..Inflow::NONE
        };
        let mut stream = self.passes_through(node);
        for edge in calls.clone() {
            let call = &self.graph.edges[edge];
            let flow = &mut self.flows[edge];
            let (reach, mean) = (flow.reach, flow.reach * call.mean_calls());
            (flow.rate, flow.primary) = (rate * mean, primary * mean);
            let part = (flow.rate / all).min(1.0);
            let is_all = call.probability >= 1.0 && reach >= 1.0;
            let fits = |stream: &Stream| is_all || matches!(stream, Stream::Modulated(_));
            let own = stream.filter(|stream| call.calls == 1 && call.repeat <= 1.0 && fits(stream));
            let branch = Inflow { gaps: part * departures + 1.0 - part, stream: own, ..leaving };
            let branch = self.branch(node, edge, branch);
            self.offer(Some(node), edge, branch);
            let call = &self.graph.edges[edge];
            if !call.asynchronous && !call.delivery {
                leaving.deviation = leaving.deviation.max(self.visits[call.to].deviation);
                let below = &self.visits[call.to];
                let is_short = |b: Modulated| below.contended == 0 && below.reply.good.mean * b.switch < BLURS;
                stream = stream.and_then(blurred).filter(|s| matches!(s, Stream::Modulated(b) if is_short(*b)));
                leaving.flow = leaving.flow.or(self.flows[edge].made.why.filter(|_| self.is_cut(edge)));
            }
            self.fall_back(node, edge);
        }
    }

    /// What of a stream a visit passes on: a source all of it; a station bursts, where nobody waits and nothing takes long
    /// against how long they last.
    fn passes_through(&self, node: usize) -> Option<Stream> {
        let station = self.graph.nodes[node].station;
        let (place, service) = (&self.places[station], self.visits[node].service.mean);
        let stream = place.stream()?;
        if self.is_source(station) {
            return Some(stream);
        }
        let is_short = matches!(stream, Stream::Modulated(bursts) if service * bursts.switch < BLURS);
        (is_short && !place.is_contended() && !place.is_queue).then_some(stream).and_then(blurred)
    }

    /// Parallel and asynchronous calls that meet at one station arrive there together.
    fn branch(&self, node: usize, edge: usize, mut branch: Inflow) -> Inflow {
        let call = &self.graph.edges[edge];
        let forks = call.parallel || call.asynchronous;
        let station = |edge: &Edge| self.graph.nodes[edge.to].station;
        let to = station(call);
        let beside =
            || self.graph.edges[self.graph.nodes[node].calls.clone()].iter().filter(|e| station(e) == to).count() > 1;
        if forks && (call.calls > 1 || call.repeat > 1.0 || beside()) {
            branch.unknown = branch.unknown.or(Some(Why::Station(to as u32, "parallel calls arrive there together")));
            branch.deviation = 1.0;
            branch.stream = None;
        } else if forks && self.members[to].len() > 1 {
            branch.deviation = 1.0;
        }
        branch
    }

    /// A call that fails for good goes elsewhere.
    fn fall_back(&mut self, node: usize, edge: usize) {
        let Some(to) = self.graph.edges[edge].fallback else { return };
        let rate = self.flows[edge].rate * self.flows[edge].made.elsewhere;
        if rate <= 1e-12 {
            return;
        }
        let station = self.graph.nodes[to].station;
        self.add_rate(Some(node), to, rate, 0.0);
        let inflow = &mut self.places[station].inflow;
        inflow.rate += rate;
        inflow.gaps += rate;
        inflow.calls += 1;
        inflow.via = inflow.via.map(|(edge, _)| (edge, false));
        inflow.stream = None;
        inflow.flow = inflow.flow.or(self.flows[edge].made.flow);
    }

    /// Whether a station lets through an unknown rate.
    fn blocks(&self, station: usize) -> Option<Why> {
        self.places[station].hides_its_rate().then_some(Why::Behind(station as u32))
    }

    /// Whether a call without a closed form also hides how much goes on behind it.
    fn is_cut(&self, edge: usize) -> bool {
        self.flows[edge].made.outcome.success < 1.0 || self.flows[edge].made.late > 0.0
    }

    /// Whether calls come back to a station whose workers wait for them.
    pub fn holds_in_circles(&self) -> bool {
        self.graph.returns.iter().any(|node| self.places[self.graph.nodes[*node].station].is_blocking())
    }
}

/// Squared coefficient of variation of the gaps of arrivals, their deviation from a Poisson process, and the stream
/// that they are while nothing divides it.
fn arriving(arrivals: &Arrivals) -> (f64, f64, Option<Stream>) {
    match arrivals {
        Arrivals::Poisson => (1.0, 0.0, None),
        Arrivals::Constant => (0.0, 1.0, Some(Stream::Renewal(Gaps::Erlang(f64::INFINITY)))),
        Arrivals::Erlang(k) => {
            let k = f64::from((*k).max(1));
            (k.recip(), 1.0, Some(Stream::Renewal(Gaps::Erlang(k))))
        }
        Arrivals::Hyperexponential { cv } if *cv > 1.0 => (cv * cv, 1.0, Some(Stream::Renewal(Gaps::Hyper(cv * cv)))),
        Arrivals::Hyperexponential { .. } => (1.0, 0.0, None),
        Arrivals::BatchFixed(size) => in_batches(Batch::Fixed(f64::from((*size).max(1)))),
        Arrivals::BatchGeometric(mean) => in_batches(Batch::Geometric(mean.max(1.0))),
        Arrivals::Mmpp { low, high, switch } => match Modulated::new(*low, *high, *switch) {
            Some(bursts) => (1.0, 1.0, Some(Stream::Modulated(bursts))),
            None if low == high => (1.0, 0.0, None),
            None => (1.0, 1.0, None),
        },
        Arrivals::Trace(_) => (1.0, 1.0, None),
    }
}

/// A stream after times that vary.
fn blurred(stream: Stream) -> Option<Stream> {
    match stream {
        Stream::Modulated(bursts) => Some(Stream::Modulated(Modulated { is_exact: false, ..bursts })),
        _ => None,
    }
}

/// A stream at the end of a relation: delays that vary take independent gaps and batches apart, losses too.
fn under_way(stream: Stream, relation: &CallBehavior) -> Option<Stream> {
    let even = matches!(relation.latency, Dist::Constant(_));
    match stream {
        Stream::Modulated(bursts) => {
            let is_short = relation.latency.mean() * bursts.switch < BLURS;
            let is_exact = bursts.is_exact && even;
            (even || is_short).then_some(Stream::Modulated(Modulated { is_exact, ..bursts }))
        }
        stream => (even && relation.loss == 0.0).then_some(stream),
    }
}

fn in_batches(batch: Batch) -> (f64, f64, Option<Stream>) {
    let gaps = batch.second() / batch.mean();
    if batch.mean() > 1.0 { (gaps, 1.0, Some(Stream::Batches(batch))) } else { (1.0, 0.0, None) }
}
