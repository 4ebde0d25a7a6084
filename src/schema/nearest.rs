//! The nearest known name, for "did you mean".

/// The candidate closest to `word`, when it is close enough to be what was meant: at most a third
/// of its letters wrong, none in a word of one or two (Damerau-Levenshtein distance, case ignored); ties go to the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = word.chars().count();
    // One letter more or less turns a word of two into any other.
    let budget = if letters < 3 { 0 } else { (letters / 3).max(1) };
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= budget + 2)
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= budget && *candidate != word)
        // Swapped letters are likelier than a wrong one: `W1031` was meant to be `W1301`, not `W1001`.
        .min_by_key(|(distance, candidate)| (*distance, sorted(candidate) != sorted(word)))
        .map(|(_, candidate)| candidate)
}

/// The candidates, those most like `word` first: by the letters that are wrong, beyond those that are just missing.
pub fn by_likeness<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = word.to_lowercase();
    let unlike = |candidate: &str| {
        let other = candidate.to_lowercase();
        let least = other.chars().count().abs_diff(lower.chars().count());
        (distance(&lower, &other) - least, distance(&lower, &other))
    };
    let mut all: Vec<&str> = candidates.into_iter().collect();
    all.sort_by_cached_key(|candidate| unlike(candidate));
    all
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.to_lowercase().chars().collect();
    letters.sort_unstable();
    letters
}

/// Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant_and_nothing_far_fetched() {
        let known = ["service_time", "replicas", "concurrency", "timeout"];
        assert_eq!(nearest("servce_time", known), Some("service_time"));
        assert_eq!(nearest("timoeut", known), Some("timeout"));
        assert_eq!(nearest("banana", known), None);
        assert_eq!(nearest("Replicas", known), Some("replicas"));
    }
}
