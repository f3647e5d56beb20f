//! Our notifications beside those that were recorded from AWS.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::notifications::{connected, records};

#[tokio::test]
async fn records_have_the_members_that_were_recorded_from_aws() {
    let aws = connected().await;
    aws.put("a@b", "x").await;
    aws.s3
        .delete_object()
        .bucket("media")
        .key("a@b")
        .send()
        .await
        .unwrap();
    let ours = records(&aws);
    for (file, ours) in [
        ("18_key_encoding_at_sign_aws_recorded.json", &ours[0]),
        ("16_multidelete_removed_aws_recorded.json", &ours[1]),
    ] {
        let Some(recorded) = vector(file) else {
            continue;
        };
        assert_eq!(
            members("", ours),
            members("", &recorded["Records"][0]),
            "{file}"
        );
    }
}

/// The path of every member of a JSON value.
fn members(path: &str, value: &Value) -> BTreeSet<String> {
    let Some(object) = value.as_object() else {
        return BTreeSet::from([path.to_owned()]);
    };
    object
        .iter()
        .flat_map(|(name, value)| members(&format!("{path}/{name}"), value))
        .collect()
}

/// A recorded payload, if the shared vectors are beside the checkout; CI must have them.
#[expect(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "what is skipped is named, and never skipped in CI"
)]
fn vector(file: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/vectors/s3_events")
        .join(file);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Some(serde_json::from_str(&text).unwrap());
    }
    assert_ne!(
        std::env::var("CI").as_deref(),
        Ok("true"),
        "{file} is missing"
    );
    eprintln!("skipped: {file} is missing");
    None
}
