import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { describe, expect, it } from "vitest";
import { readHcl } from "../helpers/hcl";
import { type Block, wholeStack } from "../helpers/synth";

const stack = wholeStack();
const service = stack.resource(EcsService);
const task = stack.resource(EcsTaskDefinition);
const container: Block = readHcl(task.container_definitions)[0];

describe("BackendService", () => {
  it("runs in a cluster with Container Insights, on Fargate and Fargate Spot", () => {
    expect(stack.resource(EcsCluster)).toMatchObject({
      name: "${var.app_name}-cluster",
      setting: [{ name: "containerInsights", value: "enabled" }],
    });
    expect(stack.resource(EcsClusterCapacityProviders)).toMatchObject({
      cluster_name: "${aws_ecs_cluster.app_cluster.name}",
      capacity_providers: ["FARGATE", "FARGATE_SPOT"],
    });
  });

  it("logs to the documented group, with a retention", () => {
    expect(stack.resource(CloudwatchLogGroup, "ecs_logs")).toMatchObject({
      name: "/ecs/${var.app_name}",
      retention_in_days: "${var.log_retention_in_days}",
    });
    expect(container.logConfiguration.options).toMatchObject({
      "awslogs-group": "${aws_cloudwatch_log_group.ecs_logs.name}",
      "awslogs-region": "${var.aws_region}",
    });
  });

  describe("task", () => {
    it("is a Linux task of the variables' size and architecture", () => {
      expect(task).toMatchObject({
        family: "${var.app_name}-backend",
        requires_compatibilities: ["FARGATE"],
        network_mode: "awsvpc",
        cpu: "${var.backend_cpu}",
        memory: "${var.backend_memory}",
        runtime_platform: {
          operating_system_family: "LINUX",
          cpu_architecture: "${var.backend_cpu_architecture}",
        },
      });
    });

    it("starts with one role and runs with another", () => {
      expect(task).toMatchObject({
        execution_role_arn: "${aws_iam_role.ecs_task_execution_role.arn}",
        task_role_arn: "${aws_iam_role.ecs_task_role.arn}",
      });
    });

    it("keeps its older revisions, which a rollback needs", () => {
      expect(task.skip_destroy).toBe(true);
    });

    it("runs the chosen tag of the backend's repository", () => {
      expect(container).toMatchObject({
        name: "backend",
        image: "${aws_ecr_repository.backend_repo.repository_url}:${var.backend_image_tag}",
        portMappings: [{ containerPort: "${var.backend_port}" }],
      });
    });

    it("gets the documented environment", () => {
      const environment = Object.fromEntries(
        container.environment.map(({ name, value }: Block) => [name, value]),
      );

      expect(environment).toEqual({
        CORS_ORIGINS: '${tostring(join(",", var.cors_origins))}',
        DATABASE_MAX_OVERFLOW: "${tostring(var.database_max_overflow)}",
        DATABASE_POOL_RECYCLE: "${tostring(var.database_pool_recycle)}",
        DATABASE_POOL_SIZE: "${tostring(var.database_pool_size)}",
        ENVIRONMENT: "${tostring(var.environment)}",
        // Longer than the load balancer: the other way round, some requests are answered with 502.
        UVICORN_TIMEOUT_KEEP_ALIVE: "${tostring((var.alb_idle_timeout + 5))}",
      });
    });

    it("has the documented size of the connection pool by default", () => {
      expect(stack.json.variable).toMatchObject({
        database_pool_size: { default: 5 },
        database_max_overflow: { default: 10 },
        database_pool_recycle: { default: 3600 },
      });
    });

    it("gets the documented secrets, by reference", () => {
      expect(container.secrets).toEqual([
        { name: "API_KEY", valueFrom: "${aws_secretsmanager_secret.api_key.arn}" },
        { name: "DATABASE_URL", valueFrom: "${aws_secretsmanager_secret.database_url.arn}" },
      ]);
    });

    it("gets a new revision with each version of a secret, because it reads them only at start", () => {
      const versions = container.dockerLabels["secret-versions"];

      expect(versions).toContain("aws_secretsmanager_secret_version.api_key_value.version_id");
      expect(versions).toContain("aws_secretsmanager_secret_version.database_url_value.version_id");
    });
  });

  describe("service", () => {
    it("runs the task in the private subnets, without a public address", () => {
      expect(service).toMatchObject({
        name: "${var.app_name}-backend-service",
        cluster: "${aws_ecs_cluster.app_cluster.id}",
        task_definition: "${aws_ecs_task_definition.backend_task.arn}",
        network_configuration: {
          subnets: "${aws_subnet.private_subnets[*].id}",
          security_groups: ["${aws_security_group.backend_sg.id}"],
          assign_public_ip: false,
        },
      });
    });

    it("registers its tasks with the load balancer", () => {
      expect(service.load_balancer).toEqual([
        {
          target_group_arn: "${aws_lb_target_group.backend_tg.arn}",
          container_name: container.name,
          container_port: "${var.backend_port}",
        },
      ]);
    });

    it("starts with the wanted number of tasks, and leaves it to autoscaling then", () => {
      expect(service).toMatchObject({
        desired_count: "${var.backend_desired_count}",
        lifecycle: { ignore_changes: ["desired_count"] },
      });
    });

    it("never has fewer healthy tasks while it deploys, and rolls back what does not start", () => {
      expect(service).toMatchObject({
        deployment_minimum_healthy_percent: 100,
        deployment_maximum_percent: 200,
        deployment_circuit_breaker: { enable: true, rollback: true },
        health_check_grace_period_seconds: "${var.health_check_grace_period}",
      });
    });

    it("does not wait for tasks: the first deployment has no image yet", () => {
      expect(service).not.toHaveProperty("wait_for_steady_state");
    });

    it("spreads tasks over the zones again after one failed", () => {
      expect(service.availability_zone_rebalancing).toBe("ENABLED");
    });

    it("runs on Fargate, or keeps one task there and puts the others on Spot", () => {
      const { for_each, content } = service.dynamic.capacity_provider_strategy;

      expect(service.launch_type).toBe('${var.use_fargate_spot ? null : "FARGATE"}');
      expect(for_each).toBe(
        '${[for strategy in [{ provider = "FARGATE", base = 1, weight = 0 }, { provider = "FARGATE_SPOT", base = 0, weight = 1 }] : strategy if var.use_fargate_spot]}',
      );
      expect(content).toEqual({
        capacity_provider: "${capacity_provider_strategy.value.provider}",
        base: "${capacity_provider_strategy.value.base}",
        weight: "${capacity_provider_strategy.value.weight}",
      });
    });

    it("opens a shell only where that is allowed", () => {
      expect(service.enable_execute_command).toBe("${var.enable_execute_command}");
      expect(stack.json.variable.enable_execute_command.default).toBe(false);
    });

    it("tags its tasks as it is tagged", () => {
      expect(service).toMatchObject({ enable_ecs_managed_tags: true, propagate_tags: "SERVICE" });
    });

    it("waits for all that the first task needs and nothing names", () => {
      expect([...service.depends_on].sort()).toEqual([
        "aws_ecs_cluster_capacity_providers.fargate",
        "aws_iam_role_policy.ecs_secrets_policy",
        "aws_iam_role_policy_attachment.ecs_task_execution_role_policy",
        "aws_lb_listener.app_listener",
        "aws_lb_listener.app_listener_https",
      ]);
    });
  });
});
