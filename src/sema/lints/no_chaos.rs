//! W1120: an expectation of a fault in a scenario that has none, or none that ends.

use super::Context;
use super::scene::Scene;
use crate::diag::{Diagnostic, codes};
use crate::model::{ChaosAction, ChaosEvent, ChaosSlot, Setter, Trigger};
use crate::source::Span;
use crate::syntax::ast::{Expect, Expr, ExprKind, StatementKind, WindowKind};

/// `during chaos`, `after chaos` and `recovery_time` against the events of the scenario.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        let endless = endless(scene);
        for statement in &scene.flat.statements {
            let StatementKind::Expect(expect) = &statement.kind else { continue };
            out.extend(match &endless {
                None => without_faults(scene, expect),
                Some(Some(event)) => never_after(scene, expect, event),
                Some(None) => None,
            });
        }
    }
}

/// A fault that goes on to the end of the run; outer `None` without any fault.
fn endless<'x>(scene: &'x Scene<'_, '_>) -> Option<Option<&'x ChaosEvent>> {
    // Those that are not simulated yet are faults as well.
    if !scene.flat.statements.iter().any(|statement| matches!(statement.kind, StatementKind::Chaos(_))) {
        return None;
    }
    let events = scene.scenario.base.chaos.iter().enumerate();
    Some(events.filter(|(n, event)| is_endless(scene, *n, event)).map(|(_, event)| event).next())
}

fn is_endless(scene: &Scene<'_, '_>, n: usize, event: &ChaosEvent) -> bool {
    let sets = |setter: &Setter| matches!(setter, Setter::Chaos(event, ChaosSlot::Length) if *event == n);
    let swept = scene.scenario.axes.iter().any(|axis| axis.setters.iter().any(sets));
    let healed = scene.scenario.base.chaos.iter().any(|event| matches!(event.action, ChaosAction::Heal(..)));
    let lasts = event.timing.length.is_none() && !swept && !healed;
    let ends_by_itself =
        matches!(event.action, ChaosAction::Restart(..) | ChaosAction::ClearCache(_) | ChaosAction::Failover(_));
    lasts && matches!(event.timing.trigger, Trigger::At(_)) && !ends_by_itself
}

fn without_faults(scene: &Scene<'_, '_>, expect: &Expect) -> Option<Diagnostic> {
    let (at, what) = match &expect.window {
        // Calls that fail all the time are chaos all the time.
        Some(window) if matches!(window.value, WindowKind::DuringChaos) && has_failures(scene) => return None,
        Some(window) if matches!(window.value, WindowKind::DuringChaos) => (window.span, "`during chaos`"),
        Some(window) if matches!(window.value, WindowKind::AfterChaos) => (window.span, "`after chaos`"),
        _ => (recovery(&expect.condition)?, "`recovery_time`"),
    };
    Some(
        Diagnostic::new(&codes::W1120, scene.own(at), format!("{what} in a scenario in which nothing goes wrong"))
            .label("never measured")
            .help(if has_failures(scene) {
                "`failures` is there all the time, and nothing comes after it: add a fault: `at 30s kill X for 10s`"
            } else {
                "add a fault: `at 30s kill X for 10s`"
            }),
    )
}

/// Whether calls fail all the time, which is no event.
fn has_failures(scene: &Scene<'_, '_>) -> bool {
    scene.scenario.base.failures > 0.0 || scene.axis(crate::schema::KnobKey::Failures).is_some()
}

/// Where a condition asks for the recovery time.
fn recovery(expr: &Expr) -> Option<Span> {
    match &expr.kind {
        ExprKind::Compare(a, _, b) | ExprKind::And(a, b) | ExprKind::Or(a, b) => recovery(a).or_else(|| recovery(b)),
        ExprKind::Not(inner) => recovery(inner),
        ExprKind::Name(path, _) if path.dotted() == "recovery_time" => Some(expr.span),
        _ => None,
    }
}

fn never_after(scene: &Scene<'_, '_>, expect: &Expect, event: &ChaosEvent) -> Option<Diagnostic> {
    let window = expect.window.as_ref().filter(|window| matches!(window.value, WindowKind::AfterChaos))?;
    let mut diagnostic = Diagnostic::new(
        &codes::W1120,
        scene.own(window.span),
        format!("there is no time after `{}`: it lasts to the end of the run", event.text),
    )
    .label("never measured")
    .help("say how long the fault lasts: `… for 10s`");
    if let Some((_, span)) = scene.chaos_node(event).filter(|(_, span)| !scene.context.is_std(*span)) {
        diagnostic = diagnostic.related(span, "goes on to the end");
    }
    Some(diagnostic)
}
