//! The emulator's own calls: statistics, faults, expiry, reset.

use std::time::Duration;

use aws_emulator::{Fault, KeyFilter, Reset};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Aws, code};

fn fault(operation: &str) -> Fault {
    Fault {
        operation: operation.to_owned(),
        ..Fault::default()
    }
}

async fn control(aws: &Aws, request: &str, body: &Value) -> (u16, Value) {
    let reply = aws.http(request, "", &body.to_string()).await.unwrap();
    (
        reply.status,
        serde_json::from_str(&reply.body).unwrap_or_default(),
    )
}

#[tokio::test]
async fn statistics_count_calls_and_tell_what_is_there() {
    let aws = Aws::with_bucket().await;
    aws.queue("q").await;
    aws.put("k", "hello").await;
    aws.handle().send_message("q", "m").unwrap();
    let (code, stats) = control(&aws, "GET /_emulator/stats", &Value::Null).await;
    assert_eq!(code, 200);
    let expected = json!({
        "calls": {"s3": {"CreateBucket": 1, "PutObject": 1}, "sqs": {"CreateQueue": 1}},
        "queues": {"q": {"visible": 1, "in_flight": 0, "delayed": 0}},
        "buckets": {"media": 1},
        "bytes": 5,
    });
    assert_eq!(stats, expected);
    assert_eq!(
        aws.http("GET /_emulator/health", "", "")
            .await
            .unwrap()
            .body,
        "ok\n"
    );
}

#[tokio::test]
async fn an_armed_fault_fails_so_many_calls_of_its_operation() {
    let aws = Aws::with_bucket().await;
    aws.put("k", "x").await;
    let armed = json!({"operation": "GetObject", "status": 503, "code": "SlowDown", "times": 2});
    assert_eq!(control(&aws, "PUT /_emulator/faults", &armed).await.0, 204);
    let get = || aws.s3.get_object().bucket("media").key("k").send();
    assert_eq!(code(get().await), "SlowDown");
    assert!(
        aws.s3
            .head_object()
            .bucket("media")
            .key("k")
            .send()
            .await
            .is_ok()
    );
    assert_eq!(
        get()
            .await
            .unwrap_err()
            .raw_response()
            .unwrap()
            .status()
            .as_u16(),
        503
    );
    assert!(get().await.is_ok());
    let unknown = json!({"operation": "GetObject", "tims": 2});
    assert_eq!(
        control(&aws, "PUT /_emulator/faults", &unknown).await.0,
        400
    );
}

#[tokio::test]
async fn a_slow_operation_takes_at_least_its_latency() {
    let aws = Aws::with_bucket().await;
    aws.put("k", "x").await;
    aws.handle().set_faults(vec![Fault {
        latency_ms: 50,
        ..fault("HeadObject")
    }]);
    let begin = Instant::now();
    assert!(
        aws.s3
            .head_object()
            .bucket("media")
            .key("k")
            .send()
            .await
            .is_ok()
    );
    assert!(begin.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_cut_connection_has_or_has_not_taken_effect() {
    let aws = Aws::with_bucket().await;
    let url = aws.queue("q").await;
    let send = || {
        aws.sqs
            .send_message()
            .queue_url(&url)
            .message_body("m")
            .send()
    };
    aws.handle().set_faults(vec![Fault {
        reset: Some(Reset::Before),
        ..fault("SendMessage")
    }]);
    assert_eq!(code(send().await), "no answer");
    assert_eq!(aws.handle().queue_depth("q").unwrap().visible, 0);
    aws.handle().set_faults(vec![Fault {
        reset: Some(Reset::After),
        ..fault("SendMessage")
    }]);
    assert_eq!(code(send().await), "no answer");
    assert_eq!(aws.handle().queue_depth("q").unwrap().visible, 1);
    aws.handle().set_faults(vec![Fault {
        reset: Some(Reset::After),
        ..fault("CreateBucket")
    }]);
    assert_eq!(
        code(aws.s3.create_bucket().bucket("second").send().await),
        "no answer"
    );
    assert!(aws.handle().list_objects("second").is_ok());
}

#[tokio::test]
async fn a_batch_can_be_made_to_fail_in_part() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    aws.handle().set_faults(vec![Fault {
        fail_entries: Some(1),
        times: Some(1),
        ..fault("SendMessageBatch")
    }]);
    let entry = |id: &str| {
        SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body("m")
            .build()
            .unwrap()
    };
    let sent = aws
        .sqs
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("a"))
        .entries(entry("b"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (sent.failed()[0].id(), sent.failed()[0].sender_fault()),
        ("a", false)
    );
    assert_eq!(sent.successful()[0].id(), "b");
    assert_eq!(aws.handle().queue_depth("q").unwrap().visible, 1);
}

#[tokio::test]
async fn an_object_expires_on_request_and_a_reset_forgets_everything() {
    let aws = Aws::with_bucket().await;
    aws.queue("q").await;
    aws.put("k", "x").await;
    aws.handle()
        .connect("media", "q", KeyFilter::default())
        .unwrap();
    let expire = json!({"bucket": "media", "key": "k"});
    assert_eq!(
        control(&aws, "POST /_emulator/expire", &expire).await.0,
        204
    );
    assert_eq!(
        control(&aws, "POST /_emulator/expire", &expire).await.0,
        404
    );
    let told = aws.handle().queue_messages("q").unwrap();
    assert!(
        told[1].body.contains("LifecycleExpiration:Delete"),
        "{told:?}"
    );
    assert_eq!(
        control(&aws, "POST /_emulator/reset", &Value::Null).await.0,
        204
    );
    let (_, stats) = control(&aws, "GET /_emulator/stats", &Value::Null).await;
    assert_eq!(
        (&stats["buckets"], &stats["queues"], &stats["bytes"]),
        (&json!({}), &json!({}), &json!(0))
    );
    assert_eq!(
        control(&aws, "GET /_emulator/nothing", &Value::Null)
            .await
            .0,
        404
    );
}
