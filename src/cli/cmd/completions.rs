//! `sruja completions`: the completion script of a shell.

use crate::cli::args::{Arguments, CompletionsArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::session::Session;
use clap::CommandFactory;

/// Prints the script.
pub fn run(session: &mut Session<'_>, args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "sruja", &mut script);
    session.finish(None, &String::from_utf8_lossy(&script), Exit::Ok)
}
