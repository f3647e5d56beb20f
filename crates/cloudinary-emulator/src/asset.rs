//! What is known of one stored asset, and the view of it that tests and people get.

use std::collections::BTreeMap;

use bytes::Bytes;
use cloudinary_core::AssetId;
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

/// One stored asset. Shared behind `Arc`; a change makes a new one.
#[expect(clippy::struct_field_names, reason = "`asset_id` is the vendor's word")]
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) id: AssetId,
    /// 32 hex digits, kept when the content is overwritten or the asset renamed.
    pub(crate) asset_id: String,
    /// Unix seconds, strictly increasing per asset.
    pub(crate) version: u64,
    pub(crate) version_id: String,
    pub(crate) created_at: u64,
    pub(crate) content: Content,
    pub(crate) details: Details,
}

/// What an upload or an update says about an asset, beside its bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Details {
    /// Absent for raw files.
    pub(crate) format: Option<String>,
    pub(crate) size_px: Option<(u32, u32)>,
    pub(crate) original_filename: Option<String>,
    /// `None` keeps what an earlier version of the asset had.
    pub(crate) asset_folder: Option<String>,
    /// `None` keeps what an earlier version of the asset had.
    pub(crate) display_name: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) context: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// The stored bytes, or only what is left of them when memory is short.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) bytes: Option<Bytes>,
    pub(crate) len: u64,
    /// MD5 of the bytes, in hex.
    pub(crate) etag: String,
}

impl Content {
    pub(crate) fn of(bytes: Bytes) -> Self {
        let len = bytes.len() as u64;
        Self {
            len,
            etag: hex::encode(Md5::digest(&bytes)),
            bytes: Some(bytes),
        }
    }

    /// Bytes held in memory.
    pub(crate) fn held(&self) -> u64 {
        self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)
    }
}

/// One asset, as `GET /_emulator/assets` and [`Handle::assets`](crate::Handle::assets) show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetView {
    /// The public ID.
    pub public_id: String,
    /// `image`, `video` or `raw`.
    pub resource_type: String,
    /// Delivery type: `upload`, `private` or `authenticated`.
    #[serde(rename = "type")]
    pub delivery_type: String,
    /// The immutable ID, 32 hex digits.
    pub asset_id: String,
    /// Unix seconds, strictly increasing per asset.
    pub version: u64,
    /// Size.
    pub bytes: u64,
    /// MD5 of the stored bytes.
    pub etag: String,
    /// Absent for raw files.
    pub format: Option<String>,
    /// The folder shown in the media library; empty in fixed folder mode.
    pub asset_folder: String,
    /// The name shown in the media library.
    pub display_name: String,
    /// Contextual metadata.
    pub context: BTreeMap<String, String>,
    /// Tags, in the order they were given.
    pub tags: Vec<String>,
}

impl From<&Asset> for AssetView {
    fn from(asset: &Asset) -> Self {
        Self {
            public_id: asset.id.public_id.to_string(),
            resource_type: asset.id.resource_type.to_string(),
            delivery_type: asset.id.delivery_type.to_string(),
            asset_id: asset.asset_id.clone(),
            version: asset.version,
            bytes: asset.content.len,
            etag: asset.content.etag.clone(),
            format: asset.details.format.clone(),
            asset_folder: asset.folder().to_owned(),
            display_name: asset.display_name().to_owned(),
            context: asset.details.context.clone(),
            tags: asset.details.tags.clone(),
        }
    }
}

impl Asset {
    /// The folder shown in the media library.
    pub(crate) fn folder(&self) -> &str {
        self.details.asset_folder.as_deref().unwrap_or_default()
    }

    /// The name shown in the media library: the last part of the public ID unless one was given.
    pub(crate) fn display_name(&self) -> &str {
        let id = self.id.public_id.as_str();
        let last = id.rsplit('/').next().unwrap_or(id);
        self.details.display_name.as_deref().unwrap_or(last)
    }
}
