import { copyFile, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CloudFrontClient, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { DescribeLogGroupsCommand, CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { DescribeClustersCommand, DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import type { PlanJson } from "../../local/terraform";
import { OLDER_FRONTEND, writeOlderStack } from "../helpers/older-stack";
import { type Deployment } from "./deployment";

export const CLUSTER = "time-series-analyzer-cluster";
export const SERVICE = "time-series-analyzer-backend-service";

export interface TakeoverOptions {
  /** The owner's tfvars: the older stack and this one get the same. */
  readonly variables: (aws: Deployment) => Promise<Record<string, unknown>>;
  /** Whether it is a newer one, with a frontend. */
  readonly frontend: boolean;
  /** What happened between the first apply and today, by other hands than Terraform's. */
  readonly life?: (aws: Deployment) => Promise<void>;
}

/** What is known when a deployment of the older stack has been taken over. */
export type Takeover = Awaited<ReturnType<typeof takeOver>>;

/**
 * Applies the older stack to `aws` as if years ago, puts its state where this project wants it, then
 * plans, applies and plans again.
 */
export async function takeOver(aws: Deployment, options: TakeoverOptions) {
  const variables = await options.variables(aws);
  const oldAddresses = await applyOlderStack(aws, variables, options.frontend);
  await options.life?.(aws);
  const before = await identities(aws);

  await aws.terraform.init();
  const plan = await aws.terraform.plan({ variables });
  const planJson = await aws.terraform.show(plan);
  const diagnostics = await aws.terraform.apply({ variables, plan });

  return {
    aws,
    variables,
    /** Addresses in the older stack's state. */
    oldAddresses,
    /** The plan that takes over. */
    planJson,
    /** Warnings of the apply. */
    diagnostics,
    /** Who is who in AWS, before and after. */
    before,
    after: await identities(aws),
    /** The plan after it. */
    nextPlan: await aws.terraform.plan({ variables }),
  };
}

async function applyOlderStack(
  aws: Deployment,
  variables: Record<string, unknown>,
  frontend: boolean,
): Promise<string[]> {
  const directory = path.join(aws.root, "older");
  await writeOlderStack(directory, aws.directory);
  if (frontend) await copyFile(OLDER_FRONTEND, path.join(directory, "frontend.tf.json"));
  await copyFile(
    path.join(aws.directory, "emulator_override.tf.json"),
    path.join(directory, "emulator_override.tf.json"),
  );

  const terraform = aws.terraformIn(directory);
  await terraform.init();
  await terraform.apply({ variables });
  const addresses = await terraform.stateList();
  await copyFile(
    path.join(directory, "terraform.tfstate"),
    path.join(aws.root, "terraform.time-series-analyzer.tfstate"),
  );
  return addresses.filter((address) => !address.startsWith("data."));
}

/** What a plan does to one resource. */
export interface Action {
  readonly actions: readonly string[];
  /** Attributes that an update in place changes. */
  readonly changes: readonly string[];
}

interface ResourceChange {
  readonly address: string;
  /** Where a `moved` block takes it from. */
  readonly previous_address?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Record<string, unknown> | null;
    readonly after: Record<string, unknown> | null;
    readonly after_unknown: Record<string, unknown>;
  };
}

/**
 * Everything that a plan says about resources, those that stay as they are included. By address, a
 * moved one by that in the state.
 */
export function resourceChanges(plan: PlanJson): Map<string, ResourceChange["change"]> {
  const changes = plan.resource_changes as ResourceChange[];
  return new Map(
    changes
      .filter(({ change }) => change.actions[0] !== "read")
      .map(({ address, previous_address, change }) => [previous_address ?? address, change]),
  );
}

/** What a plan does to each resource, by address. */
export function actions(plan: PlanJson): Record<string, Action> {
  const entries = [...resourceChanges(plan)].map(([address, change]) => {
    const isUpdate = change.actions[0] === "update";
    return [address, { actions: change.actions, changes: isUpdate ? changedAttributes(change) : [] }];
  });
  return Object.fromEntries(entries);
}

function changedAttributes({ before, after, after_unknown }: ResourceChange["change"]): string[] {
  const names = new Set([before, after, after_unknown].flatMap((side) => Object.keys(side ?? {})));
  return [...names]
    .filter((name) => holdsTrue(after_unknown[name]) || !isDeepStrictEqual(before?.[name], after?.[name]))
    .sort();
}

/** `after_unknown` marks what is known after apply with true, at any depth. */
function holdsTrue(unknown: unknown): boolean {
  if (typeof unknown !== "object" || unknown === null) return unknown === true;
  return Object.values(unknown).some(holdsTrue);
}

/** What makes each resource the one it is, as AWS tells it: ids, addresses, names that others know. */
async function identities(aws: Deployment) {
  const ec2 = aws.client(EC2Client);
  const elb = aws.client(ElasticLoadBalancingV2Client);
  const ecs = aws.client(ECSClient);
  const filters = { Filters: [{ Name: "is-default", Values: ["false"] }] };
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand(filters));
  const [vpc, ...others] = Vpcs.map(({ VpcId = "" }) => VpcId);
  if (!vpc || others.length > 0) throw new Error(`expected one VPC, found ${Vpcs.length}`);
  const inVpc = { Filters: [{ Name: "vpc-id", Values: [vpc] }] };

  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand(inVpc));
  const { InternetGateways = [] } = await ec2.send(
    new DescribeInternetGatewaysCommand({ Filters: [{ Name: "attachment.vpc-id", Values: [vpc] }] }),
  );
  const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({}));
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
  const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand(inVpc));
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand(inVpc));
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const { Listeners = [] } = await elb.send(
    new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn }),
  );
  const { DBInstances = [] } = await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}));
  const { SecretList = [] } = await aws.client(SecretsManagerClient).send(new ListSecretsCommand({}));
  const { repositories = [] } = await aws.client(ECRClient).send(new DescribeRepositoriesCommand({}));
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [CLUSTER] }));
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }),
  );
  const { Roles = [] } = await aws.client(IAMClient).send(new ListRolesCommand({}));
  const { logGroups = [] } = await aws.client(CloudWatchLogsClient).send(
    // Not every log group: this stack makes some more.
    new DescribeLogGroupsCommand({ logGroupNamePrefix: "/ecs/" }),
  );
  const { Buckets = [] } = await aws.client(S3Client).send(
    // Not every bucket: this stack makes some for logs.
    new ListBucketsCommand({ Prefix: "time-series-analyzer-frontend-bucket" }),
  );
  const { DistributionList } = await aws.client(CloudFrontClient).send(new ListDistributionsCommand({}));

  return {
    vpc,
    subnets: Subnets.map((each) => `${each.SubnetId} ${each.CidrBlock} ${each.AvailabilityZone}`).sort(),
    internetGateways: InternetGateways.map(({ InternetGatewayId }) => InternetGatewayId),
    natGateways: NatGateways.map(
      ({ NatGatewayId, State, NatGatewayAddresses }) =>
        `${NatGatewayId} ${State} ${NatGatewayAddresses?.[0]?.PublicIp}`,
    ).sort(),
    addresses: Addresses.map(({ AllocationId, PublicIp }) => `${AllocationId} ${PublicIp}`).sort(),
    routeTables: RouteTables.map(({ RouteTableId }) => RouteTableId).sort(),
    securityGroups: SecurityGroups.map(({ GroupId, GroupName }) => `${GroupId} ${GroupName}`).sort(),
    loadBalancer: LoadBalancers.map(({ LoadBalancerArn, DNSName }) => ({ LoadBalancerArn, DNSName })),
    targetGroups: TargetGroups.map(({ TargetGroupArn, Port }) => `${TargetGroupArn} ${Port}`),
    listeners: Listeners.map(({ ListenerArn, Port }) => `${ListenerArn} ${Port}`).sort(),
    database: DBInstances.map((each) => ({
      identifier: each.DBInstanceIdentifier,
      resourceId: each.DbiResourceId,
      endpoint: each.Endpoint,
      name: each.DBName,
      username: each.MasterUsername,
      engineVersion: each.EngineVersion,
      allocatedStorage: each.AllocatedStorage,
    })),
    secrets: SecretList.map(({ ARN }) => ARN).sort(),
    repositories: repositories.map(({ repositoryArn, repositoryUri }) => ({ repositoryArn, repositoryUri })),
    cluster: clusters.map(({ clusterArn }) => clusterArn),
    service: services.map(({ serviceArn, desiredCount }) => ({ serviceArn, desiredCount })),
    roles: Roles.filter(({ RoleName }) =>
      /-(ecs-task-execution-role|rds-enhanced-monitoring)$/.test(RoleName ?? ""),
    ).map(({ RoleId, Arn }) => `${Arn} ${RoleId}`),
    logGroups: logGroups.map(({ arn, creationTime }) => ({ arn, creationTime })),
    buckets: Buckets.map(({ Name, CreationDate }) => ({ Name, CreationDate })),
    distributions: (DistributionList?.Items ?? []).map(({ Id, DomainName }) => ({ Id, DomainName })),
  };
}

/** The value of a secret. */
export async function secretValue(aws: Deployment, SecretId: string): Promise<string> {
  const { SecretString = "" } = await aws
    .client(SecretsManagerClient)
    .send(new GetSecretValueCommand({ SecretId }));
  return SecretString;
}

/** The files of a deployment that hold a text in plain, relative to its directory. */
export async function filesThatHold(aws: Deployment, text: string): Promise<string[]> {
  const directory = aws.root;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(".terraform"))
    .map((entry) => path.join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.map(async (file) => (await readFile(file)).includes(text) && path.relative(directory, file)),
  );
  return found.filter((file) => file !== false).sort();
}
