//! Other weights and arrival processes while requests arrive.
//!
//! By another weight, what is left of a gap is stretched, as by another load. A process that takes the place of another
//! begins as at the start of a run. Of a trace, those instants count that are still to come, each for the request type
//! that its draw means by the new weights.

use super::{ArrivalStream, batch, instant, mix, trace_shares};
use crate::model::{Architecture, Arrivals, Source, SourceId};
use crate::sim::rng::{Rng, Streams};
use crate::sim::world::World;
use crate::sim::world::finale::cumulative;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where the streams of a trace go on.
struct Place {
    /// The first instant that is still to come.
    next: usize,
    /// Those from there on that have been, at this very moment.
    passed: Vec<usize>,
    /// The draws from there on.
    picks: Rng,
}

impl World<'_> {
    /// Requests arrive by the weights and processes of `model` from now on.
    pub(in crate::sim::world) fn change_streams(&mut self, model: &Architecture) {
        let shares = mix(model, self.config);
        self.mix = cumulative(&shares);
        let changed: Vec<usize> = (0..shares.len()).filter(|n| self.arrives_otherwise(model, *n, shares[*n])).collect();
        if self.config.workload.users.is_some() || changed.is_empty() {
            return;
        }
        let sources: BTreeSet<SourceId> = changed.iter().map(|n| model.request_types[*n].source).collect();
        let places: Vec<(SourceId, Option<Place>)> =
            sources.into_iter().map(|id| (id, self.place(model, id))).collect();
        let anew: Vec<(usize, bool)> = changed.into_iter().map(|n| self.change_stream(model, n, shares[n])).collect();
        self.trace_shares = trace_shares(model, &self.arrivals);
        for (source, place) in &places {
            match place {
                Some(place) => self.go_on_from(model, *source, place),
                None => self.go_on(model, *source, &anew),
            }
        }
    }

    fn stream_of(&self, request: usize) -> Option<usize> {
        self.arrivals.iter().position(|stream| usize::from(stream.request) == request)
    }

    fn streams_of(&self, model: &Architecture, source: SourceId) -> Vec<usize> {
        let is_own = |n: &usize| model.request_types[usize::from(self.arrivals[*n].request)].source == source;
        (0..self.arrivals.len()).filter(is_own).collect()
    }

    /// Whether requests of a type have arrived at another share or by another process until now.
    fn arrives_otherwise(&self, model: &Architecture, request: usize, share: f64) -> bool {
        let process = &model.sources[model.request_types[request].source.index()].arrivals;
        let differs = |n: usize| {
            let stream = &self.arrivals[n];
            stream.share != share / batch(process) || stream.process != *process
        };
        self.stream_of(request).map_or(share > 0.0, differs)
    }

    /// The stream of a request type as it is from now on, and whether its process begins.
    fn change_stream(&mut self, model: &Architecture, request: usize, share: f64) -> (usize, bool) {
        let streams = Streams::new(self.config.seed, self.replication).known_as(&self.architecture.drawn_as);
        let fresh = ArrivalStream::new(model, request, self.program.entries[request], share, streams);
        let fresh = ArrivalStream { anchor: self.now, ..fresh };
        let Some(n) = self.stream_of(request) else {
            self.arrivals.push(fresh);
            return (self.arrivals.len() - 1, true);
        };
        if !matches!(self.arrivals[n].process, Arrivals::Trace(_)) {
            self.restretch(n);
        }
        let stream = &mut self.arrivals[n];
        let begins = stream.process != fresh.process;
        (stream.share, stream.level_piece, stream.pending) = (fresh.share, None, 0);
        if begins {
            (stream.process, stream.level, stream.modulated) = (fresh.process, 1.0, 0);
            (stream.anchor, stream.part) = (self.now, 0.0);
        }
        (n, begins)
    }

    /// Streams of a source that is no trace go on, or begin.
    fn go_on(&mut self, model: &Architecture, source: SourceId, anew: &[(usize, bool)]) {
        let own = self.streams_of(model, source);
        for (n, begins) in anew.iter().filter(|(n, _)| own.contains(n)) {
            if *begins { self.start_stream(*n) } else { self.schedule_arrival(*n) }
        }
    }

    /// Streams of a trace share what is still to come of it.
    fn go_on_from(&mut self, model: &Architecture, source: SourceId, place: &Place) {
        for n in self.streams_of(model, source) {
            let stream = &mut self.arrivals[n];
            (stream.next_trace, stream.picks) = (place.next, place.picks.clone());
            stream.passed = place.passed.clone();
            self.start_stream(n);
        }
    }

    /// Where the streams of a source go on, when it is a trace from now on.
    fn place(&self, model: &Architecture, source: SourceId) -> Option<Place> {
        let Source { path, arrivals, .. } = &model.sources[source.index()];
        let Arrivals::Trace(times) = arrivals else { return None };
        let own = self.streams_of(model, source);
        let streams = Streams::new(self.config.seed, self.replication).known_as(&self.architecture.drawn_as);
        let mut picks = streams.of(path, "arrivals");
        let is_same = !own.is_empty() && own.iter().all(|n| self.arrivals[*n].process == *arrivals);
        let next = match is_same {
            true => own.iter().map(|n| self.ahead(*n)).min().unwrap_or(0),
            false => times.partition_point(|at| instant(*at) < self.now),
        };
        picks.skip(next);
        let passed = if is_same { self.passed(&own, times, next, picks.clone()) } else { Vec::new() };
        Some(Place { next, passed, picks })
    }

    /// The next instant of a trace that is a stream's.
    fn ahead(&self, n: usize) -> usize {
        let stream = &self.arrivals[n];
        stream.next_trace - usize::from(stream.pending != 0)
    }

    /// Instants from `next` on that have been: those of this very moment whose stream is further already.
    fn passed(&self, own: &[usize], times: &Arc<[f64]>, next: usize, mut picks: Rng) -> Vec<usize> {
        let mut passed: Vec<usize> = own.iter().flat_map(|n| self.arrivals[*n].passed.iter().copied()).collect();
        for at in (next..times.len()).take_while(|at| instant(times[*at]) <= self.now) {
            let pick = picks.uniform();
            let has_been = |n: &usize| {
                let (low, high) = self.trace_shares[*n];
                (low..high).contains(&pick) && self.ahead(*n) > at
            };
            passed.extend(own.iter().any(has_been).then_some(at));
        }
        passed.sort_unstable();
        passed.dedup();
        passed
    }
}
