//! Error budgets and how fast they burn (Beyer et al., The Site Reliability Workbook, 2018, ch. 5).
//!
//! An objective allows a share of requests to be bad: `1 - target` of an availability, the limit of an error rate,
//! `1 - q` of a limit on a quantile, where a success that took longer is bad. The *burn rate* is the share that was
//! bad over the share allowed: at 1 the budget lasts exactly as long as its period, at 14.4 two days of thirty. The
//! budget that the run consumed is `burn rate × measured time / period`, and from full it is exhausted after
//! `period / burn rate`. Where the run is long enough, the worst hour and the worst six hours stand beside the whole;
//! a rate that the workbook pages for (14.4 over an hour, 6 over six) is an alert. A run too short for those windows
//! is judged as if it went on as it is.

use super::run::{Run, ratio};
use crate::measure::Probe;
use crate::model::{Comparison, Condition, Expectation, ExpectationOrigin, Metric, Term, Window};
use crate::quantity::Duration;
use std::ops::Range;
use std::sync::Arc;

/// Period of an objective that names none: 30 days.
pub const DEFAULT_PERIOD: Duration = Duration(30 * 24 * 3600 * 1_000_000_000);
const HOUR: usize = 3600;
/// Windows of the workbook and the burn rates over them at which somebody is woken.
const PAGES: [(usize, f64); 2] = [(HOUR, 14.4), (6 * HOUR, 6.0)];

/// What a run does to the error budget of an objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// As written.
    pub objective: Arc<str>,
    /// Share of requests that may be bad.
    pub allowed: f64,
    /// Share that was.
    pub bad: f64,
    /// The second over the first.
    pub burn_rate: f64,
    /// Time for which the budget must last, seconds.
    pub period: f64,
    /// Share of the budget of a whole period that the measured time took.
    pub consumed: f64,
    /// Seconds after which a full budget is gone at this rate; `None`: nothing was bad.
    pub exhausted_after: Option<f64>,
    /// Highest burn rate over an hour; `None`: the run is shorter.
    pub burn_1h: Option<f64>,
    /// Highest burn rate over six hours.
    pub burn_6h: Option<f64>,
    /// Whether this rate is one to wake somebody for.
    pub pages: bool,
    /// Whether it comes from an `slo` block.
    pub is_slo: bool,
}

/// The budget of every objective that has one: over the whole run, on availability, errors or a quantile.
pub fn budgets(run: Run) -> Vec<Budget> {
    let mut probes = run.measures.probes.iter();
    let budget = |expectation: &Expectation| {
        let own: Vec<&Probe> = probes.by_ref().take(super::expectations::metrics_in(&expectation.condition)).collect();
        let allowed = allowed(expectation)?;
        budget(run, expectation, own.first()?, allowed)
    };
    run.config.expectations.iter().filter_map(budget).collect()
}

/// Share of requests that an objective lets be bad.
fn allowed(expectation: &Expectation) -> Option<f64> {
    if matches!(expectation.origin, ExpectationOrigin::Quality(_)) {
        return None;
    }
    let (metric, limit) = objective(&expectation.condition)?;
    let share = match metric {
        Metric::Availability => 1.0 - limit,
        Metric::ErrorRate => limit,
        Metric::Quantile(share) => 1.0 - share,
        _ => return None,
    };
    let is_whole = matches!(expectation.window, Window::Whole | Window::Always);
    (is_whole && share > 1e-12 && share < 1.0).then_some(share)
}

/// One metric with one limit, the right way round. A throughput below its target is no promise broken: the other side
/// of an `or` is not looked at.
fn objective(condition: &Condition) -> Option<(Metric, f64)> {
    let Condition::Compare(Term::Metric(metric, _), comparison, Term::Value(limit)) = condition else { return None };
    let is_upper = matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
    let is_lower = matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
    let is_right = if *metric == Metric::Availability { is_lower } else { is_upper };
    is_right.then_some((*metric, *limit))
}

fn budget(run: Run, expectation: &Expectation, probe: &Probe, allowed: f64) -> Option<Budget> {
    let measured = run.measured_seconds();
    let seconds = probe.spent.get(measured.start..measured.end.min(probe.spent.len()))?;
    let bad = share(seconds, 0..seconds.len())?;
    let burn_rate = bad / allowed;
    let period = expectation.period.unwrap_or(DEFAULT_PERIOD).seconds();
    let worst = |(length, limit): (usize, f64)| {
        let rate = worst(seconds, length).map(|share| share / allowed);
        (rate, rate.unwrap_or(burn_rate) >= limit)
    };
    let [(burn_1h, pages_1h), (burn_6h, pages_6h)] = PAGES.map(worst);
    Some(Budget {
        objective: expectation.text.clone(),
        allowed,
        bad,
        burn_rate,
        period,
        consumed: burn_rate * seconds.len() as f64 / period,
        exhausted_after: (burn_rate > 0.0).then(|| period / burn_rate),
        burn_1h,
        burn_6h,
        pages: pages_1h || pages_6h,
        is_slo: expectation.origin == ExpectationOrigin::Slo,
    })
}

/// Bad over all in some seconds; `None` without any request.
fn share(seconds: &[[f64; 2]], range: Range<usize>) -> Option<f64> {
    let [bad, all] = seconds[range].iter().fold([0.0, 0.0], |sum, s| [sum[0] + s[0], sum[1] + s[1]]);
    (all > 0.0).then(|| ratio(bad, all, 0.0))
}

/// The highest share of any such stretch, by the minute; `None` when the run is shorter.
fn worst(seconds: &[[f64; 2]], length: usize) -> Option<f64> {
    let last = seconds.len().checked_sub(length)?;
    (0..=last).step_by(60).filter_map(|from| share(seconds, from..from + length)).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_hour_is_found_and_shares_are_of_requests() {
        // A bad quarter of an hour in three hours of twice as much traffic as before.
        let second =
            |n: usize| if (6000..6900).contains(&n) { [2.0, 4.0] } else { [0.0, if n < 5400 { 2.0 } else { 4.0 }] };
        let seconds: Vec<[f64; 2]> = (0..3 * HOUR).map(second).collect();
        // The hour that ends with it: 2 100 s of two requests and 1 500 s of four.
        assert_eq!(worst(&seconds, HOUR), Some(1800.0 / 10_200.0));
        assert_eq!(worst(&seconds, 6 * HOUR), None);
        assert_eq!(share(&seconds, 0..seconds.len()), Some(1800.0 / 32400.0));
        assert_eq!(share(&[[0.0, 0.0]], 0..1), None);
    }

    #[test]
    fn only_promises_about_shares_have_a_budget() {
        let allowed_by = |metric, comparison, limit, window| {
            allowed(&crate::analysis::fixtures::expectation("e", metric, comparison, limit, window))
        };
        let (less, more) = (Comparison::Less, Comparison::GreaterOrEqual);
        let near = |found: Option<f64>, share: f64| found.is_some_and(|found| (found - share).abs() < 1e-12);
        assert!(near(allowed_by(Metric::Availability, more, 0.999, Window::Whole), 0.001));
        assert!(near(allowed_by(Metric::ErrorRate, less, 0.02, Window::Whole), 0.02));
        assert!(near(allowed_by(Metric::Quantile(0.95), less, 0.2, Window::Always), 0.05));
        assert_eq!(allowed_by(Metric::Quantile(0.95), more, 0.2, Window::Whole), None, "a floor is no promise");
        assert_eq!(allowed_by(Metric::ErrorRate, less, 0.0, Window::Whole), None, "nothing to burn");
        assert_eq!(allowed_by(Metric::ErrorRate, less, 0.02, Window::DuringChaos), None);
        assert_eq!(allowed_by(Metric::Mean, less, 0.02, Window::Whole), None);
    }
}
