//! Ctrl-C: the first asks for an orderly end, the second gets one at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::exit_code::ExitCode;

/// Listens as long as it lives.
pub(crate) struct Interrupt {
    asked: CancellationToken,
    _listener: JoinSet<()>,
}

impl Interrupt {
    /// Starts to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        let asked = CancellationToken::new();
        let mut listener = JoinSet::new();
        listener.spawn(hear(signal(SignalKind::interrupt())?, asked.clone()));
        Ok(Self {
            asked,
            _listener: listener,
        })
    }

    /// Cancelled by the first Ctrl-C.
    pub(crate) fn asked(&self) -> &CancellationToken {
        &self.asked
    }
}

async fn hear(mut interrupts: Signal, asked: CancellationToken) {
    interrupts.recv().await;
    asked.cancel();
    interrupts.recv().await;
    end();
}

#[expect(clippy::exit, reason = "the second Ctrl-C asks for exactly this")]
fn end() {
    std::process::exit(i32::from(ExitCode::Interrupted.number()));
}
