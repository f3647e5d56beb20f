//! The JSON 1.0 protocol of SQS over HTTP: one operation in, one answer or error out.
//!
//! Called by the server for every request with an `X-Amz-Target: AmazonSQS.…` header. Credentials
//! are not looked at.

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::faults::{Gate, Reset, Verdict};
use crate::server::{Answer, Cut};
use crate::sqs::error::{Kind, SqsError};
use crate::sqs::protocol::{Entry, Request};
use crate::sqs::registry::Sqs;

/// The operations that exist here; every other one is answered with `UnsupportedOperation`.
const OPERATIONS: [&str; 18] = [
    "CancelMessageMoveTask",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "CreateQueue",
    "DeleteMessage",
    "DeleteMessageBatch",
    "DeleteQueue",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "ListMessageMoveTasks",
    "ListQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
    "SendMessageBatch",
    "SetQueueAttributes",
    "StartMessageMoveTask",
];

/// Answers one request. `endpoint` is how the client reached us; queue URLs repeat it.
pub(crate) async fn handle(
    sqs: &Arc<Sqs>,
    gate: &Gate,
    operation: &str,
    endpoint: &str,
    body: &Bytes,
) -> Result<Answer, Cut> {
    let Some(operation) = OPERATIONS.iter().find(|known| **known == operation) else {
        return Ok(respond(Err(not_implemented(operation))));
    };
    let verdict = gate.enter("sqs", operation).await;
    if verdict.reset == Some(Reset::Before) {
        return Err(Cut);
    }
    let result = match injected(&verdict) {
        Some(error) => Err(error),
        None => run(sqs, operation, endpoint, body, verdict.fail_entries).await,
    };
    if verdict.reset == Some(Reset::After) {
        Err(Cut)
    } else {
        Ok(respond(result))
    }
}

async fn run(
    sqs: &Arc<Sqs>,
    operation: &str,
    endpoint: &str,
    body: &[u8],
    fail: usize,
) -> Result<Vec<u8>, SqsError> {
    let request: Request<'_> = from_json(body)?;
    match operation {
        "ReceiveMessage" => sqs.receive_message(&request).await,
        "DeleteMessage" => sqs.delete_message(&request, &from_json(body)?),
        "DeleteMessageBatch" => sqs.delete_message_batch(request, fail),
        "ChangeMessageVisibility" => sqs.change_message_visibility(&request, &from_json(body)?),
        "ChangeMessageVisibilityBatch" => sqs.change_message_visibility_batch(request, fail),
        "SendMessage" => sqs.send_message(&request, from_json::<Entry<'_>>(body)?),
        "SendMessageBatch" => sqs.send_message_batch(request, fail),
        "CreateQueue" => sqs.create_queue(&request, endpoint),
        "GetQueueUrl" => sqs.get_queue_url(&request, endpoint),
        "ListQueues" => sqs.list_queues(&request, endpoint),
        "ListDeadLetterSourceQueues" => sqs.list_dead_letter_source_queues(&request, endpoint),
        "DeleteQueue" => sqs.delete_queue(&request),
        "PurgeQueue" => sqs.purge_queue(&request),
        "GetQueueAttributes" => sqs.get_queue_attributes(&request),
        "SetQueueAttributes" => sqs.set_queue_attributes(&request),
        "StartMessageMoveTask" => sqs.start_message_move_task(&request),
        "ListMessageMoveTasks" => sqs.list_message_move_tasks(&request),
        "CancelMessageMoveTask" => sqs.cancel_message_move_task(&request),
        other => Err(not_implemented(other)),
    }
}

/// An answer's JSON text.
pub(crate) fn to_json(value: &impl Serialize) -> Result<Vec<u8>, SqsError> {
    serde_json::to_vec(value)
        .map_err(|error| SqsError::new(Kind::MalformedInput, error.to_string()))
}

fn from_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, SqsError> {
    let body = if body.is_empty() {
        b"{}".as_slice()
    } else {
        body
    };
    serde_json::from_slice(body)
        .map_err(|error| SqsError::new(Kind::MalformedInput, error.to_string()))
}

fn respond(result: Result<Vec<u8>, SqsError>) -> Answer {
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
        .header("x-amzn-requestid", crate::ids::uuid());
    let (response, body) = match result {
        Ok(body) => (response, body),
        Err(error) => {
            let kind = &error.kind;
            let status =
                StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let blame = format!("{};{}", kind.query_code(), kind.fault());
            let told = serde_json::json!({"__type": format!("com.amazonaws.sqs#{}", kind.shape()), "message": error.message});
            (
                response.status(status).header("x-amzn-query-error", blame),
                told.to_string().into_bytes(),
            )
        }
    };
    let fallback = |_| Response::new(s3s::Body::empty());
    response
        .body(s3s::Body::from(Bytes::from(body)))
        .unwrap_or_else(fallback)
}

fn injected(verdict: &Verdict) -> Option<SqsError> {
    let failure = verdict.failure.as_ref()?;
    let kind = Kind::Injected {
        code: failure.code.clone(),
        status: failure.status,
    };
    Some(SqsError::new(kind, "This failure was asked for."))
}

fn not_implemented(operation: &str) -> SqsError {
    SqsError::new(
        Kind::UnsupportedOperation,
        format!("{operation} is not implemented by this emulator."),
    )
}
