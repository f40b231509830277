// Answers as AWS documents them. The emulator's are in __tests__/e2e/ops-doctor.e2e.test.ts.
import { CloudFrontClient, ListOriginAccessControlsCommand } from "@aws-sdk/client-cloudfront";
import { DescribeNatGatewaysCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeClustersCommand, ECSClient } from "@aws-sdk/client-ecs";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { existingIn, LOOKED_FOR, WRITTEN_AGAIN } from "../../ops/existing/find";
import { creationsIn } from "../../ops/existing/planned";
import { checkUnmanaged } from "../../ops/doctor/unmanaged";
import known from "../fixtures/addresses.json";
import { awsError, subject } from "./doctor/subject";

const cloudFront = mockClient(CloudFrontClient);
const ec2 = mockClient(EC2Client);
const ecs = mockClient(ECSClient);
const rds = mockClient(RDSClient);
const s3 = mockClient(S3Client);
const secrets = mockClient(SecretsManagerClient);
const mocks = [cloudFront, ec2, ecs, rds, s3, secrets];

beforeEach(() => mocks.forEach((mock) => mock.reset()));
afterAll(() => mocks.forEach((mock) => mock.restore()));

describe("what may exist without the state knowing", () => {
  it.each([...new Set(Object.keys(known).map((address) => address.split(".")[0] ?? ""))])(
    "%s is looked for, or a second creation does no harm: ops/existing/find.ts says which",
    (type) => {
      expect([LOOKED_FOR.has(type), WRITTEN_AGAIN.has(type)].filter(Boolean)).toHaveLength(1);
    },
  );

  it("is found by its name", async () => {
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: "app-postgres" }).resolves({
      DBInstances: [{ DBInstanceIdentifier: "app-postgres" }],
    });

    expect(await find("aws_db_instance", { identifier: "app-postgres" })).toEqual([{ id: "app-postgres" }]);
  });

  it("is found by the tags that tell this deployment from others where it has no name", async () => {
    ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [{ NatGatewayId: "nat-1" }] });
    const tags_all = { Name: "NAT Gateway 1", Project: "app", Environment: "prod", Team: "data" };

    expect(await find("aws_nat_gateway", { tags_all })).toEqual([{ id: "nat-1" }]);
    expect(ec2.commandCalls(DescribeNatGatewaysCommand)[0]?.args[0].input.Filter).toEqual([
      { Name: "tag:Name", Values: ["NAT Gateway 1"] },
      { Name: "tag:Project", Values: ["app"] },
      { Name: "tag:Environment", Values: ["prod"] },
      { Name: "state", Values: ["pending", "available"] },
    ]);
  });

  it("is not there where AWS says so, or tells of something deleted or of somebody else's", async () => {
    rds.on(DescribeDBInstancesCommand).rejects(awsError("DBInstanceNotFoundFault"));
    ecs.on(DescribeClustersCommand).resolves({ clusters: [{ clusterName: "app", status: "INACTIVE" }] });
    s3.on(ListBucketsCommand).resolves({ Buckets: [{ Name: "app-logs-of-another" }] });

    expect(await find("aws_db_instance", { identifier: "app" })).toEqual([]);
    expect(await find("aws_ecs_cluster", { name: "app" })).toEqual([]);
    expect(await find("aws_s3_bucket", { bucket: "app-logs" })).toEqual([]);
  });

  it("has another id than its name in CloudFront", async () => {
    cloudFront.on(ListOriginAccessControlsCommand).resolves({
      OriginAccessControlList: { Items: [{ Id: "E1", Name: "app-frontend-prod" }] } as never,
    });

    expect(await find("aws_cloudfront_origin_access_control", { name: "app-frontend-prod" })).toEqual([
      { id: "E1" },
    ]);
  });

  it("has to be restored first where it is a deleted secret", async () => {
    secrets.on(DescribeSecretCommand).resolves({ Name: "app-key", ARN: "arn:key", DeletedDate: new Date() });

    expect(await find("aws_secretsmanager_secret", { name: "app-key" })).toEqual([
      {
        id: "arn:key",
        first: "aws secretsmanager restore-secret --region us-west-2 --secret-id app-key",
      },
    ]);
  });

  function find(type: string, planned: Record<string, unknown>) {
    const { signal } = new AbortController();
    return existingIn({ region: "us-west-2", signal })({ address: `${type}.it`, type, arguments: planned });
  }
});

describe("what a plan would create", () => {
  it("is neither what it would change or replace, nor what does no harm a second time", () => {
    const change = (type: string, ...actions: string[]) => ({
      address: `${type}.it`,
      type,
      change: { actions, after: { name: "it" } },
    });

    expect(
      creationsIn({
        resource_changes: [
          change("aws_iam_role", "create"),
          change("aws_lb", "delete", "create"),
          change("aws_ecr_repository", "update"),
          change("aws_cloudwatch_dashboard", "create"),
        ],
      }),
    ).toEqual([{ address: "aws_iam_role.it", type: "aws_iam_role", arguments: { name: "it" } }]);
  });
});

describe("doctor", () => {
  const planned =
    (...types: string[]) =>
    async () =>
      types.map((type) => ({
        address: `${type}.it[0]`,
        type,
        arguments: { identifier: "it", tags_all: {} },
      }));

  it("prints the import with the address in quotes, because of its index", async () => {
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceIdentifier: "it" }] });

    expect(await checkUnmanaged(planned("aws_db_instance"), subject())).toMatchObject([
      { status: "problem", remedy: "terraform import 'aws_db_instance.it[0]' 'it'" },
    ]);
  });

  it("leaves the choice to the user where two could be meant", async () => {
    ec2.on(DescribeNatGatewaysCommand).resolves({
      NatGateways: [{ NatGatewayId: "nat-1" }, { NatGatewayId: "nat-2" }],
    });

    expect(await checkUnmanaged(planned("aws_nat_gateway"), subject())).toMatchObject([
      {
        detail: expect.stringContaining("several that it could be: nat-1, nat-2."),
        remedy: expect.stringContaining("<id>"),
      },
    ]);
  });

  it("goes on with the others where the credentials may not ask for one", async () => {
    rds.on(DescribeDBInstancesCommand).rejects(awsError("AccessDenied", "may not rds:DescribeDBInstances"));
    ec2.on(DescribeNatGatewaysCommand).resolves({ NatGateways: [{ NatGatewayId: "nat-1" }] });

    expect(await checkUnmanaged(planned("aws_db_instance", "aws_nat_gateway"), subject())).toMatchObject([
      { status: "skipped" },
      { status: "problem" },
    ]);
  });
});
