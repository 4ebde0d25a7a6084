//! Calls that belong together without a station of their own: what a source does in turn, and quorums.
//!
//! A group is a frame that only waits for its members. It goes through the list of ready steps like any
//! other call, so that loops of empty groups do not use the stack.

use super::World;
use super::frame::*;
use crate::sim::kernel::NONE;

impl World<'_> {
    pub(super) fn is_group(&self, frame: u32) -> bool {
        let op = self.frames[frame].op;
        op != NONE && self.program.ops[op as usize].station == NONE
    }

    /// A group makes its calls.
    pub(super) fn open_group(&mut self, frame: u32) {
        let slot = &mut self.frames[frame];
        (slot.state, slot.pc, slot.left, slot.children) = (State::Calling, 0, 0, 0);
        let op = slot.op;
        self.proceed(frame);
        let slot = &mut self.frames[frame];
        let Some(needed) = self.program.ops[op as usize].quorum else { return };
        // It may be over already: when none of its calls was made.
        if slot.op == op && slot.state == State::Calling && slot.children > 0 {
            slot.left = needed.min(slot.children);
        }
    }

    /// One of the calls that a quorum waits for has ended.
    pub(super) fn count_reply(&mut self, frame: u32, outcome: Outcome) {
        let slot = &mut self.frames[frame];
        slot.children -= 1;
        slot.left -= u32::from(outcome == Outcome::Success);
        let (open, needed) = (slot.children, slot.left);
        if needed > 0 && open >= needed {
            return;
        }
        // The others go on for nobody.
        self.abandonment |= open > 0;
        self.close_group(frame, if needed == 0 { Outcome::Success } else { outcome });
    }

    /// A group has ended.
    pub(super) fn close_group(&mut self, frame: u32, outcome: Outcome) {
        let parent = self.frames[frame].parent;
        if parent == ROOT {
            return self.request_ended(frame, outcome);
        }
        let is_over = parent == DETACHED || (self.abandonment && self.is_abandoned(frame));
        self.free(frame);
        if !is_over {
            self.child_done(parent, outcome);
        }
    }
}
