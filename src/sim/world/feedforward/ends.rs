//! Services under way, in the order in which they will end.

use crate::sim::kernel::{EventHeap, Slab};

/// A request in service.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Service {
    pub ends: u64,
    pub begun: u64,
    pub row: u32,
    /// Its replica's number.
    pub at: u32,
}

/// So many are looked through; more go to a heap.
const FEW: usize = 16;

/// Services under way: of those that end at one instant, the one that began first is first.
#[derive(Debug)]
pub(super) struct Ends {
    /// When the first ends; `u64::MAX` without any.
    next: u64,
    services: Services,
}

#[derive(Debug)]
enum Services {
    Few(Few),
    /// By number, in a heap.
    Many(Box<(EventHeap, Slab<Service>)>),
}

impl Ends {
    /// Room for so many.
    pub fn new(most: u64) -> Self {
        let few = || Services::Few(Few::default());
        let many = || Services::Many(Box::default());
        Self { next: u64::MAX, services: if most <= FEW as u64 { few() } else { many() } }
    }

    /// When the first ends; `u64::MAX` without any.
    #[inline(always)]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// When the first of them began.
    pub fn begun(&mut self) -> u64 {
        match &mut self.services {
            Services::Few(few) => few.services[few.first % FEW].begun,
            Services::Many(many) => many.0.peek().map_or(0, |event| many.1[event.payload].begun),
        }
    }

    #[inline(always)]
    pub fn push(&mut self, service: Service) {
        match &mut self.services {
            Services::Few(few) => few.push(service, service.ends < self.next),
            Services::Many(many) => {
                let slot = many.1.take(service);
                many.1[slot] = service;
                many.0.push(service.ends, slot);
            }
        }
        self.next = self.next.min(service.ends);
    }

    /// Takes the first, of which there is one.
    #[inline(always)]
    pub fn pop(&mut self) -> Service {
        match &mut self.services {
            Services::Few(few) => {
                let first = few.pop();
                self.next = if few.count > 0 { few.ends[few.first % FEW] } else { u64::MAX };
                first
            }
            Services::Many(many) => {
                let slot = many.0.pop().map_or(0, |event| event.payload);
                many.1.give(slot);
                self.next = many.0.next_time().unwrap_or(u64::MAX);
                many.1[slot]
            }
        }
    }
}

/// A few services in the order in which they began, and the place of the one that ends first.
#[derive(Debug, Default)]
struct Few {
    ends: [u64; FEW],
    services: [Service; FEW],
    count: usize,
    first: usize,
}

impl Few {
    #[inline(always)]
    fn push(&mut self, service: Service, is_first: bool) {
        let at = self.count % FEW;
        (self.ends[at], self.services[at]) = (service.ends, service);
        self.first = if is_first { at } else { self.first };
        self.count += 1;
    }

    #[inline(always)]
    fn pop(&mut self) -> Service {
        let first = self.services[self.first % FEW];
        self.count = self.count.wrapping_sub(1) % FEW;
        for at in self.first % FEW..self.count {
            self.ends[at] = self.ends[at + 1];
            self.services[at] = self.services[at + 1];
        }
        let (mut next, mut place) = (self.ends[0], 0);
        for at in 1..self.count {
            if self.ends[at] < next {
                (next, place) = (self.ends[at], at);
            }
        }
        self.first = place;
        first
    }
}
