//! Caches that keep the latest keys.

use crate::model::KeyPopularity;
use std::cell::Cell;

/// The most popular keys, taken one by one; the others in groups, each of which ends this much further down than it begins.
const ALONE: u32 = 16;
const GROWTH: f64 = 2.0;

/// A cache of so many entries under independent requests for keys of Zipf popularity, by its characteristic time: a key
/// is there when it was asked for in the time in which as many different keys are asked for as there are entries (Che,
/// Tung and Wang, 2002; why that is so good: Fricker, Robert and Roberts, 2012).
#[derive(Debug, Clone)]
pub(super) struct Lru {
    /// Keys of (nearly) the same popularity: their share of the requests, each, and how many they are.
    keys: Vec<(f64, f64)>,
    /// The characteristic time in requests; infinite where all keys fit.
    time: f64,
    entries: u32,
    /// How long an entry lives, s.
    ttl: f64,
    /// The last that was asked: rate, time of a fetch, and what came of it.
    last: Cell<Option<(f64, f64, Hits)>>,
    /// The characteristic time then: the next is near it.
    near: Cell<f64>,
}

/// What becomes of requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hits {
    /// Share that is answered from the cache.
    pub ratio: f64,
    /// Share that comes while the same key is being fetched.
    pub beside: f64,
}

impl Lru {
    /// Of the model's numbers.
    pub fn new(entries: u32, popularity: KeyPopularity, ttl: Option<f64>) -> Self {
        let (keys, entries) = (groups(popularity), entries.max(1));
        let mut lru = Self {
            keys,
            time: f64::INFINITY,
            entries,
            ttl: ttl.unwrap_or(f64::INFINITY),
            last: Cell::new(None),
            near: Cell::new(f64::INFINITY),
        };
        if entries < popularity.keys {
            lru.time = lru.characteristic(f64::from(entries), 0.0);
            lru.near.set(lru.time);
        }
        lru
    }

    /// The time after which a key that nobody asks for is gone, in requests, when so many come during a fetch: with it as
    /// many keys are there as there are entries. By Newton's rule, kept between what is too short and too long.
    fn characteristic(&self, time: f64, during: f64) -> f64 {
        let (mut time, mut low, mut high) = (time, 0.0, f64::INFINITY);
        let meanwhile: Vec<Meanwhile> = self.keys.iter().map(|(p, _)| Meanwhile::of(p * during)).collect();
        for _ in 0..100 {
            let (mut there, mut slope) = (0.0, 0.0);
            for ((p, n), meanwhile) in self.keys.iter().zip(&meanwhile) {
                let absent = (-p * time).exp();
                let present = if during > 0.0 { meanwhile.found_share(absent.recip() - 1.0) } else { 1.0 - absent };
                there += n * present;
                // Of 1 - m / (e^x - 1 + m), up to what the fetch adds.
                slope += n * p * (1.0 - present) * (present + absent);
            }
            let missing = f64::from(self.entries) - there;
            if missing > 0.0 {
                low = time
            } else {
                high = time
            }
            let next = time + missing / slope.max(1e-300);
            let middle = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * time };
            let next = if next > low && next < high { next } else { middle };
            let step = (next - time).abs();
            time = next;
            if step <= 1e-8 * time {
                break;
            }
        }
        time
    }

    /// Hits of `rate` requests a second whose misses take `fetch` seconds.
    ///
    /// A key that was fetched is found again until none asks for it for the characteristic time, or it has lived
    /// long enough; that many hits follow each fetch, and whoever asks during the fetch misses, too.
    pub fn hits(&self, rate: f64, fetch: f64) -> Hits {
        const SAME: f64 = 1e-5;
        let is_same = |a: f64, b: f64| (a - b).abs() <= SAME * b;
        match self.last.get() {
            Some((before, took, hits)) if is_same(rate, before) && is_same(fetch, took) => hits,
            _ => {
                let hits = self.worked_out(rate, fetch);
                self.last.set(Some((rate, fetch, hits)));
                hits
            }
        }
    }

    fn worked_out(&self, rate: f64, fetch: f64) -> Hits {
        const SHORT: f64 = 1e-3;
        let during = rate * fetch;
        let is_short = self.time.is_infinite() || self.keys[0].0 * during < SHORT;
        let time = if is_short { self.time } else { self.characteristic(self.near.get(), during) };
        self.near.set(time);
        let mut hits = Hits { ratio: 0.0, beside: 0.0 };
        for &(p, n) in &self.keys {
            let meanwhile = Meanwhile::of(p * during);
            let ratio = meanwhile.found_share(chain(p * time, p * rate * self.ttl));
            hits.ratio += n * p * ratio;
            hits.beside += n * p * (1.0 - ratio) * meanwhile.mean / (1.0 + meanwhile.mean);
        }
        hits
    }

    /// Whether entries die of age.
    pub fn forgets(&self) -> bool {
        self.ttl.is_finite()
    }

    /// Most that the share of misses may be off, relative. The tests hold it to that.
    pub fn error(&self) -> f64 {
        if self.time.is_infinite() {
            return 0.01;
        }
        if self.entries < 20 { 0.05 } else { 0.02 }
    }
}

/// Requests for a key during its fetch: how many, and what the last of them adds, which refreshes it.
struct Meanwhile {
    mean: f64,
    last: f64,
}

impl Meanwhile {
    fn of(mean: f64) -> Self {
        Self { mean, last: mean + (-mean).exp_m1() }
    }

    /// Share of requests for the key that find it, when `found` do after each fetch.
    fn found_share(&self, found: f64) -> f64 {
        let hits = found + self.last;
        if hits.is_finite() { hits / (hits + 1.0 + self.mean) } else { 1.0 }
    }
}

/// Mean number of requests of a Poisson process that follow a fetch until a gap longer than `gap` or the end of `life`,
/// both in mean gaps. Exact while life is the shorter and where it has no end; between the two, what follows the first
/// gap's time is taken to die away exponentially.
fn chain(gap: f64, life: f64) -> f64 {
    if life <= gap {
        return life;
    }
    let without_end = gap.exp_m1();
    let later = without_end - gap;
    if !later.is_finite() || life.is_infinite() {
        return without_end.min(life);
    }
    let rate = -(-gap).exp_m1() / later;
    gap - later * (-rate * (life - gap)).exp_m1()
}

/// Shares of the keys: each of those in front, and where they are many two for each group, at the points of Gauss.
fn groups(popularity: KeyPopularity) -> Vec<(f64, f64)> {
    let (s, all) = (popularity.exponent, popularity.keys.max(1));
    let mut groups: Vec<(f64, f64)> = (1..=all.min(ALONE)).map(|k| (f64::from(k).powf(-s), 1.0)).collect();
    let integral = |x: f64| if (s - 1.0).abs() < 1e-9 { x.ln() } else { x.powf(1.0 - s) / (1.0 - s) };
    let mut from = all.min(ALONE);
    while from < all {
        let to = (f64::from(from) * GROWTH).ceil().min(f64::from(all)) as u32;
        let (low, high) = (f64::from(from) + 0.5, f64::from(to) + 0.5);
        let (middle, apart) = (0.5 * (low + high), 0.5 * (high - low) / 3_f64.sqrt());
        let points = [middle - apart, middle + apart].map(|x| x.powf(-s));
        // All of the group together have exactly their share.
        let both = points[0] + points[1];
        let whole = if both > 0.0 { (integral(high) - integral(low)) / both } else { 0.0 };
        let half = 0.5 * f64::from(to - from);
        groups.extend(points.map(|weight| (weight * whole / half, half)));
        from = to;
    }
    let sum: f64 = groups.iter().map(|(weight, n)| weight * n).sum();
    groups.iter_mut().for_each(|(weight, _)| *weight /= sum);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(entries: u32, exponent: f64, keys: u32) -> f64 {
        Lru::new(entries, KeyPopularity { exponent, keys }, None).hits(1000.0, 0.0).ratio
    }

    #[test]
    fn k04_by_che_and_k03_nearly() {
        // The reference is Che's own number.
        assert!((ratio(1000, 0.8, 10_000) - 0.436_659_722).abs() < 5e-4, "{}", ratio(1000, 0.8, 10_000));
        let small = Lru::new(3, KeyPopularity { exponent: 1.0, keys: 10 }, None);
        let miss = 1.0 - small.hits(1.0, 0.0).ratio;
        assert!((miss - 0.529_335_81).abs() <= small.error() * 0.529_335_81, "{miss}");
    }

    #[test]
    fn uniform_keys_are_hit_by_their_share_and_all_that_fit_always() {
        assert!((ratio(250, 0.0, 1000) - 0.25).abs() < 1e-9);
        assert!((ratio(1000, 0.9, 1000) - 1.0).abs() < 1e-12);
        assert!((ratio(1, 1.0, 1) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn groups_stand_for_every_key() {
        for (exponent, keys) in [(0.6, 100_000), (1.0, 3_000), (1.4, 1_000_000)] {
            let exact: f64 = (1..=keys).map(|k| f64::from(k).powf(-exponent)).sum();
            let groups = groups(KeyPopularity { exponent, keys });
            assert!((groups[0].0 * exact - 1.0).abs() < 1e-3, "{exponent}, {keys}");
            let count: f64 = groups.iter().map(|(_, n)| n).sum();
            assert_eq!(count, f64::from(keys));
            assert!(groups.len() < 100);
        }
    }

    #[test]
    fn where_all_ask_for_one_key_all_but_hit() {
        assert!(ratio(3, 400.0, 10_000) > 0.999);
        assert!(ratio(3, 30.0, u32::MAX) > 0.999);
    }

    #[test]
    fn as_many_keys_are_there_as_there_are_entries_however_long_a_fetch_takes() {
        let lru = Lru::new(30, KeyPopularity { exponent: 0.9, keys: 200 }, None);
        for during in [0.0, 5.0, 50.0] {
            let time = lru.characteristic(10.0, during);
            let there: f64 =
                lru.keys.iter().map(|(p, n)| n * Meanwhile::of(p * during).found_share((p * time).exp_m1())).sum();
            assert!((there - 30.0).abs() < 1e-6, "{there} after {during}");
        }
    }

    #[test]
    fn entries_that_live_for_a_while_are_hit_as_often_as_they_are_asked_for_in_it() {
        let keys = KeyPopularity { exponent: 0.0, keys: 100 };
        // Each key once a second: λτ / (1 + λτ).
        let lru = Lru::new(100, keys, Some(3.0));
        assert!((lru.hits(100.0, 0.0).ratio - 0.75).abs() < 1e-12);
        // And those who ask while it is fetched miss.
        let slow = lru.hits(100.0, 0.1);
        assert!(slow.ratio < 0.75 && slow.beside > 0.02, "{slow:?}");
    }
}
