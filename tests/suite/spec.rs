//! Literate specs: every `tests/spec/*.md` is prose with blocks that are held to.
//!
//! A section (one heading) has at most one of each block:
//! - ```` ```sruja ````: a file. `// ! E0201` behind a line claims that this diagnostic starts there; claims and
//!   findings must agree exactly. Hints and lints (`W11xx`) are advice about the design, which many sections break on
//!   purpose: they need a claim only where the section claims that code.
//! - ```` ```expand ````: the names of its runs, one a line; `… 100` as the last line stands for "and so on, 100 in all".
//! - ```` ```result ````: comparisons on the report of running it, one a line: `a < b`, `a == b`, `a ~ b +- tolerance`.
//!   A side is a number or `RUN: path/into/the/run`, such as `S-100: elements/Shop.Api/utilization`; true is 1.
//!   `group NAME: path` is a path into that group of the report, `causes/timeout/count` of its causes of that name.
//! - ```` ```file NAME ````: another file beside it, as many as there are names.
//! - ```` ```formatted ````: what `fmt` makes of it.

use crate::support::project;
use serde_json::Value;
use sruja::diag::Severity;
use sruja::source::MemoryHost;
use std::path::Path;

/// A section of a spec: its heading and its blocks by language.
struct Section {
    title: String,
    blocks: Vec<(String, String)>,
}

impl Section {
    fn block(&self, language: &str) -> Option<&str> {
        self.blocks.iter().find(|(name, _)| name == language).map(|(_, text)| text.as_str())
    }
}

#[test]
fn every_section_of_every_spec_holds() {
    let mut files: Vec<_> =
        std::fs::read_dir(project().join("tests/spec")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut failures = Vec::new();
    let mut sections = 0;
    for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "md")) {
        let text = std::fs::read_to_string(file).unwrap();
        for section in parse(&text) {
            sections += 1;
            if let Err(why) = hold(&section) {
                failures.push(format!("{} · {}\n{why}", file.file_name().unwrap().to_string_lossy(), section.title));
            }
        }
    }
    assert!(sections > 0, "no spec was read");
    assert!(failures.is_empty(), "{} of {sections} sections do not hold\n\n{}", failures.len(), failures.join("\n\n"));
}

fn parse(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => {
                let block = open.take().unwrap();
                sections.last_mut().expect("a block stands below a heading").blocks.push(block);
            }
            (Some((_, text)), None) => *text += &format!("{line}\n"),
            (None, None) if line.starts_with('#') => {
                sections.push(Section { title: line.trim_start_matches('#').trim().to_owned(), blocks: Vec::new() });
            }
            (None, None) => {}
        }
    }
    sections.retain(|section| !section.blocks.is_empty());
    sections
}

fn hold(section: &Section) -> Result<(), String> {
    let source = section.block("sruja").ok_or("the section has no ```sruja block")?;
    let files = section.blocks.iter().filter_map(|(name, text)| Some((name.strip_prefix("file ")?, text)));
    let mut files: Vec<(String, &str)> = files.map(|(name, text)| (format!("/w/{name}"), text.as_str())).collect();
    files.push(("/w/spec.sruja".to_owned(), source));
    let host = MemoryHost::new(files.iter().map(|(path, text)| (path.as_str(), *text)));
    let checked = sruja::sema::check(&host, Path::new("/w/spec.sruja"), Path::new("/w"));
    diagnostics(source, &checked)?;
    if let Some(expected) = section.block("formatted") {
        let formatted = sruja::syntax::format(source).map_err(|_| "cannot be formatted".to_owned())?;
        if formatted != expected {
            return Err(format!("formatted as\n{formatted}"));
        }
    }
    if section.block("expand").is_none() && section.block("result").is_none() {
        return Ok(());
    }
    let project = checked.project.ok_or("it cannot be run")?;
    let plan =
        sruja::plan::Plan::new(&project, &sruja::plan::PlanOptions::default()).map_err(|error| error.to_string())?;
    if let Some(expected) = section.block("expand") {
        names(&plan, expected)?;
    }
    match section.block("result") {
        Some(claims) => results(&project, &plan, claims),
        None => Ok(()),
    }
}

fn is_advice(diagnostic: &sruja::diag::Diagnostic) -> bool {
    diagnostic.severity == Severity::Hint || diagnostic.code.id.starts_with("W11")
}

/// Claims of the source and findings agree, line by line.
fn diagnostics(source: &str, checked: &sruja::sema::Checked) -> Result<(), String> {
    let mut claimed: Vec<(u32, String)> = Vec::new();
    for (line, number) in source.lines().zip(1..) {
        if let Some((_, codes)) = line.split_once("// !") {
            claimed.extend(codes.split_whitespace().map(|code| (number, code.to_owned())));
        }
    }
    let is_claimed = |code: &str| claimed.iter().any(|(_, claim)| claim == code);
    let mut found: Vec<(u32, String)> = checked
        .diagnostics
        .iter()
        .filter(|d| !is_advice(d) || is_claimed(d.code.id))
        .map(|d| (checked.sources.position(d.span).line, d.code.id.to_owned()))
        .collect();
    claimed.sort();
    found.sort();
    if claimed == found {
        return Ok(());
    }
    let shown: Vec<String> = checked
        .diagnostics
        .iter()
        .map(|d| format!("  {}: {} {}", checked.sources.position(d.span).line, d.code.id, d.message))
        .collect();
    Err(format!("claimed {claimed:?}\nfound\n{}", shown.join("\n")))
}

fn names(plan: &sruja::plan::Plan, expected: &str) -> Result<(), String> {
    let all: Vec<String> = plan.iter().map(|run| run.info.name.to_string()).collect();
    let mut lines: Vec<&str> = expected.lines().collect();
    let count = lines.last().and_then(|line| line.strip_prefix("… ")).and_then(|count| count.parse::<usize>().ok());
    if count.is_some() {
        lines.pop();
    }
    let head = &all[..lines.len().min(all.len())];
    let right = head == lines.as_slice() && all.len() == count.unwrap_or(lines.len());
    if right {
        Ok(())
    } else {
        Err(format!("{} runs:\n{}", all.len(), all.iter().take(40).cloned().collect::<Vec<_>>().join("\n")))
    }
}

/// Runs the plan on one worker and holds the report to the claims.
fn results(project: &sruja::model::Project, plan: &sruja::plan::Plan, claims: &str) -> Result<(), String> {
    let report = crate::support::report(project, plan, 1);
    let mut wrong = Vec::new();
    for claim in claims.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        match claim_holds(&report, claim) {
            Ok(None) => {}
            Ok(Some(values)) => wrong.push(format!("  {claim}    ({values})")),
            Err(why) => wrong.push(format!("  {claim}    ({why})")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("does not hold:\n{}", wrong.join("\n"))) }
}

/// `Ok(None)`: it holds; `Ok(Some(values))`: it does not.
fn claim_holds(report: &Value, claim: &str) -> Result<Option<String>, String> {
    let (left, sign, right) = [" <= ", " >= ", " == ", " != ", " < ", " > ", " ~ "]
        .iter()
        .find_map(|sign| claim.split_once(sign).map(|(left, right)| (left.trim(), sign.trim(), right.trim())))
        .ok_or("no comparison")?;
    let (right, tolerance) = match right.split_once("+-") {
        Some((right, tolerance)) => (right.trim(), tolerance.trim().parse::<f64>().map_err(|e| e.to_string())?),
        None => (right, 0.0),
    };
    let (a, b) = (side(report, left)?, side(report, right)?);
    let holds = match sign {
        "<" => a < b,
        ">" => a > b,
        "<=" => a <= b,
        ">=" => a >= b,
        "==" => a == b,
        "!=" => a != b,
        _ => (a - b).abs() <= tolerance,
    };
    Ok((!holds).then(|| format!("{a} and {b}")))
}

fn side(report: &Value, text: &str) -> Result<f64, String> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    if let Some((name, path)) = text.strip_prefix("group ").and_then(|text| text.rsplit_once(": ")) {
        let groups = report["groups"].as_array().ok_or("no groups")?;
        let group = groups.iter().find(|group| group["name"] == name).ok_or_else(|| format!("no group `{name}`"))?;
        return crate::support::figure(group, path);
    }
    let (name, path) = text.rsplit_once(": ").ok_or_else(|| format!("`{text}` is neither a number nor `RUN: path`"))?;
    let runs = report["runs"].as_array().ok_or("no runs")?;
    let run = runs.iter().find(|run| run["name"] == name).ok_or_else(|| format!("no run `{name}`"))?;
    crate::support::figure(run, path)
}
