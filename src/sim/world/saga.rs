//! Sagas (Garcia-Molina and Salem, 1987): what the completed steps of a flow undo when a later one fails.
//!
//! The first station of a request keeps the log. When the request fails there, the compensations of the steps that
//! were completed are called, one after the other, the last completed first; then the failure is answered. One that
//! fails itself is counted by its relation, and the next one follows.

use super::World;
use super::frame::*;

impl World<'_> {
    /// A step has been completed: what undoes it is kept for the case that a later one fails.
    pub(super) fn note_step(&mut self, frame: u32) {
        let undo = self.program.undo.get(&self.frames[frame].op).copied();
        let (Some(undo), Some(top)) = (undo, self.orchestrator(frame)) else { return };
        self.sagas.entry(top).or_default().push(undo);
    }

    /// The attempt of the external request that made this call; none when somebody on the way has given up, or it was
    /// not waited for.
    fn orchestrator(&self, mut frame: u32) -> Option<u32> {
        while self.frames[frame].parent != ROOT {
            let slot = &self.frames[frame];
            let of_another = slot.parent == DETACHED || self.frames[slot.parent].generation != slot.parent_generation;
            if of_another {
                return None;
            }
            frame = slot.parent;
        }
        Some(frame)
    }

    /// A request has failed: whether there is something to undo first, which is called.
    pub(super) fn compensates(&mut self, frame: u32) -> bool {
        let Some(log) = self.sagas.get_mut(&frame) else { return false };
        let Some(undo) = log.pop() else {
            self.sagas.remove(&frame);
            return false;
        };
        let slot = &mut self.frames[frame];
        slot.children = 1;
        let (request, measured) = (usize::from(slot.request), slot.is(MEASURED));
        self.record.requests[request].compensations += u64::from(measured);
        self.launch(frame, undo, true, 0);
        true
    }

    /// The request is over at its first station, or was taken away from it.
    pub(super) fn forget_saga(&mut self, frame: u32) {
        self.sagas.remove(&frame);
    }
}
