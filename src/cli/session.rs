//! What every command has in hand: the host, the streams and the common options.

use super::args::{ColorChoice, Global};
use super::exit::{Exit, Failure};
use super::terminal::Terminal;
use super::workspace::{Workspace, Workspaces};
use crate::diag::render::{self, Paint, Summary, TextStyle};
use crate::diag::{Diagnostic, Severity, find_code};
use crate::sema;
use crate::source::{Host, Pieces, SourceMap};
use std::path::Path;

/// One invocation.
pub struct Session<'a> {
    /// The outside world.
    pub host: &'a dyn Host,
    /// The streams.
    pub terminal: Terminal,
    /// Options of every command.
    pub global: Global,
    color: ColorChoice,
}

impl<'a> Session<'a> {
    /// An invocation with these options.
    pub fn new(host: &'a dyn Host, terminal: Terminal, global: Global) -> Self {
        let color = global.color.unwrap_or_default();
        Self { host, terminal, global, color }
    }

    /// The workspace of `path`; its colours hold from now on, unless the command line has its own.
    pub fn workspace(&mut self, path: &Path) -> Result<Workspace, Failure> {
        let workspace = self.workspace_of(path)?;
        self.color = self.global.color.or(workspace.config.color).unwrap_or_default();
        self.detail(&format!("workspace root: {}", workspace.root.display()));
        Ok(workspace)
    }

    /// The workspace of `path`.
    pub fn workspace_of(&self, path: &Path) -> Result<Workspace, Failure> {
        let named = if self.host.is_dir(path) { path } else { path.parent().unwrap_or(path) };
        Workspaces::new(self.host).of(path, named)
    }

    /// How text is drawn on standard output.
    pub fn style(&self) -> TextStyle {
        self.terminal.out_style(self.host, self.color)
    }

    /// How text is drawn on standard error.
    pub fn message_style(&self) -> TextStyle {
        self.terminal.err_style(self.host, self.color)
    }

    /// Writes the result of the command, to `output` when there is one, and ends with `exit`.
    pub fn finish(&mut self, output: Option<&Path>, text: &str, exit: Exit) -> Result<Exit, Failure> {
        self.stream(output, &|out| out.write_all(text.as_bytes()), exit)
    }

    /// As [`Session::finish`], piece by piece: the result is never held as a whole.
    pub fn stream(&mut self, output: Option<&Path>, write: Pieces<'_>, exit: Exit) -> Result<Exit, Failure> {
        let written = match output {
            None => self.terminal.stream(write),
            Some(path) => {
                let written = self.host.write_pieces(path, write);
                written.map_err(|error| Failure::Output { path: path.into(), error })
            }
        };
        match written {
            Ok(()) | Err(Failure::Closed) => Ok(exit),
            Err(failure) => Err(failure),
        }
    }

    /// Replaces a file.
    pub fn write(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let written = self.host.write(path, text.as_bytes());
        written.map_err(|error| Failure::Output { path: path.into(), error })
    }

    /// A message to the user, unless they want silence.
    pub fn note(&mut self, text: &str) {
        if !self.global.quiet {
            self.terminal.say(&format!("{}\n", render::plain_line(text)));
        }
    }

    /// A message to a user who wants to know what is going on.
    pub fn detail(&mut self, text: &str) {
        if self.global.verbose {
            self.terminal.say(&format!("{}\n", render::plain_line(text)));
        }
    }

    /// Shows diagnostics on standard error, beside a result or instead of one.
    pub fn show(&mut self, sources: &SourceMap, diagnostics: &[Diagnostic], files: usize) {
        let summary = Summary::of(diagnostics, files);
        let text = render::text(sources, diagnostics, &summary, self.message_style());
        self.terminal.say(&text);
    }

    /// Tells why the command could not do its work.
    pub fn fail(&mut self, failure: &Failure) -> Exit {
        match failure {
            Failure::Closed => {}
            Failure::Config { sources, diagnostics } => self.show(sources, diagnostics, 1),
            Failure::Usage { message, help } => self.complain("error:", message, help.as_deref()),
            Failure::Plan { code, message } => {
                let help = find_code(code).map(|row| row.explanation);
                self.complain(&format!("error[{code}]:"), message, help);
            }
            Failure::History(error) => {
                self.complain(&format!("error[{}]:", sema::git_code(error).id), &error.to_string(), Some(error.help()));
            }
            other => self.complain("error:", &other.to_string(), None),
        }
        failure.exit()
    }

    fn complain(&mut self, head: &str, message: &str, help: Option<&str>) {
        let paint = Paint { color: self.message_style().color };
        let mut text = format!("{} {}\n", paint.severity(Severity::Error, head), render::plain_lines(message));
        if let Some(help) = help {
            text += &format!(" {} {}\n", paint.help("help:"), render::plain_lines(help));
        }
        self.terminal.say(&text);
    }
}
