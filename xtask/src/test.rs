//! `cargo xtask test`: prepares what the tests need, then runs every one of them.
//!
//! The runner's own summary is the last thing printed. Arguments after `--` go to the runner,
//! and then only it is run, without the documentation tests.

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{binaries, environment, process, tools};

/// Runs the tests of the whole workspace.
pub(crate) fn run(workspace: &Workspace, runner_arguments: &[String]) -> Result<()> {
    process::announce("test environments");
    let mut variables = environment::prepare(workspace)?;
    process::announce("build binaries and tests");
    variables.push(("CLDSYNC_TEST_BIN_DIR", binaries::build(workspace)?));

    if runner_arguments.is_empty() {
        process::announce("documentation tests");
        process::run(
            workspace
                .cargo()
                .args(["test", "--workspace", "--doc", "--quiet"]),
        )?;
    }
    process::announce("tests");
    process::run(runner(workspace).args(runner_arguments).envs(variables))
}

/// cargo-nextest when there is one, else Cargo's own runner.
fn runner(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    if let Some(nextest) = tools::NEXTEST.find(workspace) {
        command = Command::new(nextest);
        command
            .current_dir(&workspace.root)
            .args(["nextest", "run", "--workspace"]);
        if workspace.ci {
            command.args(["--profile", "ci"]);
        }
    } else {
        eprintln!("cargo-nextest not found: using cargo test, without its timeouts and groups");
        command.args(["test", "--workspace", "--bins", "--lib", "--tests"]);
    }
    command
}
