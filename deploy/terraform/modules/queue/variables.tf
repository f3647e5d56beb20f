variable "name" {
  description = "Name of the queue. The dead-letter queue is called `<name>-dead`."
  type        = string
  default     = "cldsync"

  validation {
    # 80 characters are SQS's limit, and `-dead` takes five.
    condition     = can(regex("^[A-Za-z0-9_-]{1,75}$", var.name))
    error_message = "A queue's name is 1 to 75 letters, digits, hyphens and underscores; S3 cannot send to a FIFO queue."
  }
}

variable "bucket" {
  description = "Name of the bucket whose changes are synced. It must exist."
  type        = string
}

variable "bucket_account_id" {
  description = "AWS account that owns the bucket. Default: the account of the queue."
  type        = string
  default     = null
}

variable "manage_notification" {
  description = <<-E
    Whether this module sets the bucket's notification configuration.
    A bucket has exactly one: setting it here removes all other targets.
    With `false`, send the events of the output `events` to `queue_arn` yourself.
  E
  type        = bool
  default     = true
}

variable "filter_prefixes" {
  description = "Send only events of keys that begin with one of these. Empty: of all keys. This saves messages; what is synced is decided by the worker's own settings."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue(flatten([
      for i, a in var.filter_prefixes : [
        for j, b in var.filter_prefixes : i == j || !startswith(b, a)
      ]
    ]))
    error_message = "One prefix begins with another; S3 refuses notifications that overlap."
  }
}

variable "visibility_timeout_seconds" {
  description = "Visibility timeout of consumers that ask for none. Workers ask for their own (`CLDSYNC_VISIBILITY_TIMEOUT`) and extend it."
  type        = number
  default     = 120
}

variable "message_retention_seconds" {
  description = "For how long an event waits for a worker. An outage that is longer loses events."
  type        = number
  default     = 345600 # 4 days

  validation {
    # The age counts from the first queue on, so that a letter must not die on arrival.
    condition     = var.message_retention_seconds >= 3600 && var.message_retention_seconds < 1209600
    error_message = "From one hour to below 14 days, the retention of the dead-letter queue: a message keeps its age when it moves there."
  }
}

variable "max_receive_count" {
  description = "Receives without success after which a message moves to the dead-letter queue. The worker moves hopeless messages itself, with a reason; this is the backstop for crashes."
  type        = number
  default     = 20

  validation {
    condition     = var.max_receive_count >= 5 && var.max_receive_count <= 1000
    error_message = "From 5 to 1000: SQS may count a delivery that nobody got, so that a small number loses good messages."
  }
}

variable "kms_key_arn" {
  description = <<-E
    KMS key for both queues. Default: SSE-SQS, which costs nothing and needs no grants.
    With a key of your own, its key policy must let S3 use it, or no event arrives; the output `kms_key_policy_statement` is that statement.
    S3 cannot use the AWS managed key `alias/aws/sqs`.
  E
  type        = string
  default     = null
}

variable "kms_data_key_reuse_seconds" {
  description = "For how long SQS uses a data key again before it asks KMS, which bills each call. Only with `kms_key_arn`."
  type        = number
  default     = 3600
}

variable "bucket_kms_key_arn" {
  description = "KMS key of the bucket's objects, if they are encrypted with one. Workers then may read with it, which `presigned` and `stream` transfers need; Cloudinary's own grant is made in the key's policy."
  type        = string
  default     = null
}

variable "alarms" {
  description = "Whether to make CloudWatch alarms."
  type        = bool
  default     = true
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told when an alarm begins and ends."
  type        = list(string)
  default     = []
}

variable "oldest_message_alarm_seconds" {
  description = "Alarm when the oldest event has waited for longer than this."
  type        = number
  default     = 900
}

variable "backlog_alarm_messages" {
  description = "Alarm when more events than this wait for 15 minutes. A planned import is a reason to raise it."
  type        = number
  default     = 10000
}

variable "tags" {
  description = "Tags of everything that takes tags."
  type        = map(string)
  default     = {}
}
