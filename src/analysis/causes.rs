//! Why calls failed, by the place where the failure began.
//!
//! A failed call fails its caller's call in turn, and so on up to the request; only its first link is a cause. Every
//! attempt that began to fail counts, whether a retry or a fallback made up for it or not: these are patterns of
//! errors, not a breakdown of the requests that failed in the end.

use super::Run;
use crate::measure::{ElementMeasures, RelationMeasures};
use crate::model::{Call, CallId, ChaosAction, Limit, Station, StationId};
use serde::Serialize;
use std::sync::Arc;

/// How a failure began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// The caller gave up on a relation.
    Timeout,
    /// The caller gave up on a relation that loses messages.
    LostMessage,
    /// A breaker was open.
    BreakerOpen,
    /// No connection of the pool was free in time.
    NoConnection,
    /// As many calls under way as the bulkhead lets through.
    BulkheadFull,
    /// Refused by the caller's own side, by its breaker, its pool or its bulkhead: it has several of them.
    RefusedByCaller,
    /// An element failed on its own.
    Error,
    /// Every waiting place was taken.
    QueueFull,
    /// More than the rate limit.
    RateLimit,
    /// Refused early, by `shed`.
    Shed,
    /// Refused by the element: for want of places, by the rate limit or early.
    RefusedByElement,
    /// Sent to a replica that was gone.
    StaleEndpoint,
    /// No replica was up, or it went while it was at work.
    Unavailable,
    /// A message that failed in every delivery.
    DeadLetter,
}

impl CauseKind {
    /// In a user's words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::LostMessage => "lost message",
            Self::BreakerOpen => "breaker open",
            Self::NoConnection => "no connection",
            Self::BulkheadFull => "bulkhead full",
            Self::RefusedByCaller => "breaker or limit",
            Self::Error => "error",
            Self::QueueFull => "queue full",
            Self::RateLimit => "rate limit",
            Self::Shed => "shed",
            Self::RefusedByElement => "refused",
            Self::StaleEndpoint => "stale endpoint",
            Self::Unavailable => "unavailable",
            Self::DeadLetter => "dead letter",
        }
    }
}

/// One cause at one place, with how often it struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// How the failure began.
    pub kind: CauseKind,
    /// Path of the element or relation at which it did.
    pub place: Arc<str>,
    /// Attempts, all replications.
    pub count: u64,
}

/// What became of data and of work already done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsequenceKind {
    /// Reads of a store that did not see the last write.
    StaleRead,
    /// Writes that a store had answered and then lost.
    LostWrite,
    /// Calls that undid completed steps of a request type.
    Compensation,
}

impl ConsequenceKind {
    /// In a user's words, in the plural.
    pub fn describe(self) -> &'static str {
        match self {
            Self::StaleRead => "stale reads",
            Self::LostWrite => "lost writes",
            Self::Compensation => "compensations",
        }
    }
}

/// One consequence at one place, with how often it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// What happened.
    pub kind: ConsequenceKind,
    /// Path of the element, or name of the request type.
    pub place: Arc<str>,
    /// How often, all replications.
    pub count: u64,
}

/// Why calls of a run failed: relations in the order of the model, then elements.
pub fn causes(run: Run) -> Vec<Cause> {
    let calls = (0..run.architecture.calls.len() as u32).map(CallId);
    let stations = (0..run.architecture.stations.len() as u32).map(StationId);
    let of_relations = calls.filter_map(|id| Some(of_relation(run, id, run.relation(id)?)));
    let of_elements = stations.filter_map(|id| Some(of_element(run, id, run.element(id)?)));
    of_relations.flatten().chain(of_elements.flatten()).filter(|cause| cause.count > 0).collect()
}

fn of_relation(run: Run, id: CallId, measures: &RelationMeasures) -> Vec<Cause> {
    let call = run.architecture.call(id);
    let late = if loses_messages(run, id) { CauseKind::LostMessage } else { CauseKind::Timeout };
    let cause = |kind, count| Cause { kind, place: Arc::clone(&call.path), count };
    vec![cause(late, measures.timeouts), cause(refusal(call, measures), measures.refused)]
}

/// Whether messages of a relation are lost, always or by a fault of the run.
fn loses_messages(run: Run, id: CallId) -> bool {
    let cuts = |action: &ChaosAction| match action {
        // Which half is drawn by the seed and stands in the fault's text.
        ChaosAction::Cut(set, share) => *share > 0.0 && !set.half && set.links.iter().any(|(link, ..)| *link == id),
        _ => false,
    };
    run.architecture.call(id).behavior.loss > 0.0 || run.config.chaos.iter().any(|event| cuts(&event.action))
}

/// Which of the caller's guards refuses: the only one there is, or the only one that can have.
fn refusal(call: &Call, measures: &RelationMeasures) -> CauseKind {
    let behavior = &call.behavior;
    let breaker = behavior.breaker.is_some() && measures.breaker_open_share > 0.0;
    match (breaker, behavior.pool.is_some(), behavior.bulkhead.is_some()) {
        (true, false, false) => CauseKind::BreakerOpen,
        (false, _, false) => CauseKind::NoConnection,
        (false, false, true) => CauseKind::BulkheadFull,
        _ => CauseKind::RefusedByCaller,
    }
}

fn of_element(run: Run, id: StationId, measures: &ElementMeasures) -> Vec<Cause> {
    let station = run.architecture.station(id);
    let stale = (measures.stale_endpoints * measures.arrivals as f64).round() as u64;
    let cause = |kind, count| Cause { kind, place: Arc::clone(&station.path), count };
    vec![
        cause(CauseKind::Error, measures.errors),
        cause(rejection(run, id, station), measures.rejected),
        cause(CauseKind::StaleEndpoint, stale),
        cause(CauseKind::Unavailable, measures.unavailable),
        cause(CauseKind::DeadLetter, measures.dead_letters),
    ]
}

/// Which limit of an element refuses.
fn rejection(run: Run, id: StationId, station: &Station) -> CauseKind {
    let throttles =
        |action: &ChaosAction| matches!(action, ChaosAction::Throttle(set, _) if set.stations.contains(&id));
    let behavior = &station.behavior;
    let places = if station.is_queue { behavior.queue_behavior.capacity } else { behavior.queue };
    let rated = behavior.rate_limit.is_some() || run.config.chaos.iter().any(|event| throttles(&event.action));
    match (places != Limit::Unbounded, rated, behavior.shed.is_some()) {
        (true, false, false) => CauseKind::QueueFull,
        (false, true, false) => CauseKind::RateLimit,
        (false, false, true) => CauseKind::Shed,
        _ => CauseKind::RefusedByElement,
    }
}

/// What became of data and of work already done: elements in the order of the model, then request types.
pub fn consequences(run: Run) -> Vec<Consequence> {
    let of_element = |station: &Station| {
        let measures = run.measures.elements.get(&station.path)?;
        let of = |kind, count| Consequence { kind, place: Arc::clone(&station.path), count };
        let stale = (measures.stale_reads * measures.reads as f64).round() as u64;
        Some([of(ConsequenceKind::StaleRead, stale), of(ConsequenceKind::LostWrite, measures.lost_writes)])
    };
    let of_requests = run.measures.request_types.iter().map(|(name, measures)| Consequence {
        kind: ConsequenceKind::Compensation,
        place: Arc::clone(name),
        count: measures.compensations,
    });
    let of_elements = run.architecture.stations.iter().filter_map(of_element).flatten();
    of_elements.chain(of_requests).filter(|found| found.count > 0).collect()
}
