//! Visibility timeouts: their bounds, and the answers to those beyond them.

use crate::sqs::error::{SqsError, invalid_parameter};

/// The longest a message can stay invisible, counted from its receive.
pub(crate) const MAX_VISIBILITY_SECONDS: u64 = 43_200;

/// A visibility timeout as a request gives it, checked.
pub(crate) fn visibility_in_range(seconds: i64) -> Result<u64, SqsError> {
    u64::try_from(seconds).ok().filter(|s| *s <= MAX_VISIBILITY_SECONDS).ok_or_else(|| {
        invalid_parameter(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200."
        ))
    })
}

/// The answer to an extension past the longest time.
pub(crate) fn beyond_total(seconds: u64) -> SqsError {
    invalid_parameter(format!(
        "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the \
         message is beyond the limit [43200 seconds]"
    ))
}

/// The answer about a message that is gone, or was received again since.
pub(crate) fn not_available(handle: &str) -> SqsError {
    invalid_parameter(format!(
        "Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available \
         for visibility timeout change."
    ))
}
