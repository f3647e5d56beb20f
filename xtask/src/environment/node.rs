//! The Node packages that drive the Cloudinary emulator, from their lock file.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::stamp;
use crate::process;
use crate::workspace::Workspace;

/// Installs `tests/sdk/node` and returns its `node_modules`.
pub(crate) fn sdk(workspace: &Workspace) -> Result<PathBuf> {
    for program in ["node", "npm"] {
        if process::probe(Command::new(program).arg("--version")).is_none() {
            bail!("{program} not found");
        }
    }
    let source = workspace.root.join("tests/sdk/node");
    let read = |name: &str| {
        fs::read_to_string(source.join(name)).with_context(|| format!("read tests/sdk/node/{name}"))
    };
    let manifest = read("package.json")?;
    let lock = read("package-lock.json")?;

    let directory = workspace.target.join("sdk-node");
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
