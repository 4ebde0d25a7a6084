//! How the process ends, and why it may end early.

use crate::diag::Diagnostic;
use crate::source::git::GitError;
use crate::source::{HostError, SourceMap};
use std::path::PathBuf;

/// Every exit status; scripts depend on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All well.
    Ok,
    /// An error in a file, an expectation violated, a file that is not formatted.
    Findings,
    /// Wrong usage, or an input that can't be read or compiled.
    Usage,
    /// Runs failed or are incomplete; also a bug of the tool.
    Incomplete,
    /// Stopped by the user; checkpoints are written.
    Interrupted,
}

impl Exit {
    /// Its number.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command could not do its work: the environment's fault, or the command line's.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something asked for makes no sense.
    #[error("{message}")]
    Usage {
        /// One sentence.
        message: String,
        /// What to do instead.
        help: Option<String>,
    },
    /// The scenarios make no plan.
    #[error("{message}")]
    Plan {
        /// Its code.
        code: &'static str,
        /// One sentence.
        message: String,
    },
    /// History cannot be read.
    #[error("{0}")]
    History(GitError),
    /// A file or folder that was named cannot be had.
    #[error("{}: {error}", path.display())]
    Input {
        /// As it was named.
        path: PathBuf,
        /// What the system answered.
        error: HostError,
    },
    /// `sruja.toml` has mistakes.
    #[error("sruja.toml cannot be used")]
    Config {
        /// Its text.
        sources: SourceMap,
        /// The mistakes.
        diagnostics: Vec<Diagnostic>,
    },
    /// A result cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    Output {
        /// Where to.
        path: PathBuf,
        /// What the system answered.
        error: HostError,
    },
    /// Changes of files cannot be watched.
    #[error("cannot watch for changes: {0}")]
    Watch(String),
    /// Whoever read our output has gone; nobody is left to be told.
    #[error("the reader has gone")]
    Closed,
}

impl Failure {
    /// A usage failure.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    /// A usage failure that knows a way out.
    pub fn usage_with_help(message: impl Into<String>, help: Option<String>) -> Self {
        Self::Usage { message: message.into(), help }
    }

    /// How the process ends because of it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Plan { .. } | Self::History(_) | Self::Input { .. } | Self::Config { .. } => {
                Exit::Usage
            }
            Self::Output { .. } | Self::Watch(_) => Exit::Usage,
            Self::Closed => Exit::Ok,
        }
    }
}
