//! One LocalStack, started by a test on a free loopback port and ended with it.
//!
//! It runs without Docker from the interpreter that `CLDSYNC_TEST_LOCALSTACK_PYTHON` names, with
//! an environment of its own. Ready means that its health page says so for every service: the
//! log line `Ready.` also comes when every service failed to load.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::world::{environment, free_address, http, log_tail, patience};

/// The services that the scenarios use.
const SERVICES: [&str; 4] = ["s3", "sqs", "sns", "events"];

/// A cold start reads 300 MB of Python; beside a build on the same two cores that takes a while.
const START: Duration = Duration::from_mins(2);

/// A running LocalStack. Dropping it ends the process.
pub(crate) struct LocalStack {
    child: Child,
    endpoint: String,
    directory: TempDir,
}

impl LocalStack {
    /// Starts one, or says that `suite` is skipped because there is none to start.
    pub(crate) async fn start(suite: &str) -> Option<Self> {
        Self::start_with_queue_urls("path", suite).await
    }

    /// The same, with queue URLs of another shape (`SQS_ENDPOINT_STRATEGY`).
    pub(crate) async fn start_with_queue_urls(shape: &str, suite: &str) -> Option<Self> {
        let python = environment::needed("CLDSYNC_TEST_LOCALSTACK_PYTHON", suite)?;
        let directory = TempDir::with_prefix("cldsync-localstack-").expect("a temporary directory");
        let address = free_address();
        let mut localstack = Self {
            child: spawn(&python, &address, shape, &directory),
            endpoint: format!("http://{address}"),
            directory,
        };
        patience::within(START, "LocalStack is ready", async || {
            localstack.assert_alive();
            localstack.services_are_ready().await.then_some(())
        })
        .await;
        Some(localstack)
    }

    /// Base URL of every service.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    async fn services_are_ready(&self) -> bool {
        let health = format!("{}/_localstack/health", self.endpoint);
        let Some(health) = http::get_json(&health).await else {
            return false;
        };
        SERVICES.iter().all(|service| {
            let state = health["services"][service].as_str();
            assert_ne!(
                state,
                Some("error"),
                "LocalStack could not load {service}: {health}"
            );
            matches!(state, Some("available" | "running"))
        })
    }

    fn assert_alive(&mut self) {
        let ended = self.child.try_wait().expect("the state of LocalStack");
        assert!(
            ended.is_none(),
            "LocalStack ended while it started: {ended:?}"
        );
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        // Both only fail when the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            log_tail::print("LocalStack", &log_file(&self.directory));
        }
    }
}

fn spawn(python: &str, address: &str, queue_urls: &str, directory: &TempDir) -> Child {
    let log = File::create(log_file(directory)).expect("LocalStack's log file");
    Command::new(python)
        .args(["-m", "localstack.runtime.main"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", directory.path())
        .env("SERVICES", SERVICES.join(","))
        .env("EAGER_SERVICE_LOADING", "1")
        .env("GATEWAY_LISTEN", address)
        .env("LOCALSTACK_HOST", address)
        .env("SQS_ENDPOINT_STRATEGY", queue_urls)
        .env("LOCALSTACK_VOLUME_DIR", directory.path())
        .env("FILESYSTEM_ROOT", directory.path())
        .env("PERSISTENCE", "0")
        // Its log of requests would be little but the polls of these tests.
        .env("LS_LOG", "warning")
        // Nothing beyond the loopback interface: no usage events, no certificate, no DNS server.
        .env("DISABLE_EVENTS", "1")
        .env("SKIP_SSL_CERT_DOWNLOAD", "1")
        .env("DNS_ADDRESS", "0")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("LocalStack's log file, twice"))
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start LocalStack with {python}: {error}"))
}

fn log_file(directory: &TempDir) -> PathBuf {
    directory.path().join("localstack.log")
}
