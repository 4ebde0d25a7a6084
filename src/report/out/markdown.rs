//! The report as Markdown, for a pull request or a wiki: what the text says, with tables that GitHub draws.

use super::page::{Cell, Page, Paint, Piece, clean};
use super::text;
use crate::report::Report;

/// The report as GitHub Flavored Markdown.
pub fn markdown(report: &Report, verbose: bool) -> String {
    let mut page = Markdown { verbose, text: String::new(), in_list: false };
    text::sections(&mut page, report);
    page.text
}

/// Text under construction.
struct Markdown {
    verbose: bool,
    text: String,
    /// The last line is one of a list.
    in_list: bool,
}

/// Columns of a drawing: what fits beside GitHub's margins.
const WIDTH: usize = 80;

/// Text whose signs mean nothing: no name becomes a link, a tag, emphasis or a column.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '|' | '~' | '#' | '&' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Bold text; blanks at its ends stay outside of the stars.
fn piece(Piece(paint, text): &Piece) -> String {
    let (body, text) = (text.trim(), escaped(text));
    if *paint != Paint::Bold || body.is_empty() {
        return text;
    }
    let body = escaped(body);
    text.replacen(&body, &format!("**{body}**"), 1)
}

impl Markdown {
    /// A block of its own.
    fn block(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
        self.in_list = false;
    }

    /// A line of a list.
    fn entry(&mut self, indent: &str, text: &str) {
        if !self.in_list {
            self.text.push('\n');
        }
        self.text.push_str(&format!("{indent}- {text}\n"));
        self.in_list = true;
    }
}

impl Page for Markdown {
    fn width(&self) -> usize {
        WIDTH
    }

    fn is_verbose(&self) -> bool {
        self.verbose
    }

    fn title(&mut self, name: &str, remark: &str) {
        self.block(&format!("# {}", escaped(name)));
        self.block(&escaped(remark));
    }

    fn answer(&mut self, piece: Piece) {
        self.block(&format!("## {}", escaped(&piece.1)));
    }

    fn heading(&mut self, title: &str, remark: &str) {
        self.block(&format!("## {}", escaped(title)));
        if !remark.is_empty() {
            self.block(&escaped(remark));
        }
    }

    fn item(&mut self, pieces: &[Piece], remark: &str) {
        let gap = if remark.is_empty() { "" } else { " · " };
        let text: String = pieces.iter().map(piece).collect();
        self.entry("", &format!("{}{gap}{}", text.trim(), escaped(remark)));
    }

    fn prose(&mut self, _: Paint, text: &str) {
        self.entry("", &escaped(text));
    }

    fn detail(&mut self, _: Paint, text: &str) {
        self.entry("  ", &escaped(text));
    }

    fn table(&mut self, head: &[&str], rows: &[Vec<Cell>]) {
        let Some(first) = rows.first() else { return };
        let shown: Vec<usize> = (0..head.len()).filter(|n| !first[*n].is_drawing()).collect();
        let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let titles = shown.iter().map(|n| escaped(head[*n])).collect();
        let rules = shown.iter().map(|n| if first[*n].right { "---:" } else { "---" }.to_owned()).collect();
        let row = |row: &Vec<Cell>| line(shown.iter().map(|n| escaped(row[*n].text.trim())).collect());
        let lines: Vec<String> = [line(titles), line(rules)].into_iter().chain(rows.iter().map(row)).collect();
        self.block(&lines.join("\n"));
    }

    fn table_below(&mut self, head: &[&str], rows: &[Vec<Cell>]) {
        self.table(head, rows);
    }

    fn drawing(&mut self, lines: &[Vec<Piece>]) {
        let line = |pieces: &Vec<Piece>| pieces.iter().map(|piece| clean(&piece.1)).collect::<String>();
        let lines: Vec<String> = lines.iter().map(|pieces| line(pieces).trim_end().to_owned()).collect();
        // No line of a drawing ends the fence: names of parameters have no backticks.
        self.block(&format!("```text\n{}\n```", lines.join("\n")));
    }
}
