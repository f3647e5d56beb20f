//! The upload call: file → name → store → answer.

use std::sync::Arc;

use axum::response::Response;
use cloudinary_core::{AssetId, ResourceType};
use serde_json::json;

use crate::asset::{Asset, Details};
use crate::auth::Caller;
use crate::body::{File, Params};
use crate::chunks::{Chunk, Progress};
use crate::dispatch::UploadCall;
use crate::media::{self, Media};
use crate::options::FolderMode;
use crate::reply::{self, Refusal};
use crate::source::{self, Arrived};
use crate::store::{Put, random_id};
use crate::{clock, describe, naming};

/// Stores a file.
pub(crate) async fn upload(call: UploadCall) -> Result<Response, Refusal> {
    check_parameters(&call)?;
    let file = call
        .params
        .file
        .clone()
        .ok_or_else(|| Refusal::missing_parameter("file"))?;
    if let Some(chunk) = Chunk::from_headers(&call.headers)? {
        return chunked(&call, &chunk, file);
    }
    if call.params.flag("async") == Some(true) {
        return pending(call, file);
    }
    whole(&call, &file).await
}

async fn whole(call: &UploadCall, file: &File) -> Result<Response, Refusal> {
    let arrived = source::load(&call.state, file, call.pull_delay).await?;
    let media = recognise(call, &arrived);
    let id = identify(call, &arrived, &media)?;
    keep(call, id, arrived, &media, None)
}

fn chunked(call: &UploadCall, chunk: &Chunk, file: File) -> Result<Response, Refusal> {
    let File::Bytes { name, bytes } = file else {
        return Err(Refusal::bad_request(
            "Content-Range needs the bytes of a file",
        ));
    };
    if let Some(asset) = repeated(call, chunk) {
        let mut answer = describe::uploaded(&call.state, &asset, call.caller);
        answer.done = Some(true);
        return Ok(reply::ok(&answer));
    }
    let known = call.state.chunks().name_of(chunk);
    let id = if let Some(id) = known {
        id
    } else {
        let first = source::whole(bytes.clone(), Some(name.clone()));
        identify(call, &first, &recognise(call, &first))?
    };
    let progress = call
        .state
        .chunks()
        .add(chunk, bytes, &id, clock::unix_now())?;
    match progress {
        Progress::Partial(received) => Ok(reply::ok(&json!({
            "done": false,
            "bytes": received,
            "kind": id.delivery_type,
            "resource_type": id.resource_type,
            "public_id": id.public_id,
        }))),
        Progress::Complete(bytes) => {
            let arrived = source::whole(bytes, Some(name));
            let counter = &call.state.counters.bytes;
            counter.fetch_add(arrived.content.len, std::sync::atomic::Ordering::Relaxed);
            let media = recognise(call, &arrived);
            keep(call, id, arrived, &media, Some(true))
        }
    }
}

/// The last chunk may be sent again when its answer was lost.
fn repeated(call: &UploadCall, chunk: &Chunk) -> Option<Arc<Asset>> {
    let finished = call.state.chunks().finished(chunk)?;
    call.state.store().get(&finished)
}

/// Answers at once and stores later.
fn pending(call: UploadCall, file: File) -> Result<Response, Refusal> {
    let resource_type = call.resource_type.map_or("auto", ResourceType::as_str);
    let answer = reply::ok(&json!({
        "status": "pending",
        "resource_type": resource_type,
        "type": naming::delivery_type(&call.params, "type")?,
        "public_id": call.params.get("public_id"),
        "batch_id": random_id(),
    }));
    let (tasks, stop) = (call.state.tasks.clone(), call.state.stop.clone());
    tasks.spawn(async move {
        let stored = stop.run_until_cancelled(whole(&call, &file)).await;
        if let Some(Err(refusal)) = stored {
            tracing::warn!(?refusal, "An asynchronous upload failed");
        }
    });
    Ok(answer)
}

fn keep(
    call: &UploadCall,
    id: AssetId,
    mut arrived: Arrived,
    media: &Media,
    done: Option<bool>,
) -> Result<Response, Refusal> {
    let state = &call.state;
    acceptable(call, &arrived, media)?;
    if arrived.content.len > state.options.keep_bytes_up_to {
        arrived.content.bytes = None;
    }
    let details = details(call, &id, &arrived, media);
    let overwrite = call.caller != Caller::Unsigned && call.params.flag("overwrite") != Some(false);
    let put = state
        .store()
        .put(id, arrived.content, details, overwrite, clock::unix_now());
    let (asset, overwritten, existing) = match put {
        Put::Created(asset) => (asset, None, None),
        Put::Overwritten(asset) => (asset, Some(true), None),
        Put::Existing(asset) => (asset, None, Some(true)),
    };
    let mut answer = describe::uploaded(state, &asset, call.caller);
    (answer.overwritten, answer.existing, answer.done) = (overwritten, existing, done);
    answer.eager = call
        .params
        .get("eager")
        .map(|eager| describe::eager(state, &asset, eager));
    if existing.is_none() {
        state.outbox.notify(&call.params, "upload", &answer);
    }
    Ok(reply::ok(&answer))
}

fn check_parameters(call: &UploadCall) -> Result<(), Refusal> {
    let (params, options) = (&call.params, &call.state.options);
    let preset = params.get("upload_preset");
    let mut presets = options
        .upload_presets
        .iter()
        .chain(&options.unsigned_presets);
    if preset.is_some_and(|preset| !presets.any(|known| known == preset)) {
        return Err(Refusal::bad_request("Upload preset not found"));
    }
    if params
        .get("display_name")
        .is_some_and(|name| name.contains('/'))
    {
        return Err(Refusal::bad_request("Display name cannot contain slashes"));
    }
    if params.get("format") == Some("auto") {
        return Err(Refusal::bad_request(
            "Invalid extension in transformation: auto",
        ));
    }
    Ok(())
}

fn recognise(call: &UploadCall, arrived: &Arrived) -> Media {
    let name = call
        .params
        .get("filename_override")
        .or(arrived.name.as_deref())
        .unwrap_or_default();
    media::recognise(&arrived.head, naming::stem_and_extension(name).1)
}

fn identify(call: &UploadCall, arrived: &Arrived, media: &Media) -> Result<AssetId, Refusal> {
    let name = call
        .params
        .get("filename_override")
        .or(arrived.name.as_deref());
    let resource_type = call.resource_type.unwrap_or(media.resource_type);
    naming::of_upload(
        &call.params,
        call.state.options.folder_mode,
        name,
        resource_type,
    )
}

fn acceptable(call: &UploadCall, arrived: &Arrived, media: &Media) -> Result<(), Refusal> {
    if arrived.content.len == 0 {
        return Err(Refusal::bad_request("Uploaded file is empty"));
    }
    let image = call.resource_type == Some(ResourceType::Image);
    if call.state.options.strict_images && image && !media.certain {
        return Err(Refusal::bad_request("Invalid image file"));
    }
    let allowed = call.params.list("allowed_formats");
    match &media.format {
        Some(format) if !allowed.is_empty() && !allowed.contains(format) => Err(
            Refusal::bad_request(format!("Image file format {format} not allowed")),
        ),
        _ => Ok(()),
    }
}

fn details(call: &UploadCall, id: &AssetId, arrived: &Arrived, media: &Media) -> Details {
    let params = &call.params;
    let stem = arrived
        .name
        .as_deref()
        .map(|name| naming::stem_and_extension(name).0.to_owned());
    let dynamic = call.state.options.folder_mode == FolderMode::Dynamic;
    let by_file_name = params.flag("use_filename_as_display_name") == Some(true);
    let text = |name: &str| params.get(name).map(str::to_owned).filter(|_| dynamic);
    Details {
        format: format(params, id.resource_type, media),
        size_px: media
            .size_px
            .filter(|_| id.resource_type == ResourceType::Image),
        display_name: text("display_name")
            .or_else(|| stem.clone().filter(|_| dynamic && by_file_name)),
        asset_folder: text("asset_folder").map(|folder| folder.trim_matches('/').to_owned()),
        original_filename: stem.filter(|_| params.flag("discard_original_filename") != Some(true)),
        tags: params.list("tags"),
        context: params.map("context"),
        metadata: params.map("metadata"),
    }
}

/// Raw files have none; where the bytes tell nothing, the commonest one is taken.
fn format(params: &Params, resource_type: ResourceType, media: &Media) -> Option<String> {
    let fitting = media
        .format
        .clone()
        .filter(|_| media.resource_type == resource_type);
    let usual = match resource_type {
        ResourceType::Image => "jpg",
        ResourceType::Video => "mp4",
        ResourceType::Raw => return None,
    };
    Some(
        params
            .get("format")
            .map(str::to_owned)
            .or(fitting)
            .unwrap_or_else(|| usual.to_owned()),
    )
}
