//! The members: each lives, dies as planned, and comes back, until the run is over.

use std::sync::Arc;
use std::time::Duration;

use sync_engine::ports::Ports;
use sync_engine::{Engine, Observer};
use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::library::SimLibrary;
use super::plan::{End, Fate, LATE_AFTER_DEATH};
use super::queue::SimQueue;
use super::saboteur::{self, Bug};
use super::store::SimStore;
use super::world::{MemberId, World};

/// One place in the fleet, and whoever fills it.
pub(crate) struct Place {
    pub(crate) world: Arc<World>,
    pub(crate) member: MemberId,
    pub(crate) bug: Option<Bug>,
    /// Ends the last life by a drain.
    pub(crate) over: CancellationToken,
}

impl Place {
    /// Lives until `over`.
    pub(crate) async fn live(self) {
        for end in self.ends() {
            self.life(Some(end)).await;
            let absence = {
                let mut state = self.world.state();
                let most = Duration::from_secs(if state.rng.bool() { 1 } else { 60 });
                state.span(most)
            };
            sleep(absence + Duration::from_millis(1)).await;
            if self.over.is_cancelled() {
                return;
            }
        }
        self.life(None).await;
    }

    /// The ends that the plan has for this place, but none in the calm that follows.
    fn ends(&self) -> Vec<End> {
        let Fate::Mortal { ends } = &self.world.plan.fate else {
            return Vec::new();
        };
        let mine = ends
            .iter()
            .skip(self.member)
            .step_by(self.world.plan.members);
        mine.copied().collect()
    }

    async fn life(&self, end: Option<End>) {
        let is_faulty = {
            let mut state = self.world.state();
            state.witness.born(self.member);
            let calls = match end {
                Some(End::CrashAtCall(calls)) if state.is_faulty => Some(calls),
                _ => None,
            };
            state.strike_in(self.member, calls);
            state.note(format_args!("{}: is born, {end:?}", self.member));
            state.is_faulty
        };
        let stop = CancellationToken::new();
        let how = tokio::select! {
            biased;
            () = self.end(end.filter(|_| is_faulty), &stop) => "crashes",
            _ = self.engine().run(stop.clone()) => "is drained",
        };
        let mut state = self.world.state();
        state.strike_in(self.member, None);
        state.note(format_args!("{}: {how}", self.member));
        let latest = state.now + state.span(LATE_AFTER_DEATH);
        state.cloud.bury(self.member, latest);
    }

    /// Returns when the member dies; before that, it may tell it to stop.
    async fn end(&self, end: Option<End>, stop: &CancellationToken) {
        let struck = async {
            match end {
                Some(End::CrashAt(age)) => sleep(age).await,
                _ => self.world.struck[self.member].notified().await,
            }
        };
        let told = async {
            match end {
                Some(End::DrainAt(age)) => {
                    tokio::select! { biased; () = sleep(age) => {}, () = self.over.cancelled() => {} }
                }
                _ => self.over.cancelled().await,
            }
            self.drain(stop).await;
        };
        tokio::select! { biased; () = struck => {}, () = told => {} }
    }

    /// Tells the member to stop, and sees that it does in time.
    async fn drain(&self, stop: &CancellationToken) {
        let allowed = self.world.plan.settings.drain_timeout;
        let deadline = {
            let mut state = self.world.state();
            state.witness.stops(self.member);
            state.note(format_args!("{}: is told to stop", self.member));
            state.now + allowed
        };
        stop.cancel();
        sleep_until(self.world.instant(deadline) + Duration::from_millis(1)).await;
        let mut state = self.world.state();
        let what = format!("{} still drains after {allowed:?}", self.member);
        state.witness.violate(what);
    }

    fn engine(&self) -> Engine {
        let (world, member) = (Arc::clone(&self.world), self.member);
        let ports = Ports {
            queue: Arc::new(SimQueue {
                world: Arc::clone(&world),
                member,
            }),
            store: Arc::new(SimStore {
                world: Arc::clone(&world),
                member,
            }),
            library: Arc::new(SimLibrary {
                world: Arc::clone(&world),
                member,
            }),
        };
        let ports = match self.bug {
            Some(bug) => saboteur::spoil(ports, bug, &world.plan.settings.rules),
            None => ports,
        };
        let observer = Observer::new(move |fact| world.state().witness.told(member, fact));
        Engine::new(ports, self.world.plan.settings.clone(), observer)
    }
}
