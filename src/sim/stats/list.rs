//! Few times, as a list in their order.
//!
//! They are told as buckets would tell them, so that nobody can see which of the two a histogram is.

use super::buckets::{MIXED, place_of, representative, told};

/// Adds one list to another; both are in order.
pub(super) fn merge(to: &mut Vec<u32>, from: &[u32]) {
    to.reserve_exact(from.len());
    to.extend_from_slice(from);
    // The stable sort finds the two runs and merges them.
    to.sort();
}

/// Tells of all buckets that are not empty, in order: bucket, count, only value.
pub(super) fn each(times: &[u32], mut tell: impl FnMut(u32, u64, u32)) {
    for same in times.chunk_by(|one, other| bucket(*one) == bucket(*other)) {
        tell(bucket(same[0]) as u32, same.len() as u64, only(same));
    }
}

/// The only value among times of one bucket.
fn only(same: &[u32]) -> u32 {
    if same.first() == same.last() { told(place_of(u64::from(same[0])).1) } else { MIXED }
}

/// What the bucket of the n-th time says of it, the first being 1; the largest behind the last.
pub(super) fn value(times: &[u32], rank: u64) -> u64 {
    let max = times.last().map_or(0, |last| u64::from(*last));
    let n = usize::try_from(rank).unwrap_or(usize::MAX).saturating_sub(1);
    let Some(time) = times.get(n) else { return max };
    let own = bucket(*time);
    let start = times.partition_point(|time| bucket(*time) < own);
    let end = times.partition_point(|time| bucket(*time) <= own);
    representative(own, only(&times[start..end])).min(max)
}

fn bucket(time: u32) -> usize {
    place_of(u64::from(time)).0
}
