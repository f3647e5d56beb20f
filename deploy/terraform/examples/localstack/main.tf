# The queue module on LocalStack: no account, no cost.

terraform {
  required_version = ">= 1.7"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.30"
    }
  }
}

provider "aws" {
  region     = "us-east-1"
  access_key = "test"
  secret_key = "test"

  # LocalStack has no accounts to look up, and one host for all buckets.
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true

  endpoints {
    s3  = var.endpoint
    sqs = var.endpoint
  }
}

variable "endpoint" {
  description = "Where LocalStack listens."
  type        = string
  default     = "http://127.0.0.1:4566"
}

variable "bucket" {
  description = "Name of the bucket that is made."
  type        = string
  default     = "pictures"
}

resource "aws_s3_bucket" "pictures" {
  bucket        = var.bucket
  force_destroy = true
}

module "queue" {
  source = "../../modules/queue"

  bucket = aws_s3_bucket.pictures.bucket
  # CloudWatch is not among the services that the tests start.
  alarms = false
}

output "queue_url" {
  description = "`CLDSYNC_QUEUE_URL`"
  value       = module.queue.queue_url
}

output "dead_letter_queue_url" {
  description = "`CLDSYNC_DEAD_LETTER_QUEUE_URL`"
  value       = module.queue.dead_letter_queue_url
}
