//! What differs between two runs, input by input.

use super::Recipe;
use crate::model::{Architecture, Change, ChangeKind, RunConfig, Workload, diff};
use crate::quantity::Duration;
use serde::Serialize;
use std::fmt;

/// One input that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is: `Shop.Api.replicas`, `load`, `seed`.
    pub input: String,
    /// What it was; `None` when it was not there.
    pub old: Option<String>,
    /// What it is now; `None` when it is gone.
    pub new: Option<String>,
}

impl Difference {
    fn new(input: impl Into<String>, old: Option<String>, new: Option<String>) -> Self {
        Self { input: input.into(), old, new }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, old, new } = self;
        match (old.as_deref(), new.as_deref()) {
            (Some(old), Some(new)) => write!(f, "{input}  {old} → {new}"),
            (None, Some("")) => write!(f, "{input}  added"),
            (None, Some(new)) => write!(f, "{input}  added: {new}"),
            (Some(""), None) => write!(f, "{input}  removed"),
            (Some(old), None) => write!(f, "{input}  removed: {old}"),
            (None, None) => write!(f, "{input}  differs"),
        }
    }
}

/// Why a run has to be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inputs {
    /// These inputs differ.
    Differ(Vec<Difference>),
    /// Those of the earlier run were written by a version whose models cannot be read any more.
    Unreadable(Vec<Difference>),
}

/// What differs from an earlier run of the same name to this one.
pub fn inputs_differ(old: &Recipe, new: &Recipe) -> Inputs {
    let mut found = Vec::new();
    push(&mut found, "engine version", &old.engine, &new.engine);
    push(&mut found, "seed", &old.seed, &new.seed);
    let (Some((old_model, old_config)), Some((model, config))) = (parsed(old), parsed(new)) else {
        return Inputs::Unreadable(found);
    };
    found.extend(diff(&old_model, &model).into_iter().map(Difference::from));
    found.extend(conditions(&old_config, &config));
    if found.is_empty() {
        let what = match (old.model == new.model, old.config == new.config) {
            (false, _) => "the order of elements and relations",
            (true, false) => "what a fault or an expectation refers to",
            (true, true) => "how the scenario sets these values",
        };
        found.push(Difference::new(what, None, None));
    }
    Inputs::Differ(found)
}

fn parsed(recipe: &Recipe) -> Option<(Architecture, RunConfig)> {
    Some((serde_json::from_str(&recipe.model).ok()?, serde_json::from_str(&recipe.config).ok()?))
}

fn push<T: PartialEq + ToString>(found: &mut Vec<Difference>, input: &str, old: &T, new: &T) {
    if old != new {
        found.push(Difference::new(input, Some(old.to_string()), Some(new.to_string())));
    }
}

/// What differs from one run's conditions to another's.
fn conditions(old: &RunConfig, new: &RunConfig) -> Vec<Difference> {
    let mut found = Vec::new();
    let told = |found: &mut Vec<Difference>, input: &str, of: &dyn Fn(&RunConfig) -> String| {
        push(found, input, &of(old), &of(new));
    };
    told(&mut found, "load", &|config| load(&config.workload));
    told(&mut found, "users", &|config| config.workload.users.as_ref().map_or("none".into(), text));
    told(&mut found, "mix", &|config| text(&config.workload.mix));
    told(&mut found, "failures", &|config| format!("{}%", rounded(config.failures * 100.0)));
    told(&mut found, "latency", &|config| config.latency.to_string());
    told(&mut found, "duration", &|config| config.duration.to_string());
    told(&mut found, "warmup", &|config| config.warmup.map_or("found".into(), |warmup| warmup.to_string()));
    told(&mut found, "replications", &|config| config.replications.to_string());
    told(&mut found, "precision", &|config| {
        config
            .precision
            .map_or("none".into(), |p| format!("{}%, at most {}", rounded(p.relative * 100.0), p.max_replications))
    });
    told(&mut found, "max_in_flight", &|config| config.max_in_flight.to_string());
    told(&mut found, "max_events", &|config| config.max_events.to_string());
    listed(&mut found, "fault", old.chaos.iter().map(|e| &*e.text), new.chaos.iter().map(|e| &*e.text));
    let texts = |config: &RunConfig| config.expectations.iter().map(|e| e.text.to_string()).collect::<Vec<_>>();
    let (old, new) = (texts(old), texts(new));
    listed(&mut found, "expectation", old.iter().map(|t| &**t), new.iter().map(|t| &**t));
    found
}

/// What only one of two lists has.
fn listed<'t>(
    found: &mut Vec<Difference>,
    what: &str,
    old: impl Iterator<Item = &'t str>,
    new: impl Iterator<Item = &'t str>,
) {
    let (old, new): (Vec<_>, Vec<_>) = (old.collect(), new.collect());
    let gone = old.iter().filter(|text| !new.contains(text));
    found.extend(gone.map(|text| Difference::new(what, Some((*text).to_owned()), None)));
    let come = new.iter().filter(|text| !old.contains(text));
    found.extend(come.map(|text| Difference::new(what, None, Some((*text).to_owned()))));
}

fn load(workload: &Workload) -> String {
    let point = |point: &crate::model::LoadSegment| format!("{}/s at {}", rounded(point.rate), Duration(point.at.0));
    match workload.load.points.as_slice() {
        [only] => format!("{}/s", rounded(only.rate)),
        several => several.iter().map(point).collect::<Vec<_>>().join(", "),
    }
}

/// Without the last digits, in which only binary fractions show.
fn rounded(number: f64) -> f64 {
    format!("{number:.9}").parse().unwrap_or(number)
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl From<Change> for Difference {
    fn from(change: Change) -> Self {
        let input = match &change.attribute {
            Some(attribute) => format!("{}.{attribute}", change.path),
            None => change.path.to_string(),
        };
        let text = |value: Option<std::sync::Arc<str>>| value.map(|text| text.to_string());
        let (old, new) = (text(change.old), text(change.new));
        match change.kind {
            ChangeKind::Added => Self::new(input, None, Some(new.unwrap_or_default())),
            ChangeKind::Removed => Self::new(input, Some(old.unwrap_or_default()), None),
            ChangeKind::Renamed | ChangeKind::Changed | ChangeKind::Reordered => Self::new(input, old, new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::RunInfo;
    use crate::plan::fixtures::shop;

    fn recipe(model: &Architecture, config: &RunConfig) -> Recipe {
        let info = RunInfo {
            index: 0,
            name: "S".into(),
            scenario: "S".into(),
            version: "working".into(),
            commit: None,
            params: Vec::new(),
            seed: config.seed,
            hash: "".into(),
        };
        Recipe::of(&"shop.sruja".into(), &info, model, config)
    }

    fn told(old: &Recipe, new: &Recipe) -> Vec<String> {
        let (Inputs::Differ(found) | Inputs::Unreadable(found)) = inputs_differ(old, new);
        found.iter().map(Difference::to_string).collect()
    }

    #[test]
    fn a_recipe_reads_back_to_what_it_was() {
        let config = RunConfig { failures: 0.1 + 0.2, ..RunConfig::default() };
        assert_eq!(parsed(&recipe(&shop(), &config)), Some((shop().plain(), config)));
    }

    #[test]
    fn a_new_part_changes_nothing_of_the_others() {
        let (old, mut new) = (shop(), shop());
        new.elements.insert(0, crate::model::Element { path: "Mail".into(), station: None, ..old.elements[0].clone() });
        new.stations.iter_mut().for_each(|station| station.element.0 += 1);
        new.sources.iter_mut().for_each(|source| source.element.0 += 1);
        new.stations[0].behavior.replicas += 1;
        let config = RunConfig::default();
        let told = told(&recipe(&old, &config), &recipe(&new, &config));
        assert_eq!(told, ["Mail  added: person", "Api.replicas  1 → 2"]);
    }

    #[test]
    fn titles_differ_in_nothing_and_the_engine_does() {
        let mut titled = shop();
        titled.elements[0].title = "Somebody".into();
        let config = RunConfig::default();
        let (old, new) = (recipe(&shop(), &config), recipe(&titled, &config));
        assert_eq!(told(&old, &new), ["how the scenario sets these values  differs"]);
        let older = Recipe { engine: 0, ..old };
        assert_eq!(told(&older, &new), [format!("engine version  0 → {}", crate::measure::ENGINE_VERSION)]);
    }

    #[test]
    fn a_model_of_another_time_is_not_compared() {
        let now = recipe(&shop(), &RunConfig::default());
        let then = Recipe { engine: 0, model: "{\"boxes\":[]}".into(), ..now.clone() };
        assert!(matches!(inputs_differ(&then, &now), Inputs::Unreadable(found) if found.len() == 1));
    }
}
