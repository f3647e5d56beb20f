//! The JSON of a notification, member by member as S3 writes it.
//!
//! One event per message. Keys are form-url-encoded the way S3 does it: a space becomes `+`, slashes
//! stay, everything outside the unreserved characters is percent-encoded as UTF-8.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::s3::events::Change;
use crate::s3::notification::Target;

/// Where a change happened, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) region: &'a str,
    pub(crate) now: OffsetDateTime,
}

/// The owner of every bucket and the author of every change.
const PRINCIPAL: &str = "A3EMULATOR000";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b'/')
    .remove(b' ');
const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The body of the message about a change.
pub(crate) fn notification(scene: Scene<'_>, target: &Target, change: &Change) -> String {
    let envelope = Envelope {
        records: [Record::new(scene, target, change)],
    };
    // Serializing strings and numbers into a string cannot fail.
    serde_json::to_string(&envelope).unwrap_or_default()
}

/// The body of the message that S3 sends when a configuration is saved.
pub(crate) fn test_event(scene: Scene<'_>) -> String {
    let event = TestEvent {
        service: "Amazon S3",
        event: "s3:TestEvent",
        time: timestamp(scene.now),
        bucket: scene.bucket,
        request_id: crate::ids::request_id(),
        host_id: crate::ids::host_id(),
    };
    serde_json::to_string(&event).unwrap_or_default()
}

/// A key as notifications spell it.
pub(crate) fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, UNRESERVED)
        .to_string()
        .replace(' ', "+")
}

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "Records")]
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    event_source: &'static str,
    aws_region: &'a str,
    event_time: String,
    event_name: &'static str,
    user_identity: Principal,
    request_parameters: RequestParameters,
    response_elements: ResponseElements,
    s3: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    glacier_event_data: Option<GlacierEventData>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Principal {
    principal_id: &'static str,
}

#[derive(Serialize)]
struct RequestParameters {
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'static str,
}

#[derive(Serialize)]
struct ResponseElements {
    #[serde(rename = "x-amz-request-id")]
    request_id: String,
    #[serde(rename = "x-amz-id-2")]
    host_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    s3_schema_version: &'static str,
    configuration_id: &'a str,
    bucket: Bucket<'a>,
    object: Object<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bucket<'a> {
    name: &'a str,
    owner_identity: Principal,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e_tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequencer: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GlacierEventData {
    restore_event_data: RestoreEventData,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreEventData {
    lifecycle_restoration_expiry_time: String,
    lifecycle_restore_storage_class: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TestEvent<'a> {
    service: &'static str,
    event: &'static str,
    time: String,
    bucket: &'a str,
    request_id: String,
    host_id: String,
}

impl<'a> Record<'a> {
    fn new(scene: Scene<'a>, target: &'a Target, change: &'a Change) -> Self {
        Self {
            event_version: change.event.record_version(),
            event_source: "aws:s3",
            aws_region: scene.region,
            event_time: timestamp(scene.now),
            event_name: change.event.name(),
            user_identity: Principal {
                principal_id: PRINCIPAL,
            },
            request_parameters: RequestParameters {
                source_ip_address: "127.0.0.1",
            },
            response_elements: ResponseElements {
                request_id: crate::ids::request_id(),
                host_id: crate::ids::host_id(),
            },
            s3: Place {
                s3_schema_version: "1.0",
                configuration_id: &target.id,
                bucket: Bucket {
                    name: scene.bucket,
                    owner_identity: Principal {
                        principal_id: PRINCIPAL,
                    },
                    arn: format!("arn:aws:s3:::{}", scene.bucket),
                },
                object: Object {
                    key: encode_key(&change.key),
                    size: change.size,
                    e_tag: change.etag.as_deref(),
                    version_id: change.version_id.as_deref(),
                    sequencer: change.sequencer.as_deref(),
                },
            },
            glacier_event_data: change.restore_expiry.map(GlacierEventData::until),
        }
    }
}

impl GlacierEventData {
    fn until(expiry: OffsetDateTime) -> Self {
        Self {
            restore_event_data: RestoreEventData {
                lifecycle_restoration_expiry_time: timestamp(expiry),
                lifecycle_restore_storage_class: "GLACIER",
            },
        }
    }
}

fn timestamp(moment: OffsetDateTime) -> String {
    moment.format(MILLISECONDS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;
    use crate::s3::events::Event;

    fn record_of(change: &Change) -> Value {
        let scene = Scene {
            bucket: "media",
            region: "eu-west-1",
            now: datetime!(2026-02-03 04:05:06.789 UTC),
        };
        let target = Target {
            id: "all".to_owned(),
            queue_arn: String::new(),
            events: Vec::new(),
            prefix: String::new(),
            suffix: String::new(),
        };
        let text = notification(scene, &target, change);
        serde_json::from_str::<Value>(&text).unwrap()["Records"][0].take()
    }

    #[test]
    fn a_key_is_spelled_as_s3_spells_it() {
        assert_eq!(
            encode_key("img/a b+c é(1).jpg"),
            "img/a+b%2Bc+%C3%A9%281%29.jpg"
        );
        assert_eq!(encode_key("a@b~c_d-e.f*"), "a%40b%7Ec_d-e.f*");
        assert_eq!(encode_key("100%"), "100%25");
    }

    #[test]
    fn a_record_has_every_member_of_a_real_one() {
        let change = Change {
            size: Some(9),
            etag: Some("437b930db84b8079c2dd804a71936b5f".to_owned()),
            ..Change::removed(
                Event::CreatedPut,
                "a b",
                Some("v1".to_owned()),
                "0067900000000000A1".to_owned(),
            )
        };
        let mut record = record_of(&change);
        let elements = record["responseElements"].take();
        assert_eq!(
            elements["x-amz-request-id"].as_str().map(str::len),
            Some(16)
        );
        assert!(elements["x-amz-id-2"].is_string());
        let expected = json!({
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
            "eventTime": "2026-02-03T04:05:06.789Z", "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": PRINCIPAL},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": null,
            "s3": {
                "s3SchemaVersion": "1.0", "configurationId": "all",
                "bucket": {"name": "media", "ownerIdentity": {"principalId": PRINCIPAL}, "arn": "arn:aws:s3:::media"},
                "object": {"key": "a+b", "size": 9, "eTag": "437b930db84b8079c2dd804a71936b5f",
                           "versionId": "v1", "sequencer": "0067900000000000A1"},
            },
        });
        assert_eq!(record, expected);
    }

    #[test]
    fn a_delete_has_only_key_and_sequencer() {
        let record = record_of(&Change::removed(
            Event::RemovedDelete,
            "k",
            None,
            "00A1".to_owned(),
        ));
        assert_eq!(
            record["s3"]["object"],
            json!({"key": "k", "sequencer": "00A1"})
        );
    }

    #[test]
    fn a_delete_marker_has_the_etag_of_nothing_and_no_size() {
        let record = record_of(&Change::marked(
            Event::RemovedMarker,
            "k",
            Some("m".to_owned()),
            "00A1".to_owned(),
        ));
        let object = json!({"key": "k", "eTag": "d41d8cd98f00b204e9800998ecf8427e", "versionId": "m", "sequencer": "00A1"});
        assert_eq!(record["s3"]["object"], object);
    }
}
