//! What Cloudinary must hold, computed from the bucket without any code of the product.

use std::collections::BTreeMap;

use aws_sdk_s3::Client;

use crate::programs::Services;

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Equality {
    pub(super) objects: usize,
    pub(super) assets: usize,
    /// What differs, by asset.
    pub(super) differences: BTreeMap<String, &'static str>,
}

/// Compares every object with every asset, once.
pub(super) async fn compare(services: &Services, s3: &Client, bucket: &str) -> Equality {
    let objects = list(s3, bucket).await;
    let count = objects.len();
    let expected = owners(objects);
    let held = services.assets().await;
    let mut differences = BTreeMap::new();
    for (asset, object) in &expected {
        match held.get(asset) {
            None => _ = differences.insert(asset.clone(), "missing"),
            Some(etag) if *etag != object.etag => {
                differences.insert(asset.clone(), "other bytes");
            }
            Some(_) => {}
        }
    }
    let left = held.keys().filter(|asset| !expected.contains_key(*asset));
    differences.extend(left.map(|asset| (asset.clone(), "left over")));
    Equality {
        objects: count,
        assets: held.len(),
        differences,
    }
}

/// The name of a key's asset, as `resource type/public ID`.
pub(super) fn asset_of(key: &str) -> String {
    let (name, extension) = key.rsplit_once('.').expect("a key with an extension");
    match extension {
        "jpg" | "png" => format!("image/{name}"),
        "mp4" => format!("video/{name}"),
        _ => format!("raw/{key}"),
    }
}

struct Listed {
    key: String,
    /// The MD5 of the bytes: every object here was written in one part.
    etag: String,
    /// S3 knows whole seconds; of two objects of one second the greater key counts.
    modified_seconds: i64,
}

async fn list(s3: &Client, bucket: &str) -> Vec<Listed> {
    let mut all = Vec::new();
    let mut pages = s3.list_objects_v2().bucket(bucket).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.expect("the bucket lists its objects");
        all.extend(page.contents().iter().map(|object| {
            Listed {
                key: object.key().expect("a key").to_owned(),
                etag: object
                    .e_tag()
                    .expect("an entity tag")
                    .trim_matches('"')
                    .to_owned(),
                modified_seconds: object.last_modified().expect("a time").secs(),
            }
        }));
    }
    all
}

/// The newest object of each asset.
fn owners(objects: Vec<Listed>) -> BTreeMap<String, Listed> {
    let mut owners: BTreeMap<String, Listed> = BTreeMap::new();
    for object in objects {
        let asset = asset_of(&object.key);
        let rank = |object: &Listed| (object.modified_seconds, object.key.clone());
        if owners
            .get(&asset)
            .is_none_or(|owner| rank(owner) < rank(&object))
        {
            owners.insert(asset, object);
        }
    }
    owners
}
