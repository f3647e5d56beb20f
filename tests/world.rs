//! A small world around one worker: a bucket, its queue and dead-letter queue, the notifications
//! between them, a Cloudinary, and workers that come and go.
//!
//! A scenario changes the bucket and then says which objects Cloudinary must mirror;
//! [`World::assert_equal`] waits until it does. Scenarios do not know which [`Cloud`] they run on.

mod bucket;
mod cloud;
mod embedded;
pub(crate) mod environment;
mod equality;
pub(crate) mod http;
pub(crate) mod log_tail;
pub(crate) mod patience;
mod queue;
pub(crate) mod scenarios;
mod wiring;
mod worker;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use cloudinary_emulator::{Emulator, Options, Running};

use self::bucket::Bucket;
pub(crate) use self::cloud::{Cloud, REGION};
pub(crate) use self::equality::Mirror;
use self::queue::Queue;
pub(crate) use self::wiring::Wiring;
use self::worker::{Launcher, Worker};

/// Everything one scenario works with.
pub(crate) struct World {
    scenario: String,
    pub(crate) bucket: Bucket,
    pub(crate) queue: Queue,
    pub(crate) dead_letters: Queue,
    pub(crate) cloudinary: Running,
    /// The worker's environment variables; a scenario may add to them before it starts one.
    pub(crate) variables: BTreeMap<String, String>,
    launcher: Launcher,
    worker: Option<Worker>,
}

impl World {
    /// Builds a world, runs a scenario in it with one worker running, and takes it down.
    pub(crate) async fn run(
        cloud: &Cloud,
        wiring: Wiring,
        scenario: &str,
        steps: impl AsyncFnOnce(&mut Self),
    ) {
        let mut world = Self::create(cloud, wiring, scenario).await;
        world.start_worker().await;
        steps(&mut world).await;
        world.close().await;
    }

    /// Starts a worker with the variables as they are now.
    pub(crate) async fn start_worker(&mut self) {
        assert!(self.worker.is_none(), "one worker at a time");
        self.worker = Some(self.launcher.start(&self.variables).await);
    }

    /// Asks the worker to stop, as SIGTERM does, and checks that it ends cleanly.
    pub(crate) async fn stop_worker(&mut self) {
        let worker = self.worker.take().expect("a worker runs");
        worker.stop().await;
    }

    /// Replaces the worker by one with another variable.
    pub(crate) async fn restart_worker_with(&mut self, name: &str, value: &str) {
        self.stop_worker().await;
        self.variables.insert(name.to_owned(), value.to_owned());
        self.start_worker().await;
    }

    /// Makes a change of which nothing must follow. The worker is stopped until the change has
    /// reached the queue, so that an event on its way cannot be missed by what is asserted next.
    pub(crate) async fn while_nobody_receives(
        &mut self,
        messages: usize,
        change: impl AsyncFnOnce(&Self),
    ) {
        self.queue.wait_until_empty().await;
        self.stop_worker().await;
        change(self).await;
        self.queue.wait_until_visible(messages).await;
        self.start_worker().await;
    }

    async fn create(cloud: &Cloud, wiring: Wiring, scenario: &str) -> Self {
        let name = format!("{}-{}", slug(scenario), wiring.as_str());
        let bucket = Bucket::create(cloud, &name).await;
        let dead_letters = Queue::create(cloud, &format!("{name}-dead"), None).await;
        let queue = Queue::create(cloud, &name, Some(&dead_letters)).await;
        let cloudinary = start_cloudinary(cloud).await;
        let world = Self {
            scenario: format!("{scenario} ({})", wiring.as_str()),
            variables: variables(cloud, &cloudinary, &queue, &dead_letters),
            launcher: cloud.launcher(),
            worker: None,
            bucket,
            queue,
            dead_letters,
            cloudinary,
        };
        wiring.connect(cloud, &world).await;
        world
    }

    async fn close(mut self) {
        if self.worker.is_some() {
            self.stop_worker().await;
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            log_tail::say(&format!("scenario failed: {}", self.scenario));
        }
    }
}

async fn start_cloudinary(cloud: &Cloud) -> Running {
    let options = Options {
        s3_endpoint: Some(cloud.endpoint()),
        ..Options::on_free_port()
    };
    Emulator::start(options)
        .await
        .expect("the Cloudinary emulator starts")
}

fn variables(
    cloud: &Cloud,
    cloudinary: &Running,
    queue: &Queue,
    dead_letters: &Queue,
) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::from([
        ("CLOUDINARY_URL", cloudinary.cloudinary_url()),
        ("CLDSYNC_QUEUE_URL", queue.url().to_owned()),
        (
            "CLDSYNC_DEAD_LETTER_QUEUE_URL",
            dead_letters.url().to_owned(),
        ),
        ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
        // Short, because a scenario starts and stops workers and an idle poll delays the end.
        ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
        ("CLDSYNC_VISIBILITY_TIMEOUT", "30s".to_owned()),
        ("CLDSYNC_DRAIN_TIMEOUT", "20s".to_owned()),
    ]);
    variables.extend(cloud.aws_variables());
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A scenario's name as bucket and queue names allow it.
fn slug(scenario: &str) -> String {
    let words = scenario.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    });
    words
        .take(40)
        .collect::<String>()
        .trim_matches('-')
        .to_owned()
}

/// For processes that cannot be told to choose a port and to say which.
pub(crate) fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its number").to_string()
}

/// How long a scenario waits for what must come. Generous: it is only used up by a failure.
const PATIENCE: Duration = Duration::from_mins(1);
