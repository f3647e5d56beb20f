//! `cldsync demo`: a bucket and a media library becoming equal, without any account.
//!
//! A stage with an AWS, a Cloudinary and a worker is set up in this process; a story changes the
//! bucket; then both sides are compared. What the worker does is the product, not a show: it
//! talks HTTP to both, and does not know that they are stand-ins.

mod comparison;
mod guide;
mod interrupt;
mod picture;
mod progress;
mod report;
mod stage;
mod story;

use anyhow::Context;
use telemetry::{LogFormat, LogTarget, logs};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use self::comparison::{Comparison, compare};
use self::interrupt::Interrupt;
use self::progress::Progress;
use self::report::Report;
use self::stage::{BUCKET, Ended, Stage};
use self::story::Story;
use crate::command_line::Demo;
use crate::exit_code::ExitCode;
use crate::{output, settings};

/// Runs the demo from start to report.
pub(crate) fn run(arguments: &Demo) -> ExitCode {
    let performed = Runtime::new()
        .context("start a runtime")
        .and_then(|runtime| runtime.block_on(perform(arguments)));
    performed.unwrap_or_else(|error| output::fail(ExitCode::Software, "demo", error.as_ref()))
}

async fn perform(arguments: &Demo) -> anyhow::Result<ExitCode> {
    let interrupt = Interrupt::listen()?;
    let environment = settings::environment();
    // The story is told by the report; what the worker logs beside it is for those who ask.
    let filter = environment.get("RUST_LOG").unwrap_or("error");
    logs::init(LogFormat::Text, LogTarget::Stderr, filter)?;

    let started = Instant::now();
    let mut stage = Stage::set_up().await?;
    let progress = Progress::new(arguments.json);
    let mut story = Story::new(stage.aws().clone(), &progress, arguments.seed);
    let told = tokio::select! {
        told = story.tell(arguments.burst) => told,
        () = interrupt.asked().cancelled() => return interrupted(stage, &progress).await,
        error = stage.worker_failed() => return Err(error),
    };
    progress.finish();

    let comparison = compare(BUCKET, &stage.objects()?, &stage.assets(), stage.rules());
    let (events, skipped) = (story.changes(), stage.skipped());
    let mut report = Report::new(
        &comparison,
        &stage.stats(),
        events,
        skipped,
        started.elapsed(),
    );
    if let Err(error) = told {
        report.add_difference(error.to_string());
    }
    let printed = print(&report, &comparison, arguments.json);
    if arguments.serve {
        output::print(&guide::guide(&stage));
        interrupt.asked().cancelled().await;
    }
    stage.take_down().await?;
    Ok(printed)
}

fn print(report: &Report, comparison: &Comparison, json: bool) -> ExitCode {
    let printed = if json {
        output::print_json(report)
    } else {
        output::print(&report.text(comparison))
    };
    match printed {
        ExitCode::Success if !report.equal => ExitCode::Different,
        printed => printed,
    }
}

async fn interrupted(stage: Stage, progress: &Progress) -> anyhow::Result<ExitCode> {
    progress.finish();
    output::note(&"Interrupted: the worker finishes what it has begun. Ctrl-C again ends at once.");
    let Ended { report, left } = stage.take_down().await?;
    output::note(&format!(
        "The worker did {} messages and gave {} back; {left} are left in the queue.",
        report.deleted, report.released
    ));
    Ok(ExitCode::Interrupted)
}
