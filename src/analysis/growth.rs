//! How a version grows with the load: its capacity, where it breaks, and the scalability dimension.
//!
//! The knee is found by Kneedle (Satopää, Albrecht, Irwin, Raghavan, 2011) on goodput over load, both
//! scaled to 0..1: the load at which goodput is farthest above the diagonal. There is a knee only where goodput
//! at the highest load is less than 95 % of what the share served at the lowest load promises.
//! Growth exponents are slopes of a log-log regression: goodput against load (1 is linear), p99 against
//! load (0 is constant).
//!
//! `scalability = 0.5 × goodput exponent (0 to 1) + 0.3 × capacity over highest load + 0.2 / (1 + p99 exponent)`.

use super::Dimension;
use super::run::mean;

/// One load of a sweep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SweepPoint {
    /// Offered, 1/s.
    pub load: f64,
    /// Successes a second.
    pub goodput: f64,
    /// 99th percentile of response times, seconds.
    pub p99: f64,
    /// Whether an expectation was violated.
    pub failed: bool,
}

/// What a load sweep shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// Load at the knee; `None`: not reached.
    pub capacity: Option<f64>,
    /// Lowest load at which an expectation is violated.
    pub breaks_at: Option<f64>,
    /// Highest load below that at which all hold.
    pub holds_up_to: Option<f64>,
    /// Highest load.
    pub highest: f64,
    /// Exponent of goodput.
    pub goodput_exponent: f64,
    /// Exponent of p99.
    pub p99_exponent: f64,
    /// The dimension.
    pub scalability: Dimension,
}

/// Growth over at least three different loads, in any order.
pub fn growth(points: &[SweepPoint]) -> Option<Growth> {
    let mut points: Vec<SweepPoint> = points.iter().copied().filter(|p| p.load > 0.0).collect();
    points.sort_by(|a, b| a.load.total_cmp(&b.load));
    points.dedup_by(|a, b| a.load == b.load);
    let (first, last) = (*points.first()?, *points.last()?);
    if points.len() < 3 {
        return None;
    }
    let capacity = is_saturated(first, last).then(|| knee(&points)).flatten();
    let breaks_at = points.iter().find(|p| p.failed).map(|p| p.load);
    let goodput_exponent = exponent(&points, |p| p.goodput);
    let p99_exponent = exponent(&points, |p| p.p99);
    Some(Growth {
        capacity,
        breaks_at,
        holds_up_to: points.iter().take_while(|p| !p.failed).last().map(|p| p.load),
        highest: last.load,
        goodput_exponent,
        p99_exponent,
        scalability: scalability(capacity, last.load, goodput_exponent, p99_exponent),
    })
}

fn is_saturated(first: SweepPoint, last: SweepPoint) -> bool {
    last.goodput < 0.95 * first.goodput / first.load * last.load
}

fn knee(points: &[SweepPoint]) -> Option<f64> {
    let (low, high) = (points.first()?.load, points.last()?.load);
    let least = points.iter().map(|p| p.goodput).fold(f64::INFINITY, f64::min);
    let most = points.iter().map(|p| p.goodput).fold(0.0, f64::max);
    if most <= least {
        return Some(low);
    }
    let above = |p: &SweepPoint| (p.goodput - least) / (most - least) - (p.load - low) / (high - low);
    points.iter().max_by(|a, b| above(a).total_cmp(&above(b))).map(|p| p.load)
}

fn exponent(points: &[SweepPoint], pick: fn(&SweepPoint) -> f64) -> f64 {
    let positive: Vec<(f64, f64)> =
        points.iter().filter(|p| pick(p) > 0.0).map(|p| (p.load.ln(), pick(p).ln())).collect();
    let (x, y) = (mean(positive.iter().map(|p| p.0)), mean(positive.iter().map(|p| p.1)));
    let spread: f64 = positive.iter().map(|p| (p.0 - x).powi(2)).sum();
    let both: f64 = positive.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    if spread > 0.0 { both / spread } else { 0.0 }
}

fn scalability(capacity: Option<f64>, highest: f64, goodput: f64, p99: f64) -> Dimension {
    let reached = capacity.map_or(1.0, |c| (c / highest).clamp(0.0, 1.0));
    let value = 0.5 * goodput.clamp(0.0, 1.0) + 0.3 * reached + 0.2 / (1.0 + p99.max(0.0));
    let capacity = capacity.map_or_else(
        || format!("no knee up to {highest}/s"),
        |capacity| format!("knee at {capacity}/s of {highest}/s"),
    );
    let inputs = vec![format!("goodput grows as load^{goodput:.2}"), capacity];
    Dimension { name: "scalability", value: (100.0 * value).clamp(0.0, 100.0), inputs }
}
