//! The users of the bucket: they put, overwrite, delete, copy, remove versions and remove delete
//! markers, each on keys of their own, which share assets with the keys of others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_s3::Client;
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::equality::asset_of;

const USERS: usize = 3;
/// One change of each user per so long, together some 35 a second.
const BETWEEN_CHANGES: Duration = Duration::from_millis(85);
const NAMES: usize = 70;
/// `jpg` and `png` of one name are one asset.
const EXTENSIONS: [&str; 4] = ["jpg", "png", "mp4", "bin"];
const STEADY: usize = 20;

/// Everybody.
pub(super) struct Users(Vec<User>);

struct User {
    s3: Client,
    bucket: String,
    rng: Rng,
    objects: Vec<Tracked>,
    done: BTreeMap<&'static str, u64>,
}

/// A key and the versions that it has.
struct Tracked {
    key: String,
    /// Overwritten, but never deleted.
    steady: bool,
    /// The current one last.
    versions: Vec<Version>,
}

struct Version {
    id: String,
    is_marker: bool,
}

impl Users {
    /// Users who will do the same for the same seed.
    pub(super) fn new(s3: &Client, bucket: &str, seed: u64) -> Self {
        let mut users: Vec<User> = (0..USERS)
            .map(|user| User {
                s3: s3.clone(),
                bucket: bucket.to_owned(),
                rng: Rng::with_seed(seed.wrapping_mul(31).wrapping_add(user as u64)),
                objects: Vec::new(),
                done: BTreeMap::new(),
            })
            .collect();
        for (at, (key, steady)) in keys().enumerate() {
            let versions = Vec::new();
            users[at % USERS].objects.push(Tracked {
                key,
                steady,
                versions,
            });
        }
        Self(users)
    }

    /// Gives every key its first object.
    pub(super) async fn put_everything_once(&mut self) {
        for user in &mut self.0 {
            for at in 0..user.objects.len() {
                user.put(at).await;
            }
        }
    }

    /// The assets that must never be missing from now on.
    pub(super) fn steady_assets(&self) -> BTreeSet<String> {
        let objects = self.0.iter().flat_map(|user| &user.objects);
        let steady = objects.filter(|object| object.steady);
        steady.map(|object| asset_of(&object.key)).collect()
    }

    /// Goes on until the time is up, and tells how often what was done.
    pub(super) async fn run(self, until: Instant) -> BTreeMap<&'static str, u64> {
        let mut tasks = JoinSet::new();
        for user in self.0 {
            tasks.spawn(user.run(until));
        }
        let mut sum = BTreeMap::new();
        while let Some(done) = tasks.join_next().await {
            for (what, times) in done.expect("a user without a panic") {
                *sum.entry(what).or_default() += times;
            }
        }
        sum
    }
}

fn keys() -> impl Iterator<Item = (String, bool)> {
    let steady = (0..STEADY).map(|n| (format!("steady/{n}.jpg"), true));
    let names = (0..NAMES).map(|n| match n % 3 {
        0 => format!("photo {n}"),
        1 => format!("albums/Übersicht {n}/cover"),
        _ => format!("a/b/c/{n}"),
    });
    let others =
        names.flat_map(|name| EXTENSIONS.map(|extension| (format!("{name}.{extension}"), false)));
    steady.chain(others)
}

impl User {
    async fn run(mut self, until: Instant) -> BTreeMap<&'static str, u64> {
        let mut pace = interval(BETWEEN_CHANGES);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while Instant::now() < until {
            pace.tick().await;
            let at = self.rng.usize(..self.objects.len());
            let what = self.change(at).await;
            *self.done.entry(what).or_default() += 1;
        }
        self.done
    }

    async fn change(&mut self, at: usize) -> &'static str {
        let dice = self.rng.u8(..100);
        let object = &self.objects[at];
        if object.steady {
            let old = object.versions.len() > 1;
            return if old && dice < 40 {
                self.remove_version(at, 0).await
            } else {
                self.put(at).await
            };
        }
        let versions = object.versions.len();
        match (object.versions.last(), dice) {
            (Some(last), 0..50) if last.is_marker => self.remove_marker(at).await,
            (_, 0..40) => self.put(at).await,
            (_, 40..50) => self.copy_to(at).await,
            (_, 50..75) => self.delete(at).await,
            (Some(_), _) => {
                let version = self.rng.usize(..versions);
                self.remove_version(at, version).await
            }
            (None, _) => self.put(at).await,
        }
    }

    async fn put(&mut self, at: usize) -> &'static str {
        let words = format!("{} {:016x} ", self.objects[at].key, self.rng.u64(..));
        let content = words.repeat(self.rng.usize(1..40)).into_bytes();
        let object = &mut self.objects[at];
        let request = self.s3.put_object().bucket(&self.bucket).key(&object.key);
        let put = request.body(content.into()).send().await;
        let put = put.unwrap_or_else(|error| panic!("put {}: {error:?}", object.key));
        let overwrites = object.versions.last().is_some_and(|last| !last.is_marker);
        object.add(put.version_id, false);
        if overwrites { "overwrite" } else { "put" }
    }

    /// Copies another object of the same user, where there is one.
    async fn copy_to(&mut self, at: usize) -> &'static str {
        let from = self.rng.usize(..self.objects.len());
        let source = &self.objects[from];
        // S3 refuses to copy an object onto itself.
        if from == at || source.versions.last().is_none_or(|last| last.is_marker) {
            return self.put(at).await;
        }
        let source = format!("{}/{}", self.bucket, source.key);
        let source: String = url::form_urlencoded::byte_serialize(source.as_bytes()).collect();
        let object = &mut self.objects[at];
        let request = self.s3.copy_object().bucket(&self.bucket).key(&object.key);
        let copied = request.copy_source(source.replace('+', "%20")).send().await;
        let copied = copied.unwrap_or_else(|error| panic!("copy to {}: {error:?}", object.key));
        object.add(copied.version_id, false);
        "copy"
    }

    /// Hides the object behind a delete marker.
    async fn delete(&mut self, at: usize) -> &'static str {
        let object = &mut self.objects[at];
        let request = self
            .s3
            .delete_object()
            .bucket(&self.bucket)
            .key(&object.key);
        let deleted = request.send().await;
        let deleted = deleted.unwrap_or_else(|error| panic!("delete {}: {error:?}", object.key));
        object.add(deleted.version_id, true);
        "delete"
    }

    /// Brings the object back that a delete marker hides.
    async fn remove_marker(&mut self, at: usize) -> &'static str {
        let last = self.objects[at].versions.len() - 1;
        self.remove_version(at, last).await;
        "remove a delete marker"
    }

    /// Removes a version for good, be it an old one, the current one or a marker.
    async fn remove_version(&mut self, at: usize, version: usize) -> &'static str {
        let object = &mut self.objects[at];
        let version = object.versions.remove(version);
        let request = self
            .s3
            .delete_object()
            .bucket(&self.bucket)
            .key(&object.key);
        let removed = request.version_id(&version.id).send().await;
        removed
            .unwrap_or_else(|error| panic!("remove {} of {}: {error:?}", version.id, object.key));
        "remove a version"
    }
}

impl Tracked {
    fn add(&mut self, id: Option<String>, is_marker: bool) {
        let id = id.expect("a bucket with versions");
        self.versions.push(Version { id, is_marker });
    }
}
