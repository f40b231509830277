import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ACMClient, RequestCertificateCommand } from "@aws-sdk/client-acm";
import {
  CloudFrontClient,
  DescribeFunctionCommand,
  GetCachePolicyCommand,
  GetDistributionConfigCommand,
  GetFunctionCommand,
  GetOriginAccessControlCommand,
  GetResponseHeadersPolicyCommand,
  ListDistributionsCommand,
  ListOriginAccessControlsCommand,
} from "@aws-sdk/client-cloudfront";
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetWebACLForResourceCommand, WAFV2Client } from "@aws-sdk/client-wafv2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plan } from "../../local/terraform";
import { KEEP_ASSETS, SERVE_PAGES } from "../../src/lib/frontend-functions";
import type { Block } from "../helpers/synth";
import { closingSteps } from "./closing-steps";
import { startDeployment, type Deployment } from "./deployment";
import { readmeCommands } from "./readme-commands";

/**
 * The emulator stores what CloudFront is told and gives it back. So these tests prove what is asked of
 * AWS, in which order, and that the next plan is empty. They cannot prove what CloudFront then does: no
 * edge runs a function, sets a header, caches, signs a request or follows a route.
 */

const BUCKET = "time-series-analyzer-frontend-bucket-dev";
const FIXTURES = path.join(import.meta.dirname, "../fixtures/older-stack");

let aws: Deployment;
/** The resources of the frontend and the firewall, and what they need: the database has no part in it. */
let targets: string[];
/** The values in force. Nothing is said about the frontend at first, as in the tfvars of old. */
let values: Record<string, unknown> = { db_password: "a-password-of-old", api_key: "a-key-of-old" };
let older: Record<string, string>;
let takeOver: Plan;
/** What the take-over asked of AWS, in order: `PUT /bucket?policy`. */
let requests: string[];

const plan = (changes: Record<string, unknown> = {}) =>
  aws.terraform.plan({ variables: { ...values, ...changes } }, ...targets);

async function apply(changes: Record<string, unknown> = {}): Promise<Plan> {
  values = { ...values, ...changes };
  const planned = await plan();
  await aws.terraform.apply({ variables: values, plan: planned });
  return planned;
}

/** A deployment of the older stack as far as the frontend goes, in the state of this one. */
async function deployOlderFrontend(): Promise<Record<string, string>> {
  const directory = path.join(aws.directory, "older");
  await mkdir(directory);
  await copyFile(path.join(FIXTURES, "frontend.tf.json"), path.join(directory, "frontend.tf.json"));
  const stack = JSON.parse(await readFile(path.join(aws.directory, "cdk.tf.json"), "utf8")) as Block;
  await writeFile(
    path.join(directory, "cdk.tf.json"),
    JSON.stringify({
      terraform: {
        required_providers: stack.terraform.required_providers,
        backend: { local: { path: path.join("..", stack.terraform.backend.local.path) } },
      },
      provider: { aws: [{ region: "us-west-2", max_retries: 2 }] },
      variable: { app_name: { default: "time-series-analyzer" }, environment: { default: "dev" } },
    }),
  );
  const terraform = aws.terraformIn(directory);
  await terraform.init();
  await terraform.apply();
  const outputs = await terraform.outputs();
  return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, String(value)]));
}

/** The resources of the stack that belong to the frontend or to the firewall before it, as `-target` arguments. */
async function frontendTargets(): Promise<string[]> {
  const { resource } = JSON.parse(await readFile(path.join(aws.directory, "cdk.tf.json"), "utf8")) as Block;
  return Object.entries(resource as Record<string, Block>).flatMap(([type, blocks]) =>
    Object.keys(blocks)
      .filter((id) => /^(frontend_|web_acl)/.test(id) && type.search("ecr") < 0)
      .map((id) => `-target=${type}.${id}`),
  );
}

async function distribution() {
  const Id = await aws.terraform.output("cloudfront_distribution_id");
  const { DistributionConfig } = await aws
    .client(CloudFrontClient)
    .send(new GetDistributionConfigCommand({ Id }));
  return DistributionConfig;
}

async function page(): Promise<string | undefined> {
  const { Body } = await aws
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket: BUCKET, Key: "index.html" }));
  return Body?.transformToString();
}

beforeAll(async () => {
  aws = await startDeployment();
  older = await deployOlderFrontend();
  await aws
    .client(S3Client)
    .send(new PutObjectCommand({ Bucket: BUCKET, Key: "index.html", Body: "the page of old" }));

  targets = await frontendTargets();
  await aws.terraform.init();
  const before = (await aws.requests()).length;
  takeOver = await apply();
  requests = (await aws.requests()).slice(before);
});

afterAll(async () => {
  await aws?.remove();
});

describe("taking over the public bucket and the distribution of the older stack", () => {
  it("hosts the frontend although no variable says so, because the bucket is there", () => {
    expect(takeOver.changes.map(({ address }) => address)).toContain("aws_s3_bucket.frontend_bucket[0]");
  });

  it("changes what is there in place, adds the rest, and destroys nothing", () => {
    const actions = Object.fromEntries(takeOver.changes.map(({ address, action }) => [address, action]));

    expect(actions).toMatchObject({
      "aws_s3_bucket.frontend_bucket[0]": "update",
      "aws_s3_bucket_policy.frontend_bucket_policy[0]": "update",
      "aws_cloudfront_distribution.frontend_distribution[0]": "update",
    });
    expect(new Set(Object.values(actions))).toEqual(new Set(["create", "update"]));
  });

  it("keeps the bucket with its files, the distribution and its name", async () => {
    const outputs = await aws.terraform.outputs();

    expect(await page()).toBe("the page of old");
    for (const [name, value] of Object.entries(older)) {
      expect(outputs[name]?.value, name).toBe(value);
    }
    expect(await aws.terraform.output("frontend_url")).toBe(
      `https://${older.cloudfront_distribution_domain_name}`,
    );
  });

  it("never leaves the distribution without a bucket that lets it read", () => {
    const steps = closingSteps(BUCKET, older.cloudfront_distribution_id ?? "");

    expect(requests.filter((request) => steps.includes(request))).toEqual(steps);
  });

  it("has nothing left to change", async () => {
    expect(await plan()).toMatchObject({ changes: [], outputChanges: [] });
  });
});

describe("the commands of the README", () => {
  it("copy a build to the bucket, index.html last", async () => {
    const build = path.join(aws.directory, "build");
    await mkdir(path.join(build, "assets"), { recursive: true });
    await writeFile(path.join(build, "index.html"), "the new page");
    await writeFile(path.join(build, "assets", "app-1a2b3c.js"), "");
    const before = (await aws.requests()).length;

    await aws.shell(
      (await readmeCommands("Host the frontend")).replaceAll("../../../../frontend/dist", build),
    );
    const copied = (await aws.requests()).slice(before).filter((request) => request.startsWith("PUT "));

    expect(copied).toEqual([`PUT /${BUCKET}/assets/app-1a2b3c.js`, `PUT /${BUCKET}/index.html`]);
    expect(await page()).toBe("the new page");
  });
});

describe("bucket", () => {
  it("is closed to the public, encrypted, versioned, and without access control lists", async () => {
    const s3 = aws.client(S3Client);
    const { PublicAccessBlockConfiguration } = await s3.send(
      new GetPublicAccessBlockCommand({ Bucket: BUCKET }),
    );
    const { ServerSideEncryptionConfiguration } = await s3.send(
      new GetBucketEncryptionCommand({ Bucket: BUCKET }),
    );
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket: BUCKET }));
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: BUCKET }));
    const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: BUCKET }));

    expect(Object.values(PublicAccessBlockConfiguration ?? {})).toEqual([true, true, true, true]);
    expect(ServerSideEncryptionConfiguration).toMatchObject({
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    });
    expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: "BucketOwnerEnforced" }]);
    expect(Status).toBe("Enabled");
    expect(Rules).toMatchObject([{ Status: "Enabled", NoncurrentVersionExpiration: { NoncurrentDays: 90 } }]);
  });

  it("is readable for this distribution alone", async () => {
    const { Policy = "" } = await aws.client(S3Client).send(new GetBucketPolicyCommand({ Bucket: BUCKET }));

    expect(JSON.parse(Policy).Statement).toMatchObject([
      {
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Condition: {
          StringEquals: {
            "aws:SourceArn": expect.stringMatching(
              `^arn:aws:cloudfront:.*:distribution/${older.cloudfront_distribution_id}$`,
            ),
          },
        },
      },
      { Effect: "Deny", Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
  });
});

describe("distribution", () => {
  it("fetches files from the bucket with signed requests, and pages through a function", async () => {
    const cloudfront = aws.client(CloudFrontClient);
    const config = await distribution();
    const origin = config?.Origins?.Items?.find(({ Id }) => Id === "bucket");
    const { OriginAccessControl } = await cloudfront.send(
      new GetOriginAccessControlCommand({ Id: origin?.OriginAccessControlId }),
    );
    const pages = await cloudfront.send(
      new GetFunctionCommand({ Name: "time-series-analyzer-frontend-dev-pages", Stage: "LIVE" }),
    );
    const assets = await cloudfront.send(
      new GetFunctionCommand({ Name: "time-series-analyzer-frontend-dev-assets", Stage: "LIVE" }),
    );

    expect(OriginAccessControl?.OriginAccessControlConfig).toMatchObject({
      OriginAccessControlOriginType: "s3",
      SigningBehavior: "always",
      SigningProtocol: "sigv4",
    });
    expect(config).toMatchObject({
      Enabled: true,
      IsIPV6Enabled: true,
      HttpVersion: "http2and3",
      DefaultRootObject: "index.html",
      DefaultCacheBehavior: {
        TargetOriginId: "bucket",
        ViewerProtocolPolicy: "redirect-to-https",
        Compress: true,
        FunctionAssociations: {
          Items: [
            {
              EventType: "viewer-request",
              FunctionARN: expect.stringMatching(/function\/time-series-analyzer-frontend-dev-pages$/),
            },
          ],
        },
      },
    });
    expect(Buffer.from(pages.FunctionCode ?? []).toString()).toBe(SERVE_PAGES);
    expect(Buffer.from(assets.FunctionCode ?? []).toString()).toBe(KEEP_ASSETS);
  });

  it("asks for pages anew, and sends them with security headers", async () => {
    const cloudfront = aws.client(CloudFrontClient);
    const behaviour = (await distribution())?.DefaultCacheBehavior;
    const { CachePolicy } = await cloudfront.send(
      new GetCachePolicyCommand({ Id: behaviour?.CachePolicyId }),
    );
    const { ResponseHeadersPolicy } = await cloudfront.send(
      new GetResponseHeadersPolicyCommand({ Id: behaviour?.ResponseHeadersPolicyId }),
    );

    expect(CachePolicy?.CachePolicyConfig).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      ParametersInCacheKeyAndForwardedToOrigin: {
        EnableAcceptEncodingBrotli: true,
        EnableAcceptEncodingGzip: true,
      },
    });
    expect(ResponseHeadersPolicy?.ResponseHeadersPolicyConfig).toMatchObject({
      CustomHeadersConfig: { Items: [{ Header: "Cache-Control", Value: "no-cache", Override: true }] },
      SecurityHeadersConfig: {
        StrictTransportSecurity: { AccessControlMaxAgeSec: 31536000 },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: "DENY" },
        ReferrerPolicy: { ReferrerPolicy: "strict-origin-when-cross-origin" },
      },
    });
  });

  it("replaces no error by a page, and keeps none", async () => {
    const errors = (await distribution())?.CustomErrorResponses?.Items ?? [];

    expect(errors.map(({ ErrorCode }) => ErrorCode).sort()).toEqual([404, 414, 500, 501, 502, 503, 504]);
    for (const error of errors) {
      expect(error).toMatchObject({ ErrorCachingMinTTL: 0, ResponsePagePath: "", ResponseCode: "" });
    }
  });

  it("sends /api/* to the load balancer, every method, uncached", async () => {
    const config = await distribution();
    const dns = await aws.client(ElasticLoadBalancingV2Client).send(new DescribeLoadBalancersCommand({}));

    expect(config?.Origins?.Items?.find(({ Id }) => Id === "api")).toMatchObject({
      DomainName: dns.LoadBalancers?.[0]?.DNSName,
      CustomOriginConfig: { OriginProtocolPolicy: "http-only", OriginReadTimeout: 60 },
    });
    expect(config?.CacheBehaviors?.Items?.[0]).toMatchObject({
      PathPattern: "/api/*",
      TargetOriginId: "api",
      AllowedMethods: { Items: expect.arrayContaining(["DELETE", "PATCH", "POST", "PUT"]) },
      // AWS's own policies: CachingDisabled and AllViewer.
      CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      OriginRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
      FunctionAssociations: {
        Items: [
          {
            EventType: "viewer-request",
            FunctionARN: expect.stringMatching(/function\/time-series-analyzer-frontend-dev-client$/),
          },
        ],
      },
    });
  });
});

describe("a load balancer that CloudFront cannot reach", () => {
  it("is refused at plan", async () => {
    await expect(plan({ alb_ingress_cidrs: ["203.0.113.0/24"] })).rejects.toThrow(
      'alb_ingress_cidrs must hold "0.0.0.0/0" where the frontend is hosted, got ["203.0.113.0/24"].',
    );
  });
});

describe("with HTTPS at the load balancer, a name and access logs", () => {
  const name = "app.example.com";
  let certificateArn: string | undefined;

  beforeAll(async () => {
    const { CertificateArn } = await aws
      .client(ACMClient)
      .send(new RequestCertificateCommand({ DomainName: "api.example.com", ValidationMethod: "DNS" }));
    certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    await apply({
      enable_ssl: true,
      ssl_certificate_arn: CertificateArn,
      enable_frontend_hosting: true,
      frontend_domain_name: name,
      frontend_certificate_arn: certificateArn,
      enable_frontend_access_logs: true,
    });
  });

  it("forwards what CloudFront asks by HTTP, and redirects everybody else", async () => {
    const elb = aws.client(ElasticLoadBalancingV2Client);
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
    const { Listeners } = await elb.send(
      new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
    );
    const { Rules } = await elb.send(
      new DescribeRulesCommand({ ListenerArn: Listeners?.find(({ Port }) => Port === 80)?.ListenerArn }),
    );
    const origin = (await distribution())?.Origins?.Items?.find(({ Id }) => Id === "api");
    const header = origin?.CustomHeaders?.Items?.[0];

    expect(origin).toMatchObject({ CustomOriginConfig: { OriginProtocolPolicy: "http-only" } });
    expect(Rules).toMatchObject([
      {
        Conditions: [
          {
            Field: "http-header",
            HttpHeaderConfig: { HttpHeaderName: header?.HeaderName, Values: [header?.HeaderValue] },
          },
        ],
        Actions: [{ Type: "forward" }],
      },
      { IsDefault: true, Actions: [{ Type: "redirect" }] },
    ]);
  });

  it("serves the name with its certificate and TLS 1.2 or newer", async () => {
    expect(await distribution()).toMatchObject({
      Aliases: { Items: [name] },
      ViewerCertificate: {
        ACMCertificateArn: certificateArn,
        MinimumProtocolVersion: "TLSv1.2_2021",
        SSLSupportMethod: "sni-only",
      },
    });
    expect(await aws.terraform.output("frontend_url")).toBe(`https://${name}`);
  });

  it("logs requests to a bucket whose access control list CloudFront may add itself to", async () => {
    const { Logging } = (await distribution()) ?? {};
    const Bucket = Logging?.Bucket?.replace(".s3.amazonaws.com", "");
    const { OwnershipControls } = await aws
      .client(S3Client)
      .send(new GetBucketOwnershipControlsCommand({ Bucket }));

    expect(Bucket).toBe("time-series-analyzer-frontend-logs-123456789012-us-west-2");
    expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: "BucketOwnerPreferred" }]);
  });

  it("has nothing left to change", async () => {
    expect(await plan()).toMatchObject({ changes: [], outputChanges: [] });
  });

  it("warns that requests of the API go to the load balancer without TLS", async () => {
    // Terraform evaluates no checks in a plan with -target.
    const { diagnostics } = await aws.terraform.plan({ variables: values });

    expect(diagnostics).toMatchObject([
      { severity: "warning", detail: expect.stringContaining("backend_domain_name should be") },
    ]);
  });

  it("reaches it by HTTPS, without a warning, once it has a name that the certificate covers", async () => {
    const plan = await aws.terraform.plan({
      variables: { ...values, backend_domain_name: "api.example.com" },
    });
    const { resource_changes } = (await aws.terraform.show(plan)) as { resource_changes: Block[] };
    const change = resource_changes.find(({ type }) => type === "aws_cloudfront_distribution");

    expect(change?.change.after.origin).toContainEqual(
      expect.objectContaining({
        domain_name: "api.example.com",
        custom_origin_config: [expect.objectContaining({ origin_protocol_policy: "https-only" })],
      }),
    );
    expect(plan.diagnostics).toEqual([]);
  });
});

// Last, because Terraform takes long over a plan with a firewall.
describe("with a firewall", () => {
  beforeAll(async () => {
    await apply({ enable_waf: true });
  });

  it("limits the clients of CloudFront by the header that it writes, and its addresses more generously", async () => {
    const { LoadBalancers } = await aws
      .client(ElasticLoadBalancingV2Client)
      .send(new DescribeLoadBalancersCommand({}));
    const { WebACL } = await aws
      .client(WAFV2Client)
      .send(new GetWebACLForResourceCommand({ ResourceArn: LoadBalancers?.[0]?.LoadBalancerArn }));
    const limits = WebACL?.Rules?.flatMap(({ Statement }) => Statement?.RateBasedStatement ?? []);

    expect(limits?.toSorted((a, b) => (b.Limit ?? 0) - (a.Limit ?? 0))).toMatchObject([
      { Limit: 20_000, AggregateKeyType: "IP" },
      {
        Limit: 2000,
        AggregateKeyType: "FORWARDED_IP",
        ForwardedIPConfig: { HeaderName: "true-client-ip", FallbackBehavior: "MATCH" },
      },
    ]);
  });

  it("has nothing left to change", async () => {
    expect(await plan()).toMatchObject({ changes: [], outputChanges: [] });
  });
});

describe("switched off", () => {
  beforeAll(async () => {
    await apply({
      enable_waf: false,
      enable_frontend_hosting: false,
      frontend_domain_name: "",
      frontend_certificate_arn: "",
    });
  });

  it("leaves nothing of the frontend in AWS", async () => {
    const cloudfront = aws.client(CloudFrontClient);
    const { DistributionList } = await cloudfront.send(new ListDistributionsCommand({}));
    const { OriginAccessControlList } = await cloudfront.send(new ListOriginAccessControlsCommand({}));
    const { Buckets } = await aws.client(S3Client).send(new ListBucketsCommand({}));

    expect(DistributionList?.Items ?? []).toEqual([]);
    expect(OriginAccessControlList?.Items ?? []).toEqual([]);
    expect(Buckets).toEqual([]);
    await expect(
      cloudfront.send(new DescribeFunctionCommand({ Name: "time-series-analyzer-frontend-dev-pages" })),
    ).rejects.toThrow("does not exist");
  });

  it("has empty outputs, which cdktf can show", async () => {
    const outputs = await aws.terraform.outputs();

    for (const name of [...Object.keys(older), "frontend_url"]) {
      expect(outputs[name]?.value, name).toBe("");
    }
  });

  it("stays off when the variable says nothing any more, because no bucket is there", async () => {
    expect(await plan({ enable_frontend_hosting: null })).toMatchObject({ changes: [], outputChanges: [] });
  });
});
