//! What stands in `editors/` is made of the tables of the language.

use crate::support::{Sandbox, outcome, project, read};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::Stdio;

/// Set it to write the files anew.
const UPDATE: &str = "UPDATE_DOCS";

fn hold(path: &str, wanted: &str) {
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(project().join(path), wanted).unwrap();
    }
    assert!(read(path) == wanted, "{path} is out of date: run `{UPDATE}=1 cargo test --test suite editors`");
}

fn vocabulary() -> Value {
    serde_json::to_value(sruja::cli::vocabulary::vocabulary()).unwrap()
}

/// The words of one list, of attributes their names.
fn words<'v>(vocabulary: &'v Value, list: &str) -> BTreeSet<&'v str> {
    let entries = vocabulary[list].as_array().unwrap_or_else(|| panic!("no list `{list}`"));
    entries.iter().map(|entry| entry["name"].as_str().or(entry.as_str()).unwrap()).collect()
}

#[test]
fn the_words_are_those_of_the_schema() {
    let text = serde_json::to_string_pretty(&vocabulary()).unwrap() + "\n";
    hold("editors/tree-sitter-sruja/keywords.json", &text);
}

#[test]
fn the_scanner_knows_the_words_of_the_schema() {
    let vocabulary = vocabulary();
    let mut text = "// Generated from the schema: UPDATE_DOCS=1 cargo test --test suite editors\n\n".to_owned();
    let lists = [
        "kinds",
        "fields",
        "ignored",
        "places",
        "instances",
        "knobs",
        "settings",
        "statements",
        "verbs",
        "free_verbs",
        "attribute_verbs",
        "moments",
        "amounts",
        "manners",
        "replicas",
        "arrivals",
        "units",
    ];
    for list in lists {
        c_list(&mut text, list, words(&vocabulary, list).into_iter());
    }
    c_list(&mut text, "choices", choices(&vocabulary).into_iter());
    let _ = writeln!(text, "// What stands behind an attribute: a flag, a block, a condition, a phrase or one value.");
    let _ = writeln!(text, "static const struct {{ const char *name; char takes; }} ATTRIBUTES[] = {{");
    for (name, takes) in takes(&vocabulary) {
        let _ = writeln!(text, "  {{\"{name}\", '{takes}'}},");
    }
    text += "};\n";
    hold("editors/tree-sitter-sruja/src/keywords.h", &text);
}

/// Words that values of attributes may be.
fn choices(vocabulary: &Value) -> BTreeSet<&str> {
    let attributes = vocabulary["attributes"].as_array().unwrap();
    let words = attributes.iter().filter_map(|row| row["choices"].as_array()).flatten();
    words.map(|word| word.as_str().unwrap()).collect()
}

/// Each word for an attribute, those of steps included, and the first letter of what it takes.
fn takes(vocabulary: &Value) -> BTreeMap<&str, char> {
    let mut found: BTreeMap<_, _> = words(vocabulary, "steps").into_iter().map(|word| (word, 'v')).collect();
    found.insert("forward", 'f');
    for row in vocabulary["attributes"].as_array().unwrap() {
        let takes = match row["takes"].as_str().unwrap() {
            "arrivals" => 'p',
            other => other.chars().next().unwrap(),
        };
        found.entry(row["name"].as_str().unwrap()).or_insert(takes);
    }
    found
}

fn c_list<'w>(text: &mut String, name: &str, words: impl Iterator<Item = &'w str>) {
    let words: Vec<_> = words.map(|word| format!("\"{word}\"")).collect();
    let _ = writeln!(text, "static const char *const {}[] = {{", name.to_uppercase());
    for line in words.chunks(8) {
        let _ = writeln!(text, "  {},", line.join(", "));
    }
    text.push_str("};\n\n");
}

/// `{{list}}` in the template stands for the words of that list as alternatives, the longest first.
#[test]
fn the_textmate_grammar_knows_the_words_of_the_schema() {
    let vocabulary = vocabulary();
    let template = read("editors/vscode/syntaxes/template.json");
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let (list, rest) = part.split_once("}}").unwrap();
        text += &if list == "list" { "{{list}}".to_owned() } else { alternatives(&vocabulary, list) };
        text += rest;
    }
    serde_json::from_str::<Value>(&text).unwrap();
    hold("editors/vscode/syntaxes/sruja.tmLanguage.json", &text);
}

fn alternatives(vocabulary: &Value, list: &str) -> String {
    let mut words: Vec<_> = match list {
        "choices" => choices(vocabulary),
        _ => words(vocabulary, list),
    }
    .into_iter()
    .collect();
    words.sort_by_key(|word| (std::cmp::Reverse(word.len()), *word));
    words.join("|").replace('.', "\\\\.")
}

/// Every snippet is a text of the language once its places are filled in with what they suggest.
#[test]
fn every_snippet_is_a_text_of_the_language() {
    let snippets: BTreeMap<String, Value> = serde_json::from_str(&read("editors/vscode/snippets/sruja.json")).unwrap();
    assert!(snippets.len() > 9);
    for (name, snippet) in snippets {
        let lines: Vec<_> = snippet["body"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let text = filled(&lines.join("\n"));
        let text = match snippet["in"].as_str() {
            Some(around) => around.replace('…', &text),
            None => text,
        };
        let (_, found) = sruja::syntax::parse(sruja::source::FileId(0), &text);
        let found: Vec<_> = found.iter().map(|found| (found.code.id, &found.message)).collect();
        assert!(found.is_empty(), "{name}: {found:?}\n{text}");
    }
}

/// `${1:Api}` as `Api`, `${1|a,b|}` as `a`, `$0` as nothing.
fn filled(body: &str) -> String {
    let mut parts = body.split('$');
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let Some(place) = part.strip_prefix('{') else {
            text += part.trim_start_matches(|c: char| c.is_ascii_digit());
            continue;
        };
        let (place, rest) = place.split_once('}').unwrap();
        let suggested = place.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches([':', '|']);
        text += suggested.split(['|', ',']).next().filter(|_| place.contains('|')).unwrap_or(suggested);
        text += rest;
    }
    text
}

/// What other editors call the captures of `highlights.scm`; the rest is called the same.
const HELIX: &[(&str, &str)] = &[
    ("@number", "@constant.numeric"),
    ("@property", "@variable.other.member"),
    ("@module", "@namespace"),
    ("@keyword.exception", "@keyword.control.exception"),
    ("@function.call", "@function"),
    ("@type.definition", "@type"),
    ("@punctuation.special", "@punctuation.delimiter"),
];
const ZED: &[(&str, &str)] = &[
    ("@module", "@type"),
    ("@function.call", "@function"),
    ("@type.definition", "@type"),
    ("@keyword.exception", "@keyword"),
    ("@keyword.operator", "@operator"),
];

#[test]
fn the_colours_of_other_editors_are_those_of_the_grammar() {
    let ours = read("editors/tree-sitter-sruja/queries/highlights.scm");
    for (path, names) in [("helix/queries", HELIX), ("zed/languages/sruja", ZED)] {
        let text = ours.lines().map(|line| renamed(line, names)).collect::<Vec<_>>().join("\n") + "\n";
        hold(&format!("editors/{path}/highlights.scm"), &text);
    }
}

/// A line of a query with its capture called otherwise.
fn renamed(line: &str, names: &[(&str, &str)]) -> String {
    let found = names.iter().find(|(ours, _)| line.ends_with(ours));
    found.map_or_else(|| line.to_owned(), |(ours, theirs)| format!("{}{theirs}", line.trim_end_matches(ours)))
}

/// The action tells findings from unreadable input, and annotates.
#[test]
fn the_action_annotates_what_check_finds() {
    let sandbox = Sandbox::with(&[("a b.sruja", "A -> "), ("good.sruja", "A = service \"A\"\n")]);
    for (files, status) in [("good.sruja", 0), (".", 1), ("nowhere", 2)] {
        let mut command = std::process::Command::new("bash");
        let program = sandbox.command(&[]).get_program().to_owned();
        command.arg(project().join("editors/github-action/check.sh")).current_dir(&sandbox.dir);
        command.env("PROGRAM", program).env("FILES", files).env("ARGUMENTS", "").env("FORMAT", "false");
        command.env("GITHUB_OUTPUT", sandbox.dir.join("output")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let done = outcome(&mut command, "");
        assert_eq!(done.code, Some(status), "{files}: {}", done.stderr);
        assert_eq!(done.stdout.contains("::error file=a b.sruja,line=1"), status == 1, "{}", done.stdout);
        assert!(sandbox.text("output").ends_with(&format!("status={status}\n")));
    }
}
