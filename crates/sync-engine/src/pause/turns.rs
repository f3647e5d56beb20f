//! Gives turns during a pause, with backoff, and says once a minute that it is still on.
//!
//! At every round the next run that waits may go on as the probe, unless one is on its way. From
//! the second round on one message may be received too: a member that holds nothing but the asset
//! that is refused would otherwise never learn whether others are granted. A queue that refuses
//! us is asked by a receive at every round; one that refuses deletes, by those who have done their
//! work, as long as their leases last, and by the next one to finish. What is received so is held,
//! never given back, and there are only so many places.

use std::sync::atomic::Ordering;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::Pause;
use crate::context::Context;
use crate::rights::Right;

/// The first and the longest wait between two rounds.
const ROUND_MIN: Duration = Duration::from_secs(1);
const ROUND_MAX: Duration = Duration::from_mins(1);
/// How often an operator is reminded.
const REMIND_EVERY: Duration = Duration::from_mins(1);

/// Gives turns whenever the member is paused. Runs until dropped.
pub(crate) async fn give_turns(cx: &Context) {
    loop {
        cx.pause.begun().await;
        tokio::select! {
            biased;
            () = cx.pause.over() => {}
            () = rounds(cx) => {}
        }
    }
}

/// Says once a minute of a pause that it is on, and why. Runs until dropped.
pub(crate) async fn remind(pause: &Pause) {
    loop {
        pause.begun().await;
        tokio::select! {
            biased;
            () = pause.over() => {}
            () = tokio::time::sleep(REMIND_EVERY) => pause.say(),
        }
    }
}

async fn rounds(cx: &Context) {
    let waits = ExponentialBuilder::new()
        .with_min_delay(ROUND_MIN)
        .with_max_delay(ROUND_MAX)
        .without_max_times();
    for (round, wait) in waits.build().enumerate() {
        tokio::time::sleep(wait.mul_f64(0.5 + cx.random() / 2.0)).await;
        cx.pause.round(round);
    }
}

impl Pause {
    fn round(&self, round: usize) {
        if self.is_for(|missing| missing == Right::Receive) {
            return self.let_poll();
        }
        if !self.is_probing.swap(true, Ordering::AcqRel) {
            self.turns.add_permits(1);
        }
        if round > 0 {
            self.let_poll();
        }
    }

    fn let_poll(&self) {
        if self.polls.available_permits() == 0 {
            self.polls.add_permits(1);
        }
    }

    fn say(&self) {
        if let Some(cause) = &*self.cause() {
            tracing::error!(
                reason = cause.right.reason().as_str(),
                paused_seconds = cause.since.elapsed().as_secs(),
                error = cause.why,
                "Still paused until our access is put right"
            );
        }
    }
}
