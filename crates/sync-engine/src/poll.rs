//! Takes messages out of the queue, never more than there are places for.
//!
//! One poller waits when the queue is idle. Every full batch is a sign of more and brings another
//! poller, up to what the free places can use; a batch that is not full sends the extra ones home.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adaptive_limit::backoff::Backoff;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::engine::Member;
use crate::error_chain::error_chain;
use crate::observation::{Observation, Poll};
use crate::ports::{Delivery, MAX_BATCH, QueueError, QueueErrorKind, ReceiveRequest};
use crate::rights::Right;

/// How long a poller with one place waits for more, so as not to fetch messages one by one.
const GATHER: Duration = Duration::from_millis(250);
/// The places of a batch beside the first.
const REST: u32 = 9;
/// A receive that has not come back this long after its wait never will.
const RECEIVE_MARGIN: Duration = Duration::from_secs(15);
/// A poll in flight gets this long after the stop signal. Cutting it off at once could leave
/// messages invisible that were just being handed out.
const STOP_GRACE: Duration = Duration::from_secs(3);

/// The long poll of the one receive that is tried during a pause: long enough to ask all of a
/// queue's servers, short enough not to keep the answer.
const TRIAL_WAIT: Duration = Duration::from_secs(1);

const FAILED_WAIT: Backoff = Backoff {
    base: Duration::from_millis(500),
    cap: Duration::from_secs(30),
};

/// The pollers of one member.
pub(crate) struct Poller<'a> {
    member: &'a Arc<Member>,
    stop: &'a CancellationToken,
    /// Pollers wanted now; the first always is.
    wanted: AtomicUsize,
    most: usize,
}

/// The places of one receive.
struct Places {
    permit: OwnedSemaphorePermit,
    /// A pause is on, and this receive is the one that may be tried.
    is_trial: bool,
}

impl<'a> Poller<'a> {
    /// Polls until the member is told to stop.
    pub(crate) async fn poll_until_stopped(member: &'a Arc<Member>, stop: &'a CancellationToken) {
        let most = member
            .cx
            .settings
            .messages_in_flight
            .get()
            .div_ceil(MAX_BATCH);
        let poller = Self {
            member,
            stop,
            wanted: AtomicUsize::new(1),
            most,
        };
        let mut rounds = FuturesUnordered::new();
        rounds.push(poller.round(0));
        // Each round of a poller ends with the number of pollers to go on with.
        while let Some(failures) = rounds.next().await {
            let wanted = poller.wanted.load(Ordering::Relaxed);
            while !stop.is_cancelled() && rounds.len() < wanted {
                rounds.push(poller.round(failures));
            }
        }
    }

    /// One receive, from free places to messages at work. Returns the failures in a row.
    async fn round(&self, failures: u32) -> u32 {
        let Some(places) = self.stop.run_until_cancelled(self.gather(failures)).await else {
            return 0;
        };
        let asked = places.permit.num_permits();
        let received = tokio::select! {
            biased;
            received = self.receive(&places) => received,
            () = stopped_for(self.stop, STOP_GRACE) => return 0,
        };
        match received {
            Ok(batch) => {
                self.adapt(batch.len(), asked);
                if places.is_trial {
                    self.member.cx.pause.granted(Right::Receive);
                }
                self.member.take_in(batch, places.permit);
                0
            }
            Err(error) => {
                self.failed(&error);
                failures + 1
            }
        }
    }

    /// Waits until there is work to be done, and places for a batch of it.
    async fn gather(&self, failures: u32) -> Places {
        let cx = &self.member.cx;
        if failures > 0 {
            tokio::time::sleep(FAILED_WAIT.wait(failures, cx.random())).await;
        }
        cx.slots.caught_up().await;
        let places = &self.member.places;
        let mut taken = Arc::clone(places)
            .acquire_owned()
            .await
            .expect("never closed");
        let is_trial = cx.pause.pass_to_poll().await;
        if !is_trial {
            self.gather_more(&mut taken).await;
        }
        Places {
            permit: taken,
            is_trial,
        }
    }

    async fn gather_more(&self, taken: &mut OwnedSemaphorePermit) {
        let places = &self.member.places;
        let others = timeout(GATHER, Arc::clone(places).acquire_many_owned(REST)).await;
        if let Ok(Ok(others)) = others {
            taken.merge(others);
        }
        while taken.num_permits() < MAX_BATCH
            && let Ok(another) = Arc::clone(places).try_acquire_owned()
        {
            taken.merge(another);
        }
    }

    async fn receive(&self, places: &Places) -> Result<Vec<Delivery>, QueueError> {
        let settings = &self.member.cx.settings;
        let longest = if places.is_trial {
            TRIAL_WAIT
        } else {
            Duration::MAX
        };
        let request = ReceiveRequest {
            max: places.permit.num_permits(),
            wait: settings.wait_time.min(longest),
            visibility_timeout: settings.visibility_timeout,
        };
        let limit = request.wait + RECEIVE_MARGIN;
        let received = timeout(limit, self.member.cx.ports.queue.receive(request)).await;
        received.unwrap_or_else(|late| {
            Err(QueueError {
                operation: "ReceiveMessage",
                kind: QueueErrorKind::Transient,
                source: late.into(),
            })
        })
    }

    fn adapt(&self, received: usize, asked: usize) {
        let poll = if received == 0 {
            Poll::Empty
        } else {
            Poll::Messages(received)
        };
        self.member.cx.observer.tell(&Observation::Polled(poll));
        let wanted = self.wanted.load(Ordering::Relaxed);
        let is_full = received == asked && asked == MAX_BATCH;
        let next = if is_full {
            wanted + 1
        } else {
            wanted.saturating_sub(1)
        };
        self.wanted
            .store(next.clamp(1, self.most), Ordering::Relaxed);
    }

    fn failed(&self, error: &QueueError) {
        let cx = &self.member.cx;
        cx.observer.tell(&Observation::Polled(Poll::Failed));
        match error.kind {
            QueueErrorKind::Transient => {
                tracing::warn!(%error, source = %error.source, "Polling failed");
            }
            QueueErrorKind::Denied | QueueErrorKind::Missing => {
                cx.pause.begin(Right::Receive, error_chain(error));
            }
        }
    }
}

async fn stopped_for(stop: &CancellationToken, grace: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(grace).await;
}
