import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeAddressesCommand, DescribeNatGatewaysCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeRepositoriesCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient } from "@aws-sdk/client-rds";
import { ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckResult } from "../../ops/doctor/check-result";
import { startDeployment, type Deployment } from "./deployment";
import { ops } from "./ops-cli";

const logsBucket = "time-series-analyzer-alb-logs-123456789012-us-west-2";

let aws: Deployment;

beforeAll(async () => {
  aws = await startDeployment();
  await writeValues();
  await aws.terraform.init();
});

afterAll(async () => {
  await aws?.remove();
});

describe("after an apply that was killed", () => {
  let found: CheckResult[];

  beforeAll(async () => {
    await applyAndKill();
    found = await unmanaged();
  });

  it("doctor names what AWS has and the state lacks, with the commands that import it", async () => {
    const lacking = ["aws_db_instance.postgres", "aws_lb.app_lb"];

    expect(await aws.terraform.stateList()).not.toEqual(expect.arrayContaining(lacking));
    expect(found.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining(lacking.map((address) => expect.stringContaining(address))),
    );
    expect(found.map(({ remedy }) => remedy)).toContain(
      "terraform import 'aws_db_instance.postgres' 'time-series-analyzer-postgres'",
    );
  });

  it("the printed commands bring it back, and the next apply succeeds", async () => {
    await runRemedies(found);

    expect(await unmanaged()).toMatchObject([{ status: "ok" }]);
    const { changes } = await aws.terraform.plan();
    const created = changes.filter(({ action }) => action === "create");
    for (const result of found) {
      expect(created.map(({ address }) => address)).not.toContain(addressOf(result));
    }
    await aws.terraform.apply();
    expect(await aws.terraform.plan()).toMatchObject({ changes: [] });
  });

  it("the same holds for every kind of resource that AWS would refuse or make a second time", async () => {
    const lost = [
      "aws_ecs_service.backend_service",
      "aws_eip.nat_gateway_eips[0]",
      "aws_iam_role.ecs_task_role",
      "aws_internet_gateway.igw",
      "aws_lb_listener.app_listener",
      "aws_nat_gateway.nat_gateways[0]",
      "aws_route_table.private_rt[0]",
      "aws_s3_bucket.alb_logs[0]",
      "aws_secretsmanager_secret.api_key",
      "aws_security_group.db_sg",
      "aws_subnet.private_subnets[1]",
      "aws_vpc.time_series_vpc",
    ];
    // An association is known by its subnet, which the plan knows only when the VPC is in the state.
    const association = "aws_route_table_association.private_rt_association[0]";
    await aws.terraform.run(["state", "rm", association, ...lost]);

    const first = await unmanaged();
    await runRemedies(first);
    const second = await unmanaged();
    await runRemedies(second);

    expect(first.map(addressOf)).toEqual(lost);
    expect(second.map(addressOf)).toEqual([association]);
    const { changes } = await aws.terraform.plan();
    expect(changes.filter(({ action }) => action === "create")).toEqual([]);
  });
});

describe("doctor on what is deployed", () => {
  beforeAll(async () => {
    const lock = { ID: "an-id", Who: "ada@laptop", Operation: "OperationTypeApply", Created: "2026-01-02" };
    const file = path.join(aws.directory, "../../../.terraform.time-series-analyzer.tfstate.lock.info");
    await writeFile(file, JSON.stringify(lock));
  });

  it("says that no task can start without an image, and who works on the state", async () => {
    const found = await checks();

    expect(found).toContainEqual({
      name: "image",
      status: "problem",
      detail: "There is no time-series-analyzer-backend:latest, so no task can start.",
      remedy: "npm run ops -- images push --backend <directory of the backend>",
    });
    expect(found).toContainEqual(
      expect.objectContaining({
        name: "state lock",
        detail: expect.stringContaining("ada@laptop holds it since 2026-01-02, for OperationTypeApply."),
      }),
    );
  });

  it("prints a line for each check, and ends with 1 because there are problems", async () => {
    await putImage("arm64");

    const { exitCode, stdout } = await ops(aws, ["doctor"]);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^ok +Terraform +1\.\d+/m);
    expect(stdout).toMatch(/^ok +credentials +.*account 123456789012\.$/m);
    expect(stdout).toMatch(/^ok +quota: VPCs +\d of 5 in use/m);
    expect(stdout).toMatch(/^problem +image +.*is for linux\/arm64, and tasks need linux\/amd64/m);
    expect(stdout).toMatch(/^\d problems?, \d warnings?\.$/m);
    expect(stdout).not.toContain("a-password-of-production");
  });
});

describe("destroy", () => {
  beforeAll(async () => {
    const s3 = aws.client(S3Client);
    await s3.send(new PutObjectCommand({ Bucket: logsBucket, Key: "AWSLogs/today", Body: "a line" }));
  });

  it("refuses to touch what is protected, says what that is, and changes nothing", async () => {
    const { exitCode, stderr } = await ops(aws, ["destroy", "--confirm", "time-series-analyzer"]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("The database refuses to be deleted.");
    expect(stderr).toContain("The load balancer refuses to be deleted.");
    expect(stderr).toContain("The repository time-series-analyzer-backend is kept while it holds images.");
    expect(stderr).toContain(`The bucket ${logsBucket} is kept while it holds files.`);
    expect(stderr).toContain("--remove-protection");
    expect(await databases()).toMatchObject([{ DeletionProtection: true }]);
  });

  it.each([
    ["nobody confirms it", []],
    ["another name is confirmed", ["--confirm", "time-series"]],
  ])("changes nothing when %s, and has said what would be lost and what would stay", async (_, args) => {
    const { exitCode, stdout, stderr } = await ops(aws, ["destroy", "--remove-protection", ...args]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain("nothing was done");
    expect(stdout).toContain(
      "the database time-series-analyzer-postgres (20 GiB), except for its last snapshot",
    );
    expect(stdout).toContain("1 image in time-series-analyzer-backend");
    expect(stdout).toContain(`1 file in ${logsBucket}`);
    expect(stdout).toMatch(
      /database snapshot time-series-analyzer-postgres-final-[0-9a-f]{8}: billed every month/,
    );
    expect(stdout).toMatch(/secret time-series-analyzer-api-key: can be restored until \d{4}-\d\d-\d\d/);
    expect(await databases()).toMatchObject([{ DeletionProtection: true }]);
  });

  it("leaves nothing that bills when told twice, and says what stays", async () => {
    const { exitCode, stdout, stderr } = await ops(aws, [
      "destroy",
      "--remove-protection",
      "--confirm",
      "time-series-analyzer",
    ]);

    expect(stderr).not.toContain("Error");
    expect(stdout).toContain("time-series-analyzer is destroyed.");
    expect(stdout).toContain("AWS has nothing of it that bills by the hour.");
    expect(exitCode).toBe(0);
    expect(await aws.terraform.stateList()).toEqual([]);
    expect(await databases()).toEqual([]);
    const { DBSnapshots = [] } = await aws
      .client(RDSClient)
      .send(new DescribeDBSnapshotsCommand({ SnapshotType: "manual" }));
    expect(stdout).toContain(`the database snapshot ${DBSnapshots[0]?.DBSnapshotIdentifier}: billed`);
    const ec2 = aws.client(EC2Client);
    expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses).toEqual([]);
    const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({}));
    expect(NatGateways.filter(({ State }) => State !== "deleted")).toEqual([]);
    const elb = aws.client(ElasticLoadBalancingV2Client);
    expect((await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
    const { repositories } = await aws.client(ECRClient).send(new DescribeRepositoriesCommand({}));
    expect(repositories).toEqual([]);
    expect((await aws.client(S3Client).send(new ListBucketsCommand({}))).Buckets).toEqual([]);
  });

  it("can be run again, and then says that nothing is left", async () => {
    const { exitCode, stdout } = await ops(aws, ["destroy"]);

    expect(stdout).toContain("The state holds nothing of time-series-analyzer.");
    expect(stdout).toContain("AWS has nothing of it that bills by the hour.");
    expect(exitCode).toBe(0);
  });

  it("lets doctor find the secrets whose names are still taken", async () => {
    const taken = (await unmanaged()).filter(({ detail }) => detail.includes("aws_secretsmanager_secret"));

    expect(taken).toHaveLength(3);
    expect(taken[0]?.remedy).toContain("aws secretsmanager restore-secret --region us-west-2 --secret-id");
  });
});

/** As a user keeps them: in the project's root, with the link that synthesis makes. */
async function writeValues(): Promise<void> {
  const file = path.join(aws.directory, "../../../terraform.tfvars");
  await writeFile(
    file,
    `
    environment        = "prod"
    db_password        = "a-password-of-production"
    api_key            = "a-key-of-production"
    single_nat_gateway = true
    `,
  );
  await symlink(file, path.join(aws.directory, "terraform.tfvars"));
}

/** Kills Terraform while AWS makes the database and the load balancer. */
async function applyAndKill(): Promise<void> {
  const apply = execa("terraform", ["apply", "-auto-approve", "-input=false"], {
    cwd: aws.directory,
    env: aws.terraform.environment,
    extendEnv: false,
    detached: true,
    reject: false,
  });
  const elb = aws.client(ElasticLoadBalancingV2Client);
  for (;;) {
    const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
    if (LoadBalancers.length > 0 && (await databases()).length > 0) break;
    if (apply.exitCode !== null) throw new Error(`the apply ended before it could be killed`);
    await sleep(200);
  }
  process.kill(-Number(apply.pid), "SIGKILL");
  await apply;
}

async function databases() {
  return (await aws.client(RDSClient).send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
}

async function checks(): Promise<CheckResult[]> {
  const { stdout } = await ops(aws, ["doctor", "--json"]);
  return (JSON.parse(stdout) as { checks: CheckResult[] }).checks;
}

async function unmanaged(): Promise<CheckResult[]> {
  return (await checks()).filter(({ name }) => name === "not in the state");
}

/** The resource that a result is about. */
function addressOf({ detail }: CheckResult): string | undefined {
  return detail.split(" ")[0];
}

async function runRemedies(results: readonly CheckResult[]): Promise<void> {
  await aws.shell(results.map(({ remedy = "" }) => remedy).join("\n"));
}

async function putImage(architecture: string): Promise<void> {
  await aws.client(ECRClient).send(
    new PutImageCommand({
      repositoryName: "time-series-analyzer-backend",
      imageTag: "latest",
      imageManifestMediaType: "application/vnd.oci.image.index.v1+json",
      imageManifest: JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            digest: `sha256:${"a".repeat(64)}`,
            size: 1,
            platform: { os: "linux", architecture },
          },
        ],
      }),
    }),
  );
}
