//! One asset: looked at, or changed.

use axum::response::Response;
use cloudinary_core::AssetId;
use serde_json::json;

use crate::asset::Asset;
use crate::body::Params;
use crate::options::FolderMode;
use crate::reply::{self, Refusal};
use crate::route::Target;
use crate::state::State;
use crate::{describe, naming};

/// Everything known of the asset with this name.
pub(crate) fn by_name(state: &State, target: &Target) -> Result<Response, Refusal> {
    let found = state.store().get(&id(target)?);
    found
        .map(|asset| shown(state, &asset))
        .ok_or_else(|| Refusal::no_resource(&target.public_id))
}

/// Everything known of the asset with this immutable ID.
pub(crate) fn by_asset_id(state: &State, asset_id: &str) -> Result<Response, Refusal> {
    let found = state.store().by_asset_id(asset_id);
    found
        .map(|asset| shown(state, &asset))
        .ok_or_else(|| Refusal::no_resource(asset_id))
}

/// Changes tags, context, metadata or folder.
pub(crate) fn update(state: &State, target: &Target, params: &Params) -> Result<Response, Refusal> {
    let dynamic = state.options.folder_mode == FolderMode::Dynamic;
    let text = |name: &str| params.get(name).map(str::to_owned).filter(|_| dynamic);
    let changed = state.store().update(&id(target)?, |details| {
        if params.names().any(|name| name == "tags") {
            details.tags = params.list("tags");
        }
        if params.names().any(|name| name == "context") {
            details.context = params.map("context");
        }
        details.metadata.extend(params.map("metadata"));
        details.asset_folder = text("asset_folder").or(details.asset_folder.take());
        details.display_name = text("display_name").or(details.display_name.take());
    });
    let asset = changed.ok_or_else(|| Refusal::no_resource(&target.public_id))?;
    Ok(shown(state, &asset))
}

fn id(target: &Target) -> Result<AssetId, Refusal> {
    let public_id = naming::public_id(&target.public_id)?;
    Ok(AssetId {
        resource_type: target.resource_type,
        delivery_type: target.delivery_type,
        public_id,
    })
}

fn shown(state: &State, asset: &Asset) -> Response {
    let description = describe::detailed(state, asset);
    let mut shown = serde_json::to_value(&description).unwrap_or_default();
    shown["derived"] = json!([]);
    reply::ok(&shown)
}
