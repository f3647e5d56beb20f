//! One program from its start to its end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::world::{log_tail, patience};

/// The environment variables of a program.
pub(crate) type Variables = BTreeMap<&'static str, String>;

/// Generous: it is only used up by a failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program that was started. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    directory: TempDir,
}

impl Program {
    /// Starts a binary with nothing but these arguments and variables.
    pub(crate) fn start(binary: &Path, arguments: &[&str], variables: &Variables) -> Self {
        let directory = TempDir::with_prefix("cldsync-program-").expect("a temporary directory");
        let file = |name: &str| File::create(directory.path().join(name)).expect("an output file");
        let child = Command::new(binary)
            .args(arguments)
            .env_clear()
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", binary.display()));
        Self { child, directory }
    }

    /// Ends it as a crash does: it gets no chance to do anything.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("SIGKILL reaches the program");
        self.child.wait().expect("its end");
    }

    /// Asks it to end, as an orchestrator does.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(
            sent.expect("kill runs").success(),
            "SIGTERM reaches the program"
        );
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the state of the program")
    }

    /// Waits for its end.
    pub(crate) async fn end(&mut self) -> ExitStatus {
        patience::within(PATIENCE, "the program ends", async || self.ended()).await
    }

    /// Waits for the one line that a program prints when it is ready.
    pub(crate) async fn first_line(&mut self) -> String {
        patience::within(PATIENCE, "the program prints its line", async || {
            let ended = self.ended();
            assert!(ended.is_none(), "ended while it started: {ended:?}");
            let text = self.stdout();
            text.split_once('\n').map(|(line, _)| line.to_owned())
        })
        .await
    }

    /// What it has written to its standard output.
    pub(crate) fn stdout(&self) -> String {
        self.read("stdout")
    }

    /// What it has written to both outputs.
    pub(crate) fn printed(&self) -> String {
        self.stdout() + &self.read("stderr")
    }

    fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.directory.path().join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both only fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            log_tail::print("standard output", &self.directory.path().join("stdout"));
            log_tail::print("standard error", &self.directory.path().join("stderr"));
        }
    }
}
