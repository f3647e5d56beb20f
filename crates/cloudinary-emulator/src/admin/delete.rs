//! Deleting by public IDs, by prefix, by tag or everything of a kind, a thousand at a time.

use std::collections::BTreeMap;

use axum::response::Response;
use serde_json::json;

use super::list;
use crate::body::Params;
use crate::reply::{self, Refusal};
use crate::route::Listing;
use crate::state::State;

const AT_ONCE: usize = 1000;
const MOST_IDS: usize = 100;

/// Deletes what matches and answers with what became of each name.
pub(crate) fn delete(
    state: &State,
    listing: &Listing,
    params: &Params,
) -> Result<Response, Refusal> {
    let ids = params.list("public_ids");
    let everything = params.flag("all") == Some(true);
    let narrowed = !ids.is_empty() || everything || params.get("prefix").is_some();
    match listing {
        Listing::Kind(_, Some(_)) if narrowed => {}
        Listing::Tag(..) => {}
        Listing::ByAssetIds if !params.list("asset_ids").is_empty() => {}
        Listing::All | Listing::Kind(..) | Listing::ByAssetFolder | Listing::ByAssetIds => {
            return Err(Refusal::bad_request(
                "Missing required parameter - public_ids, prefix or all",
            ));
        }
    }
    if ids.len() > MOST_IDS {
        return Err(Refusal::bad_request(
            "Too many public_ids: at most 100 at a time",
        ));
    }
    let mut deleted: BTreeMap<String, &str> = ids
        .into_iter()
        .map(|public_id| (public_id, "not_found"))
        .collect();
    let mut store = state.store();
    let doomed = list::matching(&store, listing, params)?;
    for asset in doomed.iter().take(AT_ONCE) {
        store.destroy(&asset.id);
        deleted.insert(asset.id.public_id.to_string(), "deleted");
    }
    let partial = doomed.len() > AT_ONCE;
    let mut answer = json!({"deleted": deleted, "partial": partial});
    if partial {
        // Clients pass it back with the same request; what is left is found by that request alone.
        answer["next_cursor"] = json!(crate::store::random_id());
    }
    Ok(reply::ok(&answer))
}
