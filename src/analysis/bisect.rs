//! The first bad commit, in about log2(n) tests.
//!
//! As `git bisect`: the last is bad, the first is good, and between them it turned once. What cannot be
//! tested is passed over; when only such candidates are left, each of them may be the one.

/// What a test of one candidate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tested {
    /// It holds.
    Good,
    /// It does not.
    Bad,
    /// Nobody can tell: it has no model, or its runs failed.
    Unknown,
}

/// What a bisection found; candidates by their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bisection {
    /// The last candidate that can be tested is good: there is nothing to find.
    AllGood,
    /// The first candidate that can be tested is bad already.
    AllBad {
        /// That one.
        first: usize,
    },
    /// It turned between these two, and what is between them cannot be tested.
    Turned {
        /// The last good one.
        good: usize,
        /// The first bad one.
        bad: usize,
    },
    /// None can be tested.
    Untestable,
}

/// Finds the first bad one of `count` candidates, oldest first; each is tested once at most.
pub fn bisect<E>(count: usize, mut test: impl FnMut(usize) -> Result<Tested, E>) -> Result<Bisection, E> {
    let mut known = vec![None; count];
    let mut ask = |n: usize| -> Result<Tested, E> {
        let answer = match known[n] {
            Some(answer) => answer,
            None => test(n)?,
        };
        known[n] = Some(answer);
        Ok(answer)
    };
    let Some((mut bad, newest)) = first_known((0..count).rev(), &mut ask)? else { return Ok(Bisection::Untestable) };
    if newest == Tested::Good {
        return Ok(Bisection::AllGood);
    }
    let mut good = match first_known(0..=bad, &mut ask)? {
        Some((good, Tested::Good)) => good,
        Some((first, _)) => return Ok(Bisection::AllBad { first }),
        None => return Ok(Bisection::Untestable),
    };
    loop {
        match first_known(from_the_middle(good, bad), &mut ask)? {
            Some((n, Tested::Good)) => good = n,
            Some((n, _)) => bad = n,
            None => return Ok(Bisection::Turned { good, bad }),
        }
    }
}

/// The first of `numbers` that can be tested, and what its test says.
fn first_known<E>(
    numbers: impl Iterator<Item = usize>,
    ask: &mut impl FnMut(usize) -> Result<Tested, E>,
) -> Result<Option<(usize, Tested)>, E> {
    for n in numbers {
        let answer = ask(n)?;
        if answer != Tested::Unknown {
            return Ok(Some((n, answer)));
        }
    }
    Ok(None)
}

/// What lies between two candidates, the middle first, then ever farther from it.
fn from_the_middle(good: usize, bad: usize) -> impl Iterator<Item = usize> {
    let middle = good + (bad - good) / 2;
    let outwards = (0..bad - good).flat_map(move |away| [Some(middle + away), middle.checked_sub(away)]);
    let mut last = None;
    outwards.flatten().filter(move |n| *n > good && *n < bad && last.replace(*n) != Some(*n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn run(states: &[Tested]) -> (Bisection, usize) {
        let mut tests = 0;
        let found = bisect(states.len(), |n| {
            tests += 1;
            Ok::<_, Infallible>(states[n])
        });
        (found.unwrap_or_else(|never| match never {}), tests)
    }

    proptest! {
        #[test]
        fn it_finds_where_a_history_turns_in_log2_tests(count in 2usize..5000, turn in 0.0f64..1.0) {
            let turn = 1 + ((count - 1) as f64 * turn) as usize;
            let states: Vec<Tested> = (0..count).map(|n| if n < turn { Tested::Good } else { Tested::Bad }).collect();
            let (found, tests) = run(&states);
            let expected = if turn >= count { Bisection::AllGood } else { Bisection::Turned { good: turn - 1, bad: turn } };
            prop_assert_eq!(found, expected);
            prop_assert!(tests <= 2 + (count as f64).log2().ceil() as usize, "{} tests for {}", tests, count);
        }

        #[test]
        fn what_cannot_be_tested_is_passed_over(count in 2usize..60, turn in 1usize..59, holes in prop::collection::vec(any::<bool>(), 60)) {
            let turn = turn.min(count - 1);
            let of = |n: usize| if holes[n] { Tested::Unknown } else if n < turn { Tested::Good } else { Tested::Bad };
            let states: Vec<Tested> = (0..count).map(of).collect();
            let good = states.iter().rposition(|s| *s == Tested::Good);
            let bad = states.iter().position(|s| *s == Tested::Bad);
            let expected = match (good, bad) {
                (Some(good), Some(bad)) => Bisection::Turned { good, bad },
                (None, Some(first)) => Bisection::AllBad { first },
                (Some(_), None) => Bisection::AllGood,
                (None, None) => Bisection::Untestable,
            };
            prop_assert_eq!(run(&states).0, expected);
        }
    }

    #[test]
    fn a_failing_test_ends_it() {
        assert_eq!(bisect(5, |_| Err::<Tested, _>("interrupted")), Err("interrupted"));
        assert_eq!(run(&[]), (Bisection::Untestable, 0));
    }
}
