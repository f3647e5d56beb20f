//! Redrive to a dead-letter queue, and the way back.

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use tokio::time::timeout;

use crate::support::{Aws, PATIENCE, code};

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
    aws.send(&url, "poison").await;
    let first = aws.receive_one(&url).await;
    aws.receive_one(&url).await;
    assert!(aws.receive(&url).await.is_empty());
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
    assert_eq!(sources.queue_urls(), std::slice::from_ref(&url));
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
