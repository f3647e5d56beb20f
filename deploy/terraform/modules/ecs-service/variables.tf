variable "name" {
  description = "Name of the service and of everything around it."
  type        = string
  default     = "cldsync"

  validation {
    condition     = can(regex("^[a-zA-Z0-9-]{1,40}$", var.name))
    error_message = "1 to 40 letters, digits and hyphens: the name goes into names of roles and security groups."
  }
}

variable "image" {
  description = "Container image of the worker, with a tag or, better, a digest."
  type        = string
}

variable "ecr_repository_arn" {
  description = "Repository of the image, if it is in ECR: the execution role may then pull from it."
  type        = string
  default     = null
}

variable "cluster_arn" {
  description = "The ECS cluster. Autoscaling reads `RunningTaskCount`, which a cluster reports only with Container Insights."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:ecs:[^:]+:[0-9]{12}:cluster/.+$", var.cluster_arn))
    error_message = "The full ARN of a cluster: arn:aws:ecs:REGION:ACCOUNT:cluster/NAME."
  }
}

variable "vpc_id" {
  description = "VPC of the tasks."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the tasks. They need a way out to SQS, S3, ECS, Secrets Manager, CloudWatch Logs and Cloudinary."
  type        = list(string)
}

variable "assign_public_ip" {
  description = "Whether tasks get a public address: needed in public subnets without NAT."
  type        = bool
  default     = false
}

variable "queue_url" {
  description = "Output `queue_url` of the queue module."
  type        = string
}

variable "queue_name" {
  description = "Output `queue_name` of the queue module; autoscaling follows this queue's backlog."
  type        = string
}

variable "dead_letter_queue_url" {
  description = "Output `dead_letter_queue_url` of the queue module."
  type        = string
}

variable "worker_policy_json" {
  description = "Output `worker_policy_json` of the queue module: what a task may do with queues and bucket."
  type        = string
}

variable "cloudinary_url_secret_arn" {
  description = "Secret in Secrets Manager whose value is `cloudinary://API_KEY:API_SECRET@CLOUD`. Its value never passes through Terraform."
  type        = string
}

variable "cloudinary_url_secret_key" {
  description = "Name of the value, if the secret is a JSON object."
  type        = string
  default     = null
}

variable "secret_kms_key_arn" {
  description = "KMS key of the secret, if it is not the AWS managed one."
  type        = string
  default     = null
}

variable "environment" {
  description = "Further settings of the worker: `CLDSYNC_BUCKET`, `CLDSYNC_S3_SYNC_ROOT`, `CLDSYNC_CLD_SYNC_ROOT` and so on. No secrets: they can be read in the task definition."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.environment), ["CLOUDINARY_URL", "CLDSYNC_CLOUDINARY_URL"])) == 0
    error_message = "CLOUDINARY_URL holds a secret: put it into Secrets Manager and name it in cloudinary_url_secret_arn."
  }
  validation {
    condition = length(setintersection(keys(var.environment), [
      "CLDSYNC_QUEUE_URL", "CLDSYNC_DEAD_LETTER_QUEUE_URL", "CLDSYNC_DRAIN_TIMEOUT",
      "CLDSYNC_CONCURRENCY_MAX", "CLDSYNC_ACCOUNT_SLOTS", "CLDSYNC_FLEET_SIZE", "CLDSYNC_ADMIN_ADDR",
    ])) == 0
    error_message = "The module sets queues, drain timeout, concurrency and admin address itself: use its variables."
  }
}

variable "cpu" {
  description = "CPU units of a task. 256 is a quarter of a CPU."
  type        = number
  default     = 256
}

variable "memory" {
  description = "Memory of a task in MiB; Fargate allows certain pairs with `cpu`. More is needed with `CLDSYNC_TRANSFER=stream`, which buffers a part of each upload."
  type        = number
  default     = 512
}

variable "cpu_architecture" {
  description = "`X86_64` or `ARM64`, as the image was built."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "X86_64 or ARM64."
  }
}

variable "min_tasks" {
  description = "Tasks that always run. At least one: autoscaling by backlog per task cannot start the first."
  type        = number
  default     = 1

  validation {
    condition     = var.min_tasks >= 1
    error_message = "At least 1; the README tells why, and what to do instead."
  }
}

variable "max_tasks" {
  description = "The most tasks that may run. Fewer run if `account_slots` has no room for so many."
  type        = number
  default     = 10
}

variable "account_slots" {
  description = <<-E
    Calls that the Cloudinary account takes at once before it refuses with 420; ask Cloudinary's support for the number of your plan.
    It is shared by all tasks and by everybody else who uses the account.
    A task beyond `account_slots / slots_per_task` adds refusals, not throughput.
  E
  type        = number
  default     = 20

  validation {
    condition     = var.account_slots >= 1 && var.account_slots <= 1000
    error_message = "From 1 to 1000, as CLDSYNC_ACCOUNT_SLOTS."
  }
}

variable "slots_per_task" {
  description = "Calls that one task may have in flight (`CLDSYNC_CONCURRENCY_MAX`). Below it, each task finds by itself how many are accepted."
  type        = number
  default     = 10

  validation {
    condition     = var.slots_per_task >= 1 && var.slots_per_task <= 1000
    error_message = "From 1 to 1000, as CLDSYNC_CONCURRENCY_MAX."
  }
}

variable "backlog_per_task" {
  description = <<-E
    Waiting messages per running task that autoscaling aims at.
    It is the delay that you accept, divided by the time a message takes, times `slots_per_task`: 60 s of delay, 2 s for an upload and 10 slots make 300.
  E
  type        = number
  default     = 300

  validation {
    condition     = var.backlog_per_task >= 1
    error_message = "At least 1."
  }
}

variable "metrics_security_group_ids" {
  description = "Security groups that may read metrics and health on port 9090, such as Prometheus's. Empty: nobody."
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "For how long logs are kept."
  type        = number
  default     = 30
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
