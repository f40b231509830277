import { DATA_SOURCES, EPHEMERAL_RESOURCES, RESOURCES, WATCHING_A_ROLLOUT } from "./permissions";

/** What the policies name resources by. Values, or references that Terraform fills in. */
export interface Names {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly appName: string;
  /** Name, or pattern, of the bucket of a hosted frontend. */
  readonly frontendBucket: string;
}

/** A statement of an identity-based policy. */
export interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Statements by the name of the policy that they are in. */
export type Policies = Readonly<Record<string, readonly Statement[]>>;

/** The parts of a synthesized stack that are looked at. */
export interface StackJson {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly ephemeral?: Blocks;
}

type Blocks = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/**
 * The services of each policy. One policy for all would be longer than the 6,144 characters that IAM takes.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const POLICIES = {
  network: ["ec2"],
  service: ["ecs", "ecr", "elasticloadbalancing", "application-autoscaling"],
  data: ["rds", "secretsmanager"],
  operations: ["cloudwatch", "logs", "sns", "wafv2"],
  frontend: ["cloudfront", "s3", "tag"],
  roles: ["iam"],
} as const satisfies Record<string, readonly string[]>;

/**
 * Actions that are allowed on every resource. To AWS they know no resource, except:
 *
 * - ECS: tasks are listed by their service or who started them, while the resource is a container instance.
 * - RDS: the provider finds an instance by its resource id, and AWS then wants the right to all.
 */
export const ON_ALL_RESOURCES: ReadonlySet<string> = new Set([
  "application-autoscaling:DescribeScalableTargets",
  "application-autoscaling:DescribeScalingPolicies",
  "cloudfront:CreateCachePolicy",
  "cloudfront:CreateDistribution",
  "cloudfront:CreateFunction",
  "cloudfront:CreateOriginAccessControl",
  "cloudfront:CreateResponseHeadersPolicy",
  "ecs:DeregisterTaskDefinition",
  "ecs:DescribeTaskDefinition",
  "ecs:ListTasks",
  "elasticloadbalancing:DescribeCapacityReservation",
  "elasticloadbalancing:DescribeListenerAttributes",
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeLoadBalancerAttributes",
  "elasticloadbalancing:DescribeLoadBalancers",
  "elasticloadbalancing:DescribeRules",
  "elasticloadbalancing:DescribeTags",
  "elasticloadbalancing:DescribeTargetHealth",
  "elasticloadbalancing:DescribeTargetGroupAttributes",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:SetWebACL",
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DeleteResourcePolicy",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:PutResourcePolicy",
  "rds:DescribeDBInstances",
  "tag:GetResources",
]);

/** Services with one endpoint for all regions. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(["cloudfront"]);

/**
 * What deletes a whole part of the network. It must carry the application's `Project` tag. (Routes and
 * entries go while a table or list is updated, which may get its tag only then.)
 */
const DELETES_FROM_NETWORK = /^ec2:(Delete(?!Tags|Route$|NetworkAclEntry)|Release)/;

/** What Terraform needs to refresh and plan the stack, by name of the policy. */
export function planPolicies(stack: StackJson, names: Names): Policies {
  return policies(readActions(stack), names);
}

/**
 * What Terraform needs to plan, create, change and destroy the stack, and the workflow to follow the rollout
 * afterwards, by name of the policy.
 */
export function deployPolicies(stack: StackJson, names: Names): Policies {
  const resources = permissionsOf("resource", stack.resource, RESOURCES);
  const services = (key: "passesRoleTo" | "serviceLinkedRole") =>
    sorted(resources.flatMap((permissions) => permissions[key] ?? []));
  const attaching = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"];
  const actions = [
    ...readActions(stack),
    ...resources.flatMap(({ write }) => write),
    ...(stack.resource?.aws_ecs_service ? WATCHING_A_ROLLOUT : []),
  ];
  const { roles = [], ...others } = policies(
    actions.filter((action) => !attaching.includes(action)),
    names,
  );
  const ownRoles = scopes(names).iam;

  return {
    ...others,
    roles: [
      ...roles,
      {
        ...allow(attaching, ownRoles),
        Condition: { ArnEquals: { "iam:PolicyARN": attachedPolicies(stack, names) } },
      },
      {
        ...allow(["iam:PassRole"], ownRoles),
        Condition: { StringEquals: { "iam:PassedToService": services("passesRoleTo") } },
      },
      {
        ...allow(
          ["iam:CreateServiceLinkedRole"],
          [`arn:${names.partition}:iam::${names.accountId}:role/aws-service-role/*`],
        ),
        Condition: { StringEquals: { "iam:AWSServiceName": services("serviceLinkedRole") } },
      },
    ],
  };
}

/** A policy document, as IAM takes it. */
export function documentOf(statements: readonly Statement[]) {
  return { Version: "2012-10-17", Statement: statements };
}

/** What the names of the application's resources look like in each service. */
export function scopes({ partition, region, accountId, appName, frontendBucket }: Names) {
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  const global = (service: string, resource: string) =>
    `arn:${partition}:${service}::${accountId}:${resource}`;
  const bucket = (name: string) => [`arn:${partition}:s3:::${name}`, `arn:${partition}:s3:::${name}/*`];
  const loadBalancer = arn("elasticloadbalancing", `loadbalancer/app/${appName}-*/*`);
  return {
    // Their ids are random.
    "application-autoscaling": [arn("application-autoscaling", "scalable-target/*")],
    // All but functions have random ids.
    cloudfront: [
      ...["cache-policy", "distribution", "origin-access-control", "response-headers-policy"].map((kind) =>
        global("cloudfront", `${kind}/*`),
      ),
      global("cloudfront", `function/${appName}-*`),
    ],
    cloudwatch: [
      arn("cloudwatch", `alarm:${appName}-*`),
      arn("cloudwatch", `alarm:TargetTracking-service/${appName}-*`),
      global("cloudwatch", `dashboard/${appName}-*`),
    ],
    // What it creates has no name, and what it changes may have no tag yet.
    ec2: ["*"],
    ecr: [arn("ecr", `repository/${appName}-*`)],
    ecs: [
      arn("ecs", `cluster/${appName}-*`),
      arn("ecs", `service/${appName}-*/*`),
      arn("ecs", `service-revision/${appName}-*/*/*`),
      arn("ecs", `task/${appName}-*/*`),
      arn("ecs", `task-definition/${appName}-*:*`),
    ],
    elasticloadbalancing: [
      loadBalancer,
      arn("elasticloadbalancing", `listener/app/${appName}-*/*/*`),
      arn("elasticloadbalancing", `listener-rule/app/${appName}-*/*/*/*`),
      arn("elasticloadbalancing", `targetgroup/${appName}-*/*`),
    ],
    iam: [global("iam", `role/${appName}-*`)],
    logs: [
      arn("logs", `log-group:/ecs/${appName}*`),
      arn("logs", `log-group:/ecs/${appName}*:log-stream:*`),
      arn("logs", `log-group:/vpc/${appName}-*`),
      arn("logs", `log-group:/aws/rds/instance/${appName}-*`),
      arn("logs", `log-group:aws-waf-logs-${appName}*`),
    ],
    rds: [
      arn("rds", `db:${appName}-*`),
      arn("rds", `pg:${appName}-*`),
      arn("rds", `snapshot:${appName}-*`),
      arn("rds", `subgrp:${appName}-*`),
      // An instance without an option group of its own gets the default one.
      arn("rds", "og:default:*"),
    ],
    s3: [...bucket(`${appName}-*`), ...bucket(frontendBucket)],
    secretsmanager: [arn("secretsmanager", `secret:${appName}-*`)],
    sns: [arn("sns", `${appName}-*`)],
    tag: ["*"],
    wafv2: [
      arn("wafv2", `regional/webacl/${appName}-*/*`),
      arn("wafv2", "regional/managedruleset/*/*"),
      loadBalancer,
    ],
  } satisfies Record<Service, string[]>;
}

type Service = (typeof POLICIES)[keyof typeof POLICIES][number];

/** The statements that allow `actions`, each on the application's resources where AWS knows resources. */
function policies(actions: readonly string[], names: Names): Policies {
  const inRegion = { StringEquals: { "aws:RequestedRegion": [names.region] } };
  const tagged = { StringEquals: { ...inRegion.StringEquals, "aws:ResourceTag/Project": [names.appName] } };

  return Object.fromEntries(
    Object.entries(POLICIES).flatMap(([policy, services]) => {
      const statements = services.flatMap((service: Service): Statement[] => {
        const own = sorted(actions.filter((action) => action.startsWith(`${service}:`)));
        const [deletes, others] = divide(own, (action) => DELETES_FROM_NETWORK.test(action));
        const [onAll, scoped] = divide(others, (action) => ON_ALL_RESOURCES.has(action));
        const resources = scopes(names)[service];
        return [
          { ...allow(scoped, resources), ...(resources.includes("*") && { Condition: inRegion }) },
          { ...allow(onAll, ["*"]), ...(!GLOBAL_SERVICES.has(service) && { Condition: inRegion }) },
          { ...allow(deletes, ["*"]), Condition: tagged },
        ].filter(({ Action }) => Action.length > 0);
      });
      return statements.length > 0 ? [[policy, statements]] : [];
    }),
  );
}

function readActions({ resource, data, ephemeral }: StackJson): string[] {
  return [
    ...permissionsOf("resource", resource, RESOURCES),
    ...permissionsOf("data", data, DATA_SOURCES),
    ...permissionsOf("ephemeral", ephemeral, EPHEMERAL_RESOURCES),
  ].flatMap(({ read }) => read);
}

function permissionsOf<P>(kind: string, blocks: Blocks | undefined, table: Readonly<Record<string, P>>): P[] {
  return Object.keys(blocks ?? {}).map((type) => {
    const permissions = table[type];
    if (!permissions) {
      throw new Error(
        `bootstrap/permissions.ts does not say what ${kind} ${type} needs: add the actions that the provider calls for it`,
      );
    }
    return permissions;
  });
}

/** The managed policies that the stack attaches to its roles. */
function attachedPolicies({ resource }: StackJson, { partition }: Names): string[] {
  const attachments = Object.values(resource?.aws_iam_role_policy_attachment ?? {});
  return sorted(
    attachments.map(({ policy_arn }) =>
      String(policy_arn).replace(/\$\{data\.aws_partition\.[^}]+\}/, partition),
    ),
  );
}

function allow(actions: readonly string[], resources: readonly string[]): Statement {
  return { Effect: "Allow", Action: actions, Resource: resources };
}

function sorted(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function divide<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
