//! People change the bucket, and somebody sends rubbish into the queue.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::bucket::{Change, KEYS};
use super::notify;
use super::plan::{BucketKind, Plan};
use super::world::{State, World};

/// Works through the plan's changes, some in bursts, some far apart.
pub(crate) async fn change_things(world: Arc<World>) {
    let Plan {
        active, changes, ..
    } = *world.plan;
    for n in 0..changes {
        let pause = {
            let mut state = world.state();
            let even = active / u32::try_from(changes).unwrap_or(1);
            let is_burst = state.rng.bool();
            let pause = state.span(even * 2);
            if is_burst { pause / 100 } else { pause }
        };
        sleep(pause).await;
        let mut state = world.state();
        state.change(n);
        let rate = state.plan.rates.malformed;
        if state.chance(rate) {
            notify::rubbish(&mut state);
        }
        drop(state);
        world.arrived.notify_waiters();
    }
}

/// The end of all changes: what lies in the archive is restored.
pub(crate) fn restore_all(world: &World) {
    let mut state = world.state();
    for key in KEYS {
        let change = state.bucket.restore(key);
        state.tell(change);
    }
}

impl State {
    fn change(&mut self, n: usize) {
        let key = KEYS[self.rng.usize(..KEYS.len())];
        match self.rng.u8(..12) {
            0..=4 => self.put(key, n),
            5 | 6 => self.delete(key),
            7 => self.rename(key, n),
            8 | 9 => self.delete_version(key),
            10 => self.put_archived(key, n),
            _ => self.restore(key),
        }
    }

    fn put(&mut self, key: &'static str, n: usize) {
        let (content, now) = (self.content(n), self.now);
        let change = self.bucket.put(key, content, false, now);
        self.tell(Some(change));
    }

    fn delete(&mut self, key: &'static str) {
        let change = self.bucket.delete(key, self.now);
        self.tell(Some(change));
    }

    fn rename(&mut self, key: &'static str, n: usize) {
        let to = KEYS[self.rng.usize(..KEYS.len())];
        let content = self.bucket.content(key).map(str::to_owned);
        if let Some(content) = content {
            let content = if self.plan.bucket == BucketKind::Opaque {
                self.content(n)
            } else {
                content
            };
            let now = self.now;
            let change = self.bucket.put(to, content, false, now);
            self.tell(Some(change));
            self.delete(key);
        }
    }

    fn delete_version(&mut self, key: &'static str) {
        let nth = self.rng.usize(..2);
        let change = self.bucket.delete_version(key, nth);
        self.tell(change);
    }

    fn put_archived(&mut self, key: &'static str, n: usize) {
        let (content, now) = (self.content(n), self.now);
        let change = self.bucket.put(key, content, true, now);
        self.tell(Some(change));
    }

    fn restore(&mut self, key: &'static str) {
        let change = self.bucket.restore(key);
        self.tell(change);
    }

    /// Often the same as before, so that equal bytes at different times occur. Where S3 tells no
    /// MD5 every content is new: there, going back to former bytes during a pull cannot be told
    /// from never having left them.
    fn content(&mut self, n: usize) -> String {
        if self.plan.bucket == BucketKind::Opaque || self.rng.bool() {
            format!("content of change {n}")
        } else {
            format!("content {}", self.rng.u8(..3))
        }
    }

    fn tell(&mut self, change: Option<Change>) {
        if let Some(change) = change {
            self.note(format_args!("user: {} {}", change.event, change.key));
            notify::change(self, &change);
        }
    }

    /// When something that S3 sends now arrives: mostly soon, sometimes minutes later.
    pub(crate) fn arrival(&mut self) -> Duration {
        let late = self.plan.rates.event_late;
        let most = Duration::from_secs(if self.chance(late) { 400 } else { 2 });
        self.now + self.span(most)
    }
}
