//! The closing line: how many of what.

use crate::diag::{Diagnostic, Severity};

/// What a check found, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Diagnostics of severity error.
    pub errors: usize,
    /// Diagnostics of severity warning.
    pub warnings: usize,
    /// Diagnostics of severity hint.
    pub hints: usize,
    /// Diagnostics that `--fix` mends.
    pub fixable: usize,
    /// Files that were checked.
    pub files: usize,
}

impl Summary {
    /// Counts `diagnostics` of so many `files`.
    pub fn of(diagnostics: &[Diagnostic], files: usize) -> Self {
        let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            hints: count(Severity::Hint),
            fixable: diagnostics.iter().filter(|d| d.certain_fix().is_some()).count(),
            files,
        }
    }

    /// As a sentence: "2 errors, 1 warning in 3 files; 1 can be fixed with --fix".
    pub fn sentence(&self) -> String {
        let kinds = [(self.errors, "error"), (self.warnings, "warning"), (self.hints, "hint")];
        let found: Vec<_> = kinds.iter().filter(|(n, _)| *n > 0).map(|(n, word)| count_of(*n, word)).collect();
        let found = if found.is_empty() { "no problems".to_owned() } else { found.join(", ") };
        let fixable = match self.fixable {
            0 => String::new(),
            n => format!("; {n} can be fixed with --fix"),
        };
        format!("{found} in {}{fixable}", count_of(self.files, "file"))
    }
}

/// "1 file", "2 files".
pub fn count_of(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_only_what_there_is() {
        let some = Summary { errors: 2, warnings: 1, hints: 0, fixable: 1, files: 3 };
        assert_eq!(some.sentence(), "2 errors, 1 warning in 3 files; 1 can be fixed with --fix");
        assert_eq!(Summary { files: 1, ..Summary::default() }.sentence(), "no problems in 1 file");
    }
}
