output "queue_url" {
  description = "`CLDSYNC_QUEUE_URL` of the workers."
  value       = aws_sqs_queue.main.url
}

output "queue_arn" {
  description = "ARN of the queue."
  value       = aws_sqs_queue.main.arn
}

output "queue_name" {
  description = "Name of the queue, as CloudWatch's metrics call it."
  value       = aws_sqs_queue.main.name
}

output "dead_letter_queue_url" {
  description = "`CLDSYNC_DEAD_LETTER_QUEUE_URL` of the workers."
  value       = aws_sqs_queue.dead_letters.url
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.arn
}

output "events" {
  description = "The events that the bucket must send, for those who manage its notifications themselves."
  value       = local.events
}

output "worker_policy_json" {
  description = "IAM policy with the least that a worker needs: for a task role, a pod's role or a user."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.worker_statements })
}

output "kms_key_policy_statement" {
  description = "What the policy of `kms_key_arn` must hold, so that S3 can send to the encrypted queue. JSON of one statement; null without a key."
  value = var.kms_key_arn == null ? null : jsonencode({
    Sid       = "S3SendsToTheQueue"
    Effect    = "Allow"
    Principal = { Service = "s3.amazonaws.com" }
    Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
    Resource  = "*"
    Condition = {
      ArnEquals    = { "aws:SourceArn" = local.bucket_arn }
      StringEquals = { "aws:SourceAccount" = coalesce(var.bucket_account_id, local.account) }
    }
  })
}
