//! Plain HTTP for what has no SDK here: health pages, and the few SNS and EventBridge calls.

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

/// The JSON at a URL, if it can be had.
pub(crate) async fn get_json(url: &str) -> Option<Value> {
    CLIENT.get(url).send().await.ok()?.json().await.ok()
}

/// Whether a URL answers with a status of success.
pub(crate) async fn is_ok(url: &str) -> bool {
    CLIENT
        .get(url)
        .send()
        .await
        .is_ok_and(|response| response.status().is_success())
}

/// Calls a service of LocalStack that speaks AWS's JSON protocol.
pub(crate) async fn aws_json(endpoint: &str, service: &str, target: &str, input: &Value) -> Value {
    let request = CLIENT
        .post(endpoint)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target)
        .body(input.to_string());
    let answer = send(request, service).await;
    serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{target} answered {answer}"))
}

/// Calls a service of LocalStack that speaks AWS's query protocol; the answer is XML.
pub(crate) async fn aws_query(endpoint: &str, service: &str, fields: &[(&str, &str)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let body = form.extend_pairs(fields).finish();
    let request = CLIENT
        .post(endpoint)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    send(request, service).await
}

/// LocalStack reads the service from the credential scope and does not check the signature.
async fn send(request: reqwest::RequestBuilder, service: &str) -> String {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    );
    let response = request.header("authorization", authorization).send().await;
    let response = response.unwrap_or_else(|error| panic!("{service} did not answer: {error}"));
    let status = response.status();
    let text = response.text().await.expect("a text answer");
    assert!(status.is_success(), "{service} answered {status}: {text}");
    text
}
