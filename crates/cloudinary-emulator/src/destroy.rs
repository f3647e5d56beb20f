//! The destroy call. A missing asset is an answer, not an error.

use axum::response::Response;
use serde_json::json;

use cloudinary_core::ResourceType;

use crate::dispatch::UploadCall;
use crate::naming;
use crate::reply::{self, Refusal};
use crate::webhook::Gone;

/// Removes one asset, named by public ID or by its immutable ID.
pub(crate) fn destroy(call: &UploadCall) -> Result<Response, Refusal> {
    let state = &call.state;
    let by_asset_id = call
        .params
        .get("asset_id")
        .and_then(|id| state.store().by_asset_id(id));
    let id = match by_asset_id {
        Some(asset) => asset.id.clone(),
        None if call.params.get("asset_id").is_some() => return Ok(result("not found")),
        None => {
            let kind = call.resource_type.unwrap_or(ResourceType::Image);
            naming::named(&call.params, "public_id", kind)?
        }
    };
    let gone = state.store().destroy(&id);
    let Some(gone) = gone else {
        return Ok(result("not found"));
    };
    state
        .outbox
        .notify(&call.params, "delete", &Gone::from(&*gone));
    Ok(result("ok"))
}

fn result(word: &str) -> Response {
    reply::ok(&json!({"result": word}))
}
