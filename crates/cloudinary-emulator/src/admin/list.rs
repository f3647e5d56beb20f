//! Listings, by kind, prefix, public IDs, tag or folder; in the order of public IDs.

use std::sync::Arc;

use axum::response::Response;
use serde::Serialize;

use super::page::{self, Page};
use crate::asset::Asset;
use crate::body::Params;
use crate::describe::{self, Description};
use crate::reply::{self, Refusal};
use crate::route::Listing;
use crate::state::State;
use crate::store::Store;

const USUAL: usize = 10;

#[derive(Serialize)]
struct Listed {
    resources: Vec<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Shows one page of the assets that match.
pub(crate) fn list(state: &State, listing: &Listing, params: &Params) -> Result<Response, Refusal> {
    let page = Page::of(params, USUAL)?;
    let matching = matching(&state.store(), listing, params)?;
    let mut rest = matching.iter().map(|asset| (key(asset), asset));
    let after = page.after.as_deref();
    let mut shown: Vec<_> = rest
        .by_ref()
        .filter(|(key, _)| after.is_none_or(|after| key.as_slice() > after))
        .take(page.size)
        .collect();
    let more = rest.next().is_some();
    let next_cursor = shown
        .last()
        .filter(|_| more)
        .map(|(key, _)| page::cursor(key));
    let (tags, context) = (
        params.flag("tags") == Some(true),
        params.flag("context") == Some(true),
    );
    let describe = |(_, asset): (_, &Arc<Asset>)| describe::listed(state, asset, tags, context);
    let resources = shown.drain(..).map(describe).collect();
    Ok(reply::ok(&Listed {
        resources,
        next_cursor,
    }))
}

/// The assets that a listing or a deletion is about, in order.
pub(crate) fn matching(
    store: &Store,
    listing: &Listing,
    params: &Params,
) -> Result<Vec<Arc<Asset>>, Refusal> {
    let ids = params.list("public_ids");
    let prefix = params.get("prefix").unwrap_or_default();
    let named = |asset: &Asset| {
        let id = asset.id.public_id.as_str();
        id.starts_with(prefix) && (ids.is_empty() || ids.iter().any(|wanted| wanted == id))
    };
    let fits = |fits: &dyn Fn(&Asset) -> bool| -> Vec<Arc<Asset>> {
        store
            .iter()
            .filter(|asset| fits(asset) && named(asset))
            .map(Arc::clone)
            .collect()
    };
    Ok(match listing {
        Listing::All => fits(&|_| true),
        Listing::Kind(kind, None) => fits(&|asset| asset.id.resource_type == *kind),
        Listing::Kind(kind, Some(delivery)) => store
            .of_kind(*kind, *delivery)
            .filter(|asset| named(asset))
            .map(Arc::clone)
            .collect(),
        Listing::Tag(kind, tag) => {
            fits(&|asset| asset.id.resource_type == *kind && asset.details.tags.contains(tag))
        }
        Listing::ByAssetFolder => {
            let folder = params.require("asset_folder")?.trim_matches('/');
            fits(&|asset| asset.folder() == folder)
        }
        Listing::ByAssetIds => {
            let wanted = params.list("asset_ids");
            fits(&|asset| wanted.contains(&asset.asset_id))
        }
    })
}

fn key(asset: &Asset) -> Vec<String> {
    let id = &asset.id;
    // The store's own order: image, video, raw.
    let kind = (id.resource_type as u8).to_string();
    vec![
        kind,
        (id.delivery_type as u8).to_string(),
        id.public_id.to_string(),
    ]
}
