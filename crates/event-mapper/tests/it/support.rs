//! Short ways to say what a test is about.

use event_mapper::{
    BadRecord, Content, Decoded, Defect, Mapping, ObjectChange, ObjectRef, Record, Rules,
    RulesConfig, decode,
};
use serde_json::{Value, json};

/// Decodes a body that is written as JSON.
pub(crate) fn decode_json(body: &Value) -> Decoded {
    decode(body.to_string().as_bytes())
}

/// A record as S3 sends it, for an encoded key.
pub(crate) fn classic_record(event: &str, key: &str) -> Value {
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-03-04T05:06:07.890Z",
        "eventName": event,
        "s3": {
            "bucket": { "name": "pictures" },
            "object": { "key": key, "size": 7, "eTag": "abc", "sequencer": "00a1" }
        }
    })
}

/// A notification with these records.
pub(crate) fn notification(records: &[Value]) -> Value {
    json!({ "Records": records })
}

/// An EventBridge event for a raw key.
pub(crate) fn eventbridge(detail_type: &str, key: &str) -> Value {
    json!({
        "version": "0",
        "source": "aws.s3",
        "detail-type": detail_type,
        "time": "2026-03-04T05:06:07Z",
        "detail": { "bucket": { "name": "pictures" }, "object": { "key": key } }
    })
}

/// SNS around a body.
pub(crate) fn sns(inside: &Value) -> Value {
    json!({ "Type": "Notification", "TopicArn": "arn:aws:sns:::t", "Message": inside.to_string() })
}

/// A Lambda event with these queue messages.
pub(crate) fn lambda(bodies: &[Value]) -> Value {
    let records: Vec<_> = bodies
        .iter()
        .map(|body| json!({ "eventSource": "aws:sqs", "body": body.to_string() }))
        .collect();
    json!({ "Records": records })
}

/// All records of a message that has some.
pub(crate) fn records(decoded: Decoded) -> Vec<Record> {
    match decoded.content {
        Content::Changes(records) => records,
        other => panic!("{other:?} has no records"),
    }
}

/// The only record, which must be good.
pub(crate) fn only_change(body: &Value) -> ObjectChange {
    match <[Record; 1]>::try_from(records(decode_json(body))) {
        Ok([Record::Change(change)]) => change,
        other => panic!("{other:?} is not one good record"),
    }
}

/// The only record, which must be bad.
pub(crate) fn only_bad(body: &Value) -> BadRecord {
    match <[Record; 1]>::try_from(records(decode_json(body))) {
        Ok([Record::Bad(bad)]) => bad,
        other => panic!("{other:?} is not one bad record"),
    }
}

/// What is wrong with a message that cannot be read.
pub(crate) fn malformed(body: &[u8]) -> Defect {
    match decode(body).content {
        Content::Malformed(defect) => defect,
        other => panic!("{other:?} is not malformed"),
    }
}

/// Rules from the default settings and a change to them.
pub(crate) fn rules(change: impl FnOnce(&mut RulesConfig)) -> Rules {
    let mut config = RulesConfig::default();
    change(&mut config);
    Rules::new(&config).expect("rules without contradictions")
}

/// Maps a key of the bucket `pictures`, printed as `type/delivery/id`, or why not.
pub(crate) fn mapped(rules: &Rules, key: &str) -> String {
    match rules.map(&object(key), None) {
        Mapping::Mapped(mapped) => mapped.asset.to_string(),
        Mapping::Skipped(reason) => format!("skipped: {}", reason.as_str()),
        Mapping::Rejected(error) => format!("rejected: {}", error.as_str()),
    }
}

/// An object of the bucket `pictures`.
pub(crate) fn object(key: &str) -> ObjectRef {
    ObjectRef::new("pictures", key)
}
