import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { describe, expect, it } from "vitest";
import { AccessLogsBucket } from "../../src/constructs/access-logs-bucket";
import { readHcl } from "../helpers/hcl";
import { ref, synth, wholeStack } from "../helpers/synth";

const BUCKET = "${one(aws_s3_bucket.alb_logs[*].id)}";
const BUCKET_ARN = "${one(aws_s3_bucket.alb_logs[*].arn)}";

const ONLY_TLS = {
  Sid: "OnlyTls",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [BUCKET_ARN, `${BUCKET_ARN}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

const template = synth((stack) => {
  new AccessLogsBucket(stack, "alb_logs", {
    bucketName: "logs",
    enabled: ref("var.logs"),
    forceDestroy: ref("var.throw_away"),
    writer: (bucketArn) => ({ Action: "s3:PutObject", Resource: `${bucketArn}/*` }),
  });
});

describe("AccessLogsBucket", () => {
  it.each([
    S3Bucket,
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketPublicAccessBlock,
    S3BucketLifecycleConfiguration,
    S3BucketPolicy,
  ])("is there only where it is enabled: $tfResourceType", (type) => {
    expect(template.resource(type).count).toBe("${var.logs ? 1 : 0}");
  });

  it("goes with its logs only where that is allowed", () => {
    expect(template.resource(S3Bucket)).toMatchObject({ bucket: "logs", force_destroy: "${var.throw_away}" });
  });

  it("is closed to the public in every way", () => {
    expect(template.resource(S3BucketPublicAccessBlock)).toMatchObject({
      bucket: BUCKET,
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
  });

  it("is encrypted with S3's own key, the only one that load balancers can write with", () => {
    expect(template.resource(S3BucketServerSideEncryptionConfigurationA)).toMatchObject({
      bucket: BUCKET,
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
    });
  });

  it("deletes logs after 90 days, and what was never finished after 7", () => {
    expect(template.resource(S3BucketLifecycleConfiguration)).toMatchObject({
      bucket: BUCKET,
      rule: [
        {
          status: "Enabled",
          filter: [{ prefix: "" }],
          expiration: [{ days: 90 }],
          abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
        },
      ],
    });
  });

  it("lets the writer of its policy in, and nobody do anything without TLS", () => {
    const policy = template.resource(S3BucketPolicy);

    expect(policy.bucket).toBe(BUCKET);
    expect(readHcl(policy.policy).Statement).toEqual([
      { Effect: "Allow", Action: "s3:PutObject", Resource: `${BUCKET_ARN}/*` },
      ONLY_TLS,
    ]);
    expect(template.resources(S3BucketOwnershipControls)).toEqual({});
  });

  it("has an access control list for CloudFront to add itself to, and then lets nobody in by policy", () => {
    const logs = synth((stack) => {
      new AccessLogsBucket(stack, "alb_logs", {
        bucketName: "logs",
        enabled: ref("var.logs"),
        forceDestroy: ref("var.throw_away"),
        writer: "acl",
      });
    });

    expect(readHcl(logs.resource(S3BucketPolicy).policy).Statement).toEqual([ONLY_TLS]);
    expect(logs.resource(S3BucketOwnershipControls)).toMatchObject({
      bucket: BUCKET,
      rule: { object_ownership: "BucketOwnerPreferred" },
      depends_on: ["aws_s3_bucket_policy.alb_logs_policy"],
    });
  });

  it("makes its policy after it is closed to the public: S3 refuses two such changes at once", () => {
    expect(template.resource(S3BucketPolicy).depends_on).toEqual([
      "aws_s3_bucket_public_access_block.alb_logs_private",
    ]);
  });

  it("has a name of this account and region in the stack, and goes with the load balancer", () => {
    expect(wholeStack().resource(S3Bucket, "alb_logs")).toMatchObject({
      count: "${local.enable_alb_access_logs ? 1 : 0}",
      bucket: "${var.app_name}-alb-logs-${data.aws_caller_identity.account.account_id}-${var.aws_region}",
      force_destroy: "${!local.alb_deletion_protection}",
    });
  });
});
