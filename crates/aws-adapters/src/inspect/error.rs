//! Why something could not be seen: the kinds that lead to different advice.

use std::error::Error;

use sync_engine::ports::{QueueErrorKind, StoreErrorKind};

use crate::errors::AwsError;
use crate::errors::queue::queue_error;
use crate::errors::store;

/// A look that failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation}")]
pub struct InspectError {
    /// The call, by its AWS name.
    pub operation: &'static str,
    /// What kind of failure it was.
    pub kind: InspectErrorKind,
    /// What AWS or the connection said.
    pub source: Box<dyn Error + Send + Sync>,
}

/// What a failed look means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InspectErrorKind {
    /// There is no such queue, bucket or setting.
    Missing,
    /// The credentials are known and may not ask this.
    Denied,
    /// There are no credentials, or AWS does not take them.
    Credentials,
    /// The server does not know the call; only servers other than AWS do that.
    Unsupported,
    /// No answer, or none that says anything.
    Unavailable,
}

impl InspectError {
    pub(super) fn sqs(operation: &'static str, error: AwsError) -> Self {
        let told = queue_error(operation, error.clone());
        let kind = match told.kind {
            _ if is_unknown_call(&error) => InspectErrorKind::Unsupported,
            _ if is_about_credentials(&error) => InspectErrorKind::Credentials,
            QueueErrorKind::Missing => InspectErrorKind::Missing,
            QueueErrorKind::Denied => InspectErrorKind::Denied,
            QueueErrorKind::Transient => InspectErrorKind::Unavailable,
        };
        Self {
            operation,
            kind,
            source: Box::new(error),
        }
    }

    pub(super) fn s3(operation: &'static str, error: AwsError) -> Self {
        let kind = match store::kind(&error) {
            _ if is_unknown_call(&error) => InspectErrorKind::Unsupported,
            StoreErrorKind::NoBucket | StoreErrorKind::Changed => InspectErrorKind::Missing,
            StoreErrorKind::Denied => InspectErrorKind::Denied,
            StoreErrorKind::Credentials => InspectErrorKind::Credentials,
            StoreErrorKind::Transient => InspectErrorKind::Unavailable,
        };
        Self {
            operation,
            kind,
            source: Box::new(error),
        }
    }
}

fn is_unknown_call(error: &AwsError) -> bool {
    error.status == Some(501) || error.code.as_deref() == Some("NotImplemented")
}

/// The engine treats these like a lack of rights; a person looks for them in another place.
fn is_about_credentials(error: &AwsError) -> bool {
    matches!(error.cause, crate::errors::Cause::Credentials)
        || matches!(
            error.code.as_deref(),
            Some(
                "AuthFailure"
                    | "ExpiredToken"
                    | "ExpiredTokenException"
                    | "InvalidClientTokenId"
                    | "InvalidSignatureException"
                    | "SignatureDoesNotMatch"
                    | "UnrecognizedClientException"
            )
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::Cause;
    use crate::errors::tests::{failed, refused};

    #[test]
    fn failures_of_the_queue_lead_to_different_advice() {
        use InspectErrorKind::{Credentials, Denied, Missing, Unavailable, Unsupported};
        for (error, expected) in [
            (refused(400, "QueueDoesNotExist"), Missing),
            (refused(403, "AccessDenied"), Denied),
            (refused(403, "InvalidClientTokenId"), Credentials),
            (failed(Cause::Credentials), Credentials),
            (refused(501, "NotImplemented"), Unsupported),
            (refused(503, ""), Unavailable),
            (failed(Cause::Network), Unavailable),
        ] {
            let text = error.to_string();
            let told = InspectError::sqs("GetQueueAttributes", error);
            assert_eq!(told.kind, expected, "{text}");
        }
    }

    #[test]
    fn failures_of_the_bucket_lead_to_different_advice() {
        use InspectErrorKind::{Credentials, Denied, Missing, Unavailable, Unsupported};
        for (error, expected) in [
            (refused(404, "NoSuchBucket"), Missing),
            (refused(404, ""), Missing),
            (refused(403, "AccessDenied"), Denied),
            (refused(403, "InvalidAccessKeyId"), Credentials),
            (refused(501, "NotImplemented"), Unsupported),
            (failed(Cause::Timeout), Unavailable),
        ] {
            let text = error.to_string();
            let told = InspectError::s3("HeadBucket", error);
            assert_eq!(told.kind, expected, "{text}");
        }
    }
}
