//! A folder of its own for each test, and the built binary.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The folder of the project.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the project.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(project().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A folder that goes away with the test.
pub struct Sandbox {
    pub dir: PathBuf,
}

/// How a process ended.
#[derive(Debug)]
pub struct Outcome {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Sandbox {
    /// A folder with these files, path and text.
    pub fn with(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("sruja-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let sandbox = Self { dir: std::env::temp_dir().join(name) };
        std::fs::create_dir_all(&sandbox.dir).unwrap();
        for (path, text) in files {
            sandbox.write(path, text);
        }
        sandbox
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.dir.join(path)).unwrap()
    }

    /// The binary in this folder.
    pub fn command(&self, args: &[&str]) -> Command {
        sruja_in(&self.dir, args)
    }

    pub fn sruja(&self, args: &[&str]) -> Outcome {
        outcome(&mut self.command(args), "")
    }

    pub fn sruja_with_input(&self, args: &[&str], input: &str) -> Outcome {
        outcome(self.command(args).stdin(Stdio::piped()), input)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The binary in a folder, with an environment that does not depend on the machine. Every test starts it here: what a
/// variable such as `CI` changes would otherwise depend on who runs the tests.
pub fn sruja_in(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sruja"));
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["NO_COLOR", "CI", "COLUMNS", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(name);
    }
    // Whoever runs twice wants two simulations; the tests of the cache take it away.
    command.env("LANG", "C.UTF-8").env("TERM", "xterm").env("SRUJA_NO_CACHE", "1");
    command
}

/// Runs `command` with `input` on its standard input.
pub fn outcome(command: &mut Command, input: &str) -> Outcome {
    let mut child = command.spawn().unwrap();
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    Outcome {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// The report of a plan as JSON, without `meta`.
pub fn report(project: &sruja::model::Project, plan: &sruja::plan::Plan, workers: usize) -> serde_json::Value {
    use sruja::exec::{Engine, ExecOptions, collect};
    let interrupt = std::sync::atomic::AtomicBool::new(false);
    let options = ExecOptions { workers, interrupt: &interrupt, clock: &|| std::time::Duration::ZERO, cache: None };
    let engine = Engine { replicate: &sruja::sim::replicate, merge: &sruja::sim::merge, next: &sruja::sim::next };
    let (runs, _) = collect(plan, &options, &engine, &|_| {});
    let model_of = |info: &sruja::exec::event::RunInfo| plan.materialise(&plan.run(info.index)?).ok();
    let report = sruja::report::build(project, runs, model_of, sruja::report::MetaInput::default());
    let mut json: serde_json::Value = serde_json::from_str(&sruja::report::out::json(&report)).unwrap();
    json.as_object_mut().unwrap().remove("meta");
    json
}

/// The number at `path` of a run, such as `elements/A/busy`; of a list `count` is its length.
pub fn figure(run: &serde_json::Value, path: &str) -> Result<f64, String> {
    let mut at = run;
    for part in path.split('/') {
        // Of a list; an object may have a `count` of its own.
        if let (Some(list), "count") = (at.as_array(), part) {
            return Ok(list.len() as f64);
        }
        at = part
            .parse::<usize>()
            .ok()
            .and_then(|n| at.get(n))
            .or_else(|| at.get(part))
            .or_else(|| at.as_array()?.iter().find(|entry| entry["cause"] == part || entry["kind"] == part))
            .ok_or_else(|| format!("no `{part}` in `{path}`"))?;
    }
    at.as_f64().or(at.as_bool().map(f64::from)).ok_or_else(|| format!("`{path}` is {at}"))
}
