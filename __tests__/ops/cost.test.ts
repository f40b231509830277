import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Command } from "commander";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkTerraform, MissingRequirementsError } from "../../local/requirements";
import { costCommand } from "../../ops/commands/cost";
import { ALARM_METRICS, estimate, LEFT_OUT, SECRETS, WEB_ACL_RULES } from "../../ops/cost/estimate";
import { DATABASE_HOUR, GRAVITON, PRICES_OF } from "../../ops/cost/prices";
import { asMarkdown, asText } from "../../ops/cost/report";
import { readValues, type Values } from "../../ops/cost/values";
import { addGlobals } from "../../ops/globals";
import { type Block, wholeStack } from "../helpers/synth";

// Files share one cache of modules: none may come from a file that mocked others, or go to one that does not.
vi.hoisted(() => vi.resetModules());
afterAll(() => void vi.resetModules());

// The signals of this process, and the Terraform that would be asked: __tests__/rules/cost-values.test.ts asks it.
vi.mock("../../local/interruption", () => ({ abortOnInterruption: () => new AbortController().signal }));
vi.mock("../../local/requirements", async (original) => ({
  ...(await original<object>()),
  checkTerraform: vi.fn(),
}));
vi.mock("../../ops/cost/values", () => ({ readValues: vi.fn() }));

const DEV: Values = {
  environment: "dev",
  aws_region: "us-west-2",
  public_subnet_cidrs: ["10.0.1.0/24", "10.0.2.0/24"],
  single_nat_gateway: false,
  backend_desired_count: 1,
  backend_max_count: 2,
  backend_cpu: 256,
  backend_memory: 512,
  backend_cpu_architecture: "X86_64",
  use_fargate_spot: false,
  db_instance_class: "db.t3.micro",
  db_allocated_storage: 20,
  db_multi_az: false,
  enable_flow_logs: false,
  enable_waf: false,
  enable_frontend_hosting: null,
};

const PROD: Values = {
  ...DEV,
  environment: "prod",
  public_subnet_cidrs: ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"],
  backend_desired_count: 3,
  backend_max_count: 6,
  backend_cpu: 1024,
  backend_memory: 2048,
  backend_cpu_architecture: "ARM64",
  use_fargate_spot: true,
  db_instance_class: "db.m6g.large",
  db_allocated_storage: 100,
  db_multi_az: true,
  enable_flow_logs: true,
  enable_waf: true,
  enable_frontend_hosting: true,
};

const monthly = (values: Values) =>
  Object.fromEntries(estimate(values).lines.map(({ item, monthly }) => [item, monthly]));
const setting = (values: Values, name: string) =>
  estimate(values).switches.find(({ setting }) => setting.startsWith(`${name} = `));

// Every figure below is reckoned by hand.
describe("estimate", () => {
  it("of dev: two NAT gateways, one small task, one small database", () => {
    expect(monthly(DEV)).toEqual({
      "NAT gateways": 65.7, // 2 × 730 × 0.045
      "Public IPv4 addresses": 14.6, // 4 × 730 × 0.005: each gateway, and the load balancer in each zone
      "Load balancer": 16.43, // 730 × 0.0225 = 16.425
      "Fargate tasks": 9.01, // 730 × (0.25 × 0.04048 + 0.5 × 0.004445) = 9.010
      "Database instance": 13.14, // 730 × 0.018
      "Database storage": 2.3, // 20 × 0.115
      Secrets: 1.2, // 3 × 0.4
      Alarms: 1.3, // 13 × 0.1
    });
    expect(estimate(DEV)).toMatchObject({ total: 123.68, totalAtMost: 132.69 });
  });

  it("of prod: everything twice, all but one task on Spot, a firewall", () => {
    expect(monthly(PROD)).toEqual({
      "NAT gateways": 98.55, // 3 × 730 × 0.045
      "Public IPv4 addresses": 21.9, // 6 × 730 × 0.005
      "Load balancer": 16.43,
      "Fargate tasks": 28.84, // 730 × (0.03238 + 2 × 0.00356) = 28.835
      "Fargate Spot tasks": 17.3, // 2 × 28.835 × 0.3 = 17.301
      "Database instance": 232.14, // 2 × 730 × 0.159
      "Database storage": 23, // 2 × 100 × 0.115
      "Web application firewall": 12, // 5 + 7 × 1: with CloudFront before it one rule more
      Secrets: 1.2,
      Alarms: 1.2, // Without that for CPU credits
    });
    // Three Spot tasks more: 5 × 28.835 × 0.3 = 43.2525.
    expect(estimate(PROD)).toMatchObject({ total: 452.56, totalAtMost: 478.51 });
  });

  it("adds up: the total is that of the rounded lines", () => {
    for (const values of [DEV, PROD]) {
      const { lines, total } = estimate(values);
      expect(lines.reduce((cents, { monthly }) => cents + Math.round(monthly * 100), 0)).toBe(
        Math.round(total * 100),
      );
    }
  });

  it("never counts fewer tasks at most than at least: autoscaling keeps the floor", () => {
    const { total, totalAtMost } = estimate({ ...DEV, backend_desired_count: 4 });

    expect(totalAtMost).toBe(total);
  });

  it("refuses a class that it knows no price of, and says where to find it", () => {
    expect(() => estimate({ ...DEV, db_instance_class: "db.x2g.large" })).toThrow(
      "There is no price for db.x2g.large here.",
    );
  });

  it("says where its prices are not of the region", () => {
    expect(estimate(DEV).notes).toEqual([]);
    expect(estimate({ ...DEV, aws_region: "sa-east-1" }).notes).toEqual([
      "There are no prices for sa-east-1 here: these are of us-east-1 and us-west-2, and most regions cost more.",
    ]);
  });
});

describe("another setting", () => {
  it.each([
    ["single_nat_gateway", "single_nat_gateway = true", -36.5], // One gateway and one address fewer
    ["db_multi_az", "db_multi_az = true", 15.44], // 13.14 + 2.30
    ["db_instance_class", 'db_instance_class = "db.t4g.micro"', -1.46], // 730 × 0.016 = 11.68
    ["use_fargate_spot", "use_fargate_spot = true", 0], // There is but one task
    ["backend_cpu_architecture", 'backend_cpu_architecture = "ARM64"', -1.8], // 7.209
    ["backend_desired_count", "backend_desired_count = 2", 9.01],
    ["enable_waf", "enable_waf = true", 11], // 5 + 6 × 1
    ["enable_flow_logs", "enable_flow_logs = true", null],
  ])("%s, in dev", (name, written, difference) => {
    expect(setting(DEV, name)).toMatchObject({ setting: written, monthly: difference });
  });

  it.each([
    ["single_nat_gateway", "single_nat_gateway = true", -73], // Two gateways and two addresses fewer
    ["db_multi_az", "db_multi_az = false", -127.57], // 116.07 + 11.50
    ["use_fargate_spot", "use_fargate_spot = false", 40.37], // 3 × 28.835 = 86.51, instead of 46.14
    ["enable_waf", "enable_waf = false", -12],
  ])("%s, in prod", (name, written, difference) => {
    expect(setting(PROD, name)).toMatchObject({ setting: written, monthly: difference });
  });

  it("is not offered where there is none: a single zone, a class with Graviton", () => {
    expect(setting({ ...DEV, public_subnet_cidrs: ["10.0.1.0/24"] }, "single_nat_gateway")).toBeUndefined();
    expect(setting(PROD, "db_instance_class")).toBeUndefined();
  });

  it("of the class has a price: each Graviton twin of a priced class is priced", () => {
    const twins = Object.keys(DATABASE_HOUR).flatMap((name) => {
      const [, family = "", size] = name.split(".");
      return GRAVITON[family] ? [`db.${GRAVITON[family]}.${size}`] : [];
    });

    expect(twins.filter((name) => !(name in DATABASE_HOUR))).toEqual([]);
  });
});

describe("what the estimate is made of", () => {
  const stack = wholeStack();

  /** Resource types that cost by the hour or month, each with its line. */
  const IN_A_LINE: Readonly<Record<string, string>> = {
    aws_cloudwatch_metric_alarm: "Alarms",
    aws_db_instance: "Database instance",
    aws_ecs_service: "Fargate tasks",
    aws_eip: "Public IPv4 addresses",
    aws_lb: "Load balancer",
    aws_nat_gateway: "NAT gateways",
    aws_secretsmanager_secret: "Secrets",
    aws_wafv2_web_acl: "Web application firewall",
  };

  /** Those that cost by use alone, each with a word of what is said of them. */
  const BY_USE: Readonly<Record<string, RegExp>> = {
    aws_cloudfront_distribution: /CloudFront/,
    aws_cloudfront_function: /CloudFront/,
    aws_cloudwatch_dashboard: /dashboard/,
    aws_cloudwatch_log_group: /^logs/,
    aws_ecr_repository: /^images/,
    aws_ecs_cluster: /Container Insights/,
    aws_flow_log: /network/,
    aws_s3_bucket: /buckets/,
    aws_wafv2_web_acl_logging_configuration: /firewall/,
  };

  /** Those that AWS asks nothing for. */
  const FREE = [
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_cloudfront_cache_policy",
    "aws_cloudfront_origin_access_control",
    "aws_cloudfront_response_headers_policy",
    "aws_cloudwatch_log_resource_policy",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_security_group",
    "aws_ecr_lifecycle_policy",
    "aws_ecs_cluster_capacity_providers",
    "aws_ecs_task_definition",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_internet_gateway",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_network_acl",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret_version",
    "aws_security_group",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "aws_subnet",
    "aws_vpc",
    // A gateway endpoint, which is for S3.
    "aws_vpc_endpoint",
    "aws_wafv2_web_acl_association",
    "terraform_data",
  ];

  it("is every resource type of the stack: a new one must say here what it costs", () => {
    expect(Object.keys(stack.json.resource).sort()).toEqual(
      [...Object.keys(IN_A_LINE), ...Object.keys(BY_USE), ...FREE].sort(),
    );
  });

  it("has a line for each that costs by the hour or month, and a word for each that costs by use", () => {
    expect(Object.keys(monthly(PROD))).toEqual(expect.arrayContaining(Object.values(IN_A_LINE)));
    for (const word of Object.values(BY_USE)) expect(LEFT_OUT.some((each) => word.test(each))).toBe(true);
  });

  it("counts secrets, metrics of alarms and rules of the web ACL as the stack has them", () => {
    const alarms = Object.entries<Block>(stack.resources(CloudwatchMetricAlarm));
    const metrics = alarms.map(
      ([, alarm]) => (alarm.metric_query as Block[] | undefined)?.filter(({ metric }) => metric).length ?? 1,
    );
    const conditional = alarms.filter(([, { count }]) => count !== undefined).length;

    expect(Object.keys(stack.resources(SecretsmanagerSecret))).toHaveLength(SECRETS);
    expect(metrics.reduce((sum, count) => sum + count, 0) - conditional).toBe(ALARM_METRICS);
    expect(conditional).toBe(1);
    expect(stack.resource(Wafv2WebAcl).rule).toHaveLength(WEB_ACL_RULES);
  });

  it("has as many NAT gateways as the stack", () => {
    expect(stack.resource(NatGateway).count).toBe(
      "${var.single_nat_gateway ? 1 : length(var.public_subnet_cidrs)}",
    );
  });
});

describe("report", () => {
  const subject = { environment: "prod", region: "us-west-2" };

  it("is a table for people, with the date of its prices", () => {
    const text = asText(estimate(PROD), subject);

    expect(text).toContain("What a month of prod in us-west-2 costs");
    expect(text).toMatch(/│ Together +│ with the fewest tasks +│ +452\.56 │/);
    expect(text).toMatch(/│ +│ with the most tasks, all month +│ +478\.51 │/);
    expect(text).toMatch(/│ db_multi_az = false +│ +-127\.57 │/);
    expect(text).toMatch(/│ use_fargate_spot = false +│ +\+40\.37 │ The first task is never on Spot\. +│/);
    expect(text).toContain(PRICES_OF);
    for (const each of LEFT_OUT) expect(text).toContain(`- ${each}`);
  });

  it("is Markdown for a pull request, with what is long folded away", () => {
    const markdown = asMarkdown(estimate(PROD), subject);

    expect(markdown).toMatch(
      /^#### What a month of prod in us-west-2 costs\n\n\| Line \| Quantity \| \$ a month \|\n/,
    );
    expect(markdown).toContain("| **Together** | **with the fewest tasks** | **452.56** |");
    expect(markdown).toContain("| `single_nat_gateway = true` | -73.00 |  |");
    expect(markdown.match(/<details>/g)).toHaveLength(2);
  });
});

describe("cost", () => {
  const printed = vi.spyOn(console, "log");

  beforeEach(() => {
    printed.mockReset().mockReturnValue(undefined);
    vi.mocked(checkTerraform).mockResolvedValue("1.11.4");
    vi.mocked(readValues).mockReset().mockResolvedValue(PROD);
  });

  it("prints a table of the values at hand, with the files that it is given", async () => {
    await cost("--var-file", "prod.tfvars", "--var-file", "more.tfvars");

    expect(vi.mocked(readValues)).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ varFiles: ["prod.tfvars", "more.tfvars"], environment: process.env }),
    );
    expect(printed).toHaveBeenCalledExactlyOnceWith(
      asText(estimate(PROD), { environment: "prod", region: "us-west-2" }),
    );
  });

  it("prints Markdown with --markdown", async () => {
    await cost("--markdown");

    expect(printed).toHaveBeenCalledExactlyOnceWith(
      asMarkdown(estimate(PROD), { environment: "prod", region: "us-west-2" }),
    );
  });

  it("gives machines one JSON document", async () => {
    await cost("--json");

    expect(JSON.parse(String(printed.mock.calls[0]?.[0]))).toEqual({
      environment: "prod",
      region: "us-west-2",
      currency: "USD",
      pricesOf: PRICES_OF,
      pricedRegions: ["us-east-1", "us-west-2"],
      ...estimate(PROD),
      leftOut: LEFT_OUT,
    });
  });

  it("says what to install where there is no Terraform", async () => {
    vi.mocked(checkTerraform).mockRejectedValue(new MissingRequirementsError(["- Terraform"]));

    await expect(cost()).rejects.toMatchObject({ name: "Problem", exitCode: 2 });
  });
});

async function cost(...args: string[]): Promise<void> {
  await addGlobals(new Command())
    .addCommand(costCommand().exitOverride())
    .parseAsync(["cost", ...args], { from: "user" });
}
