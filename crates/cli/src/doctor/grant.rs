//! Whether Cloudinary may read the bucket, in the transfer mode where it does so itself. Pure.
//!
//! A dot in the bucket's name is refused with the settings already, so it is not looked for here.

use aws_adapters::{BucketEncryption, InspectError};
use serde_json::json;

use super::command::{aws, setting};
use super::finding::Finding;
use super::policy::{Principal, Request, Verdict, evaluate, statement_name, with_statement};
use super::unseen::unseen;

/// Cloudinary's own account in AWS.
const ACCOUNT: &str = "232482882421";

type Seen<T> = Result<T, InspectError>;

/// What was seen of a bucket that Cloudinary is to read.
#[derive(Debug)]
pub(crate) struct Sight<'a> {
    pub(crate) bucket: &'a str,
    /// In the right partition.
    pub(crate) bucket_arn: String,
    pub(crate) prefixes: &'a [String],
    /// The object by which the bucket names the cloud.
    pub(crate) marker: String,
    pub(crate) has_marker: Seen<bool>,
    pub(crate) policy: Seen<Option<String>>,
    pub(crate) encryption: Seen<BucketEncryption>,
}

/// The key of the object that names a cloud.
pub(crate) fn marker(cloud: &str) -> String {
    format!(".wellknown/cloudinary/{cloud}")
}

/// Everything that Cloudinary needs to read a bucket.
pub(crate) fn check(sight: &Sight<'_>) -> Vec<Finding> {
    vec![marked(sight), allowed(sight), decryptable(sight)]
}

fn marked(sight: &Sight<'_>) -> Finding {
    let id = "grant.marker";
    let (bucket, key) = (sight.bucket, &sight.marker);
    match &sight.has_marker {
        Ok(true) => Finding::pass(id, format!("{key} is there")),
        Ok(false) => Finding::failure(
            id,
            format!("{key} is not there; Cloudinary refuses buckets that do not name the cloud"),
            aws(&["s3api", "put-object", "--bucket", bucket, "--key", key]),
        ),
        Err(error) => unseen(id, error, "s3:ListBucket and s3:GetObject"),
    }
}

fn allowed(sight: &Sight<'_>) -> Finding {
    let id = "grant.policy";
    let policy = match &sight.policy {
        Ok(policy) => policy.as_deref(),
        Err(error) => return unseen(id, error, "s3:GetBucketPolicy"),
    };
    let show = || aws(&["s3api", "get-bucket-policy", "--bucket", sight.bucket]);
    match worst(policy, sight) {
        Verdict::Allowed => Finding::pass(id, "Cloudinary may read what is synced"),
        Verdict::Unclear(what) => Finding::unknown(
            id,
            format!("whether Cloudinary may read depends on {what}, which is not understood here"),
            show(),
        ),
        Verdict::Denied(what) => Finding::failure(
            id,
            format!("Cloudinary may not read: {what} forbids it; take it out of the policy"),
            show(),
        ),
        Verdict::NotAllowed => Finding::failure(
            id,
            format!("Cloudinary (account {ACCOUNT}) may not read everything that is synced"),
            allow(policy, sight),
        ),
    }
}

/// The marker and something in each folder must be readable.
fn worst(policy: Option<&str>, sight: &Sight<'_>) -> Verdict {
    let Some(policy) = policy else {
        return Verdict::NotAllowed;
    };
    let samples = sight.prefixes.iter().map(|prefix| format!("{prefix}a.jpg"));
    let verdicts = samples.chain([sight.marker.clone()]).map(|key| {
        let resource = format!("{}/{key}", sight.bucket_arn);
        let request = Request {
            principal: Principal::Account(ACCOUNT),
            action: "s3:GetObject",
            resource: &resource,
            context: &[],
        };
        evaluate(policy, &request)
    });
    let badness = |verdict: &Verdict| match verdict {
        Verdict::Allowed => 0,
        Verdict::Unclear(_) => 1,
        Verdict::NotAllowed => 2,
        Verdict::Denied(_) => 3,
    };
    verdicts.max_by_key(badness).unwrap_or(Verdict::NotAllowed)
}

/// The policy that is there with one more statement.
fn allow(policy: Option<&str>, sight: &Sight<'_>) -> String {
    let statement = json!({
        "Sid": statement_name("CloudinaryReads", ""),
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": ["s3:GetObject"],
        "Resource": format!("{}/*", sight.bucket_arn),
    });
    let policy = with_statement(policy, statement);
    aws(&[
        "s3api",
        "put-bucket-policy",
        "--bucket",
        sight.bucket,
        "--policy",
        &policy,
    ])
}

fn decryptable(sight: &Sight<'_>) -> Finding {
    let id = "grant.encryption";
    let instead = setting("CLDSYNC_TRANSFER", "presigned");
    match &sight.encryption {
        Ok(BucketEncryption::Open) => Finding::pass(id, "no KMS key is needed to read"),
        Ok(BucketEncryption::Kms(key)) => match key.as_deref() {
            None => own_key(id, instead),
            Some(key) if key.ends_with("alias/aws/s3") => own_key(id, instead),
            Some(key) => {
                let message = format!(
                    "new objects are encrypted with the KMS key {key}; its policy must allow \
                     arn:aws:iam::{ACCOUNT}:root kms:Decrypt and kms:DescribeKey, which is not \
                     checked here"
                );
                let show = [
                    "kms",
                    "get-key-policy",
                    "--key-id",
                    key,
                    "--policy-name",
                    "default",
                ];
                Finding::warning(id, message, aws(&show))
            }
        },
        Err(error) => unseen(id, error, "s3:GetEncryptionConfiguration"),
    }
}

fn own_key(id: &'static str, fix: String) -> Finding {
    let message = "new objects are encrypted with the key that AWS manages for S3, which no other \
                   account may ever use; with a presigned URL Cloudinary can read them";
    Finding::failure(id, message, fix)
}

#[cfg(test)]
mod tests {
    use aws_adapters::InspectErrorKind;

    use super::super::finding::Status::{Failure, Pass, Unknown, Warning};
    use super::super::testkit::{fix, refused, status};
    use super::*;

    fn sight(policy: Option<&str>) -> Sight<'static> {
        Sight {
            bucket: "media",
            bucket_arn: "arn:aws:s3:::media".to_owned(),
            prefixes: &[],
            marker: marker("demo"),
            has_marker: Ok(true),
            policy: Ok(policy.map(str::to_owned)),
            encryption: Ok(BucketEncryption::Open),
        }
    }

    fn reads(resource: &str) -> String {
        json!({"Statement": [{"Sid": "Reads", "Effect": "Allow", "Principal": {"AWS": ACCOUNT},
            "Action": "s3:GetObject", "Resource": resource}]})
        .to_string()
    }

    #[test]
    fn a_bucket_as_documented_passes() {
        let found = check(&sight(Some(&reads("arn:aws:s3:::media/*"))));
        for finding in &found {
            assert_eq!(finding.status, Pass, "{finding:?}");
        }
    }

    #[test]
    fn a_missing_marker_is_put_there() {
        let found = check(&Sight {
            has_marker: Ok(false),
            ..sight(None)
        });
        assert_eq!(status(&found, "grant.marker"), Failure);
        assert_eq!(
            fix(&found, "grant.marker"),
            "aws s3api put-object --bucket media --key .wellknown/cloudinary/demo"
        );
    }

    #[test]
    fn without_a_policy_cloudinary_may_not_read_and_the_command_mends_it() {
        let found = check(&sight(None));
        assert_eq!(status(&found, "grant.policy"), Failure);
        let fix = fix(&found, "grant.policy");
        let (_, policy) = fix.split_once("--policy ").expect("a policy");
        let again = check(&sight(Some(policy.trim_matches('\''))));
        assert_eq!(status(&again, "grant.policy"), Pass);
    }

    #[test]
    fn a_grant_must_cover_every_folder_and_the_marker() {
        let folders = ["media/".to_owned(), "films/".to_owned()];
        let some = json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT},
            "Action": "s3:*", "Resource": ["arn:aws:s3:::media/media/*",
            "arn:aws:s3:::media/.wellknown/*"]}})
        .to_string();
        let check_with = |prefixes| {
            let found = check(&Sight {
                prefixes,
                ..sight(Some(&some))
            });
            status(&found, "grant.policy")
        };
        assert_eq!(check_with(&folders[..1]), Pass);
        assert_eq!(check_with(&folders), Failure);
        let without_marker = check(&sight(Some(&reads("arn:aws:s3:::media/media/*"))));
        assert_eq!(status(&without_marker, "grant.policy"), Failure);
    }

    #[test]
    fn only_a_key_of_one_s_own_can_be_shared() {
        let encrypted = |key: Option<&str>| {
            let encryption = Ok(BucketEncryption::Kms(key.map(str::to_owned)));
            let found = check(&Sight {
                encryption,
                ..sight(None)
            });
            status(&found, "grant.encryption")
        };
        assert_eq!(encrypted(None), Failure);
        assert_eq!(
            encrypted(Some("arn:aws:kms:eu-west-1:1:alias/aws/s3")),
            Failure
        );
        assert_eq!(encrypted(Some("arn:aws:kms:eu-west-1:1:key/1234")), Warning);
    }

    #[test]
    fn what_may_not_be_read_is_no_failure_and_names_the_right() {
        let denied = || refused(InspectErrorKind::Denied);
        let found = check(&Sight {
            has_marker: Err(denied()),
            policy: Err(denied()),
            encryption: Err(denied()),
            ..sight(None)
        });
        for (id, right) in [
            ("grant.marker", "s3:ListBucket"),
            ("grant.policy", "s3:GetBucketPolicy"),
            ("grant.encryption", "s3:GetEncryptionConfiguration"),
        ] {
            assert_eq!(status(&found, id), Unknown);
            assert!(fix(&found, id).contains(right), "{id}");
        }
    }
}
