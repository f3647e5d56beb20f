//! The `cldsync-worker` binary as the operating system sees it: environment, signal, exit code.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

use crate::world::{PATIENCE, free_address, http, log_tail, patience};

/// A worker process. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    directory: TempDir,
}

impl Process {
    pub(super) async fn start(binary: &Path, variables: &BTreeMap<String, String>) -> Self {
        let directory = TempDir::with_prefix("cldsync-worker-").expect("a temporary directory");
        let admin = free_address();
        let mut process = Self {
            child: spawn(binary, variables, &admin, &directory),
            directory,
        };
        let ready = format!("http://{admin}/readyz");
        patience::within(PATIENCE, "the worker is ready", async || {
            let ended = process.ended();
            assert!(
                ended.is_none(),
                "the worker ended while it started: {ended:?}"
            );
            http::is_ok(&ready).await.then_some(())
        })
        .await;
        process
    }

    /// Sends SIGTERM and waits for exit code 0.
    pub(super) async fn stop(mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill runs");
        assert!(sent.success(), "SIGTERM reaches the worker");
        let end = patience::within(PATIENCE, "the worker stops", async || self.ended()).await;
        assert_eq!(
            end.code(),
            Some(0),
            "a worker that was asked to stop ends with 0: {end}"
        );
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the state of the worker")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both only fail when the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            log_tail::print("the worker", &log_file(&self.directory));
        }
    }
}

fn spawn(
    binary: &Path,
    variables: &BTreeMap<String, String>,
    admin: &str,
    directory: &TempDir,
) -> Child {
    let log = File::create(log_file(directory)).expect("the worker's log file");
    Command::new(binary)
        .env_clear()
        .envs(variables)
        .env("CLDSYNC_ADMIN_ADDR", admin)
        .env("CLDSYNC_LOG_FORMAT", "text")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("the worker's log file, twice"))
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {}: {error}", binary.display()))
}

fn log_file(directory: &TempDir) -> PathBuf {
    directory.path().join("worker.log")
}
