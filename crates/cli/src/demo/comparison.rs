//! What S3 holds beside what Cloudinary holds. Pure: works on two lists.

use std::collections::BTreeMap;

use aws_emulator::ObjectSummary;
use cloudinary_emulator::AssetView;
use event_mapper::{ObjectRef, Rules};

/// Both sides, and where they differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Objects that are to be mirrored.
    pub(crate) objects: usize,
    /// Assets that Cloudinary holds.
    pub(crate) assets: usize,
    /// Objects that the rules leave alone.
    pub(crate) left_alone: usize,
    /// One per mirrored object, by asset.
    pub(crate) rows: Vec<Row>,
    /// One sentence per difference.
    pub(crate) differences: Vec<String>,
}

/// One object and the asset it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) asset: String,
    pub(crate) bytes: u64,
    pub(crate) same: bool,
}

/// Compares a bucket with a media library under the rules that the worker follows.
pub(crate) fn compare(
    bucket: &str,
    objects: &[ObjectSummary],
    assets: &[AssetView],
    rules: &Rules,
) -> Comparison {
    let mut expected = BTreeMap::<String, &ObjectSummary>::new();
    let mut left_alone = 0;
    for object in objects {
        let Some(asset) = asset_of(bucket, object, rules) else {
            left_alone += 1;
            continue;
        };
        // Of two objects that share an asset, the newer one owns it.
        let owner = expected.entry(asset).or_insert(object);
        if object.last_modified > owner.last_modified {
            *owner = object;
        }
    }
    let held: BTreeMap<String, &AssetView> =
        assets.iter().map(|asset| (name(asset), asset)).collect();
    let mut comparison = Comparison {
        objects: expected.len(),
        assets: assets.len(),
        left_alone,
        ..Comparison::default()
    };
    for (asset, object) in &expected {
        comparison.add(asset, object, held.get(asset).copied());
    }
    for asset in held.keys().filter(|asset| !expected.contains_key(*asset)) {
        comparison.differences.push(format!(
            "{asset} is in Cloudinary, but no object maps to it"
        ));
    }
    comparison
}

impl Comparison {
    fn add(&mut self, asset: &str, object: &ObjectSummary, held: Option<&AssetView>) {
        let key = &object.key;
        let same = held.is_some_and(|held| held.etag == object.etag);
        if held.is_none() {
            self.differences
                .push(format!("{asset} is missing in Cloudinary, for {key}"));
        } else if !same {
            self.differences
                .push(format!("{asset} holds other bytes than {key}"));
        }
        self.rows.push(Row {
            key: key.clone(),
            asset: asset.to_owned(),
            bytes: object.size,
            same,
        });
    }
}

fn asset_of(bucket: &str, object: &ObjectSummary, rules: &Rules) -> Option<String> {
    let reference = ObjectRef {
        bucket: bucket.to_owned(),
        key: object.key.clone(),
    };
    let mapping = rules.map(&reference, Some(object.size));
    let asset = mapping.asset()?;
    Some(format!(
        "{}/{}/{}",
        asset.resource_type, asset.delivery_type, asset.public_id
    ))
}

fn name(asset: &AssetView) -> String {
    format!(
        "{}/{}/{}",
        asset.resource_type, asset.delivery_type, asset.public_id
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use event_mapper::RulesConfig;

    use super::*;

    fn object(key: &str, etag: &str, age: u64) -> ObjectSummary {
        ObjectSummary {
            key: key.to_owned(),
            etag: etag.to_owned(),
            size: etag.len() as u64,
            last_modified: (SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age)).into(),
            version_id: None,
            storage_class: None,
        }
    }

    fn asset(public_id: &str, etag: &str) -> AssetView {
        AssetView {
            public_id: public_id.to_owned(),
            resource_type: "image".to_owned(),
            delivery_type: "upload".to_owned(),
            asset_id: String::new(),
            version: 1,
            bytes: 1,
            etag: etag.to_owned(),
            format: None,
            asset_folder: String::new(),
            display_name: String::new(),
            context: BTreeMap::new(),
            tags: Vec::new(),
        }
    }

    fn differences(objects: &[ObjectSummary], assets: &[AssetView]) -> Vec<String> {
        let rules = Rules::new(&RulesConfig::default()).expect("rules");
        compare("b", objects, assets, &rules).differences
    }

    #[test]
    fn equal_sides_have_no_differences() {
        let objects = [object("a.jpg", "1", 0), object("folder/", "", 0)];
        assert_eq!(differences(&objects, &[asset("a", "1")]), [""; 0]);
    }

    #[test]
    fn every_difference_is_said() {
        let objects = [object("a.jpg", "1", 0), object("b.jpg", "2", 0)];
        let assets = [asset("b", "3"), asset("c", "4")];
        assert_eq!(
            differences(&objects, &assets),
            [
                "image/upload/a is missing in Cloudinary, for a.jpg",
                "image/upload/b holds other bytes than b.jpg",
                "image/upload/c is in Cloudinary, but no object maps to it",
            ]
        );
    }

    #[test]
    fn the_newer_of_two_objects_owns_their_asset() {
        let objects = [object("a.jpg", "old", 9), object("a.png", "new", 1)];
        assert_eq!(differences(&objects, &[asset("a", "new")]), [""; 0]);
    }
}
