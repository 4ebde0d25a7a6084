//! `sruja fmt`: one layout for all.

use crate::cli::args::FmtArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::inputs::collect;
use crate::cli::session::Session;
use crate::diag::render::{Paint, count_of, plain_lines};
use crate::source::{HostError, SourceMap};
use crate::syntax;
use similar::{ChangeTag, TextDiff};
use std::path::{Path, PathBuf};

/// Files of more bytes are refused, as everywhere.
const MAX_FILE: u64 = 16 << 20;

/// Formats files in place, or standard input to standard output.
pub fn run(session: &mut Session<'_>, args: &FmtArgs) -> Result<Exit, Failure> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        return format_input(session, args);
    }
    session.workspace(args.paths.first().map_or(".".as_ref(), |path| path.as_path()))?;
    let mut tally = Tally::default();
    for input in collect(session.host, &args.paths)? {
        format_file(session, args, &input.path, &mut tally)?;
    }
    session.note(&tally.sentence(args));
    Ok(tally.exit(args))
}

/// How many files came out how.
#[derive(Debug, Default)]
struct Tally {
    changed: usize,
    unchanged: usize,
    broken: usize,
}

impl Tally {
    fn exit(&self, args: &FmtArgs) -> Exit {
        match self {
            Self { broken: 1.., .. } => Exit::Usage,
            Self { changed: 1.., .. } if args.check => Exit::Findings,
            _ => Exit::Ok,
        }
    }

    fn sentence(&self, args: &FmtArgs) -> String {
        let verb = if args.check || args.diff { "would be formatted" } else { "formatted" };
        let broken = match self.broken {
            0 => String::new(),
            n => format!(", {} with errors left as they are", count_of(n, "file")),
        };
        format!("{} {verb}, {} already formatted{broken}", count_of(self.changed, "file"), self.unchanged)
    }
}

fn format_file(session: &mut Session<'_>, args: &FmtArgs, path: &Path, tally: &mut Tally) -> Result<(), Failure> {
    let old = read(session, path)?;
    let name = path.display().to_string();
    let Some(new) = formatted(session, &name, &old) else {
        tally.broken += 1;
        return Ok(());
    };
    if new == old {
        tally.unchanged += 1;
        return Ok(());
    }
    tally.changed += 1;
    deliver(session, args, path, &old, &new)
}

/// Shows or writes a file that changes.
fn deliver(session: &mut Session<'_>, args: &FmtArgs, path: &Path, old: &str, new: &str) -> Result<(), Failure> {
    let name = path.display().to_string();
    if args.diff {
        let paint = Paint { color: session.style().color };
        return session.terminal.print(&diff(&name, old, new, paint));
    }
    if args.check {
        return session.terminal.print(&format!("{}\n", plain_lines(&name)));
    }
    session.detail(&format!("formatted {name}"));
    session.write(path, new)
}

fn read(session: &Session<'_>, path: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::Input { path: path.to_owned(), error };
    let bytes = session.host.read(path, MAX_FILE).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| failed(HostError::Io("not UTF-8".into())))
}

/// Standard input, formatted; with `--check` or `--diff` nothing else is printed than these.
fn format_input(session: &mut Session<'_>, args: &FmtArgs) -> Result<Exit, Failure> {
    if args.paths != [PathBuf::from("-")] {
        return Err(Failure::usage("`-` stands alone: standard input is formatted to standard output"));
    }
    let old = session.terminal.read_input(MAX_FILE)?;
    let Some(new) = formatted(session, "<stdin>", &old) else { return Ok(Exit::Usage) };
    let exit = if args.check && new != old { Exit::Findings } else { Exit::Ok };
    let shown = match args {
        FmtArgs { diff: true, .. } => diff("<stdin>", &old, &new, Paint { color: session.style().color }),
        FmtArgs { check: true, .. } => String::new(),
        _ => new,
    };
    session.finish(None, &shown, exit)
}

/// `text` in its one layout; `None` when it has errors, which are then shown.
fn formatted(session: &mut Session<'_>, name: &str, text: &str) -> Option<String> {
    match syntax::format(text) {
        Ok(new) => Some(new),
        Err(found) => {
            let mut sources = SourceMap::new();
            sources.add(name, text);
            session.show(&sources, &found, 1);
            None
        }
    }
}

/// The change in the unified form, as `git diff` shows it.
fn diff(name: &str, old: &str, new: &str, paint: Paint) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut out = String::new();
    if old != new {
        out += &paint.bold(&format!("--- {name}\n+++ {name}\n"));
    }
    for hunk in diff.unified_diff().iter_hunks() {
        out += &format!("{}\n", paint.help(&hunk.header().to_string()));
        for change in hunk.iter_changes() {
            out += &changed_line(change.tag(), change.value(), paint);
        }
    }
    out
}

fn changed_line(tag: ChangeTag, line: &str, paint: Paint) -> String {
    let line = plain_lines(line.trim_end_matches('\n'));
    match tag {
        ChangeTag::Equal => format!(" {line}\n"),
        ChangeTag::Delete => paint.red(&format!("-{line}")) + "\n",
        ChangeTag::Insert => paint.green(&format!("+{line}")) + "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_goes_and_what_comes() {
        let shown = diff("a.sruja", "a\nb  \nc\n", "a\nb\nc\n", Paint { color: false });
        assert_eq!(shown, "--- a.sruja\n+++ a.sruja\n@@ -1,3 +1,3 @@\n a\n-b  \n+b\n c\n");
        assert_eq!(diff("a", "x\n", "x\n", Paint { color: false }), "");
    }
}
