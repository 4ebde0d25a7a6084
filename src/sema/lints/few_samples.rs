//! W1122: too few requests for the percentile.

use super::Context;
use super::scene::Scene;
use super::traffic::{Traffic, shares, visits};
use super::words::number;
use crate::diag::{Diagnostic, codes};
use crate::model::{Condition, Metric, MetricScope, Term, Window};
use crate::schema::SettingKey;

/// Fewest requests above a percentile for which it says more than chance.
const BEYOND: f64 = 10.0;

/// Percentiles of `expect` statements against the requests that come in the time they are measured.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    for scene in context.scenes().iter().filter_map(|scenes| scenes.first()) {
        let expectations = scene.expectations();
        let Some(load) = scene.load().filter(|_| !expectations.is_empty() && !sweeps_length(scene)) else { continue };
        let traffic = visits(scene.model, scene.graph, &scene.scenario.base.workload.mix);
        for (node, expectation) in expectations {
            let Some((share, scope)) = percentile(&expectation.condition) else { continue };
            let Some(seconds) = seconds(scene, expectation.window) else { continue };
            let requests = load.low * part(scene, &traffic, scope) * seconds * runs(scene);
            if requests * (1.0 - share) < BEYOND - 1e-6 {
                out.push(diagnostic(scene, node.condition.span, share, requests));
            }
        }
    }
}

fn sweeps_length(scene: &Scene<'_, '_>) -> bool {
    use crate::model::Setter::Setting;
    let setters = scene.scenario.axes.iter().flat_map(|axis| &axis.setters);
    setters
        .into_iter()
        .any(|setter| matches!(setter, Setting(SettingKey::Duration | SettingKey::Warmup | SettingKey::Replications)))
}

/// Replications are put together before a percentile is taken.
fn runs(scene: &Scene<'_, '_>) -> f64 {
    f64::from(scene.scenario.base.replications)
}

/// The highest percentile that a condition asks for.
fn percentile(condition: &Condition) -> Option<(f64, MetricScope)> {
    let of = |term: &Term| match term {
        Term::Metric(Metric::Quantile(share), scope) => Some((*share, *scope)),
        _ => None,
    };
    match condition {
        Condition::Compare(a, _, b) => of(a).or_else(|| of(b)),
        Condition::Not(inner) => percentile(inner),
        Condition::And(a, b) | Condition::Or(a, b) => {
            percentile(a).into_iter().chain(percentile(b)).max_by(|a, b| a.0.total_cmp(&b.0))
        }
    }
}

/// How long a window is; faults come and go, and single seconds are few by nature.
fn seconds(scene: &Scene<'_, '_>, window: Window) -> Option<f64> {
    let base = &scene.scenario.base;
    match window {
        Window::Whole => Some((base.duration - base.least_warmup()).seconds()),
        Window::Between(from, to) => Some(to.since(from).seconds()),
        _ => None,
    }
    .filter(|seconds| *seconds > 0.0)
}

/// Requests of a scope for one external request.
fn part(scene: &Scene<'_, '_>, traffic: &Traffic, scope: MetricScope) -> f64 {
    match scope {
        MetricScope::All | MetricScope::Group(_) => 1.0,
        MetricScope::Station(id) => traffic.station[id.index()],
        MetricScope::Call(id) => traffic.call[id.index()],
        MetricScope::Request(id) => shares(scene.model, &scene.scenario.base.workload.mix)[id.index()],
    }
}

fn diagnostic(scene: &Scene<'_, '_>, at: crate::source::Span, share: f64, requests: f64) -> Diagnostic {
    let name = format!("p{}", number(share * 100.0));
    let needed = BEYOND / (1.0 - share);
    let message = format!(
        "{name} of about {} requests is mostly chance: only {} of them lie beyond it",
        requests.round(),
        number(requests * (1.0 - share)),
    );
    let factor = (needed / requests.max(f64::MIN_POSITIVE)).ceil();
    let longer = if factor.is_finite() && factor < 1e6 { format!(", {factor} times as many") } else { String::new() };
    Diagnostic::new(&codes::W1122, scene.own(at), message)
        .label("too few requests")
        .help(format!("it takes {}{longer}: a longer `duration`, more `replications` or more load", needed.round()))
}
