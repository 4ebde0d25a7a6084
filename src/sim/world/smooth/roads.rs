//! Network time that is always the same: whatever goes by such a road arrives in the order in which it was sent.

use super::{Kind, Smooth, World, payload, unpack};
use crate::sim::kernel::{Event, NONE};
use std::collections::{BTreeMap, VecDeque};

/// Everything on its way that takes the same time.
#[derive(Debug)]
struct Road {
    delay: u64,
    events: VecDeque<Event>,
}

/// The roads of a model.
#[derive(Debug)]
pub(super) struct Roads {
    roads: Vec<Road>,
    /// By op; `NONE` where chance has a say.
    of: Vec<u32>,
    /// The place of the first on the agenda.
    first: usize,
}

impl Roads {
    /// Those of a model's relations, behind so many others on the agenda.
    pub fn new(world: &World<'_>, first: usize) -> Self {
        let (mut roads, mut places): (Vec<Road>, BTreeMap<u64, u32>) = Default::default();
        let steady = |link: u32| world.links.get(link as usize).and_then(|link| link.steady);
        let mut place = |delay: u64| {
            *places.entry(delay).or_insert_with(|| {
                roads.push(Road { delay, events: VecDeque::new() });
                (roads.len() - 1) as u32
            })
        };
        let of = world.program.ops.iter().map(|op| steady(op.link).map_or(NONE, &mut place)).collect();
        Self { roads, of, first }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.roads.len()
    }
}

impl Smooth<'_, '_> {
    /// The call or the answer of an op goes by its road; whether it has one.
    #[inline(always)]
    pub(super) fn goes_by_road(&mut self, op: u32, kind: Kind, visit: u32) -> bool {
        let n = self.roads.of[op as usize];
        let Some(road) = self.roads.roads.get_mut(n as usize) else { return false };
        let (time, sequence) = (self.now.saturating_add(road.delay), self.heap.reserve());
        let event = Event { time, sequence, payload: payload(kind, visit) };
        if road.events.is_empty() {
            let place = self.roads.first + n as usize;
            self.agenda.set(place, Some(Event { payload: place as u32, ..event }));
        }
        road.events.push_back(event);
        true
    }

    /// The first event of the agenda happens: a stream's next arrival, or the next that comes by a road.
    #[inline(always)]
    pub(super) fn next_of_agenda(&mut self, place: usize) {
        let Some(n) = place.checked_sub(self.roads.first) else { return self.arrival(place) };
        let Some(road) = self.roads.roads.get_mut(n) else { return };
        let Some(event) = road.events.pop_front() else { return };
        let next = road.events.front().map(|next| Event { payload: place as u32, ..*next });
        self.agenda.set(place, next);
        match unpack(event.payload) {
            (Kind::Arrive, visit) => self.arrive(visit),
            (_, visit) => self.answered(visit),
        }
    }
}
