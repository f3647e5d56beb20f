//! The bucket's place and the rights of the worker in it. Pure.
//!
//! Whom it tells what changed is judged in `notification`, Cloudinary's rights in `grant`.

use aws_adapters::{InspectError, InspectErrorKind, Versioning};

use super::command::{aws, setting};
use super::finding::Finding;
use super::queue::name_of;
use super::unseen::{allow, unseen};

type Seen<T> = Result<T, InspectError>;

/// Where the bucket is, beside where the worker asks and where the queue is.
pub(crate) fn region(
    bucket: &str,
    here: Option<&str>,
    asked: Option<&str>,
    queue_arn: Option<&str>,
) -> Finding {
    let id = "bucket.region";
    let queue = queue_arn.and_then(|arn| Some((name_of(arn), arn.split(':').nth(3)?)));
    let Some(here) = here else {
        return Finding::unknown(
            id,
            "S3 does not tell the region of the bucket",
            aws(&["s3api", "get-bucket-location", "--bucket", bucket]),
        );
    };
    if asked.is_some_and(|asked| asked != here) {
        let asked = asked.unwrap_or_default();
        let message = format!("the bucket is in {here}, but the worker asks in {asked}");
        return Finding::failure(id, message, setting("AWS_REGION", here));
    }
    if let Some((name, queue)) = queue.filter(|(_, queue)| *queue != here) {
        let message = format!(
            "the bucket is in {here}, the queue in {queue}; S3 sends only to queues of its region"
        );
        let fix = aws(&[
            "sqs",
            "create-queue",
            "--queue-name",
            name,
            "--region",
            here,
        ]);
        return Finding::failure(id, message, fix);
    }
    Finding::pass(id, here)
}

/// Whether keys under a prefix may be listed.
pub(crate) fn listing(bucket: &str, prefix: &str, seen: &Seen<()>) -> Finding {
    let id = "bucket.list";
    match seen {
        Ok(()) => Finding::pass(id, format!("s3://{bucket}/{prefix} can be listed")),
        Err(error) => {
            let message = format!(
                "s3://{bucket}/{prefix} cannot be listed ({}); before a destroy, the worker looks \
                 for other objects of the same asset",
                telemetry::error_chain(error)
            );
            Finding::failure(id, message, allow("s3:ListBucket"))
        }
    }
}

/// What S3 says of a key that nobody has used. Only a 404 lets the worker destroy.
pub(crate) fn missing_key(seen: &Seen<bool>) -> Finding {
    let id = "bucket.missing_key";
    match seen {
        Ok(_) => Finding::pass(id, "a missing object is told as missing (404)"),
        Err(error) if error.kind == InspectErrorKind::Denied => {
            let message = "a missing object is told as forbidden (403), so deletes never reach \
                           Cloudinary";
            let rights = allow("s3:ListBucket on the bucket and s3:GetObject on its objects");
            Finding::failure(id, message, rights)
        }
        Err(error) => {
            let told = telemetry::error_chain(error);
            Finding::failure(
                id,
                format!("a look at a missing object failed ({told})"),
                "try again",
            )
        }
    }
}

/// Nothing to judge; it decides which rights and which events there are.
pub(crate) fn versioning(seen: &Seen<Versioning>) -> Finding {
    let id = "bucket.versioning";
    match seen {
        Ok(Versioning::Off) => Finding::pass(id, "off"),
        Ok(state) => {
            let word = if *state == Versioning::Enabled {
                "on"
            } else {
                "suspended"
            };
            let message = format!("{word}; the worker also needs s3:GetObjectVersion");
            Finding::pass(id, message)
        }
        Err(error) => unseen(id, error, "s3:GetBucketVersioning"),
    }
}

/// No setting names a bucket, so there is nothing to look at.
pub(crate) fn unnamed() -> Finding {
    Finding::unknown(
        "bucket.configured",
        "a route names no bucket, so buckets that feed this queue cannot be checked",
        "export CLDSYNC_BUCKET=BUCKET",
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status::{Failure, Pass, Unknown};
    use super::super::testkit::{QUEUE_ARN, refused};
    use super::*;

    #[test]
    fn bucket_queue_and_worker_must_be_in_one_region() {
        let eu = Some("eu-west-1");
        assert_eq!(region("b", eu, eu, Some(QUEUE_ARN)).status, Pass);
        assert_eq!(region("b", eu, None, None).status, Pass);
        let elsewhere = region("b", Some("us-east-1"), eu, Some(QUEUE_ARN));
        assert_eq!(elsewhere.status, Failure);
        assert_eq!(
            elsewhere.fix.as_deref(),
            Some("export AWS_REGION=us-east-1")
        );
        let apart = region("b", Some("us-east-1"), Some("us-east-1"), Some(QUEUE_ARN));
        assert_eq!(apart.status, Failure);
        assert!(
            apart
                .fix
                .is_some_and(|fix| fix.ends_with("--region us-east-1"))
        );
        assert_eq!(region("b", None, eu, None).status, Unknown);
    }

    #[test]
    fn a_missing_object_must_be_told_as_missing() {
        assert_eq!(missing_key(&Ok(false)).status, Pass);
        let forbidden = missing_key(&Err(refused(InspectErrorKind::Denied)));
        assert_eq!(forbidden.status, Failure);
        assert!(
            forbidden
                .fix
                .is_some_and(|fix| fix.contains("s3:ListBucket"))
        );
        assert_eq!(
            missing_key(&Err(refused(InspectErrorKind::Unavailable))).status,
            Failure
        );
    }

    #[test]
    fn listing_is_needed() {
        assert_eq!(listing("b", "media/", &Ok(())).status, Pass);
        let denied = listing("b", "media/", &Err(refused(InspectErrorKind::Denied)));
        assert_eq!(denied.status, Failure);
    }

    #[test]
    fn versioning_is_told_and_may_stay_hidden() {
        for state in [Versioning::Off, Versioning::Enabled, Versioning::Suspended] {
            assert_eq!(versioning(&Ok(state)).status, Pass);
        }
        let hidden = versioning(&Err(refused(InspectErrorKind::Denied)));
        assert_eq!(hidden.status, Unknown);
    }
}
