//! The standard library's files, as an editor opens them: texts that lie on no disk.

use crate::sema::{STDLIB, stdlib_files};
use crate::syntax::ast::{Ident, Item, Scenario, StatementKind};
use std::path::{Path, PathBuf};

/// The text of a file of the standard library, by the name that diagnostics call it: `std:kinds.sruja`.
pub fn text(path: &Path) -> Option<&'static str> {
    STDLIB.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| *text)
}

/// The file that an import of the library names: `sruja.ai/stdlib/scenarios` one, anything else the first.
pub fn imported(from: &str) -> PathBuf {
    let part = from.rsplit('/').next().unwrap_or_default();
    let named =
        STDLIB.iter().find(|(name, _)| name.strip_prefix("std:").and_then(|n| n.strip_suffix(".sruja")) == Some(part));
    PathBuf::from(named.unwrap_or(&STDLIB[0]).0)
}

/// Its templates of scenarios, each with its name.
pub fn templates() -> impl Iterator<Item = (&'static Ident, &'static Scenario)> {
    let items = stdlib_files().iter().flat_map(|file| &file.ast.items);
    items.filter_map(|item| match item {
        Item::Scenario(node) => Some((node.id.as_ref()?, &**node)),
        _ => None,
    })
}

/// The parameters of a scenario, as its own statements declare them.
pub fn params(scenario: &Scenario) -> impl Iterator<Item = &Ident> {
    scenario.statements.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Param(name, _) => Some(name),
        _ => None,
    })
}

/// What is to be said of a template, in Markdown.
pub fn template_page(template: &Scenario) -> String {
    let list: Vec<String> = params(template).map(|name| format!("- `{}`", name.value)).collect();
    format!("A template. Its parameters:\n\n{}\n", list.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_lead_to_files_that_are_there() {
        for (from, file) in [
            ("sruja.ai/stdlib", "std:kinds.sruja"),
            ("sruja.ai/stdlib/scenarios", "std:scenarios.sruja"),
            ("std", "std:kinds.sruja"),
        ] {
            assert_eq!(imported(from), Path::new(file));
            assert!(text(&imported(from)).is_some());
        }
        assert_eq!(text(Path::new("std:other.sruja")), None);
    }
}
