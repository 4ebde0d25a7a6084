//! `quality`: what a run is worth, 0 to 1.
//!
//! A part that holds scores 1. One that does not scores `1 / (1 + e)` with the ratio `e` by which its limit is missed:
//! twice the limit is a half. The score is their weighted mean; what was not measured is left out of it.

use super::expectations::Judgement;
use crate::model::ExpectationOrigin;
use serde::Serialize;
use std::sync::Arc;

/// The score of a run and of its parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    /// 0 to 1; `None`: nothing of it was measured.
    pub score: Option<f64>,
    /// In the order written.
    pub parts: Vec<QualityPart>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QualityPart {
    /// As written.
    pub condition: Arc<str>,
    /// As written.
    pub weight: f64,
    /// 0 to 1; `None`: not measured.
    pub score: Option<f64>,
}

/// The quality that a scenario asks for; `None` where it asks for none.
pub fn quality(judgements: &[Judgement]) -> Option<Quality> {
    let part = |judgement: &Judgement| match judgement.origin {
        ExpectationOrigin::Quality(weight) => Some(QualityPart {
            condition: judgement.text.clone(),
            weight,
            score: judgement.held.map(|held| if held { 1.0 } else { 1.0 / (1.0 + judgement.excess) }),
        }),
        ExpectationOrigin::Scenario | ExpectationOrigin::Slo => None,
    };
    let parts: Vec<QualityPart> = judgements.iter().filter_map(part).collect();
    if parts.is_empty() {
        return None;
    }
    let known = || parts.iter().filter_map(|part| Some((part.weight, part.score?)));
    let weight: f64 = known().map(|(weight, _)| weight).sum();
    let score = known().map(|(weight, score)| weight * score).sum::<f64>() / weight;
    Some(Quality { score: (weight > 0.0).then_some(score), parts })
}
