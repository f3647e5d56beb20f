//! What a failed call to SQS means for the engine: pure tables over codes and statuses.

use sync_engine::ports::{EntryFailureKind, QueueError, QueueErrorKind};

use super::{AwsError, Cause};

/// The engine's error for a failed call.
pub(crate) fn queue_error(operation: &'static str, error: AwsError) -> QueueError {
    QueueError {
        operation,
        kind: kind(&error),
        source: Box::new(error),
    }
}

fn kind(error: &AwsError) -> QueueErrorKind {
    match error.cause {
        Cause::Timeout | Cause::Network | Cause::Answer => QueueErrorKind::Transient,
        Cause::Request | Cause::Credentials => QueueErrorKind::Denied,
        Cause::Service => refusal(error),
    }
}

fn refusal(error: &AwsError) -> QueueErrorKind {
    match error.plain_code() {
        // `InvalidAddress`: the queue URL belongs to no queue of this endpoint.
        "NonExistentQueue" | "QueueDoesNotExist" | "InvalidAddress" => QueueErrorKind::Missing,
        // SQS throttles with 403, so this comes before the status.
        _ if error.is_throttled_or_down() => QueueErrorKind::Transient,
        "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "IncompleteSignature"
        | "InvalidClientTokenId"
        | "InvalidSecurity"
        | "InvalidSignatureException"
        | "KmsAccessDenied"
        | "KmsDisabled"
        | "KmsInvalidKeyUsage"
        | "KmsInvalidState"
        | "KmsNotFound"
        | "KmsOptInRequired"
        | "MissingAuthenticationToken"
        | "OptInRequired"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => QueueErrorKind::Denied,
        code if code.starts_with("AccessDenied") || code.starts_with("KMS.") => {
            QueueErrorKind::Denied
        }
        _ if matches!(error.status, Some(401 | 403)) => QueueErrorKind::Denied,
        _ => QueueErrorKind::Transient,
    }
}

/// What a refused batch entry means. `InvalidParameterValue` is how SQS says that the handle has
/// expired, and that a lease would exceed twelve hours: either way it cannot be held any longer.
pub(crate) fn entry_kind(code: &str) -> EntryFailureKind {
    match code.strip_prefix("AWS.SimpleQueueService.").unwrap_or(code) {
        "InvalidParameterValue" | "MessageNotInflight" | "ReceiptHandleIsInvalid" => {
            EntryFailureKind::LeaseLost
        }
        _ => EntryFailureKind::Retryable,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{failed, refused};
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_code_before_status() {
        use QueueErrorKind::{Denied, Missing, Transient};
        for (status, code, expected) in [
            (400, "AWS.SimpleQueueService.NonExistentQueue", Missing),
            (400, "QueueDoesNotExist", Missing),
            (404, "InvalidAddress", Missing),
            (403, "AccessDenied", Denied),
            (400, "AccessDeniedException", Denied),
            (400, "KMS.DisabledException", Denied),
            (403, "InvalidClientTokenId", Denied),
            (400, "UnrecognizedClientException", Denied),
            (403, "ExpiredToken", Denied),
            (403, "SignatureDoesNotMatch", Denied),
            (403, "", Denied),
            (403, "RequestThrottled", Transient),
            (403, "AWS.SimpleQueueService.OverLimit", Transient),
            (400, "ThrottlingException", Transient),
            (400, "KMS.ThrottlingException", Transient),
            (500, "InternalFailure", Transient),
            (503, "", Transient),
            (400, "InvalidMessageContents", Transient),
        ] {
            assert_eq!(kind(&refused(status, code)), expected, "{status} {code}");
        }
    }

    #[test]
    fn only_a_person_can_repair_credentials_and_configuration() {
        for (cause, expected) in [
            (Cause::Credentials, QueueErrorKind::Denied),
            (Cause::Request, QueueErrorKind::Denied),
            (Cause::Timeout, QueueErrorKind::Transient),
            (Cause::Network, QueueErrorKind::Transient),
            (Cause::Answer, QueueErrorKind::Transient),
        ] {
            assert_eq!(kind(&failed(cause)), expected, "{cause:?}");
        }
    }

    #[test]
    fn an_entry_with_an_unusable_handle_has_lost_its_lease() {
        for (code, expected) in [
            ("ReceiptHandleIsInvalid", EntryFailureKind::LeaseLost),
            ("InvalidParameterValue", EntryFailureKind::LeaseLost),
            (
                "AWS.SimpleQueueService.MessageNotInflight",
                EntryFailureKind::LeaseLost,
            ),
            ("InternalError", EntryFailureKind::Retryable),
            ("RequestThrottled", EntryFailureKind::Retryable),
        ] {
            assert_eq!(entry_kind(code), expected, "{code}");
        }
    }
}
