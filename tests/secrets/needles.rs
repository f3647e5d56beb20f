//! The secrets of these tests, and the forms in which one could come out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

pub(super) const API_KEY: &str = "314159265358979";
/// With characters that look different in a URL.
pub(super) const API_SECRET: &str = "Zq8+Kd/3vB=xY7wP2mN9sRtL0uJ";
pub(super) const AWS_SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYzEXAMPLEKEY";
pub(super) const AWS_SESSION_TOKEN: &str = "FwoGZXIvYXdzEBYaDHqa0AP1NdPLuSessionToken9h8g7f6";

/// As many characters of a secret's beginning or end say too much.
const PART: usize = 8;

/// Fails if a text holds a secret, a part of one, or a presigned signature. Says where it does,
/// without the line itself.
pub(super) fn assert_clean(what: &str, text: &str) {
    if let Some((name, line)) = find(text) {
        panic!("{what} shows the {name} in line {line}");
    }
}

/// What is shown that must not be, and in which line.
fn find(text: &str) -> Option<(&'static str, usize)> {
    let folded = text.to_ascii_lowercase();
    needles().into_iter().find_map(|(name, needle)| {
        let line = folded.lines().position(|line| line.contains(&needle))?;
        Some((name, line + 1))
    })
}

/// In lower case, so that no spelling hides anything.
fn needles() -> Vec<(&'static str, String)> {
    let mut needles = Vec::new();
    for (name, secret) in [
        ("API secret", API_SECRET),
        ("AWS secret key", AWS_SECRET_KEY),
        ("AWS session token", AWS_SESSION_TOKEN),
    ] {
        needles.push((name, secret[..PART].to_owned()));
        needles.push((name, secret[secret.len() - PART..].to_owned()));
        needles.push((name, in_url(&secret[..PART])));
        needles.push((name, in_url(&secret[secret.len() - PART..])));
        needles.push((name, BASE64.encode(secret)));
    }
    let pair = format!("{API_KEY}:{API_SECRET}");
    needles.push(("Basic credentials", BASE64.encode(pair)));
    for mark in [
        "X-Amz-Signature",
        "X-Amz-Security-Token",
        "X-Amz-Credential",
    ] {
        needles.push(("signature of a presigned URL", format!("{mark}=")));
        needles.push(("signature of a presigned URL", format!("{mark}%3D")));
    }
    let lower = needles.into_iter();
    lower
        .map(|(name, needle)| (name, needle.to_ascii_lowercase()))
        .collect()
}

/// As it stands in a URL.
pub(super) fn in_url(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn secrets_are_found_in_every_form_in_which_they_could_come_out() {
    let basic = BASE64.encode(format!("{API_KEY}:{API_SECRET}"));
    for leak in [
        format!("cloudinary://{API_KEY}:{API_SECRET}@demo"),
        format!("cloudinary://{API_KEY}:{}@demo", in_url(API_SECRET)),
        format!(
            "secret ends with {}",
            &API_SECRET[API_SECRET.len() - PART..]
        ),
        format!("authorization: Basic {basic}"),
        format!("aws_secret_access_key={AWS_SECRET_KEY}"),
        "https://b.s3.test/k?x-amz-signature=0123".to_owned(),
    ] {
        assert!(find(&leak).is_some(), "not found: {leak}");
    }
    assert_eq!(find("cloudinary://…@demo"), None);
}
