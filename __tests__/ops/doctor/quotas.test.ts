// Answers as AWS documents them: the emulator knows the quotas of VPCs alone.
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Subject } from "../../../ops/doctor/asking-aws";
import { checkQuotas } from "../../../ops/doctor/quotas";
import { awsError, subject } from "./subject";

const quotas = mockClient(ServiceQuotasClient);
const ec2 = mockClient(EC2Client);
const elb = mockClient(ElasticLoadBalancingV2Client);
const cloudWatch = mockClient(CloudWatchClient);

const UsageMetric = {
  MetricNamespace: "AWS/Usage",
  MetricName: "ResourceCount",
  MetricDimensions: { Service: "Fargate", Type: "Resource", Resource: "vCPU", Class: "Standard/OnDemand" },
  MetricStatisticRecommendation: "Maximum",
};

beforeEach(() => {
  for (const mock of [quotas, ec2, elb, cloudWatch]) mock.reset();
  quotas.on(GetServiceQuotaCommand).resolves({ Quota: { Value: 5 } });
  quotas
    .on(GetServiceQuotaCommand, { ServiceCode: "fargate" })
    .resolves({ Quota: { Value: 6, UsageMetric } });
  ec2.on(DescribeAddressesCommand).resolves({ Addresses: [] });
  ec2.on(DescribeVpcsCommand).resolves({ Vpcs: [{ VpcId: "vpc-default" }] });
  ec2.on(DescribeSubnetsCommand).resolves({ Subnets: [] });
  ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [] });
  elb.on(DescribeLoadBalancersCommand).resolves({ LoadBalancers: [] });
  cloudWatch.on(GetMetricStatisticsCommand).resolves({ Datapoints: [{ Maximum: 1 }, { Maximum: 2.5 }] });
});

afterAll(() => {
  for (const mock of [quotas, ec2, elb, cloudWatch]) mock.restore();
});

describe("quotas", () => {
  it("are enough in an account of its own", async () => {
    const results = await checkQuotas(subject());

    expect(results.map(({ name, status }) => `${status} ${name}`)).toEqual([
      "ok quota: Elastic IP addresses",
      "ok quota: VPCs",
      "ok quota: NAT gateways in one zone",
      "ok quota: Application Load Balancers",
      "ok quota: Fargate vCPUs",
    ]);
  });

  it("are a problem where the stack needs more addresses than are left, with the command that asks for more", async () => {
    ec2.on(DescribeAddressesCommand).resolves({ Addresses: [{}, {}, {}, {}] });

    expect(await quota("Elastic IP addresses", subject())).toMatchObject({
      status: "problem",
      detail: "4 of 5 in use, and this stack takes up to 2 more.",
      remedy: expect.stringContaining("--service-code ec2 --quota-code L-0263D0A3 --desired-value 6"),
    });
    // One NAT gateway for all zones needs one address.
    expect(await quota("Elastic IP addresses", subject({ single_nat_gateway: true }))).toMatchObject({
      status: "ok",
    });
  });

  it("do not count twice what is deployed", async () => {
    ec2.on(DescribeAddressesCommand).resolves({ Addresses: [{}, {}, {}, {}, {}] });
    const deployed = ["aws_eip.nat_gateway_eips[0]", "aws_eip.nat_gateway_eips[1]"];

    expect(await quota("Elastic IP addresses", subject({}, deployed))).toMatchObject({
      status: "ok",
      detail: "5 of 5 in use.",
    });
  });

  it("count NAT gateways by zone, because AWS does", async () => {
    ec2.on(DescribeSubnetsCommand).resolves({
      Subnets: [
        { SubnetId: "a", AvailabilityZone: "us-west-2a" },
        { SubnetId: "b", AvailabilityZone: "us-west-2b" },
      ],
    });
    ec2.on(DescribeNatGatewaysCommand).resolves({
      NatGateways: [..."aaaaab"].map((SubnetId) => ({ SubnetId })),
    });

    expect(await quota("NAT gateways in one zone", subject())).toMatchObject({ status: "problem" });
    expect(await quota("NAT gateways in one zone", subject({ azs: ["us-west-2b"] }))).toMatchObject({
      status: "ok",
    });
  });

  it("of Fargate are a warning where only a rollout at full scale does not fit, by AWS's own metric", async () => {
    const tasks = { backend_cpu: 1024, backend_max_count: 4 };

    expect(await quota("Fargate vCPUs", subject(tasks))).toMatchObject({
      status: "warning",
      detail: "2.5 of 6 in use, and this stack takes up to 8 more.",
    });
    expect(await quota("Fargate vCPUs", subject({ ...tasks, backend_desired_count: 2 }))).toMatchObject({
      status: "problem",
    });
    expect(cloudWatch.commandCalls(GetMetricStatisticsCommand)[0]?.args[0].input).toMatchObject({
      Namespace: "AWS/Usage",
      Dimensions: expect.arrayContaining([{ Name: "Class", Value: "Standard/OnDemand" }]),
    });
  });

  it("of Fargate Spot are looked at where tasks run there", async () => {
    const results = await checkQuotas(subject({ use_fargate_spot: true, backend_max_count: 4 }));

    expect(results.at(-2)).toMatchObject({ detail: "2.5 of 6 in use, and this stack takes up to 0.5 more." });
    expect(results.at(-1)).toMatchObject({
      name: "quota: Fargate Spot vCPUs",
      detail: "2.5 of 6 in use, and this stack takes up to 1.5 more.",
    });
  });

  it("are AWS's defaults where the account has none of its own", async () => {
    quotas.on(GetServiceQuotaCommand).rejects(awsError("NoSuchResourceException"));
    quotas.on(GetAWSDefaultServiceQuotaCommand).resolves({ Quota: { Value: 3 } });

    expect(await quota("VPCs", subject())).toMatchObject({
      status: "ok",
      detail: expect.stringMatching(/^1 of 3 in use/),
    });
  });

  it("are skipped, with what is missing, where the credentials may not ask", async () => {
    quotas.on(GetServiceQuotaCommand).rejects(awsError("AccessDeniedException", "not authorized"));

    expect(await quota("VPCs", subject())).toMatchObject({
      status: "skipped",
      detail: expect.stringContaining("not authorized"),
    });
  });
});

async function quota(name: string, of: Subject) {
  return (await checkQuotas(of)).find((result) => result.name === `quota: ${name}`);
}
