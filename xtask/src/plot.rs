//! `cargo xtask plot`: draws what was measured over time, as one SVG.
//!
//! Reads the measured values as JSON and hands them to `chart`, which draws. It measures nothing
//! itself and makes no value up: what is not in the data is not in the picture. `dashboard` and
//! `rate_control` have something measured first.

mod chart;
mod dashboard;
mod rate_control;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde::Deserialize;

use crate::workspace::Workspace;

/// What shall be drawn.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Plot {
    #[command(subcommand)]
    run: Option<Run>,
    /// The values: `{"title", "charts": [{"title", "unit", "series": [{"name", "points": [[seconds, value], …]}]}]}`
    #[arg(long, value_name = "FILE", required = true)]
    data: Option<PathBuf>,
    /// Where to write the picture
    #[arg(long, value_name = "FILE.svg", required = true)]
    out: Option<PathBuf>,
}

/// What can be measured and drawn in one go.
#[derive(Subcommand)]
enum Run {
    /// What the Grafana dashboard shows of a run between the emulators: `docs/images/dashboard.svg`
    Dashboard,
    /// Four workers on one account whose limit changes: `docs/rate-control.svg`
    RateControl,
}

/// One picture: charts below each other, over the same time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    title: String,
    charts: Vec<Chart>,
}

/// Lines that share one scale.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chart {
    title: String,
    unit: String,
    series: Vec<Series>,
}

/// One line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    name: String,
    /// Seconds since the start, and the value then.
    points: Vec<(f64, f64)>,
}

/// Draws the picture that the arguments ask for.
pub(crate) fn run(workspace: &Workspace, plot: &Plot) -> Result<()> {
    match (&plot.run, &plot.data, &plot.out) {
        (Some(Run::Dashboard), ..) => dashboard::run(workspace),
        (Some(Run::RateControl), ..) => rate_control::run(workspace),
        (None, Some(data), Some(out)) => draw(data, out),
        (None, ..) => bail!("no data, or nowhere to draw"),
    }
}

/// Reads a figure and writes its picture.
fn draw(data: &Path, out: &Path) -> Result<()> {
    let text = fs::read_to_string(data).with_context(|| format!("read {}", data.display()))?;
    let figure: Figure =
        serde_json::from_str(&text).with_context(|| format!("understand {}", data.display()))?;
    let picture = chart::svg(&figure).context("draw")?;
    fs::write(out, picture).with_context(|| format!("write {}", out.display()))
}
