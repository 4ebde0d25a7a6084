//! What an architecture costs.

use super::Run;
use crate::model::ChaosAction;
use crate::schema::Key;

/// Cost of one run; `None` where nobody gave a price or nothing was requested.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CostFigures {
    /// USD an hour: Σ over stations of replica-hours and calls, retries and autoscaling included,
    /// because both are in what was measured.
    pub per_hour: Option<f64>,
    /// USD for a million requests: the hourly cost over the requests that ended in an hour.
    pub per_million_requests: Option<f64>,
}

/// Cost of a run.
pub fn cost(run: Run) -> CostFigures {
    if !is_priced(run) {
        return CostFigures::default();
    }
    let per_hour: f64 = run.measures.elements.values().map(|e| e.cost).sum();
    let hourly_requests = run.measures.metrics.throughput * 3600.0;
    let per_million = (hourly_requests > 0.0).then(|| per_hour / hourly_requests * 1e6);
    CostFigures { per_hour: Some(per_hour), per_million_requests: per_million }
}

fn is_priced(run: Run) -> bool {
    let has_price = |cost: &crate::model::Cost| cost.per_replica_hour.is_some() || cost.per_call.is_some();
    let by_model = run.architecture.stations.iter().any(|s| has_price(&s.behavior.cost));
    // A fault may give a price where the model has none.
    by_model || run.config.chaos.iter().any(|event| sets_price(&event.action))
}

fn sets_price(action: &ChaosAction) -> bool {
    match action {
        ChaosAction::Set(_, key, _) => *key == Key::Cost,
        ChaosAction::Deploy(_, settings) => settings.iter().any(|(_, key, _)| *key == Key::Cost),
        _ => false,
    }
}
