//! Facts about the store: conditions, bounds, and which changes are told how.

use bytes::Bytes;

use super::*;
use crate::s3::bucket::Versioning;
use crate::s3::conditions::Etag;
use crate::s3::multipart::{Part, Upload};
use crate::s3::object::Properties;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn store() -> Store {
    let mut store = Store::new(Limits {
        total_bytes: 100,
        object_bytes: 50,
    });
    store.create_bucket("b", NOW).unwrap();
    store
}

fn object(length: usize) -> Object {
    Object::new(Bytes::from(vec![b'x'; length]), Properties::default())
}

fn put(store: &mut Store, key: &str, length: usize) -> Result<(Written, Change), S3Failure> {
    store.put(
        "b",
        key,
        object(length),
        &Conditions::default(),
        Event::CreatedPut,
        NOW,
    )
}

fn archived() -> Object {
    let properties = Properties {
        storage_class: Some("GLACIER".to_owned()),
        ..Properties::default()
    };
    Object::new(Bytes::from_static(b"cold"), properties)
}

#[test]
fn bytes_are_counted_through_writes_overwrites_and_deletes() {
    let mut store = store();
    put(&mut store, "k", 40).unwrap();
    put(&mut store, "k", 50).unwrap();
    put(&mut store, "l", 50).unwrap();
    assert_eq!(store.used(), 100);
    assert_eq!(
        put(&mut store, "m", 1).unwrap_err(),
        S3Failure::StorageFull { limit: 100 }
    );
    store.delete("b", "k", None, NOW).unwrap();
    assert_eq!(store.used(), 50);
    assert_eq!(
        put(&mut store, "m", 51).unwrap_err(),
        S3Failure::EntityTooLarge { limit: 50 }
    );
}

#[test]
fn uploads_count_until_they_end() {
    let mut store = store();
    let upload = Upload {
        key: "k".to_owned(),
        properties: Properties::default(),
        tags: BTreeMap::new(),
        parts: BTreeMap::new(),
    };
    let id = store.start_upload("b", upload.clone()).unwrap();
    let part = |length| Part::new(Bytes::from(vec![0; length]), NOW);
    store.put_part("b", "k", &id, 1, part(30)).unwrap();
    let etag = store.put_part("b", "k", &id, 1, part(20)).unwrap();
    assert_eq!(store.used(), 20);
    let taken = Conditions {
        if_match: Some(Etag::Any),
        ..Conditions::default()
    };
    assert!(
        store
            .complete_upload("b", "k", &id, &[(1, etag.clone())], &taken, NOW)
            .is_err()
    );
    assert_eq!(store.used(), 20);
    let (written, change) = store
        .complete_upload("b", "k", &id, &[(1, etag)], &Conditions::default(), NOW)
        .unwrap();
    assert!(written.etag.ends_with("-1"));
    assert_eq!(
        (change.event, change.size),
        (Event::CreatedMultipart, Some(20))
    );
    assert_eq!(store.used(), 20);
    let id = store.start_upload("b", upload).unwrap();
    store.put_part("b", "k", &id, 1, part(30)).unwrap();
    store.abort_upload("b", "k", &id).unwrap();
    assert_eq!(store.used(), 20);
    assert_eq!(
        store.upload("b", "k", &id).unwrap_err(),
        S3Failure::NoSuchUpload
    );
}

#[test]
fn write_conditions_compare_with_the_current_object() {
    let mut store = store();
    let only_new = Conditions {
        if_none_match: Some(Etag::Any),
        ..Conditions::default()
    };
    let (written, _) = store
        .put("b", "k", object(1), &only_new, Event::CreatedPut, NOW)
        .unwrap();
    let again = store
        .put("b", "k", object(1), &only_new, Event::CreatedPut, NOW)
        .unwrap_err();
    assert_eq!(again, S3Failure::PreconditionFailed);
    let only_this = Conditions {
        if_match: Some(Etag::Is(written.etag)),
        ..Conditions::default()
    };
    store
        .put("b", "k", object(2), &only_this, Event::CreatedPut, NOW)
        .unwrap();
    let stale = store
        .put("b", "k", object(3), &only_this, Event::CreatedPut, NOW)
        .unwrap_err();
    assert_eq!(stale, S3Failure::PreconditionFailed);
    let missing = store
        .put("b", "new", object(3), &only_this, Event::CreatedPut, NOW)
        .unwrap_err();
    assert_eq!(
        missing,
        S3Failure::NoSuchKey {
            delete_marker: None
        }
    );
}

#[test]
fn deleting_what_is_not_there_tells_nobody() {
    let mut store = store();
    assert_eq!(
        store.delete("b", "k", None, NOW).unwrap(),
        (Deleted::Nothing, None)
    );
    assert_eq!(
        store.delete("b", "k", Some("v"), NOW).unwrap(),
        (Deleted::Nothing, None)
    );
}

#[test]
fn only_real_versions_are_named_in_events() {
    let mut store = store();
    let (written, change) = put(&mut store, "k", 1).unwrap();
    assert_eq!((written.version_id, change.version_id), (None, None));
    store.bucket_mut("b").unwrap().versioning = Some(Versioning::Enabled);
    let (written, change) = put(&mut store, "k", 1).unwrap();
    assert!(written.version_id.is_some());
    assert_eq!(written.version_id, change.version_id);
    store.bucket_mut("b").unwrap().versioning = Some(Versioning::Suspended);
    let (written, change) = put(&mut store, "k", 1).unwrap();
    assert_eq!(
        (written.version_id.as_deref(), change.version_id),
        (Some("null"), None)
    );
}

#[test]
fn sequencers_of_a_key_increase_over_its_whole_life() {
    let mut store = store();
    let first = put(&mut store, "k", 1).unwrap().1.sequencer;
    let gone = store
        .delete("b", "k", None, NOW)
        .unwrap()
        .1
        .unwrap()
        .sequencer;
    let second = put(&mut store, "k", 1).unwrap().1.sequencer;
    assert!(
        first < gone && gone < second,
        "{first:?} {gone:?} {second:?}"
    );
}

#[test]
fn a_restore_is_told_once_as_begun_and_completed() {
    let mut store = store();
    store
        .put(
            "b",
            "k",
            archived(),
            &Conditions::default(),
            Event::CreatedPut,
            NOW,
        )
        .unwrap();
    let (already, changes) = store.restore("b", "k", None, 2, NOW).unwrap();
    let events: Vec<_> = changes.iter().map(|change| change.event).collect();
    assert_eq!(
        (already, events),
        (false, vec![Event::RestorePost, Event::RestoreCompleted])
    );
    assert_eq!(changes[1].restore_expiry, Some(NOW + Duration::days(2)));
    assert_eq!(
        store.restore("b", "k", None, 2, NOW).unwrap(),
        (true, vec![])
    );
    put(&mut store, "warm", 1).unwrap();
    assert_eq!(
        store.restore("b", "warm", None, 2, NOW).unwrap_err(),
        S3Failure::InvalidObjectState
    );
}

#[test]
fn tagging_is_told_without_size_and_sequencer() {
    let mut store = store();
    put(&mut store, "k", 1).unwrap();
    let (_, change) = store.tag("b", "k", None, Some(BTreeMap::new())).unwrap();
    assert_eq!(
        (change.event, change.size, change.sequencer),
        (Event::TaggingPut, None, None)
    );
    let (_, change) = store.tag("b", "k", None, None).unwrap();
    assert_eq!(change.event, Event::TaggingDelete);
}

#[test]
fn expiry_has_events_of_its_own() {
    let mut store = store();
    put(&mut store, "k", 1).unwrap();
    assert_eq!(
        store.expire("b", "k", NOW).unwrap().1.unwrap().event,
        Event::ExpiredDelete
    );
    assert!(store.expire("b", "k", NOW).is_err());
    store.bucket_mut("b").unwrap().versioning = Some(Versioning::Enabled);
    put(&mut store, "k", 1).unwrap();
    assert_eq!(
        store.expire("b", "k", NOW).unwrap().1.unwrap().event,
        Event::ExpiredMarker
    );
}
