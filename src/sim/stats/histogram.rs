//! A histogram of times with 512 buckets to each doubling.
//!
//! A quantile is the middle of its bucket, at most 1/1024 off. A bucket that has only ever seen one
//! value gives exactly that value, so constant times come out exact.

use super::buckets::{CHUNKS, Chunk, SUB, place_of, representative, told};
use super::{Squares, list};
use serde::{Deserialize, Serialize};

/// Times that are counted in buckets together.
const BATCH: usize = 2048;

/// Times of a list: as many as take the memory of their buckets.
const LIST: usize = 8192;

/// Counts of times in ns, with their sum, sum of squares and extremes.
///
/// What has seen no more than a few thousand times is their list: a model of a thousand services has thousands of
/// histograms, and buckets would take ten times their memory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Packed", into = "Packed")]
#[repr(C)]
pub(crate) struct Histogram {
    /// Times that are counted together: their buckets are far apart in memory, and one after the
    /// other would wait for each. As long as there are no buckets these are all. None is longer than
    /// 4.3 s.
    recent: Vec<u32>,
    /// Times of 0, which are common and need no bucket.
    zeros: u64,
    /// All others.
    counts: Box<Counts>,
}

/// Times in buckets. They stand apart: what is hot of a histogram fits beside what is hot of its owner.
#[derive(Debug, Clone, Default)]
struct Counts {
    chunks: Vec<Option<Chunk>>,
    /// What did not fit into buckets, in their order.
    moved: Vec<(u32, u64)>,
    sums: Sums,
}

/// What is known of times beside their buckets.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    counted: u64,
    sum: u128,
    squares: Squares,
    max: u64,
}

/// Buckets that are not empty: (bucket, count, only value).
pub(crate) type Sparse = Box<[(u32, u32, u32)]>;

impl Sums {
    /// Adds a time.
    #[inline(always)]
    fn add(&mut self, value: u64) {
        self.sum += u128::from(value);
        self.squares.add(value);
        self.max = self.max.max(value);
    }

    fn merge(&mut self, other: &Self) {
        self.counted += other.counted;
        self.sum += other.sum;
        self.squares.merge(&other.squares);
        self.max = self.max.max(other.max);
    }
}

impl Counts {
    #[inline(never)]
    fn add(&mut self, times: &[u32]) {
        let mut sums = self.sums;
        for &value in times {
            let value = u64::from(value);
            sums.add(value);
            let (bucket, offset) = place_of(value);
            let chunk = self.chunks.get_mut(bucket / SUB).and_then(Option::as_mut);
            if !chunk.is_some_and(|chunk| chunk.counts(bucket)) {
                self.add_many(bucket, told(offset), 1);
            }
        }
        sums.counted += times.len() as u64;
        self.sums = sums;
    }

    /// Counts a time of more than 4.3 s.
    #[inline(never)]
    fn add_long(&mut self, value: u64) {
        let (bucket, offset) = place_of(value);
        self.add_many(bucket, told(offset), 1);
        self.sums.add(value);
        self.sums.counted += 1;
    }

    /// Counts a value so many times, or values of which the first is known.
    #[inline(never)]
    fn add_many(&mut self, bucket: usize, only: u32, times: u64) {
        let rest = self.room()[bucket / SUB].get_or_insert_default().add(bucket, only, times);
        if rest > 0 {
            self.count_elsewhere(bucket as u32, rest);
        }
    }

    /// All chunks.
    #[inline]
    fn room(&mut self) -> &mut [Option<Chunk>] {
        if self.chunks.is_empty() {
            self.chunks.resize(CHUNKS, None);
        }
        &mut self.chunks
    }

    #[cold]
    fn count_elsewhere(&mut self, bucket: u32, times: u64) {
        match self.moved.binary_search_by_key(&bucket, |moved| moved.0) {
            Ok(at) => self.moved[at].1 += times,
            Err(at) => self.moved.insert(at, (bucket, times)),
        }
    }

    /// Adds the buckets of another.
    fn merge(&mut self, other: &Self) {
        for (n, chunk) in other.chunks.iter().enumerate() {
            chunk.iter().for_each(|chunk| self.merge_chunk(n, chunk));
        }
        other.moved.iter().for_each(|(bucket, count)| self.count_elsewhere(*bucket, *count));
        self.sums.merge(&other.sums);
    }

    fn merge_chunk(&mut self, n: usize, chunk: &Chunk) {
        let mut moved = Vec::new();
        match &mut self.room()[n] {
            Some(own) => own.merge(chunk, |at, rest| moved.push((n * SUB + at, rest))),
            own => *own = Some(chunk.clone()),
        }
        moved.into_iter().for_each(|(bucket, rest)| self.count_elsewhere(bucket as u32, rest));
    }

    /// Tells of all buckets that are not empty, in order: bucket, count, only value.
    fn each(&self, mut tell: impl FnMut(u32, u64, u32)) {
        let elsewhere = |bucket: u32| {
            let at = self.moved.binary_search_by_key(&bucket, |moved| moved.0);
            at.map_or(0, |at| self.moved[at].1)
        };
        for (n, chunk) in self.chunks.iter().enumerate().filter_map(|(n, chunk)| Some((n, chunk.as_ref()?))) {
            chunk.each(|at, count, only| {
                let bucket = (n * SUB + at) as u32;
                tell(bucket, count + elsewhere(bucket), only);
            });
        }
    }

    /// The values of several ranks, which ascend.
    fn values<const N: usize>(&self, ranks: [u64; N]) -> [u64; N] {
        let (mut values, mut next, mut seen) = ([self.sums.max; N], 0, 0);
        self.each(|bucket, count, only| {
            seen += count;
            while next < N && ranks[next] <= seen {
                values[next] = representative(bucket as usize, only).min(self.sums.max);
                next += 1;
            }
        });
        values
    }

    fn clear(&mut self) {
        self.chunks.iter_mut().flatten().for_each(Chunk::clear);
        self.moved.clear();
        self.sums = Sums::default();
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
        let Ok(short) = u32::try_from(value) else { return self.counts.add_long(value) };
        if self.recent.len() == self.recent.capacity() {
            self.make_room();
        }
        self.recent.push(short);
    }

    /// Counts so many times of 0.
    pub fn record_zeros(&mut self, count: u64) {
        self.zeros += count;
    }

    /// Lets the list grow, or counts it when it is whole: what sees few times stays small.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        let (length, most) = (self.recent.len(), if self.is_list() { LIST } else { BATCH });
        if length < most {
            self.recent.reserve_exact(length.max(BATCH / 8).min(most - length))
        } else {
            self.count_recent();
        }
    }

    /// Counts in buckets what was recorded last.
    fn count_recent(&mut self) {
        if !self.recent.is_empty() {
            self.counts.add(&self.recent);
            self.recent.clear();
            self.recent.shrink_to(BATCH);
        }
    }

    /// Counts what was recorded last where there are buckets. Before it is read, a histogram has to be settled.
    pub fn settle(&mut self) {
        if !self.is_list() {
            self.count_recent();
        }
    }

    /// There are no buckets.
    fn is_list(&self) -> bool {
        self.counts.chunks.is_empty()
    }

    fn is_settled(&self) -> bool {
        self.is_list() || self.recent.is_empty()
    }

    /// Adds what another has seen; both are settled.
    pub fn merge(&mut self, other: &Self) {
        debug_assert!(other.is_settled() && self.is_settled(), "not settled");
        let is_short = self.recent.len() + other.recent.len() <= 2 * LIST;
        if self.is_list() && other.is_list() && is_short {
            self.recent.extend_from_slice(&other.recent);
        } else {
            self.count_recent();
            self.counts.add(&other.recent);
            self.counts.merge(&other.counts);
        }
        self.zeros += other.zeros;
    }

    /// Adds what was taken out by [`Self::take`]; sums are those of the buckets' middles.
    pub fn merge_sparse(&mut self, part: &Sparse) {
        for &(bucket, count, only) in part {
            self.counts.add_many(bucket as usize, only, u64::from(count));
            let value = representative(bucket as usize, only);
            let (sum, mut squares) = (u128::from(value) * u128::from(count), Squares::default());
            squares.add_times(value, u64::from(count));
            self.counts.sums.merge(&Sums { counted: u64::from(count), sum, squares, max: value });
        }
        self.settle();
    }

    /// Takes out what it has seen since the last time and is empty again.
    pub fn take(&mut self) -> Sparse {
        self.settle();
        let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let mut sparse = Vec::new();
        if self.zeros > 0 {
            sparse.push((0, narrow(self.zeros), 0));
        }
        self.each(|bucket, count, only| sparse.push((bucket, narrow(count), only)));
        self.zeros = 0;
        self.recent.clear();
        self.counts.clear();
        sparse.into()
    }

    /// Tells of all buckets that are not empty, in order, but not of zeros: bucket, count, only value.
    fn each(&self, tell: impl FnMut(u32, u64, u32)) {
        if self.is_list() { list::each(&self.recent, tell) } else { self.counts.each(tell) }
    }

    /// Sums of all times.
    fn sums(&self) -> Sums {
        debug_assert!(self.is_settled(), "not settled");
        let list = Sums {
            counted: self.recent.len() as u64,
            sum: u128::from(self.recent.iter().map(|time| u64::from(*time)).sum::<u64>()),
            squares: Squares::of(list::squares(&self.recent)),
            max: self.recent.iter().max().map_or(0, |max| u64::from(*max)),
        };
        let mut sums = self.counts.sums;
        sums.merge(&list);
        sums
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.counts.sums.counted + self.zeros + self.recent.len() as u64
    }

    /// Mean in seconds; 0 without any.
    pub fn mean(&self) -> f64 {
        if self.count() == 0 { 0.0 } else { self.sums().sum as f64 / self.count() as f64 / 1e9 }
    }

    /// Standard deviation in seconds.
    pub fn stddev(&self) -> f64 {
        let Sums { sum, squares, .. } = self.sums();
        squares.deviation(sum, self.count()) / 1e9
    }

    /// Largest in seconds.
    pub fn max(&self) -> f64 {
        self.sums().max as f64 / 1e9
    }

    /// The value that a share `q` of all does not exceed, in seconds: the ⌈q n⌉-th smallest; 0 without any.
    pub fn quantile(&self, q: f64) -> f64 {
        let [value] = self.quantiles([q]);
        value
    }

    /// Several quantiles at once; the shares ascend.
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        debug_assert!(self.is_settled(), "not settled");
        let all = self.count() as f64;
        // Ranks among what is not 0.
        let ranks = shares.map(|q| ((q * all - 1e-9).ceil().max(1.0) as u64).saturating_sub(self.zeros));
        let values = if self.is_list() { list::values(&self.recent, ranks) } else { self.counts.values(ranks) };
        let mut values = values.into_iter().zip(ranks);
        shares.map(|_| match values.next() {
            Some((value, rank)) if rank > 0 => value as f64 / 1e9,
            _ => 0.0,
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
    filled: Box<[(u32, u64, u32)]>,
    counted: u64,
    zeros: u64,
    sum: u128,
    squares: Squares,
    max: u64,
}

impl From<Histogram> for Packed {
    fn from(mut h: Histogram) -> Self {
        h.settle();
        let Sums { counted, sum, squares, max } = h.sums();
        let mut filled = Vec::new();
        h.each(|bucket, count, only| filled.push((bucket, count, only)));
        Self { filled: filled.into(), counted, zeros: h.zeros, sum, squares, max }
    }
}

impl From<Packed> for Histogram {
    fn from(packed: Packed) -> Self {
        let Packed { filled, counted, zeros, sum, squares, max } = packed;
        let mut counts = Counts { sums: Sums { counted, sum, squares, max }, ..Counts::default() };
        for &(bucket, count, only) in &filled {
            // What is out of range was never written by us.
            if (bucket as usize) < CHUNKS * SUB {
                counts.add_many(bucket as usize, only, count);
            }
        }
        Self { recent: Vec::new(), zeros, counts: Box::new(counts) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::buckets::{lower_edge, width};
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
            are_one(times, 200_000_001, true);
            // Times of more than 4.3 s are in buckets from the first.
            are_one(times, 400_000_000_001, times < 2);
        }
    }

    fn are_one(times: u64, far: u64, is_list: bool) {
        let values = || (0..times).map(|n| n * n * n % 17 * far + n % 3);
        let (mut few, mut chunks) = (Histogram::default(), Histogram::default());
        chunks.counts.chunks.resize(CHUNKS, None);
        values().for_each(|value| few.record(value));
        values().for_each(|value| chunks.record(value));
        few.settle();
        chunks.settle();
        assert!(few.is_list() == is_list && !chunks.is_list() && chunks.recent.is_empty());
        let shares = [0.0, 0.2, 0.5, 0.7, 0.99, 1.0];
        assert_eq!(few.quantiles(shares), chunks.quantiles(shares));
        assert_eq!([few.mean(), few.stddev(), few.max()], [chunks.mean(), chunks.stddev(), chunks.max()]);
        let kept = |h: &Histogram| serde_json::to_string(h).unwrap();
        assert_eq!(kept(&few), kept(&chunks));
        // It goes on like any other.
        few.record(5_000);
        chunks.record(5_000);
        few.settle();
        chunks.settle();
        assert_eq!(kept(&few), kept(&chunks));
        let (mut twice, mut both) = (few.clone(), chunks.clone());
        twice.merge(&chunks);
        both.merge(&few);
        assert_eq!(kept(&twice), kept(&both));
        assert_eq!(few.take(), chunks.take());
    }

    /// However they come, so many that a bucket has no room for them.
    #[test]
    fn what_does_not_fit_into_a_bucket_is_counted_elsewhere() {
        let values = |n: u64| [5_000_000_007, 5_000_000_007, 5_000_000_009, 7_000, 700][(n % 5) as usize];
        let (mut one, mut parts) = (Histogram::default(), [Histogram::default(), Histogram::default()]);
        for n in 0..400_000 {
            one.record(values(n));
            parts[usize::from(n >= 150_000)].record(values(n));
        }
        parts.iter_mut().for_each(Histogram::settle);
        let [mut merged, other] = parts;
        merged.merge(&other);
        let kept = |h: &Histogram| serde_json::to_string(h).unwrap();
        assert_eq!(kept(&one), kept(&merged));
        let read: Histogram = serde_json::from_str(&kept(&one)).unwrap();
        assert_eq!(kept(&read), kept(&one));
        assert_eq!((read.count(), read.quantile(0.3)), (400_000, 7e-6));
        let counts: Vec<u32> = merged.take().iter().map(|(_, count, _)| *count).collect();
        assert_eq!(counts, [80_000, 80_000, 240_000]);
        assert!(merged.take().is_empty());
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
