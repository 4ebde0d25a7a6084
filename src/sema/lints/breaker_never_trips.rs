//! W1114: a circuit breaker that can never open.

use super::Context;
use super::scene::Scene;
use super::traffic::{Traffic, is_waited_for, visits};
use super::words::{number, rate};
use crate::diag::{Diagnostic, codes};
use crate::model::{BreakerTrip, Call, CallId, Entry, Limit, Station};
use crate::schema::{Key, KnobKey};
use crate::syntax::ast::StatementKind;

/// Breakers that see no failure, or too few calls to count them.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    let with_breaker: Vec<CallId> =
        context.calls().filter(|(_, call)| call.behavior.breaker.is_some()).map(|(id, _)| id).collect();
    let scenes: Vec<Scene<'_, '_>> = context.scenes().into_iter().flatten().collect();
    if with_breaker.is_empty() || scenes.is_empty() {
        return;
    }
    let calm = scenes.iter().all(is_calm).then(|| failing(context));
    let views = views(&scenes);
    for id in with_breaker {
        match &calm {
            Some(failing) if !fails(context.model().call(id), failing) => out.extend(nothing_fails(context, id)),
            _ => out.extend(too_few(context, &views, id)),
        }
    }
}

/// Whether a scenario lets nothing fail by itself.
fn is_calm(scene: &Scene<'_, '_>) -> bool {
    let chaos = scene.flat.statements.iter().any(|statement| matches!(statement.kind, StatementKind::Chaos(_)));
    let scenario = scene.scenario;
    !chaos && scenario.base.failures == 0.0 && scene.axis(KnobKey::Failures).is_none() && scenario.fixed.is_empty()
}

/// Stations whose answers may be errors.
fn failing(context: &Context<'_, '_>) -> Vec<bool> {
    let mut failing: Vec<bool> = context.stations().map(|(_, station)| fails_alone(station)).collect();
    for station in context.graph.order.iter().rev() {
        let calls = context.graph.outgoing(*station).iter().map(|id| context.model().call(*id));
        let mut waited = calls.filter(|call| is_waited_for(context.model(), call) && call.behavior.fallback.is_none());
        if waited.any(|call| fails(call, &failing)) {
            failing[station.index()] = true;
        }
    }
    failing
}

fn fails_alone(station: &Station) -> bool {
    let b = &station.behavior;
    let full = matches!(b.queue, Limit::At(_)) || b.rate_limit.is_some() || b.shed.is_some();
    let gives_up = b.patience.is_some() || b.discipline == crate::model::Discipline::Codel;
    b.errors > 0.0 || b.failures.is_some() || full || gives_up || b.replicas == 0 || b.autoscale.is_some()
}

fn fails(call: &Call, failing: &[bool]) -> bool {
    let b = &call.behavior;
    let refused = b.bulkhead.is_some() || b.pool.is_some_and(|pool| pool.wait.is_some());
    b.loss > 0.0 || b.timeout.is_some() || refused || failing[call.to.index()]
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
            Entry::Station(from) => scene.model.station(from).behavior.replicas.max(1),
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
