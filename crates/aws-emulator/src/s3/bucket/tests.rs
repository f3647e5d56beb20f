//! Facts about versions and delete markers.

use bytes::Bytes;

use super::*;
use crate::s3::object::Properties;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn object(text: &'static str) -> Arc<Object> {
    Arc::new(Object::new(
        Bytes::from_static(text.as_bytes()),
        Properties::default(),
    ))
}

fn bucket(versioning: Option<Versioning>) -> Bucket {
    Bucket {
        versioning,
        ..Bucket::new(NOW)
    }
}

fn body(bucket: &Bucket, version_id: Option<&str>) -> Result<Bytes, S3Failure> {
    bucket
        .find("k", version_id)
        .map(|(_, object)| object.body.clone())
}

#[test]
fn without_versioning_a_write_replaces_and_a_delete_removes() {
    let mut bucket = bucket(None);
    assert_eq!(bucket.put("k", object("one"), NOW), None);
    assert_eq!(bucket.replaced_bytes("k"), 3);
    bucket.put("k", object("three"), NOW);
    assert_eq!(body(&bucket, None).unwrap(), "three");
    assert_eq!(
        bucket.delete("k", NOW),
        Deleted::Removed {
            version_id: None,
            was_marker: false,
            freed: 5
        }
    );
    assert_eq!(bucket.delete("k", NOW), Deleted::Nothing);
    assert!(bucket.is_empty());
}

#[test]
fn a_marker_hides_a_key_and_its_removal_shows_it_again() {
    let mut bucket = bucket(Some(Versioning::Enabled));
    let first = bucket.put("k", object("one"), NOW).unwrap();
    let Deleted::Marked {
        version_id: Some(marker),
    } = bucket.delete("k", NOW)
    else {
        panic!("no marker")
    };
    assert_eq!(
        body(&bucket, None),
        Err(S3Failure::NoSuchKey {
            delete_marker: Some(marker.clone())
        })
    );
    assert_eq!(
        body(&bucket, Some(&marker)),
        Err(S3Failure::IsDeleteMarker {
            version_id: marker.clone()
        })
    );
    assert_eq!(body(&bucket, Some(&first)).unwrap(), "one");
    let removed = bucket.delete_version("k", &marker);
    assert_eq!(
        removed,
        Deleted::Removed {
            version_id: Some(marker),
            was_marker: true,
            freed: 0
        }
    );
    assert_eq!(body(&bucket, None).unwrap(), "one");
}

#[test]
fn suspended_versioning_replaces_only_the_null_version() {
    let mut bucket = bucket(None);
    bucket.put("k", object("null one"), NOW);
    bucket.versioning = Some(Versioning::Enabled);
    let kept = bucket.put("k", object("kept"), NOW).unwrap();
    bucket.versioning = Some(Versioning::Suspended);
    assert_eq!(bucket.put("k", object("null two"), NOW), None);
    assert_eq!(bucket.keys["k"].len(), 2);
    assert_eq!(body(&bucket, Some("null")).unwrap(), "null two");
    assert_eq!(
        bucket.delete("k", NOW),
        Deleted::Marked { version_id: None }
    );
    assert_eq!(body(&bucket, Some(&kept)).unwrap(), "kept");
    assert!(matches!(
        body(&bucket, None),
        Err(S3Failure::NoSuchKey {
            delete_marker: Some(_)
        })
    ));
}

#[test]
fn changing_an_object_in_place_touches_the_version_named() {
    let mut bucket = bucket(Some(Versioning::Enabled));
    let first = bucket.put("k", object("one"), NOW).unwrap();
    bucket.put("k", object("two"), NOW);
    let (id, found) = bucket.find_mut("k", Some(&first)).unwrap();
    assert_eq!((id, found.body.as_ref()), (Some(first), b"one".as_slice()));
    assert_eq!(bucket.find_mut("k", None).unwrap().1.body.as_ref(), b"two");
}
