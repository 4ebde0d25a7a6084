//! Diagnostics: what the tool says about the user's text.
//!
//! A [`Diagnostic`] is plain data; `render` turns it into text, JSON, SARIF or GitHub annotations.
//! Every one has a code of [`codes`], a primary span, a message in plain words, and help where help
//! can be given.

pub mod codes;
mod fix;
pub mod render;

pub use codes::{CODES, Code, find_code};
pub use fix::{Fixed, apply_fixes};

use crate::source::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something to know.
    Hint,
    /// Suspicious, but it can be run.
    Warning,
    /// It cannot be run.
    Error,
}

impl Severity {
    /// The word used in every format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What; may be empty.
    pub text: String,
}

/// A change of text that mends a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: "write `->`".
    pub title: String,
    /// Replacements that do not overlap.
    pub edits: Vec<Edit>,
    /// Whether it surely does what was meant; only such fixes are applied by `--fix`.
    pub certain: bool,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// Something that the tool says about the user's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code.
    pub code: &'static Code,
    /// How bad it is; the code's own unless changed by a setting.
    pub severity: Severity,
    /// The place that a cursor should jump to.
    pub span: Span,
    /// One sentence without a full stop, in the user's words.
    pub message: String,
    /// What the underline says; may be empty.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that matter.
    pub related: Vec<Label>,
    /// Changes that would mend it.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A diagnostic with this code, place and message.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            severity: code.severity,
            span,
            message,
            label: String::new(),
            help: None,
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// With words under the underline.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// With a next step.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// With another place that matters.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// With a change that surely mends it.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.with_fix(title, span, text, true)
    }

    /// With a change that probably mends it; `--fix` leaves it alone.
    #[must_use]
    pub fn suggest(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.with_fix(title, span, text, false)
    }

    /// The change that `--fix` makes for it.
    pub fn certain_fix(&self) -> Option<&Fix> {
        self.fixes.iter().find(|fix| fix.certain)
    }

    fn with_fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>, certain: bool) -> Self {
        self.fixes.push(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }], certain });
        self
    }
}

/// Puts diagnostics in their one order (file, offset, code) and drops exact repeats.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.span, a.code.id, &a.message).cmp(&(b.span, b.code.id, &b.message)));
    diagnostics.dedup();
}
