//! The network between two stations, in one direction.

use super::Window;
use super::ends::{Ends, Service};
use super::flow::{Flow, Passing};
use crate::sim::world::foresight::Doubt;
use crate::sim::world::parts::Link;
use std::collections::VecDeque;

/// One way of a relation.
#[derive(Debug)]
pub(super) struct Way {
    pub link: usize,
    /// From the callee to the caller.
    back: bool,
    pending: Pending,
}

/// Who is on the way.
#[derive(Debug)]
enum Pending {
    /// All take this time: they arrive in the order in which they were sent.
    Steady(u64, VecDeque<Passing>),
    /// By when they arrive.
    Drawn(Box<Ends>),
}

impl Way {
    pub fn new(link: usize, back: bool, steady: Option<u64>) -> Self {
        let drawn = || Pending::Drawn(Box::new(Ends::new(u64::MAX)));
        let pending = steady.map_or_else(drawn, |time| Pending::Steady(time, VecDeque::new()));
        Self { link, back, pending }
    }

    /// Takes in who is sent in a window and gives out who arrives in it. Returns how many events that takes.
    pub fn pass(&mut self, link: &mut Link, from: &[Passing], to: &mut Flow, window: Window) -> Result<u64, Doubt> {
        match &mut self.pending {
            Pending::Steady(time, pending) => Ok(shift(*time, pending, from, to, window.until)),
            Pending::Drawn(pending) => {
                let draw = || if self.back { link.delay_of_reply() } else { link.delay_of_request() };
                scatter(draw, pending, from, to, window.until)
            }
        }
    }
}

fn shift(by: u64, pending: &mut VecDeque<Passing>, from: &[Passing], to: &mut Flow, until: u64) -> u64 {
    let late = |p: &Passing| Passing { time: p.time.saturating_add(by), scheduled: p.time, row: p.row };
    pending.extend(from.iter().map(late));
    while let Some(passing) = pending.front().filter(|passing| passing.time < until).copied() {
        to.push(passing);
        pending.pop_front();
    }
    to.len() as u64
}

fn scatter(
    mut draw: impl FnMut() -> Option<u64>,
    pending: &mut Ends,
    from: &[Passing],
    to: &mut Flow,
    until: u64,
) -> Result<u64, Doubt> {
    let mut at_once = 0;
    for passing in from {
        // What is lost is missed by somebody later.
        let Passing { time, row, .. } = *passing;
        let delay = draw().ok_or(Doubt)?;
        if delay > 0 {
            pending.push(Service { ends: time.saturating_add(delay), begun: time, row, at: 0 });
            continue;
        }
        // No event of its own, but a part of the one that sends it.
        arrivals(pending, to, |pending| {
            let is_beside = pending.next() == time;
            Ok(pending.next() < time || is_beside && !passing.is_before(time, pending.begun())?)
        })?;
        to.push(*passing);
        at_once += 1;
    }
    arrivals(pending, to, |pending| Ok(pending.next() < until))?;
    Ok(to.len() as u64 - at_once)
}

fn arrivals(
    pending: &mut Ends,
    to: &mut Flow,
    mut is_due: impl FnMut(&mut Ends) -> Result<bool, Doubt>,
) -> Result<(), Doubt> {
    while is_due(pending)? {
        let Service { ends, begun, row, .. } = pending.pop();
        to.push(Passing { time: ends, scheduled: begun, row });
    }
    Ok(())
}
