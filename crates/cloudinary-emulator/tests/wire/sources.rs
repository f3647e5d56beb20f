//! Sources that are pulled: over HTTP and from an S3 endpoint.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use cloudinary_emulator::Options;
use tokio_util::sync::DropGuard;

use crate::client::start;

/// A server that remembers what was asked for and answers by the last part of the path.
pub(crate) struct Site {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _stop: DropGuard,
}

impl Site {
    async fn start() -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&asked));
        let (url, stop) = serve(router).await;
        Self {
            url,
            asked,
            _stop: stop,
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("unpoisoned").clone()
    }
}

/// Serves a router on a free port until the guard is dropped.
pub(crate) async fn serve(router: Router) -> (String, DropGuard) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let stop = tokio_util::sync::CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let tracker = tokio_util::task::TaskTracker::new();
    tracker.spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await
    });
    (url, stop.drop_guard())
}

async fn answer(State(asked): State<Arc<Mutex<Vec<String>>>>, uri: Uri) -> Response {
    asked.lock().expect("unpoisoned").push(uri.to_string());
    match uri.path().rsplit('/').next() {
        Some("absent") => StatusCode::NOT_FOUND.into_response(),
        Some("denied" | "locked") => StatusCode::FORBIDDEN.into_response(),
        Some("moved") => Redirect::temporary("/here").into_response(),
        Some("broken") => StatusCode::BAD_GATEWAY.into_response(),
        _ => "hello".into_response(),
    }
}

#[tokio::test]
async fn an_s3_source_is_fetched_path_style_with_its_key_escaped_once() {
    let site = Site::start().await;
    let options = Options {
        s3_endpoint: Some(site.url.clone()),
        ..Options::default()
    };
    let (running, client) = start(options).await;
    // The key holds a space, a plus, a percent sign, a hash and a question mark, all as they are.
    let form = "public_id=a&file=s3%3A%2F%2Fbucket%2Fd%2Fa+b%2Bc%2525%23%3F%C3%A9.jpg";
    let answer = client.post("image/upload", form).await.json();
    assert_eq!(answer["bytes"], 5);
    assert_eq!(site.asked(), ["/bucket/d/a%20b%2Bc%2525%23%3F%C3%A9.jpg"]);
    running.stop().await;
}

#[tokio::test]
async fn a_source_that_cannot_be_fetched_is_told_in_the_services_words() {
    let site = Site::start().await;
    let options = Options {
        s3_endpoint: Some(site.url.clone()),
        ..Options::default()
    };
    let (running, client) = start(options).await;
    for (source, reason) in [
        (format!("{}/absent", site.url), "404 Not Found"),
        (format!("{}/broken", site.url), "502 Bad Gateway"),
        (format!("{}/moved", site.url), "Invalid redirect"),
        ("s3://bucket/absent".to_owned(), "404 Not Found"),
        ("s3://bucket/denied".to_owned(), "Access Denied"),
        (
            "s3://dotted.bucket/a".to_owned(),
            "Bucket names that contain a dot are not supported",
        ),
        ("ftp://host/a".to_owned(), "Unsupported source URL"),
        ("http://127.0.0.1:1/a".to_owned(), "Server broke connection"),
    ] {
        let answer = client
            .post("image/upload", &format!("public_id=a&file={source}"))
            .await;
        let text = format!("Error in loading {source} - {reason}");
        assert_eq!((answer.status, answer.error()), (400, text));
    }
    assert_eq!(running.handle().assets(), []);
    running.stop().await;
}

#[tokio::test]
async fn a_bucket_must_show_its_wellknown_object_when_that_is_required() {
    let site = Site::start().await;
    let options = |cloud: &str| Options {
        cloud: cloud.to_owned(),
        s3_endpoint: Some(site.url.clone()),
        require_wellknown: true,
        ..Options::default()
    };
    for (cloud, status) in [("demo", 200), ("locked", 400)] {
        let (running, client) = start(options(cloud)).await;
        let path = format!("/v1_1/{cloud}/image/upload");
        let form = "public_id=a&file=s3://bucket/a.jpg";
        let answer = client
            .send(axum::http::Method::POST, &path, &[], form)
            .await
            .expect("an answer");
        assert_eq!(answer.status, status, "{:?}", answer.body);
        running.stop().await;
    }
    assert_eq!(site.asked()[0], "/bucket/.wellknown/cloudinary/demo");
}

#[tokio::test]
async fn a_bucket_that_grants_no_listing_denies_what_is_missing() {
    let site = Site::start().await;
    let endpoint = Some(site.url.clone());
    let options = Options {
        s3_endpoint: endpoint,
        s3_hides_missing: true,
        ..Options::default()
    };
    let (running, client) = start(options).await;
    for (source, reason) in [
        ("s3://bucket/absent".to_owned(), "Access Denied"),
        (format!("{}/absent", site.url), "404 Not Found"),
    ] {
        let answer = client
            .post("image/upload", &format!("public_id=a&file={source}"))
            .await;
        assert_eq!(
            answer.error(),
            format!("Error in loading {source} - {reason}")
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn without_an_s3_endpoint_every_bucket_is_denied() {
    let (running, client) = start(Options::default()).await;
    let answer = client
        .post("image/upload", "public_id=a&file=s3://bucket/a.jpg")
        .await;
    assert_eq!(
        answer.error(),
        "Error in loading s3://bucket/a.jpg - Access Denied"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_large_source_is_hashed_without_being_kept() {
    let site = Site::start().await;
    let (running, client) = start(Options {
        keep_bytes_up_to: 4,
        ..Options::default()
    })
    .await;
    let form = format!("public_id=a&file={}/x.jpg", site.url);
    let answer = client.post("image/upload", &form).await.json();
    assert_eq!(answer["etag"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(
        (&answer["bytes"], &answer["original_filename"]),
        (&5.into(), &"x".into())
    );
    running.stop().await;
}
