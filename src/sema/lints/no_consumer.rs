//! W1124: a queue without a consumer.

use super::Context;
use super::unreachable::receives;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{CallId, Entry, StationId};

/// Queues into which messages go and from which none comes.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let mut is_end = vec![false; context.model().stations.len()];
    // A place for what could not be delivered is looked at by people.
    for (_, station) in context.stations() {
        if let Some(dead) = station.behavior.queue_behavior.dead_letter {
            is_end[dead.index()] = true;
        }
    }
    for (id, station) in context.stations() {
        let fed = !context.graph.incoming(id).is_empty();
        if station.is_queue && fed && context.graph.outgoing(id).is_empty() && !is_end[id.index()] {
            out.push(diagnostic(context, id));
        }
    }
}

fn diagnostic(context: &Context<'_, '_>, id: StationId) -> Diagnostic {
    let queue = context.name(id);
    let mut diagnostic =
        Diagnostic::new(&codes::W1124, context.declared_at(id), format!("nothing takes messages from `{queue}`"))
            .label("messages only go in");
    diagnostic = match receiver(context, id) {
        Some((call, name)) => {
            let turned = diagnostic.help(format!("messages go the way of the arrow: write `{queue} -> {name}`"));
            match context.relation_span(call) {
                Some(span) => turned.related(span, "this reads as if it took messages"),
                None => turned,
            }
        }
        None => diagnostic.help(format!("add the relation to its consumer: `{queue} -> Worker`")),
    };
    if context.is_picture(diagnostic.span) {
        diagnostic.severity = Severity::Hint;
    }
    diagnostic
}

/// Who calls the queue with a word of receiving.
fn receiver<'c>(context: &Context<'c, '_>, id: StationId) -> Option<(CallId, &'c str)> {
    context.graph.incoming(id).iter().find_map(|call| {
        let from = context.model().call(*call).from;
        let takes = context.relation(*call).is_some_and(receives);
        (takes && matches!(from, Entry::Station(_))).then(|| (*call, context.caller_name(from)))
    })
}
