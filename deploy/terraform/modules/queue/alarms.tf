# Three questions: is somebody working, did something fail for good, does the fleet keep up?

resource "aws_cloudwatch_metric_alarm" "oldest_message" {
  count = var.alarms ? 1 : 0

  alarm_name          = "${var.name}-oldest-message"
  alarm_description   = "The oldest event in ${var.name} has waited for more than ${var.oldest_message_alarm_seconds} s: no worker runs, workers are paused, or there are too few."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.main.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.oldest_message_alarm_seconds
  period              = 60
  evaluation_periods  = 5
  # SQS stops to report a queue that nobody has used for hours.
  treat_missing_data = "notBreaching"
  alarm_actions      = var.alarm_topic_arns
  ok_actions         = var.alarm_topic_arns
  tags               = var.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = var.alarms ? 1 : 0

  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "There are messages in ${aws_sqs_queue.dead_letters.name}. Each has its reason in the attribute `reason`, unless the queue's redrive policy moved it."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "backlog" {
  count = var.alarms ? 1 : 0

  alarm_name          = "${var.name}-backlog"
  alarm_description   = "More than ${var.backlog_alarm_messages} events have waited in ${var.name} for 15 minutes: the bucket changes faster than Cloudinary is made to follow."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.main.name }
  statistic           = "Minimum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.backlog_alarm_messages
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = var.tags
}
