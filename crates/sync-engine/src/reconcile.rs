//! Makes one asset equal to what the bucket holds, and proves it: look, decide, write, look again.
//!
//! One run ends when a look agrees with the last write, or when no write is needed, or when going
//! on is pointless within this lease. It is the only place that retries.

mod access;
pub(crate) mod decide;
mod observe;
mod patience;
mod write;

use std::collections::BTreeSet;

use event_mapper::{MappedAsset, ObjectRef};
use tokio::time::Instant;

use self::decide::{Plan, Policy, Written, decide};
use self::patience::Patience;
use crate::context::Context;
use crate::observation::Observation;
use crate::outcome::{Hold, Outcome};
use crate::spans;

/// What one run is about.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// The asset, as one of the objects maps to it.
    pub(crate) mapped: MappedAsset,
    /// The objects that were hinted at; all of them map to the asset.
    pub(crate) objects: BTreeSet<ObjectRef>,
    /// Some hint has been worked on before. What happened then may still have effects, so what
    /// the library delivers now is no proof.
    pub(crate) redelivered: bool,
}

/// Runs until the asset is proven right or the run must end.
pub(crate) async fn reconcile(cx: &Context, subject: &Subject) -> Outcome {
    let started = Instant::now();
    let mut run = Run {
        cx,
        subject,
        written: None,
        has_written: false,
        patience: Patience::new(cx, &subject.mapped.asset),
        action: "none",
    };
    let (Ok(outcome) | Err(outcome)) = run.converge().await;
    spans::reconciled(run.action, &outcome);
    cx.observer.tell(&Observation::Reconciled {
        action: run.action,
        outcome: outcome.as_str(),
        took: started.elapsed(),
    });
    outcome
}

struct Run<'a> {
    cx: &'a Context,
    subject: &'a Subject,
    /// Our last write, as long as nothing unknown happened since.
    written: Option<Written>,
    /// A write of ours may have changed the asset: what is delivered now is no proof, and the
    /// hinted objects are not all that count.
    has_written: bool,
    patience: Patience<'a>,
    action: &'static str,
}

impl Run<'_> {
    /// `Err` is an outcome too: the one that ended the run early.
    async fn converge(&mut self) -> Result<Outcome, Outcome> {
        let policy = Policy::from(&self.cx.settings);
        loop {
            self.may_go_on().await?;
            let Some(seen) = self.observe().await? else {
                continue;
            };
            match decide(&seen, self.written.as_ref(), policy) {
                Plan::Done(outcome) => return Ok(outcome),
                Plan::Compare(owner) if self.is_delivered(&owner).await => {
                    return Ok(Outcome::AlreadyTrue);
                }
                Plan::Compare(owner) => self.upload(owner, None).await?,
                Plan::Upload {
                    owner,
                    cause,
                    mismatched,
                } => {
                    self.rerun(cause).await?;
                    self.upload(owner, mismatched).await?;
                }
                Plan::Destroy { cause } => {
                    self.rerun(cause).await?;
                    self.destroy().await?;
                }
            }
        }
    }

    /// A run that has written goes on to its proof even when the member stops.
    async fn may_go_on(&mut self) -> Result<(), Outcome> {
        if self.cx.stop.is_cancelled() && self.written.is_none() {
            return Err(Outcome::Held(Hold::Stopping));
        }
        self.patience.while_paused().await
    }

    async fn rerun(&mut self, cause: Option<crate::RerunCause>) -> Result<(), Outcome> {
        let Some(cause) = cause else { return Ok(()) };
        self.cx.observer.tell(&Observation::Rerun { cause });
        self.patience.another_round().await
    }
}
