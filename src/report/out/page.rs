//! A page of terminal text: painting, alignment, bars, wrapping.
//!
//! Every piece of text goes through [`clean`] before an escape sequence is put around it, so that no
//! name of a user's file reaches the terminal as one. Alignment counts what is seen, not bytes.

use super::TextOptions;

/// How a piece of text looks with colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Plain,
    Bold,
    Dim,
    Good,
    Warn,
    Bad,
    Accent,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Warn => "33",
            Self::Bad => "31",
            Self::Accent => "36",
        }
    }

    /// From bad to good over two thresholds.
    pub fn by(value: f64, bad_below: f64, good_from: f64) -> Self {
        match value {
            v if v < bad_below => Self::Bad,
            v if v < good_from => Self::Warn,
            _ => Self::Good,
        }
    }
}

/// A painted piece of text.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece(pub Paint, pub String);

/// One cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    text: String,
    paint: Paint,
    right: bool,
    /// Whether it may be cut where the table is too wide.
    gives_way: bool,
}

/// Text to the left.
pub fn left(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), paint: Paint::Plain, right: false, gives_way: true }
}

/// A number to the right.
pub fn right(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), paint: Paint::Plain, right: true, gives_way: false }
}

/// A drawing to the left, never cut.
pub fn drawn(text: impl Into<String>) -> Cell {
    Cell { gives_way: false, ..left(text) }
}

impl Cell {
    /// The same in a colour.
    pub fn paint(self, paint: Paint) -> Self {
        Self { paint, ..self }
    }
}

/// Text without what a terminal would obey: control characters and directional overrides become `?`.
pub fn clean(text: &str) -> String {
    let is_command = |c: char| {
        c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
    };
    text.chars().map(|c| if is_command(c) { '?' } else { c }).collect()
}

/// Columns that a text takes: two for East Asian wide characters and emoji.
pub fn columns(text: &str) -> usize {
    let is_wide = |c: char| {
        matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f
            | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd)
    };
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
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

/// Cuts a text to so many columns, in the middle: both ends of a path tell it apart.
pub fn shortened(text: &str, width: usize) -> String {
    if columns(text) <= width || width < 3 {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let head = (width - 1) / 2;
    let tail = width - 1 - head;
    let start: String = chars[..head.min(chars.len())].iter().collect();
    let end: String = chars[chars.len() - tail.min(chars.len())..].iter().collect();
    format!("{start}…{end}")
}

/// Columns of a table are not cut below this.
const NARROWEST: usize = 6;

/// Text under construction.
pub struct Page {
    options: TextOptions,
    text: String,
}

impl Page {
    /// An empty page.
    pub fn new(options: TextOptions) -> Self {
        Self { options: TextOptions { width: options.width.max(40), ..options }, text: String::new() }
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.options.width
    }

    /// Whether everything is wanted.
    pub fn is_verbose(&self) -> bool {
        self.options.verbose
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }

    /// A line of pieces; blanks at its end are dropped.
    pub fn line(&mut self, pieces: &[Piece]) {
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
            self.text.push_str(&format!("\u{1b}[{}m{text}\u{1b}[0m", paint.code()));
        } else {
            self.text.push_str(&text);
        }
    }

    /// A heading with an empty line before it.
    pub fn heading(&mut self, title: &str, remark: &str) {
        self.line(&[]);
        let gap = if remark.is_empty() { "" } else { "  " };
        self.line(&[Piece(Paint::Bold, title.to_owned()), Piece(Paint::Dim, format!("{gap}{remark}"))]);
    }

    /// A line with a remark behind it, on a line of its own where both do not fit.
    pub fn line_and_remark(&mut self, pieces: &[Piece], remark: &str) {
        let taken: usize = pieces.iter().map(|piece| columns(&piece.1)).sum();
        if taken + 2 + columns(remark) <= self.width() {
            self.line(&[pieces, &[Piece(Paint::Dim, format!("  {remark}"))]].concat());
        } else {
            self.line(pieces);
            self.prose(4, Paint::Dim, remark);
        }
    }

    /// Prose, broken at blanks; lines after the first stand two columns further in.
    pub fn prose(&mut self, indent: usize, paint: Paint, text: &str) {
        for (n, line) in wrapped(text, self.width() - indent - 2).into_iter().enumerate() {
            let indent = " ".repeat(if n == 0 { indent } else { indent + 2 });
            self.line(&[Piece(Paint::Plain, indent), Piece(paint, line)]);
        }
    }

    /// A table with a head, two blanks between columns. Where it is too wide, its widest columns of text give way.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<Cell>]) {
        let widths = self.widths(head, rows);
        let is_right = |n: usize| rows.first().and_then(|row| row.get(n)).is_some_and(|cell| cell.right);
        let titles: Vec<Cell> = head
            .iter()
            .enumerate()
            .map(|(n, title)| Cell {
                text: (*title).to_owned(),
                paint: Paint::Dim,
                right: is_right(n),
                gives_way: false,
            })
            .collect();
        for row in std::iter::once(&titles).chain(rows) {
            let pieces: Vec<Piece> = row.iter().zip(&widths).flat_map(|(cell, width)| aligned(cell, *width)).collect();
            self.line(&pieces);
        }
    }

    fn widths(&self, head: &[&str], rows: &[Vec<Cell>]) -> Vec<usize> {
        let own =
            |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|cell| columns(&cell.text)).max().unwrap_or(0);
        let mut widths: Vec<usize> = head.iter().enumerate().map(|(n, title)| columns(title).max(own(n))).collect();
        let gives_way = |n: &usize| rows.first().and_then(|row| row.get(*n)).is_some_and(|cell| cell.gives_way);
        let total = |widths: &[usize]| widths.iter().sum::<usize>() + 2 * widths.len();
        while total(&widths) > self.width() {
            let widest = (0..widths.len()).filter(gives_way).max_by_key(|n| widths[*n]);
            let Some(widest) = widest.filter(|n| widths[*n] > NARROWEST) else { break };
            widths[widest] -= 1;
        }
        widths
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

/// A bar of `share` of `width` columns.
pub fn bar(share: f64, width: usize) -> String {
    let full = (share.clamp(0.0, 1.0) * width as f64).round() as usize;
    "█".repeat(full) + &"░".repeat(width - full)
}

/// A value and its interval on an axis from `low` to `high`: `  ├──●─┤  `.
pub fn whiskers(value: f64, interval: Option<[f64; 2]>, [low, high]: [f64; 2], width: usize) -> String {
    let place = |x: f64| {
        let share = if high > low { (x - low) / (high - low) } else { 0.5 };
        (share.clamp(0.0, 1.0) * (width - 1) as f64).round() as usize
    };
    let mut cells = vec![' '; width];
    if let Some([from, to]) = interval.map(|[from, to]| [place(from), place(to)]) {
        cells[from..=to].fill('─');
        cells[from] = '├';
        cells[to] = '┤';
    }
    cells[place(value)] = '●';
    cells.into_iter().collect()
}
