//! The three ways in which a bucket tells a queue what changed.

use aws_sdk_s3::types::{
    Event, EventBridgeConfiguration, NotificationConfiguration, QueueConfiguration,
    TopicConfiguration,
};
use serde_json::json;

use super::{Cloud, World, http};

/// Every kind of change that the worker wants to hear of.
const EVENTS: [&str; 2] = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"];

/// How notifications travel from the bucket to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wiring {
    /// S3 writes to the queue.
    Direct,
    /// S3 publishes to a topic to which the queue is subscribed, not raw.
    Sns,
    /// S3 tells the default event bus, and a rule has the queue as its target.
    EventBridge,
}

impl Wiring {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Sns => "sns",
            Self::EventBridge => "eventbridge",
        }
    }

    pub(super) async fn connect(self, cloud: &Cloud, world: &World) {
        let configuration = NotificationConfiguration::builder();
        let configuration = match self {
            Self::Direct => configuration.queue_configurations(to_queue(world)),
            Self::Sns => configuration.topic_configurations(to_topic(cloud, world).await),
            Self::EventBridge => {
                add_rule(cloud, world).await;
                configuration
                    .event_bridge_configuration(EventBridgeConfiguration::builder().build())
            }
        };
        let bucket = &world.bucket;
        let request = bucket
            .client
            .put_bucket_notification_configuration()
            .bucket(bucket.name());
        let put = request
            .notification_configuration(configuration.build())
            .send()
            .await;
        put.expect("the bucket accepts its notifications");
    }
}

fn to_queue(world: &World) -> QueueConfiguration {
    let configuration = QueueConfiguration::builder().queue_arn(world.queue.arn());
    configuration
        .set_events(Some(events()))
        .build()
        .expect("a queue and events")
}

async fn to_topic(cloud: &Cloud, world: &World) -> TopicConfiguration {
    let topic = create_topic(cloud, world.bucket.name()).await;
    let subscription = [
        ("Action", "Subscribe"),
        ("TopicArn", &topic),
        ("Protocol", "sqs"),
        ("Endpoint", world.queue.arn()),
    ];
    http::aws_query(&cloud.endpoint(), "sns", &subscription).await;
    let configuration = TopicConfiguration::builder().topic_arn(topic);
    configuration
        .set_events(Some(events()))
        .build()
        .expect("a topic and events")
}

async fn create_topic(cloud: &Cloud, name: &str) -> String {
    let fields = [("Action", "CreateTopic"), ("Name", name)];
    let answer = http::aws_query(&cloud.endpoint(), "sns", &fields).await;
    let (_, rest) = answer
        .split_once("<TopicArn>")
        .expect("the topic has an ARN");
    rest.split('<').next().unwrap_or_default().to_owned()
}

async fn add_rule(cloud: &Cloud, world: &World) {
    let name = world.bucket.name();
    let pattern = json!({"source": ["aws.s3"], "detail": {"bucket": {"name": [name]}}});
    let rule = json!({"Name": name, "EventPattern": pattern.to_string()});
    http::aws_json(&cloud.endpoint(), "events", "AWSEvents.PutRule", &rule).await;
    let targets = json!({"Rule": name, "Targets": [{"Id": "queue", "Arn": world.queue.arn()}]});
    let put = http::aws_json(
        &cloud.endpoint(),
        "events",
        "AWSEvents.PutTargets",
        &targets,
    )
    .await;
    assert_eq!(put["FailedEntryCount"], 0, "the rule has its target: {put}");
}

fn events() -> Vec<Event> {
    EVENTS.iter().map(|event| Event::from(*event)).collect()
}
