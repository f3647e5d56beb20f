//! How much of Cloudinary's slots one worker keeps busy when every call takes 100 ms.
//!
//! Counted between a fifth and nine tenths of the events, so that neither the slow start of the
//! limiter nor the thin end counts. The pull of the object comes on top of the 100 ms and takes
//! CPU that emulators and worker share, so how many slots are taken is looked at as well.

use std::cell::Cell;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::time::Instant;

use crate::contender::worker;
use crate::emulators::Emulators;
use crate::program::Program;
use crate::tools::Tools;

/// Calls that Cloudinary lets in at once.
pub(crate) const SLOTS: u32 = 50;
/// How long each takes.
pub(crate) const LATENCY: Duration = Duration::from_millis(100);
const EVENTS: u64 = 8000;
/// Looking more often takes time from the emulators.
const LOOK: Duration = Duration::from_millis(50);

/// What was reached.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Latency {
    pub(crate) slots: u32,
    pub(crate) call_ms: f64,
    pub(crate) uploads_per_second: f64,
    /// Of slots × 1/latency.
    pub(crate) share: f64,
    /// Of the slots, taken by a call at a moment, in the mean.
    pub(crate) taken: f64,
    /// Uploads that were answered 420.
    pub(crate) throttled: u64,
}

/// Measures one worker.
pub(crate) async fn measure(tools: &Tools) -> Result<Latency> {
    let slots = SLOTS.to_string();
    let latency = format!("{}ms", LATENCY.as_millis());
    let options = ["--latency", &latency, "--max-concurrent", &slots];
    let stage = Emulators::start(tools, "latency", &options).await?;
    stage.put(EVENTS).await?;
    let settings = [
        ("CLDSYNC_MESSAGES_IN_FLIGHT", "200"),
        ("CLDSYNC_CONCURRENCY_MAX", slots.as_str()),
    ];
    let command = worker(tools, &stage, &settings);
    let mut program = Program::start(command, "cldsync", &stage.directory)?;
    let early = stage
        .until(&mut program, LOOK, |now| now.assets >= EVENTS / 5)
        .await?;
    let started = Instant::now();
    let (looks, uploading) = (Cell::new(0_u32), Cell::new(0_u32));
    let late = stage
        .until(&mut program, LOOK, |now| {
            looks.set(looks.get() + 1);
            uploading.set(uploading.get() + now.uploading);
            now.assets >= EVENTS * 9 / 10
        })
        .await?;
    let took = started.elapsed();
    let uploads = u32::try_from(late.assets - early.assets)?;
    let uploads_per_second = f64::from(uploads) / took.as_secs_f64();
    Ok(Latency {
        slots: SLOTS,
        call_ms: LATENCY.as_secs_f64() * 1e3,
        uploads_per_second,
        share: uploads_per_second * LATENCY.as_secs_f64() / f64::from(SLOTS),
        taken: f64::from(uploading.get()) / f64::from(looks.get()) / f64::from(SLOTS),
        throttled: late.throttled,
    })
}
