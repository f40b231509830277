import { ACMClient, RequestCertificateCommand } from "@aws-sdk/client-acm";
import {
  AuthorizeSecurityGroupIngressCommand,
  EC2Client,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { strFromU8, unzipSync } from "fflate";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import contract from "../fixtures/contract.json";
import { FORGOTTEN, NEW_REVISION, reasonsToChange, type Traits } from "../../adopt/changes";
import { startDeployment, type Deployment } from "./deployment";
import { pushImage } from "./images";
import {
  actions,
  CLUSTER,
  filesThatHold,
  resourceChanges,
  secretValue,
  SERVICE,
  takeOver,
  type Action,
  type Takeover,
  type TakeoverOptions,
} from "./takeover";

// These tests prove what Terraform plans and sends over a state of the older stack. What they cannot
// prove is AWS's part: how long a change takes, whether it waits for the maintenance window, and which
// minor version RDS upgrades a database to when it is asked for a major one.

const MINUTE = 60_000;
const SECRETS = { db_password: "an#old+password", api_key: "an-old-api-key" };

interface Case extends TakeoverOptions {
  readonly traits: Traits;
}

const CASES = {
  "dev with default settings": {
    traits: { environment: "dev", https: false },
    frontend: false,
    variables: async () => SECRETS,
  },
  "prod after a year of life, with a frontend": {
    traits: { environment: "prod", https: false },
    frontend: true,
    variables: async () => ({ ...SECRETS, environment: "prod" }),
    life: aYearOfLife,
  },
  "dev with HTTPS": {
    traits: { environment: "dev", https: true },
    frontend: false,
    variables: async (aws) => {
      const { CertificateArn } = await aws
        .client(ACMClient)
        .send(new RequestCertificateCommand({ DomainName: "app.example.com", ValidationMethod: "DNS" }));
      return { ...SECRETS, enable_ssl: true, ssl_certificate_arn: CertificateArn };
    },
  },
  "dev in three zones, with ranges, ports and names of its own": {
    traits: { environment: "dev", https: false },
    frontend: false,
    variables: async () => ({
      ...SECRETS,
      azs: ["us-west-2b", "us-west-2c", "us-west-2a"],
      vpc_cidr: "172.20.0.0/16",
      public_subnet_cidrs: ["172.20.0.0/24", "172.20.1.0/24", "172.20.2.0/24"],
      private_subnet_cidrs: ["172.20.100.0/24", "172.20.101.0/24", "172.20.102.0/24"],
      backend_port: 9000,
      db_port: 6432,
      db_name: "measurements",
      db_username: "analyst",
    }),
  },
} satisfies Record<string, Case>;

type Name = keyof typeof CASES;

const deployments: Deployment[] = [];
const takeovers = new Map<string, Takeover>();

function takeover(name: Name): Takeover {
  const found = takeovers.get(name);
  if (!found) throw new Error(`${name} was not taken over`);
  return found;
}

beforeAll(async () => {
  // Each mostly waits for the provider's polling: side by side they take little longer than one.
  const results = await Promise.allSettled(
    Object.entries<Case>(CASES).map(async ([name, options]) => {
      const aws = await startDeployment();
      deployments.push(aws);
      takeovers.set(name, await takeOver(aws, options));
    }),
  );
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
}, 20 * MINUTE);

afterAll(async () => {
  await Promise.all(deployments.map((aws) => aws.remove()));
});

describe.each(Object.keys(CASES) as Name[])("a deployment in %s", (name) => {
  const { traits, frontend }: Case = CASES[name];

  it("keeps every resource: what changes does so in place, for a reason that the guide gives", () => {
    const { planJson, oldAddresses } = takeover(name);
    const planned = actions(planJson);

    expect(Object.fromEntries(oldAddresses.map((address) => [address, planned[address]]))).toEqual(
      Object.fromEntries(oldAddresses.map((address) => [address, expectedAction(address, traits)])),
    );
  });

  it("gets new resources beside the old ones, and loses none", () => {
    const { planJson, oldAddresses } = takeover(name);
    const others = [...resourceChanges(planJson)].filter(([address]) => !oldAddresses.includes(address));

    expect(others.filter(([, change]) => change.actions.join() !== "create")).toEqual([]);
    expect(others.map(([address]) => address)).toEqual(
      expect.arrayContaining(["aws_network_acl.private", ...FORGOTTEN.map((address) => `${address}_value`)]),
    );
  });

  it("has nothing left to change after apply", () => {
    expect(takeover(name).nextPlan).toMatchObject({ changes: [], outputChanges: [] });
  });

  it("has in AWS the same VPC, subnets, addresses, DNS names, ARNs and ids as before", () => {
    const { before, after } = takeover(name);

    expect(after).toEqual(before);
    expect(before.database).toHaveLength(1);
    expect(before.loadBalancer).toHaveLength(1);
    expect(before.secrets).toHaveLength(3);
    expect(before.buckets).toHaveLength(frontend ? 1 : 0);
    expect(before.distributions).toHaveLength(frontend ? 1 : 0);
  });

  it("reads back every output that scripts know", async () => {
    const { aws, before } = takeover(name);
    const outputs = await aws.terraform.outputs();
    const later = /^(frontend_s3|cloudfront)_/;

    for (const output of Object.keys(contract.outputs).filter((each) => frontend || !later.test(each))) {
      expect(outputs[output]?.value, output).toBeTruthy();
    }
    expect(outputs.vpc_id?.value).toBe(before.vpc);
    expect(outputs.load_balancer_dns?.value).toBe(before.loadBalancer[0]?.DNSName);
    expect(outputs.public_subnet_ids?.value).toHaveLength(before.subnets.length / 2);
  });

  it("has the right values in its secrets", async () => {
    const { aws, variables, before } = takeover(name);
    const username = variables.db_username ?? "postgres";
    const { Address, Port } = before.database[0]?.endpoint ?? {};

    expect(await secretValue(aws, "time-series-analyzer-api-key")).toBe(SECRETS.api_key);
    expect(JSON.parse(await secretValue(aws, "time-series-analyzer-db-credentials"))).toEqual({
      username,
      password: SECRETS.db_password,
    });
    // The older stack did not encode the password, so this one broke the URL.
    expect(await secretValue(aws, "time-series-analyzer-database-url")).toBe(
      `postgresql+asyncpg://${username}:an%23old%2Bpassword@${Address}:${Port}/${variables.db_name ?? "time_series_db"}`,
    );
  });

  it.each(Object.keys(SECRETS) as (keyof typeof SECRETS)[])(
    "has %s in no file but those of the older state, which the owner deletes",
    async (secret) => {
      const { aws } = takeover(name);

      expect(await filesThatHold(aws, SECRETS[secret])).toEqual([
        "older/terraform.tfstate",
        "terraform.time-series-analyzer.tfstate.backup",
      ]);
    },
  );

  it("has no secret in the next plan, which could be stored or printed", async () => {
    const { aws, nextPlan } = takeover(name);
    const archive = unzipSync(await readFile(nextPlan.file));
    const texts = Object.values(archive).map((bytes) => strFromU8(bytes, true));
    texts.push(JSON.stringify(await aws.terraform.show(nextPlan)));

    for (const secret of Object.values(SECRETS)) {
      expect(texts.some((text) => text.includes(secret))).toBe(false);
    }
  });

  it("runs a new revision of the task, and the old one is deregistered", async () => {
    const { aws } = takeover(name);
    const ecs = aws.client(ECSClient);
    const family = "time-series-analyzer-backend";
    const { services } = await ecs.send(
      new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }),
    );
    const { taskDefinition: older } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: `${family}:1` }),
    );
    const { taskDefinition: newer } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: services?.[0]?.taskDefinition }),
    );

    expect(newer).toMatchObject({ family, revision: 2, status: "ACTIVE" });
    expect(older).toMatchObject({ status: "INACTIVE" });
  });
});

describe("a deployment in prod after a year of life, with a frontend", () => {
  const name = "prod after a year of life, with a frontend";

  it("keeps the minor version that RDS upgraded to, and the storage that it added", async () => {
    const { DBInstances } = await takeover(name)
      .aws.client(RDSClient)
      .send(new DescribeDBInstancesCommand({}));

    expect(DBInstances).toMatchObject([
      {
        EngineVersion: "15.15",
        AllocatedStorage: 40,
        MaxAllocatedStorage: 100,
        StorageType: "gp3",
        MultiAZ: true,
        DeletionProtection: true,
      },
    ]);
  });

  it("keeps the number of tasks that somebody raised", async () => {
    const { services } = await takeover(name)
      .aws.client(ECSClient)
      .send(new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }));

    expect(services).toMatchObject([{ desiredCount: 2 }]);
  });

  it("says in the plan that the rule which somebody added to the database's group goes, and it goes", async () => {
    const { aws, planJson } = takeover(name);
    const { before, after } = resourceChanges(planJson).get("aws_security_group.db_sg") ?? {};

    expect(before?.ingress).toContainEqual(expect.objectContaining({ cidr_blocks: ["203.0.113.7/32"] }));
    expect(after?.ingress).toEqual([
      expect.objectContaining({ cidr_blocks: [], description: "From the tasks" }),
    ]);

    const { SecurityGroups } = await aws
      .client(EC2Client)
      .send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-name", Values: ["db-sg"] }] }));
    expect(SecurityGroups?.[0]?.IpPermissions).toMatchObject([{ IpRanges: [], FromPort: 5432 }]);
  });

  it("keeps the image that CI pushed", async () => {
    const { imageDetails } = await takeover(name)
      .aws.client(ECRClient)
      .send(new DescribeImagesCommand({ repositoryName: "time-series-analyzer-backend" }));

    expect(imageDetails).toMatchObject([{ imageTags: ["latest"] }]);
  });
});

describe("a deployment in dev with HTTPS", () => {
  it("serves the same certificate on the same listener, and HTTP now redirects there", async () => {
    const { aws, variables } = takeover("dev with HTTPS");
    const elb = aws.client(ElasticLoadBalancingV2Client);
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
    const { Listeners = [] } = await elb.send(
      new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
    );

    expect(Listeners.sort((a, b) => (a.Port ?? 0) - (b.Port ?? 0))).toMatchObject([
      { Port: 80, DefaultActions: [{ Type: "redirect" }] },
      {
        Port: 443,
        SslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates: [{ CertificateArn: variables.ssl_certificate_arn }],
      },
    ]);
  });
});

/** What the plan must do to a resource of the older stack. */
function expectedAction(address: string, traits: Traits): Action {
  if (FORGOTTEN.includes(address)) return { actions: ["forget"], changes: [] };
  if (NEW_REVISION.includes(address)) return { actions: ["delete", "create"], changes: [] };
  const changes = Object.keys(reasonsToChange(address, traits)).sort();
  return { actions: [changes.length > 0 ? "update" : "no-op"], changes };
}

/** RDS upgrades and grows the database, somebody raises the number of tasks and opens a port, CI pushes an image. */
async function aYearOfLife(aws: Deployment): Promise<void> {
  await aws.client(RDSClient).send(
    new ModifyDBInstanceCommand({
      DBInstanceIdentifier: "time-series-analyzer-postgres",
      EngineVersion: "15.15",
      AllocatedStorage: 40,
      ApplyImmediately: true,
    }),
  );
  await aws
    .client(ECSClient)
    .send(new UpdateServiceCommand({ cluster: CLUSTER, service: SERVICE, desiredCount: 2 }));
  const ec2 = aws.client(EC2Client);
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-name", Values: ["db-sg"] }] }),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: SecurityGroups?.[0]?.GroupId,
      IpPermissions: [
        { IpProtocol: "tcp", FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: "203.0.113.7/32" }] },
      ],
    }),
  );
  await pushImage(aws);
}
