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

/// Buckets of a doubling that are kept as a list at most: most doublings see few times, and there a list takes a tenth of
/// the memory.
const FEW: usize = 96;

/// The buckets of one doubling.
#[derive(Debug, Clone)]
pub(super) enum Chunk {
    /// Those that have ever counted, in order.
    Few(Vec<Entry>),
    All(Box<[u16; SUB]>, Box<Firsts>),
}

/// A bucket of few: its number, its count and the offset of its first value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    at: u16,
    cell: u16,
    only: u32,
}

/// What is asked of a bucket until it has seen two values.
#[derive(Debug, Clone)]
pub(super) struct Firsts {
    /// One bit for each bucket that has ever counted: most have not.
    used: [u64; SUB / 64],
    /// Offset of the first value from the bucket's lower edge.
    only: [u32; SUB],
}

impl Default for Chunk {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Chunk {
    pub fn clear(&mut self) {
        match self {
            Self::Few(few) => few.clear(),
            Self::All(counts, firsts) => {
                counts.fill(0);
                firsts.used.fill(0);
            }
        }
    }

    /// Counts one more in a bucket that has seen several values and has room, as most have; whether it has.
    #[inline(always)]
    pub fn counts(&mut self, bucket: usize) -> bool {
        let Self::All(counts, _) = self else { return false };
        let cell = &mut counts[bucket % SUB];
        let is_common = cell.wrapping_sub(SEVERAL) < MOST;
        *cell = cell.wrapping_add(u16::from(is_common));
        is_common
    }

    /// Counts a value, or values of which the first is known, so many times. Returns what has to be counted elsewhere.
    pub fn add(&mut self, bucket: usize, only: u32, times: u64) -> u64 {
        let (cell, is_mixed) = self.cell(bucket % SUB, only);
        if is_mixed {
            *cell |= SEVERAL;
        }
        let count = u64::from(*cell & MOST) + times;
        let (low, rest) = if count <= u64::from(MOST) { (count as u16, 0) } else { (0, count) };
        *cell = *cell & SEVERAL | low;
        rest
    }

    /// The cell of a bucket that sees a value, and whether it has seen another.
    #[inline]
    fn cell(&mut self, at: usize, only: u32) -> (&mut u16, bool) {
        if matches!(self, Self::Few(few) if few.len() >= FEW) {
            self.spread();
        }
        match self {
            Self::Few(few) => {
                let Entry { cell, only: first, .. } = entry(few, at as u16, only);
                (cell, only == MIXED || *first != only)
            }
            Self::All(counts, firsts) => (&mut counts[at], firsts.see(at, only)),
        }
    }

    /// Gives every bucket its place.
    #[cold]
    fn spread(&mut self) {
        let Self::Few(few) = self else { return };
        let mut counts = Box::new([0; SUB]);
        let mut firsts = Box::new(Firsts { used: [0; SUB / 64], only: [0; SUB] });
        for Entry { at, cell, only } in few.iter() {
            counts[usize::from(*at)] = *cell;
            firsts.see(usize::from(*at), *only);
        }
        *self = Self::All(counts, firsts);
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
        let mut show = |at: usize, cell: u16, only: u32| {
            let only = if cell & SEVERAL == 0 { only } else { MIXED };
            tell(at, u64::from(cell & MOST), only);
        };
        match self {
            Self::Few(few) => few.iter().for_each(|entry| show(usize::from(entry.at), entry.cell, entry.only)),
            Self::All(counts, firsts) => firsts.each(|at| show(at, counts[at % SUB], firsts.only[at % SUB])),
        }
    }
}

/// What is kept of a bucket, which may see its first value.
#[inline]
fn entry(few: &mut Vec<Entry>, at: u16, only: u32) -> &mut Entry {
    let place = few.binary_search_by_key(&at, |entry| entry.at).unwrap_or_else(|place| {
        few.insert(place, Entry { at, cell: 0, only });
        place
    });
    &mut few[place]
}

impl Firsts {
    /// A bucket sees a value: whether it has seen another.
    #[inline(always)]
    fn see(&mut self, at: usize, only: u32) -> bool {
        let (word, bit, first) = (&mut self.used[at / 64], 1 << (at % 64), &mut self.only[at]);
        if *word & bit == 0 {
            *word |= bit;
            *first = only;
        }
        only == MIXED || *first != only
    }

    /// Buckets that have counted, in order.
    fn each(&self, mut tell: impl FnMut(usize)) {
        for (n, word) in self.used.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                tell(n * 64 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }
}
