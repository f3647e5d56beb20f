//! How long one run goes on: how often it tries again, how long it waits in between, and when it
//! gives its messages back. Waiting never spends a redrive attempt; giving back does.

use std::time::Duration;

use adaptive_limit::backoff::Backoff;
use cloudinary_core::Disposition;
use tokio::time::Instant;

use crate::context::Context;
use crate::observation::{Observation, PauseReason, RerunCause};
use crate::outcome::{Hold, Outcome, Rejection};
use crate::ports::{LibraryError, MAX_LEASE, StoreError, StoreErrorKind};

/// Transient failures that one run rides out.
const TRANSIENT_MAX: u32 = 4;
/// Refusals of the source, each after a look that found it, that make the refusal final.
const SOURCE_DENIED_MAX: u32 = 2;
/// Writes that one run does, should the bucket change under its hands each time.
const ROUNDS_MAX: u32 = 8;
/// A run that is only throttled goes on for as long as its lease can be kept, less a margin.
const RUN_MAX: Duration = MAX_LEASE.saturating_sub(Duration::from_mins(15));

const TRANSIENT_WAIT: Backoff = Backoff {
    base: Duration::from_millis(500),
    cap: Duration::from_secs(20),
};
const THROTTLED_WAIT: Backoff = Backoff {
    base: Duration::from_millis(500),
    cap: Duration::from_secs(20),
};
const ROUND_WAIT: Backoff = Backoff {
    base: Duration::from_millis(100),
    cap: Duration::from_secs(5),
};

/// The tries that a run has used up.
pub(super) struct Patience<'a> {
    cx: &'a Context,
    since: Instant,
    transient: u32,
    throttled: u32,
    source_denied: u32,
    rounds: u32,
}

impl<'a> Patience<'a> {
    pub(super) fn new(cx: &'a Context) -> Self {
        Self {
            cx,
            since: Instant::now(),
            transient: 0,
            throttled: 0,
            source_denied: 0,
            rounds: 0,
        }
    }

    /// Waits as long as the member is paused; what is held stays held.
    pub(super) async fn while_paused(&self) -> Result<(), Outcome> {
        if !self.cx.pause.is_on() {
            return Ok(());
        }
        self.unless_stopped(self.cx.pause.over()).await
    }

    /// Counts a write that has to follow another one.
    pub(super) async fn another_round(&mut self) -> Result<(), Outcome> {
        self.rounds += 1;
        if self.rounds >= ROUNDS_MAX {
            return Err(Outcome::Held(Hold::KeepsChanging));
        }
        self.wait(ROUND_WAIT.wait(self.rounds, self.cx.random()))
            .await
    }

    /// A failed look: returns to look again, or ends the run.
    pub(super) async fn with_store(&mut self, error: &StoreError) -> Result<(), Outcome> {
        match error.kind {
            StoreErrorKind::Transient => self.transient(error).await,
            StoreErrorKind::Changed => self.another_round().await,
            StoreErrorKind::Denied | StoreErrorKind::NoBucket => {
                tracing::warn!(object = %error.object, error = chain(error), "S3 does not say");
                Err(Outcome::Held(Hold::Denied))
            }
            StoreErrorKind::Credentials => {
                tracing::error!(error = chain(error), "S3 refuses our credentials");
                self.cx.pause.begin(PauseReason::Store);
                Ok(())
            }
        }
    }

    /// A failed write: returns to look and write again, or ends the run.
    pub(super) async fn with_library(&mut self, error: &LibraryError) -> Result<(), Outcome> {
        match error.disposition {
            Disposition::Throttled => self.throttled(error.retry_after).await,
            Disposition::Transient => self.transient(error).await,
            Disposition::SourceGone => {
                self.cx.observer.tell(&Observation::Rerun {
                    cause: RerunCause::SourceGone,
                });
                self.another_round().await
            }
            Disposition::Unclear => {
                tracing::warn!(
                    asset = error.asset,
                    error = chain(error),
                    "A write is unclear"
                );
                Err(Outcome::Unclear)
            }
            Disposition::SourceDenied => self.source_denied(error).await,
            Disposition::Refused => Err(rejected("refused", error)),
            Disposition::Ours => {
                tracing::error!(error = chain(error), "Cloudinary refuses our access");
                self.cx.pause.begin(PauseReason::Library);
                Ok(())
            }
        }
    }

    /// To a reader that may not list the bucket, S3 answers 403 for a key that is gone. So a first
    /// refusal of the source is a reason to look; only if the object is still there is it final.
    async fn source_denied(&mut self, error: &LibraryError) -> Result<(), Outcome> {
        self.source_denied += 1;
        if self.source_denied >= SOURCE_DENIED_MAX {
            return Err(rejected("source_denied", error));
        }
        self.another_round().await
    }

    async fn throttled(&mut self, asked: Option<Duration>) -> Result<(), Outcome> {
        self.throttled += 1;
        let backoff = THROTTLED_WAIT.wait(self.throttled, self.cx.random());
        let wait = asked.map_or(backoff, |asked| asked + backoff);
        self.cx.observer.tell(&Observation::Throttled { wait });
        if self.since.elapsed() + wait > RUN_MAX {
            return Err(Outcome::Held(Hold::Throttled));
        }
        self.wait(wait).await
    }

    async fn transient(&mut self, error: &(dyn std::error::Error + Sync)) -> Result<(), Outcome> {
        self.transient += 1;
        if self.transient >= TRANSIENT_MAX {
            tracing::warn!(error = chain(error), "Giving back after transient failures");
            return Err(Outcome::Held(Hold::Transient));
        }
        tracing::debug!(
            error = chain(error),
            "Trying again after a transient failure"
        );
        self.wait(TRANSIENT_WAIT.wait(self.transient, self.cx.random()))
            .await
    }

    async fn wait(&self, wait: Duration) -> Result<(), Outcome> {
        self.unless_stopped(tokio::time::sleep(wait)).await
    }

    async fn unless_stopped(&self, wait: impl Future<Output = ()>) -> Result<(), Outcome> {
        let stopped = self.cx.stop.run_until_cancelled(wait).await.is_none();
        if stopped {
            Err(Outcome::Held(Hold::Stopping))
        } else {
            Ok(())
        }
    }
}

fn rejected(reason: &'static str, error: &LibraryError) -> Outcome {
    Outcome::Rejected(Rejection::new(reason, chain(error)))
}

/// The error and what caused it, on one line.
fn chain(error: &(dyn std::error::Error + Sync)) -> String {
    let error: &dyn std::error::Error = error;
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
