//! A scenario lowered against one architecture: fixed conditions, and axes along which they vary.

use super::{
    Architecture, ChaosAction, ElementSet, LinkSet, LoadProfile, LoadShape, Part, Place, RunConfig, Trigger, Value,
};
use crate::quantity::{Dimension, Duration, Grid, Quantity, SimTime, Unit};
use crate::schema::{Key, KnobKey, SettingKey};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Everything that one invocation may run: scenarios against versions.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The versions, `working` first where it takes part.
    pub versions: Vec<VersionModel>,
    /// One for each scenario and version that run together, in the order of the file; versions of one
    /// scenario side by side.
    pub cases: Vec<Case>,
    /// Weights of the ranking; empty: the published ones.
    pub weights: Vec<(Arc<str>, f64)>,
    /// Statements that are understood but not simulated yet, in words.
    pub not_simulated: Vec<Arc<str>>,
    /// The commits of a sweep over history, oldest first; empty without one.
    pub history: Vec<Arc<Commit>>,
    /// How much worse a commit must be to be called a regression, as a share; `None`: 5 %.
    pub threshold: Option<f64>,
}

/// One version of the architecture.
#[derive(Debug, Clone)]
pub struct VersionModel {
    /// Its name; `working` is the model of the file itself.
    pub name: Arc<str>,
    /// Its title.
    pub title: Option<Arc<str>>,
    /// Commit it was read from.
    pub commit: Option<Arc<Commit>>,
    /// The model; `Err` says in one line why it could not be built.
    pub model: Result<Arc<Architecture>, Arc<str>>,
}

/// Why a commit has no model that does not have the file.
pub const NOT_THERE: &str = "the file is not in this commit";

/// A commit of the history that versions are read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// All hexadecimal digits of its object id.
    pub id: Arc<str>,
    /// Counted along the first parents, 1 the oldest: what `#14` means; `None` off that line.
    pub number: Option<u64>,
    /// When it was committed, seconds since 1970 in UTC.
    pub time: i64,
    /// Who wrote it; control characters taken out.
    pub author: Arc<str>,
    /// First line of its message; control characters taken out.
    pub subject: Arc<str>,
    /// The first of its tags by name, where tags chose the commits.
    pub tag: Option<Arc<str>>,
}

/// One scenario against one version.
#[derive(Debug, Clone)]
pub struct Case {
    /// Index into [`Project::versions`].
    pub version: usize,
    /// The scenario lowered against that version's model.
    pub scenario: Arc<Scenario>,
}

/// A scenario lowered against one architecture.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: Arc<str>,
    /// Its title.
    pub title: Option<Arc<str>>,
    /// Whether it names its versions, so that run names carry them.
    pub names_versions: bool,
    /// The group that it is reported with: `group "Service coordination"`.
    pub group: Option<Arc<str>>,
    /// Everything that does not vary.
    pub base: RunConfig,
    /// Attributes that it sets to one value.
    pub fixed: Vec<(Place, Key, Value)>,
    /// What varies, in the order written.
    pub axes: Vec<Axis>,
    /// Axes that vary together, by index; an axis is in at most one group.
    pub zips: Vec<Vec<usize>>,
    /// Combinations that are left out.
    pub excludes: Vec<AxisCondition>,
    /// Draws from the product instead of taking all of it.
    pub sample: Option<Sample>,
    /// The load's form, where axes set parts of it.
    pub shape: Option<LoadShape>,
}

impl Scenario {
    /// A scenario in which nothing varies, for versions that are told apart.
    pub fn fixed(name: Arc<str>, base: RunConfig) -> Self {
        Self {
            name,
            title: None,
            names_versions: true,
            group: None,
            base,
            fixed: Vec::new(),
            axes: Vec::new(),
            zips: Vec::new(),
            excludes: Vec::new(),
            sample: None,
            shape: None,
        }
    }
}

/// How many points are drawn from the product, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// How many.
    pub count: u64,
    /// Latin hypercube instead of Sobol.
    pub latin: bool,
}

/// One dimension of a sweep.
#[derive(Debug, Clone)]
pub struct Axis {
    /// As in `params` of the JSON: `load`, `Shop.Api->Shop.Db.timeout`, `kill Shop.Db.at`. Where the text of
    /// a fault or an expectation says `{name}`, each run has its value there.
    pub name: Arc<str>,
    /// Its values, as written: bare numbers stay bare.
    pub values: AxisValues,
    /// Unit that a bare number takes.
    pub unit: &'static Unit,
    /// What a value changes; several for a parameter that is used several times.
    pub setters: Vec<Setter>,
}

/// The values of an axis.
#[derive(Debug, Clone)]
pub enum AxisValues {
    /// A range: computed one by one, never stored. Its quantities carry their unit where one is written.
    Grid(Grid),
    /// A list.
    List(Vec<AxisValue>),
}

/// One value of an axis.
#[derive(Debug, Clone)]
pub enum AxisValue {
    /// A quantity as written: a bare number stays bare, and `plan` gives it the natural unit of what it
    /// is assigned to; so the name of a run shows units exactly where the text does.
    Quantity(Quantity),
    /// A typed value of an attribute with its text.
    Value(Arc<str>, Value),
    /// One of several targets, by its index in the setter's choices, with its text.
    Choice(Arc<str>, usize),
}

/// What the value of an axis changes.
#[derive(Debug, Clone)]
pub enum Setter {
    /// A knob.
    Knob(KnobKey),
    /// A behavior attribute.
    Attribute(Place, Key),
    /// A setting of the run: duration, warm-up, seed, replications.
    Setting(SettingKey),
    /// A part of a chaos event.
    Chaos(usize, ChaosSlot),
    /// A time of a chaos event that is this share of the run, whatever length the axis gives it.
    ShareOfRun(usize, ChaosSlot, Quantity),
    /// A threshold of an expectation: which expectation, and which of its numbers from left to right.
    Expectation(usize, usize),
    /// A time of an expectation's window: which expectation, and which of its times from left to right.
    Window(usize, usize),
    /// A number of the load's form: which one.
    Shape(usize),
    /// One of these loads.
    Load(Vec<LoadProfile>),
    /// A tier: the load, and whatever has replicas, so many times as much.
    Tier(Vec<Tier>),
}

/// How a tier scales a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    /// The load, the users of a closed loop.
    pub load: f64,
    /// The replicas of every station, rounded up.
    pub replicas: f64,
}

/// A part of a chaos event that an axis sets.
#[derive(Debug, Clone)]
pub enum ChaosSlot {
    /// When it starts.
    At,
    /// How long it lasts.
    Length,
    /// How often it comes again.
    Every,
    /// How it grows.
    Ramp,
    /// Mean time between its beginnings, of those that come at random.
    Mttf,
    /// Mean length of those.
    Mttr,
    /// How long its condition must have held.
    Hold,
    /// A number of its condition, counted from left to right.
    Threshold(usize),
    /// How many replicas it hits.
    Replicas,
    /// How many of its elements it hits.
    Any,
    /// By how much a delay varies.
    Jitter,
    /// Which share of messages comes late.
    Share,
    /// An attribute that a deployment sets.
    Deployed(Key),
    /// How strong it is.
    Amount,
    /// How strong it is, for `decrease`: the share that is taken off.
    Decrease,
    /// What it hits: one of these actions in its place.
    Target(Vec<ChaosAction>),
}

/// A condition on axis values: `load > 2000/s and failures > 20%`.
#[derive(Debug, Clone, PartialEq)]
pub enum AxisCondition {
    /// An axis (by index) compared with a number in base units.
    Compare(usize, super::Comparison, f64),
    /// An axis compared with the text of one of its values.
    Is(usize, Arc<str>),
    /// Both.
    And(Box<AxisCondition>, Box<AxisCondition>),
    /// Either.
    Or(Box<AxisCondition>, Box<AxisCondition>),
    /// The opposite.
    Not(Box<AxisCondition>),
}

impl AxisValues {
    /// How many; at least 1.
    pub fn len(&self) -> u128 {
        match self {
            Self::Grid(grid) => grid.len(),
            Self::List(list) => list.len() as u128,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Value `index`, from 0.
    pub fn get(&self, index: u128) -> Option<AxisValue> {
        match self {
            Self::Grid(grid) => grid.get(index).map(AxisValue::Quantity),
            Self::List(list) => list.get(usize::try_from(index).ok()?).cloned(),
        }
    }
}

impl AxisValue {
    /// As it stands in the name of a run: numbers and percentages bare, others with their unit.
    pub fn label(&self) -> String {
        match self {
            Self::Quantity(q) if q.unit.symbol == "%" => q.number.to_string(),
            Self::Quantity(q) => q.to_string(),
            Self::Value(text, _) | Self::Choice(text, _) => text.to_string(),
        }
    }
}

/// Puts one part of a chaos event to a value.
pub fn set_chaos_slot(config: &mut RunConfig, event: usize, slot: &ChaosSlot, value: &AxisValue) {
    let duration = config.duration;
    let Some(event) = config.chaos.get_mut(event) else { return };
    let time = |q: &Quantity| match q.dimension() {
        // `at 50%` of the run.
        Dimension::Share => Duration::from_seconds(duration.seconds() * q.si()),
        _ => q.or_unit(Unit::find("s").unwrap_or(Unit::NONE)).duration(),
    };
    match (slot, value) {
        (ChaosSlot::At, AxisValue::Quantity(q)) => {
            event.timing.trigger = Trigger::At(SimTime::ZERO + time(q).unwrap_or_default());
        }
        (ChaosSlot::Mttf | ChaosSlot::Mttr | ChaosSlot::Hold | ChaosSlot::Threshold(_), AxisValue::Quantity(q)) => {
            set_trigger(&mut event.timing.trigger, slot, *q, time(q));
        }
        (ChaosSlot::Replicas | ChaosSlot::Any | ChaosSlot::Jitter | ChaosSlot::Share, AxisValue::Quantity(q)) => {
            set_part(&mut event.action, slot, *q);
        }
        (ChaosSlot::Amount, AxisValue::Value(_, value)) => {
            if let ChaosAction::Set(_, _, old) = &mut event.action {
                *old = value.clone();
            }
        }
        (ChaosSlot::Deployed(key), value) => set_deployed(&mut event.action, *key, value),
        (ChaosSlot::Length, AxisValue::Quantity(q)) => event.timing.length = time(q),
        (ChaosSlot::Every, AxisValue::Quantity(q)) => event.timing.every = time(q),
        (ChaosSlot::Ramp, AxisValue::Quantity(q)) => event.timing.ramp = time(q).unwrap_or(Duration::ZERO),
        (ChaosSlot::Amount, AxisValue::Quantity(q)) => set_amount(&mut event.action, *q),
        (ChaosSlot::Decrease, AxisValue::Quantity(q)) => set_decrease(&mut event.action, *q),
        (ChaosSlot::Target(choices), AxisValue::Choice(_, index)) => {
            if let Some(action) = choices.get(*index) {
                event.action = action.clone();
            }
        }
        _ => {}
    }
}

fn set_trigger(trigger: &mut Trigger, slot: &ChaosSlot, q: Quantity, time: Option<Duration>) {
    match (trigger, slot, time) {
        (Trigger::Random { mttf, .. }, ChaosSlot::Mttf, Some(time)) => *mttf = time,
        (Trigger::Random { mttr, .. }, ChaosSlot::Mttr, Some(time)) => *mttr = time,
        (Trigger::When { hold, .. }, ChaosSlot::Hold, Some(time)) => *hold = time,
        (Trigger::When { condition, .. }, ChaosSlot::Threshold(nth), _) => {
            if let Some(number) = condition.number_mut(*nth) {
                *number = q.si();
            }
        }
        _ => {}
    }
}

fn set_part(action: &mut ChaosAction, slot: &ChaosSlot, q: Quantity) {
    if let (ChaosAction::Delay(_, _, jitter), ChaosSlot::Jitter) = (&mut *action, slot) {
        *jitter = q.si();
    }
    if let (ChaosAction::Reorder(_, share, _), ChaosSlot::Share) = (&mut *action, slot) {
        *share = q.si();
    }
    let Some(set) = chaos_elements_mut(action) else { return };
    match slot {
        ChaosSlot::Replicas => set.replicas = Some(part(q)),
        ChaosSlot::Any => set.any = Some(part(q)),
        _ => {}
    }
}

/// How many a quantity means: a number, or a share of all.
pub fn part(q: Quantity) -> Part {
    match q.dimension() {
        Dimension::Share => Part::Share(q.si().clamp(0.0, 1.0)),
        _ => Part::Count(q.si().clamp(0.0, f64::from(u32::MAX)) as u32),
    }
}

fn set_deployed(action: &mut ChaosAction, key: Key, value: &AxisValue) {
    let ChaosAction::Deploy(_, changes) = action else { return };
    let value = match value {
        AxisValue::Quantity(q) => typed(*q, key),
        AxisValue::Value(_, value) => Some(value.clone()),
        AxisValue::Choice(..) => None,
    };
    let Some(value) = value else { return };
    changes.iter_mut().filter(|(_, changed, _)| *changed == key).for_each(|(_, _, old)| *old = value.clone());
}

/// `increase` (`sign` 1) or `decrease` (-1) of an attribute: by a share or a factor of what it is, or by so much.
pub fn relative_change(place: Place, key: Key, amount: Quantity, sign: f64) -> ChaosAction {
    let si = amount.si();
    match amount.dimension() {
        Dimension::Share => ChaosAction::Multiply(place, key, (1.0 + sign * si).max(0.0)),
        Dimension::Factor if sign < 0.0 => ChaosAction::Multiply(place, key, si.recip()),
        Dimension::Factor => ChaosAction::Multiply(place, key, si),
        _ => {
            let unit = Unit::find(crate::schema::attribute(key).unit).unwrap_or(Unit::NONE);
            ChaosAction::Add(place, key, sign * amount.or_unit(unit).si())
        }
    }
}

/// Puts the strength of an action to a quantity of the dimension that it takes.
pub fn set_amount(action: &mut ChaosAction, amount: Quantity) {
    use crate::quantity::Dimension::{Duration as Time, Factor};
    let si = amount.si();
    match action {
        ChaosAction::Slow(_, strength) if amount.dimension() == Time => {
            *strength = super::Strength { factor: 1.0, add: si }
        }
        ChaosAction::Slow(_, strength) => *strength = super::Strength { factor: si, add: 0.0 },
        ChaosAction::Fail(_, share) | ChaosAction::HotKey(_, share) | ChaosAction::Cut(_, share) => *share = si,
        ChaosAction::Delay(_, by, _) => *by = si,
        ChaosAction::Throttle(_, rate) => *rate = si,
        ChaosAction::Multiply(place, key, _) | ChaosAction::Add(place, key, _) => {
            *action = relative_change(*place, *key, amount, 1.0);
        }
        ChaosAction::Surge(factor) => *factor = if amount.dimension() == Factor { si } else { 1.0 + si },
        ChaosAction::Scale(_, replicas) => *replicas = si.max(0.0) as u32,
        ChaosAction::Restart(_, downtime) => *downtime = amount.duration().unwrap_or_default(),
        ChaosAction::Set(_, key, value) => {
            if let Some(typed) = typed(amount, *key) {
                *value = typed;
            }
        }
        ChaosAction::Stop(_, grace) => *grace = amount.duration().unwrap_or_default(),
        ChaosAction::Reorder(_, _, late) if amount.dimension() == Time => *late = si,
        ChaosAction::Reorder(_, share, _) | ChaosAction::Duplicate(_, share) | ChaosAction::Poison(_, share) => {
            *share = si;
        }
        ChaosAction::Leak(_, rate) => *rate = si,
        ChaosAction::Kill(_)
        | ChaosAction::Pause(_)
        | ChaosAction::Outage(_)
        | ChaosAction::Hang(_)
        | ChaosAction::StopConsumers(_)
        | ChaosAction::FreezeScaling(_)
        | ChaosAction::Quota(_)
        | ChaosAction::Heal(..)
        | ChaosAction::ClearCache(_)
        | ChaosAction::Failover(_)
        | ChaosAction::DrainPool(_)
        | ChaosAction::FillMemory(_)
        | ChaosAction::FillDisk(_)
        | ChaosAction::Deploy(..) => {}
    }
}

/// Takes a share off what a fault multiplies; `2x` halves it.
fn set_decrease(action: &mut ChaosAction, amount: Quantity) {
    if let ChaosAction::Multiply(place, key, _) | ChaosAction::Add(place, key, _) = action {
        *action = relative_change(*place, *key, amount, -1.0);
    }
}

/// The value that a quantity means for an attribute; `None` when it measures something else.
pub fn typed(amount: Quantity, key: Key) -> Option<Value> {
    use crate::schema::{Type, attribute};
    let row = attribute(key);
    let amount = amount.or_unit(Unit::find(row.unit).unwrap_or(Unit::NONE));
    let dimension = amount.dimension();
    Some(match row.ty {
        Type::Distribution if dimension == Dimension::Duration => Value::Dist(super::Dist::Constant(amount.si())),
        Type::Duration if dimension == Dimension::Duration => Value::Duration(amount.duration()?),
        Type::Rate if dimension == Dimension::Rate => Value::Number(amount.si()),
        Type::Share if dimension == Dimension::Share => Value::Number(amount.si()),
        Type::Count if dimension == Dimension::Count => Value::Number(amount.si()),
        Type::Limit if dimension == Dimension::Count => {
            Value::Limit(super::Limit::At(amount.si().clamp(0.0, f64::from(u32::MAX)) as u32))
        }
        Type::Cost if dimension == Dimension::MoneyPerTime => Value::CostPerHour(amount.si()),
        Type::Cost if dimension == Dimension::MoneyPerCall => Value::CostPerCall(amount.si()),
        _ => return None,
    })
}

/// Elements and relations that an action names, for displays and checks.
pub fn chaos_targets(action: &ChaosAction) -> (Option<&ElementSet>, Option<&LinkSet>) {
    use ChaosAction::{
        Add, ClearCache, Cut, Delay, Deploy, DrainPool, Duplicate, Fail, Failover, FillDisk, FillMemory, FreezeScaling,
        Hang, Heal, HotKey, Kill, Leak, Multiply, Outage, Pause, Poison, Quota, Reorder, Restart, Scale, Set, Slow,
        Stop, StopConsumers, Surge, Throttle,
    };
    match action {
        Kill(set)
        | Restart(set, _)
        | Pause(set)
        | Slow(set, _)
        | Fail(set, _)
        | Throttle(set, _)
        | Scale(set, _)
        | Stop(set, _)
        | Hang(set)
        | StopConsumers(set)
        | Poison(set, _)
        | FreezeScaling(set)
        | Quota(set)
        | ClearCache(set)
        | Failover(set)
        | HotKey(set, _)
        | FillMemory(set)
        | FillDisk(set)
        | Leak(set, _)
        | Deploy(set, _) => (Some(set), None),
        Cut(links, _) | Delay(links, _, _) | Duplicate(links, _) | Reorder(links, _, _) | DrainPool(links) => {
            (None, Some(links))
        }
        Set(..) | Multiply(..) | Add(..) | Surge(_) | Outage(_) | Heal(..) => (None, None),
    }
}

/// The elements that an action names, to be changed.
fn chaos_elements_mut(action: &mut ChaosAction) -> Option<&mut ElementSet> {
    use ChaosAction::{
        ClearCache, Deploy, Fail, Failover, FillDisk, FillMemory, FreezeScaling, Hang, HotKey, Kill, Leak, Pause,
        Poison, Quota, Restart, Scale, Slow, Stop, StopConsumers, Throttle,
    };
    match action {
        Kill(set)
        | Restart(set, _)
        | Pause(set)
        | Slow(set, _)
        | Fail(set, _)
        | Throttle(set, _)
        | Scale(set, _)
        | Stop(set, _)
        | Hang(set)
        | StopConsumers(set)
        | Poison(set, _)
        | FreezeScaling(set)
        | Quota(set)
        | ClearCache(set)
        | Failover(set)
        | HotKey(set, _)
        | FillMemory(set)
        | FillDisk(set)
        | Leak(set, _)
        | Deploy(set, _) => Some(set),
        _ => None,
    }
}
