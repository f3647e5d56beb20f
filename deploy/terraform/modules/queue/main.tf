# The queue that S3 notifies, its dead-letter queue, and the wire between bucket and queue.

locals {
  # Account and partition stand in the queue's own ARN; asking STS for them would need one more permission.
  partition  = split(":", aws_sqs_queue.main.arn)[1]
  account    = split(":", aws_sqs_queue.main.arn)[4]
  bucket_arn = "arn:${local.partition}:s3:::${var.bucket}"

  events = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:ObjectRestore:Completed",
    "s3:LifecycleExpiration:*",
  ]

  # One notification without a filter, or one for each prefix.
  notifications = length(var.filter_prefixes) == 0 ? [null] : var.filter_prefixes
}

resource "aws_sqs_queue" "main" {
  name                       = var.name
  message_retention_seconds  = var.message_retention_seconds
  visibility_timeout_seconds = var.visibility_timeout_seconds
  # Workers long-poll whatever stands here; people who look with a console do not.
  receive_wait_time_seconds = 20

  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : var.kms_data_key_reuse_seconds

  tags = var.tags
}

resource "aws_sqs_queue" "dead_letters" {
  name = "${var.name}-dead"
  # The most that SQS offers. A message keeps its age when it moves here.
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 30

  sqs_managed_sse_enabled           = var.kms_key_arn == null ? true : null
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = var.kms_key_arn == null ? null : var.kms_data_key_reuse_seconds

  # No other queue may move its messages here.
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.main.arn]
  })

  tags = var.tags
}

resource "aws_sqs_queue_redrive_policy" "main" {
  queue_url = aws_sqs_queue.main.url

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue_policy" "main" {
  queue_url = aws_sqs_queue.main.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "BucketNotifies"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.main.arn
        # A bucket's name is free again once the bucket is deleted; the account tells whose it is.
        Condition = {
          ArnEquals    = { "aws:SourceArn" = local.bucket_arn }
          StringEquals = { "aws:SourceAccount" = coalesce(var.bucket_account_id, local.account) }
        }
      },
      {
        Sid       = "OnlyEncryptedConnections"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.main.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_s3_bucket_notification" "main" {
  count = var.manage_notification ? 1 : 0

  bucket = var.bucket

  dynamic "queue" {
    for_each = local.notifications

    content {
      id            = "${var.name}-${queue.key}"
      queue_arn     = aws_sqs_queue.main.arn
      events        = local.events
      filter_prefix = queue.value
    }
  }

  # S3 sends a test event when it takes the configuration, and refuses a queue that refuses it.
  # The first event finds the queue complete.
  depends_on = [aws_sqs_queue_policy.main, aws_sqs_queue_redrive_policy.main]
}
