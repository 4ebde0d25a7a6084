//! Single queues: formulas of rates, moments and numbers of workers, each with its source.

use super::answer::{Basis, Source};
use super::moments::Moments;

/// What one queue is offered, and what it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    /// Arrivals, 1/s.
    pub rate: f64,
    /// Squared coefficient of variation of the gaps between them.
    pub gaps: f64,
    /// Whether they are a Poisson process.
    pub is_poisson: bool,
    /// Time for which a worker is held.
    pub work: Moments,
    /// Whether that time is exponential.
    pub is_exponential: bool,
    /// Workers, at least 1.
    pub workers: u32,
}

/// What becomes of those who arrive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Waiting {
    /// Share of arrivals that find every worker busy.
    pub probability: f64,
    /// Wait of those who wait.
    pub delay: Moments,
    /// Share of arrivals that are refused.
    pub refused: f64,
    /// Share of arrivals that give up waiting.
    pub given_up: f64,
    /// P(wait > t) of those let in as Σ a e^(-rt), where two moments would not tell it.
    pub shape: Option<[(f64, f64); 2]>,
    /// What it rests on.
    pub basis: Basis,
}

impl Waiting {
    /// Nobody waits.
    pub const NONE: Self = Self {
        probability: 0.0,
        delay: Moments::ZERO,
        refused: 0.0,
        given_up: 0.0,
        shape: None,
        basis: Basis { source: Source::Delay, error: 0.0 },
    };

    /// A wait beyond t with the chance Σ a e^(-rt).
    pub fn of_shape(shape: [(f64, f64); 2], basis: Basis) -> Self {
        let probability: f64 = shape.iter().map(|(a, _)| a).sum();
        let mut delay = Moments::ZERO;
        for (a, r) in shape {
            let part = Moments::exponential(r.recip());
            delay = Moments {
                mean: delay.mean + a * part.mean,
                second: delay.second + a * part.second,
                third: delay.third + a * part.third,
            };
        }
        Self { probability, delay: delay.normalised(probability), shape: Some(shape), basis, ..Self::NONE }
    }

    /// Mean wait, s, of all who are let in and stay.
    pub fn mean(&self) -> f64 {
        self.moments().mean
    }

    /// Moments of the wait of all who are let in and stay.
    pub fn moments(&self) -> Moments {
        let mut all = Moments::ZERO;
        all.mix(self.share_waiting(), self.delay);
        all
    }

    /// Share of those let in who wait.
    pub fn share_waiting(&self) -> f64 {
        let stay = 1.0 - self.refused - self.given_up;
        if stay > 0.0 { ((self.probability - self.refused - self.given_up) / stay).max(0.0) } else { 0.0 }
    }
}

impl Offer {
    /// Offered load over workers.
    pub fn utilization(&self) -> f64 {
        self.rate * self.work.mean / f64::from(self.workers)
    }

    /// Wait in a queue without limit. `utilization` must be below 1.
    pub fn unlimited(&self) -> Waiting {
        let rho = self.utilization();
        let c = self.workers;
        let probability = erlang_c(c, self.rate * self.work.mean);
        let markov = self.work.mean / (f64::from(c) * (1.0 - rho));
        let scv = self.work.scv();
        let correction = if self.is_poisson { 1.0 } else { correction(rho, self.gaps, scv) };
        let mean = markov * (if self.is_poisson { 1.0 } else { self.gaps } + scv) / 2.0 * correction;
        let delay = if self.is_poisson && self.is_exponential {
            Moments::exponential(markov)
        } else {
            Moments::mean_scv(mean, delay_scv(rho, self.work))
        };
        Waiting { probability, delay, basis: self.basis(rho), ..Waiting::NONE }
    }

    /// Held to by the tests of this layer.
    fn basis(&self, rho: f64) -> Basis {
        let scv = self.work.scv();
        match (self.is_poisson, self.is_exponential, self.workers) {
            (true, true, _) => Basis::exact(Source::Markov),
            (true, false, 1) => Basis::exact(Source::PollaczekKhinchine),
            (true, false, _) => Basis::within(Source::AllenCunneen, if scv <= 1.0 { 0.05 } else { 0.1 }),
            _ => Basis::within(Source::AllenCunneen, if rho > 0.85 { 0.3 } else { 0.2 }),
        }
    }
}

/// Workers and waiting places beyond which they are not counted one by one.
pub(super) const COUNTED: u32 = 100_000;

/// Erlang's loss formula: share of time with all `c` workers busy under `load` erlangs, by the recursion
/// 1/B(n) = 1 + n/a · 1/B(n-1).
pub(super) fn erlang_b(c: u32, load: f64) -> f64 {
    if load <= 0.0 {
        return if c == 0 { 1.0 } else { 0.0 };
    }
    // So many workers are never all busy: the share is below 1e-20.
    if f64::from(c) > 2.0 * load + 90.0 {
        return 0.0;
    }
    (1..=c).fold(1.0, |inverse, n| 1.0 + inverse * f64::from(n) / load).recip()
}

/// Share of arrivals that wait in M/M/c; 1 when it is saturated.
pub(super) fn erlang_c(c: u32, load: f64) -> f64 {
    let rho = load / f64::from(c);
    if rho >= 1.0 {
        return 1.0;
    }
    if c == 1 {
        return rho;
    }
    let b = erlang_b(c, load);
    b / (1.0 - rho * (1.0 - b))
}

/// Krämer and Langenbach-Belz, 1976: factor on the mean wait of Allen and Cunneen.
fn correction(rho: f64, gaps: f64, work: f64) -> f64 {
    let sum = gaps + work;
    if sum <= 0.0 {
        return 0.0;
    }
    if gaps < 1.0 {
        (-2.0 * (1.0 - rho) * (1.0 - gaps).powi(2) / (3.0 * rho * sum)).exp()
    } else {
        (-(1.0 - rho) * (gaps - 1.0) / (gaps + 4.0 * work)).exp()
    }
}

/// Squared coefficient of variation of the wait of those who wait (Whitt, QNA, 1983, eq. 53); exact for M/G/1.
fn delay_scv(rho: f64, work: Moments) -> f64 {
    if !work.third.is_finite() {
        return 1.0;
    }
    let scv = work.scv();
    let cube = work.third / (work.mean * work.mean * work.mean);
    (2.0 * rho - 1.0 + 4.0 * (1.0 - rho) * cube / (3.0 * (1.0 + scv) * (1.0 + scv))).max(0.0)
}

/// Gaps between arrivals that are independent of each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Gaps {
    /// Erlang-k; infinitely many stages are a constant.
    Erlang(f64),
    /// Hyperexponential with balanced means and this squared coefficient of variation.
    Hyper(f64),
}

impl Gaps {
    /// E[e^(-sX)] of a gap X with mean 1/rate.
    fn transform(self, rate: f64, s: f64) -> f64 {
        match self {
            Self::Erlang(k) if k.is_infinite() => (-s / rate).exp(),
            Self::Erlang(k) => (1.0 + s / (k * rate)).powf(-k),
            Self::Hyper(scv) => {
                let p = (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt()) / 2.0;
                let phase = |p: f64| p * 2.0 * p * rate / (2.0 * p * rate + s);
                phase(p) + phase(1.0 - p)
            }
        }
    }
}

/// GI/M/1 where every `turn`-th arrival comes here; `rate` is what comes here, 1/s. The wait of those
/// who wait is exponential with rate μ(1-σ).
pub(super) fn renewal(gaps: Gaps, turn: u32, rate: f64, service: f64) -> Waiting {
    let mu = service.recip();
    let transform = |sigma: f64| gaps.transform(rate * f64::from(turn), mu * (1.0 - sigma)).powi(turn as i32);
    // σ - A*(μ(1-σ)) is negative below the root and positive between it and 1.
    let (mut low, mut high) = (0.0, 1.0 - 1e-12);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if transform(middle) > middle { low = middle } else { high = middle }
    }
    let sigma = 0.5 * (low + high);
    Waiting {
        probability: sigma,
        delay: Moments::exponential(service / (1.0 - sigma)),
        basis: Basis::exact(Source::Renewal),
        ..Waiting::NONE
    }
}

/// M/M/c with `places` waiting places (`None`: no limit) and a rate at which each that waits gives up:
/// the stationary birth-death process. Without places it is Erlang's B, whatever the distribution of work.
///
/// Who finds k waiting leaves the queue after k + 1 departures of rates cμ + jθ, j = 1 … k + 1, and is
/// served with the chance cμ / (cμ + (k+1)θ). At most [`COUNTED`] may have to be counted.
pub(super) fn birth_death(offer: &Offer, places: Option<u32>, theta: f64) -> Waiting {
    let service = f64::from(offer.workers) / offer.work.mean;
    // Relative to at most all workers busy: all are, with Erlang's B.
    let all_busy = erlang_b(offer.workers, offer.rate * offer.work.mean);
    line(offer.rate, service, (all_busy, 1.0), places, theta)
}

/// The queue before servers that are done at the rate `service` as soon as all are busy, which has a chance relative to
/// that of at most all busy.
pub(super) fn line(rate: f64, service: f64, busy: (f64, f64), places: Option<u32>, theta: f64) -> Waiting {
    let limit = places.unwrap_or(u32::MAX);
    let (mut weight, mut sum) = busy;
    let mut found_busy = weight;
    let (mut ahead, mut variance, mut served) = (0.0, 0.0, 0.0);
    let mut wait = Moments::ZERO;
    let mut k = 0;
    while k < limit && weight > 1e-13 * sum {
        let leaving = service + f64::from(k + 1) * theta;
        ahead += leaving.recip();
        variance += leaving.powi(-2);
        let stays = weight * service / leaving;
        served += stays;
        wait.mix(stays, Moments::mean_scv(ahead, variance / (ahead * ahead)));
        weight *= rate / leaving;
        sum += weight;
        found_busy += weight;
        k += 1;
        if sum > 1e200 {
            // Only ratios matter.
            for part in [&mut weight, &mut sum, &mut found_busy, &mut served] {
                *part *= 1e-200;
            }
            wait = wait.scaled(1e-200);
        }
    }
    let refused = if k == limit { weight / sum } else { 0.0 };
    let probability = found_busy / sum;
    let source = if theta > 0.0 { Source::Patience } else { Source::Loss };
    Waiting {
        probability,
        delay: wait.normalised(served),
        refused,
        given_up: (probability - refused - served / sum).max(0.0),
        basis: Basis::exact(source),
        shape: None,
    }
}

/// M/M/c in which each gives up that has waited for `limit` seconds (Barrer, 1957; Baccelli and Hebuterne, 1981): the
/// wait that an arrival would have has the density λ p(c-1) e^((λ-cμ)x) up to the limit, and e^(λ·limit-cμx) beyond.
pub(super) fn deadline(offer: &Offer, limit: f64) -> Waiting {
    let service = f64::from(offer.workers) / offer.work.mean;
    // Relative to all of at most c present: c - 1 are with Erlang's B and the local balance.
    let all_busy = erlang_b(offer.workers, offer.rate * offer.work.mean);
    queue_before(offer.rate, service, (1.0 - all_busy, all_busy * service / offer.rate), limit)
}

/// The queue before servers that are done at the rate `service` as soon as anybody waits. `below`: the chance that
/// nobody would have to wait, and that of one fewer, both in the same unit.
pub(super) fn queue_before(rate: f64, service: f64, (free, last): (f64, f64), limit: f64) -> Waiting {
    let growth = rate - service;
    // Chances relative to the longest wait where waits pile up before the limit; what is e^-35 of the rest is left out.
    let (top, reach) = (if growth > 0.0 { growth * limit } else { 0.0 }, 35.0 / growth.abs());
    let (start, end) = if growth > 0.0 { ((limit - reach).max(0.0), limit) } else { (0.0, limit.min(reach)) };
    const STEPS: usize = 512;
    let (mut inside, mut mass) = (Moments::ZERO, 0.0);
    for k in 0..=STEPS {
        let x = start + (end - start) * k as f64 / STEPS as f64;
        let simpson = if k == 0 || k == STEPS { 1.0 } else { 2.0 + 2.0 * (k % 2) as f64 } / 3.0;
        let density = simpson * (end - start) / STEPS as f64 * rate * last * (growth * x - top).exp();
        mass += density;
        inside.mix(density, Moments::constant(x));
    }
    let unit = (-top).exp();
    let late = if limit.is_finite() { rate * last * (growth * limit - top).exp() / service } else { 0.0 };
    let sum = free * unit + mass + late;
    Waiting {
        probability: (mass + late) / sum,
        delay: inside.normalised(mass),
        given_up: late / sum,
        basis: Basis::exact(Source::Patience),
        ..Waiting::NONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(what: &str, value: f64, exact: f64) {
        assert!((value - exact).abs() <= 2e-5 * exact.abs().max(1e-3), "{what}: {value} is not {exact}");
    }

    fn markov(rate: f64, workers: u32) -> Offer {
        let work = Moments::exponential(0.01);
        Offer { rate, gaps: 1.0, is_poisson: true, work, is_exponential: true, workers }
    }

    #[test]
    fn q01_to_q06_wait_as_erlang_says() {
        for (load, workers, probability, wait) in [
            (80.0, 1, 0.8, 0.04),
            (150.0, 2, 0.642_857, 0.012_857_1),
            (320.0, 4, 0.596_432, 0.007_455_41),
            (1440.0, 16, 0.591_343, 0.003_695_90),
            (800.0, 10, 0.409_180, 0.002_045_9),
        ] {
            let waiting = markov(load, workers).unlimited();
            close("probability", waiting.probability, probability);
            close("wait", waiting.mean(), wait);
        }
    }

    #[test]
    fn b18_erlang_b() {
        for (c, load, blocking) in [(10, 4.461, 0.009_997_79), (50, 37.90, 0.009_995_40), (100, 84.06, 0.009_991_70)] {
            close("blocking", erlang_b(c, load), blocking);
        }
        assert_eq!(erlang_b(1_000_000, 3.0), 0.0);
    }

    #[test]
    fn q08_to_q12_wait_as_pollaczek_and_khinchine_say() {
        use crate::model::Dist;
        let h2 = Dist::Hyperexponential(vec![(0.9, 0.005), (0.1, 0.055)]);
        let pareto = Dist::BoundedPareto { min: 0.002, max: 2.0, alpha: 1.5 };
        for (dist, rate, wait) in [
            (Dist::Constant(0.01), 80.0, 0.02),
            (Dist::Erlang { k: 4, mean: 0.01 }, 80.0, 0.025),
            (h2, 70.0, 0.075_833_3),
            (Dist::lognormal_mean_cv(0.01, 2.0), 70.0, 0.058_333_3),
            (pareto, 100.0, 0.043_857_3),
        ] {
            let offer = Offer { rate, work: Moments::of(&dist), is_exponential: false, ..markov(rate, 1) };
            close("wait", offer.unlimited().mean(), wait);
        }
        let offer = Offer { work: Moments::constant(0.01), is_exponential: false, ..markov(80.0, 1) };
        let moments = offer.unlimited().moments();
        close("Q08 deviation", moments.variance().sqrt(), 0.023_094_0);
    }

    #[test]
    fn q14_q15_q31_q16_lose_what_has_no_place() {
        for (load, workers, places, refused, wait) in [
            (120.0, 1, 10, 0.187_721, 0.067_107_1),
            (400.0, 4, 8, 0.089_136_5, 0.008_807_34),
            (100.0, 1, 2, 0.25, 0.01),
            (800.0, 10, 0, 0.121_661, 0.0),
        ] {
            let waiting = birth_death(&markov(load, workers), Some(places), 0.0);
            close("refused", waiting.refused, refused);
            close("wait", waiting.mean(), wait);
        }
        let open = birth_death(&markov(80.0, 1), None, 0.0);
        close("without limit", open.mean(), 0.04);
        close("and its variance", open.delay.scv(), 1.0);
    }

    #[test]
    fn a_long_queue_in_overload_is_full() {
        let waiting = birth_death(&markov(200.0, 1), Some(10_000), 0.0);
        close("refused", waiting.refused, 0.5);
        close("wait", waiting.mean(), 99.99);
    }

    #[test]
    fn r01_gives_up() {
        let waiting = birth_death(&markov(90.0, 1), None, 10.0);
        close("abandon", waiting.given_up, 0.157_826);
        close("probability", waiting.probability, 0.757_957);
        close("wait of the served", waiting.mean(), 0.015_337_1);
    }

    #[test]
    fn r03_gives_up_at_once_when_it_has_waited_so_long() {
        let waiting = deadline(&markov(90.0, 1), 0.05);
        close("late", waiting.given_up, 0.107_306_2);
        close("wait of the served", waiting.mean(), 0.017_877_03);
        close("without limit", deadline(&markov(80.0, 1), f64::INFINITY).mean(), 0.04);
        close("overload", deadline(&markov(200.0, 1), 100.0).given_up, 0.5);
    }

    #[test]
    fn q27_q28_l02_b16_renewal_arrivals() {
        for (gaps, turn, rate, probability, wait) in [
            (Gaps::Erlang(f64::INFINITY), 1, 80.0, 0.628_630, 0.016_927_3),
            (Gaps::Hyper(4.0), 1, 80.0, 0.907_572, 0.098_191_9),
            (Gaps::Erlang(1.0), 10, 80.0, 0.657_800, 0.019_222_7),
            (Gaps::Erlang(1.0), 1, 80.0, 0.8, 0.04),
        ] {
            let waiting = renewal(gaps, turn, rate, 0.01);
            close("probability", waiting.probability, probability);
            close("wait", waiting.mean(), wait);
        }
    }
}
