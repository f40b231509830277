import os from "node:os";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DataAwsVpc } from "@cdktf/provider-aws/lib/data-aws-vpc";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Testing, TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { TimeSeriesAnalyzerStack } from "../src/stack";
import contract from "./fixtures/contract.json";
import { readHcl } from "./helpers/hcl";
import { type Block, wholeStack } from "./helpers/synth";

const { json, text } = wholeStack();
const variables: Record<string, Block> = json.variable;
const outputs: Record<string, Block> = json.output;

function newStack() {
  return new TimeSeriesAnalyzerStack(Testing.app(), "time-series-analyzer", { state: { kind: "local" } });
}

/** Every text in `value` with the path that leads to it, without cdktf's own notes. */
function texts(value: unknown, path: string[] = []): { path: string; text: string }[] {
  if (typeof value === "string") {
    return [{ path: path.join("."), text: value }];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, child]) => (key === "//" ? [] : texts(child, [...path, key])));
}

/** Every IAM policy of the stack, read, by the address of what holds it. */
function policies(): { address: string; statements: Block[] }[] {
  return texts(json.resource)
    .filter(({ text }) => text.startsWith('${jsonencode({"Version"'))
    .map(({ path, text }) => ({
      address: path.split(".").slice(0, 2).join("."),
      statements: readHcl(text).Statement,
    }));
}

describe("TimeSeriesAnalyzerStack", () => {
  it("is made of these constructs", () => {
    expect(Testing.renderConstructTree(newStack())).toMatchSnapshot();
  });

  it("asks for the Terraform that has write-only arguments, and for one exact provider", () => {
    expect(json.terraform).toMatchObject({
      required_version: ">= 1.11",
      required_providers: { aws: { source: "aws", version: "5.100.0" } },
    });
    expect(Object.keys(json.terraform.required_providers)).toEqual(["aws"]);
  });

  it("works in the region of the variable and tags everything, the user's tags included", () => {
    expect(json.provider.aws).toEqual([
      {
        region: "${var.aws_region}",
        default_tags: [
          {
            tags: '${merge(var.tags, {"Project" = var.app_name, "Environment" = var.environment, "ManagedBy" = "cdktf"})}',
          },
        ],
      },
    ]);
  });

  it("lets containers read exactly the secrets that they name", () => {
    const [container] = readHcl(
      wholeStack().resource(EcsTaskDefinition).container_definitions,
    ) as unknown as Block[];
    const policy = readHcl(wholeStack().resource(IamRolePolicy, "ecs_secrets_policy").policy);
    const named = container?.secrets.map((secret: Block) => secret.valueFrom);

    expect(policy.Statement).toEqual([
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: expect.any(Array) },
    ]);
    expect([...policy.Statement[0].Resource].sort()).toEqual([...named].sort());
    expect(named).toHaveLength(2);
  });
});

describe("addresses", () => {
  it("are taken once: a second resource of the same type and id is refused", () => {
    const stack = newStack();
    new Vpc(new Construct(stack, "elsewhere"), "time_series_vpc", {});

    expect(() => Testing.synth(stack)).toThrow(
      "the address aws_vpc.time_series_vpc is taken: give one of the two constructs another id",
    );
  });

  it("are taken once: a second local of the same id is refused", () => {
    const stack = newStack();
    new TerraformLocal(new Construct(stack, "elsewhere"), "db_multi_az", true);

    expect(() => Testing.synth(stack)).toThrow("the address TerraformLocal.db_multi_az is taken");
  });

  it("may share an id between kinds: a data source is no resource", () => {
    const stack = newStack();
    new DataAwsVpc(new Construct(stack, "elsewhere"), "time_series_vpc", {});

    expect(() => Testing.synth(stack)).not.toThrow();
  });
});

describe("variables", () => {
  const elsewhere: Block = { ...json, variable: {} };
  const { locals, ...outsideLocals } = elsewhere;
  const textsElsewhere = texts(elsewhere);
  const textsOutsideLocals = texts(outsideLocals);

  it.each(Object.keys(variables))("%s has an effect", (name) => {
    const users = textsElsewhere.filter(({ text }) => new RegExp(`\\bvar\\.${name}\\b`).test(text));

    expect(users).not.toEqual([]);
  });

  it.each(Object.keys(locals).filter((name) => !name.startsWith("profile")))(
    "the setting %s reaches a resource",
    (name) => {
      const users = textsOutsideLocals.filter(({ text }) => new RegExp(`\\blocal\\.${name}\\b`).test(text));

      expect(users).not.toEqual([]);
    },
  );
});

describe("outputs", () => {
  it.each(Object.entries(outputs))("%s says what it is", (_name, { description }) => {
    expect(description).toMatch(/^[A-Z].+\.$/);
  });

  it("show addresses of the application with the scheme that it is served by", () => {
    const scheme = '${var.enable_ssl ? "https" : "http"}';

    expect(outputs.application_url?.value).toBe(`${scheme}://\${aws_lb.app_lb.dns_name}`);
    expect(outputs.health_check_url?.value).toBe(
      `${scheme}://\${aws_lb.app_lb.dns_name}\${var.health_check_path}`,
    );
  });

  it("are sensitive where they lead to the database or to a secret, and nowhere else", () => {
    const sensitive = Object.keys(outputs).filter((name) => outputs[name]?.sensitive);

    expect(sensitive.sort()).toEqual([
      "api_key_secret_arn",
      "database_connection_details",
      "database_credentials_secret_arn",
      "database_endpoint",
      "database_url_secret_arn",
    ]);
  });
});

describe("contract with existing deployments", () => {
  const { azs, ...sameDefault } = contract.variables;

  it.each(Object.entries(sameDefault))("keeps the variable %s", (name, { type, ...rest }) => {
    expect(variables[name]).toMatchObject({ type });
    if ("default" in rest) {
      expect(variables[name]?.default).toEqual(rest.default);
    } else {
      expect(variables[name]).not.toHaveProperty("default");
    }
  });

  it("keeps the variable azs, and lets the region decide where it is not set", () => {
    expect(variables.azs).toMatchObject({ type: azs.type, default: null });
  });

  /** What only some deployments have. Terraform moves the one resource of old to `[0]` by itself. */
  const OPTIONAL = [
    "aws_s3_bucket.frontend_bucket",
    "aws_s3_bucket_policy.frontend_bucket_policy",
    "aws_cloudfront_distribution.frontend_distribution",
  ];

  it.each(Object.entries(contract.outputs))("keeps the output %s", (name, { sensitive, ...rest }) => {
    expect(outputs[name]?.sensitive ?? false).toBe(sensitive);
    if ("value" in rest) {
      const [, address = "", attribute] = /^(.*)\.(\w+)$/.exec(rest.value) ?? [];
      const one = `one(${address}[*].${attribute})`;
      const value = OPTIONAL.includes(address) ? `try(coalesce(${one}), "")` : rest.value;
      expect(outputs[name]?.value).toBe(`\${${value}}`);
    }
  });

  it("keeps the parts of database_connection_details", () => {
    const of = (attribute: string) => `\${aws_db_instance.postgres.${attribute}}`;

    expect(outputs.database_connection_details?.value).toEqual({
      endpoint: of("endpoint"),
      port: of("port"),
      database: of("db_name"),
      username: of("username"),
    });
  });

  it("adds eight outputs of its own", () => {
    const added = Object.keys(outputs).filter((name) => !(name in contract.outputs));

    expect(added.sort()).toEqual([
      "alarm_topic_arn",
      "application_url",
      "aws_region",
      "dashboard_url",
      "ecs_log_group_name",
      "frontend_url",
      "health_check_url",
      "web_acl_arn",
    ]);
  });

  const NOT_HERE = [
    // Moved on purpose: see src/constructs/secret.ts.
    "aws_secretsmanager_secret_version.api_key",
    "aws_secretsmanager_secret_version.database_url",
    "aws_secretsmanager_secret_version.db_credentials",
  ];
  const keptResources = Object.entries(contract.resources).filter(([address]) => !NOT_HERE.includes(address));

  it.each(keptResources)("keeps %s with its names", (address, expected) => {
    const [type = "", id = "", index] = address.split(/[.[\]]/);
    const block = json.resource[type]?.[id];

    expect(block).toBeDefined();
    expect("count" in block).toBe(index !== undefined || OPTIONAL.includes(address));
    expect(withDefaults(block, Number(index))).toMatchObject(asTerraformGetsThem(expected));
  });

  it.each(NOT_HERE)("does not have %s", (address) => {
    const [type = "", id = ""] = address.split(".");

    expect(contract.resources).toHaveProperty([address]);
    expect(json.resource[type]?.[id]).toBeUndefined();
  });

  /** What the block is with every variable at its default. */
  function withDefaults(block: Block, index: number): Block {
    return JSON.parse(JSON.stringify(block), (_key, value) => {
      if (typeof value !== "string") return value;
      const whole = /^\$\{var\.(\w+)\}$/.exec(value)?.[1];
      if (whole) return variables[whole]?.default;
      return (
        value
          .replace("${(count.index + 1)}", String(index + 1))
          // The bucket of old has the name that an empty variable stands for.
          .replace(
            /^\$\{coalesce\(var\.frontend_bucket_name, format\("%s-frontend-bucket-%s", var\.app_name, var\.environment\)\)\}$/,
            "${var.app_name}-frontend-bucket-${var.environment}",
          )
          .replace("${data.aws_partition.partition.partition}", "aws")
          .replace(/\$\{var\.(\w+)\}/g, (_match, name) => variables[name]?.default)
      );
    });
  }

  /** A number variable in a text argument is turned into text by Terraform. */
  function asTerraformGetsThem(expected: Block): Block {
    const numbers = ["cpu", "memory"].filter((name) => name in expected);
    const { description, ...rest } = expected;
    return {
      ...rest,
      ...(description && description !== "Managed by Terraform" ? { description } : {}),
      ...Object.fromEntries(numbers.map((name) => [name, Number(expected[name])])),
    };
  }
});

describe("cdk.tf.json", () => {
  it("holds no number that is a token", () => {
    expect(text).not.toMatch(/e\+2\d\d/);
  });

  it.each(["undefined", "<unresolved-token>", "TfToken", "[object Object]", "NaN"])(
    "never says %s",
    (word) => {
      expect(text).not.toContain(word);
    },
  );

  it.each([
    ["the project's directory", process.cwd()],
    ["the home directory", os.homedir()],
    ["the directory for temporary files", os.tmpdir()],
  ])("does not know %s", (_what, directory) => {
    expect(text).not.toContain(directory);
  });

  it("holds no absolute path: only names start with a slash", () => {
    const absolute = texts(json)
      .map(({ text }) => text)
      .filter((text) => text.startsWith("/") || /^[A-Za-z]:\\/.test(text));

    expect(absolute.sort()).toEqual([
      "/api/*",
      "/api/health",
      "/api/upload-csv/",
      "/assets/*",
      "/aws/rds/instance/${var.app_name}-postgres/postgresql",
      "/ecs/${var.app_name}",
      "/static/*",
      "/vpc/${var.app_name}-flow-logs",
    ]);
  });

  it("holds no time stamp", () => {
    expect(text).not.toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d/);
    expect(text).not.toMatch(/\b1[6-9]\d{8}(\d{3})?\b/);
  });

  it("does not keep a password or key in an argument that lands in the state", () => {
    const users = texts({ resource: json.resource, output: json.output, locals: json.locals })
      .filter(({ text }) => /\bvar\.(db_password|api_key)\b/.test(text))
      .map(({ path }) => path);

    expect(users.sort()).toEqual([
      "resource.aws_db_instance.postgres.password_wo",
      "resource.aws_secretsmanager_secret_version.api_key_value.secret_string_wo",
      "resource.aws_secretsmanager_secret_version.database_url_value.secret_string_wo",
      "resource.aws_secretsmanager_secret_version.db_credentials_value.secret_string_wo",
      // Compared and forgotten.
      "resource.terraform_data.secrets_in_step.lifecycle.precondition.0.condition",
      "resource.terraform_data.secrets_in_step.lifecycle.precondition.1.condition",
    ]);
    expect(wholeStack().resource(DbInstance)).not.toHaveProperty("password");
  });
});

describe("least privilege", () => {
  it("opens these doors to every address, and no other", () => {
    const open = texts({ resource: json.resource, variable: json.variable })
      .map(({ path, text }) => `${path} ${text.split("0.0.0.0/0").length - 1}`)
      .filter((line) => !line.endsWith(" 0"));

    expect(open.sort()).toEqual([
      // No door: a frontend asks whether the variable opens one to CloudFront.
      "resource.aws_cloudfront_distribution.frontend_distribution.lifecycle.precondition.0.condition 1",
      "resource.aws_cloudfront_distribution.frontend_distribution.lifecycle.precondition.0.error_message 1",
      // Answers of the internet, by way of the NAT gateways.
      "resource.aws_network_acl.private.egress 1",
      "resource.aws_network_acl.private.ingress 1",
      "resource.aws_network_acl.public.egress 2",
      "resource.aws_network_acl.public.ingress 3",
      "resource.aws_route_table.private_rt.route.0.cidr_block 1",
      "resource.aws_route_table.public_rt.route.0.cidr_block 1",
      "resource.aws_security_group.backend_sg.egress 1",
      // Who may reach the load balancer: a variable.
      "variable.alb_ingress_cidrs.default.0 1",
    ]);
    expect(text).not.toContain("::/0");
  });

  it.each(Object.keys(wholeStack().resources(SecurityGroup)))(
    "lets a range of addresses into a security group only at the load balancer: %s",
    (id) => {
      const rules = readHcl(wholeStack().resource(SecurityGroup, id).ingress) as unknown as Block[];
      const sources = rules.map((rule) => (rule.each ?? rule).cidr_blocks);

      expect(sources).toEqual(id === "alb_sg" ? ["${var.alb_ingress_cidrs}"] : [[]]);
    },
  );

  it("allows no action on every resource, but the ones that know no resource", () => {
    const anywhere = policies().filter(({ statements }) =>
      statements.some(({ Effect, Resource }) => Effect !== "Deny" && [Resource].flat().includes("*")),
    );

    expect(anywhere.map(({ address }) => address)).toEqual([
      "aws_iam_role_policy.ecs_exec_policy",
      "aws_iam_role_policy.flow_logs_policy",
    ]);
  });

  it("allows no wildcard of actions and no wildcard of principals", () => {
    const allowed = policies()
      .flatMap(({ statements }) => statements)
      .filter(({ Effect }) => Effect === "Allow");

    expect(allowed.length).toBeGreaterThan(5);
    expect(allowed.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
    expect(JSON.stringify(allowed.map(({ Principal }) => Principal))).not.toContain("*");
  });

  it("serves AWS services only on behalf of this account", () => {
    const account = "${data.aws_caller_identity.account.account_id}";
    const serving = policies()
      .flatMap(({ statements }) => statements)
      .filter(({ Principal }) => Principal?.Service);
    const unguarded = serving.filter(
      ({ Condition }) => Condition?.StringEquals?.["aws:SourceAccount"] !== account,
    );

    expect(serving.length).toBeGreaterThanOrEqual(6);
    // Load balancers name no account, but write below their own account's path only. CloudFront names its
    // distribution.
    expect(unguarded).toMatchObject([
      {
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Resource: expect.stringContaining(`/AWSLogs/${account}/*`),
      },
      {
        Principal: { Service: "cloudfront.amazonaws.com" },
        Condition: {
          StringEquals: {
            "aws:SourceArn": "${one(aws_cloudfront_distribution.frontend_distribution[*].arn)}",
          },
        },
      },
    ]);
  });
});
