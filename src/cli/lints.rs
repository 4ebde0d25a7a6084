//! Which lints count for how much: `sruja.toml` first, then the command line; a code beats a group.

use super::args::LintArgs;
use super::exit::Failure;
use crate::diag::{CODES, Code, Diagnostic, Severity, find_code};
use crate::schema::nearest;
use std::collections::BTreeMap;

/// What a lint counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing is said.
    Off,
    /// It is said with this severity.
    At(Severity),
}

/// The words that `sruja.toml` takes for levels.
pub const LEVEL_WORDS: [&str; 4] = ["off", "hint", "warning", "error"];

impl Level {
    /// The level called `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        let levels = [Self::Off, Self::At(Severity::Hint), Self::At(Severity::Warning), Self::At(Severity::Error)];
        LEVEL_WORDS.iter().position(|known| *known == word).map(|n| levels[n])
    }
}

/// What a level is given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lint {
    /// Everything that is a warning.
    Warnings,
    /// One code.
    One(&'static Code),
}

/// Why a name is no lint, and what may have been meant.
#[derive(Debug, PartialEq, Eq)]
pub struct NoLint {
    /// One sentence.
    pub message: String,
    /// The nearest lint.
    pub help: Option<String>,
}

impl Lint {
    /// The lint called `name`: `warnings`, or a code that is no error by nature.
    pub fn named(name: &str) -> Result<Self, NoLint> {
        if name == "warnings" {
            return Ok(Self::Warnings);
        }
        match find_code(name) {
            Some(code) if is_lint(code) => Ok(Self::One(code)),
            Some(code) => Err(NoLint {
                message: format!("{} is not a lint: only codes that begin with W have a level", code.id),
                help: None,
            }),
            None => Err(unknown(name)),
        }
    }
}

/// Whether users may weigh it: what cannot be compiled stays an error.
fn is_lint(code: &Code) -> bool {
    code.id.starts_with('W')
}

fn unknown(name: &str) -> NoLint {
    let lints = CODES.iter().filter(|code| is_lint(code)).map(|code| code.id);
    let near = nearest(name, lints.chain(["warnings"]));
    let help = near.map_or_else(|| "`sruja explain` lists every code".into(), |near| format!("did you mean `{near}`?"));
    NoLint { message: format!("no lint is called `{}`", crate::diag::render::plain_line(name)), help: Some(help) }
}

/// The levels that were given.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    warnings: Option<Level>,
    codes: BTreeMap<&'static str, Level>,
}

impl Levels {
    /// Gives `lint` a level; a later one replaces an earlier one.
    pub fn set(&mut self, lint: Lint, level: Level) {
        match lint {
            Lint::Warnings => self.warnings = Some(level),
            Lint::One(code) => {
                self.codes.insert(code.id, level);
            }
        }
    }

    /// These levels with those of the command line over them.
    pub fn with_flags(&self, flags: &LintArgs) -> Result<Self, Failure> {
        let given = [
            (&flags.warn, Level::At(Severity::Warning)),
            (&flags.allow, Level::Off),
            (&flags.deny, Level::At(Severity::Error)),
        ];
        let mut levels = self.clone();
        for (names, level) in given {
            for name in names {
                let lint = Lint::named(name).map_err(|no| Failure::usage_with_help(no.message, no.help))?;
                levels.set(lint, level);
            }
        }
        Ok(levels)
    }

    /// `diagnostics` as these levels have them.
    pub fn apply(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        diagnostics.into_iter().filter_map(|diagnostic| self.weigh(diagnostic)).collect()
    }

    fn weigh(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        let group = self.warnings.filter(|_| diagnostic.severity == Severity::Warning);
        match self.codes.get(diagnostic.code.id).copied().or(group) {
            None => Some(diagnostic),
            Some(Level::Off) => None,
            Some(Level::At(severity)) => {
                diagnostic.severity = severity;
                Some(diagnostic)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes::{E0201, W1001, W1301};
    use crate::source::{FileId, Span};

    fn weighed(deny: &[&str], allow: &[&str], warn: &[&str]) -> Vec<(&'static str, Severity)> {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let flags = LintArgs { deny: owned(deny), allow: owned(allow), warn: owned(warn) };
        let found = [&E0201, &W1001, &W1301].map(|code| Diagnostic::new(code, Span::new(FileId(0), 0, 0), "m"));
        let levels = Levels::default().with_flags(&flags).unwrap();
        levels.apply(found.into()).iter().map(|d| (d.code.id, d.severity)).collect()
    }

    #[test]
    fn a_code_beats_the_group() {
        use Severity::{Error, Warning};
        assert_eq!(weighed(&["warnings"], &["W1001"], &[]), [("E0201", Error), ("W1301", Error)]);
        let kept = [("E0201", Error), ("W1001", Warning), ("W1301", Error)];
        assert_eq!(weighed(&["warnings"], &[], &["w1001"]), kept);
        assert_eq!(weighed(&[], &["warnings"], &[]), [("E0201", Error)]);
    }

    #[test]
    fn errors_are_no_lints_and_typos_are_answered() {
        assert!(Lint::named("E0201").is_err_and(|no| no.message.contains("not a lint")));
        assert_eq!(Lint::named("W1031").unwrap_err().help.as_deref(), Some("did you mean `W1301`?"));
        assert_eq!(Lint::named("warning").unwrap_err().help.as_deref(), Some("did you mean `warnings`?"));
    }
}
