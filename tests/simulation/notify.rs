//! What S3 sends for a change - once or more, in one of its envelopes, with more or less order in
//! it - and what others send that is no notification at all.

use std::fmt::Write as _;

use event_mapper::Mapping;
use serde_json::{Value, json};

use super::bucket::{BUCKET, Change, object};
use super::messages::Subject;
use super::plan::Sequencers;
use super::world::State;

/// Sends the event, perhaps more than once.
pub(crate) fn change(state: &mut State, change: &Change) {
    let again = state.plan.rates.event_again;
    loop {
        let record = record(state, change);
        let keys = subject(state, change);
        let wrapped = state.plan.rates.event_wrapped;
        let body = match state.rng.u8(..2) {
            _ if !state.chance(wrapped) => json!({"Records": [record]}),
            0 => sns(&json!({"Records": [record]})),
            _ => event_bridge(change),
        };
        send(state, &body.to_string(), Subject { keys, letter: None });
        if !state.chance(again) {
            break;
        }
    }
}

/// Sends something that is no notification, or one with a record that is none.
pub(crate) fn rubbish(state: &mut State) {
    let good = Change {
        key: "dog.jpg",
        event: "ObjectCreated:Put",
        version_id: None,
    };
    let keys = subject(state, &good);
    let good = record(state, &good);
    let keyless =
        json!({"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}, "object": {}}});
    let (body, keys, letter) = match state.rng.u8(..7) {
        0 => ("not json".to_owned(), vec![], Some("not_json")),
        1 => (
            json!({"Records": [keyless]}).to_string(),
            vec![],
            Some("no_key"),
        ),
        2 => (
            json!({"Records": [good, keyless]}).to_string(),
            keys,
            Some("no_key"),
        ),
        3 => (
            json!({"type": "invoice"}).to_string(),
            vec![],
            Some("not_a_notification"),
        ),
        4 => (
            json!({"Records": [dots()]}).to_string(),
            vec![],
            Some("dot_segment"),
        ),
        5 => (
            json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}).to_string(),
            vec![],
            None,
        ),
        _ => (json!({"Records": []}).to_string(), vec![], None),
    };
    send(state, &body, Subject { keys, letter });
}

fn send(state: &mut State, body: &str, subject: Subject) {
    let arrival = state.arrival();
    let letter = subject.letter;
    let keys = subject.keys.clone();
    let number = state.messages.send(body.to_owned(), subject, arrival);
    state.note(format_args!(
        "s3: message {number} about {keys:?} {letter:?} at {arrival:?}"
    ));
}

/// The key, if it maps to an asset and the event is heeded.
fn subject(state: &State, change: &Change) -> Vec<&'static str> {
    let mapping = state.plan.settings.rules.map(&object(change.key), None);
    match mapping {
        Mapping::Mapped(_) => vec![change.key],
        Mapping::Skipped(_) | Mapping::Rejected(_) => vec![],
    }
}

fn record(state: &mut State, change: &Change) -> Value {
    let mut object = json!({"key": encoded(change.key)});
    if let Some(version) = &change.version_id {
        object["versionId"] = json!(version);
    }
    match state.plan.sequencers {
        Sequencers::Growing => {
            object["sequencer"] = json!(format!("{:018X}", state.now.as_nanos()));
        }
        Sequencers::Constant => object["sequencer"] = json!("0055AED6DCD90281E5"),
        Sequencers::Missing => {}
    }
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": change.event,
        "eventTime": "2026-01-02T03:04:05.678Z",
        "s3": {"bucket": {"name": BUCKET}, "object": object},
    })
}

fn dots() -> Value {
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": BUCKET}, "object": {"key": "a/../cat.jpg"}},
    })
}

fn sns(message: &Value) -> Value {
    json!({
        "Type": "Notification",
        "TopicArn": "arn:aws:sns:eu-central-1:123456789012:topic",
        "Message": message.to_string(),
    })
}

fn event_bridge(change: &Change) -> Value {
    let kind = match change.event {
        "ObjectCreated:Put" => "Object Created",
        "ObjectRestore:Completed" => "Object Restore Completed",
        _ => "Object Deleted",
    };
    let mut object = json!({"key": change.key});
    if let Some(version) = &change.version_id {
        object["version-id"] = json!(version);
    }
    json!({
        "version": "0",
        "id": "2d4eba74-fd51-3966-4bfa-b013c9da8ff1",
        "detail-type": kind,
        "source": "aws.s3",
        "detail": {"version": "0", "bucket": {"name": BUCKET}, "object": object},
    })
}

/// As S3 writes keys into its events.
fn encoded(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b' ' => text.push('+'),
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'/' => text.push(char::from(byte)),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}
