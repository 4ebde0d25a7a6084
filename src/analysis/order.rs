//! The order in which something grows with the load: the slope of a log-log regression by least squares, with the
//! 95 % interval of Student's t on n - 2 degrees of freedom.
//!
//! A power law is a straight line there and its exponent the slope: 0 is constant, 1 linear, 2 quadratic. `n log n` has
//! the slope 1 + 1/ln n, which is 1.1 to 1.5 for the sizes that loads have (7 to 20 000). An order is certain where the
//! whole interval lies within it.

use super::run::mean;
use super::statistics::student;
use serde::Serialize;

/// How something grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Order {
    Constant,
    Sublinear,
    Linear,
    Linearithmic,
    Quadratic,
    Worse,
}

impl Order {
    /// The order of an exponent.
    fn of(exponent: f64) -> Self {
        match exponent {
            e if e < 0.1 => Self::Constant,
            e if e < 0.9 => Self::Sublinear,
            e if e < 1.1 => Self::Linear,
            e if e < 1.5 => Self::Linearithmic,
            e if e < 2.5 => Self::Quadratic,
            _ => Self::Worse,
        }
    }

    /// In a user's words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Sublinear => "less than linear",
            Self::Linear => "linear",
            Self::Linearithmic => "linearithmic",
            Self::Quadratic => "quadratic",
            Self::Worse => "worse than quadratic",
        }
    }
}

/// Growth with the load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GrowthOrder {
    /// It grows as the load to this power.
    pub exponent: f64,
    /// 95 % interval of the exponent.
    pub ci95: [f64; 2],
    /// The order of the exponent.
    pub order: Order,
    /// Whether the whole interval is of this order.
    pub certain: bool,
}

/// The order of pairs of a load and what it brings; both above zero, at three different loads at least.
pub fn growth_order(points: &[(f64, f64)]) -> Option<GrowthOrder> {
    let positive = points.iter().filter(|(load, value)| *load > 0.0 && *value > 0.0);
    let logs: Vec<(f64, f64)> = positive.map(|(load, value)| (load.ln(), value.ln())).collect();
    let mut loads: Vec<f64> = logs.iter().map(|point| point.0).collect();
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    if loads.len() < 3 {
        return None;
    }
    let (x, y) = (mean(logs.iter().map(|p| p.0)), mean(logs.iter().map(|p| p.1)));
    let spread: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    let slope = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread;
    let rest: f64 = logs.iter().map(|p| (p.1 - y - slope * (p.0 - x)).powi(2)).sum();
    let freedom = logs.len() - 2;
    let half = student(freedom) * (rest / freedom as f64 / spread).sqrt();
    let ci95 = [slope - half, slope + half];
    let certain = ci95.map(Order::of) == [Order::of(slope); 2];
    Some(GrowthOrder { exponent: slope, ci95, order: Order::of(slope), certain })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(growth: impl Fn(f64) -> f64) -> GrowthOrder {
        growth_order(&[100.0, 300.0, 800.0].map(|load| (load, growth(load)))).expect("three loads")
    }

    #[test]
    fn powers_and_logarithms_are_told_apart() {
        let orders =
            [of(|_| 5.0), of(|n| n.sqrt()), of(|n| 3.0 * n), of(|n| n * n.ln()), of(|n| n * n), of(|n| n.powi(3))];
        let expected =
            [Order::Constant, Order::Sublinear, Order::Linear, Order::Linearithmic, Order::Quadratic, Order::Worse];
        assert_eq!(orders.map(|found| found.order), expected);
        assert!((orders[4].exponent - 2.0).abs() < 1e-9 && orders[4].certain);
    }

    #[test]
    fn scatter_widens_the_interval() {
        let found = growth_order(&[(100.0, 1.0), (300.0, 9.0), (800.0, 4.0)]).expect("three loads");
        assert!(!found.certain && found.ci95[0] < 0.0 && found.ci95[1] > 2.0);
        assert_eq!(growth_order(&[(100.0, 1.0), (300.0, 9.0), (300.0, 4.0)]), None);
    }
}
