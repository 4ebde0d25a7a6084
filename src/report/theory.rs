//! What theory says of a run, beside what was simulated.

use super::model::{Agreement, AnalyticBasis, AnalyticCheck, AnalyticElement, AnalyticReport, AnalyticRequests};
use crate::analytic::{self, Answer, ElementAnswers, Evaluation, Exactness, RequestAnswers};
use crate::measure::RunMeasures;
use crate::model::{Architecture, RunConfig};

/// Evaluates a run and holds what comes of it against its measures.
pub fn theory(architecture: &Architecture, config: &RunConfig, measures: &RunMeasures) -> AnalyticReport {
    let found = analytic::evaluate(architecture, config);
    // Where not even a rate is known, there is one reason for everything.
    if let Some(reason) = found.rate.reason() {
        return AnalyticReport { reason: Some(reason.clone()), ..AnalyticReport::default() };
    }
    AnalyticReport {
        reason: None,
        elements: found.elements.0.iter().map(|(path, e)| (path.clone(), element(e))).collect(),
        request_types: found.request_types.0.iter().map(|(name, r)| (name.clone(), requests(r))).collect(),
        all: Some(requests(&found.all)),
        checked: checks(&found, measures),
        bottleneck: found.bottleneck.map(|(path, _)| path),
    }
}

fn element(e: &ElementAnswers) -> AnalyticElement {
    AnalyticElement {
        response_mean: e.response_mean.value(),
        wait_mean: e.wait_mean.value(),
        utilization: e.utilization.value(),
        offered: e.offered.value(),
        basis: basis(&e.response_mean),
    }
}

fn requests(r: &RequestAnswers) -> AnalyticRequests {
    AnalyticRequests {
        mean: r.mean.value(),
        p50: r.p50.value(),
        p95: r.p95.value(),
        p99: r.p99.value(),
        error_rate: r.error_rate.value(),
        basis: basis(&r.mean),
    }
}

fn basis(answer: &Answer) -> AnalyticBasis {
    let (exactness, error) = match answer.figure().map(|figure| figure.exactness) {
        None => ("none", None),
        Some(Exactness::Exact) => ("exact", None),
        Some(Exactness::Approximate(error)) => ("approximate", Some(error)),
    };
    let source = answer.figure().map(|figure| figure.source);
    AnalyticBasis { exactness, error, source, reason: answer.reason().cloned() }
}

/// Of every number that has both an answer and an interval.
fn checks(found: &Evaluation, measures: &RunMeasures) -> Vec<AnalyticCheck> {
    if measures.metrics.requests == 0 {
        return Vec::new();
    }
    let (all, latency) = (&found.all, &measures.metrics.latency);
    [
        ("latency.mean", &all.mean, latency.mean),
        ("latency.p50", &all.p50, latency.p50),
        ("latency.p95", &all.p95, latency.p95),
        ("latency.p99", &all.p99, latency.p99),
        ("error_rate", &all.error_rate, measures.metrics.error_rate),
    ]
    .into_iter()
    .filter_map(|(metric, answer, simulated)| {
        let figure = answer.figure()?;
        let ci95 = *measures.ci95.get(metric).filter(|[low, high]| low.is_finite() && high.is_finite())?;
        let error = match figure.exactness {
            Exactness::Exact => 0.0,
            Exactness::Approximate(error) => error,
        };
        let agreement = agreement(figure.value, error, ci95);
        Some(AnalyticCheck { metric, value: figure.value, error, source: figure.source, simulated, ci95, agreement })
    })
    .collect()
}

fn agreement(value: f64, error: f64, [low, high]: [f64; 2]) -> Agreement {
    // A histogram of the engine is off by as much, and so are runs in which nothing varies.
    let slack = (error + 1e-3) * value.abs() + 1e-9;
    let beyond = (low - (value + slack)).max(value - slack - high);
    match beyond {
        b if b <= 0.0 => Agreement::Inside,
        b if b <= high - low => Agreement::Near,
        _ => Agreement::Outside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_contains_a_number_give_or_take_its_error() {
        assert_eq!(agreement(1.0, 0.0, [0.9, 1.1]), Agreement::Inside);
        assert_eq!(agreement(1.25, 0.2, [0.9, 1.1]), Agreement::Inside);
        assert_eq!(agreement(1.25, 0.0, [0.9, 1.1]), Agreement::Near);
        assert_eq!(agreement(1.5, 0.0, [0.9, 1.1]), Agreement::Outside);
        assert_eq!(agreement(0.2, 0.1, [0.9, 1.1]), Agreement::Outside);
        assert_eq!(agreement(0.0, 0.0, [0.0, 0.0]), Agreement::Inside);
    }
}
