//! Redrive policy: where a message goes when its receives are used up.
//!
//! Only the policy and names of queues; the moving is done by the registry.

use serde::Deserialize;
use serde_json::Value;

use crate::sqs::error::{SqsError, invalid_parameter};

/// A dead-letter queue and how many receives a message has before it goes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedrivePolicy {
    pub(crate) target_arn: String,
    pub(crate) max_receive_count: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    dead_letter_target_arn: String,
    max_receive_count: Value,
}

impl RedrivePolicy {
    /// Reads the JSON text of the attribute; the count may be a number or a string.
    pub(crate) fn parse(text: &str) -> Result<Self, SqsError> {
        let wire: Wire =
            serde_json::from_str(text).map_err(|error| invalid(text, &error.to_string()))?;
        let count = match &wire.max_receive_count {
            Value::String(digits) => digits.parse().ok(),
            other => other.as_u64(),
        };
        let max_receive_count = count
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| (1..=1000).contains(count))
            .ok_or_else(|| {
                invalid(
                    text,
                    "Invalid value for maxReceiveCount, must be between 1 and 1000.",
                )
            })?;
        Ok(Self {
            target_arn: wire.dead_letter_target_arn,
            max_receive_count,
        })
    }

    /// The attribute's JSON text.
    pub(crate) fn render(&self) -> String {
        serde_json::json!({"deadLetterTargetArn": self.target_arn, "maxReceiveCount": self.max_receive_count}).to_string()
    }
}

/// The queue name an ARN ends with, if it is a queue's ARN.
pub(crate) fn queue_name_of_arn(arn: &str) -> Option<&str> {
    let mut fields = arn.splitn(6, ':');
    let (Some("arn"), Some(_), Some("sqs")) = (fields.next(), fields.next(), fields.next()) else {
        return None;
    };
    fields.nth(2).filter(|name| !name.is_empty())
}

/// The answer when a policy names a queue that does not exist.
pub(crate) fn no_target(policy: &RedrivePolicy) -> SqsError {
    invalid(&policy.render(), "Dead letter target does not exist.")
}

fn invalid(text: &str, reason: &str) -> SqsError {
    invalid_parameter(format!(
        "Value {text} for parameter RedrivePolicy is invalid. Reason: {reason}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_its_count_as_number_or_text() {
        for count in ["5", "\"5\""] {
            let text = format!(
                r#"{{"deadLetterTargetArn":"arn:aws:sqs:r:0:dlq","maxReceiveCount":{count}}}"#
            );
            let policy = RedrivePolicy::parse(&text).unwrap();
            assert_eq!(
                (policy.max_receive_count, policy.target_arn.as_str()),
                (5, "arn:aws:sqs:r:0:dlq")
            );
        }
    }

    #[test]
    fn a_policy_without_a_usable_count_is_refused() {
        for count in ["0", "1001", "\"x\"", "null"] {
            let text = format!(
                r#"{{"deadLetterTargetArn":"arn:aws:sqs:r:0:dlq","maxReceiveCount":{count}}}"#
            );
            assert!(RedrivePolicy::parse(&text).is_err(), "{count}");
        }
        assert!(RedrivePolicy::parse("nonsense").is_err());
    }

    #[test]
    fn only_queue_arns_name_queues() {
        assert_eq!(
            queue_name_of_arn("arn:aws:sqs:us-east-1:000000000000:q"),
            Some("q")
        );
        assert_eq!(
            queue_name_of_arn("arn:aws:sns:us-east-1:000000000000:q"),
            None
        );
        assert_eq!(queue_name_of_arn("q"), None);
    }
}
