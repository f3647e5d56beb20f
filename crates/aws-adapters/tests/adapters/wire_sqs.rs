//! SQS answers that the emulator does not give: errors, silence, and the requests themselves.

use std::error::Error as _;
use std::time::Duration;

use aws_adapters::{SqsOptions, SqsQueue};
use sync_engine::ports::{
    DeadLetter, MessageId, Queue as _, QueueError, QueueErrorKind, Receipt, ReceiptHandle,
    ReceiveRequest,
};

use crate::scripted::{Answer, Scripted, aws_at, http};

const REQUEST: ReceiveRequest = ReceiveRequest {
    max: 10,
    wait: Duration::ZERO,
    visibility_timeout: Duration::from_secs(30),
};

async fn queue(server: &Scripted) -> SqsQueue {
    let options = SqsOptions {
        receive_margin: Duration::from_secs(10),
        ..SqsOptions::default()
    };
    let letters = Some(format!("{}-dead", server.queue_url()));
    SqsQueue::new(&server.aws().await, server.queue_url(), letters, options)
}

async fn error_of(answer: Answer) -> QueueError {
    let server = Scripted::start([answer]).await;
    queue(&server).await.receive(REQUEST).await.unwrap_err()
}

fn text(error: &QueueError) -> String {
    format!("{error}: {}", error.source().unwrap())
}

#[tokio::test]
async fn a_receive_asks_for_what_the_engine_needs_and_nothing_else() {
    let server = Scripted::start([http(200, "{}")]).await;
    let request = ReceiveRequest {
        wait: Duration::from_secs(20),
        ..REQUEST
    };
    assert_eq!(queue(&server).await.receive(request).await.unwrap(), []);
    let asked = server.requests().remove(0);
    for part in [
        "\"MaxNumberOfMessages\":10",
        "\"WaitTimeSeconds\":20",
        "\"VisibilityTimeout\":30",
        "\"ApproximateReceiveCount\"",
        "\"ApproximateFirstReceiveTimestamp\"",
        "\"SentTimestamp\"",
        "\"AWSTraceHeader\"",
    ] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    assert!(!asked.contains("\"MessageAttributeNames\""), "{asked}");
}

#[tokio::test]
async fn no_call_to_sqs_is_retried() {
    let server = Scripted::start(vec![http(503, ""); 3]).await;
    let queue = queue(&server).await;
    let receipt = Receipt {
        id: MessageId("m".into()),
        handle: ReceiptHandle("h".into()),
    };
    let letter = DeadLetter {
        id: MessageId("m".into()),
        body: "{".into(),
        reason: "malformed",
        detail: String::new(),
        first_received_at: None,
        receive_count: 1,
    };
    for error in [
        queue.receive(REQUEST).await.unwrap_err(),
        queue.delete(&[receipt]).await.unwrap_err(),
        queue.dead_letter(&letter).await.unwrap_err(),
    ] {
        assert_eq!(error.kind, QueueErrorKind::Transient);
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_poll_that_is_never_answered_ends() {
    let server = Scripted::start([Answer::Silence]).await;
    let options = SqsOptions {
        receive_margin: Duration::from_millis(50),
        ..SqsOptions::default()
    };
    let queue = SqsQueue::new(&server.aws().await, server.queue_url(), None, options);
    let error = queue.receive(REQUEST).await.unwrap_err();
    assert_eq!(error.kind, QueueErrorKind::Transient);
    assert!(
        text(&error).contains("no answer in time"),
        "{}",
        text(&error)
    );
}

#[tokio::test]
async fn a_call_that_is_never_answered_ends() {
    let server = Scripted::start([Answer::Silence]).await;
    let options = SqsOptions {
        call_timeout: Duration::from_millis(50),
        ..SqsOptions::default()
    };
    let queue = SqsQueue::new(&server.aws().await, server.queue_url(), None, options);
    let error = queue.check().await.unwrap_err();
    assert_eq!(error.kind, QueueErrorKind::Transient);
    assert!(
        text(&error).contains("no answer in time"),
        "{}",
        text(&error)
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_transient() {
    let aws = aws_at("http://127.0.0.1:1").await;
    let queue = SqsQueue::new(
        &aws,
        "http://127.0.0.1:1/0/q".into(),
        None,
        SqsOptions::default(),
    );
    let error = queue.receive(REQUEST).await.unwrap_err();
    assert_eq!(error.kind, QueueErrorKind::Transient);
    assert!(text(&error).contains("no connection"), "{}", text(&error));
}

#[tokio::test]
async fn refusals_are_known_by_their_code() {
    const MISSING: &str = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#;
    const DENIED: &str =
        r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not you"}"#;
    const UNKNOWN_KEY: &str = r#"{"__type":"UnrecognizedClientException","message":"bad token"}"#;
    const THROTTLED: &str = r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slower"}"#;
    for (status, body, kind) in [
        (400, MISSING, QueueErrorKind::Missing),
        (400, DENIED, QueueErrorKind::Denied),
        (403, UNKNOWN_KEY, QueueErrorKind::Denied),
        (403, THROTTLED, QueueErrorKind::Transient),
        (502, "<html>Bad Gateway</html>", QueueErrorKind::Transient),
        (200, "<html>Welcome</html>", QueueErrorKind::Transient),
    ] {
        let error = error_of(http(status, body)).await;
        assert_eq!(error.kind, kind, "{body}: {}", text(&error));
    }
}

#[tokio::test]
async fn the_older_protocols_code_for_a_missing_queue_is_known() {
    let error = error_of(Answer::Http {
        status: 400,
        headers: &[(
            "x-amzn-query-error",
            "AWS.SimpleQueueService.NonExistentQueue;Sender",
        )],
        body: r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}"#,
    })
    .await;
    assert_eq!(error.kind, QueueErrorKind::Missing, "{}", text(&error));
}

#[tokio::test]
async fn a_refusal_that_quotes_the_signed_request_is_not_passed_on() {
    let error = error_of(http(
        403,
        r#"{"__type":"InvalidSignatureException","message":"The Canonical String should have been x-amz-security-token:IQoJb3JpZ2lu"}"#,
    ))
    .await;
    assert_eq!(error.kind, QueueErrorKind::Denied);
    let all = format!("{} {error:?}", text(&error));
    assert!(all.contains("InvalidSignatureException"), "{all}");
    assert!(!all.contains("IQoJb3JpZ2lu"), "{all}");
}
