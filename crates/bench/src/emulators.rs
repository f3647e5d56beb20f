//! A fresh AWS and a fresh Cloudinary as processes of their own, one bucket that notifies one
//! queue, and the calls that fill them.
//!
//! Spoken to with plain HTTP: the emulator takes unsigned calls, and what is set up here is
//! nobody's measurement.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::counters::Counters;
use crate::picture;
use crate::proc::{self, Usage};
use crate::program::Program;
use crate::tools::Tools;

/// The bucket of every measurement.
pub(crate) const BUCKET: &str = "pictures";
/// The queue that it notifies.
pub(crate) const QUEUE: &str = "events";
/// Objects that are put at once.
const PUTS: usize = 32;
/// A wait that sees no change for so long is over.
const STALLED: Duration = Duration::from_mins(2);

/// Both emulators. Dropping them ends them.
#[derive(Debug)]
pub(crate) struct Emulators {
    pub(crate) aws_url: String,
    pub(crate) cloudinary_url: String,
    pub(crate) queue_url: String,
    /// Where the output of its programs goes.
    pub(crate) directory: PathBuf,
    cloudinary_base: String,
    http: Client,
    aws: Program,
    cloudinary: Program,
}

/// CPU time of both emulators.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EmulatorCpu {
    pub(crate) aws: Duration,
    pub(crate) cloudinary: Duration,
}

impl Emulators {
    /// Starts both; `cloudinary_options` go to Cloudinary's.
    pub(crate) async fn start(
        tools: &Tools,
        name: &str,
        cloudinary_options: &[&str],
    ) -> Result<Self> {
        let directory = tools.work.join("run").join(name);
        let mut command = Command::new(tools.binary("aws-emulator"));
        command.args(["--listen", "127.0.0.1:0"]);
        let mut aws = Program::start(command, "aws-emulator", &directory)?;
        let aws_url = aws.first_line().await?;
        let mut command = Command::new(tools.binary("cloudinary-emulator"));
        command.args(["--listen", "127.0.0.1:0", "--s3-endpoint", &aws_url]);
        command.args(cloudinary_options).env("RUST_LOG", "warn");
        let mut cloudinary = Program::start(command, "cloudinary-emulator", &directory)?;
        let cloudinary_url = cloudinary.first_line().await?;
        let (_, base) = cloudinary_url
            .split_once("upload_prefix=")
            .context("a URL with an upload prefix")?;
        let mut emulators = Self {
            cloudinary_base: base.to_owned(),
            aws_url,
            cloudinary_url,
            queue_url: String::new(),
            directory,
            http: tools.http.clone(),
            aws,
            cloudinary,
        };
        emulators.connect().await?;
        Ok(emulators)
    }

    /// One bucket, one queue, every change announced.
    async fn connect(&mut self) -> Result<()> {
        let created = self
            .sqs(
                "CreateQueue",
                &json!({"QueueName": QUEUE, "Attributes": {"VisibilityTimeout": "120"}}),
            )
            .await?;
        let url = created["QueueUrl"].as_str().context("a queue URL")?;
        url.clone_into(&mut self.queue_url);
        ok(self.http.put(format!("{}/{BUCKET}", self.aws_url))).await?;
        let arn = format!("arn:aws:sqs:us-east-1:000000000000:{QUEUE}");
        let configuration = format!(
            "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><QueueConfiguration>\
             <Queue>{arn}</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>"
        );
        let place = format!("{}/{BUCKET}?notification", self.aws_url);
        ok(self.http.put(place).body(configuration)).await?;
        // S3 tries a new notification out; that message is nobody's work.
        self.sqs("PurgeQueue", &json!({"QueueUrl": self.queue_url}))
            .await?;
        Ok(())
    }

    /// Puts so many pictures, and S3 announces each with a message.
    pub(crate) async fn put(&self, pictures: u64) -> Result<()> {
        let puts = (0..pictures).map(|number| {
            let place = format!("{}/{BUCKET}/media/picture-{number:06}.gif", self.aws_url);
            ok(self.http.put(place).body(picture::gif(number)))
        });
        stream::iter(puts)
            .buffer_unordered(PUTS)
            .try_for_each(|_| async { Ok(()) })
            .await?;
        let waiting = self.counters().await?.messages;
        if waiting != pictures {
            bail!("{pictures} objects were put, but {waiting} messages wait");
        }
        Ok(())
    }

    /// One call to SQS.
    pub(crate) async fn sqs(&self, operation: &str, body: &Value) -> Result<Value> {
        let request = self
            .http
            .post(&self.aws_url)
            .header("X-Amz-Target", format!("AmazonSQS.{operation}"))
            .header("Content-Type", "application/x-amz-json-1.0")
            .body(body.to_string());
        let answer = ok(request).await?;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&answer).context("an answer of SQS")
    }

    /// What both have counted so far.
    pub(crate) async fn counters(&self) -> Result<Counters> {
        let aws = self.stats(&self.aws_url).await?;
        let cloudinary = self.stats(&self.cloudinary_base).await?;
        Ok(Counters::parse(&aws, &cloudinary, QUEUE))
    }

    async fn stats(&self, base: &str) -> Result<Value> {
        let answer = ok(self.http.get(format!("{base}/_emulator/stats"))).await?;
        serde_json::from_slice(&answer).context("statistics of an emulator")
    }

    /// Waits until the counters are as wanted, while `program` runs.
    pub(crate) async fn until(
        &self,
        program: &mut Program,
        look_every: Duration,
        is_reached: impl Fn(&Counters) -> bool,
    ) -> Result<Counters> {
        let mut last = (0, 0);
        let mut changed = Instant::now();
        loop {
            let counters = self.counters().await?;
            if is_reached(&counters) {
                return Ok(counters);
            }
            program.must_run()?;
            let now = (counters.assets, counters.messages);
            if now != last {
                (last, changed) = (now, Instant::now());
            } else if changed.elapsed() > STALLED {
                bail!(
                    "stalled at {} assets, {} messages: {}",
                    now.0,
                    now.1,
                    program.tail()
                );
            }
            sleep(look_every).await;
        }
    }

    /// CPU time that both have used so far.
    pub(crate) fn cpu(&self) -> Result<EmulatorCpu> {
        let of = |program: &Program| proc::usage(program.id()).map(|Usage { cpu, .. }| cpu);
        Ok(EmulatorCpu {
            aws: of(&self.aws)?,
            cloudinary: of(&self.cloudinary)?,
        })
    }
}

/// The body of a successful answer.
async fn ok(request: RequestBuilder) -> Result<Vec<u8>> {
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    if !status.is_success() {
        bail!("{status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(body.to_vec())
}
