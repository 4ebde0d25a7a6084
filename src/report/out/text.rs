//! Text for a terminal.

use crate::report::Report;

/// How a terminal shows text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Columns.
    pub width: usize,
    /// Whether escape sequences for colour may be used.
    pub color: bool,
    /// Whether glyphs beyond ASCII may be used.
    pub unicode: bool,
    /// Everything instead of the most telling lines.
    pub verbose: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { width: 80, color: false, unicode: true, verbose: false }
    }
}

/// The report as text.
pub fn text(report: &Report, _options: &TextOptions) -> String {
    let row = |m: &crate::report::MatrixReport| {
        format!(
            "{}  {}  {:.1}  {} violations  {:.2} stability\n",
            m.version, m.scenario, m.score, m.violations, m.stability
        )
    };
    report.matrix.iter().map(row).collect()
}
