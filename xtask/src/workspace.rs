//! Where things are: the checkout, the build directory, and what may lie beside the checkout.
//!
//! Built once by `main` from `cargo metadata` and handed to every command.
//! Also decides what a missing tool means: a named skip for a person, an error in CI.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;

/// The checkout that this run works on.
pub(crate) struct Workspace {
    /// The directory of the root manifest.
    pub(crate) root: PathBuf,
    /// Cargo's target directory, where prepared environments are kept as well.
    pub(crate) target: PathBuf,
    /// Test vectors and snapshots beside the checkout; often absent.
    pub(crate) shared: PathBuf,
    /// `cargo metadata` of the workspace members, without the resolved graph.
    pub(crate) metadata: Value,
    /// Whether `CI=true` is set.
    pub(crate) ci: bool,
}

impl Workspace {
    /// Asks Cargo, so that any directory of the checkout will do as the current one.
    pub(crate) fn locate() -> Result<Self> {
        let text = process::output(Command::new("cargo").args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
        ]))?;
        let metadata: Value = serde_json::from_str(&text).context("read cargo metadata")?;
        let path = |field: &str| {
            let value = metadata[field].as_str();
            value
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata has no {field}"))
        };
        let root = path("workspace_root")?;
        Ok(Self {
            target: path("target_directory")?,
            shared: root.join("../shared"),
            ci: variable("CI").as_deref() == Some("true"),
            root,
            metadata,
        })
    }

    /// `cargo`, run in the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        command
    }

    /// Names a part that cannot be run here. In CI nothing may be left out.
    pub(crate) fn leave_out(&self, part: &str, reason: &anyhow::Error) -> Result<()> {
        if self.ci {
            bail!("{part} cannot be left out when CI=true: {reason:#}");
        }
        eprintln!("skipping: {part} ({reason:#})");
        Ok(())
    }
}

/// One variable of the environment, if it is set and is text.
pub(crate) fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where xtask reads its environment"
    )]
    std::env::var(name).ok()
}
