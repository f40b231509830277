import { describe, expect, it } from "vitest";
import { doneBefore } from "../helpers/order";
import { wholeStack } from "../helpers/synth";

// A dependency that nobody needs costs every deployment time, and no other test sees it. When one of these
// fails, ask whether what waits now has a reason to: then write it here.

const { json } = wholeStack();

const waits = new Map<string, string[]>();

/** Resources and data sources that must be there before `address`. Locals are only names for values. */
function waitsFor(address: string): string[] {
  const known = waits.get(address);
  if (known) return known;
  const found = [...doneBefore(json, address)].filter((each) => !each.startsWith("local.")).sort();
  waits.set(address, found);
  return found;
}

const resources = addressesOf(json.resource);
const dataSources = addressesOf(json.data).map((address) => `data.${address}`);

const DATABASE = "aws_db_instance.postgres";
const SERVICE = "aws_ecs_service.backend_service";
const NAT_GATEWAYS = "aws_nat_gateway.nat_gateways";
const LOAD_BALANCER = "aws_lb.app_lb";
const DISTRIBUTION = "aws_cloudfront_distribution.frontend_distribution";

const AFTER_THE_SERVICE = [
  "aws_appautoscaling_policy.backend_cpu",
  "aws_appautoscaling_policy.backend_memory",
  "aws_appautoscaling_policy.backend_requests",
  "aws_appautoscaling_target.backend",
  "aws_cloudwatch_dashboard.operations",
  "aws_cloudwatch_metric_alarm.ecs_cpu",
  "aws_cloudwatch_metric_alarm.ecs_memory",
  "aws_cloudwatch_metric_alarm.running_below_desired",
];

describe("the database", () => {
  it("is begun as soon as its network, its groups, its role and its log are there", () => {
    expect(waitsFor(DATABASE)).toEqual([
      "aws_cloudwatch_log_group.postgres_logs",
      "aws_db_parameter_group.postgres_parameters",
      "aws_db_subnet_group.db_subnet_group",
      "aws_iam_role.rds_enhanced_monitoring",
      "aws_iam_role_policy_attachment.rds_enhanced_monitoring",
      "aws_security_group.alb_sg",
      "aws_security_group.backend_sg",
      "aws_security_group.db_sg",
      "aws_subnet.private_subnets",
      "aws_vpc.time_series_vpc",
      "data.aws_availability_zones.available",
      "data.aws_caller_identity.account",
      "data.aws_partition.partition",
      "terraform_data.final_snapshot",
    ]);
  });

  it("keeps nothing waiting but the secrets with its password and address, and the tasks that read them", () => {
    expect(resources.filter((address) => waitsFor(address).includes(DATABASE))).toEqual([
      ...AFTER_THE_SERVICE,
      SERVICE,
      "aws_ecs_task_definition.backend_task",
      "aws_secretsmanager_secret_version.database_url_value",
      // Not ahead of the database, which may refuse a new password.
      "aws_secretsmanager_secret_version.db_credentials_value",
      "terraform_data.secrets_in_step",
    ]);
  });
});

describe("the service", () => {
  it("waits for what its tasks need, and nothing else", () => {
    const ofTheDatabase = waitsFor(DATABASE);

    // Not for the NAT gateways, although a task pulls its image through them: the database takes longer than
    // they do, and ECS tries again.
    expect(waitsFor(SERVICE).filter((address) => !ofTheDatabase.includes(address))).toEqual([
      "aws_cloudwatch_log_group.ecs_logs",
      DATABASE,
      "aws_ecr_repository.backend_repo",
      "aws_ecs_cluster.app_cluster",
      "aws_ecs_cluster_capacity_providers.fargate",
      "aws_ecs_task_definition.backend_task",
      "aws_iam_role.ecs_task_execution_role",
      "aws_iam_role.ecs_task_role",
      "aws_iam_role_policy.ecs_secrets_policy",
      "aws_iam_role_policy_attachment.ecs_task_execution_role_policy",
      LOAD_BALANCER,
      "aws_lb_listener.app_listener",
      "aws_lb_listener.app_listener_https",
      "aws_lb_target_group.backend_tg",
      // The load balancer checks that it may write its log when it is told to.
      "aws_s3_bucket.alb_logs",
      "aws_s3_bucket_policy.alb_logs_policy",
      "aws_s3_bucket_public_access_block.alb_logs_private",
      "aws_secretsmanager_secret.api_key",
      "aws_secretsmanager_secret.database_url",
      "aws_secretsmanager_secret_version.api_key_value",
      "aws_secretsmanager_secret_version.database_url_value",
      "aws_subnet.public_subnets",
    ]);
  });

  it("keeps only its autoscaling waiting, and what shows its metrics", () => {
    expect(resources.filter((address) => waitsFor(address).includes(SERVICE))).toEqual(AFTER_THE_SERVICE);
  });
});

describe("what takes minutes", () => {
  it.each([
    [DATABASE, []],
    [NAT_GATEWAYS, []],
    [LOAD_BALANCER, []],
    // It sends requests for /api/* to the load balancer, and must know its name.
    [DISTRIBUTION, [LOAD_BALANCER]],
  ])("%s waits for no more of its kind than %j", (address, others) => {
    const slow = [DATABASE, NAT_GATEWAYS, LOAD_BALANCER, DISTRIBUTION];

    expect(waitsFor(address).filter((each) => slow.includes(each))).toEqual(others);
  });
});

describe("data sources", () => {
  it.each(dataSources)("%s waits for no resource, so that every plan can read it", (address) => {
    expect(waitsFor(address).filter((each) => !each.startsWith("data."))).toEqual([]);
  });
});

function addressesOf(blocks: Record<string, Record<string, unknown>>): string[] {
  return Object.entries(blocks)
    .flatMap(([type, byId]) => Object.keys(byId).map((id) => `${type}.${id}`))
    .sort();
}
