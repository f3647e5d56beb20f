//! The fault plan: what a client sees, and what happened all the same.

use axum::http::Method;
use cloudinary_emulator::{FaultEffect, FaultPlan, FaultRule, Options};

use crate::client::{hello, start, until};

fn plan(effect: FaultEffect) -> FaultPlan {
    FaultPlan::of([FaultRule::on("upload", effect).times(1)])
}

#[tokio::test]
async fn a_closed_connection_before_the_write_leaves_nothing() {
    let (running, client) = start(Options {
        faults: plan(FaultEffect::Close),
        ..Options::default()
    })
    .await;
    assert!(client.try_post("image/upload", &hello("a")).await.is_err());
    assert_eq!(running.handle().assets(), []);
    assert_eq!(running.handle().stats().calls["upload"]["closed"], 1);
    assert_eq!(client.upload("a").await.status, 200);
    running.stop().await;
}

#[tokio::test]
async fn a_lost_answer_leaves_the_write() {
    for effect in [
        FaultEffect::ApplyThenClose,
        FaultEffect::ApplyThenHang { ms: 1 },
    ] {
        let (running, client) = start(Options {
            faults: plan(effect),
            ..Options::default()
        })
        .await;
        assert!(client.try_post("image/upload", &hello("a")).await.is_err());
        assert_eq!(running.handle().assets().len(), 1);
        running.stop().await;
    }
}

#[tokio::test]
async fn a_late_write_lands_after_the_client_gave_up() {
    let faults = plan(FaultEffect::ApplyLate { after_ms: 50 });
    let (running, client) = start(Options {
        faults,
        ..Options::default()
    })
    .await;
    assert!(client.try_post("image/upload", &hello("a")).await.is_err());
    until("the write lands", || running.handle().assets().len() == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_its_write() {
    let delay = FaultRule {
        delay_ms: 1000,
        ..FaultRule::on("upload", FaultEffect::Delay)
    };
    let faults = FaultPlan::of([delay]);
    let (running, client) = start(Options {
        faults,
        ..Options::default()
    })
    .await;
    let form = hello("a");
    let arrived = until("the call is held", || {
        running.handle().stats().concurrency.current == 1
    });
    tokio::select! {
        _ = client.try_post("image/upload", &form) => panic!("answered without the delay"),
        () = arrived => {}
    }
    until("the write lands", || running.handle().assets().len() == 1).await;
    running.stop().await;
}

#[tokio::test]
async fn an_error_answer_carries_its_text_and_retry_after() {
    let effect = FaultEffect::Answer {
        status: 420,
        message: None,
        retry_after: Some(7),
    };
    let (running, client) = start(Options {
        faults: plan(effect),
        ..Options::default()
    })
    .await;
    let answer = client.upload("a").await;
    assert_eq!((answer.status, answer.header("retry-after")), (420, "7"));
    assert_eq!(answer.error(), "Rate Limit Exceeded");
    assert_eq!(running.handle().assets(), []);
    running.stop().await;
}

#[tokio::test]
async fn the_plan_is_replaced_over_http_and_cleared_by_a_reset() {
    let (running, client) = start(Options::default()).await;
    let put = async |text: &'static str| {
        client
            .send(Method::PUT, "/_emulator/faults", &[], text)
            .await
            .expect("an answer")
    };
    let text =
        r#"{"rules": [{"public_id_prefix": "x/", "effect": {"kind": "answer", "status": 423}}]}"#;
    assert_eq!(put(text).await.json()["rules"], 1);
    assert_eq!(client.upload("x/a").await.status, 423);
    assert_eq!(client.upload("y/a").await.status, 200);
    assert_eq!(
        put(r#"{"rules": [{"effect": {"kind": "no"}}]}"#)
            .await
            .status,
        400
    );
    let reset = client
        .send(Method::POST, "/_emulator/reset", &[], "")
        .await
        .expect("an answer");
    assert_eq!(reset.status, 200);
    assert_eq!(
        client.get("/_emulator/assets").await.json(),
        serde_json::json!([])
    );
    assert_eq!(client.upload("x/a").await.status, 200);
    assert_eq!(
        client.get("/_emulator/stats").await.json()["calls"]["upload"]["200"],
        1
    );
    assert_eq!(client.get("/_emulator/health").await.json()["status"], "ok");
    running.stop().await;
}

#[tokio::test]
async fn delivery_and_admin_calls_fail_on_demand_too() {
    let rules =
        ["delivery", "ping"].map(|name| FaultRule::on(name, FaultEffect::status(503)).times(1));
    let (running, client) = start(Options {
        faults: FaultPlan::of(rules),
        ..Options::default()
    })
    .await;
    client.upload("a").await;
    for path in ["/demo/image/upload/v1/a", "/v1_1/demo/ping"] {
        assert_eq!(client.get(path).await.status, 503);
        assert_eq!(client.get(path).await.status, 200);
    }
    running.stop().await;
}
