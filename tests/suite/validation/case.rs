//! Cases as they are given, and the models that answer them.

use super::expression::{Answer, evaluate};
use crate::support::{project, read};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

/// `tests/validation/cases.json`.
#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

/// A case: what is simulated, for how long, and what must come out.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    pub id: String,
    pub title: String,
    pub source: String,
    pub run: Length,
    pub metrics: Vec<Metric>,
}

/// How long a case is run; zero where the model says it.
#[derive(Debug, Clone, Deserialize)]
pub struct Length {
    pub measured_requests: f64,
}

/// A metric with its exact value.
#[derive(Debug, Clone, Deserialize)]
pub struct Metric {
    pub name: String,
    #[serde(rename = "ref")]
    pub exact: Value,
    pub check: Check,
    pub tol_abs: Option<f64>,
    pub tol_rel: Option<f64>,
    #[serde(default)]
    pub tol_basis: String,
    pub target: Option<String>,
}

/// How a value is held against the exact one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    Abs,
    Info,
    Order,
    Bool,
    TargetNearRef,
    TargetAtMostRef,
    TargetBelowRef,
    TargetAboveRef,
}

/// Every case, in the order given.
pub fn all() -> Vec<Case> {
    serde_json::from_str::<Cases>(&read("tests/validation/cases.json")).unwrap().cases
}

/// A model and where its report has the metrics.
pub struct Model {
    pub path: PathBuf,
    /// Metric, expression, and a tolerance of its own where the given one is of a formula.
    metrics: Vec<(String, String, Option<f64>)>,
    /// What the tool cannot simulate of it yet.
    pub lacks: Option<String>,
    /// How much shorter a quick run is; `None`: only the full length makes sense.
    pub shorter: Option<f64>,
}

impl Case {
    pub fn model(&self) -> Model {
        let path = format!("tests/validation/{}.sruja", self.id);
        let text = read(&path);
        let notes = |mark: &'static str| text.lines().filter_map(move |line| line.strip_prefix(mark).map(str::trim));
        let quick = notes("//~ quick").next();
        let wanted = (self.run.measured_requests / QUICK).max(1.0);
        Model {
            path: project().join(&path),
            metrics: notes("//= ").map(mapping).collect(),
            lacks: notes("//~ needs").next().map(str::to_owned),
            shorter: quick.map_or(Some(wanted), |factor| factor.parse().ok()),
        }
    }
}

/// Requests measured in a quick run.
const QUICK: f64 = 40_000.0;

/// `name = expression +- tolerance`.
fn mapping(line: &str) -> (String, String, Option<f64>) {
    let (name, rest) = line.split_once(" = ").unwrap_or_else(|| panic!("`{line}` names no metric"));
    let (expression, tolerance) =
        rest.split_once(" +- ").map_or((rest, None), |(before, after)| (before, Some(after.trim().parse().unwrap())));
    (name.trim().to_owned(), expression.to_owned(), tolerance)
}

/// One line of the table.
pub struct Line {
    pub metric: String,
    pub exact: String,
    pub simulated: String,
    pub tolerance: Option<f64>,
    /// Deviation in standard deviations, where the tolerance is four of them.
    pub z: Option<f64>,
    pub holds: bool,
}

impl Case {
    /// Holds a report to the case; it is of runs `shorter` times as short as stated.
    pub fn judge(&self, model: &Model, report: &Value, shorter: f64) -> Vec<Line> {
        let runs = report["runs"].as_array().expect("a report has runs");
        let value = |name: &str| {
            let (_, expression, tolerance) = model.metrics.iter().find(|(known, ..)| known == name)?;
            Some((evaluate(runs, expression).unwrap_or_else(|why| panic!("{} {name}: {why}", self.id)), *tolerance))
        };
        let replications = runs[0]["replications"].as_f64().unwrap_or(1.0);
        let line = |metric: &Metric| {
            let target = || metric.target.as_deref().and_then(value);
            let (answer, own) =
                value(&metric.name).or_else(target).unwrap_or_else(|| panic!("{}: no `{}`", self.id, metric.name));
            self.line(metric, &answer, own, shorter / replications)
        };
        self.metrics.iter().map(line).collect()
    }

    fn line(&self, metric: &Metric, answer: &Answer, own: Option<f64>, variance: f64) -> Line {
        let exact = exact_of(&metric.exact);
        let tolerance = own.or_else(|| self.tolerance(metric, &exact, variance));
        let within = |a: f64, b: f64| (a - b).abs() <= tolerance.unwrap_or(0.0) + 1e-12;
        let numbers = answer.numbers();
        let holds = match metric.check {
            Check::Info => true,
            Check::Abs | Check::TargetNearRef => {
                numbers.len() == exact.len() && numbers.iter().zip(&exact).all(|(a, b)| within(*a, *b))
            }
            Check::TargetAtMostRef => numbers[0] <= exact[0] + metric.tol_abs.unwrap_or(0.0),
            Check::TargetBelowRef => numbers[0] < exact[0],
            Check::TargetAboveRef => numbers[0] > exact[0],
            Check::Order | Check::Bool => numbers == exact,
        };
        let deviation = tolerance.filter(|t| *t > 1e-8 && exact.len() == 1 && is_statistical(metric));
        Line {
            metric: metric.name.clone(),
            exact: shown(&metric.exact, &exact),
            simulated: numbers.iter().map(|n| short(*n)).collect::<Vec<_>>().join(", "),
            tolerance: tolerance.filter(|_| matches!(metric.check, Check::Abs | Check::TargetNearRef)),
            z: deviation.map(|tolerance| (numbers[0] - exact[0]) / (tolerance / 4.0)),
            holds,
        }
    }

    /// The tolerance for so many times the variance of one run as stated.
    fn tolerance(&self, metric: &Metric, exact: &[f64], variance: f64) -> Option<f64> {
        let given = metric.tol_abs.or(metric.tol_rel.map(|share| share * exact[0].abs()))?;
        let scales = self.run.measured_requests > 0.0 && is_statistical(metric);
        let is_bound = !metric.tol_basis.starts_with("4 sd");
        // A bound that is not a standard deviation does not shrink with more replications.
        let variance = if is_bound { variance.max(1.0) } else { variance };
        Some(if scales { given * variance.sqrt() } else { given })
    }
}

fn is_statistical(metric: &Metric) -> bool {
    let exact = ["exact", "float", "analytic", "atom", "bound", "discretisation", "formula"];
    !exact.iter().any(|word| metric.tol_basis.starts_with(word))
}

fn exact_of(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => number.as_f64().into_iter().collect(),
        Value::Bool(is) => vec![f64::from(u8::from(*is))],
        Value::Array(list) => list.iter().filter_map(Value::as_f64).collect(),
        // An order holds or does not; a formula is shown only.
        _ => vec![1.0],
    }
}

fn shown(given: &Value, exact: &[f64]) -> String {
    match given {
        Value::String(text) => text.clone(),
        _ => exact.iter().map(|n| short(*n)).collect::<Vec<_>>().join(", "),
    }
}

/// Six significant digits.
pub fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let digits = (5 - number.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{number:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
