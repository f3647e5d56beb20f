//! Multipart uploads.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::support::{Aws, code};

const PART: usize = 5 << 20;

async fn begin(aws: &Aws, key: &str) -> String {
    let created = aws
        .s3
        .create_multipart_upload()
        .bucket("media")
        .key(key)
        .content_type("video/mp4")
        .send()
        .await;
    created.unwrap().upload_id.unwrap()
}

async fn part(aws: &Aws, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let uploaded = aws
        .s3
        .upload_part()
        .bucket("media")
        .key("k")
        .upload_id(id)
        .part_number(number);
    let uploaded = uploaded.body(ByteStream::from(body)).send().await.unwrap();
    CompletedPart::builder()
        .part_number(number)
        .e_tag(uploaded.e_tag.unwrap())
        .build()
}

fn listed(parts: &[CompletedPart]) -> CompletedMultipartUpload {
    CompletedMultipartUpload::builder()
        .set_parts(Some(parts.to_vec()))
        .build()
}

#[tokio::test]
async fn parts_become_one_object_with_an_etag_of_parts() {
    let aws = Aws::with_bucket().await;
    let id = begin(&aws, "k").await;
    let parts = [
        part(&aws, &id, 1, vec![b'a'; PART]).await,
        part(&aws, &id, 2, b"tail".to_vec()).await,
    ];
    let page = aws
        .s3
        .list_parts()
        .bucket("media")
        .key("k")
        .upload_id(&id)
        .max_parts(1)
        .send()
        .await
        .unwrap();
    assert_eq!((page.parts().len(), page.is_truncated()), (1, Some(true)));
    let complete = aws
        .s3
        .complete_multipart_upload()
        .bucket("media")
        .key("k")
        .upload_id(&id);
    let done = complete
        .multipart_upload(listed(&parts))
        .send()
        .await
        .unwrap();
    assert!(done.e_tag().unwrap().ends_with("-2\""), "{done:?}");
    let head = aws
        .s3
        .head_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), i64::try_from(PART + 4).ok());
    assert_eq!(
        (head.content_type(), head.e_tag()),
        (Some("video/mp4"), done.e_tag())
    );
    assert!(aws.get("k").await.ends_with("aatail"));
}

#[tokio::test]
async fn a_part_can_be_copied_from_an_object() {
    let aws = Aws::with_bucket().await;
    aws.put("source", "0123456789").await;
    let id = begin(&aws, "k").await;
    let copy = aws
        .s3
        .upload_part_copy()
        .bucket("media")
        .key("k")
        .upload_id(&id)
        .part_number(1);
    let copied = copy
        .copy_source("media/source")
        .copy_source_range("bytes=2-5")
        .send()
        .await
        .unwrap();
    let etag = copied.copy_part_result.unwrap().e_tag.unwrap();
    let part = CompletedPart::builder().part_number(1).e_tag(etag).build();
    let complete = aws
        .s3
        .complete_multipart_upload()
        .bucket("media")
        .key("k")
        .upload_id(&id);
    complete
        .multipart_upload(listed(&[part]))
        .send()
        .await
        .unwrap();
    assert_eq!(aws.get("k").await, "2345");
}

#[tokio::test]
async fn wrong_lists_are_refused_and_an_aborted_upload_is_gone() {
    let aws = Aws::with_bucket().await;
    let id = begin(&aws, "k").await;
    let parts = [
        part(&aws, &id, 1, b"small".to_vec()).await,
        part(&aws, &id, 2, b"tail".to_vec()).await,
    ];
    let complete = |list| {
        let complete = aws
            .s3
            .complete_multipart_upload()
            .bucket("media")
            .key("k")
            .upload_id(&id);
        complete.multipart_upload(list).send()
    };
    assert_eq!(code(complete(listed(&parts)).await), "EntityTooSmall");
    let reversed = [parts[1].clone(), parts[0].clone()];
    assert_eq!(code(complete(listed(&reversed)).await), "InvalidPartOrder");
    aws.s3
        .abort_multipart_upload()
        .bucket("media")
        .key("k")
        .upload_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(code(complete(listed(&parts)).await), "NoSuchUpload");
}
