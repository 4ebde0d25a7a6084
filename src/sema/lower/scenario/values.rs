//! Values, and axes for whatever has several.

use super::*;
use crate::quantity::{Decimal, RangeSpec, Spacing};

impl<'c> Lowering<'c, '_, '_> {
    /// One value, or the values of an axis.
    pub(super) fn values<'v>(&mut self, value: &'v Value, key: Option<Key>) -> Option<Values<'v>> {
        let ty = key.map(|key| crate::schema::attribute(key).ty);
        let is_list = |item: &Value| matches!(item.value, ValueKind::List(_));
        match &value.value {
            // `on [timeout, error]` is one value of two words; several of those stand in a list of lists.
            ValueKind::List(list) if matches!(ty, Some(Type::Words(_))) && !list.iter().any(is_list) => {
                Some(Values::One(value))
            }
            ValueKind::Range(range) => match whole_range(range, matches!(ty, Some(Type::Count | Type::Limit))).grid() {
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

    pub(super) fn axis_value(&mut self, item: &Value, key: Option<Key>) -> Option<AxisValue> {
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

    pub(super) fn axis(&mut self, name: &str, values: AxisValues, unit: &str, setters: Vec<Setter>) -> usize {
        self.scenario.axes.push(Axis {
            name: name.into(),
            values,
            unit: Unit::find(unit).unwrap_or(Unit::NONE),
            setters,
        });
        self.scenario.axes.len() - 1
    }

    /// Parameters with several values are axes, in the order of their declaration.
    pub(super) fn param_axes(&mut self) {
        let mut swept: Vec<(Span, &str, &Value)> = Vec::new();
        for (name, param) in &self.flat.params {
            if let Some(value) = param.value.filter(|value| is_swept(value) && !lists_words(value)) {
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

    pub(super) fn axis_of_param(&self, param: Option<&str>) -> Option<usize> {
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
        let whole = matches!(slot, ChaosSlot::Replicas | ChaosSlot::Any);
        let bound = &whole_steps(bound, whole);
        let key = match (&slot, &self.scenario.base.chaos[event].action) {
            (ChaosSlot::Amount, ChaosAction::Set(_, key, _)) => Some(*key),
            (ChaosSlot::Deployed(key), _) => Some(*key),
            _ => None,
        };
        match self.values(bound, key) {
            Some(Values::One(one)) => self.fixed_slot(one, unit, event, &slot),
            Some(Values::Many(values)) => drop(self.axis(name, values, unit, vec![Setter::Chaos(event, slot)])),
            None => {}
        }
    }

    pub(super) fn fixed_slot(&mut self, value: &Value, unit: &str, event: usize, slot: &ChaosSlot) {
        if !matches!(slot, ChaosSlot::At | ChaosSlot::Length | ChaosSlot::Every | ChaosSlot::Ramp) {
            // The event was built with it.
            return;
        }
        let found = quantity_of(value).map(|q| q.or_unit(Unit::find(unit).unwrap_or(Unit::NONE)));
        let is_time = |q: &Quantity| matches!(q.dimension(), Dimension::Duration | Dimension::Share);
        match found.filter(|q| is_time(q) && q.number.signum() >= 0) {
            Some(q) if q.dimension() == Dimension::Share => self.shares.push((event, slot.clone(), q)),
            Some(q) => crate::model::set_chaos_slot(&mut self.scenario.base, event, slot, &AxisValue::Quantity(q)),
            None => self.diagnostics.push(Diagnostic::new(
                &codes::E0301,
                value.span,
                format!("a time such as `30s` belongs here, not {}", describe(value)),
            )),
        }
    }

    /// An axis over what an event hits; events that a parameter names together are one.
    pub fn choice_axis(&mut self, name: &str, labels: Vec<Arc<str>>, event: usize, actions: Vec<ChaosAction>) {
        let setter = Setter::Chaos(event, ChaosSlot::Target(actions));
        let same = |values: &AxisValues| match values {
            AxisValues::List(list) => {
                let all = list.iter().all(|value| matches!(value, AxisValue::Choice(..)));
                all && list.iter().map(AxisValue::label).eq(labels.iter().map(|label| label.to_string()))
            }
            AxisValues::Grid(_) => false,
        };
        if let Some(axis) = self.scenario.axes.iter_mut().find(|axis| *axis.name == *name && same(&axis.values)) {
            axis.setters.push(setter);
            return;
        }
        let values = labels.into_iter().enumerate().map(|(n, label)| AxisValue::Choice(label, n)).collect();
        self.axis(name, AxisValues::List(values), "", vec![setter]);
    }

    /// The same event at other places: at the same times, and varied with it.
    pub fn also(&mut self, event: usize, actions: Vec<ChaosAction>) {
        self.copies(event, actions, |_| true);
    }

    /// Other actions at the times of an event.
    pub fn beside(&mut self, event: usize, actions: Vec<ChaosAction>) {
        self.copies(event, actions, |slot| !matches!(slot, ChaosSlot::Amount));
    }

    fn copies(&mut self, event: usize, actions: Vec<ChaosAction>, varies: impl Fn(&ChaosSlot) -> bool) {
        for action in actions {
            let first = &self.scenario.base.chaos[event];
            let copy = ChaosEvent { action, ..first.clone() };
            let at = self.scenario.base.chaos.len();
            self.scenario.base.chaos.push(copy);
            let of_first = self.shares.iter().filter(|(n, ..)| *n == event);
            let shares: Vec<_> = of_first.map(|(_, slot, share)| (at, slot.clone(), *share)).collect();
            self.shares.extend(shares);
            for axis in &mut self.scenario.axes {
                let of_first = |setter: &Setter| match setter {
                    Setter::Chaos(n, slot) if *n == event && varies(slot) => Some(Setter::Chaos(at, slot.clone())),
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
}

/// A range of whole things takes whole steps where none is written: `1..3` is 1, 2, 3.
pub(super) fn whole_steps(value: &Value, whole: bool) -> Value {
    match &value.value {
        ValueKind::Range(range) => Value::new(ValueKind::Range(Box::new(whole_range(range, whole))), value.span),
        _ => value.clone(),
    }
}

fn whole_range(range: &RangeSpec, whole: bool) -> RangeSpec {
    let mut range = *range;
    let length = range.end.si() - range.start.si();
    // From here on the usual step is a whole number anyway.
    if whole && range.spacing == Spacing::Auto && range.start.si().fract() == 0.0 && length < 3.0 {
        range.spacing = Spacing::Step(Quantity::bare(Decimal::integer(1)));
    }
    range
}
