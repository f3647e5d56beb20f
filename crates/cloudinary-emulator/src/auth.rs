//! Who is calling: request signature, Basic, Bearer, or nobody.
//!
//! Upload API and Admin API word their refusals differently; both wordings are here.

mod signed_names;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use crate::body::Params;
use crate::clock;
use crate::operation::Operation;
use crate::options::Options;
use crate::reply::Refusal;
use crate::signature::{self, Algorithm};

const HOUR: u64 = 3600;

/// How an Upload API call proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Knows the secret; answers are signed with this hash.
    Known(Algorithm),
    /// Nobody in particular, through an unsigned upload preset.
    Unsigned,
}

/// Checks an Upload API call.
pub(crate) fn upload_api(
    options: &Options,
    cloud: &str,
    headers: &HeaderMap,
    params: &Params,
    operation: Operation,
    now: u64,
) -> Result<Caller, Refusal> {
    if cloud != options.cloud {
        return Err(Refusal::unauthorized(format!("Invalid cloud_name {cloud}")));
    }
    if let Some(credentials) = authorization(headers) {
        return check(options, &credentials).map(|()| Caller::Known(Algorithm::Sha1));
    }
    match (params.get("signature"), params.get("api_key")) {
        (None, None) if operation == Operation::Upload => unsigned(options, params),
        (_, None) => Err(Refusal::missing_parameter("api_key")),
        (None, Some(_)) => Err(Refusal::missing_parameter("signature")),
        (Some(given), Some(key)) => signed(options, params, operation, key, given, now),
    }
}

/// Checks an Admin API call.
pub(crate) fn admin(options: &Options, cloud: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let credentials =
        authorization(headers).ok_or_else(|| Refusal::unauthorized("Invalid credentials"))?;
    check(options, &credentials)?;
    if cloud == options.cloud {
        Ok(())
    } else {
        Err(Refusal::unauthorized("cloud_name mismatch"))
    }
}

enum Credentials {
    Basic { key: String, secret: String },
    Bearer(String),
    Unreadable,
}

fn authorization(headers: &HeaderMap) -> Option<Credentials> {
    let text = headers.get(AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Credentials::Bearer(value.trim().to_owned()));
    }
    let decoded = STANDARD
        .decode(value.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    Some(match pair {
        Some((key, secret)) if scheme.eq_ignore_ascii_case("basic") => Credentials::Basic {
            key: key.to_owned(),
            secret: secret.to_owned(),
        },
        _ => Credentials::Unreadable,
    })
}

fn check(options: &Options, credentials: &Credentials) -> Result<(), Refusal> {
    let refused = match credentials {
        Credentials::Unreadable => Some("Invalid credentials"),
        Credentials::Basic { key, .. } if *key != options.api_key => Some("unknown api_key"),
        Credentials::Basic { secret, .. } => {
            let right = signature::same(options.api_secret.expose_secret(), secret);
            (!right).then_some("api_secret mismatch")
        }
        Credentials::Bearer(token) => {
            let expected = options
                .oauth_token
                .as_ref()
                .map(ExposeSecret::expose_secret);
            let right = expected.is_some_and(|expected| signature::same(expected, token));
            (!right).then_some("Invalid token")
        }
    };
    refused.map_or(Ok(()), |text| Err(Refusal::unauthorized(text)))
}

fn signed(
    options: &Options,
    params: &Params,
    operation: Operation,
    key: &str,
    given: &str,
    now: u64,
) -> Result<Caller, Refusal> {
    if key != options.api_key {
        return Err(Refusal::unauthorized("unknown api_key"));
    }
    let timestamp = params.require("timestamp")?;
    let names = params
        .names()
        .filter(|name| signed_names::is_signed(operation, name));
    let pairs: Vec<_> = names.map(|name| (name, params.text(name))).collect();
    if !signature::request_matches(&pairs, options.api_secret.expose_secret(), given) {
        let text = signature::string_to_sign(&pairs);
        return Err(Refusal::unauthorized(format!(
            "Invalid Signature {given}. String to sign - '{text}'."
        )));
    }
    fresh(options, timestamp, now)?;
    Ok(Caller::Known(
        Algorithm::of(given).unwrap_or(Algorithm::Sha1),
    ))
}

/// Only an old timestamp is refused: clients that send milliseconds are known to work.
fn fresh(options: &Options, timestamp: &str, now: u64) -> Result<(), Refusal> {
    let reported: u64 = timestamp
        .parse()
        .map_err(|_| Refusal::bad_request(format!("Invalid timestamp {timestamp}")))?;
    if now.saturating_sub(reported) <= HOUR {
        return Ok(());
    }
    let time = clock::plain(reported);
    Err(Refusal::new(
        options.stale_status,
        format!("Stale request - reported time is {time} +0000 which is more than 1 hour ago"),
    ))
}

fn unsigned(options: &Options, params: &Params) -> Result<Caller, Refusal> {
    let Some(preset) = params.get("upload_preset") else {
        return Err(Refusal::bad_request(
            "Upload preset must be specified when using unsigned upload",
        ));
    };
    if !options.unsigned_presets.iter().any(|known| known == preset) {
        let known = options.upload_presets.iter().any(|known| known == preset);
        return Err(Refusal::bad_request(if known {
            "Upload preset must be whitelisted for unsigned uploads"
        } else {
            "Upload preset not found"
        }));
    }
    let refused = params
        .names()
        .find(|name| !signed_names::is_allowed_unsigned(name));
    refused.map_or(Ok(Caller::Unsigned), |name| {
        Err(Refusal::bad_request(signed_names::not_allowed_unsigned(
            name,
        )))
    })
}
