//! W1103: a timeout that its own caller does not wait for.

use super::Context;
use super::traffic::is_waited_for;
use crate::diag::{Diagnostic, codes};
use crate::model::{Call, CallId, Entry, StationId};
use crate::quantity::Duration;
use crate::schema::Key;

/// Timeouts, and timeouts times attempts, against the longest that any caller of the caller waits.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for (id, call) in context.calls() {
        let Entry::Station(from) = call.from else { continue };
        let (Some(inner), true) = (call.behavior.timeout, is_waited_for(context.model(), call)) else { continue };
        let Some((outer, patience)) = patience(context, from) else { continue };
        if inner >= patience {
            out.extend(never_fires(context, id, inner, outer, patience));
        } else {
            out.extend(wasted_retries(context, id, call, outer, patience));
        }
    }
}

/// The caller that waits longest for a station, when all of them wait for an answer and none waits for ever.
fn patience(context: &Context<'_, '_>, station: StationId) -> Option<(CallId, Duration)> {
    let into = context.graph.incoming(station);
    let timeout = |id: &CallId| {
        let call = context.model().call(*id);
        call.behavior.timeout.filter(|_| is_waited_for(context.model(), call))
    };
    let all: Option<Vec<(CallId, Duration)>> = into.iter().map(|id| Some((*id, timeout(id)?))).collect();
    all?.into_iter().max_by_key(|(_, timeout)| *timeout)
}

fn never_fires(
    context: &Context<'_, '_>,
    id: CallId,
    inner: Duration,
    outer: CallId,
    patience: Duration,
) -> Option<Diagnostic> {
    let call = context.model().call(id);
    let at = context.given_call(id, Key::Timeout)?;
    let caller = context.caller_name(context.model().call(outer).from);
    let (near, far) = (context.caller_name(call.from), context.name(call.to));
    let message = format!("`{near}` waits {inner} for `{far}`, but `{caller}` gives up on it after {patience}");
    let diagnostic = Diagnostic::new(&codes::W1103, at, message)
        .label("fires when nobody waits any more")
        .help(format!("give it less than {patience}, less what `{near}` itself needs"));
    Some(with_outer(context, diagnostic, outer))
}

/// Further attempts that begin when the caller has gone.
fn wasted_retries(
    context: &Context<'_, '_>,
    id: CallId,
    call: &Call,
    outer: CallId,
    patience: Duration,
) -> Option<Diagnostic> {
    let retry = call.behavior.retry.filter(|retry| retry.count > 0 && retry.on.timeout)?;
    let timeout = call.behavior.timeout?.seconds();
    let fitting = (patience.seconds() / timeout).ceil() as u32;
    // The last attempt that begins at all may be cut short; one that never begins is what is said here.
    if fitting > retry.count {
        return None;
    }
    let at = context.given_call(id, Key::Retry)?;
    let caller = context.caller_name(context.model().call(outer).from);
    let attempts = retry.count + 1;
    let message = format!(
        "{attempts} attempts of {} do not fit into the {patience} that `{caller}` waits: {} of them never begin",
        super::words::time(timeout),
        attempts - fitting,
    );
    let diagnostic = Diagnostic::new(&codes::W1103, at, message)
        .label("goes on when nobody waits any more")
        .help(format!("a shorter timeout or fewer retries: {attempts} × timeout, and backoff, below {patience}"));
    Some(with_outer(context, diagnostic, outer))
}

fn with_outer(context: &Context<'_, '_>, diagnostic: Diagnostic, outer: CallId) -> Diagnostic {
    match context.given_call(outer, Key::Timeout) {
        Some(span) => diagnostic.related(span, "the caller gives up after this"),
        None => diagnostic,
    }
}
