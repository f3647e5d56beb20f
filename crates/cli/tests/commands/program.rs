//! Runs the binary with an environment of its own and keeps what it said.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A run to be: arguments, variables and input.
pub(crate) struct Program {
    command: Command,
    input: Vec<u8>,
}

/// A run that has been.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `cldsync` with these arguments and nothing in its environment.
pub(crate) fn cldsync(arguments: &[&str]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cldsync"));
    command.args(arguments).env_clear();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Program {
        command,
        input: Vec::new(),
    }
}

impl Program {
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Starts it; its input is given at once.
    pub(crate) fn start(mut self) -> Child {
        let mut child = self.command.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("a piped input");
        // A program that does not read its input closes it.
        let _ = stdin.write_all(&self.input);
        child
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ran {
        self.start()
            .wait_with_output()
            .expect("the binary ends")
            .into()
    }
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}
