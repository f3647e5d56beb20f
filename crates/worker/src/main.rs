//! `cldsync-worker`: one member of the fleet. Reads arguments and environment, and ends with a
//! documented exit code; everything between is in the library.

use std::process::ExitCode as ProcessExitCode;

use clap::ArgMatches;
use telemetry::{LogTarget, error_chain, logs};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::{Config, Environment, ExitCode, Flags, RunError, Signals, command_line};

fn main() -> ProcessExitCode {
    let code = match command_line::command().try_get_matches() {
        Ok(matches) => start(&matches),
        Err(error) => {
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Clean
            };
            command_line::print(&error);
            code
        }
    };
    code.into()
}

fn start(matches: &ArgMatches) -> ExitCode {
    if let Some(page) = command_line::page(matches) {
        print(&page);
        return ExitCode::Clean;
    }
    match Config::resolve(&Flags::from_matches(matches), &environment()) {
        Ok(config) => run(config),
        Err(errors) => {
            errors.iter().for_each(|error| complain(&error.to_string()));
            ExitCode::Config
        }
    }
}

fn run(config: Config) -> ExitCode {
    if let Err(error) = logs::init(config.log_format, LogTarget::Stdout, &config.log_filter) {
        complain(&error_chain(&error).to_string());
        return ExitCode::Internal;
    }
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(work(config)),
        Err(error) => {
            tracing::error!(%error, "No runtime");
            ExitCode::Unavailable
        }
    }
}

async fn work(config: Config) -> ExitCode {
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "Signals cannot be listened to");
            return ExitCode::Unavailable;
        }
    };
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(signals.obey(stop.clone()));
    // In a task of its own, so that a panic is an exit code too.
    let worker = JoinSet::from_iter([worker::run(config, None, stop)])
        .join_next()
        .await;
    match worker {
        Some(Ok(Ok(_))) => ExitCode::Clean,
        Some(Ok(Err(error))) => refuse(&error),
        Some(Err(_)) | None => ExitCode::Internal,
    }
}

fn refuse(error: &RunError) -> ExitCode {
    complain(&error_chain(error).to_string());
    error.exit_code()
}

fn environment() -> Environment {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (lossy(name), lossy(value)))
        .collect()
}

#[expect(clippy::print_stdout, reason = "the page is what was asked for")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "for the person who starts it, before there are logs"
)]
fn complain(line: &str) {
    eprintln!("cldsync-worker: {line}");
}
