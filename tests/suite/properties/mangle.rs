//! What happens to texts: other layouts of the same, and damage.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// The same text with other blanks where blanks mean nothing: between tokens, and around lines.
pub fn respaced(text: &str, noise: &[u8]) -> String {
    with_gaps(text, noise, &[" ", "  ", "\t", " "], &["\n", "  \n", "\n    ", "\t\n\t"])
}

/// The same text with comments and empty lines.
pub fn commented(text: &str, noise: &[u8]) -> String {
    with_gaps(text, noise, &[" ", " /* so it is */ ", "   "], &["\n", "\n\n\n", " // load = 9 }\n", "\n/* kill { */\n"])
}

/// `text` with each blank and line break outside of literals and comments replaced by one of these.
fn with_gaps(text: &str, noise: &[u8], blanks: &[&str], breaks: &[&str]) -> String {
    let mut noise = noise.iter().cycle().map(|byte| usize::from(*byte));
    let mut pick = |from: &[&str]| from[noise.next().unwrap_or(0) % from.len()].to_owned();
    let mut out = String::new();
    for line in text.lines() {
        let code = line.split("//").next().unwrap_or_default().len();
        let mut quoted = false;
        for (at, c) in line.char_indices() {
            quoted ^= c == '"';
            if c == ' ' && !quoted && at < code {
                out += &pick(blanks);
            } else {
                out.push(c);
            }
        }
        out += &pick(breaks);
    }
    out
}

/// One piece of damage.
#[derive(Debug, Clone)]
pub enum Damage {
    /// Everything behind a place is gone.
    Truncate(Index),
    DropLine(Index),
    RepeatLine(Index),
    SwapLines(Index, Index),
    DropToken(Index),
    /// A token stands where another stood.
    ReplaceToken(Index, Index),
    /// A token more.
    InsertToken(Index, Index),
    /// A text that no file of the corpus has.
    InsertOdd(Index, &'static str),
}

const ODD: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "'",
    "/*",
    "*/",
    "->",
    "..",
    "..",
    "-",
    "=",
    ",",
    ";",
    "%",
    "1e999",
    "-5",
    "0",
    "99999999999999999999",
    "0..1 step 0",
    "5..1",
    "é",
    "\u{202e}",
    "\u{0}",
    "🦀",
    "100%",
    "30ms",
    "3x",
    "USD/h",
    "extends",
    "behavior",
    "scenario",
    "at",
    "for",
    "expect",
    "step",
    "param",
    "versions [a]",
    "sample 3",
    "kind",
    "target =",
    "random mttf 1s mttr 1s",
    "any 2 of",
    "#",
    "@",
    "\\",
];

pub fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let pair = any::<(Index, Index)>();
    let one = prop_oneof![
        1 => any::<Index>().prop_map(Damage::Truncate),
        1 => any::<Index>().prop_map(Damage::DropLine),
        1 => any::<Index>().prop_map(Damage::RepeatLine),
        2 => pair.clone().prop_map(|(a, b)| Damage::SwapLines(a, b)),
        2 => any::<Index>().prop_map(Damage::DropToken),
        3 => pair.clone().prop_map(|(a, b)| Damage::ReplaceToken(a, b)),
        2 => pair.prop_map(|(a, b)| Damage::InsertToken(a, b)),
        3 => (any::<Index>(), proptest::sample::select(ODD)).prop_map(|(at, odd)| Damage::InsertOdd(at, odd)),
    ];
    vec(one, 1..5)
}

/// `text` after all of it.
pub fn damaged(text: &str, damages: &[Damage]) -> String {
    damages.iter().fold(text.to_owned(), |text, damage| after(&text, damage))
}

fn after(text: &str, damage: &Damage) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    match damage {
        // There is nothing to damage.
        _ if lines.is_empty() => text.to_owned(),
        Damage::Truncate(at) => text.chars().take(at.index(text.chars().count())).collect(),
        Damage::DropLine(..) | Damage::RepeatLine(..) | Damage::SwapLines(..) => in_lines(lines, damage).concat(),
        _ => in_tokens(tokens(text), damage).concat(),
    }
}

fn in_lines<'t>(mut lines: Vec<&'t str>, damage: &Damage) -> Vec<&'t str> {
    let count = lines.len();
    match damage {
        Damage::DropLine(at) => {
            lines.remove(at.index(count));
        }
        Damage::RepeatLine(at) => lines.insert(at.index(count), lines[at.index(count)]),
        Damage::SwapLines(a, b) => lines.swap(a.index(count), b.index(count)),
        _ => {}
    }
    lines
}

fn in_tokens<'t>(mut tokens: Vec<&'t str>, damage: &Damage) -> Vec<&'t str> {
    let count = tokens.len();
    match damage {
        Damage::DropToken(at) => {
            tokens.remove(at.index(count));
        }
        Damage::ReplaceToken(at, with) => tokens[at.index(count)] = tokens[with.index(count)],
        Damage::InsertToken(at, what) => tokens.insert(at.index(count), tokens[what.index(count)]),
        Damage::InsertOdd(at, odd) => tokens.insert(at.index(count), odd),
        _ => {}
    }
    tokens
}

/// Words and single other characters, each with the blanks before it.
fn tokens(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '%');
    let mut out = Vec::new();
    let (mut start, mut in_word) = (0, false);
    for (at, c) in text.char_indices() {
        let goes_on = (in_word && is_word(c)) || text[start..at].trim().is_empty();
        if !goes_on {
            out.push(&text[start..at]);
            start = at;
        }
        in_word = is_word(c);
    }
    out.push(&text[start..]);
    out
}
