// Answers as AWS documents them.
import { ACMClient, DescribeCertificateCommand } from "@aws-sdk/client-acm";
import { BatchGetImageCommand, ECRClient, GetDownloadUrlForLayerCommand } from "@aws-sdk/client-ecr";
import { DescribeRegionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { DescribeOrderableDBInstanceOptionsCommand, RDSClient } from "@aws-sdk/client-rds";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkCertificates } from "../../../ops/doctor/certificate";
import { checkCredentials } from "../../../ops/doctor/credentials";
import { checkDatabaseOffer } from "../../../ops/doctor/database-offer";
import { checkImage } from "../../../ops/doctor/image";
import { checkRegion } from "../../../ops/doctor/region";
import { checkServiceLinkedRoles } from "../../../ops/doctor/service-linked-roles";
import { awsError, subject } from "./subject";

const acm = mockClient(ACMClient);
const ec2 = mockClient(EC2Client);
const ecr = mockClient(ECRClient);
const iam = mockClient(IAMClient);
const rds = mockClient(RDSClient);
const sts = mockClient(STSClient);
const mocks = [acm, ec2, ecr, iam, rds, sts];

beforeEach(() => mocks.forEach((mock) => mock.reset()));
afterAll(() => mocks.forEach((mock) => mock.restore()));

describe("credentials", () => {
  const { signal } = new AbortController();

  it("are told with their account", async () => {
    sts
      .on(GetCallerIdentityCommand)
      .resolves({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:user/ada" });

    expect(await checkCredentials("us-west-2", signal)).toEqual({
      account: "123456789012",
      result: {
        name: "credentials",
        status: "ok",
        detail: "arn:aws:iam::123456789012:user/ada, account 123456789012.",
      },
    });
  });

  it.each([
    [awsError("ExpiredToken"), "They have expired.", "aws sso login"],
    [
      awsError("CredentialsProviderError", "The SSO session has expired. run aws sso login"),
      "They have expired.",
      "aws sso login",
    ],
    [
      awsError("CredentialsProviderError", "Could not load credentials from any providers"),
      "None were found.",
      "AWS_PROFILE",
    ],
    [awsError("InvalidClientTokenId"), "AWS does not accept them in us-west-2", "get-region-opt-status"],
    [awsError("TimeoutError", "socket hang up"), "could not be asked", "Check the connection"],
  ])("%s: says what to do", async (error, detail, remedy) => {
    sts.on(GetCallerIdentityCommand).rejects(error);

    const { result, account } = await checkCredentials("us-west-2", signal);

    expect(account).toBeUndefined();
    expect(result).toMatchObject({
      status: "problem",
      detail: expect.stringContaining(detail),
      remedy: expect.stringContaining(remedy),
    });
  });
});

describe("region", () => {
  it("is a problem where the account has not enabled it", async () => {
    ec2.on(DescribeRegionsCommand).resolves({ Regions: [{ OptInStatus: "not-opted-in" }] });

    expect(await checkRegion(subject({ aws_region: "af-south-1" }))).toMatchObject([
      { status: "problem", remedy: "aws account enable-region --region-name af-south-1" },
    ]);
  });

  it("says it where the credentials ended in between", async () => {
    ec2.on(DescribeRegionsCommand).rejects(awsError("RequestExpired"));

    expect(await checkRegion(subject())).toMatchObject([
      { status: "problem", detail: "The credentials expired in between." },
    ]);
  });
});

describe("certificate", () => {
  const arn = "arn:aws:acm:us-west-2:123456789012:certificate/1";
  const ssl = subject({ enable_ssl: true, ssl_certificate_arn: arn });

  it("does not matter without enable_ssl", async () => {
    expect(await checkCertificates(subject())).toMatchObject([{ status: "skipped" }]);
    expect(acm.calls()).toEqual([]);
  });

  it("is fine when it is issued", async () => {
    answer({ Status: "ISSUED", NotAfter: new Date(Date.now() + 90 * 86_400_000) });

    expect(await checkCertificates(ssl)).toMatchObject([{ status: "ok" }]);
  });

  it("is a warning when it should have been renewed", async () => {
    answer({ Status: "ISSUED", NotAfter: new Date(Date.now() + 12.5 * 86_400_000) });

    expect(await checkCertificates(ssl)).toMatchObject([
      { status: "warning", detail: expect.stringContaining("ends in 12 days") },
    ]);
  });

  it("names the DNS record that it waits for", async () => {
    const ResourceRecord = {
      Name: "_a.example.com.",
      Type: "CNAME" as const,
      Value: "_b.acm-validations.aws.",
    };
    answer({
      Status: "PENDING_VALIDATION",
      DomainValidationOptions: [{ DomainName: "app.example.com", ResourceRecord }],
    });

    expect(await checkCertificates(ssl)).toMatchObject([
      { status: "problem", remedy: expect.stringContaining("_a.example.com. CNAME _b.acm-validations.aws.") },
    ]);
  });

  it("is a problem when there is none, or it was revoked", async () => {
    answer({ Status: "REVOKED" });
    expect(await checkCertificates(ssl)).toMatchObject([
      { status: "problem", detail: expect.stringContaining("REVOKED") },
    ]);

    acm.on(DescribeCertificateCommand).rejects(awsError("ResourceNotFoundException"));
    expect(await checkCertificates(ssl)).toMatchObject([
      { status: "problem", detail: `${arn} does not exist in this account.` },
    ]);
  });

  it("of a hosted frontend is looked at too, where CloudFront takes it from", async () => {
    answer({ Status: "FAILED" });
    const frontend = "arn:aws:acm:us-east-1:123456789012:certificate/2";
    const hosted = subject({ enable_frontend_hosting: true, frontend_certificate_arn: frontend });

    expect((await checkCertificates(hosted))[1]).toMatchObject({
      name: "frontend certificate",
      status: "problem",
    });
  });

  function answer(Certificate: object) {
    acm.on(DescribeCertificateCommand).resolves({
      Certificate: { DomainName: "app.example.com", CertificateArn: arn, ...Certificate },
    });
  }
});

describe("database", () => {
  const offer = { EngineVersion: "15.12", StorageType: "gp3", MultiAZCapable: true };

  it("is offered: a major version alone takes the newest minor", async () => {
    rds
      .on(DescribeOrderableDBInstanceOptionsCommand)
      .resolvesOnce({ OrderableDBInstanceOptions: [offer], Marker: "more" })
      .resolves({ OrderableDBInstanceOptions: [{ ...offer, EngineVersion: "15.9" }] });

    expect(await checkDatabaseOffer(subject())).toMatchObject([
      { status: "ok", detail: expect.stringContaining("the newest 15.12") },
    ]);
  });

  it.each([
    ["a version that is closed", { db_engine_version: "15.4" }],
    ["a major version that only begins alike", { db_engine_version: "1" }],
    ["storage that the class does not have", { db_storage_type: "gp2" }],
  ])("is not offered: %s", async (_, changes) => {
    rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [offer] });

    expect(await checkDatabaseOffer(subject(changes))).toMatchObject([
      { status: "problem", remedy: expect.stringContaining("there are: 15.12") },
    ]);
  });

  it("is not offered with a standby where the class has none", async () => {
    rds
      .on(DescribeOrderableDBInstanceOptionsCommand)
      .resolves({ OrderableDBInstanceOptions: [{ ...offer, MultiAZCapable: false }] });

    expect(await checkDatabaseOffer(subject())).toMatchObject([{ status: "ok" }]);
    expect(await checkDatabaseOffer(subject({ db_multi_az: true }))).toMatchObject([{ status: "problem" }]);
  });

  it("is not offered at all: the class is what has to change", async () => {
    rds.on(DescribeOrderableDBInstanceOptionsCommand).resolves({ OrderableDBInstanceOptions: [] });

    expect(await checkDatabaseOffer(subject())).toMatchObject([
      { status: "problem", detail: "RDS does not offer db.t3.micro for PostgreSQL in us-west-2." },
    ]);
  });
});

describe("image", () => {
  const deployed = ["aws_ecr_repository.backend_repo"];

  it("does not matter before the repository is deployed", async () => {
    expect(await checkImage(subject())).toMatchObject([{ status: "skipped" }]);
  });

  it("is a problem when there is none for the tag", async () => {
    ecr.on(BatchGetImageCommand).resolves({ images: [], failures: [{ failureCode: "ImageNotFound" }] });

    expect(await checkImage(subject({ backend_image_tag: "v7" }, deployed))).toMatchObject([
      { status: "problem", detail: expect.stringContaining("There is no time-series-analyzer-backend:v7") },
    ]);
  });

  it.each([
    ["X86_64", "ok"],
    ["ARM64", "problem"],
  ] as const)("of one platform is read from its configuration: %s is %s", async (architecture, status) => {
    manifest({ config: { digest: "sha256:1" } });
    ecr.on(GetDownloadUrlForLayerCommand).resolves({ downloadUrl: "https://layers/1" });
    const download = vi
      .spyOn(globalThis, "fetch")
      .mockResolvedValue(Response.json({ os: "linux", architecture: "amd64" }));

    const results = await checkImage(subject({ backend_cpu_architecture: architecture }, deployed));

    expect(results).toMatchObject([{ status }]);
    download.mockRestore();
  });

  it("of several platforms is read from its index, attestations aside", async () => {
    manifest({
      manifests: [
        { platform: { os: "linux", architecture: "arm64" } },
        { platform: { os: "unknown", architecture: "unknown" } },
      ],
    });

    expect(await checkImage(subject({ backend_cpu_architecture: "ARM64" }, deployed))).toMatchObject([
      { status: "ok" },
    ]);
    expect(await checkImage(subject({}, deployed))).toMatchObject([
      {
        status: "problem",
        detail: expect.stringContaining("is for linux/arm64, and tasks need linux/amd64"),
      },
    ]);
  });

  it("whose configuration cannot be read is a warning, not a verdict", async () => {
    manifest({ config: { digest: "sha256:1" } });
    ecr.on(GetDownloadUrlForLayerCommand).rejects(awsError("AccessDeniedException"));

    expect(await checkImage(subject({}, deployed))).toMatchObject([{ status: "warning" }]);
  });

  function manifest(content: object) {
    ecr.on(BatchGetImageCommand).resolves({ images: [{ imageManifest: JSON.stringify(content) }] });
  }
});

describe("service-linked roles", () => {
  it("are all there", async () => {
    iam.on(GetRoleCommand).resolves({});

    expect(await checkServiceLinkedRoles(subject())).toMatchObject([{ status: "ok" }]);
  });

  it("that are missing are named, with the commands that make them", async () => {
    iam.on(GetRoleCommand).resolves({});
    iam.on(GetRoleCommand, { RoleName: "AWSServiceRoleForECS" }).rejects(awsError("NoSuchEntityException"));

    expect(await checkServiceLinkedRoles(subject())).toMatchObject([
      {
        status: "warning",
        remedy:
          "Make them beforehand:\naws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",
      },
    ]);
  });
});
