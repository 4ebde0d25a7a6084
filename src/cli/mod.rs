//! The command line: parse arguments, do one command, end with one of five statuses.

pub mod args;
mod attribution;
mod bisect;
mod bug;
mod cache;
pub mod cmd;
pub mod config;
pub mod exit;
mod inputs;
mod interrupt;
mod lints;
mod markdown;
mod progress;
pub mod reference;
mod session;
mod settings;
mod simulate;
mod terminal;
pub mod vocabulary;
mod watch;
mod workspace;

use crate::source::{Host, RealHost};
use args::{Arguments, ColorChoice, Command};
use clap::Parser;
use exit::{Exit, Failure};
use session::Session;
use std::ffi::OsString;
use std::process::ExitCode;
use terminal::Terminal;

/// The whole program.
pub fn main() -> ExitCode {
    let done = bug::guard(|| run(&RealHost, Terminal::of_process(), std::env::args_os()));
    let exit = done.unwrap_or_else(|message| {
        Terminal::of_process().say(&(message + "\n"));
        Exit::Incomplete
    });
    exit.into()
}

fn run(host: &dyn Host, mut terminal: Terminal, arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return explain_usage(host, &mut terminal, &error),
    };
    let mut session = Session::new(host, terminal, arguments.global);
    match perform(&mut session, arguments.command) {
        Ok(exit) => exit,
        Err(failure) => session.fail(&failure),
    }
}

fn perform(session: &mut Session<'_>, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => cmd::check::run(session, &args),
        Command::Fmt(args) => cmd::fmt::run(session, &args),
        Command::Expand(args) => cmd::expand::run(session, &args),
        Command::Run(args) => cmd::run::run(session, &args),
        Command::Sweep(args) => cmd::sweep::run(session, &args),
        Command::WhyRerun(args) => cmd::why_rerun::run(session, &args),
        Command::Cache(args) => cmd::cache::run(session, &args),
        Command::Lsp(_) => Ok(cmd::lsp::run()),
        Command::Explain(args) => cmd::explain::run(session, &args),
        Command::Completions(args) => cmd::completions::run(session, &args),
        Command::Man(args) => cmd::man::run(session, &args),
    }
}

/// Help and version, which were asked for, go to standard output; complaints do not.
fn explain_usage(host: &dyn Host, terminal: &mut Terminal, error: &clap::Error) -> Exit {
    let rendered = error.render();
    let style = |terminal: &Terminal| match error.use_stderr() {
        true => terminal.err_style(host, ColorChoice::Auto),
        false => terminal.out_style(host, ColorChoice::Auto),
    };
    let text = if style(terminal).color { rendered.ansi().to_string() } else { rendered.to_string() };
    if error.use_stderr() {
        terminal.say(&text);
        return Exit::Usage;
    }
    // A reader who left has seen enough of the help.
    let _ = terminal.print(&text);
    Exit::Ok
}
