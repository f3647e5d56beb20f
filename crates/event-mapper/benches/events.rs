//! What one message costs before anything is sent: reading it, and finding its asset.
//!
//! Run with `cargo bench -p event-mapper --bench events`.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use event_mapper::{Content, ObjectRef, Record, Route, Rules, RulesConfig, decode};
use serde_json::json;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    decoding(&mut criterion);
    mapping(&mut criterion);
    criterion.final_summary();
}

fn decoding(criterion: &mut Criterion) {
    let direct = notification();
    let wrapped = json!({"Type": "Notification", "TopicArn": "arn:aws:sns:::t", "Message": direct})
        .to_string();
    for (name, body) in [("decode/s3", &direct), ("decode/sns", &wrapped)] {
        assert!(is_one_change(body), "{body}");
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| decode(black_box(body.as_bytes())));
        });
    }
}

fn mapping(criterion: &mut Criterion) {
    let rules = Rules::new(&RulesConfig {
        routes: vec![Route {
            bucket: None,
            prefix: "media".to_owned(),
            cloudinary_root: "site".to_owned(),
        }],
        ..RulesConfig::default()
    })
    .expect("valid rules");
    let keys = [
        ("map/plain", "media/2026/summer/beach.jpg"),
        ("map/escaped", "media/2026/50% & more?.jpg"),
    ];
    for (name, key) in keys {
        let object = ObjectRef::new("pictures", key);
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| rules.map(black_box(&object), Some(2048)));
        });
    }
}

fn is_one_change(body: &str) -> bool {
    let decoded = decode(body.as_bytes());
    matches!(&decoded.content, Content::Changes(records) if matches!(records.as_slice(), [Record::Change(_)]))
}

/// With every member that S3 sends.
fn notification() -> String {
    json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
        "eventTime": "2026-03-04T05:06:07.890Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:EXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "all",
            "bucket": {"name": "pictures", "ownerIdentity": {"principalId": "EXAMPLE"}, "arn": "arn:aws:s3:::pictures"},
            "object": {"key": "media/2026/summer/a+day+at+the+beach.jpg", "size": 204_800, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0055AED6DCD90281E5"}
        }
    }]})
    .to_string()
}
