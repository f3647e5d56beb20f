//! `cargo xtask ci`: every check that a change has to pass, cheapest first.
//!
//! Stops at the first failure. Lints and tests use the dev profile, so a person's own build
//! is reused. The tests come last, so that the last lines are the test runner's summary.

use anyhow::Result;

use crate::process::{self, step};
use crate::workspace::Workspace;
use crate::{deny, docs, test, tidy};

/// Runs all checks.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let cargo = |arguments: &[&str]| process::run(workspace.cargo().args(arguments));
    step("format", || cargo(&["fmt", "--all", "--check"]))?;
    step("tidy", || tidy::run(workspace))?;
    step("lint", || {
        // `--locked` here, in the first step that resolves: a stale Cargo.lock stops the run.
        cargo(&[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ])
    })?;
    step("supply chain", || deny::run(workspace))?;
    step("rustdoc", || {
        process::run(
            workspace
                .cargo()
                .args(["doc", "--workspace", "--no-deps", "--quiet"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    })?;
    step("generated pages", || docs::run(workspace, true))?;
    test::run(workspace, &[])
}
