//! Notifications: signed, sent for every kind of change, and not lost when the emulator stops.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use cloudinary_emulator::Options;
use serde_json::Value;
use sha1::{Digest, Sha1};
use tokio::sync::{Semaphore, mpsc};

use crate::client::{hello, start, until};
use crate::sources::serve;

type Inbox = mpsc::UnboundedSender<(HeaderMap, Bytes)>;

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if inbox.send((headers, body)).is_ok() {
        StatusCode::OK
    } else {
        StatusCode::GONE
    }
}

/// Like `receive`, once the gate lets one more pass.
async fn receive_behind(
    State((inbox, gate)): State<(Inbox, Arc<Semaphore>)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    gate.acquire().await.expect("never closed").forget();
    receive(State(inbox), headers, body).await
}

#[tokio::test]
async fn upload_and_destroy_are_notified_and_signed() {
    let (inbox, mut received) = mpsc::unbounded_channel();
    let router = Router::new().fallback(receive).with_state(inbox);
    let (url, _stop) = serve(router).await;
    let (running, client) = start(Options::default()).await;
    for (call, form, kind) in [
        ("image/upload", hello("a"), "upload"),
        ("image/destroy", "public_id=a".to_owned(), "delete"),
    ] {
        client
            .post(call, &format!("{form}&notification_url={url}/hook"))
            .await;
        let (headers, body) = received.recv().await.expect("a notification");
        let json: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(json["notification_type"], kind);
        let timestamp = headers["x-cld-timestamp"].to_str().expect("text");
        let expected = Sha1::new()
            .chain_update(&body)
            .chain_update(timestamp)
            .chain_update("secret");
        assert_eq!(
            headers["x-cld-signature"],
            hex::encode(expected.finalize()).as_str()
        );
    }
    client
        .post(
            "image/destroy",
            &format!("public_id=a&notification_url={url}/hook"),
        )
        .await;
    running.stop().await;
    assert!(
        received.try_recv().is_err(),
        "nothing changed, so nothing is notified"
    );
}

#[tokio::test]
async fn what_is_queued_when_the_emulator_stops_is_still_sent() {
    let gate = Arc::new(Semaphore::new(0));
    let (inbox, mut received) = mpsc::unbounded_channel();
    let router = Router::new()
        .fallback(receive_behind)
        .with_state((inbox, Arc::clone(&gate)));
    let (url, _stop) = serve(router).await;
    let (running, client) = start(Options::default()).await;
    for n in 0..50 {
        let form = format!("{}&notification_url={url}/", hello(&n.to_string()));
        client.post("image/upload", &form).await;
    }
    // The first poll of `stop` is the stop; only then may any receiver answer.
    tokio::join!(running.stop(), async { gate.add_permits(50) });
    let mut count = 0;
    while received.try_recv().is_ok() {
        count += 1;
    }
    assert_eq!(count, 50);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_counted() {
    let (running, client) = start(Options::default()).await;
    client
        .post(
            "image/upload",
            &(hello("a") + "&notification_url=http://127.0.0.1:1/"),
        )
        .await;
    until("the failure is counted", || {
        running.handle().stats().notifications.failed == 1
    })
    .await;
    running.stop().await;
}
