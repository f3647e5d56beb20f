//! Queues, as the SDK uses them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{Aws, PATIENCE, code};

async fn receive(aws: &Aws, url: &str) -> Vec<Message> {
    let receive = aws
        .sqs
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(10);
    receive.send().await.unwrap().messages.unwrap_or_default()
}

async fn receive_one(aws: &Aws, url: &str) -> Message {
    receive(aws, url).await.pop().unwrap()
}

async fn send(aws: &Aws, url: &str, body: &str) {
    aws.sqs
        .send_message()
        .queue_url(url)
        .message_body(body)
        .send()
        .await
        .unwrap();
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder()
        .id(id)
        .message_body(body)
        .build()
        .unwrap()
}

fn deletion(id: &str, handle: &str) -> DeleteMessageBatchRequestEntry {
    DeleteMessageBatchRequestEntry::builder()
        .id(id)
        .receipt_handle(handle)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_message_is_received_with_what_was_asked_for_and_deleted() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    let text = |value: &str| {
        MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build()
            .unwrap()
    };
    let sending = aws
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("é\n\"quoted\"");
    let sent = sending
        .message_attributes("reason", text("x"))
        .message_attributes("other", text("y"))
        .send();
    let sent = sent.await.unwrap();
    let receive = aws
        .sqs
        .receive_message()
        .queue_url(&url)
        .message_attribute_names("reason");
    let receive = receive
        .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
        .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
    let message = receive.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(message.body(), Some("é\n\"quoted\""));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    let system = message.attributes().unwrap();
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateReceiveCount],
        "1"
    );
    assert_eq!(system.len(), 2);
    let custom = message.message_attributes().unwrap();
    assert_eq!(
        (custom.len(), custom["reason"].string_value()),
        (1, Some("x"))
    );
    let delete = aws
        .sqs
        .delete_message()
        .queue_url(&url)
        .receipt_handle(message.receipt_handle().unwrap());
    delete.send().await.unwrap();
    assert_eq!(aws.handle().queue_messages("q").unwrap(), []);
}

#[tokio::test]
async fn a_waiting_receive_is_woken_by_a_message() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    let waiting = aws
        .sqs
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20)
        .send();
    let sending = async {
        while aws.handle().calls("ReceiveMessage") == 0 {
            tokio::task::yield_now().await;
        }
        send(&aws, &url, "now").await;
    };
    let (received, ()) = timeout(PATIENCE / 2, async { tokio::join!(waiting, sending) })
        .await
        .unwrap();
    assert_eq!(received.unwrap().messages()[0].body(), Some("now"));
}

#[tokio::test]
async fn a_waiting_receive_gets_a_message_whose_visibility_ends_or_is_given_up() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    send(&aws, &url, "m").await;
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
async fn handles_are_refused_by_name() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    send(&aws, &url, "m").await;
    let message = receive_one(&aws, &url).await;
    let handle = message.receipt_handle().unwrap();
    let delete = aws
        .sqs
        .delete_message()
        .queue_url(&url)
        .receipt_handle("nonsense")
        .send()
        .await;
    assert!(
        delete
            .unwrap_err()
            .into_service_error()
            .is_receipt_handle_is_invalid()
    );
    let change = |seconds| {
        aws.sqs
            .change_message_visibility()
            .queue_url(&url)
            .receipt_handle(handle)
            .visibility_timeout(seconds)
            .send()
    };
    assert_eq!(code(change(43_201).await), "InvalidParameterValue");
    change(0).await.unwrap();
    assert!(
        change(10)
            .await
            .unwrap_err()
            .into_service_error()
            .is_message_not_inflight()
    );
}

#[tokio::test]
async fn a_batch_succeeds_in_part() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    let batch = aws
        .sqs
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("good", "fine"))
        .entries(entry("bad", "a\u{1}"));
    let sent = batch.send().await.unwrap();
    assert_eq!(
        (sent.successful()[0].id(), sent.failed()[0].id()),
        ("good", "bad")
    );
    assert_eq!(
        (sent.failed()[0].code(), sent.failed()[0].sender_fault()),
        ("InvalidMessageContents", true)
    );
    let message = receive_one(&aws, &url).await;
    let handle = message.receipt_handle().unwrap();
    let change = |id: &str, handle: &str| {
        let change = ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle);
        change.visibility_timeout(60).build().unwrap()
    };
    let changing = aws.sqs.change_message_visibility_batch().queue_url(&url);
    let changed = changing
        .entries(change("a", handle))
        .entries(change("b", "nonsense"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (changed.successful()[0].id(), changed.failed()[0].code()),
        ("a", "ReceiptHandleIsInvalid")
    );
    let deleting = aws.sqs.delete_message_batch().queue_url(&url);
    let deleted = deleting
        .entries(deletion("a", "nonsense"))
        .entries(deletion("b", handle))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (deleted.failed()[0].id(), deleted.successful()[0].id()),
        ("a", "b")
    );
    assert_eq!(aws.handle().queue_messages("q").unwrap(), []);
}

#[tokio::test]
async fn a_batch_of_the_wrong_shape_is_refused_whole() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    let batch = |entries: Vec<_>| {
        aws.sqs
            .send_message_batch()
            .queue_url(&url)
            .set_entries(Some(entries))
            .send()
    };
    let empty = batch(vec![]).await.unwrap_err().into_service_error();
    assert!(empty.is_empty_batch_request(), "{empty:?}");
    let eleven = (0..11).map(|n| entry(&n.to_string(), "m")).collect();
    assert!(
        batch(eleven)
            .await
            .unwrap_err()
            .into_service_error()
            .is_too_many_entries_in_batch_request()
    );
    let twice = batch(vec![entry("a", "m"), entry("a", "m")])
        .await
        .unwrap_err()
        .into_service_error();
    assert!(twice.is_batch_entry_ids_not_distinct());
    let long = "x".repeat(600_000);
    let long = batch(vec![entry("a", &long), entry("b", &long)])
        .await
        .unwrap_err()
        .into_service_error();
    assert!(long.is_batch_request_too_long());
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
    assert_eq!(listed.queue_urls(), [url.clone()]);
    let set = aws
        .sqs
        .set_queue_attributes()
        .queue_url(&url)
        .attributes(QueueAttributeName::VisibilityTimeout, "7");
    set.send().await.unwrap();
    send(&aws, &url, "m").await;
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
    assert!(receive(&aws, &url).await.is_empty());
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

#[tokio::test]
async fn dead_letters_arrive_with_their_history_and_can_be_moved_back() {
    let aws = Aws::start().await;
    let dead_url = aws.queue("dead").await;
    let dead_arn = "arn:aws:sqs:us-east-1:000000000000:dead";
    let policy = format!(r#"{{"deadLetterTargetArn":"{dead_arn}","maxReceiveCount":"2"}}"#);
    let url = aws
        .sqs
        .create_queue()
        .queue_name("q")
        .attributes(QueueAttributeName::RedrivePolicy, policy);
    let url = url
        .attributes(QueueAttributeName::VisibilityTimeout, "0")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    send(&aws, &url, "poison").await;
    let first = receive_one(&aws, &url).await;
    receive_one(&aws, &url).await;
    assert!(receive(&aws, &url).await.is_empty());
    let receiving = aws
        .sqs
        .receive_message()
        .queue_url(&dead_url)
        .visibility_timeout(0);
    let dead = receiving
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .unwrap();
    let dead = dead.messages.unwrap().remove(0);
    assert_eq!(
        (dead.message_id(), dead.body()),
        (first.message_id(), Some("poison"))
    );
    let attributes = dead.attributes().unwrap();
    assert_eq!(
        attributes[&MessageSystemAttributeName::ApproximateReceiveCount],
        "3"
    );
    assert_eq!(
        attributes[&MessageSystemAttributeName::DeadLetterQueueSourceArn],
        "arn:aws:sqs:us-east-1:000000000000:q"
    );
    let sources = aws
        .sqs
        .list_dead_letter_source_queues()
        .queue_url(&dead_url)
        .send()
        .await
        .unwrap();
    assert_eq!(sources.queue_urls(), [url.clone()]);
    aws.sqs
        .start_message_move_task()
        .source_arn(dead_arn)
        .send()
        .await
        .unwrap();
    let receiving = aws
        .sqs
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20)
        .send();
    let moved = timeout(PATIENCE, receiving)
        .await
        .unwrap()
        .unwrap()
        .messages
        .unwrap()
        .remove(0);
    assert_eq!(moved.body(), Some("poison"));
    assert_ne!(moved.message_id(), first.message_id());
    let tasks = || {
        aws.sqs
            .list_message_move_tasks()
            .source_arn(dead_arn)
            .send()
    };
    let completed = async {
        while tasks().await.unwrap().results()[0].status() != Some("COMPLETED") {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, completed).await.unwrap();
    assert_eq!(
        tasks().await.unwrap().results()[0].approximate_number_of_messages_moved(),
        1
    );
}

#[tokio::test]
async fn a_move_is_refused_without_a_dead_letter_queue_and_can_be_cancelled() {
    let aws = Aws::start().await;
    aws.queue("dead").await;
    let dead_arn = "arn:aws:sqs:us-east-1:000000000000:dead";
    let start = || aws.sqs.start_message_move_task().source_arn(dead_arn);
    assert_eq!(code(start().send().await), "InvalidParameterValue");
    let policy = format!(r#"{{"deadLetterTargetArn":"{dead_arn}","maxReceiveCount":2}}"#);
    let create = aws
        .sqs
        .create_queue()
        .queue_name("q")
        .attributes(QueueAttributeName::RedrivePolicy, policy);
    create.send().await.unwrap();
    for _ in 0..100 {
        aws.handle().send_message("dead", "m").unwrap();
    }
    let started = start().destination_arn("arn:aws:sqs:us-east-1:000000000000:q");
    let started = started
        .max_number_of_messages_per_second(1)
        .send()
        .await
        .unwrap();
    assert_eq!(code(start().send().await), "InvalidParameterValue");
    let cancel = aws
        .sqs
        .cancel_message_move_task()
        .task_handle(started.task_handle().unwrap())
        .send();
    let cancelled = cancel.await.unwrap();
    assert!(cancelled.approximate_number_of_messages_moved() < 100);
    let listed = aws
        .sqs
        .list_message_move_tasks()
        .source_arn(dead_arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            listed.results()[0].status(),
            listed.results()[0].task_handle()
        ),
        (Some("CANCELLED"), None)
    );
    let missing = aws
        .sqs
        .start_message_move_task()
        .source_arn("arn:aws:sqs:us-east-1:000000000000:none")
        .send()
        .await;
    assert!(
        missing
            .unwrap_err()
            .into_service_error()
            .is_resource_not_found_exception()
    );
}
