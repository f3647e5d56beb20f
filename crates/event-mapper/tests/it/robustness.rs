//! Whatever arrives, there is an answer and no panic.

use event_mapper::{Content, Record, Rules, RulesConfig, decode, explain};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::support::{classic_record, eventbridge, lambda, notification, records, sns};

fn bodies() -> Vec<Value> {
    let put = notification(&[
        classic_record("ObjectCreated:Put", "a+b%2Fc%C3%A9.jpg"),
        classic_record("ObjectRemoved:Delete", "%F0%9F%93%B7.png"),
    ]);
    let bridge = eventbridge("Object Created", "a/b c.mp4");
    vec![
        sns(&bridge),
        lambda(&[put.clone(), sns(&put)]),
        json!({ "MessageId": "1", "Body": put.to_string() }),
        json!({ "Event": "s3:TestEvent" }),
        bridge,
        put,
    ]
}

fn understand(body: &[u8]) {
    let rules = Rules::new(&RulesConfig::default()).expect("default rules");
    let explanation = explain(body, &rules);
    assert!(serde_json::to_string(&explanation).is_ok());
}

/// Any JSON whose members are called what members of notifications are called.
fn any_json() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "Records",
        "eventSource",
        "eventVersion",
        "eventName",
        "s3",
        "bucket",
        "name",
        "object",
        "key",
        "size",
        "detail",
        "source",
        "Type",
        "Message",
        "Body",
        "MessageId",
        "body",
        "Sns",
    ];
    const TEXTS: &[&str] = &[
        "aws:sqs",
        "aws:s3",
        "aws.s3",
        "2.1",
        "3",
        "Notification",
        "a%FF",
        "a/b",
        "{}",
        "s3:",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inside| {
        let member = (proptest::sample::select(NAMES), inside.clone());
        prop_oneof![
            proptest::collection::vec(inside.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(member, 0..6).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
            inside.prop_map(|inside| Value::from(inside.to_string())),
        ]
    })
}

#[test]
fn a_message_of_a_megabyte_is_read_to_the_end() {
    let items = vec![classic_record("ObjectCreated:Put", "a.jpg"); 5000];
    let body = notification(&items).to_string();
    assert!(body.len() > 1 << 20);
    assert_eq!(records(decode(body.as_bytes())).len(), 5000);
}

#[test]
fn nul_bytes_in_keys_are_part_of_the_key() {
    let body = notification(&[classic_record("ObjectCreated:Put", "a%00b.jpg")]).to_string();
    match decode(body.as_bytes()).content {
        Content::Changes(records) => match &records[..] {
            [Record::Change(change)] => assert_eq!(change.object.key, "a\0b.jpg"),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn any_bytes_have_an_answer(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        understand(&body);
    }

    #[test]
    fn any_json_has_an_answer(body in any_json()) {
        understand(body.to_string().as_bytes());
    }

    #[test]
    fn a_damaged_message_has_an_answer(
        which in any::<Index>(),
        damages in proptest::collection::vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let bodies = bodies();
        let mut body = which.get(&bodies).to_string().into_bytes();
        for (at, byte, kind) in damages {
            let at = at.index(body.len());
            match kind {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => body.truncate(at.max(1)),
            }
        }
        understand(&body);
    }
}
