//! The race: every round lets every contender work through the same events, in turns.
//!
//! The events wait before the contender starts. Its time and CPU are counted from the moment of
//! its first receive, so that an interpreter's start is not taken for work; memory is counted from
//! the start of the process.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::time::Instant;

use crate::arguments::Arguments;
use crate::contender::Contender;
use crate::counters::{CallCounts, total};
use crate::emulators::Emulators;
use crate::proc;
use crate::program::Program;
use crate::say::say;
use crate::tools::Tools;

const LOOK_FOR_START: Duration = Duration::from_millis(2);
const LOOK_FOR_END: Duration = Duration::from_millis(20);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// All rounds of one contender.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) contender: Contender,
    pub(crate) runs: Vec<Run>,
}

/// One contender in one round.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Run {
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    pub(crate) start_cpu_seconds: f64,
    pub(crate) peak_rss_mib: f64,
    pub(crate) aws_emulator_cpu_seconds: f64,
    pub(crate) cloudinary_emulator_cpu_seconds: f64,
    pub(crate) calls: CallCounts,
    pub(crate) throttled: u64,
}

impl Run {
    pub(crate) fn events_per_second(&self) -> f64 {
        per(self.events, 1.0) / self.seconds
    }

    pub(crate) fn cpu_us_per_event(&self) -> f64 {
        self.cpu_seconds * 1e6 / per(self.events, 1.0)
    }

    pub(crate) fn sqs_calls_per_event(&self) -> f64 {
        per(total(&self.calls.sqs), per(self.events, 1.0))
    }

    pub(crate) fn s3_calls_per_event(&self) -> f64 {
        per(total(&self.calls.s3), per(self.events, 1.0))
    }

    pub(crate) fn cloudinary_calls_per_event(&self) -> f64 {
        per(total(&self.calls.cloudinary), per(self.events, 1.0))
    }

    pub(crate) fn admin_calls_per_event(&self) -> f64 {
        per(self.calls.admin(), per(self.events, 1.0))
    }

    /// Cores that the emulators kept busy.
    pub(crate) fn emulator_cores(&self) -> f64 {
        (self.aws_emulator_cpu_seconds + self.cloudinary_emulator_cpu_seconds) / self.seconds
    }

    /// Cores that the contender kept busy.
    pub(crate) fn cores(&self) -> f64 {
        self.cpu_seconds / self.seconds
    }
}

/// Runs everybody in every round.
pub(crate) async fn all_rounds(tools: &Tools, arguments: &Arguments) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Contender::ALL
        .into_iter()
        .filter(|one| arguments.contenders.contains(one))
        .map(|contender| Entry {
            contender,
            runs: Vec::new(),
        })
        .collect();
    for round in 1..=arguments.rounds {
        for entry in &mut entries {
            let name = entry.contender.name();
            let run = one(tools, entry.contender, arguments.events)
                .await
                .with_context(|| format!("{name} in round {round}"))?;
            let Some(run) = run else { continue };
            say(&format!(
                "round {round}, {name}: {:.0} events/s, {:.0} us CPU per event, {:.1} MiB",
                run.events_per_second(),
                run.cpu_us_per_event(),
                run.peak_rss_mib
            ));
            entry.runs.push(run);
        }
    }
    entries.retain(|entry| !entry.runs.is_empty());
    Ok(entries)
}

/// One contender on fresh emulators; `None` when it is not installed.
async fn one(tools: &Tools, contender: Contender, events: u64) -> Result<Option<Run>> {
    let stage = Emulators::start(tools, contender.name(), &[]).await?;
    let Some(command) = contender.command(tools, &stage) else {
        return Ok(None);
    };
    stage.put(events).await?;
    let before = stage.counters().await?;
    let mut program = Program::start(command, contender.name(), &stage.directory)?;
    stage
        .until(&mut program, LOOK_FOR_START, |now| {
            now.receives() > before.receives()
        })
        .await?;
    let started = Instant::now();
    let (start_usage, start_emulators) = (proc::usage(program.id())?, stage.cpu()?);
    let after = stage
        .until(&mut program, LOOK_FOR_END, |now| {
            now.assets == events && now.messages == 0
        })
        .await?;
    let seconds = started.elapsed().as_secs_f64();
    let (usage, emulators) = (proc::usage(program.id())?, stage.cpu()?);
    Ok(Some(Run {
        events,
        seconds,
        cpu_seconds: between(start_usage.cpu, usage.cpu),
        start_cpu_seconds: start_usage.cpu.as_secs_f64(),
        peak_rss_mib: mebibytes(usage.peak_rss),
        aws_emulator_cpu_seconds: between(start_emulators.aws, emulators.aws),
        cloudinary_emulator_cpu_seconds: between(start_emulators.cloudinary, emulators.cloudinary),
        calls: after.since(&before),
        throttled: after.throttled,
    }))
}

fn between(before: Duration, after: Duration) -> f64 {
    after.saturating_sub(before).as_secs_f64()
}

/// Bytes in the unit of the report.
#[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MEBIBYTE
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn per(count: u64, of: f64) -> f64 {
    count as f64 / of
}
