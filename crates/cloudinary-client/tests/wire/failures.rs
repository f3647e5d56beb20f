//! Refusals, silence and broken connections, and what they are taken for.

use std::time::Duration;

use axum::body::Bytes;
use cloudinary_client::{ClientSettings, FileSource};
use cloudinary_core::{ApiError, Disposition, ErrorKind};
use futures_util::{StreamExt, stream};

use crate::server::{Answer, Server, Then, answer_with};
use crate::{client, client_with, image, params};

async fn upload(server: &Server) -> ApiError {
    upload_with(server, ClientSettings::default()).await
}

async fn upload_with(server: &Server, settings: ClientSettings) -> ApiError {
    let file = FileSource::RemoteUrl("https://x.test/a".into());
    let client = client_with(server, "", settings);
    client
        .upload(&image(), &params(&image()), file)
        .await
        .expect_err("a failure")
}

/// Short enough to wait for, long enough to connect and send on a busy machine.
fn impatient() -> ClientSettings {
    let limit = Duration::from_millis(500);
    ClientSettings {
        read_timeout: limit,
        total_timeout: limit,
        ..ClientSettings::default()
    }
}

#[tokio::test]
async fn a_refused_connection_is_transient_because_nothing_was_sent() {
    let server = Server::gone().await;
    let error = upload(&server).await;
    assert_eq!(error.kind, ErrorKind::Connect);
    assert_eq!(error.disposition(), Disposition::Transient);
    assert!(error.source.is_some());
    let error = client(&server, "").ping().await.expect_err("nobody there");
    assert_eq!(error.kind, ErrorKind::Connect);
}

#[tokio::test]
async fn silence_after_a_write_is_unclear_and_after_a_read_is_not() {
    let server = Server::raw("", Then::StaySilent).await;
    let error = upload_with(&server, impatient()).await;
    assert_eq!(error.kind, ErrorKind::TimeoutAfterSend);
    assert_eq!(error.disposition(), Disposition::Unclear);
    let client = client_with(&server, "", impatient());
    let error = client.destroy(&image(), true).await.expect_err("silence");
    assert_eq!(error.kind, ErrorKind::TimeoutAfterSend);
    let error = client.ping().await.expect_err("silence");
    assert_eq!(error.kind, ErrorKind::ReadInterrupted);
    let error = client
        .delivery_etag(&image(), None, 1)
        .await
        .expect_err("silence");
    assert_eq!(error.disposition(), Disposition::Transient);
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_to_a_write_is_unclear() {
    let server = Server::raw("", Then::Close).await;
    let error = upload(&server).await;
    assert_eq!(error.kind, ErrorKind::ConnectionReset);
    assert_eq!(error.disposition(), Disposition::Unclear);
    let error = client(&server, "").ping().await.expect_err("closed");
    assert_eq!(error.disposition(), Disposition::Transient);
}

#[tokio::test]
async fn half_a_success_is_unclear_and_half_an_error_is_that_error() {
    let success =
        "HTTP/1.1 200 OK\r\nx-request-id: r7\r\ncontent-length: 100\r\n\r\n{\"version\":1";
    let server = Server::raw(success, Then::Close).await;
    let error = upload(&server).await;
    assert_eq!(error.disposition(), Disposition::Unclear);
    assert_eq!(
        (error.status, error.request_id.as_deref()),
        (Some(200), Some("r7"))
    );
    let refusal = "HTTP/1.1 420 Enhance\r\nretry-after: 3\r\ncontent-length: 100\r\n\r\n{\"err";
    let server = Server::raw(refusal, Then::Close).await;
    let error = upload(&server).await;
    assert_eq!(error.disposition(), Disposition::Throttled);
    assert!(error.retry_at.is_some());
}

#[tokio::test]
async fn a_refusal_is_heard_while_the_file_is_still_being_sent() {
    let refusal = "HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n";
    let server = Server::raw(refusal, Then::StaySilent).await;
    let start = stream::iter([Ok(Bytes::from_static(b"abc"))]);
    let body = start.chain(stream::pending()).boxed();
    let file = FileSource::Bytes {
        length: 1_000_000,
        name: "x".to_owned(),
        body,
    };
    let upload = client(&server, "");
    let error = upload
        .upload(&image(), &params(&image()), file)
        .await
        .expect_err("413");
    assert_eq!(error.kind, ErrorKind::TooLarge);
}

#[tokio::test]
async fn answers_are_classified_with_status_message_request_and_moment() {
    let throttled = Answer {
        headers: vec![("Retry-After", "30"), ("X-Request-Id", "r1")],
        ..answer_with(420, r#"{"error":{"message":"Too many concurrent calls"}}"#)
    };
    let stranger = Answer {
        headers: vec![("X-Cld-Error", "unknown api_key")],
        ..answer_with(401, "")
    };
    let page = answer_with(502, "<html><title>502 Bad Gateway</title></html>");
    let server = Server::answering([throttled, stranger, page]).await;
    let error = upload(&server).await;
    assert_eq!(
        (error.kind, error.status),
        (ErrorKind::RateLimited, Some(420))
    );
    assert_eq!(error.message, "Too many concurrent calls");
    assert_eq!(error.request_id.as_deref(), Some("r1"));
    assert!(error.retry_at.is_some());
    assert_eq!(upload(&server).await.disposition(), Disposition::Ours);
    let error = upload(&server).await;
    assert_eq!(error.disposition(), Disposition::Transient);
    assert_eq!(error.message, "web page: 502 Bad Gateway");
}

#[tokio::test]
async fn huge_answers_are_neither_kept_nor_believed() {
    let refusal = answer_with(400, "x".repeat(5_000_000));
    let success = format!(r#"{{"version":1,"more":"{}"}}"#, "x".repeat(2_000_000));
    let server = Server::answering([refusal, answer_with(200, success)]).await;
    let error = upload(&server).await;
    assert_eq!(error.kind, ErrorKind::BadRequest);
    assert!(
        error.message.len() < 1000,
        "{} bytes of message",
        error.message.len()
    );
    assert_eq!(upload(&server).await.kind, ErrorKind::UnreadableResponse);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Answer {
        headers: vec![("Location", "http://127.0.0.1:1/")],
        ..answer_with(307, "")
    };
    let server = Server::answering([elsewhere]).await;
    assert_eq!(upload(&server).await.kind, ErrorKind::WrongEndpoint);
}

#[tokio::test]
async fn nothing_is_ever_sent_twice() {
    let answers = [420, 429, 500, 502, 503, 504, 408].map(|status| answer_with(status, ""));
    let count = answers.len();
    let server = Server::answering(answers).await;
    for _ in 0..count {
        upload(&server).await;
    }
    assert_eq!(server.seen().len(), count);
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let message = "Error in loading https://b.s3.test/k?X-Amz-Signature=TOPSECRET - 403 Forbidden";
    let body = format!(r#"{{"error":{{"message":"{message}"}}}}"#);
    let server = Server::answering([answer_with(400, body)]).await;
    let error = upload(&server).await;
    assert_eq!(error.kind, ErrorKind::SourceDenied);
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("TOPSECRET"), "{shown}");
    let shown = format!("{:?}", client(&server, "&oauth_token=TOPSECRET"));
    assert!(!shown.contains("TOPSECRET"), "{shown}");
}
