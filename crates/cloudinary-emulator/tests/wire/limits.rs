//! Concurrency and size: what is too much is refused, and counted.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use cloudinary_emulator::{FaultEffect, FaultPlan, FaultRule, Options};
use futures_util::future::join_all;

use crate::client::{hello, start, until};

#[tokio::test]
async fn a_call_above_the_concurrency_limit_is_answered_420_at_once() {
    // The first two hold their slots until the plan lets them go.
    let held = FaultRule {
        delay_ms: 600_000,
        ..FaultRule::on("upload", FaultEffect::Delay)
    };
    let options = Options {
        max_concurrent: Some(2),
        faults: FaultPlan::of([held]),
        ..Options::default()
    };
    let (running, client) = start(options).await;
    let forms = [hello("a"), hello("b")];
    let holding = join_all(
        forms
            .iter()
            .map(|form| client.try_post("image/upload", form)),
    );
    let refused = async {
        until("both slots are taken", || {
            running.handle().stats().concurrency.current == 2
        })
        .await;
        client.post("image/destroy", "public_id=c").await
    };
    tokio::select! {
        _ = holding => panic!("the held calls were answered"),
        answer = refused => {
            assert_eq!(answer.status, 420);
            assert_eq!(answer.error(), "Too many concurrent upload_api operations");
        }
    }
    let stats = running.handle().stats();
    assert_eq!(
        (
            stats.throttled,
            stats.concurrency.peak,
            stats.answered("destroy", 420)
        ),
        (1, 2, 1)
    );
    running.handle().set_max_concurrent(None);
    assert_eq!(
        client.post("image/destroy", "public_id=c").await.status,
        200
    );
    running.stop().await;
}

#[tokio::test]
async fn latency_holds_the_slot() {
    let latency = Duration::from_hours(1);
    let (running, client) = start(Options {
        latency,
        ..Options::default()
    })
    .await;
    let forms = [hello("a"), hello("b"), hello("c")];
    let calls = join_all(
        forms
            .iter()
            .map(|form| client.try_post("image/upload", form)),
    );
    let all_held = until("three slots are held", || {
        running.handle().stats().concurrency.current == 3
    });
    tokio::select! {
        _ = calls => panic!("answered without the latency"),
        () = all_held => {}
    }
    assert_eq!(running.handle().assets(), []);
    running.stop().await;
}

#[tokio::test]
async fn a_body_above_100_mb_is_read_to_its_end_and_answered_413() {
    let (running, client) = start(Options::default()).await;
    let frame = bytes::Bytes::from(vec![0; 1 << 20]);
    let frames = std::iter::repeat_n(frame, 101).map(Ok::<_, std::io::Error>);
    let body = Body::from_stream(futures_util::stream::iter(frames));
    let answer = client
        .send(Method::POST, "/v1_1/demo/raw/upload", &[], body)
        .await
        .expect("an answer");
    let text = format!(
        "File size too large. Got {}. Maximum is 104857600.",
        101 << 20
    );
    assert_eq!((answer.status, answer.error()), (413, text));
    running.stop().await;
}

#[tokio::test]
async fn a_stopped_emulator_no_longer_listens() {
    let (running, client) = start(Options::default()).await;
    client.upload("a").await;
    let url = running.cloudinary_url();
    assert_eq!(
        url,
        format!(
            "cloudinary://key:secret@demo?upload_prefix={}",
            running.endpoint()
        )
    );
    running.stop().await;
    assert!(client.try_post("image/upload", &hello("a")).await.is_err());
}
