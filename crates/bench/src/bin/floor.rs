//! The bare floor: what the same HTTP stack costs when nothing is decided, proven or told.
//!
//! Receives up to ten messages, looks at each object with a HEAD, has Cloudinary pull it, looks
//! again, and deletes the ten in one batch; 50 messages in flight. No mapping rules, no lanes, no
//! limiter, no leases, no metrics, no log, no retries: any failure ends it. Part of no product.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig, retry::RetryConfig,
};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use cloudinary_core::Account;
use futures_util::future::try_join_all;
use reqwest::header;
use serde::Deserialize;
use tikv_jemallocator::Jemalloc;
use tokio::task::JoinSet;
use url::form_urlencoded::Serializer;

/// The worker's.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

const BATCH: usize = 10;

#[derive(Clone)]
struct Floor {
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    http: reqwest::Client,
    account: Account,
    upload_url: String,
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    s3: Place,
}

#[derive(Deserialize)]
struct Place {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// On one thread, as the worker.
#[tokio::main(worker_threads = 1)]
async fn main() -> Result<()> {
    let variables: BTreeMap<String, String> = std::env::vars().collect();
    let in_flight: usize = variable(&variables, "IN_FLIGHT")?.parse()?;
    let floor = Floor::new(&variables)?;
    let mut pollers = JoinSet::new();
    for _ in 0..in_flight / BATCH {
        pollers.spawn(floor.clone().poll());
    }
    while let Some(ended) = pollers.join_next().await {
        ended??;
    }
    Ok(())
}

impl Floor {
    fn new(variables: &BTreeMap<String, String>) -> Result<Self> {
        let endpoint = variable(variables, "AWS_ENDPOINT_URL")?;
        let account: Account = variable(variables, "CLOUDINARY_URL")?.parse()?;
        let (_, prefix) = variable(variables, "CLOUDINARY_URL")?
            .split_once("upload_prefix=")
            .context("a URL with an upload prefix")?;
        let upload_url = format!("{prefix}/v1_1/{}/image/upload", account.cloud_name);
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        Ok(Self {
            sqs: sqs(endpoint),
            s3: s3(endpoint),
            http: reqwest::Client::builder()
                .timeout(Duration::from_mins(30))
                .pool_max_idle_per_host(50)
                .build()?,
            account,
            upload_url,
            queue_url: variable(variables, "QUEUE_URL")?.to_owned(),
        })
    }

    async fn poll(self) -> Result<()> {
        loop {
            let received = self
                .sqs
                .receive_message()
                .queue_url(&self.queue_url)
                .max_number_of_messages(10)
                .wait_time_seconds(20)
                .send()
                .await?;
            let messages = received.messages.unwrap_or_default();
            if !messages.is_empty() {
                try_join_all(messages.iter().map(|message| self.sync(message))).await?;
                self.delete(messages).await?;
            }
        }
    }

    async fn sync(&self, message: &Message) -> Result<()> {
        let body = message.body().context("a body")?;
        let notification: Notification = serde_json::from_str(body)?;
        for record in notification.records {
            let (bucket, key) = (record.s3.bucket.name, record.s3.object.key);
            let before = self.look(&bucket, &key).await?;
            self.upload(&bucket, &key).await?;
            if self.look(&bucket, &key).await? != before {
                bail!("{key} has changed");
            }
        }
        Ok(())
    }

    async fn look(&self, bucket: &str, key: &str) -> Result<Option<String>> {
        let head = self.s3.head_object().bucket(bucket).key(key).send().await?;
        Ok(head.e_tag)
    }

    async fn upload(&self, bucket: &str, key: &str) -> Result<()> {
        let stem = key.rsplit_once('.').map_or(key, |(stem, _)| stem);
        let public_id = stem.replacen("media", "site", 1);
        let timestamp = now().to_string();
        let params = [
            ("public_id", public_id.as_str()),
            ("timestamp", timestamp.as_str()),
        ];
        let key_pair = self.account.signing_key().context("a key")?;
        let signed = key_pair.sign(params, self.account.signature_version);
        let form = Serializer::new(String::new())
            .extend_pairs(params)
            .append_pair("file", &format!("s3://{bucket}/{key}"))
            .append_pair("api_key", "key")
            .append_pair("signature", &signed.signature)
            .finish();
        let answer = self
            .http
            .post(&self.upload_url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await?
            .error_for_status()?;
        answer.bytes().await?;
        Ok(())
    }

    async fn delete(&self, messages: Vec<Message>) -> Result<()> {
        let entries = messages
            .into_iter()
            .enumerate()
            .map(|(position, message)| {
                DeleteMessageBatchRequestEntry::builder()
                    .id(position.to_string())
                    .set_receipt_handle(message.receipt_handle)
                    .build()
            })
            .collect::<Result<Vec<_>, _>>()?;
        let request = self.sqs.delete_message_batch().queue_url(&self.queue_url);
        request.set_entries(Some(entries)).send().await?;
        Ok(())
    }
}

fn sqs(endpoint: &str) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "floor"))
        .endpoint_url(endpoint)
        .http_client(http_client())
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}

fn s3(endpoint: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "floor"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .http_client(http_client())
        .disable_s3_express_session_auth(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

fn http_client() -> aws_sdk_s3::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

fn variable<'a>(variables: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str> {
    let value = variables.get(name).map(String::as_str);
    value.with_context(|| format!("{name} is not set"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "requests are signed for this moment"
)]
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
