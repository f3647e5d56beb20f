//! One run: the world of a seed, from the first change to the calm after the last fault.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cloudinary_core::AssetId;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::bucket::object;
use super::fleet::Place;
use super::plan::Plan;
use super::saboteur::Bug;
use super::trace::Trace;
use super::users;
use super::world::{State, World};

/// After the last fault everything has to be right within this time.
const CALM_WITHIN: Duration = Duration::from_hours(3);

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) hash: u64,
    /// The promise that was broken.
    pub(crate) violation: Option<String>,
    /// What happened, if it was to be kept.
    pub(crate) lines: Vec<String>,
}

/// Runs the world of `seed`, perhaps with an engine that has a bug.
pub(crate) fn run(seed: u64, bug: Option<Bug>, trace: Trace) -> Report {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(async {
        let world = World::new(Plan::draw(seed), trace);
        pass(&world, bug).await;
        let mut state = world.state();
        Report {
            hash: state.trace.hash(),
            violation: state.witness.violation().map(str::to_owned),
            lines: state.trace.take_lines(),
        }
    })
}

async fn pass(world: &Arc<World>, bug: Option<Bug>) {
    let over = CancellationToken::new();
    let mut fleet = JoinSet::new();
    for member in 0..world.plan.members {
        let (world, over) = (Arc::clone(world), over.clone());
        fleet.spawn(
            Place {
                world,
                member,
                bug,
                over,
            }
            .live(),
        );
    }
    tokio::join!(
        users::change_things(Arc::clone(world)),
        sleep(world.plan.active)
    );
    world.state().is_faulty = false;
    users::restore_all(world);
    world.arrived.notify_waiters();

    calm(world).await;
    world.state().check_equality();
    over.cancel();
    while let Some(life) = fleet.join_next().await {
        if let Err(error) = life {
            world
                .state()
                .witness
                .violate(format!("a member panicked: {error}"));
        }
    }
    world.state().check_equality();
}

/// Waits until no message is left, in the queue or in a hand, and no write is under way; or until
/// a promise is broken.
async fn calm(world: &World) {
    let since = world.state().now;
    loop {
        {
            let mut state = world.state();
            let is_calm =
                state.messages.is_empty() && !state.cloud.is_busy() && state.witness.is_idle();
            if is_calm || state.witness.violation().is_some() {
                return;
            }
            if state.now > since + CALM_WITHIN {
                let left = state.messages.left();
                state
                    .witness
                    .violate(format!("not calm after {CALM_WITHIN:?}: {left:?}"));
            }
        }
        sleep(Duration::from_secs(1)).await;
    }
}

impl State {
    /// The library equals the mapped bucket: of all objects of an asset, the newest.
    fn check_equality(&mut self) {
        let (mut wanted, mut found) = (self.mirror(), self.cloud.assets.clone());
        for asset in self.unguarded() {
            wanted.remove(&asset);
            found.remove(&asset);
        }
        for (asset, content) in &wanted {
            if found.get(asset) != Some(content) {
                let is = found.get(asset);
                self.witness
                    .violate(format!("{asset} is {is:?} and should be {content:?}"));
            }
        }
        let extra = found.keys().find(|asset| !wanted.contains_key(*asset));
        if let Some(asset) = extra.filter(|_| !self.plan.settings.upload_only) {
            self.witness.violate(format!(
                "{asset} is there, and nothing in the bucket maps to it"
            ));
        }
    }

    /// Assets that a member may have left wrong, because its message was deleted by another member
    /// that had it too. This is not promised; see `docs/guarantees.md`.
    fn unguarded(&self) -> Vec<AssetId> {
        let messages = self.witness.overtaken();
        let keys = messages.flat_map(|message| &self.messages.subjects[&message].keys);
        let rules = &self.plan.settings.rules;
        keys.filter_map(|key| rules.map(&object(key), None).asset().cloned())
            .collect()
    }

    /// What the library should hold. Objects of the same second are ordered by their keys.
    fn mirror(&self) -> BTreeMap<AssetId, String> {
        let mut objects = self.bucket.present();
        objects.sort_by_key(|(key, state)| (state.last_modified, *key));
        let owned = objects.into_iter().filter_map(|(key, _)| {
            let mapping = self.plan.settings.rules.map(&object(key), None);
            Some((
                mapping.asset()?.clone(),
                self.bucket.content(key)?.to_owned(),
            ))
        });
        owned.collect()
    }
}
