//! `cldsync`, the operator's tool: one subcommand per question an operator has.
//!
//! This file reads the command line and the environment and hands over; what a command does is in
//! the file of its name, and what its exit code means in `exit_code`.

mod check_config;
mod command_line;
mod demo;
mod doctor;
mod exit_code;
mod explain;
mod input;
mod output;
mod reference;
mod settings;
mod sign;

use std::process::ExitCode as Status;

use clap::{CommandFactory, Parser};

use self::command_line::{Cli, Command};
use self::exit_code::ExitCode;

fn main() -> Status {
    Status::from(match Cli::try_parse() {
        Ok(cli) => run(&cli),
        Err(error) => refuse(&error),
    })
}

fn run(cli: &Cli) -> ExitCode {
    if cli.generate.is_some() {
        return output::print(&reference::markdown(Cli::command()));
    }
    match &cli.command {
        Some(Command::Demo(arguments)) => demo::run(arguments),
        Some(Command::Explain(arguments)) => explain::run(arguments),
        Some(Command::Sign(arguments)) => sign::run(arguments),
        Some(Command::CheckConfig(arguments)) => check_config::run(arguments),
        Some(Command::Doctor(arguments)) => doctor::run(arguments),
        None => refuse(&Cli::command().error(
            clap::error::ErrorKind::MissingSubcommand,
            "a command is needed; `cldsync --help` lists them",
        )),
    }
}

/// Prints what clap has to say: help and versions are asked for, all else is a usage error.
fn refuse(error: &clap::Error) -> ExitCode {
    worker::command_line::print(error);
    if error.use_stderr() {
        ExitCode::Usage
    } else {
        ExitCode::Success
    }
}
