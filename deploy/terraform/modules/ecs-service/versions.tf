terraform {
  # 1.7 brought mock providers, which the tests of this module use.
  required_version = ">= 1.7"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.30"
    }
  }
}
