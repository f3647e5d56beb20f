//! The `cloudinary-emulator` command: starts one emulator and waits for a signal.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use clap::Parser;
use cloudinary_emulator::{Emulator, Options};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A Cloudinary for tests and demos: Upload API, Admin API and delivery on one port, in memory.
///
/// When ready it prints one line: the `CLOUDINARY_URL` that makes a client use it.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let running = Emulator::start(cli.options)
        .await
        .context("start the emulator")?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", running.cloudinary_url())
        .and_then(|()| stdout.flush())
        .context("print the address")?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("listen for SIGINT")?,
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}
