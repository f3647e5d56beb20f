//! What a failed call to S3 means for the engine: pure tables over codes and statuses.

use event_mapper::ObjectRef;
use sync_engine::ports::{StoreError, StoreErrorKind};

use super::{AwsError, Cause};

/// The engine's error for a failed call.
pub(crate) fn store_error(
    operation: &'static str,
    object: &ObjectRef,
    error: AwsError,
) -> StoreError {
    let kind = kind(&error);
    StoreError {
        operation,
        object: object.clone(),
        kind,
        source: Box::new(error),
    }
}

/// The kind that the facts of a failure stand for.
pub(crate) fn kind(error: &AwsError) -> StoreErrorKind {
    match error.cause {
        Cause::Timeout | Cause::Network | Cause::Answer => StoreErrorKind::Transient,
        // For example a bucket name that no endpoint can be made of.
        Cause::Request => StoreErrorKind::Denied,
        Cause::Credentials => StoreErrorKind::Credentials,
        Cause::Service => refusal(error),
    }
}

fn refusal(error: &AwsError) -> StoreErrorKind {
    match error.plain_code() {
        "AccountProblem"
        | "ExpiredToken"
        | "InvalidAccessKeyId"
        | "InvalidSecurity"
        | "InvalidToken"
        | "NotSignedUp"
        | "RequestTimeTooSkewed"
        | "SignatureDoesNotMatch"
        | "TokenRefreshRequired" => StoreErrorKind::Credentials,
        // A bucket of another region is not one that we can use from here.
        "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "InvalidBucketName"
        | "NoSuchBucket"
        | "PermanentRedirect" => StoreErrorKind::NoBucket,
        // `InvalidObjectState`: it went into the archive meanwhile.
        "InvalidObjectState" | "InvalidRange" | "NoSuchKey" | "NoSuchVersion" | "NotFound"
        | "PreconditionFailed" => StoreErrorKind::Changed,
        _ if error.is_throttled_or_down() => StoreErrorKind::Transient,
        _ => by_status(error.status),
    }
}

fn by_status(status: Option<u16>) -> StoreErrorKind {
    match status {
        Some(301) => StoreErrorKind::NoBucket,
        Some(404 | 412) => StoreErrorKind::Changed,
        Some(400..=499) => StoreErrorKind::Denied,
        // 307 while the name of a new bucket spreads.
        _ => StoreErrorKind::Transient,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{failed, refused};
    use super::*;

    #[test]
    fn refusals_are_told_apart_by_code_before_status() {
        use StoreErrorKind::{Changed, Credentials, Denied, NoBucket, Transient};
        for (status, code, expected) in [
            (403, "AccessDenied", Denied),
            (403, "", Denied),
            (400, "InvalidRequest", Denied),
            (400, "KMS.DisabledException", Denied),
            (400, "ExpiredToken", Credentials),
            (403, "InvalidAccessKeyId", Credentials),
            (403, "SignatureDoesNotMatch", Credentials),
            (403, "RequestTimeTooSkewed", Credentials),
            (404, "NoSuchBucket", NoBucket),
            (301, "PermanentRedirect", NoBucket),
            (301, "", NoBucket),
            (400, "AuthorizationHeaderMalformed", NoBucket),
            (404, "NoSuchKey", Changed),
            (412, "PreconditionFailed", Changed),
            (412, "", Changed),
            (403, "InvalidObjectState", Changed),
            (503, "SlowDown", Transient),
            (500, "InternalError", Transient),
            (503, "", Transient),
            (400, "RequestTimeout", Transient),
            (409, "OperationAborted", Transient),
            (307, "TemporaryRedirect", Transient),
        ] {
            assert_eq!(kind(&refused(status, code)), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_failure_without_an_answer_is_never_an_absence() {
        for (cause, expected) in [
            (Cause::Credentials, StoreErrorKind::Credentials),
            (Cause::Request, StoreErrorKind::Denied),
            (Cause::Timeout, StoreErrorKind::Transient),
            (Cause::Network, StoreErrorKind::Transient),
            (Cause::Answer, StoreErrorKind::Transient),
        ] {
            assert_eq!(kind(&failed(cause)), expected, "{cause:?}");
        }
    }
}
