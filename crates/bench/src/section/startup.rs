//! From the start of a worker's process to its first `ReceiveMessage`.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::time::Instant;

use crate::contender::worker;
use crate::emulators::Emulators;
use crate::program::Program;
use crate::spread::Spread;
use crate::tools::Tools;

const STARTS: usize = 15;
const LOOK: Duration = Duration::from_millis(1);

/// Milliseconds to the first receive.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Startup {
    pub(crate) starts: usize,
    pub(crate) milliseconds: Spread,
}

/// Starts some workers, one after the other.
pub(crate) async fn measure(tools: &Tools) -> Result<Startup> {
    let stage = Emulators::start(tools, "startup", &[]).await?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let before = stage.counters().await?.receives();
        let started = Instant::now();
        let command = worker(tools, &stage, &[]);
        let mut program = Program::start(command, "cldsync", &stage.directory)?;
        stage
            .until(&mut program, LOOK, |now| now.receives() > before)
            .await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Startup {
        starts: STARTS,
        milliseconds: Spread::of(times).context("some starts")?,
    })
}
