//! Scenarios: fixed conditions, and axes for whatever has several values.

use super::expect::{self, Context};
use super::profile::{diurnal, flattened, profile_points, ramp, spike, steps};
use super::{Built, behavior, chaos, place};
use crate::diag::{Diagnostic, codes};
use crate::model::{
    Axis, AxisCondition, AxisValue, AxisValues, ChaosAction, ChaosEvent, ChaosSlot, Dist, Expectation, LoadProfile,
    LoadSegment, Place, Precision, RunConfig, Sample, Scenario, Setter,
};
use crate::quantity::{Dimension, Duration, Quantity, RangeError, SimTime, Unit};
use crate::schema::{KNOBS, Key, Knob, KnobKey, SETTINGS, Setting, SettingKey, find_knob, find_setting, nearest};
use crate::sema::load::Loaded;
use crate::sema::template::{Flat, target_name};
use crate::sema::values::{describe, quantity_of, word_of};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Expr, ExprKind, StatementKind, Target, Value, ValueKind};
use crate::syntax::{self, ast};
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
}

/// Lowers one scenario against one architecture; also what of it is not simulated yet, in words.
pub fn lower<'c, 'a>(
    loaded: &'c Loaded<'c>,
    built: &'c Built<'a>,
    flat: &'c Flat<'a>,
    sets: &[ast::Statement],
    diagnostics: &mut Vec<Diagnostic>,
) -> (Scenario, Vec<Arc<str>>) {
    let node = flat.node;
    let scenario = Scenario {
        name: node.id.as_ref().or(node.title.as_ref()).map_or("Run", |text| text.value.as_str()).into(),
        title: node.title.as_ref().map(|title| title.value.as_str().into()),
        names_versions: false,
        base: defaults(built),
        fixed: Vec::new(),
        axes: Vec::new(),
        zips: Vec::new(),
        excludes: Vec::new(),
        sample: None,
    };
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
    };
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
            StatementKind::Assign(target, value) => drop(self.assign(target, value)),
            StatementKind::Setting(name, value) => drop(self.named(name, value)),
            StatementKind::Param(..) | StatementKind::Abstract | StatementKind::Versions(_) => {}
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
            StatementKind::Commits(_) => self.not_yet(span, "a sweep over commits"),
            StatementKind::Tiers { .. } => self.not_yet(span, "`tiers`"),
            StatementKind::Quality(_) => self.not_yet(span, "`quality`"),
            StatementKind::Sync { .. } => self.not_yet(span, "`sync`"),
            StatementKind::Checkpoint { .. } => self.not_yet(span, "`checkpoint`"),
            StatementKind::Exec(_) => self.not_yet(span, "an external program"),
        }
    }

    // ---- assignments

    /// `X = V`; gives the axis that it made, if it made one.
    fn assign(&mut self, target: &Target, value: &Value) -> Option<usize> {
        let path = self.flat.bound_path(&target.path);
        let from = target.from.as_ref().map(|from| self.flat.bound_path(from));
        let parts = &path.parts;
        let alone = parts.len() == 1 || (parts.len() == 2 && parts[1].value == "range");
        if from.is_none() && alone {
            return self.named(&parts[0].clone(), value);
        }
        let target = Target { from, path, span: target.span };
        let found = place::places(self.built, &target, self.diagnostics)?;
        if !found.attribute.simulated {
            self.not_yet(target.span, &format!("`{}`", found.attribute.path()));
            return None;
        }
        let setters = found.places.iter().map(|place| Setter::Attribute(*place, found.attribute.key)).collect();
        self.attribute(&found.name, found.attribute.key, &found.places, setters, value)
    }

    fn attribute(
        &mut self,
        name: &str,
        key: Key,
        places: &[Place],
        setters: Vec<Setter>,
        value: &Value,
    ) -> Option<usize> {
        let (bound, param) = self.flat.bound(value);
        let unit = crate::schema::attribute(key).unit;
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.extend(setters);
            self.scenario.axes[axis].unit = Unit::find(unit).unwrap_or(Unit::NONE);
            return Some(axis);
        }
        match self.values(bound, Some(key))? {
            Values::One(value) => {
                let typed = behavior::typed_value(self.loaded, self.built, key, value, self.diagnostics)?;
                self.scenario.fixed.extend(places.iter().map(|place| (*place, key, typed.clone())));
                None
            }
            Values::Many(values) => Some(self.axis(name, values, unit, setters)),
        }
    }

    /// An assignment to a single word: a knob or a setting.
    fn named(&mut self, name: &ast::Ident, value: &Value) -> Option<usize> {
        let word = name.value.as_str();
        if let Some(knob) = find_knob(word) {
            return self.knob(knob, value);
        }
        if let Some(setting) = find_setting(word) {
            return self.setting(setting, name, value);
        }
        self.diagnostics.push(self.unknown_name(name));
        None
    }

    fn unknown_name(&self, name: &ast::Ident) -> Diagnostic {
        let words = KNOBS.iter().map(|knob| knob.name).chain(SETTINGS.iter().map(|setting| setting.name));
        let params = self.flat.params.keys().map(String::as_str);
        let known: Vec<&str> = words.chain(params).collect();
        let diagnostic = Diagnostic::new(
            &codes::E0205,
            name.span,
            format!("no knob, setting or parameter is called `{}`", name.value),
        )
        .label("not known");
        match nearest(&name.value, known.iter().copied()) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), name.span, near)
            }
            None => diagnostic.help("an attribute of an element is written with its path: `Shop.Api.replicas = 2`"),
        }
    }

    fn knob(&mut self, knob: &'static Knob, value: &Value) -> Option<usize> {
        self.has_load |= matches!(knob.key, KnobKey::Load | KnobKey::Users);
        let (bound, param) = self.flat.bound(value);
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.push(Setter::Knob(knob.key));
            self.scenario.axes[axis].unit = Unit::find(knob.unit).unwrap_or(Unit::NONE);
            return Some(axis);
        }
        if knob.key == KnobKey::Load
            && let Some(profile) = self.profile(bound)
        {
            self.scenario.base.workload.load = profile?;
            return None;
        }
        match self.values(bound, None)? {
            Values::One(value) => {
                if let (KnobKey::Think, ValueKind::Call(..)) = (knob.key, &value.value) {
                    self.think = self.dist(value);
                    return None;
                }
                let q = self.measured(value, knob)?;
                self.set_knob(knob.key, q);
                None
            }
            Values::Many(values) => {
                self.check_values(&values, knob, value.span)?;
                Some(self.axis(knob.name, values, knob.unit, vec![Setter::Knob(knob.key)]))
            }
        }
    }

    fn dist(&mut self, value: &Value) -> Option<Dist> {
        match behavior::typed_value(self.loaded, self.built, Key::ServiceTime, value, self.diagnostics) {
            Some(crate::model::Value::Dist(dist)) => Some(dist),
            _ => None,
        }
    }

    fn set_knob(&mut self, key: KnobKey, q: Quantity) {
        let base = &mut self.scenario.base;
        let length = || q.duration().unwrap_or_default();
        match key {
            KnobKey::Load => base.workload.load = LoadProfile::constant(q.si()),
            KnobKey::Failures => base.failures = q.si(),
            KnobKey::Latency => base.latency = length(),
            KnobKey::Users => base.workload.users = Some((q.si() as u32, Dist::ZERO)),
            KnobKey::Think => self.think = Some(Dist::Exponential { mean: q.si() }),
            KnobKey::Retries => {
                let calls = place::retrying(self.built);
                self.scenario.fixed.extend(
                    calls.into_iter().map(|id| (Place::Call(id), Key::Retry, crate::model::Value::Number(q.si()))),
                );
            }
            KnobKey::Lag => {
                let value = crate::model::Value::Duration(length());
                self.scenario
                    .fixed
                    .extend(place::queues(self.built).into_iter().map(|place| (place, Key::Lag, value.clone())));
            }
        }
    }

    /// A quantity of the knob's own dimension.
    fn measured(&mut self, value: &Value, knob: &Knob) -> Option<Quantity> {
        let unit = Unit::find(knob.unit).unwrap_or(Unit::NONE);
        let found = quantity_of(value).and_then(|q| q.in_natural(unit)).filter(|q| q.dimension() == knob.dimension);
        match found {
            Some(q) if q.number.signum() < 0 || (knob.dimension == Dimension::Share && q.si() > 1.0) => {
                self.diagnostics.push(Diagnostic::new(
                    &codes::E0302,
                    value.span,
                    format!("`{}` is out of its bounds", knob.name),
                ));
                None
            }
            Some(q) => Some(q),
            None => {
                let message = format!("`{}` takes {}, not {}", knob.name, knob.dimension.describe(), describe(value));
                self.diagnostics.push(Diagnostic::new(&codes::E0301, value.span, message));
                None
            }
        }
    }

    fn check_values(&mut self, values: &AxisValues, knob: &Knob, span: Span) -> Option<()> {
        let unit = Unit::find(knob.unit).unwrap_or(Unit::NONE);
        let last = values.len().saturating_sub(1);
        for index in [0, last] {
            let Some(AxisValue::Quantity(q)) = values.get(index) else { continue };
            let value = Value::new(ValueKind::Quantity(q.or_unit(unit)), span);
            self.measured(&value, knob)?;
        }
        Some(())
    }

    fn setting(&mut self, setting: &'static Setting, name: &ast::Ident, value: &Value) -> Option<usize> {
        if !setting.simulated {
            let span = name.span.to(value.span);
            self.not_yet(span, &format!("`{}`", setting.name));
            return None;
        }
        let (bound, param) = self.flat.bound(value);
        let unit = if matches!(setting.key, SettingKey::Duration | SettingKey::Warmup) { "s" } else { "" };
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.push(Setter::Setting(setting.key));
            return Some(axis);
        }
        match self.values(bound, None)? {
            Values::One(value) => self.set_setting(setting, value),
            Values::Many(values) => {
                return Some(self.axis(setting.name, values, unit, vec![Setter::Setting(setting.key)]));
            }
        }
        None
    }

    fn set_setting(&mut self, setting: &Setting, value: &Value) {
        let wanted = match setting.key {
            SettingKey::Duration | SettingKey::Warmup => Dimension::Duration,
            SettingKey::Precision => Dimension::Share,
            _ => Dimension::Count,
        };
        let unit = if wanted == Dimension::Duration { second() } else { Unit::NONE };
        let found =
            quantity_of(value).map(|q| q.or_unit(unit)).filter(|q| q.dimension() == wanted && q.number.signum() >= 0);
        let Some(q) = found else {
            let message = format!("`{}` takes {}, not {}", setting.name, wanted.describe(), describe(value));
            self.diagnostics.push(Diagnostic::new(&codes::E0301, value.span, message));
            return;
        };
        let base = &mut self.scenario.base;
        match setting.key {
            SettingKey::Duration => base.duration = q.duration().unwrap_or_default(),
            SettingKey::Warmup => self.warmup = q.duration(),
            SettingKey::Replications => base.replications = q.si().clamp(1.0, 1e6) as u32,
            SettingKey::Seed => base.seed = q.si() as u64,
            SettingKey::Precision => self.precision(value.span, q.si()),
            SettingKey::Priority | SettingKey::Timeout => {}
        }
    }

    fn precision(&mut self, span: Span, relative: f64) {
        if relative > 0.0 && relative < 1.0 {
            self.scenario.base.precision = Some(Precision { relative, max_replications: Precision::BUDGET });
            return;
        }
        self.diagnostics.push(
            Diagnostic::new(&codes::E0303, span, "no interval is that narrow, or narrow at all")
                .label("above 0 % and below 100 %")
                .help("`precision 2%` is met when the mean is known to 2 % of itself"),
        );
    }

    // ---- values and axes

    /// One value, or the values of an axis.
    fn values<'v>(&mut self, value: &'v Value, key: Option<Key>) -> Option<Values<'v>> {
        match &value.value {
            ValueKind::Range(range) => match range.grid() {
                Ok(grid) => Some(Values::Many(AxisValues::Grid(grid))),
                Err(why) => {
                    self.diagnostics.push(bad_range(value.span, &why));
                    None
                }
            },
            ValueKind::List(list) if list.is_empty() => {
                self.diagnostics
                    .push(Diagnostic::new(&codes::E0303, value.span, "an empty list").label("no values to sweep"));
                None
            }
            ValueKind::List(list) => {
                let values: Option<Vec<AxisValue>> = list.iter().map(|item| self.axis_value(item, key)).collect();
                values.map(|values| Values::Many(AxisValues::List(values)))
            }
            _ => Some(Values::One(value)),
        }
    }

    fn axis_value(&mut self, item: &Value, key: Option<Key>) -> Option<AxisValue> {
        if let Some(key) = key {
            let typed = behavior::typed_value(self.loaded, self.built, key, item, self.diagnostics)?;
            if quantity_of(item).is_none() {
                return Some(AxisValue::Value(self.one_line(item.span).into(), typed));
            }
        }
        match quantity_of(item) {
            Some(q) => Some(AxisValue::Quantity(q)),
            None => {
                let message = format!("a quantity belongs here, not {}", describe(item));
                self.diagnostics.push(Diagnostic::new(&codes::E0301, item.span, message));
                None
            }
        }
    }

    fn axis(&mut self, name: &str, values: AxisValues, unit: &str, setters: Vec<Setter>) -> usize {
        self.scenario.axes.push(Axis {
            name: name.into(),
            values,
            unit: Unit::find(unit).unwrap_or(Unit::NONE),
            setters,
        });
        self.scenario.axes.len() - 1
    }

    /// Parameters with several values are axes, in the order of their declaration.
    fn param_axes(&mut self) {
        let mut swept: Vec<(Span, &str, &Value)> = Vec::new();
        for (name, param) in &self.flat.params {
            if let Some(value) = param.value.filter(|value| is_swept(value) && !lists_names(value)) {
                swept.push((param.declared, name, value));
            }
        }
        swept.sort_by_key(|(span, ..)| *span);
        for (_, name, value) in swept {
            if let Some(Values::Many(values)) = self.values(value, None) {
                self.axis(name, values, "", Vec::new());
            }
        }
    }

    fn axis_of_param(&self, param: Option<&str>) -> Option<usize> {
        let param = param?;
        self.scenario.axes.iter().position(|axis| &*axis.name == param)
    }

    /// A part of a chaos event: a fixed value, or an axis.
    pub fn slot(&mut self, value: &Value, name: &str, unit: &str, event: usize, slot: ChaosSlot) {
        let (bound, param) = self.flat.bound(value);
        if let Some(axis) = self.axis_of_param(param) {
            self.scenario.axes[axis].setters.push(Setter::Chaos(event, slot));
            return;
        }
        match self.values(bound, None) {
            Some(Values::One(one)) => self.fixed_slot(one, unit, event, &slot),
            Some(Values::Many(values)) => drop(self.axis(name, values, unit, vec![Setter::Chaos(event, slot)])),
            None => {}
        }
    }

    fn fixed_slot(&mut self, value: &Value, unit: &str, event: usize, slot: &ChaosSlot) {
        if matches!(slot, ChaosSlot::Amount | ChaosSlot::Decrease) {
            // The action was built with it.
            return;
        }
        let duration = self.scenario.base.duration;
        let found = quantity_of(value).and_then(|q| match q.dimension() {
            // `at 50%` of the run.
            Dimension::Share => Some(Quantity {
                number: crate::quantity::Decimal::from_f64(duration.seconds() * q.si())?,
                unit: second(),
            }),
            _ => Some(q.or_unit(Unit::find(unit)?))
                .filter(|q| q.dimension() == Dimension::Duration && q.number.signum() >= 0),
        });
        match found {
            Some(q) => crate::model::set_chaos_slot(&mut self.scenario.base, event, slot, &AxisValue::Quantity(q)),
            None => self.diagnostics.push(Diagnostic::new(
                &codes::E0301,
                value.span,
                format!("a time such as `30s` belongs here, not {}", describe(value)),
            )),
        }
    }

    /// An axis over what an event hits.
    pub fn choice_axis(&mut self, name: &str, labels: Vec<Arc<str>>, event: usize, actions: Vec<ChaosAction>) {
        let values = labels.into_iter().enumerate().map(|(n, label)| AxisValue::Choice(label, n)).collect();
        self.axis(name, AxisValues::List(values), "", vec![Setter::Chaos(event, ChaosSlot::Target(actions))]);
    }

    /// The same event at other places: at the same times, and varied with it.
    pub fn also(&mut self, event: usize, actions: Vec<ChaosAction>) {
        for action in actions {
            let first = &self.scenario.base.chaos[event];
            let copy = ChaosEvent { action, ..first.clone() };
            let at = self.scenario.base.chaos.len();
            self.scenario.base.chaos.push(copy);
            for axis in &mut self.scenario.axes {
                let of_first = |setter: &Setter| match setter {
                    Setter::Chaos(n, slot) if *n == event => Some(Setter::Chaos(at, slot.clone())),
                    _ => None,
                };
                let copies: Vec<Setter> = axis.setters.iter().filter_map(of_first).collect();
                axis.setters.extend(copies);
            }
        }
    }

    /// A fixed time, parameters replaced; of a sweep its first.
    pub fn time(&mut self, value: &Value) -> Option<Duration> {
        let found = self.first_quantity(value).map(|q| q.or_unit(second())).and_then(|q| q.duration());
        if found.is_none() {
            self.diagnostics.push(Diagnostic::new(
                &codes::E0301,
                value.span,
                format!("a time such as `30s` belongs here, not {}", describe(value)),
            ));
        }
        found
    }

    /// The quantity of a value, parameters replaced; of a sweep its first.
    pub fn first_quantity(&self, value: &Value) -> Option<Quantity> {
        let (bound, _) = self.flat.bound(value);
        quantity_of(&self.first_value(bound))
    }

    /// A value; of a sweep its first.
    pub fn first_value(&self, value: &Value) -> Value {
        match &value.value {
            ValueKind::Range(range) => Value::new(ValueKind::Quantity(range.start.or_unit(range.end.unit)), value.span),
            ValueKind::List(list) => list.first().cloned().unwrap_or_else(|| value.clone()),
            _ => value.clone(),
        }
    }

    // ---- load

    /// `profile { … }`, `ramp(…)`, `spike(…)`, `step(…)`, `diurnal(…)`; `None`: it is no profile.
    fn profile(&mut self, value: &Value) -> Option<Option<LoadProfile>> {
        let (name, args, span) = match &value.value {
            ValueKind::Call(name, args) => (name.value.as_str(), flattened(args), value.span),
            ValueKind::Block(values) => ("profile", values.clone(), value.span),
            _ => return None,
        };
        let profile = match name {
            "profile" => profile_points(&args),
            "ramp" => ramp(&args),
            "spike" => spike(&args),
            "step" | "steps" => steps(&args),
            "diurnal" => diurnal(&args),
            "trace" => self.load_trace(value),
            _ => None,
        };
        if profile.is_none() && name != "trace" {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0304, span, "this is no load profile").label("cannot be read").help(
                    "write `profile { 0s 200/s  60s 2000/s }`, `ramp(100/s, 1000/s, 60s)`, `spike(200/s, 2000/s, at 60s, for 10s)`, `step(100/s, 500/s, every 30s)` or `diurnal(100/s, 1000/s, 24h)`",
                ),
            );
        }
        Some(profile)
    }

    /// `trace("load.csv")`: rates for equal parts of the duration.
    fn load_trace(&mut self, value: &Value) -> Option<LoadProfile> {
        let ValueKind::Call(_, args) = &value.value else { return None };
        let ValueKind::Text(file) = &args.first()?.first()?.value else { return None };
        match self.loaded.numbers(value.span.file, file) {
            Ok(rates) => {
                let step = self.scenario.base.duration.0 / rates.len() as u64;
                let point = |(n, rate): (usize, &f64)| LoadSegment { at: SimTime(n as u64 * step), rate: *rate };
                Some(LoadProfile { points: rates.iter().enumerate().map(point).collect() })
            }
            Err(why) => {
                self.diagnostics.push(
                    Diagnostic::new(&codes::E0501, value.span, format!("cannot use `{file}`: {why}"))
                        .help("one rate a line"),
                );
                None
            }
        }
    }

    fn arrivals(&mut self, path: Option<&ast::Path>, value: &Value, span: Span) {
        let (bound, _) = self.flat.bound(value);
        let Some(typed) = behavior::typed_value(self.loaded, self.built, Key::Arrivals, bound, self.diagnostics) else {
            return;
        };
        self.has_load |= matches!(
            typed,
            crate::model::Value::Arrivals(crate::model::Arrivals::Trace(_) | crate::model::Arrivals::Mmpp { .. })
        );
        let sources = (0..self.built.architecture.sources.len() as u32).map(crate::model::SourceId);
        let chosen: Vec<crate::model::SourceId> = match path {
            None => sources.collect(),
            Some(path) => {
                let symbol = crate::sema::cascade::resolve(&self.built.declared.names, path, None, self.diagnostics);
                symbol.and_then(|symbol| self.built.source_of.get(&symbol)).copied().into_iter().collect()
            }
        };
        if chosen.is_empty() && path.is_some() {
            self.diagnostics.push(Diagnostic::new(&codes::E0217, span, "no traffic starts there"));
        }
        self.scenario.fixed.extend(chosen.into_iter().map(|id| (Place::Source(id), Key::Arrivals, typed.clone())));
    }

    fn traffic(&mut self, mix: &[(ast::Path, crate::source::Spanned<Quantity>)]) {
        let mut out = Vec::new();
        for (path, share) in mix {
            let name = self.flat.bound_path(path).dotted();
            match place::request(self.built, &name).or_else(|| self.entered(path)) {
                Some(request) => out.push((request, share.value.si())),
                None => self.diagnostics.push(self.unknown_request(path, &name)),
            }
        }
        self.scenario.base.workload.mix = out;
    }

    /// The request type of a source or of the element by which it enters.
    fn entered(&self, path: &ast::Path) -> Option<crate::model::RequestTypeId> {
        let symbol = self.built.declared.names.resolve(&path.dotted(), None).ok()?;
        let types = self.built.architecture.request_types.iter();
        let by = |request: &crate::model::RequestType| {
            let source = self.built.source_of.get(&symbol) == Some(&request.source);
            source || self.built.station_of(symbol) == Some(self.built.architecture.call(request.entry).to)
        };
        let mut found = types.enumerate().filter(|(_, request)| by(request));
        let first = found.next()?.0;
        found.next().is_none().then_some(crate::model::RequestTypeId(first as u32))
    }

    fn unknown_request(&self, path: &ast::Path, name: &str) -> Diagnostic {
        let known = self.built.request_of.keys().map(String::as_str);
        let diagnostic = Diagnostic::new(&codes::E0201, path.span, format!("no request type is called `{name}`"))
            .label("not declared");
        match nearest(name, known.clone()) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), path.span, near)
            }
            None => diagnostic.help(format!("there are {}", known.collect::<Vec<_>>().join(", "))),
        }
    }

    // ---- the rest

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

    fn exclude(&mut self, expr: &Expr) {
        if let Some(condition) = self.axis_condition(expr) {
            self.scenario.excludes.push(condition);
        }
    }

    fn axis_condition(&mut self, expr: &Expr) -> Option<AxisCondition> {
        match &expr.kind {
            ExprKind::And(a, b) => {
                Some(AxisCondition::And(Box::new(self.axis_condition(a)?), Box::new(self.axis_condition(b)?)))
            }
            ExprKind::Or(a, b) => {
                Some(AxisCondition::Or(Box::new(self.axis_condition(a)?), Box::new(self.axis_condition(b)?)))
            }
            ExprKind::Not(inner) => Some(AxisCondition::Not(Box::new(self.axis_condition(inner)?))),
            ExprKind::Compare(left, op, right) => self.axis_comparison(left, op.value, right, expr.span),
            _ => {
                self.diagnostics.push(
                    Diagnostic::new(&codes::E0305, expr.span, "a comparison belongs here")
                        .help("for example `load > 2000/s`"),
                );
                None
            }
        }
    }

    fn axis_comparison(&mut self, left: &Expr, op: ast::CompareOp, right: &Expr, span: Span) -> Option<AxisCondition> {
        let axis = self.axis_named(left)?;
        let unit = self.scenario.axes[axis].unit;
        match &right.kind {
            ExprKind::Quantity(q) => Some(AxisCondition::Compare(axis, expect::comparison(op), q.or_unit(unit).si())),
            ExprKind::Text(text) => Some(AxisCondition::Is(axis, text.as_str().into())),
            ExprKind::Name(path, None) => Some(AxisCondition::Is(axis, path.dotted().into())),
            _ => {
                self.diagnostics.push(Diagnostic::new(&codes::E0305, span, "a dimension is compared with a value"));
                None
            }
        }
    }

    /// The full name of an attribute as dimensions have it; `None` when it is none.
    fn attribute_name(&self, from: Option<&ast::Path>, path: &ast::Path) -> Option<String> {
        if path.parts.len() < 2 {
            return None;
        }
        let target = Target { from: from.cloned(), path: path.clone(), span: path.span };
        place::places(self.built, &target, &mut Vec::new()).map(|found| found.name)
    }

    fn axis_named(&mut self, expr: &Expr) -> Option<usize> {
        let name = match &expr.kind {
            ExprKind::Name(path, None) => self.attribute_name(None, path).unwrap_or_else(|| path.dotted()),
            ExprKind::Target(target) => {
                self.attribute_name(target.from.as_ref(), &target.path).unwrap_or_else(|| self.one_line(expr.span))
            }
            _ => self.one_line(expr.span),
        };
        let canonical = find_knob(&name).map_or(name.as_str(), |knob| knob.name);
        let found = self.scenario.axes.iter().position(|axis| {
            let squeezed = axis.name.replace(' ', "");
            *axis.name == *canonical || *axis.name == *name || squeezed == name.replace(' ', "")
        });
        if found.is_none() {
            let known = self.scenario.axes.iter().map(|axis| format!("`{}`", axis.name)).collect::<Vec<_>>().join(", ");
            let help = if known.is_empty() {
                "nothing varies above this line".to_owned()
            } else {
                format!("what varies: {known}")
            };
            self.diagnostics.push(
                Diagnostic::new(&codes::E0409, expr.span, format!("`{name}` does not vary in this scenario"))
                    .label("excludes nothing")
                    .help(help),
            );
        }
        found
    }

    fn expect(&mut self, expect: &ast::Expect, span: Span) {
        let context = Context { built: self.built, flat: self.flat, sources: self.sources() };
        if let Some(expectation) = context.expectation(expect, span, self.diagnostics) {
            self.add_expectation(expectation);
        }
    }

    fn add_expectation(&mut self, expectation: Expectation) {
        self.scenario.base.expectations.push(expectation);
    }

    /// `behavior X { … }` inside a scenario: holds in this scenario only.
    fn behavior(&mut self, block: &ast::Behavior) {
        for property in &block.properties {
            let target = match &block.selector {
                ast::Selector::Element(path) => target_of(None, path, &property.name),
                ast::Selector::Relation(from, to) => target_of(Some(from.clone()), to, &property.name),
                _ => {
                    self.diagnostics.push(
                        Diagnostic::new(
                            &codes::E0205,
                            block.span,
                            "a behavior block of a scenario names one element or relation",
                        )
                        .help("move it out of the scenario, or write the attributes as assignments"),
                    );
                    return;
                }
            };
            if let Some(value) = property.values.first() {
                self.assign(&target, value);
            }
        }
    }

    fn finish(&mut self) {
        let base = &mut self.scenario.base;
        base.warmup = self.warmup.map(|warmup| warmup.min(base.duration));
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

/// Whether a list is of names: what an event hits, rather than how much.
fn lists_names(value: &Value) -> bool {
    matches!(&value.value, ValueKind::List(list) if list.iter().any(|item| word_of(item).is_some() && quantity_of(item).is_none()))
}

fn target_of(from: Option<ast::Path>, path: &ast::Path, name: &ast::Ident) -> Target {
    let mut parts = path.parts.clone();
    parts.push(name.clone());
    let span = name.span;
    Target { from, path: ast::Path { parts, span: path.span }, span }
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
