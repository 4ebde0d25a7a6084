//! What can fail in a model by itself, when no scenario makes anything fail.

use super::Context;
use super::scene::Scene;
use super::traffic::is_waited_for;
use crate::model::{Call, Discipline, Limit, Station};
use crate::schema::KnobKey;
use crate::syntax::ast::StatementKind;

/// Whether there are scenarios, and none of them makes anything fail or changes an attribute.
pub fn all_calm(context: &Context<'_, '_>) -> bool {
    !context.flats.is_empty() && !context.any_scene(|scene| !is_calm(scene))
}

/// Whether a scenario lets nothing fail by itself.
fn is_calm(scene: &Scene<'_, '_>) -> bool {
    let chaos = scene.flat.statements.iter().any(|statement| matches!(statement.kind, StatementKind::Chaos(_)));
    let scenario = scene.scenario;
    !chaos && scenario.base.failures == 0.0 && scene.axis(KnobKey::Failures).is_none() && scenario.fixed.is_empty()
}

/// Stations whose answers may be errors.
pub fn failing(context: &Context<'_, '_>) -> Vec<bool> {
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
    let gives_up = b.patience.is_some() || b.discipline == Discipline::Codel;
    let lacks_copies = b.replication.is_some_and(|rule| rule.sync > 0 && rule.sync >= b.replicas);
    let gives_up = gives_up || lacks_copies;
    b.errors > 0.0 || b.failures.is_some() || full || gives_up || b.replicas == 0 || b.autoscale.is_some()
}

/// Whether a call may end otherwise than with a success.
pub fn fails(call: &Call, failing: &[bool]) -> bool {
    let b = &call.behavior;
    let refused = b.bulkhead.is_some() || b.pool.is_some_and(|pool| pool.wait.is_some());
    b.loss > 0.0 || b.timeout.is_some() || refused || failing[call.to.index()]
}
