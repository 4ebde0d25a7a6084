//! Slots with a free list: nothing is allocated once as many are in use as ever will be.

use serde::{Deserialize, Serialize};

/// Values in numbered slots.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Slab<T> {
    slots: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy> Slab<T> {
    /// A slot for `fresh`, or one that was used before and keeps its old value: the caller fills it
    /// and may carry a generation over.
    pub fn take(&mut self, fresh: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        self.slots.push(fresh);
        (self.slots.len() - 1) as u32
    }

    /// Gives a slot back.
    pub fn give(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// Slots in use.
    pub fn live(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Slots that exist, in use or not.
    pub fn capacity(&self) -> u32 {
        self.slots.len() as u32
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }
}
