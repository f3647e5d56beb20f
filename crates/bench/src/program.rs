//! One child process from its start to its end. Dropping it kills it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::time::{Instant, sleep};

const LOOK_AGAIN: Duration = Duration::from_millis(5);
const START_LIMIT: Duration = Duration::from_secs(30);
/// Bytes of the end of its output that are shown when it fails.
const TAIL: usize = 2000;

/// A running program whose output goes to files.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    name: String,
    directory: PathBuf,
}

impl Program {
    /// Starts it.
    pub(crate) fn start(mut command: Command, name: &str, directory: &Path) -> Result<Self> {
        fs::create_dir_all(directory).with_context(|| format!("create {}", directory.display()))?;
        let output = |kind: &str| {
            File::create(directory.join(format!("{name}.{kind}"))).context("create an output file")
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(output("out")?)
            .stderr(output("err")?)
            .spawn()
            .with_context(|| format!("start {name}"))?;
        Ok(Self {
            child,
            name: name.to_owned(),
            directory: directory.to_owned(),
        })
    }

    /// Its process ID.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the line that it prints when it is ready.
    pub(crate) async fn first_line(&mut self) -> Result<String> {
        let give_up = Instant::now() + START_LIMIT;
        loop {
            if let Some((line, _)) = self.output("out").split_once('\n') {
                return Ok(line.to_owned());
            }
            self.must_run()?;
            if Instant::now() > give_up {
                bail!("{} printed nothing", self.name);
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Fails if it has ended.
    pub(crate) fn must_run(&mut self) -> Result<()> {
        match self.child.try_wait().context("look after a child")? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}): {}", self.name, self.tail()),
        }
    }

    /// Waits for its end, which must be a success.
    pub(crate) async fn finish(mut self) -> Result<String> {
        loop {
            if let Some(status) = self.child.try_wait().context("look after a child")? {
                return self.succeeded(status);
            }
            sleep(LOOK_AGAIN * 10).await;
        }
    }

    fn succeeded(&self, status: ExitStatus) -> Result<String> {
        if !status.success() {
            bail!("{} failed ({status}): {}", self.name, self.tail());
        }
        Ok(self.output("out"))
    }

    /// The end of what it said, for an error.
    pub(crate) fn tail(&self) -> String {
        let text = self.output("out") + &self.output("err");
        let start = text.floor_char_boundary(text.len().saturating_sub(TAIL));
        text[start..].trim().to_owned()
    }

    fn output(&self, kind: &str) -> String {
        let file = self.directory.join(format!("{}.{kind}", self.name));
        String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both only fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: &str) -> Program {
        let directory = std::env::temp_dir().join(format!("bench-program-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Program::start(command, name, &directory).unwrap()
    }

    #[tokio::test]
    async fn a_failure_shows_what_the_program_said() {
        let failed = shell("failing", "echo the reason >&2; exit 3")
            .finish()
            .await;
        assert!(failed.unwrap_err().to_string().contains("the reason"));
    }

    #[tokio::test]
    async fn the_first_line_is_waited_for() {
        let mut program = shell("ready", "echo ready; exec sleep 60");
        assert_eq!(program.first_line().await.unwrap(), "ready");
        program.must_run().unwrap();
    }

    #[tokio::test]
    async fn dropping_a_program_ends_it() {
        let program = shell("dropped", "exec sleep 60");
        let id = program.id();
        drop(program);
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }
}
