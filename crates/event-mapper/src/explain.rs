//! How a message body is understood, as a value that prints as the JSON of `cldsync explain`.
//!
//! The members, their order and their words are a contract with scripts. Absent values are
//! `null`, never left out.

use serde::Serialize;
use time::format_description::well_known::Rfc3339;

use crate::decode::decode;
use crate::{BadRecord, Content, MappedAsset, Mapping, ObjectChange, Record, Rules};

/// One message body, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// `s3`, `test_event`, `empty`, `foreign`, `malformed` or `unsupported_major`.
    pub class: &'static str,
    /// The outermost envelope: `s3`, `sns`, `eventbridge` or `lambda`.
    pub envelope: Option<&'static str>,
    /// Why the message is foreign, malformed or of an unsupported version.
    pub reason: Option<String>,
    /// Every record, in the order of the message.
    pub records: Vec<RecordExplanation>,
}

/// One record, explained.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecordExplanation {
    /// Event name without `s3:`.
    pub event: Option<String>,
    /// `created`, `removed`, `restored`, `tagging`, `ignored` or `malformed`.
    pub hint: &'static str,
    /// Bucket name.
    pub bucket: Option<String>,
    /// Decoded key; of a malformed record the key as it stands in the message.
    pub key: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// `ETag` without quotes.
    pub etag: Option<String>,
    /// Version ID.
    pub version_id: Option<String>,
    /// Sequencer in upper case, not padded.
    pub sequencer: Option<String>,
    /// Event time as RFC 3339.
    pub event_time: Option<String>,
    /// The asset that the object maps to.
    pub asset: Option<AssetExplanation>,
    /// Why there is no asset.
    pub skip: Option<String>,
}

/// An asset, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssetExplanation {
    /// Public ID.
    pub public_id: String,
    /// `image`, `video` or `raw`.
    pub resource_type: &'static str,
    /// `upload`, `private` or `authenticated`.
    pub delivery_type: &'static str,
    /// Folder, in dynamic folder mode.
    pub asset_folder: Option<String>,
    /// Display name, in dynamic folder mode.
    pub display_name: Option<String>,
}

impl Explanation {
    /// Whether nothing in the message has to be set aside as unreadable.
    ///
    /// A foreign message counts as understood: it is known not to be a notification of S3.
    pub fn is_understood(&self) -> bool {
        self.class != "malformed" && self.records.iter().all(|record| record.hint != "malformed")
    }
}

/// Explains a message body under the given rules.
pub fn explain(body: &[u8], rules: &Rules) -> Explanation {
    let decoded = decode(body);
    let class = decoded.content.class();
    let (reason, records) = match decoded.content {
        Content::Changes(records) => (
            None,
            records
                .iter()
                .map(|record| explain_record(record, rules))
                .collect(),
        ),
        Content::TestEvent | Content::Empty => (None, Vec::new()),
        Content::Foreign(defect) | Content::Malformed(defect) => {
            (Some(defect.to_string()), Vec::new())
        }
        Content::UnsupportedMajor { records, .. } => (
            records.first().map(|record| record.defect.to_string()),
            records.iter().map(explain_bad).collect(),
        ),
    };
    Explanation {
        class,
        envelope: decoded.envelope.map(crate::Envelope::as_str),
        reason,
        records,
    }
}

fn explain_record(record: &Record, rules: &Rules) -> RecordExplanation {
    match record {
        Record::Change(change) => explain_change(change, rules),
        Record::Bad(bad) => explain_bad(bad),
    }
}

fn explain_change(change: &ObjectChange, rules: &Rules) -> RecordExplanation {
    let (asset, skip) = match rules.map(&change.object, change.size) {
        Mapping::Mapped(mapped) => (Some(explain_asset(mapped)), None),
        Mapping::Skipped(reason) => (None, Some(reason.to_string())),
        Mapping::Rejected(error) => (None, Some(error.to_string())),
    };
    let event = change.event.as_str();
    RecordExplanation {
        event: (!event.is_empty()).then(|| event.to_owned()),
        hint: change.hint.as_str(),
        bucket: Some(change.object.bucket.clone()),
        key: Some(change.object.key.clone()),
        size: change.size,
        etag: change.etag.clone(),
        version_id: change.version_id.clone(),
        sequencer: change
            .sequencer
            .as_ref()
            .map(|sequencer| sequencer.as_str().to_owned()),
        event_time: change
            .event_time
            .and_then(|time| time.format(&Rfc3339).ok()),
        asset,
        skip,
    }
}

fn explain_bad(bad: &BadRecord) -> RecordExplanation {
    RecordExplanation {
        event: bad.event.as_ref().map(|event| event.as_str().to_owned()),
        hint: "malformed",
        bucket: bad.bucket.clone(),
        key: bad.raw_key.clone(),
        skip: Some(bad.defect.to_string()),
        ..RecordExplanation::default()
    }
}

fn explain_asset(mapped: MappedAsset) -> AssetExplanation {
    AssetExplanation {
        public_id: mapped.asset.public_id.to_string(),
        resource_type: mapped.asset.resource_type.as_str(),
        delivery_type: mapped.asset.delivery_type.as_str(),
        asset_folder: mapped.asset_folder,
        display_name: mapped.display_name,
    }
}
