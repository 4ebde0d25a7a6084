//! Draws from a product that is too large to take whole: Sobol points and Latin hypercubes.
//!
//! Draws without replacement, in the order of the product, the same for the same seed.

use super::point::Space;
use crate::model::Sample;
use std::collections::BTreeSet;

/// Draws for each wanted combination before the rest is taken in order: a product hardly larger than
/// the sample is hit again and again.
const PATIENCE: u64 = 64;

/// Most ranks looked at when the rest is taken in order.
const REST: u128 = 10_000_000;

/// Ranks of the sample, ascending: as many as asked for, unless fewer pass `keep`.
pub(super) fn draw(space: &Space, sample: Sample, seed: u64, keep: impl Fn(u128) -> bool) -> Vec<u128> {
    let mut drawn = BTreeSet::new();
    let wanted = sample.count.min(u64::try_from(space.size()).unwrap_or(u64::MAX));
    let mut source = if sample.latin { Source::latin(space, sample.count, seed) } else { Source::sobol(space, seed) };
    let mut left = wanted.saturating_mul(PATIENCE);
    while (drawn.len() as u64) < wanted && left > 0 {
        left -= 1;
        let rank = space.rank(source.next(space));
        if !drawn.contains(&rank) && keep(rank) {
            drawn.insert(rank);
        }
    }
    let missing = |drawn: &BTreeSet<u128>| (drawn.len() as u64) < wanted;
    for rank in (0..space.size().min(REST)).take_while(|_| left == 0) {
        if !missing(&drawn) {
            break;
        }
        if keep(rank) {
            drawn.insert(rank);
        }
    }
    drawn.into_iter().collect()
}

/// Where draws come from.
enum Source {
    Sobol(Sobol),
    Latin(Latin),
}

impl Source {
    fn sobol(space: &Space, seed: u64) -> Self {
        Self::Sobol(Sobol::new(space.dimensions().len(), seed))
    }

    fn latin(space: &Space, count: u64, seed: u64) -> Self {
        let dimensions = space.dimensions().len();
        Self::Latin(Latin { rng: SplitMix(seed), count, at: count, strata: vec![Vec::new(); dimensions] })
    }

    /// The next draw: the index of a value for each dimension.
    fn next(&mut self, space: &Space) -> Vec<u64> {
        let lens = space.dimensions().iter().map(|dimension| dimension.len);
        match self {
            Self::Sobol(sobol) => {
                let units = sobol.next();
                lens.zip(units).map(|(len, unit)| pick(len, unit)).collect()
            }
            Self::Latin(latin) => {
                let units = latin.next();
                lens.zip(units).map(|(len, unit)| pick(len, unit)).collect()
            }
        }
    }
}

/// The value at a place in [0, 1).
fn pick(len: u64, unit: f64) -> u64 {
    ((unit * len as f64) as u64).min(len.saturating_sub(1))
}

/// Latin hypercubes one after the other: within each, every dimension is cut into as many strata as
/// there are draws, and each stratum is hit once.
struct Latin {
    rng: SplitMix,
    count: u64,
    at: u64,
    strata: Vec<Vec<u64>>,
}

impl Latin {
    fn next(&mut self) -> Vec<f64> {
        if self.at >= self.count {
            self.shuffle();
        }
        let at = self.at as usize;
        self.at += 1;
        let (rng, count) = (&mut self.rng, self.count as f64);
        self.strata.iter().map(|strata| (strata[at] as f64 + rng.unit()) / count).collect()
    }

    fn shuffle(&mut self) {
        self.at = 0;
        for strata in &mut self.strata {
            *strata = (0..self.count).collect();
            for last in (1..strata.len()).rev() {
                strata.swap(last, self.rng.below(last as u64 + 1) as usize);
            }
        }
    }
}

/// A digitally shifted Sobol sequence.
struct Sobol {
    index: u32,
    dimensions: Vec<SobolDimension>,
    rng: SplitMix,
}

struct SobolDimension {
    directions: [u32; 32],
    state: u32,
    shift: u32,
}

impl Sobol {
    fn new(dimensions: usize, seed: u64) -> Self {
        let mut rng = SplitMix(seed);
        let shifts: Vec<u32> = (0..dimensions).map(|_| rng.next() as u32).collect();
        let dimension = |(n, shift)| Some(SobolDimension { directions: directions(n)?, state: 0, shift });
        Self { index: 0, dimensions: shifts.into_iter().enumerate().map_while(dimension).collect(), rng }
    }

    /// Places in [0, 1), one for each dimension; those beyond the table of directions are random.
    fn next(&mut self) -> impl Iterator<Item = f64> + '_ {
        let changed = self.index.trailing_ones().min(31) as usize;
        self.index = self.index.wrapping_add(1);
        let rng = &mut self.rng;
        let place = |d: &SobolDimension| f64::from(d.state ^ d.shift) / 4_294_967_296.0;
        let table = self.dimensions.iter_mut().map(move |dimension| {
            let unit = place(dimension);
            dimension.state ^= dimension.directions[changed];
            unit
        });
        table.chain(std::iter::repeat_with(move || rng.unit()))
    }
}

/// Degree, inner coefficients and first direction numbers of the primitive polynomials of Joe and
/// Kuo (2008, new-joe-kuo-6), from the second dimension on.
const POLYNOMIALS: &[(u32, u32, &[u32])] = &[
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

/// The direction numbers of a dimension, from 0; `None` beyond the table.
fn directions(dimension: usize) -> Option<[u32; 32]> {
    let mut v = [0u32; 32];
    let Some(row) = dimension.checked_sub(1) else {
        v.iter_mut().zip((0..32).rev()).for_each(|(v, bit)| *v = 1 << bit);
        return Some(v);
    };
    let (degree, inner, first) = *POLYNOMIALS.get(row)?;
    let s = degree as usize;
    for (n, m) in first.iter().enumerate() {
        v[n] = m << (31 - n);
    }
    for n in s..32 {
        v[n] = v[n - s] ^ (v[n - s] >> s);
        for k in 1..s {
            if inner >> (s - 1 - k) & 1 == 1 {
                v[n] ^= v[n - k];
            }
        }
    }
    Some(v)
}

/// SplitMix64: for the few random numbers of a plan.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(lens: &[u64], count: u64, latin: bool, seed: u64) -> Vec<u128> {
        draw(&Space::new(lens, &[]).unwrap(), Sample { count, latin }, seed, |_| true)
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        for latin in [false, true] {
            let first = ranks(&[100, 100], 50, latin, 1);
            assert_eq!(first.len(), 50);
            assert!(first.windows(2).all(|pair| pair[0] < pair[1]), "ascending, without repetition");
            assert_eq!(first, ranks(&[100, 100], 50, latin, 1));
            assert_ne!(first, ranks(&[100, 100], 50, latin, 2));
        }
    }

    #[test]
    fn a_sample_of_everything_is_everything() {
        for latin in [false, true] {
            assert_eq!(ranks(&[3, 4], 500, latin, 1), (0..12).collect::<Vec<_>>());
            assert_eq!(ranks(&[5, 5], 24, latin, 1).len(), 24);
        }
    }

    #[test]
    fn what_is_left_out_is_never_drawn() {
        let space = Space::new(&[10, 10], &[]).unwrap();
        let even = draw(&space, Sample { count: 80, latin: false }, 7, |rank| rank % 2 == 0);
        assert_eq!(even, (0..50).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn every_projection_of_a_sobol_sample_is_even() {
        // A (t, m, s)-net in base 2: each elementary interval of a single dimension is hit once.
        let mut sobol = Sobol::new(21, 99);
        let points: Vec<Vec<f64>> = (0..64).map(|_| sobol.next().take(21).collect()).collect();
        for dimension in 0..21 {
            let mut cells: Vec<u64> = points.iter().map(|point| pick(64, point[dimension])).collect();
            cells.sort_unstable();
            assert_eq!(cells, (0..64).collect::<Vec<_>>(), "dimension {dimension}");
        }
    }

    #[test]
    fn the_sobol_sequence_is_the_published_one() {
        let mut sobol = Sobol::new(3, 0);
        sobol.dimensions.iter_mut().for_each(|d| d.shift = 0);
        let points: Vec<Vec<f64>> = (0..4).map(|_| sobol.next().take(3).collect()).collect();
        assert_eq!(points, [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.25, 0.75, 0.75]]);
    }

    #[test]
    fn a_latin_sample_hits_every_value_of_a_dimension_equally_often() {
        let space = Space::new(&[1000, 1000, 10], &[]).unwrap();
        let mut point = Vec::new();
        let mut counts = [0; 10];
        for rank in ranks(&[1000, 1000, 10], 100, true, 3) {
            space.point(rank, &mut point);
            counts[point[2] as usize] += 1;
        }
        assert_eq!(counts, [10; 10]);
    }

    #[test]
    fn many_dimensions_and_huge_axes_are_drawn_from_too() {
        assert_eq!(ranks(&[2; 100], 64, false, 1).len(), 64);
        assert_eq!(ranks(&[u64::MAX, 3], 64, true, 1).len(), 64);
    }
}
