//! A queue, and what can be seen of it from outside.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde_json::json;

use super::{Cloud, PATIENCE, patience};

/// One queue on some cloud.
pub(crate) struct Queue {
    client: Client,
    url: String,
    arn: String,
}

impl Queue {
    /// Creates a queue, with a redrive policy when there is a queue for dead letters.
    pub(super) async fn create(cloud: &Cloud, name: &str, dead_letters: Option<&Self>) -> Self {
        let client = cloud.sqs();
        let mut request = client.create_queue().queue_name(name);
        if let Some(dead_letters) = dead_letters {
            let policy = json!({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": 20});
            request = request.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
        }
        let created = request.send().await.expect("the queue is created");
        let url = created.queue_url().expect("it has a URL").to_owned();
        let arn = attribute(&client, &url, QueueAttributeName::QueueArn).await;
        Self { client, url, arn }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// Sends a message body as it is.
    pub(crate) async fn send(&self, body: &str) {
        let request = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(body);
        request.send().await.expect("the message is sent");
    }

    /// Waits until no message is left, neither visible nor leased.
    pub(crate) async fn wait_until_empty(&self) {
        patience::within(PATIENCE, "the queue is empty", async || {
            (self.depth().await
                == Depth {
                    visible: 0,
                    hidden: 0,
                })
            .then_some(())
        })
        .await;
    }

    /// Waits until exactly so many messages can be received.
    pub(crate) async fn wait_until_visible(&self, messages: usize) {
        let what = format!("{messages} messages can be received");
        patience::within(PATIENCE, &what, async || {
            (self.depth().await.visible == messages).then_some(())
        })
        .await;
    }

    /// Messages waiting and messages leased or delayed.
    pub(crate) async fn depth(&self) -> Depth {
        let count = async |name| {
            let text = attribute(&self.client, &self.url, name).await;
            text.parse::<usize>().expect("a number of messages")
        };
        Depth {
            visible: count(QueueAttributeName::ApproximateNumberOfMessages).await,
            hidden: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await
                + count(QueueAttributeName::ApproximateNumberOfMessagesDelayed).await,
        }
    }

    /// Waits for a message, takes it out of the queue and returns it.
    pub(crate) async fn take(&self) -> Message {
        let message = patience::within(PATIENCE, "a message comes", async || {
            let request = self
                .client
                .receive_message()
                .queue_url(&self.url)
                .wait_time_seconds(1);
            let received = request.message_attribute_names("All").send().await;
            received
                .expect("the queue answers")
                .messages
                .unwrap_or_default()
                .pop()
        })
        .await;
        let receipt = message.receipt_handle().expect("a receipt handle");
        let request = self
            .client
            .delete_message()
            .queue_url(&self.url)
            .receipt_handle(receipt);
        request.send().await.expect("the message is deleted");
        message
    }
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth {
    /// Waiting to be received.
    pub(crate) visible: usize,
    /// Leased or delayed.
    pub(crate) hidden: usize,
}

async fn attribute(client: &Client, url: &str, name: QueueAttributeName) -> String {
    let request = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(name.clone());
    let answer = request
        .send()
        .await
        .expect("the queue tells its attributes");
    let value = answer
        .attributes()
        .and_then(|attributes| attributes.get(&name));
    value
        .unwrap_or_else(|| panic!("the queue has no {name}"))
        .clone()
}
