//! Everything that is known of an asset that came out wrong: for the one who has to find out why.

use std::fmt::Write;

use aws_sdk_s3::Client;

use super::equality::asset_of;
use super::worker_log::WorkerLog;
use crate::programs::{Services, control};

/// The versions in the bucket, the asset in Cloudinary, and what the workers said.
pub(super) async fn of(
    asset: &str,
    services: &Services,
    (s3, bucket): (&Client, &str),
    log: &WorkerLog,
) -> String {
    let mut story = format!("--- {asset}\n");
    let (_, id) = asset.split_once('/').unwrap_or_default();
    let request = s3.list_object_versions().bucket(bucket);
    let listed = request.prefix(id.trim_end_matches(".bin")).send().await;
    let listed = listed.expect("the bucket lists its versions");
    for version in listed.versions() {
        let key = version.key().unwrap_or_default();
        if asset_of(key) == asset {
            let (at, etag) = (version.last_modified(), version.e_tag());
            let _ = writeln!(
                story,
                "{at:?} {key} {etag:?} current: {:?}",
                version.is_latest()
            );
        }
    }
    for marker in listed.delete_markers() {
        let _ = writeln!(story, "{marker:?}");
    }
    let held = control::get(&services.cloudinary, "assets").await;
    let held = held.as_array().into_iter().flatten();
    for held in held.filter(|held| held["public_id"].as_str() == Some(id)) {
        let _ = writeln!(story, "{held}");
    }
    story + &log.story(&[format!("{id}."), asset.to_owned()])
}
