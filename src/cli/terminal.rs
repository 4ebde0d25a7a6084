//! The streams of the process and what can be shown on them: the only place that prints.

use super::args::ColorChoice;
use super::exit::Failure;
use crate::diag::render::TextStyle;
use crate::source::Host;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};

/// Results go to `out`, messages and progress to `err`.
pub struct Terminal {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    input: Box<dyn Read>,
    /// Whether results are read by a person.
    pub out_is_terminal: bool,
    /// Whether messages are read by a person.
    pub err_is_terminal: bool,
}

impl Terminal {
    /// The streams of this process.
    pub fn of_process() -> Self {
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            input: Box::new(io::stdin()),
            out_is_terminal: io::stdout().is_terminal(),
            err_is_terminal: io::stderr().is_terminal(),
        }
    }

    /// Writes a result.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::Output { path: "standard output".into(), error: system(&error) },
        })
    }

    /// Writes a result piece by piece, however long it is.
    pub fn stream(&mut self, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let mut out = io::BufWriter::with_capacity(1 << 16, &mut self.out);
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::Closed),
            Err(error) => Err(Failure::Output { path: "standard output".into(), error: system(&error) }),
            Ok(()) => Ok(()),
        }
    }

    /// Writes a message. When even that fails nobody can be told.
    pub fn say(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }

    /// Everything on standard input, up to `limit` bytes.
    pub fn read_input(&mut self, limit: u64) -> Result<String, Failure> {
        let mut bytes = Vec::new();
        let input = |error| Failure::Input { path: "standard input".into(), error };
        self.input.by_ref().take(limit + 1).read_to_end(&mut bytes).map_err(|e| input(system(&e)))?;
        if bytes.len() as u64 > limit {
            return Err(input(crate::source::HostError::TooLarge { size: bytes.len() as u64, limit }));
        }
        String::from_utf8(bytes).map_err(|_| input(crate::source::HostError::Io("not UTF-8".into())))
    }

    /// How text is drawn on standard output.
    pub fn out_style(&self, host: &dyn Host, color: ColorChoice) -> TextStyle {
        style(host, color, self.out_is_terminal)
    }

    /// How text is drawn on standard error.
    pub fn err_style(&self, host: &dyn Host, color: ColorChoice) -> TextStyle {
        style(host, color, self.err_is_terminal)
    }
}

fn system(error: &io::Error) -> crate::source::HostError {
    crate::source::HostError::Io(error.to_string())
}

fn style(host: &dyn Host, color: ColorChoice, is_terminal: bool) -> TextStyle {
    TextStyle {
        color: wants_color(host, color, is_terminal),
        unicode: shows_unicode(host),
        width: width(host, is_terminal),
    }
}

/// `--color` decides; without it `NO_COLOR`, then whether somebody looks.
fn wants_color(host: &dyn Host, color: ColorChoice, is_terminal: bool) -> bool {
    let set = |name| host.env(name).is_some_and(|value| !value.is_empty());
    match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && !set("NO_COLOR") && host.env("TERM").as_deref() != Some("dumb"),
    }
}

/// As the C library finds the encoding: the first of three variables that is set.
fn shows_unicode(host: &dyn Host) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| host.env(name)).find(|v| !v.is_empty());
    let utf8 = locale.is_some_and(|v| v.to_ascii_lowercase().replace('-', "").contains("utf8"));
    utf8 && host.env("TERM").as_deref() != Some("linux")
}

/// Columns: `COLUMNS`, else the terminal's, else 80; lines beyond 120 are hard to read.
fn width(host: &dyn Host, is_terminal: bool) -> usize {
    let given = host.env("COLUMNS").and_then(|columns| columns.parse().ok());
    let asked = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    given.or_else(|| is_terminal.then(asked).flatten()).unwrap_or(80).clamp(40, 120)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{HostError, MemoryHost};
    use std::path::{Path, PathBuf};

    /// A host with an environment and nothing else.
    struct Env(&'static [(&'static str, &'static str)]);

    impl Host for Env {
        fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, HostError> {
            MemoryHost::default().read(path, limit)
        }
        fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, HostError> {
            MemoryHost::default().list(folder)
        }
        fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HostError> {
            MemoryHost::default().write(path, bytes)
        }
        fn is_dir(&self, _: &Path) -> bool {
            false
        }
        fn canonical(&self, path: &Path) -> Result<PathBuf, HostError> {
            MemoryHost::default().canonical(path)
        }
        fn env(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        }
        fn monotonic(&self) -> std::time::Duration {
            std::time::Duration::ZERO
        }
    }

    #[test]
    fn color_follows_the_flag_then_no_color_then_the_terminal() {
        use ColorChoice::{Always, Auto, Never};
        let no_color = Env(&[("NO_COLOR", "1")]);
        assert!(wants_color(&Env(&[]), Auto, true) && !wants_color(&Env(&[]), Auto, false));
        assert!(!wants_color(&no_color, Auto, true) && wants_color(&no_color, Always, false));
        assert!(wants_color(&Env(&[("NO_COLOR", "")]), Auto, true));
        assert!(!wants_color(&Env(&[]), Never, true) && !wants_color(&Env(&[("TERM", "dumb")]), Auto, true));
    }

    #[test]
    fn unicode_and_width_follow_the_environment() {
        assert!(shows_unicode(&Env(&[("LANG", "de_DE.UTF-8")])) && shows_unicode(&Env(&[("LC_ALL", "C.utf8")])));
        assert!(!shows_unicode(&Env(&[])) && !shows_unicode(&Env(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")])));
        assert_eq!(width(&Env(&[("COLUMNS", "100")]), false), 100);
        assert_eq!(width(&Env(&[("COLUMNS", "9999")]), false), 120);
        assert_eq!(width(&Env(&[]), false), 80);
    }
}
