//! The grammar of the editors takes what the language's own parser takes: over every test file, over what the formatter
//! makes of them, and over generated texts with one mistake each.

use crate::support::{project, read};
use sruja::source::FileId;
use std::path::Path;
use tree_sitter::{Parser, Query};
use tree_sitter_sruja as grammar;

/// What no grammar without a memory of names can refuse: a misspelt keyword (only the nearest known word makes it one), and
/// `A = B` where the file declares an element `B`.
const OF_NAMES: [&str; 2] = ["E0115", "`=` declares an element"];

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&grammar::LANGUAGE.into()).unwrap();
    parser
}

fn editors_take(parser: &mut Parser, text: &str) -> bool {
    !parser.parse(text, None).unwrap().root_node().has_error()
}

/// Whether the language takes it; `None` where names decide.
fn language_takes(text: &str) -> Option<bool> {
    let (_, found) = sruja::syntax::parse(FileId(0), text);
    let syntax: Vec<_> = found.iter().filter(|found| found.code.id.starts_with("E01")).collect();
    let of_names = syntax
        .iter()
        .filter(|found| OF_NAMES.iter().any(|mark| found.code.id == *mark || found.message.starts_with(mark)));
    match (syntax.len(), of_names.count()) {
        (0, _) => Some(true),
        (all, names) if all == names => None,
        _ => Some(false),
    }
}

/// Every text of the language in the project, with a name: files, and blocks of the specs and the guide.
fn texts() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for folder in ["examples", "stdlib", "tests", "docs", "benches"] {
        walk(&project().join(folder), &mut paths);
    }
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path.strip_prefix(project()).unwrap().display().to_string();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if name.ends_with(".sruja") {
            found.push((name, text));
        } else {
            let blocks = text.split("```sruja\n").skip(1).filter_map(|rest| rest.split("```").next());
            found.extend(blocks.enumerate().map(|(at, block)| (format!("{name} #{at}"), block.to_owned())));
        }
    }
    found
}

fn walk(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => walk(&path, found),
            Some("sruja" | "md") => found.push(path),
            _ => {}
        }
    }
}

/// The names of the texts about which the two disagree.
fn disagreements(texts: impl Iterator<Item = (String, String)>) -> (usize, Vec<String>) {
    let mut parser = parser();
    let (mut compared, mut found) = (0, Vec::new());
    for (name, text) in texts {
        let Some(language) = language_takes(&text) else { continue };
        compared += 1;
        if language != editors_take(&mut parser, &text) {
            found.push(format!(
                "{name}: {}\n{}",
                if language { "only the language takes it" } else { "only editors take it" },
                head(&text)
            ));
        }
    }
    (compared, found)
}

fn head(text: &str) -> String {
    text.lines().take(30).collect::<Vec<_>>().join("\n")
}

#[test]
fn both_take_the_same_test_files() {
    let (compared, found) = disagreements(texts().into_iter());
    assert!(compared > 500, "{compared} texts");
    assert!(found.is_empty(), "{} of {compared}:\n{}", found.len(), found.join("\n----\n"));
}

#[test]
fn both_take_what_the_formatter_writes() {
    let formatted = texts().into_iter().filter_map(|(name, text)| Some((name, sruja::syntax::format(&text).ok()?)));
    let (compared, found) = disagreements(formatted);
    assert!(compared > 500, "{compared} texts");
    assert!(found.is_empty(), "{} of {compared}:\n{}", found.len(), found.join("\n----\n"));
}

/// One mistake in a text: what it is called, where it may be made, and what stands there then.
struct Mistake {
    name: &'static str,
    /// A piece of the text, and what replaces it.
    change: (&'static str, &'static str),
}

const MISTAKES: [Mistake; 16] = [
    Mistake { name: "a brace is not closed", change: ("}", "") },
    Mistake { name: "a brace too many", change: ("}", "}}") },
    Mistake { name: "a brace is not opened", change: ("{", "") },
    Mistake { name: "a text is not closed", change: ("\"\n", "\n") },
    Mistake { name: "an arrow backwards", change: (" -> ", " <- ") },
    Mistake { name: "an arrow both ways", change: (" -> ", " <-> ") },
    Mistake { name: "a fat arrow", change: (" -> ", " => ") },
    Mistake { name: "two arrows", change: (" -> ", " -> -> ") },
    Mistake { name: "the sign of another language", change: (" = ", " := ") },
    Mistake { name: "a list is not closed", change: ("]", "") },
    Mistake { name: "a call is not closed", change: (")", "") },
    Mistake { name: "two points", change: ("ms", ".5.5ms") },
    Mistake { name: "no such unit", change: ("ms", "msec") },
    Mistake { name: "quotes of a word processor", change: ("\"", "”") },
    Mistake { name: "a hidden character", change: (" ", " \u{200B}") },
    Mistake { name: "a stray bracket", change: ("\n", "\n)") },
];

/// A number that depends on these words alone: a text elsewhere that changes moves no mistake.
fn number_of(words: &[&str]) -> usize {
    let mut hasher = blake3::Hasher::new();
    words.iter().for_each(|word| {
        hasher.update(word.as_bytes()).update(&[0]);
    });
    hasher.finalize().as_bytes()[..4].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// Each mistake at some place of each text.
fn mistaken(sources: &[(String, String)]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, text) in sources {
        for mistake in &MISTAKES {
            let (piece, instead) = mistake.change;
            let places: Vec<_> = text.match_indices(piece).map(|(at, _)| at).collect();
            if places.is_empty() {
                continue;
            }
            let at = places[number_of(&[name, mistake.name]) % places.len()];
            let changed = format!("{}{instead}{}", &text[..at], &text[at + piece.len()..]);
            found.push((format!("{name}, {} at {at}", mistake.name), changed));
        }
    }
    found
}

#[test]
fn both_refuse_the_same_mistakes() {
    let sources: Vec<_> = texts().into_iter().filter(|(_, text)| language_takes(text) == Some(true)).collect();
    let mistaken = mistaken(&sources);
    assert!(mistaken.len() > 5000, "{} texts", mistaken.len());
    let refused = mistaken.iter().filter(|(_, text)| language_takes(text) == Some(false)).count();
    assert!(refused * 2 > mistaken.len(), "{refused} of {} are mistakes", mistaken.len());
    let (compared, found) = disagreements(mistaken.into_iter());
    assert!(found.is_empty(), "{} of {compared}:\n{}", found.len(), found.join("\n----\n"));
}

#[test]
fn every_query_fits_the_grammar() {
    let language = grammar::LANGUAGE.into();
    let queries = [
        grammar::HIGHLIGHTS_QUERY,
        grammar::FOLDS_QUERY,
        grammar::INDENTS_QUERY,
        grammar::LOCALS_QUERY,
        grammar::INJECTIONS_QUERY,
    ];
    let folders = ["editors/zed/languages/sruja", "editors/helix/queries"];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(project().join(folder)).unwrap());
    let others = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "scm"));
    let others: Vec<_> = others.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert!(others.len() > 6, "{others:?}");
    for query in queries.into_iter().chain(others.iter().map(String::as_str)) {
        let query = Query::new(&language, query).unwrap_or_else(|error| panic!("{error}"));
        assert!(query.pattern_count() > 0);
    }
}

/// A tree that was edited step by step is the tree of the text as it is then.
#[test]
fn an_edited_tree_is_a_fresh_tree() {
    let text = read("examples/shop.sruja");
    let mut parser = parser();
    let mut tree = parser.parse(&text, None).unwrap();
    let mut edited = text.clone();
    for (at, _) in text.match_indices('\n').step_by(7) {
        let line = format!("\nN{at} = service \"New\" {{ technology \"Go\" }}");
        let at = at + edited.len() - text.len();
        edited.insert_str(at, &line);
        let start = point(&edited, at);
        tree.edit(&tree_sitter::InputEdit {
            start_byte: at,
            old_end_byte: at,
            new_end_byte: at + line.len(),
            start_position: start,
            old_end_position: start,
            new_end_position: point(&edited, at + line.len()),
        });
        tree = parser.parse(&edited, Some(&tree)).unwrap();
        let fresh = parser.parse(&edited, None).unwrap();
        assert_eq!(tree.root_node().to_sexp(), fresh.root_node().to_sexp());
    }
}

fn point(text: &str, at: usize) -> tree_sitter::Point {
    let before = &text[..at];
    let row = before.matches('\n').count();
    tree_sitter::Point::new(row, at - before.rfind('\n').map_or(0, |line| line + 1))
}
