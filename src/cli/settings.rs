//! Options of `run` and `expand` as they hold: command line over `sruja.toml` over built-in.

use super::args::{FailOn, HowArgs, PlanArgs, ProgressChoice};
use super::config::Config;
use crate::source::Host;
use std::num::NonZeroUsize;

/// Largest plan unless somebody says otherwise.
pub const DEFAULT_LIMIT: u64 = 100_000;

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSettings {
    /// Names or globs of scenarios; empty: every one.
    pub scenario: Vec<String>,
    /// Assignments, later ones over earlier ones.
    pub set: Vec<(String, String)>,
    /// Seed instead of the scenario's.
    pub seed: Option<u64>,
    /// Larger plans are refused.
    pub limit: u64,
}

/// How it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSettings {
    /// Workers, at least 1.
    pub jobs: usize,
    /// Whether a violated expectation makes the command end with 1.
    pub fail_on: FailOn,
    /// How progress is shown.
    pub progress: ProgressChoice,
}

impl PlanSettings {
    /// `args` over `config`.
    pub fn of(args: &PlanArgs, config: &Config) -> Self {
        let scenario = if args.scenario.is_empty() { &config.scenario } else { &args.scenario };
        Self {
            scenario: scenario.clone(),
            set: config.set.iter().chain(&args.set).cloned().collect(),
            seed: args.seed.or(config.seed),
            limit: args.limit.or(config.limit).unwrap_or(DEFAULT_LIMIT),
        }
    }
}

impl RunSettings {
    /// `args` over `config` over what the machine is like.
    pub fn of(args: &HowArgs, config: &Config, host: &dyn Host) -> Self {
        let jobs = args.jobs.or(config.jobs).map_or_else(spare_cores, usize::from);
        let fail_on = args.fail_on.or(config.fail_on).unwrap_or_else(|| default_fail_on(host));
        Self { jobs, fail_on, progress: args.progress.or(config.progress).unwrap_or_default() }
    }
}

/// One core is left for the rest of the system.
fn spare_cores() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    cores.saturating_sub(1).max(1)
}

/// In CI a violated expectation is why somebody runs it at all.
fn default_fail_on(host: &dyn Host) -> FailOn {
    let in_ci = host.env("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    if in_ci { FailOn::Violation } else { FailOn::Never }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config;
    use crate::source::FileId;

    #[test]
    fn the_command_line_is_over_the_file_is_over_the_built_in() {
        let config = config::parse(FileId(0), "seed = 7\nlimit = 5\n[run]\nset = [\"load=1\"]\nscenario = [\"A*\"]\n");
        let config = config.unwrap();
        let args = PlanArgs { seed: Some(9), set: vec![("load".into(), "2".into())], ..PlanArgs::default() };
        let plan = PlanSettings::of(&args, &config);
        assert_eq!((plan.seed, plan.limit, plan.scenario), (Some(9), 5, vec!["A*".to_owned()]));
        assert_eq!(plan.set.last(), Some(&("load".to_owned(), "2".to_owned())));
        assert_eq!(PlanSettings::of(&PlanArgs::default(), &Config::default()).limit, DEFAULT_LIMIT);
    }
}
