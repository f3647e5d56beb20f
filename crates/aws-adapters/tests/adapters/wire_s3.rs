//! S3 answers that the emulator does not give: refusals of every kind, and broken bodies.

use std::error::Error as _;

use aws_adapters::{S3Options, S3Store};
use event_mapper::ObjectRef;
use futures_util::StreamExt as _;
use sync_engine::ports::{Encryption, ObjectState, ObjectStore as _, StoreError, StoreErrorKind};
use time::OffsetDateTime;

use crate::scripted::{Answer, Scripted, http};

const ACCESS_DENIED: &str = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
const FOUND: Answer = Answer::Http {
    status: 200,
    headers: &[
        ("etag", "\"5d41402abc4b2a76b9719d911017c592\""),
        ("content-length", "5"),
        ("last-modified", "Thu, 09 Oct 2025 08:53:20 GMT"),
    ],
    body: "",
};

fn object() -> ObjectRef {
    ObjectRef::new("bucket", "a b.jpg")
}

fn seen() -> ObjectState {
    ObjectState {
        etag: "5d41402abc4b2a76b9719d911017c592".into(),
        size: 5,
        version_id: None,
        last_modified: OffsetDateTime::UNIX_EPOCH,
        encryption: Encryption::None,
        archived: false,
        metadata: [].into(),
    }
}

async fn store(server: &Scripted) -> S3Store {
    S3Store::new(&server.aws().await, &S3Options::default())
}

fn text(error: &StoreError) -> String {
    format!("{error}: {}", error.source().unwrap())
}

#[tokio::test]
async fn a_head_is_tried_three_times() {
    let server = Scripted::start([http(503, ""), http(500, ""), FOUND]).await;
    let state = store(&server).await.head(&object()).await.unwrap();
    assert_eq!(state.map(|state| state.size), Some(5));
    assert_eq!(server.requests().len(), 3);

    let server = Scripted::start(vec![http(503, ""); 4]).await;
    let error = store(&server).await.head(&object()).await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Transient, "{}", text(&error));
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn only_a_404_is_an_absence() {
    let server = Scripted::start([http(404, "")]).await;
    assert_eq!(store(&server).await.head(&object()).await.unwrap(), None);

    let marker = Answer::Http {
        status: 404,
        headers: &[("x-amz-delete-marker", "true"), ("x-amz-version-id", "v2")],
        body: "",
    };
    let server = Scripted::start([marker]).await;
    assert_eq!(store(&server).await.head(&object()).await.unwrap(), None);
}

#[tokio::test]
async fn a_refused_head_is_explained_by_a_get() {
    const KEY_ID: &str = "<Error><Code>InvalidAccessKeyId</Code><Message>?</Message></Error>";
    const EXPIRED: &str = "<Error><Code>ExpiredToken</Code><Message>?</Message></Error>";
    const SSE_C: &str = "<Error><Code>InvalidRequest</Code><Message>SSE-C</Message></Error>";
    const NO_KEY: &str = "<Error><Code>NoSuchKey</Code><Message>?</Message></Error>";
    for (head, get, kind) in [
        (403, http(403, ACCESS_DENIED), StoreErrorKind::Denied),
        (403, http(403, KEY_ID), StoreErrorKind::Credentials),
        (400, http(400, EXPIRED), StoreErrorKind::Credentials),
        (400, http(400, SSE_C), StoreErrorKind::Denied),
        (403, http(206, "h"), StoreErrorKind::Transient),
        (403, http(404, NO_KEY), StoreErrorKind::Transient),
    ] {
        let server = Scripted::start([http(head, ""), get]).await;
        let error = store(&server).await.head(&object()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{}", text(&error));
        assert_eq!(error.operation, "HeadObject");
        let asked = server.requests();
        assert_eq!(asked.len(), 2);
        assert!(
            asked[1].starts_with("GET /bucket/a%20b.jpg"),
            "{}",
            asked[1]
        );
        assert!(
            asked[1].to_lowercase().contains("range: bytes=0-0"),
            "{}",
            asked[1]
        );
    }
}

#[tokio::test]
async fn a_bucket_of_another_region_is_none_of_ours() {
    let elsewhere = Answer::Http {
        status: 301,
        headers: &[("x-amz-bucket-region", "eu-west-1")],
        body: "",
    };
    let server = Scripted::start([elsewhere]).await;
    let error = store(&server).await.head(&object()).await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::NoBucket, "{}", text(&error));
}

#[tokio::test]
async fn a_listing_with_keys_that_xml_cannot_hold_is_decoded() {
    let page = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>\
        <Contents><Key>bell%07+and%2Bplus</Key><Size>1</Size>\
        <LastModified>2025-10-09T08:53:20.123Z</LastModified></Contents></ListBucketResult>";
    let server = Scripted::start([http(200, page)]).await;
    let page = store(&server)
        .await
        .list("bucket", "bell", None)
        .await
        .unwrap();
    assert_eq!(page.objects[0].key, "bell\u{7} and+plus");
    assert_eq!(
        page.objects[0].last_modified.unix_timestamp_nanos() % 1_000_000_000,
        0
    );
    assert_eq!(page.next, None);
    assert!(server.requests()[0].contains("encoding-type=url"));
}

#[tokio::test]
async fn a_read_is_tied_to_the_entity_tag_and_never_retried() {
    for (answer, kind) in [
        (http(412, ""), StoreErrorKind::Changed),
        (http(404, ""), StoreErrorKind::Changed),
        (http(403, ACCESS_DENIED), StoreErrorKind::Denied),
        (http(503, ""), StoreErrorKind::Transient),
    ] {
        let server = Scripted::start([answer]).await;
        let error = store(&server)
            .await
            .read(&object(), &seen())
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind, "{}", text(&error));
        let asked = server.requests();
        assert_eq!(asked.len(), 1);
        let condition = "if-match: \"5d41402abc4b2a76b9719d911017c592\"";
        assert!(asked[0].to_lowercase().contains(condition), "{}", asked[0]);
    }
}

#[tokio::test]
async fn a_body_that_ends_early_ends_with_an_error() {
    let server = Scripted::start([Answer::CutShort {
        promised: 5,
        body: "hel",
    }])
    .await;
    let mut body = store(&server).await.read(&object(), &seen()).await.unwrap();
    assert_eq!(body.length, 5);
    // Bounded, because a stream that repeats its error has no end.
    let pieces: Vec<_> = body.stream.by_ref().take(10).collect().await;
    let (last, before) = pieces.split_last().unwrap();
    assert!(
        last.is_err() && before.iter().all(Result::is_ok),
        "{pieces:?}"
    );
}
