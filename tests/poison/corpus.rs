//! The bad messages, each with the reason that its dead letter must give.

use serde_json::{Value, json};

use super::LARGEST_MESSAGE;

/// A bad message.
pub(super) struct Poison {
    pub(super) name: String,
    pub(super) body: String,
    pub(super) reason: &'static str,
}

/// Room for the attributes of a dead letter.
const ROOM: usize = 4 * 1024;
const MANY_RECORDS: usize = 1_000;
const DEEP: usize = 100_000;

/// Every kind of bad message; `link` is where a subscription would be confirmed.
pub(super) fn all(bucket: &str, link: &str) -> Vec<Poison> {
    let kinds = [
        unreadable(),
        foreign(link),
        bad_records(bucket),
        bad_keys(bucket),
        envelopes(bucket),
        huge(bucket),
    ];
    kinds.into_iter().flatten().collect()
}

/// Strange, but no poison: objects that never were, and notifications of nothing.
pub(super) fn harmless(bucket: &str) -> Vec<Poison> {
    let key = |key: &str| records([record(bucket, key)]);
    let named = |event: &str| {
        let mut record = record(bucket, "x.jpg");
        record["eventName"] = json!(event);
        records([record])
    };
    vec![
        done("a NUL in a key", key("a%00b.jpg")),
        done("a NUL in a key, unescaped", key("a\u{0}c.jpg")),
        done("controls in a key", key("%01%1F%7F.jpg")),
        done("a line break in a key", key("a%0Ab.bin")),
        done("a folder", key("folder/")),
        done("an event of tomorrow", named("ObjectPainted:Blue")),
        done("an event without a name", named("")),
        done("no records", records([])),
        done(
            "a test",
            r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#,
        ),
    ]
}

/// A few of each, more than a small worker holds at once.
pub(super) fn some(bucket: &str) -> Vec<Poison> {
    let kinds = [unreadable(), bad_records(bucket), bad_keys(bucket)];
    kinds.into_iter().flatten().collect()
}

fn unreadable() -> Vec<Poison> {
    vec![
        poison("words", "this is not JSON", "not_json"),
        poison("a space", " ", "not_json"),
        poison("signs of all kinds", "🦀 \u{202e}\u{fffd} é ﷽", "not_json"),
        poison("a byte order mark alone", "\u{feff}", "not_json"),
        poison(
            "cut short",
            r#"{"Records":[{"eventVersion":"2.1","#,
            "not_json",
        ),
        poison("two at once", "{} {}", "not_json"),
        poison("lists in lists", "[".repeat(DEEP), "not_json"),
        poison("objects in objects", r#"{"a":"#.repeat(DEEP), "not_json"),
        poison(
            "deep and whole",
            format!("{}1{}", "[".repeat(DEEP), "]".repeat(DEEP)),
            "not_json",
        ),
        poison(
            "half a surrogate pair",
            r#"{"Records":"\ud800"}"#,
            "not_json",
        ),
        poison(
            "pair the wrong way round",
            r#"{"Records":"\udc00\ud800"}"#,
            "not_json",
        ),
        poison(
            "a number beyond all",
            r#"{"Records":[{"eventVersion":2e999}]}"#,
            "not_json",
        ),
        poison("nothing", "null", "not_an_object"),
        poison("a number", "-0.0", "not_an_object"),
        poison("a text", r#""Records""#, "not_an_object"),
        poison("a text of NULs", r#""\u0000\u0000""#, "not_an_object"),
        poison("a list", "[]", "not_an_object"),
        poison(
            "records as text",
            r#"{"Records":"\u0000"}"#,
            "records_not_a_list",
        ),
        poison(
            "records as null",
            r#"{"Records":null}"#,
            "records_not_a_list",
        ),
        poison(
            "records as object",
            r#"{"Records":{"0":{}}}"#,
            "records_not_a_list",
        ),
    ]
}

fn foreign(link: &str) -> Vec<Poison> {
    let confirmation = |kind: &str| {
        json!({"Type": kind, "Token": "t", "TopicArn": "arn:aws:sns:us-east-1:1:t",
            "Message": "You have chosen to subscribe", "SubscribeURL": link})
    };
    let ec2 = json!({"source": "aws.ec2", "detail-type": "EC2 Instance Terminate", "detail": {"EC2InstanceId": "i"}});
    let table =
        json!({"eventVersion": "1.1", "eventSource": "aws:dynamodb", "dynamodb": {"Keys": {}}});
    vec![
        poison("an empty object", "{}", "not_a_notification"),
        poison(
            "somebody else's",
            r#"{"hello":"world","n":[1,2,{"x":null}]}"#,
            "not_a_notification",
        ),
        poison(
            "a subscription",
            confirmation("SubscriptionConfirmation").to_string(),
            "subscription_message",
        ),
        poison(
            "an unsubscription",
            confirmation("UnsubscribeConfirmation").to_string(),
            "subscription_message",
        ),
        poison("another service's event", ec2.to_string(), "other_service"),
        poison(
            "another service's record",
            records([table]),
            "other_service",
        ),
    ]
}

fn bad_records(bucket: &str) -> Vec<Poison> {
    let with = |name: &str, value: Value| {
        let mut record = record(bucket, "x.jpg");
        record[name] = value;
        records([record])
    };
    let s3 = |s3: Value| with("s3", s3);
    vec![
        poison(
            "a record of null",
            r#"{"Records":[null]}"#,
            "record_not_an_object",
        ),
        poison(
            "a record of text",
            r#"{"Records":["\ud83e\udd80"]}"#,
            "record_not_an_object",
        ),
        poison(
            "a record in a list",
            r#"{"Records":[[{}]]}"#,
            "record_not_an_object",
        ),
        poison("no S3 at all", with("s3", Value::Null), "no_bucket"),
        poison(
            "a bucket by number",
            s3(json!({"bucket": {"name": 7}, "object": {"key": "x"}})),
            "no_bucket",
        ),
        poison(
            "no object",
            s3(json!({"bucket": {"name": bucket}})),
            "no_key",
        ),
        poison(
            "a key by list",
            s3(json!({"bucket": {"name": bucket}, "object": {"key": ["x"]}})),
            "no_key",
        ),
        poison(
            "an empty key",
            s3(json!({"bucket": {"name": bucket}, "object": {"key": ""}})),
            "empty_key",
        ),
        poison(
            "the next major version",
            with("eventVersion", json!("3.0")),
            "unsupported_major",
        ),
        poison(
            "a version without end",
            with("eventVersion", json!("9".repeat(5_000))),
            "unsupported_major",
        ),
    ]
}

fn bad_keys(bucket: &str) -> Vec<Poison> {
    let key = |key: &str| records([record(bucket, key)]);
    vec![
        poison("bytes that are no text", key("%FF%FE.jpg"), "key_not_utf8"),
        poison("a slash in disguise", key("a%C0%AFb.jpg"), "key_not_utf8"),
        poison(
            "half a surrogate pair in a key",
            key("%ED%A0%80.jpg"),
            "key_not_utf8",
        ),
        poison("a text cut within a sign", key("%F0%9F%A6"), "key_not_utf8"),
        poison("a way out", key("../../etc/passwd.jpg"), "dot_segment"),
        poison("a hidden way out", key("a/%2E%2E/b.jpg"), "dot_segment"),
        poison("a key without end", key(&"k".repeat(1_024)), "too_long"),
    ]
}

fn envelopes(bucket: &str) -> Vec<Poison> {
    let sns = |message: Value| json!({"Type": "Notification", "Message": message}).to_string();
    let lambda = |body: Value| records([json!({"eventSource": "aws:sqs", "body": body})]);
    let good = records([record(bucket, "x.jpg")]);
    let matryoshka = (0..8).fold(good.clone(), |inside, _| sns(json!(inside)));
    let mixed = (0..4).fold(good, |inside, n| {
        if n % 2 == 0 {
            sns(json!(inside))
        } else {
            lambda(json!(inside))
        }
    });
    let bodies = vec![json!({"eventSource": "aws:sqs", "body": "not JSON"}); 100];
    vec![
        poison(
            "nothing in SNS",
            r#"{"Type":"Notification"}"#,
            "envelope_without_text",
        ),
        poison("a number in SNS", sns(json!(1)), "envelope_without_text"),
        poison("words in SNS", sns(json!("hello")), "not_json"),
        poison(
            "nothing for Lambda",
            lambda(Value::Null),
            "envelope_without_text",
        ),
        poison("SNS in SNS in SNS", matryoshka, "too_many_envelopes"),
        poison("SNS in Lambda in SNS", mixed, "too_many_envelopes"),
        poison("a hundred bad bodies", records(bodies), "not_json"),
    ]
}

fn huge(bucket: &str) -> Vec<Poison> {
    let long = |length: usize| "x".repeat(length);
    let mut many = vec![record(bucket, "%FF.jpg"); MANY_RECORDS];
    // Neighbours within the message: they are gone from the bucket, which is done in no time.
    many[0] = record(bucket, "gone.jpg");
    many[MANY_RECORDS / 2] = record(bucket, "gone.jpg");
    let name = long(LARGEST_MESSAGE - 8 * ROOM);
    let mut endless = record(bucket, "%FF.jpg");
    endless["eventName"] = json!(name);
    vec![
        poison("a thousand records", records(many), "key_not_utf8"),
        poison(
            "nearly all that fits",
            long(LARGEST_MESSAGE - ROOM),
            "not_json",
        ),
        poison("all that fits", long(LARGEST_MESSAGE), "not_json"),
        poison("a name without end", records([endless]), "key_not_utf8"),
    ]
}

fn poison(name: &str, body: impl Into<String>, reason: &'static str) -> Poison {
    Poison {
        name: name.to_owned(),
        body: body.into(),
        reason,
    }
}

fn done(name: &str, body: impl Into<String>) -> Poison {
    poison(name, body, "none, it is done")
}

fn records(records: impl IntoIterator<Item = Value>) -> String {
    let records: Vec<_> = records.into_iter().collect();
    json!({ "Records": records }).to_string()
}

/// A good record, but for what the key or a change to it makes of it.
fn record(bucket: &str, encoded_key: &str) -> Value {
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "s3": {"bucket": {"name": bucket}, "object": {"key": encoded_key, "size": 1}},
    })
}
