//! A bucket's notification configuration: which events of which keys go to which queue.
//!
//! Pure matching and validation of shape. Whether a queue exists is asked where queues are known.

use percent_encoding::percent_decode_str;

use crate::s3::error::S3Failure;
use crate::s3::events::Event;

/// One queue that wants events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) queue_arn: String,
    /// With the `s3:` prefix, possibly ending in `*`.
    pub(crate) events: Vec<String>,
    /// As configured: form-url-encoded where a character needs it.
    pub(crate) prefix: String,
    pub(crate) suffix: String,
}

/// The classes of event that `connect` subscribes a queue to: everything a mirror must know.
pub(crate) const MIRROR_EVENTS: [&str; 4] = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:ObjectRestore:*",
    "s3:LifecycleExpiration:*",
];

/// The events that S3 knows and that may be subscribed to, also where none are produced here.
const KNOWN_EVENTS: [&str; 29] = [
    "s3:IntelligentTiering",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:ObjectAcl:Put",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Put",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ObjectRestore:Post",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Delete",
    "s3:ObjectTagging:Put",
    "s3:ReducedRedundancyLostObject",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:ObjectAnnotation:*",
    "s3:ObjectRetention:Put",
];

impl Target {
    /// Whether this target wants an event of this key.
    pub(crate) fn wants(&self, event: Event, key: &str) -> bool {
        self.events
            .iter()
            .any(|pattern| event_matches(pattern, event.name()))
            && key.starts_with(decoded(&self.prefix).as_str())
            && key.ends_with(decoded(&self.suffix).as_str())
    }
}

/// Checks a whole configuration: known events, and no event of a key for two targets.
pub(crate) fn check(targets: &[Target]) -> Result<(), S3Failure> {
    for event in targets.iter().flat_map(|target| &target.events) {
        if !KNOWN_EVENTS.contains(&event.as_str()) {
            return Err(S3Failure::InvalidArgument(format!(
                "The event '{event}' is not supported for notifications"
            )));
        }
    }
    let pairs = targets
        .iter()
        .enumerate()
        .flat_map(|(at, one)| targets[at + 1..].iter().map(move |other| (one, other)));
    if pairs.into_iter().any(|(one, other)| overlap(one, other)) {
        let message = "Configurations overlap. Configurations on the same bucket cannot share a common event type.";
        return Err(S3Failure::InvalidArgument(message.to_owned()));
    }
    Ok(())
}

fn event_matches(pattern: &str, name: &str) -> bool {
    let Some(pattern) = pattern.strip_prefix("s3:") else {
        return false;
    };
    match pattern.strip_suffix('*') {
        Some(class) => name.starts_with(class),
        None => pattern == name,
    }
}

fn overlap(one: &Target, other: &Target) -> bool {
    let covers = |a: &str, b: &str| {
        a == b
            || a.strip_suffix('*')
                .is_some_and(|class| b.starts_with(class))
    };
    let share_event = one
        .events
        .iter()
        .any(|a| other.events.iter().any(|b| covers(a, b) || covers(b, a)));
    let share_prefix =
        one.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&one.prefix);
    let share_suffix = one.suffix.ends_with(&other.suffix) || other.suffix.ends_with(&one.suffix);
    share_event && share_prefix && share_suffix
}

/// A filter value as the key's own characters.
fn decoded(filter: &str) -> String {
    percent_decode_str(&filter.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(events: &[&str], prefix: &str, suffix: &str) -> Target {
        Target {
            id: "t".to_owned(),
            queue_arn: "arn:aws:sqs:us-east-1:000000000000:q".to_owned(),
            events: events.iter().map(ToString::to_string).collect(),
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
        }
    }

    #[test]
    fn a_wildcard_covers_its_class_only() {
        let created = target(&["s3:ObjectCreated:*"], "", "");
        assert!(created.wants(Event::CreatedMultipart, "k"));
        assert!(!created.wants(Event::RemovedDelete, "k"));
        assert!(!created.wants(Event::ExpiredDelete, "k"));
    }

    #[test]
    fn filters_compare_the_decoded_value_with_the_raw_key() {
        let target = target(&["s3:ObjectCreated:Put"], "my+photos/%C3%A9", ".jpg");
        assert!(target.wants(Event::CreatedPut, "my photos/été.jpg"));
        assert!(!target.wants(Event::CreatedPut, "my photos/été.png"));
        assert!(!target.wants(Event::CreatedPut, "my+photos/été.jpg"));
    }

    #[test]
    fn overlapping_targets_are_refused_and_disjoint_ones_are_not() {
        let all = target(&["s3:ObjectCreated:*"], "a/", "");
        assert!(check(&[all.clone(), target(&["s3:ObjectCreated:Put"], "a/b/", "")]).is_err());
        assert!(check(&[all.clone(), target(&["s3:ObjectCreated:Put"], "b/", "")]).is_ok());
        assert!(check(&[all, target(&["s3:ObjectRemoved:*"], "a/", "")]).is_ok());
    }

    #[test]
    fn unknown_events_are_refused() {
        assert!(check(&[target(&["s3:ObjectEaten:*"], "", "")]).is_err());
    }
}
