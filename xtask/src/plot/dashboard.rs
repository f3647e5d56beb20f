//! `cargo xtask plot dashboard`: what the Grafana dashboard shows of a real run, for the README.
//!
//! Only builds, hands over and draws. The run, with a real Prometheus that is asked the dashboard's
//! own queries, is a test: `tests/deploy/prometheus/live.rs`.

use std::fs;

use anyhow::{Context, Result};

use super::draw;
use crate::environment::programs;
use crate::workspace::Workspace;
use crate::{binaries, process};

const TEST: &str = "deploy::prometheus::live::\
                    a_real_prometheus_answers_every_rule_and_every_query_of_the_dashboard";
const PICTURE: &str = "docs/images/dashboard.svg";

/// Builds, runs the one test for some minutes, and draws what it has written.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let prometheus = programs::find("prometheus")?;
    process::announce("build binaries and tests");
    let directory = binaries::build(workspace)?;
    process::announce("run workers and Prometheus");
    let data = workspace.target.join("dashboard.json");
    process::run(
        workspace
            .cargo()
            .args(["test", "--workspace", "--test", "fleet", "--"])
            .args(["--exact", TEST, "--nocapture"])
            .env("CLDSYNC_TEST_BIN_DIR", directory)
            .env("CLDSYNC_TEST_PROMETHEUS", prometheus)
            .env("CLDSYNC_DASHBOARD_DATA", &data),
    )?;
    let picture = workspace.root.join(PICTURE);
    let folder = picture.parent().context("the picture's folder")?;
    fs::create_dir_all(folder).context("make the picture's folder")?;
    draw(&data, &picture)
}
