//! Notification configurations as people leave them, what is found, and what mends it.

use serde_json::{Value, json};

use super::super::finding::Status::{Failure, Pass, Warning};
use super::super::testkit::{QUEUE_ARN, find, fix, status, target};
use super::*;

const ALL: [&str; 4] = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:ObjectRestore:Completed",
    "s3:LifecycleExpiration:*",
];
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:ftp2cld";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:uploads";

fn queue_with(events: &[&str]) -> NotificationTarget {
    target(TargetKind::Queue, QUEUE_ARN, events)
}

fn told(targets: Vec<NotificationTarget>) -> Notifications {
    Notifications {
        targets,
        event_bridge: false,
    }
}

fn checked(told: &Notifications, prefixes: &[&str], deletes: bool) -> Vec<Finding> {
    let prefixes: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
    let wanted = Wanted {
        bucket: "media",
        queue_arn: QUEUE_ARN,
        prefixes: &prefixes,
        deletes,
    };
    check(told, &wanted)
}

/// The configuration inside the first command that mends.
fn proposed(fix: &str) -> Value {
    let line = fix.lines().next().unwrap_or_default();
    let (_, json) = line
        .split_once("--notification-configuration ")
        .unwrap_or_else(|| panic!("no configuration in {fix}"));
    serde_json::from_str(json.trim_matches('\'')).expect("JSON")
}

#[test]
fn a_bucket_as_documented_passes() {
    let found = checked(&told(vec![queue_with(&ALL)]), &["", "media/"], true);
    for finding in &found {
        assert_eq!(finding.status, Pass, "{finding:?}");
    }
    assert_eq!(found.len(), 3);
}

#[test]
fn single_events_are_as_good_as_their_class() {
    let single: Vec<&str> = events::needed(true)
        .flat_map(|kind| kind.events)
        .copied()
        .collect();
    let found = checked(&told(vec![queue_with(&single)]), &[""], true);
    assert_eq!(status(&found, "bucket.events"), Pass);
}

#[test]
fn a_silent_bucket_is_a_failure_with_the_whole_configuration() {
    let found = checked(&told(Vec::new()), &[""], true);
    assert_eq!(status(&found, "bucket.notification"), Failure);
    assert_eq!(
        proposed(&fix(&found, "bucket.notification")),
        json!({"QueueConfigurations": [{"Id": "cldsync", "QueueArn": QUEUE_ARN, "Events": ALL}]})
    );
}

#[test]
fn missing_events_are_named_and_asked_for() {
    for (events, expected) in [
        (&ALL[..1], Failure),
        (&ALL[1..], Failure),
        (&["s3:ObjectCreated:Put", "s3:ObjectRemoved:*"][..], Failure),
        (&ALL[..2], Warning),
        (&ALL[..3], Warning),
    ] {
        let found = checked(&told(vec![queue_with(events)]), &[""], true);
        assert_eq!(status(&found, "bucket.events"), expected, "{events:?}");
        let mended = proposed(&fix(&found, "bucket.events"));
        assert_eq!(mended["QueueConfigurations"][0]["Events"], json!(ALL));
    }
    let found = checked(&told(vec![queue_with(&ALL[..1])]), &[""], true);
    let message = &find(&found, "bucket.events").message;
    assert!(message.contains("s3:ObjectRemoved:*"), "{message}");
}

#[test]
fn without_deletes_their_events_are_not_missed() {
    let kept = [ALL[0], ALL[2]];
    let found = checked(&told(vec![queue_with(&kept)]), &[""], false);
    assert_eq!(status(&found, "bucket.events"), Pass);
}

#[test]
fn filters_are_compared_with_what_is_synced() {
    for (prefix, suffix, synced, expected) in [
        (None, None, "media/", Pass),
        (Some("me"), None, "media/", Pass),
        (Some("media/"), None, "media/", Pass),
        (Some("my+media/"), None, "my media/", Pass),
        (Some("media/in/"), None, "media/", Warning),
        (Some("media/"), None, "", Warning),
        (None, Some(".jpg"), "media/", Warning),
        (Some("other/"), None, "media/", Failure),
        (Some("media/x/"), None, "media/y/", Failure),
    ] {
        let entry = NotificationTarget {
            prefix: prefix.map(str::to_owned),
            suffix: suffix.map(str::to_owned),
            ..queue_with(&ALL)
        };
        let found = checked(&told(vec![entry]), &[synced], true);
        assert_eq!(
            status(&found, "bucket.filter"),
            expected,
            "{prefix:?} {suffix:?} {synced}"
        );
    }
}

#[test]
fn each_folder_gets_an_entry_and_folders_inside_others_none() {
    let found = checked(&told(Vec::new()), &["b/", "a b/", "b/in/"], true);
    let entries = proposed(&fix(&found, "bucket.notification"))["QueueConfigurations"].take();
    let filters: Vec<&Value> = entries
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| &entry["Filter"]["Key"]["FilterRules"][0]["Value"])
        .collect();
    assert_eq!(filters, ["a+b/", "b/"]);
}

#[test]
fn what_was_configured_for_others_is_kept() {
    let theirs = NotificationTarget {
        id: Some("thumbnails".to_owned()),
        prefix: Some("raw/".to_owned()),
        suffix: Some(".png".to_owned()),
        ..target(TargetKind::Function, FUNCTION, &["s3:ObjectCreated:*"])
    };
    let ours = queue_with(&["s3:ObjectCreated:Put", "s3:ObjectTagging:*"]);
    let notifications = Notifications {
        targets: vec![
            theirs,
            NotificationTarget {
                prefix: Some("media/".to_owned()),
                ..ours
            },
        ],
        event_bridge: true,
    };
    let found = checked(&notifications, &["media/"], true);
    let events: Vec<&str> = ALL.into_iter().chain(["s3:ObjectTagging:*"]).collect();
    assert_eq!(
        proposed(&fix(&found, "bucket.events")),
        json!({
            "QueueConfigurations": [{
                "Id": "cldsync-1", "QueueArn": QUEUE_ARN, "Events": events,
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "media/"}]}},
            }],
            "LambdaFunctionConfigurations": [{
                "Id": "thumbnails", "LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [
                    {"Name": "prefix", "Value": "raw/"}, {"Name": "suffix", "Value": ".png"},
                ]}},
            }],
            "EventBridgeConfiguration": {},
        })
    );
}

#[test]
fn where_s3_would_refuse_a_second_target_event_bridge_is_proposed() {
    let function = target(TargetKind::Function, FUNCTION, &["s3:ObjectCreated:Put"]);
    let found = checked(&told(vec![function]), &["media/"], true);
    let finding = find(&found, "bucket.notification");
    assert!(finding.message.contains(FUNCTION), "{finding:?}");
    assert!(finding.message.contains("no second target"), "{finding:?}");
    let fix = fix(&found, "bucket.notification");
    let mended = proposed(&fix);
    assert!(mended.get("QueueConfigurations").is_none(), "{mended}");
    assert_eq!(
        mended["LambdaFunctionConfigurations"][0]["LambdaFunctionArn"],
        FUNCTION
    );
    assert_eq!(mended["EventBridgeConfiguration"], json!({}));
    let commands: Vec<&str> = fix.lines().map(|line| &line[..20]).collect();
    assert!(
        commands[1].starts_with("aws events put-rule"),
        "{commands:?}"
    );
    assert!(
        commands[2].starts_with("aws events put-targe"),
        "{commands:?}"
    );
}

#[test]
fn a_way_that_cannot_be_followed_is_a_warning() {
    let topic = target(TargetKind::Topic, TOPIC, &ALL[..1]);
    let through_topic = told(vec![topic]);
    let found = checked(&through_topic, &[""], true);
    assert_eq!(status(&found, "bucket.notification"), Warning);
    assert_eq!(status(&found, "bucket.events"), Failure);
    let mended = proposed(&fix(&found, "bucket.events"));
    assert_eq!(mended["TopicConfigurations"][0]["Events"], json!(ALL));
    let bridge = Notifications {
        targets: Vec::new(),
        event_bridge: true,
    };
    let found = checked(&bridge, &[""], true);
    assert_eq!(status(&found, "bucket.notification"), Warning);
    assert_eq!(found.len(), 1);
}

#[test]
fn the_sender_follows_from_the_way() {
    let wanted = Wanted {
        bucket: "media",
        queue_arn: QUEUE_ARN,
        prefixes: &[String::new()],
        deletes: true,
    };
    let direct = told(vec![queue_with(&ALL)]);
    assert_eq!(senders(Some(&direct), &wanted), [Sender::Bucket("media")]);
    assert_eq!(senders(None, &wanted), [Sender::Bucket("media")]);
    let topic = told(vec![target(TargetKind::Topic, TOPIC, &ALL)]);
    assert_eq!(senders(Some(&topic), &wanted), [Sender::Topic(TOPIC)]);
    let bridge = Notifications {
        targets: Vec::new(),
        event_bridge: true,
    };
    assert_eq!(senders(Some(&bridge), &wanted), [Sender::EventBridge]);
}
