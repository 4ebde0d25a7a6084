//! What a metric can be at all: the least time that anything takes, and the natural ends of shares.

use super::graph::Graph;
use super::traffic::is_waited_for;
use crate::model::{Architecture, CallId, Dist, Metric, MetricScope, RequestType, StationId, Step};

/// The least that a response can take, part by part, in seconds.
pub struct Fastest<'m> {
    model: &'m Architecture,
    /// A whole answer of each station.
    answer: Vec<f64>,
    /// The answer of each station without its own work.
    below: Vec<f64>,
}

impl<'m> Fastest<'m> {
    /// Adds up what is certain: constant network times, smallest service times, calls that are always made.
    pub fn new(model: &'m Architecture, graph: &Graph) -> Self {
        let n = model.stations.len();
        let mut fastest = Self { model, answer: vec![0.0; n], below: vec![0.0; n] };
        // The calls of a flow are its own: what a station does elsewhere says nothing of this request.
        let plain = model.request_types.iter().all(|request| request.follows_relations());
        for station in graph.order.iter().rev() {
            fastest.add(graph, *station, plain);
        }
        fastest
    }

    fn add(&mut self, graph: &Graph, station: StationId, plain: bool) {
        let known = self.model.station(station);
        if known.is_queue {
            return;
        }
        let (mut sum, mut longest) = (0.0, 0.0_f64);
        for id in graph.outgoing(station).iter().filter(|_| plain && known.behavior.cache.is_none()) {
            let call = self.model.call(*id);
            let b = &call.behavior;
            let certain = b.probability >= 1.0 && b.fallback.is_none() && is_waited_for(self.model, call);
            if !certain || !graph.is_forward(self.model, *id) {
                continue;
            }
            let time = self.call(*id) * f64::from(b.calls);
            if b.parallel {
                longest = longest.max(time);
            } else {
                sum += time;
            }
        }
        self.below[station.index()] = sum + longest;
        self.answer[station.index()] = sum + longest + least_own(self.model, station);
    }

    /// The least that a call takes; a timeout cuts it short.
    fn call(&self, id: CallId) -> f64 {
        let call = self.model.call(id);
        let time = 2.0 * least(&call.behavior.latency) + self.answer[call.to.index()];
        time.min(call.behavior.timeout.map_or(f64::INFINITY, crate::quantity::Duration::seconds))
    }

    /// The least value of a latency metric of some traffic.
    pub fn latency(&self, metric: Metric, scope: MetricScope) -> f64 {
        match scope {
            MetricScope::Station(id) => self.below[id.index()] + self.own(metric, id),
            MetricScope::Call(id) => {
                let call = self.model.call(id);
                2.0 * least(&call.behavior.latency) + self.answer[call.to.index()]
            }
            MetricScope::Request(id) => self.request(&self.model.request_types[id.index()]),
            MetricScope::All => {
                let requests = self.model.request_types.iter().map(|request| self.request(request));
                requests.reduce(f64::min).unwrap_or(0.0)
            }
            MetricScope::Group(_) => 0.0,
        }
    }

    /// At least its first call, unless that may not be made or not be waited for.
    fn request(&self, request: &RequestType) -> f64 {
        let first = request.steps().first().filter(|_| request.is_journey());
        let is_sure = |step: &Step| step.probability >= 1.0 && !step.asynchronous && step.quorum.is_none();
        match first {
            Some(step) if !is_sure(step) => 0.0,
            _ => self.model.entries(request).map(|id| self.entry(id)).reduce(f64::min).unwrap_or(0.0),
        }
    }

    fn entry(&self, id: CallId) -> f64 {
        let call = self.model.call(id);
        2.0 * least(&call.behavior.latency) + self.answer[call.to.index()]
    }

    /// Own work of a station, as far as the metric says more than the smallest value: a percentile of the
    /// whole is at least that percentile of a part.
    fn own(&self, metric: Metric, id: StationId) -> f64 {
        let b = &self.model.station(id).behavior;
        if b.cache.is_some() || self.model.station(id).is_queue {
            return least_own(self.model, id);
        }
        match metric {
            Metric::Quantile(share) if share >= 0.5 => median(&b.service_time).max(least(&b.service_time)),
            Metric::Mean => b.service_time.mean(),
            _ => least(&b.service_time),
        }
    }
}

fn least_own(model: &Architecture, id: StationId) -> f64 {
    let station = model.station(id);
    let b = &station.behavior;
    let work = least(&b.service_time);
    match &b.cache {
        _ if station.is_queue => 0.0,
        Some(cache) => work.min(least(&cache.hit_time)),
        None => work,
    }
}

/// The smallest value of a distribution.
fn least(dist: &Dist) -> f64 {
    match dist {
        Dist::Constant(value) => *value,
        Dist::Uniform { low, .. } => *low,
        Dist::Pareto { min, .. } | Dist::BoundedPareto { min, .. } => *min,
        Dist::Mixture(parts) => parts.iter().map(|(_, dist)| least(dist)).reduce(f64::min).unwrap_or(0.0),
        Dist::Empirical(values) => values.first().copied().unwrap_or(0.0),
        _ => 0.0,
    }
}

/// The middle of a distribution, or something below it.
pub fn median(dist: &Dist) -> f64 {
    use std::f64::consts::LN_2;
    match dist {
        Dist::Constant(value) => *value,
        Dist::Exponential { mean } => mean * LN_2,
        Dist::Uniform { low, high } => (low + high) / 2.0,
        Dist::Normal { mean, .. } => mean.max(0.0),
        Dist::Lognormal { mu, .. } => mu.exp(),
        Dist::Weibull { shape, scale } => scale * LN_2.powf(1.0 / shape),
        Dist::Pareto { min, alpha } => min * 2.0_f64.powf(1.0 / alpha),
        Dist::Empirical(values) => values.get(values.len() / 2).copied().unwrap_or(0.0),
        // Between these bounds for every number of stages: the median of a gamma is above mean - variance/mean/3.
        Dist::Erlang { k, mean } => mean * (1.0 - 1.0 / (3.0 * f64::from(*k))),
        Dist::Gamma { mean, cv } => (mean * (1.0 - cv * cv / 3.0)).max(0.0),
        Dist::Mixture(_) | Dist::BoundedPareto { .. } | Dist::Hyperexponential(_) => least(dist),
    }
}

/// Smallest and largest value that a metric can have.
pub fn ends(metric: Metric, scope: MetricScope, fastest: &Fastest<'_>, load: Option<f64>) -> (f64, f64) {
    match metric {
        Metric::Mean | Metric::Quantile(_) | Metric::Max => (fastest.latency(metric, scope), f64::INFINITY),
        Metric::ErrorRate | Metric::Availability | Metric::Utilization | Metric::Stability | Metric::StaleReads => {
            (0.0, 1.0)
        }
        // Arrivals are random: a little more than was offered may come in a short run.
        Metric::Throughput | Metric::Goodput if scope == MetricScope::All => {
            (0.0, load.map_or(f64::INFINITY, |load| load * 1.1))
        }
        Metric::Amplification => (1.0, f64::INFINITY),
        _ => (0.0, f64::INFINITY),
    }
}
