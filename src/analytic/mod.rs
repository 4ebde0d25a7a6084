//! The analytic companion of the engine: what of a model has a closed form or a good approximation,
//! in microseconds.
//!
//! [`evaluate`] reads what the engine reads, an architecture and the conditions of a run, and answers
//! for every station, relation and request type either with a number, what it rests on and how far it
//! can be trusted, or with the reason why there is none. Numbers are of the long run: no warm-up, no
//! end. It never guesses: faults, varying load, breakers, random failures and the like have no answer
//! here.
//!
//! Layers, each knowing only those before it: `answer`, `moments`, `law` (times that can be added and
//! inverted), `queue`, `bursts`, `lru`, `centre`, `gate` (formulas), `call` (attempts), `station` (which
//! formula applies), `graph` (what visits what), `network` (the fixed point), `closed` (users who wait for
//! their answers).

mod answer;
mod bursts;
mod call;
mod centre;
mod closed;
mod gate;
mod graph;
mod law;
mod lru;
mod moments;
mod network;
mod queue;
mod station;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Exactness, Figure, Source};

use crate::model::{Architecture, Arrivals, Limit, RequestType, RunConfig};
use answer::{Basis, Why};
use graph::Graph;
use law::Law;
use moments::Moments;
use network::Network;
use std::cell::RefCell;
use std::sync::Arc;

/// Answers by name, in the order of the model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Named<T>(pub Vec<(Arc<str>, T)>);

impl<T> Named<T> {
    /// Of this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, answer)| answer)
    }
}

/// What a model answers without being simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// By path of the station.
    pub elements: Named<ElementAnswers>,
    /// By path of the relation: attempts made by it, 1/s.
    pub relations: Named<Answer>,
    /// By name of the request type; those without a share of the load left out.
    pub request_types: Named<RequestAnswers>,
    /// All external requests together.
    pub all: RequestAnswers,
    /// External requests, 1/s: what is offered, or what a closed loop achieves.
    pub rate: Answer,
    /// Calls made by all attempts over calls first made.
    pub amplification: Answer,
    /// The busiest station and its utilisation; `None` where no station has limited workers.
    pub bottleneck: Option<(Arc<str>, f64)>,
}

/// What is known of a station. Its response times include its own calls.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementAnswers {
    /// Calls that reach it, attempts included, 1/s.
    pub offered: Answer,
    /// Busy over available workers; 0 without a limit.
    pub utilization: Answer,
    /// Offered work over available workers: above 1, more than it can serve.
    pub demand: Answer,
    /// The same of first attempts alone, which is known where retries are not: it is at least so much.
    pub least_demand: Option<f64>,
    /// Mean wait of those let in, s.
    pub wait_mean: Answer,
    /// Share of arrivals that find every worker busy.
    pub wait_probability: Answer,
    /// Mean number waiting.
    pub queue_mean: Answer,
    /// Share of arrivals that are refused or give up.
    pub blocking: Answer,
    /// Mean time from arrival to reply, successes only, s.
    pub response_mean: Answer,
    /// 95th percentile of it, by its first two moments, s.
    pub response_p95: Answer,
}

/// What is known of some external requests; response times are of successes.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestAnswers {
    /// Mean, s.
    pub mean: Answer,
    /// Median, s.
    pub p50: Answer,
    /// 95th percentile, s.
    pub p95: Answer,
    /// 99th percentile, s.
    pub p99: Answer,
    /// Share that does not succeed.
    pub error_rate: Answer,
}

/// The load at which a model saturates.
#[derive(Debug, Clone, PartialEq)]
pub struct Saturation {
    /// The station that saturates first.
    pub element: Arc<str>,
    /// External requests, 1/s, of all types together in their mix.
    pub load: f64,
}

/// Evaluates a model under the conditions of a run.
pub fn evaluate(architecture: &Architecture, config: &RunConfig) -> Evaluation {
    match solved(architecture, config) {
        Ok((network, rate)) => Reader { network: &network, rate, told: RefCell::default() }.read(),
        Err(why) => nothing(architecture, &why.describe(architecture)),
    }
}

/// The load at which the first station saturates, and which it is: by bisection over the load, within one part in a
/// million. `None` for closed loops, and where no load up to 10⁹/s saturates anything or there is no answer.
pub fn saturation(architecture: &Architecture, config: &RunConfig) -> Option<Saturation> {
    if config.workload.users.is_some() {
        return None;
    }
    objection(architecture, config).map_or(Some(()), |_| None)?;
    let full = |load: f64| {
        let mut network = Network::new(Graph::new(architecture, config), config);
        let settled = network.solve(load);
        let first = network.places.iter().position(|place| matches!(place.why, Some(Why::Saturated(..))));
        let narrow = |flow: &network::Flow| matches!(flow.made.why, Some(Why::Narrow(..)));
        let through = || network.graph.edges.iter().zip(&network.flows).find(|(_, flow)| narrow(flow));
        let first = first.or_else(|| through().map(|(edge, _)| network.graph.nodes[edge.to].station));
        settled.err().map(|_| None).or(first.map(Some))
    };
    let (mut low, mut high, mut found) = (0.0, 1e9, full(1e9)?);
    while high - low > 1e-6 * high {
        // Geometric as long as nothing is known from below.
        let middle = if low > 0.0 { 0.5 * (low + high) } else { high * 0.1 };
        match full(middle) {
            Some(element) => (high, found) = (middle, element.or(found)),
            None => low = middle,
        }
        if high < 1e-9 {
            return None;
        }
    }
    let element = Arc::clone(&architecture.stations.get(found?)?.path);
    Some(Saturation { element, load: high })
}

fn solved<'a>(architecture: &'a Architecture, config: &'a RunConfig) -> Result<(Network<'a>, f64), Why> {
    if let Some(what) = objection(architecture, config) {
        return Err(Why::Run(what));
    }
    let graph = Graph::new(architecture, config);
    if graph.goes_round {
        return Err(Why::Run("calls lead round in a circle"));
    }
    let mut network = Network::new(graph, config);
    if network.holds_in_circles() {
        return Err(Why::Run("workers are held by calls that come back to them"));
    }
    let load = config.workload.load.rate(crate::quantity::SimTime::ZERO);
    let rate = match &config.workload.users {
        None => {
            network.solve(load)?;
            network.entering().unwrap_or(load)
        }
        Some((users, think)) => {
            const BARELY: f64 = 1e-9;
            network.solve(BARELY)?;
            closed::close(&mut network, BARELY, *users, think.mean())?
        }
    };
    Ok((network, rate))
}

/// What about a run has no closed form, whatever the model.
fn objection(architecture: &Architecture, config: &RunConfig) -> Option<&'static str> {
    let load = &config.workload.load;
    let rate = load.rate(crate::quantity::SimTime::ZERO);
    let varies = load.points.iter().any(|point| (point.rate - rate).abs() > 1e-9 * rate);
    let used = || architecture.request_types.iter().map(|request| &architecture.sources[request.source.index()]);
    let is_closed = config.workload.users.is_some();
    let modulated = used().any(|source| matches!(source.arrivals, Arrivals::Mmpp { .. }));
    Some(match () {
        () if !config.chaos.is_empty() => "faults are injected",
        () if varies && !is_closed => "the load changes over time",
        () if !is_closed && used().any(|source| matches!(source.arrivals, Arrivals::Trace(_))) => {
            "arrivals are a trace"
        }
        () if architecture.request_types.iter().any(|request| request.behavior.preempt) => "requests preempt others",
        () if architecture.request_types.iter().any(branches) => "a flow is more than calls within calls",
        () if undoes(architecture, config) => "completed steps are undone when later ones fail",
        () if architecture.calls.iter().any(|call| call.quorum.is_some()) => "some replies are enough",
        () if !(is_closed || modulated || rate > 0.0) => "there is no load",
        () => return None,
    })
}

/// Whether a flow jumps, or waits for some replies only.
fn branches(request: &RequestType) -> bool {
    request.steps().iter().any(|s| s.forward || s.goto.is_some() || s.quorum.is_some())
}

/// Whether steps that undo others may be made: some are there, and something can fail.
fn undoes(architecture: &Architecture, config: &RunConfig) -> bool {
    let can_undo = architecture.request_types.iter().any(|r| r.steps().iter().any(|s| s.compensate.is_some()));
    let may_lose = |b: &crate::model::StationBehavior| {
        let is_open = b.queue == Limit::Unbounded && b.patience.is_none() && b.rate_limit.is_none() && b.shed.is_none();
        b.errors > 0.0 || !is_open
    };
    let calls = || architecture.calls.iter().map(|call| &call.behavior);
    let guarded = |b: &crate::model::CallBehavior| {
        b.loss > 0.0 || b.timeout.is_some() || b.pool.is_some() || b.bulkhead.is_some()
    };
    can_undo
        && (config.failures > 0.0
            || architecture.stations.iter().any(|s| may_lose(&s.behavior))
            || calls().any(guarded))
}

/// No answer to anything, for one reason.
fn nothing(architecture: &Architecture, reason: &Arc<str>) -> Evaluation {
    let none = || Answer::NotApplicable(Arc::clone(reason));
    let request = || RequestAnswers { mean: none(), p50: none(), p95: none(), p99: none(), error_rate: none() };
    let element = || ElementAnswers {
        offered: none(),
        utilization: none(),
        demand: none(),
        least_demand: None,
        wait_mean: none(),
        wait_probability: none(),
        queue_mean: none(),
        blocking: none(),
        response_mean: none(),
        response_p95: none(),
    };
    Evaluation {
        elements: Named(architecture.stations.iter().map(|s| (Arc::clone(&s.path), element())).collect()),
        relations: Named(architecture.calls.iter().map(|c| (Arc::clone(&c.path), none())).collect()),
        request_types: Named(architecture.request_types.iter().map(|r| (Arc::clone(&r.name), request())).collect()),
        all: request(),
        rate: none(),
        amplification: none(),
        bottleneck: None,
    }
}

/// The successful replies of a station, over all that visits it.
#[derive(Clone, Copy)]
struct Responses {
    /// First attempts that reach it, 1/s.
    primary: f64,
    /// The rate of successful replies, 1/s.
    weight: f64,
    /// Their times, by that rate.
    time: Moments,
    basis: Basis,
    why: Option<Why>,
    /// Why only the mean is known.
    tail: Option<Why>,
}

impl Default for Responses {
    fn default() -> Self {
        let basis = Basis::exact(Source::Delay);
        Self { primary: 0.0, weight: 0.0, time: Moments::default(), basis, why: None, tail: None }
    }
}

/// Reads the answers off a solved network.
struct Reader<'n, 'a> {
    network: &'n Network<'a>,
    rate: f64,
    /// The last reasons that were put in words: most are asked for several times.
    told: RefCell<Vec<(Why, Arc<str>)>>,
}

impl Reader<'_, '_> {
    fn read(&self) -> Evaluation {
        let architecture = self.network.graph.architecture;
        let mut responses = vec![Responses::default(); architecture.stations.len()];
        for &node in &self.network.graph.order {
            let station = self.network.graph.nodes[node].station;
            let Some(of_station) = responses.get_mut(station) else { continue };
            let visit = &self.network.visits[node];
            let good = visit.rate * visit.reply.success;
            of_station.primary += visit.primary;
            of_station.weight += good;
            of_station.time.mix(good, visit.reply.good);
            of_station.basis = of_station.basis.and(visit.basis);
            of_station.why = of_station.why.or(visit.why);
            of_station.tail = of_station.tail.or(visit.tail);
        }
        let stations = architecture.stations.iter().enumerate();
        let request_types = self.requests();
        let element =
            |(n, station): (usize, &crate::model::Station)| (Arc::clone(&station.path), self.element(n, responses[n]));
        Evaluation {
            elements: Named(stations.map(element).collect()),
            relations: self.relations(),
            all: self.all(&request_types),
            request_types,
            rate: Answer::Known(self.rate_basis().figure(self.rate)),
            amplification: self.amplification(),
            bottleneck: self.bottleneck(),
        }
    }

    /// Rates of an open model are given; those of a closed one come out.
    fn rate_basis(&self) -> Basis {
        let closed = self.network.config.workload.users.is_some();
        Basis::exact(if closed { Source::MeanValue } else { Source::Traffic })
    }

    fn none(&self, why: Why) -> Answer {
        const MOST: usize = 4;
        let mut told = self.told.borrow_mut();
        if let Some((_, words)) = told.iter().find(|(known, _)| *known == why) {
            return Answer::NotApplicable(Arc::clone(words));
        }
        let words = why.describe(self.network.graph.architecture);
        told.truncate(MOST - 1);
        told.insert(0, (why, Arc::clone(&words)));
        Answer::NotApplicable(words)
    }

    fn answer(&self, why: Option<Why>, basis: Basis, value: f64) -> Answer {
        match why {
            Some(why) => self.none(why),
            None if !value.is_finite() => self.none(Why::Run("a mean is infinite")),
            None => Answer::Known(basis.figure(value)),
        }
    }

    fn element(&self, n: usize, of: Responses) -> ElementAnswers {
        let place = &self.network.places[n];
        let demand = place.demand();
        let own = place.waits.iter().fold(Basis::exact(Source::Delay), |basis, waiting| basis.and(waiting.basis));
        let flow = place.inflow.flow;
        let (mut wait, mut busy, mut lost) = (0.0, 0.0, 0.0);
        for (waiting, demand_of) in place.waits.iter().zip(&place.demands).filter(|_| demand.rate > 0.0) {
            let share = demand_of.rate / demand.rate;
            wait += share * waiting.mean();
            busy += share * waiting.probability;
            lost += share * (waiting.refused + waiting.given_up);
        }
        let doubt = place.inflow.doubt;
        let traffic = self.traffic();
        let traffic = if doubt > traffic.error { Basis::within(Source::Che, doubt) } else { traffic };
        let lossy = if lost > 0.0 { own } else { traffic };
        let idle = demand.rate <= 0.0;
        let why_time = place.why.or(of.why).or(idle.then_some(Why::Station(n as u32, "nothing reaches it")));
        let times = of.time.normalised(of.weight.max(1e-300));
        let response = if place.is_queue { self.delivered(n) } else { times.mean };
        let basis = if place.is_queue { own } else { of.basis };
        let tail =
            of.tail.or(self.closed_tail()).or(place.is_queue.then_some(Why::Run("of messages only means are known")));
        ElementAnswers {
            offered: self.answer(flow, traffic, demand.rate),
            // Held workers: how busy they are depends on the times below.
            utilization: self.answer(
                flow.or(place.why),
                if place.holds { basis.and(traffic) } else { lossy },
                if place.workers().is_some() { (place.utilization * (1.0 - lost)).min(1.0) } else { 0.0 },
            ),
            least_demand: (demand.rate > 0.0 && place.workers().is_some())
                .then(|| place.utilization * of.primary / demand.rate)
                .filter(|least| least.is_finite()),
            demand: self.answer(flow, lossy, if place.workers().is_some() { place.utilization } else { 0.0 }),
            wait_mean: self.answer(place.why, own, wait),
            wait_probability: self.answer(place.why, own, busy),
            queue_mean: self.answer(place.why, own, demand.rate * (1.0 - lost) * wait),
            blocking: self.answer(place.why, own, lost),
            response_mean: self.answer(why_time, basis, response),
            response_p95: self.percentile(why_time.or(tail), basis, times),
        }
    }

    /// The 95th percentile of times of which two moments are known.
    fn percentile(&self, why: Option<Why>, basis: Basis, times: Moments) -> Answer {
        match why {
            Some(why) => self.none(why),
            None => {
                let basis = Basis::within(Source::Moments, (1.5 * basis.error).max(0.2));
                self.answer(None, basis, Law::fit(times).quantile(0.95))
            }
        }
    }

    fn traffic(&self) -> Basis {
        let late = self.network.flows.iter().map(|flow| flow.made.late).fold(0.0, f64::max);
        if late > call::HARDLY_LATE { Basis::within(Source::Retries, 0.1) } else { self.rate_basis() }
    }

    /// Time of a message from arrival to the end of its handling: wait, lag and delivery.
    fn delivered(&self, n: usize) -> f64 {
        let place = &self.network.places[n];
        let lag = place.behavior.queue_behavior.lag.seconds();
        let of_station = |node: &&usize| self.network.graph.nodes[**node].station == n;
        let Some(&node) = self.network.graph.order.iter().find(of_station) else { return f64::NAN };
        let calls = self.network.graph.nodes[node].calls.clone();
        let handled: f64 = calls.clone().map(|edge| self.network.flows[edge].made.outcome.good.mean).sum();
        place.waits[0].mean() + lag + handled / calls.len().max(1) as f64
    }

    fn relations(&self) -> Named<Answer> {
        let architecture = self.network.graph.architecture;
        let mut rates = vec![(0.0, None::<Why>); architecture.calls.len()];
        let flows = self.network.graph.edges.iter().zip(&self.network.flows);
        for (edge, flow) in flows.filter(|(edge, _)| !edge.begins) {
            let (rate, why) = &mut rates[edge.call];
            *rate += flow.rate * flow.made.attempts;
            let known = self.network.places[self.network.graph.nodes[edge.to].station].inflow.flow;
            *why = why.or(known.filter(|_| flow.rate > 0.0));
        }
        let named = |(call, (rate, why)): (&crate::model::Call, &(f64, Option<Why>))| {
            (Arc::clone(&call.path), self.answer(*why, self.traffic(), *rate))
        };
        Named(architecture.calls.iter().zip(&rates).map(named).collect())
    }

    /// Indexes of the entries that get a share of the load.
    fn used(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.network.graph.entries.len()).filter(|n| self.network.graph.shares[*n] > 0.0)
    }

    fn requests(&self) -> Named<RequestAnswers> {
        let types = &self.network.graph.architecture.request_types;
        Named(self.used().map(|n| (Arc::clone(&types[n].name), self.request(&[n]))).collect())
    }

    fn all(&self, types: &Named<RequestAnswers>) -> RequestAnswers {
        match types.0.as_slice() {
            [(_, only)] => only.clone(),
            _ => self.request(&self.used().collect::<Vec<usize>>()),
        }
    }

    /// Requests of some types together.
    fn request(&self, types: &[usize]) -> RequestAnswers {
        let (mut basis, mut why, mut tail, mut contended) = (Basis::exact(Source::Delay), None, None, 0);
        let (mut sum, mut good, mut time) = (0.0, 0.0, 0.0);
        for &n in types {
            let edge = self.network.graph.entries[n];
            let made = &self.network.flows[edge].made;
            let visit = &self.network.visits[self.network.graph.edges[edge].to];
            let share = self.network.weight(n);
            basis = basis.and(made.basis);
            (why, tail) = (why.or(made.why), tail.or(self.network.late_tail(edge)).or(visit.tail));
            contended = contended.max(visit.contended + u32::from(self.network.queues(edge)));
            sum += share;
            good += share * made.outcome.success;
            time += share * made.outcome.success * made.outcome.good.mean;
        }
        let error_rate = 1.0 - good / sum;
        let [p50, p95, p99] = match why.or(tail).or(self.closed_tail()) {
            Some(why) => [why; 3].map(|why| self.none(why)),
            None => self.percentiles(types, basis, contended),
        };
        RequestAnswers {
            mean: self.answer(why, basis, time / good),
            p50,
            p95,
            p99,
            error_rate: self.answer(
                why.or(self.correlated()),
                if error_rate > 0.0 { basis } else { self.traffic() },
                error_rate.max(0.0),
            ),
        }
    }

    /// Attempts that follow a late one find the queue that made it late.
    fn correlated(&self) -> Option<Why> {
        let edges = self.network.graph.edges.iter().zip(&self.network.flows);
        let queued = |to: usize| self.network.visits[to].contended > 0;
        let mut again = edges.filter(|(edge, flow)| {
            let retry = self.network.graph.behavior(edge).retry;
            flow.rate > 0.0 && flow.made.late > 1e-6 && retry.is_some_and(|r| r.on.timeout) && queued(edge.to)
        });
        let (edge, _) = again.next()?;
        Some(Why::Call(edge.call as u32, "attempts after a late one are likely late too"))
    }

    fn closed_tail(&self) -> Option<Why> {
        let closed = self.network.config.workload.users.is_some();
        closed.then_some(Why::Run("of a closed loop only means are known"))
    }

    fn percentiles(&self, types: &[usize], basis: Basis, contended: u32) -> [Answer; 3] {
        let one = |n: &usize| {
            let edge = self.network.graph.entries[*n];
            let weight = self.network.weight(*n) * self.network.flows[edge].made.outcome.success;
            (weight, self.network.entry_law(edge))
        };
        let law = match types {
            [only] => one(only).1,
            several => {
                let mut laws: Vec<(f64, Law)> = several.iter().map(one).collect();
                let sum: f64 = laws.iter().map(|(weight, _)| weight).sum();
                laws.iter_mut().for_each(|(weight, _)| *weight /= sum);
                Law::mixture(&laws)
            }
        };
        let is_exact = law.is_exact && basis.error == 0.0 && contended <= 1 && basis.source != Source::Batch;
        let error = |least: f64| if is_exact { 0.0 } else { (1.5 * basis.error).max(least) };
        // A fit by two moments says little of the middle of what is widely spread.
        let vague = (!law.is_exact && law.moments().scv() > 1.2)
            .then_some(Why::Run("of times so widely spread two moments do not tell the median"));
        [(0.5, 0.2, vague), (0.95, 0.2, None), (0.99, 0.35, None)].map(|(q, least, why)| {
            let source = if law.is_exact { basis.source } else { Source::Moments };
            self.answer(why, Basis { source, error: error(least) }, law.quantile(q))
        })
    }

    fn amplification(&self) -> Answer {
        let flows = self.network.graph.edges.iter().zip(&self.network.flows).filter(|(edge, _)| !edge.begins);
        let (sent, primary) = flows
            .map(|(_, flow)| flow)
            .fold((0.0, 0.0), |(sent, primary), flow| (sent + flow.rate * flow.made.attempts, primary + flow.primary));
        let why = self.network.places.iter().find_map(|place| place.inflow.flow);
        self.answer(why, self.traffic(), if primary > 0.0 { sent / primary } else { 1.0 })
    }

    fn bottleneck(&self) -> Option<(Arc<str>, f64)> {
        let places = self.network.places.iter().zip(&self.network.graph.architecture.stations);
        let limited = places.filter(|(place, _)| !place.is_queue && place.behavior.concurrency != Limit::Unbounded);
        let used = limited.filter(|(place, _)| place.demand().rate > 0.0);
        let busiest = used.max_by(|a, b| a.0.utilization.total_cmp(&b.0.utilization))?;
        Some((Arc::clone(&busiest.1.path), busiest.0.utilization))
    }
}
