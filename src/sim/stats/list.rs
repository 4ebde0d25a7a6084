//! Few times, as a list.
//!
//! They are told as buckets would tell them, so that nobody can see which of the two a histogram is. They are put in order
//! only where all are told: of thousands of lists most are asked for a few quantiles, which need not half of that.

use super::buckets::{MIXED, lower_edge, place_of, representative, told, width};

/// Tells of all buckets that are not empty, in order: bucket, count, only value.
pub(super) fn each(times: &[u32], mut tell: impl FnMut(u32, u64, u32)) {
    let mut times = times.to_vec();
    times.sort_unstable();
    for same in times.chunk_by(|one, other| bucket(*one) == bucket(*other)) {
        let (bucket, offset) = place_of(same[0].into());
        let only = if same.first() == same.last() { told(offset) } else { MIXED };
        tell(bucket as u32, same.len() as u64, only);
    }
}

fn bucket(time: u32) -> usize {
    place_of(time.into()).0
}

/// What buckets would say of the times of several ranks, which ascend, the first being 1; the largest behind the last.
pub(super) fn values<const N: usize>(times: &[u32], ranks: [u64; N]) -> [u64; N] {
    let mut rest = times.to_vec();
    let max = u64::from(times.iter().copied().max().unwrap_or(0));
    let mut before = 0;
    ranks.map(|rank| {
        let rank = usize::try_from(rank).unwrap_or(usize::MAX).saturating_sub(1);
        if rank >= times.len() {
            return max;
        }
        // What is smaller than the rank before has been left behind.
        let here = &mut rest[before..];
        let (_, time, _) = here.select_nth_unstable(rank - before);
        before = rank;
        value(times, *time).min(max)
    })
}

/// What a bucket would say of a time in it.
fn value(times: &[u32], time: u32) -> u64 {
    let own = bucket(time);
    let (low, width) = (lower_edge(own) as u32, width(own) as u32);
    // Without a branch, so that many are compared at once.
    let is_mixed =
        times.iter().fold(false, |mixed, other| mixed | (other.wrapping_sub(low) < width) & (*other != time));
    representative(own, if is_mixed { MIXED } else { told(u64::from(time - low)) })
}

/// The sum of the squares.
pub(super) fn squares(times: &[u32]) -> u128 {
    times.iter().map(|time| u128::from(u64::from(*time) * u64::from(*time))).sum()
}
