//! The JSON that scripts read.

use event_mapper::{FolderMode, explain};
use serde_json::{Value, json};

use crate::support::{classic_record, eventbridge, notification, rules, sns};

fn explained(body: &Value) -> (String, bool) {
    let explanation = explain(body.to_string().as_bytes(), &rules(|_| ()));
    (
        serde_json::to_string(&explanation).expect("JSON"),
        explanation.is_understood(),
    )
}

#[test]
fn members_come_in_the_order_of_the_contract_and_absent_ones_are_null() {
    let mut record = classic_record("s3:ObjectCreated:Put", "a+b.jpg");
    record["s3"]["object"]["sequencer"] = json!("0055aed6dcd90281e5");
    let (text, understood) = explained(&notification(&[record]));
    assert!(understood);
    assert_eq!(
        text,
        concat!(
            r#"{"class":"s3","envelope":"s3","reason":null,"records":[{"#,
            r#""event":"ObjectCreated:Put","hint":"created","bucket":"pictures","key":"a b.jpg","#,
            r#""size":7,"etag":"abc","version_id":null,"sequencer":"0055AED6DCD90281E5","#,
            r#""event_time":"2026-03-04T05:06:07.89Z","#,
            r#""asset":{"public_id":"a b","resource_type":"image","delivery_type":"upload","#,
            r#""asset_folder":null,"display_name":null},"skip":null}]}"#,
        )
    );
}

#[test]
fn an_event_without_a_name_has_none() {
    let bare = json!({ "s3": { "bucket": { "name": "b" }, "object": { "key": "k" } } });
    let (text, understood) = explained(&notification(&[bare]));
    assert!(understood);
    assert!(text.contains(r#""event":null,"hint":"created""#), "{text}");
}

#[test]
fn dynamic_folders_are_shown() {
    let rules = rules(|config| config.folder_mode = FolderMode::Dynamic);
    let body = eventbridge("Object Created", "a/b.jpg").to_string();
    let asset = explain(body.as_bytes(), &rules).records[0]
        .asset
        .clone()
        .expect("an asset");
    assert_eq!(asset.asset_folder.as_deref(), Some("a"));
    assert_eq!(asset.display_name.as_deref(), Some("b"));
}

#[test]
fn a_skipped_or_rejected_object_says_why_it_has_no_asset() {
    let body = notification(&[
        classic_record("ObjectCreated:Put", "a/"),
        classic_record("ObjectCreated:Put", "../a.jpg"),
    ]);
    let explanation = explain(body.to_string().as_bytes(), &rules(|_| ()));
    let skips: Vec<_> = explanation
        .records
        .iter()
        .map(|record| record.skip.as_deref())
        .collect();
    assert_eq!(
        skips,
        [
            Some("folder marker"),
            Some("public ID has a `..` path segment")
        ]
    );
    assert!(
        explanation
            .records
            .iter()
            .all(|record| record.asset.is_none())
    );
    assert!(explanation.is_understood());
}

#[test]
fn a_bad_record_is_malformed_beside_its_good_neighbour() {
    let mut future = classic_record("ObjectCreated:Put", "a");
    future["eventVersion"] = json!("3.0");
    let body = notification(&[classic_record("ObjectRemoved:Delete", "b"), future.clone()]);
    let explanation = explain(body.to_string().as_bytes(), &rules(|_| ()));
    assert_eq!(explanation.class, "s3");
    assert_eq!(explanation.records[0].hint, "removed");
    let bad = &explanation.records[1];
    assert_eq!(bad.hint, "malformed");
    let names = [&bad.event, &bad.bucket, &bad.key].map(Option::as_deref);
    assert_eq!(
        names,
        [Some("ObjectCreated:Put"), Some("pictures"), Some("a")]
    );
    let reason = Some("event version `3.0` has an unknown major number");
    assert_eq!(bad.skip.as_deref(), reason);
    assert!(!explanation.is_understood());

    let alone = explain(
        notification(&[future]).to_string().as_bytes(),
        &rules(|_| ()),
    );
    assert_eq!(
        (alone.class, alone.reason.as_deref()),
        ("unsupported_major", reason)
    );
    assert!(!alone.is_understood());
}

#[test]
fn messages_without_records_have_a_class_and_a_reason() {
    let table = [
        (
            json!([]),
            "malformed",
            None,
            Some("body is JSON, but not an object"),
            false,
        ),
        (notification(&[]), "empty", Some("s3"), None, true),
        (
            sns(&json!({ "Event": "s3:TestEvent" })),
            "test_event",
            Some("sns"),
            None,
            true,
        ),
        (
            json!({ "hello": 1 }),
            "foreign",
            None,
            Some("neither `Records` nor an EventBridge `detail` nor a test event"),
            true,
        ),
    ];
    for (body, class, envelope, reason, understood) in table {
        let explanation = explain(body.to_string().as_bytes(), &rules(|_| ()));
        assert_eq!((explanation.class, explanation.envelope), (class, envelope));
        assert_eq!(explanation.reason.as_deref(), reason);
        assert_eq!(explanation.is_understood(), understood, "{class}");
        assert_eq!(explanation.records, []);
    }
}
