//! The tags, context and metadata calls: one change to many assets.
//!
//! Public IDs that name nothing are left out of the answer without a word, as the service does.

use axum::response::Response;
use cloudinary_core::{AssetId, ResourceType};
use serde_json::json;

use crate::asset::Details;
use crate::dispatch::UploadCall;
use crate::naming;
use crate::reply::{self, Refusal};

/// Adds, removes, replaces or clears tags.
pub(crate) fn tags(call: &UploadCall) -> Result<Response, Refusal> {
    let command = call.params.require("command")?.to_owned();
    let tags = call.params.list("tag");
    if !matches!(
        command.as_str(),
        "add" | "remove" | "replace" | "remove_all" | "set_exclusive"
    ) {
        return Err(Refusal::bad_request(format!(
            "Invalid value {command} for parameter command"
        )));
    }
    if command == "set_exclusive" {
        take_from_all(call, &tags);
    }
    change(call, |details| match command.as_str() {
        "remove" => details.tags.retain(|tag| !tags.contains(tag)),
        "replace" => details.tags.clone_from(&tags),
        "remove_all" => details.tags.clear(),
        _ => {
            let new = tags
                .iter()
                .filter(|tag| !details.tags.contains(tag))
                .cloned();
            let new: Vec<_> = new.collect();
            details.tags.extend(new);
        }
    })
}

/// Adds or clears contextual metadata.
pub(crate) fn context(call: &UploadCall) -> Result<Response, Refusal> {
    let added = call.params.map("context");
    match call.params.require("command")? {
        "add" => change(call, |details| details.context.extend(added.clone())),
        "remove_all" => change(call, |details| details.context.clear()),
        other => Err(Refusal::bad_request(format!(
            "Invalid value {other} for parameter command"
        ))),
    }
}

/// Sets structured metadata. Any external ID is taken for a defined field.
pub(crate) fn metadata(call: &UploadCall) -> Result<Response, Refusal> {
    call.params.require("metadata")?;
    let values = call.params.map("metadata");
    change(call, |details| details.metadata.extend(values.clone()))
}

fn change(call: &UploadCall, apply: impl Fn(&mut Details)) -> Result<Response, Refusal> {
    let state = &call.state;
    let mut changed = Vec::new();
    for text in call.params.list("public_ids") {
        if state.store().update(&named(call, &text)?, &apply).is_some() {
            changed.push(text);
        }
    }
    Ok(reply::ok(&json!({"public_ids": changed})))
}

fn named(call: &UploadCall, public_id: &str) -> Result<AssetId, Refusal> {
    Ok(AssetId {
        resource_type: call.resource_type.unwrap_or(ResourceType::Image),
        delivery_type: naming::delivery_type(&call.params, "type")?,
        public_id: naming::public_id(public_id)?,
    })
}

fn take_from_all(call: &UploadCall, tags: &[String]) {
    let mut store = call.state.store();
    let tagged = store
        .iter()
        .filter(|asset| asset.details.tags.iter().any(|tag| tags.contains(tag)));
    let tagged: Vec<AssetId> = tagged.map(|asset| asset.id.clone()).collect();
    for id in tagged {
        store.update(&id, |details| {
            details.tags.retain(|tag| !tags.contains(tag));
        });
    }
}
