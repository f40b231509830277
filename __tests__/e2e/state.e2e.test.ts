import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDeployment, type Deployment } from "./deployment";

const Bucket = "a-bucket-for-state";
const Key = "time-series-analyzer/terraform.tfstate";
const variables = { db_password: "a-database-password", api_key: "an-api-key" };

let aws: Deployment;
let s3: S3Client;

beforeAll(async () => {
  aws = await startDeployment({ synthEnvironment: { STATE_BUCKET: Bucket } });
  s3 = aws.client(S3Client);
  await s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: "us-west-2" } }),
  );
  await aws.terraform.init();
});

afterAll(async () => {
  await aws?.remove();
});

describe("state in S3", () => {
  it("is locked while somebody applies: a second apply is told who holds the lock", async () => {
    // A gateway endpoint takes the provider some seconds: long enough for a second apply to arrive.
    const first = applyOnly("aws_vpc_endpoint.s3");
    await lockToAppear();
    const second = await applyOnly("aws_ecr_repository.backend_repo");

    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain("Error acquiring the state lock");
    expect(second.stderr).toMatch(/Who:\s+\S+@\S+/);
    expect((await first).exitCode).toBe(0);
  });

  it("is free again afterwards, and holds what both have made", async () => {
    expect((await applyOnly("aws_ecr_repository.backend_repo")).exitCode).toBe(0);
    expect(await aws.terraform.stateList()).toEqual(
      expect.arrayContaining(["aws_ecr_repository.backend_repo", "aws_vpc_endpoint.s3"]),
    );
    expect(await stateObjects()).toEqual([Key]);
  });

  it("is encrypted", async () => {
    const { ServerSideEncryption } = await s3.send(new HeadObjectCommand({ Bucket, Key }));

    expect(ServerSideEncryption).toBe("AES256");
  });
});

async function applyOnly(address: string) {
  return aws.terraform.run(["apply", "-auto-approve", "-no-color", `-target=${address}`], {
    variables,
    allowFailure: true,
  });
}

async function stateObjects(): Promise<(string | undefined)[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map((object) => object.Key);
}

async function lockToAppear(): Promise<void> {
  while (!(await stateObjects()).includes(`${Key}.tflock`)) {
    await sleep(100);
  }
}
