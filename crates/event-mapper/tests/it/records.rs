//! What is read of one record, from the most talkative emitter to the most taciturn.

use event_mapper::{Content, Defect, EventName, Hint, ObjectRef, Record, Sequencer};
use serde_json::{Value, json};

use crate::support::{
    classic_record, decode_json, eventbridge, lambda, notification, only_bad, only_change, records,
};

fn edited(edit: impl FnOnce(&mut Value)) -> Value {
    let mut record = classic_record("ObjectCreated:Put", "a.jpg");
    edit(&mut record);
    notification(&[record])
}

#[test]
fn a_classic_record_gives_all_its_facts() {
    let change = only_change(&edited(|record| {
        record["s3"]["object"]["versionId"] = json!("v1");
        record["s3"]["object"]["somethingNew"] = json!({ "a": [1] });
    }));
    assert_eq!(change.object, ObjectRef::new("pictures", "a.jpg"));
    assert_eq!(change.event, EventName::new("ObjectCreated:Put"));
    assert_eq!(change.hint, Hint::Created);
    assert_eq!(change.size, Some(7));
    assert_eq!(change.etag.as_deref(), Some("abc"));
    assert_eq!(change.version_id.as_deref(), Some("v1"));
    assert_eq!(
        change.sequencer.as_ref().map(Sequencer::as_str),
        Some("00A1")
    );
    let time = change.event_time.expect("a time");
    assert_eq!(time.unix_timestamp_nanos(), 1_772_600_767_890_000_000);
}

#[test]
fn a_bucket_and_a_key_are_enough() {
    let bare = json!({ "s3": { "bucket": { "name": "b" }, "object": { "key": "k" } } });
    let change = only_change(&notification(&[bare]));
    assert_eq!(change.object, ObjectRef::new("b", "k"));
    assert_eq!(
        change.hint,
        Hint::Created,
        "an unnamed event is a reason to look"
    );
    assert_eq!(change.event, EventName::unnamed());
    assert_eq!(
        (change.size, change.sequencer, change.event_time),
        (None, None, None)
    );
}

#[test]
fn an_eventbridge_event_without_a_detail_type_is_a_reason_to_look() {
    let mut body = eventbridge("", "k");
    body.as_object_mut()
        .expect("an object")
        .remove("detail-type");
    assert_eq!(only_change(&body).hint, Hint::Created);
}

#[test]
fn any_minor_version_of_2_is_accepted_and_so_is_none() {
    for version in [
        json!("2.0"),
        json!("2.6"),
        json!("2.99"),
        json!("2"),
        json!(2.1),
        json!(null),
    ] {
        let body = edited(|record| record["eventVersion"] = version.clone());
        assert_eq!(only_change(&body).object.key, "a.jpg", "{version}");
    }
    let mut bridge = eventbridge("Object Created", "a.jpg");
    bridge["detail"]["event-version"] = json!("1.1");
    assert_eq!(only_change(&bridge).object.key, "a.jpg");
}

#[test]
fn an_unknown_major_version_is_not_guessed_at() {
    for version in [
        json!("3.0"),
        json!("1.0"),
        json!("21"),
        json!(3),
        json!(""),
        json!({}),
    ] {
        let body = edited(|record| record["eventVersion"] = version.clone());
        match decode_json(&body).content {
            Content::UnsupportedMajor { records, .. } => {
                assert_eq!(records[0].raw_key.as_deref(), Some("a.jpg"), "{version}");
            }
            other => panic!("{version} gives {other:?}"),
        }
    }
}

#[test]
fn a_record_of_an_unknown_major_version_does_not_hide_its_neighbours() {
    let mut future = classic_record("ObjectCreated:Put", "future");
    future["eventVersion"] = json!("3.0");
    let good = classic_record("ObjectCreated:Put", "good");
    let body = notification(&[future.clone(), good]);
    match &records(decode_json(&body))[..] {
        [Record::Bad(bad), Record::Change(change)] => {
            assert_eq!(bad.defect, Defect::UnsupportedMajor("3.0".to_owned()));
            assert_eq!(change.object.key, "good");
        }
        other => panic!("{other:?}"),
    }
    let twice = lambda(&[
        notification(&[future.clone()]),
        notification(&[future.clone()]),
    ]);
    assert_eq!(decode_json(&twice).content.class(), "unsupported_major");
    let broken = edited(|record| record["s3"]["object"]["key"] = json!(7));
    let mixed = lambda(&[notification(&[future]), broken]);
    assert_eq!(
        decode_json(&mixed).content.class(),
        "s3",
        "each of the two keeps its own reason"
    );
}

#[test]
fn a_record_that_names_no_object_says_what_is_missing() {
    let table = [
        (
            edited(|record| record["s3"]["object"]["key"] = json!("a%FF")),
            Defect::KeyNotUtf8,
        ),
        (
            edited(|record| record["s3"]["object"]["key"] = json!("")),
            Defect::EmptyKey,
        ),
        (
            edited(|record| record["s3"]["object"]["key"] = json!(7)),
            Defect::NoKey,
        ),
        (
            edited(|record| record["s3"]["object"] = json!([])),
            Defect::NoKey,
        ),
        (
            edited(|record| record["s3"]["bucket"]["name"] = json!("")),
            Defect::NoBucket,
        ),
        (
            edited(|record| record["s3"] = json!(null)),
            Defect::NoBucket,
        ),
        (notification(&[json!("text")]), Defect::RecordNotAnObject),
        (eventbridge("Object Created", ""), Defect::EmptyKey),
        (
            json!({ "source": "aws.s3", "detail": {} }),
            Defect::NoBucket,
        ),
    ];
    for (body, defect) in table {
        assert_eq!(only_bad(&body).defect, defect, "{body}");
    }
}

#[test]
fn a_bad_record_keeps_what_could_be_read() {
    let bad = only_bad(&edited(|record| {
        record["s3"]["object"]["key"] = json!("a+%FF");
    }));
    assert_eq!(bad.event, Some(EventName::new("ObjectCreated:Put")));
    assert_eq!(bad.bucket.as_deref(), Some("pictures"));
    assert_eq!(bad.raw_key.as_deref(), Some("a+%FF"));
}

#[test]
fn reasons_that_quote_the_message_stay_short() {
    let body = edited(|record| record["eventVersion"] = json!("9".repeat(10_000)));
    match decode_json(&body).content {
        Content::UnsupportedMajor { version, .. } => assert_eq!(version.len(), 40),
        other => panic!("{other:?}"),
    }
}
