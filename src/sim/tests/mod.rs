//! Tests of the whole engine.

use super::reference;
use super::*;

#[test]
fn reference_model_has_its_exact_mean() {
    let measures = simulate(&reference::model(), &reference::config(100));
    let mean = measures.metrics.latency.mean;
    assert!((mean - 0.013_133_5).abs() < 0.0008, "{mean}");
}
