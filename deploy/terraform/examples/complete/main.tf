# A bucket, its queue, and the workers: everything between an AWS account and a Cloudinary account.

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
  region = var.region

  default_tags {
    tags = { Application = "cldsync" }
  }
}

module "queue" {
  source = "../../modules/queue"

  bucket           = aws_s3_bucket.media.bucket
  filter_prefixes  = var.prefix == "" ? [] : [var.prefix]
  alarm_topic_arns = [aws_sns_topic.alarms.arn]
}

module "workers" {
  source = "../../modules/ecs-service"

  image       = var.image
  cluster_arn = aws_ecs_cluster.media.arn
  vpc_id      = var.vpc_id
  subnet_ids  = var.subnet_ids

  queue_url             = module.queue.queue_url
  queue_name            = module.queue.queue_name
  dead_letter_queue_url = module.queue.dead_letter_queue_url
  worker_policy_json    = module.queue.worker_policy_json

  cloudinary_url_secret_arn = aws_secretsmanager_secret.cloudinary_url.arn
  account_slots             = var.account_slots

  environment = {
    CLDSYNC_BUCKET        = aws_s3_bucket.media.bucket
    CLDSYNC_S3_SYNC_ROOT  = trimsuffix(var.prefix, "/")
    CLDSYNC_CLD_SYNC_ROOT = var.cloudinary_root
  }
}

resource "aws_s3_bucket" "media" {
  bucket = var.bucket
}

# Cloudinary pulls objects itself. It asks for an empty object with the cloud's name, and for the
# right to read. Neither is needed with CLDSYNC_TRANSFER=presigned or stream.
resource "aws_s3_object" "cloudinary" {
  bucket  = aws_s3_bucket.media.bucket
  key     = ".wellknown/cloudinary/${var.cloud_name}"
  content = ""
}

resource "aws_s3_bucket_policy" "cloudinary" {
  bucket = aws_s3_bucket.media.bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "CloudinaryReads"
      Effect    = "Allow"
      Principal = { AWS = "232482882421" }
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.media.arn}/*"
    }]
  })
}

# Only the place of the secret. Its value is put there by hand and never enters Terraform's state.
resource "aws_secretsmanager_secret" "cloudinary_url" {
  name        = "cldsync/cloudinary-url"
  description = "cloudinary://API_KEY:API_SECRET@CLOUD"
}

resource "aws_ecs_cluster" "media" {
  name = "cldsync"

  # Counts the running tasks, which autoscaling divides by.
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_sns_topic" "alarms" {
  name = "cldsync-alarms"
}

resource "aws_sns_topic_subscription" "mail" {
  count = var.alarm_mail == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_mail
}
