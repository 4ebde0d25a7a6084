//! Who may import whom. The compiler would take any edge; this test does not.

use crate::support::project;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The modules from the ground up; each may import those before it.
const ORDER: [&str; 20] = [
    "source", "quantity", "diag", "schema", "model", "measure", // what everybody may know
    "syntax", "sema", // the front end
    "plan", "sim", "analytic", "exec", "store", "analysis", "search", "report", // the back end
    "ide", "serve", "cli", "main",
];
const FRONT: [&str; 2] = ["syntax", "sema"];
const BACK: [&str; 8] = ["plan", "sim", "analytic", "exec", "store", "analysis", "search", "report"];
/// Edges that the order would allow and that are kept out all the same.
const APART: [(&str, &str); 2] = [("report", "sim"), ("sim", "plan")];
/// Libraries that stay in one place, so that they can be replaced there.
const HOMES: [(&str, &str); 11] = [
    ("pest", "src/syntax/"),
    ("miette", "src/diag/render/"),
    ("clap", "src/cli/"),
    ("notify", "src/cli/"),
    ("toml", "src/cli/"),
    ("indicatif", "src/cli/"),
    ("rayon", "src/exec/"),
    ("ignore", "src/source/"),
    ("zstd", "src/store/"),
    ("lsp_server", "src/serve/lsp/"),
    ("gen_lsp_types", "src/serve/lsp/"),
];

/// One file of the library, without its tests and comments.
struct Unit {
    path: String,
    module: String,
    code: String,
}

fn units() -> Vec<Unit> {
    let mut paths = Vec::new();
    walk(&project().join("src"), &mut paths);
    paths.sort();
    paths.iter().filter(|path| !is_test(path)).map(|path| unit(path)).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.components().any(|part| part.as_os_str() == "tests")
}

fn unit(path: &Path) -> Unit {
    let text = std::fs::read_to_string(path).unwrap();
    let path = path.strip_prefix(project()).unwrap().display().to_string();
    let module = path.split('/').nth(1).unwrap().trim_end_matches(".rs").to_owned();
    // By custom tests stand at the end of a file.
    let own = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code = own.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    Unit { path, module, code }
}

/// The modules that `code` names behind `crate::`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(first_words(list)),
            None => found.extend(word(rest)),
        }
    }
    found
}

/// The modules of `{a, b::{c, d}, e}`.
fn first_words(list: &str) -> Vec<String> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.into_iter().filter_map(|part| word(part.trim())).collect()
}

/// The module that a path begins with.
fn word(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let word = &text[..end];
    // What begins with a capital is an item of the crate's root, not a module.
    word.starts_with(|c: char| c.is_ascii_lowercase()).then(|| word.to_owned())
}

fn rank(module: &str) -> usize {
    ORDER.iter().position(|known| *known == module).unwrap_or_else(|| panic!("`{module}` has no layer in layers.rs"))
}

/// Why `from` must not import `to`; `None` when it may.
fn objection(from: &str, to: &str) -> Option<&'static str> {
    let across = |a: &[&str], b: &[&str]| a.contains(&from) && b.contains(&to);
    match () {
        () if rank(to) > rank(from) => Some("upwards"),
        () if across(&FRONT, &BACK) || across(&BACK, &FRONT) => Some("across: front and back meet at `model`"),
        () if APART.contains(&(from, to)) => Some("kept apart"),
        () => None,
    }
}

#[test]
fn no_module_imports_upwards_or_across() {
    let mut wrong = Vec::new();
    for unit in units().iter().filter(|unit| unit.module != "lib") {
        for import in imports(&unit.code).iter().filter(|import| **import != unit.module) {
            let why = objection(&unit.module, import);
            wrong.extend(why.map(|why| format!("{}: crate::{import} ({why})", unit.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_in_their_homes() {
    let mut wrong = Vec::new();
    for unit in units() {
        for (library, home) in HOMES.iter().filter(|(_, home)| !unit.path.starts_with(home)) {
            let used = unit.code.contains(&format!("use {library}::")) || unit.code.contains(&format!(" {library}::"));
            wrong.extend(used.then(|| format!("{}: {library} belongs to {home}", unit.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_what_it_should() {
    let code = "use crate::source::Span;\nuse crate::{diag::{Code, Fix}, schema};\nlet x = crate::plan::f();\nuse crate::Thing;";
    let wanted = ["diag", "plan", "schema", "source"].map(str::to_owned);
    assert_eq!(imports(code), wanted.into_iter().collect());
    assert!(objection("sema", "sim").is_some() && objection("exec", "syntax").is_some());
    assert!(objection("quantity", "cli").is_some() && objection("cli", "sim").is_none());
}
