//! Clients of AWS's own SDK for an endpoint, and the set-up that needs several calls.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::types::{
    BucketVersioningStatus, Event, NotificationConfiguration, QueueConfiguration,
    VersioningConfiguration,
};
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde_json::json;

use crate::world::REGION;

/// Every kind of change that the worker wants to hear of.
const EVENTS: [&str; 2] = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"];

/// A client for S3 at an endpoint that takes any credentials.
pub(crate) fn s3(endpoint: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// A client for SQS at an endpoint that takes any credentials.
pub(crate) fn sqs(endpoint: &str) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}

/// A queue as others name it.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) arn: String,
}

impl Queue {
    /// Creates a queue whose redrive policy, if any, names a dead-letter queue and a receive count.
    pub(crate) async fn create(
        client: &aws_sdk_sqs::Client,
        name: &str,
        redrive: Option<(&Self, u32)>,
    ) -> Self {
        let mut request = client.create_queue().queue_name(name);
        if let Some((dead_letters, receives)) = redrive {
            let policy =
                json!({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": receives});
            request = request.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
        }
        let created = request.send().await.expect("the queue is created");
        let url = created.queue_url().expect("it has a URL").to_owned();
        let attributes = client
            .get_queue_attributes()
            .queue_url(&url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .expect("the queue tells its ARN");
        let arn = attributes
            .attributes()
            .and_then(|all| all.get(&QueueAttributeName::QueueArn))
            .expect("an ARN")
            .clone();
        Self {
            name: name.to_owned(),
            url,
            arn,
        }
    }

    /// Takes every message out of the queue.
    pub(crate) async fn take_all(&self, client: &aws_sdk_sqs::Client) -> Vec<Message> {
        let mut all = Vec::new();
        loop {
            let request = client.receive_message().queue_url(&self.url);
            let received = request
                .max_number_of_messages(10)
                .message_attribute_names("All")
                .send()
                .await
                .expect("the queue answers");
            let batch = received.messages.unwrap_or_default();
            if batch.is_empty() {
                return all;
            }
            for message in batch {
                let request = client.delete_message().queue_url(&self.url);
                let handle = message.receipt_handle().expect("a receipt handle");
                let deleted = request.receipt_handle(handle).send().await;
                deleted.expect("the message is deleted");
                all.push(message);
            }
        }
    }
}

/// Creates a bucket that tells a queue of every change.
pub(crate) async fn create_bucket(client: &aws_sdk_s3::Client, name: &str, queue: &Queue) {
    let created = client.create_bucket().bucket(name).send().await;
    created.expect("the bucket is created");
    let to_queue = QueueConfiguration::builder()
        .queue_arn(&queue.arn)
        .set_events(Some(EVENTS.map(Event::from).to_vec()))
        .build()
        .expect("a queue and events");
    let configuration = NotificationConfiguration::builder()
        .queue_configurations(to_queue)
        .build();
    let request = client
        .put_bucket_notification_configuration()
        .bucket(name)
        .notification_configuration(configuration);
    let put = request.send().await;
    put.expect("the bucket accepts its notifications");
}

/// From now on, deletes keep what they delete.
pub(crate) async fn enable_versions(client: &aws_sdk_s3::Client, bucket: &str) {
    let versioning = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    let request = client.put_bucket_versioning().bucket(bucket);
    let enabled = request.versioning_configuration(versioning).send().await;
    enabled.expect("versions are enabled");
}
