//! Void events: work that was taken back leaves the event of its end behind. Memory must follow what is in
//! flight, so they are dropped when they outnumber what can be live.

use super::{Kind, World, unpack};

/// Events that are always kept for.
const SPARE: usize = 4096;

impl World<'_> {
    /// Drops void events when there are too many.
    pub(super) fn tidy(&mut self) {
        if self.heap.len() < SPARE + 8 * self.frames.live() + 8 * self.replicas.len() {
            return;
        }
        let Self { heap, frames, replicas, arrivals, stations, .. } = self;
        heap.retain(|event| {
            let (kind, index) = unpack(event.payload);
            match kind {
                Kind::Attempt | Kind::Arrive | Kind::Served | Kind::Answered | Kind::Impatient | Kind::Message => {
                    frames[index].pending == event.sequence
                }
                Kind::Shared => replicas[index as usize].shared_event == event.sequence,
                Kind::Arrival => arrivals[index as usize].pending() == event.sequence,
                Kind::Modulate => arrivals[index as usize].modulated() == event.sequence,
                Kind::Scale => stations[index as usize].look.0 == event.sequence,
                _ => true,
            }
        });
    }

    /// Pending events, for tests.
    #[cfg(test)]
    pub fn pending_after(
        architecture: &crate::model::Architecture,
        config: &crate::model::RunConfig,
        events: u64,
    ) -> usize {
        let config = crate::model::RunConfig { max_events: events, ..config.clone() };
        let mut world = World::at_start(architecture, &config, 0);
        world.advance(u64::MAX, u64::MAX, &|_| {});
        world.heap.len()
    }
}
