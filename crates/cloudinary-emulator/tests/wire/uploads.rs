//! Upload, chunks, overwriting, naming, and the calls that change an asset.

use axum::http::Method;
use cloudinary_emulator::{FolderMode, Options};

use crate::client::{hello, start};

const MD5_OF_HELLO: &str = "5d41402abc4b2a76b9719d911017c592";

#[tokio::test]
async fn an_upload_answers_with_what_was_stored() {
    let (running, client) = start(Options::default()).await;
    let answer = client.upload("a/b").await.json();
    assert_eq!(answer["public_id"], "a/b");
    assert_eq!(answer["etag"], MD5_OF_HELLO);
    assert_eq!(
        (&answer["bytes"], &answer["type"]),
        (&5.into(), &"upload".into())
    );
    assert_eq!(answer["asset_id"].as_str().map(str::len), Some(32));
    assert_eq!(answer["api_key"], "key");
    assert!(answer.get("overwritten").is_none());
    let assets = running.handle().assets();
    assert_eq!((assets.len(), assets[0].display_name.as_str()), (1, "b"));
    running.stop().await;
}

#[tokio::test]
async fn the_version_rises_with_every_overwrite() {
    let (running, client) = start(Options::default()).await;
    let mut last = 0;
    for _ in 0..5 {
        let version = client.upload("a").await.json()["version"]
            .as_u64()
            .expect("a version");
        assert!(version > last);
        last = version;
    }
    running.stop().await;
}

#[tokio::test]
async fn overwrite_is_false_in_every_spelling() {
    let (running, client) = start(Options::default()).await;
    client.upload("a").await;
    for no in ["0", "false", "False"] {
        let form = format!("public_id=a&overwrite={no}&file=data:;base64,eHg%3D");
        let answer = client.post("image/upload", &form).await.json();
        assert_eq!(
            (&answer["existing"], &answer["etag"]),
            (&true.into(), &MD5_OF_HELLO.into())
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn json_and_multipart_and_query_say_the_same() {
    let (running, client) = start(Options::default()).await;
    let json = r#"{"public_id":"a","tags":["x","y"],"file":"data:;base64,aGVsbG8="}"#;
    let multipart = "--B\r\ncontent-disposition: form-data; name=public_id\r\n\r\na\r\n\
        --B\r\ncontent-disposition: form-data; name=\"tags[]\"\r\n\r\nx\r\n\
        --B\r\ncontent-disposition: form-data; name=\"tags[]\"\r\n\r\ny\r\n\
        --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n--B--\r\n";
    let query = "?public_id=a&tags[0]=x&tags[1]=y&file=data:;base64,aGVsbG8%3D";
    for (query, kind, body) in [
        ("", "application/json", json),
        ("", "multipart/form-data; boundary=B", multipart),
        (query, "application/x-www-form-urlencoded", ""),
    ] {
        let path = format!("/v1_1/demo/image/upload{query}");
        let headers = [("content-type", kind)];
        let answer = client
            .send(Method::POST, &path, &headers, body)
            .await
            .expect("an answer")
            .json();
        assert_eq!(
            (&answer["etag"], &answer["tags"][1]),
            (&MD5_OF_HELLO.into(), &"y".into()),
            "{kind}"
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_with_the_published_text() {
    let (running, client) = start(Options {
        strict_images: true,
        ..Options::default()
    })
    .await;
    for (form, text) in [
        ("public_id=a", "Missing required parameter - file"),
        ("public_id=a&file=", "Missing required parameter - file"),
        ("public_id=a&file=data:;base64,", "Uploaded file is empty"),
        (
            &hello("a/../b"),
            "public_id (a/../b) is invalid: public ID has a `..` path segment",
        ),
        (
            &(hello("a") + "&type=secret"),
            "Invalid value secret for parameter type",
        ),
        (
            &(hello("a") + "&upload_preset=p"),
            "Upload preset not found",
        ),
        (
            &(hello("a") + "&display_name=x/y"),
            "Display name cannot contain slashes",
        ),
        (&hello("a"), "Invalid image file"),
    ] {
        let answer = client.post("image/upload", form).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, text),
            "{form}"
        );
    }
    let long = hello(&"x".repeat(256));
    assert_eq!(client.post("image/upload", &long).await.status, 400);
    assert_eq!(running.handle().assets(), []);
    running.stop().await;
}

#[tokio::test]
async fn in_fixed_mode_the_folder_is_part_of_the_public_id() {
    let (running, client) = start(Options {
        folder_mode: FolderMode::Fixed,
        ..Options::default()
    })
    .await;
    let form = hello("a") + "&folder=f&asset_folder=ignored";
    let answer = client.post("image/upload", &form).await.json();
    assert_eq!(
        (&answer["public_id"], &answer["folder"]),
        (&"f/a".into(), &"f".into())
    );
    assert!(answer.get("asset_folder").is_none());
    let config = client.get("/v1_1/demo/config?settings=true").await.json();
    assert_eq!(config["settings"]["folder_mode"], "fixed");
    running.stop().await;
}

#[tokio::test]
async fn a_chunked_upload_with_an_unknown_total_ends_with_the_chunk_that_names_it() {
    let (running, client) = start(Options::default()).await;
    let first = vec![1_u8; 5 * 1024 * 1024 + 1];
    let boundary = "multipart/form-data; boundary=B";
    let chunk = async |range: &str, bytes: &[u8]| {
        let mut body =
            b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.bin\"\r\n\r\n"
                .to_vec();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--B--\r\n");
        let headers = [
            ("content-type", boundary),
            ("x-unique-upload-id", "u"),
            ("content-range", range),
        ];
        let answer = client
            .send(Method::POST, "/v1_1/demo/raw/upload", &headers, body)
            .await;
        answer.expect("an answer").json()
    };
    let end = first.len() - 1;
    let partial = chunk(&format!("bytes 0-{end}/-1"), &first).await;
    assert_eq!(
        (&partial["done"], &partial["bytes"]),
        (&false.into(), &first.len().into())
    );
    let last = format!("bytes {}-{}/{}", end + 1, end + 2, end + 3);
    let whole = chunk(&last, b"23").await;
    assert_eq!(
        (&whole["done"], &whole["bytes"]),
        (&true.into(), &(end + 3).into())
    );
    assert_eq!(whole["public_id"], partial["public_id"]);
    let repeated = chunk(&last, b"23").await;
    assert_eq!(
        (&repeated["done"], &repeated["version"]),
        (&true.into(), &whole["version"])
    );
    running.stop().await;
}

#[tokio::test]
async fn destroy_says_not_found_with_200_and_tells_types_apart() {
    let (running, client) = start(Options::default()).await;
    client.upload("a").await;
    for (call, form, result) in [
        ("raw/destroy", "public_id=a", "not found"),
        ("image/destroy", "public_id=a&type=private", "not found"),
        ("image/destroy", "public_id=a&invalidate=true", "ok"),
        ("image/destroy", "public_id=a", "not found"),
    ] {
        let answer = client.post(call, form).await;
        assert_eq!(
            (answer.status, &answer.json()["result"]),
            (200, &result.into()),
            "{call} {form}"
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn an_asynchronous_upload_is_pending_and_then_there() {
    let (running, client) = start(Options::default()).await;
    let answer = client
        .post("image/upload", &(hello("a") + "&async=1"))
        .await
        .json();
    assert_eq!(
        (&answer["status"], &answer["public_id"]),
        (&"pending".into(), &"a".into())
    );
    crate::client::until("the upload is stored", || {
        running.handle().assets().len() == 1
    })
    .await;
    running.stop().await;
}

#[tokio::test]
async fn a_rename_can_change_the_delivery_type() {
    let (running, client) = start(Options::default()).await;
    client.upload("a").await;
    let form = "from_public_id=a&to_public_id=b&to_type=private";
    let answer = client.post("image/rename", form).await.json();
    assert_eq!(
        (&answer["public_id"], &answer["type"]),
        (&"b".into(), &"private".into())
    );
    assert!(answer.get("etag").is_none());
    let again = client.post("image/rename", form).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (404, "Resource not found - a")
    );
    running.stop().await;
}
