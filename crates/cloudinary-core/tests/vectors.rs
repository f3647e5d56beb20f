//! The vectors shared with other implementations: signatures and delivery URLs that the official
//! SDKs produce. They live beside the checkout; without them only CI insists.

use std::path::Path;

use cloudinary_core::{
    Account, AssetId, DeliveryUrls, Notification, PublicId, SignatureAlgorithm, SignatureVersion,
    SigningKey, sign_request,
};
use serde_json::Value;

#[test]
fn request_signatures_equal_those_of_the_sdks() {
    check("api_sign_request", |vector| {
        let version = vector["signature_version"].as_u64().expect("number");
        let version = SignatureVersion::try_from(version).expect("known version");
        let params = vector["params"].as_object().expect("params");
        let secret = text(vector, "secret").into();
        let signed = sign_request(params, &secret, algorithm(vector), version);
        assert_eq!(
            signed.string_to_sign,
            text(vector, "string_to_sign"),
            "{}",
            vector["id"]
        );
        assert_eq!(
            signed.signature,
            text(vector, "expected"),
            "{}",
            vector["id"]
        );
    });
}

#[test]
fn raw_hashes_equal_those_of_the_sdks() {
    check("raw_sha1", |vector| {
        let hash = key(vector).hash_hex(text(vector, "content"));
        assert_eq!(hash, text(vector, "expected"), "{}", vector["id"]);
    });
}

#[test]
fn answer_signatures_equal_those_of_the_sdks() {
    check("verify_api_response_signature", |vector| {
        let version = vector["version"].as_u64().expect("number");
        let (id, expected) = (text(vector, "public_id"), text(vector, "expected"));
        assert!(
            key(vector).verify_api_response_signature(id, version, expected),
            "{id}"
        );
        assert!(
            !key(vector).verify_api_response_signature(id, version + 1, expected),
            "{id}"
        );
    });
}

#[test]
fn webhook_signatures_equal_those_of_the_sdks() {
    check("verify_notification_signature", |vector| {
        let timestamp = vector["timestamp"].as_i64().expect("number");
        let (body, signature) = (text(vector, "body"), text(vector, "expected"));
        let notification = Notification {
            body,
            timestamp,
            signature,
        };
        let at = |now| key(vector).verify_notification_signature(&notification, now, 60);
        assert!(at(timestamp + 60), "{}", vector["id"]);
        assert!(!at(timestamp + 61), "{}", vector["id"]);
    });
}

#[test]
fn url_signatures_equal_those_of_the_sdks() {
    check("url_signature", |vector| {
        assert_eq!(
            vector["long"],
            Value::Bool(false),
            "long signatures are not made here"
        );
        let signature = key(vector).url_signature(text(vector, "to_sign"));
        assert_eq!(signature, text(vector, "expected"), "{}", vector["id"]);
    });
}

/// Originals only: vectors with a transformation or another host style are not ours to make.
#[test]
fn originals_have_the_urls_of_the_sdks() {
    let account: Account = "cloudinary://a:b@test123".parse().expect("valid");
    let urls = DeliveryUrls::of(&account);
    let Some(vectors) = vectors("delivery_urls.json") else {
        return;
    };
    let mut checked = 0;
    for vector in vectors.iter().filter(|vector| vector["sdk"] == "python") {
        let Some(asset) = original(vector) else {
            continue;
        };
        let url = urls.original(&asset, None, 1).expect("public");
        let path = url
            .strip_prefix("https://res.cloudinary.com/test123/")
            .expect("shared host");
        let expected = text(vector, "expected");
        let expected = expected
            .strip_prefix("http://res.cloudinary.com/test123/")
            .expect(expected);
        assert_eq!(path.replacen("/v1/", "/", 1), expected, "{}", vector["id"]);
        checked += 1;
    }
    assert!(checked >= 3, "only {checked} vectors fit");
}

fn original(vector: &Value) -> Option<AssetId> {
    let options = vector["options"].as_object()?;
    let known = |(name, value): (&String, &Value)| name == "resource_type" && value.is_string();
    options.iter().all(known).then_some(())?;
    let resource_type = options
        .get("resource_type")
        .map_or("image", |v| v.as_str().expect("text"));
    Some(AssetId {
        resource_type: resource_type.parse().ok()?,
        delivery_type: cloudinary_core::DeliveryType::Upload,
        public_id: PublicId::new(text(vector, "public_id")).ok()?,
    })
}

fn check(kind: &str, test: impl Fn(&Value)) {
    let Some(vectors) = vectors("signing.json") else {
        return;
    };
    let vectors: Vec<_> = vectors
        .iter()
        .filter(|vector| vector["kind"] == kind)
        .collect();
    assert!(!vectors.is_empty(), "no vector of kind {kind}");
    vectors.into_iter().for_each(test);
}

fn key(vector: &Value) -> SigningKey {
    SigningKey::new(text(vector, "secret").into(), algorithm(vector))
}

fn algorithm(vector: &Value) -> SignatureAlgorithm {
    text(vector, "algorithm").parse().expect("known algorithm")
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} of {}", vector["id"]))
}

fn vectors(file: &str) -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/vectors")
        .join(file);
    let Ok(content) = std::fs::read(&path) else {
        skip(file);
        return None;
    };
    let mut content: Value = serde_json::from_slice(&content).expect("JSON");
    serde_json::from_value(content["vectors"].take()).expect("list of vectors")
}

#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a skipped test must be seen"
)]
fn skip(file: &str) {
    assert_ne!(
        std::env::var("CI").as_deref(),
        Ok("true"),
        "{file} is missing in CI"
    );
    eprintln!("skipped: {file} is not beside the checkout");
}
