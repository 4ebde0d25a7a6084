//! `sruja check --watch`.

use crate::support::Sandbox;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// A process that is ended with the test.
struct Watching(Child);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The next closing line; a change is answered within seconds even on a busy machine.
fn next_summary(lines: &Receiver<String>) -> String {
    loop {
        let line = lines.recv_timeout(Duration::from_secs(30)).expect("an answer to the change");
        if line.contains(" in 1 file") || line.contains(" in 2 files") {
            return line;
        }
    }
}

#[test]
fn checks_again_when_a_file_changes_or_appears() {
    let sandbox = Sandbox::with(&[("a.sruja", "Shop = system \"Shop\n")]);
    let mut child = Watching(sandbox.command(&["check", "--watch"]).spawn().unwrap());
    let (stdout, stderr) = (child.0.stdout.take().unwrap(), child.0.stderr.take().unwrap());
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
    });
    let (ready, started) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| ready.send(line))
    });
    let wait = || started.recv_timeout(Duration::from_secs(30)).expect("it says that it watches");

    assert!(next_summary(&lines).contains("error"));
    assert_eq!(wait(), "watching for changes; Ctrl-C ends");
    sandbox.write("a.sruja", "Shop = system \"Shop\"\n");
    assert_eq!(next_summary(&lines), "no problems in 1 file");
    wait();
    sandbox.write("b.sruja", "Bank = system \"Bank\"\n");
    assert_eq!(next_summary(&lines), "no problems in 2 files");
}
