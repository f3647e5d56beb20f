//! Any bytes as a queue message body: no panic, and an answer that keeps its promises.

use event_mapper::{Content, Record, decode};

/// Decodes the input.
pub fn run(body: &[u8]) {
    match decode(body).content {
        Content::Changes(records) => {
            assert!(!records.is_empty(), "a message of changes has records");
            records.iter().for_each(check);
        }
        Content::UnsupportedMajor { records, .. } => assert!(!records.is_empty()),
        Content::TestEvent | Content::Empty => {}
        Content::Foreign(defect) | Content::Malformed(defect) => {
            assert!(!defect.to_string().is_empty());
        }
    }
}

fn check(record: &Record) {
    match record {
        Record::Change(change) => {
            assert!(!change.object.bucket.is_empty() && !change.object.key.is_empty());
            assert_eq!(change.hint, change.event.hint());
        }
        Record::Bad(bad) => assert!(!bad.defect.as_str().is_empty()),
    }
}
