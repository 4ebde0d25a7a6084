//! Choice of a replica.

use crate::model::Balance;
use crate::sim::rng::Rng;

/// Which of `up` (ids of replicas) takes the next request: `present` tells how many are at
/// one, `score` its hash with the request's key.
pub(crate) fn pick(
    rule: Balance,
    up: &[u32],
    score: impl Fn(u32) -> u64,
    turn: &mut u32,
    rng: &mut Rng,
    present: impl Fn(u32) -> u32,
) -> Option<u32> {
    if up.len() < 2 {
        return up.first().copied();
    }
    Some(match rule {
        Balance::RoundRobin | Balance::Weighted => in_turn(up, turn),
        Balance::Random => up[rng.below(up.len())],
        Balance::ConsistentHash => highest(up, score),
        Balance::LeastConnections => least(up, turn, present),
        Balance::PowerOfTwo => better_of_two(up, rng, present),
    })
}

/// Rendezvous hashing (Thaler and Ravishankar, 1998): the replica whose hash with the key, `score`, is the highest. One
/// that goes leaves its keys to the others and moves none of theirs.
fn highest(up: &[u32], score: impl Fn(u32) -> u64) -> u32 {
    up.iter().copied().max_by_key(|replica| score(*replica)).unwrap_or(up[0])
}

/// A key hashed with a number, by the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) fn hash(key: u64, number: u64) -> u64 {
    let mut x = key ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A hash as a number on [0, 1).
pub(crate) fn uniform(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

fn in_turn(up: &[u32], turn: &mut u32) -> u32 {
    let chosen = up[*turn as usize % up.len()];
    *turn = turn.wrapping_add(1);
    chosen
}

/// The emptiest; ties go in turn, so that the first replica is not favoured.
fn least(up: &[u32], turn: &mut u32, present: impl Fn(u32) -> u32) -> u32 {
    *turn = turn.wrapping_add(1);
    let from = *turn as usize % up.len();
    let in_order = up[from..].iter().chain(&up[..from]);
    in_order.copied().min_by_key(|replica| present(*replica)).unwrap_or(up[0])
}

fn better_of_two(up: &[u32], rng: &mut Rng, present: impl Fn(u32) -> u32) -> u32 {
    let first = rng.below(up.len());
    let second = (first + 1 + rng.below(up.len() - 1)) % up.len();
    if present(up[second]) < present(up[first]) { up[second] } else { up[first] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_that_goes_moves_only_its_own_keys() {
        let owner = |up: &[u32], key: u64| highest(up, |replica| hash(hash(7, key), u64::from(replica)));
        let keys = || 0..30_000_u64;
        let of = |replica: u32| keys().filter(|key| owner(&[0, 1, 2], *key) == replica).count();
        // Binomial with p = 1/3: a standard deviation is 82.
        (0..3).for_each(|replica| assert!(of(replica).abs_diff(10_000) < 330, "{replica}: {}", of(replica)));
        let moved = keys().filter(|key| owner(&[0, 1, 2], *key) != owner(&[0, 2], *key));
        assert!(moved.clone().all(|key| owner(&[0, 1, 2], key) == 1));
        assert_eq!(moved.count(), of(1));
    }
}
