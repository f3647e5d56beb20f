//! The explicit call: changes what is known of an asset without sending it again.

use axum::response::Response;
use cloudinary_core::ResourceType;

use crate::dispatch::UploadCall;
use crate::options::FolderMode;
use crate::reply::{self, Refusal};
use crate::{describe, naming};

/// Applies tags, context, metadata and folder, and answers with the asset.
pub(crate) fn explicit(call: &UploadCall) -> Result<Response, Refusal> {
    let (state, params) = (&call.state, &call.params);
    params.require("type")?;
    let kind = call.resource_type.unwrap_or(ResourceType::Image);
    let id = naming::named(params, "public_id", kind)?;
    let dynamic = state.options.folder_mode == FolderMode::Dynamic;
    let text = |name: &str| params.get(name).map(str::to_owned).filter(|_| dynamic);
    let changed = state.store().update(&id, |details| {
        if params.get("tags").is_some() {
            details.tags = params.list("tags");
        }
        if params.get("context").is_some() {
            details.context = params.map("context");
        }
        details.metadata.extend(params.map("metadata"));
        details.asset_folder = text("asset_folder").or(details.asset_folder.take());
        details.display_name = text("display_name").or(details.display_name.take());
    });
    let asset = changed.ok_or_else(|| Refusal::no_resource(id.public_id.as_str()))?;
    let mut answer = describe::changed(state, &asset, call.caller);
    answer.eager = params
        .get("eager")
        .map(|eager| describe::eager(state, &asset, eager));
    state.outbox.notify(params, "explicit", &answer);
    Ok(reply::ok(&answer))
}
