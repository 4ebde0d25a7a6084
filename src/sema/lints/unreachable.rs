//! W1101: an element that nothing reaches.

use super::Context;
use super::words::names;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{Entry, StationId};
use crate::source::Span;

/// Stations that no source reaches, each with what only it would reach.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    if context.built.source_of.is_empty() {
        return;
    }
    let starts = context.graph.entered(context.model()).into_iter().chain(jobs(context));
    let mut reached = context.graph.reached(context.model(), starts);
    let islands = islands(context, &mut reached);
    let is_picture = |island: &Vec<StationId>| context.is_picture(context.declared_at(island[0]));
    let (drawn, simulated): (Vec<_>, Vec<_>) = islands.into_iter().partition(is_picture);
    out.extend(summary(context, &drawn));
    out.extend(simulated.iter().map(|island| diagnostic(context, island)));
}

/// What starts by itself, by its kind.
fn jobs<'c>(context: &'c Context<'_, '_>) -> impl Iterator<Item = StationId> + 'c {
    let is_job =
        |station: &crate::model::Station| context.model().element(station.element).kind.eq_ignore_ascii_case("job");
    context.stations().filter(move |(_, station)| is_job(station)).map(|(id, _)| id)
}

/// Groups of what is not reached: where traffic would have to enter, and everything behind it.
fn islands(context: &Context<'_, '_>, reached: &mut [bool]) -> Vec<Vec<StationId>> {
    let ids: Vec<StationId> = context.stations().map(|(id, _)| id).filter(|id| !reached[id.index()]).collect();
    let is_called = |id: &StationId| {
        let calls = context.graph.incoming(*id).iter();
        calls.map(|call| context.model().call(*call).from).any(|from| from != Entry::Station(*id))
    };
    let (behind, heads): (Vec<StationId>, Vec<StationId>) = ids.into_iter().partition(is_called);
    let mut islands = Vec::new();
    // What is left after the heads calls itself in a circle.
    for head in heads.into_iter().chain(behind) {
        let island = spread(context, head, reached);
        if !island.is_empty() {
            islands.push(island);
        }
    }
    islands
}

fn spread(context: &Context<'_, '_>, head: StationId, reached: &mut [bool]) -> Vec<StationId> {
    let mut island = Vec::new();
    let mut open = vec![head];
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut reached[at.index()], true) {
            island.push(at);
            open.extend(context.graph.outgoing(at).iter().rev().map(|call| context.model().call(*call).to));
        }
    }
    island
}

fn diagnostic(context: &Context<'_, '_>, island: &[StationId]) -> Diagnostic {
    let head = context.name(island[0]);
    let behind: Vec<&str> = island[1..].iter().map(|id| context.name(*id)).collect();
    let tail = if behind.is_empty() { String::new() } else { format!(", nor what only it calls: {}", names(&behind)) };
    let diagnostic =
        Diagnostic::new(&codes::W1101, context.declared_at(island[0]), format!("no traffic reaches `{head}`{tail}"))
            .label("nothing that gets traffic calls it");
    match taken_from(context, island[0]) {
        Some((queue, relation)) => diagnostic
            .help(format!("if it takes messages from `{queue}`, turn the arrow: `{queue} -> {head}`"))
            .related(relation, "messages go the way of the arrow"),
        None => diagnostic
            .help(format!("add the relation that leads to it, or tag it `external` if `{head}` starts work by itself")),
    }
}

/// The queue that an element calls with a word of receiving.
fn taken_from<'c>(context: &Context<'c, '_>, head: StationId) -> Option<(&'c str, Span)> {
    context.graph.outgoing(head).iter().find_map(|id| {
        let to = context.model().call(*id).to;
        let takes = context.relation(*id).is_some_and(receives);
        (context.model().station(to).is_queue && takes).then_some((context.name(to), context.relation_span(*id)?))
    })
}

/// Whether the words of a relation say that messages flow against its arrow.
pub fn receives(relation: &crate::syntax::ast::Relation) -> bool {
    const WORDS: [&str; 8] = ["consum", "subscri", "receiv", "poll", "listen", "takes", "dequeue", "reads"];
    let words = relation.verb.iter().chain(&relation.label).map(|text| text.value.to_lowercase());
    words.into_iter().any(|text| WORDS.iter().any(|word| text.contains(word)))
}

fn summary(context: &Context<'_, '_>, islands: &[Vec<StationId>]) -> Option<Diagnostic> {
    let all: Vec<&str> = islands.iter().flatten().map(|id| context.name(*id)).collect();
    let first = islands.first()?.first()?;
    let mut diagnostic =
        Diagnostic::new(&codes::W1101, context.declared_at(*first), format!("no traffic reaches {}", names(&all)))
            .label("nothing that gets traffic calls it")
            .help("a simulation would leave it idle: add the relations that lead to it");
    diagnostic.severity = Severity::Hint;
    Some(diagnostic)
}
