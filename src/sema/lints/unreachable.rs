//! W1101: an element that nothing reaches.

use super::Context;
use super::graph::Detours;
use super::words::names;
use crate::diag::{Diagnostic, Severity, codes};
use crate::model::{Architecture, Entry, StationId};
use crate::source::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Stations that no source reaches, each with what only it would reach.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    if context.built.source_of.is_empty() {
        return;
    }
    let mut reached = reached(context);
    let islands = islands(context, &mut reached);
    let is_picture = |island: &Vec<StationId>| context.is_picture(context.declared_at(island[0]));
    let (drawn, simulated): (Vec<_>, Vec<_>) = islands.into_iter().partition(is_picture);
    out.extend(summary(context, &drawn));
    out.extend(simulated.iter().map(|island| diagnostic(context, island)));
}

/// Which stations of the file's model get traffic, be it in one version only or by what one scenario sets.
fn reached(context: &Context<'_, '_>) -> Vec<bool> {
    let model = context.model();
    let mut reached = context.graph.reached(model, starts(model, context.graph.entered(model)));
    if reached.iter().all(|is_reached| *is_reached) {
        return reached;
    }
    let mut elsewhere = BTreeSet::new();
    for scene in context.scenes().iter().flatten() {
        let detours = scene.detours();
        if std::ptr::eq(scene.model, model) && detours == Detours::default() {
            continue;
        }
        let starts = starts(scene.model, scene.graph.entered(scene.model));
        let here = scene.graph.reached_with(scene.model, starts, &detours);
        let stations = scene.model.stations.iter().zip(here).filter(|(_, is_reached)| *is_reached);
        elsewhere.extend(stations.map(|(station, _)| Arc::clone(&station.path)));
    }
    for (station, is_reached) in model.stations.iter().zip(&mut reached) {
        *is_reached |= elsewhere.contains(&station.path);
    }
    reached
}

/// Where traffic begins: what sources call, and what starts by itself, by its kind.
fn starts(model: &Architecture, entered: Vec<StationId>) -> impl Iterator<Item = StationId> + '_ {
    let is_job = |station: &crate::model::Station| model.element(station.element).kind.eq_ignore_ascii_case("job");
    let jobs = model.stations.iter().enumerate().filter(move |(_, station)| is_job(station));
    entered.into_iter().chain(jobs.map(|(n, _)| StationId(n as u32)))
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
