import { DataAwsResourcegroupstaggingapiResources } from "@cdktf/provider-aws/lib/data-aws-resourcegroupstaggingapi-resources";
import type { IResolvable } from "cdktf";
import { Construct } from "constructs";
import { countIf, expression } from "../lib/expression";

export interface ExistingBucketProps {
  readonly partition: string;
  readonly bucketName: string;
  /** Whether to look at all: looking needs the permission `tag:GetResources`. */
  readonly enabled: IResolvable;
}

/**
 * Whether a bucket is there, known at plan. The data source of S3 fails where there is none; this one
 * lists the buckets of the account and region that have or had a tag, as every bucket of Terraform does.
 */
export class ExistingBucket extends Construct {
  public readonly exists: IResolvable;

  constructor(scope: Construct, id: string, props: ExistingBucketProps) {
    super(scope, id);

    // No filter by tag: with one, a tag that somebody changes would look like a bucket that is gone.
    const buckets = new DataAwsResourcegroupstaggingapiResources(this, "buckets", {
      count: countIf(this, props.enabled),
      resourceTypeFilters: ["s3:bucket"],
    });
    this.exists = expression(
      this,
      `contains(flatten(${buckets.fqn}[*].resource_tag_mapping_list[*].resource_arn), format("arn:%s:s3:::%s", ${props.partition}, ${props.bucketName}))`,
    );
  }
}
