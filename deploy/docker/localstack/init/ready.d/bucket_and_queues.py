"""What an account with cldsync has: a bucket, its queue, the dead-letter queue, and the events
between them. LocalStack runs this once it is ready, and Compose waits until it has succeeded.

In Python because that runs inside LocalStack: a shell script would start an AWS CLI for each call.
"""

import json

import boto3

account = {
    "endpoint_url": "http://127.0.0.1:4566",
    "region_name": "us-east-1",
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
}
s3 = boto3.client("s3", **account)
sqs = boto3.client("sqs", **account)


def arn(queue_url):
    answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]


dead_letters = sqs.create_queue(
    QueueName="cldsync-dead", Attributes={"MessageRetentionPeriod": "1209600"}
)["QueueUrl"]
redrive = {"deadLetterTargetArn": arn(dead_letters), "maxReceiveCount": "20"}
queue = sqs.create_queue(
    QueueName="cldsync",
    Attributes={"MessageRetentionPeriod": "345600", "RedrivePolicy": json.dumps(redrive)},
)["QueueUrl"]

s3.create_bucket(Bucket="pictures")
s3.put_bucket_notification_configuration(
    Bucket="pictures",
    NotificationConfiguration={
        "QueueConfigurations": [
            {
                "QueueArn": arn(queue),
                "Events": [
                    "s3:ObjectCreated:*",
                    "s3:ObjectRemoved:*",
                    "s3:ObjectRestore:Completed",
                    "s3:LifecycleExpiration:*",
                ],
            }
        ]
    },
)
