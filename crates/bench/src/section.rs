//! What is measured beside the race: promises that no race shows.

pub(crate) mod latency;
pub(crate) mod memory;
pub(crate) mod micro;
pub(crate) mod queue;
pub(crate) mod startup;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::arguments::{Arguments, Section};
use crate::say::say;
use crate::tools::Tools;

use self::latency::Latency;
use self::memory::Memory;
use self::micro::Micro;
use self::queue::QueueRate;
use self::startup::Startup;

/// Everything that was measured; what was skipped is absent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Sections {
    pub(crate) latency: Option<Latency>,
    pub(crate) memory: Option<Memory>,
    pub(crate) startup: Option<Startup>,
    pub(crate) queue: Option<Vec<QueueRate>>,
    pub(crate) micro: Option<Vec<Micro>>,
}

/// Measures what was asked for.
pub(crate) async fn measure(tools: &Tools, arguments: &Arguments) -> Result<Sections> {
    let mut sections = Sections::default();
    if arguments.wants(Section::Latency) {
        say("slots at 100 ms");
        sections.latency = Some(latency::measure(tools).await.context("latency")?);
    }
    if arguments.wants(Section::Memory) {
        say("memory");
        sections.memory = Some(memory::measure(tools).await.context("memory")?);
    }
    if arguments.wants(Section::Startup) {
        say("start to first receive");
        sections.startup = Some(startup::measure(tools).await.context("startup")?);
    }
    if arguments.wants(Section::Queue) {
        say("the emulated queue");
        sections.queue = Some(queue::measure(tools).await.context("queue")?);
    }
    if arguments.wants(Section::Micro) {
        say("micro-benchmarks");
        sections.micro = Some(micro::measure(tools).await.context("micro-benchmarks")?);
    }
    Ok(sections)
}
