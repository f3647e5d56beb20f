//! Notifications: what each change of a bucket tells its queue, member by member.

use std::collections::BTreeSet;

use aws_emulator::{KeyFilter, Versioning};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter,
    QueueConfiguration, RestoreRequest, S3KeyFilter, StorageClass, Tag, Tagging,
};
use serde_json::Value;

use crate::support::{Aws, code};

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:events";

/// A bucket `media` whose changes are told to a queue `events`, the test event already removed.
pub(crate) async fn connected() -> Aws {
    let aws = Aws::with_bucket().await;
    aws.handle().create_queue("events", &[]).unwrap();
    aws.handle()
        .connect("media", "events", KeyFilter::default())
        .unwrap();
    aws.handle().purge_queue("events").unwrap();
    aws
}

/// The records in the queue, oldest first, each from a message of its own.
pub(crate) fn records(aws: &Aws) -> Vec<Value> {
    let messages = aws.handle().queue_messages("events").unwrap();
    let mut bodies = messages
        .iter()
        .map(|message| serde_json::from_str::<Value>(&message.body).unwrap());
    let records: Vec<Value> = bodies
        .by_ref()
        .map(|mut body| body["Records"].take())
        .collect();
    assert!(
        records
            .iter()
            .all(|list| list.as_array().is_some_and(|list| list.len() == 1)),
        "{records:?}"
    );
    records.into_iter().map(|mut list| list[0].take()).collect()
}

fn names(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .filter_map(|record| record["eventName"].as_str())
        .collect()
}

/// The names of the members of a record's object.
fn told(record: &Value) -> BTreeSet<&str> {
    record["s3"]["object"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn configuration(arn: &str, event: &str, prefix: &str) -> NotificationConfiguration {
    let rule = FilterRule::builder()
        .name(FilterRuleName::Prefix)
        .value(prefix)
        .build();
    let filter = S3KeyFilter::builder().filter_rules(rule).build();
    let queue = QueueConfiguration::builder()
        .queue_arn(arn)
        .id("rule-1")
        .events(Event::from(event))
        .filter(
            NotificationConfigurationFilter::builder()
                .key(filter)
                .build(),
        );
    NotificationConfiguration::builder()
        .queue_configurations(queue.build().unwrap())
        .build()
}

#[tokio::test]
async fn a_put_is_told_with_size_etag_and_sequencer() {
    let aws = connected().await;
    let etag = aws.put("a b/é+(1).jpg", "hello").await;
    let records = records(&aws);
    assert_eq!(names(&records), ["ObjectCreated:Put"]);
    let object = &records[0]["s3"]["object"];
    assert_eq!(object["key"], "a+b/%C3%A9%2B%281%29.jpg");
    assert_eq!(
        (object["size"].as_u64(), object["eTag"].as_str()),
        (Some(5), Some(etag.trim_matches('"')))
    );
    assert_eq!(object["sequencer"].as_str().map(str::len), Some(18));
    assert_eq!(
        told(&records[0]),
        BTreeSet::from(["key", "size", "eTag", "sequencer"])
    );
    assert_eq!(records[0]["s3"]["bucket"]["arn"], "arn:aws:s3:::media");
    assert_eq!(records[0]["awsRegion"], "us-east-1");
}

#[tokio::test]
async fn each_way_of_creating_and_deleting_has_its_name() {
    let aws = connected().await;
    aws.put("k", "x").await;
    aws.s3
        .copy_object()
        .bucket("media")
        .key("l")
        .copy_source("media/k")
        .send()
        .await
        .unwrap();
    aws.s3
        .delete_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    aws.s3
        .delete_object()
        .bucket("media")
        .key("never")
        .send()
        .await
        .unwrap();
    aws.handle().expire_object("media", "l").unwrap();
    let records = records(&aws);
    let expected = [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectRemoved:Delete",
        "LifecycleExpiration:Delete",
    ];
    assert_eq!(names(&records), expected);
    assert_eq!(told(&records[2]), BTreeSet::from(["key", "sequencer"]));
}

#[tokio::test]
async fn versions_are_named_and_the_null_version_is_not() {
    let aws = connected().await;
    aws.handle()
        .set_versioning("media", Versioning::Enabled)
        .unwrap();
    aws.put("k", "x").await;
    let marker = aws
        .s3
        .delete_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap()
        .version_id
        .unwrap();
    aws.s3
        .delete_object()
        .bucket("media")
        .key("k")
        .version_id(&marker)
        .send()
        .await
        .unwrap();
    aws.handle()
        .set_versioning("media", Versioning::Suspended)
        .unwrap();
    aws.put("k", "y").await;
    let records = records(&aws);
    let expected = [
        "ObjectCreated:Put",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRemoved:Delete",
        "ObjectCreated:Put",
    ];
    assert_eq!(names(&records), expected);
    assert!(told(&records[0]).contains("versionId"));
    assert_eq!(
        told(&records[1]),
        BTreeSet::from(["key", "eTag", "versionId", "sequencer"])
    );
    assert_eq!(
        records[1]["s3"]["object"]["eTag"],
        "d41d8cd98f00b204e9800998ecf8427e"
    );
    assert_eq!(
        told(&records[2]),
        BTreeSet::from(["key", "versionId", "sequencer"])
    );
    assert_eq!(records[2]["s3"]["object"]["versionId"], marker);
    assert!(!told(&records[3]).contains("versionId"));
}

#[tokio::test]
async fn sequencers_of_a_key_only_grow() {
    let aws = connected().await;
    for _ in 0..20 {
        aws.put("k", "x").await;
        aws.s3
            .delete_object()
            .bucket("media")
            .key("k")
            .send()
            .await
            .unwrap();
    }
    let records = records(&aws);
    let sequencers: Vec<_> = records
        .iter()
        .filter_map(|r| r["s3"]["object"]["sequencer"].as_str())
        .collect();
    assert_eq!(sequencers.len(), 40);
    assert!(sequencers.is_sorted_by(|a, b| a < b), "{sequencers:?}");
}

#[tokio::test]
async fn a_restore_is_told_twice_and_its_end_has_an_expiry() {
    let aws = connected().await;
    let put = aws
        .s3
        .put_object()
        .bucket("media")
        .key("k")
        .body(ByteStream::from_static(b"cold"));
    put.storage_class(StorageClass::DeepArchive)
        .send()
        .await
        .unwrap();
    let restore = RestoreRequest::builder().days(1).build();
    aws.s3
        .restore_object()
        .bucket("media")
        .key("k")
        .restore_request(restore)
        .send()
        .await
        .unwrap();
    let records = records(&aws);
    assert_eq!(
        names(&records),
        [
            "ObjectCreated:Put",
            "ObjectRestore:Post",
            "ObjectRestore:Completed"
        ]
    );
    let data = &records[2]["glacierEventData"]["restoreEventData"];
    assert!(data["lifecycleRestorationExpiryTime"].is_string(), "{data}");
    assert!(records[1].get("glacierEventData").is_none());
}

#[tokio::test]
async fn a_saved_configuration_filters_and_announces_itself() {
    let aws = Aws::with_bucket().await;
    aws.queue("events").await;
    let put = |configuration| {
        let put = aws
            .s3
            .put_bucket_notification_configuration()
            .bucket("media");
        put.notification_configuration(configuration).send()
    };
    put(configuration(ARN, "s3:ObjectTagging:*", "in/"))
        .await
        .unwrap();
    let announced = aws.handle().queue_messages("events").unwrap();
    let event: Value = serde_json::from_str(&announced[0].body).unwrap();
    assert_eq!(
        (event["Event"].as_str(), event["Bucket"].as_str()),
        (Some("s3:TestEvent"), Some("media"))
    );
    assert_eq!(event["Service"], "Amazon S3");
    aws.handle().purge_queue("events").unwrap();
    for key in ["in/k", "out/k"] {
        aws.put(key, "x").await;
        let tag = Tag::builder().key("a").value("b").build().unwrap();
        let tagging = Tagging::builder().tag_set(tag).build().unwrap();
        aws.s3
            .put_object_tagging()
            .bucket("media")
            .key(key)
            .tagging(tagging)
            .send()
            .await
            .unwrap();
    }
    let records = records(&aws);
    assert_eq!(names(&records), ["ObjectTagging:Put"]);
    assert_eq!(records[0]["s3"]["configurationId"], "rule-1");
    assert_eq!(told(&records[0]), BTreeSet::from(["key", "eTag"]));
    let read = aws
        .s3
        .get_bucket_notification_configuration()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(read.queue_configurations()[0].queue_arn(), ARN);
    assert_eq!(
        read.queue_configurations()[0]
            .filter()
            .unwrap()
            .key()
            .unwrap()
            .filter_rules()[0]
            .value(),
        Some("in/")
    );
}

#[tokio::test]
async fn a_configuration_without_a_queue_is_refused() {
    let aws = Aws::with_bucket().await;
    let put = aws
        .s3
        .put_bucket_notification_configuration()
        .bucket("media");
    let refused = put
        .notification_configuration(configuration(ARN, "s3:ObjectCreated:*", ""))
        .send()
        .await;
    assert_eq!(code(refused), "InvalidArgument");
}
