import { CloudWatchClient, GetMetricStatisticsCommand, type Statistic } from "@aws-sdk/client-cloudwatch";
import {
  DescribeAddressesCommand,
  EC2Client,
  paginateDescribeNatGateways,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
} from "@aws-sdk/client-ec2";
import {
  ElasticLoadBalancingV2Client,
  paginateDescribeLoadBalancers,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
  type ServiceQuota,
} from "@aws-sdk/client-service-quotas";
import type { State } from "../../adopt/state";
import { awsClient } from "../aws-client";
import type { EffectiveValues } from "../values";
import { askAws, type Subject } from "./asking-aws";
import type { CheckResult } from "./check-result";

/** A quota of the account in the region that the stack takes from. */
interface Quota {
  readonly name: string;
  readonly serviceCode: string;
  readonly code: string;
  /** How much of it a deployment takes, at least and at most. */
  readonly planned: (values: EffectiveValues) => { readonly least: number; readonly most: number };
  /** How much of that the deployment has already. */
  readonly deployed: (state: State, values: EffectiveValues) => number;
  /** How much of it is taken in all, or undefined where AWS's metric of the quota tells. */
  readonly used?: (subject: Subject) => Promise<number>;
}

/**
 * Codes as `aws service-quotas list-service-quotas` names them.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
 */
const QUOTAS: readonly Quota[] = [
  {
    name: "Elastic IP addresses",
    serviceCode: "ec2",
    code: "L-0263D0A3",
    planned: (values) => exactly(natGateways(values)),
    deployed: (state) => count(state, "aws_eip.nat_gateway_eips"),
    used: async ({ values, signal }) => {
      const ec2 = awsClient(EC2Client, values.aws_region);
      const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}), { abortSignal: signal });
      return Addresses.length;
    },
  },
  {
    name: "VPCs",
    serviceCode: "vpc",
    code: "L-F678F1CE",
    planned: () => exactly(1),
    deployed: (state) => count(state, "aws_vpc.time_series_vpc"),
    used: async ({ values }) =>
      total(
        paginateDescribeVpcs({ client: awsClient(EC2Client, values.aws_region) }, {}),
        ({ Vpcs = [] }) => Vpcs.length,
      ),
  },
  {
    name: "NAT gateways in one zone",
    serviceCode: "vpc",
    code: "L-FE5A380F",
    planned: () => exactly(1),
    deployed: (state) => Math.min(1, count(state, "aws_nat_gateway.nat_gateways")),
    used: natGatewaysInFullestZone,
  },
  {
    name: "Application Load Balancers",
    serviceCode: "elasticloadbalancing",
    code: "L-53DA6B97",
    planned: () => exactly(1),
    deployed: (state) => count(state, "aws_lb.app_lb"),
    used: async ({ values }) =>
      total(
        paginateDescribeLoadBalancers(
          { client: awsClient(ElasticLoadBalancingV2Client, values.aws_region) },
          {},
        ),
        ({ LoadBalancers = [] }) => LoadBalancers.filter(({ Type }) => Type === "application").length,
      ),
  },
  {
    name: "Fargate vCPUs",
    serviceCode: "fargate",
    code: "L-3032A538",
    planned: (values) => vCpus(values, onDemand),
    deployed: (state, values) =>
      count(state, "aws_ecs_service.backend_service") *
      onDemand(values.backend_desired_count, values) *
      vCpusOfTask(values),
  },
  {
    name: "Fargate Spot vCPUs",
    serviceCode: "fargate",
    code: "L-36FBB829",
    planned: (values) => vCpus(values, (tasks) => tasks - onDemand(tasks, values)),
    deployed: () => 0,
  },
];

/** Whether each quota leaves room for what the stack still has to create. */
export async function checkQuotas(subject: Subject): Promise<readonly CheckResult[]> {
  const results = await Promise.all(
    QUOTAS.filter(({ planned }) => planned(subject.values).most > 0).map((quota) =>
      askAws(`quota: ${quota.name}`, subject, () => checkQuota(quota, subject)),
    ),
  );
  return results.flat();
}

async function checkQuota(quota: Quota, subject: Subject): Promise<CheckResult> {
  const { values, state } = subject;
  const name = `quota: ${quota.name}`;
  const granted = await readQuota(quota, subject);
  if (granted?.Value === undefined) {
    return { name, status: "skipped", detail: `Service Quotas does not tell ${quota.code}.` };
  }
  const used = quota.used ? await quota.used(subject) : await usedByMetric(granted, subject);
  const deployed = state ? quota.deployed(state, values) : 0;
  const { least, most } = quota.planned(values);
  const missing = (planned: number) => used + Math.max(planned - deployed, 0) - (granted.Value ?? 0);
  const further = Math.max(most - deployed, 0);
  const detail = `${used} of ${granted.Value} in use${further > 0 ? `, and this stack takes up to ${further} more` : ""}.`;
  if (missing(most) <= 0) return { name, status: "ok", detail };
  return {
    name,
    status: missing(least) > 0 ? "problem" : "warning",
    detail,
    remedy: `Ask for a higher one, which can take days: aws service-quotas request-service-quota-increase --region ${values.aws_region} --service-code ${quota.serviceCode} --quota-code ${quota.code} --desired-value ${granted.Value + Math.ceil(missing(most))}`,
  };
}

/** The quota as it was granted to the account, or AWS's default where it was never changed. */
async function readQuota(quota: Quota, { values, signal }: Subject): Promise<ServiceQuota | undefined> {
  const client = awsClient(ServiceQuotasClient, values.aws_region);
  const input = { ServiceCode: quota.serviceCode, QuotaCode: quota.code };
  for (const command of [new GetServiceQuotaCommand(input), new GetAWSDefaultServiceQuotaCommand(input)]) {
    try {
      return (await client.send(command, { abortSignal: signal })).Quota;
    } catch (error) {
      if ((error as Error).name !== "NoSuchResourceException") throw error;
    }
  }
  return undefined;
}

/** The most that was in use in the last quarter of an hour, as AWS counts it itself. */
async function usedByMetric({ UsageMetric }: ServiceQuota, { values, signal }: Subject): Promise<number> {
  if (!UsageMetric) return 0;
  const statistic = (UsageMetric.MetricStatisticRecommendation ?? "Maximum") as Statistic;
  const now = Date.now();
  const { Datapoints = [] } = await awsClient(CloudWatchClient, values.aws_region).send(
    new GetMetricStatisticsCommand({
      Namespace: UsageMetric.MetricNamespace,
      MetricName: UsageMetric.MetricName,
      Dimensions: Object.entries(UsageMetric.MetricDimensions ?? {}).map(([Name, Value]) => ({
        Name,
        Value,
      })),
      Statistics: [statistic],
      StartTime: new Date(now - 15 * 60_000),
      EndTime: new Date(now),
      Period: 300,
    }),
    { abortSignal: signal },
  );
  return Math.max(0, ...Datapoints.map((point) => point[statistic as "Maximum"] ?? 0));
}

async function natGatewaysInFullestZone({ values }: Subject): Promise<number> {
  const client = awsClient(EC2Client, values.aws_region);
  const zones = new Map<string, string>();
  for await (const { Subnets = [] } of paginateDescribeSubnets({ client }, {})) {
    for (const { SubnetId = "", AvailabilityZone = "" } of Subnets) zones.set(SubnetId, AvailabilityZone);
  }
  const perZone = new Map<string, number>();
  const Filter = [{ Name: "state", Values: ["pending", "available", "deleting"] }];
  for await (const { NatGateways = [] } of paginateDescribeNatGateways({ client }, { Filter })) {
    for (const { SubnetId = "" } of NatGateways) {
      const zone = zones.get(SubnetId) ?? "";
      if (!values.azs || values.azs.includes(zone)) perZone.set(zone, (perZone.get(zone) ?? 0) + 1);
    }
  }
  return Math.max(0, ...perZone.values());
}

function natGateways(values: EffectiveValues): number {
  return values.single_nat_gateway ? 1 : values.public_subnet_cidrs.length;
}

/** How many of the tasks run on demand: with Spot the first one alone. */
function onDemand(tasks: number, { use_fargate_spot: spot }: EffectiveValues): number {
  return spot ? Math.min(tasks, 1) : tasks;
}

/** A rollout runs the new tasks beside the old ones: twice as many. */
function vCpus(values: EffectiveValues, share: (tasks: number, values: EffectiveValues) => number) {
  const { backend_desired_count: fewest, backend_max_count: most } = values;
  return {
    least: 2 * share(fewest, values) * vCpusOfTask(values),
    most: 2 * share(Math.max(fewest, most), values) * vCpusOfTask(values),
  };
}

function vCpusOfTask({ backend_cpu: units }: EffectiveValues): number {
  return units / 1024;
}

function exactly(amount: number) {
  return { least: amount, most: amount };
}

function count(state: State, resource: string): number {
  return state.instances.filter((instance) => instance.resource === resource).length;
}

async function total<Page>(pages: AsyncIterable<Page>, of: (page: Page) => number): Promise<number> {
  let sum = 0;
  for await (const page of pages) sum += of(page);
  return sum;
}
