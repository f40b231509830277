import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { ACMClient, RequestCertificateCommand } from "@aws-sdk/client-acm";
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from "@aws-sdk/client-application-auto-scaling";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  BatchGetImageCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetLifecyclePolicyCommand,
} from "@aws-sdk/client-ecr";
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
} from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import {
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import contract from "../fixtures/contract.json";
import { startDeployment, type Deployment } from "./deployment";
import { pushImage } from "./images";
import { readmeCommands } from "./readme-commands";

/** The sample of the documentation, section 1, with secrets that can be searched for. */
const SAMPLE = {
  db_password: "a#b?c%d:e[f]g+h&i=j",
  api_key: "your-api-key-for-the-application",
  aws_region: "us-west-2",
  environment: "dev",
  db_instance_class: "db.t3.micro",
  backend_desired_count: 1,
  enable_ssl: false,
  ssl_certificate_arn: "",
};

let aws: Deployment;
/** What every `terraform` command printed. No secret may be in it. */
const printed: string[] = [];
/** The values in force: each stage changes some of them, as a user edits terraform.tfvars. */
let values: Record<string, unknown> = SAMPLE;

async function apply(changes: Record<string, unknown> = {}) {
  values = { ...values, ...changes };
  await aws.terraform.apply({ variables: values });
}

beforeAll(async () => {
  aws = await startDeployment();
  await aws.terraform.init();
  await apply();
});

afterAll(async () => {
  await aws?.remove();
});

describe("the documented sample", () => {
  it("has nothing left to change after apply", async () => {
    expect(await aws.terraform.plan({ variables: values })).toMatchObject({ changes: [], outputChanges: [] });
  });

  it("reads back every documented output", async () => {
    const outputs = await aws.terraform.outputs();
    for (const name of Object.keys(contract.outputs)) {
      // A new deployment hosts no frontend until it is asked to.
      const isHosting = /^(frontend_s3_bucket|cloudfront_distribution)_/.test(name);
      expect(Boolean(outputs[name]?.value), name).toBe(!isHosting);
    }
    expect(await aws.terraform.output("backend_ecr_url")).toMatch(
      /^\d{12}\.dkr\.ecr\.us-west-2\.amazonaws\.com\/time-series-analyzer-backend$/,
    );
    expect(await aws.terraform.output("ecs_cluster_name")).toBe("time-series-analyzer-cluster");
    expect(await aws.terraform.output("ecs_service_name")).toBe("time-series-analyzer-backend-service");
    const dns = await aws.terraform.output("load_balancer_dns");
    expect(await aws.terraform.output("application_url")).toBe(`http://${dns}`);
    expect(await aws.terraform.output("health_check_url")).toBe(`http://${dns}/api/health`);
    expect(await aws.terraform.output("dashboard_url")).toBe(
      "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#dashboards/dashboard/time-series-analyzer-operations",
    );
  });

  describe("network", () => {
    it("is a VPC of 10.0.0.0/16 with two public and two private subnets over two zones", async () => {
      const ec2 = aws.client(EC2Client);
      const vpcId = await aws.terraform.output("vpc_id");
      const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
      const { Subnets = [] } = await ec2.send(
        new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] }),
      );

      expect(Vpcs).toMatchObject([{ CidrBlock: "10.0.0.0/16" }]);
      expect(
        Subnets.map((subnet) => [
          subnet.CidrBlock,
          subnet.AvailabilityZone,
          subnet.MapPublicIpOnLaunch,
        ]).sort(),
      ).toEqual([
        ["10.0.1.0/24", "us-west-2a", true],
        ["10.0.10.0/24", "us-west-2a", false],
        ["10.0.2.0/24", "us-west-2b", true],
        ["10.0.20.0/24", "us-west-2b", false],
      ]);
    });

    it("sends each private subnet to the internet through the NAT gateway of its own zone", async () => {
      const ec2 = aws.client(EC2Client);
      const { Subnets = [] } = await ec2.send(
        new DescribeSubnetsCommand({
          SubnetIds: JSON.parse(await aws.shell("terraform output -json private_subnet_ids")),
        }),
      );
      const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({}));
      const { Subnets: publicSubnets = [] } = await ec2.send(
        new DescribeSubnetsCommand({ SubnetIds: NatGateways.flatMap(({ SubnetId }) => SubnetId ?? []) }),
      );
      const zoneOfSubnet = new Map(publicSubnets.map((subnet) => [subnet.SubnetId, subnet.AvailabilityZone]));
      const zoneOfNat = new Map(NatGateways.map((nat) => [nat.NatGatewayId, zoneOfSubnet.get(nat.SubnetId)]));

      expect(NatGateways).toHaveLength(2);
      for (const subnet of Subnets) {
        const { RouteTables } = await ec2.send(
          new DescribeRouteTablesCommand({
            Filters: [{ Name: "association.subnet-id", Values: [subnet.SubnetId ?? ""] }],
          }),
        );
        const route = RouteTables?.[0]?.Routes?.find((each) => each.DestinationCidrBlock === "0.0.0.0/0");
        expect(zoneOfNat.get(route?.NatGatewayId)).toBe(subnet.AvailabilityZone);
      }
    });

    it("reaches S3 from both private route tables without a NAT gateway", async () => {
      const { VpcEndpoints = [] } = await aws.client(EC2Client).send(new DescribeVpcEndpointsCommand({}));

      expect(VpcEndpoints).toMatchObject([
        { ServiceName: "com.amazonaws.us-west-2.s3", VpcEndpointType: "Gateway" },
      ]);
      expect(VpcEndpoints[0]?.RouteTableIds).toHaveLength(2);
    });

    it("lets through the network ACLs what the application needs, and nothing else", async () => {
      const { NetworkAcls = [] } = await aws
        .client(EC2Client)
        .send(new DescribeNetworkAclsCommand({ Filters: [{ Name: "default", Values: ["false"] }] }));
      const rules = (name: string, egress: boolean) =>
        NetworkAcls.find(({ Tags }) => Tags?.some(({ Value }) => Value === `time-series-analyzer-${name}`))
          ?.Entries?.filter((entry) => entry.Egress === egress && entry.RuleAction === "allow")
          .map(
            ({ CidrBlock, PortRange, Protocol }) =>
              `${Protocol} ${CidrBlock} ${PortRange?.From}-${PortRange?.To}`,
          )
          .sort();

      expect(rules("public", false)).toEqual([
        "6 0.0.0.0/0 1024-65535",
        "6 0.0.0.0/0 443-443",
        "6 0.0.0.0/0 80-80",
        "6 10.0.0.0/16 443-443",
      ]);
      expect(rules("public", true)).toEqual([
        "6 0.0.0.0/0 1024-65535",
        "6 0.0.0.0/0 443-443",
        "6 10.0.10.0/24 8000-8000",
        "6 10.0.20.0/24 8000-8000",
      ]);
      expect(rules("private", false)).toEqual([
        "6 0.0.0.0/0 32768-65535",
        "6 10.0.1.0/24 8000-8000",
        "6 10.0.10.0/24 5432-5432",
        "6 10.0.2.0/24 8000-8000",
        "6 10.0.20.0/24 5432-5432",
      ]);
      expect(rules("private", true)).toEqual([
        "6 0.0.0.0/0 443-443",
        "6 10.0.1.0/24 1024-65535",
        "6 10.0.10.0/24 32768-65535",
        "6 10.0.10.0/24 5432-5432",
        "6 10.0.2.0/24 1024-65535",
        "6 10.0.20.0/24 32768-65535",
        "6 10.0.20.0/24 5432-5432",
      ]);
      const associated = NetworkAcls.flatMap(({ Associations = [] }) =>
        Associations.map(({ SubnetId }) => SubnetId),
      );
      expect(associated).toHaveLength(4);
    });

    it("opens the database to the tasks, the tasks to the load balancer, and that to the world", async () => {
      const ec2 = aws.client(EC2Client);
      const ids = {
        balancer: await aws.terraform.output("alb_security_group_id"),
        backend: await aws.terraform.output("backend_security_group_id"),
        database: await aws.terraform.output("database_security_group_id"),
      };
      const group = async (id: string) => {
        const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
        const side = (permissions = SecurityGroups?.[0]?.IpPermissions) =>
          permissions
            ?.flatMap(({ FromPort, ToPort, IpProtocol, IpRanges = [], UserIdGroupPairs = [] }) =>
              [
                ...IpRanges.map(({ CidrIp }) => CidrIp),
                ...UserIdGroupPairs.map(({ GroupId }) => GroupId),
              ].map((peer) => `${IpProtocol} ${FromPort}-${ToPort} ${peer}`),
            )
            .sort();
        return { ingress: side(), egress: side(SecurityGroups?.[0]?.IpPermissionsEgress) };
      };

      expect(await group(ids.balancer)).toEqual({
        ingress: ["tcp 80-80 0.0.0.0/0"],
        egress: ["tcp 8000-8000 10.0.10.0/24", "tcp 8000-8000 10.0.20.0/24"],
      });
      expect(await group(ids.backend)).toEqual({
        ingress: [`tcp 8000-8000 ${ids.balancer}`],
        egress: ["tcp 443-443 0.0.0.0/0", "tcp 5432-5432 10.0.10.0/24", "tcp 5432-5432 10.0.20.0/24"],
      });
      expect(await group(ids.database)).toEqual({ ingress: [`tcp 5432-5432 ${ids.backend}`], egress: [] });
    });

    it("leaves the VPC's default security group without a rule", async () => {
      const { SecurityGroups } = await aws.client(EC2Client).send(
        new DescribeSecurityGroupsCommand({
          Filters: [
            { Name: "group-name", Values: ["default"] },
            { Name: "vpc-id", Values: [await aws.terraform.output("vpc_id")] },
          ],
        }),
      );

      expect(SecurityGroups).toMatchObject([{ IpPermissions: [], IpPermissionsEgress: [] }]);
    });
  });

  describe("load balancer", () => {
    it("forwards HTTP to targets that answer /api/health with 200", async () => {
      const elb = aws.client(ElasticLoadBalancingV2Client);
      const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
      const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({}));
      const { Listeners } = await elb.send(
        new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
      );

      expect(LoadBalancers).toMatchObject([
        { LoadBalancerName: "time-series-analyzer-alb", Type: "application" },
      ]);
      expect(TargetGroups).toMatchObject([
        {
          TargetGroupName: "time-series-analyzer-backend-tg",
          Protocol: "HTTP",
          Port: 8000,
          TargetType: "ip",
          HealthCheckPath: "/api/health",
          HealthCheckPort: "traffic-port",
          HealthCheckProtocol: "HTTP",
          HealthCheckIntervalSeconds: 30,
          HealthCheckTimeoutSeconds: 5,
          HealthyThresholdCount: 2,
          UnhealthyThresholdCount: 2,
          Matcher: { HttpCode: "200" },
        },
      ]);
      expect(Listeners).toMatchObject([
        {
          Port: 80,
          Protocol: "HTTP",
          DefaultActions: [{ Type: "forward", TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn }],
        },
      ]);
    });

    it("drops invalid headers, and can be deleted in dev", async () => {
      const elb = aws.client(ElasticLoadBalancingV2Client);
      const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
      const { Attributes = [] } = await elb.send(
        new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
      );

      expect(Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
        "deletion_protection.enabled": "false",
        "idle_timeout.timeout_seconds": "60",
        "routing.http.drop_invalid_header_fields.enabled": "true",
      });
    });

    it("gives a stopping task five minutes to finish", async () => {
      const elb = aws.client(ElasticLoadBalancingV2Client);
      const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({}));
      const { Attributes } = await elb.send(
        new DescribeTargetGroupAttributesCommand({ TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn }),
      );

      expect(Attributes).toContainEqual({ Key: "deregistration_delay.timeout_seconds", Value: "300" });
    });
  });

  describe("service", () => {
    it("runs in a cluster with Container Insights", async () => {
      const { clusters } = await aws
        .client(ECSClient)
        .send(
          new DescribeClustersCommand({ clusters: ["time-series-analyzer-cluster"], include: ["SETTINGS"] }),
        );

      expect(clusters).toMatchObject([{ settings: [{ name: "containerInsights", value: "enabled" }] }]);
    });

    it("runs one Fargate task in the private subnets, and rolls a failed deployment back", async () => {
      const service = await describeService();

      expect(service).toMatchObject({
        serviceName: "time-series-analyzer-backend-service",
        desiredCount: 1,
        launchType: "FARGATE",
        availabilityZoneRebalancing: "ENABLED",
        healthCheckGracePeriodSeconds: 60,
        deploymentConfiguration: {
          deploymentCircuitBreaker: { enable: true, rollback: true },
          minimumHealthyPercent: 100,
          maximumPercent: 200,
        },
        loadBalancers: [{ containerName: "backend", containerPort: 8000 }],
        networkConfiguration: {
          awsvpcConfiguration: {
            assignPublicIp: "DISABLED",
            securityGroups: [await aws.terraform.output("backend_security_group_id")],
          },
        },
      });
      expect(service.networkConfiguration?.awsvpcConfiguration?.subnets?.sort()).toEqual(
        JSON.parse(await aws.shell("terraform output -json private_subnet_ids")).sort(),
      );
    });

    it("starts the container as documented: size, port, environment, secrets, log", async () => {
      const { cpu, memory, containerDefinitions } = await describeTask();
      const secret = (name: string) =>
        expect.stringMatching(`^arn:aws:secretsmanager:us-west-2:\\d{12}:secret:${name}-`);

      expect([cpu, memory]).toEqual(["256", "512"]);
      expect(containerDefinitions).toMatchObject([
        {
          name: "backend",
          image: `${await aws.terraform.output("backend_ecr_url")}:latest`,
          essential: true,
          portMappings: [{ containerPort: 8000, protocol: "tcp" }],
          environment: [
            { name: "CORS_ORIGINS", value: "*" },
            { name: "DATABASE_MAX_OVERFLOW", value: "10" },
            { name: "DATABASE_POOL_RECYCLE", value: "3600" },
            { name: "DATABASE_POOL_SIZE", value: "5" },
            { name: "ENVIRONMENT", value: "dev" },
            { name: "UVICORN_TIMEOUT_KEEP_ALIVE", value: "65" },
          ],
          secrets: [
            { name: "API_KEY", valueFrom: secret("time-series-analyzer-api-key") },
            { name: "DATABASE_URL", valueFrom: secret("time-series-analyzer-database-url") },
          ],
          logConfiguration: {
            logDriver: "awslogs",
            options: {
              "awslogs-group": "/ecs/time-series-analyzer",
              "awslogs-region": "us-west-2",
              "awslogs-stream-prefix": "ecs",
            },
          },
        },
      ]);
    });

    it("lets the execution role read exactly the secrets of the container", async () => {
      const iam = aws.client(IAMClient);
      const RoleName = "time-series-analyzer-ecs-task-execution-role";
      const { PolicyDocument = "" } = await iam.send(
        new GetRolePolicyCommand({ RoleName, PolicyName: "time-series-analyzer-ecs-secrets-policy" }),
      );
      const [statement] = JSON.parse(decodeURIComponent(PolicyDocument)).Statement;
      const { containerDefinitions } = await describeTask();
      const named = containerDefinitions?.[0]?.secrets?.map(({ valueFrom }) => valueFrom).sort();

      expect(statement).toMatchObject({ Effect: "Allow", Action: "secretsmanager:GetSecretValue" });
      expect(statement.Resource.sort()).toEqual(named);
      expect(await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).toMatchObject({
        AttachedPolicies: [{ PolicyName: "AmazonECSTaskExecutionRolePolicy" }],
      });
    });

    it("lets only ECS, in the name of this account, assume the roles of the tasks", async () => {
      for (const RoleName of [
        "time-series-analyzer-ecs-task-execution-role",
        "time-series-analyzer-ecs-task-role",
      ]) {
        const { Role } = await aws.client(IAMClient).send(new GetRoleCommand({ RoleName }));

        expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).Statement).toEqual([
          {
            Effect: "Allow",
            Principal: { Service: "ecs-tasks.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
          },
        ]);
      }
    });

    it("scales between the desired count and the profile's maximum", async () => {
      const scaling = aws.client(ApplicationAutoScalingClient);
      const { ScalableTargets } = await scaling.send(
        new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs" }),
      );
      const { ScalingPolicies = [] } = await scaling.send(
        new DescribeScalingPoliciesCommand({ ServiceNamespace: "ecs" }),
      );

      expect(ScalableTargets).toMatchObject([{ MinCapacity: 1, MaxCapacity: 2 }]);
      expect(
        ScalingPolicies.map(
          ({ TargetTrackingScalingPolicyConfiguration: tracking }) =>
            tracking?.PredefinedMetricSpecification?.PredefinedMetricType,
        ).sort(),
      ).toEqual([
        "ALBRequestCountPerTarget",
        "ECSServiceAverageCPUUtilization",
        "ECSServiceAverageMemoryUtilization",
      ]);
    });
  });

  describe("database", () => {
    it("is an encrypted, private, monitored PostgreSQL 15 with 7 days of backups", async () => {
      expect(await describeDatabase()).toMatchObject({
        DBInstanceIdentifier: "time-series-analyzer-postgres",
        Engine: "postgres",
        EngineVersion: expect.stringMatching(/^15/),
        DBInstanceClass: "db.t3.micro",
        DBName: "time_series_db",
        MasterUsername: "postgres",
        AllocatedStorage: 20,
        MaxAllocatedStorage: 100,
        StorageType: "gp3",
        StorageEncrypted: true,
        PubliclyAccessible: false,
        MultiAZ: false,
        BackupRetentionPeriod: 7,
        PreferredBackupWindow: "03:00-04:00",
        PreferredMaintenanceWindow: "sun:04:00-sun:05:00",
        AutoMinorVersionUpgrade: true,
        CopyTagsToSnapshot: true,
        DeletionProtection: false,
        IAMDatabaseAuthenticationEnabled: true,
        MonitoringInterval: 60,
        MonitoringRoleArn: expect.stringContaining("time-series-analyzer-rds-enhanced-monitoring"),
        PerformanceInsightsEnabled: true,
        EnabledCloudwatchLogsExports: ["postgresql"],
        Endpoint: { Port: 5432 },
        VpcSecurityGroups: [{ VpcSecurityGroupId: await aws.terraform.output("database_security_group_id") }],
        DBParameterGroups: [{ DBParameterGroupName: "time-series-analyzer-postgres15" }],
      });
    });

    it("lies in the private subnets", async () => {
      const { DBSubnetGroups } = await aws
        .client(RDSClient)
        .send(
          new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: "time-series-analyzer-db-subnet-group" }),
        );

      expect(DBSubnetGroups?.[0]?.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier).sort()).toEqual(
        JSON.parse(await aws.shell("terraform output -json private_subnet_ids")).sort(),
      );
    });

    it("takes only TLS connections, and logs statements of a second and more", async () => {
      const { Parameters = [] } = await aws
        .client(RDSClient)
        .send(new DescribeDBParametersCommand({ DBParameterGroupName: "time-series-analyzer-postgres15" }));

      expect(
        Object.fromEntries(Parameters.map((each) => [each.ParameterName, each.ParameterValue])),
      ).toMatchObject({
        "rds.force_ssl": "1",
        log_min_duration_statement: "1000",
        shared_preload_libraries: "pg_stat_statements",
      });
    });
  });

  describe("registry", () => {
    it("scans what is pushed to either repository", async () => {
      const { repositories } = await aws.client(ECRClient).send(new DescribeRepositoriesCommand({}));

      expect(repositories?.map(({ repositoryName }) => repositoryName).sort()).toEqual([
        "time-series-analyzer-backend",
        "time-series-analyzer-frontend",
      ]);
      for (const repository of repositories ?? []) {
        expect(repository.imageScanningConfiguration).toEqual({ scanOnPush: true });
      }
    });

    it("keeps what is deployed, what was before, 50 others, and untagged ones for 14 days", async () => {
      const { lifecyclePolicyText = "" } = await aws
        .client(ECRClient)
        .send(new GetLifecyclePolicyCommand({ repositoryName: "time-series-analyzer-backend" }));

      expect(
        JSON.parse(lifecyclePolicyText).rules.map((rule: { selection: object }) => rule.selection),
      ).toEqual([
        ...["latest", "deployed", "deployed-before"].map((tag) => ({
          tagStatus: "tagged",
          tagPatternList: [tag],
          countType: "imageCountMoreThan",
          countNumber: 1,
        })),
        { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
        { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 50 },
      ]);
    });
  });

  describe("secrets", () => {
    it("hold the user name, the password and the API key", async () => {
      expect(JSON.parse(await secretValue("time-series-analyzer-db-credentials"))).toEqual({
        username: "postgres",
        password: SAMPLE.db_password,
      });
      expect(await secretValue("time-series-analyzer-api-key")).toBe(SAMPLE.api_key);
    });

    it("hold a connection URL from which a parser reads the same values", async () => {
      const url = new URL(await secretValue("time-series-analyzer-database-url"));
      const { Endpoint } = await describeDatabase();

      expect(url.protocol).toBe("postgresql+asyncpg:");
      expect(decodeURIComponent(url.username)).toBe("postgres");
      expect(decodeURIComponent(url.password)).toBe(SAMPLE.db_password);
      expect([url.hostname, url.port]).toEqual([Endpoint?.Address, String(Endpoint?.Port)]);
      expect(url.pathname).toBe("/time_series_db");
      expect(url.search).toBe("");
    });

    it("are in no file and no output of Terraform", async () => {
      const plan = await aws.terraform.plan({ variables: { ...values, log_retention_in_days: 14 } });
      const archive = unzipSync(await readFile(plan.file));
      const texts = {
        "cdk.tf.json": await readFile(path.join(aws.directory, "cdk.tf.json"), "utf8"),
        state: await aws.state(),
        "plan as JSON": JSON.stringify(await aws.terraform.show(plan)),
        ...Object.fromEntries(
          Object.entries(archive).map(([name, bytes]) => [`plan, ${name}`, strFromU8(bytes, true)]),
        ),
        "terraform show": await aws.shell("terraform show"),
        "terraform output": await aws.shell("terraform output; terraform output -json"),
        "terraform plan": (await aws.terraform.run(["plan", "-no-color"], { variables: values })).stdout,
      };

      expect(plan.changes).not.toEqual([]);
      for (const [name, text] of Object.entries(texts)) {
        for (const secret of [SAMPLE.db_password, encodeURIComponent(SAMPLE.db_password), SAMPLE.api_key]) {
          // toContain would print the text, with the secret in it.
          expect(text.includes(secret), `${name} holds a secret`).toBe(false);
        }
      }
    });

    it("marks the outputs that lead to the database as sensitive", async () => {
      const outputs = await aws.terraform.outputs();

      expect(
        Object.keys(outputs)
          .filter((name) => outputs[name]?.sensitive)
          .sort(),
      ).toEqual([
        "api_key_secret_arn",
        "database_connection_details",
        "database_credentials_secret_arn",
        "database_endpoint",
        "database_url_secret_arn",
      ]);
    });
  });

  describe("CloudWatch", () => {
    it("keeps the logs of the application and the database for 7 days", async () => {
      const { logGroups } = await aws.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}));

      expect(logGroups?.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays])).toEqual([
        ["/aws/rds/instance/time-series-analyzer-postgres/postgresql", 7],
        ["/ecs/time-series-analyzer", 7],
      ]);
    });

    it("sends twelve alarms to one topic, when they start and when they end", async () => {
      // Those of autoscaling belong to AWS.
      const { MetricAlarms = [] } = await aws
        .client(CloudWatchClient)
        .send(new DescribeAlarmsCommand({ AlarmNamePrefix: "time-series-analyzer-" }));
      const topic = await aws.terraform.output("alarm_topic_arn");

      expect(
        MetricAlarms.map(({ AlarmName }) => AlarmName?.replace("time-series-analyzer-", "")).sort(),
      ).toEqual([
        "ecs-cpu",
        "ecs-memory",
        "latency-p95",
        "load-balancer-5xx",
        "rds-connections",
        "rds-cpu",
        "rds-cpu-credits",
        "rds-free-memory",
        "rds-free-storage",
        "running-below-desired",
        "target-5xx",
        "unhealthy-hosts",
      ]);
      for (const alarm of MetricAlarms) {
        expect(alarm).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
      }
    });

    it("has a dashboard of ten widgets", async () => {
      const { DashboardBody = "" } = await aws
        .client(CloudWatchClient)
        .send(new GetDashboardCommand({ DashboardName: "time-series-analyzer-operations" }));

      expect(JSON.parse(DashboardBody).widgets).toHaveLength(10);
    });
  });

  it("tags what it makes", async () => {
    const { Vpcs } = await aws
      .client(EC2Client)
      .send(new DescribeVpcsCommand({ VpcIds: [await aws.terraform.output("vpc_id")] }));

    expect(Object.fromEntries(Vpcs?.[0]?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? [])).toEqual({
      Name: "time-series-analyzer-vpc",
      Project: "time-series-analyzer",
      Environment: "dev",
      ManagedBy: "cdktf",
    });
  });
});

describe("the commands of the README", () => {
  it("push images, and roll them out", async () => {
    // docker itself is left out, here and there: an image by ECR's own API stands for the push.
    const output = await aws.shell(
      `docker() { if [ "$1" = login ]; then read -r password; echo "login with \${#password} characters"; fi; }
       cd() { :; }
       ${await readmeCommands("Push the images")}`,
    );
    expect(output).toMatch(/^login with \d+ characters$/m);
    await pushImage(aws);
    const pushed = new BatchGetImageCommand({
      repositoryName: "time-series-analyzer-backend",
      imageIds: [{ imageTag: "latest" }],
    });
    expect((await aws.client(ECRClient).send(pushed)).images).toHaveLength(1);

    const rollout = JSON.parse(await aws.shell(await readmeCommands("Roll them out")));
    expect(rollout.service.serviceName).toBe("time-series-analyzer-backend-service");
  });

  it("look at the service and its logs", async () => {
    const logs = aws.client(CloudWatchLogsClient);
    const stream = {
      logGroupName: "/ecs/time-series-analyzer",
      logStreamName: "ecs/backend/0123456789abcdef",
    };
    await logs.send(new CreateLogStreamCommand(stream));
    await logs.send(
      new PutLogEventsCommand({
        ...stream,
        logEvents: [{ timestamp: Date.now(), message: "Uvicorn running" }],
      }),
    );

    const commands = (await readmeCommands("Look inside")).replaceAll("<stream-name>", stream.logStreamName);
    const output = await aws.shell(commands);

    expect(output).toContain("time-series-analyzer-backend-service");
    expect(output).toContain(stream.logStreamName);
    expect(output).toContain("Uvicorn running");
  });

  it("leave nothing for Terraform to change back", async () => {
    expect((await aws.terraform.plan({ variables: values })).changes).toEqual([]);
  });
});

describe("scaling as documented", () => {
  beforeAll(() =>
    apply({
      backend_desired_count: 3,
      backend_cpu: 512,
      backend_memory: 1024,
      db_instance_class: "db.t3.small",
    }),
  );

  it("raises the floor of autoscaling to 3 tasks", async () => {
    const { ScalableTargets } = await aws
      .client(ApplicationAutoScalingClient)
      .send(new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs" }));

    expect(ScalableTargets).toMatchObject([{ MinCapacity: 3, MaxCapacity: 3 }]);
  });

  it("runs a new revision of 512 CPU units and 1024 MiB, and keeps the old one for a rollback", async () => {
    expect(await describeTask()).toMatchObject({ revision: 2, cpu: "512", memory: "1024" });
    const { taskDefinition } = await aws
      .client(ECSClient)
      .send(new DescribeTaskDefinitionCommand({ taskDefinition: "time-series-analyzer-backend:1" }));
    expect(taskDefinition?.status).toBe("ACTIVE");
  });

  it("changes the class of the same database", async () => {
    expect(await describeDatabase()).toMatchObject({
      DBInstanceIdentifier: "time-series-analyzer-postgres",
      DBInstanceClass: "db.t3.small",
    });
  });

  it("has nothing left to change after apply", async () => {
    expect((await aws.terraform.plan({ variables: values })).changes).toEqual([]);
  });
});

describe("a changed secret", () => {
  const newPassword = "another-database-password";
  const newKey = "another-api-key";

  it.each([
    ["db_password", newPassword],
    ["api_key", newKey],
  ])("in %s stops the plan and says what to set", async (name, value) => {
    const plan = aws.terraform.run(["plan", "-no-color"], {
      variables: { ...values, [name]: value },
      allowFailure: true,
    });

    const { exitCode, stdout, stderr } = await plan;
    printed.push(stdout, stderr);
    expect(exitCode).toBe(1);
    expect(stderr.replace(/\s+/g, " ")).toContain(`${name} is not the value that Secrets Manager holds`);
    expect(stderr.replace(/\s+/g, " ")).toContain(`Set ${name}_version = 2`);
    expect(printed.some((text) => text.includes(value))).toBe(false);
  });

  it("is written with its new version, reaches the database URL, and rolls the tasks", async () => {
    const { revision: before = 0 } = await describeTask();
    await apply({ db_password: newPassword, db_password_version: 2, api_key: newKey, api_key_version: 2 });

    expect(JSON.parse(await secretValue("time-series-analyzer-db-credentials")).password).toBe(newPassword);
    expect(new URL(await secretValue("time-series-analyzer-database-url")).password).toBe(newPassword);
    expect(await secretValue("time-series-analyzer-api-key")).toBe(newKey);
    expect((await describeTask()).revision).toBe(before + 1);
    expect((await describeService()).taskDefinition).toMatch(new RegExp(`:${before + 1}$`));
  });

  it("has nothing left to change after apply", async () => {
    expect((await aws.terraform.plan({ variables: values })).changes).toEqual([]);
  });
});

describe("HTTPS", () => {
  beforeAll(async () => {
    const { CertificateArn } = await aws
      .client(ACMClient)
      .send(new RequestCertificateCommand({ DomainName: "app.example.com", ValidationMethod: "DNS" }));
    await apply({ enable_ssl: true, ssl_certificate_arn: CertificateArn });
  });

  it("is served with the certificate and TLS 1.3, and port 80 redirects to it", async () => {
    const elb = aws.client(ElasticLoadBalancingV2Client);
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
    const { Listeners = [] } = await elb.send(
      new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
    );

    expect(Listeners.sort((a, b) => (a.Port ?? 0) - (b.Port ?? 0))).toMatchObject([
      {
        Port: 80,
        Protocol: "HTTP",
        DefaultActions: [
          { Type: "redirect", RedirectConfig: { Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301" } },
        ],
      },
      {
        Port: 443,
        Protocol: "HTTPS",
        SslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates: [{ CertificateArn: values.ssl_certificate_arn }],
        DefaultActions: [{ Type: "forward" }],
      },
    ]);
  });

  it("opens port 443 and changes the address of the application", async () => {
    const { SecurityGroups } = await aws.client(EC2Client).send(
      new DescribeSecurityGroupsCommand({
        GroupIds: [await aws.terraform.output("alb_security_group_id")],
      }),
    );

    expect(SecurityGroups?.[0]?.IpPermissions?.map(({ FromPort }) => FromPort).sort()).toEqual([443, 80]);
    expect(await aws.terraform.output("application_url")).toMatch(/^https:/);
  });

  it("has nothing left to change after apply", async () => {
    expect((await aws.terraform.plan({ variables: values })).changes).toEqual([]);
  });
});

describe("destroy", () => {
  beforeAll(async () => {
    // Terraform never asks for the right secrets to take things down.
    await aws.terraform.destroy({ variables: { ...values, api_key: "forgotten" } });
  });

  it("leaves nothing that was made, and nothing that bills", async () => {
    const ec2 = aws.client(EC2Client);
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
    const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
    const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({}));
    const { DBInstances } = await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}));
    const { LoadBalancers } = await aws
      .client(ElasticLoadBalancingV2Client)
      .send(new DescribeLoadBalancersCommand({}));
    const { repositories } = await aws.client(ECRClient).send(new DescribeRepositoriesCommand({}));
    const { SecretList } = await aws
      .client(SecretsManagerClient)
      .send(new ListSecretsCommand({ IncludePlannedDeletion: true }));
    const { logGroups } = await aws.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}));
    const { MetricAlarms } = await aws
      .client(CloudWatchClient)
      .send(new DescribeAlarmsCommand({ AlarmNamePrefix: "time-series-analyzer-" }));
    const { DashboardEntries } = await aws.client(CloudWatchClient).send(new ListDashboardsCommand({}));
    const { Topics = [] } = await aws.client(SNSClient).send(new ListTopicsCommand({}));
    const { Buckets = [] } = await aws.client(S3Client).send(new ListBucketsCommand({}));
    const { Roles } = await aws.client(IAMClient).send(new ListRolesCommand({}));

    expect({
      vpcs: Vpcs.filter(({ IsDefault }) => !IsDefault),
      addresses: Addresses,
      natGateways: NatGateways.filter(({ State }) => State !== "deleted"),
      databases: DBInstances,
      loadBalancers: LoadBalancers,
      repositories,
      secrets: SecretList,
      logGroups,
      alarms: MetricAlarms,
      dashboards: DashboardEntries,
      topics: Topics,
      buckets: Buckets,
      roles: Roles?.filter(({ RoleName }) => RoleName?.startsWith("time-series-analyzer")),
      state: await aws.terraform.stateList(),
    }).toEqual({
      vpcs: [],
      addresses: [],
      natGateways: [],
      databases: [],
      loadBalancers: [],
      repositories: [],
      secrets: [],
      logGroups: [],
      alarms: [],
      dashboards: [],
      topics: [],
      buckets: [],
      roles: [],
      state: [],
    });
  });

  it("leaves the revisions of the task definition, which cost nothing", async () => {
    const { taskDefinition } = await aws
      .client(ECSClient)
      .send(new DescribeTaskDefinitionCommand({ taskDefinition: "time-series-analyzer-backend" }));
    expect(taskDefinition?.status).toBe("ACTIVE");
  });

  it("leaves no plan or values behind in the stack directory but those of this test", async () => {
    expect((await readdir(aws.directory)).filter((name) => name.endsWith(".tfvars.json"))).toEqual([]);
  });
});

async function describeService() {
  const { services } = await aws.client(ECSClient).send(
    new DescribeServicesCommand({
      cluster: "time-series-analyzer-cluster",
      services: ["time-series-analyzer-backend-service"],
    }),
  );
  const [service] = services ?? [];
  if (!service) throw new Error("the service is not there");
  return service;
}

async function describeTask() {
  const { taskDefinition } = await aws
    .client(ECSClient)
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: (await describeService()).taskDefinition }));
  if (!taskDefinition) throw new Error("the task definition is not there");
  return taskDefinition;
}

async function describeDatabase() {
  const { DBInstances } = await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}));
  const [database, ...others] = DBInstances ?? [];
  if (!database || others.length > 0) throw new Error(`expected one database, found ${DBInstances?.length}`);
  return database;
}

async function secretValue(SecretId: string): Promise<string> {
  const { SecretString = "" } = await aws
    .client(SecretsManagerClient)
    .send(new GetSecretValueCommand({ SecretId }));
  return SecretString;
}
