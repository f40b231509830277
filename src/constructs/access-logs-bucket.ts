import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import type { IResolvable } from "cdktf";
import { Construct } from "constructs";
import { countIf, optionalAttribute } from "../lib/expression";
import { policyDocument } from "../lib/policy-document";

export interface AccessLogsBucketProps {
  /** Name of the bucket, unique in all of AWS. */
  readonly bucketName: string;
  readonly accountId: string;
  readonly enabled: IResolvable;
  /** Whether deleting the bucket deletes the logs in it. Otherwise only an empty bucket can be deleted. */
  readonly forceDestroy: IResolvable;
}

/** Days that access logs are kept. */
const RETENTION_DAYS = 90;

/** A private, encrypted bucket that load balancers of this account may write access logs to. */
export class AccessLogsBucket extends Construct {
  /** Name of the bucket once it accepts logs; null where it is not enabled. */
  public readonly readyBucketName: string;

  constructor(scope: Construct, id: string, props: AccessLogsBucketProps) {
    super(scope, id);
    const count = countIf(this, props.enabled);

    const bucket = new S3Bucket(this, "alb_logs", {
      count,
      bucket: props.bucketName,
      forceDestroy: props.forceDestroy,
    });
    const bucketName = optionalAttribute(bucket, "id");
    const bucketArn = optionalAttribute(bucket, "arn");

    new S3BucketServerSideEncryptionConfigurationA(this, "alb_logs_encryption", {
      count,
      bucket: bucketName,
      // The only encryption that load balancers can write with.
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });

    const publicAccessBlock = new S3BucketPublicAccessBlock(this, "alb_logs_private", {
      count,
      bucket: bucketName,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });

    new S3BucketLifecycleConfiguration(this, "alb_logs_expiry", {
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

    const policy = new S3BucketPolicy(this, "alb_logs_policy", {
      count,
      bucket: bucketName,
      policy: policyDocument(
        {
          Sid: "LoadBalancersWriteLogs",
          Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
          Action: "s3:PutObject",
          // The path holds the account of the load balancer: other accounts' cannot write here.
          Resource: `${bucketArn}/AWSLogs/${props.accountId}/*`,
        },
        {
          Sid: "OnlyTls",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [bucketArn, `${bucketArn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ),
      // Two changes to one bucket's access at the same time are a conflict to S3.
      dependsOn: [publicAccessBlock],
    });
    this.readyBucketName = optionalAttribute(policy, "bucket");
  }
}
