//! Chaos on the real thing: three `cldsync-worker` processes over HTTP between an `aws-emulator`
//! and a `cloudinary-emulator`, which are processes too.
//!
//! Users change a versioned bucket while workers are killed and told to stop, both services answer
//! with faults, and the network between them stalls, breaks and refuses connections. The emulators
//! keep everything in memory, so a service that restarts is played by the network: every
//! connection is cut and new ones are refused for a while.
//! Then everything is well again. When the queue is empty, Cloudinary must equal the bucket at
//! once, no message may be a dead letter, and no asset whose object was always there may ever have
//! been missing.
//!
//! A short run is a test like any other; `cargo xtask chaos --minutes n` makes a long one.

mod equality;
mod fleet;
mod plan;
mod proxy;
mod reaper;
mod report;
mod saboteur;
mod story;
mod users;
mod weather;
mod witness;
mod worker_log;

use std::time::Duration;

use tokio::time::Instant;

use self::fleet::Fleet;
use self::plan::Plan;
use self::proxy::Proxy;
use self::reaper::Reaper;
use self::report::Report;
use self::saboteur::Saboteur;
use self::users::Users;
use self::weather::Weather;
use self::witness::Witness;
use crate::programs::aws::{self, Queue};
use crate::programs::{Binaries, Services, Variables, control};

const BUCKET: &str = "chaos";
const WORKERS: usize = 3;
/// Below the product's advice of 20 a good message could become a dead letter here too.
const MAX_RECEIVES: u32 = 20;
/// The first objects have only a calm world to get through.
const QUIET: Duration = Duration::from_mins(2);
/// A message that came back often waits for up to 15 minutes until its next try.
const CALM: Duration = Duration::from_mins(20);

#[tokio::test(flavor = "multi_thread")]
async fn chaos_ends_with_cloudinary_equal_to_s3() {
    let plan = Plan::from_environment();
    let Some(binaries) = Binaries::find("chaos") else {
        return;
    };
    let mut stage = Stage::set(&binaries).await;
    let report = stage.perform(&plan).await;
    report.publish(&plan);
    report.assert_promises_kept();
}

/// Everything that takes part, except for those who cause trouble.
struct Stage {
    services: Services,
    queue: Queue,
    dead_letters: Queue,
    s3: aws_sdk_s3::Client,
    fleet: Fleet,
    to_aws: Proxy,
    to_cloudinary: Proxy,
}

impl Stage {
    /// Starts all processes and waits until the workers are ready.
    async fn set(binaries: &Binaries) -> Self {
        let services = Services::start(binaries, Variables::new()).await;
        let to_aws = Proxy::start(&services.aws).await;
        let to_cloudinary = Proxy::start(&services.cloudinary).await;
        let sqs = aws::sqs(&services.aws);
        let s3 = aws::s3(&services.aws);
        let dead_letters = Queue::create(&sqs, "chaos-dead", None).await;
        let queue = Queue::create(&sqs, "chaos", Some((&dead_letters, MAX_RECEIVES))).await;
        aws::create_bucket(&s3, BUCKET, &queue).await;
        aws::enable_versions(&s3, BUCKET).await;
        let variables = variables(&services, &to_aws, &to_cloudinary, &queue, &dead_letters);
        let fleet = Fleet::start(WORKERS, binaries.path("cldsync-worker"), variables).await;
        Self {
            services,
            queue,
            dead_letters,
            s3,
            fleet,
            to_aws,
            to_cloudinary,
        }
    }

    /// The whole run.
    async fn perform(&mut self, plan: &Plan) -> Report {
        let mut report = Report::default();
        let mut users = Users::new(&self.s3, BUCKET, plan.seed);
        users.put_everything_once().await;
        self.wait_until_calm(QUIET).await;

        self.chaos(plan, users, &mut report).await;

        let ended = Instant::now();
        self.wait_until_calm(CALM).await;
        report.seconds_to_calm = ended.elapsed().as_secs();
        report.equality = equality::compare(&self.services, &self.s3, BUCKET).await;
        report.dead_letters = self.services.messages(&self.dead_letters).await;
        report.log = self.fleet.stop().await;
        for asset in report.equality.differences.keys() {
            let bucket = (&self.s3, BUCKET);
            let story = story::of(asset, &self.services, bucket, &report.log).await;
            report.stories.push_str(&story);
        }
        report.cloudinary_calls =
            control::get(&self.services.cloudinary, "stats").await["calls"].take();
        report.aws_calls = control::get(&self.services.aws, "stats").await["calls"].take();
        report
    }

    /// Trouble of every kind at once, until the time is up; then everything is well again.
    async fn chaos(&mut self, plan: &Plan, users: Users, report: &mut Report) {
        let until = Instant::now() + plan.duration;
        let clear_until = Instant::now() + plan.unclear_for;
        let mut reaper = Reaper::new(&mut self.fleet, plan.seed);
        let mut saboteur = Saboteur::new(&self.services, plan.seed, clear_until);
        let mut weather = Weather::new(&self.to_aws, &self.to_cloudinary, plan.seed, clear_until);
        let mut witness = Witness::new(&self.services, users.steady_assets());
        let (operations, ..) = tokio::join!(
            users.run(until),
            reaper.run(until),
            saboteur.run(until),
            weather.run(until),
            witness.run(until),
        );
        report.chaos_seconds = plan.duration.as_secs();
        report.operations = operations;
        (report.kills, report.terms) = (reaper.kills, reaper.terms);
        report.faults = saboteur.bursts;
        report.network = weather.spells;
        report.missed = witness.missed;
        report.looks = witness.looks;
    }

    /// Waits until the queue holds nothing, neither visible nor leased.
    async fn wait_until_calm(&mut self, limit: Duration) {
        self.fleet.assert_all_run();
        self.services.assert_alive();
        self.services.wait_for_messages(&self.queue, 0, limit).await;
    }
}

fn variables(
    services: &Services,
    to_aws: &Proxy,
    to_cloudinary: &Proxy,
    queue: &Queue,
    dead_letters: &Queue,
) -> Variables {
    let through = |url: &str| url.replace(&services.aws, &to_aws.url());
    let cloudinary_url = services
        .cloudinary_url
        .replace(&services.cloudinary, &to_cloudinary.url());
    Variables::from([
        ("CLOUDINARY_URL", cloudinary_url),
        ("CLDSYNC_QUEUE_URL", through(&queue.url)),
        ("CLDSYNC_DEAD_LETTER_QUEUE_URL", through(&dead_letters.url)),
        ("AWS_ENDPOINT_URL", to_aws.url()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
        ("CLDSYNC_LOG_FORMAT", "json".to_owned()),
        ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
        // Short, so that the messages of a killed worker come back within a short run; see
        // `saboteur` for what follows from it.
        ("CLDSYNC_VISIBILITY_TIMEOUT", "15s".to_owned()),
        ("CLDSYNC_DRAIN_TIMEOUT", "8s".to_owned()),
    ])
}
