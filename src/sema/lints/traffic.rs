//! How often everything is asked, and for how long it is busy with it, while nothing fails and nobody waits.

use super::graph::Graph;
use crate::model::{
    Architecture, CacheMode, Call, CallId, Dist, Path, RequestType, RequestTypeId, StationBehavior, StationId,
};
use crate::quantity::Duration;

/// Rates at a given load.
pub struct Traffic {
    /// Requests a second at each station.
    pub station: Vec<f64>,
    /// Calls a second of each relation, retries not counted.
    pub call: Vec<f64>,
    /// Workers of each station that are busy on average: own work and, where it blocks, waiting for its calls.
    pub busy: Vec<f64>,
    /// Seconds that a call of each relation takes.
    pub wait: Vec<f64>,
}

impl Traffic {
    /// Spreads `load` requests a second over the model.
    pub fn new(model: &Architecture, graph: &Graph, mix: &[(RequestTypeId, f64)], load: f64) -> Self {
        let mut traffic = Self {
            station: vec![0.0; model.stations.len()],
            call: vec![0.0; model.calls.len()],
            busy: vec![0.0; model.stations.len()],
            wait: waits(model, graph),
        };
        let mut arriving = vec![0.0; model.stations.len()];
        for (request, share) in model.request_types.iter().zip(shares(model, mix)) {
            traffic.request(model, request, load * share, &mut arriving);
        }
        for station in &graph.order {
            traffic.pass_on(model, graph, *station, &mut arriving);
        }
        traffic.hold(model);
        traffic
    }

    fn request(&mut self, model: &Architecture, request: &RequestType, rate: f64, arriving: &mut [f64]) {
        let entry = model.call(request.entry).to;
        let Path::Flow { steps, from_source } = &request.path else {
            for id in model.entries(request) {
                self.call[id.index()] += rate;
                arriving[model.call(id).to.index()] += rate;
            }
            return;
        };
        if !from_source {
            self.call[request.entry.index()] += rate;
        }
        // What a flow puts into a queue and says no more of goes the way of the model's relations.
        if model.station(entry).is_queue && steps.is_empty() {
            arriving[entry.index()] += rate;
        } else if !from_source {
            self.visit(model, entry, rate, None);
        }
        let mut rates = Vec::with_capacity(steps.len());
        for (n, step) in steps.iter().enumerate() {
            let call = model.call(step.call);
            let coming = match step.parent {
                Some(parent) => passing(model, model.call(steps[parent as usize].call).to, rates[parent as usize]),
                None if *from_source => rate,
                None => passing(model, entry, rate),
            };
            let often = call.behavior.probability * step.probability * f64::from(call.behavior.calls);
            let rate = coming * often * step.repeat_geometric.unwrap_or(1.0);
            rates.push(rate);
            self.call[step.call.index()] += rate;
            let goes_on = steps.iter().any(|other| other.parent == Some(n as u32));
            if model.station(call.to).is_queue && !goes_on {
                arriving[call.to.index()] += rate;
            } else {
                self.visit(model, call.to, rate, step.service_time.as_ref());
            }
        }
    }

    fn visit(&mut self, model: &Architecture, station: StationId, rate: f64, service: Option<&Dist>) {
        let known = model.station(station);
        let work = if known.is_queue { 0.0 } else { service.map_or_else(|| own_time(&known.behavior), Dist::mean) };
        self.station[station.index()] += rate;
        self.busy[station.index()] += rate * work;
    }

    fn pass_on(&mut self, model: &Architecture, graph: &Graph, station: StationId, arriving: &mut [f64]) {
        let rate = arriving[station.index()];
        if rate <= 0.0 {
            return;
        }
        self.visit(model, station, rate, None);
        let calls = graph.outgoing(station);
        let going = passing(model, station, rate) / competing(model, station, calls.len());
        for id in calls {
            let call = model.call(*id);
            let rate = going * call.behavior.probability * f64::from(call.behavior.calls);
            self.call[id.index()] += rate;
            if graph.is_forward(model, *id) {
                arriving[call.to.index()] += rate;
            }
        }
    }

    /// A blocking worker is held while it waits for its calls.
    fn hold(&mut self, model: &Architecture) {
        for (n, call) in model.calls.iter().enumerate() {
            let crate::model::Entry::Station(from) = call.from else { continue };
            if is_waited_for(model, call) && model.station(from).behavior.blocking && !call.behavior.parallel {
                self.busy[from.index()] += self.call[n] * self.wait[n];
            }
        }
    }
}

/// Share of each request type in the load; they sum to 1.
pub fn shares(model: &Architecture, mix: &[(RequestTypeId, f64)]) -> Vec<f64> {
    let mut weights: Vec<f64> = model.request_types.iter().map(|request| request.weight.max(0.0)).collect();
    if !mix.is_empty() {
        weights.iter_mut().for_each(|weight| *weight = 0.0);
        mix.iter().for_each(|(id, share)| weights[id.index()] += share.max(0.0));
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| if sum > 0.0 { weight / sum } else { 0.0 }).collect()
}

/// Whether the caller waits for the answer of a call.
pub fn is_waited_for(model: &Architecture, call: &Call) -> bool {
    let from_queue = matches!(call.from, crate::model::Entry::Station(from) if model.station(from).is_queue);
    !call.behavior.asynchronous && !from_queue && !model.station(call.to).is_queue
}

/// Mean own work of a request in seconds, hits of the cache included.
pub fn own_time(b: &StationBehavior) -> f64 {
    let hits = hit_ratio(b);
    hits * b.cache.as_ref().map_or(0.0, |cache| cache.hit_time.mean()) + (1.0 - hits) * b.service_time.mean()
}

/// Share of requests that a station's cache answers.
pub fn hit_ratio(b: &StationBehavior) -> f64 {
    match b.cache.as_ref().map(|cache| &cache.mode) {
        Some(CacheMode::HitRatio(ratio)) => *ratio,
        _ => 0.0,
    }
}

/// What of the requests of a station goes on to its calls.
fn passing(model: &Architecture, station: StationId, rate: f64) -> f64 {
    let b = &model.station(station).behavior;
    b.rate_limit.map_or(rate, |limit| rate.min(limit.rate)) * (1.0 - hit_ratio(b))
}

/// Among how many consumers the messages of a queue are divided; a topic gives every message to each.
fn competing(model: &Architecture, station: StationId, consumers: usize) -> f64 {
    let known = model.station(station);
    let is_topic = || model.element(known.element).kind.eq_ignore_ascii_case("topic");
    if known.is_queue && !is_topic() { consumers.max(1) as f64 } else { 1.0 }
}

/// Seconds that each call takes when nobody waits in line: network, own work of the callee, its calls in turn.
fn waits(model: &Architecture, graph: &Graph) -> Vec<f64> {
    let mut answer = vec![0.0; model.stations.len()];
    let mut waits = vec![0.0; model.calls.len()];
    // The calls of a flow are its own: what a station does in another request says nothing of this one.
    let deep = model.request_types.iter().all(|request| request.follows_relations());
    for station in graph.order.iter().rev() {
        let b = &model.station(*station).behavior;
        let mut time = if model.station(*station).is_queue { 0.0 } else { own_time(b) };
        for id in graph.outgoing(*station) {
            let call = model.call(*id);
            waits[id.index()] = call_time(call, answer[call.to.index()]);
            if deep && is_waited_for(model, call) && !call.behavior.parallel && graph.is_forward(model, *id) {
                let often = call.behavior.probability * f64::from(call.behavior.calls);
                time += (1.0 - hit_ratio(b)) * often * waits[id.index()];
            }
        }
        answer[station.index()] = time;
    }
    for id in &graph.entries {
        waits[id.index()] = call_time(model.call(*id), answer[model.call(*id).to.index()]);
    }
    waits
}

/// No longer than the caller is willing to wait.
fn call_time(call: &Call, answer: f64) -> f64 {
    let time = 2.0 * call.behavior.latency.mean() + answer;
    time.min(call.behavior.timeout.map_or(f64::INFINITY, Duration::seconds))
}

/// Requests a second that each station gets of one external request a second.
pub fn visits(model: &Architecture, graph: &Graph, mix: &[(RequestTypeId, f64)]) -> Traffic {
    Traffic::new(model, graph, mix, 1.0)
}

/// Calls of a second whose relation is `call`.
pub fn rate_of(traffic: &Traffic, call: CallId) -> f64 {
    traffic.call[call.index()]
}
