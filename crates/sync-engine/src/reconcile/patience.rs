//! How long one run goes on: how often it tries again, how long it waits in between, and when it
//! gives its messages back. Waiting never spends a redrive attempt; giving back does.

use std::time::Duration;

use adaptive_limit::backoff::Backoff;
use cloudinary_core::{AssetId, Disposition};
use tokio::time::{Instant, timeout_at};

use super::access::Access;
use crate::context::Context;
use crate::error_chain::error_chain;
use crate::observation::{Observation, RerunCause};
use crate::outcome::{Hold, Outcome, Rejection};
use crate::ports::{LibraryError, MAX_LEASE, StoreError, StoreErrorKind};
use crate::rights::{Right, Tick};

/// Transient failures that one run rides out.
const TRANSIENT_MAX: u32 = 4;
/// Refusals of the source, each after a look that found it, that make the refusal final.
const SOURCE_DENIED_MAX: u32 = 2;
/// Refusals of one asset as if our access were wrong, while others are accepted, that make it the
/// asset's own fault. A new key or permission spreads for minutes, refused here and granted there;
/// the waits in between outlast that.
const REFUSED_ALONE_MAX: u32 = 5;
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
const REFUSED_ALONE_WAIT: Backoff = Backoff {
    base: Duration::from_secs(30),
    cap: Duration::from_mins(5),
};
const ROUND_WAIT: Backoff = Backoff {
    base: Duration::from_millis(100),
    cap: Duration::from_secs(5),
};

/// The tries that a run has used up.
pub(super) struct Patience<'a> {
    cx: &'a Context,
    access: Access<'a>,
    since: Instant,
    transient: u32,
    throttled: u32,
    source_denied: u32,
    rounds: u32,
}

impl<'a> Patience<'a> {
    pub(super) fn new(cx: &'a Context, asset: &'a AssetId) -> Self {
        cx.retries.first_try();
        Self {
            cx,
            access: Access::new(cx, asset),
            since: Instant::now(),
            transient: 0,
            throttled: 0,
            source_denied: 0,
            rounds: 0,
        }
    }

    /// Waits as long as the member is paused, unless it is this run's turn to try what is
    /// refused. What is held stays held.
    pub(super) async fn while_paused(&mut self) -> Result<(), Outcome> {
        if !self.access.is_closed() {
            return Ok(());
        }
        let opened = self.cx.stop.run_until_cancelled(self.access.open()).await;
        opened.ok_or(Outcome::Held(Hold::Stopping))
    }

    /// Whether a pause has begun that the next call must wait for.
    pub(super) fn is_paused(&self) -> bool {
        self.access.is_closed()
    }

    /// The present moment in the order of refusals, for a call that begins now.
    pub(super) fn now(&self) -> Tick {
        self.access.now()
    }

    /// A call that began then was granted.
    pub(super) fn granted(&mut self, right: Right, began: Tick) {
        self.access.granted(right, began);
    }

    /// Waits for something for as long as the messages can be kept.
    pub(super) async fn while_leased<T>(
        &self,
        wait: impl Future<Output = T>,
    ) -> Result<T, Outcome> {
        let wait = timeout_at(self.since + RUN_MAX, wait);
        match self.cx.stop.run_until_cancelled(wait).await {
            Some(Ok(done)) => Ok(done),
            Some(Err(_)) => Err(Outcome::Held(Hold::Throttled)),
            None => Err(Outcome::Held(Hold::Stopping)),
        }
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
    pub(super) async fn with_store(
        &mut self,
        right: Right,
        error: &StoreError,
    ) -> Result<(), Outcome> {
        match error.kind {
            StoreErrorKind::Transient => self.transient(error).await,
            StoreErrorKind::Changed => self.another_round().await,
            StoreErrorKind::Denied | StoreErrorKind::NoBucket => {
                let why = error_chain(error);
                if self.access.is_ours(right, &why) {
                    return Ok(());
                }
                tracing::warn!(object = %error.object, error = why, "S3 does not say");
                Err(Outcome::Held(Hold::Denied))
            }
            StoreErrorKind::Credentials => {
                self.access.pause(right, error_chain(error));
                Ok(())
            }
        }
    }

    /// A failed write: returns to look and write again, or ends the run.
    pub(super) async fn with_library(
        &mut self,
        right: Right,
        error: &LibraryError,
    ) -> Result<(), Outcome> {
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
                    error = error_chain(error),
                    "A write is unclear"
                );
                Err(Outcome::Unclear)
            }
            Disposition::SourceDenied => self.source_denied(error).await,
            Disposition::Refused => Err(rejected("refused", error)),
            Disposition::Ours => self.ours(right, error).await,
        }
    }

    /// To a reader that may not list the bucket, S3 answers 403 for a key that is gone. So a first
    /// refusal of the source is a reason to look; only if the object is still there is it final,
    /// unless all objects are refused: then Cloudinary's grant on the bucket is missing.
    async fn source_denied(&mut self, error: &LibraryError) -> Result<(), Outcome> {
        self.source_denied += 1;
        if self.source_denied < SOURCE_DENIED_MAX {
            return self.another_round().await;
        }
        if self.access.is_ours(Right::Source, &error_chain(error)) {
            return Ok(());
        }
        Err(rejected("source_denied", error))
    }

    /// Our access is refused. The member pauses, unless others are granted what this asset is
    /// refused; then it tries alone, and in the end the fault is the asset's.
    async fn ours(&mut self, right: Right, error: &LibraryError) -> Result<(), Outcome> {
        let why = error_chain(error);
        let Some(times) = self.access.refused_alone(right, &why) else {
            return Ok(());
        };
        tracing::warn!(
            asset = error.asset,
            error = why,
            "Cloudinary refuses our access for one asset, and accepts others"
        );
        if times >= REFUSED_ALONE_MAX {
            return Err(rejected("refused_alone", error));
        }
        let ceiling = REFUSED_ALONE_WAIT.ceiling(times);
        self.wait(ceiling.mul_f64(0.5 + self.cx.random() / 2.0))
            .await
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
        if self.transient >= TRANSIENT_MAX || !self.cx.retries.take() {
            tracing::warn!(
                error = error_chain(error),
                "Giving back after transient failures"
            );
            return Err(Outcome::Held(Hold::Transient));
        }
        tracing::debug!(
            error = error_chain(error),
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
    Outcome::Rejected(Rejection::new(reason, error_chain(error)))
}
