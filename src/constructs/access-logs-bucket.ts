import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import type { IResolvable } from "cdktf";
import { Construct } from "constructs";
import { countIf, optionalAttribute } from "../lib/expression";
import { onlyTls, policyDocument, type PolicyStatement } from "../lib/policy-document";

export interface AccessLogsBucketProps {
  /** Name of the bucket, unique in all of AWS. */
  readonly bucketName: string;
  readonly enabled: IResolvable;
  /** Whether deleting the bucket deletes the logs in it. Otherwise only an empty bucket can be deleted. */
  readonly forceDestroy: IResolvable;
  /**
   * Who writes: the statement of the bucket's policy that lets them, or `acl` for CloudFront, which adds
   * itself to the bucket's access control list.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
   */
  readonly writer: ((bucketArn: string) => PolicyStatement) | "acl";
}

/** Days that access logs are kept. */
const RETENTION_DAYS = 90;

/** A private, encrypted bucket that one AWS service writes access logs to. */
export class AccessLogsBucket extends Construct {
  /** Name of the bucket once it accepts logs; null where it is not enabled. */
  public readonly readyBucketName: string;

  constructor(scope: Construct, id: string, props: AccessLogsBucketProps) {
    super(scope, id);
    const { writer } = props;
    const count = countIf(this, props.enabled);

    const bucket = new S3Bucket(this, id, {
      count,
      bucket: props.bucketName,
      forceDestroy: props.forceDestroy,
    });
    const bucketName = optionalAttribute(bucket, "id");
    const bucketArn = optionalAttribute(bucket, "arn");

    new S3BucketServerSideEncryptionConfigurationA(this, `${id}_encryption`, {
      count,
      bucket: bucketName,
      // The only encryption that load balancers can write with.
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });

    const publicAccessBlock = new S3BucketPublicAccessBlock(this, `${id}_private`, {
      count,
      bucket: bucketName,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });

    new S3BucketLifecycleConfiguration(this, `${id}_expiry`, {
      count,
      bucket: bucketName,
      rule: [
        {
          id: "expire",
          status: "Enabled",
          filter: [{ prefix: "" }],
          expiration: [{ days: RETENTION_DAYS }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
    });

    const policy = new S3BucketPolicy(this, `${id}_policy`, {
      count,
      bucket: bucketName,
      policy: policyDocument(...(writer === "acl" ? [] : [writer(bucketArn)]), onlyTls(bucketArn)),
      // Two changes to one bucket's access at the same time are a conflict to S3.
      dependsOn: [publicAccessBlock],
    });
    const ready =
      writer === "acl"
        ? new S3BucketOwnershipControls(this, `${id}_ownership`, {
            count,
            bucket: bucketName,
            rule: { objectOwnership: "BucketOwnerPreferred" },
            dependsOn: [policy],
          })
        : policy;
    this.readyBucketName = optionalAttribute(ready, "bucket");
  }
}
