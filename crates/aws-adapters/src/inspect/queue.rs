//! `GetQueueAttributes`, read whole.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;

use super::error::InspectError;
use crate::errors::AwsError;
use crate::sqs_queue::QueueAttributes;

const OPERATION: &str = "GetQueueAttributes";

/// What a queue is set up for, beyond what the worker asks for at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// What the worker looks at too.
    pub attributes: QueueAttributes,
    /// How long a message is kept.
    pub retention: Duration,
    /// How long a message stays invisible after it was sent.
    pub delay: Duration,
    /// Whether it is a FIFO queue.
    pub fifo: bool,
    /// The KMS key, by ID, ARN or alias, where messages are encrypted with one.
    pub kms_key: Option<String>,
    /// The access policy as JSON.
    pub policy: Option<String>,
}

pub(super) async fn settings(client: &Client, url: &str) -> Result<QueueSettings, InspectError> {
    let answer = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .map_err(|error| InspectError::sqs(OPERATION, AwsError::from_sdk(&error)))?;
    from_answer(&answer.attributes.unwrap_or_default())
        .map_err(|error| InspectError::sqs(OPERATION, error))
}

fn from_answer(answer: &HashMap<QueueAttributeName, String>) -> Result<QueueSettings, AwsError> {
    let text = |name| answer.get(name).filter(|text| !text.is_empty()).cloned();
    Ok(QueueSettings {
        attributes: QueueAttributes::from_answer(answer)?,
        retention: seconds(answer, &QueueAttributeName::MessageRetentionPeriod)?,
        delay: seconds(answer, &QueueAttributeName::DelaySeconds)?,
        fifo: text(&QueueAttributeName::FifoQueue).as_deref() == Some("true"),
        kms_key: text(&QueueAttributeName::KmsMasterKeyId),
        policy: text(&QueueAttributeName::Policy),
    })
}

fn seconds(
    answer: &HashMap<QueueAttributeName, String>,
    name: &QueueAttributeName,
) -> Result<Duration, AwsError> {
    let text = answer.get(name).map(String::as_str).unwrap_or_default();
    text.parse()
        .map(Duration::from_secs)
        .map_err(|_| AwsError::answer(format!("{} is {text:?}", name.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(more: &[(&str, &str)]) -> HashMap<QueueAttributeName, String> {
        [
            ("QueueArn", "arn:aws:sqs:eu-central-1:000000000000:events"),
            ("VisibilityTimeout", "120"),
            ("MaximumMessageSize", "1048576"),
            ("ApproximateNumberOfMessages", "0"),
            ("ApproximateNumberOfMessagesNotVisible", "0"),
            ("ApproximateNumberOfMessagesDelayed", "0"),
            ("MessageRetentionPeriod", "345600"),
            ("DelaySeconds", "0"),
        ]
        .iter()
        .chain(more)
        .map(|(name, value)| (QueueAttributeName::from(*name), (*value).to_owned()))
        .collect()
    }

    #[test]
    fn what_is_not_set_is_absent() {
        let settings = from_answer(&answer(&[("KmsMasterKeyId", ""), ("FifoQueue", "false")]));
        let settings = settings.unwrap();
        assert_eq!(settings.retention, Duration::from_hours(96));
        assert_eq!((settings.kms_key, settings.policy), (None, None));
        assert!(!settings.fifo);
    }

    #[test]
    fn what_is_set_is_given_as_it_is() {
        let set = [
            ("KmsMasterKeyId", "alias/aws/sqs"),
            ("Policy", "{}"),
            ("FifoQueue", "true"),
        ];
        let settings = from_answer(&answer(&set)).unwrap();
        assert_eq!(settings.kms_key.as_deref(), Some("alias/aws/sqs"));
        assert_eq!(settings.policy.as_deref(), Some("{}"));
        assert!(settings.fifo);
    }

    #[test]
    fn a_retention_that_is_no_number_is_an_answer_not_understood() {
        let error = from_answer(&answer(&[("MessageRetentionPeriod", "long")])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "answer not understood: MessageRetentionPeriod is \"long\""
        );
    }
}
