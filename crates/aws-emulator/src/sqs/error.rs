//! The errors of SQS, with both of their names.
//!
//! The JSON protocol names an error by its shape, and repeats in `x-amzn-query-error` the code
//! that the older query protocol used; SDKs report the latter.

/// An error answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct SqsError {
    pub(crate) kind: Kind,
    pub(crate) message: String,
}

/// Which error it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidAttributeName,
    InvalidAttributeValue,
    InvalidBatchEntryId,
    InvalidMessageContents,
    InvalidParameterValue,
    MalformedInput,
    MessageNotInflight,
    MissingParameter,
    OverLimit,
    QueueDoesNotExist,
    QueueNameExists,
    ReceiptHandleIsInvalid,
    ResourceNotFound,
    TooManyEntriesInBatchRequest,
    UnsupportedOperation,
    /// A failure that a test asked for.
    Injected {
        code: String,
        status: u16,
    },
}

impl SqsError {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// The code that SDKs report.
    pub fn code(&self) -> &str {
        self.kind.query_code()
    }
}

impl Kind {
    /// The name of the shape in `__type`.
    pub(crate) fn shape(&self) -> &str {
        match self {
            Self::InvalidParameterValue => "InvalidParameterValueException",
            Self::MalformedInput => "SerializationException",
            Self::MissingParameter => "MissingRequiredParameterException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::Injected { code, .. } => code,
            Self::QueueDoesNotExist => "QueueDoesNotExist",
            Self::QueueNameExists => "QueueNameExists",
            other => other
                .query_code()
                .trim_start_matches("AWS.SimpleQueueService."),
        }
    }

    /// The code of the query protocol.
    pub(crate) fn query_code(&self) -> &str {
        match self {
            Self::BatchEntryIdsNotDistinct => "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            Self::BatchRequestTooLong => "AWS.SimpleQueueService.BatchRequestTooLong",
            Self::EmptyBatchRequest => "AWS.SimpleQueueService.EmptyBatchRequest",
            Self::InvalidAttributeName => "InvalidAttributeName",
            Self::InvalidAttributeValue => "InvalidAttributeValue",
            Self::InvalidBatchEntryId => "AWS.SimpleQueueService.InvalidBatchEntryId",
            Self::InvalidMessageContents => "InvalidMessageContents",
            Self::InvalidParameterValue => "InvalidParameterValue",
            Self::MalformedInput => "SerializationException",
            Self::MessageNotInflight => "AWS.SimpleQueueService.MessageNotInflight",
            Self::MissingParameter => "MissingParameter",
            Self::OverLimit => "OverLimit",
            Self::QueueDoesNotExist => "AWS.SimpleQueueService.NonExistentQueue",
            Self::QueueNameExists => "QueueAlreadyExists",
            Self::ReceiptHandleIsInvalid => "ReceiptHandleIsInvalid",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::TooManyEntriesInBatchRequest => {
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
            }
            Self::UnsupportedOperation => "AWS.SimpleQueueService.UnsupportedOperation",
            Self::Injected { code, .. } => code,
        }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Injected { status, .. } => *status,
            _ => 400,
        }
    }

    /// Who is to blame, in the words of `x-amzn-query-error`.
    pub(crate) fn fault(&self) -> &'static str {
        if self.status() < 500 {
            "Sender"
        } else {
            "Receiver"
        }
    }
}

pub(crate) fn queue_does_not_exist() -> SqsError {
    SqsError::new(
        Kind::QueueDoesNotExist,
        "The specified queue does not exist.",
    )
}

pub(crate) fn invalid_parameter(message: impl Into<String>) -> SqsError {
    SqsError::new(Kind::InvalidParameterValue, message)
}

pub(crate) fn missing_parameter(name: &str) -> SqsError {
    SqsError::new(
        Kind::MissingParameter,
        format!("The request must contain the parameter {name}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_protocols_name_an_error_their_own_way() {
        let error = queue_does_not_exist();
        assert_eq!(error.kind.shape(), "QueueDoesNotExist");
        assert_eq!(error.code(), "AWS.SimpleQueueService.NonExistentQueue");
        assert_eq!(Kind::QueueNameExists.shape(), "QueueNameExists");
        assert_eq!(Kind::MessageNotInflight.shape(), "MessageNotInflight");
        assert_eq!(
            Kind::ReceiptHandleIsInvalid.shape(),
            "ReceiptHandleIsInvalid"
        );
    }
}
