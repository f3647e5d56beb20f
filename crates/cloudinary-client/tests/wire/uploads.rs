//! What uploads send, byte for byte.

use std::collections::{BTreeMap, HashSet};
use std::io;

use axum::body::Bytes;
use cloudinary_client::FileSource;
use cloudinary_core::{
    ApiError, DeliveryType, Disposition, ErrorKind, ResourceType, SignatureAlgorithm,
    SignatureVersion, SigningKey, UploadParams,
};
use futures_util::{StreamExt, stream};

use crate::server::{Seen, Server, answer_with};
use crate::{asset, client, image, params};

const STORED: &str = r#"{"public_id":"a/b","version":5,"etag":"e5","bytes":3,"asset_id":"x"}"#;
const PARTIAL: &str = r#"{"done":false,"bytes":1,"kind":"upload"}"#;

/// Two of these and a bit make three chunks.
const CHUNK: u64 = 5 * 1024 * 1024 + 1;

fn bytes(items: Vec<Bytes>) -> FileSource {
    let length = items.iter().map(|item| item.len() as u64).sum();
    let body = stream::iter(items.into_iter().map(Ok)).boxed();
    FileSource::Bytes {
        length,
        name: "b.jpg".to_owned(),
        body,
    }
}

/// The signature that is right for these fields, by the rules for requests.
fn right_signature(fields: &[(String, String)]) -> String {
    let signed = fields
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "file" | "api_key" | "signature"))
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let key = SigningKey::new("secret".into(), SignatureAlgorithm::Sha1);
    key.sign(signed, SignatureVersion::V2).signature
}

fn assert_signed(fields: &[(String, String)]) {
    let value = |name: &str| {
        fields
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, v)| v.clone())
    };
    assert_eq!(value("api_key").as_deref(), Some("key"));
    assert_eq!(value("signature"), Some(right_signature(fields)));
    assert!(
        value("timestamp")
            .expect("timestamp")
            .parse::<u64>()
            .is_ok()
    );
}

/// Text parts by name; the last part, the file, apart.
fn form(seen: &Seen) -> (Vec<(String, String)>, String, Vec<u8>) {
    let mut parts = seen.parts();
    let (head, content) = parts.pop().expect("file part");
    let fields = parts.into_iter().map(|(head, content)| {
        let name = head
            .strip_prefix("Content-Disposition: form-data; name=\"")
            .expect("name");
        let name = name
            .strip_suffix('"')
            .expect("nothing but a name")
            .to_owned();
        (name, String::from_utf8(content).expect("text"))
    });
    (fields.collect(), head, content)
}

#[tokio::test]
async fn a_source_to_fetch_is_one_signed_url_encoded_request() {
    let server = Server::answering([answer_with(200, STORED)]).await;
    let asset = asset(ResourceType::Video, DeliveryType::Private, "films/été co=1");
    let params = UploadParams {
        notification_url: Some("https://n.test/?a=1&b=2".to_owned()),
        context: BTreeMap::from([("s3_key".to_owned(), "a=b|c".to_owned())]),
        ..params(&asset)
    };
    let file = FileSource::S3 {
        bucket: "my-bucket".to_owned(),
        key: "é 1+1/x%.mp4".to_owned(),
    };
    let answer = client(&server, "")
        .upload(&asset, &params, file)
        .await
        .expect("stored");
    assert_eq!(
        (answer.version, answer.etag.as_deref()),
        (Some(5), Some("e5"))
    );

    let seen = server.only();
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/v1_1/demo/video/upload")
    );
    assert_eq!(
        seen.header("user-agent"),
        Some(concat!("cldsync/", env!("CARGO_PKG_VERSION")))
    );
    assert_eq!(seen.header("authorization"), None);
    let fields = seen.fields();
    assert_signed(&fields);
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "public_id",
            "type",
            "overwrite",
            "invalidate",
            "notification_url",
            "context",
            "timestamp",
            "api_key",
            "signature",
            "file"
        ]
    );
    assert_eq!(fields[0].1, "films/été co=1");
    assert_eq!(fields[5].1, "s3_key=a\\=b\\|c");
    assert_eq!(fields[9].1, "s3://my-bucket/é 1+1/x%.mp4");
}

#[tokio::test]
async fn a_presigned_url_arrives_unchanged() {
    let server = Server::answering([answer_with(200, STORED)]).await;
    let url = "https://b.s3.test/a%20b?X-Amz-Expires=60&X-Amz-Signature=abc%2B";
    let file = FileSource::RemoteUrl(url.into());
    client(&server, "")
        .upload(&image(), &params(&image()), file)
        .await
        .expect("stored");
    let fields = server.only().fields();
    assert_eq!(fields.last(), Some(&("file".to_owned(), url.to_owned())));
}

#[tokio::test]
async fn bytes_are_a_multipart_form_with_an_exact_length_and_no_chunk_headers() {
    let server = Server::answering([answer_with(200, STORED)]).await;
    let file = bytes(vec![
        Bytes::from_static(b"ab\r\n"),
        Bytes::from_static(b"--c"),
    ]);
    client(&server, "")
        .upload(&image(), &params(&image()), file)
        .await
        .expect("stored");
    let seen = server.only();
    assert_eq!(seen.header("x-unique-upload-id"), None);
    assert_eq!(seen.header("content-range"), None);
    assert_eq!(seen.header("transfer-encoding"), None);
    let (fields, head, content) = form(&seen);
    assert_signed(&fields);
    assert_eq!(fields[0], ("public_id".to_owned(), "a/b".to_owned()));
    assert_eq!(
        head,
        "Content-Disposition: form-data; name=\"file\"; filename=\"b.jpg\"\r\n\
         Content-Type: application/octet-stream"
    );
    assert_eq!(content, b"ab\r\n--c");
}

#[tokio::test]
async fn a_large_file_is_sent_in_chunks_of_one_upload() {
    let replies = [
        answer_with(200, PARTIAL),
        answer_with(200, PARTIAL),
        answer_with(200, STORED),
    ];
    let server = Server::answering(replies).await;
    // No item ends where a chunk ends.
    let item = |n: u8| Bytes::from(vec![n; 1_500_000]);
    let items: Vec<_> = (0..8).map(item).collect();
    let whole = items.concat();
    let client = client(&server, &format!("&chunk_size={CHUNK}"));
    let answer = client
        .upload(&image(), &params(&image()), bytes(items))
        .await
        .expect("stored");
    assert_eq!(answer.version, Some(5));

    let seen = server.seen();
    let header = |name: &'static str| seen.iter().map(move |s| s.header(name).expect(name));
    assert_eq!(
        header("content-range").collect::<Vec<_>>(),
        [
            "bytes 0-5242880/12000000",
            "bytes 5242881-10485761/12000000",
            "bytes 10485762-11999999/12000000"
        ]
    );
    assert_eq!(
        header("x-unique-upload-id").collect::<HashSet<_>>().len(),
        1
    );
    let mut sent = Vec::new();
    for request in &seen {
        let (fields, _, content) = form(request);
        assert_signed(&fields);
        assert_eq!(fields[0].1, "a/b", "every chunk names the asset");
        sent.extend(content);
    }
    assert!(sent == whole, "the chunks joined are the file");
}

#[tokio::test]
async fn two_uploads_have_two_ids() {
    let server = Server::answering([]).await;
    let client = client(&server, &format!("&chunk_size={CHUNK}"));
    for _ in 0..2 {
        let file = bytes(vec![Bytes::from(vec![0; 6_000_000])]);
        client
            .upload(&image(), &params(&image()), file)
            .await
            .expect_err("500");
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 2, "a failed chunk is the end of its upload");
    assert_ne!(
        seen[0].header("x-unique-upload-id"),
        seen[1].header("x-unique-upload-id")
    );
}

#[tokio::test]
async fn a_token_replaces_the_signature() {
    let server = Server::answering([answer_with(200, STORED)]).await;
    let file = FileSource::RemoteUrl("https://x.test/a".into());
    let client = client(&server, "&oauth_token=tok");
    client
        .upload(&image(), &params(&image()), file)
        .await
        .expect("stored");
    let seen = server.only();
    assert_eq!(seen.header("authorization"), Some("Bearer tok"));
    let unsigned = |(name, _): &(String, String)| name != "signature" && name != "timestamp";
    assert!(seen.fields().iter().all(unsigned));
}

#[tokio::test]
async fn pending_and_existing_answers_reach_the_caller() {
    let pending = r#"{"status":"pending","batch_id":"b"}"#;
    let existing = r#"{"existing":true,"etag":"old"}"#;
    let server = Server::answering([answer_with(200, pending), answer_with(200, existing)]).await;
    let client = client(&server, "");
    let file = || FileSource::RemoteUrl("https://x.test/a".into());
    let answer = client
        .upload(&image(), &params(&image()), file())
        .await
        .expect("accepted");
    assert!(answer.is_pending());
    let answer = client
        .upload(&image(), &params(&image()), file())
        .await
        .expect("accepted");
    assert!(answer.existing);
}

#[tokio::test]
async fn a_partial_answer_to_the_last_chunk_is_unclear() {
    let server = Server::answering([answer_with(200, PARTIAL)]).await;
    let file = bytes(vec![Bytes::from_static(b"abc")]);
    let error = client(&server, "")
        .upload(&image(), &params(&image()), file)
        .await;
    assert_eq!(
        error.expect_err("partial").disposition(),
        Disposition::Unclear
    );
}

async fn failing_source(server: &Server, body: FileSource) -> ApiError {
    let upload = client(server, "");
    upload
        .upload(&image(), &params(&image()), body)
        .await
        .expect_err("a broken source")
}

#[tokio::test]
async fn a_source_that_fails_or_lies_about_its_length_is_our_own_transient_fault() {
    let server = Server::answering([answer_with(200, STORED), answer_with(200, STORED)]).await;
    let broken = |length, items: Vec<Result<Bytes, io::Error>>| FileSource::Bytes {
        length,
        name: "x".to_owned(),
        body: stream::iter(items).boxed(),
    };
    let part = || Ok(Bytes::from_static(b"abc"));
    let cases = [
        (
            broken(6, vec![part(), Err(io::Error::other("disk on fire"))]),
            "disk on fire",
        ),
        (broken(6, vec![part()]), "source ended early"),
        (
            broken(4, vec![part(), part()]),
            "source longer than announced",
        ),
    ];
    for (source, reason) in cases {
        let error = failing_source(&server, source).await;
        assert_eq!(error.kind, ErrorKind::SourceRead, "{reason}");
        assert_eq!(error.disposition(), Disposition::Transient);
        assert_eq!(error.source.expect("source").to_string(), reason);
    }
}
