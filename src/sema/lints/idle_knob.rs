//! W1132: a knob, a mix or a surge that changes nothing in its scenario.

use super::Context;
use super::scene::Scene;
use crate::diag::{Diagnostic, codes};
use crate::model::ChaosAction;
use crate::schema::{KNOBS, KnobKey};
use crate::source::Span;
use crate::syntax::ast::StatementKind;

/// What a scenario sets, and no version of the model has.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scenes in context.scenes() {
        for knob in KNOBS {
            let why = of_all(&scenes, |scene| idle_knob(scene, knob.key));
            let place = || scenes.first().and_then(|scene| Some(scene.own(scene.value_of(knob.name)?)));
            out.extend(why.and_then(|why| Some(diagnostic(place()?, &format!("`{}`", knob.name), why))));
        }
        let Some(scene) = scenes.first() else { continue };
        let mixes = || scene.flat.statements.iter().filter(|s| matches!(s.kind, StatementKind::Traffic(_)));
        let one = |scene: &Scene<'_, '_>| (scene.model.request_types.len() == 1).then_some(ONE_TYPE);
        let mix = of_all(&scenes, one).zip(mixes().next_back());
        out.extend(mix.map(|(why, statement)| diagnostic(scene.own(statement.span), "`traffic`", why)));
        out.extend(surges(scene));
    }
}

const ONE_TYPE: &str = "there is one type of request";
const CLOSED: &str = "the users of a closed loop make the load";

/// The reason that holds in every version.
fn of_all(scenes: &[Scene<'_, '_>], why: impl Fn(&Scene<'_, '_>) -> Option<&'static str>) -> Option<&'static str> {
    scenes.iter().map(why).reduce(|a, b| a.and(b)).flatten()
}

fn idle_knob(scene: &Scene<'_, '_>, knob: KnobKey) -> Option<&'static str> {
    let model = scene.model;
    match knob {
        KnobKey::Retries => {
            let retries = model.calls.iter().any(|call| call.behavior.retry.is_some());
            (!retries).then_some("it is the count of the relations that retry, and none does")
        }
        KnobKey::Lag => {
            let queues = model.stations.iter().any(|station| station.is_queue);
            (!queues).then_some("it is the lag of queues, and there is none")
        }
        KnobKey::Think => {
            (!has_users(scene)).then_some("only the users of a closed loop think, and `users` is not given")
        }
        KnobKey::Load => has_users(scene).then_some(CLOSED),
        KnobKey::Failures | KnobKey::Latency | KnobKey::Users => None,
    }
}

fn has_users(scene: &Scene<'_, '_>) -> bool {
    scene.scenario.base.workload.users.is_some()
}

fn surges(scene: &Scene<'_, '_>) -> Vec<Diagnostic> {
    let events = scene.scenario.base.chaos.iter().filter(|_| has_users(scene));
    let surges = events.filter(|event| matches!(event.action, ChaosAction::Surge(_)));
    let places = surges.filter_map(|event| scene.chaos_node(event).map(|(_, span)| span));
    places.map(|at| diagnostic(scene.own(at), "`surge`", CLOSED)).collect()
}

fn diagnostic(at: Span, what: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&codes::W1132, at, format!("{what} has no effect in this scenario: {why}"))
        .label("every run is the same with and without it")
        .help("take it out, or give the model what it acts on")
}
