//! Objects: writing, reading, copying, tagging, restoring.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    MetadataDirective, RestoreRequest, ServerSideEncryption, StorageClass, Tag, Tagging,
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
