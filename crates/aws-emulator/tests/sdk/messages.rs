//! Messages: attributes, receipt handles, batches.

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageAttributeValue, MessageSystemAttributeName, SendMessageBatchRequestEntry,
};

use crate::support::{Aws, code};

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
async fn handles_are_refused_by_name() {
    let aws = Aws::start().await;
    let url = aws.queue("q").await;
    aws.send(&url, "m").await;
    let message = aws.receive_one(&url).await;
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
    let message = aws.receive_one(&url).await;
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
