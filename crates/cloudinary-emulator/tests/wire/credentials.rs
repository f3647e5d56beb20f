//! Signatures, Basic, Bearer and unsigned uploads, and how each is refused.

use cloudinary_emulator::Options;
use sha1::{Digest, Sha1};

use crate::client::{hello, start};

fn signed(text: &str) -> String {
    hex::encode(Sha1::digest(format!("{text}secret")))
}

const FAR: &str = "99999999999";

#[tokio::test]
async fn a_wrong_signature_is_told_with_the_string_to_sign() {
    let (running, client) = start(Options::default()).await;
    let client = client.authorized_by(None);
    let wrong = "0".repeat(40);
    let form = format!(
        "public_id=a%26b&made_up=1&tags[]=x&tags[]=y&timestamp={FAR}&api_key=key&signature={wrong}"
    );
    let answer = client.post("image/upload", &form).await;
    let text = format!(
        "Invalid Signature {wrong}. String to sign - 'public_id=a&b&tags=x,y&timestamp={FAR}'."
    );
    assert_eq!((answer.status, answer.error()), (401, text));
    running.stop().await;
}

#[tokio::test]
async fn a_right_signature_is_accepted_and_made_up_names_must_not_be_signed() {
    let (running, client) = start(Options::default()).await;
    let client = client.authorized_by(None);
    let form = |signature: String| {
        format!(
            "{}&made_up=1&timestamp={FAR}&api_key=key&signature={signature}",
            hello("a")
        )
    };
    let right = form(signed(&format!("public_id=a&timestamp={FAR}")));
    assert_eq!(client.post("image/upload", &right).await.status, 200);
    let too_much = form(signed(&format!("made_up=1&public_id=a&timestamp={FAR}")));
    assert_eq!(client.post("image/upload", &too_much).await.status, 401);
    running.stop().await;
}

#[tokio::test]
async fn a_timestamp_older_than_an_hour_is_stale() {
    for (options, status) in [
        (Options::default(), 400),
        (
            Options {
                stale_status: 401,
                ..Options::default()
            },
            401,
        ),
    ] {
        let (running, client) = start(options).await;
        let client = client.authorized_by(None);
        let signature = signed("public_id=a&timestamp=1700000000");
        let form = format!("public_id=a&timestamp=1700000000&api_key=key&signature={signature}");
        let answer = client.post("image/destroy", &form).await;
        let text = "Stale request - reported time is 2023-11-14 22:13:20 +0000 which is more than 1 hour ago";
        assert_eq!((answer.status, answer.error().as_str()), (status, text));
        running.stop().await;
    }
}

#[tokio::test]
async fn each_missing_piece_has_its_own_text() {
    let (running, client) = start(Options::default()).await;
    let client = client.authorized_by(None);
    for (call, form, status, text) in [
        (
            "image/upload",
            "public_id=a",
            400,
            "Upload preset must be specified when using unsigned upload",
        ),
        (
            "image/upload",
            "signature=x",
            400,
            "Missing required parameter - api_key",
        ),
        (
            "image/upload",
            "api_key=key",
            400,
            "Missing required parameter - signature",
        ),
        (
            "image/upload",
            "api_key=key&signature=x",
            400,
            "Missing required parameter - timestamp",
        ),
        (
            "image/upload",
            "api_key=k&signature=x",
            401,
            "unknown api_key",
        ),
        (
            "image/destroy",
            "public_id=a",
            400,
            "Missing required parameter - api_key",
        ),
    ] {
        let answer = client.post(call, form).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (status, text),
            "{call} {form}"
        );
    }
    let path = "/v1_1/other/image/upload";
    let answer = client
        .send(axum::http::Method::POST, path, &[], "a=1")
        .await
        .expect("an answer");
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (401, "Invalid cloud_name other")
    );
    running.stop().await;
}

#[tokio::test]
async fn an_unsigned_upload_needs_a_preset_for_it_and_never_overwrites() {
    let options = Options {
        upload_presets: vec!["signed".to_owned()],
        unsigned_presets: vec!["open".to_owned()],
        ..Options::default()
    };
    let (running, client) = start(options).await;
    let client = client.authorized_by(None);
    let upload = async |more: &str| client.post("image/upload", &(hello("a") + more)).await;
    assert_eq!(
        upload("&upload_preset=no").await.error(),
        "Upload preset not found"
    );
    let text = "Upload preset must be whitelisted for unsigned uploads";
    assert_eq!(upload("&upload_preset=signed").await.error(), text);
    let refused = upload("&upload_preset=open&overwrite=1").await.error();
    assert!(
        refused.starts_with("Overwrite parameter is not allowed"),
        "{refused}"
    );
    let first = upload("&upload_preset=open&timestamp=1").await.json();
    assert_eq!(
        (&first["public_id"], first.get("api_key")),
        (&"a".into(), None)
    );
    assert_eq!(upload("&upload_preset=open").await.json()["existing"], true);
    running.stop().await;
}

#[tokio::test]
async fn basic_and_bearer_need_no_signature() {
    let options = Options {
        oauth_token: Some("token".into()),
        ..Options::default()
    };
    let (running, client) = start(options).await;
    for (authorization, status, text) in [
        ("Bearer token", 200, ""),
        ("Basic a2V5OnNlY3JldA==", 200, ""),
        ("Bearer other", 401, "Invalid token"),
        ("Basic a2V5Om90aGVy", 401, "api_secret mismatch"),
        ("Basic b3RoZXI6c2VjcmV0", 401, "unknown api_key"),
        ("Basic !", 401, "Invalid credentials"),
        ("Digest x", 401, "Invalid credentials"),
    ] {
        let client = client.authorized_by(Some(authorization));
        let upload = client.upload("a").await;
        let ping = client.get("/v1_1/demo/ping").await;
        assert_eq!(
            (upload.status, ping.status),
            (status, status),
            "{authorization}"
        );
        if status != 200 {
            assert_eq!(
                (upload.error().as_str(), ping.error().as_str()),
                (text, text)
            );
        }
    }
    let nobody = client.authorized_by(None).get("/v1_1/demo/ping").await;
    assert_eq!(
        (nobody.status, nobody.error().as_str()),
        (401, "Invalid credentials")
    );
    running.stop().await;
}
