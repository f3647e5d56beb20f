//! Services that know the secrets, and programs that are given them.

use std::cell::Cell;
use std::fs;
use std::time::Duration;

use aws_emulator::Fault;
use serde_json::json;
use tempfile::TempDir;

use super::needles::{API_KEY, API_SECRET, AWS_SECRET_KEY, AWS_SESSION_TOKEN, in_url};
use crate::programs::aws::{self, Queue};
use crate::programs::{Binaries, Program, Services, Variables, control};
use crate::world::patience;

const BUCKET: &str = "secrets";
/// A message that meets faults comes back after up to 10 seconds, and once more after up to 20.
const PATIENCE: Duration = Duration::from_mins(2);

/// Both services, a bucket with its queues, and a place for files.
pub(super) struct Stage {
    pub(super) services: Services,
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) dead_letters: Queue,
    binaries: Binaries,
    s3: aws_sdk_s3::Client,
    queue: Queue,
    directory: TempDir,
    files: Cell<u32>,
}

impl Stage {
    pub(super) async fn set(binaries: Binaries) -> Self {
        let credentials = Variables::from([
            ("CLOUDINARY_EMULATOR_API_KEY", API_KEY.to_owned()),
            ("CLOUDINARY_EMULATOR_API_SECRET", API_SECRET.to_owned()),
        ]);
        let services = Services::start(&binaries, credentials).await;
        let sqs = aws::sqs(&services.aws);
        let s3 = aws::s3(&services.aws);
        let dead_letters = Queue::create(&sqs, "secrets-dead", None).await;
        let queue = Queue::create(&sqs, "secrets", Some((&dead_letters, 20))).await;
        aws::create_bucket(&s3, BUCKET, &queue).await;
        Self {
            services,
            sqs,
            dead_letters,
            binaries,
            s3,
            queue,
            directory: TempDir::with_prefix("cldsync-secrets-").expect("a temporary directory"),
            files: Cell::new(0),
        }
    }

    /// What a program must be given, secrets and all, at the highest log level.
    pub(super) fn variables(&self, transfer: &str, format: &str) -> Variables {
        Variables::from([
            ("CLOUDINARY_URL", self.services.cloudinary_url.clone()),
            ("CLDSYNC_QUEUE_URL", self.queue.url.clone()),
            (
                "CLDSYNC_DEAD_LETTER_QUEUE_URL",
                self.dead_letters.url.clone(),
            ),
            ("CLDSYNC_BUCKET", BUCKET.to_owned()),
            ("AWS_ENDPOINT_URL", self.services.aws.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", AWS_SECRET_KEY.to_owned()),
            ("AWS_SESSION_TOKEN", AWS_SESSION_TOKEN.to_owned()),
            ("CLDSYNC_ADMIN_ADDR", "127.0.0.1:0".to_owned()),
            ("CLDSYNC_TRANSFER", transfer.to_owned()),
            ("CLDSYNC_LOG_FORMAT", format.to_owned()),
            ("CLDSYNC_WAIT_TIME", "1s".to_owned()),
            ("RUST_LOG", "trace".to_owned()),
        ])
    }

    /// Takes the secret that the service knows out of the variables, and puts ours in.
    pub(super) fn accept_another_secret(&self, variables: &mut Variables) {
        // Ours with something before it: whatever part of it came out would be found.
        let secret = in_url(&format!("no-{API_SECRET}"));
        let prefix = &self.services.cloudinary;
        let url = format!("cloudinary://{API_KEY}:{secret}@demo?upload_prefix={prefix}");
        variables.insert("CLOUDINARY_URL", url);
    }

    pub(super) async fn start_worker(&self, variables: &Variables) -> Program {
        let binary = self.binaries.path("cldsync-worker");
        let worker = Program::start(&binary, &[], variables);
        self.page(&worker, "livez").await;
        worker
    }

    /// What a program prints, which must end with one of these codes.
    pub(super) async fn run(
        &self,
        binary: &str,
        arguments: &[&str],
        variables: &Variables,
        codes: &[i32],
    ) -> String {
        let mut program = Program::start(&self.binaries.path(binary), arguments, variables);
        let ended = program.end().await.code();
        assert!(
            ended.is_some_and(|code| codes.contains(&code)),
            "{binary} ended with {ended:?}"
        );
        program.printed()
    }

    /// The path of a new file.
    pub(super) fn file(&self, content: &str) -> String {
        let number = self.files.replace(self.files.get() + 1);
        let path = self.directory.path().join(number.to_string());
        fs::write(&path, content).expect("a file is written");
        path.display().to_string()
    }

    /// A page of the worker's admin endpoint, as soon as it is served.
    pub(super) async fn page(&self, worker: &Program, page: &str) -> String {
        self.page_until(worker, page, "").await
    }

    /// A page of the worker's admin endpoint, as soon as it says something.
    pub(super) async fn page_until(&self, worker: &Program, page: &str, says: &str) -> String {
        patience::within(PATIENCE, &format!("/{page} says `{says}`"), async || {
            let address = admin_address(&worker.stdout())?;
            let text = control::page(&format!("http://{address}/{page}")).await?;
            text.contains(says).then_some(text)
        })
        .await
    }

    pub(super) async fn put(&self, key: &str, content: &str) {
        let request = self.s3.put_object().bucket(BUCKET).key(key);
        let put = request
            .body(content.as_bytes().to_vec().into())
            .send()
            .await;
        put.expect("the object is put");
    }

    pub(super) async fn delete(&self, key: &str) {
        let deleted = self.s3.delete_object().bucket(BUCKET).key(key).send().await;
        deleted.expect("the object is deleted");
    }

    pub(super) async fn send(&self, body: &str) {
        let request = self.sqs.send_message().queue_url(&self.queue.url);
        let sent = request.message_body(body).send().await;
        sent.expect("the message is sent");
    }

    /// Has AWS refuse some calls of one operation.
    pub(super) async fn refuse(&self, operation: &str, code: &str, times: u64) {
        let fault = Fault {
            operation: operation.to_owned(),
            status: Some(403),
            code: Some(code.to_owned()),
            times: Some(times),
            ..Fault::default()
        };
        control::put_faults(&self.services.aws, &json!(fault)).await;
    }

    pub(super) async fn wait_until_done(&self) {
        self.services
            .wait_for_messages(&self.queue, 0, PATIENCE)
            .await;
    }
}

/// The log tells the port that was free, as JSON or as text.
fn admin_address(log: &str) -> Option<String> {
    let (_, rest) = log
        .split_once(r#""admin_addr":""#)
        .or_else(|| log.split_once("admin_addr="))?;
    let end = rest.find(|c: char| c == '"' || c.is_whitespace())?;
    Some(rest[..end].to_owned())
}
