import { join } from "node:path";
import { ACMClient, RequestCertificateCommand } from "@aws-sdk/client-acm";
import { CreateVpcCommand, DeleteVpcCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeTaskDefinitionCommand, ECSClient, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import {
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  DeleteBucketPolicyCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessKeys } from "../../local/environment";
import type { Terraform } from "../../local/terraform";
import { synthesizeBootstrap } from "./bootstrap-stack";
import { startDeployment, type Deployment } from "./deployment";

/*
 * The emulator holds a role to its policies (local/iam_enforcement.py): actions, resources and conditions.
 * It cannot prove that AWS asks for no other permission than those of the calls that Terraform makes.
 */

const REPOSITORY = "octocat@1/time-series@2";
const ACCOUNT = "123456789012";
const Bucket = `terraform-state-${ACCOUNT}-us-west-2`;
const Key = "time-series-analyzer/terraform.tfstate";

let aws: Deployment;
let bootstrap: Terraform;
let values: Record<string, unknown>;

beforeAll(async () => {
  aws = await startDeployment({ synthEnvironment: { STATE_BUCKET: Bucket } });
  bootstrap = aws.terraformIn(await synthesizeBootstrap(join(aws.root, "bootstrap")));
  await bootstrap.init();
  await bootstrap.apply({ variables: { github_repository: REPOSITORY } });
});

afterAll(async () => {
  await aws?.remove();
});

describe("the bootstrap stack", () => {
  it("has nothing left to change after apply", async () => {
    const { changes, outputChanges } = await bootstrap.plan({
      variables: { github_repository: REPOSITORY },
    });

    expect({ changes, outputChanges }).toEqual({ changes: [], outputChanges: [] });
  });

  it("keeps the state private, encrypted, over TLS alone, and old versions for 90 days", async () => {
    const s3 = aws.client(S3Client);
    const { Policy = "" } = await s3.send(new GetBucketPolicyCommand({ Bucket }));

    expect(await s3.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({ Status: "Enabled" });
    expect(await s3.send(new GetBucketEncryptionCommand({ Bucket }))).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
    });
    expect(await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).toMatchObject({
      Rules: [{ Status: "Enabled", NoncurrentVersionExpiration: { NoncurrentDays: 90 } }],
    });
    expect(JSON.parse(Policy).Statement).toMatchObject([
      { Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
  });

  it("refuses to delete the state bucket", async () => {
    await expect(bootstrap.destroy({ variables: { github_repository: REPOSITORY } })).rejects.toThrow(
      "prevent_destroy",
    );
  });

  it.each([
    ["plan", `repo:${REPOSITORY}:pull_request`],
    ["plan", `repo:${REPOSITORY}:ref:refs/heads/main`],
    ["deploy", `repo:${REPOSITORY}:environment:production`],
  ] as const)("gives the role %s to %s", async (role, subject) => {
    await expect(assume(role, subject)).resolves.toHaveProperty("sessionToken");
  });

  it.each([
    ["deploy", `repo:${REPOSITORY}:pull_request`],
    ["deploy", `repo:${REPOSITORY}:ref:refs/heads/main`],
    ["deploy", `repo:${REPOSITORY}:environment:staging`],
    ["deploy", "repo:octocat@1/another@3:environment:production"],
    ["plan", `repo:${REPOSITORY}:ref:refs/heads/a-branch`],
    ["plan", "repo:somebody@4/time-series@5:pull_request"],
  ] as const)("keeps the role %s from %s", async (role, subject) => {
    await expect(assume(role, subject)).rejects.toThrow("Not authorized to perform");
  });

  it("wants a token that was made for AWS", async () => {
    await expect(assume("plan", `repo:${REPOSITORY}:pull_request`, "https://github.com")).rejects.toThrow(
      "Not authorized to perform",
    );
  });
});

describe("the deploy role", () => {
  let keys: AccessKeys;
  let terraform: Terraform;

  beforeAll(async () => {
    const { CertificateArn } = await aws
      .client(ACMClient)
      .send(new RequestCertificateCommand({ DomainName: "app.example.com", ValidationMethod: "DNS" }));
    // Production with every switch that adds resources, and without what keeps it from being destroyed.
    values = {
      db_password: "a-password-of-production",
      api_key: "a-key-of-production",
      environment: "prod",
      enable_ssl: true,
      ssl_certificate_arn: CertificateArn,
      enable_frontend_hosting: true,
      backend_domain_name: "app.example.com",
      enable_execute_command: true,
      alarm_email: "on-call@example.com",
      db_deletion_protection: false,
      alb_deletion_protection: false,
      ecr_force_delete: true,
      frontend_force_destroy: true,
    };
    keys = await assume("deploy", `repo:${REPOSITORY}:environment:production`);
    terraform = await aws.terraformAs(keys);
    await terraform.init();
    await terraform.apply({ variables: values });
  });

  it("applies the whole stack", async () => {
    expect((await terraform.stateList()).length).toBeGreaterThan(100);
  });

  it("changes what is there", async () => {
    values = { ...values, backend_cpu: 512, backend_memory: 1024, api_key_version: 2 };
    await terraform.apply({ variables: values });

    const { taskDefinition } = await aws
      .client(ECSClient)
      .send(new DescribeTaskDefinitionCommand({ taskDefinition: "time-series-analyzer-backend" }));
    expect(taskDefinition?.cpu).toBe("512");
  });

  it.each<[string, (as: As) => Promise<unknown>]>([
    ["a role of another name", (as) => as(IAMClient).send(newRole("another-role"))],
    [
      "its own permissions",
      (as) =>
        as(IAMClient).send(
          new PutRolePolicyCommand({
            RoleName: "terraform-deploy-time-series-analyzer",
            PolicyName: "more",
            PolicyDocument: "{}",
          }),
        ),
    ],
    [
      "its own policies",
      (as) =>
        as(IAMClient).send(
          new CreatePolicyVersionCommand({
            PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/terraform-deploy-time-series-analyzer-roles`,
            PolicyDocument: "{}",
            SetAsDefault: true,
          }),
        ),
    ],
    [
      "a managed policy that the stack does not attach",
      (as) =>
        as(IAMClient).send(
          new AttachRolePolicyCommand({
            RoleName: "time-series-analyzer-ecs-task-role",
            PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
          }),
        ),
    ],
    [
      "a role of somebody else for its tasks",
      (as) =>
        as(ECSClient).send(
          new RegisterTaskDefinitionCommand({
            family: "time-series-analyzer-backend",
            taskRoleArn: `arn:aws:iam::${ACCOUNT}:role/administrator`,
            containerDefinitions: [],
          }),
        ),
    ],
    ["the policy of the state bucket", (as) => as(S3Client).send(new DeleteBucketPolicyCommand({ Bucket }))],
    [
      "another application's topics",
      (as) => as(SNSClient).send(new CreateTopicCommand({ Name: "another-application" })),
    ],
    [
      "another region",
      (as) => as(EC2Client, "eu-west-1").send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })),
    ],
    [
      "a network that is not tagged as the application's",
      async (as) => {
        const { Vpcs = [] } = await aws.client(EC2Client).send(new DescribeVpcsCommand({}));
        const VpcId = Vpcs.find(({ IsDefault }) => IsDefault)?.VpcId;
        return as(EC2Client).send(new DeleteVpcCommand({ VpcId }));
      },
    ],
  ])("may not touch %s", async (_, attempt) => {
    await expect(attempt(clientsAs(keys))).rejects.toThrow("not authorized to perform");
  });
});

describe("the plan role", () => {
  let keys: AccessKeys;
  let terraform: Terraform;

  beforeAll(async () => {
    keys = await assume("plan", `repo:${REPOSITORY}:pull_request`);
    terraform = await aws.terraformAs(keys);
  });

  it("plans, under a lock of the state: nothing is left to change", async () => {
    const before = (await aws.requests()).length;
    const { changes, outputChanges } = await terraform.plan({ variables: values });

    expect({ changes, outputChanges }).toEqual({ changes: [], outputChanges: [] });
    expect((await aws.requests()).slice(before).filter((request) => request.includes(".tflock"))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^PUT/), expect.stringMatching(/^DELETE/)]),
    );
  });

  it("cannot apply what it planned", async () => {
    const variables = { ...values, tags: { Team: "intruders" } };
    const plan = await terraform.plan({ variables }, "-target=aws_sns_topic.alarms");

    expect(plan.changes).not.toEqual([]);
    await expect(terraform.apply({ plan, variables })).rejects.toThrow("not authorized to perform");
  });

  it.each<[string, (as: As) => Promise<unknown>]>([
    ["write the state", (as) => as(S3Client).send(new PutObjectCommand({ Bucket, Key, Body: "{}" }))],
    [
      "read another state",
      (as) => as(S3Client).send(new GetObjectCommand({ Bucket, Key: "another/terraform.tfstate" })),
    ],
    ["create a network", (as) => as(EC2Client).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }))],
    ["create a role", (as) => as(IAMClient).send(newRole("time-series-analyzer-another-role"))],
    [
      "read another application's secrets",
      (as) => as(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: "another-secret" })),
    ],
  ])("may not %s", async (_, attempt) => {
    await expect(attempt(clientsAs(keys))).rejects.toThrow(/not authorized to perform|Access ?Denied/);
  });
});

describe("taking it down", () => {
  it("is in the deploy role's power", async () => {
    const keys = await assume("deploy", `repo:${REPOSITORY}:environment:production`);
    const terraform = await aws.terraformAs(keys);
    await terraform.destroy({ variables: values });

    expect(await terraform.stateList()).toEqual([]);
  });
});

type ClientOf<Client> = new (config: never) => Client;
type As = ReturnType<typeof clientsAs>;

/** Takes a role with a token that says what GitHub's would. Nobody signs it: the emulator would not look. */
async function assume(role: "plan" | "deploy", subject: string, audience = "sts.amazonaws.com") {
  const claims = { iss: "https://token.actions.githubusercontent.com", sub: subject, aud: audience };
  const token = ["{}", JSON.stringify(claims), "signature"].map((part) =>
    Buffer.from(part).toString("base64url"),
  );
  const { Credentials } = await aws.client(STSClient).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: await bootstrap.output(`${role}_role_arn`),
      RoleSessionName: "test",
      WebIdentityToken: token.join("."),
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken,
  };
}

function clientsAs(credentials: AccessKeys) {
  return <Client>(Client: ClientOf<Client>, region = "us-west-2"): Client =>
    aws.client(Client as Parameters<typeof aws.client<Client>>[0], { region, credentials });
}

function newRole(RoleName: string): CreateRoleCommand {
  return new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: "{}" });
}
