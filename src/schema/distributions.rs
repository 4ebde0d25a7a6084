//! The forms of distributions.

/// One accepted form.
#[derive(Debug)]
pub struct DistributionForm {
    /// Its name.
    pub name: &'static str,
    /// Its parameters, as shown in help.
    pub parameters: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

const fn form(name: &'static str, parameters: &'static str, doc: &'static str) -> DistributionForm {
    DistributionForm { name, parameters, doc }
}

/// Every form of a distribution.
pub static DISTRIBUTIONS: &[DistributionForm] = &[
    form("constant", "value", "Always the same; a bare quantity means this."),
    form("exponential", "mean", "Memoryless: most are short, some much longer."),
    form("uniform", "low, high", "Evenly between two bounds."),
    form("normal", "mean, sd", "Bell-shaped; draws below zero count as zero."),
    form(
        "lognormal",
        "mean, cv | p50 a, p99 b",
        "Skewed as real service times are; by mean and coefficient of variation, or by percentiles.",
    ),
    form("gamma", "mean, cv", "Between constant and exponential, or beyond."),
    form("erlang", "k, mean", "Sum of k exponential stages."),
    form("hyperexponential", "p a, q b", "Short with probability p (mean a), else long (mean b)."),
    form("weibull", "shape, scale", "Ageing (shape above 1) or infant mortality (below 1)."),
    form("pareto", "min, alpha", "Heavy tail without an end."),
    form("bounded_pareto", "min, max, alpha", "Heavy tail up to a bound."),
    form("mixture", "99% d1, 1% d2", "One of several distributions, by weight."),
    form("empirical", "\"file.csv\"", "Observed values, one a line."),
];

/// The form called `name`.
pub fn find_distribution(name: &str) -> Option<&'static DistributionForm> {
    DISTRIBUTIONS.iter().find(|form| form.name == name)
}
