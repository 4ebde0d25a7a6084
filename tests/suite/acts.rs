//! Every setting acts: a change of it changes some figure of the report, in the direction that one knows.
//!
//! What there is to set comes from the tables of the schema, so a new row without an entry here fails the suite. An
//! entry is one line in the file of its subject (`acts/stations.rs`, `relations.rs`, `scenarios.rs`, `chaos.rs`):
//!
//! ```text
//! set("timeout", "A->B", "1s", "10ms", pair("", "", "service_time 30ms", "load = 100/s"), "metrics/error_rate", Becomes(1.0))
//!      row        of      from  to      a model whose last block is `scenario S`           a path into the run   direction
//! ```
//!
//! `set` is for attributes. It writes the value into a `behavior` block, and then once more as an assignment of the
//! scenario (the same figure to the last digit) and, where the schema says that a fault can change it, as `set` at the
//! start of the run (the same direction). `say` is for everything else: its two texts stand in turn where the model
//! has an `@`. A value `""` leaves the setting out.
//!
//! A row has at least one entry for each of its subjects (`probability`, `probability of a step`) and each of its
//! words (`discipline lifo`). A row that is `.later()` has its entry already: until it is simulated the entry holds it
//! to W1501, from then on to its direction.

mod chaos;
mod relations;
mod scenarios;
mod stations;

use crate::support::{figure, report};
use serde_json::Value;
use sruja::plan::{Plan, PlanOptions};
use sruja::schema::{
    ATTRIBUTES, Attribute, CHAOS_VERBS, DISTRIBUTIONS, KNOBS, METRICS, SETTINGS, Subject, Type, find_attribute,
};
use sruja::sema::{self, Checked};
use sruja::source::MemoryHost;
use std::collections::BTreeMap;
use std::path::Path;

/// What the figure does when the setting changes.
#[derive(Debug, Clone, Copy)]
enum Then {
    Rises,
    Falls,
    /// Comes within 2 % of this.
    Becomes(f64),
    Changes,
}

use Then::{Becomes, Changes, Falls, Rises};

/// One setting, changed.
struct Act {
    row: &'static str,
    before: String,
    after: String,
    figure: &'static str,
    then: Then,
    attribute: Option<Setting>,
}

/// An attribute to be set.
struct Setting {
    row: &'static Attribute,
    /// Whose it is.
    of: &'static str,
    from: &'static str,
    to: &'static str,
    /// The model without it.
    model: String,
}

impl Setting {
    /// A scenario assigns one value: no block, and none of several words.
    fn is_assignable(&self) -> bool {
        !matches!(self.row.ty, Type::Block | Type::Shed | Type::Keys | Type::Hedge)
    }

    /// `model` with this value of the attribute, as it stands in a `behavior` block.
    fn written(&self, model: &str, name: &str, value: &str) -> String {
        let own = match (value, self.row.ty) {
            ("", _) => return model.to_owned(),
            (_, Type::Flag) => name.to_owned(),
            _ => format!("{name} {value}"),
        };
        let text = match self.row.group {
            None => own,
            Some(group) => format!("{} {{ {own} }}", head(group)),
        };
        format!("{model}\nbehavior {} {{ {text} }}", self.of.replace("->", " -> "))
    }
}

/// An attribute of an element or relation; its row may end in one of its words.
fn set(
    row: &'static str,
    of: &'static str,
    from: &'static str,
    to: &'static str,
    model: String,
    figure: &'static str,
    then: Then,
) -> Act {
    let setting = Setting { row: attribute(row), of, from, to, model };
    let with = |value: &str| setting.written(&setting.model, setting.row.name, value);
    Act { row, before: with(from), after: with(to), figure, then, attribute: Some(setting) }
}

/// What stands before the braces of a group. One with a value of its own has this one in every entry.
fn head(group: &str) -> &str {
    match group {
        "replicas" => "replicas 3",
        "rate_limit" => "rate_limit 50/s",
        "shards" => "shards 4",
        "retry" => "retry 2",
        "pool" => "pool 2",
        block => block,
    }
}

/// Anything else: `from`, and then `to`, in place of the model's `@`.
fn say(row: &'static str, from: &str, to: &str, model: &str, figure: &'static str, then: Then) -> Act {
    assert!(model.contains('@'), "{row}: the model has no place for the setting");
    Act { row, before: model.replace('@', from), after: model.replace('@', to), figure, then, attribute: None }
}

fn attribute(row: &str) -> &'static Attribute {
    let path = row.split(' ').next().unwrap();
    let (group, name) = path.split_once('.').map_or((None, path), |(group, name)| (Some(group), name));
    find_attribute(group, name).unwrap_or_else(|| panic!("the schema has no attribute `{path}`"))
}

/// A model with one more statement in its scenario.
fn with_statement(model: &str, statement: &str) -> String {
    let (head, tail) = model.rsplit_once('}').unwrap();
    format!("{head}  {statement} }}{tail}")
}

const RUN: &str = "duration 20s  warmup 0s  replications 1";

/// Users and the station A.
fn one(a: &str, scenario: &str) -> String {
    format!(
        "U = person \"U\"\nA = service \"A\"\nU -> A\nbehavior A {{ replicas 1  queue unbounded  {a} }}\n\
         scenario S {{ {RUN}  {scenario} }}"
    )
}

/// Users, A, and B, which A calls; F is there to be fallen back to.
fn pair(a: &str, call: &str, b: &str, scenario: &str) -> String {
    format!(
        "U = person \"U\"\nA = service \"A\"\nB = service \"B\"\nF = service \"F\"\nU -> A\nA -> B\n\
         behavior kind service {{ service_time 0ms  replicas 1  concurrency 1000  queue unbounded }}\n\
         behavior A {{ {a} }}\nbehavior A -> B {{ {call} }}\nbehavior B {{ {b} }}\n\
         scenario S {{ {RUN}  {scenario} }}"
    )
}

/// Users, A, and a worker W behind the queue Q; D is there for dead letters.
fn queue(q: &str, w: &str, scenario: &str) -> String {
    format!(
        "U = person \"U\"\nA = service \"A\"\nQ = queue \"Q\"\nW = worker \"W\"\nD = queue \"D\"\nU -> A\nA -> Q\nQ -> W\n\
         behavior A {{ service_time 0ms  concurrency 1000 }}\nbehavior Q {{ {q} }}\n\
         behavior W {{ service_time 0ms  replicas 1  concurrency 1000  queue unbounded  {w} }}\n\
         scenario S {{ {RUN}  {scenario} }}"
    )
}

fn check(text: &str) -> Checked {
    let host = MemoryHost::new([("/w/acts.sruja", text), ("/w/gaps.csv", "1\n1\n1.5\n"), ("/w/times.csv", "0.03\n")]);
    sema::check(&host, Path::new("/w/acts.sruja"), Path::new("/w"))
}

/// Whether something of it is not simulated yet; what was found where it cannot be run.
fn is_later(checked: &Checked) -> Result<bool, String> {
    let found: Vec<String> = checked.diagnostics.iter().map(|d| format!("{}: {}", d.code.id, d.message)).collect();
    checked.project.as_ref().ok_or(found.join("\n"))?;
    Ok(checked.diagnostics.iter().any(|found| found.code.id == "W1501"))
}

/// The figure of the file's only run.
fn run(text: &str, path: &str) -> Result<f64, String> {
    let measured = || {
        let checked = check(text);
        if is_later(&checked)? {
            return Err("it is not simulated (W1501)".into());
        }
        let project = checked.project.unwrap();
        let plan = Plan::new(&project, &PlanOptions::default()).map_err(|error| error.to_string())?;
        let report: Value = report(&project, &plan, 1);
        figure(&report["runs"][0], path)
    };
    measured().map_err(|why| format!("{why}\n{text}"))
}

impl Then {
    fn holds(self, before: f64, after: f64) -> bool {
        let margin = before.abs() * 0.02;
        match self {
            Rises => after > before + margin,
            Falls => after < before - margin,
            Becomes(value) => (after - value).abs() <= value.abs() * 0.02 && after != before,
            Changes => after != before,
        }
    }
}

impl Act {
    /// What is wrong with it; `simulated` is what the schema says of its row.
    fn wrong(&self, simulated: bool) -> Option<String> {
        if !simulated {
            let said = is_later(&check(&self.after));
            let wrong = || format!("{}: it is `.later()`, and W1501 is {said:?}\n{}", self.row, self.after);
            return (said != Ok(true)).then(wrong);
        }
        self.written().and_then(|()| self.assigned()).err().map(|why| format!("{}: {why}", self.row))
    }

    fn written(&self) -> Result<(), String> {
        self.compare("", &self.after)
    }

    fn compare(&self, how: &str, text: &str) -> Result<(), String> {
        let (before, after) = (run(&self.before, self.figure)?, run(text, self.figure)?);
        let wrong = || format!("{} is {before} and then {after}{how}, not {:?}\n{text}", self.figure, self.then);
        if self.then.holds(before, after) { Ok(()) } else { Err(wrong()) }
    }

    /// An attribute does the same when the scenario assigns it, and when a fault sets it at the start.
    fn assigned(&self) -> Result<(), String> {
        let Some(setting) = self.attribute.as_ref().filter(|setting| setting.is_assignable()) else {
            return Ok(());
        };
        let assignment = format!("{}.{} = {}", setting.of, setting.row.path(), setting.to);
        let text = with_statement(&setting.model, &assignment);
        let (written, assigned) = (run(&self.after, self.figure)?, run(&text, self.figure)?);
        if written != assigned {
            return Err(format!("{} is {written} as behavior and {assigned} as assignment\n{text}", self.figure));
        }
        let model = with_statement(&setting.model, &format!("at 0s set {assignment}"));
        let text = setting.written(&model, setting.row.name, setting.from);
        if setting.row.fixed.is_none() {
            self.compare(" by a fault", &text)?;
        }
        Ok(())
    }
}

/// A thing to set, and whether it is simulated.
type Wanted = BTreeMap<String, bool>;

fn attributes() -> Wanted {
    let mut wanted = Wanted::new();
    for row in ATTRIBUTES {
        let words = if let Type::Word(words) | Type::Words(words) = row.ty { words } else { &[][..] };
        let names = words.iter().map(|word| format!("{} {word}", row.path()));
        let own = words.is_empty().then(|| row.path());
        let step = row.subjects.len() > 1 && row.subjects.contains(&Subject::Request);
        let of_step = step.then(|| format!("{} of a step", row.path()));
        wanted.extend(names.chain(own).chain(of_step).map(|name| (name, true)));
    }
    wanted
}

fn metrics() -> impl Iterator<Item = String> {
    METRICS.iter().flat_map(|row| {
        let of_element = row.of_element.then(|| format!("{}(A)", row.name));
        let of_relation = row.of_relation.then(|| format!("{}(A->B)", row.name));
        let alone = (!row.of_element && !row.of_relation).then(|| row.name.to_owned());
        of_element.into_iter().chain(of_relation).chain(alone)
    })
}

/// Entries of forms that stand in no table of the schema begin with one of these.
const FURTHER: &[&str] = &["arrivals ", "retry.backoff ", "shed ", "slowdown ", "load ", "cost ", "event "];

#[track_caller]
fn all_act(wanted: &Wanted, acts: &[Act]) {
    let mut wrong = Vec::new();
    for name in wanted.keys().filter(|name| !acts.iter().any(|act| act.row == **name)) {
        wrong.push(format!("`{name}` has no entry: does anything change when it does? (see tests/suite/acts.rs)"));
    }
    for act in acts {
        let simulated = wanted.get(act.row).copied();
        if simulated.is_none() && !FURTHER.iter().any(|start| act.row.starts_with(start)) {
            wrong.push(format!("`{}` has an entry and no row in the schema", act.row));
        }
        wrong.extend(act.wrong(simulated.unwrap_or(true)));
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), acts.len(), wrong.join("\n"));
}

#[test]
fn every_attribute_acts() {
    all_act(&attributes(), &[stations::acts(), relations::acts()].into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn every_knob_setting_and_profile_acts() {
    let knobs = KNOBS.iter().map(|row| (row.name.to_owned(), true));
    let settings = SETTINGS.iter().map(|row| (format!("setting {}", row.name), row.simulated));
    all_act(&knobs.chain(settings).collect(), &scenarios::acts());
}

#[test]
fn every_metric_follows_what_it_measures() {
    all_act(&metrics().map(|name| (name, true)).collect(), &scenarios::metrics());
}

#[test]
fn every_distribution_acts() {
    let forms = DISTRIBUTIONS.iter().map(|row| (row.name.to_owned(), true));
    all_act(&forms.collect(), &scenarios::distributions());
}

#[test]
fn every_fault_and_its_modifiers_act() {
    let verbs = CHAOS_VERBS.iter().map(|row| (row.name.to_owned(), true));
    all_act(&verbs.collect(), &chaos::acts());
}

/// Another spelling is the same setting.
#[test]
fn aliases_mean_their_attribute() {
    let mut wrong = Vec::new();
    for setting in [stations::acts(), relations::acts()].into_iter().flatten().filter_map(|act| act.attribute) {
        let with = |name: &str| hash(&setting.written(&setting.model, name, setting.to));
        let differs = |alias: &&&str| with(alias) != with(setting.row.name);
        wrong
            .extend(setting.row.aliases.iter().filter(differs).map(|alias| format!("`{alias}`: {}", setting.row.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the table gives as default is what acts where nobody says otherwise: neither these models nor the profiles of the
/// standard library, which give some attributes of every station and queue.
#[test]
fn defaults_are_what_acts() {
    let mut wrong = Vec::new();
    for act in [stations::acts(), relations::acts()].into_iter().flatten() {
        let Some(setting) = act.attribute else { continue };
        let Some(default) = setting.row.default.filter(|_| !GIVEN.contains(&setting.row.name)) else { continue };
        let default = if setting.row.ty == Type::Metric { format!("\"{default}\"") } else { default.to_owned() };
        let text = setting.written(&setting.model, setting.row.name, &default);
        let (without, with) = (run(&setting.model, act.figure), run(&text, act.figure));
        if without != with {
            wrong.push(format!("{}: {without:?} without it and {with:?} with its default\n{text}", act.row));
        }
    }
    assert!(wrong.is_empty(), "{} are not\n{}", wrong.len(), wrong.join("\n"));
}

/// Attributes that the models of this file or the profiles of the standard library give.
const GIVEN: &[&str] = &["service_time", "concurrency", "queue", "lag", "max_deliveries"];

/// Names what would be simulated.
fn hash(text: &str) -> String {
    let project = check(text).project.unwrap_or_else(|| panic!("{text}"));
    let plan = Plan::new(&project, &PlanOptions::default()).unwrap();
    plan.run(0).unwrap().info.hash.to_string()
}
