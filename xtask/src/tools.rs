//! Cargo subcommands that are not part of Rust's distribution: found, or installed for CI.
//!
//! An installed tool wins. In CI a missing one is built into `<target>/tools` at a pinned
//! version; a person is told what to install and the check is skipped by name.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, anyhow};

use crate::process;
use crate::workspace::Workspace;

/// A subcommand that we use, and the version that CI builds.
pub(crate) struct Tool {
    /// The program: `cargo-deny`.
    pub(crate) program: &'static str,
    /// What CI installs when the machine has none.
    pub(crate) version: &'static str,
}

/// Runs every test in a process of its own.
pub(crate) const NEXTEST: Tool = Tool {
    program: "cargo-nextest",
    version: "0.9.143",
};

/// Checks licenses, sources, bans and advisories of everything in `Cargo.lock`.
pub(crate) const DENY: Tool = Tool {
    program: "cargo-deny",
    version: "0.20.2",
};

/// Runs the fuzz targets under libFuzzer. Only for people: CI replays the corpus instead.
pub(crate) const FUZZ: Tool = Tool {
    program: "cargo-fuzz",
    version: "0.13.2",
};

impl Tool {
    /// The program on `PATH` or in `<target>/tools`.
    pub(crate) fn find(&self, workspace: &Workspace) -> Option<PathBuf> {
        let own = root(workspace).join("bin").join(self.program);
        let candidates = [PathBuf::from(self.program), own];
        candidates.into_iter().find(|path| {
            let subcommand = self.program.trim_start_matches("cargo-");
            process::probe(Command::new(path).args([subcommand, "--version"])).is_some()
        })
    }

    /// The program, installed first if this is CI. An error is a reason to skip.
    pub(crate) fn find_or_install(&self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(path) = self.find(workspace) {
            return Ok(path);
        }
        let Tool { program, version } = self;
        if !workspace.ci {
            return Err(anyhow!(
                "{program} not found; cargo install --locked {program} --version {version}"
            ));
        }
        process::run(
            workspace
                .cargo()
                .args([
                    "install",
                    "--locked",
                    program,
                    "--version",
                    version,
                    "--root",
                ])
                .arg(root(workspace)),
        )?;
        self.find(workspace)
            .ok_or_else(|| anyhow!("{program} does not start after its installation"))
    }
}

fn root(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}
