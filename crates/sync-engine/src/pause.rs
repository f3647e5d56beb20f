//! A mistake of ours - wrong credentials, a missing permission, a missing queue - makes every
//! message fail alike. Working on would drain the queue into the dead letters; so the member
//! pauses, keeps what it holds, and asks with backoff until the mistake is put right.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::watch;

use crate::context::Context;
use crate::observation::{Observation, Observer, PauseReason};
use crate::ports::QueueErrorKind;

/// The first and the longest wait between two questions whether it works again.
const PROBE_MIN: Duration = Duration::from_secs(1);
const PROBE_MAX: Duration = Duration::from_mins(1);

/// Whether, and why, the member is paused.
pub(crate) struct Pause {
    reason: watch::Sender<Option<PauseReason>>,
    observer: Observer,
}

impl Pause {
    pub(crate) fn new(observer: Observer) -> Self {
        Self {
            reason: watch::Sender::new(None),
            observer,
        }
    }

    /// Pauses, unless something already does.
    pub(crate) fn begin(&self, reason: PauseReason) {
        let began = self.reason.send_if_modified(|now| {
            let free = now.is_none();
            now.get_or_insert(reason);
            free
        });
        if began {
            tracing::error!(
                reason = reason.as_str(),
                "Paused until our access is put right"
            );
            self.observer.tell(&Observation::Paused { reason });
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.reason.borrow().is_some()
    }

    /// Waits while paused.
    pub(crate) async fn over(&self) {
        let mut reason = self.reason.subscribe();
        // The sender is `self`, so the channel cannot close under us.
        let _ = reason.wait_for(Option::is_none).await;
    }

    fn end(&self) {
        self.reason.send_replace(None);
        tracing::info!("Our access works again");
        self.observer.tell(&Observation::Resumed);
    }

    async fn begun(&self) -> PauseReason {
        let mut reason = self.reason.subscribe();
        loop {
            if let Some(reason) = *reason.borrow_and_update() {
                return reason;
            }
            let _ = reason.changed().await;
        }
    }
}

/// Asks, whenever the member is paused, until what failed works again. Runs until dropped.
pub(crate) async fn probe(cx: &Context) {
    loop {
        let reason = cx.pause.begun().await;
        let waits = ExponentialBuilder::new()
            .with_min_delay(PROBE_MIN)
            .with_max_delay(PROBE_MAX)
            .without_max_times();
        for wait in waits.build() {
            tokio::time::sleep(wait.mul_f64(0.5 + cx.random() / 2.0)).await;
            if works_again(cx, reason).await {
                break;
            }
        }
        cx.pause.end();
    }
}

async fn works_again(cx: &Context, reason: PauseReason) -> bool {
    match reason {
        PauseReason::Library => cx.ports.library.ping().await.is_ok(),
        PauseReason::Queue => cx.ports.queue.check().await.is_ok(),
        // The same credentials serve the queue; only a refusal says that they are still wrong.
        PauseReason::Store => !matches!(
            cx.ports.queue.check().await,
            Err(error) if error.kind == QueueErrorKind::Denied
        ),
    }
}
