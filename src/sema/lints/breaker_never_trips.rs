//! W1114: a circuit breaker that can never open.

use super::Context;
use super::failing::{all_calm, failing, fails};
use super::scene::Scene;
use super::traffic::{Traffic, visits};
use super::words::{number, rate};
use crate::diag::{Diagnostic, codes};
use crate::model::{BreakerTrip, CallId, Entry};
use crate::schema::Key;

/// Breakers that see no failure, or too few calls to count them.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let with_breaker: Vec<CallId> =
        context.calls().filter(|(_, call)| call.behavior.breaker.is_some()).map(|(id, _)| id).collect();
    let scenes: Vec<Scene<'_, '_>> = context.scenes().into_iter().flatten().collect();
    if with_breaker.is_empty() || scenes.is_empty() {
        return;
    }
    let calm = all_calm(context).then(|| failing(context));
    let views = views(&scenes);
    for id in with_breaker {
        match &calm {
            Some(failing) if !fails(context.model().call(id), failing) => out.extend(nothing_fails(context, id)),
            _ => out.extend(too_few(context, &views, id)),
        }
    }
}

fn nothing_fails(context: &Context<'_, '_>, id: CallId) -> Option<Diagnostic> {
    let at = context.given_call(id, Key::CircuitBreaker)?;
    let callee = context.name(context.model().call(id).to);
    Some(
        Diagnostic::new(&codes::W1114, at, format!("this breaker never opens: no call of `{callee}` can fail"))
            .label("nothing to count")
            .help("give the relation a `timeout`; or let a scenario make the callee fail"),
    )
}

/// What each scene sends: of one request a second, and at most.
fn views<'s>(scenes: &'s [Scene<'s, 's>]) -> Vec<Option<(&'s Scene<'s, 's>, Traffic, f64)>> {
    scenes
        .iter()
        .map(|scene| {
            let load = scene.load()?.high;
            let surged = scene.scenario.base.chaos.iter().map(|event| match event.action {
                crate::model::ChaosAction::Surge(factor) => factor.max(1.0),
                _ => 1.0,
            });
            let most = load * surged.product::<f64>();
            Some((scene, visits(scene.model, scene.graph, &scene.scenario.base.workload.mix), most))
        })
        .collect()
}

fn too_few(
    context: &Context<'_, '_>,
    views: &[Option<(&Scene<'_, '_>, Traffic, f64)>],
    id: CallId,
) -> Option<Diagnostic> {
    let call = context.model().call(id);
    let Some(BreakerTrip::ErrorShare { window, min_calls, .. }) = call.behavior.breaker.map(|breaker| breaker.trip)
    else {
        return None;
    };
    let mut most = 0.0_f64;
    for view in views {
        let (scene, traffic, load) = view.as_ref()?;
        // Another version numbers its calls in its own way.
        let own = scene.model.call_by_path(&call.path)?;
        let replicas = match scene.model.call(own).from {
            Entry::Station(from) => scene.model.station(from).behavior.all_replicas().max(1),
            Entry::Source(_) => 1,
        };
        let attempts = 1.0 + f64::from(call.behavior.retry.map_or(0, |retry| retry.count));
        most = most.max(load * super::traffic::rate_of(traffic, own) * attempts / f64::from(replicas));
    }
    let seen = most * window.seconds();
    if most == 0.0 || seen >= f64::from(min_calls) {
        return None;
    }
    let at = context.given_call(id, Key::BreakerMinCalls).or_else(|| context.given_call(id, Key::CircuitBreaker))?;
    let message = format!(
        "this breaker never opens: it waits for {min_calls} calls within {window}, and each replica makes {} at {}",
        number(seen),
        rate(most),
    );
    let fits = (seen / 2.0).floor().max(1.0);
    Some(
        Diagnostic::new(&codes::W1114, at, message)
            .label("more calls than its window ever sees")
            .help(format!("a longer window, or `min_calls {fits}`")),
    )
}
