//! What an event does.

use super::amount::{dimension, disorder, factor, named_amount, seconds, share, slow_strength, strength, wrong_amount};
use super::targets::{SymbolOrDomain, Targets, links, queues, requests, sources, stations};
use super::{change, manner, resource};
use crate::model::{ChaosAction, ElementSet, Healed, LinkSet};
use crate::quantity::{Dimension, Duration};
use crate::schema::Verb;
use crate::sema::lower::scenario::Lowering;
use crate::source::Span;
use crate::syntax::ast;

/// The action of a verb on its targets.
pub fn action(
    lowering: &mut Lowering<'_, '_, '_>,
    chaos: &ast::Chaos,
    verb: Verb,
    targets: &Targets,
    span: Span,
) -> Option<ChaosAction> {
    let amount = strength(lowering, chaos);
    let set = || element_set(lowering, chaos, &targets.0);
    Some(match verb {
        Verb::Kill if !manner::of(chaos).graceful => ChaosAction::Kill(set()),
        Verb::Restart => {
            ChaosAction::Restart(set(), amount.and_then(|q| q.or_unit(seconds()).duration()).unwrap_or_default())
        }
        Verb::Pause => ChaosAction::Pause(set()),
        Verb::ClearCache => ChaosAction::ClearCache(set()),
        Verb::Failover => ChaosAction::Failover(set()),
        Verb::HotKey => ChaosAction::HotKey(set(), share(lowering, chaos, amount, 1.0)?),
        Verb::Slow => ChaosAction::Slow(set(), slow_strength(lowering, chaos, amount)?),
        Verb::Fail => ChaosAction::Fail(set(), share(lowering, chaos, amount, 1.0)?),
        Verb::Outage => match targets.0.first() {
            Some(SymbolOrDomain::Domain(domain)) => ChaosAction::Outage(*domain),
            _ => return None,
        },
        Verb::Throttle => ChaosAction::Throttle(set(), dimension(lowering, chaos, amount, Dimension::Rate, "/s")?.si()),
        Verb::Scale => ChaosAction::Scale(set(), dimension(lowering, chaos, amount, Dimension::Count, "")?.si() as u32),
        Verb::Surge => ChaosAction::Surge(factor(lowering, chaos, amount)?),
        Verb::Partition => {
            ChaosAction::Cut(links(lowering, chaos, targets, span)?, share(lowering, chaos, amount, 1.0)?)
        }
        Verb::Drop => ChaosAction::Cut(links(lowering, chaos, targets, span)?, share(lowering, chaos, amount, 1.0)?),
        Verb::Delay => {
            let by = dimension(lowering, chaos, amount, Dimension::Duration, "ms")?.si();
            let jitter = match named_amount(lowering, chaos, "jitter").map(|q| q.or_unit(seconds())) {
                None => 0.0,
                Some(q) if q.dimension() == Dimension::Duration => q.si(),
                Some(_) => return wrong_amount(lowering, chaos, "a time behind `jitter`"),
            };
            ChaosAction::Delay(links(lowering, chaos, targets, span)?, by, jitter)
        }
        // Asked to end, it is stopped.
        Verb::Kill | Verb::Stop => {
            let grace = amount.map_or(Some(GRACE), |q| q.or_unit(seconds()).duration());
            match grace {
                Some(grace) => ChaosAction::Stop(set(), grace),
                None => return wrong_amount(lowering, chaos, "a time: `stop X grace 30s`"),
            }
        }
        Verb::Hang => ChaosAction::Hang(set()),
        Verb::Duplicate => {
            ChaosAction::Duplicate(requests(lowering, chaos, targets, span)?, share(lowering, chaos, amount, 1.0)?)
        }
        Verb::Reorder => {
            let (late, part) = disorder(lowering, chaos);
            let late = match late {
                Some(late) => late.si(),
                None => LATE,
            };
            ChaosAction::Reorder(requests(lowering, chaos, targets, span)?, share(lowering, chaos, part, 0.5)?, late)
        }
        Verb::ConsumerStop => ChaosAction::StopConsumers(queues(lowering, chaos, set())?),
        Verb::Poison => ChaosAction::Poison(queues(lowering, chaos, set())?, share(lowering, chaos, amount, 1.0)?),
        Verb::AutoscaleOff => ChaosAction::FreezeScaling(set()),
        Verb::Quota => ChaosAction::Quota(set()),
        Verb::Heal if targets.0.is_empty() && targets.1.is_empty() => ChaosAction::Heal(None),
        Verb::Heal => ChaosAction::Heal(Some(healed(lowering, chaos, targets, span)?)),
        Verb::Leak => ChaosAction::Leak(set(), dimension(lowering, chaos, amount, Dimension::Rate, "%/s")?.si()),
        Verb::Exhaust => return resource::exhaust(lowering, chaos, span),
        Verb::Deploy => {
            let whole = set();
            let replicas = manner::deployed(chaos, whole.replicas);
            resource::deploy(lowering, &chaos.properties, ElementSet { replicas, ..whole })
        }
        Verb::Increase | Verb::Decrease | Verb::Set => return change::change(lowering, chaos, verb, amount, span),
    })
}

/// What a `heal` names: elements, or the relations between two sides.
fn healed(lowering: &mut Lowering<'_, '_, '_>, chaos: &ast::Chaos, targets: &Targets, span: Span) -> Option<Healed> {
    let (elements, links) = if targets.1.is_empty() {
        (&*targets.0, LinkSet { links: Vec::new(), half: false })
    } else {
        (&[][..], links(lowering, chaos, targets, span)?)
    };
    let sources = sources(lowering.built, elements);
    Some(Healed { stations: element_set(lowering, chaos, elements), sources, links })
}

fn element_set(lowering: &Lowering<'_, '_, '_>, chaos: &ast::Chaos, targets: &[SymbolOrDomain]) -> ElementSet {
    let count = |value: &Option<ast::Value>| {
        value.as_ref().and_then(|value| lowering.first_quantity(value)).map(crate::model::part)
    };
    ElementSet {
        stations: stations(lowering.built, targets),
        replicas: count(&chaos.targets.replicas),
        any: count(&chaos.targets.any),
    }
}

/// What has so long to end unless something else is said: `terminationGracePeriodSeconds` of Kubernetes.
const GRACE: Duration = Duration(30_000_000_000);
/// How late a message out of order is, seconds.
const LATE: f64 = 0.01;
