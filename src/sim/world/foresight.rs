//! What is known of a run before it begins: whether it needs every rule that the events follow.

use super::World;
use super::parts::Station;

/// A shorter way to the result has come to where only the rules of the events know what happens: two events of one
/// instant that were scheduled at one instant, too, a call that fails, a budget that may be used up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doubt;

/// Whether nothing but requests that arrive one by one will happen: no faults, no messages, no users of a closed loop.
pub(super) fn is_undisturbed(world: &World<'_>) -> bool {
    let expected = 2 + world.arrivals.iter().filter(|stream| stream.upcoming().is_some()).count();
    let is_open = world.users.is_empty() && world.arrivals.iter().all(|stream| stream.is_renewal());
    is_open
        && world.heap.len() == expected
        && world.chaos.faults.is_empty()
        && world.queues.is_empty()
        && world.program.undo.is_empty()
        && !world.preemption
        && world.from < world.until
        && world.record.events == 0
        && !world.over
}

/// Whether all replicas of a station take requests, now and always.
pub(super) fn has_all_replicas(world: &World<'_>, station: &Station) -> bool {
    let first = station.replicas.first().copied().unwrap_or(0);
    let is_plain = |(n, id): (usize, &u32)| {
        let at = &world.replicas[*id as usize];
        let is_still = at.hangs == 0 && at.pauses == 0 && at.warm_at == 0 && at.sharing.is_none();
        *id == first + n as u32 && at.is_there() && is_still && at.workers == station.params.workers
    };
    !station.up.is_empty() && station.up == station.replicas && station.up.iter().enumerate().all(is_plain)
}

/// Requests that are to be expected, roughly and at most.
pub(super) fn requests(world: &World<'_>) -> f64 {
    peak(world) * world.until as f64 / 1e9
}

/// The highest load, 1/s.
pub(super) fn peak(world: &World<'_>) -> f64 {
    world.config.workload.load.points.iter().map(|point| point.rate).fold(0.0, f64::max)
}
