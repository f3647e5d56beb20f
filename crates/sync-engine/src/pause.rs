//! A mistake of ours - wrong credentials, a missing permission, a missing queue - makes every
//! message fail alike. Working on would drain the queue into the dead letters; so the member
//! pauses: it begins nothing new and keeps what it holds.
//!
//! A pause ends when what was refused is granted. To find out, one run at a time goes on as the
//! probe while the others wait: asking something else (a ping, a HEAD of the account) can succeed
//! while the very thing is still refused. Who is whose turn, and when, is for `turns`.

mod turns;

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use crate::observation::{Observation, Observer};
use crate::rights::Right;

pub(crate) use turns::{give_turns, remind};

/// Whether, and why, the member is paused.
///
/// Not a `watch` channel: that one wakes its waiters in random order, and a run could not be
/// repeated.
pub(crate) struct Pause {
    cause: Mutex<Option<Cause>>,
    changed: Notify,
    /// A run may go on as the probe. In the order of waiting, so that everyone gets a turn.
    turns: Semaphore,
    /// That turn is given and not used up.
    is_probing: AtomicBool,
    /// A poller may ask once.
    polls: Semaphore,
    observer: Observer,
}

/// What is missing.
#[derive(Debug, Clone)]
struct Cause {
    right: Right,
    /// What the latest refusal said.
    why: String,
    since: Instant,
}

/// The one run that goes on during a pause. Its turn ends when it is dropped.
pub(crate) struct Probe<'a>(&'a Pause);

impl Pause {
    pub(crate) fn new(observer: Observer) -> Self {
        Self {
            cause: Mutex::new(None),
            changed: Notify::new(),
            turns: Semaphore::new(0),
            is_probing: AtomicBool::new(false),
            polls: Semaphore::new(0),
            observer,
        }
    }

    /// Pauses, because this was refused. A pause that is on goes on for its first cause: what is
    /// refused now was refused to its probe.
    pub(crate) fn begin(&self, right: Right, why: String) {
        let reason = right.reason();
        if !self.note(right, &why) {
            return;
        }
        tracing::error!(
            reason = reason.as_str(),
            error = why,
            "Paused until our access is put right"
        );
        self.changed.notify_waiters();
        self.observer.tell(&Observation::Paused { reason, why });
    }

    pub(crate) fn is_on(&self) -> bool {
        self.cause().is_some()
    }

    /// Waits while paused. With a [`Probe`] the run goes on during the pause, alone.
    pub(crate) async fn pass(&self) -> Option<Probe<'_>> {
        tokio::select! {
            biased;
            () = self.over() => None,
            turn = self.turns.acquire() => {
                turn.expect("never closed").forget();
                Some(Probe(self))
            }
        }
    }

    /// Waits while paused; `true`: the pause is on, but one receive may be tried.
    pub(crate) async fn pass_to_poll(&self) -> bool {
        tokio::select! {
            biased;
            () = self.over() => false,
            turn = self.polls.acquire() => {
                turn.expect("never closed").forget();
                true
            }
        }
    }

    /// The queue granted this to whoever may try it during a pause. If that is what the pause
    /// waits for, it is over.
    pub(crate) fn granted(&self, right: Right) {
        if self.is_for(|missing| missing == right) {
            self.end();
        }
    }

    /// Keeps the cause. `true`: the pause begins with it.
    fn note(&self, right: Right, why: &str) -> bool {
        let mut cause = self.cause();
        let is_new = cause.is_none();
        let since = cause.as_ref().map_or_else(Instant::now, |it| it.since);
        let right = cause.as_ref().map_or(right, |it| it.right);
        let why = why.to_owned();
        *cause = Some(Cause { right, why, since });
        is_new
    }

    fn is_for(&self, wanted: impl FnOnce(Right) -> bool) -> bool {
        let cause = self.cause();
        cause.as_ref().is_some_and(|cause| wanted(cause.right))
    }

    fn end(&self) {
        if self.cause().take().is_none() {
            return;
        }
        self.turns.forget_permits(1);
        self.polls.forget_permits(1);
        self.is_probing.store(false, Ordering::Release);
        self.changed.notify_waiters();
        tracing::info!("Our access works again");
        self.observer.tell(&Observation::Resumed);
    }

    async fn over(&self) {
        self.until(Option::is_none).await;
    }

    async fn begun(&self) {
        self.until(Option::is_some).await;
    }

    async fn until(&self, wanted: impl Fn(&Option<Cause>) -> bool) {
        loop {
            // Registered before the question, so that a change in between is not missed.
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if wanted(&self.cause()) {
                return;
            }
            changed.await;
        }
    }

    fn cause(&self) -> MutexGuard<'_, Option<Cause>> {
        self.cause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Probe<'a> {
    /// The probe was granted something. If that clears what the pause is about, the pause is over;
    /// otherwise the probe goes on.
    pub(crate) fn granted(self, clears: impl FnOnce(Right) -> bool) -> Option<Probe<'a>> {
        if !self.0.is_for(clears) {
            return Some(self);
        }
        self.0.end();
        None
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        self.0.is_probing.store(false, Ordering::Release);
    }
}
