output "service_name" {
  description = "Name of the ECS service."
  value       = aws_ecs_service.worker.name
}

output "most_tasks" {
  description = "The most tasks that autoscaling starts: `max_tasks`, or fewer if the account has no slots for them."
  value       = local.most_tasks
}

output "task_role_arn" {
  description = "Role of the worker, for bucket and key policies that name it."
  value       = aws_iam_role.task.arn
}

output "security_group_id" {
  description = "Security group of the tasks."
  value       = aws_security_group.worker.id
}

output "log_group_name" {
  description = "Where the logs are."
  value       = aws_cloudwatch_log_group.worker.name
}
