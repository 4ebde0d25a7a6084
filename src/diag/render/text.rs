//! For people: miette draws, this file decides what.

use super::snippet::Snippets;
use super::{Summary, plain_line, plain_lines};
use crate::diag::{Diagnostic, Fix, Label, Severity};
use crate::source::{FileId, SourceMap, Span};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// How text is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    /// With ANSI colours.
    pub color: bool,
    /// With line-drawing characters beyond ASCII.
    pub unicode: bool,
    /// Columns to fit into.
    pub width: usize,
}

/// Beyond so many findings a person stops reading; the rest is counted, and kept by other formats.
const SHOWN: usize = 100;

/// Every diagnostic with its source, and the closing line.
pub fn text(sources: &SourceMap, diagnostics: &[Diagnostic], summary: &Summary, style: TextStyle) -> String {
    let mut page = Page { sources, style, snippets: BTreeMap::new(), out: String::new() };
    for diagnostic in diagnostics.iter().take(SHOWN) {
        page.diagnostic(diagnostic);
    }
    if diagnostics.len() > SHOWN {
        let _ = writeln!(page.out, "and {} more; `--format json` lists all\n", diagnostics.len() - SHOWN);
    }
    let paint = Paint { color: style.color };
    page.out + &paint.bold(&summary.sentence()) + "\n"
}

/// The few colours that we use ourselves; miette has the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Whether to use any.
    pub color: bool,
}

impl Paint {
    fn wrap(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Stands out.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Steps back.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// What to do next.
    pub fn help(self, text: &str) -> String {
        self.wrap("36", text)
    }

    /// Something new or good.
    pub fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Something gone or bad.
    pub fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// In the colour of its severity.
    pub fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Hint => "1;36",
        };
        self.wrap(code, text)
    }
}

/// The output under construction.
struct Page<'a> {
    sources: &'a SourceMap,
    style: TextStyle,
    snippets: BTreeMap<FileId, Snippets<'a>>,
    out: String,
}

impl<'a> Page<'a> {
    fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        let heading = format!("{}[{}]:", diagnostic.severity.word(), diagnostic.code.id);
        let heading = Paint { color: self.style.color }.severity(diagnostic.severity, &heading);
        let own = |label: &&Label| label.span.file == diagnostic.span.file;
        let mut labels = vec![(diagnostic.span, diagnostic.label.as_str())];
        labels.extend(diagnostic.related.iter().filter(own).map(|label| (label.span, label.text.as_str())));
        let message = format!("{heading} {}", plain_lines(&diagnostic.message));
        self.snippet(diagnostic.severity, message, &labels);
        for label in diagnostic.related.iter().filter(|label| !own(label)) {
            self.snippet(Severity::Hint, plain_lines(&label.text).into_owned(), &[(label.span, "")]);
        }
        self.advice(diagnostic);
        self.out.push('\n');
    }

    /// A message above the lines that `labels` point into; the first of them is the primary one.
    fn snippet(&mut self, severity: Severity, message: String, labels: &[(Span, &str)]) {
        let file = labels[0].0.file;
        let source = self.snippets.entry(file).or_insert_with(|| Snippets::of(self.sources.file(file)));
        let width = self.style.width;
        let labels = labels.iter().enumerate().map(|(n, (span, text))| labeled(source, *span, text, n == 0, width));
        let part = Part { severity, message, labels: labels.collect(), source };
        // Writing to a string cannot fail, and every span was cut to its text.
        let _ = handler(self.style, severity, &part.labels).render_report(&mut self.out, &part);
    }

    /// What can be done, under the snippets.
    fn advice(&mut self, diagnostic: &Diagnostic) {
        if let Some(help) = &diagnostic.help {
            self.indented("help:", &plain_lines(help));
        }
        for fix in &diagnostic.fixes {
            self.indented("fix:", &fix_line(fix));
        }
    }

    fn indented(&mut self, word: &str, text: &str) {
        let lines = wrapped(text, self.style.width.saturating_sub(9).max(20));
        let word = Paint { color: self.style.color }.help(&format!("{word:>6}"));
        let _ = writeln!(self.out, " {word} {}", lines.replace('\n', "\n        "));
    }
}

fn fix_line(fix: &Fix) -> String {
    let title = plain_line(&fix.title);
    if fix.certain { title.into_owned() } else { format!("perhaps: {title}") }
}

fn labeled(source: &Snippets<'_>, span: Span, text: &str, primary: bool, width: usize) -> LabeledSpan {
    let span = source.underlined(span);
    let room = width.saturating_sub(source.column(span) + 12).max(24);
    let text = Some(wrapped(&plain_line(text), room)).filter(|text| !text.is_empty());
    if primary { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
}

/// `text` broken at spaces into lines of at most `width` characters; a longer word stays whole, and
/// so does code in backquotes.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        lines.push(String::new());
        for word in words(line) {
            push_word(&mut lines, &word, width);
        }
    }
    lines.join("\n")
}

/// The words of a line, with code in backquotes as one word.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut is_open) = (Vec::<String>::new(), false);
    for part in line.split(' ') {
        match words.last_mut().filter(|_| is_open) {
            Some(last) => *last += &format!(" {part}"),
            None => words.push(part.to_owned()),
        }
        is_open ^= part.matches('`').count() % 2 == 1;
    }
    words
}

fn push_word(lines: &mut Vec<String>, word: &str, width: usize) {
    let Some(last) = lines.last_mut() else { return };
    if last.is_empty() {
        last.push_str(word);
    } else if last.chars().count() + 1 + word.chars().count() <= width {
        last.push(' ');
        last.push_str(word);
    } else {
        lines.push(word.to_owned());
    }
}

fn handler(style: TextStyle, severity: Severity, labels: &[LabeledSpan]) -> GraphicalReportHandler {
    let characters = if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let styles = if style.color { colors(severity, labels) } else { ThemeStyles::none() };
    GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_links(false)
        .with_width(style.width)
        .without_syntax_highlighting()
}

/// The primary underline in the colour of the severity, the others in one that steps back; miette
/// hands colours out by position.
fn colors(severity: Severity, labels: &[LabeledSpan]) -> ThemeStyles {
    let mut styles = ThemeStyles::ansi();
    let primary = match severity {
        Severity::Error => styles.error.bold(),
        Severity::Warning => styles.warning.bold(),
        Severity::Hint => styles.advice.bold(),
    };
    let mut order: Vec<_> = labels.iter().collect();
    order.sort_by_key(|label| label.offset());
    styles.highlights = order.iter().map(|label| if label.primary() { primary } else { styles.advice }).collect();
    styles.link = styles.linum;
    styles
}

/// What miette draws: one message over one file.
struct Part<'a> {
    severity: Severity,
    message: String,
    labels: Vec<LabeledSpan>,
    source: &'a Snippets<'a>,
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Part<'_> {}

impl miette::Diagnostic for Part<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Hint => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
