//! One scenario against one version, with the text that it came from.

use super::Context;
use super::graph::{Detours, Graph};
use crate::model::{
    Architecture, Axis, AxisValue, AxisValues, ChaosAction, ChaosEvent, ChaosSlot, Entry, Limit, Place, Scenario,
    Setter, Value, assign, typed,
};
use crate::quantity::Quantity;
use crate::schema::{Key, KnobKey, find_knob};
use crate::sema::lower::place;
use crate::sema::template::{Flat, target_name};
use crate::source::Span;
use crate::syntax::ast::{self, StatementKind};
use std::borrow::Cow;

/// One scenario against one version.
pub struct Scene<'s, 'a> {
    /// What the lint may look at.
    pub context: &'s Context<'s, 'a>,
    /// Its text.
    pub flat: &'s Flat<'a>,
    /// The scenario, lowered.
    pub scenario: &'s Scenario,
    /// The version's model.
    pub model: &'s Architecture,
    /// Its calls.
    pub graph: &'s Graph,
    /// Name of the version.
    pub version: &'s str,
}

/// The load of a scenario, requests a second.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// The smallest that lasts: of a sweep its lowest value, of a profile its mean.
    pub low: f64,
    /// The largest: of a sweep its highest value, of a profile its peak.
    pub high: f64,
}

impl Scene<'_, '_> {
    /// ` in version v2`, where the scenario names its versions.
    pub fn version_words(&self) -> String {
        if self.scenario.names_versions { format!(" in version `{}`", self.version) } else { String::new() }
    }

    /// A place in the team's own text: what stands in a template of the library is said of `extends`.
    pub fn own(&self, span: Span) -> Span {
        if !self.context.is_std(span) {
            return span;
        }
        let node = self.flat.node;
        node.extends.as_ref().map(|base| base.span).unwrap_or_else(|| self.name_span())
    }

    /// The scenario's name.
    pub fn name_span(&self) -> Span {
        let node = self.flat.node;
        node.id.as_ref().or(node.title.as_ref()).map_or(node.span.start_only(), |name| name.span)
    }

    /// The load; `None` for closed loops and for arrivals that bring their own rate.
    pub fn load(&self) -> Option<Load> {
        let workload = &self.scenario.base.workload;
        if workload.users.is_some() || self.axis(KnobKey::Users).is_some() || self.has_own_arrivals() {
            return None;
        }
        if let Some(axis) = self.axis(KnobKey::Load) {
            let (low, high) = extent(axis)?;
            return Some(Load { low: low.si(), high: high.si() });
        }
        let mean = workload.load.mean(self.scenario.base.duration);
        Some(Load { low: mean, high: workload.load.peak() })
    }

    fn has_own_arrivals(&self) -> bool {
        use crate::model::Arrivals::{Mmpp, Trace};
        let sets = self.scenario.fixed.iter().map(|(_, _, value)| value);
        let fixed = sets.filter_map(|value| if let Value::Arrivals(arrivals) = value { Some(arrivals) } else { None });
        let given = self.model.sources.iter().map(|source| &source.arrivals);
        fixed.chain(given).any(|arrivals| matches!(arrivals, Mmpp { .. } | Trace(_)))
    }

    /// The axis that sweeps a knob.
    pub fn axis(&self, knob: KnobKey) -> Option<&Axis> {
        let sets = |setter: &Setter| matches!(setter, Setter::Knob(key) if *key == knob);
        self.scenario.axes.iter().find(|axis| axis.setters.iter().any(sets))
    }

    /// Whether some run changes an attribute.
    pub fn changes(&self, place: Place, key: Key) -> bool {
        let fixed = self.scenario.fixed.iter().any(|(at, of, _)| (*at, *of) == (place, key));
        let sets = |setter: &Setter| matches!(setter, Setter::Attribute(at, of) if (*at, *of) == (place, key));
        fixed || self.scenario.axes.iter().any(|axis| axis.setters.iter().any(sets))
    }

    /// Whether some run changes the attribute somewhere.
    pub fn changes_anywhere(&self, key: Key) -> bool {
        let fixed = self.scenario.fixed.iter().any(|(_, of, _)| *of == key);
        let sets = |setter: &Setter| matches!(setter, Setter::Attribute(_, of) if *of == key);
        fixed || self.scenario.axes.iter().any(|axis| axis.setters.iter().any(sets))
    }

    /// The model with what the scenario sets; of a sweep the value that leaves most room.
    pub fn roomiest(&self) -> Cow<'_, Architecture> {
        let scenario = self.scenario;
        let sweeps = |axis: &Axis| axis.setters.iter().any(|setter| matches!(setter, Setter::Attribute(..)));
        if scenario.fixed.is_empty() && !scenario.axes.iter().any(sweeps) {
            return Cow::Borrowed(self.model);
        }
        let mut model = self.model.clone();
        for (place, key, value) in &scenario.fixed {
            // The scenario was lowered against this model: a refusal cannot happen, and would only cost a hint.
            let _ = assign(&mut model, *place, *key, value);
        }
        for axis in &scenario.axes {
            set_roomiest(&mut model, axis);
        }
        Cow::Owned(model)
    }

    /// Where the scenario sends requests beside the calls of the model, be it in some runs or for some time.
    pub fn detours(&self) -> Detours {
        let mut detours = Detours::default();
        let mut add = |place: Place, value: &Value| {
            let Value::Station(Some(to)) = value else { return };
            match place {
                Place::Call(id) => detours.add(self.model.call(id).from, *to),
                Place::Station(id) => detours.add(Entry::Station(id), *to),
                Place::Request(_) | Place::Source(_) => {}
            }
        };
        self.scenario.fixed.iter().for_each(|(place, _, value)| add(*place, value));
        for event in &self.scenario.base.chaos {
            match &event.action {
                ChaosAction::Set(place, _, value) => add(*place, value),
                ChaosAction::Deploy(_, settings) => settings.iter().for_each(|(place, _, value)| add(*place, value)),
                _ => {}
            }
        }
        for axis in &self.scenario.axes {
            let AxisValues::List(values) = &axis.values else { continue };
            let typed =
                || values.iter().filter_map(|v| if let AxisValue::Value(_, value) = v { Some(value) } else { None });
            let places = axis.setters.iter().flat_map(|setter| self.places_of(setter));
            places.for_each(|place| typed().for_each(|value| add(place, value)));
        }
        detours
    }

    /// The places whose attribute a value of an axis sets.
    fn places_of(&self, setter: &Setter) -> Vec<Place> {
        match setter {
            Setter::Attribute(place, _) => vec![*place],
            Setter::Chaos(event, slot) => {
                let action = self.scenario.base.chaos.get(*event).map(|event| &event.action);
                match (action, slot) {
                    (Some(ChaosAction::Set(place, ..)), ChaosSlot::Amount) => vec![*place],
                    (Some(ChaosAction::Deploy(_, settings)), ChaosSlot::Deployed(key)) => {
                        settings.iter().filter(|(_, of, _)| of == key).map(|(place, ..)| *place).collect()
                    }
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// The statement of a chaos event.
    pub fn chaos_node(&self, event: &ChaosEvent) -> Option<(&ast::Chaos, Span)> {
        let one_line = |span| self.context.loaded.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        self.flat.statements.iter().find_map(|statement| match &statement.kind {
            StatementKind::Chaos(node) if one_line(statement.span) == *event.text => Some((&**node, statement.span)),
            _ => None,
        })
    }

    /// `expect` statements with what they were lowered to.
    pub fn expectations(&self) -> Vec<(&ast::Expect, &crate::model::Expectation)> {
        let nodes: Vec<&ast::Expect> = self
            .flat
            .statements
            .iter()
            .filter_map(|statement| if let StatementKind::Expect(node) = &statement.kind { Some(node) } else { None })
            .collect();
        let lowered: Vec<&crate::model::Expectation> = self.scenario.base.expectations.iter().collect();
        let own = lowered.len().saturating_sub(nodes.len());
        // Where one was refused they no longer stand side by side; its error says enough.
        if lowered.len() - own == nodes.len() && own == self.model.slos.len() {
            nodes.into_iter().zip(lowered.into_iter().skip(own)).collect()
        } else {
            Vec::new()
        }
    }

    /// Where a setting or a knob of one word is given: its value, parameters followed.
    pub fn value_of(&self, name: &str) -> Option<Span> {
        let is_it = |given: &str| given == name || find_knob(given).is_some_and(|knob| knob.name == name);
        self.flat.statements.iter().rev().find_map(|statement| match &statement.kind {
            StatementKind::Assign(target, value) if is_it(&target_name(target)) => Some(value.span),
            StatementKind::Setting(setting, value) if is_it(&setting.value) => Some(value.span),
            _ => None,
        })
    }

    /// The values of a sweep, as written.
    pub fn axis_span(&self, axis: &Axis) -> Option<Span> {
        if let Some(value) = self.flat.params.get(&*axis.name).and_then(|param| param.value) {
            return Some(value.span);
        }
        let pairs = self.flat.statements.iter().flat_map(|statement| match &statement.kind {
            StatementKind::Assign(target, value) => vec![(target, value)],
            StatementKind::Zip(pairs) => pairs.iter().map(|(target, value)| (target, value)).collect(),
            _ => Vec::new(),
        });
        let mut swept = pairs.filter(|(_, value)| self.is_axis(value));
        let found = swept.find(|(target, _)| self.target_text(target) == *axis.name).map(|(_, value)| value.span);
        found.or_else(|| self.value_of(&axis.name))
    }

    fn is_axis(&self, value: &ast::Value) -> bool {
        matches!(value.value, ast::ValueKind::Range(_) | ast::ValueKind::List(_))
    }

    fn target_text(&self, target: &ast::Target) -> String {
        let from = target.from.as_ref().map(|from| self.flat.bound_path(from));
        let bound = ast::Target { from, path: self.flat.bound_path(&target.path), span: target.span };
        // Complaints about the name were made when it was lowered.
        place::places(self.context.built, &bound, &mut Vec::new())
            .map_or_else(|| target_name(target), |found| found.name)
    }
}

/// Smallest and largest value of a sweep of quantities, in the unit of the attribute.
pub fn extent(axis: &Axis) -> Option<(Quantity, Quantity)> {
    let last = axis.values.len().checked_sub(1)?;
    let indices: Vec<u128> = match &axis.values {
        crate::model::AxisValues::Grid(_) => vec![0, last],
        crate::model::AxisValues::List(_) => (0..=last).collect(),
    };
    let quantity = |index| match axis.values.get(index) {
        Some(AxisValue::Quantity(q)) => Some(q.or_unit(axis.unit)),
        _ => None,
    };
    let mut all = indices.into_iter().map(quantity).collect::<Option<Vec<_>>>()?;
    all.sort_by(|a, b| a.si().total_cmp(&b.si()));
    Some((*all.first()?, *all.last()?))
}

fn set_roomiest(model: &mut Architecture, axis: &Axis) {
    for setter in &axis.setters {
        let Setter::Attribute(place, key) = setter else { continue };
        let more = matches!(
            key,
            Key::Replicas | Key::Concurrency | Key::Pool | Key::CacheHitRatio | Key::ScaleMax | Key::Bulkhead
        );
        let swept = extent(axis).and_then(|(low, high)| typed(if more { high } else { low }, *key));
        let value = swept.or_else(|| shortest(axis));
        if let Some(value) = value {
            // As above: a refusal cannot happen.
            let _ = assign(model, *place, *key, &value);
        }
    }
}

/// Of typed values the distribution with the smallest mean, the largest limit, else the first.
fn shortest(axis: &Axis) -> Option<Value> {
    let crate::model::AxisValues::List(list) = &axis.values else { return None };
    let values = list.iter().filter_map(|item| if let AxisValue::Value(_, value) = item { Some(value) } else { None });
    let size = |value: &&Value| match value {
        Value::Dist(dist) => dist.mean(),
        Value::Limit(Limit::Unbounded) => -1.0,
        _ => 0.0,
    };
    values.min_by(|a, b| size(a).total_cmp(&size(b))).cloned()
}
