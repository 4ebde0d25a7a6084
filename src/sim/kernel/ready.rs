//! Steps that are ready now, first in first out.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Steps in order of arrival. The first stands apart: nearly always it is the only one, and then
/// neither comes nor goes through memory that others use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ready {
    first: u64,
    rest: VecDeque<u64>,
}

/// No step.
const NOTHING: u64 = u64::MAX;

impl Default for Ready {
    fn default() -> Self {
        Self { first: NOTHING, rest: VecDeque::new() }
    }
}

impl Ready {
    /// Adds a step at the end; it is not `u64::MAX`.
    pub fn push(&mut self, step: u64) {
        // The rest is never filled while the first place is free.
        if self.first == NOTHING { self.first = step } else { self.rest.push_back(step) }
    }

    /// Removes the first step.
    pub fn pop(&mut self) -> Option<u64> {
        let step = self.first;
        if step == NOTHING {
            return None;
        }
        self.first = if self.rest.is_empty() { NOTHING } else { self.rest.pop_front().unwrap_or(NOTHING) };
        Some(step)
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first == NOTHING
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.first = NOTHING;
        self.rest.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_out_in_the_order_in_which_they_went_in() {
        let mut ready = Ready::default();
        ready.push(1);
        assert_eq!((ready.pop(), ready.pop()), (Some(1), None));
        (2..6).for_each(|step| ready.push(step));
        assert_eq!((ready.pop(), ready.pop()), (Some(2), Some(3)));
        ready.push(6);
        assert_eq!([ready.pop(), ready.pop(), ready.pop(), ready.pop()], [Some(4), Some(5), Some(6), None]);
        ready.push(7);
        ready.push(8);
        ready.clear();
        assert_eq!(ready.pop(), None);
    }
}
