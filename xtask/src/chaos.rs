//! `cargo xtask chaos`: the chaos test, for as long as one likes.
//!
//! Only builds and hands over: what a run does, and what it must not find, is in `tests/chaos.rs`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::workspace::Workspace;
use crate::{binaries, process};

const TEST: &str = "chaos::chaos_ends_with_cloudinary_equal_to_s3";

/// How a run shall be.
#[derive(Args)]
pub(crate) struct Chaos {
    /// How long the trouble lasts; the way back to calm takes some minutes more
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Decides what users do and which trouble comes, though not to the millisecond
    #[arg(long)]
    seed: Option<u64>,
    /// Where to write the report, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Builds, runs the one test, and shows its report.
pub(crate) fn run(workspace: &Workspace, chaos: &Chaos) -> Result<()> {
    process::announce("build binaries and tests");
    let directory = binaries::build(workspace)?;
    process::announce("chaos");
    let mut command = workspace.cargo();
    command
        .args([
            "test",
            "--workspace",
            "--test",
            "fleet",
            "--",
            "--exact",
            TEST,
            "--nocapture",
        ])
        .env("CLDSYNC_TEST_BIN_DIR", directory)
        .env("CLDSYNC_CHAOS_MINUTES", chaos.minutes.to_string());
    if let Some(seed) = chaos.seed {
        command.env("CLDSYNC_CHAOS_SEED", seed.to_string());
    }
    if let Some(report) = &chaos.report {
        // The test runs in the directory of its package.
        let report = std::path::absolute(report).context("the path of the report")?;
        command.env("CLDSYNC_CHAOS_REPORT", report);
    }
    process::run(&mut command)
}
