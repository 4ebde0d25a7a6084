//! An axis ready for expansion: labels, numbers and digests of its values.

use super::{ParamValue, hash};
use crate::model::{Axis, AxisValue, AxisValues, ChaosAction, ChaosSlot, RunConfig, Setter};
use crate::quantity::{Quantity, Unit};
use crate::schema::{KNOBS, SettingKey, attribute};
use std::borrow::Cow;
use std::sync::Arc;

/// Axes of at most so many values keep all that a run needs of each; longer ones compute it anew, so
/// that memory does not grow with them.
const CACHED: u64 = 4096;

/// An axis ready for expansion.
#[derive(Debug, Clone)]
pub(super) struct PlanAxis {
    /// Its name in `params`.
    pub name: Arc<str>,
    /// What a value changes.
    pub setters: Vec<Setter>,
    /// How many values.
    pub len: u64,
    values: AxisValues,
    unit: &'static Unit,
    cells: Vec<Cell>,
}

/// What a run needs of one value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// As in the name of the run.
    pub label: Box<str>,
    /// As in `params`.
    pub param: ParamValue,
    /// As in `params` of the JSON.
    pub json: Box<str>,
    /// In base units; not a number for what is none.
    pub number: f64,
    /// What the hash of the run takes in.
    pub digest: [u8; hash::VALUE],
}

impl PlanAxis {
    /// Prepares `axis` of a scenario with these conditions.
    pub fn new(axis: &Axis, base: &RunConfig) -> Self {
        let mut prepared = Self {
            name: axis.name.clone(),
            setters: axis.setters.clone(),
            len: u64::try_from(axis.values.len()).unwrap_or(u64::MAX),
            values: axis.values.clone(),
            unit: natural_unit(axis, base),
            cells: Vec::new(),
        };
        if prepared.len <= CACHED {
            prepared.cells = (0..prepared.len).map(|index| prepared.compute(index)).collect();
        }
        prepared
    }

    /// What a run needs of value `index`.
    pub fn cell(&self, index: u64) -> Cow<'_, Cell> {
        match self.cached(index) {
            Some(cell) => Cow::Borrowed(cell),
            None => Cow::Owned(self.compute(index)),
        }
    }

    /// Value `index` in base units; not a number for what is none.
    pub fn number(&self, index: u64) -> f64 {
        match self.cached(index) {
            Some(cell) => cell.number,
            None => self.value(index).map_or(f64::NAN, |value| number(&value)),
        }
    }

    /// Value `index`; a bare number has taken the natural unit.
    pub fn value(&self, index: u64) -> Option<AxisValue> {
        Some(self.in_unit(self.values.get(u128::from(index))?))
    }

    /// Whether a label may hold a `-`, so that where it ends in a name is open.
    pub fn has_dashes(&self) -> bool {
        match &self.values {
            // Labels of a range are decimals: only a negative one has a dash, and the first is the least.
            AxisValues::Grid(_) => self.cell(0).label.contains('-'),
            AxisValues::List(list) => list.iter().any(|value| value.label().contains('-')),
        }
    }

    /// Whether every value has a label of its own.
    pub fn labels_differ(&self) -> bool {
        match &self.values {
            // Ascending, so that equal ones are neighbours.
            AxisValues::Grid(grid) => {
                let mut numbers = grid.iter().map(|quantity| quantity.number);
                let Some(mut last) = numbers.next() else { return true };
                numbers.all(|number| std::mem::replace(&mut last, number) != number)
            }
            AxisValues::List(list) => {
                let mut labels: Vec<String> = list.iter().map(AxisValue::label).collect();
                labels.sort_unstable();
                labels.windows(2).all(|pair| pair[0] != pair[1])
            }
        }
    }

    /// Whether `other` has the same values and does the same with them.
    pub fn is_same(&self, other: &Self) -> bool {
        let same_values = match (&self.values, &other.values) {
            (AxisValues::Grid(a), AxisValues::Grid(b)) => a == b,
            (AxisValues::List(_), AxisValues::List(_)) => {
                self.len == other.len && (0..self.len).all(|n| self.cell(n) == other.cell(n))
            }
            _ => false,
        };
        same_values && self.unit == other.unit
    }

    fn cached(&self, index: u64) -> Option<&Cell> {
        self.cells.get(usize::try_from(index).ok()?)
    }

    fn compute(&self, index: u64) -> Cell {
        // Indices come from the axis' own length, so that a value is always there; an empty text is
        // what a bug here would show.
        let written = self.values.get(u128::from(index)).unwrap_or(AxisValue::Choice("".into(), 0));
        let label = one_line(written.label());
        let value = self.in_unit(written);
        let number = number(&value);
        let param = param(&value, number);
        Cell { label, json: json(&param).into(), number, digest: hash::value(&value, number, &self.setters), param }
    }

    fn in_unit(&self, value: AxisValue) -> AxisValue {
        match value {
            AxisValue::Quantity(quantity) => AxisValue::Quantity(quantity.in_natural(self.unit).unwrap_or(quantity)),
            other => other,
        }
    }
}

/// The cells of one point, the uncached ones kept for as long as the point stays on them.
#[derive(Default)]
pub(super) struct Cells {
    computed: Vec<Option<(u64, Cell)>>,
}

/// The cells of one point, in the order of the axes.
#[derive(Clone, Copy)]
pub(super) struct PointCells<'a> {
    axes: &'a [PlanAxis],
    point: &'a [u64],
    computed: &'a [Option<(u64, Cell)>],
}

impl Cells {
    /// The cells of `point`.
    pub fn at<'a>(&'a mut self, axes: &'a [PlanAxis], point: &'a [u64]) -> PointCells<'a> {
        for (n, (axis, index)) in axes.iter().zip(point).enumerate() {
            if axis.cached(*index).is_none() {
                self.computed.resize_with(axes.len(), || None);
                self.keep(n, axis, *index);
            }
        }
        PointCells { axes, point, computed: &self.computed }
    }

    fn keep(&mut self, n: usize, axis: &PlanAxis, index: u64) {
        let kept = &mut self.computed[n];
        if kept.as_ref().is_none_or(|(at, _)| *at != index) {
            *kept = Some((index, axis.compute(index)));
        }
    }
}

impl<'a> PointCells<'a> {
    /// Each axis with its cell.
    pub fn iter(self) -> impl Iterator<Item = (&'a PlanAxis, &'a Cell)> {
        let computed = move |n: usize| self.computed.get(n)?.as_ref().map(|(_, cell)| cell);
        let cell = move |n: usize| self.axes[n].cached(self.point[n]).or_else(|| computed(n));
        (0..self.point.len()).filter_map(move |n| Some((&self.axes[n], cell(n)?)))
    }
}

/// A name stands on one line.
fn one_line(label: String) -> Box<str> {
    if label.contains(char::is_control) { label.replace(char::is_control, " ").into() } else { label.into() }
}

fn param(value: &AxisValue, number: f64) -> ParamValue {
    match value {
        AxisValue::Quantity(_) => ParamValue::Number(number),
        AxisValue::Value(text, _) | AxisValue::Choice(text, _) => ParamValue::Text(text.clone()),
    }
}

fn number(value: &AxisValue) -> f64 {
    if let AxisValue::Quantity(quantity) = value { base_number(*quantity) } else { f64::NAN }
}

/// A parameter as JSON: whole numbers without a point.
fn json(param: &ParamValue) -> String {
    match param {
        ParamValue::Number(number) if number.is_finite() => number.to_string(),
        ParamValue::Number(_) => "null".into(),
        ParamValue::Text(text) => super::expand::quoted(text),
    }
}

/// The number in base units that people expect to see: 7 % is 0.07, not 0.07000000000000001.
pub(super) fn base_number(quantity: Quantity) -> f64 {
    let exact = quantity.si();
    if quantity.unit.scale == 1.0 {
        return exact;
    }
    match format!("{exact:.14e}").parse::<f64>() {
        // A rounding error of the one multiplication, and not a digit that belongs there.
        Ok(short) if (short - exact).abs() <= 2.0 * f64::EPSILON * exact.abs() => short,
        _ => exact,
    }
}

/// The unit that a bare number takes: the axis' own, or that of the first thing it is assigned to.
fn natural_unit(axis: &Axis, base: &RunConfig) -> &'static Unit {
    if !std::ptr::eq(axis.unit, Unit::NONE) {
        return axis.unit;
    }
    let symbol = match axis.setters.first() {
        Some(Setter::Knob(key)) => KNOBS.iter().find(|knob| knob.key == *key).map_or("", |knob| knob.unit),
        Some(Setter::Attribute(_, key)) => attribute(*key).unit,
        Some(Setter::Setting(key)) => setting_unit(*key),
        Some(Setter::Chaos(event, slot)) => base.chaos.get(*event).map_or("", |event| slot_unit(slot, &event.action)),
        Some(Setter::Window(..)) => "s",
        Some(
            Setter::Expectation(..) | Setter::ShareOfRun(..) | Setter::Shape(_) | Setter::Load(_) | Setter::Tier(_),
        )
        | None => "",
    };
    Unit::find(symbol).unwrap_or(Unit::NONE)
}

fn setting_unit(key: SettingKey) -> &'static str {
    match key {
        SettingKey::Duration | SettingKey::Warmup | SettingKey::Timeout => "s",
        SettingKey::Precision => "%",
        SettingKey::Replications | SettingKey::Seed | SettingKey::Priority => "",
    }
}

fn slot_unit(slot: &ChaosSlot, action: &ChaosAction) -> &'static str {
    match slot {
        ChaosSlot::At
        | ChaosSlot::Length
        | ChaosSlot::Every
        | ChaosSlot::Ramp
        | ChaosSlot::Mttf
        | ChaosSlot::Mttr
        | ChaosSlot::Hold
        | ChaosSlot::Jitter => "s",
        ChaosSlot::Share => "%",
        ChaosSlot::Deployed(key) => attribute(*key).unit,
        ChaosSlot::Amount | ChaosSlot::Decrease => amount_unit(action),
        ChaosSlot::Target(_) | ChaosSlot::Threshold(_) | ChaosSlot::Replicas | ChaosSlot::Any => "",
    }
}

fn amount_unit(action: &ChaosAction) -> &'static str {
    match action {
        ChaosAction::Slow(..) | ChaosAction::Surge(_) => "x",
        ChaosAction::Fail(..)
        | ChaosAction::HotKey(..)
        | ChaosAction::Cut(..)
        | ChaosAction::Multiply(..)
        | ChaosAction::Duplicate(..)
        | ChaosAction::Reorder(..)
        | ChaosAction::Poison(..) => "%",
        ChaosAction::Delay(..) => "ms",
        ChaosAction::Throttle(..) => "/s",
        ChaosAction::Restart(..) | ChaosAction::Stop(..) => "s",
        ChaosAction::Leak(..) => "%/s",
        ChaosAction::Set(_, key, _) | ChaosAction::Add(_, key, _) => attribute(*key).unit,
        ChaosAction::Kill(_)
        | ChaosAction::Scale(..)
        | ChaosAction::Pause(_)
        | ChaosAction::Outage(_)
        | ChaosAction::Hang(_)
        | ChaosAction::StopConsumers(_)
        | ChaosAction::FreezeScaling(_)
        | ChaosAction::Quota(_)
        | ChaosAction::Heal(..)
        | ChaosAction::ClearCache(_)
        | ChaosAction::Deploy(..)
        | ChaosAction::DrainPool(_)
        | ChaosAction::FillMemory(_)
        | ChaosAction::FillDisk(_)
        | ChaosAction::Failover(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{axis, knob, list};
    use super::*;
    use crate::model::Place;
    use crate::schema::{Key, KnobKey};

    fn cells(axis: &Axis) -> Vec<Cell> {
        let axis = PlanAxis::new(axis, &RunConfig::default());
        (0..axis.len).map(|n| axis.cell(n).into_owned()).collect()
    }

    fn labels(axis: &Axis) -> Vec<String> {
        cells(axis).into_iter().map(|cell| cell.label.into()).collect()
    }

    #[test]
    fn numbers_and_percentages_are_bare_and_others_keep_their_unit() {
        assert_eq!(labels(&knob(KnobKey::Load, list(&["100", "10k", "500/s"]))), ["100", "10k", "500/s"]);
        assert_eq!(labels(&knob(KnobKey::Failures, list(&["0%", "7.5%"]))), ["0", "7.5"]);
        let timeout = Setter::Attribute(Place::Call(crate::model::CallId(0)), Key::Timeout);
        assert_eq!(labels(&axis("t", timeout, list(&["100ms", "1s"]))), ["100ms", "1s"]);
    }

    #[test]
    fn a_bare_number_takes_the_natural_unit() {
        let numbers = |axis: &Axis| cells(axis).iter().map(|cell| cell.number).collect::<Vec<_>>();
        assert_eq!(numbers(&knob(KnobKey::Load, list(&["100", "10k", "60/min"]))), [100.0, 10_000.0, 1.0]);
        assert_eq!(numbers(&knob(KnobKey::Latency, list(&["100", "1s"]))), [0.1, 1.0]);
        assert_eq!(numbers(&knob(KnobKey::Failures, list(&["7", "10%"]))), [0.07, 0.1]);
    }

    #[test]
    fn one_value_has_one_digest_however_it_is_written() {
        let cells = cells(&knob(KnobKey::Latency, list(&["100", "100ms", "0.1s", "101ms"])));
        assert!(cells[0].digest == cells[1].digest && cells[1].digest == cells[2].digest);
        assert_ne!(cells[0].digest, cells[3].digest);
    }

    #[test]
    fn a_long_axis_stores_nothing() {
        let axis = PlanAxis::new(
            &knob(KnobKey::Load, super::super::fixtures::grid("1", "1000000", "1")),
            &RunConfig::default(),
        );
        assert_eq!((axis.len, axis.cells.len()), (1_000_000, 0));
        assert_eq!((&*axis.cell(999_999).label, &*axis.cell(999_999).json), ("1000000", "1000000"));
        assert!(axis.labels_differ() && !axis.has_dashes());
    }
}
