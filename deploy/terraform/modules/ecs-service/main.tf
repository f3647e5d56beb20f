# A Fargate service of identical workers that share nothing but the queue.

locals {
  # Partition, region, account and name stand in the cluster's ARN; nobody has to be asked for them.
  cluster   = split(":", var.cluster_arn)
  partition = local.cluster[1]
  region    = local.cluster[3]
  account   = local.cluster[4]

  cluster_name = split("/", var.cluster_arn)[1]

  metrics_port = 9090
  # The most that Fargate gives between SIGTERM and SIGKILL.
  stop_timeout = 120
  # The worker must be done before: acknowledgements are sent at the end of the drain.
  drain_timeout = local.stop_timeout - 10

  environment = merge(var.environment, {
    AWS_REGION                    = local.region
    CLDSYNC_QUEUE_URL             = var.queue_url
    CLDSYNC_DEAD_LETTER_QUEUE_URL = var.dead_letter_queue_url
    CLDSYNC_DRAIN_TIMEOUT         = "${local.drain_timeout}s"
    CLDSYNC_CONCURRENCY_MAX       = tostring(var.slots_per_task)
    # What a worker starts with; from there it finds its part by itself.
    CLDSYNC_ACCOUNT_SLOTS = tostring(var.account_slots)
    CLDSYNC_FLEET_SIZE    = tostring(local.most_tasks)
    CLDSYNC_ADMIN_ADDR    = "0.0.0.0:${local.metrics_port}"
  })

  # ARN, or ARN and the name of a value in it: `arn:name::`.
  secret = var.cloudinary_url_secret_key == null ? var.cloudinary_url_secret_arn : "${var.cloudinary_url_secret_arn}:${var.cloudinary_url_secret_key}::"

  container = {
    name      = "worker"
    image     = var.image
    essential = true

    environment = [for name in sort(keys(local.environment)) : { name = name, value = local.environment[name] }]
    secrets     = [{ name = "CLOUDINARY_URL", valueFrom = local.secret }]

    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { add = [], drop = ["ALL"] } }
    stopTimeout            = local.stop_timeout
    portMappings           = [{ name = "metrics", containerPort = local.metrics_port, hostPort = local.metrics_port, protocol = "tcp" }]

    healthCheck = {
      command     = ["CMD", "cldsync-worker", "--healthcheck"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.worker.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "worker"
        # Logs that CloudWatch takes too slowly are dropped; they never hold up the work.
        mode            = "non-blocking"
        max-buffer-size = "4m"
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_ecs_task_definition" "worker" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode([local.container])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  tags = var.tags
}

resource "aws_ecs_service" "worker" {
  name            = var.name
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.worker.arn
  desired_count   = var.min_tasks
  launch_type     = "FARGATE"

  # New workers first: the queue deals with both generations at once.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.worker.id]
    assign_public_ip = var.assign_public_ip
  }

  enable_ecs_managed_tags = true
  propagate_tags          = "SERVICE"
  tags                    = var.tags

  lifecycle {
    # Autoscaling's business after the first apply.
    ignore_changes = [desired_count]
  }

  # A task that starts before its role has its rights pauses at once.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task, aws_iam_role_policy.queue]
}

resource "aws_security_group" "worker" {
  name_prefix = "${var.name}-"
  description = "cldsync workers: out to HTTPS, in for metrics"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = var.name })

  lifecycle {
    create_before_destroy = true
  }
}

# AWS and Cloudinary, and nothing but HTTPS. Names are resolved by the VPC, past security groups.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.worker.id
  description       = "AWS and Cloudinary"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "metrics" {
  count = length(var.metrics_security_group_ids)

  security_group_id            = aws_security_group.worker.id
  description                  = "Metrics and health"
  referenced_security_group_id = var.metrics_security_group_ids[count.index]
  ip_protocol                  = "tcp"
  from_port                    = local.metrics_port
  to_port                      = local.metrics_port
  tags                         = var.tags
}
