//! Choice of a replica.

use crate::model::Balance;
use crate::sim::rng::Rng;

/// Which of `up` (ids of replicas) takes the next request; `present` tells how many are at one.
pub(crate) fn pick(
    rule: Balance,
    up: &[u32],
    turn: &mut u32,
    rng: &mut Rng,
    present: impl Fn(u32) -> u32,
) -> Option<u32> {
    if up.len() < 2 {
        return up.first().copied();
    }
    Some(match rule {
        Balance::RoundRobin | Balance::Weighted => in_turn(up, turn),
        Balance::Random | Balance::ConsistentHash => up[rng.below(up.len())],
        Balance::LeastConnections => least(up, turn, present),
        Balance::PowerOfTwo => better_of_two(up, rng, present),
    })
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
