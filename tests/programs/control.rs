//! The emulators' own calls under `/_emulator/`, and the pages of a worker's admin endpoint.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    // Only fails when another test of this process was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30));
    client.build().expect("an HTTP client")
});

/// The JSON that an emulator gives.
pub(crate) async fn get(endpoint: &str, call: &str) -> Value {
    let url = format!("{endpoint}/_emulator/{call}");
    let answer = CLIENT.get(&url).send().await;
    let answer = answer.unwrap_or_else(|error| panic!("{url}: {error}"));
    let json = answer.json().await;
    json.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Replaces the faults of an emulator.
pub(crate) async fn put_faults(endpoint: &str, faults: &Value) {
    let url = format!("{endpoint}/_emulator/faults");
    let answer = CLIENT.put(&url).json(faults).send().await;
    let answer = answer.unwrap_or_else(|error| panic!("{url}: {error}"));
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    assert!(status.is_success(), "{url} answered {status}: {text}");
}

/// The text of a page, whatever its status, if there is an answer.
pub(crate) async fn page(url: &str) -> Option<String> {
    CLIENT.get(url).send().await.ok()?.text().await.ok()
}
