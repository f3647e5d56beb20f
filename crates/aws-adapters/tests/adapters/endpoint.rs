//! Conformance harnesses for any server that speaks S3 and SQS: queues and buckets are made
//! through the SDK, by the protocol alone.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up fails, and says where"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_adapters::{Aws, EndpointOverride, S3Options, S3Store, SqsOptions, SqsQueue};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_sdk_sqs::types::Message;
use secrecy::{ExposeSecret as _, SecretString};
use sync_engine::testkit::conformance::{
    Action, Put, QueueHarness, QueueUnderTest, StaleDelete, StoreHarness, StoreUnderTest,
    StoredLetter,
};

/// A server, and how to set things up there.
#[derive(Clone)]
pub(crate) struct Endpoint {
    aws: Aws,
    url: String,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
    made: Arc<AtomicUsize>,
}

impl Endpoint {
    pub(crate) async fn new(url: String) -> Self {
        let given = EndpointOverride {
            endpoint_url: url.clone(),
            region: "us-east-1".into(),
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
        };
        let aws = Aws::from_env(Some(given)).await;
        let s3 = aws_sdk_s3::config::Builder::from(aws.sdk())
            .force_path_style(true)
            .build();
        Self {
            sqs: aws_sdk_sqs::Client::new(aws.sdk()),
            s3: aws_sdk_s3::Client::from_conf(s3),
            made: Arc::default(),
            aws,
            url,
        }
    }

    pub(crate) fn queues(&self, stale_delete: StaleDelete) -> QueueHarness {
        let missing = format!("{}/000000000000/conformance-missing", self.url);
        let endpoint = self.clone();
        QueueHarness {
            fresh: action(move |()| {
                let endpoint = endpoint.clone();
                async move { endpoint.fresh_queue().await }
            }),
            missing: Arc::new(SqsQueue::new(
                &self.aws,
                missing,
                None,
                SqsOptions::default(),
            )),
            stale_delete,
        }
    }

    pub(crate) fn buckets(&self) -> StoreHarness {
        let endpoint = self.clone();
        StoreHarness {
            fresh: action(move |versioned| {
                let endpoint = endpoint.clone();
                async move { endpoint.fresh_bucket(versioned).await }
            }),
        }
    }

    async fn fresh_queue(&self) -> QueueUnderTest {
        let name = self.fresh_name();
        let url = self.create_queue(&name).await;
        let letters = self.create_queue(&format!("{name}-dead")).await;
        let options = SqsOptions::default();
        let queue = SqsQueue::new(&self.aws, url.clone(), Some(letters.clone()), options);
        let (sending, reading) = (self.sqs.clone(), self.sqs.clone());
        QueueUnderTest {
            queue: Arc::new(queue),
            send: action(move |body: String| {
                let send = sending.send_message().queue_url(&url).message_body(body);
                async move { drop(send.send().await.unwrap()) }
            }),
            dead_letters: action(move |()| {
                let receive = reading
                    .receive_message()
                    .queue_url(&letters)
                    .message_attribute_names("All")
                    .max_number_of_messages(10)
                    .wait_time_seconds(2);
                async move {
                    let messages = receive.send().await.unwrap().messages.unwrap_or_default();
                    messages.into_iter().map(stored_letter).collect()
                }
            }),
        }
    }

    async fn create_queue(&self, name: &str) -> String {
        self.sqs
            .create_queue()
            .queue_name(name)
            .send()
            .await
            .unwrap()
            .queue_url
            .unwrap()
    }

    async fn fresh_bucket(&self, versioned: bool) -> StoreUnderTest {
        let bucket = self.fresh_name();
        self.s3
            .create_bucket()
            .bucket(&bucket)
            .send()
            .await
            .unwrap();
        if versioned {
            self.keep_versions(&bucket).await;
        }
        let options = S3Options {
            page_size: Some(10),
            ..S3Options::default()
        };
        let (putting, into) = (self.s3.clone(), bucket.clone());
        let (deleting, from) = (self.s3.clone(), bucket.clone());
        StoreUnderTest {
            store: Arc::new(S3Store::new(&self.aws, &options)),
            missing: Some(format!("{bucket}-missing")),
            bucket,
            put: action(move |put: Put| {
                let call = putting
                    .put_object()
                    .bucket(&into)
                    .key(put.key)
                    .set_metadata(Some(put.metadata.into_iter().collect()))
                    .body(put.bytes.into());
                async move { drop(call.send().await.unwrap()) }
            }),
            delete: action(move |key: String| {
                let call = deleting.delete_object().bucket(&from).key(key);
                async move { drop(call.send().await.unwrap()) }
            }),
            fetch: Some(action(|url: SecretString| async move {
                tokio::task::spawn_blocking(move || get(url.expose_secret()))
                    .await
                    .unwrap()
            })),
        }
    }

    async fn keep_versions(&self, bucket: &str) {
        let enabled = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::Enabled)
            .build();
        let call = self.s3.put_bucket_versioning().bucket(bucket);
        call.versioning_configuration(enabled).send().await.unwrap();
    }

    fn fresh_name(&self) -> String {
        format!("conformance-{}", self.made.fetch_add(1, Ordering::Relaxed))
    }
}

fn action<I, O, F>(make: impl Fn(I) -> F + Send + Sync + 'static) -> Action<I, O>
where
    F: Future<Output = O> + Send + 'static,
{
    Box::new(move |input| Box::pin(make(input)))
}

fn stored_letter(message: Message) -> StoredLetter {
    let attributes = message.message_attributes.unwrap_or_default();
    let reason = attributes
        .get("reason")
        .and_then(|value| value.string_value.clone());
    StoredLetter {
        body: message.body.unwrap_or_default(),
        reason: reason.expect("a letter has its reason as an attribute"),
    }
}

/// As whoever was handed the URL: no SDK, no credentials.
fn get(url: &str) -> Vec<u8> {
    let (authority, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .unwrap();
    let mut connection = TcpStream::connect(authority).unwrap();
    write!(
        connection,
        "GET /{path} HTTP/1.0\r\nHost: {authority}\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    let head = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap();
    let body = answer.split_off(head + 4);
    let head = String::from_utf8(answer).unwrap();
    assert!(
        head.split(' ').nth(1) == Some("200"),
        "{head}{}",
        String::from_utf8_lossy(&body)
    );
    body
}
