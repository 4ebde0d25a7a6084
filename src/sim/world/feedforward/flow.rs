//! Requests on their way from one place to the next, window by window, in the order of the events that move them.

use crate::sim::world::foresight::Doubt;

/// A request at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passing {
    /// When, ns.
    pub time: u64,
    /// When the event that happens then was scheduled: of two events of one instant, the one scheduled first is first.
    pub scheduled: u64,
    /// Where in [`Rows`] the request's own instants begin.
    pub row: u32,
}

/// What passes a place in a window, in order.
pub(super) type Flow = Vec<Passing>;

impl Passing {
    /// Whether it comes before another, of another flow.
    pub fn is_before(&self, time: u64, scheduled: u64) -> Result<bool, Doubt> {
        if self.time != time {
            return Ok(self.time < time);
        }
        if self.scheduled == scheduled { Err(Doubt) } else { Ok(self.scheduled < scheduled) }
    }
}

/// The requests in flight, each with so many instants of its own.
#[derive(Debug, Default)]
pub(super) struct Rows {
    width: usize,
    cells: Vec<u64>,
    free: Vec<u32>,
}

impl Rows {
    pub fn new(width: usize) -> Self {
        Self { width: width.max(1), ..Self::default() }
    }

    /// A row for a request that arrives.
    #[inline]
    pub fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| self.grow())
    }

    #[cold]
    fn grow(&mut self) -> u32 {
        let row = self.cells.len();
        self.cells.resize(row + self.width, 0);
        row as u32
    }

    /// The row of a request that has ended.
    #[inline]
    pub fn give(&mut self, row: u32) {
        self.free.push(row);
    }

    /// How many are in use.
    pub fn live(&self) -> usize {
        self.cells.len() / self.width - self.free.len()
    }

    #[inline]
    pub fn get(&self, row: u32, slot: usize) -> u64 {
        self.cells[row as usize + slot]
    }

    #[inline]
    pub fn set(&mut self, row: u32, slot: usize, value: u64) {
        self.cells[row as usize + slot] = value;
    }
}

/// Several flows as one; `note` is told from which each request is.
pub(super) fn merge(flows: &[&[Passing]], to: &mut Flow, mut note: impl FnMut(u32, usize)) -> Result<(), Doubt> {
    let mut rest: Vec<&[Passing]> = flows.to_vec();
    while let Some(first) = earliest(&rest)? {
        let Some((passing, after)) = rest[first].split_first() else { break };
        note(passing.row, first);
        to.push(*passing);
        rest[first] = after;
    }
    Ok(())
}

/// The flow of which the first request is the earliest of all.
fn earliest(flows: &[&[Passing]]) -> Result<Option<usize>, Doubt> {
    let mut best: Option<(usize, Passing)> = None;
    for (n, flow) in flows.iter().enumerate() {
        let Some(passing) = flow.first() else { continue };
        let is_first = match best {
            Some((_, first)) => passing.is_before(first.time, first.scheduled)?,
            None => true,
        };
        if is_first {
            best = Some((n, *passing));
        }
    }
    Ok(best.map(|(n, _)| n))
}
