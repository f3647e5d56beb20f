output "queue_url" {
  description = "The queue that the bucket notifies."
  value       = module.queue.queue_url
}

output "dead_letter_queue_url" {
  description = "Where messages end that can never succeed."
  value       = module.queue.dead_letter_queue_url
}

output "put_secret" {
  description = "The command that puts the Cloudinary URL into its place."
  value       = "aws secretsmanager put-secret-value --region ${var.region} --secret-id ${aws_secretsmanager_secret.cloudinary_url.name} --secret-string file://cloudinary-url.txt"
}

output "log_group" {
  description = "Logs of the workers."
  value       = module.workers.log_group_name
}
