//! Reading and writing under conditions: ranges, preconditions, signatures, bounds.

use std::time::Duration;

use aws_emulator::Options;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;

use crate::support::{Aws, code};

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
async fn a_presigned_url_is_read_by_anybody_until_it_expires() {
    let aws = Aws::with_bucket().await;
    aws.put("a b", "hello").await;
    let presigning = PresigningConfig::expires_in(Duration::from_mins(1)).unwrap();
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
