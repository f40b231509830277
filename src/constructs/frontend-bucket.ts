import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import type { IResolvable } from "cdktf";
import { Construct } from "constructs";
import { countIf, optionalAttribute } from "../lib/expression";
import { onlyTls, policyDocument } from "../lib/policy-document";

export interface FrontendBucketProps {
  readonly appName: string;
  /** Name of the bucket, unique in all of AWS. */
  readonly bucketName: string;
  readonly enabled: IResolvable;
  /** Whether deleting the bucket deletes the files in it. Otherwise only an empty bucket can be deleted. */
  readonly forceDestroy: IResolvable;
}

/** Days that a file can be brought back after it was overwritten or deleted. */
const OLD_VERSIONS_DAYS = 90;

/** The files of the frontend: encrypted, versioned, and readable for one CloudFront distribution alone. */
export class FrontendBucket extends Construct {
  public readonly bucketName: string;
  /** Name that CloudFront fetches files from. */
  public readonly regionalDomainName: string;
  private readonly bucketArn: string;
  private readonly count: number;

  constructor(scope: Construct, id: string, props: FrontendBucketProps) {
    super(scope, id);
    this.count = countIf(this, props.enabled);
    const { count } = this;

    const resource = new S3Bucket(this, "frontend_bucket", {
      count,
      bucket: props.bucketName,
      forceDestroy: props.forceDestroy,
      tags: { Name: `${props.appName} Frontend S3 Bucket` },
    });
    this.bucketName = optionalAttribute(resource, "bucket");
    this.bucketArn = optionalAttribute(resource, "arn");
    this.regionalDomainName = optionalAttribute(resource, "bucket_regional_domain_name");
    const bucket = this.bucketName;

    new S3BucketServerSideEncryptionConfigurationA(this, "frontend_bucket_encryption", {
      count,
      bucket,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    const versioning = new S3BucketVersioningA(this, "frontend_bucket_versioning", {
      count,
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketLifecycleConfiguration(this, "frontend_bucket_old_versions", {
      count,
      bucket,
      rule: [
        {
          id: "expire-old-versions",
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrentVersionExpiration: [{ noncurrentDays: OLD_VERSIONS_DAYS }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      // A rule for old versions means nothing to a bucket that keeps none.
      dependsOn: [versioning],
    });
  }

  /**
   * Opens the bucket to a distribution, and then closes it to everybody else.
   *
   * The order matters for a bucket that was public: each step waits for the one before, and the first
   * for the distribution, so that at every moment the distribution that is deployed may read. S3 also
   * refuses two changes to one bucket's access at the same time.
   */
  public openOnlyTo(distributionArn: string): void {
    const { count, bucketName: bucket, bucketArn } = this;

    const policy = new S3BucketPolicy(this, "frontend_bucket_policy", {
      count,
      bucket,
      policy: policyDocument(
        {
          Sid: "CloudFrontReads",
          Principal: { Service: "cloudfront.amazonaws.com" },
          // Without the right to list, S3 answers 403 where a file is missing, not 404.
          Action: ["s3:GetObject", "s3:ListBucket"],
          Resource: [bucketArn, `${bucketArn}/*`],
          Condition: { StringEquals: { "aws:SourceArn": distributionArn } },
        },
        onlyTls(bucketArn),
      ),
    });
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, "frontend_bucket_private", {
      count,
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
      dependsOn: [policy],
    });
    new S3BucketOwnershipControls(this, "frontend_bucket_ownership", {
      count,
      bucket,
      // Access control lists count no more: the policy alone says who may read.
      rule: { objectOwnership: "BucketOwnerEnforced" },
      dependsOn: [publicAccessBlock],
    });
  }
}
