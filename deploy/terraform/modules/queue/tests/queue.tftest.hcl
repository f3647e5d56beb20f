# Without AWS: a mock provider gives ARNs and URLs of the shapes that AWS gives.

mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:111122223333:cldsync"
      url = "https://sqs.eu-central-1.amazonaws.com/111122223333/cldsync"
    }
  }
}

override_resource {
  target = aws_sqs_queue.dead_letters
  values = {
    arn = "arn:aws:sqs:eu-central-1:111122223333:cldsync-dead"
    url = "https://sqs.eu-central-1.amazonaws.com/111122223333/cldsync-dead"
  }
}

variables {
  bucket = "pictures"
}

run "dead_letters_outlive_the_queue_and_belong_to_it" {
  assert {
    condition     = aws_sqs_queue.dead_letters.message_retention_seconds == 14 * 24 * 3600
    error_message = "Dead letters are kept for 14 days."
  }
  assert {
    condition     = aws_sqs_queue.main.message_retention_seconds < aws_sqs_queue.dead_letters.message_retention_seconds
    error_message = "A message keeps its age when it moves."
  }
  assert {
    condition = jsondecode(aws_sqs_queue_redrive_policy.main.redrive_policy) == {
      deadLetterTargetArn = "arn:aws:sqs:eu-central-1:111122223333:cldsync-dead"
      maxReceiveCount     = 20
    }
    error_message = "After 20 receives a message moves to the dead-letter queue."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.dead_letters.redrive_allow_policy) == { redrivePermission = "byQueue", sourceQueueArns = ["arn:aws:sqs:eu-central-1:111122223333:cldsync"] }
    error_message = "Only this queue may send dead letters there."
  }
}

run "only_this_bucket_of_this_account_may_send" {
  assert {
    condition = jsondecode(aws_sqs_queue_policy.main.policy).Statement[0] == {
      Sid       = "BucketNotifies"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:eu-central-1:111122223333:cldsync"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::pictures" }
        StringEquals = { "aws:SourceAccount" = "111122223333" }
      }
    }
    error_message = "S3 may send for this bucket of this account, and for no other."
  }
  assert {
    condition     = [for s in jsondecode(aws_sqs_queue_policy.main.policy).Statement : s.Sid if s.Effect == "Allow"] == ["BucketNotifies"]
    error_message = "Nobody else is allowed anything."
  }
}

run "a_bucket_of_another_account_may_send_when_it_is_named" {
  variables {
    bucket_account_id = "444455556666"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_policy.main.policy).Statement[0].Condition.StringEquals == { "aws:SourceAccount" = "444455556666" }
    error_message = "The bucket's owner is the one that counts."
  }
}

run "the_bucket_tells_of_every_kind_of_change" {
  assert {
    condition = toset(aws_s3_bucket_notification.main[0].queue[0].events) == toset([
      "s3:ObjectCreated:*",
      "s3:ObjectRemoved:*",
      "s3:ObjectRestore:Completed",
      "s3:LifecycleExpiration:*",
    ])
    error_message = "Created, removed, restored and expired objects all matter."
  }
  assert {
    condition     = length(aws_s3_bucket_notification.main[0].queue) == 1 && try(length(aws_s3_bucket_notification.main[0].queue[0].filter_prefix), 0) == 0
    error_message = "Without prefixes there is one notification, without a filter."
  }
}

run "each_prefix_has_a_notification_of_its_own" {
  variables {
    filter_prefixes = ["media/", "docs/"]
  }

  assert {
    condition     = toset(aws_s3_bucket_notification.main[0].queue[*].filter_prefix) == toset(["media/", "docs/"])
    error_message = "Each prefix is sent."
  }
  assert {
    condition     = length(distinct(aws_s3_bucket_notification.main[0].queue[*].id)) == 2
    error_message = "S3 wants an ID of its own for each."
  }
}

run "prefixes_that_overlap_are_refused" {
  command = plan

  variables {
    filter_prefixes = ["media/", "media/cats/"]
  }

  expect_failures = [var.filter_prefixes]
}

run "the_notification_can_be_left_to_others" {
  variables {
    manage_notification = false
  }

  assert {
    condition     = length(aws_s3_bucket_notification.main) == 0
    error_message = "The bucket's configuration is not touched."
  }
  assert {
    condition     = length(output.events) == 4
    error_message = "Others are told what to send."
  }
}

run "queues_are_encrypted_without_a_key_of_ones_own" {
  assert {
    condition     = alltrue([for q in [aws_sqs_queue.main, aws_sqs_queue.dead_letters] : q.sqs_managed_sse_enabled])
    error_message = "SSE-SQS is on for both."
  }
  assert {
    condition     = output.kms_key_policy_statement == null
    error_message = "There is no key to write a policy for."
  }
}

run "a_key_of_ones_own_encrypts_both_and_is_opened_to_s3_and_workers" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234"
  }

  assert {
    condition     = alltrue([for q in [aws_sqs_queue.main, aws_sqs_queue.dead_letters] : q.kms_master_key_id == "arn:aws:kms:eu-central-1:111122223333:key/1234"])
    error_message = "Both queues use the key."
  }
  assert {
    condition     = toset(jsondecode(output.kms_key_policy_statement).Action) == toset(["kms:GenerateDataKey", "kms:Decrypt"])
    error_message = "S3 needs both to send."
  }
  assert {
    condition = [
      for s in jsondecode(output.worker_policy_json).Statement : s.Action if s.Resource == "arn:aws:kms:eu-central-1:111122223333:key/1234"
    ] == [["kms:Decrypt", "kms:GenerateDataKey"]]
    error_message = "Workers decrypt what they receive and encrypt dead letters."
  }
}

run "objects_under_a_key_can_be_read_with_it" {
  variables {
    bucket_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/5678"
  }

  assert {
    condition = [
      for s in jsondecode(output.worker_policy_json).Statement : s.Action if s.Resource == "arn:aws:kms:eu-central-1:111122223333:key/5678"
    ] == [["kms:Decrypt"]]
    error_message = "Workers decrypt, and do nothing else with this key."
  }
}

run "a_worker_may_do_what_it_needs_and_nothing_else" {
  assert {
    condition = {
      for s in jsondecode(output.worker_policy_json).Statement : s.Resource => join(" ", sort(s.Action))
      } == {
      "arn:aws:sqs:eu-central-1:111122223333:cldsync"      = "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage"
      "arn:aws:sqs:eu-central-1:111122223333:cldsync-dead" = "sqs:GetQueueAttributes sqs:SendMessage"
      "arn:aws:s3:::pictures"                              = "s3:ListBucket"
      "arn:aws:s3:::pictures/*"                            = "s3:GetObject s3:GetObjectVersion"
    }
    error_message = "The worker's policy is exactly this."
  }
}

run "three_alarms_tell_the_topic" {
  variables {
    alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:pager"]
  }

  assert {
    condition = alltrue([
      for a in [aws_cloudwatch_metric_alarm.oldest_message[0], aws_cloudwatch_metric_alarm.dead_letters[0], aws_cloudwatch_metric_alarm.backlog[0]] :
      a.alarm_actions == toset(["arn:aws:sns:eu-central-1:111122223333:pager"])
    ])
    error_message = "Each alarm tells the topic."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letters[0].threshold == 0 && aws_cloudwatch_metric_alarm.dead_letters[0].dimensions.QueueName == "cldsync-dead"
    error_message = "One dead letter is enough."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.oldest_message[0].metric_name == "ApproximateAgeOfOldestMessage" && aws_cloudwatch_metric_alarm.oldest_message[0].dimensions.QueueName == "cldsync"
    error_message = "The age is that of the queue that S3 notifies."
  }
}

run "alarms_can_be_left_out" {
  variables {
    alarms = false
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.backlog) + length(aws_cloudwatch_metric_alarm.dead_letters) + length(aws_cloudwatch_metric_alarm.oldest_message) == 0
    error_message = "There is no alarm."
  }
}

run "a_receive_count_that_loses_good_messages_is_refused" {
  command = plan

  variables {
    max_receive_count = 1
  }

  expect_failures = [var.max_receive_count]
}

run "a_retention_that_dead_letters_would_not_survive_is_refused" {
  command = plan

  variables {
    message_retention_seconds = 1209600
  }

  expect_failures = [var.message_retention_seconds]
}

run "a_fifo_name_is_refused" {
  command = plan

  variables {
    name = "cldsync.fifo"
  }

  expect_failures = [var.name]
}
