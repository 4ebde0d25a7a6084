//! What became of a run after its disturbance: recovered, degraded, or metastable.
//!
//! A *trigger* is what disturbed it: its faults, or a time in which the load is more than a tenth above that at the
//! start. Once it is gone, the run has
//! - **recovered** after `D` seconds, when from then on the mean of five seconds serves at least 95 % of the share
//!   that was served before, and the last quarter of the time after the trigger does so too;
//! - become **metastable**, when it is out of equilibrium ([`super::stability`]) through the whole second half of the
//!   time after the trigger, at least ten seconds, though it was in equilibrium before, is offered no more than then,
//!   and its backlog does not shrink (Bronson, Aghayev, Charapko, Zhu: Metastable failures in distributed systems,
//!   HotOS 2021: a state that sustains itself without its trigger);
//! - **degraded** otherwise: back in part, or still draining.
//!
//! The load above which it turns is read off a sweep where there is one. The formula beside it is the fluid limit of
//! the same paper: when every attempt times out, a station that `a` attempts reach for each request (visits times the
//! product of `1 + retries` over the relations that lead there and can time out) is overloaded above capacity / `a`,
//! so that below it no such state can last. A budget `b` limits the retries of a relation to `b`; behind a breaker
//! nothing is said. It is taken over stations that wait for nobody, whose capacity is known without a simulation.
//! The setting that makes the most difference to a metastable run is the relation without whose retries that load is
//! highest.

use super::backlog::slope;
use super::run::{Run, mean, ratio};
use crate::model::{Architecture, CallId, Entry, Limit};
use serde::Serialize;
use std::ops::Range;

/// Share of what was served before that counts as being back.
const BACK: f64 = 0.95;
/// Seconds that are taken together.
const FIVE: usize = 5;
/// Least time after the trigger that tells a slow recovery from a metastable state, seconds.
const METASTABLE_AFTER: usize = 10;
/// Share of the backlog that must go over the second half for it to count as draining.
const DRAINS: f64 = 0.1;
/// By how much a load is above another that counts as more.
const MORE: f64 = 1.1;
/// Longest chain of relations that is followed.
const DEEPEST: usize = 16;

/// How a run came out of its disturbance, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aftermath {
    /// Back where it was.
    Recovered,
    /// Back in part, or on its way.
    Degraded,
    /// Bad although its trigger is gone, and staying so.
    Metastable,
}

/// What became of a run after its disturbance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disturbance {
    /// How it came out.
    pub kind: Aftermath,
    /// When the trigger began, seconds.
    pub from: f64,
    /// When it was gone.
    pub until: f64,
    /// Seconds observed after that.
    pub watched: f64,
    /// Time after the trigger until it was back, seconds; `None`: not within the run.
    pub recovered_after: Option<f64>,
    /// Successes a second before it.
    pub goodput_before: f64,
    /// Successes a second in the second half of the time after it.
    pub goodput_after: f64,
    /// Requests offered a second in that half.
    pub offered_after: f64,
    /// Share served then over the share served before.
    pub kept: f64,
    /// Load above which a metastable state can last, by formula, 1/s; `None` where no retries sustain one.
    pub turns_by_formula: Option<f64>,
    /// Where it is metastable: the retries that sustain it most, by the same formula.
    pub lever: Option<Lever>,
}

/// The relation whose retries matter most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lever {
    /// The relation.
    pub call: CallId,
    /// Load above which a metastable state can last without them, 1/s; `None`: at none.
    pub turns: Option<f64>,
}

/// When something disturbs a run, in whole seconds.
#[derive(Clone, Copy)]
struct Trigger {
    from: usize,
    until: usize,
    start: f64,
    end: f64,
}

/// What became of a run that was disturbed; `None` when it was not, from the start on, or to its end.
pub fn disturbance(run: Run, equilibrium: &[bool]) -> Option<Disturbance> {
    let trigger = trigger(run)?;
    let before = before(run, trigger);
    let after = trigger.until..run.measured_seconds().end;
    let normal = served(run, before.clone());
    if before.is_empty() || after.len() < FIVE || normal == 0.0 {
        return None;
    }
    let half = after.start + after.len() / 2..after.end;
    let recovered_after = recovery(run, after.clone(), BACK * normal).map(|at| (at as f64 - trigger.end).max(0.0));
    let kind = match recovered_after {
        Some(_) => Aftermath::Recovered,
        None if is_stuck(run, equilibrium, &before, &after) => Aftermath::Metastable,
        None => Aftermath::Degraded,
    };
    Some(Disturbance {
        kind,
        from: trigger.start,
        until: trigger.end,
        watched: after.end as f64 - trigger.end,
        recovered_after,
        goodput_before: per_second(run, before.clone(), |w| w.succeeded),
        goodput_after: per_second(run, half.clone(), |w| w.succeeded),
        offered_after: per_second(run, half.clone(), |w| w.offered),
        kept: served(run, half) / normal,
        turns_by_formula: turning_load(run, before.clone(), None),
        lever: (kind == Aftermath::Metastable).then(|| lever(run, before)).flatten(),
    })
}

fn trigger(run: Run) -> Option<Trigger> {
    let measured = run.measured_seconds();
    let (start, end) = match run.first_fault() {
        Some(start) => (start, run.last_fault_end()?),
        None => spike(run)?,
    };
    let (from, until) = (start.floor().max(0.0) as usize, end.ceil() as usize);
    (from < until && until < measured.end).then_some(Trigger { from, until, start, end })
}

/// From when until when the load is above that at the start of the measured time; `None` when it never is, or stays.
fn spike(run: Run) -> Option<(f64, f64)> {
    let load = &run.config.workload.load;
    let measured = run.measured_seconds();
    let rate = |second: usize| load.rate(crate::quantity::SimTime(second as u64 * 1_000_000_000 + 500_000_000));
    let is_high = |second: &usize| rate(*second) > MORE * rate(measured.start);
    let first = measured.clone().find(is_high)?;
    let last = measured.clone().rfind(is_high)?;
    (last + 1 < measured.end).then_some((first as f64, (last + 1) as f64))
}

/// Measured seconds before the trigger; with too few of them, the later half of all before it.
fn before(run: Run, trigger: Trigger) -> Range<usize> {
    let measured = run.measured_seconds();
    let until = trigger.from.min(measured.end);
    if until >= measured.start + 3 { measured.start..until } else { until / 2..until }
}

fn per_second(run: Run, seconds: Range<usize>, pick: fn(&crate::measure::WindowMeasures) -> f64) -> f64 {
    mean(run.measures.windows[seconds].iter().map(pick))
}

/// Successes over arrivals.
fn served(run: Run, seconds: Range<usize>) -> f64 {
    ratio(per_second(run, seconds.clone(), |w| w.succeeded), per_second(run, seconds, |w| w.offered), 1.0)
}

/// The first second from which five serve this share, where the last quarter does so, too.
fn recovery(run: Run, after: Range<usize>, share: f64) -> Option<usize> {
    let last = after.end - (after.len() / 4).max(FIVE)..after.end;
    let back = after.clone().take(after.len() + 1 - FIVE).find(|at| served(run, *at..*at + FIVE) >= share);
    back.filter(|_| served(run, last) >= share)
}

/// Whether it stays bad: out of equilibrium for the whole second half, and not on its way out of it.
fn is_stuck(run: Run, equilibrium: &[bool], before: &Range<usize>, after: &Range<usize>) -> bool {
    let half = after.start + after.len() / 2..after.end;
    let good = |seconds: Range<usize>| equilibrium[seconds].iter().filter(|good| **good).count();
    let was_good = good(before.clone()) as f64 >= 0.8 * before.len() as f64;
    let offered = |seconds: Range<usize>| per_second(run, seconds, |w| w.offered);
    let is_lighter = offered(half.clone()) <= MORE * offered(before.clone());
    let is_long = after.len() >= METASTABLE_AFTER;
    is_long && was_good && is_lighter && good(half.clone()) == 0 && !drains(run, half)
}

fn drains(run: Run, seconds: Range<usize>) -> bool {
    let in_flight: Vec<f64> = run.measures.windows[seconds].iter().map(|w| w.in_flight).collect();
    let lost = -slope(&in_flight) * in_flight.len() as f64;
    lost > DRAINS * in_flight.first().copied().unwrap_or_default().max(1.0)
}

/// The relation without whose retries the turning load is highest; `None` where none raises it.
fn lever(run: Run, before: Range<usize>) -> Option<Lever> {
    let with = turning_load(run, before.clone(), None)?;
    let without = |n| {
        let call = CallId(n as u32);
        Lever { call, turns: turning_load(run, before.clone(), Some(call)) }
    };
    let height = |lever: &Lever| lever.turns.unwrap_or(f64::INFINITY);
    let levers = (0..run.architecture.calls.len()).map(without).filter(|lever| height(lever) > with);
    levers.reduce(|best, next| if height(&next) > height(&best) { next } else { best })
}

/// The load above which attempts that all time out overload some station, 1/s; as if one relation did not retry.
fn turning_load(run: Run, before: Range<usize>, without: Option<CallId>) -> Option<f64> {
    let stations = 0..run.architecture.stations.len();
    let load = |n: usize| {
        let attempts = attempts(run.architecture, n, DEEPEST, without).filter(|attempts| *attempts > 1.0)?;
        let visits = visits(run, n, before.clone()).filter(|visits| *visits > 0.0)?;
        Some(capacity(run.architecture, n)? / (visits * attempts))
    };
    stations.filter_map(load).reduce(f64::min)
}

/// Calls first made to a station for each request, while nothing was disturbed.
fn visits(run: Run, station: usize, before: Range<usize>) -> Option<f64> {
    let calls = run.architecture.calls.iter().enumerate().filter(|(_, call)| call.to.index() == station);
    let numbers: Vec<usize> = calls.map(|(n, _)| n).collect();
    let windows = &run.measures.windows[before];
    let made = |n: &usize| windows.iter().map(|w| Some(w.calls.get(*n)?[0])).sum::<Option<f64>>();
    let made: f64 = numbers.iter().map(made).sum::<Option<f64>>()?;
    let offered: f64 = windows.iter().map(|w| w.offered).sum();
    (offered > 0.0).then_some(made / offered)
}

/// Attempts that reach a station for each first call when all of them time out; `None` behind a breaker.
fn attempts(architecture: &Architecture, station: usize, deepest: usize, without: Option<CallId>) -> Option<f64> {
    let mut most = 1.0_f64;
    for (n, call) in architecture.calls.iter().enumerate().filter(|(_, call)| call.to.index() == station) {
        let before = match call.from {
            Entry::Station(from) if deepest > 0 => attempts(architecture, from.index(), deepest - 1, without)?,
            _ => 1.0,
        };
        let call = CallId(n as u32);
        let own = if without == Some(call) { 1.0 } else { own_attempts(architecture, call)? };
        most = most.max(before * own);
    }
    Some(most)
}

fn own_attempts(architecture: &Architecture, call: CallId) -> Option<f64> {
    let behavior = &architecture.call(call).behavior;
    let (Some(_), Some(retry)) = (behavior.timeout, behavior.retry) else { return Some(1.0) };
    if behavior.breaker.is_some() {
        return None;
    }
    let count = f64::from(retry.count);
    Some(1.0 + retry.budget.map_or(count, |budget| budget.min(count)))
}

/// Requests a second that a station serves which waits for nobody; `None` for others, and without a limit.
fn capacity(architecture: &Architecture, station: usize) -> Option<f64> {
    let waits = architecture.calls.iter().any(|call| {
        matches!(call.from, Entry::Station(from) if from.index() == station) && !call.behavior.asynchronous
    });
    let behavior = &architecture.stations[station].behavior;
    let Limit::At(workers) = behavior.concurrency else { return None };
    let service = behavior.service_time.mean();
    let is_plain = !waits && !architecture.stations[station].is_queue && behavior.cache.is_none();
    (is_plain && service > 0.0).then(|| f64::from(workers) * f64::from(behavior.all_replicas()) / service)
}
