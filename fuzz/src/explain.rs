//! Any bytes as a message body to explain: the same as decoding says, and all of it as JSON.
//!
//! Input: one byte of policy, then the body.

use cloudinary_core::PublicId;
use event_mapper::{Content, Explanation, RecordExplanation, decode, explain};
use serde_json::Value;

use super::policy::rules;

/// Explains the input.
pub fn run(input: &[u8]) {
    let Some((policy, body)) = input.split_first() else {
        return;
    };
    let explanation = explain(body, &rules(*policy));
    check_against(&decode(body).content, &explanation);
    explanation.records.iter().for_each(check_record);
    let unreadable = explanation.class == "malformed";
    let bad_record = explanation.records.iter().any(|r| r.hint == "malformed");
    assert_eq!(explanation.is_understood(), !unreadable && !bad_record);
    check_json(&explanation);
}

fn check_against(content: &Content, explanation: &Explanation) {
    assert_eq!(explanation.class, content.class());
    let records = match content {
        Content::Changes(records) => records.len(),
        Content::UnsupportedMajor { records, .. } => records.len(),
        Content::TestEvent | Content::Empty | Content::Foreign(_) | Content::Malformed(_) => 0,
    };
    assert_eq!(explanation.records.len(), records, "every record is shown");
    let set_aside = matches!(
        content,
        Content::Foreign(_) | Content::Malformed(_) | Content::UnsupportedMajor { .. }
    );
    assert_eq!(
        explanation.reason.is_some(),
        set_aside,
        "what is set aside has a reason, and nothing else has"
    );
}

fn check_record(record: &RecordExplanation) {
    assert_ne!(
        record.asset.is_some(),
        record.skip.is_some(),
        "an asset, or why there is none"
    );
    if let Some(asset) = &record.asset {
        assert!(PublicId::new(asset.public_id.as_str()).is_ok());
        assert_ne!(asset.asset_folder.as_deref(), Some(""));
    }
    if record.hint != "malformed" {
        assert!(record.bucket.is_some() && record.key.is_some());
    }
}

fn check_json(explanation: &Explanation) {
    let json = serde_json::to_string(explanation).expect("an explanation is JSON");
    let read: Value = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(read["class"], explanation.class);
    let records = read["records"].as_array().expect("records are a list");
    for (read, record) in records.iter().zip(&explanation.records) {
        assert_eq!(read["key"].as_str(), record.key.as_deref());
    }
}
