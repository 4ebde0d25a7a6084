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
    few: Few,
    /// By number, in a heap, where they may be more.
    many: Option<Box<Many>>,
}

#[derive(Debug, Default)]
struct Many {
    heap: EventHeap,
    services: Slab<Service>,
}

impl Ends {
    /// Room for so many.
    pub fn new(most: u64) -> Self {
        Self { next: u64::MAX, few: Few::default(), many: (most > FEW as u64).then(Box::default) }
    }

    /// When the first ends; `u64::MAX` without any.
    #[inline(always)]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// When the first of them began.
    pub fn begun(&mut self) -> u64 {
        match &mut self.many {
            None => self.few.services[self.few.first % FEW].begun,
            Some(many) => many.heap.peek().map_or(0, |event| many.services[event.payload].begun),
        }
    }

    #[inline(always)]
    pub fn push(&mut self, service: Service) {
        match &mut self.many {
            None => self.few.push(service, service.ends < self.next),
            Some(many) => many.push(service),
        }
        self.next = self.next.min(service.ends);
    }

    /// Takes the first, of which there is one.
    #[inline(always)]
    pub fn pop(&mut self) -> Service {
        let Self { next, few, many } = self;
        match many {
            None => {
                let first = few.pop();
                *next = if few.count > 0 { few.ends[few.first % FEW] } else { u64::MAX };
                first
            }
            Some(many) => {
                let first = many.pop();
                *next = many.heap.next_time().unwrap_or(u64::MAX);
                first
            }
        }
    }
}

impl Many {
    fn push(&mut self, service: Service) {
        let slot = self.services.take(service);
        self.services[slot] = service;
        self.heap.push(service.ends, slot);
    }

    fn pop(&mut self) -> Service {
        let slot = self.heap.pop().map_or(0, |event| event.payload);
        self.services.give(slot);
        self.services[slot]
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
