//! The attributes of a queue: their names, ranges and defaults.
//!
//! Pure parsing and rendering. Whether a dead-letter queue exists is the registry's question.

use std::collections::BTreeMap;

use crate::sqs::error::{Kind, SqsError};
use crate::sqs::redrive::RedrivePolicy;

/// The largest message, and the largest batch, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: u64 = 1_048_576;

/// Attributes by name, as requests and answers carry them.
pub(crate) type AttributeMap = BTreeMap<String, String>;

/// What can be set on a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) visibility_seconds: u64,
    pub(crate) delay_seconds: u64,
    pub(crate) wait_seconds: u64,
    pub(crate) retention_seconds: u64,
    pub(crate) max_message_bytes: u64,
    pub(crate) redrive: Option<RedrivePolicy>,
    /// Kept and returned, without effect here: access policy, encryption, redrive permission.
    passive: AttributeMap,
}

const PASSIVE: [&str; 5] = [
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "SqsManagedSseEnabled",
];

impl Default for Attributes {
    fn default() -> Self {
        Self {
            visibility_seconds: 30,
            delay_seconds: 0,
            wait_seconds: 0,
            retention_seconds: 345_600,
            max_message_bytes: MAX_MESSAGE_BYTES,
            redrive: None,
            passive: BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]),
        }
    }
}

impl Attributes {
    /// These attributes with the given ones set; none of them if one is refused.
    pub(crate) fn with(&self, changes: &AttributeMap) -> Result<Self, SqsError> {
        let mut result = self.clone();
        for (name, value) in changes {
            result.set(name, value)?;
        }
        Ok(result)
    }

    /// Every settable attribute by name.
    pub(crate) fn render(&self) -> AttributeMap {
        let mut map = self.passive.clone();
        let numbers = [
            ("DelaySeconds", self.delay_seconds),
            ("MaximumMessageSize", self.max_message_bytes),
            ("MessageRetentionPeriod", self.retention_seconds),
            ("ReceiveMessageWaitTimeSeconds", self.wait_seconds),
            ("VisibilityTimeout", self.visibility_seconds),
        ];
        map.extend(numbers.map(|(name, value)| (name.to_owned(), value.to_string())));
        map.extend(
            self.redrive
                .as_ref()
                .map(|policy| ("RedrivePolicy".to_owned(), policy.render())),
        );
        map
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SqsError> {
        match name {
            "DelaySeconds" => self.delay_seconds = number(name, value, 0, 900)?,
            "MaximumMessageSize" => {
                self.max_message_bytes = number(name, value, 1024, MAX_MESSAGE_BYTES)?;
            }
            "MessageRetentionPeriod" => {
                self.retention_seconds = number(name, value, 60, 1_209_600)?;
            }
            "ReceiveMessageWaitTimeSeconds" => self.wait_seconds = number(name, value, 0, 20)?,
            "VisibilityTimeout" => self.visibility_seconds = number(name, value, 0, 43_200)?,
            "RedrivePolicy" if value.is_empty() => self.redrive = None,
            "RedrivePolicy" => self.redrive = Some(RedrivePolicy::parse(value)?),
            "FifoQueue" | "ContentBasedDeduplication" if value == "true" => return Err(no_fifo()),
            _ if PASSIVE.contains(&name) => {
                drop(self.passive.insert(name.to_owned(), value.to_owned()));
            }
            _ => return Err(unknown_attribute(name)),
        }
        Ok(())
    }
}

/// The answer to everything that only FIFO queues have.
pub(crate) fn no_fifo() -> SqsError {
    SqsError::new(
        Kind::UnsupportedOperation,
        "FIFO queues are not implemented by this emulator.",
    )
}

pub(crate) fn unknown_attribute(name: &str) -> SqsError {
    SqsError::new(
        Kind::InvalidAttributeName,
        format!("Unknown Attribute {name}."),
    )
}

fn number(name: &str, value: &str, min: u64, max: u64) -> Result<u64, SqsError> {
    value
        .parse()
        .ok()
        .filter(|n| (min..=max).contains(n))
        .ok_or_else(|| {
            SqsError::new(
                Kind::InvalidAttributeValue,
                format!("Invalid value for the parameter {name}."),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> AttributeMap {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for (name, value) in [
            ("VisibilityTimeout", "43201"),
            ("DelaySeconds", "-1"),
            ("MaximumMessageSize", "1048577"),
        ] {
            let error = Attributes::default().with(&one(name, value)).unwrap_err();
            assert_eq!(error.kind, Kind::InvalidAttributeValue, "{name}");
        }
        let unknown = Attributes::default()
            .with(&one("Colour", "red"))
            .unwrap_err();
        assert_eq!(unknown.kind, Kind::InvalidAttributeName);
    }

    #[test]
    fn what_was_set_is_rendered() {
        let attributes = Attributes::default()
            .with(&one("VisibilityTimeout", "7"))
            .unwrap();
        assert_eq!(attributes.render()["VisibilityTimeout"], "7");
        assert_eq!(attributes.render()["MaximumMessageSize"], "1048576");
        assert!(!attributes.render().contains_key("RedrivePolicy"));
    }

    #[test]
    fn fifo_is_refused_by_name() {
        let error = Attributes::default()
            .with(&one("FifoQueue", "true"))
            .unwrap_err();
        assert_eq!(error.kind, Kind::UnsupportedOperation);
    }
}
