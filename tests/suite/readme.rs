//! The README promises two commands; both do what it says.

use crate::support::{outcome, project, read, sruja_in};

/// The lines of the README's `sh` blocks.
fn commands() -> Vec<String> {
    let readme = read("README.md");
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

#[test]
fn there_are_two_commands_and_ci_runs_the_second() {
    let commands = commands();
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(commands[0].starts_with("cargo run --release -- "), "{}", commands[0]);
    let ci = read(".ci/run");
    assert!(ci.lines().any(|line| line.contains(&commands[1])), "`{}` is not in .ci/run", commands[1]);
}

#[test]
fn the_first_command_shows_a_report() {
    let command = commands().swap_remove(0);
    let args: Vec<_> = command.split_once(" -- ").unwrap().1.split(' ').collect();
    let found = outcome(&mut sruja_in(project(), &args), "");
    assert_eq!(found.code, Some(0), "{found:?}");
    assert!(found.stdout.contains("DatabaseTrouble") && found.stdout.contains("v2"), "{}", found.stdout);
}
