//! Delivery: GET and HEAD of an asset's URL, with its `ETag`.
//!
//! A known media extension at the end of an image or video URL is a format, never part of the
//! public ID, just as the service reads it. Nothing is transformed: a URL that asks for another
//! format or a transformation gets the original bytes with an `ETag` of its own, because it must
//! not be mistaken for the original. Versions are read and ignored.

mod path;

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use cloudinary_core::{AssetId, DeliveryType, ResourceType};
use md5::{Digest, Md5};
use secrecy::ExposeSecret;

use crate::asset::Asset;
use crate::reply::Refusal;
use crate::state::State;
use crate::{media, naming, signature};

use path::Wanted;

/// An answer, and whose it is, for the fault plan.
pub(crate) struct Delivered {
    pub(crate) public_id: String,
    pub(crate) response: Response,
}

/// Answers a delivery request. `path` is what follows the cloud name, still percent-encoded.
pub(crate) fn serve(state: &State, parts: &Parts, cloud: &str, path: &str) -> Delivered {
    let Some(wanted) = Wanted::parse(path) else {
        let response = Refusal::new(404, "Resource not found").empty_answer();
        return Delivered {
            public_id: String::new(),
            response,
        };
    };
    let response = allowed(state, cloud, &wanted)
        .and_then(|()| find(state, &wanted))
        .map_or_else(
            |refusal| refusal.empty_answer(),
            |(asset, format)| answer(parts, &wanted, &asset, format),
        );
    Delivered {
        public_id: wanted.source,
        response,
    }
}

fn allowed(state: &State, cloud: &str, wanted: &Wanted) -> Result<(), Refusal> {
    if cloud != state.options.cloud {
        return Err(Refusal::unauthorized(format!(
            "cloud_name {cloud} is disabled"
        )));
    }
    let secret = state.options.api_secret.expose_secret();
    let signed = |given| {
        wanted
            .to_sign()
            .iter()
            .any(|text| signature::delivery_matches(text, secret, given))
    };
    match (wanted.signature.as_deref(), wanted.delivery_type) {
        (Some(given), _) if !signed(given) => Err(Refusal::unauthorized("Invalid signature")),
        (None, DeliveryType::Private | DeliveryType::Authenticated) => {
            Err(Refusal::unauthorized("ACL deny"))
        }
        (Some(_), _) | (None, DeliveryType::Upload) => Ok(()),
    }
}

/// The asset, and the format asked for where the URL names one.
fn find<'a>(state: &State, wanted: &'a Wanted) -> Result<(Arc<Asset>, Option<&'a str>), Refusal> {
    let (name, format) = match wanted.source.rsplit_once('.') {
        Some((name, extension)) if names_a_format(wanted.resource_type, extension) => {
            (name, Some(extension))
        }
        _ => (wanted.source.as_str(), None),
    };
    let missing = || Refusal::no_resource(name);
    let id = AssetId {
        resource_type: wanted.resource_type,
        delivery_type: wanted.delivery_type,
        public_id: naming::public_id(name).map_err(|_| missing())?,
    };
    Ok((state.store().get(&id).ok_or_else(missing)?, format))
}

fn names_a_format(resource_type: ResourceType, extension: &str) -> bool {
    resource_type != ResourceType::Raw && media::by_extension(extension) != ResourceType::Raw
}

fn answer(parts: &Parts, wanted: &Wanted, asset: &Asset, format: Option<&str>) -> Response {
    let stored = asset.details.format.as_deref();
    let another = format.filter(|format| !stored.is_some_and(|s| s.eq_ignore_ascii_case(format)));
    let derived = another.is_some() || wanted.transformation.is_some();
    let etag = if derived {
        derived_etag(asset, wanted)
    } else {
        asset.content.etag.clone()
    };
    let quoted = format!("\"{etag}\"");
    let known = parts
        .headers
        .get(IF_NONE_MATCH)
        .is_some_and(|value| value == quoted.as_str());
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&quoted) {
        headers.insert(ETAG, value);
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let kind = media::content_type(asset.id.resource_type, another.or(stored));
    if let Ok(value) = HeaderValue::from_str(&kind) {
        headers.insert(CONTENT_TYPE, value);
    }
    if parts.method == Method::HEAD {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(asset.content.len));
        return response;
    }
    match &asset.content.bytes {
        Some(bytes) => *response.body_mut() = Body::from(bytes.clone()),
        None => return Refusal::new(507, "The emulator kept only size and ETag").empty_answer(),
    }
    response
}

fn derived_etag(asset: &Asset, wanted: &Wanted) -> String {
    let mut hash = Md5::new();
    hash.update(&asset.content.etag);
    hash.update(wanted.transformation.as_deref().unwrap_or_default());
    hash.update(&wanted.source);
    hex::encode(hash.finalize())
}
