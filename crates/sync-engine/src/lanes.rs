//! One lane per asset. All hints that wait for the same asset are answered by one reconcile, and
//! no two reconciles of one asset run in this process at the same time.
//!
//! A hint that arrives before a run looks at the bucket is satisfied by that run; one that
//! arrives later waits for the next. A lane exists exactly as long as somebody waits in it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloudinary_core::AssetId;
use event_mapper::{MappedAsset, ObjectRef};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use crate::context::Context;
use crate::outcome::Outcome;
use crate::reconcile::{Subject, reconcile};
use crate::spans;
use crate::tasks::Tasks;

/// The lanes of one member.
pub(crate) struct Lanes {
    cx: Arc<Context>,
    waiting: Mutex<HashMap<AssetId, Vec<Waiter>>>,
    tasks: Tasks,
    abandon: CancellationToken,
}

struct Waiter {
    mapped: MappedAsset,
    object: ObjectRef,
    redelivered: bool,
    /// The message's.
    span: Span,
    answer: oneshot::Sender<Outcome>,
}

impl Lanes {
    /// Runs are spawned on `tasks` and dropped when `abandon` is cancelled.
    pub(crate) fn new(cx: Arc<Context>, tasks: Tasks, abandon: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            cx,
            waiting: Mutex::default(),
            tasks,
            abandon,
        })
    }

    /// Joins the lane of the asset and waits for the run that answers this hint.
    pub(crate) async fn join(
        self: &Arc<Self>,
        mapped: MappedAsset,
        object: ObjectRef,
        redelivered: bool,
    ) -> Outcome {
        let (answer, answered) = oneshot::channel();
        self.enter(Waiter {
            mapped,
            object,
            redelivered,
            span: Span::current(),
            answer,
        });
        // No answer: the run was dropped or it panicked, perhaps in the middle of a write.
        answered.await.unwrap_or(Outcome::Unclear)
    }

    fn enter(self: &Arc<Self>, waiter: Waiter) {
        let asset = waiter.mapped.asset.clone();
        let mut waiting = self.waiting();
        let is_new = !waiting.contains_key(&asset);
        waiting.entry(asset.clone()).or_default().push(waiter);
        drop(waiting);
        if is_new {
            let lane = Lane {
                lanes: Arc::clone(self),
                asset,
                is_open: true,
            };
            // Boxed, as in `Tasks::spawn`: as many lanes as messages may wait for a slot.
            let (abandon, run) = (self.abandon.clone(), Box::pin(lane.run()));
            self.tasks.spawn(async move {
                abandon.run_until_cancelled(run).await;
            });
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<AssetId, Vec<Waiter>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The run of one lane. Closes the lane when it ends, however it ends.
struct Lane {
    lanes: Arc<Lanes>,
    asset: AssetId,
    is_open: bool,
}

impl Lane {
    async fn run(mut self) {
        while let Some(waiters) = self.take() {
            let span = spans::reconcile(&self.asset, waiters.iter().map(|waiter| &waiter.span));
            let subject = subject(&waiters);
            let run = reconcile(&self.lanes.cx, &subject).instrument(span);
            let outcome = run.await;
            for waiter in waiters {
                // Nobody waits any more when the message's task was dropped.
                let _ = waiter.answer.send(outcome.clone());
            }
        }
    }

    /// Everyone who waits now; closes the lane when nobody does.
    fn take(&mut self) -> Option<Vec<Waiter>> {
        let mut waiting = self.lanes.waiting();
        let waiters = waiting
            .get_mut(&self.asset)
            .map(std::mem::take)
            .unwrap_or_default();
        if waiters.is_empty() {
            waiting.remove(&self.asset);
            self.is_open = false;
            return None;
        }
        Some(waiters)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if self.is_open {
            self.lanes.waiting().remove(&self.asset);
        }
    }
}

fn subject(waiters: &[Waiter]) -> Subject {
    let mapped = waiters[0].mapped.clone();
    let objects: BTreeSet<_> = waiters.iter().map(|waiter| waiter.object.clone()).collect();
    Subject {
        mapped,
        objects,
        redelivered: waiters.iter().any(|waiter| waiter.redelivered),
    }
}
