//! Node packages, from their lock files: those that drive the Cloudinary emulator, and the
//! published schemas that deployment files are checked against.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::stamp;
use crate::process;
use crate::workspace::Workspace;

/// Cloudinary's Node SDK; returns its `node_modules`.
pub(crate) fn sdk(workspace: &Workspace) -> Result<PathBuf> {
    install(workspace, "tests/sdk/node", "sdk-node")
}

/// The schemas for `deploy/`; returns their `node_modules`.
pub(crate) fn deploy(workspace: &Workspace) -> Result<PathBuf> {
    install(workspace, "tests/deploy/tools/node", "deploy-node")
}

/// Installs what `folder` of the checkout locks into `name` of the target directory.
fn install(workspace: &Workspace, folder: &str, name: &str) -> Result<PathBuf> {
    for program in ["node", "npm"] {
        if process::probe(Command::new(program).arg("--version")).is_none() {
            bail!("{program} not found");
        }
    }
    let source = workspace.root.join(folder);
    let read = |file: &str| {
        fs::read_to_string(source.join(file)).with_context(|| format!("read {folder}/{file}"))
    };
    let manifest = read("package.json")?;
    let lock = read("package-lock.json")?;

    let directory = workspace.target.join(name);
    stamp::unless_fresh(&directory, &format!("{manifest}\n{lock}"), || {
        fs::write(directory.join("package.json"), &manifest).context("copy package.json")?;
        fs::write(directory.join("package-lock.json"), &lock).context("copy package-lock.json")?;
        let mut npm = Command::new("npm");
        npm.current_dir(&directory);
        npm.args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ]);
        process::run(&mut npm)
    })?;
    Ok(directory.join("node_modules"))
}
