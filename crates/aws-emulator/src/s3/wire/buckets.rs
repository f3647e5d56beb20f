//! Operations on buckets: life, versioning, notification configuration.

use s3s::dto::*;
use s3s::{S3Response, S3Result};

use super::convert::answer;
use crate::s3::bucket::Versioning;
use crate::s3::error::S3Failure;
use crate::s3::notification::Target;
use crate::s3::service::S3;

/// In this region, unlike in others, creating one's bucket again is no error.
const LENIENT_REGION: &str = "us-east-1";

pub(super) fn create(
    s3: &S3,
    input: CreateBucketInput,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let now = s3.clock.now();
    match s3.lock().create_bucket(&input.bucket, now) {
        Err(S3Failure::BucketAlreadyOwnedByYou) if s3.region == LENIENT_REGION => {}
        created => created?,
    }
    answer(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    })
}

pub(super) fn delete(
    s3: &S3,
    input: DeleteBucketInput,
) -> S3Result<S3Response<DeleteBucketOutput>> {
    s3.lock().delete_bucket(&input.bucket)?;
    let mut response = S3Response::new(DeleteBucketOutput::default());
    response.status = Some(http::StatusCode::NO_CONTENT);
    Ok(response)
}

pub(super) fn head(s3: &S3, input: HeadBucketInput) -> S3Result<S3Response<HeadBucketOutput>> {
    s3.lock().bucket(&input.bucket)?;
    answer(HeadBucketOutput {
        bucket_region: Some(s3.region.clone()),
        ..HeadBucketOutput::default()
    })
}

pub(super) fn list(s3: &S3, input: ListBucketsInput) -> S3Result<S3Response<ListBucketsOutput>> {
    let prefix = input.prefix.unwrap_or_default();
    let store = s3.lock();
    let named = store
        .buckets()
        .filter(|(name, _)| name.starts_with(&prefix));
    let buckets = named.map(|(name, bucket)| Bucket {
        bucket_region: None,
        creation_date: Some(bucket.created.into()),
        name: Some(name.clone()),
    });
    answer(ListBucketsOutput {
        buckets: Some(buckets.collect()),
        ..ListBucketsOutput::default()
    })
}

pub(super) fn location(
    s3: &S3,
    input: GetBucketLocationInput,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    s3.lock().bucket(&input.bucket)?;
    // The oldest region is told by its absence.
    let named =
        (s3.region != "us-east-1").then(|| BucketLocationConstraint::from(s3.region.clone()));
    answer(GetBucketLocationOutput {
        location_constraint: named,
    })
}

pub(super) fn get_versioning(
    s3: &S3,
    input: GetBucketVersioningInput,
) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    let status = s3
        .lock()
        .bucket(&input.bucket)?
        .versioning
        .map(|versioning| match versioning {
            Versioning::Enabled => {
                BucketVersioningStatus::from_static(BucketVersioningStatus::ENABLED)
            }
            Versioning::Suspended => {
                BucketVersioningStatus::from_static(BucketVersioningStatus::SUSPENDED)
            }
        });
    answer(GetBucketVersioningOutput {
        status,
        ..GetBucketVersioningOutput::default()
    })
}

pub(super) fn put_versioning(
    s3: &S3,
    input: PutBucketVersioningInput,
) -> S3Result<S3Response<PutBucketVersioningOutput>> {
    let status = input.versioning_configuration.status;
    let versioning = match status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => {
            return Err(S3Failure::InvalidArgument(
                "Status must be Enabled or Suspended.".to_owned(),
            )
            .into());
        }
    };
    s3.lock().bucket_mut(&input.bucket)?.versioning = Some(versioning);
    answer(PutBucketVersioningOutput::default())
}

pub(super) fn put_notification(
    s3: &S3,
    input: PutBucketNotificationConfigurationInput,
) -> S3Result<S3Response<PutBucketNotificationConfigurationOutput>> {
    let wanted = input.notification_configuration;
    let elsewhere = wanted.event_bridge_configuration.is_some()
        || wanted
            .lambda_function_configurations
            .is_some_and(|list| !list.is_empty())
        || wanted
            .topic_configurations
            .is_some_and(|list| !list.is_empty());
    if elsewhere {
        return Err(S3Failure::NotImplemented("notifications to anything but queues").into());
    }
    let targets = wanted
        .queue_configurations
        .unwrap_or_default()
        .into_iter()
        .map(target_of)
        .collect::<Result<_, _>>()?;
    s3.configure(&input.bucket, targets)?;
    answer(PutBucketNotificationConfigurationOutput::default())
}

pub(super) fn get_notification(
    s3: &S3,
    input: GetBucketNotificationConfigurationInput,
) -> S3Result<S3Response<GetBucketNotificationConfigurationOutput>> {
    let targets = s3.lock().bucket(&input.bucket)?.targets.clone();
    let queues: Vec<_> = targets.into_iter().map(configuration_of).collect();
    answer(GetBucketNotificationConfigurationOutput {
        queue_configurations: (!queues.is_empty()).then_some(queues),
        ..GetBucketNotificationConfigurationOutput::default()
    })
}

fn target_of(queue: QueueConfiguration) -> Result<Target, S3Failure> {
    let rules = queue
        .filter
        .and_then(|filter| filter.key)
        .and_then(|key| key.filter_rules)
        .unwrap_or_default();
    let (mut prefix, mut suffix) = (String::new(), String::new());
    for FilterRule { name, value } in rules {
        let slot = match name
            .as_ref()
            .map(|name| name.as_str().to_ascii_lowercase())
            .as_deref()
        {
            Some("prefix") => &mut prefix,
            Some("suffix") => &mut suffix,
            _ => {
                return Err(S3Failure::InvalidArgument(
                    "filter rule name must be either prefix or suffix".to_owned(),
                ));
            }
        };
        *slot = value.unwrap_or_default();
    }
    Ok(Target {
        id: queue
            .id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(crate::ids::uuid),
        queue_arn: queue.queue_arn,
        events: queue.events.into_iter().map(String::from).collect(),
        prefix,
        suffix,
    })
}

fn configuration_of(target: Target) -> QueueConfiguration {
    let rule = |name, value: String| FilterRule {
        name: Some(FilterRuleName::from_static(name)),
        value: Some(value),
    };
    let rules = [("Prefix", target.prefix), ("Suffix", target.suffix)];
    let rules: Vec<_> = rules
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| rule(name, value))
        .collect();
    let filter = (!rules.is_empty()).then_some(NotificationConfigurationFilter {
        key: Some(S3KeyFilter {
            filter_rules: Some(rules),
        }),
    });
    QueueConfiguration {
        events: target.events.into_iter().map(Event::from).collect(),
        filter,
        id: Some(target.id),
        queue_arn: target.queue_arn,
    }
}
