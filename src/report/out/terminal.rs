//! A page for a terminal: painted, aligned, wrapped.

use super::TextOptions;
use super::page::{Cell, Page, Paint, Piece, clean, columns, shortened};

/// What an escape sequence says for a paint.
fn code(paint: Paint) -> &'static str {
    match paint {
        Paint::Plain => "",
        Paint::Bold => "1",
        Paint::Dim => "2",
        Paint::Good => "32",
        Paint::Warn => "33",
        Paint::Bad => "31",
        Paint::Accent => "36",
    }
}

/// Glyphs beyond ASCII, each for one ASCII character of the same width.
fn ascii(c: char) -> char {
    match c {
        '█' => '#',
        '▓' | '×' | '✗' => 'x',
        '▒' | '✓' => '+',
        '░' => '.',
        '─' | '·' | '—' | '–' => '-',
        '├' | '┤' | '│' => '|',
        '●' => 'o',
        '→' => '>',
        '…' => '~',
        'µ' => 'u',
        c if c.is_ascii() => c,
        _ => '?',
    }
}

/// Columns of a table are not cut below this.
const NARROWEST: usize = 6;
/// The last column is broken into lines rather than the others cut, down to this.
const NARROWEST_LAST: usize = 20;

/// Text under construction.
pub struct Terminal {
    options: TextOptions,
    text: String,
}

impl Terminal {
    /// An empty page.
    pub fn new(options: TextOptions) -> Self {
        Self { options: TextOptions { width: options.width.max(40), ..options }, text: String::new() }
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }

    /// A line of pieces; blanks at its end are dropped.
    fn line(&mut self, pieces: &[Piece]) {
        let mut pieces = pieces.to_vec();
        while let Some(last) = pieces.last_mut() {
            last.1.truncate(last.1.trim_end().len());
            if !last.1.is_empty() {
                break;
            }
            pieces.pop();
        }
        for Piece(paint, text) in &pieces {
            self.piece(*paint, text);
        }
        self.text.push('\n');
    }

    fn piece(&mut self, paint: Paint, text: &str) {
        let mut text = clean(text);
        if !self.options.unicode {
            text = text.chars().map(ascii).collect();
        }
        if self.options.color && paint != Paint::Plain && !text.trim().is_empty() {
            self.text.push_str(&format!("\u{1b}[{}m{text}\u{1b}[0m", code(paint)));
        } else {
            self.text.push_str(&text);
        }
    }

    /// Prose, broken at blanks; lines after the first stand two columns further in.
    fn paragraph(&mut self, indent: usize, paint: Paint, text: &str) {
        for (n, line) in wrapped(text, self.width() - indent - 2).into_iter().enumerate() {
            let indent = " ".repeat(if n == 0 { indent } else { indent + 2 });
            self.line(&[Piece(Paint::Plain, indent), Piece(paint, line)]);
        }
    }

    fn row(&mut self, row: &[Cell], widths: &[usize]) {
        let aligned = |row: &[Cell]| row.iter().zip(widths).flat_map(|(cell, width)| aligned(cell, *width)).collect();
        let Some((last, others)) = row.split_last().filter(|(last, _)| last.gives_way) else {
            let pieces: Vec<Piece> = aligned(row);
            return self.line(&pieces);
        };
        let indent: usize = widths[..others.len()].iter().map(|width| width + 2).sum();
        let mut pieces: Vec<Piece> = aligned(others);
        for line in wrapped(&last.text, widths[others.len()]) {
            pieces.push(Piece(last.paint, format!("  {line}")));
            self.line(&pieces);
            pieces = vec![Piece(Paint::Plain, " ".repeat(indent))];
        }
    }

    /// Where a table is too wide, text in its last column is broken; where that is not enough, the widest others are cut.
    fn widths(&self, head: &[&str], rows: &[Vec<Cell>]) -> Vec<usize> {
        let own =
            |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|cell| columns(&cell.text)).max().unwrap_or(0);
        let mut widths: Vec<usize> = head.iter().enumerate().map(|(n, title)| columns(title).max(own(n))).collect();
        let gives_way = |n: &usize| rows.first().and_then(|row| row.get(*n)).is_some_and(|cell| cell.gives_way);
        let excess = |widths: &[usize]| (widths.iter().sum::<usize>() + 2 * widths.len()).saturating_sub(self.width());
        let last = widths.len().saturating_sub(1);
        if gives_way(&last) {
            let least = widths[last].min(NARROWEST_LAST);
            widths[last] = (widths[last] - excess(&widths).min(widths[last])).max(least);
        }
        while excess(&widths) > 0 {
            let widest = (0..last).filter(gives_way).max_by_key(|n| widths[*n]);
            let Some(widest) = widest.filter(|n| widths[*n] > NARROWEST) else { break };
            widths[widest] -= 1;
        }
        widths
    }
}

impl Page for Terminal {
    fn width(&self) -> usize {
        self.options.width
    }

    fn is_verbose(&self) -> bool {
        self.options.verbose
    }

    fn title(&mut self, name: &str, remark: &str) {
        self.line(&[Piece(Paint::Bold, name.to_owned()), Piece(Paint::Dim, format!(" · {remark}"))]);
    }

    fn answer(&mut self, piece: Piece) {
        self.line(&[]);
        self.line(&[piece]);
    }

    fn heading(&mut self, title: &str, remark: &str) {
        self.line(&[]);
        let gap = if remark.is_empty() { "" } else { "  " };
        self.line(&[Piece(Paint::Bold, title.to_owned()), Piece(Paint::Dim, format!("{gap}{remark}"))]);
    }

    /// The remark stands behind, on a line of its own where both do not fit.
    fn item(&mut self, pieces: &[Piece], remark: &str) {
        let pieces = [&[Piece(Paint::Plain, "  ".into())], pieces].concat();
        let taken: usize = pieces.iter().map(|piece| columns(&piece.1)).sum();
        if remark.is_empty() || taken + 2 + columns(remark) <= self.width() {
            self.line(&[&pieces[..], &[Piece(Paint::Dim, format!("  {remark}"))]].concat());
        } else {
            self.line(&pieces);
            self.detail(Paint::Dim, remark);
        }
    }

    fn prose(&mut self, paint: Paint, text: &str) {
        self.paragraph(2, paint, text);
    }

    fn detail(&mut self, paint: Paint, text: &str) {
        self.paragraph(4, paint, text);
    }

    fn table(&mut self, head: &[&str], rows: &[Vec<Cell>]) {
        let widths = self.widths(head, rows);
        let is_right = |n: usize| rows.first().and_then(|row| row.get(n)).is_some_and(|cell| cell.right);
        let title = |(n, title): (usize, &&str)| Cell {
            text: (*title).to_owned(),
            paint: Paint::Dim,
            right: is_right(n),
            gives_way: false,
        };
        self.row(&head.iter().enumerate().map(title).collect::<Vec<_>>(), &widths);
        for row in rows {
            self.row(row, &widths);
        }
    }

    fn table_below(&mut self, head: &[&str], rows: &[Vec<Cell>]) {
        self.line(&[]);
        self.table(head, rows);
    }

    fn drawing(&mut self, lines: &[Vec<Piece>]) {
        for line in lines {
            self.line(&[&[Piece(Paint::Plain, "  ".into())], &line[..]].concat());
        }
    }
}

fn aligned(cell: &Cell, width: usize) -> [Piece; 2] {
    let text = shortened(&cell.text, width);
    let blank = " ".repeat(width.saturating_sub(columns(&text)));
    if cell.right {
        [Piece(Paint::Plain, format!("  {blank}")), Piece(cell.paint, text)]
    } else {
        [Piece(cell.paint, format!("  {text}")), Piece(Paint::Plain, blank)]
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].is_empty() {
            lines[last].push_str(word);
        } else if columns(&lines[last]) + 1 + columns(word) <= width {
            lines[last].push(' ');
            lines[last].push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
