//! W1131: load enters somewhere that nobody named.

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::model::{Entry, StationId};

/// Without a source load enters where nobody calls. Where everybody is called by somebody, the first of the file is
/// taken, which is no more than a guess.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    if !context.built.source_of.is_empty() || context.scenes().is_empty() {
        return;
    }
    let entered = context.calls().filter(|(_, call)| matches!(call.from, Entry::Source(_))).map(|(_, call)| call.to);
    out.extend(entered.filter(|id| is_called(context, *id)).map(|id| diagnostic(context, id)));
}

fn is_called(context: &Context<'_, '_>, station: StationId) -> bool {
    context.calls().any(|(_, call)| call.to == station && matches!(call.from, Entry::Station(_)))
}

fn diagnostic(context: &Context<'_, '_>, station: StationId) -> Diagnostic {
    let name = context.name(station);
    Diagnostic::new(&codes::W1131, context.declared_at(station), format!("load enters at `{name}`, which is a guess"))
        .label("the first of those that call each other")
        .help(format!("say where requests come from: `Customer = person \"Customer\"` and `Customer -> {name}`"))
}
