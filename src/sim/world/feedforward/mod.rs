//! Evaluation without a list of events, of models in which nothing feeds back.
//!
//! Where no station's departures ever come back to it, and none waits for another, a station's line depends on nothing
//! but who arrives there when (a feed-forward network: Kleinrock, Queueing Systems I, 1975, 4.8). So stations are
//! evaluated one after the other, each for a whole window of time, from flows of requests that were sorted when they were
//! made: no list of all events, no frames, every loop over few data. What comes out is the same to the last bit as from
//! the events: every stream of random numbers is drawn from in the same order, everything that is rounded is summed in the same order.
//!
//! | depends on the order of … | | so |
//! |---|---|---|
//! | nothing | counters, areas and sums of squares (both exact), maxima, buckets of histograms, batches | summed by window |
//! | events at one station | draws of work and replicas, who waits, longest line, levels | a station keeps its own order |
//! | decisions at one call | draws of chance | the flow that comes to the call is sorted |
//! | seconds, measured time | what was counted up to there | no window goes beyond |
//!
//! Flows that meet are merged by time. Events of one instant happen in the order in which they were scheduled, so each
//! request carries when its event was. Should that be one instant, too, or should a budget be in doubt, nothing is guessed:
//! the run starts over with the event engine.

mod ends;
mod flow;
mod hold;
mod line;
mod plan;
mod tally;
mod trial;
mod way;

use super::foresight::{Doubt, peak};
use super::{World, drain};
use crate::sim::record::Replication;
use flow::{Flow, Passing, Rows, merge};
use hold::Hold;
use line::{Line, Tide};
use tally::Lapse;
use way::Way;

/// A stretch of time in which the run is either measured or not, and no second ends.
#[derive(Debug, Clone, Copy)]
struct Window {
    from: u64,
    until: u64,
    /// Measured time.
    measured: (u64, u64),
    measures: bool,
}

impl Window {
    /// Whether an instant lies in the measured time.
    #[inline(always)]
    fn counts(&self, time: u64) -> bool {
        time.wrapping_sub(self.measured.0) < self.measured.1 - self.measured.0
    }
}

/// What is done in every window, in this order. Flows are told by number.
#[derive(Debug)]
enum Step {
    /// Requests of a stream arrive.
    Arrivals { stream: usize, to: usize },
    /// Flows become one; where a request comes from is kept in a slot, if somebody asks for it.
    Merge { from: Vec<usize>, to: usize, slot: Option<usize> },
    /// The reverse.
    Split { from: usize, to: Vec<usize>, slot: usize },
    /// By chance a call is made or not.
    Choose { op: usize, from: usize, made: usize, skipped: usize },
    /// The instant is kept in a slot.
    Stamp { from: usize, slot: usize },
    /// Calls of a relation.
    Call { link: usize, from: usize },
    /// Network time.
    Travel { way: Way, from: usize, to: usize },
    /// A station.
    Serve { line: Box<Line>, from: usize, to: usize },
    /// A station that takes no time.
    Pass { station: usize, from: usize },
    /// Workers are held from one place to another.
    Hold { hold: Hold, rises: usize, falls: usize },
    /// Who is present at some stations, between two places.
    Presence { stations: Vec<usize>, rises: usize, falls: usize },
    /// Times up to a place.
    Measure { lapse: Lapse, from: usize },
    /// Requests of a type end; the slot has their arrival.
    End { request: usize, from: usize, slot: usize },
}

/// What a run does in every window.
#[derive(Debug, Default)]
struct Plan {
    steps: Vec<Step>,
    flows: usize,
    slots: usize,
    /// Calls that a request makes at most, and calls within calls.
    calls: u64,
    depth: u64,
}

/// Requests that a window should have: so few that all that is done with them stays in the cache.
const PORTION: usize = 512;

/// How many times as long a window can be as it takes them to arrive when the load is highest.
const LONGEST: f64 = 2.0;

/// Steps and events of a call at most.
const STEPS_A_CALL: u64 = 4;

/// A run under way.
struct Evaluation<'w, 'a> {
    world: &'w mut World<'a>,
    flows: Vec<Flow>,
    rows: Rows,
    calls: u64,
    depth: u64,
    /// When each stream's last request arrived.
    before: Vec<u64>,
    /// The last event.
    last: u64,
    length: u64,
    longest: u64,
    arrived: usize,
    offered: u64,
}

impl<'a> World<'a> {
    /// Simulates all of a run in which nothing has happened yet; gives it back, still in that state, if that takes events.
    pub(crate) fn finish_feedforward(mut self, progress: &dyn Fn(f64)) -> Result<Replication, Box<Self>> {
        let Some(plan) = plan::plan(&self) else { return Err(Box::new(self)) };
        match Evaluation::new(&mut self, &plan).run(plan.steps, progress) {
            Ok(()) => Ok(self.finish_run()),
            Err(Doubt) => Err(Box::new(Self::at_start(self.architecture, self.config, self.replication))),
        }
    }
}

impl<'w, 'a> Evaluation<'w, 'a> {
    fn new(world: &'w mut World<'a>, plan: &Plan) -> Self {
        Self {
            before: vec![0; world.arrivals.len()],
            flows: vec![Flow::new(); plan.flows],
            rows: Rows::new(plan.slots),
            calls: plan.calls,
            depth: plan.depth,
            last: 0,
            length: 1 << 16,
            longest: (LONGEST * PORTION as f64 / peak(world) * 1e9) as u64,
            arrived: 0,
            offered: 0,
            world,
        }
    }

    fn run(mut self, mut steps: Vec<Step>, progress: &dyn Fn(f64)) -> Result<(), Doubt> {
        let mut now = 0;
        while !self.is_over(now) {
            self.turn(now, &mut steps);
            let (window, before) = (self.window(now), self.rows.live());
            self.go_through(&mut steps, window)?;
            self.check(window.until, before)?;
            now = window.until;
            progress((now as f64 / self.world.until as f64).min(1.0));
        }
        self.share_presence(&steps);
        self.world.go_to_time(self.last.max(self.world.until));
        steps.into_iter().for_each(|step| settle(step, self.world));
        Ok(())
    }

    /// Whether all requests have arrived and ended.
    fn is_over(&self, now: u64) -> bool {
        now >= self.world.until && self.world.marked[1] && self.rows.live() == 0
    }

    /// What happens at an instant before all requests: a second ends, the measured time begins or ends.
    fn turn(&mut self, now: u64, steps: &mut [Step]) {
        if now >= self.world.monitor.next {
            self.world.close_seconds(now);
        }
        self.world.go_to_time(now);
        for (which, at) in [self.world.from, self.world.until].into_iter().enumerate() {
            if at == now && !self.world.marked[which] {
                self.world.record.events += 1;
                self.share_presence(steps);
                self.world.mark(which as u32);
            }
        }
    }

    /// The next window: about as long as it takes so many to arrive.
    fn window(&mut self, now: u64) -> Window {
        let world = &*self.world;
        if self.arrived < PORTION / 2 {
            self.length = self.length.saturating_mul(2).min(self.longest.max(1));
        } else if self.arrived > PORTION * 2 {
            self.length = (self.length / 2).max(1);
        }
        let ends = [world.monitor.next, world.from, world.until].into_iter().filter(|end| *end > now);
        let until = ends.fold(now.saturating_add(self.length), u64::min);
        Window { from: now, until, measured: (world.from, world.until), measures: world.measures }
    }

    /// Whether no budget can have been used up since so many were in flight, not even for an instant, and no sequence number has come up
    /// a second time.
    fn check(&self, now: u64, before: usize) -> Result<(), Doubt> {
        let world = &*self.world;
        let most = (before + self.arrived) as u64 * self.depth;
        let steps = self.offered * self.calls * STEPS_A_CALL;
        let events = world.record.events.max(steps / super::STEPS_AN_EVENT);
        let limit = world.until.saturating_add(drain(world.until));
        let is_sure = most <= world.most_frames as u64 && events < world.config.max_events && now <= limit;
        if is_sure && steps < u64::from(u32::MAX) { Ok(()) } else { Err(Doubt) }
    }

    fn go_through(&mut self, steps: &mut [Step], window: Window) -> Result<(), Doubt> {
        self.arrived = 0;
        steps.iter_mut().try_for_each(|step| self.take(step, window))
    }

    fn take(&mut self, step: &mut Step, window: Window) -> Result<(), Doubt> {
        let Self { world, flows, rows, .. } = self;
        match step {
            Step::Arrivals { stream, to } => self.arrive(*stream, *to, window),
            Step::Merge { from, to, slot } => self.merge(from, *to, *slot)?,
            Step::Split { from, to, slot } => self.split(*from, to, *slot),
            Step::Choose { op, from, made, skipped } => self.choose(*op, *from, [*made, *skipped]),
            Step::Stamp { from, slot } => flows[*from].iter().for_each(|p| rows.set(p.row, *slot, p.time)),
            Step::Call { link, from } => world.links[*link].note_calls(flows[*from].len() as u64, window.measures),
            Step::Travel { way, from, to } => {
                let link = &mut world.links[way.link];
                world.record.events += into(flows, *to, |flows, to| way.pass(link, &flows[*from], to, window))?;
            }
            Step::Serve { line, from, to } => {
                let station = &mut world.stations[line.station];
                let events = into(flows, *to, |flows, to| line.serve(station, (&flows[*from], rows), to, window))?;
                world.record.events += events;
            }
            Step::Pass { station, from } => world.pass_through(*station, &flows[*from], window),
            Step::Hold { hold, rises, falls } => {
                hold.follow(world, (&flows[*rises], &flows[*falls]), rows, window)?;
            }
            Step::Presence { stations, rises, falls } => {
                let present = &mut world.stations[stations[0]].present;
                present.follow(&flows[*rises], &flows[*falls], |passing| passing.time);
            }
            Step::Measure { lapse, from } => lapse.measure(world, &flows[*from], rows, window)?,
            Step::End { request, from, slot } => {
                self.last = flows[*from].last().map_or(self.last, |passing| self.last.max(passing.time));
                world.requests_end(*request, &flows[*from], (rows, *slot), window);
                flows[*from].iter().for_each(|passing| rows.give(passing.row));
            }
        }
        Ok(())
    }

    /// All that arrive in a window by a stream.
    #[inline(never)]
    fn arrive(&mut self, n: usize, to: usize, window: Window) {
        let Self { world, flows, rows, .. } = self;
        let (stream, flow) = (&mut world.arrivals[n], &mut flows[to]);
        flow.clear();
        while let Some(time) = stream.upcoming().filter(|time| *time < window.until) {
            let scheduled = std::mem::replace(&mut self.before[n], time);
            flow.push(Passing { time, scheduled, row: rows.take() });
            stream.pass(&world.config.workload.load, world.surge, world.until);
        }
        let count = flow.len() as u64;
        self.arrived += flow.len();
        self.offered += count;
        let tally = &mut world.record.requests[stream.request()];
        tally.offered += count * u64::from(window.measures);
        world.record.traffic.offered += count * u64::from(window.measures);
        world.record.events += count;
        world.monitor.second.offered += count;
        let mut tide = Tide::default();
        flow.iter().for_each(|passing| tide.rise(passing.time - window.from));
        tide.settle(&mut world.in_flight, window.from);
    }

    #[inline(never)]
    fn merge(&mut self, from: &[usize], to: usize, slot: Option<usize>) -> Result<(), Doubt> {
        let Self { flows, rows, .. } = self;
        into(flows, to, |flows, to| {
            let parts: Vec<&[Passing]> = from.iter().map(|n| &flows[*n][..]).collect();
            merge(&parts, to, |row, part| {
                if let Some(slot) = slot {
                    rows.set(row, slot, part as u64);
                }
            })
        })
    }

    #[inline(never)]
    fn split(&mut self, from: usize, to: &[usize], slot: usize) {
        to.iter().for_each(|n| self.flows[*n].clear());
        for n in 0..self.flows[from].len() {
            let passing = self.flows[from][n];
            let part = self.rows.get(passing.row, slot) as usize;
            self.flows[to[part]].push(passing);
        }
    }

    #[inline(never)]
    fn choose(&mut self, op: usize, from: usize, to: [usize; 2]) {
        to.iter().for_each(|n| self.flows[*n].clear());
        let op = &mut self.world.program.ops[op];
        for n in 0..self.flows[from].len() {
            let part = if op.choice.chance(op.probability) { 0 } else { 1 };
            let passing = self.flows[from][n];
            self.flows[to[part]].push(passing);
        }
    }

    /// Those who share what is known of one of them get it.
    fn share_presence(&mut self, steps: &[Step]) {
        for step in steps {
            let Step::Presence { stations, .. } = step else { continue };
            for n in &stations[1..] {
                self.world.stations[*n].present = self.world.stations[stations[0]].present.clone();
            }
        }
    }
}

/// Fills a flow from others.
fn into<T>(flows: &mut [Flow], to: usize, fill: impl FnOnce(&[Flow], &mut Flow) -> T) -> T {
    let mut flow = std::mem::take(&mut flows[to]);
    flow.clear();
    let result = fill(flows, &mut flow);
    flows[to] = flow;
    result
}

/// Gives what was measured to those it is of.
fn settle(step: Step, world: &mut World<'_>) {
    if let Step::Measure { lapse, .. } = step {
        lapse.settle(world);
    }
}
