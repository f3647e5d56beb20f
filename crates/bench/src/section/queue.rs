//! How fast the emulated queue is, so that it is known not to be what limits a race.
//!
//! One client on one thread receives and deletes messages in batches of ten while others stand
//! behind them; their number must not matter.

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::emulators::Emulators;
use crate::proc;
use crate::tools::Tools;

/// Messages that stand behind those that are counted.
const BACKLOGS: [u32; 5] = [1, 100, 1_000, 10_000, 100_000];
/// Messages that are received and deleted.
const COUNTED: u32 = 20_000;
/// Calls at once.
const CALLERS: u32 = 8;
const BATCH: u32 = 10;

/// The rate at one length of the queue.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct QueueRate {
    pub(crate) backlog: u32,
    pub(crate) messages_per_second: f64,
    /// Cores that the client kept busy; it has one.
    pub(crate) client_cores: f64,
    /// Cores that the emulator kept busy.
    pub(crate) emulator_cores: f64,
}

/// Measures at every length, each with a fresh queue.
pub(crate) async fn measure(tools: &Tools) -> Result<Vec<QueueRate>> {
    let mut rates = Vec::new();
    for backlog in BACKLOGS {
        let stage = Emulators::start(tools, "queue", &[]).await?;
        send(&stage, backlog + COUNTED).await?;
        rates.push(drain(&stage, backlog).await?);
    }
    Ok(rates)
}

async fn send(stage: &Emulators, messages: u32) -> Result<()> {
    let text = notification();
    let senders = (0..CALLERS).map(async |sender| {
        let mut left = share(messages, sender);
        while left > 0 {
            let batch = left.min(BATCH);
            let entries: Vec<Value> = (0..batch)
                .map(|id| json!({"Id": id.to_string(), "MessageBody": text}))
                .collect();
            let body = json!({"QueueUrl": stage.queue_url, "Entries": entries});
            stage.sqs("SendMessageBatch", &body).await?;
            left -= batch;
        }
        anyhow::Ok(())
    });
    try_join_all(senders).await.map(drop)
}

async fn drain(stage: &Emulators, backlog: u32) -> Result<QueueRate> {
    let client = proc::usage(std::process::id())?.cpu;
    let emulator = stage.cpu()?.aws;
    let started = Instant::now();
    let callers = (0..CALLERS).map(|caller| take(stage, share(COUNTED, caller)));
    let taken: u32 = try_join_all(callers).await?.into_iter().sum();
    let seconds = started.elapsed().as_secs_f64();
    let client = proc::usage(std::process::id())?.cpu.saturating_sub(client);
    let emulator = stage.cpu()?.aws.saturating_sub(emulator);
    Ok(QueueRate {
        backlog,
        messages_per_second: f64::from(taken) / seconds,
        client_cores: client.as_secs_f64() / seconds,
        emulator_cores: emulator.as_secs_f64() / seconds,
    })
}

/// Receives and deletes at least so many.
async fn take(stage: &Emulators, wanted: u32) -> Result<u32> {
    let mut taken = 0;
    while taken < wanted {
        let receive = json!({"QueueUrl": stage.queue_url, "MaxNumberOfMessages": BATCH});
        let received = stage.sqs("ReceiveMessage", &receive).await?;
        let messages = received["Messages"].as_array().context("messages")?;
        let entries: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(id, message)| {
                json!({"Id": id.to_string(), "ReceiptHandle": message["ReceiptHandle"]})
            })
            .collect();
        taken += u32::try_from(entries.len())?;
        let delete = json!({"QueueUrl": stage.queue_url, "Entries": entries});
        stage.sqs("DeleteMessageBatch", &delete).await?;
    }
    Ok(taken)
}

/// What caller number `caller` takes of a total.
fn share(total: u32, caller: u32) -> u32 {
    total / CALLERS + u32::from(caller < total % CALLERS)
}

/// As long as what S3 sends.
fn notification() -> String {
    json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:EXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "0123456789ABCDEF", "x-amz-id-2": "0123456789ABCDEF0123456789ABCDEF"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "all",
            "bucket": {"name": "pictures", "ownerIdentity": {"principalId": "EXAMPLE"}, "arn": "arn:aws:s3:::pictures"},
            "object": {"key": "media/picture-000000.gif", "size": 2060, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0055AED6DCD90281E5"}
        }
    }]})
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_callers_are_the_whole() {
        for total in [0, 1, 7, 8, 20_001] {
            let sum: u32 = (0..CALLERS).map(|caller| share(total, caller)).sum();
            assert_eq!(sum, total);
        }
    }
}
