//! The rename call: a new public ID, and perhaps a new delivery type, for the same asset.

use axum::response::Response;
use cloudinary_core::{AssetId, ResourceType};

use crate::dispatch::UploadCall;
use crate::reply::{self, Refusal};
use crate::store::RenameRefused;
use crate::{clock, describe, naming};

/// Moves an asset; a taken name is refused unless it may be overwritten.
pub(crate) fn rename(call: &UploadCall) -> Result<Response, Refusal> {
    let (state, params) = (&call.state, &call.params);
    let from = naming::named(
        params,
        "from_public_id",
        call.resource_type.unwrap_or(ResourceType::Image),
    )?;
    let to_type = params
        .get("to_type")
        .map(|_| naming::delivery_type(params, "to_type"));
    let to = AssetId {
        public_id: naming::public_id(params.require("to_public_id")?)?,
        delivery_type: to_type.transpose()?.unwrap_or(from.delivery_type),
        ..from.clone()
    };
    let overwrite = params.flag("overwrite") == Some(true);
    let renamed = state
        .store()
        .rename(&from, to.clone(), overwrite, clock::unix_now());
    let asset = renamed.map_err(|refused| match refused {
        RenameRefused::Missing => Refusal::no_resource(from.public_id.as_str()),
        RenameRefused::Taken => Refusal::new(
            state.options.rename_conflict_status,
            format!("to_public_id {} already exists", to.public_id),
        ),
    })?;
    let answer = describe::changed(state, &asset, call.caller);
    state.outbox.notify(params, "rename", &answer);
    Ok(reply::ok(&answer))
}
