//! Destroy, the Admin calls and looks at the CDN.

use std::time::{Duration, UNIX_EPOCH};

use cloudinary_client::{Client, ClientSettings};
use cloudinary_core::{DeliveryType, DestroyResponse, Disposition, FolderMode, ResourceType};

use crate::server::{Answer, Server, answer_with};
use crate::{asset, client, client_with, image};

fn with_header(status: u16, name: &'static str, value: &'static str) -> Answer {
    Answer {
        headers: vec![(name, value)],
        ..answer_with(status, "")
    }
}

#[tokio::test]
async fn a_destroy_is_signed_and_names_type_and_resource_type() {
    let server = Server::answering([answer_with(200, r#"{"result":"ok"}"#)]).await;
    let asset = asset(ResourceType::Raw, DeliveryType::Authenticated, "d/e.csv");
    let answer = client(&server, "")
        .destroy(&asset, true)
        .await
        .expect("done");
    assert_eq!(answer, DestroyResponse::Ok);
    let seen = server.only();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/v1_1/demo/raw/destroy")
    );
    let fields = seen.fields();
    let field = |n: usize| (fields[n].0.as_str(), fields[n].1.as_str());
    assert_eq!(field(0), ("public_id", "d/e.csv"));
    assert_eq!(field(1), ("type", "authenticated"));
    assert_eq!(field(2), ("invalidate", "true"));
    assert_eq!(fields[3].0, "timestamp");
    assert_eq!(field(4), ("api_key", "key"));
    assert_eq!(fields[5].0, "signature");
    assert_eq!(fields.len(), 6);
}

#[tokio::test]
async fn destroying_what_is_not_there_is_a_success() {
    let server = Server::answering([answer_with(200, r#"{"result":"not found"}"#)]).await;
    let answer = client(&server, "")
        .destroy(&image(), true)
        .await
        .expect("done");
    assert_eq!(answer, DestroyResponse::NotFound);
}

#[tokio::test]
async fn a_ping_uses_basic_authentication_and_reads_the_quota() {
    let answer = Answer {
        headers: vec![
            ("X-FeatureRateLimit-Limit", "500"),
            ("X-FeatureRateLimit-Remaining", "499"),
            ("X-FeatureRateLimit-Reset", "Wed, 01 Jun 2016 20:00:01 GMT"),
        ],
        ..answer_with(200, r#"{"status":"ok"}"#)
    };
    let server = Server::answering([answer]).await;
    let limit = client(&server, "")
        .ping()
        .await
        .expect("well")
        .rate_limit
        .expect("quota");
    assert_eq!((limit.limit, limit.remaining), (Some(500), Some(499)));
    assert_eq!(
        limit.reset,
        Some(UNIX_EPOCH + Duration::from_secs(1_464_811_201))
    );
    let seen = server.only();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("GET", "/v1_1/demo/ping")
    );
    assert_eq!(seen.header("authorization"), Some("Basic a2V5OnNlY3JldA=="));
}

#[tokio::test]
async fn the_folder_mode_is_read_from_the_configuration() {
    let body = r#"{"cloud_name":"demo","settings":{"folder_mode":"dynamic"}}"#;
    let server = Server::answering([answer_with(200, body)]).await;
    let client = client(&server, "&oauth_token=tok");
    assert_eq!(
        client.folder_mode().await.expect("mode"),
        FolderMode::Dynamic
    );
    let seen = server.only();
    assert_eq!(seen.target, "/v1_1/demo/config?settings=true");
    assert_eq!(seen.header("authorization"), Some("Bearer tok"));
}

#[tokio::test]
async fn a_read_that_makes_no_sense_leaves_no_doubt_behind() {
    let page = || answer_with(200, "<html>login</html>");
    let server = Server::answering([page(), page()]).await;
    let client = client(&server, "");
    let error = client.ping().await.expect_err("a web page");
    assert_eq!(error.disposition(), Disposition::Transient);
    let error = client
        .destroy(&image(), true)
        .await
        .expect_err("a web page");
    assert_eq!(error.disposition(), Disposition::Unclear);
}

#[tokio::test]
async fn the_etag_comes_from_a_head_of_the_original_without_credentials() {
    let server = Server::answering([with_header(200, "etag", "\"abc123\"")]).await;
    let etag = client(&server, "")
        .delivery_etag(&image(), None, 77)
        .await
        .expect("answer");
    assert_eq!(etag.as_deref(), Some("abc123"));
    let seen = server.only();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("HEAD", "/demo/image/upload/v77/a/b")
    );
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn a_private_original_is_looked_at_under_a_signed_url() {
    let server = Server::answering([with_header(200, "etag", "abc")]).await;
    let asset = asset(ResourceType::Image, DeliveryType::Private, "a b");
    let client = client(&server, "");
    let etag = client
        .delivery_etag(&asset, Some("jpg"), 5)
        .await
        .expect("answer");
    assert_eq!(etag.as_deref(), Some("abc"));
    let account = "cloudinary://key:secret@demo".parse::<cloudinary_core::Account>();
    let key = account.expect("valid").signing_key().expect("key");
    let signature = key.url_signature("a%20b.jpg");
    let expected = format!("/demo/image/private/{signature}/v5/a%20b.jpg");
    assert_eq!(server.only().target, expected);
}

#[tokio::test]
async fn another_delivery_host_can_be_set() {
    let server = Server::answering([with_header(200, "etag", "\"e\"")]).await;
    let base = format!("http://{}/cdn/", server.address);
    let settings = ClientSettings {
        delivery_base: Some(base.parse().expect("valid")),
        ..ClientSettings::default()
    };
    let client = client_with(&server, "&secure_distribution=nowhere.invalid", settings);
    client
        .delivery_etag(&image(), None, 1)
        .await
        .expect("answer");
    assert_eq!(server.only().target, "/cdn/demo/image/upload/v1/a/b");
}

#[tokio::test]
async fn an_original_that_is_not_shown_has_no_etag_and_trouble_is_an_error() {
    let statuses = [404, 401, 403, 400, 302];
    let server = Server::answering(statuses.map(|status| answer_with(status, ""))).await;
    let client_of_server = client(&server, "");
    for status in statuses {
        let etag = client_of_server
            .delivery_etag(&image(), None, 1)
            .await
            .expect("no error");
        assert_eq!(etag, None, "{status}");
    }
    let unquoted = [
        with_header(200, "etag", "W/\"weak\""),
        with_header(200, "etag", "\"\""),
        answer_with(200, ""),
    ];
    let server = Server::answering(unquoted).await;
    let client_of_server = client(&server, "");
    for _ in 0..3 {
        assert_eq!(
            client_of_server
                .delivery_etag(&image(), None, 1)
                .await
                .expect("answer"),
            None
        );
    }
    let error = client_of_server
        .delivery_etag(&image(), None, 1)
        .await
        .expect_err("500");
    assert_eq!(error.disposition(), Disposition::Transient);
}

#[tokio::test]
async fn without_a_secret_a_private_original_is_not_asked_for() {
    let server = Server::answering([]).await;
    let url = format!(
        "cloudinary://demo?oauth_token=t&upload_prefix=http://{}",
        server.address
    );
    let account = url.parse().expect("valid");
    let client = Client::new(account, ClientSettings::default()).expect("valid");
    let asset = asset(ResourceType::Image, DeliveryType::Private, "a");
    assert_eq!(
        client
            .delivery_etag(&asset, None, 1)
            .await
            .expect("no error"),
        None
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn calls_go_through_the_proxy_of_the_account() {
    let proxy = Server::answering([answer_with(200, r#"{"status":"ok"}"#)]).await;
    let url = format!(
        "cloudinary://key:secret@demo?upload_prefix=http://api.invalid&api_proxy=http://u:p@{}",
        proxy.address
    );
    let account = url.parse().expect("valid");
    let client = Client::new(account, ClientSettings::default()).expect("valid");
    client.ping().await.expect("an answer through the proxy");
    let seen = proxy.only();
    assert_eq!(seen.target, "http://api.invalid/v1_1/demo/ping");
    assert_eq!(seen.header("proxy-authorization"), Some("Basic dTpw"));
}
