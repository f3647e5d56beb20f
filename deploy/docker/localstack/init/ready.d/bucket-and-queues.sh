#!/bin/bash
# What an account with cldsync has: a bucket, its queue, the dead-letter queue, and the events
# between them. LocalStack runs this once it is ready; Compose waits until it has succeeded.
set -euo pipefail

queue_arn() {
  awslocal sqs get-queue-attributes --queue-url "$1" --attribute-names QueueArn \
    --query Attributes.QueueArn --output text
}

awslocal s3api create-bucket --bucket pictures

dead=$(awslocal sqs create-queue --queue-name cldsync-dead \
  --attributes MessageRetentionPeriod=1209600 --query QueueUrl --output text)
redrive="{\"deadLetterTargetArn\":\"$(queue_arn "$dead")\",\"maxReceiveCount\":\"20\"}"

queue=$(awslocal sqs create-queue --queue-name cldsync --query QueueUrl --output text)
awslocal sqs set-queue-attributes --queue-url "$queue" \
  --attributes "{\"MessageRetentionPeriod\":\"345600\",\"RedrivePolicy\":\"${redrive//\"/\\\"}\"}"

awslocal s3api put-bucket-notification-configuration --bucket pictures \
  --notification-configuration "{\"QueueConfigurations\":[{
    \"QueueArn\":\"$(queue_arn "$queue")\",
    \"Events\":[\"s3:ObjectCreated:*\",\"s3:ObjectRemoved:*\",\"s3:ObjectRestore:Completed\",\"s3:LifecycleExpiration:*\"]
  }]}"
