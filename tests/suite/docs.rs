//! The documentation says what the binary does.

use crate::support::{project, read};
use std::path::Path;

/// Set it to write the reference anew.
const UPDATE: &str = "UPDATE_DOCS";

#[test]
fn the_reference_is_what_the_tables_say() {
    for (name, wanted) in sruja::cli::reference::pages() {
        let path = format!("docs/src/reference/{name}");
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(project().join(&path), &wanted).unwrap();
        }
        assert!(read(&path) == wanted, "{path} is out of date: run `{UPDATE}=1 cargo test --test suite docs`");
    }
}

#[test]
fn every_page_is_in_the_summary_and_every_link_leads_somewhere() {
    let summary = read("docs/src/SUMMARY.md");
    let mut pages = Vec::new();
    markdown(&project().join("docs/src"), &mut pages);
    for page in &pages {
        let name = page.strip_prefix(project().join("docs/src")).unwrap().display().to_string();
        assert!(name == "SUMMARY.md" || summary.contains(&format!("({name})")), "{name} is not in SUMMARY.md");
        for link in links(&std::fs::read_to_string(page).unwrap()) {
            assert!(page.parent().unwrap().join(&link).exists(), "{name} links to {link}");
        }
    }
    assert!(pages.len() > 9);
}

fn markdown(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            markdown(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Relative targets of `[text](target)`, their anchors left out.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let relative =
        targets.filter(|target| !target.contains("://") && !target.starts_with('#') && !target.contains(' '));
    relative.filter_map(|target| target.split('#').next()).map(str::to_owned).collect()
}

#[test]
fn every_example_in_the_guide_checks() {
    let mut pages = Vec::new();
    markdown(&project().join("docs/src/guide"), &mut pages);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for example in text.split("```sruja\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            let host = sruja::source::MemoryHost::new([("/w/a.sruja", example)]);
            let checked = sruja::sema::check(&host, Path::new("/w/a.sruja"), Path::new("/w"));
            let errors: Vec<_> = checked.diagnostics.iter().map(|found| (found.code.id, &found.message)).collect();
            assert!(errors.is_empty(), "{}: {errors:?}\n{example}", page.display());
        }
    }
}
