//! Every way a notification can be wrapped, and everything that is none.

use event_mapper::{Content, Decoded, Defect, Envelope, Record, decode};
use serde_json::{Value, json};

use crate::support::{
    classic_record, decode_json, eventbridge, lambda, malformed, notification, only_change,
    records, sns,
};

fn put(key: &str) -> Value {
    notification(&[classic_record("ObjectCreated:Put", key)])
}

fn test_event() -> Value {
    json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "pictures" })
}

fn keys(decoded: Decoded) -> Vec<String> {
    records(decoded)
        .into_iter()
        .map(|record| match record {
            Record::Change(change) => change.object.key,
            Record::Bad(bad) => format!("bad: {}", bad.defect.as_str()),
        })
        .collect()
}

#[test]
fn each_envelope_is_named_by_its_outermost_layer() {
    let direct = put("a.jpg");
    let bridge = eventbridge("Object Created", "a.jpg");
    let sqs_message = json!({ "MessageId": "1", "Body": direct.to_string() });
    let table = [
        (direct.clone(), Envelope::S3),
        (sns(&direct), Envelope::Sns),
        (bridge.clone(), Envelope::EventBridge),
        (sns(&bridge), Envelope::Sns),
        (lambda(std::slice::from_ref(&direct)), Envelope::Lambda),
        (lambda(&[sns(&bridge)]), Envelope::Lambda),
        (sqs_message.clone(), Envelope::S3),
        (sns(&sqs_message), Envelope::Sns),
    ];
    for (body, envelope) in table {
        assert_eq!(decode_json(&body).envelope, Some(envelope), "{body}");
        assert_eq!(only_change(&body).object.key, "a.jpg", "{body}");
    }
}

#[test]
fn envelopes_print_as_the_words_of_explain() {
    for envelope in [
        Envelope::S3,
        Envelope::Sns,
        Envelope::EventBridge,
        Envelope::Lambda,
    ] {
        assert_eq!(envelope.to_string(), envelope.as_str());
    }
}

#[test]
fn a_body_alone_or_an_id_alone_is_no_queue_message() {
    for part in [
        json!({ "Body": put("a").to_string() }),
        json!({ "MessageId": "1" }),
    ] {
        let foreign = Content::Foreign(Defect::NotANotification);
        assert_eq!(decode_json(&part).content, foreign, "{part}");
    }
    for name in ["MessageId", "ReceiptHandle", "MD5OfBody"] {
        let body = json!({ "Body": put("a").to_string(), name: "1" });
        assert_eq!(keys(decode_json(&body)), ["a"], "{name}");
    }
}

#[test]
fn a_topic_that_feeds_a_lambda_is_opened_too() {
    let body = json!({ "Records": [
        { "EventSource": "aws:sns", "Sns": { "Message": put("a+b.jpg").to_string() } }
    ] });
    assert_eq!(only_change(&body).object.key, "a b.jpg");
    assert_eq!(decode_json(&body).envelope, Some(Envelope::Lambda));
}

#[test]
fn eventbridge_keys_are_taken_as_they_are() {
    let change = only_change(&eventbridge("Object Created", "a+b%20c.jpg"));
    assert_eq!(change.object.key, "a+b%20c.jpg");
    assert_eq!(only_change(&put("a+b%20c.jpg")).object.key, "a b c.jpg");
}

#[test]
fn every_record_of_every_message_counts() {
    let two = notification(&[
        classic_record("ObjectCreated:Put", "1"),
        classic_record("ObjectRemoved:Delete", "2"),
    ]);
    let body = lambda(&[
        two,
        test_event(),
        sns(&put("3")),
        eventbridge("Object Created", "4"),
    ]);
    assert_eq!(keys(decode_json(&body)), ["1", "2", "3", "4"]);
}

#[test]
fn a_bad_body_in_a_lambda_event_does_not_hide_its_neighbours() {
    let body = lambda(&[json!("not an object"), put("1"), json!({ "hello": 1 })]);
    let expected = ["bad: not_an_object", "1", "bad: not_a_notification"];
    assert_eq!(keys(decode_json(&body)), expected);
}

#[test]
fn three_envelopes_are_opened_and_four_are_not() {
    let three = sns(&sns(&sns(&put("a"))));
    assert_eq!(only_change(&three).object.key, "a");
    let four = sns(&three).to_string();
    assert_eq!(malformed(four.as_bytes()), Defect::TooManyEnvelopes);
    let mixed = lambda(&[sns(&sns(&lambda(&[put("a")])))]).to_string();
    assert_eq!(malformed(mixed.as_bytes()), Defect::TooManyEnvelopes);
}

#[test]
fn test_events_are_recognised_in_every_envelope() {
    for body in [
        test_event(),
        sns(&test_event()),
        lambda(&[test_event(), test_event()]),
    ] {
        assert_eq!(decode_json(&body).content, Content::TestEvent, "{body}");
    }
}

#[test]
fn a_notification_without_records_is_empty() {
    for body in [
        notification(&[]),
        sns(&notification(&[])),
        lambda(&[notification(&[])]),
    ] {
        assert_eq!(decode_json(&body).content, Content::Empty, "{body}");
    }
}

#[test]
fn subscription_messages_are_foreign() {
    for kind in ["SubscriptionConfirmation", "UnsubscribeConfirmation"] {
        let body = json!({ "Type": kind, "Message": "m", "SubscribeURL": "https://example.com" });
        let decoded = decode_json(&body);
        assert_eq!(
            decoded.content,
            Content::Foreign(Defect::SubscriptionMessage)
        );
    }
}

#[test]
fn other_services_are_foreign() {
    let other = Content::Foreign(Defect::OtherService("aws:kinesis".to_owned()));
    let record = json!({ "eventSource": "aws:kinesis", "eventVersion": "1.0", "kinesis": {} });
    assert_eq!(
        decode_json(&notification(&[record.clone(), record])).content,
        other
    );
    let mut bridge = eventbridge("EC2 Instance State-change Notification", "a");
    bridge["source"] = json!("aws.ec2");
    let other = Content::Foreign(Defect::OtherService("aws.ec2".to_owned()));
    assert_eq!(decode_json(&bridge).content, other);
    let mut mixed = classic_record("ObjectCreated:Put", "a");
    mixed["s3"]["bucket"] = json!(null);
    let kinesis = json!({ "eventSource": "aws:kinesis" });
    assert_eq!(
        keys(decode_json(&notification(&[kinesis, mixed]))),
        ["bad: other_service", "bad: no_bucket"],
        "one record that is about S3 makes the message ours"
    );
    let unrelated = json!({ "bucket": "b", "files": [], "Type": "Other" });
    assert_eq!(
        decode_json(&unrelated).content,
        Content::Foreign(Defect::NotANotification)
    );
}

#[test]
fn a_message_that_cannot_be_read_says_why() {
    let table: &[(&[u8], Defect)] = &[
        (b"\xff\xfe{}", Defect::BodyNotUtf8),
        (b"[1]", Defect::NotAnObject),
        (b"null", Defect::NotAnObject),
        (b"{\"Records\": null}", Defect::RecordsNotAList),
        (b"{\"Records\": {}}", Defect::RecordsNotAList),
        (b"{\"Records\": \"x\"}", Defect::RecordsNotAList),
        (
            b"{\"Type\": \"Notification\", \"Message\": {}}",
            Defect::EnvelopeWithoutText,
        ),
        (b"{\"Type\": \"Notification\"}", Defect::EnvelopeWithoutText),
        (
            b"{\"Body\": 1, \"MessageId\": \"1\"}",
            Defect::EnvelopeWithoutText,
        ),
        (
            b"{\"Records\": [{\"eventSource\": \"aws:sqs\"}]}",
            Defect::EnvelopeWithoutText,
        ),
    ];
    for (body, defect) in table {
        assert_eq!(
            malformed(body),
            *defect,
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    for body in [&b""[..], b"{", b"{} {}", b"\0", b"{\"a\": \"\\ud800\"}"] {
        assert_eq!(
            malformed(body).as_str(),
            "not_json",
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let mut body = "\u{feff}".as_bytes().to_vec();
    body.extend(put("a").to_string().bytes());
    assert_eq!(keys(decode(&body)), ["a"]);
}

#[test]
fn nesting_beyond_the_parser_is_malformed() {
    let deep = format!(
        "{{\"Records\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(malformed(deep.as_bytes()).as_str(), "not_json");
    let unclosed = "{\"a\":".repeat(200_000);
    assert_eq!(malformed(unclosed.as_bytes()).as_str(), "not_json");
}

#[test]
fn the_last_of_two_equal_members_counts() {
    let body = br#"{"Records": 1, "Records": []}"#;
    assert_eq!(decode(body).content, Content::Empty);
}
