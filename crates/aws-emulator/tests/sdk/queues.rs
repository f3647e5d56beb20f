//! Queues, as the SDK uses them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_sqs::types::QueueAttributeName;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{Aws, PATIENCE, code};

#[tokio::test]
async fn a_waiting_receive_is_woken_by_a_message() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    let waiting = Box::pin(
        aws.sqs
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(20)
            .send(),
    );
    let sending = Box::pin(async {
        while aws.handle().calls("ReceiveMessage") == 0 {
            tokio::task::yield_now().await;
        }
        aws.send(&url, "now").await;
    });
    let (received, ()) = timeout(PATIENCE / 2, async { tokio::join!(waiting, sending) })
        .await
        .unwrap();
    assert_eq!(received.unwrap().messages()[0].body(), Some("now"));
}

#[tokio::test]
async fn a_waiting_receive_gets_a_message_whose_visibility_ends_or_is_given_up() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    aws.send(&url, "m").await;
    aws.sqs
        .receive_message()
        .queue_url(&url)
        .visibility_timeout(1)
        .send()
        .await
        .unwrap();
    let wait = || {
        aws.sqs
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(20)
            .send()
    };
    let again = timeout(PATIENCE / 2, wait()).await.unwrap().unwrap();
    let handle = again.messages()[0].receipt_handle().unwrap();
    let release = aws
        .sqs
        .change_message_visibility()
        .queue_url(&url)
        .receipt_handle(handle)
        .visibility_timeout(0);
    let (third, released) = timeout(PATIENCE / 2, async { tokio::join!(wait(), release.send()) })
        .await
        .unwrap();
    released.unwrap();
    assert_eq!(third.unwrap().messages()[0].body(), Some("m"));
}

#[tokio::test]
async fn stopping_ends_waiting_receives() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    let sqs = aws.sqs.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        sqs.receive_message()
            .queue_url(&url)
            .wait_time_seconds(20)
            .send()
            .await
    });
    while aws.handle().calls("ReceiveMessage") == 0 {
        tokio::task::yield_now().await;
    }
    timeout(PATIENCE / 2, aws.running.stop()).await.unwrap();
    let ended = timeout(PATIENCE / 2, tasks.join_next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(ended.unwrap().messages().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_receivers_get_every_message_once() {
    const MESSAGES: usize = 500;
    let aws = Arc::new(Aws::start().await);
    let url = aws.queue("q").await;
    let seen = Arc::new(AtomicUsize::new(0));
    let mut receivers = JoinSet::new();
    for _ in 0..8 {
        let (aws, url, seen) = (Arc::clone(&aws), url.clone(), Arc::clone(&seen));
        receivers.spawn(async move {
            while seen.load(Ordering::SeqCst) < MESSAGES {
                let receive = aws
                    .sqs
                    .receive_message()
                    .queue_url(&url)
                    .max_number_of_messages(10);
                let got = receive.wait_time_seconds(1).send().await.unwrap();
                for message in got.messages() {
                    let handle = message.receipt_handle().unwrap();
                    aws.sqs
                        .delete_message()
                        .queue_url(&url)
                        .receipt_handle(handle)
                        .send()
                        .await
                        .unwrap();
                    seen.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
    }
    for number in 0..MESSAGES {
        aws.handle().send_message("q", &number.to_string()).unwrap();
    }
    timeout(PATIENCE * 2, receivers.join_all()).await.unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), MESSAGES);
    assert_eq!(aws.handle().queue_messages("q").unwrap(), []);
}

#[tokio::test]
async fn parameters_out_of_range_are_refused() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    let receive = || aws.sqs.receive_message().queue_url(&url);
    assert_eq!(
        code(receive().max_number_of_messages(11).send().await),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(receive().wait_time_seconds(21).send().await),
        "InvalidParameterValue"
    );
    let too_long = aws
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("x".repeat(1_048_577))
        .send()
        .await;
    assert_eq!(code(too_long), "InvalidParameterValue");
    let fifo = aws.sqs.create_queue().queue_name("q.fifo").send().await;
    assert_eq!(code(fifo), "AWS.SimpleQueueService.UnsupportedOperation");
    let tags = aws.sqs.list_queue_tags().queue_url(&url).send().await;
    assert_eq!(code(tags), "AWS.SimpleQueueService.UnsupportedOperation");
}

#[tokio::test]
async fn queues_are_found_configured_and_deleted() {
    let aws = Aws::start().await;
    let url = aws.queue("one").await;
    aws.queue("two").await;
    assert_eq!(url, format!("{}/000000000000/one", aws.running.endpoint()));
    assert_eq!(aws.queue("one").await, url);
    let different = aws
        .sqs
        .create_queue()
        .queue_name("one")
        .attributes(QueueAttributeName::DelaySeconds, "5")
        .send()
        .await;
    assert!(
        different
            .unwrap_err()
            .into_service_error()
            .is_queue_name_exists()
    );
    let found = aws
        .sqs
        .get_queue_url()
        .queue_name("one")
        .send()
        .await
        .unwrap();
    assert_eq!(found.queue_url(), Some(url.as_str()));
    let listed = aws
        .sqs
        .list_queues()
        .queue_name_prefix("o")
        .send()
        .await
        .unwrap();
    assert_eq!(listed.queue_urls(), std::slice::from_ref(&url));
    let set = aws
        .sqs
        .set_queue_attributes()
        .queue_url(&url)
        .attributes(QueueAttributeName::VisibilityTimeout, "7");
    set.send().await.unwrap();
    aws.send(&url, "m").await;
    let read = aws
        .sqs
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::All);
    let attributes: HashMap<_, _> = read.send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "7");
    assert_eq!(
        attributes[&QueueAttributeName::ApproximateNumberOfMessages],
        "1"
    );
    assert_eq!(
        attributes[&QueueAttributeName::QueueArn],
        "arn:aws:sqs:us-east-1:000000000000:one"
    );
    aws.sqs.purge_queue().queue_url(&url).send().await.unwrap();
    assert!(aws.receive(&url).await.is_empty());
    aws.sqs.delete_queue().queue_url(&url).send().await.unwrap();
    let gone = aws
        .sqs
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap_err();
    assert!(gone.into_service_error().is_queue_does_not_exist());
    let raw = aws
        .http(
            "POST /",
            "X-Amz-Target: AmazonSQS.GetQueueUrl\r\n",
            r#"{"QueueName":"one"}"#,
        )
        .await
        .unwrap();
    assert_eq!(raw.status, 400);
    assert!(
        raw.head
            .contains("x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender"),
        "{}",
        raw.head
    );
    assert!(
        raw.body.contains("com.amazonaws.sqs#QueueDoesNotExist"),
        "{}",
        raw.body
    );
}
