//! What happens in the run: calm work, more than Cloudinary takes, an outage, and calm again, with
//! messages between that fail once or always.

use std::time::Duration;

use aws_emulator::Fault;
use cloudinary_emulator::{FaultEffect, FaultPlan, FaultRule};
use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::json;
use tokio::sync::Notify;
use tokio::time::{Instant, interval};

use super::stage::Stage;
use crate::programs::control;

const SEED: u64 = 29;
const OBJECTS: u64 = 2_000;
/// Changes begin this often.
const TICK: Duration = Duration::from_millis(100);
const CALM: usize = 1;
/// More than two workers of a build without optimization and an account with 12 slots get done.
const MUCH: usize = 6;
/// The AWS SDK makes up to three tries before it tells of a failure.
const HICCUP: Duration = Duration::from_secs(5);

/// Changes of the bucket by its users, and what Cloudinary does meanwhile.
pub(super) struct Story<'a> {
    stage: &'a Stage,
    chapter: Duration,
    told: Notify,
}

impl<'a> Story<'a> {
    /// A long one can be looked at; a short one is enough for every series to appear.
    pub(super) fn new(stage: &'a Stage, is_long: bool) -> Self {
        Self {
            stage,
            chapter: Duration::from_secs(if is_long { 45 } else { 4 }),
            told: Notify::new(),
        }
    }

    /// All of it, and calm work ever after.
    pub(super) async fn tell(&self) {
        let mut users = Users {
            stage: self.stage,
            rng: Rng::with_seed(SEED),
        };
        self.meanwhile_cloudinary(some_fail_once()).await;
        users.work(CALM, self.chapter).await;
        self.stage.send("this is no event").await;
        users.work(MUCH, self.chapter).await;
        users.work(CALM, self.chapter).await;
        self.meanwhile_s3(vec![unavailable()]).await;
        users.work(CALM, HICCUP).await;
        self.meanwhile_s3(Vec::new()).await;
        self.meanwhile_cloudinary(outage()).await;
        users.work(CALM, self.chapter).await;
        self.meanwhile_cloudinary(some_fail_once()).await;
        users.work(CALM, self.chapter).await;
        self.told.notify_one();
        loop {
            users.work(CALM, self.chapter).await;
        }
    }

    /// Returns when there was something of everything.
    pub(super) async fn is_told(&self) {
        self.told.notified().await;
    }

    async fn meanwhile_cloudinary(&self, faults: FaultPlan) {
        control::put_faults(&self.stage.services.cloudinary, &json!(faults)).await;
    }

    async fn meanwhile_s3(&self, faults: Vec<Fault>) {
        control::put_faults(&self.stage.services.aws, &json!(faults)).await;
    }
}

/// Those who change the bucket.
struct Users<'a> {
    stage: &'a Stage,
    rng: Rng,
}

impl Users<'_> {
    /// So many changes with every tick, for some time.
    async fn work(&mut self, changes: usize, time: Duration) {
        let until = Instant::now() + time;
        let mut ticks = interval(TICK);
        while Instant::now() < until {
            ticks.tick().await;
            let picked: Vec<_> = (0..changes).map(|_| self.pick()).collect();
            join_all(picked.into_iter().map(|change| change.make(self.stage))).await;
        }
    }

    fn pick(&mut self) -> Change {
        let folder = if self.rng.u8(..20) == 0 {
            "unlucky"
        } else {
            "lucky"
        };
        let number = self.rng.u64(..OBJECTS);
        Change {
            key: format!("{folder}/{number}.jpg"),
            content: (self.rng.u8(..10) > 0).then(|| self.rng.u64(..).to_string()),
        }
    }
}

/// New content for a key, or none.
struct Change {
    key: String,
    content: Option<String>,
}

impl Change {
    async fn make(self, stage: &Stage) {
        match self.content {
            Some(content) => stage.put(&self.key, content).await,
            None => stage.delete(&self.key).await,
        }
    }
}

/// Uploads of one folder meet an error once in a while.
fn some_fail_once() -> FaultPlan {
    let error = FaultRule::on("upload", FaultEffect::status(500));
    FaultPlan::of([error.prefix("unlucky/").probability(0.5)])
}

/// Nothing gets through.
fn outage() -> FaultPlan {
    FaultPlan::of([FaultRule::on("upload", FaultEffect::status(503))])
}

/// S3 does not say what the bucket holds.
fn unavailable() -> Fault {
    Fault {
        operation: "HeadObject".to_owned(),
        status: Some(503),
        ..Fault::default()
    }
}
