//! The state that all parts of one run share, under one lock, and the clock that moves it.
//!
//! Whoever takes the lock first lets happen what was due by now: pulls of the library and writes
//! that land. Every random choice is drawn from one generator, in the order of the calls; with
//! one thread and paused time that order, and so the whole run, follows from the seed.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::bucket::Bucket;
use super::cloud::Cloud;
use super::messages::Messages;
use super::plan::{Moment, Plan};
use super::trace::Trace;
use super::witness::Witness;

/// Which member of the fleet.
pub(crate) type MemberId = usize;

/// One simulated world.
pub(crate) struct World {
    pub(crate) plan: Arc<Plan>,
    began: Instant,
    state: Mutex<State>,
    /// Some message may be visible now.
    pub(crate) arrived: Notify,
    /// The member shall die at this very call.
    pub(crate) struck: Vec<Notify>,
}

/// What the world is like now.
pub(crate) struct State {
    pub(crate) plan: Arc<Plan>,
    pub(crate) now: Moment,
    pub(crate) rng: Rng,
    /// Things go wrong.
    pub(crate) is_faulty: bool,
    pub(crate) bucket: Bucket,
    pub(crate) messages: Messages,
    pub(crate) cloud: Cloud,
    pub(crate) witness: Witness,
    pub(crate) trace: Trace,
    /// Calls to ports that each member still lives for.
    calls_left: Vec<Option<u32>>,
}

impl World {
    pub(crate) fn new(plan: Plan, trace: Trace) -> Arc<Self> {
        let plan = Arc::new(plan);
        let state = State {
            now: Duration::ZERO,
            // Another stream of numbers than the one that the plan was drawn from.
            rng: Rng::with_seed(!plan.seed),
            is_faulty: true,
            bucket: Bucket::new(plan.bucket),
            messages: Messages::default(),
            cloud: Cloud::default(),
            witness: Witness::new(&plan),
            trace,
            calls_left: vec![None; plan.members],
            plan: Arc::clone(&plan),
        };
        Arc::new(Self {
            struck: (0..plan.members).map(|_| Notify::new()).collect(),
            plan,
            began: Instant::now(),
            state: Mutex::new(state),
            arrived: Notify::new(),
        })
    }

    /// The state as it is now.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = self.began.elapsed();
        let State {
            cloud,
            bucket,
            trace,
            now,
            ..
        } = &mut *state;
        cloud.advance(*now, bucket, trace);
        state
    }

    /// The runtime's name for a moment of this world.
    pub(crate) fn instant(&self, moment: Moment) -> Instant {
        self.began + moment
    }

    /// A point where a member may die.
    pub(crate) async fn peril(&self, member: MemberId) {
        let calls_left = self.state().count_call(member);
        if calls_left == Some(1) {
            self.struck[member].notify_one();
        }
        if calls_left.is_some_and(|left| left <= 1) {
            pending::<()>().await;
        }
    }

    /// The way to a service or back.
    pub(crate) async fn travel(&self) {
        let time = {
            let mut state = self.state();
            Duration::from_millis(state.rng.u64(0..40))
        };
        sleep(time).await;
    }
}

impl State {
    /// Whether a fault of this rate strikes now.
    pub(crate) fn chance(&mut self, rate: f64) -> bool {
        self.is_faulty && rate > 0.0 && self.rng.f64() < rate
    }

    /// A span drawn evenly from zero to `most`.
    pub(crate) fn span(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.rng.f64())
    }

    /// Whether our credentials for this service are wrong now.
    pub(crate) fn is_locked_out(&self, service: usize) -> bool {
        let window = self.plan.locked_out[service].as_ref();
        self.is_faulty && window.is_some_and(|window| window.contains(&self.now))
    }

    /// The member shall die at this many calls from now, or live on.
    pub(crate) fn strike_in(&mut self, member: MemberId, calls: Option<u32>) {
        self.calls_left[member] = calls;
    }

    fn count_call(&mut self, member: MemberId) -> Option<u32> {
        let left = self.calls_left[member];
        self.calls_left[member] = left.map(|left| left.saturating_sub(1));
        left
    }

    pub(crate) fn note(&mut self, what: std::fmt::Arguments<'_>) {
        self.trace.note(self.now, what);
    }
}
