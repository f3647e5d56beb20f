//! The Admin API: looking, searching, deleting. Who may ask and how often is settled before.

mod delete;
mod detail;
mod expression;
mod list;
mod page;
mod search;

use axum::response::Response;
use serde_json::json;

use crate::body::Params;
use crate::clock;
use crate::reply::{self, Refusal};
use crate::route::AdminCall;
use crate::state::State;

/// Answers one Admin API call. Search reads its JSON `body` itself: it nests.
pub(crate) fn serve(
    state: &State,
    call: AdminCall,
    params: &Params,
    body: &[u8],
) -> Result<Response, Refusal> {
    match call {
        AdminCall::Ping => Ok(reply::ok(&json!({"status": "ok"}))),
        AdminCall::Usage => Ok(usage(state)),
        AdminCall::Config => Ok(config(state, params)),
        AdminCall::List(listing) => list::list(state, &listing, params),
        AdminCall::Detail(target) => detail::by_name(state, &target),
        AdminCall::DetailByAssetId(id) => detail::by_asset_id(state, &id),
        AdminCall::Search => search::search(state, params, body),
        AdminCall::Delete(listing) => delete::delete(state, &listing, params),
        AdminCall::Update(target) => detail::update(state, &target, params),
    }
}

fn config(state: &State, params: &Params) -> Response {
    let mut config = json!({"cloud_name": state.options.cloud, "created_at": clock::iso(0)});
    if params.flag("settings") == Some(true) {
        config["settings"] = json!({"folder_mode": state.options.folder_mode.as_str()});
    }
    reply::ok(&config)
}

fn usage(state: &State) -> Response {
    let (resources, storage) = {
        let store = state.store();
        (
            store.len(),
            store.iter().map(|asset| asset.content.len).sum::<u64>(),
        )
    };
    let now = clock::unix_now();
    reply::ok(&json!({
        "plan": "Emulator",
        "last_updated": clock::iso(now).get(..10),
        "credits": {"usage": 0.0, "limit": 25.0, "used_percent": 0.0},
        "objects": {"usage": resources},
        "bandwidth": {"usage": 0},
        "storage": {"usage": storage},
        "transformations": {"usage": 0},
        "requests": 0,
        "resources": resources,
        "derived_resources": 0,
        "media_limits": {
            "image_max_size_bytes": state.options.memory_limit,
            "video_max_size_bytes": state.options.memory_limit,
            "raw_max_size_bytes": state.options.memory_limit,
            "image_max_px": 25_000_000,
            "asset_max_total_px": 50_000_000,
        },
    }))
}
