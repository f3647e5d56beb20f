//! The string to sign of a request, from wire parameters or from JSON.
//!
//! Pure text work: sort by name, drop what is empty, join. Which parameters take part is decided
//! by the caller, because Cloudinary's list differs from endpoint to endpoint.

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{SignatureAlgorithm, SignatureVersion, SigningKey};

/// A signature with the text it was made from, which Cloudinary quotes in `Invalid Signature`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The text, without the secret that was appended for hashing.
    pub string_to_sign: String,
    /// Its hash in lower-case hexadecimal.
    pub signature: String,
}

/// Joins parameters as Cloudinary does before it hashes them.
///
/// Sorted by name in byte order; empty values are left out; values are raw UTF-8 and not
/// URL-encoded, except that version 2 writes `&` as `%26`.
pub fn string_to_sign<'a>(
    params: impl IntoIterator<Item = (&'a str, &'a str)>,
    version: SignatureVersion,
) -> String {
    let mut params: Vec<_> = params
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    params.sort_by_key(|(name, _)| *name);
    let pairs: Vec<_> = params
        .iter()
        .map(|(name, value)| pair(name, value, version))
        .collect();
    pairs.join("&")
}

/// Signs parameters given as JSON, with the SDKs' rules for turning values into text.
///
/// Booleans become `1` and `0`, lists are joined with `,`, null and empty text are left out,
/// objects become compact JSON text. Every parameter takes part, whatever its name.
pub fn sign_request(
    params: &Map<String, Value>,
    secret: &SecretString,
    algorithm: SignatureAlgorithm,
    version: SignatureVersion,
) -> Signed {
    let texts: Vec<_> = params
        .iter()
        .map(|(name, value)| (name, text(value)))
        .collect();
    let pairs = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    SigningKey::new(secret.clone(), algorithm).sign(pairs, version)
}

fn pair(name: &str, value: &str, version: SignatureVersion) -> String {
    let pair = format!("{name}={value}");
    match version {
        SignatureVersion::V1 => pair,
        SignatureVersion::V2 => pair.replace('&', "%26"),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of_json(params: &Value, version: SignatureVersion) -> String {
        let params = params.as_object().expect("object");
        sign_request(params, &"s".into(), SignatureAlgorithm::Sha1, version).string_to_sign
    }

    #[test]
    fn names_are_sorted_and_empty_values_dropped() {
        let params = [
            ("type", "upload"),
            ("tags", ""),
            ("public_id", "a/b c"),
            ("eager", "x"),
        ];
        assert_eq!(
            string_to_sign(params, SignatureVersion::V2),
            "eager=x&public_id=a/b c&type=upload"
        );
    }

    #[test]
    fn only_version_two_escapes_ampersands_and_nothing_else() {
        let params = [("notification_url", "https://a/?b=1%20&c=2+3#é")];
        assert_eq!(
            string_to_sign(params, SignatureVersion::V1),
            "notification_url=https://a/?b=1%20&c=2+3#é"
        );
        assert_eq!(
            string_to_sign(params, SignatureVersion::V2),
            "notification_url=https://a/?b=1%20%26c=2+3#é"
        );
    }

    #[test]
    fn json_values_become_the_text_that_sdks_send() {
        let params = json!({
            "z": true, "y": false, "x": 0, "w": null, "v": "", "u": [], "t": ["a", 1, true],
            "s": {"k": "v"}, "r": 1.5, "q": "0",
        });
        assert_eq!(
            of_json(&params, SignatureVersion::V2),
            "q=0&r=1.5&s={\"k\":\"v\"}&t=a,1,1&x=0&y=0&z=1"
        );
    }
}
