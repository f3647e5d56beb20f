# As many tasks as the backlog asks for, and never more than the Cloudinary account has slots for.

locals {
  # A task without slots of its own only takes them from others and is refused more often.
  slots_for_tasks = floor(var.account_slots / var.slots_per_task)
  most_tasks      = max(1, min(var.max_tasks, local.slots_for_tasks))
}

resource "aws_appautoscaling_target" "tasks" {
  service_namespace  = "ecs"
  resource_id        = "service/${local.cluster_name}/${aws_ecs_service.worker.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.min_tasks
  max_capacity       = local.most_tasks
  tags               = var.tags

  lifecycle {
    precondition {
      condition     = var.min_tasks <= local.most_tasks
      error_message = "min_tasks is ${var.min_tasks}, but ${var.account_slots} account slots at ${var.slots_per_task} for each task, and max_tasks ${var.max_tasks}, leave room for ${local.most_tasks}."
    }
  }
}

resource "aws_appautoscaling_policy" "backlog" {
  name               = "backlog-per-task"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.tasks.service_namespace
  resource_id        = aws_appautoscaling_target.tasks.resource_id
  scalable_dimension = aws_appautoscaling_target.tasks.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.backlog_per_task
    scale_out_cooldown = 60
    # A worker that is stopped gives its messages back; a short lull is no reason for that.
    scale_in_cooldown = 300

    customized_metric_specification {
      metrics {
        id          = "visible"
        label       = "Messages that wait"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "AWS/SQS"
            metric_name = "ApproximateNumberOfMessagesVisible"

            dimensions {
              name  = "QueueName"
              value = var.queue_name
            }
          }
        }
      }

      metrics {
        id          = "running"
        label       = "Tasks that run"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "ECS/ContainerInsights"
            metric_name = "RunningTaskCount"

            dimensions {
              name  = "ClusterName"
              value = local.cluster_name
            }
            dimensions {
              name  = "ServiceName"
              value = aws_ecs_service.worker.name
            }
          }
        }
      }

      metrics {
        id    = "backlog_per_task"
        label = "Messages that wait, per task"
        # Without running tasks the backlog itself, so that the division has a result.
        expression  = "IF(running > 0, visible / running, visible)"
        return_data = true
      }
    }
  }
}
