//! Buckets and what is listed in them.

use aws_sdk_s3::types::{Delete, EncodingType, ObjectIdentifier};

use crate::support::{Aws, code};

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
