//! `cargo run --release -p bench`: cldsync beside what people would use instead, on this machine.
//!
//! Builds what it measures, installs the peers from their locks, runs every contender against
//! fresh emulators in every round, measures the promises that no race shows, and writes one page
//! and, if asked, JSON. Everything it starts is a child that dies with it.

mod arguments;
mod contender;
mod counters;
mod emulators;
mod interrupt;
mod machine;
mod picture;
mod proc;
mod program;
mod race;
mod report;
mod results;
mod say;
mod section;
mod spread;
mod targets;
mod tools;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::arguments::Arguments;
use crate::machine::Machine;
use crate::results::Results;
use crate::say::say;
use crate::tools::Tools;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Dropping the run drops its children, and that kills them.
    let ended = tokio::select! {
        ended = run(&arguments) => ended,
        interrupted = interrupt::interrupted() => interrupted,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let tools = Tools::prepare(arguments).await?;
    let results = Results {
        machine: Machine::look(&tools).await,
        events: arguments.events,
        rounds: arguments.rounds,
        contenders: race::all_rounds(&tools, arguments).await?,
        sections: section::measure(&tools, arguments).await?,
        left_out: tools.left_out.clone(),
    };
    report::write(&results, arguments, &tools)
}
