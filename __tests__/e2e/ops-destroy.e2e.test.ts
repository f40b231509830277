import { DescribeAddressesCommand, DescribeNatGatewaysCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeDBSnapshotsCommand, RDSClient } from "@aws-sdk/client-rds";
import { ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDeployment, type Deployment } from "./deployment";
import { pushImageFor } from "./images";
import { databases, unmanaged, writeValues } from "./operated";
import { ops } from "./ops-cli";

const logsBucket = "time-series-analyzer-alb-logs-123456789012-us-west-2";

let aws: Deployment;

beforeAll(async () => {
  aws = await startDeployment();
  await writeValues(aws);
  await aws.terraform.init();
  await aws.terraform.apply();
});

afterAll(async () => {
  await aws?.remove();
});

describe("destroy", () => {
  beforeAll(async () => {
    await pushImageFor(aws, "amd64");
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
    expect(await databases(aws)).toMatchObject([{ DeletionProtection: true }]);
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
    expect(await databases(aws)).toMatchObject([{ DeletionProtection: true }]);
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
    expect(await databases(aws)).toEqual([]);
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
    const taken = (await unmanaged(aws)).filter(({ detail }) => detail.includes("aws_secretsmanager_secret"));

    expect(taken).toHaveLength(3);
    expect(taken[0]?.remedy).toContain("aws secretsmanager restore-secret --region us-west-2 --secret-id");
  });
});
