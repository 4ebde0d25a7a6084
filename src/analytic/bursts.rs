//! Arrivals that come in bursts: a Poisson process whose rate changes with a hidden state, and batches, at queues of
//! several workers.

use super::answer::{Basis, Source};
use super::moments::Moments;
use super::queue::{Offer, Waiting};

/// A Poisson process of two rates between which it changes as often either way; the rates are relative to their mean, so
/// that a share of it has the same shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Modulated {
    /// Lower rate over the mean rate; the higher is 2 less it.
    pub low: f64,
    /// Rate of leaving either state, 1/s.
    pub switch: f64,
    /// Whether nothing on the way has blurred it.
    pub is_exact: bool,
}

/// Row vectors and matrices over the two states.
type Pair = [f64; 2];
type Square = [Pair; 2];

impl Modulated {
    /// Of the rates of the model; `None` where they are one, or never change.
    pub fn new(low: f64, high: f64, switch: f64) -> Option<Self> {
        let mean = (low + high) / 2.0;
        let is_bursty = switch > 0.0 && mean > 0.0 && (high - low).abs() > 1e-9 * mean;
        is_bursty.then(|| Self { low: low.min(high) / mean, switch, is_exact: true })
    }

    fn rates(self, mean: f64) -> Pair {
        [self.low * mean, (2.0 - self.low) * mean]
    }

    /// The wait at one queue with `offer.workers` workers and no limit; utilisation must be below 1.
    ///
    /// Exact for exponential service (MMPP/M/c) and, as to the mean, for constant service at one worker (MMPP/G/1).
    /// Other service takes that of a gamma distribution, and several workers with it the ratio of one worker as fast as
    /// all of them.
    pub fn wait(self, offer: &Offer) -> Waiting {
        let markov = self.markov(offer);
        let waiting = if offer.is_exponential { markov } else { self.general(offer, markov) };
        let error = if self.is_exact { 0.0 } else { 0.1 };
        Waiting { basis: waiting.basis.and(Basis::within(Source::Modulated, error)), ..waiting }
    }

    fn general(self, offer: &Offer, markov: Waiting) -> Waiting {
        let (probability, mean) = self.single(offer, offer.work);
        let basis = match (offer.workers, offer.work.scv() < 1e-9) {
            (1, true) => Basis::exact(Source::Modulated),
            (1, false) => Basis::within(Source::Modulated, 0.02),
            _ => Basis::within(Source::Modulated, if offer.work.scv() <= 1.0 { 0.1 } else { 0.3 }),
        };
        let (probability, mean) = if offer.workers == 1 {
            (probability, mean)
        } else {
            let (_, exponential) = self.single(offer, Moments::exponential(offer.work.mean));
            (markov.probability, markov.mean() * mean / exponential)
        };
        let delay = Moments::exponential(mean / probability.max(1e-12));
        Waiting { probability, delay, basis, ..Waiting::NONE }
    }

    /// MMPP/G/1 with a worker as fast as all: chance of waiting and mean wait, for work of these moments (Fischer and
    /// Meier-Hellstern, The Markov-modulated Poisson process cookbook, 1993).
    ///
    /// The transform of the work found, V(s) = s y [sI + Q - Λ(1 - H(s))]⁻¹, has no pole at the positive root of the
    /// determinant: that and y·e = 1 - ρ give the chances y of an idle worker; the mean comes of its series at 0.
    fn single(self, offer: &Offer, work: Moments) -> (f64, f64) {
        let speed = f64::from(offer.workers).recip();
        let (h, second) = (work.mean * speed, work.second * speed * speed);
        let ([low, high], r, mean) = (self.rates(offer.rate), self.switch, offer.rate);
        let rho = mean * h;
        let ends = |s: f64| {
            let lost = 1.0 - gamma_transform(h, work.scv(), s);
            (s - r - low * lost, s - r - high * lost)
        };
        let is_above = |s: f64| {
            let (a, b) = ends(s);
            a > 0.0 && b > 0.0 && a * b > r * r
        };
        let root = bisected(0.0, 2.0 * r + high, is_above);
        // y (r, r + λ₁(1 - H) - s)ᵀ = 0.
        let other = -ends(root).0;
        let idle_low = (-(1.0 - rho) * other / (r - other)).clamp(0.0, 1.0 - rho);
        let idle = [idle_low, 1.0 - rho - idle_low];
        let shift = (0.5 - h * low / 2.0 - idle[0]) / (2.0 * r);
        let found = (mean * second / 2.0 - h * shift * (low - high)) / (1.0 - rho);
        let probability = 1.0 - (low * idle[0] + high * idle[1]) / mean;
        (probability.clamp(0.0, 1.0), ((found - mean * second / 2.0) / rho).max(0.0))
    }

    /// MMPP/M/c as a quasi birth-death process (Neuts, 1981): from c - 1 present on, the chances are two geometric
    /// series, whose ratios are roots of a cubic; below, they follow by elimination from the empty station upwards.
    fn markov(self, offer: &Offer) -> Waiting {
        let (rates, r) = (self.rates(offer.rate), self.switch);
        let (mu, c) = (offer.work.mean.recip(), offer.workers);
        let all = mu * f64::from(c);
        let cubic = |z: f64| {
            (1.0 - z) * (rates[0] - z * all) * (rates[1] - z * all) - r * z * (rates[0] + rates[1] - 2.0 * z * all)
        };
        let ratios = [
            bisected(0.0, rates[0] / all, |z| cubic(z) <= 0.0),
            bisected(rates[0] / all, 1.0 - 1e-15, |z| cubic(z) > 0.0),
        ];
        let vector = |z: f64| [r * z, -((1.0 - z) * (rates[0] - z * all) - r * z)];
        let vectors = ratios.map(|z| if z > 0.0 { unit(vector(z)) } else { [1.0, 0.0] });
        let below = Below::new(rates, r, mu, c);
        // Balance at c - 1 present: π(c-1) L = cμ π(c); both are mixtures of the two vectors.
        let balance = |n: usize| {
            let left = times(vectors[n], below.last);
            [left[0] - all * ratios[n] * vectors[n][0], left[1] - all * ratios[n] * vectors[n][1]]
        };
        let (one, two) = (balance(0), balance(1));
        let by = usize::from(one[1].abs() + two[1].abs() > one[0].abs() + two[0].abs());
        let weights = [two[by], -one[by]];
        let at_last = [0, 1].map(|k| weights[0] * vectors[0][k] + weights[1] * vectors[1][k]);
        let beyond = |n: usize| weights[n] * ratios[n] / (1.0 - ratios[n]);
        let mass = [0, 1].map(|n| beyond(n) * (vectors[n][0] + vectors[n][1]));
        let sum = below.mass(at_last) + mass[0] + mass[1];
        let shape = [0, 1].map(|n| {
            let share = beyond(n) * (vectors[n][0] * rates[0] + vectors[n][1] * rates[1]) / offer.rate / sum;
            (share, all * (1.0 - ratios[n]))
        });
        Waiting::of_shape(shape, Basis::exact(Source::Modulated))
    }
}

/// The chances of fewer than c present, by those of c - 1.
struct Below {
    /// From each number present to the one below, from c - 1 down.
    steps: Vec<Square>,
    /// What balances the flow up from c - 1.
    last: Square,
}

impl Below {
    fn new([low, high]: Pair, r: f64, mu: f64, c: u32) -> Self {
        let mut steps = Vec::with_capacity(c as usize - 1);
        // At n present: π(n) (Λ - Q + nμ - K Λ) = (n+1) μ π(n+1), where π(n-1) = π(n) K.
        let mut last = [[low + r, -r], [-r, high + r]];
        for n in 1..c {
            let step = scaled(inverse(last), f64::from(n) * mu);
            let own = f64::from(n) * mu;
            last = [
                [low + r + own - step[0][0] * low, -r - step[0][1] * high],
                [-r - step[1][0] * low, high + r + own - step[1][1] * high],
            ];
            steps.push(step);
        }
        steps.reverse();
        Self { steps, last }
    }

    /// Chance of at most c - 1, of which these are of c - 1.
    fn mass(&self, at_last: Pair) -> f64 {
        let (mut at, mut sum) = (at_last, at_last[0] + at_last[1]);
        for step in &self.steps {
            at = times(at, *step);
            sum += at[0] + at[1];
        }
        sum
    }
}

fn unit([a, b]: Pair) -> Pair {
    let size = a.abs() + b.abs();
    [a / size, b / size]
}

fn times([a, b]: Pair, m: Square) -> Pair {
    [a * m[0][0] + b * m[1][0], a * m[0][1] + b * m[1][1]]
}

fn scaled(m: Square, by: f64) -> Square {
    m.map(|row| row.map(|x| x * by))
}

fn inverse(m: Square) -> Square {
    let det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    scaled([[m[1][1], -m[0][1]], [-m[1][0], m[0][0]]], det.recip())
}

/// Where a condition that holds from some point on begins to hold.
fn bisected(low: f64, high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if holds(middle) {
            high = middle
        } else {
            low = middle
        }
        if high - low <= 1e-13 * high {
            break;
        }
    }
    0.5 * (low + high)
}

/// E[e^(-sX)] of a gamma distribution; a constant where it does not vary.
fn gamma_transform(mean: f64, scv: f64, s: f64) -> f64 {
    match () {
        () if scv < 1e-6 => (-s * mean).exp(),
        () if (scv - 1.0).abs() < 1e-12 => (1.0 + mean * s).recip(),
        () => (-(scv * mean * s).ln_1p() / scv).exp(),
    }
}

/// Sizes of batches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Batch {
    /// All the same.
    Fixed(f64),
    /// Geometric from 1, with this mean.
    Geometric(f64),
}

impl Batch {
    /// Mean size.
    pub fn mean(self) -> f64 {
        match self {
            Self::Fixed(size) | Self::Geometric(size) => size,
        }
    }

    /// Second moment of the size.
    pub fn second(self) -> f64 {
        match self {
            Self::Fixed(size) => size * size,
            Self::Geometric(mean) => mean * (2.0 * mean - 1.0),
        }
    }

    /// Chance of more than `n`.
    fn beyond(self, n: u32) -> f64 {
        match self {
            Self::Fixed(size) => f64::from(u8::from(f64::from(n) < size)),
            Self::Geometric(mean) => (1.0 - mean.recip()).powi(n as i32),
        }
    }

    /// The wait in a queue that batches come to as a Poisson process: exact for one worker (M^X/G/1) and for exponential
    /// service (M^X/M/c). Otherwise the wait of M^X/M/c takes the ratio of one worker as fast as all.
    pub fn wait(self, offer: &Offer) -> Waiting {
        let (single, markov) = (self.single(offer, offer.work), self.markov(offer));
        if offer.workers == 1 {
            let basis = Basis::exact(Source::Batch);
            let delay = Moments::exponential(single / markov.probability.max(1e-12));
            return Waiting { delay, basis, ..markov };
        }
        if offer.is_exponential {
            return markov;
        }
        let ratio = single / self.single(offer, Moments::exponential(offer.work.mean));
        let delay = Moments::exponential(markov.delay.mean * ratio);
        let error = if offer.work.scv() <= 1.0 { 0.1 } else { 0.25 };
        Waiting { delay, basis: Basis::within(Source::Batch, error), ..markov }
    }

    /// Mean wait at one worker as fast as all (Gross and Harris, 1998).
    fn single(self, offer: &Offer, work: Moments) -> f64 {
        let speed = f64::from(offer.workers).recip();
        let free = 1.0 - offer.utilization();
        let alone = offer.rate * work.second * speed * speed / (2.0 * free);
        alone + work.mean * speed * (self.second() / self.mean() - 1.0) / (2.0 * free)
    }

    /// M^X/M/c. The flow between n and n + 1 present is balanced, min(n+1, c) μ p(n+1) = λ Σ p(k) P(X > n-k), which
    /// gives p(0) … p(c-1); the generating function of all at 1 then gives their sum and their mean.
    fn markov(self, offer: &Offer) -> Waiting {
        let (c, mu) = (offer.workers, offer.work.mean.recip());
        let (all, batches) = (f64::from(c) * mu, offer.rate / self.mean());
        let chances = self.below(c, batches / mu);
        let (mut spare, mut spare_by_n, mut at_once) = (0.0, 0.0, 0.0);
        let mut begun = 0.0;
        for (n, p) in chances.iter().enumerate().rev() {
            // Of a batch that finds n, the first c - n begin at once: Σ P(X ≥ k).
            begun += self.beyond(c - 1 - n as u32);
            let free = f64::from(c) - n as f64;
            (spare, spare_by_n, at_once) = (spare + free * p, spare_by_n + free * n as f64 * p, at_once + begun * p);
        }
        let sum = mu * spare / (all - offer.rate);
        let factorial = self.second() - self.mean();
        let present = (batches * (self.mean() + factorial / 2.0) * sum + mu * spare_by_n) / (all - offer.rate) / sum;
        let probability = (1.0 - at_once / sum / self.mean()).clamp(0.0, 1.0);
        let wait = (present / offer.rate - offer.work.mean).max(0.0);
        let delay = Moments::exponential(wait / probability.max(1e-12));
        Waiting { probability, delay, basis: Basis::exact(Source::Batch), ..Waiting::NONE }
    }

    /// Chances of 0 … c - 1 present, relative to that of none.
    fn below(self, c: u32, batches: f64) -> Vec<f64> {
        let mut chances = vec![1.0];
        for n in 0..c.saturating_sub(1) {
            let comes: f64 = chances.iter().enumerate().map(|(k, p)| p * self.beyond(n - k as u32)).sum();
            chances.push(batches * comes / f64::from(n + 1));
        }
        chances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(what: &str, value: f64, exact: f64, tolerance: f64) {
        assert!((value - exact).abs() <= tolerance * exact.abs(), "{what}: {value} is not {exact}");
    }

    fn offer(rate: f64, mean: f64, workers: u32) -> Offer {
        let work = Moments::exponential(mean);
        Offer { rate, gaps: 1.0, is_poisson: false, work, is_exponential: true, workers }
    }

    #[test]
    fn q30_both_ways() {
        let bursts = Modulated::new(50.0, 170.0, 5.0).unwrap();
        let offer = offer(110.0, 1.0 / 150.0, 1);
        let waiting = bursts.wait(&offer);
        close("wait", waiting.mean(), 0.061_787_603_490_277_1, 1e-9);
        close("probability", waiting.probability, 0.835_637_097_763_3, 1e-9);
        let (probability, mean) = bursts.single(&offer, offer.work);
        close("wait by transform", mean, 0.061_787_603_490_277_1, 1e-6);
        close("probability by transform", probability, 0.835_637_097_763_3, 1e-6);
    }

    #[test]
    fn nearly_no_modulation_is_a_poisson_process() {
        for c in [1, 2, 8, 64] {
            let offer = offer(80.0 * f64::from(c), 0.01, c);
            let poisson = Offer { is_poisson: true, ..offer }.unlimited();
            let waiting = Modulated { low: 0.999, switch: 5.0, is_exact: true }.wait(&offer);
            close("wait", waiting.mean(), poisson.mean(), 0.005);
            close("probability", waiting.probability, poisson.probability, 0.005);
        }
    }

    #[test]
    fn a_state_without_arrivals_and_changes_faster_than_the_queue() {
        // Interrupted Poisson process: hyperexponential gaps; so fast that it is a Poisson process again.
        let offer = offer(80.0, 0.01, 1);
        close("fast", Modulated { low: 0.0, switch: 1e6, is_exact: true }.wait(&offer).mean(), 0.04, 1e-3);
        let slow = Modulated { low: 0.0, switch: 0.1, is_exact: true }.wait(&offer).mean();
        // In a burst 60/s more come than go, for ten seconds on average.
        assert!(slow > 1.0, "{slow}");
    }

    #[test]
    fn batches_of_one_are_a_poisson_process_and_q25() {
        for (c, batch) in [(1, Batch::Fixed(1.0)), (4, Batch::Geometric(1.0)), (16, Batch::Fixed(1.0))] {
            let offer = offer(80.0 * f64::from(c), 0.01, c);
            let poisson = Offer { is_poisson: true, ..offer }.unlimited();
            close("wait", batch.wait(&offer).mean(), poisson.mean(), 1e-9);
            close("probability", batch.wait(&offer).probability, poisson.probability, 1e-9);
        }
        close("Q25", Batch::Fixed(5.0).wait(&offer(80.0, 0.01, 1)).mean(), 0.14, 1e-9);
    }
}
