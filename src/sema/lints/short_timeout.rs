//! W1125: a timeout that most calls miss even when nobody waits.

use super::Context;
use super::bounds::median;
use super::traffic::{hit_ratio, is_waited_for};
use super::words::time;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{Call, CallId, Place, StationBehavior};
use crate::quantity::Duration;
use crate::schema::Key;

/// Timeouts below the median of the callee's own work and the network both ways.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for (id, call) in context.calls() {
        let Some(timeout) = call.behavior.timeout.filter(|_| is_waited_for(context.model(), call)) else { continue };
        let needed = needed(context, call);
        if timeout.seconds() < needed {
            out.extend(diagnostic(context, id, timeout, needed));
        }
    }
}

/// What every second call takes at least.
fn needed(context: &Context<'_, '_>, call: &Call) -> f64 {
    2.0 * median(&call.behavior.latency) + work(&context.model().station(call.to).behavior)
}

fn work(b: &StationBehavior) -> f64 {
    match &b.cache {
        Some(cache) if hit_ratio(b) >= 0.5 => median(&cache.hit_time).min(median(&b.service_time)),
        _ => median(&b.service_time),
    }
}

fn diagnostic(context: &Context<'_, '_>, id: CallId, timeout: Duration, needed: f64) -> Option<Diagnostic> {
    let at = context.given_call(id, Key::Timeout)?;
    let to = context.model().call(id).to;
    let callee = context.name(to);
    let message =
        format!("most calls of `{callee}` time out even when it is idle: half of them take {} or more", time(needed));
    let mut diagnostic = Diagnostic::new(&codes::W1125, at, message)
        .label(format!("the caller gives up after {timeout}"))
        .help(format!("give it more than `{callee}` needs in 99 of 100 cases"));
    match context.given(Place::Station(to), Key::ServiceTime) {
        Some(span) => diagnostic = diagnostic.related(span, "its own work"),
        None => diagnostic.severity = Severity::Hint,
    }
    Some(diagnostic)
}
