//! The notification configuration that mends, with everything kept that is there.
//!
//! `put-bucket-notification-configuration` replaces all of it, so all of it is in the command.
//! Where another target already has the same events, S3 would refuse a second one; then
//! `EventBridge`, which may be told beside any target, is the way that takes nothing away.

use aws_adapters::{NotificationTarget, Notifications, TargetKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Wanted;
use super::events::{covers, needed, overlap};
use crate::doctor::command::{aws, put_notifications};

/// What stands for itself in a filter value.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'/');

/// What mends, and what people should know about it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) commands: String,
    /// Added to the message of the finding.
    pub(super) note: &'static str,
}

/// The commands after which the bucket tells the queue all that is wanted, the way that `carriers`
/// take now: a topic stays a topic.
pub(super) fn mend(
    told: &Notifications,
    carriers: &[&NotificationTarget],
    wanted: &Wanted<'_>,
) -> Plan {
    let (kind, arn) = carriers
        .first()
        .map_or((TargetKind::Queue, wanted.queue_arn), |carrier| {
            (carrier.kind, carrier.arn.as_str())
        });
    let (ours, kept): (Vec<_>, Vec<_>) = told
        .targets
        .iter()
        .partition(|target| target.kind == kind && target.arn == arn);
    let new = entries(kind, arn, &ours, wanted);
    let blocked = kept
        .iter()
        .any(|other| new.iter().any(|new| overlap(new, other)));
    if blocked {
        return Plan {
            commands: through_event_bridge(&kept, wanted),
            note: "; S3 takes no second target for the same events of the same keys, so go \
                   through EventBridge, which may be told beside any target",
        };
    }
    let all: Vec<&NotificationTarget> = kept.into_iter().chain(&new).collect();
    Plan {
        commands: put_notifications(wanted.bucket, &configuration(&all, told.event_bridge)),
        note: "",
    }
}

/// One entry for each folder, or a single one where a wider one was there already. Other events
/// that were asked for are asked for again.
fn entries(
    kind: TargetKind,
    arn: &str,
    ours: &[&NotificationTarget],
    wanted: &Wanted<'_>,
) -> Vec<NotificationTarget> {
    let mut events: Vec<String> = needed(wanted.deletes)
        .map(|kind| kind.name.to_owned())
        .collect();
    for event in ours.iter().flat_map(|target| &target.events) {
        if !events.iter().any(|known| covers(known, event)) {
            events.retain(|known| !covers(event, known));
            events.push(event.clone());
        }
    }
    let entry = |id: String, prefix: Option<String>| NotificationTarget {
        kind,
        id: Some(id),
        arn: arn.to_owned(),
        events: events.clone(),
        prefix,
        suffix: None,
    };
    let whole = ours
        .iter()
        .any(|target| target.prefix.is_none() && target.suffix.is_none());
    let folders = outermost(wanted.prefixes);
    if whole || folders.iter().any(|folder| folder.is_empty()) {
        return vec![entry("cldsync".to_owned(), None)];
    }
    let numbered = folders.iter().zip(1..);
    numbered
        .map(|(folder, number)| entry(format!("cldsync-{number}"), Some(encoded(folder))))
        .collect()
}

/// The folders that lie in no other; entries for both would overlap.
fn outermost(folders: &[String]) -> Vec<&str> {
    let inside = |folder: &str| {
        let others = folders.iter();
        others
            .into_iter()
            .any(|other| other != folder && folder.starts_with(other.as_str()))
    };
    let mut outermost: Vec<&str> = folders
        .iter()
        .map(String::as_str)
        .filter(|folder| !inside(folder))
        .collect();
    outermost.sort_unstable();
    outermost.dedup();
    outermost
}

fn through_event_bridge(kept: &[&NotificationTarget], wanted: &Wanted<'_>) -> String {
    let (bucket, arn) = (wanted.bucket, wanted.queue_arn);
    let pattern = json!({
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted", "Object Restore Completed"],
        "detail": {"bucket": {"name": [bucket]}},
    });
    let rule = format!("cldsync-{bucket}");
    let target = format!("Id=cldsync,Arn={arn}");
    [
        put_notifications(bucket, &configuration(kept, true)),
        aws(&[
            "events",
            "put-rule",
            "--name",
            &rule,
            "--event-pattern",
            &pattern.to_string(),
        ]),
        aws(&[
            "events",
            "put-targets",
            "--rule",
            &rule,
            "--targets",
            &target,
        ]),
    ]
    .join("\n")
}

fn configuration(targets: &[&NotificationTarget], event_bridge: bool) -> Value {
    let mut configuration = json!({});
    for (kind, name) in [
        (TargetKind::Queue, "QueueConfigurations"),
        (TargetKind::Topic, "TopicConfigurations"),
        (TargetKind::Function, "LambdaFunctionConfigurations"),
    ] {
        let of_kind = targets.iter().filter(|target| target.kind == kind);
        let entries: Vec<Value> = of_kind.map(|target| entry(target)).collect();
        if !entries.is_empty() {
            configuration[name] = Value::Array(entries);
        }
    }
    if event_bridge {
        configuration["EventBridgeConfiguration"] = json!({});
    }
    configuration
}

fn entry(target: &NotificationTarget) -> Value {
    let arn = match target.kind {
        TargetKind::Queue => "QueueArn",
        TargetKind::Topic => "TopicArn",
        TargetKind::Function => "LambdaFunctionArn",
    };
    let mut entry = json!({ arn: target.arn, "Events": target.events });
    if let Some(id) = &target.id {
        entry["Id"] = json!(id);
    }
    let rules = [("prefix", &target.prefix), ("suffix", &target.suffix)];
    let rules: Vec<Value> = rules
        .into_iter()
        .filter_map(|(name, value)| Some(json!({"Name": name, "Value": value.as_ref()?})))
        .collect();
    if !rules.is_empty() {
        entry["Filter"] = json!({"Key": {"FilterRules": rules}});
    }
    entry
}

fn encoded(folder: &str) -> String {
    utf8_percent_encode(folder, ENCODED)
        .to_string()
        .replace("%20", "+")
}
