//! The binary: the emulator alone, until it is told to stop.
//!
//! Prints one line with the endpoint when ready. Exits with 0 after SIGINT or SIGTERM, with 78 when
//! the options make no sense or the address cannot be listened on.

use std::process::ExitCode;

use aws_emulator::{Emulator, Options};
use clap::Parser;
use clap::error::ErrorKind;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// `EX_CONFIG` of sysexits.
const EXIT_CONFIG: u8 = 78;

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(message) => {
            drop(message.print());
            let asked_for = matches!(
                message.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            return if asked_for {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(EXIT_CONFIG)
            };
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(error.as_ref())
                .map(ToString::to_string)
                .unwrap_or_default();
            report(&format!("aws-emulator: {error}: {source}"));
            ExitCode::from(EXIT_CONFIG)
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let running = Emulator::start(options).await?;
    announce(&running.endpoint());
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}

fn log_to_stderr() {
    // `s3s` reports every error answer as an error of its own; a missing key is none.
    let quiet = || EnvFilter::new("warn,s3s=off");
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| quiet()))
        .init();
}

#[expect(clippy::print_stdout, reason = "the one line that scripts wait for")]
fn announce(endpoint: &str) {
    println!("{endpoint}");
}

#[expect(clippy::print_stderr, reason = "why the process could not start")]
fn report(message: &str) {
    eprintln!("{message}");
}
