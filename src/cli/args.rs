//! The command line, declared.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Find out how a software architecture behaves before it exists.
#[derive(Debug, Parser)]
#[command(name = "sruja", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 all well · 1 findings · 2 wrong usage or unreadable input · \
3 runs failed or incomplete · 130 interrupted")]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Say only what is wrong
    #[arg(short, long, global = true, help_heading = "Everywhere", conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is being done
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    pub verbose: bool,
    /// When to use colours [default: auto, unless NO_COLOR is set]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "WHEN")]
    pub color: Option<ColorChoice>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look for mistakes in .sruja files
    Check(CheckArgs),
    /// Format .sruja files
    Fmt(FmtArgs),
    /// List the concrete runs of a file's scenarios; nothing is executed
    Expand(ExpandArgs),
    /// Simulate every run, rank the architectures and report
    Run(RunArgs),
    /// Simulate the commits of a git history and find the one that made it worse
    Sweep(SweepArgs),
    /// Say which input of a run differs from its cached result
    WhyRerun(WhyRerunArgs),
    /// Look after the results of earlier runs
    Cache(CacheArgs),
    /// Serve an editor: the language server, over standard input and output
    Lsp(LspArgs),
    /// Explain an error code, an attribute, a chaos verb, a metric … by name
    Explain(ExplainArgs),
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
}

/// `sruja check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Files, or folders with everything below them
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What the findings are written as [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<CheckFormat>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Make the changes that surely do what was meant
    #[arg(long)]
    pub fix: bool,
    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// How findings are weighed.
    #[command(flatten)]
    pub lints: LintArgs,
}

/// Changes of the severity of lints.
#[derive(Debug, Default, Args)]
pub struct LintArgs {
    /// Treat a lint, or all `warnings`, as an error
    #[arg(long, value_name = "CODE")]
    pub deny: Vec<String>,
    /// Treat a lint as a warning
    #[arg(long, value_name = "CODE")]
    pub warn: Vec<String>,
    /// Say nothing about a lint, or about any of the `warnings`
    #[arg(long, value_name = "CODE")]
    pub allow: Vec<String>,
}

/// `sruja fmt`
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Files, folders with everything below them, or `-` for standard input
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 when a file is not formatted
    #[arg(long)]
    pub check: bool,
    /// Change nothing; show what would change
    #[arg(long)]
    pub diff: bool,
}

/// `sruja lsp`
#[derive(Debug, Args)]
pub struct LspArgs {
    /// Over standard input and output, as always; editors like to say so
    #[arg(long)]
    pub stdio: bool,
}

/// Options that decide what is run.
#[derive(Debug, Default, Args)]
pub struct PlanArgs {
    /// Only scenarios of this name; globs, repeatable
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Assign a value or a range, such as load=100..500; repeatable
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// Seed of the random streams, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Refuse plans of more runs than this [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}

/// `sruja expand`
#[derive(Debug, Args)]
pub struct ExpandArgs {
    /// The file
    pub file: PathBuf,
    /// What is run.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// What the runs are written as [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ExpandFormat>,
    /// Print only how many there are
    #[arg(long)]
    pub count: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `sruja run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The files; a folder means every .sruja file below it that has a scenario. Each has a report of its own, one
    /// after the other; as JSON, one document after the other
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What is run.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// How it is run.
    #[command(flatten)]
    pub how: HowArgs,
}

/// Options that decide how runs are made and reported.
#[derive(Debug, Default, Args)]
pub struct HowArgs {
    /// Workers [default: one fewer than cores, at least 1]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// What the report is written as [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<RunFormat>,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// When to exit with 1 [default: violation when CI is set, else never]
    #[arg(long, value_name = "WHEN")]
    pub fail_on: Option<FailOn>,
    /// How progress is shown on standard error [default: auto]
    #[arg(long, value_name = "HOW")]
    pub progress: Option<ProgressChoice>,
    /// Simulate every run, and keep no result [also: SRUJA_NO_CACHE]
    #[arg(long)]
    pub no_cache: bool,
}

/// `sruja why-rerun`
#[derive(Debug, Args)]
pub struct WhyRerunArgs {
    /// The name of the run, as `sruja expand` lists it, or a glob
    pub run: String,
    /// Its file [default: the one that such a run was made from, else those of this folder]
    pub file: Option<PathBuf>,
    /// What is run.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// What the answer is written as [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<WhyFormat>,
}

/// `sruja cache`
#[derive(Debug, Args)]
pub struct CacheArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: CacheAction,
}

/// What `sruja cache` does.
#[derive(Debug, Subcommand)]
pub enum CacheAction {
    /// Tell how much room it takes
    Size {
        /// A file or folder of the workspace
        #[arg(default_value = ".")]
        path: PathBuf,
    },
    /// Remove everything in it
    Clean {
        /// A file or folder of the workspace
        #[arg(default_value = ".")]
        path: PathBuf,
    },
}

/// `sruja sweep`
#[derive(Debug, Args)]
#[command(after_help = "Commits are named as git does, or by number: --commits main~42..main (both ends included), \
--commits '#1,#14,#21..#42' (1 is the oldest along the first parents), --commits 'last 50'. Without a choice, the \
file's `commits` statements choose, else the last 50 are taken. Work tree, index and refs are never touched.")]
pub struct SweepArgs {
    /// The file; in a bare repository, its path in the commits
    pub file: PathBuf,
    /// The repository [default: the one that the file is in]
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
    /// Which commits: A..B, 'last N', '#1,#14,#21..#42'
    #[arg(long, value_name = "RANGE", help_heading = "Commits")]
    pub commits: Vec<String>,
    /// Commits with a tag that a glob matches; repeatable
    #[arg(long, value_name = "GLOB", help_heading = "Commits")]
    pub tags: Vec<String>,
    /// Not before this day or instant (UTC)
    #[arg(long, value_name = "DATE", help_heading = "Commits")]
    pub since: Option<String>,
    /// Not after this day or instant (UTC)
    #[arg(long, value_name = "DATE", help_heading = "Commits")]
    pub until: Option<String>,
    /// The branch whose first parents are walked [default: HEAD]
    #[arg(long, value_name = "NAME", help_heading = "Commits")]
    pub branch: Option<String>,
    /// Of those every N, from the oldest on
    #[arg(long, value_name = "N", help_heading = "Commits", value_parser = clap::value_parser!(u64).range(1..))]
    pub every: Option<u64>,
    /// Find the first commit that violates this, in about log2(n) simulations
    #[arg(long, value_name = "EXPR")]
    pub bisect: Option<String>,
    /// A change of this share or more is a regression, if it is sure [default: 5%]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub threshold: Option<f64>,
    /// What is run.
    #[command(flatten)]
    pub plan: PlanArgs,
    /// How it is run.
    #[command(flatten)]
    pub how: HowArgs,
}

/// `sruja explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code such as E0104, or a name such as retry, kill, p95; without it, every code is listed
    pub topic: Option<String>,
}

/// `sruja completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// `sruja man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Of which command; without it, of sruja itself
    pub command: Option<String>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Also in a pipe
    Always,
    /// Not even on a terminal
    Never,
}

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum CheckFormat {
    /// For people
    #[default]
    Text,
    /// For programs: sruja.check/1
    Json,
    /// For code scanning services: SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// Formats of `expand`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ExpandFormat {
    /// One name a line
    #[default]
    Text,
    /// One document: sruja.plan/1
    Json,
    /// One run a line
    Jsonl,
}

/// Formats of `run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum RunFormat {
    /// For people
    #[default]
    Text,
    /// For programs: sruja.report/1
    Json,
    /// One run a line, then the report without its runs
    Jsonl,
    /// For a pull request or a wiki: GitHub Flavored Markdown
    Md,
}

/// Formats of `why-rerun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum WhyFormat {
    /// For people
    #[default]
    Text,
    /// For programs: sruja.why-rerun/1
    Json,
}

/// What makes `run` exit with 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A violated expectation
    Violation,
    /// Nothing
    Never,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProgressChoice {
    /// A bar on a terminal, else nothing
    #[default]
    Auto,
    /// Now and then a line
    Plain,
    /// Every event as a line of JSON
    Json,
    /// Nothing
    None,
}

/// `PATH=VALUE`, parted at the first `=`.
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
            Ok((path.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("an assignment is written PATH=VALUE, such as load=100..500 or Shop.Api.replicas=4".to_owned()),
    }
}

/// `5%` or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 0.01));
    match number.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number * unit),
        _ => Err("a share is written 5% or 0.05".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_assignment_is_parted_at_the_first_equals_sign() {
        assert_eq!(assignment("load = 100..500"), Ok(("load".into(), "100..500".into())));
        assert!(assignment("load").is_err() && assignment("=5").is_err() && assignment("load=").is_err());
    }
}
