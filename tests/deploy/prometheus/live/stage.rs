//! Two workers between the emulators, and a bucket to give them work.

use std::time::Duration;

use crate::programs::aws::{self, Queue};
use crate::programs::{Binaries, Program, Services, Variables, control};
use crate::world::{free_address, http, patience};

const BUCKET: &str = "pictures";
const READY: Duration = Duration::from_mins(1);

/// All of it. Dropping it ends it.
pub(super) struct Stage {
    pub(super) services: Services,
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    queue: Queue,
    addresses: Vec<String>,
    _workers: Vec<Program>,
}

impl Stage {
    /// Starts everything and waits until the workers are ready.
    pub(super) async fn set(binaries: &Binaries) -> Self {
        let account = Variables::from([
            ("CLOUDINARY_EMULATOR_MAX_CONCURRENT", "12".to_owned()),
            ("CLOUDINARY_EMULATOR_LATENCY", "100ms".to_owned()),
            // Without a limit, Cloudinary tells no quota.
            ("CLOUDINARY_EMULATOR_ADMIN_HOURLY_LIMIT", "500".to_owned()),
        ]);
        let services = Services::start(binaries, account).await;
        let sqs = aws::sqs(&services.aws);
        let s3 = aws::s3(&services.aws);
        let dead_letters = Queue::create(&sqs, "pictures-dead", None).await;
        let queue = Queue::create(&sqs, BUCKET, Some((&dead_letters, 20))).await;
        aws::create_bucket(&s3, BUCKET, &queue).await;
        let addresses = vec![free_address(), free_address()];
        let start = |address: &String| {
            let variables = variables(&services, &queue, &dead_letters, address);
            Program::start(&binaries.path("cldsync-worker"), &[], &variables)
        };
        let workers = addresses.iter().map(start).collect();
        for address in &addresses {
            let ready = format!("http://{address}/readyz");
            patience::within(READY, "a worker is ready", async || {
                http::is_ok(&ready).await.then_some(())
            })
            .await;
        }
        Self {
            services,
            s3,
            sqs,
            queue,
            addresses,
            _workers: workers,
        }
    }

    /// Where the workers serve their metrics.
    pub(super) fn targets(&self) -> Vec<String> {
        self.addresses.clone()
    }

    /// The metrics of one worker.
    pub(super) async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.addresses[0]);
        control::page(&url).await.expect("the page")
    }

    pub(super) async fn put(&self, key: &str, content: String) {
        let request = self.s3.put_object().bucket(BUCKET).key(key);
        let put = request.body(content.into_bytes().into()).send().await;
        put.expect("the object is put");
    }

    pub(super) async fn delete(&self, key: &str) {
        let deleted = self.s3.delete_object().bucket(BUCKET).key(key).send().await;
        deleted.expect("the object is deleted");
    }

    /// Puts something into the queue that is no event.
    pub(super) async fn send(&self, body: &str) {
        let request = self.sqs.send_message().queue_url(&self.queue.url);
        let sent = request.message_body(body).send().await;
        sent.expect("the message is sent");
    }
}

fn variables(
    services: &Services,
    queue: &Queue,
    dead_letters: &Queue,
    admin_address: &str,
) -> Variables {
    Variables::from([
        ("CLOUDINARY_URL", services.cloudinary_url.clone()),
        ("CLDSYNC_QUEUE_URL", queue.url.clone()),
        ("CLDSYNC_DEAD_LETTER_QUEUE_URL", dead_letters.url.clone()),
        ("AWS_ENDPOINT_URL", services.aws.clone()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("CLDSYNC_ADMIN_ADDR", admin_address.to_owned()),
        // Whoever does not ask for the mode pings instead, and is told the quota.
        ("CLDSYNC_FOLDER_MODE", "fixed".to_owned()),
        ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
        ("CLDSYNC_QUEUE_DEPTH_INTERVAL", "1s".to_owned()),
        // A line for each record would hide what went wrong.
        ("CLDSYNC_LOG_FILTER", "warn".to_owned()),
    ])
}
