# Two roles. ECS uses the execution role to start a task: image, secret, logs.
# The worker uses the task role: queues, bucket, and its own protection.

locals {
  assumed_by_tasks = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.region}:${local.account}:*" }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })

  execution_statements = concat(
    [
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${aws_cloudwatch_log_group.worker.name}:*"
      },
      {
        Sid      = "Secret"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = var.cloudinary_url_secret_arn
      },
    ],
    [
      for key in compact([var.secret_kms_key_arn]) : {
        Sid      = "SecretKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = key
      }
    ],
    flatten([
      for repository in compact([var.ecr_repository_arn]) : [
        {
          Sid      = "Image"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = repository
        },
        {
          # This call knows no resource.
          Sid      = "Registry"
          Effect   = "Allow"
          Action   = ["ecr:GetAuthorizationToken"]
          Resource = "*"
        },
      ]
    ]),
  )
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Starts cldsync workers"
  assume_role_policy = local.assumed_by_tasks
  tags               = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.execution_statements })
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  description        = "What a cldsync worker may do"
  assume_role_policy = local.assumed_by_tasks
  tags               = var.tags
}

resource "aws_iam_role_policy" "queue" {
  name   = "sync"
  role   = aws_iam_role.task.id
  policy = var.worker_policy_json
}

# A task asks ECS not to end it while a long upload runs.
resource "aws_iam_role_policy" "task" {
  name = "protect-itself"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ScaleInProtection"
      Effect   = "Allow"
      Action   = ["ecs:UpdateTaskProtection"]
      Resource = "arn:${local.partition}:ecs:${local.region}:${local.account}:task/${local.cluster_name}/*"
    }]
  })
}
