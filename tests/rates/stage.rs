//! What the workers work on: a bucket with its queue, and an account with a limit that can change.

use std::collections::BTreeMap;
use std::time::Duration;

use cloudinary_emulator::{Emulator, Options, Running};
use serde_json::Value;
use tokio::time::Instant;

use super::{PATIENCE, SLOTS};
use crate::programs::aws::{self, Queue};
use crate::programs::{Binaries, Program, Variables, control};
use crate::world::patience;

const BUCKET: &str = "rates";
/// Of every upload. Long beside what a worker does between two calls.
const LATENCY: Duration = Duration::from_millis(500);

/// The services. Dropping them ends them.
pub(super) struct Stage {
    pub(super) s3: aws_sdk_s3::Client,
    cloudinary: Running,
    aws: String,
    queue: Queue,
    dead_letters: Queue,
    started: Instant,
    _process: Program,
}

/// The account at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) seconds: f64,
    pub(super) slots: usize,
    pub(super) in_flight: usize,
    /// Since the start.
    pub(super) answered: u64,
    /// Since the start.
    pub(super) refused: u64,
}

impl Stage {
    pub(super) async fn set(binaries: &Binaries) -> Self {
        let listen = ["--listen", "127.0.0.1:0"];
        let mut process =
            Program::start(&binaries.path("aws-emulator"), &listen, &Variables::new());
        let endpoint = process.first_line().await;
        let options = Options {
            s3_endpoint: Some(endpoint.clone()),
            max_concurrent: Some(SLOTS),
            latency: LATENCY,
            ..Options::on_free_port()
        };
        let cloudinary = Emulator::start(options).await;
        let (s3, sqs) = (aws::s3(&endpoint), aws::sqs(&endpoint));
        let dead_letters = Queue::create(&sqs, "rates-dead", None).await;
        let queue = Queue::create(&sqs, "rates", Some((&dead_letters, 20))).await;
        aws::create_bucket(&s3, BUCKET, &queue).await;
        Self {
            s3,
            cloudinary: cloudinary.expect("the Cloudinary emulator starts"),
            aws: endpoint,
            queue,
            dead_letters,
            started: Instant::now(),
            _process: process,
        }
    }

    /// What a worker must be given. Its limits are the defaults; it holds fewer messages, which
    /// are still many times its calls, so that the end of a run does not take long.
    pub(super) fn variables(&self) -> Variables {
        Variables::from([
            ("CLOUDINARY_URL", self.cloudinary.cloudinary_url()),
            ("CLDSYNC_QUEUE_URL", self.queue.url.clone()),
            (
                "CLDSYNC_DEAD_LETTER_QUEUE_URL",
                self.dead_letters.url.clone(),
            ),
            ("AWS_ENDPOINT_URL", self.aws.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
            ("CLDSYNC_LOG_FORMAT", "json".to_owned()),
            ("CLDSYNC_MESSAGES_IN_FLIGHT", "50".to_owned()),
            ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
        ])
    }

    /// Writes an object; returns its entity tag.
    pub(super) async fn put(&self, key: &str) -> String {
        let request = self.s3.put_object().bucket(BUCKET).key(key);
        let put = request.body(key.as_bytes().to_vec().into()).send().await;
        let put = put.unwrap_or_else(|error| panic!("put {key}: {error:?}"));
        put.e_tag()
            .expect("an entity tag")
            .trim_matches('"')
            .to_owned()
    }

    /// From now on the account takes so many calls at once.
    pub(super) fn set_slots(&self, slots: usize) {
        self.cloudinary.handle().set_max_concurrent(Some(slots));
    }

    pub(super) fn look(&self) -> Look {
        let stats = self.cloudinary.handle().stats();
        Look {
            seconds: self.seconds(),
            slots: stats.concurrency.limit.unwrap_or_default(),
            in_flight: stats.concurrency.current,
            answered: stats.answered("upload", 200),
            refused: stats.throttled,
        }
    }

    pub(super) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Waits until so many more calls have been answered.
    pub(super) async fn wait_for_calls(&self, calls: u64) {
        let wanted = self.look().answered + calls;
        let what = format!("{calls} calls are answered");
        patience::within(PATIENCE, &what, async || {
            (self.look().answered >= wanted).then_some(())
        })
        .await;
    }

    /// Messages that wait to be received.
    pub(super) async fn backlog(&self) -> u64 {
        self.depth(&self.queue).await["visible"]
            .as_u64()
            .expect("a number")
    }

    /// Waits until nothing is left to do.
    pub(super) async fn wait_until_empty(&self) {
        patience::within(PATIENCE, "the queue is empty", async || {
            self.is_empty(&self.queue).await.then_some(())
        })
        .await;
        assert!(self.is_empty(&self.dead_letters).await, "a dead letter");
    }

    /// Cloudinary holds these objects, given by public ID and entity tag, and nothing else.
    pub(super) fn assert_equal(&self, objects: &BTreeMap<String, String>) {
        let assets = self.cloudinary.handle().assets().into_iter();
        let assets: BTreeMap<_, _> = assets.map(|it| (it.public_id, it.etag)).collect();
        assert!(assets == *objects, "Cloudinary does not equal the bucket");
    }

    async fn is_empty(&self, queue: &Queue) -> bool {
        let depth = self.depth(queue).await;
        let counts = depth.as_object().expect("the queue is known").values();
        counts.filter_map(Value::as_u64).sum::<u64>() == 0
    }

    async fn depth(&self, queue: &Queue) -> Value {
        control::get(&self.aws, "stats").await["queues"][&queue.name].take()
    }
}
