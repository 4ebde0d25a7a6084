//! `sruja man`: manual pages, for `man -l -` or a package.

use crate::cli::args::{Arguments, ManArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::session::Session;
use crate::schema::nearest;
use crate::source::HostError;
use clap::{Command, CommandFactory};

/// Prints a page in roff.
pub fn run(session: &mut Session<'_>, args: &ManArgs) -> Result<Exit, Failure> {
    let mut root = Arguments::command();
    root.build();
    let command = match &args.command {
        None => root,
        Some(name) => subcommand(&root, name)?,
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command).render(&mut page);
    rendered.map_err(|error| Failure::Output { path: "the page".into(), error: HostError::Io(error.to_string()) })?;
    session.finish(None, &String::from_utf8_lossy(&page), Exit::Ok)
}

fn subcommand(root: &Command, name: &str) -> Result<Command, Failure> {
    let found = root.find_subcommand(name).cloned();
    found.ok_or_else(|| {
        let near = nearest(name, root.get_subcommands().map(Command::get_name));
        Failure::usage_with_help(
            format!("there is no command `{name}`"),
            near.map(|near| format!("did you mean `{near}`?")),
        )
    })
}
