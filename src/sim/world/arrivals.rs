//! Where requests come from: open arrival processes and the users of closed loops.
//!
//! An arrival process has gaps of mean 1. The load stretches them: the next request arrives when the
//! integral of the rate since the last one has grown by the gap, whatever the rate does in between.
//! So a change of load moves arrivals and draws none of them anew.

mod changes;

use super::frame::*;
use super::program::geometric;
use super::{Kind, World, payload};
use crate::model::{Architecture, Arrivals, LoadProfile, RunConfig};
use crate::quantity::SimTime;
use crate::sim::record::SLOTS;
use crate::sim::rng::{Rng, Sampler, Streams, unit_gamma};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Arrivals of one request type. What is asked at each of them are the first three cache lines.
#[derive(Serialize, Deserialize)]
#[repr(C, align(64))]
pub(super) struct ArrivalStream {
    request: u16,
    entry: u32,
    /// Sequence of the event of the next arrival.
    pending: u32,
    /// Where the last gap began: ns, and the part of a nanosecond that was rounded away.
    anchor: u64,
    part: f64,
    /// Where the next arrival will be, should nothing change before.
    foreseen: (u64, f64),
    /// What is left of the gap, in units of the integrated rate.
    gap: f64,
    /// The rate under a surge, from an instant to another, where it does not change meanwhile.
    level_piece: Option<(f64, f64, u64, u64)>,
    /// Share of the load that is this stream's, over the mean size of a batch.
    share: f64,
    /// Modulation of the rate by the process itself.
    level: f64,
    gaps: Rng,
    process: Arrivals,
    sizes: Rng,
    /// Decides which instants of a trace are whose: the same draws for all streams of a source.
    picks: Rng,
    /// Sequence of the event of the next change of level.
    modulated: u32,
    next_trace: usize,
    /// Instants of the trace from there on that have been another stream's, before the shares were others.
    passed: Vec<usize>,
}

/// A user of a closed loop.
#[derive(Serialize, Deserialize)]
pub(super) struct User {
    rng: Rng,
}

/// The streams of a run.
pub(super) fn streams(
    architecture: &Architecture,
    config: &RunConfig,
    entries: &[u32],
    streams: Streams<'_>,
) -> Vec<ArrivalStream> {
    if config.workload.users.is_some() {
        return Vec::new();
    }
    let shares = mix(architecture, config);
    let stream = |n: usize| ArrivalStream::new(architecture, n, entries[n], shares[n], streams);
    (0..architecture.request_types.len()).filter(|n| shares[*n] > 0.0).map(stream).collect()
}

/// Mean number of requests that arrive together.
fn batch(process: &Arrivals) -> f64 {
    match process {
        Arrivals::BatchGeometric(mean) => mean.max(1.0),
        Arrivals::BatchFixed(size) => f64::from((*size).max(1)),
        _ => 1.0,
    }
}

/// Share of each request type in the load; they sum to 1.
pub(super) fn mix(architecture: &Architecture, config: &RunConfig) -> Vec<f64> {
    let mut weights: Vec<f64> = architecture.request_types.iter().map(|r| r.weight.max(0.0)).collect();
    if !config.workload.mix.is_empty() {
        weights.iter_mut().for_each(|w| *w = 0.0);
        config.workload.mix.iter().for_each(|(id, share)| weights[id.index()] += share.max(0.0));
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|w| if sum > 0.0 { w / sum } else { 0.0 }).collect()
}

impl World<'_> {
    pub(super) fn start_arrivals(&mut self) {
        for n in 0..self.arrivals.len() {
            self.start_stream(n);
        }
        let Some((users, _)) = self.config.workload.users else { return };
        let streams = Streams::new(self.config.seed, self.replication);
        for n in 0..users {
            let rng = streams.of(&format!("user {n}"), "think");
            self.users.push(User { rng });
            self.user_thinks(n);
        }
    }

    fn start_stream(&mut self, n: usize) {
        let stream = &mut self.arrivals[n];
        if let Arrivals::Trace(times) = &stream.process {
            let times = Arc::clone(times);
            return self.next_of_trace(n, &times);
        }
        if let Arrivals::Mmpp { .. } = stream.process {
            let low = stream.sizes.chance(0.5);
            self.enter_level(n, low);
        }
        let stream = &mut self.arrivals[n];
        // Evenly spaced requests begin at once; all others after a gap.
        stream.gap = if matches!(stream.process, Arrivals::Constant) { 0.0 } else { stream.draw_gap() };
        self.schedule_arrival(n);
    }

    /// The request of a stream arrives, alone or in a batch; the next is scheduled.
    pub(super) fn arrival(&mut self, index: u32, sequence: u32) {
        let n = index as usize;
        if self.arrivals[n].pending != sequence {
            return;
        }
        let (request, entry, size) = (self.arrivals[n].request, self.arrivals[n].entry, self.arrivals[n].batch_size());
        (0..size).for_each(|n| self.begin_request(request, entry, n));
        if let Arrivals::Trace(times) = &self.arrivals[n].process {
            let times = Arc::clone(times);
            return self.next_of_trace(n, &times);
        }
        let stream = &mut self.arrivals[n];
        (stream.anchor, stream.part) = stream.foreseen;
        stream.gap = stream.draw_gap();
        self.schedule_arrival(n);
    }

    fn schedule_arrival(&mut self, n: usize) {
        let surge = self.surge;
        let stream = &mut self.arrivals[n];
        stream.pending = 0;
        if let Some(time) = stream.next(&self.config.workload.load, surge, self.until) {
            stream.pending = self.heap.push(time, payload(Kind::Arrival, n as u32));
        }
    }

    fn next_of_trace(&mut self, n: usize, times: &[f64]) {
        let stream = &mut self.arrivals[n];
        let (low, high) = self.trace_shares[n];
        stream.pending = 0;
        while let Some(at) = times.get(stream.next_trace) {
            stream.next_trace += 1;
            let u = stream.picks.uniform();
            let time = instant(*at);
            if time >= self.until {
                return;
            }
            if (low..high).contains(&u) && !stream.passed.contains(&(stream.next_trace - 1)) {
                stream.pending = self.heap.push(time, payload(Kind::Arrival, n as u32));
                return;
            }
        }
    }

    /// The rate of a stream changes from now on: what is left of its gap is stretched anew.
    fn restretch(&mut self, n: usize) {
        let (now, surge) = (self.now, self.surge);
        self.arrivals[n].consume(&self.config.workload.load, surge, now);
    }

    /// The load is multiplied by another factor from now on.
    pub(super) fn set_surge(&mut self, factor: f64) {
        if factor == self.surge {
            return;
        }
        for n in 0..self.arrivals.len() {
            if !matches!(self.arrivals[n].process, Arrivals::Trace(_)) {
                self.restretch(n);
            }
        }
        self.surge = factor;
        for n in 0..self.arrivals.len() {
            if !matches!(self.arrivals[n].process, Arrivals::Trace(_)) {
                self.schedule_arrival(n);
            }
        }
    }

    /// A modulated stream changes its level.
    pub(super) fn modulate(&mut self, index: u32, sequence: u32) {
        let n = index as usize;
        let Arrivals::Mmpp { low, .. } = self.arrivals[n].process else { return };
        if self.arrivals[n].modulated != sequence {
            return;
        }
        let was_low = self.arrivals[n].level == low;
        self.restretch(n);
        self.enter_level(n, !was_low);
        self.schedule_arrival(n);
    }

    fn enter_level(&mut self, n: usize, is_low: bool) {
        let stream = &mut self.arrivals[n];
        let Arrivals::Mmpp { low, high, switch } = stream.process else { return };
        stream.level = if is_low { low } else { high };
        stream.modulated = 0;
        if switch > 0.0 {
            let stay = (stream.sizes.exponential() / switch * 1e9) as u64;
            let time = self.now.saturating_add(stay);
            if time < self.until {
                stream.modulated = self.heap.push(time, payload(Kind::Modulate, n as u32));
            }
        }
    }

    // ---- closed loops

    fn user_thinks(&mut self, user: u32) {
        let Some((_, think)) = &self.config.workload.users else { return };
        let think = Sampler::new(think).draw(&mut self.users[user as usize].rng);
        let time = self.now.saturating_add(think);
        if time < self.until {
            self.heap.push(time, payload(Kind::User, user));
        }
    }

    pub(super) fn user_asks(&mut self, user: u32) {
        let u = self.users[user as usize].rng.uniform();
        let n = self.mix.partition_point(|cumulative| *cumulative <= u).min(self.mix.len().saturating_sub(1));
        if let Some(&entry) = self.program.entries.get(n) {
            self.begin_request(n as u16, entry, user);
        }
    }

    // ---- external requests

    /// `number` is the user's in a closed loop, its place in a batch in an open one.
    fn begin_request(&mut self, request: u16, entry: u32, number: u32) {
        self.note_request(usize::from(request));
        let entering = Call { parent: ROOT, parent_generation: number, request, flags: PRIMARY, ..Call::DETACHED };
        self.begin_call(entering, entry);
    }

    /// A request of a type arrives.
    pub(super) fn note_request(&mut self, request: usize) {
        let measured = u64::from(self.is_measured());
        self.record.traffic.offered += measured;
        self.record.requests[request].offered += measured;
        self.monitor.second.offered += 1;
        self.in_flight.raise(self.now);
    }

    pub(super) fn request_ended(&mut self, frame: u32, outcome: Outcome) {
        let slot = &self.frames[frame];
        let (started, request, user) = (slot.started, usize::from(slot.request), slot.parent_generation);
        let is_counted = slot.is(MEASURED);
        self.note_end_of_request(request, started, is_counted, outcome);
        self.free(frame);
        if self.config.workload.users.is_some() {
            self.user_thinks(user);
        }
    }

    /// A request ends that has started then.
    pub(super) fn note_end_of_request(&mut self, request: usize, started: u64, is_counted: bool, outcome: Outcome) {
        let time = self.now - started;
        let ok = outcome == Outcome::Success;
        self.in_flight.lower(self.now);
        let inside = u64::from(self.is_measured());
        self.record.traffic.ended_inside += inside;
        self.record.traffic.succeeded_inside += inside * u64::from(ok);
        let second = &mut self.monitor.second;
        if ok {
            second.succeeded += 1
        } else {
            second.failed += 1
        }
        self.monitor.request(request, ok.then_some(time));
        if is_counted {
            self.count_request(request, started, outcome, time);
        }
        if ok && !self.record.slots.is_empty() {
            self.count_slot(started, time);
        }
        #[cfg(test)]
        self.record.log.push((started, self.now, ok));
    }

    #[cold]
    fn count_slot(&mut self, started: u64, time: u64) {
        let at = self.slot_of(started);
        let slot = &mut self.record.slots[at];
        slot.count += 1;
        slot.sum += u128::from(time);
    }

    /// The part of the run that requests of this arrival are in.
    pub(super) fn slot_of(&self, started: u64) -> usize {
        let at = u128::from(started) * SLOTS as u128 / u128::from(self.until.max(1));
        (at as usize).min(SLOTS - 1)
    }

    fn count_request(&mut self, request: usize, started: u64, outcome: Outcome, time: u64) {
        let traffic = &mut self.record.traffic;
        match outcome {
            Outcome::Success => traffic.succeeded += 1,
            Outcome::Error => traffic.failed += 1,
            Outcome::Timeout => traffic.timed_out += 1,
            Outcome::Rejected | Outcome::Refused => traffic.shed += 1,
        }
        let tally = &mut self.record.requests[request];
        tally.ended += 1;
        let last = self.record.batches.len() - 1;
        let batch = &mut self.record.batches[(((started - self.from) / self.batch_length) as usize).min(last)];
        batch.ended += 1;
        if outcome == Outcome::Success {
            tally.latency.record(time);
            batch.succeeded += 1;
            batch.sum += u128::from(time);
        } else {
            tally.failed_latency.record(time);
        }
    }
}

impl ArrivalStream {
    /// Requests of the n-th type, which enter by the op `entry` and are this share of the load.
    pub fn new(model: &Architecture, n: usize, entry: u32, share: f64, streams: Streams<'_>) -> Self {
        let request = &model.request_types[n];
        let source = &model.sources[request.source.index()];
        Self {
            request: n as u16,
            entry,
            process: source.arrivals.clone(),
            gaps: streams.of(&request.name, "arrivals"),
            sizes: streams.of(&request.name, "batches"),
            picks: streams.of(&source.path, "arrivals"),
            share: share / batch(&source.arrivals),
            level: 1.0,
            anchor: 0,
            part: 0.0,
            foreseen: (0, 0.0),
            gap: 0.0,
            pending: 0,
            modulated: 0,
            next_trace: 0,
            passed: Vec::new(),
            level_piece: None,
        }
    }

    /// Sequence of the event of the next arrival.
    pub fn pending(&self) -> u32 {
        self.pending
    }

    /// The request type.
    pub fn request(&self) -> usize {
        usize::from(self.request)
    }

    /// The op by which requests enter.
    pub fn entry(&self) -> u32 {
        self.entry
    }

    /// Whether gaps are drawn one by one, whatever happens meanwhile, and end with one request each.
    pub fn is_renewal(&self) -> bool {
        !matches!(
            self.process,
            Arrivals::Trace(_) | Arrivals::Mmpp { .. } | Arrivals::BatchGeometric(_) | Arrivals::BatchFixed(_)
        )
    }

    /// When the next request arrives, if any does.
    pub fn upcoming(&self) -> Option<u64> {
        (self.pending != 0).then_some(self.foreseen.0)
    }

    /// The next request has arrived; the one after it is foreseen.
    pub fn pass(&mut self, profile: &LoadProfile, surge: f64, until: u64) {
        (self.anchor, self.part) = self.foreseen;
        self.gap = self.draw_gap();
        self.pending = u32::from(self.next(profile, surge, until).is_some());
    }

    /// Sequence of the event of the next change of level.
    pub fn modulated(&self) -> u32 {
        self.modulated
    }

    fn draw_gap(&mut self) -> f64 {
        let rng = &mut self.gaps;
        match self.process {
            Arrivals::Constant | Arrivals::Trace(_) => 1.0,
            Arrivals::Erlang(k) => unit_gamma(f64::from(k.max(1)), rng) / f64::from(k.max(1)),
            Arrivals::Hyperexponential { cv } if cv > 1.0 => {
                let c = cv * cv;
                let p = (1.0 + ((c - 1.0) / (c + 1.0)).sqrt()) / 2.0;
                let p = if rng.chance(p) { p } else { 1.0 - p };
                rng.exponential() / (2.0 * p)
            }
            _ => rng.exponential(),
        }
    }

    fn batch_size(&mut self) -> u32 {
        match self.process {
            Arrivals::BatchGeometric(mean) => geometric(mean, self.sizes.uniform()),
            Arrivals::BatchFixed(size) => size,
            _ => 1,
        }
    }

    /// When the gap will be used up, if before `until`.
    ///
    /// The anchor moves when the arrival happens, not when it is foreseen: the rate may change before.
    #[inline]
    fn next(&mut self, profile: &LoadProfile, surge: f64, until: u64) -> Option<u64> {
        match self.foresee(surge) {
            Some(at) => {
                self.foreseen = at;
                Some(at.0).filter(|time| *time < until)
            }
            None => self.next_beyond(profile, surge, until),
        }
    }

    /// The same as [`Self::look_ahead`] where the gap ends within the piece that is known.
    #[inline(always)]
    fn foresee(&self, surge: f64) -> Option<(u64, f64)> {
        let (rate, under, start, end) = self.level_piece?;
        let is_inside = under == surge && (start..end).contains(&self.anchor) && rate > 0.0;
        let length = end.saturating_sub(self.anchor) as f64 / 1e9 - self.part;
        let is_whole = end == u64::MAX || self.gap <= rate * length;
        if is_inside && is_whole && self.gap > 0.0 { self.moved(self.gap / rate) } else { None }
    }

    #[inline(never)]
    fn next_beyond(&mut self, profile: &LoadProfile, surge: f64, until: u64) -> Option<u64> {
        let before = (self.anchor, self.part, self.gap);
        let time = self.look_ahead(profile, surge, until);
        self.foreseen = (self.anchor, self.part);
        (self.anchor, self.part, self.gap) = before;
        time
    }

    fn look_ahead(&mut self, profile: &LoadProfile, surge: f64, until: u64) -> Option<u64> {
        loop {
            let (rate, slope, end) = self.known_piece(profile, surge);
            let length = end.saturating_sub(self.anchor) as f64 / 1e9 - self.part;
            let whole = (rate + slope * length / 2.0) * length;
            // Without a rate nobody arrives, be it the first.
            if end == u64::MAX || self.gap <= whole && (rate > 0.0 || slope > 0.0) {
                let wait = time_for(self.gap, rate, slope)?;
                self.gap = 0.0;
                return self.move_on(wait).filter(|time| *time < until);
            }
            if end >= until {
                return None;
            }
            self.gap -= whole;
            (self.anchor, self.part) = (end, 0.0);
        }
    }

    /// The same as [`Self::piece`], which is asked once for each stretch of a level rate.
    #[inline]
    fn known_piece(&mut self, profile: &LoadProfile, surge: f64) -> (f64, f64, u64) {
        let is_inside =
            |(_, under, start, end): &(f64, f64, u64, u64)| *under == surge && (*start..*end).contains(&self.anchor);
        if let Some((rate, _, _, end)) = self.level_piece.filter(is_inside) {
            debug_assert_eq!((rate, 0.0, end), self.piece(profile, surge), "the rate has changed");
            return (rate, 0.0, end);
        }
        let (rate, slope, end) = self.piece(profile, surge);
        let is_level = slope == 0.0 && !matches!(self.process, Arrivals::Mmpp { .. });
        self.level_piece = is_level.then_some((rate, surge, self.anchor, end));
        (rate, slope, end)
    }

    /// Rate now, its change by second, and until when that holds.
    #[cold]
    fn piece(&self, profile: &LoadProfile, surge: f64) -> (f64, f64, u64) {
        if matches!(self.process, Arrivals::Mmpp { .. }) {
            return (self.level * self.share * surge, 0.0, u64::MAX);
        }
        let next = profile.points.partition_point(|p| p.at.0 <= self.anchor);
        let rate = profile.rate(SimTime(self.anchor));
        let scale = self.share * surge;
        let Some(after) = profile.points.get(next) else { return (rate * scale, 0.0, u64::MAX) };
        let Some(before) = next.checked_sub(1).map(|n| profile.points[n]) else {
            return (rate * scale, 0.0, after.at.0);
        };
        let slope = (after.rate - before.rate) / after.at.since(before.at).seconds();
        ((rate + slope * self.part) * scale, slope * scale, after.at.0)
    }

    fn move_on(&mut self, seconds: f64) -> Option<u64> {
        (self.anchor, self.part) = self.moved(seconds)?;
        Some(self.anchor)
    }

    /// Where its anchor is so much later.
    #[inline(always)]
    fn moved(&self, seconds: f64) -> Option<(u64, f64)> {
        let exact = seconds * 1e9 + self.part * 1e9;
        let whole = rounded(exact);
        let anchor = self.anchor.saturating_add((whole as i64).max(0) as u64);
        (whole < u64::MAX as f64 / 2.0).then_some((anchor, (exact - whole) / 1e9))
    }

    /// Uses up the part of the gap that lies before `now`.
    fn consume(&mut self, profile: &LoadProfile, surge: f64, now: u64) {
        while self.anchor < now {
            let (rate, slope, end) = self.piece(profile, surge);
            let to = end.min(now);
            let length = (to - self.anchor) as f64 / 1e9 - self.part;
            self.gap = (self.gap - (rate + slope * length / 2.0) * length).max(0.0);
            (self.anchor, self.part) = (to, 0.0);
        }
    }
}

/// The instant of a trace, ns. Far from zero a second has more nanoseconds than a double has digits for the product.
fn instant(at: f64) -> u64 {
    (at.trunc() as u64).saturating_mul(1_000_000_000) + (at.fract() * 1e9).round() as u64
}

/// To the nearest whole number, halves away from 0: what `f64::round` does, without a call of the system's library.
#[inline]
fn rounded(value: f64) -> f64 {
    let whole = value as i64 as f64;
    let rest = value - whole;
    if rest.abs() < 0.5 { whole } else { whole + 1_f64.copysign(rest) }
}

/// How long a rate that starts at `rate` and grows by `slope` takes to integrate to `gap`.
fn time_for(gap: f64, rate: f64, slope: f64) -> Option<f64> {
    if gap <= 0.0 {
        return (rate > 0.0 || slope > 0.0).then_some(0.0);
    }
    if slope == 0.0 {
        return (rate > 0.0).then(|| gap / rate);
    }
    let root = (rate * rate + 2.0 * slope * gap).max(0.0).sqrt();
    let time = 2.0 * gap / (rate + root);
    time.is_finite().then_some(time)
}

/// The part of [0, 1) that is each stream's in the draws of a trace.
pub(super) fn trace_shares(architecture: &Architecture, streams: &[ArrivalStream]) -> Vec<(f64, f64)> {
    let source = |s: &ArrivalStream| architecture.request_types[usize::from(s.request)].source;
    let share = |n: usize| {
        let same = |m: &usize| source(&streams[*m]) == source(&streams[n]);
        let total: f64 = (0..streams.len()).filter(same).map(|m| streams[m].share).sum();
        let before: f64 = (0..n).filter(same).map(|m| streams[m].share).sum();
        (before / total, if total > before + streams[n].share { (before + streams[n].share) / total } else { 1.0 })
    };
    (0..streams.len()).map(share).collect()
}
