//! Every signature Cloudinary computes, written from the specification.
//!
//! Deliberately shares no code with `cloudinary-core`: two independent readings of the rules must
//! agree before a test passes. Pure: secrets come in as text, nothing is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The account's hash. Requests do not name it; its length tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Sha1,
    Sha256,
}

impl Algorithm {
    /// Tells by the number of hex digits.
    pub(crate) fn of(signature: &str) -> Option<Self> {
        match signature.len() {
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            _ => None,
        }
    }

    fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
        }
    }

    fn hex(self, parts: &[&[u8]]) -> String {
        hex::encode(self.digest(parts))
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// The text under a request signature, version 1: sorted `key=value` joined with `&`.
pub(crate) fn string_to_sign(pairs: &[(&str, String)]) -> String {
    joined(pairs, |pair| pair)
}

/// Whether `given` signs `pairs`, in either signature version and either hash.
pub(crate) fn request_matches(pairs: &[(&str, String)], secret: &str, given: &str) -> bool {
    let Some(algorithm) = Algorithm::of(given) else {
        return false;
    };
    let escaped = joined(pairs, |pair| pair.replace('&', "%26"));
    [string_to_sign(pairs), escaped]
        .iter()
        .any(|text| same(&algorithm.hex(&[text.as_bytes(), secret.as_bytes()]), given))
}

fn joined(pairs: &[(&str, String)], shape: impl Fn(String) -> String) -> String {
    let mut sorted: Vec<_> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    sorted.sort_by_key(|(key, _)| *key);
    let texts: Vec<_> = sorted
        .iter()
        .map(|(key, value)| shape(format!("{key}={value}")))
        .collect();
    texts.join("&")
}

/// The signature in an upload answer; always version 1.
pub(crate) fn response(
    public_id: &str,
    version: u64,
    secret: &str,
    algorithm: Algorithm,
) -> String {
    let text = format!("public_id={public_id}&version={version}");
    algorithm.hex(&[text.as_bytes(), secret.as_bytes()])
}

/// The `X-Cld-Signature` of a notification.
pub(crate) fn webhook(body: &[u8], timestamp: u64, secret: &str, algorithm: Algorithm) -> String {
    algorithm.hex(&[body, timestamp.to_string().as_bytes(), secret.as_bytes()])
}

/// The short marker of a delivery source.
pub(crate) fn delivery(to_sign: &str, secret: &str) -> String {
    let mut text =
        URL_SAFE.encode(Algorithm::Sha1.digest(&[to_sign.as_bytes(), secret.as_bytes()]));
    text.truncate(8);
    text
}

/// Whether `given` (8 or 32 characters) signs a delivery source.
pub(crate) fn delivery_matches(to_sign: &str, secret: &str, given: &str) -> bool {
    let parts = [to_sign.as_bytes(), secret.as_bytes()];
    let text = |algorithm: Algorithm| URL_SAFE.encode(algorithm.digest(&parts));
    match given.len() {
        8 => [Algorithm::Sha1, Algorithm::Sha256]
            .iter()
            .any(|a| same(&text(*a)[..8], given)),
        32 => same(&text(Algorithm::Sha256)[..32], given),
        _ => false,
    }
}

/// Compares without telling by the time taken how much was right.
pub(crate) fn same(expected: &str, given: &str) -> bool {
    let differing = expected
        .bytes()
        .zip(given.bytes())
        .fold(0, |acc, (a, b)| acc | (a ^ b));
    expected.len() == given.len() && differing == 0
}

#[cfg(test)]
mod tests;
