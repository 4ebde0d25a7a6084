//! SARIF 2.1.0, for code scanning services. Only the part of the format that we fill is declared.

use super::plain_lines;
use crate::diag::{Code, Diagnostic, Edit, Fix, Severity};
use crate::source::{SourceMap, Span};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text<'static>,
    help: Text<'static>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Repair<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Repair<'a> {
    description: Text<'a>,
    artifact_changes: Vec<Change<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artifact,
    replacements: [Replacement<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<'a>,
}

/// `diagnostics` as a SARIF log with one run; its rules are the codes that were raised.
pub fn sarif(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let mut codes: Vec<&'static Code> = diagnostics.iter().map(|d| d.code).collect();
    codes.sort_by_key(|code| code.id);
    codes.dedup_by_key(|code| code.id);
    let results = diagnostics.iter().map(|diagnostic| finding(sources, &codes, diagnostic)).collect();
    let rules = codes.into_iter().map(rule).collect();
    let tool = Tool { driver: Driver { name: "sruja", version: env!("CARGO_PKG_VERSION"), rules } };
    let schema = "https://json.schemastore.org/sarif-2.1.0.json";
    let log = Log { schema, version: "2.1.0", runs: [Run { tool, column_kind: "unicodeCodePoints", results }] };
    // Only maps with keys that are no strings can fail, and there are none.
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn rule(code: &'static Code) -> Rule {
    Rule {
        id: code.id,
        short_description: text(code.title),
        help: text(code.explanation),
        default_configuration: Configuration { level: level(code.severity) },
    }
}

fn finding<'a>(sources: &SourceMap, codes: &[&Code], diagnostic: &'a Diagnostic) -> Finding<'a> {
    let related = diagnostic.related.iter().enumerate();
    Finding {
        rule_id: diagnostic.code.id,
        rule_index: codes.partition_point(|code| code.id < diagnostic.code.id),
        level: level(diagnostic.severity),
        message: Text { text: message(diagnostic).into() },
        locations: [Location { id: None, physical_location: physical(sources, diagnostic.span), message: None }],
        related_locations: related.map(|(n, label)| location(sources, n, label.span, &label.text)).collect(),
        fixes: diagnostic.fixes.iter().map(|fix| repair(sources, fix)).collect(),
    }
}

/// The message; viewers of SARIF have no place for the help, so it follows.
fn message(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.iter().map(|help| format!("\n{help}"));
    plain_lines(&(diagnostic.message.clone() + &help.collect::<String>())).into_owned()
}

fn location<'a>(sources: &SourceMap, n: usize, span: Span, label: &'a str) -> Location<'a> {
    Location { id: Some(n), physical_location: physical(sources, span), message: Some(text(label)) }
}

fn repair<'a>(sources: &SourceMap, fix: &'a Fix) -> Repair<'a> {
    let changes = fix.edits.iter().map(|edit| change(sources, edit)).collect();
    Repair { description: text(&fix.title), artifact_changes: changes }
}

fn change<'a>(sources: &SourceMap, edit: &'a Edit) -> Change<'a> {
    let replacement = Replacement { deleted_region: region(sources, edit.span), inserted_content: text(&edit.text) };
    Change { artifact_location: artifact(sources, edit.span), replacements: [replacement] }
}

fn physical(sources: &SourceMap, span: Span) -> Physical {
    Physical { artifact_location: artifact(sources, span), region: region(sources, span) }
}

/// A relative reference: bytes that a URI cannot hold as they are stand as `%20`.
fn artifact(sources: &SourceMap, span: Span) -> Artifact {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let name = sources.file(span.file).name.bytes();
    Artifact { uri: name.map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect() }
}

fn region(sources: &SourceMap, span: Span) -> Region {
    let (start, end) = (sources.position(span), sources.end_position(span));
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

fn text(text: &str) -> Text<'_> {
    Text { text: text.into() }
}
