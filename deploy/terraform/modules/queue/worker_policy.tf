# What a worker may do, and not more. `s3:ListBucket` is not optional: without it S3 answers 403
# for a missing object instead of 404, and only a proven 404 destroys an asset.

locals {
  worker_statements = concat(
    [
      {
        Sid    = "Queue"
        Effect = "Allow"
        Action = [
          "sqs:ReceiveMessage",
          "sqs:DeleteMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:GetQueueAttributes",
        ]
        Resource = aws_sqs_queue.main.arn
      },
      {
        Sid      = "DeadLetters"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.dead_letters.arn
      },
      {
        Sid      = "Bucket"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = local.bucket_arn
      },
      {
        Sid      = "Objects"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${local.bucket_arn}/*"
      },
    ],
    # To receive is to decrypt, and to send a dead letter is to ask for a data key.
    [
      for key in compact([var.kms_key_arn]) : {
        Sid      = "QueueKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = key
      }
    ],
    [
      for key in compact([var.bucket_kms_key_arn]) : {
        Sid      = "ObjectKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = key
      }
    ],
  )
}
