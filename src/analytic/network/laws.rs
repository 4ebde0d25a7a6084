//! Laws of response times, for percentiles: the way of a request as sums and maxima.

use super::*;

impl Network<'_> {
    /// The law of a visit's time when it succeeds. Beyond `depth` calls, by its moments.
    pub(super) fn law(&self, node: usize, depth: usize) -> Law {
        const DEEPEST: usize = 24;
        let visit = &self.visits[node];
        let station = self.graph.nodes[node].station;
        let place = &self.places[station];
        if place.is_queue {
            return Law::constant(0.0);
        }
        // Far down, what is fitted anyway is fitted at once.
        let left = self.laws_left.get();
        self.laws_left.set(left.saturating_sub(1));
        if left == 0 || depth > DEEPEST || place.stretch > 1.0 || (depth > 1 && !visit.is_lawful) {
            return Law::fit(visit.reply.good);
        }
        let waiting = &place.waits[self.graph.nodes[node].rank];
        let wait = Law::waiting(waiting);
        let missed = Law::of(self.service(node)).then(&self.calls_law(node, depth));
        let work = match self.cache(node) {
            Some(policy) => {
                let ratio = visit.hits;
                let ends_well = ratio + (1.0 - ratio) * visit.after.success;
                let hits = if ends_well > 0.0 { ratio / ends_well } else { 0.0 };
                Law::mixture(&[(hits, Law::of(&policy.hit_time)), (1.0 - hits, missed)])
            }
            None => missed,
        };
        wait.then(&work)
    }

    pub(super) fn calls_law(&self, node: usize, depth: usize) -> Law {
        let calls = self.graph.nodes[node].calls.clone();
        let mut all = Law::constant(0.0);
        let mut at = calls.start;
        while at < calls.end {
            let end = self.group(at, calls.end);
            let call = &self.graph.edges[at];
            if !call.asynchronous && !call.delivery {
                all = all.then(&self.group_law(at, end, depth));
            }
            at = end;
        }
        all
    }

    pub(super) fn group_law(&self, at: usize, end: usize, depth: usize) -> Law {
        let call = &self.graph.edges[at];
        if end - at == 1 && !call.parallel {
            return self.repeated_law(at, depth).chance(call.probability);
        }
        let one = |edge: usize| {
            let call = &self.graph.edges[edge];
            let times = (f64::from(call.calls) * call.repeat).round().clamp(1.0, 1e6) as u32;
            (self.call_law(edge, depth).chance(call.probability), times)
        };
        Law::longest(&(at..end).map(one).collect::<Vec<_>>())
    }

    pub(super) fn repeated_law(&self, edge: usize, depth: usize) -> Law {
        let call = &self.graph.edges[edge];
        let one = self.call_law(edge, depth);
        if call.repeat > 1.0 || call.calls > 4 {
            let outcome = self.flows[edge].made.outcome;
            return Law::fit(outcome.repeated(call.calls).geometric(call.repeat).good);
        }
        (1..call.calls).fold(one.clone(), |all, _| all.then(&one))
    }

    /// The law of a request of this entry that succeeds.
    pub fn entry_law(&self, edge: usize) -> Law {
        self.laws_left.set(256);
        self.call_law(edge, 0)
    }

    /// The law of a call that succeeds; after failures, by the moments of what they took.
    pub(super) fn call_law(&self, edge: usize, depth: usize) -> Law {
        let call = &self.graph.edges[edge];
        let made = &self.flows[edge].made;
        let behavior = self.graph.behavior(call);
        if made.attempts > 1.0 + 1e-6 || made.late > HARDLY_LATE || made.elsewhere > 0.0 {
            return Law::fit(made.outcome.good);
        }
        if call.begins {
            return self.law(call.to, depth);
        }
        let below = Law::waiting(self.gate_of(edge)).then(&self.law(call.to, depth + 1)).later(2.0 * self.extra.mean);
        match behavior.latency {
            Dist::Constant(t) => below.later(2.0 * t),
            ref latency => {
                let network = Law::of(latency);
                network.then(&network).then(&below)
            }
        }
    }
}

impl Law {
    /// Only with this chance; otherwise nothing.
    pub(super) fn chance(self, chance: f64) -> Self {
        if chance >= 1.0 { self } else { Self::mixture(&[(chance, self), (1.0 - chance, Self::constant(0.0))]) }
    }
}
