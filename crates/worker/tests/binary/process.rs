//! `cldsync-worker` as a child process. Waits are bounded and look again until they see.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::services::Services;

const BINARY: &str = env!("CARGO_BIN_EXE_cldsync-worker");
const LOOKS: u32 = 600;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How a process ended and what it wrote.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary to its end with nothing but these variables.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(BINARY);
    let command = command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied());
    let output = command.output().expect("the binary starts");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A running worker. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    directory: TempDir,
}

impl Process {
    /// Starts a worker on these services; `variables` win over what it would be given.
    pub(crate) fn start(services: &Services, variables: &[(&str, &str)]) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let file = |name: &str| fs::File::create(directory.path().join(name)).expect("a file");
        let endpoint = services.endpoint();
        let child = Command::new(BINARY)
            .env_clear()
            .env(
                "CLOUDINARY_URL",
                format!("cloudinary://key:s3cret@demo?upload_prefix={endpoint}"),
            )
            .env("CLDSYNC_QUEUE_URL", format!("{endpoint}/123/queue"))
            .env("CLDSYNC_FOLDER_MODE", "fixed")
            .env("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0")
            .env("CLDSYNC_LOG_FORMAT", "json")
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .expect("the binary starts");
        Self { child, directory }
    }

    /// Waits for the end.
    pub(crate) fn end(&mut self) -> Ended {
        let status = eventually("the worker ends", || {
            self.child.try_wait().expect("its state")
        });
        Ended {
            code: status.code(),
            stdout: self.read("stdout"),
            stderr: self.read("stderr"),
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(
            sent.expect("kill runs").success(),
            "SIG{name} reaches the worker"
        );
    }

    /// Waits for a line with this message in the log.
    pub(crate) fn wait_for_log(&self, message: &str) {
        let wanted = format!(r#""message":"{message}""#);
        eventually(message, || {
            self.read("stdout").contains(&wanted).then_some(())
        });
    }

    /// The answer of the admin endpoint.
    pub(crate) fn get(&self, path: &str) -> String {
        eventually(path, || get(self.admin_addr()?, path))
    }

    /// The first answer of the admin endpoint that is as wanted.
    pub(crate) fn get_until(&self, path: &str, wanted: impl Fn(&str) -> bool) -> String {
        eventually(path, || {
            get(self.admin_addr()?, path).filter(|answer| wanted(answer))
        })
    }

    /// The log tells the port that was free.
    pub(crate) fn admin_addr(&self) -> Option<SocketAddr> {
        let log = self.read("stdout");
        let (_, rest) = log.split_once(r#""admin_addr":""#)?;
        rest.split('"').next()?.parse().ok()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: SocketAddr, path: &str) -> Option<String> {
    let mut socket = TcpStream::connect(address).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// Looks until there is something to see.
#[expect(
    clippy::disallowed_methods,
    reason = "waits for another process, which cannot tell"
)]
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    panic!("not in time: {what}");
}
