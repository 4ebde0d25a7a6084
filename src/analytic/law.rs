//! Distributions of times that can be added, mixed, compared and inverted.
//!
//! A law is a mixture of shifted generalised hyperexponentials: of a part, P(X > s + t) = Σ aᵢ e^(-rᵢt),
//! with weights of any sign. The class is closed under sums and maxima of independent times, so that
//! response times of M/M/c queues, their sums along a path and the slowest of several calls come out
//! exactly. Other times are fitted by their first two moments.

use super::moments::Moments;
use super::queue::Waiting;
use crate::model::Dist;

/// Beyond so many parts or terms, or such weights, a law is fitted anew by its moments.
const MOST_PARTS: usize = 12;
const MOST_TERMS: usize = 24;
const LARGEST: f64 = 1e7;
/// Rates that are closer than this are taken apart: partial fractions need them distinct.
const APART: f64 = 3e-3;

/// The distribution of a time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Law {
    parts: Vec<Part>,
    /// Whether no fit was needed.
    pub is_exact: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Part {
    weight: f64,
    shift: f64,
    /// (weight, rate); what the weights lack to 1 is an atom at the shift.
    terms: Vec<(f64, f64)>,
}

impl Part {
    /// P(X > t) and the density at t.
    fn tail(&self, t: f64) -> (f64, f64) {
        if t < self.shift {
            return (1.0, 0.0);
        }
        let over = t - self.shift;
        self.terms.iter().fold((0.0, 0.0), |(beyond, density), (a, r)| {
            let rest = a * (-r * over).exp();
            (beyond + rest, density + r * rest)
        })
    }

    fn atom(&self) -> f64 {
        1.0 - self.terms.iter().map(|(a, _)| a).sum::<f64>()
    }

    fn moments(&self) -> Moments {
        let mut beyond = Moments::ZERO;
        for (a, r) in &self.terms {
            let mean = r.recip();
            beyond.mean += a * mean;
            beyond.second += 2.0 * a * mean * mean;
            beyond.third += 6.0 * a * mean * mean * mean;
        }
        Moments::constant(self.shift).plus(beyond)
    }

    /// Of the sum, by partial fractions: Exp(r) + Exp(s) lives beyond t with (s e^(-rt) - r e^(-st)) / (s - r).
    fn plus(&self, other: &Self) -> Self {
        let theirs = other.apart_from(&self.terms);
        let (mine_atom, their_atom) = (self.atom(), other.atom());
        let mut terms = Vec::with_capacity(self.terms.len() + theirs.len());
        for (a, r) in &self.terms {
            let shared: f64 = theirs.iter().map(|(b, s)| b * s / (s - r)).sum();
            terms.push((a * (their_atom + shared), *r));
        }
        for (b, s) in &theirs {
            let shared: f64 = self.terms.iter().map(|(a, r)| a * r / (r - s)).sum();
            terms.push((b * (mine_atom + shared), *s));
        }
        Self { weight: self.weight * other.weight, shift: self.shift + other.shift, terms }
    }

    /// Its terms, those that coincide with another's split symmetrically around their rate.
    fn apart_from(&self, others: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let is_close = |s: f64| others.iter().any(|(_, r)| (r - s).abs() < APART * s);
        let mut terms = Vec::with_capacity(self.terms.len() + 2);
        for &(a, s) in &self.terms {
            if is_close(s) {
                terms.push((a / 2.0, s * (1.0 + 1.5 * APART)));
                terms.push((a / 2.0, s * (1.0 - 1.5 * APART)));
            } else {
                terms.push((a, s));
            }
        }
        terms
    }

    fn is_wild(&self) -> bool {
        self.terms.len() > MOST_TERMS || self.terms.iter().any(|(a, _)| a.is_nan() || a.abs() >= LARGEST)
    }
}

impl Law {
    fn one(shift: f64, terms: Vec<(f64, f64)>) -> Self {
        Self { parts: vec![Part { weight: 1.0, shift, terms }], is_exact: true }
    }

    /// Always the same.
    pub fn constant(t: f64) -> Self {
        Self::one(t, Vec::new())
    }

    /// Exponential with this mean.
    pub fn exponential(mean: f64) -> Self {
        if mean > 0.0 { Self::one(0.0, vec![(1.0, mean.recip())]) } else { Self::constant(0.0) }
    }

    /// Of a distribution of the model; exact for constants, exponentials and their mixtures.
    pub fn of(dist: &Dist) -> Self {
        match dist {
            Dist::Constant(t) => Self::constant(*t),
            Dist::Exponential { mean } => Self::exponential(*mean),
            Dist::Hyperexponential(parts) if parts.iter().all(|(_, mean)| *mean > 0.0) => {
                Self::one(0.0, parts.iter().map(|(p, mean)| (*p, mean.recip())).collect())
            }
            Dist::Mixture(parts) => {
                let laws: Vec<(f64, Self)> = parts.iter().map(|(p, dist)| (*p, Self::of(dist))).collect();
                Self::mixture(&laws)
            }
            other => Self::fit(Moments::of(other)),
        }
    }

    /// Of the wait of those let in.
    pub fn waiting(waiting: &Waiting) -> Self {
        match waiting.shape {
            Some(shape) => Self::one(0.0, shape.iter().filter(|(a, _)| *a != 0.0).copied().collect()),
            None => Self::wait(waiting.share_waiting(), waiting.delay),
        }
    }

    /// Nothing with the chance that is left, else a delay with these moments.
    pub fn wait(probability: f64, delay: Moments) -> Self {
        if probability <= 0.0 || delay.mean <= 0.0 {
            return Self::constant(0.0);
        }
        let mut law = if (delay.scv() - 1.0).abs() < 1e-9 { Self::exponential(delay.mean) } else { Self::fit(delay) };
        for part in &mut law.parts {
            // A shifted delay would wait its shift for certain: an atom at zero is a part of its own.
            part.weight *= probability;
        }
        law.parts.push(Part { weight: 1.0 - probability, shift: 0.0, terms: Vec::new() });
        law.merged()
    }

    /// By the first two moments: hyperexponential with balanced means from a coefficient of variation of
    /// 1, two exponential stages below, up to four with a shift when it is small (Whitt, Approximating a
    /// point process by a renewal process, 1982).
    pub fn fit(moments: Moments) -> Self {
        let (mean, scv) = (moments.mean, moments.scv());
        let mut law = match () {
            () if mean.is_nan() || mean <= 0.0 => return Self::constant(0.0),
            () if scv < 1e-9 => return Self::constant(mean),
            () if !scv.is_finite() || (scv - 1.0).abs() < 1e-6 => Self::exponential(mean),
            () if scv > 1.0 => {
                let p = (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt()) / 2.0;
                Self::one(0.0, vec![(p, 2.0 * p / mean), (1.0 - p, 2.0 * (1.0 - p) / mean)])
            }
            () if scv > 0.5 => {
                let root = (2.0 * scv - 1.0).sqrt();
                let stages = [mean * (1.0 + root) / 2.0, mean * (1.0 - root) / 2.0];
                Self::exponential(stages[0]).then(&Self::exponential(stages[1]))
            }
            () => Self::staged(mean, mean * scv.sqrt(), scv),
        };
        law.is_exact = false;
        law
    }

    /// A shift and n exponential stages of slightly different means.
    fn staged(mean: f64, sd: f64, scv: f64) -> Self {
        const SPREAD: [&[f64]; 3] = [&[0.85, 1.15], &[0.7, 1.0, 1.3], &[0.64, 0.88, 1.12, 1.36]];
        let fitting = SPREAD.iter().rev().find_map(|spread| {
            let squares: f64 = spread.iter().map(|d| d * d).sum();
            let stage = sd / squares.sqrt();
            let shift = mean - stage * spread.len() as f64;
            (shift >= 0.0).then_some((*spread, stage, shift))
        });
        let Some((spread, stage, shift)) = fitting else {
            // Between 0.49 and 0.5: two equal stages are as close as it gets.
            return Self::exponential(mean * scv).then(&Self::exponential(mean * (1.0 - scv)));
        };
        // The partial fractions of all at once.
        let weight = |d: &f64| spread.iter().filter(|other| *other != d).map(|other| d / (d - other)).product();
        Self::one(shift, spread.iter().map(|d| (weight(d), (stage * d).recip())).collect())
    }

    /// Of the sum with a time that is always the same.
    pub fn later(mut self, t: f64) -> Self {
        self.parts.iter_mut().for_each(|part| part.shift += t);
        self
    }

    /// The time, where it is always the same.
    fn fixed(&self) -> Option<f64> {
        match self.parts.as_slice() {
            [part] if part.terms.is_empty() => Some(part.shift),
            _ => None,
        }
    }

    /// Whether a distribution of the model needs no fit.
    pub fn knows(dist: &Dist) -> bool {
        match dist {
            Dist::Constant(_) | Dist::Exponential { .. } | Dist::Hyperexponential(_) => true,
            Dist::Mixture(parts) => parts.iter().all(|(_, dist)| Self::knows(dist)),
            _ => false,
        }
    }

    /// Of the sum with an independent time.
    pub fn then(&self, other: &Self) -> Self {
        match (self.fixed(), other.fixed()) {
            (_, Some(t)) => return self.clone().later(t),
            (Some(t), _) => return Self { is_exact: self.is_exact && other.is_exact, ..other.clone().later(t) },
            _ => {}
        }
        if self.parts.len() * other.parts.len() > MOST_PARTS {
            return Self::fit(self.moments().plus(other.moments()));
        }
        let mut parts = Vec::with_capacity(self.parts.len() * other.parts.len());
        for a in &self.parts {
            parts.extend(other.parts.iter().map(|b| a.plus(b)));
        }
        if parts.iter().any(Part::is_wild) {
            return Self::fit(self.moments().plus(other.moments()));
        }
        Self { parts, is_exact: self.is_exact && other.is_exact }
    }

    /// One of several, by weight.
    pub fn mixture(laws: &[(f64, Self)]) -> Self {
        let is_exact = laws.iter().all(|(_, law)| law.is_exact);
        let weighted = |(weight, law): &(f64, Self)| {
            let weight = *weight;
            law.parts.iter().map(move |part| Part { weight: weight * part.weight, ..part.clone() }).collect::<Vec<_>>()
        };
        let parts = laws.iter().filter(|(weight, _)| *weight > 0.0).flat_map(weighted).collect();
        let law = Self { parts, is_exact }.merged();
        if law.parts.len() > MOST_PARTS || law.parts.iter().any(Part::is_wild) {
            return Self::fit(law.moments());
        }
        law
    }

    /// Parts with the same shift are one.
    fn merged(self) -> Self {
        let mut parts: Vec<Part> = Vec::with_capacity(self.parts.len());
        for part in self.parts.into_iter().filter(|part| part.weight > 0.0) {
            match parts.iter_mut().find(|known| known.shift == part.shift) {
                None => parts.push(part),
                Some(known) => {
                    let weight = known.weight + part.weight;
                    let (mine, theirs) = (known.weight / weight, part.weight / weight);
                    known.terms.iter_mut().for_each(|(a, _)| *a *= mine);
                    part.terms.iter().for_each(|(a, r)| add_term(&mut known.terms, a * theirs, *r));
                    known.weight = weight;
                }
            }
        }
        Self { parts, is_exact: self.is_exact }
    }

    /// P(X > t).
    pub fn beyond(&self, t: f64) -> f64 {
        self.tail(t).0.clamp(0.0, 1.0)
    }

    /// Its moments.
    pub fn moments(&self) -> Moments {
        let mut all = Moments::ZERO;
        self.parts.iter().for_each(|part| all.mix(part.weight, part.moments()));
        all
    }

    /// P(X > t) and the density at t.
    fn tail(&self, t: f64) -> (f64, f64) {
        let weighted = |(beyond, density): (f64, f64), part: &Part| {
            let (of_part, there) = part.tail(t);
            (beyond + part.weight * of_part, density + part.weight * there)
        };
        self.parts.iter().fold((0.0, 0.0), weighted)
    }

    /// The time that the share `q` stays below, to a relative 1e-8, and 1e-5 beside a jump: by Newton's rule for
    /// ln P(X > t), which is nearly straight in the tail, and by bisection where that leads astray.
    pub fn quantile(&self, q: f64) -> f64 {
        const NEAR: f64 = 1e-8;
        let above = 1.0 - q;
        // So many take no time at all.
        if self.beyond(0.0) <= above {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let (mut t, mut last) = (self.moments().mean.max(1e-12), f64::INFINITY);
        for _ in 0..200 {
            let (beyond, density) = self.tail(t);
            let beyond = beyond.clamp(1e-300, 1.0);
            let height = (beyond / above).ln();
            if height > 0.0 {
                low = t
            } else {
                high = t
            }
            if high.is_finite() && high - low <= NEAR * high {
                return high;
            }
            if low > 1e18 {
                return low;
            }
            let newton = t + height * beyond / density;
            let step = (newton - t).abs();
            if newton > low && newton < high && step < 0.5 * last {
                (t, last) = (newton, step);
                // The next step would be about the square of this one.
                if step <= NEAR.sqrt() * 0.1 * t {
                    return t;
                }
            } else {
                t = if high.is_finite() { low + (high - low) / 2.0 } else { 2.0 * t };
                last = high - low;
            }
        }
        high
    }

    /// P(X > limit), and the moments of X given that it is at most `limit`.
    pub fn cut(&self, limit: f64) -> (f64, Moments) {
        let late = self.beyond(limit);
        let mut within = Moments::ZERO;
        for part in self.parts.iter().filter(|part| part.shift <= limit) {
            let [zeroth, first, second, third] = part.partial(limit - part.shift);
            let s = part.shift;
            let shifted = Moments {
                mean: first + s * zeroth,
                second: second + 2.0 * s * first + s * s * zeroth,
                third: third + 3.0 * s * second + 3.0 * s * s * first + s * s * s * zeroth,
            };
            within.mix(part.weight, shifted);
        }
        (late, within.normalised(1.0 - late))
    }

    /// Of the longest of independent times, each `count` times.
    pub fn longest(laws: &[(Self, u32)]) -> Self {
        let exact = laws.iter().try_fold(Vec::new(), |terms: Vec<(f64, f64)>, (law, count)| {
            // What takes no time is never the longest, however often it happens.
            let count = if law.fixed() == Some(0.0) { 0 } else { *count };
            (0..count).try_fold(terms, |terms, _| law.longest_with(&terms))
        });
        let is_exact = laws.iter().all(|(law, _)| law.is_exact);
        match exact {
            Some(terms) => Self { is_exact, ..Self::one(0.0, terms) },
            None => Self::fit(Self::moments_of_longest(laws)),
        }
    }

    /// Beyond t: A + B - AB. `None` where a shift or too many terms forbid it.
    fn longest_with(&self, others: &[(f64, f64)]) -> Option<Vec<(f64, f64)>> {
        let [part] = self.parts.as_slice() else { return None };
        let mut terms = others.to_vec();
        part.terms.iter().for_each(|(a, r)| add_term(&mut terms, *a, *r));
        for (a, r) in &part.terms {
            others.iter().for_each(|(b, s)| add_term(&mut terms, -a * b, r + s));
        }
        (part.shift == 0.0 && terms.len() <= MOST_TERMS).then_some(terms)
    }

    /// E[X^k] is the integral of k t^(k-1) P(X > t): Simpson's rule, denser near zero.
    fn moments_of_longest(laws: &[(Self, u32)]) -> Moments {
        const STEPS: usize = 512;
        let total: u32 = laws.iter().map(|(_, count)| *count).sum();
        let tail = 1.0 - 1e-6 / f64::from(total.max(1));
        let end = laws.iter().map(|(law, _)| law.quantile(tail)).fold(0.0, f64::max);
        let below = |t: f64| laws.iter().map(|(law, n)| (1.0 - law.beyond(t)).powi(*n as i32)).product::<f64>();
        let mut sum = Moments::ZERO;
        for k in 0..=STEPS {
            let u = k as f64 / STEPS as f64;
            let (t, slope) = (end * u * u, 2.0 * end * u);
            let factor = if k == 0 || k == STEPS {
                1.0
            } else if k % 2 == 1 {
                4.0
            } else {
                2.0
            };
            let area = factor / 3.0 / STEPS as f64 * slope * (1.0 - below(t));
            sum.mean += area;
            sum.second += area * 2.0 * t;
            sum.third += area * 3.0 * t * t;
        }
        sum
    }
}

impl Part {
    /// E[Y^k; Y ≤ limit] for k = 0 … 3, where Y is the time beyond the shift.
    fn partial(&self, limit: f64) -> [f64; 4] {
        let mut sums = [self.atom(), 0.0, 0.0, 0.0];
        for (a, r) in &self.terms {
            let x = r * limit;
            // The incomplete gamma function of whole orders: k!/r^k (1 - e^-x Σ x^j/j!).
            let (mut series, mut power, mut scale) = (0.0, (-x).exp(), *a);
            for (k, sum) in sums.iter_mut().enumerate() {
                if k > 0 {
                    power *= x / k as f64;
                    scale *= k as f64 / r;
                }
                series += if power.is_finite() { power } else { 0.0 };
                *sum += scale * (1.0 - series);
            }
        }
        sums
    }
}

fn add_term(terms: &mut Vec<(f64, f64)>, a: f64, r: f64) {
    match terms.iter_mut().find(|(_, known)| (*known - r).abs() <= 1e-12 * r) {
        Some((known, _)) => *known += a,
        None => terms.push((a, r)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn sums_and_maxima_of_exponentials_are_exact() {
        let law = Law::exponential(0.05).then(&Law::exponential(0.025)).then(&Law::exponential(1.0 / 70.0));
        // Case N01.
        close(law.quantile(0.5), 0.076_426_2, 1e-5);
        close(law.quantile(0.99), 0.281_590, 1e-5);
        let ten = Law::longest(&[(Law::exponential(0.01), 10)]);
        // Case F04.
        close(ten.moments().mean, 0.029_289_7, 1e-5);
        close(ten.quantile(0.99), 0.069_032_4, 1e-5);
        let equal = Law::exponential(1.0).then(&Law::exponential(1.0));
        close(equal.moments().mean, 2.0, 1e-4);
        close(equal.quantile(0.95), 4.743_865, 1e-4);
    }

    #[test]
    fn fits_keep_mean_and_deviation() {
        for scv in [0.05, 0.25, 0.3, 0.4, 0.48, 0.495, 0.5, 0.6, 0.9, 1.0, 1.5, 4.0, 20.0] {
            let law = Law::fit(Moments::mean_scv(0.2, scv));
            close(law.moments().mean, 0.2, 1e-3);
            close(law.moments().scv(), scv, 0.02);
            assert!(law.beyond(0.0) <= 1.0 && law.beyond(100.0) < 1e-6);
        }
    }

    #[test]
    fn a_law_cut_off_and_its_rest_are_the_whole() {
        // Case R07: E[T | T <= 0.1] of an exponential with mean 0.05.
        let (late, within) = Law::exponential(0.05).cut(0.1);
        close(late, (-2.0f64).exp(), 1e-12);
        let exact = (0.05 - (0.1 + 0.05) * late) / (1.0 - late);
        close(within.mean, exact, 1e-12);
        let law = Law::fit(Moments::mean_scv(0.01, 0.2));
        let (late, within) = law.cut(0.5);
        assert!(late < 1e-9);
        close(within.second, law.moments().second, 1e-6);
    }

    #[test]
    fn what_most_get_at_once_has_a_median_of_nothing() {
        let law = Law::wait(0.4, Moments::exponential(0.01));
        assert_eq!(law.quantile(0.5), 0.0);
        close(law.quantile(0.8), 0.01 * 2f64.ln(), 1e-6);
    }

    #[test]
    fn the_longest_of_a_hundred_mixtures() {
        // Case F06.
        let leaf = Dist::Mixture(vec![(0.99, Dist::Constant(0.01)), (0.01, Dist::Constant(1.0))]);
        close(Law::longest(&[(Law::of(&leaf), 100)]).moments().mean, 0.637_628, 0.01);
    }

    #[test]
    fn quantiles_are_where_the_share_is_passed_whether_a_law_jumps_there_or_not() {
        let jumps = Law::mixture(&[
            (0.6, Law::constant(0.12)),
            (0.3, Law::exponential(1.0)),
            (0.1, Law::fit(Moments::mean_scv(3.0, 0.1))),
        ]);
        let shifted = Law::fit(Moments::mean_scv(2.0, 0.05)).then(&Law::wait(0.3, Moments::exponential(0.7)));
        for law in [jumps, shifted, Law::fit(Moments::mean_scv(1e-6, 9.0)), Law::exponential(5e4)] {
            for q in [0.01, 0.3, 0.5, 0.6, 0.65, 0.9, 0.99, 0.999_999] {
                let t = law.quantile(q);
                let (after, before) = (law.beyond(t * (1.0 + 2e-5)), law.beyond(t * (1.0 - 2e-5)));
                assert!(after <= 1.0 - q && before >= 1.0 - q, "{law:?} at {q}: {t} with {before} and {after}");
            }
        }
        assert_eq!(Law::constant(0.12).quantile(0.95), 0.12);
    }
}
