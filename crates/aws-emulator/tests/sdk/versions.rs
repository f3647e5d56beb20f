//! Versions and delete markers.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use crate::support::{Aws, code};

async fn versioned(status: BucketVersioningStatus) -> Aws {
    let aws = Aws::with_bucket().await;
    set(&aws, status).await;
    aws
}

async fn set(aws: &Aws, status: BucketVersioningStatus) {
    let configuration = VersioningConfiguration::builder().status(status).build();
    let put = aws
        .s3
        .put_bucket_versioning()
        .bucket("media")
        .versioning_configuration(configuration);
    put.send().await.unwrap();
}

async fn version_of(aws: &Aws, key: &str) -> Option<String> {
    aws.s3
        .head_object()
        .bucket("media")
        .key(key)
        .send()
        .await
        .unwrap()
        .version_id
}

#[tokio::test]
async fn a_delete_marker_hides_the_key_and_says_so() {
    let aws = versioned(BucketVersioningStatus::Enabled).await;
    aws.put("k", "one").await;
    let first = version_of(&aws, "k").await.unwrap();
    let deleted = aws
        .s3
        .delete_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let marker = deleted.version_id.unwrap();
    let hidden = aws.http("GET /media/k", "", "").await.unwrap();
    assert_eq!(hidden.status, 404);
    assert!(
        hidden
            .head
            .to_lowercase()
            .contains("x-amz-delete-marker: true"),
        "{}",
        hidden.head
    );
    let by_id = aws
        .s3
        .get_object()
        .bucket("media")
        .key("k")
        .version_id(&marker)
        .send()
        .await;
    assert_eq!(code(by_id), "MethodNotAllowed");
    let head = aws
        .s3
        .head_object()
        .bucket("media")
        .key("k")
        .version_id(&marker)
        .send()
        .await
        .unwrap_err();
    assert_eq!(head.raw_response().unwrap().status().as_u16(), 405);
    let old = aws
        .s3
        .get_object()
        .bucket("media")
        .key("k")
        .version_id(&first)
        .send()
        .await
        .unwrap();
    assert_eq!(old.body.collect().await.unwrap().to_vec(), b"one");
    let removed = aws
        .s3
        .delete_object()
        .bucket("media")
        .key("k")
        .version_id(&marker)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (removed.delete_marker(), removed.version_id()),
        (Some(true), Some(marker.as_str()))
    );
    assert_eq!(aws.get("k").await, "one");
}

#[tokio::test]
async fn versions_are_listed_newest_first_with_their_markers() {
    let aws = versioned(BucketVersioningStatus::Enabled).await;
    aws.put("k", "one").await;
    aws.put("k", "two").await;
    aws.s3
        .delete_object()
        .bucket("media")
        .key("k")
        .send()
        .await
        .unwrap();
    aws.put("l", "three").await;
    let list = aws
        .s3
        .list_object_versions()
        .bucket("media")
        .send()
        .await
        .unwrap();
    let versions: Vec<_> = list
        .versions()
        .iter()
        .map(|v| (v.key().unwrap(), v.size().unwrap(), v.is_latest().unwrap()))
        .collect();
    assert_eq!(versions, [("k", 3, false), ("k", 3, false), ("l", 5, true)]);
    let markers: Vec<_> = list
        .delete_markers()
        .iter()
        .map(|m| (m.key().unwrap(), m.is_latest().unwrap()))
        .collect();
    assert_eq!(markers, [("k", true)]);
    let first = aws
        .s3
        .list_object_versions()
        .bucket("media")
        .max_keys(2)
        .send()
        .await
        .unwrap();
    assert_eq!(first.is_truncated(), Some(true));
    let rest = aws.s3.list_object_versions().bucket("media");
    let rest = rest
        .set_key_marker(first.next_key_marker)
        .set_version_id_marker(first.next_version_id_marker);
    let rest = rest.send().await.unwrap();
    assert_eq!((rest.versions().len(), rest.delete_markers().len()), (2, 0));
}

#[tokio::test]
async fn a_suspended_bucket_writes_the_null_version() {
    let aws = versioned(BucketVersioningStatus::Enabled).await;
    aws.put("k", "kept").await;
    let kept = version_of(&aws, "k").await.unwrap();
    set(&aws, BucketVersioningStatus::Suspended).await;
    aws.put("k", "null").await;
    assert_eq!(version_of(&aws, "k").await.as_deref(), Some("null"));
    aws.s3
        .delete_object()
        .bucket("media")
        .key("k")
        .version_id("null")
        .send()
        .await
        .unwrap();
    assert_eq!(version_of(&aws, "k").await, Some(kept));
    let status = aws
        .s3
        .get_bucket_versioning()
        .bucket("media")
        .send()
        .await
        .unwrap();
    assert_eq!(status.status(), Some(&BucketVersioningStatus::Suspended));
    let none = aws
        .s3
        .get_object()
        .bucket("media")
        .key("k")
        .version_id("none")
        .send()
        .await;
    assert_eq!(code(none), "NoSuchVersion");
}
