//! One record of a notification, in S3's classic form or in EventBridge's.
//!
//! The two differ in names and in one rule that matters: classic keys are URL-encoded,
//! EventBridge keys are not. A record that cannot name an object keeps what could be read of it.

use serde_json::Value;

use super::Object;
use super::fields::{etag, excerpt, object, size, text, time, version_id};
use crate::object_key::decode_key;
use crate::{BadRecord, Defect, EventName, ObjectChange, ObjectRef, Record, Sequencer};

/// The major version of the classic form. AWS: compare the major number for equality and accept
/// any minor number.
const CLASSIC_MAJOR: &str = "2";

/// Reads an element of `Records`.
pub(super) fn from_classic(item: &Value) -> Record {
    let Value::Object(item) = item else {
        return Record::Bad(BadRecord::new(Defect::RecordNotAnObject));
    };
    let s3 = object(item, "s3");
    let facts = Facts {
        event: text(item, "eventName").map(EventName::new),
        bucket: s3.and_then(|s3| object(s3, "bucket")),
        object: s3.and_then(|s3| object(s3, "object")),
        time: item.get("eventTime"),
    };
    let refused = other_service(item, s3).or_else(|| unknown_major(item));
    facts.into_record(refused, decode_key)
}

/// Reads an EventBridge event. Its versions are its own and no reason to refuse it.
pub(super) fn from_eventbridge(event: &Object, detail: &Object) -> Record {
    let facts = Facts {
        event: text(event, "detail-type").map(EventName::new),
        bucket: object(detail, "bucket"),
        object: object(detail, "object"),
        time: event.get("time"),
    };
    facts.into_record(None, |key| {
        if key.is_empty() {
            Err(Defect::EmptyKey)
        } else {
            Ok(key.to_owned())
        }
    })
}

/// Where the two forms keep the same things.
struct Facts<'a> {
    event: Option<EventName>,
    bucket: Option<&'a Object>,
    object: Option<&'a Object>,
    time: Option<&'a Value>,
}

impl Facts<'_> {
    fn into_record(
        self,
        refused: Option<Defect>,
        decode: impl FnOnce(&str) -> Result<String, Defect>,
    ) -> Record {
        let named = match refused {
            Some(defect) => Err(defect),
            None => self.name(decode),
        };
        match named {
            Ok(object) => Record::Change(self.into_change(object)),
            Err(defect) => Record::Bad(self.into_bad(defect)),
        }
    }

    fn name(
        &self,
        decode: impl FnOnce(&str) -> Result<String, Defect>,
    ) -> Result<ObjectRef, Defect> {
        let bucket = self.bucket_name().ok_or(Defect::NoBucket)?;
        let key = self.raw_key().ok_or(Defect::NoKey)?;
        Ok(ObjectRef::new(bucket, decode(key)?))
    }

    fn bucket_name(&self) -> Option<&str> {
        text(self.bucket?, "name")
    }

    fn raw_key(&self) -> Option<&str> {
        self.object?.get("key")?.as_str()
    }

    fn into_change(self, name: ObjectRef) -> ObjectChange {
        let event = self.event.unwrap_or_else(EventName::unnamed);
        ObjectChange {
            hint: event.hint(),
            event,
            object: name,
            size: self.object.and_then(size),
            etag: self.object.and_then(etag),
            version_id: self.object.and_then(version_id),
            sequencer: self
                .object
                .and_then(|object| text(object, "sequencer"))
                .and_then(Sequencer::parse),
            event_time: self.time.and_then(time),
        }
    }

    fn into_bad(self, defect: Defect) -> BadRecord {
        let bucket = self.bucket_name().map(str::to_owned);
        let raw_key = self.raw_key().map(str::to_owned);
        BadRecord {
            defect,
            event: self.event,
            bucket,
            raw_key,
        }
    }
}

/// `Records` is a favourite name: streams of tables, Kinesis and others use it too.
fn other_service(item: &Object, s3: Option<&Object>) -> Option<Defect> {
    let source = text(item, "eventSource")?;
    (s3.is_none() && !source.ends_with("s3")).then(|| Defect::OtherService(excerpt(source)))
}

fn unknown_major(item: &Object) -> Option<Defect> {
    let version = match item.get("eventVersion")? {
        Value::Null => return None,
        Value::String(version) => version.clone(),
        other => other.to_string(),
    };
    let major = version.split('.').next().unwrap_or_default();
    (major != CLASSIC_MAJOR).then(|| Defect::UnsupportedMajor(excerpt(&version)))
}
