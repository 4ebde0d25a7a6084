//! Buckets of a log-linear histogram (after HdrHistogram): 512 to each doubling.
//!
//! What is hot of a bucket is 16 bits: counting a time touches one of sixteen lines of memory for each doubling. Whatever
//! does not fit there is told to the caller, who keeps it elsewhere.

/// What a bucket has seen instead of one value.
pub(super) const MIXED: u32 = u32::MAX;

/// Buckets to a doubling.
pub(super) const SUB: usize = 512;

/// Doublings.
pub(super) const CHUNKS: usize = 56;

/// The bucket of a value, and how far the value is from its lower edge.
#[inline(always)]
pub(super) fn place_of(value: u64) -> (usize, u64) {
    // What is below 1024 has a bucket of its own.
    let shift = 54 - (value | 512).leading_zeros();
    let place = value >> shift;
    (((shift as usize) << 9) + place as usize, value - (place << shift))
}

pub(super) fn lower_edge(bucket: usize) -> u64 {
    if bucket < 1024 { bucket as u64 } else { ((bucket & 511) as u64 + 512) << ((bucket >> 9) - 1) }
}

pub(super) fn width(bucket: usize) -> u64 {
    if bucket < 1024 { 1 } else { 1 << ((bucket >> 9) - 1) }
}

/// A value that stands for all of a bucket.
pub(super) fn representative(bucket: usize, only: u32) -> u64 {
    lower_edge(bucket) + if only == MIXED { width(bucket) / 2 } else { u64::from(only) }
}

/// How far a bucket's only value is from its lower edge; [`MIXED`] if that is too far to be told.
#[inline]
pub(super) fn told(offset: u64) -> u32 {
    u32::try_from(offset).unwrap_or(MIXED)
}

/// A bucket has seen several values; below that is its count.
const SEVERAL: u16 = 1 << 15;
const MOST: u16 = SEVERAL - 1;

/// The buckets of one doubling.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    counts: Box<[u16; SUB]>,
    rest: Box<Rest>,
}

/// What is asked of a bucket until it has seen two values.
#[derive(Debug, Clone)]
struct Rest {
    /// One bit for each bucket that has ever counted: most have not.
    used: [u64; SUB / 64],
    /// Offset of the first value from the bucket's lower edge.
    only: [u32; SUB],
}

impl Chunk {
    pub fn empty() -> Self {
        Self { counts: Box::new([0; SUB]), rest: Box::new(Rest { used: [0; SUB / 64], only: [0; SUB] }) }
    }

    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.rest.used.fill(0);
    }

    /// Counts one more in a bucket that has seen several values and has room, as most have; whether it has.
    #[inline(always)]
    pub fn counts(&mut self, bucket: usize) -> bool {
        let cell = &mut self.counts[bucket % SUB];
        let is_common = cell.wrapping_sub(SEVERAL) < MOST;
        *cell = cell.wrapping_add(u16::from(is_common));
        is_common
    }

    /// Counts a value, or values of which the first is known, so many times. Returns what has to be counted elsewhere.
    pub fn add(&mut self, bucket: usize, only: u32, times: u64) -> u64 {
        let at = bucket % SUB;
        let (cell, Rest { used, only: first }) = (&mut self.counts[at], &mut *self.rest);
        let is_new = used[at / 64] >> (at % 64) & 1 == 0;
        if is_new {
            used[at / 64] |= 1 << (at % 64);
            first[at] = only;
        }
        if only == MIXED || first[at] != only {
            *cell |= SEVERAL;
        }
        let count = u64::from(*cell & MOST) + times;
        let (low, rest) = if count <= u64::from(MOST) { (count as u16, 0) } else { (0, count) };
        *cell = *cell & SEVERAL | low;
        rest
    }

    /// Adds what another has seen; `elsewhere` is told what has no room.
    pub fn merge(&mut self, other: &Self, mut elsewhere: impl FnMut(usize, u64)) {
        other.each(|at, count, only| {
            let rest = self.add(at, only, count);
            if rest > 0 {
                elsewhere(at, rest);
            }
        });
    }

    /// Buckets that have counted, in order: number, count without what is elsewhere, and only value.
    pub fn each(&self, mut tell: impl FnMut(usize, u64, u32)) {
        for (n, word) in self.rest.used.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                let at = n * 64 + word.trailing_zeros() as usize;
                word &= word - 1;
                let cell = self.counts[at % SUB];
                let only = if cell & SEVERAL == 0 { self.rest.only[at % SUB] } else { MIXED };
                tell(at, u64::from(cell & MOST), only);
            }
        }
    }
}
