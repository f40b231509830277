import { ACMClient, RequestCertificateCommand } from "@aws-sdk/client-acm";
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeFlowLogsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient } from "@aws-sdk/client-rds";
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  DescribeSecretCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { ListSubscriptionsCommand, SNSClient } from "@aws-sdk/client-sns";
import {
  GetLoggingConfigurationCommand,
  GetWebACLForResourceCommand,
  ListTagsForResourceCommand,
  ListWebACLsCommand,
  WAFV2Client,
} from "@aws-sdk/client-wafv2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDeployment, type Deployment } from "./deployment";

let aws: Deployment;
let values: Record<string, unknown>;

beforeAll(async () => {
  aws = await startDeployment();
  const { CertificateArn } = await aws
    .client(ACMClient)
    .send(new RequestCertificateCommand({ DomainName: "app.example.com", ValidationMethod: "DNS" }));
  values = {
    db_password: "a-password-of-production",
    api_key: "a-key-of-production",
    environment: "prod",
    enable_ssl: true,
    ssl_certificate_arn: CertificateArn,
    public_subnet_cidrs: ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"],
    private_subnet_cidrs: ["10.0.10.0/24", "10.0.20.0/24", "10.0.30.0/24"],
    single_nat_gateway: true,
    use_fargate_spot: true,
    enable_execute_command: true,
    backend_cpu_architecture: "ARM64",
    backend_egress_ports: [443, 587],
    db_engine_version: "15.14",
    db_monitoring_interval: 0,
    alarm_email: "on-call@example.com",
    alb_ingress_cidrs: ["203.0.113.0/24"],
    waf_rate_limit: 500,
    tags: { Team: "data" },
  };
  await aws.terraform.init();
  await aws.terraform.apply({ variables: values });
});

afterAll(async () => {
  await aws?.remove();
});

describe("production with every switch set", () => {
  it("has nothing left to change after apply", async () => {
    expect(await aws.terraform.plan({ variables: values })).toMatchObject({ changes: [], outputChanges: [] });
  });

  it("spans three zones and shares one NAT gateway", async () => {
    const ec2 = aws.client(EC2Client);
    const { Subnets = [] } = await ec2.send(
      new DescribeSubnetsCommand({
        Filters: [{ Name: "vpc-id", Values: [await aws.terraform.output("vpc_id")] }],
      }),
    );
    const { NatGateways } = await ec2.send(new DescribeNatGatewaysCommand({}));

    expect(new Set(Subnets.map((subnet) => subnet.AvailabilityZone))).toEqual(
      new Set(["us-west-2a", "us-west-2b", "us-west-2c"]),
    );
    expect(NatGateways).toHaveLength(1);
  });

  it("logs the traffic of the VPC", async () => {
    const { FlowLogs } = await aws.client(EC2Client).send(new DescribeFlowLogsCommand({}));
    const { logGroups } = await aws
      .client(CloudWatchLogsClient)
      .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/vpc/" }));

    expect(FlowLogs).toMatchObject([
      { TrafficType: "ALL", ResourceId: await aws.terraform.output("vpc_id") },
    ]);
    expect(logGroups).toMatchObject([
      { logGroupName: "/vpc/time-series-analyzer-flow-logs", retentionInDays: 7 },
    ]);
  });

  it("opens the further egress port in the security group and on the whole way through the network ACLs", async () => {
    const ec2 = aws.client(EC2Client);
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        GroupIds: [await aws.terraform.output("backend_security_group_id")],
      }),
    );
    const { NetworkAcls = [] } = await ec2.send(
      new DescribeNetworkAclsCommand({ Filters: [{ Name: "default", Values: ["false"] }] }),
    );
    const directions = NetworkAcls.flatMap(({ Entries = [], Tags = [] }) =>
      Entries.filter(({ PortRange }) => PortRange?.From === 587).map(
        ({ Egress, CidrBlock }) =>
          `${Tags.find(({ Key }) => Key === "Name")?.Value} ${Egress ? "egress" : "ingress"} ${CidrBlock}`,
      ),
    );

    expect(SecurityGroups?.[0]?.IpPermissionsEgress?.map(({ FromPort }) => FromPort)).toContain(587);
    expect(directions.sort()).toEqual([
      "time-series-analyzer-private egress 0.0.0.0/0",
      "time-series-analyzer-public egress 0.0.0.0/0",
      "time-series-analyzer-public ingress 10.0.0.0/16",
    ]);
  });

  it("protects the load balancer, lets only the given clients in, and logs their requests", async () => {
    const elb = aws.client(ElasticLoadBalancingV2Client);
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
    const { Attributes = [] } = await elb.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
    );
    const { SecurityGroups } = await aws.client(EC2Client).send(
      new DescribeSecurityGroupsCommand({
        GroupIds: [await aws.terraform.output("alb_security_group_id")],
      }),
    );

    expect(Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
      "deletion_protection.enabled": "true",
      "access_logs.s3.enabled": "true",
      "access_logs.s3.bucket": "time-series-analyzer-alb-logs-123456789012-us-west-2",
    });
    expect(
      SecurityGroups?.[0]?.IpPermissions?.flatMap(({ FromPort, IpRanges = [] }) =>
        IpRanges.map(({ CidrIp }) => `${CidrIp} ${FromPort}`),
      ).sort(),
    ).toEqual(["203.0.113.0/24 443", "203.0.113.0/24 80"]);
  });

  // The emulator keeps a web ACL and judges no request by it: what AWS's rules do is not tested here.
  it("has a firewall before the load balancer, with AWS's rules, a rate limit and a log without keys", async () => {
    const waf = aws.client(WAFV2Client);
    const elb = aws.client(ElasticLoadBalancingV2Client);
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
    const { WebACL } = await waf.send(
      new GetWebACLForResourceCommand({ ResourceArn: LoadBalancers?.[0]?.LoadBalancerArn }),
    );
    const ResourceArn = await aws.terraform.output("web_acl_arn");
    const { LoggingConfiguration } = await waf.send(new GetLoggingConfigurationCommand({ ResourceArn }));
    const { TagInfoForResource } = await waf.send(
      new ListTagsForResourceCommand({ ResourceARN: ResourceArn }),
    );
    const { logGroups } = await aws
      .client(CloudWatchLogsClient)
      .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "aws-waf-logs-" }));

    expect(WebACL).toMatchObject({ ARN: ResourceArn, DefaultAction: { Allow: {} } });
    expect(
      WebACL?.Rules?.toSorted((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0)).map(({ Name }) => Name),
    ).toEqual([
      "rate-limit",
      "AWSManagedRulesAmazonIpReputationList",
      "AWSManagedRulesKnownBadInputsRuleSet",
      "AWSManagedRulesCommonRuleSet",
      "AWSManagedRulesSQLiRuleSet",
      "bodies-of-no-upload",
    ]);
    expect(WebACL?.Rules?.find(({ Name }) => Name === "rate-limit")).toMatchObject({
      Action: { Block: {} },
      Statement: { RateBasedStatement: { Limit: 500, AggregateKeyType: "IP", EvaluationWindowSec: 300 } },
    });
    expect(WebACL?.Rules?.find(({ Name }) => Name === "AWSManagedRulesSQLiRuleSet")).toMatchObject({
      OverrideAction: { None: {} },
      Statement: {
        ManagedRuleGroupStatement: {
          RuleActionOverrides: [
            { Name: "SQLi_BODY", ActionToUse: { Count: {} } },
            { Name: "SQLiExtendedPatterns_BODY", ActionToUse: { Count: {} } },
          ],
        },
      },
    });
    expect(LoggingConfiguration).toMatchObject({
      LogDestinationConfigs: [logGroups?.[0]?.arn?.replace(/:\*$/, "")],
      LoggingFilter: { DefaultBehavior: "DROP" },
    });
    expect(
      LoggingConfiguration?.RedactedFields?.map(({ SingleHeader }) => SingleHeader?.Name).sort(),
    ).toEqual(["authorization", "cookie", "x-api-key"]);
    expect(logGroups).toMatchObject([
      { logGroupName: "aws-waf-logs-time-series-analyzer", retentionInDays: 7 },
    ]);
    expect(TagInfoForResource?.TagList).toContainEqual({ Key: "Team", Value: "data" });
  });

  it("keeps the access logs private, encrypted, and for 90 days", async () => {
    const s3 = aws.client(S3Client);
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    const Bucket = "time-series-analyzer-alb-logs-123456789012-us-west-2";
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));

    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    expect(await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(await s3.send(new GetBucketEncryptionCommand({ Bucket }))).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
    expect(await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).toMatchObject({
      Rules: [{ Status: "Enabled", Expiration: { Days: 90 } }],
    });
    expect(JSON.parse(Policy).Statement).toMatchObject([
      {
        Effect: "Allow",
        Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
        Action: "s3:PutObject",
      },
      { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
  });

  it("runs the first task on Fargate and the others on Fargate Spot, for an ARM64 image", async () => {
    const ecs = aws.client(ECSClient);
    const { services } = await ecs.send(
      new DescribeServicesCommand({
        cluster: "time-series-analyzer-cluster",
        services: ["time-series-analyzer-backend-service"],
      }),
    );
    const { taskDefinition } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: services?.[0]?.taskDefinition }),
    );
    const strategy = services?.[0]?.capacityProviderStrategy?.map(
      ({ capacityProvider, base = 0, weight = 0 }) => `${capacityProvider} base ${base} weight ${weight}`,
    );

    expect(strategy?.sort()).toEqual(["FARGATE base 1 weight 0", "FARGATE_SPOT base 0 weight 1"]);
    expect(taskDefinition?.runtimePlatform).toEqual({
      cpuArchitecture: "ARM64",
      operatingSystemFamily: "LINUX",
    });
    expect(services?.[0]?.enableExecuteCommand).toBe(true);
  });

  it("lets the task role open the channels of ECS Exec, and nothing else", async () => {
    const iam = aws.client(IAMClient);
    const RoleName = "time-series-analyzer-ecs-task-role";
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const { PolicyDocument = "" } = await iam.send(
      new GetRolePolicyCommand({ RoleName, PolicyName: PolicyNames?.[0] }),
    );

    expect(PolicyNames).toEqual(["time-series-analyzer-ecs-exec-policy"]);
    const { Action } = JSON.parse(decodeURIComponent(PolicyDocument)).Statement[0];
    expect(Action.every((action: string) => action.startsWith("ssmmessages:"))).toBe(true);
  });

  it("scales up to the profile's four tasks", async () => {
    const { ScalableTargets } = await aws
      .client(ApplicationAutoScalingClient)
      .send(new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs" }));

    expect(ScalableTargets).toMatchObject([{ MinCapacity: 1, MaxCapacity: 4 }]);
  });

  it("keeps a standby and protects the database, whose version is pinned", async () => {
    const { DBInstances } = await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}));

    expect(DBInstances).toMatchObject([
      {
        MultiAZ: true,
        DeletionProtection: true,
        EngineVersion: "15.14",
        AutoMinorVersionUpgrade: false,
        MonitoringInterval: 0,
      },
    ]);
  });

  it("mails alarms to whom it was told to", async () => {
    const { Subscriptions } = await aws.client(SNSClient).send(new ListSubscriptionsCommand({}));

    expect(Subscriptions).toMatchObject([{ Protocol: "email", Endpoint: "on-call@example.com" }]);
  });

  it("adds the user's tags to the stack's own", async () => {
    const { Tags = [] } = await aws
      .client(SecretsManagerClient)
      .send(new DescribeSecretCommand({ SecretId: "time-series-analyzer-api-key" }));

    expect(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
      Team: "data",
      Environment: "prod",
    });
  });
});

describe("taking production down", () => {
  const released = {
    db_deletion_protection: false,
    alb_deletion_protection: false,
    ecr_force_delete: true,
  };

  beforeAll(async () => {
    values = { ...values, ...released };
    await aws.terraform.apply({ variables: values });
    await aws.terraform.destroy({ variables: values });
  });

  it("keeps a final snapshot, and the secrets for 30 days", async () => {
    const { SecretList = [] } = await aws
      .client(SecretsManagerClient)
      .send(new ListSecretsCommand({ IncludePlannedDeletion: true }));

    expect(await finalSnapshots()).toHaveLength(1);
    expect(SecretList.map(({ Name }) => Name).sort()).toEqual([
      "time-series-analyzer-api-key",
      "time-series-analyzer-database-url",
      "time-series-analyzer-db-credentials",
    ]);
    for (const { DeletedDate } of SecretList) {
      expect((DeletedDate?.getTime() ?? 0) / 86_400_000 - Date.now() / 86_400_000).toBeCloseTo(30, 0);
    }
    expect(
      (await aws.client(WAFV2Client).send(new ListWebACLsCommand({ Scope: "REGIONAL" }))).WebACLs,
    ).toEqual([]);
    expect(await aws.terraform.stateList()).toEqual([]);
  });

  it("can be done again: the second database's final snapshot has a name of its own", async () => {
    const variables = values;
    await aws.terraform.run(["apply", "-auto-approve", "-target=aws_db_instance.postgres"], { variables });
    await aws.terraform.destroy({ variables });

    const names = await finalSnapshots();
    expect(new Set(names).size).toBe(2);
    for (const name of names) {
      expect(name).toMatch(/^time-series-analyzer-postgres-final-[0-9a-f]{8}$/);
    }
  });
});

async function finalSnapshots(): Promise<(string | undefined)[]> {
  const { DBSnapshots = [] } = await aws
    .client(RDSClient)
    .send(new DescribeDBSnapshotsCommand({ SnapshotType: "manual" }));
  return DBSnapshots.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier);
}
