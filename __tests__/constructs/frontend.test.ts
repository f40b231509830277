import { CloudfrontCachePolicy } from "@cdktf/provider-aws/lib/cloudfront-cache-policy";
import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { CloudfrontFunction } from "@cdktf/provider-aws/lib/cloudfront-function";
import { CloudfrontOriginAccessControl } from "@cdktf/provider-aws/lib/cloudfront-origin-access-control";
import { CloudfrontResponseHeadersPolicy } from "@cdktf/provider-aws/lib/cloudfront-response-headers-policy";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { describe, expect, it } from "vitest";
import { PROFILES } from "../../src/profiles";
import { readHcl } from "../helpers/hcl";
import { doneBefore } from "../helpers/order";
import { type Block, wholeStack } from "../helpers/synth";

const stack = wholeStack();
const BUCKET = "${one(aws_s3_bucket.frontend_bucket[*].bucket)}";
const BUCKET_ARN = "${one(aws_s3_bucket.frontend_bucket[*].arn)}";
const distribution = stack.resource(CloudfrontDistribution);
const origins: Block = Object.fromEntries(
  distribution.origin.map((origin: Block) => [origin.origin_id, origin]),
);
const behaviours: Block = Object.fromEntries(
  distribution.ordered_cache_behavior.map((behaviour: Block) => [behaviour.path_pattern, behaviour]),
);

/** Addresses of everything that belongs to the frontend, with their blocks. */
const parts: [string, Block][] = Object.entries(stack.json.resource as Block).flatMap(([type, blocks]) =>
  Object.entries(blocks as Block)
    .filter(([id]) => /^frontend_(?!repo)/.test(id))
    .map(([id, block]): [string, Block] => [`${type}.${id}`, block]),
);

const before = (address: string) => doneBefore(stack.json, address);

describe("Frontend", () => {
  it("is there only where it is asked for or was there before", () => {
    const counts = Object.fromEntries(parts.map(([address, { count }]) => [address, count]));
    const [logs, rule, rest] = ["frontend_logs", "frontend_api", ""].map((word) =>
      Object.keys(counts).filter((address) => address.includes(`.${word}`)),
    );

    for (const address of rest ?? []) {
      expect(counts[address], address).toMatch(/^\$\{local\.enable_frontend_hosting (&& .* )?\? 1 : 0\}$/);
    }
    expect(new Set(logs?.map((address) => counts[address]))).toEqual(
      new Set(["${local.enable_frontend_hosting && local.enable_frontend_access_logs ? 1 : 0}"]),
    );
    expect(rule?.map((address) => counts[address])).toEqual([
      "${local.enable_frontend_hosting && var.enable_ssl ? 1 : 0}",
    ]);
    expect(parts).toHaveLength(22);
  });

  it("has the names of the frontends that exist", () => {
    expect(stack.resource(S3Bucket, "frontend_bucket")).toMatchObject({
      bucket:
        '${coalesce(var.frontend_bucket_name, format("%s-frontend-bucket-%s", var.app_name, var.environment))}',
      tags: { Name: "${var.app_name} Frontend S3 Bucket" },
    });
    expect(stack.json.variable.frontend_bucket_name.default).toBe("");
    expect(distribution).toMatchObject({
      comment: "CloudFront distribution for Time Series Analyzer frontend",
      default_root_object: "index.html",
      tags: { Name: "${var.app_name} Frontend CloudFront Distribution" },
    });
  });

  it("tells where it is, and nothing where it is not: cdktf cannot show an output that is null", () => {
    const of = (attribute: string) =>
      `one(aws_cloudfront_distribution.frontend_distribution[*].${attribute})`;
    const orEmpty = (value: string) => ({ value: `\${try(coalesce(${value}), "")}` });

    expect(stack.json.output).toMatchObject({
      frontend_s3_bucket_name: orEmpty(BUCKET.slice(2, -1)),
      cloudfront_distribution_domain_name: orEmpty(of("domain_name")),
      cloudfront_distribution_id: orEmpty(of("id")),
      frontend_url: orEmpty(
        `local.enable_frontend_hosting ? format("https://%s", coalesce(var.frontend_domain_name, ${of("domain_name")})) : null`,
      ),
    });
  });
});

describe("FrontendBucket", () => {
  it("is closed to the public in every way, and knows no access control lists", () => {
    expect(stack.resource(S3BucketPublicAccessBlock, "frontend_bucket_private")).toMatchObject({
      bucket: BUCKET,
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(stack.resource(S3BucketOwnershipControls, "frontend_bucket_ownership")).toMatchObject({
      bucket: BUCKET,
      rule: { object_ownership: "BucketOwnerEnforced" },
    });
  });

  it("is encrypted, and keeps old versions of files for 90 days", () => {
    expect(
      stack.resource(S3BucketServerSideEncryptionConfigurationA, "frontend_bucket_encryption"),
    ).toMatchObject({
      bucket: BUCKET,
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
    });
    expect(stack.resource(S3BucketVersioningA)).toMatchObject({
      bucket: BUCKET,
      versioning_configuration: { status: "Enabled" },
    });
    expect(stack.resource(S3BucketLifecycleConfiguration, "frontend_bucket_old_versions")).toMatchObject({
      bucket: BUCKET,
      rule: [
        {
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrent_version_expiration: [{ noncurrent_days: 90 }],
          abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
        },
      ],
    });
  });

  it("is readable for the distribution alone, and for nobody without TLS", () => {
    const policy = stack.resource(S3BucketPolicy, "frontend_bucket_policy");

    expect(policy.bucket).toBe(BUCKET);
    expect(readHcl(policy.policy).Statement).toEqual([
      {
        Sid: "CloudFrontReads",
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: ["s3:GetObject", "s3:ListBucket"],
        Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
        Condition: {
          StringEquals: {
            "aws:SourceArn": "${one(aws_cloudfront_distribution.frontend_distribution[*].arn)}",
          },
        },
      },
      {
        Sid: "OnlyTls",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("goes with its files only in dev", () => {
    expect(stack.resource(S3Bucket, "frontend_bucket").force_destroy).toBe("${local.frontend_force_destroy}");
    expect(Object.values(PROFILES).map((profile) => profile.frontend_force_destroy)).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("taking over a public bucket", () => {
  const DISTRIBUTION = "aws_cloudfront_distribution.frontend_distribution";
  const POLICY = "aws_s3_bucket_policy.frontend_bucket_policy";
  const BLOCK = "aws_s3_bucket_public_access_block.frontend_bucket_private";
  const OWNERSHIP = "aws_s3_bucket_ownership_controls.frontend_bucket_ownership";

  it("signs requests first, then closes the policy, then the rest: each waits for the one before", () => {
    expect(before(DISTRIBUTION)).toContain("aws_cloudfront_origin_access_control.frontend_access");
    expect(before(POLICY)).toContain(DISTRIBUTION);
    expect(before(BLOCK)).toContain(POLICY);
    expect(before(OWNERSHIP)).toContain(BLOCK);
  });

  it("waits until every edge signs", () => {
    expect(distribution.wait_for_deployment).toBe(true);
  });

  it("takes nothing from readers before that: what may be done earlier changes no access", () => {
    const earlier = parts
      .map(([address]) => address)
      .filter((address) => address.includes(".frontend_bucket") && !before(address).has(DISTRIBUTION));

    expect(earlier.sort()).toEqual([
      "aws_s3_bucket.frontend_bucket",
      "aws_s3_bucket_lifecycle_configuration.frontend_bucket_old_versions",
      "aws_s3_bucket_server_side_encryption_configuration.frontend_bucket_encryption",
      "aws_s3_bucket_versioning.frontend_bucket_versioning",
    ]);
    expect(Object.keys(stack.resource(S3Bucket, "frontend_bucket")).sort()).toEqual([
      "bucket",
      "count",
      "force_destroy",
      "tags",
    ]);
  });
});

describe("FrontendDistribution", () => {
  it("asks the bucket with signed requests only", () => {
    expect(stack.resource(CloudfrontOriginAccessControl)).toMatchObject({
      origin_access_control_origin_type: "s3",
      signing_behavior: "always",
      signing_protocol: "sigv4",
    });
    expect(origins.bucket).toMatchObject({
      domain_name: "${one(aws_s3_bucket.frontend_bucket[*].bucket_regional_domain_name)}",
      origin_access_control_id: "${one(aws_cloudfront_origin_access_control.frontend_access[*].id)}",
    });
  });

  it("serves HTTPS only, by HTTP/2 and 3, over IPv4 and IPv6", () => {
    const all = [distribution.default_cache_behavior, ...Object.values(behaviours)];

    expect(distribution).toMatchObject({ enabled: true, http_version: "http2and3", is_ipv6_enabled: true });
    expect(all.map(({ viewer_protocol_policy }) => viewer_protocol_policy)).toEqual(
      all.map(() => "redirect-to-https"),
    );
    expect(all.map(({ compress }) => compress)).toEqual(all.map(() => true));
  });

  it("uses its own certificate and name, or those of the variables", () => {
    const named = (then: string, otherwise: string) =>
      `\${var.frontend_domain_name != "" ? ${then} : ${otherwise}}`;

    expect(distribution.aliases).toBe(named("[var.frontend_domain_name]", "[]"));
    expect(distribution.viewer_certificate).toEqual({
      acm_certificate_arn: named("var.frontend_certificate_arn", "null"),
      cloudfront_default_certificate: named("null", "true"),
      minimum_protocol_version: named('"TLSv1.2_2021"', '"TLSv1"'),
      ssl_support_method: named('"sni-only"', "null"),
    });
  });

  it("sends API requests to the load balancer: every method, uncached, untouched", () => {
    expect(behaviours["/api/*"]).toEqual({
      path_pattern: "/api/*",
      target_origin_id: "api",
      viewer_protocol_policy: "redirect-to-https",
      allowed_methods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
      cached_methods: ["GET", "HEAD"],
      compress: true,
      // CachingDisabled, AllViewer, SecurityHeadersPolicy
      cache_policy_id: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
      origin_request_policy_id: "216adef6-5c7f-47e4-b989-5492eafa07d3",
      response_headers_policy_id: "67f7725c-6f97-4210-82d7-5512b31e9d03",
      function_association: [
        {
          event_type: "viewer-request",
          function_arn: "${one(aws_cloudfront_function.frontend_client[*].arn)}",
        },
      ],
    });
    expect(Object.keys(behaviours)[0]).toBe("/api/*");
  });

  it("lets an error of the API reach the client as it is, and keeps none for the next", () => {
    expect(distribution.custom_error_response).toEqual(
      [404, 414, 500, 501, 502, 503, 504].map((code) => ({ error_code: code, error_caching_min_ttl: 0 })),
    );
  });

  it("turns pages of the application into index.html, and asks for it anew each time", () => {
    expect(distribution.default_cache_behavior).toMatchObject({
      target_origin_id: "bucket",
      function_association: [
        {
          event_type: "viewer-request",
          function_arn: "${one(aws_cloudfront_function.frontend_pages[*].arn)}",
        },
      ],
      cache_policy_id: "${one(aws_cloudfront_cache_policy.frontend_revalidate[*].id)}",
      response_headers_policy_id:
        "${one(aws_cloudfront_response_headers_policy.frontend_page_headers[*].id)}",
    });
    expect(stack.resource(CloudfrontCachePolicy)).toMatchObject({
      min_ttl: 0,
      default_ttl: 0,
      // Compression needs a policy that may cache.
      max_ttl: 31536000,
      parameters_in_cache_key_and_forwarded_to_origin: {
        enable_accept_encoding_brotli: true,
        enable_accept_encoding_gzip: true,
      },
    });
    expect(
      stack.resource(CloudfrontResponseHeadersPolicy, "frontend_page_headers").custom_headers_config.items,
    ).toEqual([{ header: "Cache-Control", value: "no-cache", override: true }]);
  });

  it.each(["/assets/*", "/static/*"])("keeps hashed files for long: %s", (pattern) => {
    expect(behaviours[pattern]).toMatchObject({
      target_origin_id: "bucket",
      // CachingOptimized
      cache_policy_id: "658327ea-f89d-4fab-a63d-7e88639e58f6",
      function_association: [
        {
          event_type: "viewer-response",
          function_arn: "${one(aws_cloudfront_function.frontend_assets[*].arn)}",
        },
      ],
      response_headers_policy_id:
        "${one(aws_cloudfront_response_headers_policy.frontend_asset_headers[*].id)}",
    });
    expect(stack.resource(CloudfrontResponseHeadersPolicy, "frontend_asset_headers")).not.toHaveProperty(
      "custom_headers_config",
    );
  });

  it.each(["frontend_page_headers", "frontend_asset_headers"])("sends security headers: %s", (id) => {
    expect(stack.resource(CloudfrontResponseHeadersPolicy, id).security_headers_config).toEqual({
      strict_transport_security: { access_control_max_age_sec: 31536000, override: true },
      content_type_options: { override: true },
      frame_options: { frame_option: "DENY", override: true },
      referrer_policy: { referrer_policy: "strict-origin-when-cross-origin", override: true },
      content_security_policy: {
        content_security_policy:
          "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; upgrade-insecure-requests",
        override: true,
      },
    });
  });

  it.each(["frontend_pages", "frontend_assets", "frontend_client"])("publishes its functions: %s", (id) => {
    expect(stack.resource(CloudfrontFunction, id)).toMatchObject({
      runtime: "cloudfront-js-2.0",
      publish: true,
    });
  });

  it("writes access logs by profile, to a bucket that it may add itself to", () => {
    expect(distribution.dynamic.logging_config).toEqual({
      for_each: "${local.enable_frontend_hosting && local.enable_frontend_access_logs ? [true] : []}",
      content: {
        bucket: "${one(aws_s3_bucket_ownership_controls.frontend_logs_ownership[*].bucket)}.s3.amazonaws.com",
      },
    });
    expect(stack.resource(S3BucketOwnershipControls, "frontend_logs_ownership").rule).toEqual({
      object_ownership: "BucketOwnerPreferred",
    });
    expect(Object.values(PROFILES).map((profile) => profile.enable_frontend_access_logs)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe("the way to the load balancer", () => {
  it("is HTTPS where it has a name that its certificate covers, and HTTP otherwise", () => {
    expect(origins.api).toMatchObject({
      domain_name: "${coalesce(var.backend_domain_name, aws_lb.app_lb.dns_name)}",
      custom_origin_config: {
        http_port: 80,
        https_port: 443,
        origin_protocol_policy:
          '${var.enable_ssl && var.backend_domain_name != "" ? "https-only" : "http-only"}',
        origin_ssl_protocols: ["TLSv1.2"],
      },
    });
  });

  it("is not redirected: what CloudFront marks is forwarded on port 80 too", () => {
    const { http_header } = stack.resource(LbListenerRule).condition[0];

    expect(stack.resource(LbListenerRule)).toMatchObject({
      listener_arn: "${aws_lb_listener.app_listener.arn}",
      action: [{ type: "forward", target_group_arn: "${aws_lb_target_group.backend_tg.arn}" }],
    });
    expect(origins.api.custom_header).toEqual([
      { name: http_header.http_header_name, value: http_header.values[0] },
    ]);
    expect(distribution.depends_on).toEqual(["aws_lb_listener_rule.frontend_api"]);
  });

  it("draws a warning where it has no TLS although HTTPS is on", () => {
    expect(stack.json.check.frontend_api_is_encrypted.assert).toMatchObject([
      {
        condition: '${!(local.enable_frontend_hosting && var.enable_ssl && var.backend_domain_name == "")}',
        error_message: expect.stringContaining("without TLS"),
      },
    ]);
  });

  it("must be open to CloudFront, whose addresses are many", () => {
    expect(distribution.lifecycle.precondition).toMatchObject([
      { condition: '${contains(var.alb_ingress_cidrs, "0.0.0.0/0")}' },
    ]);
  });
});
