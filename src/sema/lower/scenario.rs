//! Scenarios: fixed conditions, and axes for whatever has several values.

mod assign;
mod exclude;
mod load;
mod params;
mod running;
mod tiers;
mod traits;
mod values;

use super::expect::{self, Context};
use super::{Built, behavior, chaos, place};
use crate::diag::{Diagnostic, codes};
use crate::model::{
    Axis, AxisCondition, AxisValue, AxisValues, ChaosAction, ChaosEvent, ChaosSlot, Dist, Expectation, LoadProfile,
    LoadSegment, LoadShape, Place, Precision, RunConfig, Sample, Scenario, Setter,
};
use crate::quantity::{Dimension, Duration, Quantity, RangeError, SimTime, Unit};
use crate::schema::{KNOBS, Key, Knob, KnobKey, SETTINGS, Setting, SettingKey, Type, find_knob, find_setting, nearest};
use crate::sema::load::Loaded;
use crate::sema::template::{Flat, target_name};
use crate::sema::values::{describe, quantity_of};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Expr, ExprKind, StatementKind, Target, Value, ValueKind};
use crate::syntax::{self, ast};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scenario on its way to the model.
pub struct Lowering<'c, 'a, 'd> {
    /// Files.
    pub loaded: &'c Loaded<'c>,
    /// The architecture.
    pub built: &'c Built<'a>,
    /// The scenario with what it inherits.
    pub flat: &'c Flat<'a>,
    /// What has been lowered so far.
    pub scenario: Scenario,
    /// Complaints.
    pub diagnostics: &'d mut Vec<Diagnostic>,
    /// Statements that are not simulated yet, in words.
    pub not_simulated: Vec<Arc<str>>,
    /// Whether a load was given.
    has_load: bool,
    /// Think time, for users given before or after it.
    think: Option<Dist>,
    /// Warm-up, where one is given.
    warmup: Option<Duration>,
    /// Times of events that are shares of the duration, which may be given later.
    shares: Vec<(usize, ChaosSlot, Quantity)>,
    /// What blocks for kinds, technologies and tags give.
    traits: traits::Given,
    /// Parts of `quality`.
    quality: Vec<Expectation>,
    /// What a parameter with several words or texts stands for: they are of one type.
    kinds: BTreeMap<String, Type>,
}

/// Lowers one scenario against one architecture; also what of it is not simulated yet, in words.
pub fn lower<'c>(
    loaded: &'c Loaded<'c>,
    built: &'c Built<'c>,
    flat: &'c Flat<'c>,
    sets: &'c [ast::Statement],
    diagnostics: &mut Vec<Diagnostic>,
) -> (Scenario, Vec<Arc<str>>) {
    let flat = &flat.with(sets);
    let scenario = Scenario { base: defaults(built), names_versions: false, ..bare(flat) };
    let mut lowering = Lowering {
        loaded,
        built,
        flat,
        scenario,
        diagnostics,
        not_simulated: Vec::new(),
        has_load: false,
        think: None,
        warmup: None,
        shares: Vec::new(),
        traits: traits::Given::default(),
        quality: Vec::new(),
        kinds: BTreeMap::new(),
    };
    lowering.length_first(sets);
    lowering.param_axes();
    for statement in &flat.statements {
        lowering.statement(&statement.kind, statement.span, sets);
    }
    for statement in sets {
        lowering.statement(&statement.kind, statement.span, &[]);
    }
    lowering.finish();
    (lowering.scenario, lowering.not_simulated)
}

/// A scenario of which nothing is known but its name.
pub fn bare(flat: &Flat<'_>) -> Scenario {
    let node = flat.node;
    let name = node.id.as_ref().or(node.title.as_ref()).map_or("Run", |text| text.value.as_str());
    let title = node.title.as_ref().map(|title| title.value.as_str().into());
    Scenario { title, ..Scenario::fixed(name.into(), RunConfig::default()) }
}

/// What holds when nobody says otherwise.
fn defaults(built: &Built<'_>) -> RunConfig {
    RunConfig { replications: 3, expectations: built.architecture.slos.clone(), ..RunConfig::default() }
}

/// Load of a scenario that names none, 1/s.
const ASSUMED_LOAD: f64 = 100.0;

impl<'c> Lowering<'c, '_, '_> {
    /// Texts of all files.
    pub fn sources(&self) -> &'c SourceMap {
        &self.loaded.sources
    }

    /// A text as written, on one line.
    pub fn one_line(&self, span: Span) -> String {
        syntax::one_line(self.sources().text(span))
    }

    /// Says that something is not simulated yet, to the user now and in the report.
    pub fn not_yet(&mut self, span: Span, what: &str) {
        self.diagnostics.push(
            Diagnostic::new(&codes::W1501, span, format!("{what} is not simulated yet"))
                .label("without effect in this version"),
        );
        self.not_simulated.push(self.one_line(span).into());
    }

    fn statement(&mut self, kind: &StatementKind, span: Span, sets: &[ast::Statement]) {
        match kind {
            // The command line's own assignment takes this one's place.
            StatementKind::Assign(target, _) if overridden(&target_name(target), sets) => {}
            StatementKind::Setting(name, _) if overridden(&name.value, sets) => {}
            // A parameter of the command line has its value already.
            StatementKind::Assign(target, _) if self.flat.params.contains_key(&target_name(target)) => {}
            StatementKind::Assign(target, value) => drop(self.assign(target, value)),
            StatementKind::Setting(name, value) => drop(self.named(name, value)),
            StatementKind::Param(..)
            | StatementKind::Abstract
            | StatementKind::Versions(_)
            | StatementKind::Commits(_) => {}
            StatementKind::Group(name) => self.scenario.group = Some(name.value.as_str().into()),
            StatementKind::Arrivals(path, value) => self.arrivals(path.as_ref(), value, span),
            StatementKind::Traffic(mix) => self.traffic(mix),
            StatementKind::Zip(pairs) => self.zip(pairs, span),
            StatementKind::Sample { count, latin } => {
                self.scenario.sample = Some(Sample { count: count.value.si().max(1.0) as u64, latin: *latin })
            }
            StatementKind::Exclude(expr) => self.exclude(expr),
            StatementKind::Chaos(event) => chaos::add(self, event, span),
            StatementKind::Expect(expect) => self.expect(expect, span),
            StatementKind::Behavior(block) => self.behavior(block),
            StatementKind::Tiers { tiers, strategy } => self.tiers(tiers, strategy.as_ref()),
            StatementKind::Quality(parts) => self.quality(parts, span),
            StatementKind::Sync { mode, milestones, timeout } => {
                self.sync(mode, milestones, timeout.as_ref(), span);
            }
            StatementKind::Checkpoint { every, keep } => self.checkpoint(every, keep.as_ref(), span),
            StatementKind::Exec(command) => self.exec(command, span),
        }
    }

    fn zip(&mut self, pairs: &[(Target, Value)], span: Span) {
        let axes: Vec<usize> = pairs.iter().filter_map(|(target, value)| self.assign(target, value)).collect();
        let lengths: Vec<u128> = axes.iter().map(|axis| self.scenario.axes[*axis].values.len()).collect();
        if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
            let shown = axes
                .iter()
                .zip(&lengths)
                .map(|(axis, len)| format!("`{}` has {len}", self.scenario.axes[*axis].name))
                .collect::<Vec<_>>();
            self.diagnostics.push(
                Diagnostic::new(&codes::E0403, span, "the lists of `zip` differ in length").label(shown.join(", ")),
            );
        }
        if axes.len() > 1 {
            self.scenario.zips.push(axes);
        }
    }

    fn expect(&mut self, expect: &ast::Expect, span: Span) {
        let context = Context { built: self.built, flat: self.flat, sources: self.sources() };
        if let Some(expectation) = context.expectation(expect, span, self.diagnostics) {
            let index = self.scenario.base.expectations.len();
            self.thresholds(&expect.condition, |nth| Setter::Expectation(index, nth));
            self.add_expectation(expectation);
            self.window_axes(expect, index);
        }
    }

    fn add_expectation(&mut self, expectation: Expectation) {
        self.scenario.base.expectations.push(expectation);
    }

    /// `behavior X { … }` inside a scenario: holds in this scenario only.
    fn behavior(&mut self, block: &ast::Behavior) {
        let (from, path) = match &block.selector {
            ast::Selector::Element(path) => (None, path),
            ast::Selector::Relation(from, to) => (Some(from), to),
            _ => return self.by_trait(block),
        };
        for property in &block.properties {
            let (target, value) = place::of_property(from, path, &[], property);
            self.assign(&target, &value);
        }
    }

    fn finish(&mut self) {
        self.give_way();
        let is_length = |setter: &Setter| matches!(setter, Setter::Setting(SettingKey::Duration));
        let lengths = self.scenario.axes.iter_mut().rfind(|axis| axis.setters.iter().any(is_length));
        let base = &mut self.scenario.base;
        // Runs of several lengths: each cuts its own, and takes its own shares.
        let longest = if lengths.is_some() { Duration(u64::MAX) } else { base.duration };
        base.warmup = self.warmup.map(|warmup| warmup.min(longest));
        let shares = std::mem::take(&mut self.shares);
        for (event, slot, share) in &shares {
            crate::model::set_chaos_slot(base, *event, slot, &AxisValue::Quantity(*share));
        }
        let of_run = shares.into_iter().map(|(event, slot, share)| Setter::ShareOfRun(event, slot, share));
        lengths.into_iter().for_each(|axis| axis.setters.extend(of_run.clone()));
        base.expectations.append(&mut self.quality);
        let swept = |axis: &Axis| axis.setters.iter().any(|setter| matches!(setter, Setter::Knob(KnobKey::Users)));
        if self.scenario.axes.iter().any(swept) {
            // How many there are is the axis's to say, how they think is not.
            base.workload.users.get_or_insert((0, Dist::ZERO));
        }
        if let (Some((_, think)), Some(given)) = (base.workload.users.as_mut(), self.think.take()) {
            *think = given;
        }
        if !self.has_load {
            base.workload.load = LoadProfile::constant(ASSUMED_LOAD);
            self.diagnostics.push(
                Diagnostic::new(
                    &codes::W1119,
                    self.flat.node.span.start_only(),
                    format!("no load is given: {ASSUMED_LOAD}/s is assumed"),
                )
                .help("write `load = 500/s`, or sweep it: `load = 100..5000 step 200`"),
            );
        }
    }
}

/// One value, or the values of an axis.
enum Values<'v> {
    One(&'v Value),
    Many(AxisValues),
}

fn overridden(name: &str, sets: &[ast::Statement]) -> bool {
    let canonical = |name: &str| find_knob(name).map_or_else(|| name.to_owned(), |knob| knob.name.to_owned());
    sets.iter().any(|set| match &set.kind {
        StatementKind::Assign(target, _) => canonical(&target_name(target)) == canonical(name),
        StatementKind::Setting(setting, _) => canonical(&setting.value) == canonical(name),
        _ => false,
    })
}

fn is_swept(value: &Value) -> bool {
    matches!(value.value, ValueKind::Range(_) | ValueKind::List(_))
}

/// Whether a list is of words: which means something only where it is used.
fn lists_words(value: &Value) -> bool {
    matches!(&value.value, ValueKind::List(list) if list.iter().any(|item| quantity_of(item).is_none()))
}

fn second() -> &'static Unit {
    Unit::find("s").unwrap_or(Unit::NONE)
}

fn bad_range(span: Span, why: &RangeError) -> Diagnostic {
    let diagnostic = Diagnostic::new(&codes::E0303, span, why.to_string()).label("has no values");
    match why {
        RangeError::Backwards => diagnostic.help("write the smaller end first"),
        RangeError::Mixed(..) => diagnostic.help("give both ends the same unit"),
        RangeError::Step => diagnostic.help("write `A..B step S` with S above zero"),
        RangeError::Count(_) | RangeError::Digits => diagnostic,
    }
}
