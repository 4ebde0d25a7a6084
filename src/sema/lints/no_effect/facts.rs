//! What the reasons have in common: what scenarios and versions do to a model.

use super::super::Context;
use super::super::failing::{all_calm, failing};
use super::super::scene::Scene;
use crate::model::{Call, ChaosAction, Discipline, Place, Station, StationId};
use crate::schema::{Key, KnobKey};
use std::cell::OnceCell;
use std::collections::HashSet;

/// What scenarios and versions do to a model.
pub struct Facts<'c, 'a> {
    /// What a lint may look at.
    pub context: &'c Context<'c, 'a>,
    /// Stations that have more than one replica in some version.
    replicated: HashSet<&'c str>,
    /// Each found when it is first asked for: a large model gives the same attribute ten thousand times.
    failing: OnceCell<Option<Vec<bool>>>,
    nobody_gives_up: OnceCell<bool>,
    no_order: OnceCell<bool>,
    one_priority: OnceCell<bool>,
    no_flows: OnceCell<bool>,
}

impl<'c, 'a> Facts<'c, 'a> {
    /// Looks at every version.
    pub fn new(context: &'c Context<'c, 'a>) -> Self {
        let versions = context.project.versions.iter().filter_map(|version| version.model.as_deref().ok());
        let stations = versions.flat_map(|model| &model.stations);
        let many = stations.filter(|station| station.behavior.replicas > 1).map(|station| &*station.path);
        Self {
            context,
            replicated: many.collect(),
            failing: OnceCell::new(),
            nobody_gives_up: OnceCell::new(),
            no_order: OnceCell::new(),
            one_priority: OnceCell::new(),
            no_flows: OnceCell::new(),
        }
    }

    /// Whether a scenario gives the attribute another value, or a version may.
    pub fn varies(&self, place: Place, key: Key) -> bool {
        self.context.any_scene(|scene| scene.changes(place, key) || scene.scenario.names_versions)
    }

    /// The same of the attribute at any place.
    fn varies_anywhere(&self, key: Key) -> bool {
        let sets = |scene: &Scene<'_, '_>| scene.changes_anywhere(key) || scene.scenario.names_versions;
        self.context.any_scene(sets)
    }

    /// Whether some fault of some scenario is of this sort.
    pub fn any_fault(&self, is_it: impl Fn(&ChaosAction) -> bool) -> bool {
        self.context.any_scene(|scene| scene.scenario.base.chaos.iter().any(|event| is_it(&event.action)))
    }

    /// Whether a scenario or a version gives a station more than the one replica that it has.
    pub fn grows(&self, id: StationId, station: &Station) -> bool {
        let scales = || self.any_fault(|action| matches!(action, ChaosAction::Scale(..)));
        let changed = |scene: &Scene<'_, '_>| scene.changes(Place::Station(id), Key::Replicas);
        self.replicated.contains(&*station.path) || scales() || self.context.any_scene(changed)
    }

    /// Whether a replica of the station may go or come while a scenario runs.
    pub fn comes_and_goes(&self, id: StationId, station: &Station) -> bool {
        let b = &station.behavior;
        let place = Place::Station(id);
        let fails = b.failures.is_some() || [Key::Mttf, Key::Availability].iter().any(|key| self.varies(place, *key));
        // A fault may hit it by a group, a zone or a draw: any of these will do.
        let moves = |action: &ChaosAction| !matches!(action, ChaosAction::Surge(_) | ChaosAction::Slow(..));
        fails || b.autoscale.is_some() || self.any_fault(moves) || self.context.flats.is_empty()
    }

    /// Whether nobody ever gives up what a station does: no timeout, no failure, no fault.
    pub fn nobody_gives_up(&self) -> bool {
        let model = self.context.model();
        let hurries = |call: &Call| call.behavior.timeout.is_some() || call.behavior.hedge.is_some();
        let fails = |station: &Station| station.behavior.failures.is_some() || station.behavior.autoscale.is_some();
        *self.nobody_gives_up.get_or_init(|| {
            let quiet = !model.calls.iter().any(hurries) && !model.stations.iter().any(fails);
            quiet && !self.varies_anywhere(Key::Timeout) && !self.any_fault(|_| true)
        })
    }

    /// Whether no element looks at priorities.
    pub fn no_order(&self) -> bool {
        let ordered = |station: &Station| station.behavior.discipline == Discipline::Priority;
        let none = || !self.context.model().stations.iter().any(ordered) && !self.varies_anywhere(Key::Discipline);
        *self.no_order.get_or_init(none)
    }

    /// Whether all requests have the same priority.
    pub fn one_priority(&self) -> bool {
        let mut priorities = self.context.model().request_types.iter().map(|request| request.behavior.priority);
        *self.one_priority.get_or_init(|| {
            let first = priorities.next();
            priorities.all(|other| Some(other) == first) && !self.varies_anywhere(Key::Priority)
        })
    }

    /// Whether every request makes the calls of the relations, in their order.
    pub fn no_flows(&self) -> bool {
        let requests = &self.context.model().request_types;
        *self.no_flows.get_or_init(|| requests.iter().all(|request| request.follows_relations()))
    }

    /// Whether every scenario is a closed loop.
    pub fn only_users(&self) -> bool {
        let open = |scene: &Scene<'_, '_>| {
            scene.scenario.base.workload.users.is_none() && scene.axis(KnobKey::Users).is_none()
        };
        !self.context.flats.is_empty() && !self.context.any_scene(open)
    }

    /// Stations whose answers may be errors; `None` where a scenario may make anything fail.
    pub fn failing(&self) -> Option<&[bool]> {
        let context = self.context;
        self.failing.get_or_init(|| all_calm(context).then(|| failing(context))).as_deref()
    }
}
