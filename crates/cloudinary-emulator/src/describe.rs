//! An asset as answers show it. One shape; each answer leaves out what it does not have.

use std::collections::BTreeMap;

use cloudinary_core::DeliveryType;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::asset::Asset;
use crate::auth::Caller;
use crate::clock;
use crate::options::FolderMode;
use crate::signature::{self, Algorithm};
use crate::state::State;

/// What Python's SDK leaves as it is in a delivery URL.
pub(crate) const SOURCE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'/')
    .remove(b':');

/// The fields of one asset, in the order of the published samples.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Description {
    asset_id: String,
    public_id: String,
    version: u64,
    version_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    resource_type: &'static str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    bytes: u64,
    #[serde(rename = "type")]
    delivery_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<bool>,
    url: String,
    secure_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_folder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_filename: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) eager: Option<Vec<Eager>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overwritten: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) existing: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) done: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Context {
    custom: BTreeMap<String, String>,
}

/// One eager transformation. Nothing is transformed here; size and bytes are the original's.
#[derive(Debug, Serialize)]
pub(crate) struct Eager {
    transformation: String,
    bytes: u64,
    url: String,
    secure_url: String,
}

/// What an upload answers.
pub(crate) fn uploaded(state: &State, asset: &Asset, caller: Caller) -> Description {
    Description {
        etag: Some(asset.content.etag.clone()),
        original_filename: asset.details.original_filename.clone(),
        ..changed(state, asset, caller)
    }
}

/// What explicit and rename answer: an upload's answer without `etag` and `original_filename`.
pub(crate) fn changed(state: &State, asset: &Asset, caller: Caller) -> Description {
    let secret = state.options.api_secret.expose_secret();
    let algorithm = match caller {
        Caller::Known(algorithm) => algorithm,
        Caller::Unsigned => Algorithm::Sha1,
    };
    let id = asset.id.public_id.as_str();
    Description {
        signature: Some(signature::response(id, asset.version, secret, algorithm)),
        tags: Some(asset.details.tags.clone()),
        placeholder: Some(false),
        context: context(asset),
        metadata: Some(asset.details.metadata.clone()).filter(|metadata| !metadata.is_empty()),
        api_key: (caller != Caller::Unsigned).then(|| state.options.api_key.clone()),
        ..plain(state, asset)
    }
}

/// What a listing shows of one asset, with tags and context when they were asked for.
pub(crate) fn listed(state: &State, asset: &Asset, tags: bool, with_context: bool) -> Description {
    let mut sorted = asset.details.tags.clone();
    sorted.sort();
    Description {
        etag: Some(asset.content.etag.clone()),
        tags: Some(sorted).filter(|sorted| tags && !sorted.is_empty()),
        context: context(asset).filter(|_| with_context),
        ..plain(state, asset)
    }
}

/// Everything the Admin API tells of one asset.
pub(crate) fn detailed(state: &State, asset: &Asset) -> Description {
    Description {
        original_filename: asset.details.original_filename.clone(),
        metadata: Some(asset.details.metadata.clone()).filter(|metadata| !metadata.is_empty()),
        ..listed(state, asset, true, true)
    }
}

/// The entries of an `eager` parameter.
pub(crate) fn eager(state: &State, asset: &Asset, transformations: &str) -> Vec<Eager> {
    let one = |text: &str| {
        let url = url(state, asset, Some(text.trim_end_matches('/')));
        let transformation = text.to_owned();
        Eager {
            transformation,
            bytes: asset.content.len,
            secure_url: url.clone(),
            url,
        }
    };
    transformations
        .split('|')
        .filter(|text| !text.is_empty())
        .map(one)
        .collect()
}

fn plain(state: &State, asset: &Asset) -> Description {
    let url = url(state, asset, None);
    let id = asset.id.public_id.as_str();
    let folder = id
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
        .to_owned();
    let dynamic = state.options.folder_mode == FolderMode::Dynamic;
    Description {
        asset_id: asset.asset_id.clone(),
        public_id: id.to_owned(),
        version: asset.version,
        version_id: asset.version_id.clone(),
        width: asset.details.size_px.map(|(width, _)| width),
        height: asset.details.size_px.map(|(_, height)| height),
        format: asset.details.format.clone(),
        resource_type: asset.id.resource_type.as_str(),
        created_at: clock::iso(asset.created_at),
        bytes: asset.content.len,
        delivery_type: asset.id.delivery_type.as_str(),
        secure_url: url.clone(),
        url,
        folder: (!dynamic && !folder.is_empty()).then_some(folder),
        asset_folder: dynamic.then(|| asset.folder().to_owned()),
        display_name: dynamic.then(|| asset.display_name().to_owned()),
        ..Description::default()
    }
}

fn context(asset: &Asset) -> Option<Context> {
    let custom = asset.details.context.clone();
    (!custom.is_empty()).then_some(Context { custom })
}

fn url(state: &State, asset: &Asset, transformation: Option<&str>) -> String {
    let (base, cloud) = (&state.base_url, &state.options.cloud);
    let kind = format!("{}/{}", asset.id.resource_type, asset.id.delivery_type);
    let mut source = utf8_percent_encode(asset.id.public_id.as_str(), SOURCE).to_string();
    if let Some(format) = &asset.details.format {
        source = format!("{source}.{format}");
    }
    let step = transformation
        .map(|text| format!("{text}/"))
        .unwrap_or_default();
    let marker = match asset.id.delivery_type {
        DeliveryType::Upload => String::new(),
        DeliveryType::Private | DeliveryType::Authenticated => {
            let secret = state.options.api_secret.expose_secret();
            format!(
                "s--{}--/",
                signature::delivery(&format!("{step}{source}"), secret)
            )
        }
    };
    format!(
        "{base}/{cloud}/{kind}/{marker}{step}v{}/{source}",
        asset.version
    )
}
