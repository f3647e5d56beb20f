//! What can be wrong with an installation, as scripts of the AWS CLI that make it so.

/// One thing that is wrong.
pub(super) struct Breakage {
    pub(super) what: &'static str,
    /// The script that breaks it. Variables of the worker are the shell's.
    pub(super) how: &'static str,
    /// Every check that is no pass then, with its status.
    pub(super) found: &'static [(&'static str, &'static str)],
    /// What one of the commands that mend must contain.
    pub(super) fix: &'static str,
    pub(super) after: After,
}

/// How it is put right again.
#[derive(Clone, Copy)]
pub(super) enum After {
    /// By the commands that the doctor prints.
    TheCommand,
    /// By them, as far as the worker goes; a script puts the rest back.
    TheCommandThen(&'static str),
    /// By a script, where the doctor's command only shows or needs a person. The variables are
    /// put back in any case.
    Undo(&'static str),
}

/// Gives the created events of the bucket to another queue.
pub(super) const ANOTHER_QUEUE: &str = r#"
    aws sqs create-queue --queue-name another
    aws s3api put-bucket-notification-configuration --bucket pictures \
        --notification-configuration '{"QueueConfigurations": [{"Id": "another",
            "QueueArn": "arn:aws:sqs:us-east-1:000000000000:another",
            "Events": ["s3:ObjectCreated:*"]}]}'"#;

pub(super) const SHOW_NOTIFICATIONS: &str =
    "aws s3api get-bucket-notification-configuration --bucket pictures --output json";

const NOTHING: After = After::Undo("true");

pub(super) const BREAKAGES: &[Breakage] = &[
    Breakage {
        what: "messages are kept for an hour",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes MessageRetentionPeriod=3600"#,
        found: &[("queue.retention", "failure")],
        fix: "MessageRetentionPeriod=345600",
        after: After::TheCommand,
    },
    Breakage {
        what: "messages are kept for two days",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes MessageRetentionPeriod=172800"#,
        found: &[("queue.retention", "warning")],
        fix: "MessageRetentionPeriod=345600",
        after: After::TheCommand,
    },
    Breakage {
        what: "large notifications do not fit",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes MaximumMessageSize=1024"#,
        found: &[("queue.message_size", "failure")],
        fix: "MaximumMessageSize=1048576",
        after: After::TheCommand,
    },
    Breakage {
        what: "messages are delayed",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes DelaySeconds=60"#,
        found: &[("queue.delay", "warning")],
        fix: "DelaySeconds=0",
        after: After::TheCommand,
    },
    Breakage {
        what: "three receives make a dead letter",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" --attributes \
            '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:cldsync-dead\", \"maxReceiveCount\": 3}"}'"#,
        found: &[("queue.redrive", "failure")],
        fix: "maxReceiveCount",
        after: After::TheCommand,
    },
    Breakage {
        what: "fifteen receives make a dead letter",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" --attributes \
            '{"RedrivePolicy": "{\"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:cldsync-dead\", \"maxReceiveCount\": \"15\"}"}'"#,
        found: &[("queue.redrive", "warning")],
        fix: "maxReceiveCount",
        after: After::TheCommand,
    },
    Breakage {
        what: "the redrive policy is gone",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes RedrivePolicy="#,
        found: &[("queue.redrive", "warning")],
        fix: "000000000000:cldsync-dead",
        after: After::TheCommand,
    },
    Breakage {
        what: "the queue is encrypted with the key that S3 may not use",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes KmsMasterKeyId=alias/aws/sqs"#,
        found: &[("queue.encryption", "failure")],
        fix: "KmsMasterKeyId=",
        after: After::TheCommand,
    },
    Breakage {
        what: "the queue is encrypted with a key of one's own",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes KmsMasterKeyId=alias/mine"#,
        found: &[("queue.encryption", "warning")],
        fix: "aws kms get-key-policy --key-id alias/mine",
        after: After::Undo(
            r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
                --attributes KmsMasterKeyId="#,
        ),
    },
    Breakage {
        what: "the queue's policy lets nobody send",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" \
            --attributes Policy="#,
        found: &[("queue.policy", "failure")],
        fix: "arn:aws:s3:::pictures",
        after: After::TheCommand,
    },
    Breakage {
        what: "the queue's policy lets another bucket send",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_QUEUE_URL" --attributes \
            '{"Policy": "{\"Statement\": [{\"Sid\": \"Other\", \"Effect\": \"Allow\", \"Principal\": {\"Service\": \"s3.amazonaws.com\"}, \"Action\": \"sqs:SendMessage\", \"Resource\": \"*\", \"Condition\": {\"ArnLike\": {\"aws:SourceArn\": \"arn:aws:s3:::other\"}}}]}"}'"#,
        found: &[("queue.policy", "failure")],
        fix: "arn:aws:s3:::other",
        after: After::TheCommand,
    },
    Breakage {
        what: "dead letters expire before messages",
        how: r#"aws sqs set-queue-attributes --queue-url "$CLDSYNC_DEAD_LETTER_QUEUE_URL" \
            --attributes MessageRetentionPeriod=3600"#,
        found: &[("dead_letters.retention", "failure")],
        fix: "MessageRetentionPeriod=1209600",
        after: After::TheCommand,
    },
    Breakage {
        what: "there is a dead letter",
        how: r#"aws sqs send-message --queue-url "$CLDSYNC_DEAD_LETTER_QUEUE_URL" \
            --message-body '{}'"#,
        found: &[("dead_letters.empty", "warning")],
        fix: "start-message-move-task",
        after: After::TheCommand,
    },
    Breakage {
        what: "the worker does not know the dead-letter queue",
        how: "unset CLDSYNC_DEAD_LETTER_QUEUE_URL",
        found: &[("dead_letters.configured", "warning")],
        fix: "export CLDSYNC_DEAD_LETTER_QUEUE_URL=",
        after: After::TheCommand,
    },
    Breakage {
        what: "the worker puts dead letters elsewhere",
        how: r#"aws sqs create-queue --queue-name letters \
                --attributes MessageRetentionPeriod=1209600
            export CLDSYNC_DEAD_LETTER_QUEUE_URL="${CLDSYNC_DEAD_LETTER_QUEUE_URL%cldsync-dead}letters""#,
        found: &[("dead_letters.configured", "warning")],
        fix: "cldsync-dead",
        after: After::TheCommand,
    },
    Breakage {
        what: "the dead-letter queue does not exist",
        how: r#"export CLDSYNC_DEAD_LETTER_QUEUE_URL="${CLDSYNC_DEAD_LETTER_QUEUE_URL%cldsync-dead}gone""#,
        found: &[
            ("dead_letters.configured", "warning"),
            ("dead_letters.reachable", "failure"),
        ],
        fix: "create-queue --queue-name gone",
        after: NOTHING,
    },
    Breakage {
        what: "the bucket tells nobody",
        how: "aws s3api put-bucket-notification-configuration --bucket pictures \
            --notification-configuration '{}'",
        found: &[("bucket.notification", "failure")],
        fix: "s3:LifecycleExpiration:*",
        after: After::TheCommand,
    },
    Breakage {
        what: "the bucket does not tell of deletes",
        how: r#"aws s3api put-bucket-notification-configuration --bucket pictures \
            --notification-configuration '{"QueueConfigurations": [{
                "QueueArn": "arn:aws:sqs:us-east-1:000000000000:cldsync",
                "Events": ["s3:ObjectCreated:*", "s3:ObjectRestore:*", "s3:LifecycleExpiration:*"]}]}'"#,
        found: &[("bucket.events", "failure")],
        fix: "s3:ObjectRemoved:*",
        after: After::TheCommand,
    },
    Breakage {
        what: "the bucket does not tell of lifecycle rules",
        how: r#"aws s3api put-bucket-notification-configuration --bucket pictures \
            --notification-configuration '{"QueueConfigurations": [{
                "QueueArn": "arn:aws:sqs:us-east-1:000000000000:cldsync",
                "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectRestore:Completed"]}]}'"#,
        found: &[("bucket.events", "warning")],
        fix: "s3:LifecycleExpiration:*",
        after: After::TheCommand,
    },
    Breakage {
        what: "the bucket tells of a part of what is synced",
        how: r#"aws s3api put-bucket-notification-configuration --bucket pictures \
            --notification-configuration '{"QueueConfigurations": [{
                "QueueArn": "arn:aws:sqs:us-east-1:000000000000:cldsync",
                "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*",
                    "s3:ObjectRestore:Completed", "s3:LifecycleExpiration:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "media/in/"}]}}}]}'"#,
        found: &[("bucket.filter", "warning")],
        fix: r#""Value":"media/""#,
        after: After::TheCommand,
    },
    Breakage {
        what: "the bucket tells of other keys only",
        how: r#"aws s3api put-bucket-notification-configuration --bucket pictures \
            --notification-configuration '{"QueueConfigurations": [{
                "QueueArn": "arn:aws:sqs:us-east-1:000000000000:cldsync",
                "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*",
                    "s3:ObjectRestore:Completed", "s3:LifecycleExpiration:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "other/"}]}}}]}'"#,
        found: &[("bucket.filter", "failure")],
        fix: r#""Value":"media/""#,
        after: After::TheCommand,
    },
    Breakage {
        what: "the bucket tells a topic",
        how: r#"aws sns create-topic --name uploads
            aws s3api put-bucket-notification-configuration --bucket pictures \
            --notification-configuration '{"TopicConfigurations": [{
                "TopicArn": "arn:aws:sns:us-east-1:000000000000:uploads",
                "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*",
                    "s3:ObjectRestore:Completed", "s3:LifecycleExpiration:*"]}]}'"#,
        found: &[
            ("queue.policy", "failure"),
            ("bucket.notification", "warning"),
        ],
        fix: "aws sns list-subscriptions-by-topic",
        after: After::Undo(
            r#"aws s3api put-bucket-notification-configuration --bucket pictures \
            --notification-configuration '{"QueueConfigurations": [{
                "QueueArn": "arn:aws:sqs:us-east-1:000000000000:cldsync",
                "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*",
                    "s3:ObjectRestore:Completed", "s3:LifecycleExpiration:*"]}]}'"#,
        ),
    },
    Breakage {
        what: "the bucket does not name the cloud",
        how: "aws s3api delete-object --bucket pictures --key .wellknown/cloudinary/demo",
        found: &[("grant.marker", "failure")],
        fix: "put-object --bucket pictures --key .wellknown/cloudinary/demo",
        after: After::TheCommand,
    },
    Breakage {
        what: "the bucket has no policy",
        how: "aws s3api delete-bucket-policy --bucket pictures",
        found: &[("grant.policy", "failure")],
        fix: "232482882421",
        after: After::TheCommand,
    },
    Breakage {
        what: "the bucket's policy covers another folder",
        how: r#"aws s3api put-bucket-policy --bucket pictures --policy '{"Version": "2012-10-17",
            "Statement": [{"Sid": "Other", "Effect": "Allow",
                "Principal": {"AWS": "232482882421"}, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::pictures/other/*"}]}'"#,
        found: &[("grant.policy", "failure")],
        fix: "arn:aws:s3:::pictures/other/*",
        after: After::TheCommand,
    },
    Breakage {
        what: "objects are encrypted with the key that AWS manages",
        how: r#"aws s3api put-bucket-encryption --bucket pictures \
            --server-side-encryption-configuration \
            '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}'"#,
        found: &[("grant.encryption", "failure")],
        fix: "export CLDSYNC_TRANSFER=presigned",
        after: After::TheCommandThen("aws s3api delete-bucket-encryption --bucket pictures"),
    },
    Breakage {
        what: "objects are encrypted with a key of one's own",
        how: r#"aws s3api put-bucket-encryption --bucket pictures \
            --server-side-encryption-configuration \
            '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": "arn:aws:kms:us-east-1:000000000000:key/mine"}}]}'"#,
        found: &[("grant.encryption", "warning")],
        fix: "aws kms get-key-policy --key-id arn:aws:kms:us-east-1:000000000000:key/mine",
        after: After::Undo("aws s3api delete-bucket-encryption --bucket pictures"),
    },
    Breakage {
        what: "the bucket is in another region",
        how: "export AWS_REGION=eu-west-1",
        found: &[("bucket.region", "failure")],
        fix: "export AWS_REGION=us-east-1",
        after: After::TheCommand,
    },
    Breakage {
        what: "there is no such bucket",
        how: "export CLDSYNC_BUCKET=paintings",
        found: &[("bucket.reachable", "failure")],
        fix: "aws s3 mb s3://paintings",
        after: NOTHING,
    },
    Breakage {
        what: "there is no such queue",
        how: r#"export CLDSYNC_QUEUE_URL="${CLDSYNC_QUEUE_URL%cldsync}gone""#,
        found: &[("queue.reachable", "failure")],
        fix: "aws sqs create-queue --queue-name gone",
        after: NOTHING,
    },
    Breakage {
        what: "the queue is FIFO",
        how: r#"aws sqs create-queue --queue-name uploads.fifo --attributes FifoQueue=true
            export CLDSYNC_TRANSFER=stream CLDSYNC_BUCKET=
            export CLDSYNC_QUEUE_URL="${CLDSYNC_QUEUE_URL%cldsync}uploads.fifo""#,
        found: &[("queue.type", "failure"), ("bucket.configured", "unknown")],
        fix: "aws sqs create-queue --queue-name uploads",
        after: NOTHING,
    },
    Breakage {
        what: "Cloudinary does not take the secret",
        how: r#"export CLOUDINARY_URL=$(echo "$CLOUDINARY_URL" | sed s/:hunter2/:hunter3/)"#,
        found: &[("cloudinary.credentials", "failure")],
        fix: "cloudinary://API_KEY:API_SECRET@CLOUD",
        after: NOTHING,
    },
    Breakage {
        what: "the account has another folder mode",
        how: "export CLDSYNC_FOLDER_MODE=fixed",
        found: &[("cloudinary.folder_mode", "warning")],
        fix: "export CLDSYNC_FOLDER_MODE=auto",
        after: After::TheCommand,
    },
];
