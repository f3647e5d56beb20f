//! `cargo xtask`: the repository's own commands. What CI runs is what a person runs.
//!
//! This file only names the commands; each has a module of its own name.
//! Nothing here is part of the product.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to a terminal"
)]

mod binaries;
mod chaos;
mod ci;
mod deny;
mod docs;
mod environment;
mod fuzz;
mod plot;
mod process;
mod test;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The commands of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prepare what the tests need, then run every test
    Test {
        /// Handed to the test runner as they are
        #[arg(last = true)]
        runner_arguments: Vec<String>,
    },
    /// Run the workers between emulators while everything goes wrong, longer than the tests do
    Chaos(chaos::Chaos),
    /// Run every check that a change has to pass, tests included
    Ci,
    /// Regenerate the pages in docs/ that the binaries write
    Docs {
        /// Change nothing; fail when a page is stale
        #[arg(long)]
        check: bool,
    },
    /// Check licenses, sources, bans and advisories of everything in Cargo.lock
    Deny,
    /// Search for inputs that break a promise, longer than the tests do
    Fuzz {
        /// A file of `fuzz/fuzz_targets`; all of them, one after the other, when left out
        #[arg(long)]
        target: Option<String>,
        /// For each target
        #[arg(long, default_value_t = 1)]
        minutes: u64,
    },
    /// Draw what was measured over time, as one SVG
    Plot(plot::Plot),
    /// Check the layout rules that the compiler does not know
    Tidy,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = Workspace::locate()?;
    match command {
        Command::Test { runner_arguments } => test::run(&workspace, &runner_arguments),
        Command::Chaos(chaos) => chaos::run(&workspace, &chaos),
        Command::Ci => ci::run(&workspace),
        Command::Docs { check } => docs::run(&workspace, check),
        Command::Deny => deny::run(&workspace),
        Command::Fuzz { target, minutes } => fuzz::run(&workspace, target.as_deref(), minutes),
        Command::Plot(plot) => plot::run(&workspace, &plot),
        Command::Tidy => tidy::run(&workspace),
    }
}
