//! Objects: writing, reading, copying, listing, presigning.

use std::time::Duration;

use aws_emulator::Options;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    Delete, EncodingType, MetadataDirective, ObjectIdentifier, RestoreRequest,
    ServerSideEncryption, StorageClass, Tag, Tagging,
};

use crate::support::{Aws, code};

#[tokio::test]
async fn what_is_put_is_read_back_with_everything_said_about_it() {
    let aws = Aws::with_bucket().await;
    let put = aws
        .s3
        .put_object()
        .bucket("media")
        .key("a b/é+.jpg")
        .body(ByteStream::from_static(b"hello"));
    let put = put
        .content_type("image/jpeg")
        .cache_control("no-store")
        .metadata("title", "Été")
        .send()
        .await
        .unwrap();
    assert_eq!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!(put.version_id(), None);
    let head = aws
        .s3
        .head_object()
        .bucket("media")
        .key("a b/é+.jpg")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(5));
    assert_eq!(
        (head.content_type(), head.cache_control()),
        (Some("image/jpeg"), Some("no-store"))
    );
    assert_eq!(head.e_tag(), put.e_tag());
    assert_eq!(
        head.server_side_encryption(),
        Some(&ServerSideEncryption::Aes256)
    );
    // Headers are ASCII: S3 answers with RFC 2047 words.
    assert_eq!(head.metadata().unwrap()["title"], "=?UTF-8?B?w4l0w6k=?=");
    assert!(head.last_modified().is_some());
    assert_eq!(aws.get("a b/é+.jpg").await, "hello");
    assert_eq!(
        aws.handle().object_bytes("media", "a b/é+.jpg").unwrap(),
        "hello"
    );
}

#[tokio::test]
async fn a_streamed_upload_is_stored_without_its_framing() {
    let aws = Aws::with_bucket().await;
    let path = std::env::temp_dir().join(format!("aws-emulator-{}", std::process::id()));
    std::fs::write(&path, vec![b'x'; 200_000]).unwrap();
    let body = ByteStream::from_path(&path).await.unwrap();
    aws.s3
        .put_object()
        .bucket("media")
        .key("streamed")
        .body(body)
        .send()
        .await
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        aws.handle().object_bytes("media", "streamed").unwrap(),
        vec![b'x'; 200_000]
    );
    let headers = "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\nContent-Encoding: aws-chunked,gzip\r\n\
                   X-Amz-Decoded-Content-Length: 3\r\n";
    let framed = "3;chunk-signature=00\r\nabc\r\n0;chunk-signature=00\r\n\r\n";
    assert_eq!(
        aws.http("PUT /media/framed", headers, framed)
            .await
            .unwrap()
            .status,
        200
    );
    let head = aws
        .s3
        .head_object()
        .bucket("media")
        .key("framed")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_length(), head.content_encoding()),
        (Some(3), Some("gzip"))
    );
    let broken = aws
        .http("PUT /media/framed", headers, "9\r\nabc")
        .await
        .unwrap();
    assert_eq!(broken.status, 400);
}

#[tokio::test]
async fn ranges_are_cut_and_impossible_ones_refused() {
    let aws = Aws::with_bucket().await;
    aws.put("k", "0123456789").await;
    let range = |range: &str| {
        aws.s3
            .get_object()
            .bucket("media")
            .key("k")
            .range(range)
            .send()
    };
    let middle = range("bytes=2-4").await.unwrap();
    assert_eq!(
        (middle.content_range(), middle.content_length()),
        (Some("bytes 2-4/10"), Some(3))
    );
    assert_eq!(middle.body.collect().await.unwrap().to_vec(), b"234");
    assert_eq!(
        range("bytes=-3")
            .await
            .unwrap()
            .body
            .collect()
            .await
            .unwrap()
            .to_vec(),
        b"789"
    );
    assert_eq!(code(range("bytes=10-").await), "InvalidRange");
}

#[tokio::test]
async fn conditions_hold_or_refuse() {
    let aws = Aws::with_bucket().await;
    let etag = aws.put("k", "one").await;
    let get = || aws.s3.get_object().bucket("media").key("k");
    assert!(get().if_match(&etag).send().await.is_ok());
    assert_eq!(
        code(get().if_match("\"other\"").send().await),
        "PreconditionFailed"
    );
    let unchanged = get().if_none_match(&etag).send().await.unwrap_err();
    assert_eq!(unchanged.raw_response().unwrap().status().as_u16(), 304);
    let put = || {
        aws.s3
            .put_object()
            .bucket("media")
            .key("k")
            .body(ByteStream::from_static(b"two"))
    };
    assert_eq!(
        code(put().if_none_match("*").send().await),
        "PreconditionFailed"
    );
    assert!(put().if_match(&etag).send().await.is_ok());
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let aws = Aws::with_bucket().await;
    assert_eq!(
        code(aws.s3.get_object().bucket("media").key("k").send().await),
        "NoSuchKey"
    );
    assert_eq!(
        code(aws.s3.get_object().bucket("nowhere").key("k").send().await),
        "NoSuchBucket"
    );
    let head = aws
        .s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap_err();
    assert!(head.into_service_error().is_not_found());
    let head = aws
        .s3
        .head_bucket()
        .bucket("nowhere")
        .send()
        .await
        .unwrap_err();
    assert!(head.into_service_error().is_not_found());
    assert!(
        aws.s3
            .delete_object()
            .bucket("media")
            .key("k")
            .send()
            .await
            .is_ok()
    );
    let absent = aws.s3.get_bucket_policy().bucket("media").send().await;
    assert_eq!(code(absent), "NotImplemented");
}

#[tokio::test]
async fn buckets_are_created_listed_and_deleted_only_when_empty() {
    let aws = Aws::with_bucket().await;
    assert!(aws.s3.create_bucket().bucket("media").send().await.is_ok());
    aws.put("k", "x").await;
    assert_eq!(
        code(aws.s3.delete_bucket().bucket("media").send().await),
        "BucketNotEmpty"
    );
    let listed = aws.s3.list_buckets().send().await.unwrap();
    assert_eq!(
        listed
            .buckets()
            .iter()
            .filter_map(|bucket| bucket.name())
            .collect::<Vec<_>>(),
        ["media"]
    );
    let location = aws
        .s3
        .get_bucket_location()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert!(
        location
            .location_constraint()
            .is_none_or(|region| region.as_str().is_empty())
    );
    aws.s3
        .delete_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    aws.s3.delete_bucket().bucket("media").send().await.unwrap();
    assert_eq!(
        code(aws.s3.list_objects_v2().bucket("media").send().await),
        "NoSuchBucket"
    );
}

#[tokio::test]
async fn several_keys_are_deleted_at_once() {
    let aws = Aws::with_bucket().await;
    aws.put("a", "x").await;
    aws.put("b", "x").await;
    let keys = ["a", "b", "never"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder()
        .set_objects(Some(keys.to_vec()))
        .build()
        .unwrap();
    let deleted = aws
        .s3
        .delete_objects()
        .bucket("media")
        .delete(delete)
        .send()
        .await
        .unwrap();
    assert_eq!(
        deleted
            .deleted()
            .iter()
            .filter_map(|d| d.key())
            .collect::<Vec<_>>(),
        ["a", "b", "never"]
    );
    assert!(aws.handle().list_objects("media").unwrap().is_empty());
}

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_is_said_about_the_object() {
    let aws = Aws::with_bucket().await;
    let put = aws
        .s3
        .put_object()
        .bucket("media")
        .key("a b")
        .body(ByteStream::from_static(b"x"));
    put.content_type("image/png")
        .metadata("m", "1")
        .tagging("t=1")
        .send()
        .await
        .unwrap();
    let copy = |key: &str| {
        aws.s3
            .copy_object()
            .bucket("media")
            .key(key)
            .copy_source("media/a%20b")
    };
    let result = copy("kept")
        .send()
        .await
        .unwrap()
        .copy_object_result
        .unwrap();
    assert_eq!(result.e_tag(), Some("\"9dd4e461268c8034f5c8564e155c67a6\""));
    copy("replaced")
        .metadata_directive(MetadataDirective::Replace)
        .content_type("image/gif")
        .send()
        .await
        .unwrap();
    let kept = aws
        .s3
        .head_object()
        .bucket("media")
        .key("kept")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (kept.content_type(), kept.metadata().unwrap()["m"].as_str()),
        (Some("image/png"), "1")
    );
    let replaced = aws
        .s3
        .head_object()
        .bucket("media")
        .key("replaced")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (replaced.content_type(), replaced.metadata().unwrap().len()),
        (Some("image/gif"), 0)
    );
    let tags = aws
        .s3
        .get_object_tagging()
        .bucket("media")
        .key("kept")
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tag_set()[0].value(), "1");
    assert_eq!(code(copy("a b").send().await), "InvalidRequest");
    let missing = aws
        .s3
        .copy_object()
        .bucket("media")
        .key("k")
        .copy_source("media/none")
        .send()
        .await;
    assert_eq!(code(missing), "NoSuchKey");
}

#[tokio::test]
async fn tags_are_put_read_and_deleted() {
    let aws = Aws::with_bucket().await;
    aws.put("k", "x").await;
    let tag = Tag::builder().key("colour").value("red").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag.clone()).build().unwrap();
    aws.s3
        .put_object_tagging()
        .bucket("media")
        .key("k")
        .tagging(tagging)
        .send()
        .await
        .unwrap();
    let read = || aws.s3.get_object_tagging().bucket("media").key("k").send();
    assert_eq!(read().await.unwrap().tag_set(), [tag]);
    aws.s3
        .delete_object_tagging()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert!(read().await.unwrap().tag_set().is_empty());
}

#[tokio::test]
async fn pages_of_a_listing_follow_each_other() {
    let aws = Aws::with_bucket().await;
    for key in ["a", "dir/1", "dir/2", "é f", "z"] {
        aws.put(key, "x").await;
    }
    let list = aws
        .s3
        .list_objects_v2()
        .bucket("media")
        .max_keys(2)
        .into_paginator()
        .send();
    let pages: Vec<_> = list.try_collect().await.unwrap();
    let keys: Vec<Vec<_>> = pages
        .iter()
        .map(|page| page.contents().iter().filter_map(|o| o.key()).collect())
        .collect();
    assert_eq!(keys, [vec!["a", "dir/1"], vec!["dir/2", "z"], vec!["é f"]]);
    let folded = aws
        .s3
        .list_objects_v2()
        .bucket("media")
        .delimiter("/")
        .start_after("a");
    let folded = folded
        .encoding_type(EncodingType::Url)
        .send()
        .await
        .unwrap();
    assert_eq!(
        folded
            .contents()
            .iter()
            .filter_map(|o| o.key())
            .collect::<Vec<_>>(),
        ["z", "%C3%A9%20f"]
    );
    assert_eq!(folded.common_prefixes()[0].prefix(), Some("dir/"));
    assert_eq!(
        (folded.key_count(), folded.is_truncated()),
        (Some(3), Some(false))
    );
    let old = aws
        .s3
        .list_objects()
        .bucket("media")
        .prefix("dir/")
        .send()
        .await
        .unwrap();
    assert_eq!(old.contents().len(), 2);
}

#[tokio::test]
async fn an_archived_object_is_read_after_its_restore() {
    let aws = Aws::with_bucket().await;
    let put = aws
        .s3
        .put_object()
        .bucket("media")
        .key("k")
        .body(ByteStream::from_static(b"cold"));
    put.storage_class(StorageClass::Glacier)
        .send()
        .await
        .unwrap();
    let get = || aws.s3.get_object().bucket("media").key("k").send();
    assert_eq!(code(get().await), "InvalidObjectState");
    let restore = RestoreRequest::builder().days(1).build();
    aws.s3
        .restore_object()
        .bucket("media")
        .key("k")
        .restore_request(restore)
        .send()
        .await
        .unwrap();
    let head = aws
        .s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(head.storage_class(), Some(&StorageClass::Glacier));
    assert!(
        head.restore()
            .unwrap()
            .starts_with("ongoing-request=\"false\", expiry-date=")
    );
    assert!(get().await.is_ok());
}

#[tokio::test]
async fn an_object_under_a_kms_key_has_an_etag_that_is_no_md5() {
    let aws = Aws::with_bucket().await;
    let put = aws
        .s3
        .put_object()
        .bucket("media")
        .key("k")
        .body(ByteStream::from_static(b"hello"));
    let put = put
        .server_side_encryption(ServerSideEncryption::AwsKms)
        .ssekms_key_id("key-1")
        .send()
        .await
        .unwrap();
    assert_ne!(put.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    let head = aws
        .s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.server_side_encryption(),
        Some(&ServerSideEncryption::AwsKms)
    );
    assert_eq!(
        (head.ssekms_key_id(), head.e_tag()),
        (Some("key-1"), put.e_tag())
    );
}

#[tokio::test]
async fn a_presigned_url_is_read_by_anybody_until_it_expires() {
    let aws = Aws::with_bucket().await;
    aws.put("a b", "hello").await;
    let presigning = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let url = aws
        .s3
        .get_object()
        .bucket("media")
        .key("a b")
        .presigned(presigning)
        .await
        .unwrap();
    let target = url.uri().strip_prefix(&aws.running.endpoint()).unwrap();
    let reply = aws.http(&format!("GET {target}"), "", "").await.unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
    let date_at = target.find("X-Amz-Date=").unwrap() + "X-Amz-Date=".len();
    let expired = format!("{}2001{}", &target[..date_at], &target[date_at + 4..]);
    let reply = aws.http(&format!("GET {expired}"), "", "").await.unwrap();
    assert_eq!(reply.status, 403);
    assert!(
        reply.body.contains("<Code>AccessDenied</Code>"),
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn a_bucket_may_be_named_by_the_host() {
    let aws = Aws::with_bucket().await;
    aws.put("k", "hello").await;
    let reply = aws
        .http("GET /k", "Host: media.localhost:1\r\n", "")
        .await
        .unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
    let reply = aws
        .http("GET /media/k", "Host: aws-emulator:9401\r\n", "")
        .await
        .unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
}

#[tokio::test]
async fn the_bounds_on_bytes_are_told_as_errors() {
    let aws = Aws::with(Options {
        max_bytes: 10,
        max_object_bytes: 8,
        ..Options::default()
    })
    .await;
    aws.s3.create_bucket().bucket("media").send().await.unwrap();
    let put = |key: &str, body: &'static [u8]| {
        aws.s3
            .put_object()
            .bucket("media")
            .key(key)
            .body(ByteStream::from_static(body))
            .send()
    };
    assert_eq!(code(put("big", b"123456789").await), "EntityTooLarge");
    put("one", b"12345678").await.unwrap();
    let full = put("two", b"123").await;
    assert_eq!(
        full.as_ref()
            .unwrap_err()
            .raw_response()
            .unwrap()
            .status()
            .as_u16(),
        507
    );
    assert_eq!(code(full), "InsufficientStorage");
}
