//! The worker as its image holds it: built for musl, so that it needs nothing of the system.
//!
//! In the dev profile, because optimization does not decide what is linked, and because the
//! compiler's plugins of the ordinary build are used again. For people it is optional: it is
//! built where the musl target is installed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::programs;
use crate::process;
use crate::workspace::Workspace;

/// Builds it; returns the binary.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    programs::find("musl-gcc").context("on Debian and Ubuntu: apt install musl-tools")?;
    install(workspace, &target)?;
    process::run(workspace.cargo().args([
        "build",
        "--locked",
        "--target",
        &target,
        "--package",
        "worker",
        "--bin",
        "cldsync-worker",
    ]))?;
    Ok(workspace.target.join(target).join("debug/cldsync-worker"))
}

/// Makes sure that the compiler has the target; only in CI by installing it.
fn install(workspace: &Workspace, target: &str) -> Result<()> {
    let installed = process::probe(Command::new("rustup").args(["target", "list", "--installed"]))
        .context("rustup not found")?;
    if installed.lines().any(|line| line == target) {
        return Ok(());
    }
    if !workspace.ci {
        bail!("no {target}; rustup target add {target}");
    }
    process::run(Command::new("rustup").args(["target", "add", target]))
}
