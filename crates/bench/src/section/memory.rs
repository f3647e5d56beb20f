//! The worker's memory: with a short and with a long queue, and with very many messages in hand.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::contender::worker;
use crate::emulators::Emulators;
use crate::proc;
use crate::program::Program;
use crate::race::mebibytes;
use crate::tools::Tools;

/// Lengths of the queue that are compared.
const BACKLOGS: [u64; 2] = [1_000, 50_000];
/// Events that are worked through with each, so that only the length differs.
const WORKED_THROUGH: u64 = 1_000;
/// Messages in hand.
const HELD: u64 = 10_000;
const LOOK: Duration = Duration::from_millis(20);

/// What was needed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Memory {
    pub(crate) by_backlog: Vec<Backlog>,
    pub(crate) held_messages: u64,
    pub(crate) held_peak_rss_mib: f64,
}

/// The largest resident size at one length of the queue.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Backlog {
    pub(crate) messages: u64,
    pub(crate) peak_rss_mib: f64,
}

/// Measures both.
pub(crate) async fn measure(tools: &Tools) -> Result<Memory> {
    let mut by_backlog = Vec::new();
    for messages in BACKLOGS {
        by_backlog.push(Backlog {
            messages,
            peak_rss_mib: with_backlog(tools, messages).await?,
        });
    }
    Ok(Memory {
        by_backlog,
        held_messages: HELD,
        held_peak_rss_mib: held(tools).await?,
    })
}

async fn with_backlog(tools: &Tools, messages: u64) -> Result<f64> {
    let stage = Emulators::start(tools, "backlog", &[]).await?;
    stage.put(messages).await?;
    let command = worker(tools, &stage, &[]);
    let mut program = Program::start(command, "cldsync", &stage.directory)?;
    stage
        .until(&mut program, LOOK, |now| now.assets >= WORKED_THROUGH)
        .await?;
    Ok(mebibytes(proc::usage(program.id())?.peak_rss))
}

/// Cloudinary is so slow that the worker fills its hands.
async fn held(tools: &Tools) -> Result<f64> {
    let stage = Emulators::start(tools, "held", &["--latency", "5m"]).await?;
    stage.put(HELD + 1000).await?;
    let in_flight = HELD.to_string();
    let settings = [("CLDSYNC_MESSAGES_IN_FLIGHT", in_flight.as_str())];
    let command = worker(tools, &stage, &settings);
    let mut program = Program::start(command, "cldsync", &stage.directory)?;
    // Held, and each looked at in the bucket once: only then do they all wait for a slot.
    stage
        .until(&mut program, LOOK, |now| {
            let looks = now.s3.get("HeadObject").copied().unwrap_or(0);
            now.in_flight >= HELD && looks >= HELD
        })
        .await?;
    Ok(mebibytes(proc::usage(program.id())?.peak_rss))
}
