//! Input that is meant to break a parser: it must be read in bounded time and memory, without a panic.

use super::*;
use crate::syntax::format;

fn survives(text: &str) -> Vec<&'static str> {
    let (_, found) = parse(text);
    assert!(found.len() <= 700, "{} diagnostics", found.len());
    for diagnostic in &found {
        assert!(text.get(diagnostic.span.range()).is_some(), "a span off the characters: {diagnostic:?}");
        for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.range()).is_some(), "{diagnostic:?}");
        }
    }
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_ref(), Ok(&once));
    }
    found.iter().map(|diagnostic| diagnostic.code.id).collect()
}

#[test]
fn deep_nesting_is_refused() {
    for open in ["{", "[", "(", "a {", "A = b { c -> d ["] {
        assert!(survives(&open.repeat(10_000)).contains(&"E0107"), "{open}");
    }
    let fine = format!("{}{}", "a = system {".repeat(128), "}".repeat(128));
    assert_eq!(survives(&fine), [""; 0]);
    assert!(survives("}".repeat(10_000).as_str()).contains(&"E0103"));
    survives(&format!("scenario S {{ expect {} a > 1 }}", "not ".repeat(100_000)));
    survives(&format!("scenario S {{ expect {} }}", "a > 1 and ".repeat(100_000)));
    survives(&"A.".repeat(100_000));
    survives(&"A -> ".repeat(100_000));
    survives(&"A = ".repeat(100_000));
    survives(&"step ".repeat(100_000));
    survives(&format!("scenario S {{ {} }}", "at 5s when x > 1 kill ".repeat(50_000)));
}

#[test]
fn one_long_line() {
    for piece in ["x", "x ", "\"", "'", "\"a\" ", "/* ", "{ } ", "a -> b ", "5ms ", "#", "”", "\u{202E}", "\"\"\"", "é"]
    {
        survives(&piece.repeat((1 << 18) / piece.len()));
    }
}

#[test]
fn files_beyond_the_limit_are_refused() {
    assert_eq!(parse(&"x ".repeat(10 << 20)).1[0].code.id, "E0113");
}

#[test]
fn strings_and_comments_over_many_windows() {
    let long = "x\n".repeat(100_000);
    let file = clean(&format!("A = system \"{long}\" /* {long} */\nB = person \"\"\"{long}\"\"\"\nA -> B"));
    assert_eq!(file.items.len(), 3);
    assert_eq!(survives(&format!("A = system \"{long}")).first(), Some(&"E0104"));
    assert_eq!(survives(&format!("/* {long}")), ["E0105"]);
    let file = clean("trailing- -> a--b\nc- -> d");
    let crate::syntax::ast::Item::Relation(relation) = &file.items[0] else { panic!() };
    assert_eq!(
        (super::brief::end(&relation.from), super::brief::end(&relation.to[0])),
        ("trailing-".into(), "a--b".into())
    );
    // A word that is cut by a window stays one word.
    for pad in 0..40 {
        let text = format!("{}Alpha-beta.gamma->Delta-x \"label\"", " ".repeat(16 * 1024 - pad));
        let file = clean(&text);
        let crate::syntax::ast::Item::Relation(relation) = &file.items[0] else { panic!() };
        assert_eq!(super::brief::end(&relation.from), "Alpha-beta.gamma", "{pad}");
        assert_eq!(super::brief::end(&relation.to[0]), "Delta-x", "{pad}");
    }
}

/// A small generator of our own: the same texts every time.
fn noise(seed: u64, pieces: &[&str], count: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = String::new();
    for _ in 0..count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text += pieces[(state % pieces.len() as u64) as usize];
    }
    text
}

#[test]
fn noise_never_panics() {
    let words = [
        "A",
        "b.c",
        "p99.9",
        "system",
        "scenario",
        "behavior",
        "flow",
        "step",
        "version",
        "deployment",
        "feedback",
        "import",
        "slo",
        "kill",
        "at",
        "when",
        "every",
        "for",
        "by",
        "load",
        "expect",
        "p95",
        "replicas",
        "retry",
        "cache",
        "over",
        "tune",
        "search",
        "of",
        "extends",
        "from",
        "\"t\"",
        "'u'",
        "5",
        "30ms",
        "3x",
        "100..500",
        "->",
        "<-",
        "=",
        ":",
        ":=",
        "=>",
        "{",
        "}",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        ";",
        "|",
        "<",
        ">=",
        "#",
        "@",
        "*",
        "..",
        "+",
        "-",
        "\n",
        "\n",
        "\n  ",
        " ",
        " ",
        " ",
        "// c\n",
        "/* d */",
        "\"",
        "“",
        "−",
        "é",
        "\u{202E}",
        "quality",
        "tiers",
        "zip",
        "traffic",
        "commits",
        "sync",
        "partition",
        "compensate",
        "metadata",
        "tags",
        "ranking",
        "kind",
        "architecture",
        "specification",
        "element",
        "containerInstance",
        "polarity",
        "range",
    ];
    for seed in 0..500 {
        survives(&noise(seed, &words, 60));
    }
    let spaced: Vec<String> = words.iter().map(|word| format!("{word} ")).collect();
    let spaced: Vec<&str> = spaced.iter().map(String::as_str).collect();
    for seed in 0..500 {
        survives(&noise(seed, &spaced, 60));
        survives(&format!("scenario S {{ {} }}", noise(seed, &spaced, 40)));
        survives(&format!("behavior S {{ {} }}", noise(seed, &spaced, 30)));
    }
}
