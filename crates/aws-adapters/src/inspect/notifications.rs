//! `GetBucketNotificationConfiguration`, flattened: whom a bucket tells what.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Event, FilterRuleName, NotificationConfigurationFilter};

use super::bucket::refused;
use super::error::InspectError;

/// Everyone whom a bucket tells what changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notifications {
    /// Queues, topics and functions, in this order.
    pub targets: Vec<NotificationTarget>,
    /// Whether `EventBridge` is told everything.
    pub event_bridge: bool,
}

/// One who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTarget {
    /// What kind it is.
    pub kind: TargetKind,
    /// The name of this entry.
    pub id: Option<String>,
    /// Who it is.
    pub arn: String,
    /// Of what it is told, with the `s3:` prefix.
    pub events: Vec<String>,
    /// Only keys that begin so, URL-encoded as it was given.
    pub prefix: Option<String>,
    /// Only keys that end so, URL-encoded as it was given.
    pub suffix: Option<String>,
}

/// What can be told directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// An SQS queue.
    Queue,
    /// An SNS topic.
    Topic,
    /// A Lambda function.
    Function,
}

pub(super) async fn read(client: &Client, bucket: &str) -> Result<Notifications, InspectError> {
    let call = client.get_bucket_notification_configuration();
    let answer = call.bucket(bucket).send().await;
    let output = answer.map_err(|error| refused("GetBucketNotificationConfiguration", &error))?;
    let queues = output.queue_configurations().iter().map(|entry| {
        let filter = entry.filter();
        target(
            TargetKind::Queue,
            entry.id(),
            entry.queue_arn(),
            entry.events(),
            filter,
        )
    });
    let topics = output.topic_configurations().iter().map(|entry| {
        let filter = entry.filter();
        target(
            TargetKind::Topic,
            entry.id(),
            entry.topic_arn(),
            entry.events(),
            filter,
        )
    });
    let functions = output.lambda_function_configurations().iter().map(|entry| {
        let (arn, filter) = (entry.lambda_function_arn(), entry.filter());
        target(
            TargetKind::Function,
            entry.id(),
            arn,
            entry.events(),
            filter,
        )
    });
    Ok(Notifications {
        targets: queues.chain(topics).chain(functions).collect(),
        event_bridge: output.event_bridge_configuration().is_some(),
    })
}

fn target(
    kind: TargetKind,
    id: Option<&str>,
    arn: &str,
    events: &[Event],
    filter: Option<&NotificationConfigurationFilter>,
) -> NotificationTarget {
    NotificationTarget {
        kind,
        id: id.map(str::to_owned),
        arn: arn.to_owned(),
        events: events
            .iter()
            .map(|event| event.as_str().to_owned())
            .collect(),
        prefix: rule(filter, &FilterRuleName::Prefix),
        suffix: rule(filter, &FilterRuleName::Suffix),
    }
}

/// S3 takes the names of rules in any case; an empty value filters nothing.
fn rule(filter: Option<&NotificationConfigurationFilter>, name: &FilterRuleName) -> Option<String> {
    let rules = filter?.key()?.filter_rules();
    let rule = rules.iter().find(|rule| {
        let given = rule.name().map(FilterRuleName::as_str).unwrap_or_default();
        given.eq_ignore_ascii_case(name.as_str())
    });
    rule?
        .value()
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{FilterRule, S3KeyFilter};

    use super::*;

    #[test]
    fn filters_are_read_whatever_the_case_of_their_names() {
        let rule = |name: &str, value: &str| {
            FilterRule::builder()
                .name(FilterRuleName::from(name))
                .value(value)
                .build()
        };
        let filter = NotificationConfigurationFilter::builder()
            .key(
                S3KeyFilter::builder()
                    .filter_rules(rule("Prefix", "my+media/"))
                    .filter_rules(rule("suffix", ""))
                    .build(),
            )
            .build();
        let events = [Event::from("s3:ObjectCreated:*")];
        let read = target(
            TargetKind::Queue,
            Some("id"),
            "arn:q",
            &events,
            Some(&filter),
        );
        assert_eq!(read.prefix.as_deref(), Some("my+media/"));
        assert_eq!(read.suffix, None);
        assert_eq!(read.events, ["s3:ObjectCreated:*"]);
    }
}
