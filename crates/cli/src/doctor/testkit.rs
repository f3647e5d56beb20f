//! A healthy installation for the tests of the checks; each test breaks one thing of it.

use std::time::Duration;

use aws_adapters::{
    InspectError, InspectErrorKind, NotificationTarget, QueueAttributes, QueueDepth, QueueSettings,
    TargetKind,
};

use super::finding::{Finding, Status};

pub(crate) const QUEUE_URL: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/cldsync";
pub(crate) const QUEUE_ARN: &str = "arn:aws:sqs:eu-west-1:111122223333:cldsync";

/// A queue as the documentation makes it.
pub(crate) fn queue() -> QueueSettings {
    QueueSettings {
        attributes: QueueAttributes {
            arn: QUEUE_ARN.to_owned(),
            visibility_timeout: Duration::from_secs(30),
            max_receive_count: Some(20),
            dead_letter_target_arn: Some(format!("{QUEUE_ARN}-dead")),
            maximum_message_size: 1_048_576,
            depth: QueueDepth::default(),
        },
        retention: Duration::from_hours(96),
        delay: Duration::ZERO,
        fifo: false,
        kms_key: None,
        policy: None,
    }
}

/// An entry of a notification configuration without a filter.
pub(crate) fn target(kind: TargetKind, arn: &str, events: &[&str]) -> NotificationTarget {
    NotificationTarget {
        kind,
        id: None,
        arn: arn.to_owned(),
        events: events.iter().map(ToString::to_string).collect(),
        prefix: None,
        suffix: None,
    }
}

/// A look that failed.
pub(crate) fn refused(kind: InspectErrorKind) -> InspectError {
    InspectError {
        operation: "Look",
        kind,
        source: "no".into(),
    }
}

/// The finding of one check.
pub(crate) fn find<'a>(findings: &'a [Finding], id: &str) -> &'a Finding {
    let found = findings.iter().find(|finding| finding.id == id);
    found.unwrap_or_else(|| panic!("no {id} in {findings:?}"))
}

/// The status of one check.
pub(crate) fn status(findings: &[Finding], id: &str) -> Status {
    find(findings, id).status
}

/// What mends it.
pub(crate) fn fix(findings: &[Finding], id: &str) -> String {
    find(findings, id).fix.clone().unwrap_or_default()
}
