//! W1105: retries that come at once.

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::model::Backoff;
use crate::schema::Key;

/// What a retry wants to have.
const ADVICE: &str = "backoff exponential(50ms, 2x, max 1s)  jitter full";

/// Relations that retry and do not wait before it.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for (id, call) in context.calls() {
        let retries = call.behavior.retry.filter(|retry| retry.count > 0 && retry.backoff == Backoff::None);
        let (Some(retry), Some(at)) = (retries, context.given_call(id, Key::Retry)) else { continue };
        let times = super::words::count(u64::from(retry.count), "time");
        let callee = context.name(call.to);
        let diagnostic = Diagnostic::new(
            &codes::W1105,
            at,
            format!("a failed call of `{callee}` is tried again at once, up to {times}"),
        )
        .label("no backoff")
        .help(format!("wait in between: `{{ {ADVICE} }}`"));
        let whole = context.built.origins.get(crate::model::Place::Call(id), Key::Retry).map(|origin| origin.span);
        // Where braces follow already, the attributes belong into them.
        out.push(if whole == Some(at) {
            diagnostic.suggest("add a backoff", at.after(), format!(" {{ {ADVICE} }}"))
        } else {
            diagnostic
        });
    }
}
