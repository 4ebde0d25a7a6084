//! One call: its attempts, what they take, how they end.

use super::answer::{Basis, Source, Why};
use super::law::Law;
use super::moments::Moments;
use super::queue::Waiting;
use crate::model::{Backoff, CallBehavior, Jitter, RetryPolicy};

/// Beyond this share of late attempts, times are given up on: they would depend on each other.
pub(super) const MOSTLY_LATE: f64 = 0.2;
/// Below this share, lateness does not show.
pub(super) const HARDLY_LATE: f64 = 1e-4;

/// How something ends: with what chance well, and how long it takes either way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outcome {
    /// Chance that it succeeds.
    pub success: f64,
    /// Time it takes when it succeeds.
    pub good: Moments,
    /// Time it takes when it does not.
    pub bad: Moments,
}

impl Outcome {
    /// Nothing, which always succeeds.
    pub const NOTHING: Self = Self { success: 1.0, good: Moments::ZERO, bad: Moments::ZERO };

    /// Time it takes, however it ends.
    pub fn all(&self) -> Moments {
        Moments::either(self.success, self.good, self.bad)
    }

    /// Another that begins only when this one has succeeded.
    pub fn then(&self, next: &Self) -> Self {
        let success = self.success * next.success;
        let mut bad = Moments::ZERO;
        bad.mix(1.0 - self.success, self.bad);
        bad.mix(self.success * (1.0 - next.success), self.good.plus(next.bad));
        Self { success, good: self.good.plus(next.good), bad: bad.normalised(1.0 - success) }
    }

    /// `n` of them one after the other, each only when the one before has succeeded.
    pub fn repeated(&self, n: u32) -> Self {
        if self.success >= 1.0 {
            return Self { good: self.good.times(f64::from(n)), ..*self };
        }
        // Beyond that many the first failure ends it all but certainly.
        (1..n.min(64)).fold(*self, |all, _| all.then(self))
    }

    /// A geometric number of them; what a failure cuts short is taken as if it were not.
    pub fn geometric(&self, mean: f64) -> Self {
        if mean <= 1.0 {
            return *self;
        }
        let success = self.success / (mean - (mean - 1.0) * self.success);
        Self { success, good: self.good.geometric(mean), bad: self.bad }
    }

    /// Only with this chance; otherwise nothing.
    pub fn maybe(&self, chance: f64) -> Self {
        if chance >= 1.0 {
            return *self;
        }
        let success = 1.0 - chance + chance * self.success;
        let mut good = Moments::ZERO;
        good.mix(chance * self.success, self.good);
        Self { success, good: good.normalised(success), bad: self.bad }
    }
}

/// How a callee answers an attempt; the network comes on top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reply {
    /// Share of attempts that succeed.
    pub success: f64,
    /// Share of attempts that are refused at once.
    pub refused: f64,
    /// Time of successes there.
    pub good: Moments,
    /// Time of errors there.
    pub bad: Moments,
}

impl Reply {
    /// At once, and well.
    pub const AT_ONCE: Self = Self { success: 1.0, refused: 0.0, good: Moments::ZERO, bad: Moments::ZERO };

    fn errors(&self) -> f64 {
        (1.0 - self.success - self.refused).max(0.0)
    }
}

/// A whole call, all attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Made {
    /// Mean number of attempts.
    pub attempts: f64,
    /// How it ends.
    pub outcome: Outcome,
    /// Share of attempts that the caller gives up on, lost ones left out.
    pub late: f64,
    /// What that rests on.
    pub basis: Basis,
    /// Why its time has no closed form.
    pub why: Option<Why>,
    /// Why not even the number of its attempts has.
    pub flow: Option<Why>,
    /// Share of calls that go to the fallback.
    pub elsewhere: f64,
    /// Share of attempts that are sent: the others get no connection.
    pub sent: f64,
}

/// One attempt, by how it ends.
struct Attempt {
    success: f64,
    good: Moments,
    late: f64,
    /// Ends after which another attempt is made, and what they take.
    again: f64,
    again_time: Moments,
    /// Ends for good, and what they take.
    over: f64,
    over_time: Moments,
}

/// How one relation makes its calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'a> {
    pub behavior: &'a CallBehavior,
    /// The relation, for reasons.
    pub call: u32,
    /// Network time one way.
    pub network: Moments,
    /// How long the caller waits for an attempt, s.
    pub timeout: Option<f64>,
    /// Further attempts.
    pub retry: Option<RetryPolicy>,
    /// The wait for a connection.
    pub gate: &'a Waiting,
}

impl Manner<'_> {
    /// What comes of it when attempts are answered so.
    pub fn make(&self, reply: &Reply) -> Made {
        let attempt = self.attempt(reply);
        let mut made = Made {
            attempts: 0.0,
            outcome: Outcome { success: 0.0, ..Outcome::NOTHING },
            late: attempt.late,
            basis: self.basis(&attempt).and(self.gate.basis),
            why: self.objection(&attempt),
            flow: None,
            elsewhere: 0.0,
            sent: 1.0 - self.gate.refused - self.gate.given_up,
        };
        self.repeat(&attempt, &mut made);
        let outcome = &mut made.outcome;
        outcome.good = outcome.good.normalised(outcome.success);
        outcome.bad = outcome.bad.normalised(1.0 - outcome.success);
        made
    }

    fn attempt(&self, reply: &Reply) -> Attempt {
        let on = self.retry.map(|retry| retry.on);
        let round = self.network.plus(self.network);
        let (gate, wait) = (self.gate, self.gate.moments());
        let through = 1.0 - gate.refused - gate.given_up;
        let sent = through * (1.0 - self.behavior.loss);
        let mut attempt = Attempt {
            success: 0.0,
            good: Moments::ZERO,
            late: 0.0,
            again: 0.0,
            again_time: Moments::ZERO,
            over: 0.0,
            over_time: Moments::ZERO,
        };
        let (late, good) = self.cut(wait.plus(round).plus(reply.good));
        (attempt.success, attempt.good) = (sent * reply.success * (1.0 - late), good);
        attempt.late = reply.success * late;
        let errors = reply.errors();
        if errors > 0.0 {
            let (late, bad) = self.cut(wait.plus(round).plus(reply.bad));
            attempt.late += errors * late;
            attempt.end(sent * errors * (1.0 - late), bad, on.is_some_and(|on| on.error));
        }
        attempt.end(sent * reply.refused, wait.plus(round), on.is_some_and(|on| on.rejected));
        attempt.end(gate.refused, Moments::ZERO, on.is_some_and(|on| on.rejected));
        attempt.end(gate.given_up, self.waits_in_vain(), on.is_some_and(|on| on.rejected));
        attempt.end(sent * attempt.late, self.gives_up(), on.is_some_and(|on| on.timeout));
        // A lost attempt is noticed by its timeout; where there is none, at once.
        let unseen = self.timeout.is_some();
        attempt.end(through - sent, self.gives_up(), on.is_some_and(|on| if unseen { on.timeout } else { on.error }));
        attempt
    }

    fn waits_in_vain(&self) -> Moments {
        let limit = self.behavior.pool.and_then(|pool| pool.wait).map_or(0.0, |wait| wait.seconds());
        Moments::constant(limit)
    }

    fn gives_up(&self) -> Moments {
        Moments::constant(self.timeout.unwrap_or(0.0))
    }

    /// Share later than the timeout, and the time of the others.
    fn cut(&self, time: Moments) -> (f64, Moments) {
        match self.timeout {
            Some(limit) if limit < time.mean + 50.0 * time.variance().sqrt() + 1e-12 => Law::fit(time).cut(limit),
            _ => (0.0, time),
        }
    }

    /// Attempt k is made when k have failed in a way that is tried again.
    fn repeat(&self, attempt: &Attempt, made: &mut Made) {
        let (mut reached, mut before) = (1.0, Moments::ZERO);
        let more = self.retry.map_or(0, |retry| retry.count).min(1000);
        let outcome = &mut made.outcome;
        for k in 0..=more {
            made.attempts += reached;
            outcome.success += reached * attempt.success;
            outcome.good.mix(reached * attempt.success, before.plus(attempt.good));
            outcome.bad.mix(reached * attempt.over, before.plus(attempt.over_time));
            let failed = before.plus(attempt.again_time);
            if k == more {
                outcome.bad.mix(reached * attempt.again, failed);
            }
            reached *= attempt.again;
            if reached < 1e-15 {
                break;
            }
            before = failed.plus(self.retry.map_or(Moments::ZERO, |retry| pause(&retry, k)));
        }
        outcome.success = outcome.success.min(1.0);
    }

    fn basis(&self, attempt: &Attempt) -> Basis {
        if attempt.late <= HARDLY_LATE {
            return Basis::exact(Source::Delay);
        }
        Basis::within(Source::Retries, (0.1 + attempt.late).min(0.3))
    }

    /// What makes its time, or the rate of attempts, unknowable here.
    fn objection(&self, attempt: &Attempt) -> Option<Why> {
        let fails = attempt.again + attempt.over;
        let retry = self.retry.filter(|_| attempt.again > 1e-9);
        let what = match () {
            () if attempt.late > MOSTLY_LATE => "most of its traffic is late, so attempts depend on each other",
            () if self.behavior.cancel && attempt.late > 1e-3 => "late work is cancelled",
            () if self.behavior.hedge.is_some() => "it is hedged",
            () if self.behavior.breaker.is_some() && fails > 1e-9 => "its breaker may open",
            () if retry.is_some_and(|r| r.jitter == Jitter::Decorrelated && r.backoff != Backoff::None) => {
                "its backoff has decorrelated jitter"
            }
            () if retry.and_then(|r| r.budget).is_some_and(|budget| attempt.again > budget / 2.0) => {
                "its retry budget binds"
            }
            () => return None,
        };
        Some(Why::Call(self.call, what))
    }
}

impl Attempt {
    fn end(&mut self, chance: f64, time: Moments, again: bool) {
        let (sum, moments) =
            if again { (&mut self.again, &mut self.again_time) } else { (&mut self.over, &mut self.over_time) };
        if chance > 0.0 {
            *moments = Moments::either(*sum / (*sum + chance), *moments, time);
            *sum += chance;
        }
    }
}

/// The wait before retry `i`, from 0.
fn pause(retry: &RetryPolicy, i: u32) -> Moments {
    let whole = match retry.backoff {
        Backoff::None => return Moments::ZERO,
        Backoff::Constant(d) => d.seconds(),
        Backoff::Linear { base, max } => (base.seconds() * f64::from(i + 1)).min(max.seconds()),
        Backoff::Exponential { base, factor_milli, max } => {
            (base.seconds() * (f64::from(factor_milli) / 1000.0).powi(i as i32)).min(max.seconds())
        }
    };
    let uniform = |top: f64| Moments { mean: top / 2.0, second: top * top / 3.0, third: top * top * top / 4.0 };
    match retry.jitter {
        Jitter::None | Jitter::Decorrelated => Moments::constant(whole),
        Jitter::Full => uniform(whole),
        Jitter::Equal => Moments::constant(whole / 2.0).plus(uniform(whole / 2.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Duration;

    fn close(what: &str, value: f64, exact: f64) {
        assert!((value - exact).abs() <= 2e-5 * exact.abs(), "{what}: {value} is not {exact}");
    }

    fn manner(behavior: &CallBehavior) -> Manner<'_> {
        let timeout = behavior.timeout.map(Duration::seconds);
        Manner { behavior, call: 0, network: Moments::ZERO, timeout, retry: behavior.retry, gate: &Waiting::NONE }
    }

    fn with(retry: RetryPolicy, timeout: Option<Duration>) -> CallBehavior {
        CallBehavior { retry: Some(retry), timeout, ..CallBehavior::default() }
    }

    #[test]
    fn r05_bounded_retries() {
        let behavior = with(RetryPolicy { count: 3, ..RetryPolicy::default() }, None);
        let made = manner(&behavior).make(&Reply { success: 0.8, ..Reply::AT_ONCE });
        close("attempts", made.attempts, 1.248);
        close("success", made.outcome.success, 0.9984);
    }

    #[test]
    fn r07_timeout_and_fixed_backoff() {
        let backoff = Backoff::Constant(Duration(50_000_000));
        let retry = RetryPolicy { count: 2, backoff, ..RetryPolicy::default() };
        let behavior = with(retry, Some(Duration(100_000_000)));
        let made = manner(&behavior).make(&Reply { good: Moments::exponential(0.05), ..Reply::AT_ONCE });
        close("attempts", made.attempts, 1.153_65);
        close("success", made.outcome.success, 0.997_521);
        close("latency of successes", made.outcome.good.mean, 0.056_707_7);
        close("latency of all", made.outcome.all().mean, 0.057_558_6);
    }

    #[test]
    fn r08_backoff_with_full_jitter() {
        let backoff =
            Backoff::Exponential { base: Duration(100_000_000), factor_milli: 2000, max: Duration(1_000_000_000) };
        let retry = RetryPolicy { count: 4, backoff, jitter: Jitter::Full, ..RetryPolicy::default() };
        let behavior = with(retry, None);
        let made = manner(&behavior).make(&Reply { success: 0.0, ..Reply::AT_ONCE });
        close("mean", made.outcome.bad.mean, 0.75);
        close("deviation", made.outcome.bad.variance().sqrt(), 0.266_145);
        assert_eq!((made.attempts, made.outcome.success), (5.0, 0.0));
    }
}
