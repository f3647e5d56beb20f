//! Builds the workspace once, tests and binaries together.
//!
//! One build with one set of features: `docs` and `fleet-tests` run the binaries that come out,
//! and the test runner finds its own targets already built.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Builds everything in the dev profile and returns the directory of the binaries.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    process::run(
        workspace
            .cargo()
            .args(["build", "--workspace", "--bins", "--tests"]),
    )?;
    Ok(workspace.target.join("debug"))
}
