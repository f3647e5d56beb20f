//! `DeleteMessageBatch` and `ChangeMessageVisibilityBatch`: HTTP 200 may still hold refused
//! entries, which are handed back by name.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
};
use sync_engine::ports::{
    EntryFailure, MAX_BATCH, MAX_LEASE, MessageId, QueueError, Receipt, VisibilityChange,
};

use super::receive::seconds_up;
use crate::errors::AwsError;
use crate::errors::queue::{entry_kind, queue_error};

pub(super) async fn delete(
    client: &Client,
    queue_url: &str,
    receipts: &[Receipt],
) -> Result<Vec<EntryFailure>, QueueError> {
    const OPERATION: &str = "DeleteMessageBatch";
    debug_assert!(
        receipts.len() <= MAX_BATCH,
        "a batch has at most ten entries"
    );
    if receipts.is_empty() {
        return Ok(Vec::new());
    }
    let entries = receipts.iter().enumerate().map(|(position, receipt)| {
        DeleteMessageBatchRequestEntry::builder()
            .id(position.to_string())
            .receipt_handle(&receipt.handle.0)
            .build()
            .map_err(|error| queue_error(OPERATION, AwsError::request(error.to_string())))
    });
    let answer = client
        .delete_message_batch()
        .queue_url(queue_url)
        .set_entries(Some(entries.collect::<Result<_, _>>()?))
        .send()
        .await
        .map_err(|error| queue_error(OPERATION, AwsError::from_sdk(&error)))?;
    Ok(failures(&answer.failed, |position| receipts.get(position)))
}

pub(super) async fn change_visibility(
    client: &Client,
    queue_url: &str,
    changes: &[VisibilityChange],
) -> Result<Vec<EntryFailure>, QueueError> {
    const OPERATION: &str = "ChangeMessageVisibilityBatch";
    debug_assert!(
        changes.len() <= MAX_BATCH,
        "a batch has at most ten entries"
    );
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let entries = changes.iter().enumerate().map(|(position, change)| {
        ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(position.to_string())
            .receipt_handle(&change.receipt.handle.0)
            .visibility_timeout(seconds_up(change.timeout.min(MAX_LEASE)))
            .build()
            .map_err(|error| queue_error(OPERATION, AwsError::request(error.to_string())))
    });
    let answer = client
        .change_message_visibility_batch()
        .queue_url(queue_url)
        .set_entries(Some(entries.collect::<Result<_, _>>()?))
        .send()
        .await
        .map_err(|error| queue_error(OPERATION, AwsError::from_sdk(&error)))?;
    Ok(failures(&answer.failed, |position| {
        Some(&changes.get(position)?.receipt)
    }))
}

/// Entries are numbered, not named by message: a batch may hold two receives of one message, and
/// SQS refuses a batch with the same name twice.
fn failures<'a>(
    failed: &[BatchResultErrorEntry],
    receipt: impl Fn(usize) -> Option<&'a Receipt>,
) -> Vec<EntryFailure> {
    failed
        .iter()
        .map(|entry| EntryFailure {
            id: entry
                .id
                .parse()
                .ok()
                .and_then(&receipt)
                .map_or_else(|| MessageId(entry.id.clone()), |receipt| receipt.id.clone()),
            kind: entry_kind(&entry.code),
            code: entry.code.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_engine::ports::{EntryFailureKind, ReceiptHandle};

    #[test]
    fn a_failure_is_named_by_its_message() {
        let receipts = ["m-0", "m-1"].map(|id| Receipt {
            id: MessageId(id.into()),
            handle: ReceiptHandle("h".into()),
        });
        let failed = BatchResultErrorEntry::builder()
            .id("1")
            .sender_fault(true)
            .code("ReceiptHandleIsInvalid")
            .build()
            .unwrap();
        assert_eq!(
            failures(&[failed], |position| receipts.get(position)),
            [EntryFailure {
                id: MessageId("m-1".into()),
                kind: EntryFailureKind::LeaseLost,
                code: "ReceiptHandleIsInvalid".into(),
            }]
        );
    }
}
