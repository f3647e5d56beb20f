//! What to say when a look failed: whose fault it is, and what would make it possible.
//!
//! A role of a worker may often not read what the doctor wants to see. That is no failure of the
//! installation, so it is told as such, with the action that would have to be allowed.

use aws_adapters::{InspectError, InspectErrorKind};
use telemetry::error_chain;

use super::command::aws;
use super::finding::Finding;

/// The thing itself, without which nothing works: a queue, a bucket.
pub(crate) fn unusable(
    id: &'static str,
    error: &InspectError,
    action: &str,
    create: String,
) -> Finding {
    let told = error_chain(error).to_string();
    let fix = match error.kind {
        InspectErrorKind::Missing => create,
        InspectErrorKind::Denied => allow(action),
        InspectErrorKind::Credentials => aws(&["sts", "get-caller-identity"]),
        InspectErrorKind::Unsupported | InspectErrorKind::Unavailable => {
            "check AWS_REGION, AWS_ENDPOINT_URL and the way there: proxy, firewall, VPC endpoint"
                .to_owned()
        }
    };
    let why = match error.kind {
        InspectErrorKind::Missing => "does not exist",
        InspectErrorKind::Denied => "may not be used",
        InspectErrorKind::Credentials => "cannot be asked: the AWS credentials are not accepted",
        InspectErrorKind::Unsupported | InspectErrorKind::Unavailable => "cannot be reached",
    };
    Finding::failure(id, format!("{why} ({told})"), fix)
}

/// Something that the worker does not need to see.
pub(crate) fn unseen(id: &'static str, error: &InspectError, action: &str) -> Finding {
    let message = format!("could not be checked ({})", error_chain(error));
    let fix = match error.kind {
        InspectErrorKind::Unsupported => "this server does not know the call; AWS does".to_owned(),
        InspectErrorKind::Unavailable => "try again".to_owned(),
        _ => allow(action),
    };
    Finding::unknown(id, message, fix)
}

/// In words, because whose policy it belongs into cannot be known from here.
pub(crate) fn allow(action: &str) -> String {
    format!("allow {action} to whoever runs this")
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::super::testkit::refused;
    use super::*;

    #[test]
    fn what_is_not_there_is_told_with_the_command_that_makes_it() {
        let error = refused(InspectErrorKind::Missing);
        let finding = unusable("queue.reachable", &error, "sqs:X", "aws make".to_owned());
        assert_eq!(finding.status, Status::Failure);
        assert_eq!(finding.fix.as_deref(), Some("aws make"));
        assert!(
            finding.message.starts_with("does not exist ("),
            "{finding:?}"
        );
    }

    #[test]
    fn missing_rights_are_told_with_the_action_that_is_missing() {
        let error = refused(InspectErrorKind::Denied);
        let hidden = unseen("grant.policy", &error, "s3:GetBucketPolicy");
        assert_eq!(hidden.status, Status::Unknown);
        let fix = "allow s3:GetBucketPolicy to whoever runs this";
        assert_eq!(hidden.fix.as_deref(), Some(fix));
        let closed = unusable("bucket.reachable", &error, "s3:ListBucket", String::new());
        assert!(closed.fix.is_some_and(|fix| fix.contains("s3:ListBucket")));
    }

    #[test]
    fn a_place_that_does_not_answer_is_a_failure_with_where_to_look() {
        let error = refused(InspectErrorKind::Unavailable);
        let finding = unusable("queue.reachable", &error, "sqs:X", String::new());
        assert_eq!(finding.status, Status::Failure);
        assert!(
            finding
                .fix
                .is_some_and(|fix| fix.contains("AWS_ENDPOINT_URL"))
        );
    }
}
