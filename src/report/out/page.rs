//! A page that people read: what stands on it, whatever it is written as.
//!
//! Every piece of text goes through [`clean`] before a form puts its own signs around it, so that no
//! name of a user's file reaches a reader as one. Alignment counts what is seen, not bytes.

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
    pub text: String,
    pub paint: Paint,
    /// A number.
    pub right: bool,
    /// Whether it may be cut where the table is too wide.
    pub gives_way: bool,
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
    /// Whether it repeats as a picture what another cell says.
    pub fn is_drawing(&self) -> bool {
        !self.right && !self.gives_way
    }

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

/// What the sections of a report are written on.
pub trait Page {
    /// Columns of a drawing.
    fn width(&self) -> usize;
    /// Whether everything is wanted.
    fn is_verbose(&self) -> bool;
    /// The first line: what this is about.
    fn title(&mut self, name: &str, remark: &str);
    /// The answer.
    fn answer(&mut self, piece: Piece);
    /// Begins a section.
    fn heading(&mut self, title: &str, remark: &str);
    /// One of several things.
    fn item(&mut self, pieces: &[Piece], remark: &str);
    /// A sentence of the section.
    fn prose(&mut self, paint: Paint, text: &str);
    /// A sentence about the item above.
    fn detail(&mut self, paint: Paint, text: &str);
    /// Columns with a head.
    fn table(&mut self, head: &[&str], rows: &[Vec<Cell>]);
    /// A second table of the same section.
    fn table_below(&mut self, head: &[&str], rows: &[Vec<Cell>]);
    /// Lines of which every column counts.
    fn drawing(&mut self, lines: &[Vec<Piece>]);
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
