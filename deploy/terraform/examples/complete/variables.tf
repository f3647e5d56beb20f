variable "region" {
  description = "AWS region of everything."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket that this example makes. Without a dot: Cloudinary cannot pull from such buckets."
  type        = string

  validation {
    condition     = !strcontains(var.bucket, ".")
    error_message = "Cloudinary cannot pull from a bucket with a dot in its name."
  }
}

variable "prefix" {
  description = "Only keys below this folder are synced; ends with a slash. Empty: the whole bucket."
  type        = string
  default     = ""

  validation {
    condition     = var.prefix == "" || endswith(var.prefix, "/")
    error_message = "A folder ends with a slash."
  }
}

variable "cloudinary_root" {
  description = "What that folder becomes in public IDs."
  type        = string
  default     = ""
}

variable "cloud_name" {
  description = "Name of the Cloudinary cloud, for the object that Cloudinary asks for in the bucket."
  type        = string
}

variable "account_slots" {
  description = "Calls that the Cloudinary account takes at once."
  type        = number
  default     = 20
}

variable "image" {
  description = "Container image of the worker."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the workers."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the workers, with a way out."
  type        = list(string)
}

variable "alarm_mail" {
  description = "Address that gets alarms; AWS asks it to confirm."
  type        = string
  default     = null
}
