# Without AWS: a mock provider gives ARNs of the shapes that AWS gives.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/cldsync" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/cldsync:1" }
  }
}

variables {
  image                     = "registry.example/cldsync-worker:1"
  cluster_arn               = "arn:aws:ecs:eu-central-1:111122223333:cluster/media"
  vpc_id                    = "vpc-1"
  subnet_ids                = ["subnet-1", "subnet-2"]
  queue_url                 = "https://sqs.eu-central-1.amazonaws.com/111122223333/cldsync"
  queue_name                = "cldsync"
  dead_letter_queue_url     = "https://sqs.eu-central-1.amazonaws.com/111122223333/cldsync-dead"
  worker_policy_json        = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  cloudinary_url_secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:cloudinary-AbCdEf"
  environment               = { CLDSYNC_BUCKET = "pictures" }
}

run "a_task_has_two_minutes_to_stop_and_drains_in_less" {
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].stopTimeout == 120
    error_message = "Fargate's most: 120 seconds."
  }
  assert {
    condition = anytrue([
      for v in jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].environment :
      v.name == "CLDSYNC_DRAIN_TIMEOUT" && v.value == "110s"
    ])
    error_message = "The drain ends before the task is killed."
  }
}

run "the_secret_is_named_and_never_written_down" {
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].secrets == [{ name = "CLOUDINARY_URL", valueFrom = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:cloudinary-AbCdEf" }]
    error_message = "ECS fetches it from Secrets Manager."
  }
  assert {
    condition     = !anytrue([for v in jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].environment : endswith(v.name, "CLOUDINARY_URL")])
    error_message = "It is no plain variable."
  }
}

run "a_value_inside_a_json_secret_can_be_named" {
  variables {
    cloudinary_url_secret_key = "url"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].secrets[0].valueFrom == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:cloudinary-AbCdEf:url::"
    error_message = "ECS's notation for a value inside of a secret."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "Secret"] == ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:cloudinary-AbCdEf"]
    error_message = "The right is about the secret as a whole."
  }
}

run "a_secret_as_a_plain_variable_is_refused" {
  command = plan

  variables {
    environment = { CLOUDINARY_URL = "cloudinary://key:secret@cloud" }
  }

  expect_failures = [var.environment]
}

run "a_setting_that_the_module_makes_itself_is_refused" {
  command = plan

  variables {
    environment = { CLDSYNC_DRAIN_TIMEOUT = "5m" }
  }

  expect_failures = [var.environment]
}

run "the_container_can_write_nothing_and_is_nobody" {
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].readonlyRootFilesystem
    error_message = "The root file system is read-only."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].user == "65532:65532"
    error_message = "It does not run as root."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"]
    error_message = "It has no capabilities."
  }
}

run "health_is_asked_of_the_worker_itself" {
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].healthCheck.command == ["CMD", "cldsync-worker", "--healthcheck"]
    error_message = "The image has no shell and no curl."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].portMappings[0].containerPort == 9090
    error_message = "Metrics and health are on 9090."
  }
}

run "logs_are_kept_for_a_while_and_never_block" {
  assert {
    condition     = aws_cloudwatch_log_group.worker.retention_in_days == 30
    error_message = "Logs are not kept for ever."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].logConfiguration.options.mode == "non-blocking"
    error_message = "A slow CloudWatch must not stop a worker."
  }
}

run "a_worker_may_sync_and_protect_itself" {
  assert {
    condition     = aws_iam_role_policy.queue.policy == var.worker_policy_json
    error_message = "The queue module tells what a worker needs of queues and bucket."
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.task.policy).Statement : [s.Action, s.Resource]] == [
      [["ecs:UpdateTaskProtection"], "arn:aws:ecs:eu-central-1:111122223333:task/media/*"]
    ]
    error_message = "It may protect tasks of this cluster, and nothing more."
  }
}

run "starting_a_task_needs_logs_and_one_secret" {
  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource => join(" ", sort(s.Action))
      } == {
      "arn:aws:logs:eu-central-1:111122223333:log-group:/ecs/cldsync:*"           = "logs:CreateLogStream logs:PutLogEvents"
      "arn:aws:secretsmanager:eu-central-1:111122223333:secret:cloudinary-AbCdEf" = "secretsmanager:GetSecretValue"
    }
    error_message = "The execution role's policy is exactly this."
  }
}

run "an_image_in_ecr_and_a_key_of_ones_own_are_opened_too" {
  variables {
    ecr_repository_arn = "arn:aws:ecr:eu-central-1:111122223333:repository/cldsync"
    secret_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234"
  }

  assert {
    condition     = toset([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Sid]) == toset(["Logs", "Secret", "SecretKey", "Image", "Registry"])
    error_message = "Pulling and decrypting are allowed."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Sid if s.Resource == "*"] == ["Registry"]
    error_message = "Only the call that knows no resource has none."
  }
}

run "roles_are_for_tasks_of_this_account" {
  assert {
    condition = alltrue([
      for r in [aws_iam_role.execution, aws_iam_role.task] :
      jsondecode(r.assume_role_policy).Statement[0].Condition.StringEquals == { "aws:SourceAccount" = "111122223333" }
    ])
    error_message = "ECS may not use the role for others."
  }
}

run "nobody_gets_in_unless_named" {
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.metrics) == 0
    error_message = "There is no way in."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.https.from_port == 443 && aws_vpc_security_group_egress_rule.https.to_port == 443
    error_message = "The way out is HTTPS."
  }
}

run "prometheus_gets_in_for_metrics" {
  variables {
    metrics_security_group_ids = ["sg-prometheus"]
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.metrics[0].referenced_security_group_id == "sg-prometheus" && aws_vpc_security_group_ingress_rule.metrics[0].to_port == 9090
    error_message = "Port 9090, from its group."
  }
}

run "a_deployment_that_fails_is_taken_back" {
  assert {
    condition     = aws_ecs_service.worker.deployment_circuit_breaker[0].enable && aws_ecs_service.worker.deployment_circuit_breaker[0].rollback
    error_message = "The circuit breaker rolls back."
  }
}

run "account_slots_cap_the_tasks" {
  variables {
    account_slots  = 35
    slots_per_task = 10
    max_tasks      = 50
  }

  assert {
    condition     = aws_appautoscaling_target.tasks.max_capacity == 3
    error_message = "35 slots have room for three tasks of 10."
  }
  assert {
    condition = anytrue([
      for v in jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].environment :
      v.name == "CLDSYNC_CONCURRENCY_MAX" && v.value == "10"
    ])
    error_message = "A task uses no more than its slots."
  }
  assert {
    condition = {
      for v in jsondecode(aws_ecs_task_definition.worker.container_definitions)[0].environment :
      v.name => v.value if contains(["CLDSYNC_ACCOUNT_SLOTS", "CLDSYNC_FLEET_SIZE"], v.name)
    } == { CLDSYNC_ACCOUNT_SLOTS = "35", CLDSYNC_FLEET_SIZE = "3" }
    error_message = "A task starts with its share of the account."
  }
}

run "a_small_account_still_gets_one_task" {
  variables {
    account_slots  = 5
    slots_per_task = 10
  }

  assert {
    condition     = aws_appautoscaling_target.tasks.max_capacity == 1
    error_message = "Without a task nothing is synced."
  }
}

run "fewer_tasks_than_slots_allow_may_be_asked_for" {
  variables {
    account_slots = 1000
    max_tasks     = 4
  }

  assert {
    condition     = aws_appautoscaling_target.tasks.max_capacity == 4
    error_message = "max_tasks counts too."
  }
}

run "more_tasks_than_slots_are_refused" {
  command = plan

  variables {
    min_tasks     = 3
    account_slots = 20
  }

  expect_failures = [aws_appautoscaling_target.tasks]
}

run "no_task_at_all_is_refused" {
  command = plan

  variables {
    min_tasks = 0
  }

  expect_failures = [var.min_tasks]
}

run "tasks_follow_the_backlog_of_each" {
  assert {
    condition     = [for m in aws_appautoscaling_policy.backlog.target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metrics : m.expression if m.return_data] == ["IF(running > 0, visible / running, visible)"]
    error_message = "One number is followed: messages per task."
  }
  assert {
    condition = toset(flatten([
      for m in aws_appautoscaling_policy.backlog.target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metrics :
      [for s in m.metric_stat : [for d in s.metric[0].dimensions : "${s.metric[0].metric_name} ${d.name}=${d.value}"]]
      ])) == toset([
      "ApproximateNumberOfMessagesVisible QueueName=cldsync",
      "RunningTaskCount ClusterName=media",
      "RunningTaskCount ServiceName=cldsync",
    ])
    error_message = "Of this queue and this service."
  }
}
