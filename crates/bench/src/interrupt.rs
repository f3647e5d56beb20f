//! The end that somebody else wants: Ctrl-C or SIGTERM.

use anyhow::{Result, bail};
use tokio::signal::unix::{SignalKind, signal};

/// Waits for a signal; always an error.
pub(crate) async fn interrupted() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    bail!("interrupted")
}
