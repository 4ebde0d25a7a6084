//! The metric functions of expectations.

use crate::quantity::Dimension;

/// One metric function.
#[derive(Debug)]
pub struct MetricFunction {
    /// Its name.
    pub name: &'static str,
    /// What it gives.
    pub dimension: Dimension,
    /// Whether it can be taken for an element.
    pub of_element: bool,
    /// Whether it can be taken for a relation.
    pub of_relation: bool,
    /// One sentence.
    pub doc: &'static str,
}

const fn metric(name: &'static str, dimension: Dimension, of: (bool, bool), doc: &'static str) -> MetricFunction {
    MetricFunction { name, dimension, of_element: of.0, of_relation: of.1, doc }
}

use Dimension::{Count, Duration, Factor, MoneyPerTime, Rate, Share};

/// Every metric function; `pN` stands for itself with any number, such as `p99.9`.
pub static METRICS: &[MetricFunction] = &[
    metric("mean", Duration, (true, true), "Mean response time of successes."),
    metric("p50", Duration, (true, true), "Median response time of successes."),
    metric("p90", Duration, (true, true), "90th percentile of response times."),
    metric("p95", Duration, (true, true), "95th percentile of response times."),
    metric("p99", Duration, (true, true), "99th percentile of response times."),
    metric("p99.9", Duration, (true, true), "99.9th percentile of response times."),
    metric("max", Duration, (true, true), "Longest response time."),
    metric("error_rate", Share, (true, true), "Share of requests that did not succeed."),
    metric("availability", Share, (true, true), "Share of requests that succeeded."),
    metric("throughput", Rate, (true, true), "Finished requests a second."),
    metric("goodput", Rate, (true, true), "Successful requests a second."),
    metric("utilization", Share, (true, false), "Busy workers over available ones."),
    metric("queue", Count, (true, false), "Mean number waiting."),
    metric("retries", Rate, (false, true), "Further attempts a second."),
    metric("amplification", Factor, (false, true), "Calls made by all attempts over calls first made."),
    metric("recovery_time", Duration, (true, false), "Time after the last fault until goodput is back."),
    metric("stability", Count, (false, false), "0 to 1: share of time in equilibrium, less what loops amplify."),
    metric(
        "stale_reads",
        Share,
        (true, false),
        "Share of reads that did not see the last write; over the whole measured time only.",
    ),
    metric(
        "lost_writes",
        Count,
        (true, false),
        "Writes that were answered and then lost, in the mean of replications; over the whole measured time only.",
    ),
    metric("cost", MoneyPerTime, (true, false), "Cost by the hour."),
];

/// The metric called `name`; any `pN` with N from 0 to 100 is one.
pub fn find_metric(name: &str) -> Option<&'static MetricFunction> {
    METRICS.iter().find(|m| m.name == name).or_else(|| {
        let share: f64 = name.strip_prefix('p')?.parse().ok()?;
        (0.0..100.0).contains(&share).then(|| METRICS.iter().find(|m| m.name == "p50")).flatten()
    })
}
