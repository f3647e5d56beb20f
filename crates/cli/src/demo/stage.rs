//! The demo's stage: an AWS, a Cloudinary and a worker between them, on free loopback ports.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use aws_emulator::{Emulator, KeyFilter, ObjectSummary};
use cloudinary_emulator::{AssetView, Stats};
use event_mapper::Rules;
use serde_json::json;
use sync_engine::{Observation, StopReport};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::{Config, EndpointOverride, Environment, Flags, RunError, Worker};

pub(crate) const BUCKET: &str = "pictures";
pub(crate) const QUEUE: &str = "cldsync";
const DEAD_LETTERS: &str = "cldsync-dead-letters";

/// Fewer calls at once than the worker begins with, so that a burst is throttled.
const CALLS_AT_ONCE: usize = 6;

/// What an upload takes at least.
const LATENCY: Duration = Duration::from_millis(15);

/// Everything that runs.
pub(crate) struct Stage {
    pub(super) aws: aws_emulator::Running,
    pub(super) cloudinary: cloudinary_emulator::Running,
    pub(super) admin: SocketAddr,
    rules: Rules,
    skipped: Arc<AtomicUsize>,
    worker: JoinSet<Result<StopReport, RunError>>,
    stop: CancellationToken,
}

/// How the stage was left.
pub(crate) struct Ended {
    pub(crate) report: StopReport,
    /// Messages in the queue that nobody has done.
    pub(crate) left: usize,
}

impl Stage {
    /// Starts everything; the worker receives when this returns.
    pub(crate) async fn set_up() -> anyhow::Result<Self> {
        let aws = start_aws().await.context("start the embedded AWS")?;
        let cloudinary = start_cloudinary(&aws)
            .await
            .context("start the embedded Cloudinary")?;
        let config = configuration(&aws, &cloudinary)?;
        let rules = Rules::new(&config.rules)?;
        let skipped = Arc::new(AtomicUsize::new(0));
        let worker = Worker::bind(config, Some(endpoint(&aws)))
            .await
            .context("start a worker")?;
        let worker = worker.on_observation(count_skips(&skipped));
        let (admin, stop) = (worker.admin_addr(), CancellationToken::new());
        let worker = JoinSet::from_iter([worker.run(stop.clone())]);
        Ok(Self {
            aws,
            cloudinary,
            admin,
            rules,
            skipped,
            worker,
            stop,
        })
    }

    pub(crate) fn aws(&self) -> &Emulator {
        self.aws.handle()
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn objects(&self) -> anyhow::Result<Vec<ObjectSummary>> {
        Ok(self.aws().list_objects(BUCKET)?)
    }

    pub(crate) fn assets(&self) -> Vec<AssetView> {
        self.cloudinary.handle().assets()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.cloudinary.handle().stats()
    }

    /// Records that the worker has left alone, by its own account.
    pub(crate) fn skipped(&self) -> usize {
        self.skipped.load(Ordering::Relaxed)
    }

    /// Returns when the worker has ended although nobody has stopped it.
    pub(crate) async fn worker_failed(&mut self) -> anyhow::Error {
        match self.worker.join_next().await {
            Some(Ok(Err(error))) => anyhow::Error::from(error).context("the worker"),
            Some(Err(error)) => anyhow::Error::from(error).context("the worker"),
            Some(Ok(Ok(_))) | None => anyhow::anyhow!("the worker stopped by itself"),
        }
    }

    /// Drains the worker and stops everything.
    pub(crate) async fn take_down(mut self) -> anyhow::Result<Ended> {
        self.stop.cancel();
        let report = self
            .worker
            .join_next()
            .await
            .context("the worker is gone")???;
        let depth = self.aws().queue_depth(QUEUE)?;
        self.cloudinary.stop().await;
        self.aws.stop().await;
        Ok(Ended {
            report,
            left: depth.visible + depth.in_flight + depth.delayed,
        })
    }
}

async fn start_aws() -> anyhow::Result<aws_emulator::Running> {
    let running = Emulator::start(aws_emulator::Options::default()).await?;
    let aws = running.handle();
    aws.create_bucket(BUCKET)?;
    aws.create_queue(DEAD_LETTERS, &[])?;
    let dead_letters = aws.queue_attributes(DEAD_LETTERS)?;
    let redrive = json!({
        "deadLetterTargetArn": dead_letters.get("QueueArn"),
        "maxReceiveCount": 20,
    });
    aws.create_queue(QUEUE, &[("RedrivePolicy", &redrive.to_string())])?;
    aws.connect(BUCKET, QUEUE, KeyFilter::default())?;
    Ok(running)
}

async fn start_cloudinary(
    aws: &aws_emulator::Running,
) -> anyhow::Result<cloudinary_emulator::Running> {
    let options = cloudinary_emulator::Options {
        s3_endpoint: Some(aws.endpoint()),
        max_concurrent: Some(CALLS_AT_ONCE),
        latency: LATENCY,
        strict_images: true,
        ..cloudinary_emulator::Options::on_free_port()
    };
    Ok(cloudinary_emulator::Emulator::start(options).await?)
}

/// Only what differs from the defaults, and nothing from this process's surroundings.
fn configuration(
    aws: &aws_emulator::Running,
    cloudinary: &cloudinary_emulator::Running,
) -> anyhow::Result<Config> {
    let environment = Environment::from_iter([
        ("CLOUDINARY_URL", cloudinary.cloudinary_url()),
        ("CLDSYNC_QUEUE_URL", aws.handle().queue_url(QUEUE)?),
        (
            "CLDSYNC_DEAD_LETTER_QUEUE_URL",
            aws.handle().queue_url(DEAD_LETTERS)?,
        ),
        ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
        // An idle poll delays the end of the demo.
        ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
        ("CLDSYNC_DRAIN_TIMEOUT", "10s".to_owned()),
    ]);
    Ok(Config::resolve(&Flags::default(), &environment)?)
}

fn endpoint(aws: &aws_emulator::Running) -> EndpointOverride {
    EndpointOverride {
        endpoint_url: aws.endpoint(),
        region: "us-east-1".to_owned(),
        access_key_id: "demo".to_owned(),
        secret_access_key: "demo".into(),
    }
}

fn count_skips(skipped: &Arc<AtomicUsize>) -> impl Fn(&Observation) + Send + Sync + 'static {
    let skipped = Arc::clone(skipped);
    move |observation| {
        if matches!(
            observation,
            Observation::Record {
                outcome: "skipped",
                ..
            }
        ) {
            skipped.fetch_add(1, Ordering::Relaxed);
        }
    }
}
