//! Which runs can be told so, and what is known of them before they begin.

use super::logs::Log;
use super::parts::*;
use super::roads::Roads;
use super::seconds::Seconds;
use super::{Kind, Smooth, World, unpack};
use crate::sim::chaos::LinkFaults;
use crate::sim::compile::Op;
use crate::sim::kernel::{Event, EventHeap, NONE, Ready, Tournament};
use crate::sim::policies::guard::Guard;
use crate::sim::world::foresight::{has_all_replicas, is_undisturbed};
use crate::sim::world::parts::{Link, Station, beyond};

impl<'w, 'a> Smooth<'w, 'a> {
    /// A run in which nothing has happened yet; `None` if it needs more than is kept here.
    pub fn new(world: &'w mut World<'a>) -> Option<Self> {
        if !is_undisturbed(world) || !is_plain(world) || world.program.ops.len() >= MOST_OPS {
            return None;
        }
        let roads = Roads::new(world, world.arrivals.len());
        let (agenda, heap) = agenda(world, roads.len());
        let (lanes, guarded, open) = lanes(world);
        let mut places = vec![NONE; world.links.len()];
        guarded.iter().enumerate().for_each(|(n, at)| places[at.link] = n as u32);
        let of = |op: &Op| way(world, op, places.get(op.link as usize).copied().unwrap_or(NONE));
        let ways: Vec<Way> = world.program.ops.iter().map(of).collect();
        Some(Self {
            now: 0,
            agenda,
            heap,
            roads,
            visits: Visits::EMPTY,
            desks: world.stations.iter().map(Desk::new).collect(),
            seats: world
                .replicas
                .iter()
                .map(|at| Seat { line: Line::EMPTY, waiting: 0, busy: 0, present: 0, ordinal: at.ordinal })
                .collect(),
            lanes,
            guarded,
            open,
            ready: Ready::default(),
            steps: world.steps,
            log: Log::new(world, &ways),
            ways,
            seconds: Seconds::new(world),
            trial: 1 << 16,
            measures: world.measures,
            has_failed: false,
            is_close: false,
            world,
        })
    }

    /// Notes for how many caller replicas each relation has kept something.
    pub(super) fn keep_guards(&mut self) {
        for (lane, guarded) in self.lanes.iter().zip(&self.guarded) {
            if guarded.keeps {
                self.world.links[guarded.link].guards.resize(lane.callers as usize, Guard::default());
            }
        }
    }
}

/// The next arrival of each stream, with room for so many others, and whatever else has been scheduled.
fn agenda(world: &mut World<'_>, roads: usize) -> (Tournament, EventHeap) {
    let (mut agenda, mut others) = (Tournament::new(world.arrivals.len() + roads), Vec::new());
    let mut heap = std::mem::take(&mut world.heap);
    while let Some(event) = heap.pop() {
        match unpack(event.payload) {
            (Kind::Arrival, n) => agenda.set(n as usize, Some(Event { payload: n, ..event })),
            _ => others.push(event),
        }
    }
    others.into_iter().for_each(|event| heap.push_at(event.time, event.sequence, event.payload));
    (agenda, heap)
}

/// The relations that are timed or guarded, and a counter for each of their caller replicas.
fn lanes(world: &World<'_>) -> (Vec<Lane>, Vec<Guarded>, Vec<u32>) {
    let callers = callers(world);
    let (mut lanes, mut guarded, mut counters) = (Vec::new(), Vec::new(), 0);
    for (n, link) in world.links.iter().enumerate().filter(|(_, link)| link.careful) {
        let Link { params, .. } = link;
        let most = params.pool.map_or(u32::MAX, |pool| pool.size).min(params.bulkhead.unwrap_or(u32::MAX));
        let patience = params.timeout.unwrap_or(u64::MAX);
        lanes.push(Lane::new(patience, most, counters));
        guarded.push(Guarded { link: n, keeps: params.guarded });
        counters += callers[n];
    }
    (lanes, guarded, vec![0; counters as usize])
}

/// How many replicas may call by each relation.
fn callers(world: &World<'_>) -> Vec<u32> {
    let mut most = vec![1; world.links.len()];
    for op in world.program.ops.iter().filter(|op| op.station != NONE) {
        let replicas = world.stations[op.station as usize].replicas.len() as u32;
        for call in &world.program.ops[op.callee.start as usize..op.callee.end as usize] {
            if let Some(most) = most.get_mut(call.link as usize) {
                *most = replicas.max(*most);
            }
        }
    }
    most
}

fn way(world: &World<'_>, op: &Op, lane: u32) -> Way {
    let flag = |on: bool, flag: u16| if on { flag } else { 0 };
    let station = world.stations.get(op.station as usize);
    let at_once = world.links.get(op.link as usize).is_some_and(|link| link.steady == Some(0));
    let calls = op.callee.start < op.callee.end;
    let holds = !calls || station.is_some_and(|station| station.params.blocking);
    Way {
        station: op.station,
        lane,
        start: op.callee.start,
        end: op.callee.end,
        probability: op.probability,
        taken: 0,
        calls: u16::try_from(op.calls).unwrap_or(u16::MAX),
        flags: flag(at_once, AT_ONCE)
            | flag(holds, HOLDS)
            | flag(op.parallel, PARALLEL)
            | flag(op.asynchronous, ASYNCHRONOUS)
            | flag(station.is_some_and(|station| station.replicas.len() == 1), SOLE),
        choice: op.choice.clone(),
    }
}

/// Whether all that requests can come to is plain.
fn is_plain(world: &World<'_>) -> bool {
    let mut seen = vec![false; world.program.ops.len()];
    let mut open: Vec<u32> = world.arrivals.iter().map(|stream| stream.entry()).collect();
    while let Some(n) = open.pop() {
        if std::mem::replace(&mut seen[n as usize], true) {
            continue;
        }
        let op = &world.program.ops[n as usize];
        if !is_plain_call(world, op) || !is_plain_station(world, &world.stations[op.station as usize]) {
            return false;
        }
        open.extend(op.callee.start..op.callee.end);
    }
    true
}

/// Whether a call is one of a known number, and nothing is kept of others but how many are under way.
fn is_plain_call(world: &World<'_>, op: &Op) -> bool {
    let Some(link) = world.links.get(op.link as usize) else { return false };
    let is_sure = link.params.loss == 0.0 && link.params.hedge.is_none() && link.faults == LinkFaults::default();
    op.station != NONE && is_sure && !op.cyclic && !op.closes_cycle && !op.special && op.calls <= u32::from(u16::MAX)
}

/// Whether requests are served in the order in which they arrive, by all replicas alike.
fn is_plain_station(world: &World<'_>, station: &Station) -> bool {
    let is_common = station.beyond & !(beyond::LEAVING | beyond::CALLS) == 0;
    let is_told = station.replicas.len() <= usize::from(u16::MAX);
    is_common && is_told && !station.hung && station.lru.is_none() && has_all_replicas(world, station)
}
