//! `docs/rate-control.svg`: builds, runs the one test that measures, and draws what it saw.

use anyhow::Result;

use super::draw;
use crate::workspace::Workspace;
use crate::{binaries, process};

const TEST: &str = "rates::four_workers_use_an_account_in_full_and_are_rarely_refused";

/// Measures and draws.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    process::announce("build binaries and tests");
    let directory = binaries::build(workspace)?;
    process::announce("measure");
    let figure = workspace.target.join("rate-control.json");
    let mut command = workspace.cargo();
    command
        .args(["test", "--workspace", "--test", "fleet", "--"])
        .args(["--exact", TEST, "--nocapture"])
        .env("CLDSYNC_TEST_BIN_DIR", directory)
        .env("CLDSYNC_RATES_FIGURE", &figure);
    process::run(&mut command)?;
    draw(&figure, &workspace.root.join("docs/rate-control.svg"))
}
