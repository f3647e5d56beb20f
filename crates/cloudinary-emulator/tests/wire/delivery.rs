//! Delivery: what a HEAD tells, and what it must not tell.

use axum::body::Body;
use axum::http::Method;
use cloudinary_emulator::Options;

use crate::client::{Answer, Client, hello, start};

const QUOTED: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

async fn head(client: &Client, path: &str) -> Answer {
    let path = format!("/demo/{path}");
    client
        .authorized_by(None)
        .send(Method::HEAD, &path, &[], Body::empty())
        .await
        .expect("an answer")
}

#[tokio::test]
async fn any_version_shows_the_original_with_a_quoted_etag() {
    let (running, client) = start(Options::default()).await;
    client.upload("a%20b/\u{e9}").await;
    for path in [
        "image/upload/v1/a%20b/%C3%A9",
        "image/upload/v987/a%20b/%c3%a9",
        "image/upload/a%20b/%C3%A9.jpg",
    ] {
        let answer = head(&client, path).await;
        assert_eq!(
            (answer.status, answer.header("etag")),
            (200, QUOTED),
            "{path}"
        );
        assert_eq!(
            (answer.header("content-length"), answer.body.len()),
            ("5", 0)
        );
        let got = client
            .authorized_by(None)
            .get(&format!("/demo/{path}"))
            .await;
        assert_eq!(&got.body[..], b"hello");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_media_extension_is_a_format_and_never_part_of_the_id() {
    let (running, client) = start(Options::default()).await;
    client.upload("a").await;
    client.upload("b.jpg").await;
    client.upload("c.v2").await;
    // The asset is called b.jpg; b does not exist.
    assert_eq!(head(&client, "image/upload/v1/b.jpg").await.status, 404);
    assert_eq!(head(&client, "image/upload/v1/b.jpg.jpg").await.status, 200);
    assert_eq!(head(&client, "image/upload/v1/c.v2").await.status, 200);
    let converted = head(&client, "image/upload/v1/a.png").await;
    assert_eq!(converted.status, 200);
    assert_ne!(converted.header("etag"), QUOTED);
    let smaller = head(&client, "image/upload/c_fill,w_10/v1/a").await;
    assert_ne!(smaller.header("etag"), QUOTED);
    running.stop().await;
}

#[tokio::test]
async fn raw_files_are_delivered_by_their_whole_name() {
    let (running, client) = start(Options::default()).await;
    client.post("raw/upload", &hello("a.jpg")).await;
    assert_eq!(
        head(&client, "raw/upload/v1/a.jpg").await.header("etag"),
        QUOTED
    );
    let missing = head(&client, "raw/upload/v1/a").await;
    assert_eq!(
        (missing.status, missing.header("x-cld-error")),
        (404, "Resource not found - a")
    );
    running.stop().await;
}

#[tokio::test]
async fn an_authenticated_asset_needs_a_signature_and_its_answer_holds_one() {
    let (running, client) = start(Options::default()).await;
    let form = hello("a%20b") + "&type=authenticated";
    let answer = client.post("image/upload", &form).await.json();
    let url = answer["secure_url"].as_str().expect("a url");
    let path = url
        .strip_prefix(running.endpoint())
        .expect("on this emulator");
    let anonymous = client.authorized_by(None);
    assert_eq!(&anonymous.get(path).await.body[..], b"hello");
    let unsigned = head(&client, "image/authenticated/v1/a%20b.jpg").await;
    assert_eq!(
        (unsigned.status, unsigned.header("x-cld-error")),
        (401, "ACL deny")
    );
    let wrong = head(&client, "image/authenticated/s--AAAAAAAA--/v1/a%20b.jpg").await;
    assert_eq!(wrong.status, 401);
    assert_eq!(
        head(&client, "image/upload/v1/a%20b").await.status,
        404,
        "another delivery type"
    );
    running.stop().await;
}

#[tokio::test]
async fn bytes_over_the_limit_leave_size_and_etag() {
    let (running, client) = start(Options {
        keep_bytes_up_to: 4,
        ..Options::default()
    })
    .await;
    client.upload("a").await;
    let answer = head(&client, "image/upload/v1/a").await;
    assert_eq!(
        (answer.header("etag"), answer.header("content-length")),
        (QUOTED, "5")
    );
    assert_eq!(client.get("/demo/image/upload/v1/a").await.status, 507);
    running.stop().await;
}

#[tokio::test]
async fn an_unchanged_asset_is_not_sent_again() {
    let (running, client) = start(Options::default()).await;
    client.upload("a").await;
    let headers = [("if-none-match", QUOTED)];
    let answer = client
        .send(
            Method::GET,
            "/demo/image/upload/v1/a",
            &headers,
            Body::empty(),
        )
        .await;
    assert_eq!(answer.expect("an answer").status, 304);
    running.stop().await;
}
