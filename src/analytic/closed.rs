//! Closed loops: users who think, ask, wait for the answer, and think again.

use super::answer::{Basis, Source, Why};
use super::call::HARDLY_LATE;
use super::centre::{Centre, MOST_STEPS};
use super::moments::Moments;
use super::network::Network;
use super::queue::Waiting;
use super::station::Place;
use crate::model::Balance;

/// Throughput and residences by exact mean value analysis (Reiser and Lavenberg, 1980), with marginal
/// probabilities where a station has several workers. Sets the waits of every station for `users` with
/// this mean think time; returns the rate of requests, 1/s.
///
/// The network must have been solved before for a `load` so small that nobody waits.
pub(super) fn close(network: &mut Network, load: f64, users: u32, think: f64) -> Result<f64, Why> {
    if network.has_forks() {
        return Err(Why::Run("parallel or asynchronous calls in a closed loop"));
    }
    if network.forgets() {
        return Err(Why::Run("entries that die of age in a cache in a closed loop"));
    }
    let mut centres = centres(network, load, users)?;
    let steps = centres.iter().map(|c| u64::from(c.workers)).sum::<u64>().saturating_mul(u64::from(users));
    if steps > MOST_STEPS {
        return Err(Why::Run("too many users for an exact answer in microseconds"));
    }
    let fixed = think + delays(network, &centres);
    let mut rate = f64::from(users) / fixed;
    // Without a station to wait at, users never meet.
    let met = if centres.is_empty() { 0 } else { users };
    for n in 1..=met {
        centres.iter_mut().for_each(Centre::ask);
        let time: f64 = centres.iter().map(|c| c.replicas * c.visits * c.residence).sum();
        rate = f64::from(n) / (fixed + time);
        centres.iter_mut().for_each(|centre| centre.take(rate));
    }
    if !rate.is_finite() {
        return Err(Why::Run("users who take no time"));
    }
    centres.iter().for_each(|centre| tell(centre, network));
    network.freeze(rate / load);
    if network.flows.iter().any(|flow| flow.rate > 0.0 && flow.made.late > HARDLY_LATE) {
        return Err(Why::Run("timeouts in a closed loop"));
    }
    Ok(rate)
}

/// Stations with workers; every one must be of product form.
fn centres(network: &Network, load: f64, users: u32) -> Result<Vec<Centre>, Why> {
    let mut centres = Vec::new();
    for (station, place) in network.places.iter().enumerate() {
        let demand = place.demand();
        // With a worker for every user nobody ever waits.
        let Some(workers) = place.workers().filter(|n| *n < users && demand.rate > 0.0) else { continue };
        if let Some(what) = objection(place) {
            return Err(Why::Station(station as u32, what));
        }
        let replicas = f64::from(place.replicas());
        centres.push(Centre {
            station,
            visits: demand.rate / load / replicas,
            replicas,
            ..Centre::alone(demand.held.mean, workers)
        });
    }
    Ok(centres)
}

fn objection(place: &Place) -> Option<&'static str> {
    use crate::model::Discipline::{Fifo, Lifo, ProcessorSharing};
    let behavior = place.behavior;
    let product_form = match behavior.discipline {
        Fifo | Lifo => place.is_exponential,
        ProcessorSharing => true,
        _ => false,
    };
    let independent = place.replicas() == 1 || matches!(behavior.balance, Balance::Random | Balance::ConsistentHash);
    Some(match () {
        () if place.inflow.handed > 0.0 || place.is_queue => "messages in a closed loop",
        () if place.holds => "workers held during calls in a closed loop",
        () if !product_form => "a closed loop with other than exponential service",
        () if !independent => "a closed loop with replicas that are not taken at random",
        () if place.is_limited() => "a closed loop with limits or losses",
        () => return None,
    })
}

/// Time of a request outside of the queueing stations: unlimited workers, network.
fn delays(network: &Network, centres: &[Centre]) -> f64 {
    let queued: f64 = centres.iter().map(|c| c.replicas * c.visits * c.service).sum();
    let entries = network.graph.entries.iter().zip(&network.graph.shares);
    let whole: f64 = entries.map(|(edge, share)| share * network.flows[*edge].made.outcome.all().mean).sum();
    (whole - queued).max(0.0)
}

/// Sets the wait of its station.
fn tell(centre: &Centre, network: &mut Network) {
    let place = &mut network.places[centre.station];
    let wait = (centre.residence - centre.service).max(0.0);
    let basis = Basis::exact(Source::MeanValue);
    if place.shares() {
        place.stretch = centre.residence / centre.service;
        place.waits.fill(Waiting { basis, ..Waiting::NONE });
        return;
    }
    let probability = centre.busy().max(1e-12);
    let delay = Moments::exponential(wait / probability);
    place.waits.fill(Waiting { probability, delay, basis, ..Waiting::NONE });
}
