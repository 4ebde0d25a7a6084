//! The exponential distribution by Marsaglia and Tsang's ziggurat of 256 layers.

use super::Rng;
use std::sync::LazyLock;

const R: f64 = 7.697_117_470_131_05;
const V: f64 = 3.949_659_822_581_557e-3;

struct Layers {
    x: [f64; 257],
    density: [f64; 257],
}

/// Computed once; constant from then on.
static LAYERS: LazyLock<Layers> = LazyLock::new(|| {
    let mut x = [0.0; 257];
    (x[0], x[1]) = (V / (-R).exp(), R);
    for n in 2..256 {
        x[n] = -(V / x[n - 1] + (-x[n - 1]).exp()).ln();
    }
    Layers { x, density: x.map(|x| (-x).exp()) }
});

/// A draw with mean 1. All but one in fifty fall inside a layer; only that is worth being inlined.
#[inline]
pub(super) fn exponential(rng: &mut Rng) -> f64 {
    let layers = &*LAYERS;
    let bits = rng.bits();
    let (x, layer) = place(bits, layers);
    if x < layers.x[layer + 1] { x } else { at_the_edge(rng, layers, x, layer) }
}

/// A point of a layer, and which.
#[inline]
fn place(bits: u64, layers: &Layers) -> (f64, usize) {
    let layer = (bits & 0xff) as usize;
    (((bits >> 12) as i64 as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64) * layers.x[layer], layer)
}

/// A draw whose first point lies outside the part of its layer that is under the curve for certain.
#[cold]
#[inline(never)]
fn at_the_edge(rng: &mut Rng, layers: &Layers, mut x: f64, mut layer: usize) -> f64 {
    loop {
        if x < layers.x[layer + 1] {
            return x;
        }
        if layer == 0 {
            return R - rng.uniform().ln();
        }
        let (upper, lower) = (layers.density[layer + 1], layers.density[layer]);
        if lower + (upper - lower) * rng.uniform() < (-x).exp() {
            return x;
        }
        (x, layer) = place(rng.bits(), layers);
    }
}

#[cfg(test)]
mod tests {
    use crate::sim::rng::Streams;

    #[test]
    fn moments_and_tail_are_those_of_the_exponential() {
        let mut rng = Streams::new(7, 0).of("test", "exponential");
        let n = 2_000_000;
        let draws: Vec<f64> = (0..n).map(|_| rng.exponential()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let square = draws.iter().map(|x| x * x).sum::<f64>() / f64::from(n);
        assert!((mean - 1.0).abs() < 4.0 / f64::from(n).sqrt(), "{mean}");
        assert!((square - 2.0).abs() < 4.0 * (20.0 / f64::from(n)).sqrt(), "{square}");
        for (limit, exact) in [(0.1, 0.904_837_4), (1.0, 0.367_879_4), (5.0, 0.006_737_9), (8.0, 0.000_335_46)] {
            let share = draws.iter().filter(|x| **x > limit).count() as f64 / f64::from(n);
            let sd = (exact * (1.0 - exact) / f64::from(n)).sqrt();
            assert!((share - exact).abs() < 4.5 * sd, "P(X > {limit}) = {share}, not {exact}");
        }
    }
}
