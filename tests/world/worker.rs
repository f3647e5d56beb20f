//! Workers that a world starts and stops: the real binary as a process, or the same code in this
//! process.
//!
//! A worker is started ready, so that a stop right after it is an orderly one, and stopping
//! checks that it ended cleanly. One that is dropped, as by a panic, is ended without a word.

mod in_process;
mod process;

use std::collections::BTreeMap;
use std::path::PathBuf;

use self::in_process::InProcess;
use self::process::Process;
use super::environment;

/// How workers are started.
#[derive(Debug, Clone)]
pub(crate) enum Launcher {
    /// The binary at this path.
    Binary(PathBuf),
    /// The worker's library, with AWS at this endpoint.
    InProcess(String),
}

impl Launcher {
    /// The binary that was built for the tests, or says that `suite` is skipped without it.
    pub(super) fn binary(suite: &str) -> Option<Self> {
        let directory = environment::needed("CLDSYNC_TEST_BIN_DIR", suite)?;
        Some(Self::Binary(
            PathBuf::from(directory).join("cldsync-worker"),
        ))
    }

    /// The library, with AWS at this endpoint.
    pub(super) fn in_process(endpoint: String) -> Self {
        Self::InProcess(endpoint)
    }

    /// Starts a worker and waits until it is ready.
    pub(super) async fn start(&self, variables: &BTreeMap<String, String>) -> Worker {
        match self {
            Self::Binary(path) => Worker::Process(Process::start(path, variables).await),
            Self::InProcess(endpoint) => Worker::InProcess(InProcess::start(endpoint, variables)),
        }
    }
}

/// A running worker.
pub(super) enum Worker {
    Process(Process),
    InProcess(InProcess),
}

impl Worker {
    /// Asks it to stop and waits until it has; it must end cleanly.
    pub(super) async fn stop(self) {
        match self {
            Self::Process(process) => process.stop().await,
            Self::InProcess(worker) => worker.stop().await,
        }
    }
}
