//! What it means that Cloudinary equals S3, and the wait for it.

use std::collections::BTreeMap;
use std::fmt::Write;

use md5::{Digest, Md5};

use super::{PATIENCE, World, patience};

/// What must become of one object of the bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mirror<'a> {
    /// Cloudinary holds these bytes under this resource type and public ID.
    As(&'a str, &'a str, &'a str),
    /// The object belongs to no asset, or to one that another object owns.
    Not(&'a str),
}

impl Mirror<'_> {
    pub(super) fn key(&self) -> &str {
        match self {
            Self::As(key, ..) | Self::Not(key) => key,
        }
    }
}

/// Assets by `resource type/public ID`, each with the MD5 of its bytes.
type Assets = BTreeMap<String, String>;

impl World {
    /// Waits until the queue is empty and Cloudinary holds exactly the given objects of the
    /// bucket, byte for byte, under the given names. The list must name every key of the bucket.
    pub(crate) async fn assert_equal(&self, mirrors: &[Mirror<'_>]) {
        self.assert_all_keys_are_named(mirrors).await;
        let expected = self.expected(mirrors).await;
        let mut differences = String::new();
        let equal = patience::ask_until(PATIENCE, async || {
            differences = self.differences(&expected).await;
            differences.is_empty().then_some(())
        })
        .await;
        assert!(
            equal.is_some(),
            "Cloudinary does not equal S3 after {PATIENCE:?}:\n{differences}"
        );
    }

    async fn assert_all_keys_are_named(&self, mirrors: &[Mirror<'_>]) {
        let mut named: Vec<&str> = mirrors.iter().map(Mirror::key).collect();
        named.sort_unstable();
        let mut held = self.bucket.keys().await;
        held.sort_unstable();
        assert_eq!(
            held, named,
            "the bucket holds other keys than the scenario names"
        );
    }

    async fn expected(&self, mirrors: &[Mirror<'_>]) -> Assets {
        let mut expected = Assets::new();
        for mirror in mirrors {
            if let Mirror::As(key, resource_type, public_id) = mirror {
                let md5 = hex(&Md5::digest(self.bucket.content(key).await));
                expected.insert(format!("{resource_type}/{public_id}"), md5);
            }
        }
        expected
    }

    /// One line per difference; none when all is well and nothing is under way.
    async fn differences(&self, expected: &Assets) -> String {
        let depth = self.queue.depth().await;
        let held = self.held();
        let mut lines = String::new();
        if depth.visible + depth.hidden > 0 {
            let _ = writeln!(lines, "the queue is not empty: {depth:?}");
        }
        for (asset, md5) in expected {
            match held.get(asset) {
                None => _ = writeln!(lines, "missing: {asset}"),
                Some(other) if other != md5 => _ = writeln!(lines, "other bytes: {asset}"),
                Some(_) => {}
            }
        }
        for asset in held.keys().filter(|asset| !expected.contains_key(*asset)) {
            let _ = writeln!(lines, "left over: {asset}");
        }
        lines
    }

    fn held(&self) -> Assets {
        let assets = self.cloudinary.handle().assets().into_iter();
        assets
            .map(|asset| {
                (
                    format!("{}/{}", asset.resource_type, asset.public_id),
                    asset.etag,
                )
            })
            .collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
