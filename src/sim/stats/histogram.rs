//! A log-linear histogram of times (after HdrHistogram): 512 buckets to each doubling.
//!
//! A quantile is the middle of its bucket, at most 1/1024 off. A bucket that has only ever seen one
//! value gives exactly that value, so constant times come out exact.

use super::Squares;
use serde::{Deserialize, Serialize};

/// What a bucket has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bucket {
    count: u32,
    /// Offset of its only value from its lower edge; `MIXED` when there were several.
    only: u32,
}

impl Bucket {
    /// Whether it has counted before, and can go on.
    #[inline]
    fn is_common(self) -> bool {
        self.count.wrapping_sub(1) < u32::MAX - 1
    }

    #[inline]
    fn add(&mut self, offset: u64) {
        self.only = if u64::from(self.only) == offset { self.only } else { MIXED };
        self.count += 1;
    }
}

const MIXED: u32 = u32::MAX;
const SUB: usize = 512;
const CHUNKS: usize = 56;
/// Times that are counted together.
const BATCH: usize = 2048;

/// The buckets of one doubling.
#[derive(Debug, Clone, PartialEq)]
struct Chunk {
    /// One bit for each bucket that has ever counted: most have not.
    used: [u64; SUB / 64],
    buckets: [Bucket; SUB],
}

impl Chunk {
    const EMPTY: Self = Self { used: [0; SUB / 64], buckets: [Bucket { count: 0, only: 0 }; SUB] };

    #[inline]
    fn add(&mut self, at: usize, offset: u64, times: u32) {
        let cell = &mut self.buckets[at % SUB];
        let offset = u32::try_from(offset).unwrap_or(MIXED);
        if cell.count == 0 {
            cell.only = offset;
            self.used[at % SUB / 64] |= 1 << (at % 64);
        }
        cell.only = if cell.only == offset { offset } else { MIXED };
        cell.count += times;
    }

    /// Buckets that have counted: number and bucket.
    fn filled(&self) -> impl Iterator<Item = (usize, &Bucket)> {
        let bits = |mut word: u64| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                word &= word.wrapping_sub(1);
                (bit < 64).then_some(bit)
            })
        };
        let places = self.used.iter().enumerate().flat_map(move |(n, word)| bits(*word).map(move |bit| n * 64 + bit));
        places.map(|at| (at, &self.buckets[at])).filter(|(_, bucket)| bucket.count > 0)
    }
}

/// Counts of times in ns, with their sum, sum of squares and extremes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
#[repr(C)]
pub(crate) struct Histogram {
    /// Times that are counted together: their buckets are far apart in memory, and one after the
    /// other would wait for each.
    recent: Vec<u64>,
    /// Times of 0, which are common and need no bucket.
    zeros: u64,
    /// All others.
    counts: Box<Counts>,
}

/// Times in buckets. They stand apart: what is hot of a histogram fits beside what is hot of its owner.
#[derive(Debug, Clone, Default, PartialEq)]
struct Counts {
    /// All buckets, as long as there are no chunks: what has seen few times needs a tenth of their memory.
    few: Sparse,
    chunks: Vec<Option<Box<Chunk>>>,
    /// Full counters, moved here: (bucket, count).
    overflow: Vec<(u32, u64)>,
    counted: u64,
    sum: u128,
    squares: Squares,
    max: u64,
}

/// Buckets that are not empty: (bucket, count, only value).
pub(crate) type Sparse = Box<[(u32, u32, u32)]>;

/// The bucket of a value, and how far the value is from its lower edge.
fn place_of(value: u64) -> (usize, u64) {
    // What is below 1024 has a bucket of its own.
    let shift = 54 - (value | 512).leading_zeros();
    let place = value >> shift;
    (((shift as usize) << 9) + place as usize, value - (place << shift))
}

fn lower_edge(bucket: usize) -> u64 {
    if bucket < 1024 { bucket as u64 } else { ((bucket & 511) as u64 + 512) << ((bucket >> 9) - 1) }
}

fn width(bucket: usize) -> u64 {
    if bucket < 1024 { 1 } else { 1 << ((bucket >> 9) - 1) }
}

impl Counts {
    #[inline(never)]
    fn add(&mut self, times: &[u64]) {
        let (mut sum, mut squares, mut max) = (self.sum, self.squares, self.max);
        for &value in times {
            sum += u128::from(value);
            squares.add(value);
            max = max.max(value);
            let (bucket, offset) = place_of(value);
            match self.chunks.get_mut(bucket >> 9) {
                Some(Some(chunk)) if chunk.buckets[bucket % SUB].is_common() => chunk.buckets[bucket % SUB].add(offset),
                _ => self.with_room(bucket, 1).add(bucket, offset, 1),
            }
        }
        (self.sum, self.squares, self.max) = (sum, squares, max);
        self.counted += times.len() as u64;
    }

    /// The same as [`Self::add`] where nothing was counted before: without chunks. Leaves the times in order.
    fn add_few(&mut self, times: &mut [u64]) {
        for value in times.iter().copied() {
            self.sum += u128::from(value);
            self.squares.add(value);
        }
        times.sort_unstable();
        self.max = times.last().copied().unwrap_or(0);
        self.counted = times.len() as u64;
        let mut few: Vec<(u32, u32, u32)> = Vec::with_capacity(times.len());
        for value in times.iter().copied() {
            let (bucket, offset) = place_of(value);
            let (bucket, offset) = (bucket as u32, u32::try_from(offset).unwrap_or(MIXED));
            match few.last_mut().filter(|last| last.0 == bucket) {
                Some(last) => *last = (bucket, last.1 + 1, if last.2 == offset { offset } else { MIXED }),
                None => few.push((bucket, 1, offset)),
            }
        }
        self.few = few.into();
    }

    /// The chunk of a bucket, with room there for so many more; makes what is missing.
    #[cold]
    fn with_room(&mut self, bucket: usize, room: u32) -> &mut Chunk {
        if self.chunks.is_empty() {
            self.chunks.resize(CHUNKS, None);
            for (bucket, count, only) in std::mem::take(&mut self.few) {
                self.with_room(bucket as usize, count).add(bucket as usize, u64::from(only), count);
            }
        }
        let chunk = self.chunks[bucket >> 9].get_or_insert_with(|| Box::new(Chunk::EMPTY));
        let cell = &mut chunk.buckets[bucket % SUB];
        if cell.count > u32::MAX - room {
            self.overflow.push((bucket as u32, u64::from(cell.count)));
            cell.count = 0;
        }
        chunk
    }

    fn filled(&self) -> impl Iterator<Item = (u32, u32, u32)> + '_ {
        let chunks = self.chunks.iter().enumerate().filter_map(|(n, chunk)| Some((n, chunk.as_ref()?)));
        let filled =
            chunks.flat_map(|(n, chunk)| chunk.filled().map(move |(k, b)| ((n * SUB + k) as u32, b.count, b.only)));
        self.few.iter().copied().chain(filled)
    }

    fn overflowed(&self, bucket: u32) -> u64 {
        self.overflow.iter().filter(|(b, _)| *b == bucket).map(|(_, count)| count).sum()
    }
}

impl Histogram {
    /// Counts a time.
    #[inline]
    pub fn record(&mut self, value: u64) {
        if value == 0 {
            self.zeros += 1;
            return;
        }
        if self.recent.len() == self.recent.capacity() {
            self.make_room();
        }
        self.recent.push(value);
    }

    /// Counts so many times of 0.
    pub fn record_zeros(&mut self, count: u64) {
        self.zeros += count;
    }

    /// Lets the batch grow, or counts it when it is whole: what sees few times stays small.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        if self.recent.len() < BATCH {
            self.recent.reserve_exact(self.recent.len().max(BATCH / 8))
        } else {
            self.counts.add(&self.recent);
            self.recent.clear();
        }
    }

    /// Counts what was recorded last. Before it is read, a histogram has to be settled.
    pub fn settle(&mut self) {
        if self.counts.counted == 0 && self.counts.chunks.is_empty() {
            self.counts.add_few(&mut self.recent);
        } else {
            self.counts.add(&self.recent);
        }
        self.recent.clear();
    }

    /// Adds what another has seen.
    pub fn merge(&mut self, other: &Self) {
        debug_assert!(other.recent.is_empty(), "not settled");
        let (to, from) = (&mut self.counts, &other.counts);
        for (bucket, count, only) in from.filled() {
            to.with_room(bucket as usize, count).add(bucket as usize, u64::from(only), count);
        }
        to.overflow.extend(&from.overflow);
        to.counted += from.counted;
        to.sum += from.sum;
        to.squares.merge(&from.squares);
        to.max = to.max.max(from.max);
        self.zeros += other.zeros;
    }

    /// Adds what was taken out by [`Self::take`]; sums are those of the buckets' middles.
    pub fn merge_sparse(&mut self, part: &Sparse) {
        let to = &mut self.counts;
        for &(bucket, count, only) in part {
            to.with_room(bucket as usize, count).add(bucket as usize, u64::from(only), count);
            let value = representative(bucket as usize, only);
            to.counted += u64::from(count);
            to.sum += u128::from(value) * u128::from(count);
            to.squares.add_times(value, u64::from(count));
            to.max = to.max.max(value);
        }
    }

    /// Takes out what it has seen since the last time and is empty again.
    pub fn take(&mut self) -> Sparse {
        self.settle();
        let zeros = u32::try_from(std::mem::take(&mut self.zeros)).unwrap_or(u32::MAX);
        let counts = &mut self.counts;
        if zeros > 0 {
            counts.with_room(0, zeros).add(0, 0, zeros);
        }
        let sparse: Sparse = counts.filled().collect();
        for chunk in counts.chunks.iter_mut().flatten() {
            **chunk = Chunk::EMPTY;
        }
        (counts.counted, counts.sum, counts.squares, counts.max) = (0, 0, Squares::default(), 0);
        counts.few = Sparse::default();
        sparse
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.counts.counted + self.zeros + self.recent.len() as u64
    }

    /// Mean in seconds; 0 without any.
    pub fn mean(&self) -> f64 {
        debug_assert!(self.recent.is_empty(), "not settled");
        if self.count() == 0 { 0.0 } else { self.counts.sum as f64 / self.count() as f64 / 1e9 }
    }

    /// Standard deviation in seconds.
    pub fn stddev(&self) -> f64 {
        self.counts.squares.deviation(self.counts.sum, self.count()) / 1e9
    }

    /// Largest in seconds.
    pub fn max(&self) -> f64 {
        self.counts.max as f64 / 1e9
    }

    /// The value that a share `q` of all does not exceed, in seconds: the ⌈q n⌉-th smallest; 0 without any.
    pub fn quantile(&self, q: f64) -> f64 {
        let [value] = self.quantiles([q]);
        value
    }

    /// Several quantiles at once; the shares ascend.
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        debug_assert!(self.recent.is_empty(), "not settled");
        let (counts, all) = (&*self.counts, self.count() as f64);
        let mut filled = counts.filled();
        let (mut seen, mut value) = (self.zeros, 0.0);
        shares.map(|q| {
            let rank = (q * all - 1e-9).ceil().max(1.0) as u64;
            while seen < rank {
                let Some((bucket, count, only)) = filled.next() else { return self.max() };
                seen += u64::from(count) + counts.overflowed(bucket);
                value = representative(bucket as usize, only).min(counts.max) as f64 / 1e9;
            }
            value
        })
    }
}

/// Times above a limit in seconds, and all times.
pub(crate) fn beyond(times: &Sparse, limit: f64) -> [u64; 2] {
    let is_beyond = |bucket: u32, only: u32| representative(bucket as usize, only) as f64 / 1e9 > limit;
    let add = |[above, all]: [u64; 2], &(bucket, count, only): &(u32, u32, u32)| {
        let count = u64::from(count);
        [above + if is_beyond(bucket, only) { count } else { 0 }, all + count]
    };
    times.iter().fold([0, 0], add)
}

/// A histogram as it is kept: only what is not empty.
#[derive(Serialize, Deserialize)]
struct Packed {
    filled: Sparse,
    overflow: Vec<(u32, u64)>,
    counted: u64,
    zeros: u64,
    sum: u128,
    squares: Squares,
    max: u64,
}

impl From<Histogram> for Packed {
    fn from(mut h: Histogram) -> Self {
        h.settle();
        let Counts { overflow, counted, sum, squares, max, .. } = &*h.counts;
        Self {
            filled: h.counts.filled().collect(),
            overflow: overflow.clone(),
            counted: *counted,
            zeros: h.zeros,
            sum: *sum,
            squares: *squares,
            max: *max,
        }
    }
}

impl From<Packed> for Histogram {
    fn from(packed: Packed) -> Self {
        let Packed { filled, overflow, counted, zeros, sum, squares, max } = packed;
        let mut counts = Counts { overflow, counted, sum, squares, max, ..Counts::default() };
        for &(bucket, count, only) in &filled {
            // What is out of range was never written by us.
            if (bucket as usize) < CHUNKS * SUB {
                counts.with_room(bucket as usize, 0).add(bucket as usize, u64::from(only), count);
            }
        }
        Self { recent: Vec::new(), zeros, counts: Box::new(counts) }
    }
}

fn representative(bucket: usize, only: u32) -> u64 {
    lower_edge(bucket) + if only == MIXED { width(bucket) / 2 } else { u64::from(only) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_within_a_thousandth() {
        let mut value = 1_u64;
        while value < u64::MAX / 3 {
            for v in [value, value + value / 3, value * 2 - 1] {
                let (bucket, offset) = place_of(v);
                let (low, width) = (lower_edge(bucket), width(bucket));
                assert_eq!(low + offset, v);
                assert!(low <= v && v - low < width, "{v}");
                assert!(width as f64 / 2.0 <= low as f64 / 1000.0 || width == 1, "{v}");
            }
            value *= 2;
        }
    }

    #[test]
    fn few_times_and_the_same_in_chunks_are_one_histogram() {
        for times in 1..40_u64 {
            let values = || (0..times).map(|n| n * n * n % 17 * 400_000_000_001 + n % 3);
            let (mut few, mut chunks) = (Histogram::default(), Histogram::default());
            chunks.counts.chunks.resize(CHUNKS, None);
            values().for_each(|value| few.record(value));
            values().for_each(|value| chunks.record(value));
            few.settle();
            chunks.settle();
            assert!(few.counts.chunks.is_empty() && chunks.counts.few.is_empty());
            let kept = |h: &Histogram| serde_json::to_string(h).unwrap();
            assert_eq!(kept(&few), kept(&chunks));
            // It goes on like any other.
            few.record(5_000);
            chunks.record(5_000);
            few.settle();
            chunks.settle();
            assert_eq!(kept(&few), kept(&chunks));
        }
    }

    #[test]
    fn quantiles_of_constants_are_exact_and_merging_changes_nothing() {
        let mut whole = Histogram::default();
        let mut parts = [Histogram::default(), Histogram::default()];
        for n in 0..10_000_u64 {
            let value = n * n * 977 + 20_000_000;
            whole.record(value);
            parts[(n % 2) as usize].record(value);
        }
        whole.settle();
        parts.iter_mut().for_each(Histogram::settle);
        let mut merged = Histogram::default();
        parts.iter().for_each(|part| merged.merge(part));
        for q in [0.0, 0.5, 0.95, 0.999, 1.0] {
            assert_eq!(whole.quantile(q), merged.quantile(q));
            let exact = ((q * 10_000.0).ceil().max(1.0) - 1.0).powi(2) * 977.0 + 20_000_000.0;
            assert!((whole.quantile(q) * 1e9 / exact - 1.0).abs() < 1e-3);
        }
        let mut zeros = Histogram::default();
        [0, 0, 5].into_iter().for_each(|value| zeros.record(value));
        zeros.settle();
        assert_eq!((zeros.quantile(0.6), zeros.quantile(0.7), zeros.count()), (0.0, 5e-9, 3));
        let sparse = zeros.take();
        zeros.merge_sparse(&sparse);
        assert_eq!((zeros.quantile(0.6), zeros.quantile(0.7), zeros.count()), (0.0, 5e-9, 3));
        let mut constant = Histogram::default();
        (0..10).for_each(|_| constant.record(120_000_000));
        constant.settle();
        assert_eq!(constant.quantile(0.95), 0.12);
        let sparse = constant.take();
        assert_eq!(constant.count(), 0);
        constant.merge_sparse(&sparse);
        assert_eq!((constant.quantile(0.5), constant.mean()), (0.12, 0.12));
    }
}
